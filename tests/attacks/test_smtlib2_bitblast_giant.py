"""Scripts of a few characters whose circuits have millions of gates, and giant proofs that show nothing."""

from __future__ import annotations

import time

import pytest
from bitblast_attack import CLAIM, refuted

NAMES = "(declare-const x (_ BitVec 4096))(declare-const y (_ BitVec 4096))"


@pytest.mark.parametrize(
    "claim",
    [
        "(= x (bvmul x y))",
        "(= x (bvsmod y x))",
        "(= x (bvmul x x x x x x x x))",
        f"(= x {'(bvnot ' * 500}x{')' * 500})",
        f"(= x (bvor {'x ' * 1000}))",
        f"(= x (bvudiv #x{'f' * 1024} #x{'7' * 1024}))",
        "(= x (bvshl x y) (bvshl y x) (bvadd (bvshl x x) y))",
    ],
)
def test_they_are_unsupported_within_seconds(claim):
    start = time.thread_time()
    assert refuted(f"{NAMES}(assert {claim})", {"lrat": "2 0 1 0\n"}).reason == "unsupported"
    assert time.thread_time() - start < 3


def test_giant_proofs():
    start = time.thread_time()
    assert refuted(CLAIM, {"lrat": "1 0 0\n" * 20_000_000}).reason == "unsupported"
    assert refuted(CLAIM, {"lrat": "(" * 10_000_000}).status == "malformed"
    assert time.thread_time() - start < 1
