"""Right at the last time, wrong before; and right but for one number in the middle: every state is judged.

Source: graders that compare final answers only.
"""

from trajectory_attack import STATES, states
from trajectory_samples import CHAIN, right


def test_right_at_one_end_only_is_wrong():
    assert states([["2.5", "0.3"], ["2.5", "0.3"], STATES[2]]) == "wrong"
    assert states([*STATES[:2], STATES[0]]) == "wrong"
    assert states([STATES[0], STATES[0], STATES[2]]) == "wrong"


def test_every_single_number_is_judged():
    own = right(CHAIN)
    assert states(own, CHAIN) == "correct"
    for row in range(3):
        for column in range(6):
            changed = [list(state) for state in own]
            changed[row][column] = f"{float(changed[row][column]) + 0.0011:.9f}"
            assert states(changed, CHAIN) == "wrong", (row, column)
