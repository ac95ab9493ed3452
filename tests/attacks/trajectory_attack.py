"""What the attacks on motions share: a swing, its right states, and one word for a verdict."""

from __future__ import annotations

from trajectory_samples import SWING, check, right

from neurosym.core import Json

STATES = right(SWING)


def told(answer: Json, payload: Json = SWING) -> str:
    """The status of an answer, or the reason why it is undecided."""
    verdict = check(payload, answer)
    return str(verdict.reason or verdict.status)


def states(answer: list[list[Json]], payload: Json = SWING) -> str:
    return told({"states": answer}, payload)


def with_first(value: Json) -> list[list[Json]]:
    """The right states with another first number."""
    return [[value, *STATES[0][1:]], *STATES[1:]]


def test_the_right_states_are_correct() -> None:
    assert states(STATES) == "correct"
