"""Lean 4 as a process: found, run on one file, or kept warm behind its language server.

Contract: nothing here judges. `run_file` starts a process for one file; a `Server` elaborates one file after another
and keeps what their common beginning left, so that imports and headers are paid for once. Both return Lean's messages,
strictly parsed, each with the place that it is about. Lean is the program named by the variable NEUROSYM_LEAN, or else
`lean` on PATH; LEAN_PATH and ELAN_HOME are handed on, so a Mathlib that the user's Lean finds is found here.
"""

from __future__ import annotations

import json
import os
import re
import time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from neurosym.core import Reason, Undecided
from neurosym.sandbox import Limits, Session, run

INSTALL = "lean4 needs Lean 4: install elan (https://lean-lang.org), or set NEUROSYM_LEAN to a lean program"

OPTIONS = ("-Dweak.linter.all=false", "-DautoImplicit=false", "-Dweak.Elab.async=false")

ADDRESS_SPACE_MB = 64 << 10
"""What Lean may map besides the memory that its own limit -M counts: library files, and the stacks of its threads."""

DOCUMENTS = 5000
"""After so many files a server is started afresh, because it forgets nothing."""

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "information"}


class Message(NamedTuple):
    """What Lean says about a place in a file: lines count from 1, columns from 0."""

    line: int
    column: int
    severity: str
    text: str


def program() -> str:
    """The program to run. Raises Undecided(TOOL_MISSING) where there is none."""
    import shutil

    named = os.environ.get("NEUROSYM_LEAN") or "lean"
    found = shutil.which(named)
    if found is None:
        raise Undecided(Reason.TOOL_MISSING, INSTALL)
    return found


def version() -> str:
    """Lean's own words for its version. Raises Undecided."""
    return _version(program())


@lru_cache(maxsize=8)
def _version(lean: str) -> str:
    done = run([lean, "--version"], Limits(60, ADDRESS_SPACE_MB), environment=_environment())
    match = re.match(r"Lean \(version ([^,)]+)", done.stdout.decode("utf-8", "replace"))
    if match is None:
        raise Undecided(Reason.TOOL_CRASHED, f"{lean} --version says {done.last_words!r}")
    return f"Lean {match[1]}"


def _environment(folder: Path | None = None) -> dict[str, str]:
    found = {"ELAN_HOME": os.environ.get("ELAN_HOME", str(Path.home() / ".elan"))}
    paths = [str(folder)] if folder else []
    if os.environ.get("LEAN_PATH"):
        paths.append(os.environ["LEAN_PATH"])
    return found | ({"LEAN_PATH": os.pathsep.join(paths)} if paths else {})


def run_file(
    text: str, seconds: float, memory_mb: int, *, compiled: Path | None = None, folder: Path | None = None
) -> list[Message]:
    """Lean's messages about a file, elaborated by a process of its own.

    `compiled` is where it shall write the compiled file, which it does only where there is no error; `folder` is where
    it finds compiled files to import. Raises Undecided.
    """
    command = [program(), "--json", *OPTIONS, f"-M{memory_mb}"]
    if compiled is not None:
        command += ["-o", str(compiled)]
    limits = Limits(seconds, memory_mb + ADDRESS_SPACE_MB, 64 << 20)
    done = run([*command, "neurosym.lean"], limits, files={"neurosym.lean": text.encode()},
               environment=_environment(folder))  # fmt: skip
    if done.stopped is not None:
        raise Undecided(done.stopped, f"Lean: {done.last_words}")
    messages = [_from_line(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 1) or (done.returncode == 1) != any(m.severity == "error" for m in messages):
        raise Undecided(Reason.TOOL_CRASHED, f"Lean ended with {done.returncode}: {done.last_words}")
    return messages


def _from_line(line: bytes) -> Message:
    try:
        entry = json.loads(line)
        place = entry["pos"]
        found = Message(place["line"], place["column"], entry["severity"], entry["data"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Undecided(Reason.TOOL_CRASHED, f"Lean wrote {line[:100]!r}") from None
    return _checked(found)


def _checked(message: Message) -> Message:
    line, column, severity, text = message
    if type(line) is not int or type(column) is not int or not isinstance(text, str):
        raise Undecided(Reason.TOOL_CRASHED, "a message of Lean's has no place")
    if severity not in ("error", "warning", "information"):
        raise Undecided(Reason.TOOL_CRASHED, f"a message of Lean's of severity {severity!r}")
    return message


class Server:
    """A warm Lean. Not for two threads at once; after Undecided it is dead and another must be made."""

    URI = "file:///neurosym.lean"

    def __init__(self, memory_mb: int, seconds: float = 60.0) -> None:
        """Raises Undecided."""
        command = [program(), "--server", *OPTIONS, "-Dserver.reportDelayMs=0", f"-M{memory_mb}"]
        self._session = Session(command, memory_mb + ADDRESS_SPACE_MB, environment=_environment())
        self._requests = 0
        self._documents = 0
        deadline = time.monotonic() + seconds
        self._answer("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, deadline)
        self._send({"method": "initialized", "params": {}})

    def usable(self) -> bool:
        """Whether it can be asked again."""
        return self._documents < DOCUMENTS and self._session.alive()

    def messages(self, text: str, seconds: float) -> list[Message]:
        """Lean's messages about a file. Raises Undecided; the server is dead then."""
        try:
            return self._messages(text, time.monotonic() + seconds)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        self._session.close()

    def _messages(self, text: str, deadline: float) -> list[Message]:
        self._documents += 1
        document: dict[str, Any] = {"uri": self.URI, "version": self._documents}
        if self._documents == 1:
            opened = {**document, "languageId": "lean4", "text": text}
            self._send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})
        else:
            changed = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._send({"method": "textDocument/didChange", "params": changed})
        published = self._answer("textDocument/waitForDiagnostics", document, deadline)
        return [_from_diagnostic(entry) for entry in published]

    def _answer(self, method: str, parameters: dict[str, Any], deadline: float) -> list[Any]:
        """Wait for the answer to a request, and return what was last published on this version of the file."""
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": parameters})
        published: list[Any] = []
        while True:
            message = self._receive(deadline)
            told = message.get("params")
            if message.get("method") == "textDocument/publishDiagnostics" and isinstance(told, dict):
                if told.get("version") == self._documents and isinstance(told.get("diagnostics"), list):
                    published = told["diagnostics"]
            elif message.get("id") == self._requests and "method" not in message:
                if "result" not in message:
                    raise Undecided(Reason.TOOL_CRASHED, f"Lean's server: {str(message.get('error'))[:200]}")
                return published

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._session.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def _receive(self, deadline: float) -> dict[str, Any]:
        length = None
        while line := self._session.read_line(deadline - time.monotonic(), 1000).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if length is None or length > 64 << 20:
            raise Undecided(Reason.TOOL_CRASHED, "Lean's server wrote no message")
        try:
            message = json.loads(self._session.read_exactly(length, deadline - time.monotonic()))
        except (ValueError, RecursionError):
            raise Undecided(Reason.TOOL_CRASHED, "Lean's server wrote no JSON") from None
        if not isinstance(message, dict):
            raise Undecided(Reason.TOOL_CRASHED, "Lean's server wrote no message")
        return message


def _from_diagnostic(entry: Any) -> Message:
    try:
        place = entry["range"]["start"]
        severity = _SEVERITIES[entry["severity"]]
        return _checked(Message(place["line"] + 1, place["character"], severity, entry["message"]))
    except (KeyError, TypeError):
        raise Undecided(Reason.TOOL_CRASHED, f"Lean's server wrote {str(entry)[:100]}") from None


class Pool:
    """Warm servers by what they are kept for; at most `most`, the least used one makes room. One a process."""

    def __init__(self, most: int = 6) -> None:
        self._most = most
        self._owner = os.getpid()
        self._servers: dict[tuple[str, ...], Server] = {}

    def messages(self, key: tuple[str, ...], text: str, seconds: float, memory_mb: int) -> list[Message]:
        """Lean's messages about a file, from the server kept under `key`. Raises Undecided."""
        if self._owner != os.getpid():  # a fork: the servers are the parent's
            self._owner, self._servers = os.getpid(), {}
        full = (program(), str(memory_mb), *key)
        server = self._servers.pop(full, None)
        if server is None or not server.usable():
            if server is not None:
                server.close()
            server = Server(memory_mb)
        self._servers[full] = server
        while len(self._servers) > self._most:
            self._servers.pop(next(iter(self._servers))).close()
        return server.messages(text, seconds)
