"""python -m neurosym.verify: proves every record of a lake again, from its payload and evidence alone.

No solver is called, and none need be installed. What is checked of each record: its columns are those that were
written; its answer is proved by its kind's checker; its prompt asks the problem's question, and its completion states
the proved answer; its canonical form and split are right, and no other record has that form.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from neurosym import registry
from neurosym.command import Parser, note, progress_bar, run
from neurosym.core import Budget, Domain, MalformedAnswer, MalformedProblem, Reason, Record, Undecided, Verdict
from neurosym.errors import FalseLabel, UsageError

EXAMPLES = """\
  python -m neurosym.verify lake
  python -m neurosym.verify lake --workers 2 --json
"""

SHOWN = 20
"""Failures printed one by one; the rest are counted."""


@dataclass(frozen=True)
class Failure:
    """A record that does not hold: `false` where its label is not proved, otherwise a damaged or leaking row."""

    id: str
    file: str
    why: str


@dataclass
class Outcome:
    """What was found in one file, or in all."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    forms: list[bytes] = field(default_factory=list)


def prove_again(location: str, entry: dict[str, Any], knobs: dict[str, Any]) -> Outcome:
    """Check every record of one file. `entry` is the manifest's, `knobs` the domain's."""
    from neurosym.lake import Lake
    from neurosym.rows import from_row, table_digest, to_row

    outcome = Outcome()
    path = entry["path"]
    table = Lake(location).table(path)
    if table_digest(table) != entry["digest"]:
        outcome.failures.append(Failure("", path, "the rows are not those that the manifest names"))
    domain = registry.domain(entry["domain"], **knobs) if entry["domain"] in registry.domains() else None
    for batch in table.to_batches(max_chunksize=1024):
        records: list[Record] = []
        for row in batch.to_pylist():
            try:
                record = from_row(row)
                if record.problem.id != row["id"]:
                    raise ValueError("the id is not that of the problem")
                if to_row(record) != row:
                    raise ValueError("a column holds something else than the record")
            except (ValueError, KeyError, TypeError, IndexError) as error:
                outcome.failures.append(Failure(str(row.get("id")), path, f"not a record: {error}"))
                continue
            records.append(record)
        for record, verdict in zip(records, _verdicts(records), strict=True):
            why = _why_not(record, verdict, domain, entry)
            status, trust = (str(record.verdict.status), str(record.verdict.trust)) if not why else ("failed", "")
            outcome.counts[entry["domain"], status, trust] += 1
            if why:
                outcome.failures.append(Failure(record.problem.id, path, why))
            outcome.forms.append(bytes.fromhex(record.canonical_id))
    return outcome


def _verdicts(records: list[Record]) -> Iterator[Verdict]:
    """What the checkers say now. Raises UsageError where a checker's own tool is missing, not the proof."""
    for kind, group in groupby(records, lambda record: record.problem.kind):
        claims = [(record.problem, record.claim) for record in group]
        for verdict in registry.checker(kind).check_many(claims, Budget()):
            if verdict.reason is Reason.TOOL_MISSING:
                raise UsageError(f"kind {kind} cannot be proved again here: {verdict.detail}")
            yield verdict


def _why_not(record: Record, verdict: Verdict, domain: Domain | None, entry: dict[str, Any]) -> str:
    """Why a record does not hold; empty where it does."""
    from neurosym.labelling import canonical_id
    from neurosym.rows import split_of

    if not verdict.proved:
        return f"not proved: {verdict.status} {verdict.reason or ''} {verdict.detail}"
    if not record.verdict.proved:
        return f"stored as {record.verdict.status}, but lies among the proved records"
    try:
        if canonical_id(record.problem) != record.canonical_id:
            return "the canonical form is another"
        if split_of(record.canonical_id) != entry["split"]:
            return f"lies in split {entry['split']}, but its canonical form belongs to {split_of(record.canonical_id)}"
        if record.problem.domain != entry["domain"] or (domain and record.problem.kind != domain.kind):
            return (
                f"is a problem of {record.problem.domain}, kind {record.problem.kind}, among those of {entry['domain']}"
            )
        if domain is None:
            return f"domain {record.problem.domain} is not installed: its prompt and completion cannot be checked"
        if domain.prompt(record.problem) != record.prompt:
            return "the prompt is not the problem's"
        if domain.parse(record.problem, record.completion) != record.claim.answer:
            return "the completion states another answer than the proved one"
    except (MalformedProblem, MalformedAnswer, Undecided) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def parser() -> Parser:
    """The command line."""
    made = Parser("verify", "Prove every record of a lake again, from payload and evidence alone.", EXAMPLES)
    made.add_argument("lake", metavar="LAKE", help="the lake's folder or URI")
    made.add_argument("--workers", type=int, default=1, metavar="W", help="1: this process; more: Ray (default 1)")
    made.add_argument("--json", action="store_true", help="print the summary as JSON on stdout")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Returns 0 where every record holds; raises FalseLabel (exit code 1) where one does not."""
    options = parser().parse_args(arguments)
    whole = verify(options.lake, options.workers)
    by_domain: dict[str, Counter[str]] = {}
    for (domain, status, trust), count in sorted(whole.counts.items()):
        by_domain.setdefault(domain, Counter())[f"{status} {trust}".strip()] += count
    if options.json:
        failures = [{"id": f.id, "file": f.file, "why": f.why} for f in whole.failures]
        print(json.dumps({"records": sum(whole.counts.values()), "failures": failures, "domains": by_domain}, indent=1))
    else:
        for domain, counts in by_domain.items():
            print(f"{domain:18} {', '.join(f'{count} {what}' for what, count in counts.items())}")
    for failure in whole.failures[:SHOWN]:
        note(f"{failure.file} {failure.id}: {failure.why}")
    if whole.failures:
        raise FalseLabel(f"{len(whole.failures)} failures in {options.lake}: do not train on it")
    if not options.json:
        print(f"{sum(whole.counts.values())} records proved again, 0 failures")
    return 0


def verify(location: str, workers: int = 1) -> Outcome:
    """Check a whole lake. Raises UsageError where there is none, or a file is missing or torn."""
    from neurosym.cluster import ordered, pool
    from neurosym.lake import Lake

    lake = Lake(location)
    if not lake.manifest["complete"]:
        note(f"{location} is not complete: run its generate again to finish it; checking what is there")
    knobs = {job["identity"]["domain"]: job["identity"]["knobs"] for job in lake.manifest["jobs"]}
    calls = [(location, entry, knobs[entry["domain"]]) for entry in lake.files()]
    if not calls:
        raise UsageError(f"{location} holds no records")
    whole = Outcome()
    seen: set[bytes] = set()
    total = sum(entry["rows"] for entry in lake.files())
    for path in set(lake.folder.files("data")) - {entry["path"] for entry in lake.files()}:
        whole.failures.append(Failure("", path, "a file that the manifest does not name"))
    with pool(workers) as hands, progress_bar("verify", total) as update:
        for (_, entry, _), outcome in zip(calls, ordered(hands, prove_again, calls), strict=True):
            whole.counts += outcome.counts
            whole.failures += outcome.failures
            for form in outcome.forms:
                if form in seen:
                    whole.failures.append(Failure(form.hex(), entry["path"], "an isomorphic copy of another record"))
                seen.add(form)
            update(len(seen), f"{len(whole.failures)} failures" if whole.failures else "")
    return whole


if __name__ == "__main__":
    run(main)
