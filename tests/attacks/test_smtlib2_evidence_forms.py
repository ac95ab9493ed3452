"""Evidence that is none: prose, another prover's words, code fences, both forms at once, and megabytes of it."""

from __future__ import annotations

import time

import pytest
from attack import script, told

APART = "(declare-const x Int)(assert (< x 0))(assert (> x 0))"


@pytest.mark.parametrize(
    "evidence",
    [
        "unsat", "```\nunsat\n```", "success", 1, True, {"proof": "(proof)"}, {"drat": "0\n"}, {"farkas": None},
        {"alethe": "(step t1 (cl) :rule hole)"}, {"farkas": "sum 0 1 1 1"}, {"farkas": ["sum 0 1 1 1"]},
        {"farkas": [["sum", 0, 1, 1, 1]], "lrat": ""}, {"Farkas": [["sum", 0, 1, 1, 1]]}, {"farkas": [["sorry"]]},
        {"farkas": [["sum", 0, 1, 1, 1], "unsat"]}, {"farkas": [["Sum", 0, 1, 1, 1]]}, {"farkas": [["hole", 0]]},
        {"farkas": [["ѕum", 0, 1, 1, 1]]}, {"farkas": {"0": 1, "1": 1}},
    ],
)  # fmt: skip
def test_it_is_malformed(evidence):
    assert told(script(APART, "unsat", evidence)) == "malformed"


def test_megabytes_are_refused_soon():
    for evidence, expected in (
        ({"farkas": [["sum", 0, 1]] * 100_000}, {"no-evidence", "timeout"}),
        ({"farkas": [["sum", *[0, 1] * 500_000]]}, {"no-evidence", "timeout"}),
        ({"farkas": [["hole"]] * 1_000_000}, {"malformed"}),
        ({"farkas": "x" * 10_000_000}, {"malformed"}),
        ({"lrat": "x" * 10_000_000}, {"malformed", "unsupported"}),
    ):
        start = time.thread_time()
        assert told(script(APART, "unsat", evidence)) in expected
        assert time.thread_time() - start < 5


def test_evidence_nested_a_hundred_thousand_deep_is_malformed_at_once():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    for evidence in ({"farkas": nested}, {"farkas": [["sum", nested, 1]]}, nested, {"lrat": nested}):
        start = time.thread_time()
        assert told(script(APART, "unsat", evidence)) == "malformed"
        assert time.thread_time() - start < 0.05
