"""MuJoCo as an oracle of trajectories (Todorov, Erez and Tassa, "MuJoCo: A physics engine for model-based control",
IROS 2012): a model in MJCF for the same system, integrated by Runge and Kutta's method of fourth order.

The time step is halved until halving it once more changes no state by more than a hundredth of the tolerance. Answers
are rounded to the decimals that the tolerance asks for: half a unit in the last is at most a twentieth of it. Nothing
of this is trusted.

One machine gives the same bytes again. Another may round a sine or a fused product differently in the last bit of a
double; answers of so few decimals are then nearly always the same bytes, but only nearly always.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import accumulate, pairwise
from math import ceil
from typing import Any, NamedTuple

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided

LONGEST_STEP = 0.004
MOST_STEPS = 2_000_000
"""Simulated steps where the budget names none: seconds."""

WORLD = """<mujoco><compiler angle="radian"/><option gravity="0 0 {gravity!r}" integrator="RK4">\
<flag contact="disable" constraint="disable" autoreset="disable"/></option>\
<worldbody>{bodies}</worldbody><tendon>{tendons}</tendon></mujoco>"""
POINT = '<inertial pos="{place}" mass="{mass!r}" diaginertia="1e-14 1e-14 1e-14"/>'
HINGE = '<joint type="hinge" axis="0 1 0" damping="{damping!r}"/>'
SPRING = """<fixed springlength="0" stiffness="{stiffness!r}"><joint joint="x{left}" coef="-1"/>\
<joint joint="x{right}" coef="1"/></fixed>"""

States = list[list[float]]


class Scene(NamedTuple):
    """A model, and the names of the initial coordinates and speeds. `chained`: each angle counts from the one
    before."""

    mjcf: str
    names: tuple[str, ...]
    chained: bool = False


class MujocoSimulator(Oracle):
    name = "mujoco"
    kind = "trajectory"
    family = "mujoco"
    effort = "steps"
    default = True

    def version(self) -> str:
        return f"MuJoCo {_mujoco().__version__}"

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        mujoco = _mujoco()
        payload = problem.payload
        try:
            scene = SCENES[payload["system"]](payload["parameters"])
            start = [_float(payload["initial"][name]) for name in scene.names]
            times = [_float(moment) for moment in payload["times"]]
            tolerance = _float(payload["tolerance"])
            rising = all(early < late for early, late in pairwise([0.0, *times]))
            if not isinstance(payload["times"], list) or not times or not rising or not tolerance > 0:
                raise ValueError("times or tolerance")
            if len(payload["initial"]) != len(start):
                raise ValueError("initial state")
            unit = Decimal(1).scaleb(Decimal(repr(tolerance)).adjusted() - 1)
            model = mujoco.MjModel.from_xml_string(scene.mjcf)
        except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError) as error:
            raise MalformedProblem(f"no motion to simulate: {type(error).__name__} {str(error)[:80]}") from None
        allowed = MOST_STEPS if budget.steps is None else budget.steps
        deadline = time.monotonic() + budget.seconds
        longest, coarse, spent = LONGEST_STEP, None, 0
        while True:
            counts = [ceil((late - early) / longest) for early, late in pairwise([0.0, *times])]
            spent += sum(counts)
            if spent > allowed or time.monotonic() > deadline:
                raise Undecided(Reason.TIMEOUT, f"not settled within {allowed} steps or {budget.seconds:g} seconds")
            fine = _simulate(mujoco, model, scene, start, times, counts)
            if coarse is not None and _apart(coarse, fine) < float(unit) / 10:
                return Claim({"states": [[_text(x, unit) for x in state] for state in fine]}, metrics={"steps": spent})
            longest, coarse = longest / 2, fine


def _simulate(
    mujoco: Any, model: Any, scene: Scene, start: Sequence[float], times: Sequence[float], counts: Sequence[int]
) -> States:
    """The states at `times`, each reached from the one before in so many steps."""
    data = mujoco.MjData(model)
    half = len(start) // 2
    for values, given in ((data.qpos, start[:half]), (data.qvel, start[half:])):
        values[:] = [given[0], *(b - a for a, b in pairwise(given))] if scene.chained else given
    found = []
    for (early, late), count in zip(pairwise([0.0, *times]), counts, strict=True):
        model.opt.timestep = (late - early) / count
        mujoco.mj_step(model, data, count)
        parts = (data.qpos.tolist(), data.qvel.tolist())
        found.append([value for part in parts for value in (accumulate(part) if scene.chained else part)])
    if any(warning.number for warning in data.warning):
        raise Undecided(Reason.TOOL_CRASHED, "MuJoCo warns of numbers that are not finite")
    return found


def _apart(one: States, other: States) -> float:
    return max(abs(a - b) for here, there in zip(one, other, strict=True) for a, b in zip(here, there, strict=True))


def _text(value: float, unit: Decimal) -> str:
    """The decimals of `unit`; zero has no sign."""
    rounded = Decimal(value).quantize(unit)
    return str(rounded if rounded else abs(rounded))


def _float(value: Json) -> float:
    if type(value) is not int and not (isinstance(value, str) and len(value) <= 40):
        raise ValueError("a value that is no number")
    found = float(value)
    if not abs(found) < 1e9:
        raise ValueError("a number out of range")
    return found


def _world(bodies: str, gravity: float = 0.0, tendons: str = "") -> str:
    return WORLD.format(gravity=-gravity, bodies=bodies, tendons=tendons)


def _point_mass(parameters: Mapping[str, Json]) -> Scene:
    gravity, mass, drag = (_float(parameters[name]) for name in ("gravity", "mass", "drag"))
    joints = "".join(f'<joint type="slide" axis="{axis}" damping="{drag!r}"/>' for axis in ("1 0 0", "0 0 1"))
    body = f"<body>{joints}{POINT.format(place='0 0 0', mass=mass)}</body>"
    return Scene(_world(body, gravity), ("x", "y", "vx", "vy"))


def _pendulum(parameters: Mapping[str, Json]) -> Scene:
    gravity, length, damping = (_float(parameters[name]) for name in ("gravity", "length", "damping"))
    joint = HINGE.format(damping=damping * length * length)
    point = POINT.format(place=f"0 0 {-length!r}", mass=1.0)
    return Scene(_world(f"<body>{joint}{point}</body>", gravity), ("angle", "speed"))


def _springs(parameters: Mapping[str, Json]) -> Scene:
    masses, stiffnesses = (list(map(_float, parameters[name])) for name in ("masses", "stiffnesses"))
    if len(stiffnesses) != len(masses) + 1:
        raise ValueError("stiffnesses")
    walls = [0.0] * len(masses)
    walls[0] += stiffnesses[0]
    walls[-1] += stiffnesses[-1]
    bodies = tendons = ""
    for number, (mass, wall) in enumerate(zip(masses, walls, strict=True), 1):
        joint = f'<joint name="x{number}" type="slide" axis="1 0 0" stiffness="{wall!r}"/>'
        bodies += f"<body>{joint}{POINT.format(place='0 0 0', mass=mass)}</body>"
    for number, stiffness in enumerate(stiffnesses[1:-1], 1):
        tendons += SPRING.format(stiffness=stiffness, left=number, right=number + 1)
    names = [f"{letter}{number + 1}" for letter in "xv" for number in range(len(masses))]
    return Scene(_world(bodies, tendons=tendons), tuple(names))


def _double_pendulum(parameters: Mapping[str, Json]) -> Scene:
    names = ("gravity", "length1", "length2", "mass1", "mass2")
    gravity, length1, length2, mass1, mass2 = (_float(parameters[name]) for name in names)
    joint = HINGE.format(damping=0.0)
    outer = f'<body pos="0 0 {-length1!r}">{joint}{POINT.format(place=f"0 0 {-length2!r}", mass=mass2)}</body>'
    inner = f"<body>{joint}{POINT.format(place=f'0 0 {-length1!r}', mass=mass1)}{outer}</body>"
    return Scene(_world(inner, gravity), ("angle1", "angle2", "speed1", "speed2"), chained=True)


SCENES = {
    "point_mass": _point_mass,
    "pendulum": _pendulum,
    "springs": _springs,
    "double_pendulum": _double_pendulum,
}


@cache
def _mujoco() -> Any:
    try:
        import mujoco
    except ImportError:
        needs = "mujoco is missing: pip install 'neurosym-engine[physics]'"
        raise Undecided(Reason.TOOL_MISSING, needs) from None
    mujoco.set_mju_user_warning(lambda text: None)  # it would write MUJOCO_LOG.TXT into the working directory
    return mujoco


PLUGINS = (MujocoSimulator,)
