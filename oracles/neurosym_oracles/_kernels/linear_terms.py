"""The arithmetic terms of a script as exact sums of variables.

Contract: a term has the value of its sum in every model of the script that satisfies what `definitions` says of the
variables. A variable is the number of a node: a declared constant, or a term that `ite`, `abs`, `div` or `mod` makes.
The quotient that a `mod` needs is an integer variable of its own, below ONE. What is not linear raises Unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias

from neurosym_oracles._kernels.linear_constraints import ONE, Constraint, Form, Number, added, constraint
from neurosym_oracles._kernels.smtlib_syntax import Unsupported
from neurosym_oracles._kernels.smtlib_terms import Node

Fact: TypeAlias = tuple[int, bool] | Constraint
"""The truth of a node of sort Bool, or a constraint."""

Alternatives: TypeAlias = list[tuple[Fact, ...]]
"""Conjunctions of facts, of which at least one holds."""

MAX_SIZE = 2_000_000  # terms and facts kept: some hundreds of megabytes

_SUMS = frozenset({"+", "-", "*", "/", "to_real"})
_DEFINED = frozenset({"ite", "abs", "div", "mod"})


class LinearTerms:
    """The terms of one script. `spend` is told of the work, and may raise to end it."""

    def __init__(self, nodes: Sequence[Node], spend: Callable[[int], None]) -> None:
        self._nodes = nodes
        self._spend = spend
        self._sums: dict[int, Form] = {}
        self._compared: dict[tuple[int, str, int], Constraint] = {}
        self._size = 0

    def integer(self, variable: int) -> bool:
        return variable < ONE or self._nodes[variable].sort == "Int"

    def keep(self, size: int) -> None:
        """Is told of so many terms or facts that are kept until the end."""
        self._spend(size)
        self._size += size
        if self._size > MAX_SIZE:
            raise Unsupported(f"more than {MAX_SIZE} terms and facts to keep")

    def compared(self, left: int, relation: str, right: int) -> Constraint:
        """That one term stands in a relation to another: "<=", "<" or "="."""
        key = left, relation, right
        if key not in self._compared:
            self._compared[key] = self._related(self._sum(left), relation, self._sum(right))
        return self._compared[key]

    def definition(self, number: int) -> list[Alternatives]:
        """What holds of a variable that is no declared constant; nothing for any other node."""
        operator, _, arguments, sort = self._nodes[number]
        if operator not in _DEFINED or sort not in ("Int", "Real"):
            return []
        own: Form = {number: 1}
        if operator == "ite":
            condition, then, otherwise = arguments
            equal = [self._related(own, "=", self._sum(each)) for each in (then, otherwise)]
            return [[((condition, True), equal[0]), ((condition, False), equal[1])]]
        value = self._sum(arguments[0])
        if operator == "abs":
            opposite = added((-1, value))
            at_least = (self._related({}, "<=", value), self._related(own, "=", value))
            return [[at_least, (self._related(value, "<", {}), self._related(own, "=", opposite))]]
        if len(arguments) != 2:
            raise Unsupported("div with more than two arguments")
        by = self._sum(arguments[1])
        if not _fixed(by):
            raise Unsupported("a division by a variable: not linear")
        divisor = _nonzero(by.get(ONE, 0))
        quotient = number if operator == "div" else ONE - 1 - number
        rest = added((1, value), (-divisor, {quotient: 1}))
        facts = [self._related({}, "<=", rest), self._related(rest, "<", {ONE: divisor if divisor > 0 else -divisor})]
        if operator == "mod":
            facts.append(self._related(own, "=", rest))
        return [[tuple(facts)]]

    def _related(self, left: Form, relation: str, right: Form) -> Constraint:
        self.keep(len(left) + len(right))
        return constraint(added((1, left), (-1, right)), relation, self.integer)

    def _sum(self, root: int) -> Form:
        """The sum that a term is, however deep it is."""
        pending = [root]
        while pending:
            number = pending[-1]
            operator, _, arguments, _ = self._nodes[number]
            missing = [each for each in arguments if each not in self._sums] if operator in _SUMS else []
            if number not in self._sums and not missing:
                self._sums[number] = self._shallow(number)
                self.keep(1 + len(arguments) + len(self._sums[number]))
            if missing:
                pending += missing
            else:
                pending.pop()
        return self._sums[root]

    def _shallow(self, number: int) -> Form:
        """The sum that a term is, where those of the arguments are known."""
        operator, indices, arguments, sort = self._nodes[number]
        sums = [self._sums[each] for each in arguments] if operator in _SUMS else []
        if sort not in ("Int", "Real"):
            raise Unsupported("a term that is no number")
        if operator == "constant" or operator in _DEFINED:
            return {number: 1}
        if operator == "literal":
            return added((indices[0], {ONE: 1}))
        if operator in ("+", "to_real"):
            return added(*[(1, each) for each in sums])
        if operator == "-":
            return added((1, sums[0]), *[(-1, each) for each in sums[1:]]) if len(sums) > 1 else added((-1, sums[0]))
        if operator in ("*", "/"):
            return self._product(operator, sums)
        raise Unsupported(f"{operator}: not linear here")

    def _product(self, operator: str, sums: Sequence[Form]) -> Form:
        """A product of which at most one factor has variables, or a quotient by numbers other than zero."""
        product, *others = sums
        for other in others:
            if operator == "*" and _fixed(product):
                product, other = other, product
            if not _fixed(other):
                raise Unsupported("a product of variables, or a division by one: not linear")
            number = other.get(ONE, 0)
            if operator == "/":
                number = Fraction(1) / _nonzero(number)
            product = added((number, product))
        return product


def _fixed(form: Form) -> bool:
    return form.keys() <= {ONE}


def _nonzero(divisor: Number) -> Number:
    if divisor == 0:
        raise Unsupported("a division by zero, which SMT-LIB leaves open")
    return divisor
