"""What is asked: proved records of a lake's split, or fresh ones, each under several renamings if wanted.

Contract: the same lake or task, count and seed give the same problems in the same order. Each problem was proved by its
kind's checker in this process, or in the one that `annotate` started; one of a lake also has the canonical form, the
split and the prompt that it should have.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from neurosym import registry
from neurosym.core import Budget, Domain, MalformedProblem, Record, Undecided, digest, stream
from neurosym.errors import UsageError, unknown
from neurosym.labelling import canonical_id
from neurosym.lake import Lake
from neurosym.pipeline import annotate
from neurosym.rows import SPLITS, split_of

TRIES = 20
"""Renamings drawn for each one wanted, before a problem is taken to have no more."""


@dataclass(frozen=True)
class Problems:
    """Records to ask, what they are in words, and how many were left out because the model was trained on them."""

    records: tuple[Record, ...]
    questions: str
    left_out: int = 0

    @property
    def digest(self) -> str:
        """One hash over what a model is asked, in order."""
        return digest("\n".join(digest(f"{record.problem.id} {record.prompt}") for record in self.records))


def from_lake(
    lake: Lake, split: str, count: int, seed: int, renamings: int = 1, trained: Set[str] = frozenset()
) -> Problems:
    """At most `count` proved records of a split, spread over its domains; which ones is drawn by `seed`.

    Those whose canonical forms are among `trained` are left out. Raises UsageError where none is left, and where one of
    them does not hold.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    knobs = {job["identity"]["domain"]: job["identity"]["knobs"] for job in lake.manifest["jobs"]}
    names = sorted({entry["domain"] for entry in lake.files(split=split)})
    if not names:
        raise UsageError(f"{lake.location} has no records in its split {split}: choose another --split, or make more")
    drawn: list[tuple[Record, Domain]] = []
    for name, share in zip(names, _shares(count, names), strict=True):
        task = registry.domain(name, **knobs[name])
        found = lake.records(name, split)
        for record in heapq.nsmallest(share, found, key=lambda record: digest(f"{seed} {record.problem.id}")):
            verdict = registry.checker(task.kind).check(record.problem, record.claim, Budget())
            why = _why_not(record, task, split) if verdict.proved else "is not proved"
            if why:
                raise UsageError(f"{lake.location}: record {record.problem.id} {why}: run python -m neurosym.verify")
            drawn.append((replace(record, verdict=verdict), task))
    return _problems(drawn, f"{lake.location} ({lake.digest[:12]}), split {split}", seed, renamings, trained)


def fresh(
    tasks: Sequence[Domain], count: int, seed: int, renamings: int = 1, trained: Set[str] = frozenset()
) -> Problems:
    """`count` fresh proved records of different canonical forms, shared evenly among the tasks.

    Those whose canonical forms are among `trained` are left out. Raises UsageError where a task has too few problems or
    none is left.
    """
    shares = _shares(count, [task.name for task in tasks])
    drawn = [
        (record, task) for task, share in zip(tasks, shares, strict=True) for record in annotate(task, share, seed)
    ]
    names = ", ".join(f"{task.name}{_knobs(task)}" for task in tasks)
    return _problems(drawn, f"fresh problems of {names}, seed {seed}", seed, renamings, trained)


def _problems(
    drawn: Sequence[tuple[Record, Domain]], questions: str, seed: int, renamings: int, trained: Set[str]
) -> Problems:
    if renamings < 1:
        raise UsageError(f"--renamings must be at least 1, not {renamings}")
    unseen = [(record, task) for record, task in drawn if record.canonical_id not in trained]
    if not unseen:
        raise UsageError(f"the model was trained on the canonical forms of all {len(drawn)} problems: ask it others")
    records = tuple(copy for record, task in unseen for copy in _renamed(record, task, renamings, seed))
    if renamings > 1 and len(records) == len(unseen):
        raise UsageError("none of these problems can be renamed by its domain: leave --renamings out")
    under = f", each under {renamings} namings" if renamings > 1 else ""
    return Problems(records, questions + under, len(drawn) - len(unseen))


def _shares(count: int, names: Sequence[str]) -> list[int]:
    if count < len(names) or not names:
        raise UsageError(f"-n must be at least {max(len(names), 1)}, one problem for each domain, not {count}")
    share, rest = divmod(count, len(names))
    return [share + (number < rest) for number in range(len(names))]


def _knobs(task: Domain) -> str:
    """The knobs that are not at their defaults."""
    usual = type(task)().knobs()
    return "".join(f" {name}={value}" for name, value in task.knobs().items() if value != usual[name])


def _why_not(record: Record, task: Domain, split: str) -> str:
    """Why a proved record of a lake is not what it says; empty where it is."""
    try:
        if canonical_id(record.problem) != record.canonical_id:
            return "has another canonical form than it says"
        if split_of(record.canonical_id) != split:
            return f"belongs to the split {split_of(record.canonical_id)}"
        return "" if task.prompt(record.problem) == record.prompt else "has the prompt of another problem"
    except (MalformedProblem, Undecided) as error:
        return f"does not hold ({error})"


def _renamed(record: Record, task: Domain, copies: int, seed: int) -> Iterator[Record]:
    """The record and, for more than one copy, different renamings of it that the checker has proved.

    Fewer where the domain knows fewer.
    """
    yield record
    seen = {record.problem.id}
    rng = stream("evaluation", "renamed", record.problem.id, seed)
    for _ in range(TRIES * (copies - 1)):
        drawn = task.renamed(record.problem, record.claim, rng) if len(seen) < copies else None
        if drawn is None:
            return
        problem, claim = drawn
        if problem.id in seen:
            continue
        verdict = registry.checker(task.kind).check(problem, claim, Budget())
        if not verdict.proved or canonical_id(problem) != record.canonical_id:
            raise UsageError(f"{task.name} renames {record.problem.id} wrongly: leave --renamings out")
        seen.add(problem.id)
        prompt, completion = task.prompt(problem), task.render(problem, claim.answer)
        yield replace(record, problem=problem, claim=claim, verdict=verdict, prompt=prompt, completion=completion)
