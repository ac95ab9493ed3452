"""A companion: a warm Python process beside this one, for tools that must not run inside it.

It has a fixed hash seed, so its answers do not depend on ours, and a process group of its own, so whatever it started
ends with it: when it is late, when the object is dropped, when this process exits, and when this process is killed.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

from neurosym.core import Json, Reason, Undecided

START_SECONDS = 120.0
MOST_SECONDS = 1e6

_START = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from importlib import import_module
import_module(sys.argv[2]).serve()
"""


class Companion:
    """The process that runs `serve()` of a module: one JSON line in, one JSON line out."""

    def __init__(self, module: str) -> None:
        self._owner = os.getpid()
        paths = [str(Path(entry).absolute()) for entry in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps(paths), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONHASHSEED": "0", "PYTHONOPTIMIZE": ""},
            start_new_session=True,
        )
        self.stop = weakref.finalize(self, _stop, self._process, self._owner)
        self._read(START_SECONDS)

    def alive(self) -> bool:
        """Whether it can be asked: it runs, and is not the companion of the process that this one was forked from."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, request: dict[str, Json], seconds: float) -> dict[str, Json]:
        """The reply to a request. Raises Undecided where none came in time; the companion is stopped then."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            reply: dict[str, Json] = json.loads(self._read(seconds))
            return reply
        except BaseException as error:  # an interrupt too: the next request must not meet this one's reply
            self.stop()
            if isinstance(error, OSError | ValueError):
                raise Undecided(Reason.TOOL_CRASHED, "the tool's process ended") from None
            raise

    def _read(self, seconds: float) -> bytes:
        """One line; b"" where the process ended."""
        assert self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        deadline = time.monotonic() + min(seconds, MOST_SECONDS)
        parts: list[bytes] = []
        while not (parts and parts[-1].endswith(b"\n")):
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise Undecided(Reason.TIMEOUT, f"no answer within {seconds:g} s")
            parts.append(os.read(self._process.stdout.fileno(), 1 << 20))
            if not parts[-1]:
                return b""
        return b"".join(parts)


def _stop(process: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:  # a fork of the owner: the companion is not ours to end
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(BrokenPipeError), process:
        pass  # closes the pipes and waits


def limit(resource_kind: int, most: int) -> None:
    """Set a soft limit of this process and its children, no higher than the hard one."""
    _, hard = resource.getrlimit(resource_kind)
    if hard != resource.RLIM_INFINITY:
        most = hard if most == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_kind, (most, hard))


def channel() -> tuple[Iterator[dict[str, Json]], Callable[[dict[str, Json]], None]]:
    """The companion's side: the requests, and how to reply to one. What is printed from here on goes nowhere.

    The first reply says that it is ready. When the other side is gone, even while a request is worked on, the process
    group goes too.
    """
    replies = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    Thread(target=_end_with_the_other_side, daemon=True).start()

    def reply(value: dict[str, Json]) -> None:
        rest = json.dumps(value).encode() + b"\n"
        while rest:
            rest = rest[os.write(replies, rest) :]

    return map(json.loads, sys.stdin.buffer), reply


def _end_with_the_other_side() -> None:
    poll = select.poll()
    poll.register(0, 0)  # no event but the hang-up
    poll.poll()
    os.killpg(0, signal.SIGKILL)
