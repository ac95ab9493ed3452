"""A state too few or too many: `zip` stops at the shorter list, so a checker that zips accepts the empty answer.

Source: the empty answer that passes `all([])`; an own bug class, held by strict lengths.
"""

import pytest
from trajectory_attack import STATES, states, told


@pytest.mark.parametrize(
    "answer",
    [
        [], STATES[:1], STATES[:2], [*STATES, STATES[2]], [[], [], []], [STATES[0][:1], *STATES[1:]],
        [[*STATES[0], "0"], *STATES[1:]], [None, *STATES[1:]], [STATES], [*STATES[0], *STATES[1], *STATES[2]],
        [tuple(STATES[0]), *STATES[1:]],
        {0: STATES[0]}, "".join(STATES[0]), [{"angle": a, "speed": b} for a, b in STATES],
    ],
)  # fmt: skip
def test_another_number_of_states_is_malformed(answer):
    assert states(answer) == "malformed"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        "",
        "states",
        "correct",
        STATES,
        {},
        {"states": None},
        {"states": STATES, "more": 1},
        {"state": STATES},
    ],
)
def test_another_shape_is_malformed(answer):
    assert told(answer) == "malformed"
