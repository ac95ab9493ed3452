"""Planning families that ask for a shortest plan: the answer is {"plan": text, "optimal": true}, its text the plan."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from neurosym.core import Claim, Domain, Json, MalformedAnswer, Problem
from neurosym_domains._plan_text import ANY, parse_plan, render_plan

SHORTEST = "Find a shortest plan that leads from the start to the goal: none may have fewer actions."


@dataclass(frozen=True)
class ShortestPlans(Domain):
    """Comes before a family that asks for any plan, in the list of bases, and asks for a shortest one instead."""

    def english(self, problem: Problem) -> str:
        return super().english(problem).replace(ANY, SHORTEST, 1)  # type: ignore[safe-super]  # the next base's

    def formal(self, problem: Problem) -> str:
        return super().formal(problem).replace(ANY, SHORTEST, 1)  # type: ignore[safe-super]

    def render(self, problem: Problem, answer: Json) -> str:
        return render_plan(_plan(answer))

    def parse(self, problem: Problem, text: str) -> Json:
        return _shortest(parse_plan(text))

    def claimed(self, problem: Problem, claim: Claim) -> Claim:
        """That a plan is optimal is claimed where the planner says so. The word is its, the proof the checker's."""
        said = isinstance(claim.answer, str) and claim.metrics.get("optimality") == "asserted"
        return replace(claim, answer=_shortest(claim.answer)) if said else claim

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """As the family renames a plan. None for a claim that is not an optimal plan."""
        try:
            found = super().renamed(problem, replace(claim, answer=_plan(claim.answer)), rng)
        except MalformedAnswer:
            return None
        if found is None:
            return None
        copy, told = found
        return copy, replace(told, answer=_shortest(told.answer))


def _shortest(plan: Json) -> Json:
    return {"plan": plan, "optimal": True}


def _plan(answer: Json) -> Json:
    """The plan of an answer. Raises MalformedAnswer where it is not said to be optimal."""
    match answer:
        case {"plan": plan, "optimal": True, **rest} if not rest:
            return plan
    raise MalformedAnswer('the answer must be {"plan": text, "optimal": true}')
