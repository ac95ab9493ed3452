"""Where a motion is at given times, with a proved bound of the error, in integers alone.

Method: Taylor series of high order step by step, and for each step a bound made afterwards from what was computed.
With p the polynomial of a step in scaled time, x the motion, and e = x - p:

    e' = h * (f(x) - f(p)) + defect,    defect = h * f(p) - p',    |e|' <= h * m * |e| + |defect|

in a weighted Euclidean norm, where m is at least the logarithmic norm of the Jacobian of f between p and x (Dahlquist
1958; Hairer, Norsett and Wanner, "Solving Ordinary Differential Equations I", theorem I.10.6). The defect is bounded by
`trajectory_series.remainders`; m by Gershgorin's circles around the symmetric part of a Jacobian in ball arithmetic
over all points within 4 times the bound to be shown of all of p: the motion cannot leave these before the bound is
broken. So |e| at the end is at most exp(h * m) * (|e| at the start + |defect|). No heuristic enters a bound: step
lengths and orders only decide how small it comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from neurosym_oracles._kernels.trajectory_balls import Ball, gradients, values
from neurosym_oracles._kernels.trajectory_motions import Motion
from neurosym_oracles._kernels.trajectory_series import Series, TooFar, expand, remainders
from neurosym_oracles._kernels.trajectory_terms import Tape

_SMALL = 10  # bits that the last coefficients may have where a step is short enough
_WEIGHT = 16  # bits of a weight behind the point


class Enclosure(NamedTuple):
    """For each time, the middle of each variable and how far the motion may be from it; how much a bound grew."""

    middles: list[tuple[Fraction, ...]]
    radii: list[tuple[Fraction, ...]]
    growth: Fraction


class OutOfSteps(Exception):
    """The steps allowed are used up."""


class TooWide(Exception):
    """The bound is above what was asked for."""


class Steps:
    """Steps still allowed. One of 64 bits counts 1, of 128 bits 4, of 256 bits 16: as long as they take."""

    def __init__(self, most: int) -> None:
        self.left = most

    def spend(self, bits: int) -> None:
        self.left -= (bits // 64) ** 2
        if self.left < 0:
            raise OutOfSteps


def enclose(
    motion: Motion, initial: Sequence[Fraction], times: Sequence[Fraction], widest: Fraction, bits: int, steps: Steps
) -> Enclosure:
    """The motion from `initial` at time 0. Raises TooWide where a radius exceeds `widest`, OutOfSteps, TooLarge."""
    tape = Tape(len(initial))
    rates = [term.place() for term in motion.rates(tape.variables())]
    weights = [max(1, int(weight * (1 << _WEIGHT))) for weight in motion.weights]
    start = [(value.numerator << bits) // value.denominator for value in initial]
    error, growth = sum(weights), 1 << bits  # each start is a floor
    found = Enclosure([], [], Fraction(1))
    order = bits * 5 // 16
    now, step = Fraction(0), times[0]
    for time in times:
        step = min(step, time - now)
        step = (time - now) / -(-(time - now) // step)
        while now < time:
            steps.spend(bits)
            series = expand(tape, rates, start, step, bits, order)
            bound = _bound(tape, rates, series, weights, error, step, bits)
            if bound is None:
                step /= 2
                continue
            error, factor = bound
            growth = (growth * factor >> bits) + 1
            start = [sum(series[variable]) for variable in range(tape.size)]
            now += step
            if error * widest.denominator > (widest.numerator * max(weights)) << bits:
                raise TooWide
            if now < time and easy(series, tape.size, bits) and (time - now) / step % 2 == 0:
                step *= 2
        found.middles.append(tuple(Fraction(value, 1 << bits) for value in start))
        found.radii.append(tuple(Fraction(error // weight + 1, 1 << bits) for weight in weights))
        if max(found.radii[-1]) > widest:
            raise TooWide
    return found._replace(growth=Fraction(growth, 1 << bits))


def short(series: Series, size: int) -> bool:
    """Whether the last coefficients are small: otherwise what a series leaves out is not worth a bound."""
    return all(abs(value).bit_length() <= _SMALL for coefficients in series[:size] for value in coefficients[-2:])


def easy(series: Series, size: int, bits: int) -> bool:
    """Whether the coefficients fall by at least one more bit each than they need to: the step could be doubled."""
    middle = len(series[0]) // 2
    fallen = bits - max(abs(series[variable][k]).bit_length() for variable in range(size) for k in (middle, middle - 1))
    return fallen * (len(series[0]) - 1) >= middle * (bits - _SMALL + len(series[0]) + 2)


def _bound(
    tape: Tape, rates: Sequence[int], series: Series, weights: list[int], error: int, step: Fraction, bits: int
) -> tuple[int, int] | None:
    """The error at the end of a step that starts with `error`, and the factor exp(h m); None where it is too long."""
    order = len(series[0]) - 1
    if not short(series, tape.size):
        return None
    try:
        beyond, defect = remainders(tape, series, bits), 0
        for weight, rate in zip(weights, rates, strict=True):
            left_out = step * (abs(series[rate][order]) + beyond[rate] + order + 1)
            defect += weight * (left_out.__ceil__() + order * (order + 1) // 2)
        box: list[Ball] = []
        for variable, weight in enumerate(weights):
            reach = sum(map(abs, series[variable][1:])) + 4 * (error + defect) // weight + 1
            box.append((series[variable][0], reach))
        slopes = gradients(tape, values(tape, box, bits), bits)
    except TooFar:
        return None
    exponent = (max(0, _logarithmic_norm([slopes[rate] for rate in rates], weights)) * step).__ceil__()
    one = 1 << bits
    if exponent > one:
        return None
    # exp(z) <= 1 + z + z^2 / 2 + z^3 / 4 for 0 <= z <= 1, which is below 4
    square = (exponent * exponent >> bits) + 1
    factor = one + exponent + square // 2 + ((square * exponent >> bits) + 1) // 4 + 2
    return ((error + defect) * factor >> bits) + 1, factor


def _logarithmic_norm(jacobian: list[list[Ball]], weights: list[int]) -> int:
    """At least the largest eigenvalue of the symmetric part of the weighted Jacobian, in units."""
    rows = range(len(weights))

    def scaled(i: int, j: int) -> Ball:
        middle, radius = jacobian[i][j]
        return middle * weights[i] // weights[j], radius * weights[i] // weights[j] + 2

    def size(i: int, j: int) -> int:
        (a, ra), (b, rb) = scaled(i, j), scaled(j, i)
        return (abs(a + b) + ra + rb) // 2 + 1

    return max(sum(scaled(i, i)) + sum(size(i, j) for j in rows if j != i) for i in rows)
