"""Each epoch sees every record under a fresh renaming of its objects: a proved record renamed is a proved record.

Contract: a renaming is believed no more than a solver. The new pair goes through the kind's checker, its text through
the domain's parser, and its canonical form must be the old one, since training, validation and test are split by it.
Where a domain knows no renaming, or any of this fails, the record stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from neurosym import registry
from neurosym.core import Budget, Domain, Record, Undecided, stream
from neurosym.labelling import canonical_id


def renamings(records: Iterable[Record], seed: int, epoch: int) -> Iterator[Record]:
    """Each record under the renaming that belongs to (seed, epoch, record id), in order."""
    for record in records:
        yield _renamed(record, seed, epoch) or record


def _renamed(record: Record, seed: int, epoch: int) -> Record | None:
    """The record under a renaming, proved again; or None."""
    task = _task(record)
    try:
        if task is None or task.prompt(record.problem) != record.prompt:
            return None
        found = task.renamed(record.problem, record.claim, stream("rename", seed, epoch, record.problem.id))
        if found is None:
            return None
        problem, claim = found
        verdict = registry.checker(problem.kind).check(problem, claim, Budget())
        if not verdict.proved or canonical_id(problem) != record.canonical_id:
            return None
        completion = task.render(problem, claim.answer)
        if task.parse(problem, completion) != claim.answer:
            return None
        return replace(record, problem=problem, prompt=task.prompt(problem), completion=completion, claim=claim,
                       verdict=verdict)  # fmt: skip
    except (ValueError, Undecided):  # MalformedProblem and MalformedAnswer among them
        return None


def _task(record: Record) -> Domain | None:
    """The record's domain in the prompt style that its seed path names, with default knobs."""
    domain = registry.domains().get(record.problem.domain)
    if domain is None:
        return None
    try:
        return domain(prompt_style=json.loads(record.seed_path)[2]["prompt_style"])
    except (ValueError, LookupError, TypeError):  # not a record that a domain sampled
        return domain()
