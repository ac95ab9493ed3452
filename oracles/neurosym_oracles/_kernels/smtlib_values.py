"""What a value looks like: literals in a script (SMT-LIB 2.6, section 3.1 and the theories) and values in an answer.

sort        a value here            in an answer, one form for each value
Bool        bool                    true, false
Int         int                     a JSON integer
Real        Fraction                a JSON integer, or "p/q" in lowest terms with q > 1
bit-vector  int, not negative       "#b…" or "#x…" of exactly the sort's width
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import gcd
from typing import TypeAlias

from neurosym_oracles._kernels.smtlib_signatures import MAX_BITS, Sort, require_width
from neurosym_oracles._kernels.smtlib_syntax import MAX_DIGITS, Expression, Malformed, Unsupported, numeral, shorten

Value: TypeAlias = bool | int | Fraction

EVERY_SORT = frozenset(("Bool", "Int", "Real", "BitVec"))

_DECIMAL = re.compile(r"(0|[1-9][0-9]*)\.([0-9]+)")
_BITS, _HEXADECIMAL = re.compile(r"#b[01]+"), re.compile(r"#x[0-9a-fA-F]+")
_BIT_VECTOR_NUMERAL = re.compile(r"bv(0|[1-9][0-9]*)")
_RATIO = re.compile(r"(-?[1-9][0-9]*)/([1-9][0-9]*)")


def named_sort(expression: Expression, sorts: frozenset[str]) -> Sort:
    """The sort that an expression names. Raises Unsupported where the logic, or this subset, has none such."""
    if isinstance(expression, str):
        if expression in sorts and expression != "BitVec":
            return expression
    elif len(expression) == 3 and expression[:2] == ["_", "BitVec"] and "BitVec" in sorts:
        width = numeral(expression[2])
        if width == 0:
            raise Malformed("a bit-vector of no bits")
        require_width(width)
        return width
    raise Unsupported(f"no sort {shorten(expression)} in this logic")


def literal(token: str, sorts: frozenset[str]) -> tuple[Value, Sort]:
    """The value and sort of a literal in a logic that has `sorts`. Raises Malformed or Unsupported."""
    if token[0] == "#":
        width = bits_of(token)
        if width is None or "BitVec" not in sorts:
            raise Malformed(f"{shorten(token)} is no literal of this logic")
        require_width(width)
        return int(token[2:], 2 if token[1] == "b" else 16), width
    if token[0] == '"':
        raise Unsupported("a string")
    if decimal := _DECIMAL.fullmatch(token):
        if "Real" not in sorts:
            raise Malformed(f"{shorten(token)} in a logic without reals")
        if len(token) > MAX_DIGITS:
            raise Unsupported(f"a number of {len(token)} digits, more than {MAX_DIGITS}")
        return Fraction(int(decimal[1] + decimal[2]), 10 ** len(decimal[2])), "Real"
    value = numeral(token)
    if "Int" in sorts:
        return value, "Int"
    if "Real" in sorts:  # a logic of reals alone reads 7 as 7.0
        return Fraction(value), "Real"
    raise Malformed(f"{shorten(token)} in a logic without numbers")


def indexed_literal(expression: list[Expression], sorts: frozenset[str]) -> tuple[Value, Sort]:
    """The bit-vector (_ bvN width). Raises Malformed, or Unsupported for another indexed constant."""
    if len(expression) != 3 or not isinstance(expression[1], str) or "BitVec" not in sorts:
        raise Unsupported("an indexed constant that is no bit-vector")
    match = _BIT_VECTOR_NUMERAL.fullmatch(expression[1])
    if match is None:
        raise Unsupported(f"the indexed constant {shorten(expression[1])}")
    value, width = numeral(match[1]), numeral(expression[2])
    if width == 0:
        raise Malformed("a bit-vector of no bits")
    require_width(width)
    if value >> width:
        raise Malformed(f"bv{value} does not fit {width} bits")
    return value, width


def bits_of(token: str) -> int | None:
    """The width of a bit-vector literal, or None where it is none."""
    if _BITS.fullmatch(token):
        return len(token) - 2
    return 4 * (len(token) - 2) if _HEXADECIMAL.fullmatch(token) else None


def answered(value: object, sort: Sort) -> Value:
    """The value that an answer gives to a constant. Raises Malformed, or Unsupported where it is too large."""
    if sort == "Bool" and isinstance(value, bool):
        return value
    if sort in ("Int", "Real") and type(value) is int:
        if value.bit_length() > MAX_BITS:
            raise Unsupported(f"a value of {value.bit_length()} bits, more than {MAX_BITS}")
        return value if sort == "Int" else Fraction(value)
    if sort == "Real" and isinstance(value, str) and (ratio := _RATIO.fullmatch(value)):
        if len(value) > MAX_DIGITS:
            raise Unsupported(f"a value of {len(value)} digits, more than {MAX_DIGITS}")
        numerator, denominator = int(ratio[1]), int(ratio[2])
        if denominator > 1 and gcd(numerator, denominator) == 1:
            return Fraction(numerator, denominator)
    if isinstance(sort, int) and isinstance(value, str) and len(value) <= sort + 2 and bits_of(value) == sort:
        return int(value[2:], 2 if value[1] == "b" else 16)
    raise Malformed(f"{shorten(value)} is no value of sort {sort_name(sort)}")


def sort_name(sort: Sort) -> str:
    return f"(_ BitVec {sort})" if isinstance(sort, int) else sort
