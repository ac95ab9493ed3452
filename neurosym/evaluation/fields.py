"""evaluation.json as a plain dict: what lies under some keys, or nothing where an older or partial one lacks it.

Contract: no value of any type raises. Texts in it were written by models and by strangers: `visible` makes them fit to
be drawn, which is not yet fit to be HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

LONGEST_NAME = 40
LONGEST_TEXT = 2000
"""Characters of a name, and of any other text, that are shown."""


class Share(NamedTuple):
    """A share or a mean from 0 to 1, with its 95% interval, of so many things."""

    value: float
    low: float
    high: float
    of: int

    def __str__(self) -> str:
        return f"{100 * self.value:.1f}% ({100 * self.low:.1f}–{100 * self.high:.1f})"


def share_under(value: Any, *keys: str) -> Share | None:
    """The share that lies under some keys; without ends, its interval is the value alone."""
    value = under(value, *keys)
    middle = under(value, "value")
    if not is_number(middle):
        return None
    low, high, of = under(value, "low"), under(value, "high"), under(value, "of")
    return Share(
        float(middle),
        float(low) if is_number(low) else float(middle),
        float(high) if is_number(high) else float(middle),
        int(of) if is_number(of) else 0,
    )


def under(value: Any, *keys: str) -> Any:
    """What lies under some keys, one in the other; None where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a finite number, and not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def items(value: Any) -> list[tuple[str, Any]]:
    """The keys, as text, and values of a dict; nothing for anything else."""
    return [(str(key), item) for key, item in value.items()] if isinstance(value, Mapping) else []


def dicts(value: Any) -> list[Mapping[str, Any]]:
    """The dicts in a list; nothing for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def visible(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text cut to `longest` characters, with those that cannot be seen, or turn others round, spelled out."""
    shown = "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text[:longest].expandtabs(4))
    return shown if len(text) <= longest else f"{shown} … ({len(text):,} characters)"
