"""Judges a model of an SMT-LIB script: evaluates every assertion exactly, with integers, fractions and bit strings.

The functions are those of the theories Core, Ints, Reals and Reals_Ints of SMT-LIB 2.6, and of bit-vectors. There, a
division by zero with `/`, `div` or `mod` can have any value: a model for which a term in the assertions divides by zero
is left undecided. No term is skipped, so the order of evaluation decides nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import floor
from typing import Any, NamedTuple

from neurosym_oracles._kernels.smtlib_bitvectors import BIT_VECTOR_FUNCTIONS
from neurosym_oracles._kernels.smtlib_script import Script
from neurosym_oracles._kernels.smtlib_signatures import MAX_BITS
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported, shorten
from neurosym_oracles._kernels.smtlib_terms import Node
from neurosym_oracles._kernels.smtlib_values import Value, answered


class Finding(NamedTuple):
    """`status` is "correct", "wrong", "malformed" or "unsupported"."""

    status: str
    detail: str


def judge_model(script: Script, model: Mapping[str, object]) -> Finding:
    """Whether `model`, a value for each declared constant and for nothing else, makes every assertion true."""
    for name in model:
        if name not in script.constants:
            return Finding("malformed", f"a value for {shorten(name)}, which is not declared")
    for name in script.constants:
        if name not in model:
            return Finding("malformed", f"no value for {shorten(name)}")
    try:
        constants = {name: answered(model[name], sort) for name, sort in script.constants.items()}
    except Malformed as error:
        return Finding("malformed", str(error))
    except Unsupported as error:
        return Finding("unsupported", str(error))
    try:
        truths = evaluate(script.nodes, script.assertions, constants)
    except Unsupported as error:
        return Finding("unsupported", str(error))
    for number, truth in enumerate(truths, 1):
        if truth is not True:
            return Finding("wrong", f"assertion {number} of {len(truths)} is false")
    return Finding("correct", f"{len(truths)} assertions are true")


def evaluate(nodes: Sequence[Node], roots: Sequence[int], constants: Mapping[str, Value]) -> list[Value]:
    """The values of the terms `roots`. Raises Unsupported where one divides by zero or grows too large."""
    needed = bytearray(len(nodes))
    for root in roots:
        needed[root] = True
    for number in range(max(roots, default=-1), -1, -1):
        if needed[number]:
            for argument in nodes[number].arguments:
                needed[argument] = True
    values: list[Any] = [None] * len(nodes)
    for number, node in enumerate(nodes):
        if not needed[number]:
            continue
        name, indices, arguments, _ = node
        if name == "constant":
            values[number] = constants[indices[0]]
        elif name == "literal":
            values[number] = indices[0]
        elif name in _FUNCTIONS:
            values[number] = _FUNCTIONS[name](*indices, *[values[argument] for argument in arguments])
        else:
            width = nodes[arguments[-1]].sort
            values[number] = BIT_VECTOR_FUNCTIONS[name](width, *indices, *[values[argument] for argument in arguments])
    return [values[root] for root in roots]


def _fold(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A left-associative function of numbers that stay below 2**MAX_BITS, above and below the fraction's line."""

    def bounded(x: Any, y: Any) -> Any:
        result = step(x, y)
        if result.numerator.bit_length() > MAX_BITS or result.denominator.bit_length() > MAX_BITS:
            raise Unsupported(f"a number of more than {MAX_BITS} bits")
        return result

    return lambda *values: reduce(bounded, values)


def _chain(related: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda *values: all(map(related, values, values[1:]))


def _nonzero(divisor: Any) -> Any:
    if divisor == 0:
        raise Unsupported("a division by zero, which SMT-LIB leaves open")
    return divisor


def _div(x: int, y: int) -> int:
    """The quotient for which the remainder x - y * q is in 0 … |y| - 1."""
    divisor: int = _nonzero(y)
    return (x - x % abs(divisor)) // divisor


_difference = _fold(operator.sub)

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "not": operator.not_,
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "xor": lambda *values: sum(values) % 2 == 1,
    "=>": lambda *values: values[-1] or not all(values[:-1]),
    "=": lambda *values: values.count(values[0]) == len(values),
    "distinct": lambda *values: len(set(values)) == len(values),
    "ite": lambda condition, then, otherwise: then if condition else otherwise,
    "+": _fold(operator.add),
    "*": _fold(operator.mul),
    "-": lambda *values: _difference(*values) if len(values) > 1 else -values[0],
    "/": _fold(lambda x, y: x / _nonzero(y)),
    "div": _fold(_div),
    "mod": lambda x, y: x % abs(_nonzero(y)),
    "abs": abs,
    "divisible": lambda divisor, x: x % divisor == 0,
    "<": _chain(operator.lt),
    "<=": _chain(operator.le),
    ">": _chain(operator.gt),
    ">=": _chain(operator.ge),
    "to_real": Fraction,
    "to_int": floor,
    "is_int": lambda x: x.denominator == 1,
}
