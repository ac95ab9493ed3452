"""The nouns and their rules."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosym.core import (
    MAX_DEPTH,
    Claim,
    Domain,
    Problem,
    Reason,
    Status,
    Trust,
    Verdict,
    canonical_json,
    exact_json,
    stream,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_a_verdict_is_never_true_or_false():
    for verdict in (Verdict.correct(), Verdict.wrong(), Verdict.malformed(), Verdict.undecided(Reason.TIMEOUT)):
        with pytest.raises(TypeError, match="status"):
            bool(verdict)


def test_only_undecided_has_a_reason_and_only_decided_a_trust():
    with pytest.raises(ValueError):
        Verdict(Status.UNDECIDED)
    with pytest.raises(ValueError):
        Verdict(Status.WRONG, Trust.PROVED, Reason.TIMEOUT)
    with pytest.raises(ValueError):
        Verdict(Status.CORRECT)
    with pytest.raises(ValueError):
        Verdict(Status.MALFORMED, Trust.PROVED)


def test_proved_means_correct_and_proved():
    assert Verdict.correct().proved
    assert not Verdict.correct(trust=Trust.AGREED).proved
    assert not Verdict.wrong().proved


INEXACT = [1.0, float("nan"), {"a": [0.5]}, {1: 2}, {1, 2}, b"x", object(), "\ud800", {"\udfff": 1}]


@pytest.mark.parametrize("value", INEXACT)
def test_canonical_json_refuses_what_has_no_exact_text(value):
    with pytest.raises(ValueError):
        canonical_json(value)


def test_canonical_json_refuses_deep_nesting():
    value: list[object] = []
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(ValueError, match="deeper"):
        canonical_json(value)


@given(JSON, JSON)
def test_a_problem_has_one_id(left, right):
    same = canonical_json(left) == canonical_json(right)
    assert (Problem("d", "k", {"p": left}).id == Problem("d", "k", {"p": right}).id) == same


@given(JSON)
def test_exact_json_reads_what_canonical_json_writes(value):
    assert exact_json(canonical_json(value)) == value


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', "1.0", "[1e3]", "NaN", "[Infinity]", '"\\ud800"', "[" * 100_000, "[" * 300 + "]" * 300, "x"],
)
def test_exact_json_refuses_what_is_not_said_once_and_exactly(text):
    with pytest.raises(ValueError):
        exact_json(text)


def test_key_order_does_not_change_an_id():
    assert Problem("d", "k", {"a": 1, "b": 2}).id == Problem("d", "k", {"b": 2, "a": 1}).id


def test_neighbouring_streams_share_nothing():
    draws = [stream("domain", seed, item).random() for seed in range(30) for item in range(30)]
    assert len(set(draws)) == len(draws)


def test_streams_do_not_depend_on_the_process():
    code = "from neurosym.core import stream; print(stream('d', 1, {'b': 2, 'a': 1}, 7, 9).getrandbits(64))"
    seen = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True,
                       check=True).stdout
        for seed in ("0", "1")
    }  # fmt: skip
    assert seen == {f"{stream('d', 1, {'a': 1, 'b': 2}, 7, 9).getrandbits(64)}\n"}


def test_a_claim_is_not_a_verdict():
    assert not hasattr(Claim("sat"), "status")


def test_a_domain_refuses_an_unknown_prompt_style():
    class Empty(Domain):
        name, version, kind = "empty", 1, "cnf"
        sample = english = formal = render = parse = lambda *_: None

    with pytest.raises(ValueError, match="mixed"):
        Empty(prompt_style="loud")
