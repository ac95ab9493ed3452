"""Power series of every node of a tape along one step, and bounds of what each series leaves out.

Numbers are integers in units of 2^-bits. A step of length h is the interval 0 <= s <= 1 of scaled time; the k-th
coefficient of a node is that of s^k. The variables are polynomials p(s), exactly as stored; their coefficients obey
x' = h * f(x) up to rounding, so that h * f(p) - p' (the defect) is tiny. `remainders` bounds, for every node, the
distance over 0 <= s <= 1 between its stored polynomial and the exact function of p: no claim about the solution is made
here.

Every stored coefficient is a floor, hence off by less than one unit from what its rule says; `order + 1` such units for
the whole polynomial. Rules: Cauchy products; (sin u)' = u' cos u; u * (1/u) = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from operator import mul

from neurosym_oracles._kernels.trajectory_sine import sine_cosine
from neurosym_oracles._kernels.trajectory_terms import Node, Tape

Series = list[list[int]]
"""For each node, its coefficients."""


class TooFar(ArithmeticError):
    """The step is too long, or meets a division by zero, for a bound to be found."""


def expand(tape: Tape, rates: Sequence[int], start: Sequence[int], step: Fraction, bits: int, order: int) -> Series:
    """The series of every node from the point `start`; `rates` are the places of the derivatives of the variables.

    Raises TooFar where a divisor is 0 at the start, TooLarge for an enormous angle.
    """
    series: Series = [[] for _ in tape.nodes]
    for variable, value in enumerate(start):
        series[variable].append(value)
    nodes = list(enumerate(tape.nodes))[tape.size :]
    for k in range(order + 1):
        for place, node in nodes:
            series[place].append(_coefficient(place, node, series, k, bits))
        if k < order:
            for variable, rate in enumerate(rates):
                series[variable].append(step.numerator * series[rate][k] // (step.denominator * (k + 1)))
    return series


def _coefficient(place: int, node: Node, series: Series, k: int, bits: int) -> int:
    """The rule of a node: its k-th coefficient from the coefficients of its arguments up to k, and its own below k."""
    kind, first = node.kind, series[node.arguments[0]] if node.arguments else []
    if kind == "product":
        return _convolution(first, series[node.arguments[1]], k) >> bits
    if kind == "affine":
        pairs = zip(node.factors, node.arguments, strict=True)
        constant = 0 if k else node.constant << bits
        return (sum([factor * series[argument][k] for factor, argument in pairs]) + constant) // node.denominator
    if kind == "rate":
        return k * first[k]
    if kind == "reciprocal":
        if first[0] == 0:
            raise TooFar("a division by zero")
        return (-_convolution(first[1:], series[place], k - 1) if k else 1 << 2 * bits) // first[0]
    if k == 0:
        return sine_cosine(series[node.arguments[2]][0], bits)[kind == "cosine"]
    change = _convolution(first[1:], series[node.arguments[1]], k - 1)
    return (change if kind == "sine" else -change) // (k << bits)


def _convolution(left: list[int], right: list[int], k: int) -> int:
    """The sum of left[i] * right[k - i] over 0 <= i <= k."""
    return sum(map(mul, left, right[k::-1]))


def remainders(tape: Tape, series: Series, bits: int) -> list[int]:
    """For each node, how far its polynomial may be from the exact function of the polynomials p, in units.

    Raises TooFar where a reciprocal cannot be bounded.
    """
    absolute = [list(map(abs, coefficients)) for coefficients in series]
    ends = [list(accumulate(reversed(coefficients))) for coefficients in absolute]  # sums of the last 1, 2, … ones
    sizes = [end[-1] for end in ends]
    order = len(series[0]) - 1
    found: list[int] = []

    def tail(left: int, right: int) -> int:
        """The sum of |left[i] * right[j]| over i + j > order."""
        total: int = sum(map(mul, absolute[left][1:], ends[right]))
        return (total >> bits) + 1

    for place, node in enumerate(tape.nodes):
        arguments = node.arguments
        if node.kind in ("state", "rate"):  # exact: a rate only stands for the derivative of the stored polynomial
            found.append(0)
        elif node.kind == "affine":
            pairs = zip(node.factors, arguments, strict=True)
            spread = sum([abs(factor) * found[argument] for factor, argument in pairs])
            found.append(spread // node.denominator + order + 2)
        elif node.kind == "product":
            left, right = arguments
            mixed = sizes[left] * found[right] + sizes[right] * found[left] + found[left] * found[right]
            found.append(tail(left, right) + (mixed >> bits) + order + 2)
        elif node.kind == "reciprocal":
            # 1 - u * v, with v the stored polynomial: the sum of its rounding, its tail, and what u leaves out times v
            (argument,) = arguments
            rounding = (order + 1) * absolute[argument][0] + found[argument] * sizes[place]
            gap = (rounding >> bits) + 1 + tail(argument, place)
            if gap >= 1 << (bits - 1):
                raise TooFar("a reciprocal")
            found.append((2 * sizes[place] * gap >> bits) + 1)
        else:
            # (cos u + i sin u) turns without growing, so its error is that at the start and the sum of both defects
            rate, partner, argument = arguments
            own = tail(rate, place) + tail(rate, partner) + order * (order + 1)
            found.append(3 + own + found[argument])
    return found
