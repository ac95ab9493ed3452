"""nan, inf and overflowing exponents: every comparison with nan is false, so `abs(nan - x) > tolerance` never refuses.

Source: CWE-1339 and CWE-697; graders of numeric answers that call `float(text)`.
"""

import pytest
from trajectory_attack import states, with_first

SPELLINGS = [
    "nan", "NaN", "-nan", "nan(0x1)", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e-999", "1E3", "sNaN", "0x1p3",
    "∞", "1_0", "١", "２", " 1", "1 ", "1\n", "+1", ".5", "5.", "1/2", "1,5", "", "-", "2.4²", float("nan"),
    float("inf"), 0.5, None, True, [], {}, {"value": "1"},
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_no_number_is_malformed(spelling):
    assert states(with_first(spelling)) == "malformed"
    assert states([[spelling, spelling]] * 3) == "malformed"


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_nor_is_it_one_in_a_problem(spelling):
    from trajectory_attack import STATES
    from trajectory_samples import SWING

    for part in (
        {"tolerance": spelling},
        {"times": ["0.5", 1, spelling]},
        {"initial": {"angle": spelling, "speed": "0.3"}},
        {"parameters": {"gravity": "9.81", "length": spelling, "damping": 0}},
    ):
        assert states(STATES, {**SWING, **part}) == "malformed"
