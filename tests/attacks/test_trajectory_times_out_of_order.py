"""Times that repeat or go back: a malformed problem, and a text that tells its lines in another order is no answer.

Source: shuffled timestamped plans (VAL sorts them), tests/attacks/test_plan_shuffled_timestamps.py.
"""

import pytest
from trajectory_attack import STATES, states
from trajectory_samples import SWING

import neurosym as ns
from neurosym.core import MalformedAnswer


@pytest.mark.parametrize(
    "times",
    [
        ["1", "0.5", "1.5"],
        ["0.5", "0.5", "1"],
        ["0.5", "0.50", "1"],
        [0, 1, 2],
        ["-1", 1, 2],
        [],
        "0.5",
        [["0.5"]],
        [True],
    ],
    ids=str,
)
def test_such_times_are_malformed(times):
    assert states(STATES, {**SWING, "times": times}) == "malformed"


def test_lines_in_another_order_are_no_answer():
    task = ns.domain("pendulum")
    problem = task.sample(ns.stream("attack"))
    lines = [f"t = {time}: angle = 0.1, speed = 0.2" for time in problem.payload["times"]]
    assert task.parse(problem, "\n".join(lines)) == {"states": [["0.1", "0.2"]] * 3}
    for text in (
        lines[::-1],
        lines[:2],
        [*lines, lines[2]],
        [lines[0], lines[0], lines[2]],
        [*lines[:2], lines[2][4:]],
    ):
        with pytest.raises(MalformedAnswer):
            task.parse(problem, "\n".join(text))
