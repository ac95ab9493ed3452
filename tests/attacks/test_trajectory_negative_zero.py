"""-0 is 0: it neither breaks the parser nor reverses a comparison, and a length of -0 is refused as a length of 0 is.

Source: IEEE 754, where 1 / -0.0 is -inf.
"""

import pytest
from trajectory_attack import states
from trajectory_samples import SWING

REST = {**SWING, "initial": {"angle": 0, "speed": 0}}


@pytest.mark.parametrize("zero", ["-0", "-0.0", "-0.000000", "0", 0])
def test_negative_zero_is_zero(zero):
    assert states([[zero, zero]] * 3, REST) == "correct"
    assert states([[zero, zero]] * 3, {**REST, "initial": {"angle": zero, "speed": zero}}) == "correct"
    assert states([[zero, zero]] * 3) == "wrong"
    assert states([[0, 0]] * 3, {**REST, "parameters": {"gravity": 1, "length": zero, "damping": 0}}) == "malformed"
    assert states([[0, 0]] * 3, {**REST, "tolerance": zero}) == "malformed"
