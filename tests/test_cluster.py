"""Order, bounded look-ahead and what happens when a worker dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from neurosym.cluster import InProcess, WorkerDied, ordered, pool
from neurosym.errors import UsageError


def square(number: int) -> int:
    return number * number


def fail(number: int) -> int:
    raise LookupError(f"number {number}")


def die_on_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(marker: str, number: int) -> int:
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_the_calls():
    assert list(ordered(InProcess(), square, ((n,) for n in range(9)))) == [n * n for n in range(9)]


def test_no_call_is_taken_while_not_ready():
    taken: list[int] = []

    def calls():
        for number in range(9):
            taken.append(number)
            yield (number,)

    results = ordered(InProcess(), square, calls(), ready=lambda: len(taken) < 4)
    assert list(results) == [0, 1, 4, 9] and len(taken) == 4


def test_no_workers_is_an_error():
    with pytest.raises(UsageError, match="at least 1"), pool(0):
        pass


@pytest.fixture(scope="module")
def actors():
    with pool(2) as workers:
        yield workers


def test_ray_keeps_the_order(actors):
    assert list(ordered(actors, square, ((n,) for n in range(100)))) == [n * n for n in range(100)]


def test_an_error_in_a_call_comes_back_as_itself(actors):
    with pytest.raises(LookupError, match="number 7"):
        list(ordered(actors, fail, [(7,)]))


def test_a_killed_worker_is_replaced_and_its_call_tried_again(actors, tmp_path):
    calls = [(str(tmp_path / "died"), n) for n in range(20)]
    assert list(ordered(actors, die_once, calls)) == list(range(20))


def test_a_call_that_always_kills_is_handed_back_and_the_others_are_answered(actors):
    results = ordered(actors, die_on_three, ((n,) for n in range(8)), on_death=lambda n: -n)
    assert list(results) == [0, 1, 2, -3, 4, 5, 6, 7]
    with pytest.raises(WorkerDied):
        list(ordered(actors, die_on_three, [(3,)]))
