"""The right numbers for the wrong variables, with the wrong sign, or in the wrong unit.

Source: the Mars Climate Orbiter (1999), whose thrust was told in pounds.
"""

import math

import pytest
from trajectory_attack import STATES, states
from trajectory_samples import CHAIN, THROW, TWO_RODS, right

import neurosym as ns
from neurosym.core import MalformedAnswer


def scaled(factor):
    return [[f"{float(value) * factor:.9f}" for value in state] for state in STATES]


def test_swapped_variables_are_wrong():
    assert states([state[::-1] for state in STATES]) == "wrong"
    for payload in (THROW, CHAIN, TWO_RODS):
        own = right(payload)
        assert states(own, payload) == "correct"
        assert states([state[::-1] for state in own], payload) == "wrong"
        half = len(own[0]) // 2
        assert states([state[half:] + state[:half] for state in own], payload) == "wrong"


@pytest.mark.parametrize("factor", [-1, 180 / math.pi, math.pi / 180, 100, 0.01, 1000, 1 / 0.3048, 0.5, 2])
def test_other_units_are_wrong(factor):
    assert states(scaled(factor)) == "wrong"


def test_a_full_turn_more_is_wrong():
    assert states([[f"{float(angle) + 2 * math.pi:.9f}", speed] for angle, speed in STATES]) == "wrong"


@pytest.mark.parametrize("line", ["angle = 0.1 rad, speed = 0.2", "speed = 0.2, angle = 0.1", "angle: 0.1, speed: 0.2"])
def test_units_and_another_order_are_no_text(line):
    task = ns.domain("pendulum", moments=1)
    problem = task.sample(ns.stream("attack"))
    with pytest.raises(MalformedAnswer):
        task.parse(problem, f"t = {problem.payload['times'][0]}: {line}")
