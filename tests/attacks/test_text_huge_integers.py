"""Integers of thousands of digits: int() of n digits takes time n², and Python refuses more than 4,300
(CVE-2020-10735), with a ValueError in the middle of whatever calls it.
"""

from __future__ import annotations

import time

import pytest
from attack import formal, judged, script

SIZES = [20, 640, 641, 4300, 4301, 5000, 100_000]


@pytest.mark.parametrize("size", SIZES)
def test_texts_with_huge_numbers(size):
    digits = "9" * size
    start = time.thread_time()
    assert judged("linear_integer", f"x = {digits}, y = -{digits}") == ("wrong" if size <= 40 else "malformed")
    assert judged("graph_coloring", f"{digits} 1 1 1 1") == "malformed"
    assert judged("random_ksat", f"sat {digits} 2 3 4 5") == "malformed"
    told = judged("smtlib2_files", f'sat {{"x":-{digits}}}')
    assert told in (("wrong", "unsupported") if size <= 4300 else ("malformed",))
    assert time.thread_time() - start < 0.5


@pytest.mark.parametrize("size", SIZES)
def test_payloads_with_huge_numbers(size):
    digits = "9" * size
    start = time.thread_time()
    assert formal("cnf", {"dimacs": f"p cnf {digits} 1\n1 0\n"}, "unsat").status in ("malformed", "undecided")
    assert formal("cnf", {"dimacs": f"p cnf 1 1\n{digits} 0\n"}, {"sat": [1]}).status == "malformed"
    assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n"}, {"sat": [int("9" * min(size, 4300))]}).status == "malformed"
    assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n"}, "unsat", {"drat": f"{digits} 0\n"}).status in (
        "malformed",
        "undecided",
    )
    assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n"}, "unsat", {"lrat": f"{digits} 0 1 0\n"}).status in (
        "malformed",
        "undecided",
    )
    found = script(f"(declare-const x Int)(assert (= x {digits}))", {"sat": {"x": 1}})
    assert found.status == "wrong" if size <= 640 else found.reason == "unsupported"
    assert script(f"(declare-const x (_ BitVec {digits}))(assert (= x x))", {"sat": {"x": "#b1"}}).status in (
        "malformed",
        "undecided",
    )
    assert time.thread_time() - start < 0.5
