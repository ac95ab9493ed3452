"""Walls around every tool that runs as a process: `run` for one answer, `Session` for many.

The tool gets a folder of its own that is removed afterwards, a clean environment, limits on time, memory, output and
the size of a file, no core dumps, and no file descriptor of ours but its three. All of its processes end with it: when
it ends, when it is stopped, when this process exits, and when this process is killed.

Each tool has a guard, a small shell. It reads a pipe of which only this process has the other end, so it learns of
this process's death, whatever that was. Where the kernel lets an ordinary user make namespaces (and `unshare` of
util-linux is there), the guard is the first process of a namespace: none of the tool's processes can signal it or
outlives it, whatever session they move to; none can look into a process outside; and there is no network. Elsewhere
(`network_is_closed` tells) the guard leads the tool's process group, and a process that leaves the group escapes.

What these walls do not hold:
    memory      The limit is on the address space of each process. Several processes together may use several times as
                much; a tool that maps large files needs a limit above what it ever touches; what it writes to a file
                system in memory is held by the limit on the size of a file only.
    processes   Their number: RLIMIT_NPROC counts all processes of the user, also those outside. Without namespaces the
                machine's first process must reap what was killed (`docker run --init`).
    files       The tool reads what this user may read, writes what this user may write, and may connect to sockets that
                are files. (In a namespace a superuser's tool has no power over the files of others.)
    folder      Where this process is killed and there are no namespaces, the folder stays.
"""

from __future__ import annotations

import fcntl
import functools
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from neurosym.core import Reason, Undecided

MOST_SECONDS = 1e6
FILE_BYTES = 1 << 30
"""Largest file that a tool may write."""

_CHUNK = 1 << 16
_LAST_WORDS = 200
_PATIENCE_MS = 1000
"""How long a guard may take to end all and itself, before it is killed and leaves its dead to process 1."""

_NAMESPACES = ("--user", "--map-current-user", "--net", "--ipc", "--pid", "--mount-proc", "--fork", "--kill-child")

_GUARD = """\
exec 3<"/dev/fd/$1" 4>"/dev/fd/$2" 5>&2 2>/dev/null || exit
memory=$3 blocks=$4 folder=$5
shift 5
end() {
    trap - CHLD
    case $$-$1 in
        1-) kill -9 -1; rm -rf "$folder" ;;
        1-*) ;;
        *-ended) wait; kill -9 0 ;;
        *) kill -9 0 ;;
    esac
    exit
}
trap '' HUP INT QUIT TERM
trap 'end ended' CHLD
{
    (
        trap - HUP INT QUIT TERM
        exec <&3 >&4 2>&5 3<&- 4>&- 5>&-
        ulimit -c 0 && ulimit -f "$blocks" && ulimit -v "$memory" && exec "$@"
    )
    echo $?
} &
exec >&- 3<&- 4>&- 5>&-
read -r told
end "$told"
"""
"""Its stdin is the lifeline, its stdout takes the tool's exit status; $1 and $2 are the tool's stdin and stdout. The
other way round would be natural, but a POSIX shell cannot close descriptors of two digits, and the tool must not have
those of the guard. Process 1 is the first of a namespace: there -1 means all others of it, and they end with it anyway.
The line on the lifeline is "ended" or "stop", and is empty where this process has died."""

_OUT_OF_MEMORY = re.compile(
    r"([\w./-]+: )?((internal panic|fatal error|error|uncaught exception|exception)[: ]+|what\(\): +)*"
    r"(std::bad_alloc|MemoryError|java\.lang\.OutOfMemoryError|out[ _]of[ _]memory|(virtual )?memory exhausted"
    r"|cannot allocate memory|memory allocation of \d+ bytes failed|.*failed to map segment from shared object$)",
    re.IGNORECASE,
)
"""How a line begins with which a tool ends that could not allocate. From its beginning, because a tool's messages quote
what it was given."""


@dataclass(frozen=True)
class Limits:
    """`seconds` of wall clock, `memory_mb` of address space for each process, bytes of stdout and stderr together."""

    seconds: float
    memory_mb: int
    output_bytes: int = 16 << 20


@dataclass(frozen=True)
class Finished:
    """How a tool ended, with its output so far.

    `returncode` is None where the tool was stopped, died of a signal or ran out of memory, and `stopped` says which:
    TIMEOUT, MEMORY, or TOOL_CRASHED (a signal, or output beyond the limit). Otherwise `stopped` is None. An exit code
    from 129 to 192 counts as a signal, as in any shell. `last_words` is one printable line for a verdict's detail.
    """

    returncode: int | None
    stdout: bytes
    stderr: bytes
    stopped: Reason | None
    last_words: str


def network_is_closed() -> bool:
    """Whether the kernel lets us take the network from a tool."""
    return bool(_namespaces())


def run(
    command: Sequence[str],
    limits: Limits,
    *,
    stdin: bytes = b"",
    files: Mapping[str, bytes] = {},
    environment: Mapping[str, str] = {},
) -> Finished:
    """Run a command within limits, in a folder of its own that holds `files`, and wait for its end.

    Raises Undecided(TOOL_MISSING) where the executable does not exist, Undecided(TOOL_CRASHED) where it cannot be
    started, and ValueError for a file that would lie outside the folder.
    """
    with _starting(), tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.flush()
        tool = _Tool(command, limits.memory_mb, files, environment, given.fileno())
    try:
        late = False
        deadline = time.monotonic() + min(limits.seconds, MOST_SECONDS)
        while not (late or tool.ended or tool.kept() > limits.output_bytes):
            late = not tool.pump(deadline)
        tool.finish()
    finally:
        tool.remove()
    stopped: tuple[Reason, str] | None
    if tool.kept() > limits.output_bytes:
        stopped = Reason.TOOL_CRASHED, f"more than {limits.output_bytes} bytes of output"
    elif late:
        stopped = Reason.TIMEOUT, f"stopped after {limits.seconds:g} s"
    else:
        stopped = tool.failure()
    stdout = bytes(tool.stdout[: limits.output_bytes])
    stderr = bytes(tool.stderr[: limits.output_bytes - len(stdout)])
    words = _last_words(stderr) or _last_words(stdout)
    if stopped is None:
        return Finished(tool.code, stdout, stderr, None, words)
    return Finished(None, stdout, stderr, stopped[0], _joined(stopped[1], words))


class Session:
    """A long-lived process within the walls of `run`: what is written to it and the lines it answers.

    `folder` is its working directory. It is closed by `close`, when dropped, and with this process. Not for two threads
    at once.
    """

    def __init__(
        self,
        command: Sequence[str],
        memory_mb: int,
        *,
        files: Mapping[str, bytes] = {},
        environment: Mapping[str, str] = {},
    ) -> None:
        """Start the command. Raises as `run` does."""
        with _starting():
            theirs, self._stdin = os.pipe()
            try:
                os.set_blocking(self._stdin, False)
                self._tool = _Tool(command, memory_mb, files, environment, theirs)
            except BaseException:
                os.close(self._stdin)
                raise
            finally:
                os.close(theirs)
        self.folder = self._tool.folder
        self._unsent = bytearray()
        self._closed = weakref.finalize(self, _close, self._tool, self._stdin)

    def alive(self) -> bool:
        """Whether it can be asked: it runs, is not closed, and was not started by the process we were forked from."""
        return self._closed.alive and self._tool.owner == os.getpid() and not self._tool.has_ended()

    def write(self, data: bytes) -> None:
        """Send bytes to its stdin. What it does not take at once is sent while we wait for its answer."""
        self._require_open()
        self._unsent += data
        self._send()

    def read_line(self, seconds: float, most: int = 16 << 20) -> bytes:
        """Its next line, without the newline, of at most `most` bytes.

        Raises Undecided (TIMEOUT, MEMORY, TOOL_CRASHED, with its last words) where there is none; it is closed then.
        """
        searched = 0

        def length() -> int:
            nonlocal searched
            start, searched = searched, len(self._tool.stdout)
            return self._tool.stdout.find(b"\n", start) + 1

        return self._read(length, seconds, most + 1)[:-1]

    def read_exactly(self, count: int, seconds: float) -> bytes:
        """Its next `count` bytes. Raises as `read_line` does."""
        return self._read(lambda: count if len(self._tool.stdout) >= count else 0, seconds, count) if count else b""

    def close(self) -> None:
        """Stop it and remove its folder. Closing twice is once."""
        self._closed()

    def _require_open(self) -> None:
        if not self._closed.alive or self._tool.owner != os.getpid():
            raise Undecided(Reason.TOOL_CRASHED, "the session is closed")

    def _read(self, length: Callable[[], int], seconds: float, most: int) -> bytes:
        """As many bytes as `length` says, which is 0 while they are not all there."""
        self._require_open()
        tool = self._tool
        deadline = time.monotonic() + min(seconds, MOST_SECONDS)
        try:
            while (count := length()) == 0:
                if len(tool.stdout) >= most:
                    raise Undecided(Reason.TOOL_CRASHED, "an answer beyond the limit")
                if tool.ended:
                    raise self._undecided(*(tool.failure() or (Reason.TOOL_CRASHED, f"exit code {tool.code}")))
                if not tool.pump(deadline, self._stdin if self._unsent else None):
                    raise self._undecided(Reason.TIMEOUT, f"no answer within {seconds:g} s")
                self._send()
                if tool.ended:
                    tool.finish()
                del tool.stderr[:-_CHUNK]
            if count > most:
                raise Undecided(Reason.TOOL_CRASHED, "an answer beyond the limit")
        except BaseException:  # an interrupt too: the next request must not meet this one's answer
            self.close()
            raise
        found = bytes(tool.stdout[:count])
        del tool.stdout[:count]
        return found

    def _undecided(self, reason: Reason, why: str) -> Undecided:
        return Undecided(reason, _joined(why, _last_words(self._tool.stderr) or _last_words(self._tool.stdout)))

    def _send(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._stdin, self._unsent)]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it does not listen any more; the next reading says what became of it
            self._unsent.clear()


class _Tool:
    """A process within the walls, its output so far, and what became of it."""

    def __init__(
        self,
        command: Sequence[str],
        memory_mb: int,
        files: Mapping[str, bytes],
        environment: Mapping[str, str],
        stdin: int,
    ) -> None:
        variables = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **environment}
        program = shutil.which(command[0], path=variables["PATH"])
        if program is None:
            raise Undecided(Reason.TOOL_MISSING, f"there is no program {command[0]!r}")
        self.owner = os.getpid()
        self.stdout, self.stderr = bytearray(), bytearray()
        self.ended = False
        self.code: int | None = None
        self._fds, theirs = _pipes(stdin)  # before there is a folder, whose removal needs descriptors too
        self._lifeline, self._status, out, err = self._fds
        self._outputs = {out: self.stdout, err: self.stderr}
        folder: Path | None = None
        try:
            self.folder = folder = Path(tempfile.mkdtemp(prefix="neurosym-"))
            _write(folder, files)
            memory = _at_most(resource.RLIMIT_AS, memory_mb << 20) >> 10
            blocks = _at_most(resource.RLIMIT_FSIZE, FILE_BYTES) >> 9
            lifeline, status, _, stderr, *passed = theirs
            arguments = [*passed, memory, blocks, folder, Path(program).absolute(), *command[1:]]
            self._process = subprocess.Popen(
                [*_namespaces(), "/bin/sh", "-c", _GUARD, "sh", *map(str, arguments)],
                stdin=lifeline,
                stdout=status,
                stderr=stderr,
                pass_fds=passed,
                cwd=folder,
                env={"HOME": str(folder), "TMPDIR": str(folder), **variables},
                start_new_session=True,
            )
        except BaseException:
            _close_all(theirs + self._fds)
            if folder is not None:
                _remove(folder)
            raise
        _close_all(theirs)

    def pump(self, deadline: float, writable: int | None = None) -> bool:
        """Wait for output, the end, or that `writable` takes more, and take what is there. False: nothing in time."""
        poll = select.poll()
        for fd in (*self._outputs, *(() if self.ended else (self._status,))):
            poll.register(fd, select.POLLIN)
        if writable is not None:
            poll.register(writable, select.POLLOUT)
        ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        for fd, _ in ready:
            if fd == self._status:
                self.ended = True
                told = os.read(fd, _CHUNK)  # not always from the guard: the tool may reach it through /proc
                self.code = int(told) if re.fullmatch(rb"[0-9]{1,3}\n", told) else None
            elif fd in self._outputs:
                data = os.read(fd, _CHUNK)
                self._outputs[fd] += data
                if not data:
                    del self._outputs[fd]
        return bool(ready)

    def kept(self) -> int:
        """How many bytes of output there are."""
        return len(self.stdout) + len(self.stderr)

    def finish(self) -> None:
        """End all of its processes and take the output that is left in its pipes, which hold up to 1 MiB each."""
        self.kill()
        for _ in range((1 << 20) // _CHUNK):
            if not self._outputs or not self.pump(0.0):
                break

    def has_ended(self) -> bool:
        """Whether the tool's first process has ended."""
        if self.ended:
            return True
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        return bool(poll.poll(0))

    def failure(self) -> tuple[Reason, str] | None:
        """Why a tool that has ended has no result, or None where it ended by itself."""
        if self.code is None:
            return Reason.TOOL_CRASHED, "ended without an exit code"
        if self.code and _OUT_OF_MEMORY.match(_last_words(self.stderr)):
            return Reason.MEMORY, "out of memory"
        number = self.code - 128
        if not 0 < number <= 64:
            return None
        if number == signal.SIGKILL:  # and not by us: the kernel, which had no memory left
            return Reason.MEMORY, "killed from outside"
        return Reason.TOOL_CRASHED, f"ended by signal {number} ({signal.strsignal(number)})"

    def kill(self) -> None:
        """End all of its processes."""
        if self._process.returncode is None:
            with suppress(BrokenPipeError):
                os.write(self._lifeline, b"stop\n" if self.code is None else b"ended\n")
            poll = select.poll()
            poll.register(self._lifeline, 0)  # for no event but that nobody reads it any more
            poll.poll(_PATIENCE_MS)
            # The guard is not waited for before this: until then its number cannot be another's.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def remove(self) -> None:
        """End all of its processes and leave nothing behind."""
        self.kill()
        _close_all(self._fds)
        self._fds = []
        _remove(self.folder)


def _close(tool: _Tool, stdin: int) -> None:
    if tool.owner == os.getpid():  # a fork of the owner has no say in it
        os.close(stdin)
        tool.remove()


def _pipes(stdin: int) -> tuple[list[int], list[int]]:
    """Our ends and the guard's of its lifeline, status, stdout and stderr; then what the guard is told by number.

    The numbers are above the digits, so that the guard's own redirections cannot hit them.
    """
    ours: list[int] = []
    theirs: list[int] = []
    try:
        for _ in range(4):
            reading, writing = os.pipe()
            ours.append(reading)
            theirs.append(writing)
        ours[0], theirs[0] = theirs[0], ours[0]
        for fd in (stdin, theirs[2]):
            theirs.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))
    except BaseException:
        _close_all(ours + theirs)
        raise
    _lifelines.add(ours[0])
    return ours, theirs


def _close_all(fds: list[int]) -> None:
    _lifelines.difference_update(fds)
    for fd in fds:
        os.close(fd)


_lifelines: set[int] = set()


def _let_go() -> None:
    while _lifelines:
        os.close(_lifelines.pop())


os.register_at_fork(after_in_child=_let_go)  # a fork that lives on would keep the tools of a dead parent alive


@contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # no space, no descriptors, no processes
        raise Undecided(Reason.TOOL_CRASHED, f"cannot be started: {error.strerror}") from None


@functools.cache
def _namespaces() -> tuple[str, ...]:
    """The command that puts another into namespaces of its own; empty where the kernel or the machine has none."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, *_NAMESPACES, "--")
    own = "/proc/self/ns/net"
    try:
        ours = str(Path(own).readlink())
        seen = subprocess.run([*prefix, "readlink", own], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    theirs = seen.stdout.decode("ascii", "replace").strip()
    return prefix if re.fullmatch(r"net:\[\d+\]", theirs) and theirs != ours else ()


def _at_most(limit: int, most: int) -> int:
    """`most`, or the hard limit of this process where that is lower."""
    _, hard = resource.getrlimit(limit)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"a file outside the folder: {name!r}")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _remove(folder: Path) -> None:
    with suppress(OSError, RecursionError):
        shutil.rmtree(folder)
    if folder.exists():  # nested too deeply, closed to its owner, or still written to by a process that was just killed
        script = 'chmod -R u+rwx "$1"; rm -rf "$1"'
        subprocess.run(["/bin/sh", "-c", script, "sh", str(folder)], stdin=subprocess.DEVNULL, capture_output=True)


def _last_words(output: bytes | bytearray) -> str:
    """The last line that is not empty, with everything escaped that is not printable."""
    line = output[-_CHUNK:].rstrip().rpartition(b"\n")[2][: 4 * _LAST_WORDS].decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line.strip())[:_LAST_WORDS]


def _joined(why: str, words: str) -> str:
    return f"{why}: {words}" if words else why
