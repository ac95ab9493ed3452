"""The domain blocksworld_shortest: the same problems as blocksworld's, and only a shortest plan is right."""

from __future__ import annotations

import pytest
from neurosym_domains._blocksworld import ANSWER
from neurosym_domains._shortest_plans import SHORTEST
from neurosym_domains.blocksworld import Blocksworld
from neurosym_domains.blocksworld_shortest import BlocksworldShortest
from reference_simulators import blocksworld_valid

import neurosym as ns
from neurosym.core import Budget, Claim, Domain, MalformedAnswer, Oracle, Problem, stream
from neurosym.testing import check_domain

TASK = BlocksworldShortest(blocks=4)
PLAN = "(pick-up a)\n(stack a b)"
OPTIMAL = {"plan": PLAN, "optimal": True}


class Claiming(Oracle):
    """Fast Downward, asked as the pipeline asks: what the family claims of its plan."""

    name, kind, family, effort = "claiming", "pddl", "fast-downward", "evaluations"

    def __init__(self, domain: Domain) -> None:
        self.domain, self.solver = domain, ns.oracle("fast-downward")

    def version(self) -> str:
        return self.solver.version()

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        return self.domain.claimed(problem, self.solver.solve(problem, budget))


def test_it_conforms():
    pytest.importorskip("up_fast_downward")
    report = check_domain(TASK, samples=6, oracle=Claiming(TASK))
    assert not [note for note in report.notes if "not solved" in note or "not proved" in note], report


def test_problems_are_those_of_blocksworld():
    for item in range(20):
        plain, ours = Blocksworld().sample(stream(item)), BlocksworldShortest().sample(stream(item))
        assert plain.payload == ours.payload and ours.domain == "blocksworld_shortest"
    assert TASK.knobs() == Blocksworld(blocks=4).knobs()
    with pytest.raises(ValueError, match="blocks must be in"):
        BlocksworldShortest(blocks=1)


@pytest.mark.parametrize("style", ["english", "formal"])
def test_the_prompt_asks_for_a_shortest_plan(style):
    problem = TASK.sample(stream(1))
    asked = BlocksworldShortest(prompt_style=style).prompt(problem)
    assert asked.count(SHORTEST) == 1 and ANSWER not in asked
    assert "(unstack a b)\n(put-down a)\n" in asked


def test_a_planners_plan_is_claimed_optimal_where_the_planner_says_so():
    problem = TASK.sample(stream(1))
    said = Claim(PLAN, {"some": "evidence"}, {"optimality": "asserted", "plan_length": 2})
    claimed = TASK.claimed(problem, said)
    assert claimed == Claim(OPTIMAL, {"some": "evidence"}, said.metrics)
    assert TASK.claimed(problem, claimed) == claimed
    for other in (Claim(PLAN), Claim(PLAN, metrics={"optimality": "hoped"}), Claim("unsolvable")):
        assert TASK.claimed(problem, other) == other


def test_answers_come_back_as_they_were():
    problem = TASK.sample(stream(1))
    assert TASK.render(problem, OPTIMAL) == PLAN
    assert TASK.parse(problem, f"\n{PLAN}\n") == OPTIMAL
    inexact = [{"plan": PLAN}, {"plan": PLAN, "optimal": 1}, {**OPTIMAL, "more": 1}, {"plan": [], "optimal": True}]
    for answer in (
        PLAN,
        None,
        "unsolvable",
        *inexact,
        {"plan": [], "optimal": True},
        {"plan": OPTIMAL, "optimal": True},
    ):
        with pytest.raises(MalformedAnswer):
            TASK.render(problem, answer)
    for text in ("unsolvable", "", f'{{"plan": "{PLAN}", "optimal": true}}', f"{PLAN}\noptimal"):
        with pytest.raises(MalformedAnswer):
            TASK.parse(problem, text)


def test_a_renaming_of_an_optimal_plan_is_one():
    pytest.importorskip("up_fast_downward")
    problem = TASK.sample(stream(3))
    claim = Claiming(TASK).solve(problem, Budget())
    copy, told = TASK.renamed(problem, claim, stream("other"))
    assert copy.payload != problem.payload and told.answer["plan"] != claim.answer["plan"]
    assert ns.checker("pddl").check(copy, told, Budget()).proved
    assert TASK.renamed(problem, Claim(claim.answer["plan"]), stream("other")) is None
    assert TASK.renamed(problem, Claim("unsolvable"), stream("other")) is None


def test_records_are_proved_and_longer_plans_are_wrong():
    pytest.importorskip("up_fast_downward")
    for record in ns.annotate(BlocksworldShortest(blocks_max=5), count=10, seed=2):
        assert record.verdict.proved and record.verdict.detail.endswith("; none is shorter")
        assert ns.judge(record, record.completion).proved
        first = record.completion.split("\n")[0]
        block = first[1:-1].split()[1]
        undone = "(put-down {0})\n(pick-up {0})" if first.startswith("(pick-up") else "(stack {0} {1})\n{2}"
        detour = undone.format(block, first[1:-1].split()[-1], first)
        longer = "\n".join([first, detour, *record.completion.split("\n")[1:]])
        assert blocksworld_valid(record.problem.payload["problem"], longer)
        verdict = ns.judge(record, longer)
        assert (verdict.status, verdict.trust) == ("wrong", "proved") and "but one of" in verdict.detail
