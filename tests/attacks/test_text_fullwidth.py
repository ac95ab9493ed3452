"""Fullwidth forms: NFKC normalisation and Python's int() turn them into ASCII (int("\\uff11") is 1)."""

from __future__ import annotations

from attack import every_family, judged, right

WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


@every_family
def test_wide_characters_are_none_of_ours(family):
    text = right(family)
    assert judged(family, text.translate(WIDE)) == "malformed"
    for place, character in enumerate(text):
        if ord(character) in WIDE:
            assert judged(family, text[:place] + character.translate(WIDE) + text[place + 1 :]) == "malformed"
