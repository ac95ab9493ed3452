"""What every command shares: one-line errors, exit codes, Ctrl-C, progress on stderr.

Exit codes: 0 done; 1 a false label or answer was found; 2 bad usage or bad input; 3 a quality gate was missed;
130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from neurosym.errors import CommandError, UsageError

SECONDS_BETWEEN_LINES = 10.0


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, as all our errors are."""

    def __init__(self, module: str, description: str, examples: str) -> None:
        super().__init__(
            prog=f"python -m neurosym.{module}",
            description=description,
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def run(main: Callable[[list[str]], int]) -> NoReturn:
    """Run a command on the process's arguments and exit with its code."""
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except CommandError as error:
        code = _say(error.exit_code, str(error))
    except KeyboardInterrupt:
        code = _say(130, "interrupted: what was finished is kept; run the same command again to go on")
    except BrokenPipeError:
        # Whoever read our output has enough of it; stop Python from flushing into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        where = f" {error.filename}:" if error.filename else ""
        code = _say(2, f"{where} {error.strerror or error}; what was finished is kept".strip())
    sys.exit(code)


def _say(code: int, message: str) -> int:
    print(f"neurosym: {' '.join(message.split())}", file=sys.stderr)
    return code


def note(message: str) -> None:
    """One line on stderr that is not an error."""
    print(f"neurosym: {' '.join(message.split())}", file=sys.stderr)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar with rate and time left on a terminal, a line now and then elsewhere; call it with (done, remark)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        with _lines(title, total) as update:
            yield update
        return
    columns = (
        TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), TextColumn("{task.fields[remark]}"),
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=total, remark="", rate="")
        rate = _Rate()
        yield lambda done, remark: bar.update(task, completed=done, remark=remark, rate=f"{rate(done):.0f}/s")


class _Rate:
    """Items a second since the first update, which may be a resumed run's."""

    def __init__(self) -> None:
        self.start, self.first = time.monotonic(), -1

    def __call__(self, done: int) -> float:
        if self.first < 0:
            self.first = 0 if done <= 64 else done
        return (done - self.first) / max(time.monotonic() - self.start, 1e-9)


@contextmanager
def _lines(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    rate, last = _Rate(), time.monotonic()

    def update(done: int, remark: str) -> None:
        nonlocal last
        speed = rate(done)
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            left = f", {(total - done) / speed:.0f} s left" if speed else ""
            note(f"{title} {done}/{total}, {speed:.0f}/s{left} {remark}")

    yield update
