"""From a task to records: propose problems, drop isomorphic copies, label and check what is left.

Contract: items are taken in order; one whose canonical form an earlier item had is dropped before anything is solved.
The records that come out are therefore the same for any number of workers. What is not proved comes out too, with its
status and reason: the lake puts it into quarantine, and the job goes on until it has the records asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from neurosym.cluster import Pool, alone, ordered, pool
from neurosym.core import Budget, Domain, Record
from neurosym.errors import UsageError
from neurosym.job import Job, Source
from neurosym.labelling import Proposal, give_up, label, propose

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 64
"""Items proposed, and problems labelled, in one call to a worker."""

PATIENCE = 4096
"""So many items in a row without a new problem, and the domain counts as exhausted."""

HOPELESS = 256
"""So many new problems in a row without a proof, and the job is given up."""


@dataclass(frozen=True)
class Chunk:
    """Labelled rows of the items from `first` up to, not including, `next`; duplicates among them have no row."""

    first: int
    next: int
    rows: pa.Table

    @cached_property
    def proved(self) -> int:
        """How many of the rows are training data."""
        import pyarrow.compute as pc

        return int(pc.sum(proved_mask(self.rows)).as_py() or 0)


def proved_mask(rows: pa.Table) -> pa.ChunkedArray:
    """Which rows are correct and proved."""
    import pyarrow.compute as pc

    return pc.and_(pc.equal(rows["status"], "correct"), pc.equal(pc.fill_null(rows["trust"], ""), "proved"))


class Exhausted(UsageError):
    """The domain has no further problems, or none that can be proved. What was made before is kept."""


def run(job: Job, workers: Pool, count: int, seen: set[bytes], start: int = 0) -> Iterator[Chunk]:
    """The rows of `job` from item `start` on, until `count` of them are proved or the sources end.

    `seen` holds the canonical forms of all items before `start`; forms of later items are added to it. Raises Exhausted
    where the domain has no further problems, or none that can be proved, after all that was made has been yielded.
    """
    proposals = _fresh(job, workers, seen, start)
    spans: deque[tuple[int, int]] = deque()
    proved = in_flight = unproved = 0

    def wanted() -> int:
        return min(CHUNK, count - proved - in_flight)

    def calls() -> Iterator[tuple[Job, list[Proposal]]]:
        nonlocal in_flight
        first = start
        for end, fresh in proposals:
            while fresh:
                batch, fresh = fresh[: wanted()], fresh[wanted() :]
                in_flight += len(batch)
                spans.append((first, batch[-1].item + 1 if fresh else end))
                first = spans[-1][1]
                yield job.without_sources, batch

    def one_by_one(job: Job, batch: list[Proposal]) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables([alone(workers, label, (job, [proposal]), give_up) for proposal in batch])

    for rows in ordered(workers, label, calls(), ready=lambda: wanted() > 0, on_death=one_by_one):
        chunk = Chunk(*spans.popleft(), rows)
        in_flight -= rows.num_rows
        proved += chunk.proved
        unproved = 0 if chunk.proved else unproved + rows.num_rows
        yield chunk
        if unproved >= HOPELESS and job.sources is None:
            reason = rows["reason"][0].as_py() or rows["status"][0].as_py()
            raise Exhausted(
                f"{job.domain.name}: none of the last {unproved} problems could be proved ({reason}: "
                f"{rows['detail'][0].as_py()}); see the quarantine; what was made is kept"
            )
    if proved < count and job.sources is None:
        raise Exhausted(
            f"{job.domain.name}: no new problem in {PATIENCE} samples, so with these knobs it has about {len(seen)} "
            f"distinct ones; what was made is kept; ask for fewer, or set other knobs"
        )


def _fresh(job: Job, workers: Pool, seen: set[bytes], start: int) -> Iterator[tuple[int, list[Proposal]]]:
    """The proposals that repeat no canonical form, range by range, each with the range's end."""
    last_new = start
    for end, proposals in ordered(workers, _propose_range, _ranges(job, start)):
        fresh = []
        for proposal in proposals:
            form = bytes.fromhex(proposal.canonical_id)
            if form and form in seen:
                continue
            if form:
                seen.add(form)
            fresh.append(proposal)
            last_new = proposal.item
        if fresh:
            yield end, fresh
        if end - last_new > PATIENCE:
            return


def _propose_range(job: Job, items: range, sources: tuple[Source, ...] | None) -> tuple[int, list[Proposal]]:
    return items.stop, propose(job, items, sources)


def _ranges(job: Job, start: int) -> Iterator[tuple[Job, range, tuple[Source, ...] | None]]:
    """Calls for at most CHUNK items each, that never cross a multiple of CHUNK."""
    end = len(job.sources) if job.sources is not None else None
    while end is None or start < end:
        stop = start - start % CHUNK + CHUNK
        items = range(start, stop if end is None else min(stop, end))
        yield job.without_sources, items, job.sources[items.start : items.stop] if job.sources is not None else None
        start = stop


@dataclass(frozen=True)
class Annotation:
    """A job, how many records of it, and how many workers: not run until it is iterated or written to a lake."""

    job: Job
    count: int
    workers: int = 1

    def __iter__(self) -> Iterator[Record]:
        """The proved records, in order. Raises UsageError where the domain has too few."""
        from neurosym.rows import records

        with pool(self.workers) as workers:
            for chunk in run(self.job, workers, self.count, set()):
                yield from records(chunk.rows.filter(proved_mask(chunk.rows)))


def annotate(
    task: Domain,
    count: int,
    seed: int = 0,
    workers: int = 1,
    oracle: str = "",
    budget: Budget | None = None,
) -> Annotation:
    """`count` proved records of a task: iterate over them, or hand them to `Lake.write`.

    `oracle` is a name (the default one of the task's kind if empty). Raises UsageError for an unknown oracle, one of
    another kind, or a count below 1.
    """
    if count < 1:
        raise UsageError(f"count must be at least 1, not {count}")
    return Annotation(Job(task, seed, oracle, budget or Budget()), count, workers)
