"""Renaming augmentation: what is renamed is proved again, and nothing else is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import neurosym as ns
from neurosym import registry
from neurosym.core import Claim, Domain, MalformedAnswer, Reason, Record, Undecided
from neurosym.labelling import canonical_id
from neurosym.training.augment import renamings


@pytest.fixture(scope="module")
def records(lake) -> list[Record]:
    return list(lake.records("blocksworld"))


def pretend(monkeypatch, **changed) -> None:
    """Blocksworld with other methods than its own."""
    real = registry.domains()["blocksworld"]
    other = type("Other", (real,), changed)
    monkeypatch.setattr(registry, "domains", lambda: {"blocksworld": other})


def test_every_kind_is_renamed_and_stays_proved(lake):
    for record in lake.records():
        (renamed,) = renamings([record], seed=1, epoch=0)
        assert renamed.problem.id != record.problem.id, record.problem.domain
        assert ns.judge(renamed, renamed.completion).proved
        assert canonical_id(renamed.problem) == renamed.canonical_id == record.canonical_id
        assert registry.domains()[record.problem.domain]().prompt(renamed.problem) == renamed.prompt


def test_renamings_depend_on_seed_epoch_and_record_alone(records):
    once = list(renamings(records, seed=1, epoch=0))
    assert once == list(renamings(records, seed=1, epoch=0))
    assert once[7:] == list(renamings(records[7:], seed=1, epoch=0))
    for other in (renamings(records, seed=1, epoch=1), renamings(records, seed=2, epoch=0)):
        assert sum(one.problem != two.problem for one, two in zip(once, other, strict=True)) > len(records) // 2


def test_the_style_of_the_prompt_is_kept(tmp_path):
    lake = ns.Lake(tmp_path / "lake")
    lake.write(ns.annotate(ns.domain("blocksworld", blocks=3, prompt_style="formal"), count=3, seed=1))
    for record, renamed in zip(lake.records(), renamings(lake.records(), 0, 0), strict=True):
        assert renamed.problem != record.problem
        assert renamed.prompt == registry.domain("blocksworld").formal(renamed.problem)


def test_a_prompt_that_is_not_the_domains_own_is_kept_with_its_record(records):
    edited = [replace(record, prompt=record.prompt + "\nPlease.") for record in records[:5]]
    assert list(renamings(edited, 0, 0)) == edited


def test_a_domain_that_is_not_installed_leaves_the_record(records):
    strange = replace(records[0], problem=replace(records[0].problem, domain="nowhere"))
    assert list(renamings([strange], 0, 0)) == [strange]


def test_no_renaming_leaves_the_record(monkeypatch, records):
    pretend(monkeypatch, renamed=Domain.renamed)
    assert list(renamings(records, 0, 0)) == records


@pytest.mark.parametrize("error", [MalformedAnswer("x"), Undecided(Reason.TIMEOUT), ValueError("x")])
def test_a_renaming_that_fails_leaves_the_record(monkeypatch, records, error):
    def renamed(self, problem, claim, rng):
        raise error

    pretend(monkeypatch, renamed=renamed)
    assert list(renamings(records, 0, 0)) == records


def test_a_false_renaming_is_not_believed(monkeypatch, records):
    real = registry.domains()["blocksworld"]

    def renamed(self, problem, claim, rng):
        new, _ = real.renamed(self, problem, claim, rng)
        return new, claim  # the plan still speaks of the old blocks

    pretend(monkeypatch, renamed=renamed)
    changed = [new for old, new in zip(records, renamings(records, 0, 0), strict=True) if old is not new]
    assert len(changed) < len(records)
    assert all(ns.judge(record, record.completion).proved for record in changed)


def test_another_problem_with_a_right_answer_is_no_renaming(monkeypatch, records):
    """Else a training record could turn into a test problem."""
    others = {record.problem.id: other for record, other in zip(records, [*records[1:], records[0]], strict=True)}

    def renamed(self, problem, claim, rng):
        return others[problem.id].problem, others[problem.id].claim

    pretend(monkeypatch, renamed=renamed)
    assert list(renamings(records, 0, 0)) == records


def test_a_text_that_says_something_else_is_not_learned(monkeypatch, records):
    pretend(monkeypatch, render=lambda self, problem, answer: "(pick-up a)")
    assert list(renamings(records, 0, 0)) == records


def test_an_unproved_claim_is_not_made_proved(records):
    unproved = [replace(record, claim=Claim("(pick-up z)")) for record in records[:5]]
    assert list(renamings(unproved, 0, 0)) == unproved
