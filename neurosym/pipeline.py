"""From a task to records: propose problems, drop isomorphic copies, label and check what is left.

Contract: item `i` of a job depends on the job's seed path and on `i` alone. Items are taken in order; an item whose
canonical form an earlier item had is dropped before anything is solved. The records that come out are therefore the
same for any number of workers. What is not proved comes out too, with its status and reason: the lake puts it into
quarantine, and the job goes on until it has the records asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from neurosym import registry
from neurosym.cluster import Pool, alone, ordered, pool
from neurosym.core import (
    Budget,
    Claim,
    Domain,
    Json,
    MalformedProblem,
    Problem,
    Reason,
    Record,
    Undecided,
    Verdict,
    canonical_json,
    digest,
    stream,
)
from neurosym.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 64
"""Items proposed, and problems labelled, in one call to a worker."""

PATIENCE = 4096
"""So many items in a row without a new problem, and the domain counts as exhausted."""

HOPELESS = 256
"""So many new problems in a row without a proof, and the job is given up."""


@dataclass(frozen=True)
class Source:
    """A user's own problem: where it was found, and the problem or why there is none."""

    path: str
    problem: Problem
    error: str = ""


@dataclass(frozen=True)
class Job:
    """What fixes a dataset: the task with its knobs, seed, oracle and budget; or the user's own problems."""

    domain: Domain
    seed: int = 0
    oracle: str = ""
    budget: Budget = field(default_factory=Budget)
    sources: tuple[Source, ...] | None = None

    def __post_init__(self) -> None:
        if not self.oracle:
            object.__setattr__(self, "oracle", registry.default_oracle(self.domain.kind))
        elif registry.oracle(self.oracle).kind != self.domain.kind:
            raise UsageError(
                f"oracle {self.oracle!r} does not solve {self.domain.kind}: "
                f"for {self.domain.name} use {', '.join(registry.oracles(self.domain.kind))}"
            )

    @cached_property
    def identity(self) -> dict[str, Json]:
        """All of the above as JSON: two jobs of equal identity make equal records."""
        budget = {"steps": self.budget.steps, "seconds": str(self.budget.seconds), "memory_mb": self.budget.memory_mb}
        known = {
            "domain": self.domain.name,
            "version": self.domain.version,
            "knobs": self.domain.knobs(),
            "seed": self.seed,
            "oracle": self.oracle,
            "budget": budget,
        }
        if self.sources is not None:
            known["sources"] = digest(canonical_json([[source.path, source.problem.id] for source in self.sources]))
        return known

    @property
    def without_sources(self) -> Job:
        """What a worker needs to know of the job: the sources travel one call at a time."""
        return replace(self, sources=None) if self.sources is not None else self


@dataclass(frozen=True)
class Proposal:
    """Item `item` before it is solved. `rejected` is set where the problem itself is no good."""

    item: int
    seed_path: str
    problem: Problem
    canonical_id: str = ""
    rejected: Verdict | None = None


def propose(job: Job, items: range, sources: tuple[Source, ...] | None = None) -> list[Proposal]:
    """Sample each item, or take it from `sources`, and find its canonical form."""
    if sources is None:
        return [_sampled(job, item) for item in items]
    return [_given(item, source) for item, source in zip(items, sources, strict=True)]


def _sampled(job: Job, item: int) -> Proposal:
    path = [job.domain.name, job.domain.version, job.domain.knobs(), job.seed, item]
    try:
        problem = job.domain.sample(stream(*path))
    except ValueError as error:
        raise UsageError(f"{job.domain.name}: {error}") from None
    return _canonised(Proposal(item, canonical_json(path), problem))


def _given(item: int, source: Source) -> Proposal:
    proposal = Proposal(item, canonical_json(["from", source.path, item]), source.problem)
    if source.error:
        return replace(proposal, rejected=Verdict.malformed(source.error))
    return _canonised(proposal)


def _canonised(proposal: Proposal) -> Proposal:
    problem = proposal.problem
    try:
        return replace(proposal, canonical_id=canonical_id(problem))
    except MalformedProblem as error:
        return replace(proposal, rejected=Verdict.malformed(f"problem: {error}"))
    except Undecided as error:
        return replace(proposal, rejected=Verdict.undecided(error.reason, error.detail))


def canonical_id(problem: Problem) -> str:
    """Hash of the canonical form: equal for isomorphic problems, of whatever domain. Raises what `canonical` does."""
    return digest(f"{problem.kind}:{registry.checker(problem.kind).canonical(problem).hex()}")


def label(job: Job, proposals: list[Proposal]) -> pa.Table:
    """Solve and check each proposal: its rows, one for each, in order."""
    from neurosym.rows import to_table

    return to_table([_label(job, proposal) for proposal in proposals])


def _label(job: Job, proposal: Proposal) -> Record:
    problem, oracle = proposal.problem, registry.oracle(job.oracle)
    record = Record(
        problem=problem,
        prompt="",
        completion="",
        claim=Claim(None),
        verdict=Verdict.undecided(Reason.NO_EVIDENCE) if proposal.rejected is None else proposal.rejected,
        canonical_id=proposal.canonical_id,
        oracle=job.oracle,
        oracle_version="",
        seed_path=proposal.seed_path,
    )
    if proposal.rejected is not None:
        return record
    try:
        record = replace(record, oracle_version=oracle.version(), prompt=job.domain.prompt(problem))
        claim = oracle.solve(problem, job.budget)
    except Undecided as error:
        return replace(record, verdict=Verdict.undecided(error.reason, error.detail))
    except MalformedProblem as error:
        return replace(record, verdict=Verdict.malformed(f"problem: {error}"))
    except MemoryError:
        return replace(record, verdict=Verdict.undecided(Reason.MEMORY))
    except Exception as error:  # an oracle that breaks is a fact about the oracle, not the end of the run
        return replace(record, verdict=Verdict.undecided(Reason.TOOL_CRASHED, f"{type(error).__name__}: {error}"[:500]))
    record = replace(record, claim=claim, verdict=registry.checker(problem.kind).check(problem, claim, job.budget))
    if not record.verdict.proved:
        return record
    effort = claim.metrics.get(oracle.effort)
    completion = job.domain.render(problem, claim.answer)
    if job.domain.parse(problem, completion) != claim.answer:
        # The answer is proved, but the model is trained on its text.
        return replace(record, verdict=Verdict.malformed(f"{job.domain.name} does not parse what it rendered"))
    return replace(record, completion=completion, difficulty=effort if isinstance(effort, int) else None)


def _worker_died(job: Job, proposals: list[Proposal]) -> pa.Table:
    verdict = Verdict.undecided(Reason.TOOL_CRASHED, "the worker died of this problem, also when tried again")
    return label(job, [replace(proposal, rejected=verdict) for proposal in proposals])


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

        return pa.concat_tables([alone(workers, label, (job, [proposal]), _worker_died) for proposal in batch])

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
