"""The functions of fixed-size bit-vectors: SMT-LIB 2.6, theory FixedSizeBitVectors and logic QF_BV.

A value is a natural number below 2**width. Each function takes the width of its last argument, the indices, and the
values. Division by zero is defined here: bvudiv gives all ones, bvurem its first argument.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce


def _ones(width: int) -> int:
    return (1 << width) - 1


def _signed(width: int, x: int) -> int:
    return x - (1 << width) if x >> (width - 1) else x


def _udiv(width: int, x: int, y: int) -> int:
    return x // y if y else _ones(width)


def _urem(width: int, x: int, y: int) -> int:
    return x % y if y else x


def _sdiv(width: int, x: int, y: int) -> int:
    """Of the magnitudes, negated if the signs differ."""
    a, b = _signed(width, x), _signed(width, y)
    quotient = _udiv(width, abs(a), abs(b))
    return (-quotient if (a < 0) != (b < 0) else quotient) & _ones(width)


def _srem(width: int, x: int, y: int) -> int:
    """Of the magnitudes, with the sign of the dividend."""
    a = _signed(width, x)
    remainder = _urem(width, abs(a), abs(_signed(width, y)))
    return (-remainder if a < 0 else remainder) & _ones(width)


def _smod(width: int, x: int, y: int) -> int:
    """With the sign of the divisor: rounding down, as Python's % does."""
    return (_signed(width, x) % _signed(width, y)) & _ones(width) if y else x


def _rotate_left(width: int, steps: int, x: int) -> int:
    steps %= width
    return (x << steps | x >> (width - steps)) & _ones(width)


def _product(width: int, *values: int) -> int:
    product = 1
    for value in values:
        product = product * value & _ones(width)
    return product


BIT_VECTOR_FUNCTIONS: dict[str, Callable[..., int]] = {
    "concat": lambda width, x, y: x << width | y,
    "extract": lambda width, high, low, x: x >> low & _ones(high - low + 1),
    "repeat": lambda width, times, x: x * (_ones(width * times) // _ones(width)),
    "zero_extend": lambda width, more, x: x,
    "sign_extend": lambda width, more, x: _signed(width, x) & _ones(width + more),
    "rotate_left": _rotate_left,
    "rotate_right": lambda width, steps, x: _rotate_left(width, -steps, x),
    "bvnot": lambda width, x: x ^ _ones(width),
    "bvneg": lambda width, x: -x & _ones(width),
    "bvand": lambda width, *values: reduce(operator.and_, values),
    "bvor": lambda width, *values: reduce(operator.or_, values),
    "bvxor": lambda width, *values: reduce(operator.xor, values),
    "bvnand": lambda width, x, y: (x & y) ^ _ones(width),
    "bvnor": lambda width, x, y: (x | y) ^ _ones(width),
    "bvxnor": lambda width, x, y: x ^ y ^ _ones(width),
    "bvadd": lambda width, *values: sum(values) & _ones(width),
    "bvmul": _product,
    "bvsub": lambda width, x, y: x - y & _ones(width),
    "bvudiv": _udiv,
    "bvurem": _urem,
    "bvsdiv": _sdiv,
    "bvsrem": _srem,
    "bvsmod": _smod,
    "bvshl": lambda width, x, y: x << y & _ones(width) if y < width else 0,
    "bvlshr": lambda width, x, y: x >> y if y < width else 0,
    "bvashr": lambda width, x, y: _signed(width, x) >> min(y, width) & _ones(width),
    "bvult": lambda width, x, y: x < y,
    "bvule": lambda width, x, y: x <= y,
    "bvugt": lambda width, x, y: x > y,
    "bvuge": lambda width, x, y: x >= y,
    "bvslt": lambda width, x, y: _signed(width, x) < _signed(width, y),
    "bvsle": lambda width, x, y: _signed(width, x) <= _signed(width, y),
    "bvsgt": lambda width, x, y: _signed(width, x) > _signed(width, y),
    "bvsge": lambda width, x, y: _signed(width, x) >= _signed(width, y),
    "bvcomp": lambda width, x, y: int(x == y),
}
