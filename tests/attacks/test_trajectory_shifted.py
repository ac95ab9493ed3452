"""Every state right for the time before, or after, its own: an answer that starts with the initial state.

Source: off-by-one between simulators that record before and after a step.
"""

from trajectory_attack import STATES, states
from trajectory_samples import ALL, SWING, right


def test_one_time_late_or_early_is_wrong():
    assert states([["2.5", "0.3"], *STATES[:2]]) == "wrong"
    assert states([*STATES[1:], STATES[2]]) == "wrong"


def test_so_it_is_for_every_system():
    for payload in ALL.values():
        own = right(payload)
        assert states([own[0], *own[:-1]], payload) == "wrong"


def test_a_millisecond_late_is_wrong_where_it_matters():
    late = right({**SWING, "times": ["0.502", "1.002", "1.502"]})
    assert states(late) == "wrong"
