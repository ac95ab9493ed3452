"""One branch of a refutation: what a script asserts, what is assumed beside it, and all that this says at once.

Contract: as long as `contradiction` is None nothing is claimed. Where it is not, no model of the script satisfies all
that was assumed. This is an analytic tableau (Smullyan, "First-Order Logic", 1968) with linear constraints for leaves.

`items` are what a certificate refers to by their place: constraints, and alternatives of which at least one holds.
They come in the order in which they are found: first what the assertions say, one after another, a conjunction or a
chain from left to right, a negation inwards; then the definitions of `ite`, `abs`, `div` and `mod` by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, pairwise

from neurosym_oracles._kernels.linear_constraints import FALSE, Constraint
from neurosym_oracles._kernels.linear_terms import Alternatives, Fact, LinearTerms
from neurosym_oracles._kernels.smtlib_script import Script
from neurosym_oracles._kernels.smtlib_syntax import Unsupported

MAX_DISTINCT = 500  # arguments of which any two differ


class Branch:
    """What is known. `spend` is told of the work, and may raise to end it. What is not linear raises Unsupported."""

    def __init__(self, script: Script, spend: Callable[[int], None]) -> None:
        self.terms = LinearTerms(script.nodes, spend)
        self.items: list[Constraint | Alternatives] = []
        self.contradiction: Fact | None = None
        self.truths: dict[int, bool] = {}
        self._nodes = script.nodes
        self._spend = spend
        self._meanings: dict[tuple[int, bool], list[Alternatives]] = {}
        self.assume([(root, True) for root in script.assertions])
        needed = set(script.assertions)
        for number in range(len(script.nodes) - 1, -1, -1):
            if number in needed:
                needed.update(script.nodes[number].arguments)
        for number in sorted(needed):
            self.assume(self._learn(self.terms.definition(number)))

    def mark(self) -> tuple[int, int]:
        return len(self.items), len(self.truths)

    def undo(self, mark: tuple[int, int]) -> None:
        """Forget what was assumed since the mark."""
        items, truths = mark
        del self.items[items:]
        while len(self.truths) > truths:
            self.truths.popitem()  # the latest
        self.contradiction = None

    def assume(self, facts: Iterable[Fact]) -> None:
        """Add facts and what they say, until one contradicts what is known."""
        pending = [iter(facts)]
        while pending and self.contradiction is None:
            fact = next(pending[-1], None)
            if fact is None:
                pending.pop()
                continue
            self._spend(1)
            if isinstance(fact, Constraint):
                self.items.append(fact)
                if fact == FALSE:
                    self.contradiction = fact
                continue
            number, truth = fact
            literal = self._nodes[number].operator == "literal"
            known = self._nodes[number].indices[0] if literal else self.truths.get(number)
            if known is None:
                self.truths[number] = truth
                pending.append(self._learn(self.said(number, truth)))
            elif known != truth:
                self.contradiction = fact

    def _learn(self, meaning: list[Alternatives]) -> Iterator[Fact]:
        """The facts that hold in any case; what leaves a choice becomes an item."""
        for alternatives in meaning:
            self._spend(len(alternatives))
            if len(alternatives) == 1:
                yield from alternatives[0]
            else:
                self.items.append(alternatives)

    def said(self, number: int, truth: bool) -> list[Alternatives]:
        """What it says of a node's arguments that the node is true, or false: in each of the lists, one holds."""
        if (number, truth) not in self._meanings:
            meaning = self._meanings[number, truth] = self._meaning(number, truth)
            self.terms.keep(1 + sum(map(len, meaning)))
        return self._meanings[number, truth]

    def _meaning(self, number: int, truth: bool) -> list[Alternatives]:
        operator, _, arguments, _ = self._nodes[number]
        if operator == "constant":
            return []
        if operator == "not":
            return [[((arguments[0], not truth),)]]
        if operator == "ite":
            condition, then, otherwise = arguments
            return [[((condition, True), (then, truth)), ((condition, False), (otherwise, truth))]]
        if operator in ("and", "or", "=>"):
            parts = [(each, truth) for each in arguments]
            if operator == "=>":
                parts[:-1] = [(each, not truth) for each in arguments[:-1]]
            return [[(part,)] for part in parts] if truth is (operator == "and") else [[(part,) for part in parts]]
        if operator == "xor" and len(arguments) == 2:
            return [self._pair("=", not truth, *arguments)]
        if operator == "distinct" and len(arguments) <= MAX_DISTINCT:
            pairs: Iterable[tuple[int, int]] = combinations(arguments, 2)
            relation, holds = "=", not truth
        elif operator in ("=", "<", "<=", ">", ">="):
            pairs = pairwise(arguments)
            relation, holds = operator, truth
        else:
            raise Unsupported(f"{operator} is no part of linear arithmetic here")
        said = [self._pair(relation, holds, left, right) for left, right in pairs]
        return said if truth else [[alternative for alternatives in said for alternative in alternatives]]

    def _pair(self, relation: str, holds: bool, left: int, right: int) -> Alternatives:
        """The ways in which two terms stand in a relation, or do not."""
        if self._nodes[left].sort == "Bool":
            return [((left, True), (right, holds)), ((left, False), (right, not holds))]
        if relation in (">", ">="):
            left, right, relation = right, left, {">": "<", ">=": "<="}[relation]
        if holds:
            return [(self.terms.compared(left, relation, right),)]
        if relation == "=":
            return [(self.terms.compared(left, "<", right),), (self.terms.compared(right, "<", left),)]
        return [(self.terms.compared(right, "<=" if relation == "<" else "<", left),)]
