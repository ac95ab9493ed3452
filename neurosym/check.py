"""python -m neurosym.check: formal answers in, verdicts out, one JSON line for each, in order.

In:  {"id", "kind", "payload", "answer", "evidence"?}     Out: {"id", "status", "trust", "reason", "detail"}

A line that is not such an object is answered too: malformed, with its place. Nothing in a line is ever evaluated.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from neurosym import registry
from neurosym.audit import optimal_length
from neurosym.command import Parser, note, run
from neurosym.core import (
    Budget,
    Claim,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Status,
    Trust,
    Undecided,
    Verdict,
    exact_json,
)
from neurosym.errors import FalseLabel, UsageError
from neurosym.judging import judge_answer

EXAMPLES = """\
  python -m neurosym.check answers.jsonl -o verdicts.jsonl
  cat answers.jsonl | python -m neurosym.check - --strict
  python -m neurosym.check answers.jsonl --solve       let oracles decide answers that bring no evidence
"""

MAX_LINE = 64 << 20
"""The longest line that is read, in bytes."""


def parser() -> Parser:
    """The command line."""
    made = Parser("check", "Judge formal answers: JSON lines in, verdicts out.", EXAMPLES)
    made.add_argument("file", metavar="FILE.jsonl", help="the answers, or - for standard input")
    made.add_argument("-o", "--out", metavar="OUT", help="where the verdicts go (default: standard output)")
    made.add_argument("--solve", action="store_true", help="let oracles decide what brings no evidence")
    made.add_argument("--strict", action="store_true", help="exit with 1 if an answer is wrong or malformed")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Returns 0, or raises FalseLabel (exit code 1) with --strict."""
    options = parser().parse_args(arguments)
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        source = sys.stdin.buffer if options.file == "-" else stack.enter_context(_open(options.file))
        sink = stack.enter_context(Path(options.out).open("w")) if options.out else sys.stdout
        for name, verdict in verdicts(_lines(source), options.solve):
            counts[verdict.status] += 1
            print(as_json(name, verdict), file=sink)
    note(f"{', '.join(f'{counts[status]} {status}' for status in Status)} of {counts.total()}")
    false = counts[Status.WRONG] + counts[Status.MALFORMED]
    if options.strict and false:
        raise FalseLabel(f"{false} of {counts.total()} answers are wrong or malformed")
    return 0


def _open(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _lines(source: IO[bytes]) -> Iterator[bytes | None]:
    """The lines; None for one that is too long, which is skipped without being held."""
    while line := source.readline(MAX_LINE):
        whole = line.endswith(b"\n") or len(line) < MAX_LINE
        while not whole:
            rest = source.readline(MAX_LINE)
            whole = rest.endswith(b"\n") or len(rest) < MAX_LINE
            line = b""
        yield line or None


def verdicts(lines: Iterable[bytes | None], solve: bool = False) -> Iterator[tuple[Json, Verdict]]:
    """The id and verdict of each line; an empty one has none, any other blank one is malformed."""
    for number, line in enumerate(lines, 1):
        if line == b"\n":
            continue
        if line is None:
            yield None, Verdict.malformed(f"line {number}: longer than {MAX_LINE >> 20} MB")
            continue
        try:
            name, problem, claim = read_claim(line)
        except MalformedAnswer as error:
            yield None, Verdict.malformed(f"line {number}: {error}")
            continue
        yield name, check(problem, claim, solve)


def read_claim(line: bytes | str) -> tuple[Json, Problem, Claim]:
    """The id, problem and claim of a line. Raises MalformedAnswer."""
    try:
        entry = exact_json(line)
        if not isinstance(entry, dict):
            raise ValueError("not an object")
        missing = [key for key in ("id", "kind", "payload", "answer") if key not in entry]
        if missing:
            raise ValueError(f"{' and '.join(missing)} missing")
        strange = sorted(set(entry) - {"id", "kind", "payload", "answer", "evidence"})
        if strange:
            raise ValueError(f"unexpected {', '.join(strange)}")
        if not isinstance(entry["payload"], dict) or not isinstance(entry["kind"], str):
            raise ValueError("kind must be a string and payload an object")
    except ValueError as error:
        raise MalformedAnswer(f"not a claim in JSON: {str(error)[:200]}") from None
    return entry["id"], Problem("", entry["kind"], entry["payload"]), Claim(entry["answer"], entry.get("evidence"))


def check(problem: Problem, claim: Claim, solve: bool = False) -> Verdict:
    """The verdict on a claim; with `solve`, what brings no evidence is decided by the kind's oracles."""
    if problem.kind not in registry.kinds():
        known = ", ".join(registry.kinds())
        return Verdict.undecided(Reason.UNSUPPORTED, f"no checker for kind {problem.kind[:40]!r}; known: {known}")
    verdict = judge_answer(problem, claim)
    if solve and verdict.reason in (Reason.NO_EVIDENCE, Reason.TIMEOUT, Reason.MEMORY):
        return _decide(problem, claim, verdict)
    return verdict


def _decide(problem: Problem, claim: Claim, verdict: Verdict) -> Verdict:
    """What the kind's oracles say of a claim without evidence, or one that is too hard for the checker.

    One oracle with evidence that the checker replays proves it. Without any, two of different families that say the
    same are agreement. A single oracle's word leaves the claim undecided.
    """
    checker = registry.checker(problem.kind)
    mine = _stated(problem, claim)
    said: dict[str, str] = {}
    for name in registry.oracles(problem.kind):
        oracle = registry.oracle(name)
        if oracle.family in said:
            continue
        try:
            found = oracle.solve(problem, Budget())
        except (Undecided, MalformedProblem):
            continue
        proved = judge_answer(problem, claim, proved=found)
        if proved.status is not Status.UNDECIDED:
            return proved
        word = checker.conclusion(found.answer)
        if not isinstance(claim.answer, str) and word == "solvable":
            length = optimal_length(found.metrics)
            word = f"shortest plan of {length} steps" if length is not None else ""
        if word:
            said[oracle.family] = word
    if mine and len(said) > 1 and len(set(said.values())) == 1:
        families = " and ".join(said)
        same = said.popitem()[1] == mine
        return (Verdict.correct if same else Verdict.wrong)(f"{families} agree", Trust.AGREED)
    return verdict


def _stated(problem: Problem, claim: Claim) -> str:
    """What a claim without a witness states: its conclusion, or how long a shortest plan is; "" where it is neither."""
    match claim.answer:
        case str():
            return registry.checker(problem.kind).conclusion(claim.answer)
        case {"plan": str(plan), "optimal": True}:
            valid = registry.checker(problem.kind).check(problem, Claim(plan), Budget()).proved
            return f"shortest plan of {plan.count('(')} steps" if valid else ""
    return ""


def as_json(name: Json, verdict: Verdict) -> str:
    """The line that answers a claim."""
    return json.dumps(
        {"id": name, "status": verdict.status, "trust": verdict.trust, "reason": verdict.reason,
         "detail": verdict.detail}
    )  # fmt: skip


if __name__ == "__main__":
    run(main)
