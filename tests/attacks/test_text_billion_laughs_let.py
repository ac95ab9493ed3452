"""The "billion laughs" of let: each name stands for the one before twice (CVE-2003-1564, for XML). Unfolded, 2^500
terms; and numbers that double their digits at each step.
"""

from __future__ import annotations

import time

from attack import script


def chain(depth, step, last):
    text = last.format(depth)
    for n in range(depth, 0, -1):
        text = f"(let ((y{n} {step.format(n - 1)})) {text})"
    return f"(declare-const y0 Int)(declare-const q0 Bool)(assert {text})(check-sat)"


def test_a_shared_term_is_read_once():
    start = time.thread_time()
    assert script(chain(500, "(+ y{0} y{0})", "(= y{0} 0)"), {"sat": {"y0": 0, "q0": True}}).proved
    assert script(chain(500, "(+ y{0} y{0})", "(= y{0} 0)"), {"sat": {"y0": 1, "q0": True}}).status == "wrong"
    assert time.thread_time() - start < 2


def test_numbers_that_double_their_digits_are_stopped():
    start = time.thread_time()
    verdict = script(chain(60, "(* y{0} y{0})", "(> y{0} 0)"), {"sat": {"y0": 3, "q0": True}})
    assert (verdict.status, verdict.reason) == ("undecided", "unsupported")
    wide = "(declare-const x (_ BitVec 8))" + "(assert (= x x))" * 3
    nested = "x"
    for _ in range(40):
        nested = f"(concat {nested} {nested})" if len(nested) < 5000 else nested
    assert script(f"{wide}(assert (= {nested} {nested}))", {"sat": {"x": "#x00"}}).status in ("correct", "undecided")
    repeated = "((_ repeat 1000) " * 5 + "x" + ")" * 5
    assert script(f"{wide}(assert (= {repeated} {repeated}))", {"sat": {"x": "#x00"}}).reason == "unsupported"
    assert time.thread_time() - start < 2
