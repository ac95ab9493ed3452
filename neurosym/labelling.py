"""A worker's side of the pipeline: sample and canonise problems; solve, check and render them.

Contract: item `i` of a job depends on the job's seed path and on `i` alone. Whatever goes wrong with one problem is a
row with its status and reason; only a domain that cannot sample ends the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.core import (
    Claim,
    MalformedAnswer,
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
from neurosym.job import Job, Source

if TYPE_CHECKING:
    import pyarrow as pa


NO_CLAIM = Claim(None)
UNCHECKED = Verdict.undecided(Reason.NO_EVIDENCE, "not checked yet")

RECENT = 16
"""Spans whose proposals a worker keeps: more than are ever under way between proposing and labelling."""


@dataclass(frozen=True)
class Proposal:
    """Item `item` before it is solved. `rejected` is set where the problem itself is no good."""

    item: int
    seed_path: str
    problem: Problem
    canonical_id: str = ""
    rejected: Verdict | None = None


@dataclass(frozen=True)
class Span:
    """Consecutive items of a job; where they are a user's own problems, `sources` has one for each."""

    items: range
    job: Job
    sources: tuple[Source, ...] | None = None


_recent: deque[tuple[Span, list[Proposal]]] = deque(maxlen=RECENT)


def propose(span: Span) -> list[Proposal]:
    """Sample each item, or take it from the sources, and find its canonical form.

    What was proposed last is kept, so that a worker that labels what it proposed does not sample it again.
    """
    for known, proposals in _recent:
        if known == span:
            return proposals
    proposals = [_proposal(span, item) for item in span.items]
    _recent.append((span, proposals))
    return proposals


def _proposal(span: Span, item: int) -> Proposal:
    if span.sources is None:
        return _sampled(span.job, item)
    return _given(item, span.sources[item - span.items.start])


def canonical_ids(span: Span) -> list[str]:
    """The canonical id of each item, "" where it has none: all that deciding what to label takes."""
    return [proposal.canonical_id for proposal in propose(span)]


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


def label(span: Span, chosen: Sequence[int]) -> pa.Table:
    """Solve and check the chosen items of a span: their rows with digests, one for each, in order."""
    from neurosym.rows import table_with_digests

    return table_with_digests([_row(span.job, record) for record in _labelled(span.job, _chosen(span, chosen))])


def _chosen(span: Span, chosen: Sequence[int]) -> Iterator[Proposal]:
    for known, proposals in _recent:
        if known == span:
            return (proposals[item - span.items.start] for item in chosen)
    return (_proposal(span, item) for item in chosen)


def _row(job: Job, record: Record) -> dict[str, Any]:
    from neurosym.rows import to_row

    try:
        return to_row(record)
    except ValueError as error:
        reason = Verdict.undecided(Reason.TOOL_CRASHED, f"{job.oracle} made a claim that is not plain JSON: {error}")
        return to_row(replace(record, claim=NO_CLAIM, verdict=reason, prompt="", completion="", difficulty=None))


@cache
def _version(oracle: str) -> str:
    return registry.oracle(oracle).version()


def _labelled(job: Job, proposals: Iterable[Proposal]) -> Iterator[Record]:
    """The record of each proposal. What was solved is checked together, since some tools start slowly."""
    solved = [_solved(job, proposal) for proposal in proposals]
    claims = [(record.problem, record.claim) for record, open_ in solved if open_]
    verdicts = iter(registry.checker(job.domain.kind).check_many(claims, job.budget) if claims else ())
    for record, open_ in solved:
        yield _stated(job, replace(record, verdict=next(verdicts))) if open_ else record


def _solved(job: Job, proposal: Proposal) -> tuple[Record, bool]:
    """The record of a proposal with the oracle's claim, and whether that is still open: claimed, and not checked."""
    problem, domain = proposal.problem, job.domain
    record = Record(
        problem=problem,
        prompt="",
        completion="",
        claim=NO_CLAIM,
        verdict=UNCHECKED if proposal.rejected is None else proposal.rejected,
        canonical_id=proposal.canonical_id,
        oracle=job.oracle,
        oracle_version="",
        seed_path=proposal.seed_path,
    )
    if proposal.rejected is not None:
        return record, False
    try:
        oracle, version = registry.oracle(job.oracle), _version(job.oracle)
        prompt = domain.prompt(problem)
        claim = domain.claimed(problem, oracle.solve(problem, job.budget))
    except Undecided as error:
        verdict = Verdict.undecided(error.reason, error.detail)
    except MalformedProblem as error:
        verdict = Verdict.malformed(f"problem: {error}")
    except MemoryError:
        verdict = Verdict.undecided(Reason.MEMORY)
    except Exception as error:  # an oracle that breaks is a fact about the oracle, not the end of the run
        verdict = Verdict.undecided(Reason.TOOL_CRASHED, f"{type(error).__name__}: {error}"[:500])
    else:
        return replace(record, claim=claim, oracle_version=version, prompt=prompt), True
    return replace(record, verdict=verdict), False


def _stated(job: Job, record: Record) -> Record:
    """A checked record with the text of its answer, if that is proved and the text states it."""
    domain, problem, claim = job.domain, record.problem, record.claim
    if not record.verdict.proved:
        return record
    try:
        completion = domain.render(problem, claim.answer)
        stated = domain.parse(problem, completion)
    except MalformedAnswer as error:
        stated = error
    if stated != claim.answer:
        # The answer is proved, but a model is trained on its text.
        verdict = Verdict.malformed(f"{domain.name} does not parse what it rendered: {stated}"[:500])
        return replace(record, verdict=verdict)
    effort = claim.metrics.get(registry.oracle(job.oracle).effort)
    return replace(record, completion=completion, difficulty=effort if isinstance(effort, int) else None)


def give_up(span: Span, chosen: Sequence[int]) -> pa.Table:
    """The rows of items that took their worker down."""
    from neurosym.rows import table_with_digests

    verdict = Verdict.undecided(Reason.TOOL_CRASHED, "the worker died of this problem, also when tried again")
    lost = (replace(each, rejected=verdict) for each in _chosen(span, chosen))
    return table_with_digests([_row(span.job, record) for record in _labelled(span.job, lost)])
