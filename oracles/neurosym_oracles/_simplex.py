"""An exact simplex for linear constraints that come and go: whether they have a rational solution, and why not.

The general simplex of Dutertre and de Moura, "A fast linear-arithmetic solver for DPLL(T)", CAV 2006, over fractions.
A strict bound is taken as a bound that is less by EPSILON: nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from neurosym_oracles._kernels.linear_constraints import Constraint

EPSILON = Fraction(1, 10**40)

Sum = list[tuple[Constraint, Fraction]]
"""Constraints with multipliers."""

Bound = tuple[Fraction, Constraint, int]
"""A bound, the constraint that says so, and its sign in `x <= bound` or `-x <= -bound`."""


class OutOfPivots(Exception):
    """The search costs more than it may."""


class Simplex:
    """Variables are numbered as they come; a constraint of several variables has one more, for its sum."""

    def __init__(self, pivots: int) -> None:
        self.pivots = pivots
        self.numbers: dict[tuple[tuple[int, int], ...], int] = {}  # of the sum of coefficient * variable
        self.values: list[Fraction] = []
        self._rows: dict[int, dict[int, Fraction]] = {}  # basic variables as sums of the others
        self._bounds: tuple[dict[int, Bound], dict[int, Bound]] = ({}, {})  # lower, upper
        self._trail: list[tuple[int, int, Bound | None]] = []

    def mark(self) -> int:
        return len(self._trail)

    def undo(self, mark: int) -> None:
        while len(self._trail) > mark:
            side, variable, before = self._trail.pop()
            if before is None:
                del self._bounds[side][variable]
            else:
                self._bounds[side][variable] = before

    def value(self, variable: int) -> Fraction:
        """What the latest solution gives a variable of the constraints."""
        number = self.numbers.get(((variable, 1),))
        return Fraction(0) if number is None else self.values[number]

    def add(self, constraint: Constraint) -> Sum | None:
        """A sum of constraints that is contradictory; or None."""
        if not constraint.coefficients:
            return None if constraint.bound >= 0 else [(constraint, Fraction(1))]
        sign = 1 if constraint.coefficients[0][1] > 0 else -1
        number = self._number(tuple([(variable, sign * value) for variable, value in constraint.coefficients]))
        bound = sign * Fraction(constraint.bound)
        if constraint.relation == "<":
            bound -= sign * EPSILON
        sides = (0, 1) if constraint.relation == "=" else (1,) if sign > 0 else (0,)
        for side in sides:
            clash = self._restrict(side, number, (bound, constraint, sign if side else -sign))
            if clash:
                return clash
        return None

    def _number(self, coefficients: tuple[tuple[int, int], ...]) -> int:
        if coefficients not in self.numbers:
            parts = coefficients if len(coefficients) > 1 else ()
            row: dict[int, Fraction] = {}
            for variable, coefficient in parts:
                number = self._number(((variable, 1),))
                for other, factor in self._rows.get(number, {number: Fraction(1)}).items():
                    row[other] = row.get(other, Fraction(0)) + coefficient * factor
            self.numbers[coefficients] = len(self.values)
            if parts:
                self._rows[len(self.values)] = {other: factor for other, factor in row.items() if factor}
            self.values.append(sum((self.values[other] * factor for other, factor in row.items()), Fraction(0)))
        return self.numbers[coefficients]

    def _restrict(self, side: int, number: int, bound: Bound) -> Sum | None:
        before, other = self._bounds[side].get(number), self._bounds[1 - side].get(number)
        if before is not None and (bound[0] <= before[0] if side == 0 else bound[0] >= before[0]):
            return None
        if other is not None and (bound[0] > other[0] if side == 0 else bound[0] < other[0]):
            return [(bound[1], Fraction(bound[2])), (other[1], Fraction(other[2]))]
        self._trail.append((side, number, before))
        self._bounds[side][number] = bound
        outside = self.values[number] < bound[0] if side == 0 else self.values[number] > bound[0]
        if outside and number not in self._rows:
            self._move(number, bound[0])
        return None

    def _move(self, number: int, value: Fraction) -> None:
        step = value - self.values[number]
        self.values[number] = value
        for basic, row in self._rows.items():
            if number in row:
                self.values[basic] += row[number] * step

    def solve(self) -> Sum | None:
        """Find a solution: None; or a sum of constraints that is contradictory. Raises OutOfPivots."""
        lower, upper = self._bounds
        while True:
            wrong = [
                number
                for number in self._rows
                if (number in lower and self.values[number] < lower[number][0])
                or (number in upper and self.values[number] > upper[number][0])
            ]
            if not wrong:
                return None
            basic = min(wrong)
            side = 0 if basic in lower and self.values[basic] < lower[basic][0] else 1
            free = [
                other
                for other, factor in self._rows[basic].items()
                if not self._blocked(other, 1 if (factor > 0) == (side == 0) else 0)
            ]
            if not free:
                return self._why(basic, side)
            self._pivot(basic, min(free), self._bounds[side][basic][0])

    def _blocked(self, number: int, side: int) -> bool:
        bound = self._bounds[side].get(number)
        return bound is not None and self.values[number] == bound[0]

    def _why(self, basic: int, side: int) -> Sum:
        _, constraint, sign = self._bounds[side][basic]
        parts = [(constraint, Fraction(sign))]
        for other, factor in self._rows[basic].items():
            _, constraint, sign = self._bounds[1 if (factor > 0) == (side == 0) else 0][other]
            parts.append((constraint, abs(factor) * sign))
        return parts

    def _pivot(self, leaving: int, entering: int, value: Fraction) -> None:
        self.pivots -= 1
        if self.pivots < 0:
            raise OutOfPivots
        row = self._rows.pop(leaving)
        factor = row.pop(entering)
        step = (value - self.values[leaving]) / factor
        self.values[leaving] = value
        self.values[entering] += step
        new = {other: -each / factor for other, each in row.items()}
        new[leaving] = 1 / factor
        for basic, other_row in self._rows.items():
            if entering in other_row:
                scale = other_row.pop(entering)
                self.values[basic] += scale * step
                for other, each in new.items():
                    total = other_row.get(other, Fraction(0)) + scale * each
                    if total:
                        other_row[other] = total
                    else:
                        other_row.pop(other, None)
        self._rows[entering] = new

    def cuts(self, integers: set[int]) -> Iterator[Sum]:
        """Sums of constraints that rounding makes false of the present solution: Gomory's cuts, one for each row whose
        value is no integer. `integers`: the numbers of variables and sums that are integers.
        """
        for basic, row in self._rows.items():
            if basic not in integers or self.values[basic].denominator == 1:
                continue
            parts: Sum = []
            for other, factor in row.items():
                rest = factor - factor.numerator // factor.denominator
                if not rest:
                    if other not in integers or self.values[other].denominator != 1:
                        break
                elif other not in integers:
                    break
                elif self._blocked(other, 1):
                    _, constraint, sign = self._bounds[1][other]
                    parts.append((constraint, rest * sign))
                elif self._blocked(other, 0):
                    _, constraint, sign = self._bounds[0][other]
                    parts.append((constraint, (1 - rest) * sign))
                else:
                    break
            else:
                yield parts


def whole(parts: Sum) -> list[tuple[Constraint, int]]:
    """The same sum, many times, with whole multipliers."""
    merged: dict[Constraint, Fraction] = {}
    for constraint, multiplier in parts:
        merged[constraint] = merged.get(constraint, Fraction(0)) + multiplier
    scale = lcm(*[multiplier.denominator for multiplier in merged.values()])
    return [(constraint, int(multiplier * scale)) for constraint, multiplier in merged.items() if multiplier]
