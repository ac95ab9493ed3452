"""The folder of an evaluation: what fixes the run, the problems asked, and what was said, line by line.

Contract: a file is whole or not there, but for outputs.jsonl, which grows by whole lines: one that was torn when the
process was killed is dropped before the next is written. A folder holds one run, and has one writer at a time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from neurosym.core import Record
from neurosym.errors import UsageError
from neurosym.evaluation import judged
from neurosym.evaluation.judged import Asked
from neurosym.evaluation.problems import Problems
from neurosym.evaluation.scores import Evaluation
from neurosym.models import Sampling
from neurosym.storage import Folder

RUN, PROBLEMS, OUTPUTS = "run.json", "problems.parquet", "outputs.jsonl"
VERDICTS, SCORES = "verdicts.jsonl", "evaluation.json"

FORMAT = 1

SECONDS_BETWEEN_SYNCS = 1.0
"""How much of what was said a power cut may lose. A killed process loses nothing that was written."""


def settings_of(model: str, fingerprint: str, sampling: Sampling, problems: Problems) -> dict[str, Any]:
    """What run.json holds: what fixes a run, and what its table is to say of the problems."""
    return {
        "format": FORMAT,
        "model": model,
        "fingerprint": fingerprint,
        "sampling": asdict(sampling),
        "problems": problems.digest,
        "questions": problems.questions,
        "left_out": problems.left_out,
    }


IDENTITY = ("format", "model", "fingerprint", "sampling", "problems")
"""What of these makes it another run."""


def take_up(folder: Folder, settings: Mapping[str, Any], problems: Problems) -> None:
    """Write what fixes the run, or find the same in the folder. Raises UsageError where it holds another run."""
    from pyarrow import BufferOutputStream, parquet

    from neurosym.rows import to_table

    if folder.exists(RUN):
        found = settings_in(folder)
        changed = [key for key in IDENTITY if found.get(key) != settings[key]]
        if changed:
            raise UsageError(f"{folder.location} holds a run with another {' and '.join(changed)}: use another --out")
        return
    if folder.exists(OUTPUTS):
        raise UsageError(f"{folder.location} holds outputs, but no {RUN}: use another --out")
    sink = BufferOutputStream()
    parquet.write_table(to_table(problems.records), sink, compression="zstd")
    folder.write(PROBLEMS, sink.getvalue())
    folder.write(RUN, json.dumps(settings, indent=1, sort_keys=True).encode())


def settings_in(folder: Folder) -> dict[str, Any]:
    """What fixes the folder's run. Raises UsageError where it holds none."""
    if not folder.exists(RUN):
        raise UsageError(f"no evaluation at {folder.location}: it has no {RUN}")
    try:
        found = json.loads(folder.read(RUN))
        Sampling(**found["sampling"])
        if found["format"] != FORMAT or not {*IDENTITY, "questions", "left_out"} <= found.keys():
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{folder.location}/{RUN} is damaged, or of another version: use another --out") from None
    return dict(found)


def records_in(folder: Folder) -> list[Record]:
    """The records that were asked. Raises UsageError where their file is missing or torn."""
    import pyarrow as pa
    from pyarrow import parquet

    from neurosym.rows import records

    try:
        return list(records(parquet.read_table(pa.BufferReader(folder.read(PROBLEMS)))))
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"{folder.location}/{PROBLEMS} cannot be read ({why}): use another --out") from None


@contextmanager
def appended(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Append lines to a file, each written before the next is asked for. A torn last line is dropped first."""
    path.touch()
    with path.open("rb+") as file:
        _drop_torn_end(file)
        synced = time.monotonic()

        def append(line: bytes) -> None:
            nonlocal synced
            file.write(line)
            file.flush()
            if time.monotonic() - synced > SECONDS_BETWEEN_SYNCS:
                os.fsync(file.fileno())
                synced = time.monotonic()

        try:
            yield append
        finally:
            os.fsync(file.fileno())


def _drop_torn_end(file: BinaryIO) -> None:
    """Cut a file off after its last end of line, and stand there."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(end - (1 << 16), 0)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    file.seek(end)
    file.truncate()


def write_scores(folder: Folder, asked: Sequence[Asked], found: Evaluation) -> None:
    """Write verdicts and scores: with the second of these files, the evaluation is finished."""
    folder.write(VERDICTS, "".join(map(judged.to_line, asked)).encode())
    folder.write(SCORES, found.to_json().encode())
