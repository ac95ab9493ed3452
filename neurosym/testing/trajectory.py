"""Lies about motions, copies of problems in other spellings, and an independent reference, from payloads alone.

A claim that was proved lies within the tolerance of the truth, so a number that differs from it by more than twice the
tolerance is certainly wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from math import cos, sin
from typing import Any, TypeAlias

from neurosym.core import Claim, Json, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some

CONCLUSIONS: tuple[str, ...] = ()
"""No word says anything of a motion."""

NO_NUMBERS: tuple[Json, ...] = (
    None, True, False, 0.5, float("nan"), float("inf"), [], ["0"], {}, "", " 0", "0 ", "nan", "NaN", "inf", "-inf",
    "Infinity", "1e3", "1E0", "1e999", "0x10", "1_000", "+1", ".5", "5.", "--1", "1/2", "1,5", "00", "01", "\u0661",
    "\uff11", "1\n", "0.5 m", "9" * 1_000_000, "0." + "1" * 1_000_000, 10**400, -(10**9),
)  # fmt: skip
"""Values that are no number in an answer."""

States: TypeAlias = list[list[str]]


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from states that were proved."""
    states: States = claim.answer["states"]
    tolerance = Decimal(str(problem.payload["tolerance"]))
    for shape in OTHER_SHAPES:
        yield Lie("not the shape of states", Claim(shape), True)
        yield Lie("not a list of states", Claim({"states": shape}), True)
    for junk in NO_NUMBERS:
        yield _with(states, rng, "no number", partial(_instead, junk), True)
    for factor in ("2.01", "3", "100", "1e6"):
        for sign in (1, -1):
            shift = sign * Decimal(factor) * tolerance
            yield _with(states, rng, f"off by {factor} tolerances", partial(_moved, shift), True)
    for factor in ("0.5", "0.99", "1.01", "1.5"):
        shift = rng.choice((1, -1)) * Decimal(factor) * tolerance
        yield _with(states, rng, f"off by {factor} tolerances", partial(_moved, shift), False)
    start = _initial(problem, len(states[0]))
    for name, changed in (
        ("a state is missing", states[:-1]),
        ("a state too many", [*states, states[-1]]),
        ("no states", []),
        ("a number is missing", [*states[:-1], states[-1][:-1]]),
        ("a number too many", [*states[:-1], [*states[-1], "0"]]),
        ("states in one list", [[value for state in states for value in state]]),
    ):
        yield Lie(name, Claim({"states": changed}), True)
    for name, changed in (
        ("one time late", [start, *states[:-1]]),
        ("one time early", [*states[1:], states[-1]]),
        ("states reversed", states[::-1]),
        ("right at the end only", [*([start] * (len(states) - 1)), states[-1]]),
        ("wrong at the end only", [*states[:-1], start]),
        ("variables reversed", [state[::-1] for state in states]),
        ("positions and speeds exchanged", [state[len(state) // 2 :] + state[: len(state) // 2] for state in states]),
        ("mirrored", [[_times(value, "-1") for value in state] for state in states]),
        ("in degrees", [[_times(value, "57.2957795") for value in state] for state in states]),
        ("in centimetres", [[_times(value, "100") for value in state] for state in states]),
        ("all zero", [["0"] * len(state) for state in states]),
    ):
        yield Lie(name, Claim({"states": changed}), _far(states, changed, tolerance))
    for _ in range(6):
        slow = _times(str(rng.choice((1, -1)) * tolerance), rng.choice(("2.5", "4", "20")))
        drift = [[_moved(Decimal(slow) * row, value) for value in state] for row, state in enumerate(states)]
        yield Lie("drifting away", Claim({"states": drift}), _far(states, drift, tolerance))
    yield Lie("with a remark", Claim({"states": states, "note": ""}), True)


def _with(states: States, rng: random.Random, name: str, change: Callable[[str], Json], certain: bool) -> Lie:
    row = rng.randrange(len(states))
    column = rng.randrange(len(states[row]))
    changed: list[list[Json]] = [list(state) for state in states]
    changed[row][column] = change(states[row][column])
    return Lie(name, Claim({"states": changed}), certain)


def _instead(junk: Json, value: str) -> Json:
    return junk


def _moved(shift: Decimal, value: str) -> str:
    return format(Decimal(value) + shift, "f")


def _times(value: str, factor: str) -> str:
    return format(Decimal(value) * Decimal(factor), "f")


def _far(states: States, changed: States, tolerance: Decimal) -> bool:
    """Whether some number is more than twice the tolerance away."""
    pairs = ((a, b) for here, there in zip(states, changed, strict=True) for a, b in zip(here, there, strict=True))
    return any(abs(Decimal(a) - Decimal(b)) > 2 * tolerance for a, b in pairs)


def _names(problem: Problem) -> list[str]:
    system, initial = problem.payload["system"], problem.payload["initial"]
    if system == "point_mass":
        return ["x", "y", "vx", "vy"]
    return sorted(initial, key=lambda name: (name[0] in "sv", name))


def _initial(problem: Problem, size: int) -> list[str]:
    return [str(problem.payload["initial"][name]) for name in _names(problem)[:size]]


def copy(problem: Problem, rng: random.Random) -> Problem:
    """The same problem with its keys in another order and its numbers written in other ways."""

    def spelled(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: spelled(value[name]) for name in rng.sample(sorted(value), len(value))}
        if isinstance(value, list):
            return [spelled(item) for item in value]
        number = Decimal(value)
        text = format(number.normalize(), "f")
        ways: list[Json] = [
            text,
            f"{text}0" if "." in text else f"{text}.0",
            f"{text}00" if "." in text else f"{text}.000",
        ]
        if number == int(number):
            ways.append(int(number))
        return rng.choice(ways)

    payload = dict(problem.payload)
    rewritten = spelled({name: value for name, value in payload.items() if name != "system"})
    return Problem(problem.domain, problem.kind, {"system": payload["system"], **rewritten})


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The same problem with one number changed a little, and without its last time."""
    payload = dict(problem.payload)
    name = rng.choice(sorted(payload["initial"]))
    moved = {**payload["initial"], name: _moved(Decimal("0.001"), str(payload["initial"][name]))}
    times = payload["times"]
    later = [*times[:-1], _moved(Decimal("0.01"), str(times[-1]))]
    yield Problem(problem.domain, problem.kind, {**payload, "initial": moved})
    yield Problem(problem.domain, problem.kind, {**payload, "times": later})
    if len(times) > 1:
        yield Problem(problem.domain, problem.kind, {**payload, "times": times[:-1]})
    for name in some(rng, sorted(payload["parameters"]), 1):
        value = payload["parameters"][name]
        first = value[0] if isinstance(value, list) else value
        changed = _moved(Decimal("0.01"), str(first))
        parameters = {**payload["parameters"], name: [changed, *value[1:]] if isinstance(value, list) else changed}
        yield Problem(problem.domain, problem.kind, {**payload, "parameters": parameters})


def holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether SciPy's DOP853 (Hairer, Norsett and Wanner) finds the states, with equations of motion of its own."""
    from scipy.integrate import solve_ivp

    payload = problem.payload
    match claim.answer:
        case {"states": list(states), **rest} if not rest:
            pass
        case _:
            return False
    start = [float(value) for value in _initial(problem, 99)]
    times = [float(value) for value in payload["times"]]
    if len(states) != len(times) or any(len(state) != len(start) for state in states):
        return False
    found = [
        solve_ivp(
            _forces(payload), (0, times[-1]), start, method="DOP853", t_eval=times, rtol=tolerance, atol=tolerance
        ).y.T
        for tolerance in (1e-12, 1e-10)
    ]
    slack = 10 * float(abs(found[0] - found[1]).max()) + 1e-9
    tolerance = float(payload["tolerance"])
    pairs = zip(states, found[0], strict=True)
    gaps = [abs(float(a) - float(b)) for state, row in pairs for a, b in zip(state, row, strict=True)]
    if max(gaps) > tolerance + slack:
        return False
    return True if max(gaps) < tolerance - slack else None


def _forces(payload: Json) -> Callable[[float, Sequence[float]], list[float]]:
    """The derivative of the state, by Lagrange's equations solved as a linear system where there are two."""
    system = payload["system"]
    p: dict[str, Any] = {
        name: list(map(float, value)) if isinstance(value, list) else float(value)
        for name, value in payload["parameters"].items()
    }
    if system == "point_mass":
        return lambda t, s: [s[2], s[3], -p["drag"] * s[2] / p["mass"], -p["gravity"] - p["drag"] * s[3] / p["mass"]]
    if system == "pendulum":
        return lambda t, s: [s[1], -p["gravity"] * sin(s[0]) / p["length"] - p["damping"] * s[1]]
    if system == "springs":
        return lambda t, s: _chain(p["masses"], p["stiffnesses"], list(s))
    return lambda t, s: _two_rods(p, *s)


def _chain(masses: list[float], stiffnesses: list[float], state: list[float]) -> list[float]:
    places = [0.0, *state[: len(masses)], 0.0]
    pulls = [k * (right - left) for k, left, right in zip(stiffnesses, places, places[1:], strict=False)]
    return [*state[len(masses) :], *((pulls[i + 1] - pulls[i]) / mass for i, mass in enumerate(masses))]


def _two_rods(p: dict[str, float], angle1: float, angle2: float, speed1: float, speed2: float) -> list[float]:
    l1, l2, m1, m2, g = p["length1"], p["length2"], p["mass1"], p["mass2"], p["gravity"]
    a, b, d = (m1 + m2) * l1 * l1, m2 * l1 * l2 * cos(angle1 - angle2), m2 * l2 * l2
    twist = m2 * l1 * l2 * sin(angle1 - angle2)
    first = -twist * speed2**2 - (m1 + m2) * g * l1 * sin(angle1)
    second = twist * speed1**2 - m2 * g * l2 * sin(angle2)
    determinant = a * d - b * b
    return [speed1, speed2, (d * first - b * second) / determinant, (a * second - b * first) / determinant]
