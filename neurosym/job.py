"""What fixes a dataset: a task with its knobs, a seed, an oracle and a budget, or a user's own problems.

Contract: two jobs of equal identity make equal records.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from neurosym import registry
from neurosym.core import Budget, Domain, Json, Problem, canonical_json, digest
from neurosym.errors import UsageError


@dataclass(frozen=True)
class Source:
    """A user's own problem: where it was found, and the problem or why there is none."""

    path: str
    problem: Problem
    error: str = ""


@dataclass(frozen=True)
class Job:
    """What fixes a dataset: the task with its knobs, seed, oracle and budget; or the user's own problems."""

    domain: Domain
    seed: int = 0
    oracle: str = ""
    budget: Budget = field(default_factory=Budget)
    sources: tuple[Source, ...] | None = None

    def __post_init__(self) -> None:
        if not self.oracle:
            object.__setattr__(self, "oracle", registry.default_oracle(self.domain.kind))
        elif registry.oracle(self.oracle).kind != self.domain.kind:
            raise UsageError(
                f"oracle {self.oracle!r} does not solve {self.domain.kind}: "
                f"for {self.domain.name} use {', '.join(registry.oracles(self.domain.kind))}"
            )

    @cached_property
    def identity(self) -> dict[str, Json]:
        """All of the above as JSON: two jobs of equal identity make equal records."""
        budget = {"steps": self.budget.steps, "seconds": str(self.budget.seconds), "memory_mb": self.budget.memory_mb}
        known = {
            "domain": self.domain.name,
            "version": self.domain.version,
            "knobs": self.domain.knobs(),
            "seed": self.seed,
            "oracle": self.oracle,
            "budget": budget,
        }
        if self.sources is not None:
            known["sources"] = digest(canonical_json([[source.path, source.problem.id] for source in self.sources]))
        return known

    @property
    def without_sources(self) -> Job:
        """What a worker needs to know of the job: the sources travel one call at a time."""
        return replace(self, sources=None) if self.sources is not None else self
