"""Formulas from a user's own DIMACS files: satisfiable with a model, or unsatisfiable."""

from __future__ import annotations

import re
from dataclasses import dataclass

from neurosym.core import Json, MalformedProblem, Problem
from neurosym_domains._given import GivenProblems, text_of
from neurosym_domains._model_text import ANSWER, parse_model, render_model

_HEADER = re.compile(r"^p[ \t]+cnf[ \t]+([0-9]{1,7})[ \t]", re.MULTILINE)


@dataclass(frozen=True)
class CnfFiles(GivenProblems):
    """Your own DIMACS CNF formulas, by --from."""

    name = "cnf_files"
    version = 2
    kind = "cnf"

    def english(self, problem: Problem) -> str:
        return f"Find truth values that satisfy the formula below, which is in DIMACS CNF.\n{self.formal(problem)}"

    def formal(self, problem: Problem) -> str:
        return f"{ANSWER}\n\n{text_of(problem, 'dimacs').strip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_model(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_model(text, _variables(problem))


def _variables(problem: Problem) -> int:
    header = _HEADER.search(text_of(problem, "dimacs"))
    if header is None:
        raise MalformedProblem("no header: p cnf VARIABLES CLAUSES")
    return int(header[1])


PLUGINS = (CnfFiles,)
