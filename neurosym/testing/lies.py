"""Planted lies: claims that no checker may call correct, made from a problem's text and a claim that was proved.

Contract: nothing here asks a checker or an oracle. A lie is `certain` where its making already shows that it is none
of the right answers, such as a plan shorter than the shortest, or unsatisfiability of a formula that has a model. Any
other mutation may happen to be right: its truth is for an independent reference (`neurosym.testing.references`).

What is known of a kind is one `Language` in `LANGUAGES`. A package that brings a kind of its own adds an entry.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from neurosym.core import Claim, Json, Problem

Item = TypeVar("Item")


@dataclass(frozen=True)
class Lie:
    """A claim that is wrong or not of the form asked for: certainly so, or as far as its making tells."""

    name: str
    claim: Claim
    certain: bool


@dataclass(frozen=True)
class Language:
    """What the suite knows of a formal language, from texts alone.

    `lies` makes lies from a problem and a claim of it that was proved; `copy` an isomorphic problem, or None where it
    cannot; `variants` problems that are not isomorphic to it; `holds` is the independent truth of a claim, None where
    it cannot tell. `conclusions` are the words that a solver may say without a witness.
    """

    lies: Callable[[Problem, Claim, random.Random], Iterator[Lie]]
    copy: Callable[[Problem, random.Random], Problem | None]
    variants: Callable[[Problem, random.Random], Iterator[Problem]]
    holds: Callable[[Problem, Claim], bool | None]
    conclusions: tuple[str, ...]


LANGUAGES: dict[str, Language] = {}


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies about `problem` made from `claim`, which must have been proved; none for a kind without a `Language`.

    The same for the same random stream.
    """
    language = LANGUAGES.get(problem.kind)
    return language.lies(problem, claim, rng) if language else iter(())


def holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether a claim is right and shown to be so, by a reference that shares no code with the checker.

    None where the reference is not installed, or cannot read the problem or the claim, or cannot tell.
    """
    language = LANGUAGES.get(problem.kind)
    try:
        return language.holds(problem, claim) if language else None
    except Exception:  # what a reference cannot take says nothing about the claim
        return None


def some(rng: random.Random, items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` different ones of `items`, in random order."""
    return rng.sample(items, min(count, len(items)))


OTHER_SHAPES: tuple[Json, ...] = (None, True, 0, "", [], {}, [[]], {"sat": None}, {"": ""}, {"sat": "sat"})
"""Values that are an answer in no language here; "" is one in pddl."""
