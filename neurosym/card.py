"""The dataset card of a lake: a README.md that Hugging Face's loaders and viewer read.

Format: https://huggingface.co/docs/hub/datasets-cards, with `configs` naming the files of each split.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neurosym.rows import SPLITS


def card(manifest: Mapping[str, Any]) -> str:
    """The card of the lake that `manifest` describes: one configuration for all domains and one for each."""
    domains = sorted(job["identity"]["domain"] for job in manifest["jobs"])
    files = [entry for job in manifest["jobs"] for part in job["parts"] for entry in part["files"]]
    lines = ["---", "configs:"]
    for name, folder in [("all", "*"), *((domain, f"domain={domain}") for domain in domains)]:
        present = [s for s in SPLITS if any(f["split"] == s and name in ("all", f["domain"]) for f in files)]
        if present:
            lines += [f"- config_name: {name}", *(["  default: true"] if name == "all" else []), "  data_files:"]
            lines += [f"  - split: {s}\n    path: data/{folder}/split={s}/*.parquet" for s in present]
    lines += ["tags: [synthetic, reasoning, neurosym]", "---", "", "# Proved reasoning problems", ""]
    lines += [
        "Every label in this dataset was proved: a small trusted checker replayed its evidence, and",
        "`python -m neurosym.verify` replays it again. Splits are by canonical form: no problem here is a renamed copy",
        "of another, and none of the test problems is a renamed copy of a training problem.",
        "",
        "| domain | knobs | seed | oracle | train | validation | test |",
        "|---|---|---|---|---|---|---|",
    ]
    for job in sorted(manifest["jobs"], key=lambda job: str(job["identity"]["domain"])):
        identity = job["identity"]
        rows = {s: sum(f["rows"] for p in job["parts"] for f in p["files"] if f["split"] == s) for s in SPLITS}
        knobs = ", ".join(f"{name}={value}" for name, value in sorted(identity["knobs"].items()))
        counts = " | ".join(str(rows[split]) for split in SPLITS)
        lines.append(f"| {identity['domain']} | {knobs} | {identity['seed']} | {identity['oracle']} | {counts} |")
    return "\n".join([*lines, "", f"Digest of the rows: `{manifest['digest']}`", ""])
