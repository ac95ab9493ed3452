"""A user's own theorems for Rocq, by --from, to be proved by a script of tactics."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.core import Json, MalformedAnswer, Problem
from neurosym_domains._given import GivenProblems, text_of

MAX_CHARACTERS = 20_000

ANSWER = "Prove the theorem in Rocq. Answer with the sentences between Proof and Qed alone.\n"


@dataclass(frozen=True)
class RocqFiles(GivenProblems):
    """Your own theorems for Rocq, by --from."""

    name = "rocq_files"
    version = 1
    kind = "rocq"

    def english(self, problem: Problem) -> str:
        return self.formal(problem)

    def formal(self, problem: Problem) -> str:
        header, theorem = text_of(problem, "header"), f"Theorem goal : {text_of(problem, 'statement')}.\nProof."
        return f"{ANSWER}\n{header}\n\n{theorem}" if header else f"{ANSWER}\n{theorem}"

    def render(self, problem: Problem, answer: Json) -> str:
        if not isinstance(answer, str):
            raise MalformedAnswer("a proof is a text")
        return answer.strip(" \n")

    def parse(self, problem: Problem, text: str) -> str:
        """The text without the blank lines around it: what is a proof is for the checker's allow-list to say."""
        if len(text) > MAX_CHARACTERS:
            raise MalformedAnswer(f"{len(text)} characters, more than {MAX_CHARACTERS}")
        if not text.strip():
            raise MalformedAnswer("no proof")
        return text.strip(" \n")


PLUGINS = (RocqFiles,)
