"""Marks that turn the direction of text: what is shown is not what is read ("Trojan Source", CVE-2021-42574)."""

from __future__ import annotations

import pytest
from attack import every_family, judged, right


@every_family
@pytest.mark.parametrize("mark", ["\u202e", "\u202d", "\u2066", "\u2067", "\u2069", "\u200f", "\u061c"], ids=ascii)
def test_a_turned_text_is_no_answer(family, mark):
    text = right(family)
    for turned in (mark + text, text + mark, mark + text[::-1], text.replace(" ", f" {mark}", 1)):
        assert judged(family, turned) == "malformed"
