"""A tolerance that makes anything right, or nothing: malformed. So are problems that would cost hours."""

import time

import pytest
from trajectory_attack import STATES, states
from trajectory_samples import CHAIN, SWING, TWO_RODS, right


@pytest.mark.parametrize(
    "tolerance", [0, "0", "0.0", "-0.001", -1, 2, "1.01", 10**8, "0.0000000000001", None, "0,1", [1]]
)
def test_such_tolerances_are_malformed(tolerance):
    assert states(STATES, {**SWING, "tolerance": tolerance}) == "malformed"


def test_the_answer_cannot_bring_a_tolerance():
    from trajectory_attack import told

    assert told({"states": STATES, "tolerance": "1"}) == "malformed"


def test_the_finest_tolerance_is_kept():
    fine = {**TWO_RODS, "tolerance": "0.000000000001"}
    own = right(fine, 15)
    assert states(own, fine) == "correct"
    off = [[f"{float(own[0][0]) + 3e-12:.15f}", *own[0][1:]], *own[1:]]
    assert states(off, fine) == "wrong"


@pytest.mark.parametrize(
    "payload",
    [
        {**SWING, "times": [1000]},
        {**SWING, "parameters": {"gravity": 1000, "length": "0.001", "damping": 0}},
        {**SWING, "initial": {"angle": 1000, "speed": 1000}},
        {**CHAIN, "parameters": {"masses": ["0.001"] * 3, "stiffnesses": [1000] * 4}, "times": [1, 2, 1000]},
    ],
    ids=["long", "short rod", "fast", "stiff"],
)
@pytest.mark.slow
def test_costly_problems_end_undecided_in_seconds(payload):
    start = time.thread_time()
    count = len(payload["initial"])
    assert states([["0"] * count] * len(payload["times"]), payload) in ("unsupported", "timeout", "wrong")
    assert time.thread_time() - start < 20
