"""A Record as a row of Parquet, and back: the columns of every lake.

Contract: `to_table` and `records` are inverse to each other. Payload, answer, evidence and metrics are canonical JSON
text; `prompt` and `completion` are chat message lists, as Hugging Face trainers read them. A row's digest covers
every column, so a changed byte anywhere shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from neurosym.core import Claim, Problem, Reason, Record, Status, Trust, Verdict, canonical_json

if TYPE_CHECKING:
    import pyarrow as pa

SPLITS = ("train", "validation", "test")


@cache
def schema() -> pa.Schema:
    """The columns of a lake. Never one called `label`: trainers reserve that name."""
    import pyarrow as pa

    messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    text = ["id", "canonical_id", "domain", "kind", "payload", "answer", "evidence", "status", "trust", "reason",
            "detail", "oracle", "oracle_version", "seed_path"]  # fmt: skip
    return pa.schema(
        [("prompt", messages), ("completion", messages)]
        + [(name, pa.string()) for name in text]
        + [("difficulty", pa.int64()), ("metrics", pa.string())]
    )


def to_row(record: Record) -> dict[str, Any]:
    """The record's columns as Python values."""
    verdict, claim, problem = record.verdict, record.claim, record.problem
    return {
        "prompt": [{"role": "user", "content": record.prompt}],
        "completion": [{"role": "assistant", "content": record.completion}],
        "id": problem.id,
        "canonical_id": record.canonical_id,
        "domain": problem.domain,
        "kind": problem.kind,
        "payload": problem.payload_json,
        "answer": canonical_json(claim.answer),
        "evidence": canonical_json(claim.evidence),
        "status": str(verdict.status),
        "trust": str(verdict.trust) if verdict.trust else None,
        "reason": str(verdict.reason) if verdict.reason else None,
        "detail": verdict.detail,
        "oracle": record.oracle,
        "oracle_version": record.oracle_version,
        "seed_path": record.seed_path,
        "difficulty": record.difficulty,
        "metrics": canonical_json(claim.metrics),
    }


def from_row(row: Mapping[str, Any]) -> Record:
    """The record of a row. Raises ValueError or KeyError where the row is not one of ours."""
    claim = Claim(json.loads(row["answer"]), json.loads(row["evidence"]), json.loads(row["metrics"]))
    verdict = Verdict(
        Status(row["status"]),
        Trust(row["trust"]) if row["trust"] else None,
        Reason(row["reason"]) if row["reason"] else None,
        row["detail"],
    )
    return Record(
        problem=Problem(row["domain"], row["kind"], json.loads(row["payload"])),
        prompt=row["prompt"][0]["content"],
        completion=row["completion"][0]["content"],
        claim=claim,
        verdict=verdict,
        canonical_id=row["canonical_id"],
        oracle=row["oracle"],
        oracle_version=row["oracle_version"],
        seed_path=row["seed_path"],
        difficulty=row["difficulty"],
    )


def to_table(records: Iterable[Record]) -> pa.Table:
    """The records as an Arrow table of `schema()`."""
    import pyarrow as pa

    return pa.Table.from_pylist([to_row(record) for record in records], schema=schema())


def records(table: pa.Table) -> Iterator[Record]:
    """The records of a table, one at a time."""
    for batch in table.to_batches(max_chunksize=1024):
        for row in batch.to_pylist():
            yield from_row(row)


DIGEST = "digest"
"""The column that carries each row's digest from the worker to the file's entry in the manifest; it is not stored."""


def row_digest(row: Mapping[str, Any]) -> bytes:
    """SHA-256 over every column of a row."""
    return hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).digest()


def table_digest(table: pa.Table) -> str:
    """SHA-256 over the rows of a table in order: the same for the same rows, however they are stored."""
    return digest_of(with_digests(table))


def table_with_digests(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of `to_row` as a table, with their digests as one more column."""
    import pyarrow as pa

    digests = pa.array(map(row_digest, rows), pa.binary())
    return pa.Table.from_pylist(rows, schema=schema()).append_column(DIGEST, digests)


def with_digests(table: pa.Table) -> pa.Table:
    """The table with its rows' digests as one more column."""
    import pyarrow as pa

    digests = [row_digest(row) for batch in table.to_batches(max_chunksize=1024) for row in batch.to_pylist()]
    return table.append_column(DIGEST, pa.array(digests, pa.binary()))


def digest_of(table: pa.Table) -> str:
    """`table_digest` of a table that has its rows' digests already."""
    return hashlib.sha256(b"".join(table[DIGEST].to_pylist())).hexdigest()


def split_of(canonical_id: str) -> str:
    """train (8 of 10), validation or test, by the canonical form alone.

    Isomorphic problems therefore fall into one split, in this lake and in every other.
    """
    share = int(canonical_id[:8], 16) % 10
    return "train" if share < 8 else SPLITS[share - 7]
