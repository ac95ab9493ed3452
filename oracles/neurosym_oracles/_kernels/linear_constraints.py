"""Linear constraints in one normal form, and what follows from several of them.

Contract: whatever values satisfy the arguments of a function here satisfy its result (of `split`: one of its two), as
long as each variable for which `integer` is true has an integer for its value.

A constraint over integers alone is rounded: 3x + 6y < 5 becomes x + 2y <= 1, and 3x + 6y = 5 becomes FALSE. So every
`combined` constraint is a Chvátal-Gomory cut (Schrijver, "Theory of Linear and Integer Programming", 1986, chapter 23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Any, NamedTuple, TypeAlias

from neurosym_oracles._kernels.smtlib_signatures import MAX_BITS
from neurosym_oracles._kernels.smtlib_syntax import Unsupported

Number: TypeAlias = int | Fraction
Form: TypeAlias = dict[int, Number]
"""A sum: coefficients by variable and, under ONE, what is added to them."""

Integer: TypeAlias = Callable[[int], bool]

ONE = -1


class Gap(Exception):
    """A step does not follow."""


class Constraint(NamedTuple):
    """The sum of coefficient * variable is "<=", "<" or "=" bound. Variables are in order, coefficients coprime."""

    coefficients: tuple[tuple[int, int], ...]
    relation: str
    bound: Number


TRUE = Constraint((), "<=", 0)
FALSE = Constraint((), "<=", -1)


def added(*parts: tuple[Number, Form]) -> Form:
    """The sum of factors times sums. Raises Unsupported for a number of more than MAX_BITS bits."""
    total: Form = {}
    for factor, form in parts:
        _add(total, factor, form.items())
    return _without_zeros(total)


def _add(total: Form, factor: Number, terms: Iterable[tuple[int, Number]]) -> None:
    for variable, coefficient in terms:
        total[variable] = _small(total.get(variable, 0) + factor * coefficient)


def _without_zeros(form: Form) -> Form:
    return {variable: coefficient for variable, coefficient in form.items() if coefficient}


def constraint(form: Form, relation: str, integer: Integer) -> Constraint:
    """That `form` stands in `relation` to 0. Raises Unsupported for a number of more than MAX_BITS bits."""
    variables = sorted(form.keys() - {ONE})
    bound = -form.get(ONE, 0)
    if not variables:
        holds = bound > 0 if relation == "<" else bound >= 0 if relation == "<=" else bound == 0
        return TRUE if holds else FALSE
    scale = 1
    for variable in variables:
        scale = _small(lcm(scale, form[variable].denominator))
    wholes = [int(form[variable] * scale) for variable in variables]
    divisor = gcd(*wholes)
    bound = Fraction(bound * scale, divisor)
    if all(map(integer, variables)):
        if relation == "=" and bound.denominator != 1:
            return FALSE
        if relation != "=":
            bound = floor(bound) if relation == "<=" else ceil(bound) - 1
            relation = "<="
    coefficients = [(variable, _small(whole // divisor)) for variable, whole in zip(variables, wholes, strict=True)]
    return Constraint(tuple(coefficients), relation, _small(bound.numerator if bound.denominator == 1 else bound))


def _small(number: Any) -> Any:
    if number.numerator.bit_length() > MAX_BITS or number.denominator.bit_length() > MAX_BITS:
        raise Unsupported(f"a number of more than {MAX_BITS} bits")
    return number


def combined(parts: Iterable[tuple[Constraint, int]], integer: Integer) -> Constraint:
    """The sum of constraints times multipliers. Raises Gap where one would turn an inequality around."""
    relation = "="
    total: Form = {}
    for each, multiplier in parts:
        if each.relation != "=":
            if multiplier <= 0:  # 0 too: it would make 0 < 0 of x < 1
                raise Gap(f"an inequality times {multiplier}")
            relation = "<" if "<" in (relation, each.relation) else "<="
        _add(total, multiplier, each.coefficients)
        _add(total, -multiplier, [(ONE, each.bound)])
    return constraint(_without_zeros(total), relation, integer)


def split(form: Form, bound: int, integer: Integer) -> tuple[Constraint, Constraint]:
    """form <= bound and form >= bound + 1, for a sum of integers with whole coefficients and nothing added."""
    below = constraint(added((1, form), (-bound, {ONE: 1})), "<=", integer)
    above = constraint(added((-1, form), (bound + 1, {ONE: 1})), "<=", integer)
    return below, above
