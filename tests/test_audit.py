"""The audit: what a second oracle says of labels, and what becomes of records that it contradicts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import neurosym as ns
from neurosym.audit import second_opinion
from neurosym.cluster import InProcess
from neurosym.core import Budget, Claim, Problem
from neurosym.job import Job
from neurosym.lake import Lake
from neurosym.rows import to_row
from neurosym.verify import verify
from neurosym.writer import complete, extend

KSAT = ns.domain("random_ksat", variables=12)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for task in (KSAT, ns.domain("blocksworld", blocks=4)):
        extend(lake, Job(task, 3), 20, InProcess())
    return lake


def test_the_audit_finds_a_false_label(lake):
    (sat, *_) = [r for r in lake.records("random_ksat") if r.claim.answer != "unsat"]
    assert second_opinion("glucose", to_row(sat)) == ("agrees", "")
    row = to_row(sat) | {"answer": '"unsat"'}
    assert second_opinion("glucose", row).word == "disagrees"
    (plan, *_) = lake.records("blocksworld")
    assert second_opinion("pyperplan", to_row(plan)) == ("agrees", "")
    metrics = dict(plan.claim.metrics)
    metrics |= {"plan_length": metrics["plan_length"] + 2, "plan_cost": metrics["plan_cost"] + 2}
    assert second_opinion("pyperplan", to_row(plan) | {"metrics": json.dumps(metrics)}).word == "disagrees"


@pytest.fixture
def doubted(monkeypatch) -> set[str]:
    """Formulas of which glucose says the contrary."""
    names: set[str] = set()
    solve = ns.oracle("glucose").solve

    def contrary(problem: Problem, budget: Budget) -> Claim:
        claim = solve(problem, budget)
        return (
            claim if problem.id not in names else replace(claim, answer="sat" if claim.answer == "unsat" else "unsat")
        )

    monkeypatch.setattr(ns.oracle("glucose"), "solve", contrary)
    return names


def test_what_two_oracles_contradict_each_other_about_goes_to_quarantine(tmp_path, doubted):
    lake = Lake(tmp_path / "lake")
    extend(lake, Job(KSAT, 1), 40, InProcess())
    before = {record.problem.id: record for record in lake.records()}
    chosen = sorted(before)[:3]
    doubted |= set(chosen)
    complete(lake, InProcess(), audit=40)
    assert {record.problem.id for record in lake.records()} == before.keys() - doubted
    rows = [row for path in lake.folder.files("quarantine") for row in lake.table(path).to_pylist()]
    assert sorted(row["id"] for row in rows) == chosen
    for row in rows:
        mine = before[row["id"]].claim.answer
        assert (row["status"], row["trust"], row["reason"]) == ("undecided", None, "disagreement")
        assert json.loads(row["answer"]) == mine
        assert row["detail"].startswith(f"glucose claims {json.dumps('sat' if mine == 'unsat' else 'unsat')}")
    quality = lake.manifest["quality"]
    assert quality["counts"]["reason"] == {"disagreement": 3}
    assert quality["domains"]["random_ksat"]["records"] == 37
    assert quality["domains"]["random_ksat"]["audit"]["disagrees"] == 3
    assert not verify(lake.location).failures


def test_a_lake_with_disagreements_can_be_filled_up_and_audited_again(tmp_path, doubted):
    lake = Lake(tmp_path / "lake")
    extend(lake, Job(KSAT, 1), 40, InProcess())
    first = {record.problem.id for record in lake.records()}
    doubted |= set(sorted(first)[:2])
    complete(lake, InProcess(), audit=40)
    assert extend(lake, Job(KSAT, 1), 40, InProcess()).proved == 40
    complete(lake, InProcess(), audit=40)
    now = [record.problem.id for record in lake.records()]
    assert len(now) == len(set(now)) == 40 and not set(now) & doubted
    doubted |= set(sorted(now)[:1])
    complete(lake, InProcess(), audit=40)
    assert len(list(lake.records())) == 39
    named = {file["path"] for job in lake.manifest["jobs"] for part in job["parts"] for file in part["files"]}
    assert named == {*lake.folder.files("data"), *lake.folder.files("quarantine")}
