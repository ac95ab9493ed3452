"""The "billion laughs" of define-fun: each function calls the one before twice (CVE-2003-1564, for XML). Without
sharing, 2^60 terms.
"""

from __future__ import annotations

import time

from attack import script


def laughs(depth, body="(and (f{0} p) (f{0} p))"):
    lines = ["(declare-const p Bool)", "(define-fun f0 ((x Bool)) Bool x)"]
    lines += [f"(define-fun f{n + 1} ((p Bool)) Bool {body.format(n)})" for n in range(depth)]
    return "".join(lines) + f"(assert (f{depth} p))(check-sat)"


def test_functions_that_call_twice_are_bounded():
    start = time.thread_time()
    assert script(laughs(10), {"sat": {"p": True}}).proved
    for depth in (60, 300):
        for body in ("(and (f{0} p) (f{0} p))", "(and (f{0} p) (f{0} (not p)))", "(f{0} (f{0} p))"):
            verdict = script(laughs(depth, body), {"sat": {"p": True}})
            assert verdict.status in ("correct", "wrong") or verdict.reason == "unsupported"
    assert time.thread_time() - start < 5


def test_what_is_judged_is_judged_rightly():
    both = "(and (f{0} p) (f{0} (not p)))"
    assert script(laughs(5, both), {"sat": {"p": True}}).status == "wrong"
    assert script(laughs(5), {"sat": {"p": False}}).status == "wrong"
