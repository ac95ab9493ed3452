"""The closing table of a run: what a lake holds and how good it is, from its manifest alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def closing_table(manifest: Mapping[str, Any], location: str) -> None:
    """Print counts by status, trust, reason and domain, balance, duplicates, audit, effort and length on stdout."""
    from rich.console import Console
    from rich.table import Table

    quality = manifest["quality"]
    table = Table(title=f"{location}: every record proved", title_justify="left")
    for column in ("domain", "records", "train/val/test", "copies dropped", "conclusions", "entropy", "audit",
                   "difficulty", "prompt"):  # fmt: skip
        table.add_column(column, justify="left" if column in ("domain", "conclusions", "audit") else "right")
    for name, domain in quality["domains"].items():
        splits = domain["splits"]
        table.add_row(
            name,
            str(domain["records"]),
            "/".join(str(splits.get(split, 0)) for split in ("train", "validation", "test")),
            str(domain["isomorphic_copies_dropped"]),
            ", ".join(f"{count} {name}" for name, count in domain["conclusions"].items()),
            f"{domain['conclusion_entropy_bits']:.2f}",
            audit_in_words(domain["audit"]),
            _spread(domain["difficulty"]),
            _spread(domain["prompt_characters"]),
        )
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table)
    counts, near = quality["counts"], quality["near_duplicates"]
    four = ", ".join(f"{counts['status'].get(s, 0)} {s}" for s in ("correct", "wrong", "malformed", "undecided"))
    console.print(f"labelled: {four} of {sum(counts['status'].values())}", highlight=False)
    console.print(f"trust: {in_words(counts['trust'])}; reasons: {in_words(counts['reason'])}", highlight=False)
    alike = f"{near['like_an_earlier_one']} of {near['sampled']} sampled prompts"
    duplicate = sum(domain["duplicate_prompts"] for domain in quality["domains"].values())
    console.print(f"duplicates: {duplicate} exact prompts; near (MinHash): {alike}", highlight=False)
    console.print(f"digest: {manifest['digest']}", highlight=False, soft_wrap=True)


def in_words(counts: Mapping[str, int]) -> str:
    """Counts such as "3 timeout, 1 memory"; "none" where there are none."""
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def audit_in_words(audit: Mapping[str, Any]) -> str:
    """What the second oracle found, in a few words."""
    if not audit.get("sampled"):
        return "not audited"
    found = f"{audit['oracle']}: {audit['disagrees']} of {audit['decided']} disagree"
    return f"{found}, errors < {100 * audit['error_rate_below']:.1f}%"


def _spread(distribution: Mapping[str, int]) -> str:
    if not distribution:
        return "-"
    return f"{distribution['min']}..{distribution['median']}..{distribution['max']}"
