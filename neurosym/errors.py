"""The errors that end a command, each with its exit code and one line that says what to do.

UsageError      2   bad usage or bad input
GateMissed      3   a quality gate of the job was missed
FalseLabel      1   a false label or answer was found
A solver's or a checker's failure is never one of these: it is a verdict (`neurosym.core`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CommandError(Exception):
    """Ends a command with `exit_code` and its message as the one line on stderr."""

    exit_code = 2


class UsageError(CommandError):
    """Bad usage or bad input."""


class GateMissed(CommandError):
    """The lake is written, and a quality gate of the job was missed."""

    exit_code = 3


class FalseLabel(CommandError):
    """A label or answer that was to be believed is false."""

    exit_code = 1


def unknown(what: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name nobody knows, with the nearest known one and the whole list."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" did you mean {close[0]!r}?" if close else ""
    return UsageError(f"unknown {what} {name!r}:{hint} known: {', '.join(names) or 'none'}")
