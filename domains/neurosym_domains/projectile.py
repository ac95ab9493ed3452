"""A body thrown in a uniform field of gravity, with or without linear drag: where is it, and how fast does it move?

Both have closed forms: a parabola, and with drag an exponential decay towards the terminal velocity.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from neurosym.core import Problem
from neurosym_domains._trajectory_text import TrajectoryDomain, between, given, instructions

GRAVITIES = ("9.81", "1.62", "3.71", "8.87", "24.79")
"""Of the Earth, the Moon, Mars, Venus and Jupiter."""


@dataclass(frozen=True)
class Projectile(TrajectoryDomain):
    """`spacing` is the longest time between two moments, in tenths of a second; `drag` whether there is any."""

    name = "projectile"
    version = 1
    system = "point_mass"

    spacing: int = 10
    drag: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("spacing", 1, 100)

    def sample(self, rng: random.Random) -> Problem:
        parameters = {
            "gravity": rng.choice(GRAVITIES),
            "mass": between(rng, 1, 50, 1),
            "drag": between(rng, 1, 100, 2) if self.drag else "0",
        }
        initial = {"x": "0", "y": between(rng, 0, 500, 1)}
        initial |= {"vx": between(rng, -300, 300, 1), "vy": between(rng, -100, 300, 1)}
        return self.asked(parameters, initial, self.times(rng, self.spacing))

    def english(self, problem: Problem) -> str:
        parameters, initial = given(problem, self.system)
        air = "There is no air." if parameters["drag"] == "0" else "The air drags with {drag} kg/s times the velocity."
        text = (
            f"A body of {{mass}} kg starts at time 0 at x = {{x}} m, y = {{y}} m with the velocity vx = {{vx}} m/s, "
            f"vy = {{vy}} m/s; y points up. Gravity pulls it down with {{gravity}} m/s^2. {air} Nothing is in its way, "
            f"not even the ground. Positions are in metres, velocities in metres a second.\n"
        )
        return text.format(**parameters, **initial) + instructions(problem)


PLUGINS = (Projectile,)
