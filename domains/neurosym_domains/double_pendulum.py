"""The double pendulum, whose motion is chaotic: both angles and angular velocities at given times.

With the default knobs all times are well before the horizon of predictability. Asked for tens of seconds
(`spacing=1000`), problems are past it: their claims are undecided, and no record is made of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from neurosym.core import Problem
from neurosym_domains._trajectory_text import TrajectoryDomain, between, decimal, given, instructions


@dataclass(frozen=True)
class DoublePendulum(TrajectoryDomain):
    """`spacing` is the time between two moments, in hundredths of a second."""

    name = "double_pendulum"
    version = 1
    system = "double_pendulum"

    spacing: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("spacing", 1, 5000)

    def sample(self, rng: random.Random) -> Problem:
        parameters = {"gravity": "9.81"}
        parameters |= {name: between(rng, 5, 20, 1) for name in ("length1", "length2", "mass1", "mass2")}
        initial = {name: between(rng, -150, 150, 2) for name in ("angle1", "angle2")}
        initial |= {name: between(rng, -10, 10, 1) for name in ("speed1", "speed2")}
        times = [decimal(self.spacing * (number + 1), 2) for number in range(self.moments)]
        return self.asked(parameters, initial, times)

    def english(self, problem: Problem) -> str:
        parameters, initial = given(problem, self.system)
        text = (
            "A double pendulum swings in a plane without friction under gravity of {gravity} m/s^2. Its first rod is "
            "{length1} m long and hangs from a fixed point; at its end are a point mass of {mass1} kg and a second "
            "rod, {length2} m long, with a point mass of {mass2} kg at its end. The rods have no mass. angle1 and "
            "angle2 are the angles of the rods from the downward vertical, in radians, turning the same way and not "
            "reduced by full turns; speed1 and speed2 are their rates, in radians a second. At time 0, angle1 = "
            "{angle1}, angle2 = {angle2}, speed1 = {speed1}, speed2 = {speed2}.\n"
        )
        return text.format(**parameters, **initial) + instructions(problem)


PLUGINS = (DoublePendulum,)
