"""Ten megabytes, and a megabyte of brackets: refused at once.

Source: issue 4.
"""

from __future__ import annotations

import time

from lean4_attack import FALSE, check, unsupported


def test_in_no_time():
    for answer in ("(" * 10_000_000, "exact rfl\n" * 1_000_000, "(" * 500_000 + ")" * 500_000, "a" * 10_000_000):
        start = time.process_time()
        unsupported(check(answer, FALSE), "characters of Lean, more than")
        assert time.process_time() - start < 0.1


def test_deep_nesting():
    unsupported(check("(" * 300 + "rfl" + ")" * 300, FALSE), "nested deeper")
