"""Writes jobs into a lake: takes up what is there, labels the rest, commits it part by part.

Contract: the caller holds the lake's lock. Chunks are staged as they come, so a killed run loses only what was in
flight; a part is committed by writing its files, then the manifest, then dropping its staged chunks. An interrupted or
exhausted run commits what it has before the error goes on. A part that is not full is opened again by the next run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from neurosym.audit import AUDIT
from neurosym.card import card
from neurosym.core import Reason, Status
from neurosym.errors import UsageError
from neurosym.job import Job
from neurosym.lake import Lake, Progress, Summary, entries
from neurosym.pipeline import CHUNK, Chunk, Exhausted, proved_mask, run
from neurosym.quality import measure

if TYPE_CHECKING:
    import pyarrow as pa

    from neurosym.cluster import Pool

PART = 8 * CHUNK
"""Items in one part."""

AUDITED = "-audited"
"""In the names of files whose part was written anew after an audit."""


def extend(lake: Lake, job: Job, count: int, workers: Pool, progress: Progress | None = None) -> Summary:
    """Label the job's items until the lake holds `count` proved records of it. Returns how the job stands.

    Raises UsageError where the lake holds another job of this domain, or where the domain has too few problems.
    """
    lake.folder.sweep()
    manifest = lake.manifest_or_new()
    entry = _take_up(lake, manifest, job, count)
    seen = _canonical_forms(lake, manifest)
    chunks = _reopen(lake, entry)
    for chunk in _staged(lake, entry, chunks):
        seen |= _forms(chunk.rows)
        chunks.append(chunk)
    summary = _summary(entry, chunks)
    stopped: KeyboardInterrupt | Exhausted | None = None
    try:
        start = chunks[-1].next if chunks else entry["next_item"]
        if summary.proved < count:
            for chunk in run(job, workers, count - summary.proved, seen, start):
                if chunks and chunks[0].first // PART != chunk.first // PART:
                    _commit(lake, manifest, entry, chunks)
                    chunks = []
                _stage(lake, entry, chunk)
                chunks.append(chunk)
                summary = _summary(entry, chunks)
                if progress:
                    progress(summary)
        entry["complete"] = True
    except (KeyboardInterrupt, Exhausted) as error:
        stopped = error
    _commit(lake, manifest, entry, chunks)
    if stopped is not None:
        raise stopped
    return summary


def complete(lake: Lake, workers: Pool, audit: int = AUDIT, audited: Callable[[int], None] = lambda _: None) -> None:
    """Measure the quality of all that was committed; write it into the manifest, and the dataset card.

    `audited` is told how many records a second oracle has looked at. Those that it contradicts go to quarantine.
    """
    manifest = lake.manifest_or_new()
    _drop_replaced(lake, manifest)
    quality = measure(lake, workers, audit, audited)
    disputed = {name: domain["audit"].pop("disputed", {}) for name, domain in quality["domains"].items()}
    if any(disputed.values()):
        _expel(lake, manifest, disputed)
        audits = {name: domain["audit"] for name, domain in quality["domains"].items()}
        quality = measure(lake, workers, audit=0)
        for name, found in audits.items():
            quality["domains"][name]["audit"] = found
    manifest["quality"] = quality
    manifest["complete"] = all(job["complete"] for job in manifest["jobs"])
    lake.folder.write("README.md", card(manifest).encode())
    lake.save(manifest)
    lake.folder.remove("staging")


def _take_up(lake: Lake, manifest: dict[str, Any], job: Job, count: int) -> dict[str, Any]:
    """The manifest's entry of this job, new or old."""
    identity = json.loads(json.dumps(job.identity))
    for entry in manifest["jobs"]:
        if entry["identity"]["domain"] == job.domain.name:
            changed = [key for key in identity if entry["identity"].get(key) != identity[key]]
            if changed or len(identity) != len(entry["identity"]):
                raise UsageError(
                    f"{lake.location} holds {job.domain.name} made with another {' and '.join(changed) or 'source'}: "
                    "use another --out, or the same settings to resume"
                )
            entry["complete"] = False
            found: dict[str, Any] = entry
            return found
    entry = {"identity": identity, "complete": False, "count": 0, "next_item": 0, "parts": []}
    manifest["jobs"].append(entry)
    return entry


def _item(seed_path: str) -> int:
    return int(json.loads(seed_path)[-1])


def _forms(rows: pa.Table) -> set[bytes]:
    """The canonical forms of some rows; a row rejected before it had one has none."""
    return {bytes.fromhex(form) for form in rows["canonical_id"].to_pylist()} - {b""}


def _canonical_forms(lake: Lake, manifest: dict[str, Any]) -> set[bytes]:
    """The canonical forms of everything committed to the lake."""
    seen: set[bytes] = set()
    for entry in entries(manifest):
        seen |= _forms(lake.table(entry["path"], columns=["canonical_id"]))
    return seen


def _reopen(lake: Lake, entry: dict[str, Any]) -> list[Chunk]:
    """The rows of the last part as one chunk, if that part is not full; it is then no longer in the entry."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from neurosym.rows import with_digests

    if not entry["parts"] or entry["next_item"] % PART == 0:
        return []
    part = entry["parts"].pop()
    rows = pa.concat_tables([lake.table(file["path"]) for file in part["files"]])
    items = pa.array([_item(path) for path in rows["seed_path"].to_pylist()], pa.int64())
    kept = rows.append_column("item", items).filter(pc.less(items, part["next"])).sort_by("item")
    return [Chunk(part["first"], part["next"], with_digests(kept.drop_columns(["item"])))]


def _staged(lake: Lake, entry: dict[str, Any], before: list[Chunk]) -> Iterator[Chunk]:
    """The staged chunks that go on from what is committed, in order; any others are removed."""
    import pyarrow as pa

    following = before[-1].next if before else entry["next_item"]
    for path in lake.folder.files(_staging(entry)):
        first, _, following_next = path.rpartition("/")[2].removesuffix(".arrow").partition("-")
        if int(first) != following:
            lake.folder.remove(path)
            continue
        try:
            with pa.ipc.open_file(pa.py_buffer(lake.folder.read(path))) as reader:
                rows = reader.read_all()
        except pa.ArrowInvalid:  # torn by a power cut: labelled again, with all that follow
            lake.folder.remove(path)
            continue
        following = int(following_next)
        yield Chunk(int(first), following, rows)


def _staging(entry: dict[str, Any]) -> str:
    return f"staging/{entry['identity']['domain']}"


def _stage(lake: Lake, entry: dict[str, Any], chunk: Chunk) -> None:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    fast = pa.ipc.IpcWriteOptions(compression="lz4")  # the disk is slower
    with pa.ipc.new_file(sink, chunk.rows.schema, options=fast) as writer:
        writer.write_table(chunk.rows)
    lake.folder.write(f"{_staging(entry)}/{chunk.first:012d}-{chunk.next:012d}.arrow", sink.getvalue(), durable=False)


def _commit(lake: Lake, manifest: dict[str, Any], entry: dict[str, Any], chunks: list[Chunk]) -> None:
    """Write the chunks as one part, name it in the manifest, and drop their staged copies."""
    import pyarrow as pa

    if chunks:
        rows = pa.concat_tables([chunk.rows for chunk in chunks])
        part = _part(lake, entry, rows, chunks[0].first, chunks[-1].next)
        # A commit that was interrupted may be made again: a part takes the place of an earlier one of its items.
        index = part["first"] // PART
        entry["parts"] = [known for known in entry["parts"] if known["first"] // PART != index] + [part]
        entry["next_item"] = part["next"]
    entry["count"] = _summary(entry, []).proved
    lake.save(manifest)
    lake.folder.remove(_staging(entry))


def _part(
    lake: Lake, entry: dict[str, Any], rows: pa.Table, first: int, following: int, suffix: str = ""
) -> dict[str, Any]:
    """Write the rows, with digests, of the items from `first` to `following`; the part as the manifest names it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from neurosym.rows import SPLITS, split_of

    proved = proved_mask(rows)
    splits = pa.array([split_of(form) if form else "" for form in rows["canonical_id"].to_pylist()], pa.string())
    domain, name = entry["identity"]["domain"], f"part-{first // PART:05d}{suffix}.parquet"
    files = []
    for split in (*SPLITS, ""):
        mask = pc.and_(proved, pc.equal(splits, split)) if split else pc.invert(proved)
        kept = rows.filter(mask)
        folder = f"data/domain={domain}/split={split}" if split else f"quarantine/domain={domain}"
        if kept.num_rows:
            files.append(_write(lake, f"{folder}/{name}", kept, domain, split))
    count = int(pc.sum(proved).as_py() or 0)
    return {"first": first, "next": following, "proved": count, "counts": _counts(rows), "files": files}


def _expel(lake: Lake, manifest: dict[str, Any], disputed: Mapping[str, Mapping[str, str]]) -> None:
    """Move records to quarantine, each with what was said against it, by domain and id.

    The files of a part are written anew under other names before the manifest names them, and then the old ones go.
    """
    import pyarrow as pa

    from neurosym.rows import table_with_digests

    for entry in manifest["jobs"]:
        against = disputed.get(entry["identity"]["domain"], {})
        for number, part in enumerate(entry["parts"]):
            rows = pa.concat_tables([lake.table(file["path"]) for file in part["files"]]).to_pylist()
            if not against.keys() & {row["id"] for row in rows}:
                continue
            rows.sort(key=lambda row: _item(row["seed_path"]))
            for row in rows:
                if row["id"] in against:
                    row |= {"status": str(Status.UNDECIDED), "trust": None, "reason": str(Reason.DISAGREEMENT),
                            "detail": against[row["id"]]}  # fmt: skip
            suffix = "" if AUDITED in part["files"][0]["path"] else AUDITED
            entry["parts"][number] = _part(lake, entry, table_with_digests(rows), part["first"], part["next"], suffix)
        entry["count"] = _summary(entry, []).proved
    lake.save(manifest)
    _drop_replaced(lake, manifest)


def _drop_replaced(lake: Lake, manifest: dict[str, Any]) -> None:
    """Remove files that `_expel` has replaced, or was about to replace when it was killed."""
    named = {entry["path"] for entry in entries(manifest)}
    for path in [*lake.folder.files("data"), *lake.folder.files("quarantine")]:
        plain = path.replace(AUDITED, "")
        if path not in named and {plain, plain.replace(".parquet", f"{AUDITED}.parquet")} & named:
            lake.folder.remove(path)


def _write(lake: Lake, path: str, rows: pa.Table, domain: str, split: str) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import parquet

    from neurosym.rows import DIGEST, digest_of, schema

    digest = digest_of(rows)
    rows = rows.drop_columns([DIGEST])
    rows = rows.cast(schema())  # names of inner fields differ in rows that were read back, and show in the bytes
    sink = pa.BufferOutputStream()
    parquet.write_table(rows.combine_chunks(), sink, compression="zstd", write_statistics=True)
    lake.folder.write(path, sink.getvalue())
    return {"path": path, "domain": domain, "split": split, "rows": rows.num_rows, "digest": digest}


def _counts(rows: pa.Table) -> dict[str, dict[str, int]]:
    """How often each status, trust and reason occurs."""
    return {
        column: dict(sorted(Counter(value for value in rows[column].to_pylist() if value).items()))
        for column in ("status", "trust", "reason")
    }


def _summary(entry: dict[str, Any], chunks: list[Chunk]) -> Summary:
    """How the job stands with these chunks on top of its committed parts."""
    counts: Counter[str] = Counter()
    items = proved = 0
    for part in entry["parts"]:
        proved += part["proved"]
        counts.update(part["counts"]["status"])
        items += part["next"] - part["first"]
    for chunk in chunks:
        proved += chunk.proved
        counts.update(chunk.rows["status"].to_pylist())
        items += chunk.next - chunk.first
    known = {str(status): counts.get(status, 0) for status in Status}
    return Summary(entry["identity"]["domain"], proved, known, items - sum(counts.values()))
