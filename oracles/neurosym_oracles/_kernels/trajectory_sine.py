"""Sine and cosine of a fixed-point number, in integers alone: the same on every machine, with a proved error.

Method: halve the angle until it is below 2^-8, sum the Taylor series of exp(i t), and square the complex number as
often as the angle was halved. All is done with 40 bits more than asked for. The series' floors and its first missing
term make an error below 64 units of those; a squaring at most doubles it and adds 2 units (|z| is 1 up to 2^-60). With
at most 28 halvings the error stays below 2^28 * 67 * 1.01 < 2^39 such units: half a unit of the result, which is then
floored.
"""

from __future__ import annotations

from functools import lru_cache

LARGEST = 1 << 20
_GUARD = 40


class TooLarge(ValueError):
    """An angle beyond `LARGEST` radians."""


@lru_cache(maxsize=16)  # a step asks four times for the same angle
def sine_cosine(angle: int, bits: int) -> tuple[int, int]:
    """sin and cos of angle / 2^bits, times 2^bits, each within 2 of the exact value. Raises TooLarge."""
    if abs(angle) >> bits >= LARGEST:
        raise TooLarge(f"an angle beyond {LARGEST} radians")
    halvings = max(0, abs(angle).bit_length() - bits + 8)
    work = bits + _GUARD
    t = (angle << _GUARD) >> halvings
    cosine, sine = 1 << work, 0
    term, order = 1 << work, 0
    while abs(term) > 1:
        order += 1
        term = (term * t >> work) // order
        if order % 2:
            sine += term if order % 4 == 1 else -term
        else:
            cosine += term if order % 4 == 0 else -term
    for _ in range(halvings):
        cosine, sine = (cosine * cosine - sine * sine) >> work, cosine * sine >> (work - 1)
    return sine >> _GUARD, cosine >> _GUARD
