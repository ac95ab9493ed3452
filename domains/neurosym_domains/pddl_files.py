"""Planning problems from a user's own PDDL files: domain and problem as they are, answered by a plan."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.core import Json, Problem
from neurosym_domains._given import GivenProblems, text_of
from neurosym_domains._plan_text import parse_plan, render_plan

EMPTY = "empty plan"
"""How a plan without actions is written: the goal holds at the start."""

ANSWER = f"""\
Answer with the plan alone: one action a line in lower case, such as (move a b). \
If the goal holds at the start, answer with: {EMPTY}"""


@dataclass(frozen=True)
class PddlFiles(GivenProblems):
    """Your own PDDL problems, by --from."""

    name = "pddl_files"
    version = 2
    kind = "pddl"

    def english(self, problem: Problem) -> str:
        return f"Find a plan for the problem below, which is in PDDL.\n{self.formal(problem)}"

    def formal(self, problem: Problem) -> str:
        return f"{ANSWER}\n\n{text_of(problem, 'domain').strip()}\n\n{text_of(problem, 'problem').strip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return EMPTY if answer == "" else render_plan(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return "" if text.strip(" \t\r\n") == EMPTY else parse_plan(text)


PLUGINS = (PddlFiles,)
