"""A text of nothing but brackets overflows parsers that recurse."""

from __future__ import annotations

import time

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("(" * 100_000, "full stop"),
        ("exact " + "(" * 1000 + "I" + ")" * 1000 + ".", "nested deeper"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)


@pytest.mark.parametrize(
    "script", ["(" * 1_000_000, "(*" * 500_000, "exact " + "(" * 100_000 + ".", "- " * 1_000_000, "x" * 10_000_000]
)
def test_quickly(script):
    start = time.process_time()
    refused(script, "")
    assert time.process_time() - start < 0.5
