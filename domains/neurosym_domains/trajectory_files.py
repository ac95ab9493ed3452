"""A user's own motions of the systems that the checker knows, asked as their JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from neurosym.core import Json, Problem
from neurosym_domains._given import GivenProblems
from neurosym_domains._trajectory_text import FORMAL, instructions, parse_states, render_states


@dataclass(frozen=True)
class TrajectoryFiles(GivenProblems):
    name = "trajectory_files"
    version = 1
    kind = "trajectory"

    def english(self, problem: Problem) -> str:
        return self.formal(problem)

    def formal(self, problem: Problem) -> str:
        return f"{FORMAL}{json.dumps(problem.payload, sort_keys=True)}\n{instructions(problem)}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_states(problem, answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_states(problem, text)


PLUGINS = (TrajectoryFiles,)
