"""Circuits for the functions of fixed-size bit-vectors and of Core: SMT-LIB 2.6, and the logic QF_BV.

Each takes the gates to build with, the indices, and the arguments as words, and gives a word. A truth value is a word
of one bit. `smtlib_bitvectors` has the same functions of numbers; tests hold one against the other, input by input.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import combinations

from neurosym_oracles._kernels.bit_arithmetic import (
    add,
    below,
    below_signed,
    choice,
    divide,
    divide_signed,
    equal,
    inverse,
    modulo_signed,
    multiply,
    negate,
    remainder_signed,
    rotate,
    shift,
    subtract,
)
from neurosym_oracles._kernels.bit_gates import FALSE, Gates, Word


def _parity(gates: Gates, *bits: int) -> int:
    return reduce(gates.differ, bits)


def _each(gate: Callable[..., int]) -> Callable[..., Word]:
    """A gate for each place, of the bits that the words have there."""
    return lambda gates, *words: [gate(gates, *bits) for bits in zip(*words, strict=True)]


_all = _each(lambda gates, *bits: gates.every(bits))
_any = _each(lambda gates, *bits: gates.some(bits))
_xor = _each(_parity)

CIRCUITS: dict[str, Callable[..., Word]] = {
    "not": lambda gates, x: inverse(x),
    "and": _all,
    "or": _any,
    "xor": _xor,
    "=>": lambda gates, *words: _any(gates, *map(inverse, words[:-1]), words[-1]),
    "=": lambda gates, *words: [gates.every([equal(gates, words[0], word) for word in words[1:]])],
    "distinct": lambda gates, *words: [gates.every([-equal(gates, x, y) for x, y in combinations(words, 2)])],
    "ite": lambda gates, condition, x, y: choice(gates, condition[0], x, y),
    "concat": lambda gates, x, y: [*y, *x],
    "extract": lambda gates, high, low, x: x[low : high + 1],
    "repeat": lambda gates, times, x: [*x] * times,
    "zero_extend": lambda gates, more, x: [*x, *[FALSE] * more],
    "sign_extend": lambda gates, more, x: [*x, *[x[-1]] * more],
    "rotate_left": lambda gates, steps, x: rotate(x, -steps),
    "rotate_right": lambda gates, steps, x: rotate(x, steps),
    "bvnot": lambda gates, x: inverse(x),
    "bvneg": negate,
    "bvand": _all,
    "bvor": _any,
    "bvxor": _xor,
    "bvnand": lambda gates, x, y: inverse(_all(gates, x, y)),
    "bvnor": lambda gates, x, y: inverse(_any(gates, x, y)),
    "bvxnor": lambda gates, x, y: inverse(_xor(gates, x, y)),
    "bvadd": lambda gates, *words: reduce(lambda x, y: add(gates, x, y)[0], words),
    "bvmul": lambda gates, *words: reduce(lambda x, y: multiply(gates, x, y), words),
    "bvsub": lambda gates, x, y: subtract(gates, x, y)[0],
    "bvudiv": lambda gates, x, y: divide(gates, x, y)[0],
    "bvurem": lambda gates, x, y: divide(gates, x, y)[1],
    "bvsdiv": divide_signed,
    "bvsrem": remainder_signed,
    "bvsmod": modulo_signed,
    "bvshl": lambda gates, x, y: shift(gates, FALSE, x[::-1], y)[::-1],
    "bvlshr": lambda gates, x, y: shift(gates, FALSE, x, y),
    "bvashr": lambda gates, x, y: shift(gates, x[-1], x, y),
    "bvult": lambda gates, x, y: [below(gates, x, y)],
    "bvule": lambda gates, x, y: [-below(gates, y, x)],
    "bvugt": lambda gates, x, y: [below(gates, y, x)],
    "bvuge": lambda gates, x, y: [-below(gates, x, y)],
    "bvslt": lambda gates, x, y: [below_signed(gates, x, y)],
    "bvsle": lambda gates, x, y: [-below_signed(gates, y, x)],
    "bvsgt": lambda gates, x, y: [below_signed(gates, y, x)],
    "bvsge": lambda gates, x, y: [-below_signed(gates, x, y)],
    "bvcomp": lambda gates, x, y: [equal(gates, x, y)],
}
