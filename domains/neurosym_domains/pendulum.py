"""A pendulum that swings far, or turns over, with or without damping: its angle and angular velocity at given times.

No elementary closed form exists: small-angle formulas miss the tolerance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from neurosym.core import Problem
from neurosym_domains._trajectory_text import TrajectoryDomain, between, given, instructions


@dataclass(frozen=True)
class Pendulum(TrajectoryDomain):
    """`spacing` is the longest time between two moments, in tenths of a second; `damping` whether there is any."""

    name = "pendulum"
    version = 1
    system = "pendulum"

    spacing: int = 6
    damping: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("spacing", 1, 100)

    def sample(self, rng: random.Random) -> Problem:
        damping = between(rng, 1, 50, 2) if self.damping else "0"
        parameters = {"gravity": "9.81", "length": between(rng, 30, 250, 2), "damping": damping}
        initial = {"angle": between(rng, -250, 250, 2), "speed": between(rng, -200, 200, 2)}
        return self.asked(parameters, initial, self.times(rng, self.spacing))

    def english(self, problem: Problem) -> str:
        parameters, initial = given(problem, self.system)
        loss = "" if parameters["damping"] == "0" else " - {damping} * speed"
        text = (
            f"A point mass on a massless rod of {{length}} m swings in a plane. Its angle from the downward vertical, "
            f"in radians and not reduced by full turns, obeys\nangle'' = -({{gravity}} / {{length}}) * sin(angle){loss}"
            f"\nwhere speed = angle' is in radians a second. At time 0, angle = {{angle}} and speed = {{speed}}.\n"
        )
        return text.format(**parameters, **initial) + instructions(problem)


PLUGINS = (Pendulum,)
