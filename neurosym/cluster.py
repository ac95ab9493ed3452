"""Runs functions on workers: in this process, or on warm Ray actors.

Contract: `ordered` yields results in the order of the calls, with a bounded number in flight, so that what comes out
does not depend on how many workers there are or how they race. A function and its arguments must pickle. A worker
that dies is replaced and its call tried again; a call that kills its worker every time raises `WorkerDied`, and the
caller decides what to do with the poison in it.

Ray runs locally unless RAY_ADDRESS names a cluster.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from neurosym.errors import UsageError

Result = TypeVar("Result")

IN_FLIGHT_PER_WORKER = 3
RETRIES = 2


class WorkerDied(Exception):
    """A call took its worker down, also when tried again."""


class Pool(Protocol):
    """Workers that take calls. `window` is how many calls keep all of them busy."""

    window: int

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Callable[[], Result]:
        """Start a call; the returned function waits for its result. Raises WorkerDied there."""


class InProcess:
    """One worker: this process. A call runs when its result is asked for."""

    window = 1

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Callable[[], Result]:
        return lambda: function(*arguments)


class _Worker:
    """What an actor runs: any function, its plugins warm from call to call."""

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)


class RayActors:
    """Warm Ray actors of one core each; a call goes to the one with the fewest in flight."""

    def __init__(self, workers: int) -> None:
        import ray

        worker = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=RETRIES)(_Worker)
        self.window = IN_FLIGHT_PER_WORKER * workers
        self._actors = [worker.remote() for _ in range(workers)]
        self._load = [0] * workers

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Callable[[], Result]:
        import ray

        index = min(range(len(self._actors)), key=self._load.__getitem__)
        self._load[index] += 1
        reference = self._actors[index].call.remote(function, *arguments)

        def result() -> Result:
            try:
                value: Result = ray.get(reference)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error
            except ray.exceptions.RayError as error:
                raise WorkerDied(str(error).splitlines()[0]) from None
            finally:
                self._load[index] -= 1
            return value

        return result


@contextmanager
def pool(workers: int) -> Iterator[Pool]:
    """`workers` workers: this process for 1, Ray actors for more. Raises UsageError where Ray cannot start."""
    if workers < 1:
        raise UsageError(f"--workers must be at least 1, not {workers}")
    if workers == 1:
        yield InProcess()
        return
    import ray

    # Workers that outlive the driver would hold the machine's memory; Ray's own logs would bury our one line.
    os.environ.setdefault("RAY_DEDUP_LOGS", "1")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    address = os.environ.get("RAY_ADDRESS")
    started = not ray.is_initialized()
    if started:
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if not address:
            options |= {"num_cpus": workers, "include_dashboard": False, "_temp_dir": None}
        try:
            ray.init(address=address, **options)
        except Exception as error:
            raise UsageError(f"Ray did not start ({str(error).splitlines()[0]}); --workers 1 needs no Ray") from None
    try:
        yield RayActors(workers)
    finally:
        if started:
            sys.stderr.flush()
            ray.shutdown()


def ordered(
    workers: Pool,
    function: Callable[..., Result],
    calls: Iterable[tuple[Any, ...]],
    ready: Callable[[], bool] = lambda: True,
    on_death: Callable[..., Result] | None = None,
) -> Iterator[Result]:
    """The results of `function(*call)` for each call, in order, `workers.window` in flight.

    No call is taken while `ready()` is false and something is in flight. A call whose worker died is answered by
    `on_death(*call)`; without it WorkerDied goes to the caller.
    """
    waiting: deque[tuple[tuple[Any, ...], Callable[[], Result]]] = deque()
    source = iter(calls)
    while True:
        while len(waiting) < workers.window and ready():
            call = next(source, None)
            if call is None:
                break
            waiting.append((call, workers.submit(function, *call)))
        if not waiting:
            return
        call, result = waiting.popleft()
        try:
            value = result()
        except WorkerDied:
            if on_death is None:
                raise
            value = on_death(*call)
        yield value
