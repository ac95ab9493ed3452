"""Proofs of many megabytes that end nowhere: each is refused within seconds, and beyond 16 MB unread."""

from __future__ import annotations

import time

import pytest
from cnf_attack import OPEN, refuted
from neurosym_oracles._kernels.lrat import MAX_CHARACTERS

MEGABYTE = 1 << 20


@pytest.mark.parametrize("form", ["drat", "lrat"])
def test_a_hundred_megabytes_are_not_read(form):
    start = time.thread_time()
    assert refuted(OPEN, {form: "1 0\n" * (25 * MEGABYTE)}).reason == "unsupported"
    assert refuted(OPEN, {form: " " * (MAX_CHARACTERS + 1)}).reason == "unsupported"
    assert time.thread_time() - start < 1


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("lrat", "1 0 d"), ("lrat", "\n"), ("lrat", "("), ("lrat", "4 1 0 1 2 0 "), ("drat", "\n"), ("drat", "0 "),
        ("drat", "d "), ("drat", "-"), ("lrat", "9" * 100),
    ],
)  # fmt: skip
def test_a_megabyte_of_no_proof_is_malformed_at_once(form, line):
    start = time.thread_time()
    assert refuted(OPEN, {form: line * (MEGABYTE // len(line))}).status == "malformed"
    assert time.thread_time() - start < 0.2


def test_a_megabyte_of_steps_is_replayed_within_a_second_or_two():
    for lines in (
        "".join(f"{n} 1 0 1 2 0\n" for n in range(4, 60_000)),
        "4 1 0 " + "1 " * 500_000 + "0\n",
        "4 1 " + " ".join(map(str, range(3, 140_000))) + " 0 1 2 0\n",
        "9 d 0\n" * 170_000,
    ):
        start = time.thread_time()
        assert refuted(OPEN, {"lrat": lines}).reason == "no-evidence"
        assert time.thread_time() - start < 3
    start = time.thread_time()
    assert refuted(OPEN, {"drat": "1 0\n" * (MEGABYTE // 4)}).reason in ("no-evidence", "timeout")
    assert time.thread_time() - start < 10
