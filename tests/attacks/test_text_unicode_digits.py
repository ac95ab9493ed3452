"""Digits of other scripts: Python's int(), str.isdigit() and `\\d` take 660 of them (int("١") is 1, "²".isdigit() is
True).
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

ZEROS = {
    "Arabic": 0x660,
    "Devanagari": 0x966,
    "Bengali": 0x9E6,
    "Thai": 0xE50,
    "mathematical bold": 0x1D7CE,
    "superscript": 0x2070,
}


@every_family
@pytest.mark.parametrize("script", ZEROS)
def test_digits_of_other_scripts_are_no_digits(family, script):
    text = right(family).translate({ord("0") + value: ZEROS[script] + value for value in range(10)})
    if text != right(family):
        assert judged(family, text) == "malformed"
