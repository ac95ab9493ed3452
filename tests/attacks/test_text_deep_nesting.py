"""Brackets nested a million deep: recursive parsers raise RecursionError, or overflow the stack of C (CVE-2022-25883's
family; Python's json and ast have both crashed on it).
"""

from __future__ import annotations

import time

import pytest
from attack import every_family, formal, judged

DEPTH = 500_000


@every_family
@pytest.mark.parametrize("pair", ["()", "[]", "{}", "<>"])
def test_nesting_is_refused_at_once(family, pair):
    start = time.thread_time()
    for text in (
        pair[0] * DEPTH + pair[1] * DEPTH,
        pair[0] * DEPTH,
        f"sat {pair[0] * DEPTH}",
        f'sat {{"x":{pair[0] * 90_000}}}',
    ):
        assert judged(family, text) == "malformed"
    assert time.thread_time() - start < 0.5


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("kind", ["pddl", "cnf", "smtlib2"])
def test_formal_answers_too(kind):
    for answer in (nested(100_000), {"sat": nested(100_000)}, {"plan": nested(100_000), "optimal": True}):
        assert formal(kind, {}, answer).status == "malformed"


def test_terms_nest_as_deep_as_the_reader_allows_and_no_deeper():
    def script(depth):
        return {"script": f"(declare-const p Bool)(assert {'(not ' * depth}p{')' * depth})(check-sat)"}

    assert formal("smtlib2", script(9_000), {"sat": {"p": True}}).proved
    assert formal("smtlib2", script(9_001), {"sat": {"p": True}}).status == "wrong"
    assert formal("smtlib2", script(200_000), {"sat": {"p": True}}).reason == "unsupported"
