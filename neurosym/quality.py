"""Quality metrics of a lake: counts, balance, duplicates, an audit by a second oracle, effort and length.

Contract: `measure` streams over the files, so its memory does not grow with the lake but for a few integers a record.
Every number is a function of the rows alone. What is estimated on a sample says how large the sample was; the sample
is the records with the smallest hashes, so it is random with respect to their content and the same in every run.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.audit import AUDIT, audit_of

if TYPE_CHECKING:
    from neurosym.cluster import Pool
    from neurosym.lake import Lake

NEAR_SAMPLE = 2000
NEAR_SIMILARITY = 0.9
SHINGLE_WORDS = 3


def measure(
    lake: Lake, workers: Pool, audit: int = AUDIT, audited: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """All metrics of the committed records: `counts`, `near_duplicates`, and for each of `domains` its own.

    `audit` is how many records of each domain a second oracle solves again; `audited` is told how many it has.
    """
    done = count(1)
    counts: dict[str, Counter[str]] = {"status": Counter(), "trust": Counter(), "reason": Counter()}
    domains: dict[str, dict[str, Any]] = {}
    near = _Sample(NEAR_SAMPLE, "near")
    for job in lake.manifest["jobs"] if lake.folder.exists("manifest.json") else []:
        for part in job["parts"]:
            for column, counter in counts.items():
                counter.update(part["counts"][column])
        name = job["identity"]["domain"]
        chosen = _Sample(audit, "audit")
        items = sum(part["next"] - part["first"] for part in job["parts"])
        labelled = sum(sum(part["counts"]["status"].values()) for part in job["parts"])
        domains[name] = _domain(lake, name, chosen, near) | {"isomorphic_copies_dropped": items - labelled}
        domains[name]["audit"] = audit_of(
            chosen.kept(), job["identity"]["oracle"], workers, lambda: audited(next(done))
        )
    return {
        "counts": {column: dict(sorted(counter.items())) for column, counter in counts.items()},
        "domains": domains,
        "near_duplicates": _near_duplicates([row["prompt"][0]["content"] for row in near.kept()]),
    }


class _Sample:
    """The `size` rows whose ids hash lowest."""

    def __init__(self, size: int, salt: str) -> None:
        self.size, self.salt = size, salt
        self._heap: list[tuple[int, str, Mapping[str, Any]]] = []

    def offer(self, row: Mapping[str, Any]) -> None:
        key = -int.from_bytes(hashlib.sha256(f"{self.salt}:{row['id']}".encode()).digest()[:8])
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, (key, row["id"], row))
        elif self.size and key > self._heap[0][0]:
            heapq.heapreplace(self._heap, (key, row["id"], row))

    def kept(self) -> list[Mapping[str, Any]]:
        return [row for _, _, row in sorted(self._heap, key=lambda entry: entry[:2])]


@dataclass
class _Columns:
    """One domain's rows as integers, eight bytes a value, so that a large lake fits into memory."""

    answers: array[int] = field(default_factory=lambda: array("q"))
    prompts: array[int] = field(default_factory=lambda: array("q"))
    prompt_characters: array[int] = field(default_factory=lambda: array("q"))
    completion_characters: array[int] = field(default_factory=lambda: array("q"))
    difficulty: array[int] = field(default_factory=lambda: array("q"))


def _domain(lake: Lake, name: str, *samples: _Sample) -> dict[str, Any]:
    """One domain's balance, duplicates, effort and lengths."""
    wanted = ["id", "domain", "kind", "payload", "answer", "prompt", "completion", "difficulty", "metrics"]
    splits: Counter[str] = Counter()
    conclusions: Counter[str] = Counter()
    columns = _Columns()
    for entry in lake.files(name):
        splits[entry["split"]] += entry["rows"]
        for batch in lake.table(entry["path"], wanted).to_batches(max_chunksize=1024):
            for row in batch.to_pylist():
                for sample in samples:
                    sample.offer(row)
                prompt, completion = row["prompt"][0]["content"], row["completion"][0]["content"]
                conclusions[registry.checker(row["kind"]).conclusion(json.loads(row["answer"]))] += 1
                columns.answers.append(_hash(row["answer"]))
                columns.prompts.append(_hash(prompt))
                columns.prompt_characters.append(len(prompt))
                columns.completion_characters.append(len(completion))
                if row["difficulty"] is not None:
                    columns.difficulty.append(row["difficulty"])
    total = sum(splits.values())
    return {
        "records": total,
        "splits": dict(sorted(splits.items())),
        "conclusions": dict(sorted(conclusions.items())),
        "conclusion_entropy_bits": entropy_bits(conclusions.values()),
        "majority_conclusion": round(max(conclusions.values(), default=0) / max(total, 1), 6),
        "answer_entropy_bits": entropy_bits(_multiplicities(columns.answers)),
        "majority_answer": round(max(_multiplicities(columns.answers), default=0) / max(total, 1), 6),
        "duplicate_prompts": total - len(_multiplicities(columns.prompts)),
        "difficulty": distribution(columns.difficulty),
        "prompt_characters": distribution(columns.prompt_characters),
        "completion_characters": distribution(columns.completion_characters),
    }


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def _multiplicities(values: array[int]) -> list[int]:
    """How often each different value occurs."""
    import numpy as np

    _, counts = np.unique(np.frombuffer(values, np.int64), return_counts=True)
    return [int(count) for count in counts]


def distribution(values: array[int]) -> dict[str, int]:
    """Smallest, quartiles, ninth decile and largest of some integers; empty for none."""
    import numpy as np

    if not values:
        return {}
    shares = {"min": 0.0, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9, "max": 1.0}
    found = np.quantile(np.frombuffer(values, np.int64), list(shares.values()), method="nearest")
    return {name: int(value) for name, value in zip(shares, found, strict=True)}


def entropy_bits(frequencies: Iterable[int]) -> float:
    """Shannon entropy of a frequency table, in bits."""
    counts = [count for count in frequencies if count]
    total = sum(counts)
    return round(-sum(count / total * math.log2(count / total) for count in counts) + 0.0, 6)


def _near_duplicates(prompts: list[str]) -> dict[str, Any]:
    """How many of the sampled prompts are like an earlier one, by MinHash LSH over word shingles.

    Broder (1997). Prompts of one template are alike by nature, and renamed copies of a problem need not be: those are
    found by their canonical forms.
    """
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=NEAR_SIMILARITY, num_perm=64)
    shingled = [_shingles(prompt) for prompt in prompts]
    alike = 0
    for number, signature in enumerate(MinHash.bulk(shingled, num_perm=64, seed=1)):
        alike += bool(index.query(signature))
        index.insert(str(number), signature)
    return {
        "sampled": len(prompts),
        "like_an_earlier_one": alike,
        "share": round(alike / max(len(prompts), 1), 6),
        "similarity": str(NEAR_SIMILARITY),
    }


def _shingles(text: str) -> list[bytes]:
    words = text.split()
    last = max(len(words) - SHINGLE_WORDS, 0)
    return [" ".join(words[start : start + SHINGLE_WORDS]).encode() for start in range(last + 1)]
