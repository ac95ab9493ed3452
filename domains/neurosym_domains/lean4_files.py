"""A user's own theorems for Lean 4, by --from: to be proved whole, or one tactic of a proof that is under way.

The second are made from the proofs in a lake by `python -m neurosym.traces`: the payload's `prefix` was applied, its
`goals` are what Lean shows then.
"""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.core import Json, MalformedAnswer, Problem
from neurosym_domains._given import GivenProblems, text_of
from neurosym_domains._lean_text import lean_text, render_proof

MAX_CHARACTERS = 20_000

NEXT = """\
This is the beginning of a proof in Lean 4, and what is left to show after it.
Answer with the tactic that comes next, and nothing else.
"""
WHOLE = """\
Prove the theorem in Lean 4. Answer with the tactic block alone, as it would stand after `by`.
"""


@dataclass(frozen=True)
class Lean4Files(GivenProblems):
    """Your own theorems for Lean 4, by --from."""

    name = "lean4_files"
    version = 1
    kind = "lean4"

    def english(self, problem: Problem) -> str:
        return self.formal(problem)

    def formal(self, problem: Problem) -> str:
        if "prefix" not in problem.payload:
            return f"{WHOLE}\n{lean_text(problem)}"
        goals = f"\n\n{text_of(problem, 'goals')}" if "goals" in problem.payload else ""
        return f"{NEXT}\n{lean_text(problem)}\n{text_of(problem, 'prefix')}{goals}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_proof(answer)

    def parse(self, problem: Problem, text: str) -> str:
        """The text without the blank lines around it: what is a proof is for the checker's allow-list to say."""
        if len(text) > MAX_CHARACTERS:
            raise MalformedAnswer(f"{len(text)} characters, more than {MAX_CHARACTERS}")
        if not text.strip():
            raise MalformedAnswer("no proof")
        return text.strip(" \n")


PLUGINS = (Lean4Files,)
