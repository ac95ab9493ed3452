"""Spellings that Python's int() takes and no standard does: underscores, plus signs, leading zeros, blanks around (PEP
515).
"""

from __future__ import annotations

import re

import pytest
from attack import every_family, judged, right

FORMS = [
    "{}_0",
    "0{}",
    "+{}",
    "{}.0",
    "{}e0",
    "0x{}",
    "{}L",
    "--{}",
    "- {}",
    "{}\u00a0",
    "0b{}",
    "{}/1",
    "({})",
    "{},0",
]


@every_family
@pytest.mark.parametrize("form", FORMS)
def test_an_integer_has_one_spelling(family, form):
    text = right(family)
    numbers = [match.span() for match in re.finditer(r"(?<![a-z0-9])[1-9]", text)]
    for start, end in numbers:
        assert judged(family, text[:start] + form.format(text[start:end]) + text[end:]) == "malformed"
