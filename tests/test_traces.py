"""The command: the steps of proofs in a lake become problems, and the problems proved records."""

from __future__ import annotations

import json
import shutil
from os import environ

import pytest
from conftest import one_line_error, run

import neurosym as ns
from neurosym.core import Budget, Claim, Problem
from neurosym.lake import Lake

needs_lean = pytest.mark.skipif(
    shutil.which(environ.get("NEUROSYM_LEAN") or "lean") is None, reason="Lean 4 is not installed"
)


@needs_lean
def test_steps_of_proofs_are_records_of_their_own(tmp_path):
    proofs, file, steps = tmp_path / "proofs", tmp_path / "steps.jsonl", tmp_path / "steps"
    assert run("generate", "lean_propositional", "-n", "6", "--seed", "1", "--out", str(proofs)).returncode == 0
    done = run("traces", str(proofs), "-o", str(file))
    assert done.returncode == 0, done.stderr
    problems = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(problems) > 6
    assert all("⊢" in problem["payload"]["goals"] for problem in problems)
    assert run("generate", "--from", str(file), "--out", str(steps)).returncode == 0
    records = list(Lake(steps).records())
    assert len(records) == len(problems) and all(record.verdict.proved for record in records)
    proofs_by_statement = {r.problem.payload["statement"]: r.claim.answer for r in Lake(proofs).records()}
    for record in records:
        payload, rest = record.problem.payload, (record.claim.evidence or {}).get("rest")
        whole = [payload["prefix"], record.completion, *([rest] if rest else [])]
        assert "\n".join(whole) == proofs_by_statement[payload["statement"]]
        assert payload["goals"] in record.prompt
    assert run("verify", str(steps)).returncode == 0


@needs_lean
def test_a_next_step_is_judged():
    payload = {"header": "", "statement": "∀ p q : Prop, p ∧ q → q", "prefix": "intro p q\nintro h1"}
    problem = Problem("lean4_files", "lean4", payload)
    claim = ns.oracle("lean4").solve(problem, Budget())
    checker = ns.checker("lean4")
    assert checker.check(problem, claim, Budget()).proved
    assert checker.check(problem, Claim("exact h1.right"), Budget()).proved
    assert checker.check(problem, Claim("exact h1.left"), Budget()).status == "wrong"
    assert checker.check(problem, Claim("have h2 := h1.left"), Budget()).reason == "no-evidence"


@needs_lean
def test_a_beginning_that_the_oracle_does_not_take_is_undecided():
    payload = {"header": "", "statement": "∀ p q : Prop, p ∧ q → q", "prefix": "intro a b"}
    with pytest.raises(ns.Undecided, match="does not begin so"):
        ns.oracle("lean4").solve(Problem("lean4_files", "lean4", payload), Budget())


def test_a_lake_without_steps_is_said(tmp_path):
    lake = tmp_path / "lake"
    Lake(lake).write(ns.annotate(ns.domain("random_ksat", variables=8), count=5, seed=1))
    assert "has steps" in one_line_error(run("traces", str(lake)), 2)


def test_bad_usage_is_one_line(tmp_path):
    assert "no lake" in one_line_error(run("traces", str(tmp_path / "none")), 2)
    assert "LAKE" in one_line_error(run("traces"), 2)
