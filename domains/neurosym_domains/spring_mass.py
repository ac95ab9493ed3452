"""Masses in a row, joined by springs to each other and to walls: displacements and velocities at given times."""

from __future__ import annotations

import random
from dataclasses import dataclass

from neurosym.core import Problem
from neurosym_domains._trajectory_text import TrajectoryDomain, between, given, instructions


@dataclass(frozen=True)
class SpringMass(TrajectoryDomain):
    """`masses` is how many there are; `spacing` the longest time between two moments, in tenths of a second."""

    name = "spring_mass"
    version = 1
    system = "springs"

    masses: int = 2
    spacing: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("masses", 1, 5)
        self.require("spacing", 1, 100)

    def sample(self, rng: random.Random) -> Problem:
        count = self.masses
        left_wall, right_wall = rng.choice(((True, True), (True, False), (True, True), (count == 1, False)))
        stiffnesses = [between(rng, 10, 200, 1) for _ in range(count + 1)]
        stiffnesses[0] = stiffnesses[0] if left_wall else "0"
        stiffnesses[-1] = stiffnesses[-1] if right_wall else "0"
        parameters = {"masses": [between(rng, 5, 50, 1) for _ in range(count)], "stiffnesses": stiffnesses}
        initial = {f"x{number + 1}": between(rng, -100, 100, 2) for number in range(count)}
        initial |= {f"v{number + 1}": between(rng, -200, 200, 2) for number in range(count)}
        return self.asked(parameters, initial, self.times(rng, self.spacing))

    def english(self, problem: Problem) -> str:
        parameters, initial = given(problem, self.system)
        masses, stiffnesses = parameters["masses"], parameters["stiffnesses"]
        ends = ["the left wall", *(f"mass {number + 1}" for number in range(len(masses))), "the right wall"]
        springs = [
            f"a spring of {stiffness} N/m joins {left} and {right}"
            for stiffness, left, right in zip(stiffnesses, ends, ends[1:], strict=False)
            if stiffness != "0"
        ]
        told = [
            f"mass {number} is {mass} kg and starts at x{number} = {initial[f'x{number}']}, "
            f"v{number} = {initial[f'v{number}']}"
            for number, mass in enumerate(masses, 1)
        ]
        return (
            f"Masses slide on a line without friction between two walls. From left to right: {'; '.join(told)}. Every "
            f"x is a displacement to the right, in metres, from where all springs are relaxed; every v is a velocity, "
            f"in metres a second. Further, {'; '.join(springs)}. Masses may pass through each other and the walls.\n"
            f"{instructions(problem)}"
        )


PLUGINS = (SpringMass,)
