"""Outputs saved earlier, or by another program, as a model: a file of JSON lines.

A line is {"id": record id, "outputs": [{"text", "tokens"?, "seconds"?, "logprob"?, "error"?}, …]}, as an evaluation
writes it, or {"id", "text", …} for a single output.

Contract: a line that cannot be used (not JSON, not UTF-8, cut off, too long, of an id that was not asked or was read
before) is left out, counted and named by its number; it never ends the reading. A record without a line, or with too
few outputs on it, gets outputs with an error. The file is read line by line, whatever its size.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from neurosym.command import note
from neurosym.core import Record
from neurosym.errors import UsageError
from neurosym.models import Output, Sampling

LONGEST_LINE = 64 << 20
"""The longest line that is read, in bytes."""

MOST = 1e15
"""The largest number of tokens or seconds: far from where floats lose count."""

SHOWN = 5
"""Lines left out that are named one by one; the rest are counted."""


@dataclass(frozen=True)
class Line:
    """A line of a file of outputs: a record's id and its outputs, or `error`, why it cannot be used."""

    number: int
    id: str = ""
    outputs: tuple[Output, ...] = ()
    error: str = ""


class Saved:
    """A file of outputs. `left_out` holds the lines that the last `answer` could not use."""

    def __init__(self, file: str | Path) -> None:
        self.file = Path(file)
        self.name = f"saved:{file}"
        self.left_out: list[Line] = []
        if not self.file.is_file():
            raise UsageError(f"no file of outputs at {file}")

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Iterator[tuple[int, tuple[Output, ...]]]:
        """The saved outputs of each record, in the order of the file; then those of records it does not have."""
        places = {record.problem.id: place for place, record in enumerate(records)}
        missing = dict(places)
        self.left_out = []
        for line in usable(self.file, places, self.left_out):
            del missing[line.id]
            few = Output("", error=f"only {len(line.outputs)} of {sampling.samples} outputs saved")
            yield places[line.id], line.outputs[: sampling.samples] + (few,) * (sampling.samples - len(line.outputs))
        if self.left_out:
            note(f"{self.file}: {len(self.left_out)} lines left out: {in_words(self.left_out)}")
        if missing:
            note(f"{self.file}: no output for {len(missing)} of {len(records)} problems: they count as not answered")
        for place in missing.values():
            yield place, (Output("", error="no output saved"),) * sampling.samples


def usable(file: Path, ids: Container[str], left_out: list[Line]) -> Iterator[Line]:
    """The first line of each of some records; lines that cannot be used are added to `left_out`."""
    read: set[str] = set()
    for line in read_outputs(file):
        if not line.error and line.id in ids and line.id not in read:
            read.add(line.id)
            yield line
        else:
            again = f"{line.id} was on an earlier line" if line.id in read else f"{line.id[:40]!r} was not asked"
            left_out.append(Line(line.number, error=line.error or again))


def in_words(lines: Sequence[Line]) -> str:
    """Which lines were left out and why, the first few of them."""
    shown = "; ".join(f"line {line.number}: {line.error}" for line in lines[:SHOWN])
    return f"{shown}; …" if len(lines) > SHOWN else shown


def to_line(name: str, outputs: Sequence[Output]) -> bytes:
    """The line of a record's outputs, with its end."""
    return json.dumps({"id": name, "outputs": [asdict(output) for output in outputs]}).encode() + b"\n"


def read_outputs(file: Path) -> Iterator[Line]:
    """Every line that is not blank. Raises UsageError where the file cannot be read at all."""
    try:
        with file.open("rb") as source:
            number = 0
            while raw := source.readline(LONGEST_LINE):
                number += 1
                whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
                if not whole:
                    while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                        pass
                    yield Line(number, error=f"longer than {LONGEST_LINE >> 20} MB")
                elif raw.strip():
                    yield _line(number, raw)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None


def _line(number: int, raw: bytes) -> Line:
    try:
        entry = json.loads(raw.decode())
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise ValueError("not an object with the id of a record")
        outputs = entry["outputs"] if "outputs" in entry else [{key: entry[key] for key in _FIELDS if key in entry}]
        if not isinstance(outputs, list):
            raise ValueError("outputs is not a list")
        return Line(number, entry["id"], tuple(map(_output, outputs)))
    except UnicodeDecodeError as error:
        return Line(number, error=f"not UTF-8 ({error.reason} at byte {error.start + 1})")
    except RecursionError:
        return Line(number, error="nested too deeply")
    except json.JSONDecodeError as error:
        return Line(number, error=f"not JSON ({error.msg} at character {error.pos + 1})")
    except ValueError as error:
        return Line(number, error=str(error)[:200])


_FIELDS = [item.name for item in fields(Output)]


def _output(entry: Any) -> Output:
    """The output that a JSON value spells. Raises ValueError."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("text"), str):
        raise ValueError("an output without a text")
    known = {key: entry[key] for key in _FIELDS if entry.get(key) is not None}
    for key, kind in (("tokens", int), ("seconds", float), ("logprob", float), ("error", str)):
        value = known.get(key, kind())
        if type(value) not in (int, kind) or (kind is str and type(value) is not str):
            raise ValueError(f"{key} is not of type {kind.__name__}")
        if kind is not str and not (-MOST if key == "logprob" else 0) <= value <= MOST:
            raise ValueError(f"{key} is out of range")
    return Output(**known)
