"""python -m neurosym.report: what a lake holds and how good it is, as a table and as LAKE/report.html.

Contract: everything shown is read from the manifest; the page is one file that needs no network.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from neurosym.command import Parser, note, run
from neurosym.core import Status

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = """\
  python -m neurosym.report lake
  python -m neurosym.report lake --json | jq .quality.domains
"""

WIDTH = 160
"""Columns of a table that no terminal limits."""


def parser() -> Parser:
    """The command line."""
    made = Parser("report", "Show what a lake holds and how good it is; write LAKE/report.html.", EXAMPLES)
    made.add_argument("lake", metavar="LAKE", help="the lake's folder or URI")
    made.add_argument("--json", action="store_true", help="print the manifest's summary as JSON on stdout")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Raises UsageError where there is no lake."""
    from rich.console import Console

    from neurosym.lake import Lake

    options = parser().parse_args(arguments)
    lake = Lake(options.lake)
    page = Console(record=True, width=WIDTH, file=io.StringIO())
    show(lake.manifest, lake.location, page)
    lake.folder.write("report.html", page.export_html(inline_styles=True).encode())
    if options.json:
        print(summary_json(lake.manifest))
    else:
        closing_table(lake.manifest, lake.location)
    note(f"wrote {lake.location}/report.html")
    return 0


def summary_json(manifest: Mapping[str, Any]) -> str:
    """The manifest without its list of files."""
    return json.dumps({key: manifest[key] for key in ("complete", "digest", "quality")}, indent=1, sort_keys=True)


def closing_table(manifest: Mapping[str, Any], location: str) -> None:
    """Print a lake's summary on stdout."""
    from rich.console import Console

    console = Console()
    show(manifest, location, console if console.is_terminal else Console(width=WIDTH))


def show(manifest: Mapping[str, Any], location: str, console: Console) -> None:
    """Counts by domain, status, trust and reason, then balance, duplicates, audit, effort and length."""
    from rich.table import Table

    quality = manifest["quality"]
    state = "every record proved" if manifest["complete"] else "not complete yet: run generate again"
    table = Table(title=f"{location}: {state}", title_justify="left")
    for column in ("domain", "records", "train/val/test", "copies dropped", "conclusions", "entropy", "audit",
                   "difficulty", "prompt length"):  # fmt: skip
        table.add_column(column, justify="left" if column in ("domain", "conclusions", "audit") else "right")
    for name, domain in quality.get("domains", {}).items():
        splits = domain["splits"]
        table.add_row(
            name,
            str(domain["records"]),
            "/".join(str(splits.get(split, 0)) for split in ("train", "validation", "test")),
            str(domain["isomorphic_copies_dropped"]),
            _in_words(domain["conclusions"]),
            f"{domain['conclusion_entropy_bits']:.2f}",
            _audit_in_words(domain["audit"]),
            _spread(domain["difficulty"]),
            _spread(domain["prompt_characters"]),
        )
    console.print(table)
    if not quality:
        return
    counts, near = quality["counts"], quality["near_duplicates"]
    four = ", ".join(f"{counts['status'].get(status, 0)} {status}" for status in Status)
    duplicate = sum(domain["duplicate_prompts"] for domain in quality["domains"].values())
    for line in (
        f"labelled: {four}, of {sum(counts['status'].values())}",
        f"trust: {_in_words(counts['trust'])}; undecided for: {_in_words(counts['reason'])}",
        f"prompts: {duplicate} exact duplicates; {near['like_an_earlier_one']} of {near['sampled']} sampled are "
        f"{near['similarity']} like an earlier one (MinHash)",
        f"digest: {manifest['digest']}",
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _audit_in_words(audit: Mapping[str, Any]) -> str:
    if not audit.get("sampled"):
        return f"none: {audit['why_not']}" if "why_not" in audit else "none"
    found = f"{audit['oracle']}: {audit['disagrees']} of {audit['decided']} disagree"
    return f"{found}, errors < {100 * audit['error_rate_below']:.1f}%"


def _spread(distribution: Mapping[str, int]) -> str:
    if not distribution:
        return "-"
    return f"{distribution['min']}..{distribution['median']}..{distribution['max']}"


if __name__ == "__main__":
    run(main)
