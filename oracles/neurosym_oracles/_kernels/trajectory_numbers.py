"""Exact numbers of a trajectory: JSON integers, and texts such as "-0.125". Nothing else is a number here.

Contract: at most 9 digits before the point and 20 behind it, ASCII digits, no exponent, no plus sign, no underscore, no
blank, no leading zeros. So neither nan nor inf can be written, and a million digits are refused at the tenth.
"""

from __future__ import annotations

import re
from fractions import Fraction

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,20})?")
_LARGEST = 10**9


class Malformed(ValueError):
    """A problem or an answer is not of the form that the kind asks for; the message names the place."""


def number(value: object, place: str) -> Fraction:
    """The exact value of an integer or a decimal text. Raises Malformed, naming `place`."""
    if type(value) is int and -_LARGEST < value < _LARGEST:
        return Fraction(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Fraction(value)
    shown = f"{value[:24]!r}" if isinstance(value, str) else f"a value of type {type(value).__name__}"
    raise Malformed(f'{place}: {shown} is no number: want a small integer, or a text such as "-0.125"')
