"""A double pendulum from near the top for a minute: nobody can tell, so nothing is correct; early lies still are wrong.

Source: Lorenz, "Deterministic nonperiodic flow" (1963); Shinbrot et al., "Chaos in a double pendulum" (1992).
"""

import pytest
from trajectory_attack import states
from trajectory_samples import CHAOS, check, right

from neurosym.core import Reason

EARLY = right({**CHAOS, "times": ["0.2", "0.4"]})
START = ["3", "-2.9", "0", "0"]


@pytest.mark.parametrize("late", [START, ["-3", "2.9", "0", "0"], ["9.28", "3.38", "0", "0"]])
def test_a_claim_past_the_horizon_is_undecided(late):
    verdict = check(CHAOS, {"states": [*EARLY, late]})
    assert verdict.reason is Reason.UNSUPPORTED
    assert verdict.detail.startswith("past the horizon of predictability: by time 60")


def test_early_states_are_still_judged():
    verdict = check(CHAOS, {"states": [EARLY[0], EARLY[0], START]})
    assert verdict.status == "wrong" and "at time 0.4" in verdict.detail


def test_energy_is_still_judged():
    assert states([*EARLY, ["0", "0", "50", "0"]], CHAOS) == "wrong"


def test_the_horizon_moves_with_the_time_and_not_with_the_answer():
    before = {**CHAOS, "times": ["0.2", "0.4"]}
    assert states(EARLY, before) == "correct"
