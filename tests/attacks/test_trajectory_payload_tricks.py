"""Payloads that are no problem: unknown systems, negative masses, parts too many, too few, or of another type."""

import pytest
from trajectory_attack import STATES, states
from trajectory_samples import CHAIN, SWING

PARAMETERS = SWING["parameters"]
CHAINED = CHAIN["parameters"]


@pytest.mark.parametrize(
    "part",
    [
        {"system": "Pendulum"}, {"system": "double_pendulum"}, {"system": ["pendulum"]}, {"system": None},
        {"system": {}},
        {"extra": 1}, {"parameters": None}, {"parameters": []}, {"parameters": {}}, {"initial": None}, {"initial": []},
        {"initial": {}}, {"initial": {"angle": 0}}, {"initial": {"angle": 0, "speed": 0, "mass": 1}}, {"initial": "0"},
        {"initial": {"Angle": 0, "speed": 0}}, {"initial": {"angle": "1001", "speed": 0}},
        {"parameters": {**PARAMETERS, "length": "-0.7"}}, {"parameters": {**PARAMETERS, "length": 0}},
        {"parameters": {**PARAMETERS, "length": "0.0001"}}, {"parameters": {**PARAMETERS, "length": ["0.7"]}},
        {"parameters": {**PARAMETERS, "gravity": "-9.81"}}, {"parameters": {**PARAMETERS, "damping": True}},
        {"parameters": {**PARAMETERS, "mass": 1}}, {"parameters": {**PARAMETERS, "gravity": 1001}},
    ],
    ids=str,
)  # fmt: skip
def test_such_payloads_are_malformed(part):
    assert states(STATES, {**SWING, **part}) == "malformed"


@pytest.mark.parametrize("payload", [None, [], "", 7, {}, {"payload": SWING}, [SWING]], ids=str)
def test_what_is_no_object_of_the_kind_is_malformed(payload):
    assert states(STATES, payload) == "malformed"


@pytest.mark.parametrize(
    "part",
    [
        {"masses": []}, {"masses": [1, 2]}, {"masses": [1, 2, 3, 4]}, {"stiffnesses": [1, 2, 3]}, {"masses": [1, -2,
        3]},
        {"masses": [1, 0, 3]}, {"stiffnesses": [1, -2, 3, 4]}, {"masses": [1] * 9, "stiffnesses": [1] * 10},
        {"masses": 1},
        {"masses": {"0": 1}}, {"masses": "123"}, {"masses": [[1], 2, 3]}, {"masses": [1, True, 3]},
    ],
    ids=str,
)  # fmt: skip
def test_such_chains_are_malformed(part):
    assert states([["0"] * 6] * 3, {**CHAIN, "parameters": {**CHAINED, **part}}) == "malformed"
