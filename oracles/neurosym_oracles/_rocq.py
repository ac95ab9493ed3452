"""Finding and running Rocq's programs: the folder in the environment variable NEUROSYM_ROCQ, then PATH.

Both kernels run without reductions by virtual machine or native code, without user's files, and see only the installed
library and one folder that is made for the call.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from neurosym.core import Budget, Reason, Undecided
from neurosym.sandbox import Finished, Limits, Session, run

INSTALL = "rocq needs coqc, coqtop and coqchk: apt-get install coq, or name their folder in NEUROSYM_ROCQ"

_QUIET = ("-q", "-w", "none", "-bytecode-compiler", "no", "-native-compiler", "no")
_LOCATED = re.compile(rb'File "[^"\n]*", line ([0-9]+), characters [0-9]+-[0-9]+:\nError:(.*)', re.DOTALL)
_NO_VERDICT = (
    ("Out of memory", Reason.MEMORY),
    ("Stack overflow", Reason.MEMORY),
    ("Timeout", Reason.TIMEOUT),
    ("Anomaly", Reason.TOOL_CRASHED),
    ("User interrupt", Reason.TOOL_CRASHED),
    ("Cannot find a physical path", Reason.TOOL_MISSING),
    ("Unable to locate library", Reason.TOOL_MISSING),
)
"""Messages that say something of Rocq or of this machine, and nothing of the proof."""


class Refusal(NamedTuple):
    """The line of the file that the compiler refuses, and why."""

    line: int
    message: str


def program(name: str) -> str:
    """What to run for coqc, coqtop or coqchk."""
    folder = os.environ.get("NEUROSYM_ROCQ")
    return str(Path(folder, name)) if folder else name


@contextmanager
def _installed() -> Iterator[None]:
    """Says how to install what is missing."""
    try:
        yield
    except Undecided as error:
        if error.reason is Reason.TOOL_MISSING:
            raise Undecided(Reason.TOOL_MISSING, INSTALL) from None
        raise


def _run(command: list[str], limits: Limits) -> Finished:
    with _installed():
        return run([program(command[0]), *command[1:]], limits)


def session(memory_mb: int) -> Session:
    """A coqtop that answers one command after another. Raises Undecided."""
    with _installed():
        return Session([program("coqtop"), *_QUIET], memory_mb)


def version() -> str:
    """The version of coqc. Raises Undecided(TOOL_MISSING)."""
    return _version(program("coqc"))


@cache
def _version(coqc: str) -> str:
    told = _run(["coqc", "-print-version"], Limits(60, 2048)).stdout.decode("utf-8", "replace").split()
    if not told:
        raise Undecided(Reason.TOOL_CRASHED, f"{coqc} tells no version")
    return f"Rocq {told[0]}"


def compile_and_check(text: str, budget: Budget) -> Refusal | tuple[bytes, bytes]:
    """What coqc printed and coqchk's summary of the compiled file, or the compiler's refusal.

    Raises Undecided where a guard stopped them or they failed in another way than by refusing a sentence.
    """
    limits = Limits(budget.seconds, budget.memory_mb)
    with tempfile.TemporaryDirectory(prefix="neurosym-rocq-") as folder:
        path = Path(folder, "claim.v")
        path.write_text(text, encoding="ascii")
        compiled = _run(["coqc", *_QUIET, "-noglob", "-Q", folder, "Neurosym", str(path)], limits)
        if compiled.stopped:
            raise Undecided(compiled.stopped, f"coqc: {compiled.last_words}")
        if compiled.returncode != 0:
            return _refusal(compiled)
        checked = _run(["coqchk", "-silent", "-o", "-Q", folder, "Neurosym", "-norec", "Neurosym.claim"], limits)
    if checked.stopped or checked.returncode != 0:
        raise Undecided(checked.stopped or Reason.TOOL_CRASHED, f"coqchk: {checked.last_words}")
    return compiled.stdout, checked.stdout + checked.stderr


def _refusal(compiled: Finished) -> Refusal:
    located = _LOCATED.fullmatch(compiled.stderr.strip())
    if compiled.returncode != 1 or located is None:
        raise Undecided(Reason.TOOL_CRASHED, f"coqc: {compiled.last_words}")
    message = " ".join(located[2].decode("utf-8", "backslashreplace").split())
    if message.startswith("In environment"):  # what is wrong comes after the hypotheses
        message = message[max(message.find("The "), 0) :]
    for start, reason in _NO_VERDICT:
        if message.startswith(start):
            raise Undecided(reason, f"coqc: {message[:200]}")
    return Refusal(int(located[1]), message[:200])
