"""The closed list of mechanical systems: what parameters each has, and what its variables are called, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from neurosym_oracles._kernels.trajectory_motions import (
    Motion,
    Parameters,
    double_pendulum,
    pendulum,
    point_mass,
    springs,
)


class System(NamedTuple):
    """What may be asked. Of each parameter: whether it may be 0. `lists`: those that are lists, and how much longer
    than the number of masses."""

    may_vanish: Mapping[str, bool]
    lists: Mapping[str, int]
    variables: Callable[[int], tuple[str, ...]]
    motion: Callable[[Parameters], Motion]


def _chain(count: int) -> tuple[str, ...]:
    return (*(f"x{number + 1}" for number in range(count)), *(f"v{number + 1}" for number in range(count)))


SYSTEMS: Mapping[str, System] = {
    "point_mass": System(
        {"gravity": True, "mass": False, "drag": True}, {}, lambda count: ("x", "y", "vx", "vy"), point_mass
    ),
    "pendulum": System(
        {"gravity": True, "length": False, "damping": True}, {}, lambda count: ("angle", "speed"), pendulum
    ),
    "springs": System({"masses": False, "stiffnesses": True}, {"masses": 0, "stiffnesses": 1}, _chain, springs),
    "double_pendulum": System(
        dict.fromkeys(("length1", "length2", "mass1", "mass2"), False) | {"gravity": True},
        {},
        lambda count: ("angle1", "angle2", "speed1", "speed2"),
        double_pendulum,
    ),
}
