"""Equations of motion and conserved quantities of the mechanical systems.

Units are SI: metre, second, kilogram, radian. Sources: any text on classical mechanics, such as Goldstein, Poole and
Safko, "Classical Mechanics" (3rd edition), chapters 1 and 6; the double pendulum is the usual one of two point masses
on massless rods, with both angles measured from the downward vertical.

system           equations
point_mass       mass * a = -mass * gravity * up - drag * v, in the plane; y is up
pendulum         angle'' = -(gravity / length) * sin(angle) - damping * angle'
springs          a chain of masses on a line between two walls, x = 0 each at rest: mass_i * x_i'' =
                 stiffness_i * (x_(i-1) - x_i) + stiffness_(i+1) * (x_(i+1) - x_i); the walls have x = 0 and the first
                 and last stiffness, which may be 0: a free end
double_pendulum  with d = angle1 - angle2 and D = mass1 + mass2 * sin(d)^2:
                 length1 * D * angle1'' = mass2 * gravity * sin(angle2) * cos(d) - (mass1 + mass2) * gravity *
                     sin(angle1) - mass2 * sin(d) * (length1 * angle1'^2 * cos(d) + length2 * angle2'^2)
                 length2 * D * angle2'' = sin(d) * ((mass1 + mass2) * (length1 * angle1'^2 + gravity * cos(angle1))
                     + mass2 * length2 * angle2'^2 * cos(d))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from typing import NamedTuple, TypeAlias

from neurosym_oracles._kernels.trajectory_terms import Term

Parameters: TypeAlias = Mapping[str, tuple[Fraction, ...]]
"""Each parameter's values: one, or several where the system asks for a list."""


class Motion(NamedTuple):
    """A system with its parameters put in.

    `rates` are the derivatives of the variables, `conserved` what stays the same along a motion. `weights` are positive
    and only choose the norm in which errors are bounded: any are sound, good ones give small bounds.
    """

    rates: Callable[[list[Term]], list[Term]]
    conserved: Callable[[list[Term]], dict[str, Term]]
    weights: tuple[Fraction, ...]


def _square_root(value: Fraction) -> Fraction:
    """Near the square root, and at least 1/8: for weights alone."""
    return max(Fraction(isqrt(int(value * (1 << 40))), 1 << 20), Fraction(1, 8))


def point_mass(parameters: Parameters) -> Motion:
    (gravity,), (mass,), (drag,) = parameters["gravity"], parameters["mass"], parameters["drag"]

    def rates(state: list[Term]) -> list[Term]:
        _, _, vx, vy = state
        pull = vx.tape.constant(gravity)
        return [vx, vy, -(drag / mass) * vx, -(drag / mass) * vy - pull]

    def conserved(state: list[Term]) -> dict[str, Term]:
        x, y, vx, vy = state
        if drag:
            return {"momentum lost to drag": mass * vx + drag * x}
        energy = Fraction(1, 2) * (vx * vx + vy * vy) + gravity * y
        return {"energy": mass * energy, "momentum": mass * vx}

    return Motion(rates, conserved, (Fraction(1),) * 4)


def pendulum(parameters: Parameters) -> Motion:
    (gravity,), (length,), (damping,) = parameters["gravity"], parameters["length"], parameters["damping"]

    def rates(state: list[Term]) -> list[Term]:
        angle, speed = state
        sine, _ = angle.sine_cosine()
        return [speed, -(gravity / length) * sine - damping * speed]

    def conserved(state: list[Term]) -> dict[str, Term]:
        angle, speed = state
        _, cosine = angle.sine_cosine()
        return {} if damping else {"energy": length / 2 * (speed * speed) - gravity * cosine}

    return Motion(rates, conserved, (_square_root(gravity / length), Fraction(1)))


def springs(parameters: Parameters) -> Motion:
    masses, stiffnesses = parameters["masses"], parameters["stiffnesses"]
    count = len(masses)

    def stretches(state: list[Term]) -> list[Term]:
        wall = state[0].tape.constant(Fraction(0))
        places = [wall, *state[:count], wall]
        return [right - left for left, right in pairwise(places)]

    def rates(state: list[Term]) -> list[Term]:
        forces = [stiffness * stretch for stiffness, stretch in zip(stiffnesses, stretches(state), strict=True)]
        pulls = zip(masses, forces, forces[1:], strict=False)
        return [*state[count:], *(1 / mass * (right - left) for mass, left, right in pulls)]

    def conserved(state: list[Term]) -> dict[str, Term]:
        zero = state[0].tape.constant(Fraction(0))
        kinetic = (mass / 2 * (v * v) for mass, v in zip(masses, state[count:], strict=True))
        elastic = (k / 2 * (stretch * stretch) for k, stretch in zip(stiffnesses, stretches(state), strict=True))
        found = {"energy": sum([*kinetic, *elastic], zero)}
        if not stiffnesses[0] and not stiffnesses[-1]:
            found["momentum"] = sum((mass * v for mass, v in zip(masses, state[count:], strict=True)), zero)
        return found

    pairs = zip(masses, stiffnesses, stiffnesses[1:], strict=False)
    weights = [_square_root((left + right) / mass) for mass, left, right in pairs]
    return Motion(rates, conserved, (*weights, *[Fraction(1)] * count))


def double_pendulum(parameters: Parameters) -> Motion:
    gravity, l1, l2, m1, m2 = (parameters[name][0] for name in ("gravity", "length1", "length2", "mass1", "mass2"))
    both = m1 + m2

    def rates(state: list[Term]) -> list[Term]:
        angle1, angle2, speed1, speed2 = state
        sine1, cosine1 = angle1.sine_cosine()
        sine, cosine = (angle1 - angle2).sine_cosine()
        sine2 = sine1 * cosine - cosine1 * sine
        over = (angle1.tape.constant(m1) + m2 * (sine * sine)).reciprocal()
        inner, outer = l1 * (speed1 * speed1), l2 * (speed2 * speed2)
        first = gravity * (m2 * (sine2 * cosine) - both * sine1) - m2 * (sine * (inner * cosine + outer))
        second = sine * (both * (inner + gravity * cosine1) + m2 * (outer * cosine))
        return [speed1, speed2, 1 / l1 * (over * first), 1 / l2 * (over * second)]

    def conserved(state: list[Term]) -> dict[str, Term]:
        angle1, angle2, speed1, speed2 = state
        cosine1, cosine2, cosine = (x.sine_cosine()[1] for x in (angle1, angle2, angle1 - angle2))
        kinetic = both * l1 * l1 / 2 * (speed1 * speed1) + m2 * l2 * l2 / 2 * (speed2 * speed2)
        coupled = m2 * l1 * l2 * (speed1 * speed2 * cosine)
        return {"energy": kinetic + coupled - both * gravity * l1 * cosine1 - m2 * gravity * l2 * cosine2}

    first = _square_root(gravity * both / (m1 * l1))
    second = _square_root(gravity * both / (m1 * l2))
    return Motion(rates, conserved, (first, second, Fraction(1), Fraction(1)))
