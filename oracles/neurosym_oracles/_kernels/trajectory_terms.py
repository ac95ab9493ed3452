"""Equations of motion as a list of elementary operations: what a series, or a bound of a derivative, is made from.

A `Term` is a constant plus multiples of nodes of its `Tape`. Sums and multiples therefore cost nothing until a product,
a sine, a cosine or a reciprocal is taken of them. Coefficients are exact fractions.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import NamedTuple


class Node(NamedTuple):
    """One operation. `arguments` are places of earlier nodes on the tape, except that sine and cosine name each other.

    kind        value
    state       the variable of that number
    affine      (constant + the sum of each of `factors` times its argument) / denominator
    product     of two arguments
    rate        k times the k-th coefficient: needed where a sine or cosine of the argument is
    sine        of the third argument; the first two are its rate and its cosine
    cosine      of the third argument; the first two are its rate and its sine
    reciprocal  1 / argument
    """

    kind: str
    arguments: tuple[int, ...]
    factors: tuple[int, ...] = ()
    constant: int = 0
    denominator: int = 1


class Tape:
    """Operations in an order in which they can be carried out. The first `size` nodes are the variables."""

    def __init__(self, size: int) -> None:
        self.nodes = [Node("state", (number,)) for number in range(size)]
        self.size = size
        self._known: dict[Node, int] = {}
        self._sines: dict[int, int] = {}

    def variables(self) -> list[Term]:
        return [Term(self, Fraction(0), {number: Fraction(1)}) for number in range(self.size)]

    def constant(self, value: Fraction) -> Term:
        return Term(self, value, {})

    def place(self, node: Node) -> int:
        """Where a node is; it is appended if it is new."""
        if node not in self._known:
            self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return self._known[node]

    def sine(self, argument: int) -> int:
        """Where the sine of a node is; its cosine comes next."""
        if argument not in self._sines:
            rate = self.place(Node("rate", (argument,)))
            self._sines[argument] = sine = len(self.nodes)
            self.nodes += [Node("sine", (rate, sine + 1, argument)), Node("cosine", (rate, sine, argument))]
        return self._sines[argument]


class Term:
    """constant + the sum of factor * node over `parts`."""

    def __init__(self, tape: Tape, constant: Fraction, parts: dict[int, Fraction]) -> None:
        self.tape, self.constant = tape, constant
        self.parts = {place: factor for place, factor in parts.items() if factor}

    def place(self) -> int:
        """The place of a node whose value is this term's."""
        if not self.constant and list(self.parts.values()) == [1]:
            return next(iter(self.parts))
        denominator = lcm(self.constant.denominator, *(factor.denominator for factor in self.parts.values()))
        factors = tuple(int(factor * denominator) for factor in self.parts.values())
        return self.tape.place(
            Node("affine", tuple(self.parts), factors, int(self.constant * denominator), denominator)
        )

    def __add__(self, other: Term) -> Term:
        parts = dict(self.parts)
        for place, factor in other.parts.items():
            parts[place] = parts.get(place, Fraction(0)) + factor
        return Term(self.tape, self.constant + other.constant, parts)

    def __rmul__(self, factor: Fraction | int) -> Term:
        parts = {place: factor * known for place, known in self.parts.items()}
        return Term(self.tape, factor * self.constant, parts)

    def __neg__(self) -> Term:
        return -1 * self

    def __sub__(self, other: Term) -> Term:
        return self + -other

    def __mul__(self, other: Term) -> Term:
        if not self.parts:
            return self.constant * other
        if not other.parts:
            return other.constant * self
        places = sorted((self.place(), other.place()))
        return self._single(self.tape.place(Node("product", tuple(places))))

    def _single(self, place: int) -> Term:
        return Term(self.tape, Fraction(0), {place: Fraction(1)})

    def sine_cosine(self) -> tuple[Term, Term]:
        """The sine and the cosine of this term, in radians."""
        argument = self.place()
        sine = self.tape.sine(argument)
        return self._single(sine), self._single(sine + 1)

    def reciprocal(self) -> Term:
        """1 / this term."""
        return self._single(self.tape.place(Node("reciprocal", (self.place(),))))
