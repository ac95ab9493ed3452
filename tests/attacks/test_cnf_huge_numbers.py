"""Numbers beyond a machine's: 2**32 + 1 is 1 to a checker that keeps 32 bits, and a giant variable is gigabytes to one
that makes an array of them.
"""

from __future__ import annotations

import time

import pytest
from cnf_attack import OPEN, drat, given, lrat, model

HUGE = [2**31, 2**31 + 1, 2**32 + 1, 2**63, 2**64 + 1, 10**30, 10**5000]


@pytest.mark.parametrize("number", HUGE, ids=lambda number: f"{number.bit_length()} bits")
def test_no_number_wraps_around(number):
    start = time.thread_time()
    assert model(number, 2, clauses=OPEN).status == "malformed"
    assert model(-number, 2, clauses=OPEN).status == "malformed"
    with_text = f"{'9' * 4000}" if number > 10**4000 else str(number)
    assert not lrat(OPEN, f"{with_text} 0 1 0").proved
    assert not lrat(OPEN, f"4 0 {with_text} 0").proved
    assert not lrat(OPEN, f"4 {with_text} 0 0", f"5 -{with_text} 0 0", "6 0 4 5 0").proved
    assert not drat(OPEN, f"{with_text} 0", f"-{with_text} 0", "0").proved
    assert given(f"p cnf 2 1\n{with_text} 0\n", {"sat": [1, 2]}).status == "malformed"
    verdict = given(f"p cnf {with_text} 1\n1 0\n", {"sat": [1, 2]})
    assert verdict.reason == "unsupported" or verdict.status == "malformed"
    assert time.thread_time() - start < 1


def test_the_largest_variable_of_a_lemma_takes_no_array():
    start = time.thread_time()
    assert drat(OPEN, "999999999 0", "0").reason == "no-evidence"
    assert lrat(OPEN, "9999999999 999999999 0 0").reason == "no-evidence"
    assert time.thread_time() - start < 0.5
