"""Asks a model, keeps what it says as it comes, and judges it; or judges again what was kept, without the model.

Contract: an answer is in outputs.jsonl before it is judged, and whoever kills the process, the next run of the same
model, sampling and problems asks only what is missing; another run is refused. Nothing that a model says ends a run.
The folder is local, and has one writer at a time.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from neurosym.cluster import alone, ordered, pool
from neurosym.command import note, progress_bar
from neurosym.core import Reason, Record, Status, Verdict
from neurosym.errors import UsageError
from neurosym.evaluation.judged import Asked, judge_outputs
from neurosym.evaluation.kept import OUTPUTS, appended, records_in, settings_in, settings_of, take_up, write_scores
from neurosym.evaluation.problems import Problems
from neurosym.evaluation.scores import Effort, Evaluation, score
from neurosym.models import Model, Output, Sampling
from neurosym.models.reference import OracleModel
from neurosym.models.saved import Line, Saved, in_words, to_line, usable
from neurosym.storage import Folder

JUDGED_AT_ONCE = 64

ANSWERS_FOR_RAY = 20_000
"""Below so many answers Ray takes longer to start than it saves."""

TIMED_PROBLEMS = 20
TIMED_SECONDS = 20.0
"""How many problems the oracle solves again to be timed, and for how long at most."""

Progress = Callable[[int, str], None]
"""Told how many problems are done, and a remark."""

Pairs = Sequence[tuple[Record, tuple[Output, ...]]]


def run(
    model: Model, fingerprint: str, problems: Problems, sampling: Sampling, folder: Folder, progress: Progress
) -> Evaluation:
    """Ask the model what the folder does not hold yet, judge all, and write the scores.

    `fingerprint` tells models of one name apart. Raises UsageError where the folder holds another run, and whatever the
    model raises; what it said before is kept.
    """
    if not folder.local:
        raise UsageError(f"{folder.location}: --out must be a local folder, because answers are kept one by one")
    settings = settings_of(model.name, fingerprint, sampling, problems)
    with folder.locked():
        take_up(folder, settings, problems)
        asked = _ask(model, problems.records, sampling, Path(folder.full(OUTPUTS)), Told(progress))
        return _finish(folder, settings, problems.records, asked)


def _ask(model: Model, records: Sequence[Record], sampling: Sampling, path: Path, told: Told) -> list[Asked]:
    """Every record with its judged answers."""
    known = {record.problem.id: record for record in records}
    with appended(path) as append:
        left_out: list[Line] = []
        for line in usable(path, known, left_out):
            if len(line.outputs) == sampling.samples:
                told.judged(judge_outputs(known[line.id], line.outputs), 0)
        if left_out:
            note(f"{path}: {len(left_out)} lines left out, and asked again: {in_words(left_out)}")
        left = [record for name, record in known.items() if name not in told.asked]
        for place, outputs in model.answer(left, sampling):
            if len(outputs) != sampling.samples or left[place].problem.id in told.asked:
                raise UsageError(f"{model.name}: {len(outputs)} outputs for {sampling.samples}, or a record twice")
            append(to_line(left[place].problem.id, outputs))
            told.judged(judge_outputs(left[place], outputs), sum(output.tokens for output in outputs))
        for record in left:
            if record.problem.id not in told.asked:
                nothing = (Output("", error="the model passed over it"),) * sampling.samples
                append(to_line(record.problem.id, nothing))
                told.judged(judge_outputs(record, nothing), 0)
    return [told.asked[name] for name in known]


class Told:
    """What was judged so far, and the remark on it that a progress bar shows."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.asked: dict[str, Asked] = {}
        self._progress = progress or _silent
        self._counts: Counter[str] = Counter()
        self._tokens, self._start = 0, time.monotonic()

    def judged(self, one: Asked, tokens: int) -> None:
        """Take up a record's judged answers, for which the model has written so many tokens now."""
        self.asked[one.id] = one
        self._counts.update("proved" if answer.verdict.proved else answer.verdict.status for answer in one.answers)
        self._tokens += tokens
        speed = self._tokens / max(time.monotonic() - self._start, 1e-9)
        said = [f"{speed:.0f} tokens/s"] if self._tokens else []
        said += [f"{self._counts[name]} {name}" for name in ("proved", *Status) if self._counts[name]]
        self._progress(len(self.asked), ", ".join(said))


def rejudge(out: str | Path, workers: int = 0, progress: bool = False) -> Evaluation:
    """Judge again what was said in an earlier run, without its model, and replace its scores.

    `workers` 0 means this process, or all cores where the start of Ray pays. Raises UsageError where there is no run.
    """
    folder = Folder(out)
    settings, records = settings_in(folder), records_in(folder)
    with folder.locked(), ExitStack() as stack:
        told = Told(stack.enter_context(progress_bar("judge", len(records))) if progress else None)
        asked = judge_saved(Path(folder.full(OUTPUTS)), records, Sampling(**settings["sampling"]), told, workers)
        return _finish(folder, settings, records, asked)


def judge_saved(file: Path, records: Sequence[Record], sampling: Sampling, told: Told, workers: int = 0) -> list[Asked]:
    """Every record with the judged answers that a file has for it."""
    saved = Saved(file).answer(records, sampling)
    pairs = ((records[place], outputs) for place, outputs in saved)
    calls = iter(lambda: tuple(islice(pairs, JUDGED_AT_ONCE)), ())
    if not workers:
        workers = (os.cpu_count() or 1) if len(records) * sampling.samples >= ANSWERS_FOR_RAY else 1
    with pool(workers) as hands:

        def one_by_one(pairs: Pairs) -> list[Asked]:
            return [one for pair in pairs for one in alone(hands, _judge_all, ((pair,),), _give_up)]

        for batch in ordered(hands, _judge_all, ((call,) for call in calls), on_death=one_by_one):
            for one in batch:
                told.judged(one, 0)
    return [told.asked[record.problem.id] for record in records]


def _silent(done: int, remark: str) -> None:
    pass


def _judge_all(pairs: Pairs) -> list[Asked]:
    return [judge_outputs(record, outputs) for record, outputs in pairs]


def _give_up(pairs: Pairs) -> list[Asked]:
    """Pairs that took their worker down."""
    died = Verdict.undecided(Reason.TOOL_CRASHED, "the worker died of this answer, also when tried again")
    return [judge_outputs(record, outputs, lambda record, text: died) for record, outputs in pairs]


def _finish(
    folder: Folder, settings: Mapping[str, Any], records: Sequence[Record], asked: Sequence[Asked]
) -> Evaluation:
    """Time the oracle on some of the problems, and write verdicts and scores."""
    found = score(settings["model"], settings["questions"], asked, settings["left_out"])
    oracle = time_oracle(records)
    found = replace(found, effort=dict(found.effort) | ({"oracle": oracle} if oracle else {}))
    write_scores(folder, asked, found)
    return found


def time_oracle(records: Sequence[Record]) -> Effort | None:
    """What the oracle takes for some of the problems, spread over them; None where its tool is missing.

    An oracle's first problem is solved twice, and the second time counts: starting a solver is not solving.
    """
    warm: set[str] = set()
    found: list[Asked] = []
    deadline = time.monotonic() + TIMED_SECONDS
    for record in records[:: -(-len(records) // TIMED_PROBLEMS)]:
        try:
            model = OracleModel(record.oracle)
            for _ in range(1 if record.oracle in warm else 2):
                ((_, outputs),) = model.answer([record], Sampling())
        except UsageError:
            continue
        warm.add(record.oracle)
        found.append(judge_outputs(record, outputs))
        if time.monotonic() > deadline:
            break
    return Effort.of(found) if found else None
