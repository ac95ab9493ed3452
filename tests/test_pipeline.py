"""Same job, same records; no isomorphic copy; what is not proved comes out with its reason."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

import neurosym as ns
from neurosym import canonical, pipeline, registry
from neurosym.cluster import InProcess
from neurosym.core import Budget, Claim, MalformedAnswer, Problem, Reason, Status, Undecided
from neurosym.errors import UsageError
from neurosym.job import Job, Source
from neurosym.pipeline import CHUNK, Exhausted, proved_mask, run
from neurosym.rows import records


def job(**knobs: int) -> Job:
    return Job(registry.domain("blocksworld", **{"blocks": 4, **knobs}), seed=1)


def made(job: Job, count: int, **options: object) -> list[ns.Record]:
    return [record for chunk in run(job, InProcess(), count, set(), **options) for record in records(chunk.rows)]


def test_the_same_job_gives_the_same_records_and_a_longer_one_begins_with_them():
    short, again, longer = made(job(), 40), made(job(), 40), made(job(), 90)
    assert short == again == longer[:40] and len(longer) == 90


def test_another_seed_gives_other_records():
    other = replace(job(), seed=2)
    assert not {record.problem.id for record in made(job(), 40)} & {record.problem.id for record in made(other, 40)}


def test_no_two_records_are_isomorphic_and_every_one_is_proved():
    found = made(job(), 150)
    assert len({record.canonical_id for record in found}) == 150
    assert all(record.verdict.proved for record in found)


def test_an_item_already_seen_is_not_made_again():
    first = made(job(), 30)
    seen = {bytes.fromhex(record.canonical_id) for record in first}
    rest = [record for chunk in run(job(), InProcess(), 30, seen) for record in records(chunk.rows)]
    assert not {record.canonical_id for record in first} & {record.canonical_id for record in rest}


def test_starting_in_the_middle_goes_on_where_the_first_run_ended():
    chunks = list(run(job(), InProcess(), 100, set()))
    seen = {bytes.fromhex(form) for chunk in chunks for form in chunk.rows["canonical_id"].to_pylist()}
    start = chunks[-1].next
    more = [record for chunk in run(job(), InProcess(), 50, seen, start) for record in records(chunk.rows)]
    assert [*made(job(), 100), *more] == made(job(), 150)


def test_chunks_follow_each_other_without_a_gap():
    chunks = list(run(job(), InProcess(), 150, set()))
    assert chunks[0].first == 0
    assert all(left.next == right.first for left, right in pairwise(chunks))
    assert all(chunk.first // CHUNK == (chunk.next - 1) // CHUNK for chunk in chunks)


def test_a_domain_that_runs_out_says_so_after_all_it_has():
    found = []
    with pytest.raises(Exhausted, match="distinct"):
        for chunk in run(job(blocks=2), InProcess(), 50, set()):
            found += list(records(chunk.rows))
    # Two blocks have two states up to renaming, flat and stacked; the stacked one can also be turned over.
    assert len(found) == 3


def test_what_the_oracle_cannot_solve_is_kept_with_its_reason(monkeypatch):
    oracle = registry.oracle("fast-downward")
    solve = oracle.solve

    def sometimes(problem: Problem, budget: Budget) -> Claim:
        if int(problem.id, 16) % 3 == 0:
            raise Undecided(Reason.TIMEOUT, "too slow")
        if int(problem.id, 16) % 3 == 1:
            return replace(solve(problem, budget), answer="(pick-up nowhere)")
        return solve(problem, budget)

    monkeypatch.setattr(oracle, "solve", sometimes)
    found = made(job(), 30)
    by_status = {status: [r for r in found if r.verdict.status is status] for status in Status}
    assert len(by_status[Status.CORRECT]) == 30
    assert by_status[Status.UNDECIDED] and all(r.verdict.reason is Reason.TIMEOUT for r in by_status[Status.UNDECIDED])
    assert by_status[Status.WRONG] or by_status[Status.MALFORMED]
    assert all(not r.completion for r in found if not r.verdict.proved)


def test_an_oracle_that_breaks_is_a_row_and_a_hopeless_job_ends(monkeypatch):
    def broken(problem: Problem, budget: Budget) -> Claim:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(registry.oracle("fast-downward"), "solve", broken)
    monkeypatch.setattr(pipeline, "HOPELESS", 20)
    rows = 0
    with pytest.raises(Exhausted, match=r"none of the last 20 .*tool-crashed: ZeroDivisionError: oops"):
        for chunk in run(job(), InProcess(), 90, set()):
            rows += chunk.rows.num_rows
    assert rows == 20  # however the rows were cut into calls


def test_a_text_that_states_another_answer_is_not_training_data(monkeypatch):
    monkeypatch.setattr(type(job().domain), "render", lambda self, problem, answer: "(pick-up a)")
    monkeypatch.setattr(pipeline, "HOPELESS", 20)
    with pytest.raises(Exhausted, match="does not parse what it rendered"):
        made(job(), 30)


def test_a_text_that_cannot_be_rendered_is_a_row(monkeypatch):
    def refuse(self: object, problem: Problem, answer: object) -> str:
        raise MalformedAnswer("no words for it")

    monkeypatch.setattr(type(job().domain), "render", refuse)
    monkeypatch.setattr(pipeline, "HOPELESS", 20)
    with pytest.raises(Exhausted, match="no words for it"):
        made(job(), 30)


def test_a_claim_that_is_not_plain_json_is_a_row(monkeypatch):
    oracle = registry.oracle("fast-downward")
    solve = oracle.solve
    monkeypatch.setattr(oracle, "solve", lambda *given: replace(solve(*given), metrics={"seconds": 0.1}))
    monkeypatch.setattr(pipeline, "HOPELESS", 20)
    with pytest.raises(Exhausted, match="tool-crashed: fast-downward made a claim that is not plain JSON"):
        made(job(), 30)


def test_given_problems_are_taken_in_order_and_a_bad_one_is_a_row():
    good = job().domain.sample(random.Random(1))
    other = job().domain.sample(random.Random(2))
    broken = Problem("pddl_files", "pddl", {"domain": "(", "problem": ")"})
    sources = (Source("a", good), Source("b", broken, "empty file"), Source("c", broken), Source("d", good),
               Source("e", other))  # fmt: skip
    found = made(replace(job(), sources=sources), 5)
    assert [json.loads(record.seed_path)[1] for record in found] == ["a", "b", "c", "e"]
    assert [record.verdict.status for record in found] == ["correct", "malformed", "malformed", "correct"]


def test_too_large_to_canonise_is_said_and_kept_apart(monkeypatch):
    monkeypatch.setattr(canonical, "MAX_VERTICES", 3)
    problems = tuple(Source(str(item), job().domain.sample(random.Random(item))) for item in range(3))
    found = made(replace(job(), sources=problems), 3)
    assert [(r.verdict.status, r.verdict.reason) for r in found] == [("undecided", "unsupported")] * 3
    assert all("too large to canonise" in r.verdict.detail and not r.completion for r in found)


def test_an_oracle_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="does not solve pddl"):
        ns.annotate(job().domain, 1, oracle="cadical")
    with pytest.raises(UsageError, match="at least 1"):
        ns.annotate(job().domain, 0)


@dataclass(frozen=True)
class Mine(registry.domains()["blocksworld"]):  # type: ignore[misc]
    """A user's own domain, defined in a file of theirs and registered nowhere."""

    name = "mine"


def test_two_ray_workers_give_what_one_process_gives_also_for_a_users_own_domain():
    alone = list(ns.annotate(Mine(blocks=4), count=150, seed=5))
    shared = list(ns.annotate(Mine(blocks=4), count=150, seed=5, workers=2))
    assert alone == shared and len(alone) == 150


def test_proved_mask_takes_correct_and_proved_alone():
    (chunk,) = run(job(), InProcess(), 3, set())
    table = chunk.rows
    for column, value in (("status", "wrong"), ("trust", "agreed"), ("trust", None)):
        index = table.schema.get_field_index(column)
        import pyarrow as pa

        changed = table.set_column(index, column, pa.array([value, *table[column].to_pylist()[1:]], pa.string()))
        assert proved_mask(changed).to_pylist() == [False, True, True]
