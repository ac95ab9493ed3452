"""Ball arithmetic: the value of every node of a tape, and its derivatives, wherever the variables are in a box.

A ball (middle, radius) holds every real number within `radius` of `middle`, both integers in units of 2^-bits. Each
operation rounds its radius up by enough for the floors in its middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from neurosym_oracles._kernels.trajectory_series import TooFar
from neurosym_oracles._kernels.trajectory_sine import sine_cosine
from neurosym_oracles._kernels.trajectory_terms import Node, Tape

Ball: TypeAlias = tuple[int, int]

ZERO: Ball = (0, 0)


def values(tape: Tape, box: Sequence[Ball], bits: int) -> list[Ball]:
    """A ball for each node. Raises TooFar where a divisor may be 0, TooLarge for an enormous angle."""
    found = list(box)
    for node in tape.nodes[tape.size :]:
        if node.kind == "affine":
            found.append(_affine(node, [found[place] for place in node.arguments], node.constant << bits))
        elif node.kind == "product":
            left, right = node.arguments
            found.append(_product(found[left], found[right], bits))
        elif node.kind == "reciprocal":
            found.append(_reciprocal(found[node.arguments[0]], bits))
        elif node.kind == "rate":
            found.append(ZERO)  # it is of use to series alone
        else:
            middle, radius = found[node.arguments[2]]
            value = sine_cosine(middle, bits)[node.kind == "cosine"]
            found.append((value, min(radius, 2 << bits) + 2))  # neither changes faster than its argument
    return found


def gradients(tape: Tape, value: Sequence[Ball], bits: int) -> list[list[Ball]]:
    """For each node, balls of its derivatives by each variable; `value` is what `values` found."""
    size = tape.size
    found = [[(1 << bits, 0) if row == column else ZERO for column in range(size)] for row in range(size)]
    for place, node in enumerate(tape.nodes[size:], size):
        if node.kind == "affine":
            rows = [found[argument] for argument in node.arguments]
            found.append([_affine(node, [row[column] for row in rows], 0) for column in range(size)])
        elif node.kind == "product":
            left, right = node.arguments
            pairs = zip(found[left], found[right], strict=True)
            found.append([_sum(_product(value[right], a, bits), _product(value[left], b, bits)) for a, b in pairs])
        elif node.kind == "reciprocal":
            middle, radius = _product(value[place], value[place], bits)
            found.append([_product((-middle, radius), a, bits) for a in found[node.arguments[0]]])
        elif node.kind == "rate":
            found.append([ZERO] * size)
        else:
            middle, radius = value[node.arguments[1]]
            factor = (middle if node.kind == "sine" else -middle, radius)
            found.append([_product(factor, a, bits) for a in found[node.arguments[2]]])
    return found


def _sum(left: Ball, right: Ball) -> Ball:
    return left[0] + right[0], left[1] + right[1]


def _product(left: Ball, right: Ball, bits: int) -> Ball:
    if left == ZERO or right == ZERO:
        return ZERO
    (a, ra), (b, rb) = left, right
    return a * b >> bits, ((abs(a) * rb + abs(b) * ra + ra * rb) >> bits) + 2


def _affine(node: Node, arguments: Sequence[Ball], constant: int) -> Ball:
    pairs = list(zip(node.factors, arguments, strict=True))
    middle = sum([factor * argument[0] for factor, argument in pairs]) + constant
    radius = sum([abs(factor) * argument[1] for factor, argument in pairs])
    if not middle and not radius:
        return ZERO
    return middle // node.denominator, radius // node.denominator + 2


def _reciprocal(ball: Ball, bits: int) -> Ball:
    low, high = ball[0] - ball[1], ball[0] + ball[1]
    if low <= 0 <= high:
        raise TooFar("a divisor that may be zero")
    one, other = (1 << 2 * bits) // low, (1 << 2 * bits) // high
    return (one + other) >> 1, abs(one - other) // 2 + 2
