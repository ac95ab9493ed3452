"""A sample of problems with what each of some models said to them, for people to read.

Contract: the same problems for all models, drawn by the hash of their ids, with one of each status that occurs first.
Texts are as they came: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosym.core import digest
from neurosym.errors import UsageError
from neurosym.evaluation.compare import read_asked, read_figures
from neurosym.evaluation.judged import Asked
from neurosym.models import Output
from neurosym.models.saved import usable

MOST = 6
"""Problems in a sample."""


@dataclass(frozen=True)
class Said:
    """One model's first answer. `status` is proved, or the verdict's status; `detail` the rest of it in words."""

    model: str
    text: str
    status: str
    detail: str = ""


@dataclass(frozen=True)
class Example:
    """A problem, the oracle's answer (`reference`), and what models said."""

    domain: str
    prompt: str
    reference: str
    said: tuple[Said, ...]


def examples(folders: Sequence[Path], most: int = MOST) -> list[Example]:
    """A sample of the problems of the last of some finished evaluations, with the answers of all that asked them.

    Raises UsageError where one is not finished, or its problems cannot be read.
    """
    asked = [{one.id: one for one in read_asked(folder) if one.answers} for folder in folders]
    ids = _chosen(list(asked[-1].values()), most)
    texts = [{line.id: line.outputs[0] for line in usable(folder / "outputs.jsonl", ids, []) if line.outputs}
             for folder in folders]  # fmt: skip
    names = [str(read_figures(folder).get("model", folder.name)) for folder in folders]
    found = []
    for row in _rows(folders[-1], ids):
        said = [_said(name, judged[row["id"]], outputs[row["id"]])
                for name, judged, outputs in zip(names, asked, texts, strict=True)
                if row["id"] in judged and row["id"] in outputs]  # fmt: skip
        found.append(Example(row["domain"], row["prompt"][0]["content"], row["completion"][0]["content"], tuple(said)))
    return found


def _chosen(asked: Sequence[Asked], most: int) -> list[str]:
    """The ids of a sample: one of each status that a first answer has, then others, as their hashes fall."""
    drawn = sorted(asked, key=lambda one: digest(one.id))
    firsts: dict[str, str] = {}
    for one in drawn:
        firsts.setdefault(_status(one), one.id)
    return list(dict.fromkeys([*firsts.values(), *(one.id for one in drawn)]))[:most]


def _rows(folder: Path, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The problems of some ids, in the order of these."""
    import pyarrow as pa
    from pyarrow import parquet

    wanted = ["id", "domain", "prompt", "completion"]
    try:
        table = parquet.read_table(folder / "problems.parquet", columns=wanted, filters=[("id", "in", list(ids))])
    except (OSError, pa.ArrowException) as error:
        raise UsageError(f"{folder}/problems.parquet cannot be read: {error}") from None
    return sorted(table.to_pylist(), key=lambda row: ids.index(row["id"]))


def _status(one: Asked) -> str:
    verdict = one.answers[0].verdict
    return "proved" if verdict.proved else str(verdict.status)


def _said(model: str, one: Asked, output: Output) -> Said:
    verdict = one.answers[0].verdict
    parts = [str(verdict.reason or ""), verdict.detail, output.error]
    return Said(model, output.text, _status(one), ": ".join(part for part in parts if part))
