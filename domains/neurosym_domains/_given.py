"""Problems that users bring: a domain of such problems has nothing to sample, and asks in one way."""

from __future__ import annotations

import random
from dataclasses import dataclass

from neurosym.core import Domain, MalformedProblem, Problem


@dataclass(frozen=True)
class GivenProblems(Domain):
    """The base of the domains that `--from` fills. Their English prompt is a sentence around the formal text."""

    def sample(self, rng: random.Random) -> Problem:
        raise ValueError("these are your own problems: python -m neurosym.generate --from PATH…")


def text_of(problem: Problem, field: str) -> str:
    """A text of the payload. Raises MalformedProblem where it is missing."""
    text = problem.payload.get(field)
    if not isinstance(text, str):
        raise MalformedProblem(f"the payload has no text {field!r}")
    return text
