"""The judge of trajectories at its edges, with a given enclosure: what is certain is decided, the rest is not."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest
from neurosym_oracles._kernels import trajectory_judge
from neurosym_oracles._kernels.trajectory_judge import judge
from neurosym_oracles._kernels.trajectory_prediction import Unpredictable
from neurosym_oracles._kernels.trajectory_problem import read
from trajectory_samples import SWING, THROW

TOLERANCE, RADIUS, HAIR = Fraction(1, 100), Fraction(1, 1000), Fraction(1, 10**9)
DAMPED = {"gravity": "9.81", "length": "0.7", "damping": "0.3"}  # so that nothing is conserved
QUESTION = read({**SWING, "parameters": DAMPED, "times": ["0.5", "1.7"], "tolerance": "0.01"})


@pytest.fixture
def enclosed(monkeypatch):
    """All variables are 5 at all times, give or take RADIUS; `until` of the times can be told."""

    def as_far_as(until: int) -> None:
        rows = [[Fraction(5)] * 2 for _ in range(until)]
        radii = [[RADIUS] * 2 for _ in range(until)]
        found = SimpleNamespace(middles=rows, radii=radii)
        monkeypatch.setattr(trajectory_judge, "predict", lambda question, most_steps: found)

    as_far_as(2)
    return as_far_as


def answer(*errors: Fraction) -> dict[str, list[list[str]]]:
    """The first variable at each time is off by so much."""
    states = [[_decimal(5 + error), "5"] for error in errors]
    return {"states": states}


def _decimal(value: Fraction) -> str:
    scaled = value * 10**12
    assert scaled.denominator == 1
    return f"{int(scaled) // 10**12}.{int(scaled) % 10**12:012d}"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Fraction(0), "correct"),
        (TOLERANCE - RADIUS, "correct"),
        (TOLERANCE - RADIUS + HAIR, "unsupported"),
        (TOLERANCE, "unsupported"),
        (TOLERANCE + RADIUS, "unsupported"),
        (TOLERANCE + RADIUS + HAIR, "wrong"),
        (Fraction(3), "wrong"),
    ],
)
def test_what_is_certain_is_decided(enclosed, error, status, place, sign):
    errors = [Fraction(0)] * 2
    errors[place] = sign * error
    assert judge(QUESTION, answer(*errors), 100).status == status


def test_a_wrong_state_outweighs_one_that_cannot_be_told(enclosed):
    assert judge(QUESTION, answer(TOLERANCE, Fraction(1)), 100).status == "wrong"
    found = judge(QUESTION, answer(TOLERANCE, Fraction(0)), 100)
    assert found.status == "unsupported" and "at time 0.5, angle is too close" in found.detail


@pytest.mark.parametrize("told", [0, 1])
def test_past_the_horizon_nothing_is_called_right(enclosed, told):
    enclosed(told)
    found = judge(QUESTION, answer(Fraction(0), Fraction(0)), 100)
    assert found.status == "unsupported" and f"horizon of predictability: by time {[0.5, 1.7][told]:g}" in found.detail


def test_before_the_horizon_lies_are_wrong(enclosed):
    enclosed(1)
    assert judge(QUESTION, answer(Fraction(1), Fraction(0)), 100).status == "wrong"


@pytest.mark.parametrize(("timeout", "status"), [(True, "timeout"), (False, "unsupported")])
def test_no_prediction_is_undecided(monkeypatch, timeout, status):
    monkeypatch.setattr(trajectory_judge, "predict", lambda question, most_steps: Unpredictable("why", timeout))
    assert judge(QUESTION, answer(Fraction(0), Fraction(0)), 100) == (status, "why")


def test_what_is_conserved_is_tested_before_anything_is_predicted(monkeypatch):
    def never(question: object, most_steps: int) -> None:
        raise AssertionError("predicted")

    monkeypatch.setattr(trajectory_judge, "predict", never)
    states = [["4.25", "6.9", "8.5", "7.345"], ["14.45", "8.6", "8.5", "-4.4"]]
    slower = [states[0], [*states[1][:3], "-6.4"]]
    found = judge(read(THROW), {"states": slower}, 100)
    assert found.status == "wrong" and "more than the tolerance allows" in found.detail
    with pytest.raises(AssertionError, match="predicted"):
        judge(read(THROW), {"states": [["4.25", "6.899", "8.5", "7.345"], ["14.45", "8.649", "8.5", "-4.427"]]}, 100)
