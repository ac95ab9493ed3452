"""Numbers of a million digits: malformed at once. Reading them takes time quadratic in the digits (CVE-2020-10735)."""

import time

import pytest
from trajectory_attack import STATES, states, with_first
from trajectory_samples import SWING

MILLION = 1_000_000


@pytest.mark.parametrize(
    "number",
    ["9" * MILLION, "0." + "3" * MILLION, "-" + "1" * MILLION, "0" * MILLION, "-" * MILLION, 10**5000, -(10**9)],
    ids=range(7),
)
def test_a_million_digits_are_malformed_at_once(number):
    start = time.thread_time()
    assert states(with_first(number)) == "malformed"
    assert states(STATES, {**SWING, "tolerance": number}) == "malformed"
    assert states(STATES, {**SWING, "times": [number]}) == "malformed"
    assert states(STATES, {**SWING, "initial": {"angle": number, "speed": 0}}) == "malformed"
    assert time.thread_time() - start < 0.05


def test_a_million_states_are_malformed_at_once():
    start = time.thread_time()
    assert states([["0", "0"]] * MILLION) == "malformed"
    assert states([["0"] * MILLION] * 3) == "malformed"
    assert states(STATES, {**SWING, "times": list(range(1, MILLION))}) == "malformed"
    assert time.thread_time() - start < 0.2
