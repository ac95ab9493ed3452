"""Measurements in processes of their own: a crash, missing memory or a hang costs one of them, and no other.

Contract: a measurement is a function of the module's top level that takes `tell` and keywords, and returns what it
found. What it told before it failed, or before its time was over, is kept. Its peak of memory is its own.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

Found = dict[str, Any]
Tell = Callable[[Found], None]
"""Takes what a measurement knows so far."""

Measurement = tuple[Callable[..., Found], dict[str, Any]]
Key = TypeVar("Key")


class Skipped(Exception):
    """A measurement that cannot be made here, and why."""


def measured(jobs: Mapping[Key, Measurement], seconds: float, heard: Callable[[Key, Found], None]) -> None:
    """Run measurements at the same time, and tell what is known of each whenever it knows more.

    One that is not done in time is killed, and keeps what it told before. Processes are forked from this one, which has
    imported torch and never used it: that spares each the import.
    """
    context, end = get_context("fork"), time.monotonic() + seconds
    running: dict[Any, tuple[Key, Any, Found]] = {}
    try:
        for key, (function, arguments) in jobs.items():
            mine, its = context.Pipe(duplex=False)
            process = context.Process(target=_child, args=(its, function, arguments))
            process.start()
            its.close()
            running[mine] = key, process, {}
        while running:
            ready = wait(list(running), max(0.0, end - time.monotonic()))
            pipe: Any
            for pipe in ready or list(running):
                key, process, known = running[pipe]
                try:
                    known |= pipe.recv() if ready else {"failed": f"not done after {seconds:.0f} seconds"}
                except EOFError:
                    process.join()
                    del running[pipe]
                    if not known.keys() & {"done", "failed", "skipped"}:
                        heard(key, known | {"failed": f"its process ended with {process.exitcode}"})
                    continue
                heard(key, known)
            if not ready:
                return
    finally:
        for _, process, _ in running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()  # one that has no group of its own yet
            process.join()


def _child(pipe: Any, function: Callable[..., Found], arguments: Mapping[str, Any]) -> None:
    os.setpgrp()  # so that a compiler's workers end with this process
    try:
        pipe.send(function(pipe.send, **arguments) | {"done": True})
    except Skipped as error:
        pipe.send({"skipped": str(error)})
    except (Exception, KeyboardInterrupt) as error:
        pipe.send({"failed": " ".join(f"{type(error).__name__}: {error}".split())[:500]})


def single(function: Callable[..., Found], seconds: float) -> Found:
    """What one measurement without arguments found."""
    found: Found = {}
    measured({function.__name__: (function, {})}, seconds, lambda _, known: found.update(known))
    return found


class Memory:
    """The memory of this process: the GPU's as torch has handed it out, or on a CPU the resident set; in GiB."""

    def __init__(self, device: str) -> None:
        self.cuda = device == "cuda"

    def wait(self) -> None:
        """Until the GPU has done what it was told."""
        if self.cuda:
            import torch

            torch.cuda.synchronize()

    def now(self) -> float:
        """At present; the peak counts from here on."""
        if self.cuda:
            import torch

            torch.cuda.reset_peak_memory_stats()
            return float(torch.cuda.memory_allocated() / 2**30)
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # proc(5): forget the peak
        return _resident("VmRSS")

    def peak(self) -> float:
        if self.cuda:
            import torch

            return float(torch.cuda.max_memory_allocated() / 2**30)
        return _resident("VmHWM")


def _resident(line: str) -> float:
    status = dict(each.split(":", 1) for each in Path("/proc/self/status").read_text().splitlines())
    return int(status[line].split()[0]) / 2**20
