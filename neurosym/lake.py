"""The lake: a folder of proved records in Parquet, with a manifest that is written last.

Contract:
    data/domain=D/split=S/part-NNNNN.parquet     proved records; part N holds items of [N*PART, (N+1)*PART)
    quarantine/domain=D/part-NNNNN.parquet       everything else, with status and reason
    manifest.json                                what is complete: jobs, files, digests, counts, quality
    README.md                                    a Hugging Face dataset card
    staging/                                     labelled chunks of the part that is being made; gone when complete

Files appear whole or not at all, and the manifest only names files that are there. A writer that was killed is resumed
by the next one from the manifest and the staged chunks. One lake holds one job for each domain, and one writer at a
time. The lake's digest covers the rows, not the bytes of the files.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.core import Record, Status
from neurosym.errors import UsageError
from neurosym.storage import Folder

if TYPE_CHECKING:
    import pyarrow as pa

    from neurosym.pipeline import Annotation

FORMAT = 1

Progress = Callable[["Summary"], None]


@dataclass(frozen=True)
class Summary:
    """How a job stands: the four counts over everything that was labelled, and the copies dropped before."""

    domain: str
    proved: int
    counts: dict[str, int]
    duplicates: int

    def __str__(self) -> str:
        four = ", ".join(f"{self.counts.get(status, 0)} {status}" for status in Status)
        total = sum(self.counts.values())
        return f"{self.domain}: {self.proved} proved; {four} of {total}; {self.duplicates} isomorphic copies dropped"


class Lake:
    """A lake at a local path or a URI that `pyarrow.fs` opens."""

    def __init__(self, location: str | Path) -> None:
        self.folder = Folder(location)

    @property
    def location(self) -> str:
        return self.folder.location

    # Reading

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest. Raises UsageError where there is none, or it is not of this format."""
        if not self.folder.exists("manifest.json"):
            raise UsageError(f"no lake at {self.location}: it has no manifest.json")
        try:
            found = json.loads(self.folder.read("manifest.json"))
            known = found["format"]
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{self.location}/manifest.json is damaged; restore it from a copy") from None
        if known != FORMAT:
            raise UsageError(
                f"{self.location} is a lake of format {known}, this version reads {FORMAT}: use another --out"
            )
        if not _whole(found):
            raise UsageError(f"{self.location}/manifest.json is damaged; restore it from a copy")
        return dict(found)

    @property
    def digest(self) -> str:
        """One hash over all rows: equal lakes, equal digest."""
        return str(self.manifest["digest"])

    def files(self, domain: str | None = None, split: str | None = None) -> list[dict[str, Any]]:
        """The manifest's entries for the data files: path, domain, split, rows, digest; sorted by path."""
        return [
            entry
            for entry in entries(self.manifest)
            if entry["split"] and domain in (None, entry["domain"]) and split in (None, entry["split"])
        ]

    def table(self, path: str, columns: list[str] | None = None) -> pa.Table:
        """One file's rows. Raises UsageError where the file is missing or torn."""
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with self.folder.fs.open_input_file(self.folder.full(path)) as source:
                return parquet.read_table(source, columns=columns)
        except (OSError, pa.ArrowException) as error:
            raise UsageError(f"{self.location}/{path} cannot be read ({str(error).splitlines()[0]})") from None

    def records(self, domain: str | None = None, split: str | None = None) -> Iterator[Record]:
        """The proved records, of one domain or split if named, file by file."""
        from neurosym.rows import records

        for entry in self.files(domain, split):
            yield from records(self.table(entry["path"]))

    # Writing

    def write(self, annotation: Annotation, progress: Progress | None = None) -> Summary:
        """Make (or resume, or enlarge) the annotation's records here, and complete the lake.

        Raises UsageError where another job of the same domain is here already, where the folder cannot be written, or
        where the domain has too few problems; what was made is kept.
        """
        from neurosym.cluster import pool
        from neurosym.pipeline import Exhausted
        from neurosym.writer import complete, extend

        with self.folder.locked(), pool(annotation.workers) as workers:
            try:
                summary = extend(self, annotation.job, annotation.count, workers, progress)
            except Exhausted:
                complete(self, workers)
                raise
            complete(self, workers)
        return summary

    def manifest_or_new(self) -> dict[str, Any]:
        """The manifest, or that of an empty lake."""
        if self.folder.exists("manifest.json"):
            return copy.deepcopy(self.manifest)
        return {"format": FORMAT, "complete": False, "digest": "", "jobs": [], "quality": {}}

    def save(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest, its digest computed anew from those of the data files."""
        whole = hashlib.sha256()
        for entry in entries(manifest):
            if entry["split"]:
                whole.update(f"{entry['path']} {entry['digest']}\n".encode())
        manifest["digest"] = whole.hexdigest()
        self.folder.write("manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
        self.__dict__["manifest"] = copy.deepcopy(manifest)


def entries(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every file that a manifest names, sorted by path. Those of the quarantine have no split."""
    found = [entry for job in manifest["jobs"] for part in job["parts"] for entry in part["files"]]
    return sorted(found, key=lambda entry: str(entry["path"]))


def _whole(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest has what its readers rely on."""
    try:
        return (
            {"complete", "digest", "quality"} <= manifest.keys()
            and all({"domain", "knobs", "oracle"} <= job["identity"].keys() for job in manifest["jobs"])
            and all({"complete", "next_item"} <= job.keys() for job in manifest["jobs"])
            and all(
                {"first", "next", "proved", "counts"} <= part.keys()
                for job in manifest["jobs"]
                for part in job["parts"]
            )
            and all({"path", "domain", "split", "rows", "digest"} <= entry.keys() for entry in entries(manifest))
        )
    except (KeyError, TypeError, AttributeError):
        return False
