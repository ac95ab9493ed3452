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
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from neurosym.errors import UsageError

Result = TypeVar("Result")

IN_FLIGHT_PER_WORKER = 4
RETRIES = 2


class WorkerDied(Exception):
    """A call took its worker down, also when tried again."""


class Pool(Protocol):
    """Workers that take calls. `window` is how many calls keep all of them busy."""

    window: int

    def submit(self, function: Callable[..., Result], *arguments: Any, home: int = 0) -> Callable[[], Result]:
        """Start a call; the returned function waits for its result. Raises WorkerDied there.

        Calls of one `home` go to one worker while that keeps all of them busy: what it remembers of the one serves the
        other.
        """

    def alone(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a call on a worker that nothing else runs on, so that only its own poison can kill it."""


class InProcess:
    """One worker: this process. A call runs when its result is asked for."""

    window = 1

    def submit(self, function: Callable[..., Result], *arguments: Any, home: int = 0) -> Callable[[], Result]:
        return lambda: function(*arguments)

    def alone(self, function: Callable[..., Result], *arguments: Any) -> Result:
        return function(*arguments)


class _Worker:
    """What an actor runs: any function, its plugins warm from call to call."""

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)


class RayActors:
    """Warm Ray actors of one core each.

    A call goes to its home, unless that has at least two more calls of this function in flight than the actor that has
    fewest. Functions are counted apart: together, two that take turns would each end up on actors of their own.
    """

    def __init__(self, workers: int) -> None:
        import ray

        self._worker = ray.remote(max_restarts=-1, max_task_retries=RETRIES)(_Worker)
        self.window = IN_FLIGHT_PER_WORKER * workers
        self._actors = [self._worker.options(num_cpus=1).remote() for _ in range(workers)]
        self._load: Counter[tuple[Callable[..., Any], int]] = Counter()

    def submit(self, function: Callable[..., Result], *arguments: Any, home: int = 0) -> Callable[[], Result]:
        index = home % len(self._actors)
        idlest = min(range(len(self._actors)), key=lambda n: self._load[function, n])
        if self._load[function, index] >= self._load[function, idlest] + 2:
            index = idlest
        self._load[function, index] += 1
        reference = self._actors[index].call.remote(function, *arguments)

        def result() -> Result:
            try:
                value: Result = _get(reference)
            finally:
                self._load[function, index] -= 1
            return value

        return result

    def alone(self, function: Callable[..., Result], *arguments: Any) -> Result:
        import ray

        actor = self._worker.options(num_cpus=0).remote()
        try:
            value: Result = _get(actor.call.remote(function, *arguments))
        finally:
            ray.kill(actor)
        return value


def _get(reference: Any) -> Any:
    import ray

    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise WorkerDied(str(error).splitlines()[0]) from None


@contextmanager
def pool(workers: int) -> Iterator[Pool]:
    """`workers` workers: this process for 1, Ray actors for more. Raises UsageError where Ray cannot start."""
    if workers < 1:
        raise UsageError(f"--workers must be at least 1, not {workers}")
    if workers == 1:
        yield InProcess()
        return
    import ray

    started = not ray.is_initialized()
    if started:
        _start(workers)
    try:
        yield RayActors(workers)
    finally:
        if started:
            ray.shutdown()


def _start(workers: int) -> None:
    import ray

    address = os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not address:
        options |= {"num_cpus": workers, "include_dashboard": False}
        # Local workers find every module that this process finds, a user's own domain included.
        os.environ["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    # Ray prints each worker's death on stdout, where only results belong; its public switches do not reach that.
    ray._private.worker._worker_logs_enabled = False
    try:
        ray.init(address=address, **options)
    except Exception as error:
        raise UsageError(f"Ray did not start ({str(error).splitlines()[0]}); --workers 1 needs no Ray") from None


def ordered(
    workers: Pool,
    function: Callable[..., Result],
    calls: Iterable[tuple[Any, ...]],
    ready: Callable[[], bool] = lambda: True,
    on_death: Callable[..., Result] | None = None,
    home: Callable[..., int] | None = None,
) -> Iterator[Result]:
    """The results of `function(*call)` for each call, in order, `workers.window` in flight, at `home(*call)`.

    No call is taken while `ready()` is false. A call whose worker died is run again alone, since another call may have
    killed it; one that dies alone too is answered by `on_death(*call)`, or without it raises WorkerDied.
    """
    waiting: deque[tuple[tuple[Any, ...], Callable[[], Result]]] = deque()
    source = iter(calls)
    submitted = 0
    while True:
        while len(waiting) < workers.window and ready():
            call = next(source, None)
            if call is None:
                break
            place = home(*call) if home else submitted
            waiting.append((call, workers.submit(function, *call, home=place)))
            submitted += 1
        if not waiting:
            return
        call, result = waiting.popleft()
        try:
            value = result()
        except WorkerDied:
            value = alone(workers, function, call, on_death)
        yield value


def alone(
    workers: Pool, function: Callable[..., Result], call: tuple[Any, ...], on_death: Callable[..., Result] | None
) -> Result:
    """The result of a call run alone, or `on_death(*call)` where it kills its worker even so."""
    try:
        return workers.alone(function, *call)
    except WorkerDied:
        if on_death is None:
            raise
        return on_death(*call)
