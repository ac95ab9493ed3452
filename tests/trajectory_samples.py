"""Motions that several test files share."""

from __future__ import annotations

from fractions import Fraction

from neurosym_oracles._kernels.trajectory_enclosure import Enclosure, Steps, enclose
from neurosym_oracles._kernels.trajectory_problem import read
from neurosym_oracles.trajectory_checker import TrajectoryChecker

from neurosym.core import Budget, Claim, Problem, Verdict

CHECKER = TrajectoryChecker()

SWING = {
    "system": "pendulum",
    "parameters": {"gravity": "9.81", "length": "0.7", "damping": 0},
    "initial": {"angle": "2.5", "speed": "0.3"},
    "times": ["0.5", 1, "1.5"],
    "tolerance": "0.001",
}
THROW = {
    "system": "point_mass",
    "parameters": {"gravity": "9.81", "mass": "1.5", "drag": "0"},
    "initial": {"x": 0, "y": 2, "vx": "8.5", "vy": "12.25"},
    "times": ["0.5", "1.7"],
    "tolerance": "0.01",
}
FALL = {**THROW, "parameters": {"gravity": "9.81", "mass": "1.5", "drag": "0.4"}}
CHAIN = {
    "system": "springs",
    "parameters": {"masses": [1, "2.5", "0.5"], "stiffnesses": [10, 12, "7.5", 0]},
    "initial": {"x1": "0.5", "x2": "-0.2", "x3": "0.1", "v1": 0, "v2": 1, "v3": 0},
    "times": ["0.4", "0.9", 2],
    "tolerance": "0.001",
}
LOOSE_CHAIN = {**CHAIN, "parameters": {"masses": [1, "2.5", "0.5"], "stiffnesses": [0, 12, "7.5", 0]}}
TWO_RODS = {
    "system": "double_pendulum",
    "parameters": {"gravity": "9.81", "length1": 1, "length2": "0.8", "mass1": 1, "mass2": "0.7"},
    "initial": {"angle1": "1.2", "angle2": "-0.5", "speed1": 0, "speed2": 0},
    "times": ["0.2", "0.4", "0.6"],
    "tolerance": "0.01",
}
CHAOS = {
    **TWO_RODS,
    "initial": {"angle1": 3, "angle2": "-2.9", "speed1": 0, "speed2": 0},
    "times": ["0.2", "0.4", 60],
}
ALL = {"swing": SWING, "throw": THROW, "fall": FALL, "chain": CHAIN, "loose chain": LOOSE_CHAIN, "two rods": TWO_RODS}


def problem(payload: object) -> Problem:
    return Problem("test", "trajectory", payload)


def check(payload: object, answer: object, budget: Budget | None = None) -> Verdict:
    return CHECKER.check(problem(payload), Claim(answer), budget or Budget())


def motion(payload: dict, bits: int = 128, steps: int = 100_000) -> Enclosure:
    """The enclosure that the kernel computes, as narrow as the bits allow."""
    question = read(payload)
    return enclose(question.motion(), question.initial, question.times, Fraction(1, 1000), bits, Steps(steps))


def right(payload: dict, digits: int = 8) -> list[list[str]]:
    """The states to so many decimals: what the kernel says, which other tests hold against closed forms."""
    return [[f"{float(value):.{digits}f}" for value in state] for state in motion(payload).middles]
