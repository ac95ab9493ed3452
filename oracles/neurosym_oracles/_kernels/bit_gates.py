"""Gates over bits as clauses, after Tseitin ("On the complexity of derivation in propositional calculus", 1968).

Contract: whatever values the inputs take, the clauses have a model with these values, and in it the bit that a gate
returned is the value of the gate. So clauses without a model mean that no input has what was required of it.

A bit is a literal: a variable, or its negative. `TRUE` is the variable 1, which the first clause sets. A gate of known
bits is folded, and equal gates are one, so that a circuit's numbers depend on nothing but the order of its gates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from neurosym_oracles._kernels.smtlib_syntax import Unsupported

Word: TypeAlias = Sequence[int]
"""Bits, the least significant first."""

TRUE, FALSE = 1, -1

MAX_WORK = 300_000
"""Most bits in and out of terms and gates: half a second of Python, and some hundred megabytes."""


class Gates:
    """A circuit as it is built: its `clauses`, over the variables 1…`variables`."""

    def __init__(self) -> None:
        self.variables = TRUE
        self.clauses: list[tuple[int, ...]] = [(TRUE,)]
        self._outputs: dict[tuple[str | int, ...], int] = {}
        self._work = 0

    def spend(self, bits: int) -> None:
        """Count bits that something is done with. Raises Unsupported where they are too many."""
        self._work += bits
        if self._work > MAX_WORK:
            raise Unsupported(f"a circuit of more than {MAX_WORK} bits in and out of its gates")

    def inputs(self, count: int) -> Word:
        """New bits of any value."""
        first = self.variables + 1
        self.variables += count
        return range(first, first + count)

    def require(self, bit: int) -> None:
        """Only models in which the bit is 1 remain."""
        self.clauses.append((bit,))

    def every(self, bits: Iterable[int]) -> int:
        """1 if all bits are."""
        factors = sorted({bit for bit in bits if bit != TRUE})
        self.spend(1 + len(factors))
        if FALSE in factors or not {-bit for bit in factors}.isdisjoint(factors):
            return FALSE
        if len(factors) < 2:
            return factors.pop() if factors else TRUE
        out, new = self._output("every", *factors)
        if new:
            self.clauses += [(-out, bit) for bit in factors]
            self.clauses.append((out, *[-bit for bit in factors]))
        return out

    def some(self, bits: Iterable[int]) -> int:
        """1 if any bit is."""
        return -self.every([-bit for bit in bits])

    def differ(self, x: int, y: int) -> int:
        """1 if the two bits differ."""
        self.spend(2)
        a, b = sorted((abs(x), abs(y)))
        if a == b:
            out = FALSE
        elif a == TRUE:
            out = -b
        else:
            out, new = self._output("differ", a, b)
            if new:
                self.clauses += [(-out, a, b), (-out, -a, -b), (out, -a, b), (out, a, -b)]
        return out if (x < 0) == (y < 0) else -out

    def choose(self, condition: int, x: int, y: int) -> int:
        """x if the condition is 1, else y."""
        self.spend(3)
        if condition < 0:
            condition, x, y = -condition, y, x
        if condition == TRUE or x == y:
            return x
        if x == -y:
            return -self.differ(condition, x)
        if x == TRUE:
            return self.some((condition, y))
        if x == FALSE:
            return self.every((-condition, y))
        if y == TRUE:
            return self.some((-condition, x))
        if y == FALSE:
            return self.every((condition, x))
        out, new = self._output("choose", condition, x, y)
        if new:
            self.clauses += [(-condition, -x, out), (-condition, x, -out), (condition, -y, out), (condition, y, -out)]
        return out

    def _output(self, *gate: str | int) -> tuple[int, bool]:
        """The variable of a gate, and whether it is a new one."""
        known = self._outputs.get(gate)
        if known is not None:
            return known, False
        self.variables += 1
        self._outputs[gate] = self.variables
        return self.variables, True
