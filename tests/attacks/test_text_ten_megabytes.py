"""Answers of 10 MB: a parser that copies or searches them again and again hangs its worker (CWE-400)."""

from __future__ import annotations

import time

import pytest
from attack import every_family, judged, right

SIZE = 10 << 20


@every_family
@pytest.mark.parametrize("filler", ["(", "a", " ", "\n", "1 ", "(a b)\n", "-", "sat 1 ", "x = 1, ", "\0", "é"])
def test_ten_megabytes_are_refused_at_once(family, filler):
    start = time.thread_time()
    assert judged(family, right(family) + filler * (SIZE // len(filler))) == "malformed"
    assert time.thread_time() - start < 0.5
