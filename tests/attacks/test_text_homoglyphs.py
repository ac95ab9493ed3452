"""Letters of other alphabets that look like ASCII ones (Unicode TR 39, "confusables"): Cyrillic а, Greek ο and more."""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

LOOKALIKES = {
    "a": "\u0430",
    "o": "\u03bf",
    "c": "\u0441",
    "p": "\u0440",
    "x": "\u0445",
    "y": "\u0443",
    "s": "\u0455",
    "1": "l",
    "-": "\u2212",
    "(": "\uff08",
    "=": "\ua78a",
    "2": "\u01bb",
    "{": "\uff5b",
}


@every_family
@pytest.mark.parametrize("letter", LOOKALIKES)
def test_a_lookalike_is_another_letter(family, letter):
    text = right(family).replace(letter, LOOKALIKES[letter])
    if text != right(family):
        assert judged(family, text) in ("malformed", "wrong")
        assert judged(family, right(family).replace(letter, LOOKALIKES[letter], 1)) in ("malformed", "wrong")
