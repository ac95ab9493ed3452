"""Text to verdict: parsed strictly, checked, and helped by the record's own proof."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

import neurosym as ns
from neurosym.core import Claim
from neurosym.errors import UsageError
from neurosym.judging import MAX_TEXT, judge_answer


def first(lake: ns.Lake, domain: str, conclusion: str) -> ns.Record:
    checker = ns.checker(ns.domain(domain).kind)
    return next(r for r in lake.records(domain) if checker.conclusion(r.claim.answer) == conclusion)


@pytest.mark.parametrize(
    ("domain", "conclusion"),
    [("blocksworld", "solvable"), ("random_ksat", "sat"), ("random_ksat", "unsat"), ("linear_integer", "sat")],
)
def test_the_gold_text_is_proved_and_junk_is_malformed(lake, domain, conclusion):
    record = first(lake, domain, conclusion)
    assert ns.judge(record, record.completion).proved
    for junk in ("", "I think so", f"```\n{record.completion}\n```", f"The answer is {record.completion}",
                 f"{record.completion}\nIs that right?", "nan", "\0", "(" * 1000):  # fmt: skip
        assert ns.judge(record, junk).status == "malformed", junk


@pytest.mark.parametrize("domain", ["blocksworld", "logistics", "random_ksat", "graph_coloring", "linear_integer"])
def test_a_megabyte_of_brackets_is_refused_at_once(domain):
    (record,) = ns.annotate(ns.domain(domain), count=1)
    for text in ("(" * (1 << 20), "[" * (1 << 20), "(a " * 300_000, "(" * (MAX_TEXT + 1)):
        start = time.thread_time()
        assert ns.judge(record, text).status == "malformed"
        assert time.thread_time() - start < 0.05


def test_the_records_own_proof_decides_a_bare_unsat(lake):
    unsat, sat = first(lake, "random_ksat", "unsat"), first(lake, "random_ksat", "sat")
    assert ns.judge(unsat, "unsat").proved
    verdict = ns.judge(sat, "unsat")
    assert (verdict.status, verdict.trust, verdict.detail) == ("wrong", "proved", "proved sat")


def test_a_forged_record_lends_nothing(lake):
    sat = first(lake, "random_ksat", "sat")
    forged = replace(sat, claim=Claim("unsat", {"drat": "0\n"}))
    assert ns.judge(forged, "unsat").reason == "no-evidence"
    assert ns.judge(forged, sat.completion).proved
    other = Claim({"sat": [-literal for literal in sat.claim.answer["sat"]]})
    assert judge_answer(sat.problem, Claim("unsat"), proved=other).reason == "no-evidence"


def test_a_domain_that_is_not_installed_is_an_error(lake):
    record = first(lake, "random_ksat", "sat")
    with pytest.raises(UsageError, match="not installed"):
        ns.judge(replace(record, problem=replace(record.problem, domain="elsewhere")), "x")


def test_a_problem_of_another_form_is_no_fault_of_the_parser(lake):
    record = first(lake, "linear_integer", "sat")
    strange = replace(record, problem=replace(record.problem, payload={"script": "(check-sat)"}))
    verdict = ns.judge(strange, record.completion)
    assert verdict.status == "malformed" and verdict.detail.startswith("problem: ")


@pytest.mark.parametrize(
    ("error", "reason"), [(RecursionError(), "memory"), (MemoryError(), "memory"), (KeyError("x"), "tool-crashed")]
)
def test_a_parser_that_breaks_says_nothing_of_the_text(lake, monkeypatch, error, reason):
    def breaks(self, problem, text):
        raise error

    record = first(lake, "random_ksat", "sat")
    monkeypatch.setattr(type(ns.domain("random_ksat")), "parse", breaks)
    verdict = ns.judge(record, record.completion)
    assert (verdict.status, verdict.reason) == ("undecided", reason)


def test_the_same_answer_as_a_forged_record_is_still_checked(lake):
    """The record's own evidence decides first where the answers are the same; what it does not prove is checked."""
    plan = first(lake, "blocksworld", "solvable")
    other = replace(plan, claim=Claim("(pick-up z)"))
    assert ns.judge(other, "(pick-up z)").status == "wrong"
    assert ns.judge(other, plan.completion).proved
    unsat = first(lake, "random_ksat", "unsat")
    for damaged in ({"drat": 7}, {"drat": "?"}, "trust me"):
        assert ns.judge(replace(unsat, claim=Claim("unsat", damaged)), "unsat").reason == "no-evidence"
