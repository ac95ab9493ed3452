"""From a task to records: propose problems, drop isomorphic copies, label and check what is left.

Contract: items are taken in order; one whose canonical form an earlier item had is dropped before anything is solved.
The records that come out are therefore the same for any number of workers. What is not proved comes out too, with its
status and reason: the lake puts it into quarantine, and the job goes on until it has the records asked for.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from neurosym.cluster import Pool, alone, ordered, pool
from neurosym.core import Budget, Domain, Record
from neurosym.errors import UsageError
from neurosym.job import Job
from neurosym.labelling import Span, canonical_ids, give_up, label

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 128
"""Items proposed, and at most so many problems labelled, in one call to a worker."""

FEWEST = 8
"""Calls to label are smaller, down to this, where labels are slow, so that progress shows every second; and towards the
end, so that the workers finish together: guided self-scheduling (Polychronopoulos and Kuck 1987)."""

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
    covered: deque[tuple[int, int, list[int]]] = deque()
    proved = in_flight = unproved = made = 0
    began = time.monotonic()

    def missing() -> int:
        return count - proved - in_flight

    def wanted() -> int:
        brisk = int(made / max(time.monotonic() - began, 0.001))
        return min(CHUNK, missing(), max(FEWEST, min(brisk, missing() // workers.window)))

    new = _new_items(job, workers, seen, start, missing)

    def calls() -> Iterator[tuple[Span, list[int]]]:
        nonlocal in_flight
        first = start
        for span, fresh in new:
            while fresh:
                size = wanted()
                chosen, fresh = fresh[:size], fresh[size:]
                in_flight += len(chosen)
                covered.append((first, chosen[-1] + 1 if fresh else span.items.stop, chosen))
                first = covered[-1][1]
                yield span, chosen

    def one_by_one(span: Span, chosen: list[int]) -> pa.Table:
        import pyarrow as pa

        return pa.concat_tables([alone(workers, label, (span, [item]), give_up) for item in chosen])

    for rows in ordered(workers, label, calls(), ready=lambda: wanted() > 0, on_death=one_by_one, home=_home):
        in_flight -= rows.num_rows
        made += rows.num_rows
        first, following, chosen = covered.popleft()
        for row, good in enumerate(proved_mask(rows).to_pylist()):
            unproved = 0 if good else unproved + 1
            if unproved == HOPELESS and job.sources is None:
                following, rows = chosen[row] + 1, rows.slice(0, row + 1)
                break
        chunk = Chunk(first, following, rows)
        proved += chunk.proved
        yield chunk
        if unproved == HOPELESS and job.sources is None:
            reason = rows["reason"][-1].as_py() or rows["status"][-1].as_py()
            raise Exhausted(
                f"{job.domain.name}: none of the last {unproved} problems could be proved ({reason}: "
                f"{rows['detail'][-1].as_py()}); see the quarantine; what was made is kept"
            )
    if proved < count and job.sources is None:
        raise Exhausted(
            f"{job.domain.name}: no new problem in {PATIENCE} samples, so with these knobs it has about {len(seen)} "
            f"distinct ones; what was made is kept; ask for fewer, or set other knobs"
        )


def _new_items(
    job: Job, workers: Pool, seen: set[bytes], start: int, missing: Callable[[], int]
) -> Iterator[tuple[Span, list[int]]]:
    """The items of each span whose canonical form no earlier item had.

    No more of them are under way than `missing()`, since a short job would otherwise spend a fifth of its time on
    problems that nobody takes.
    """
    last_new = start
    under_way = 0
    asked: deque[Span] = deque()

    def calls() -> Iterator[tuple[Span]]:
        nonlocal under_way
        for span in _spans(job, start):
            under_way += len(span.items)
            asked.append(span)
            yield (span,)

    def ready() -> bool:
        return under_way == 0 or under_way < missing()

    for forms in ordered(workers, canonical_ids, calls(), ready, home=_home):
        span = asked.popleft()
        under_way -= len(span.items)
        fresh = []
        for item, form in zip(span.items, map(bytes.fromhex, forms), strict=True):
            if form and form in seen:
                continue
            if form:
                seen.add(form)
            fresh.append(item)
            last_new = item
        if fresh:
            yield span, fresh
        if span.items.stop - last_new > PATIENCE:
            return


def _home(span: Span, chosen: Sequence[int] = ()) -> int:
    return span.items.start // CHUNK


def _spans(job: Job, start: int) -> Iterator[Span]:
    """Spans of at most CHUNK items each, that never cross a multiple of CHUNK."""
    end = len(job.sources) if job.sources is not None else None
    while end is None or start < end:
        stop = start - start % CHUNK + CHUNK
        items = range(start, stop if end is None else min(stop, end))
        sources = job.sources[items.start : items.stop] if job.sources is not None else None
        yield Span(items, job.without_sources, sources)
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
