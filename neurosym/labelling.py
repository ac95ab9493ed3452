"""A worker's side of the pipeline: sample and canonise problems; solve, check and render them.

Contract: item `i` of a job depends on the job's seed path and on `i` alone. Whatever goes wrong with one problem is a
row with its status and reason; only a domain that cannot sample ends the run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from neurosym import registry
from neurosym.core import (
    Claim,
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
    """Solve and check each proposal: its rows with their digests, one for each, in order."""
    from neurosym.rows import to_table, with_digests

    return with_digests(to_table([_label(job, proposal) for proposal in proposals]))


@cache
def _version(oracle: str) -> str:
    return registry.oracle(oracle).version()


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
        record = replace(record, oracle_version=_version(job.oracle), prompt=job.domain.prompt(problem))
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


def give_up(job: Job, proposals: list[Proposal]) -> pa.Table:
    """The rows of proposals that took their worker down."""
    verdict = Verdict.undecided(Reason.TOOL_CRASHED, "the worker died of this problem, also when tried again")
    return label(job, [replace(proposal, rejected=verdict) for proposal in proposals])
