"""Learning rates."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.training.schedule import learning_rate

SHAPES = ("cosine", "linear", "constant")
runs = st.tuples(st.integers(1, 300), st.integers(0, 300), st.sampled_from(SHAPES))


def rates(steps: int, warmup_steps: int, shape) -> list[float]:
    return [learning_rate(step, steps, 2.0, warmup_steps, shape) for step in range(steps)]


def test_known_values():
    assert rates(4, 0, "linear") == [2.0, 1.5, 1.0, 0.5]
    assert rates(4, 2, "constant") == [1.0, 2.0, 2.0, 2.0]
    assert rates(6, 2, "cosine") == pytest.approx([1.0, 2.0, 2.0, 1 + math.sqrt(0.5), 1.0, 1 - math.sqrt(0.5)])


def test_cosine_is_that_of_transformers():
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=2.0)
    theirs = transformers.get_cosine_schedule_with_warmup(optimizer, 0, 50)
    for ours in rates(50, 0, "cosine"):
        assert ours == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(runs)
def test_every_step_learns_and_none_beyond_the_peak(run):
    steps, warmup_steps, shape = run
    assert all(0 < rate <= 2.0 for rate in rates(steps, warmup_steps, shape))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(runs)
def test_it_rises_to_the_peak_and_then_never_again(run):
    steps, warmup_steps, shape = run
    found = rates(steps, warmup_steps, shape)
    rising, falling = found[:warmup_steps], found[warmup_steps:]
    assert rising == sorted(rising) and falling == sorted(falling, reverse=True)
    if falling:
        assert falling[0] == 2.0 and (not rising or rising[-1] == 2.0)


@pytest.mark.parametrize("step", [-1, 10])
def test_there_are_no_other_steps(step):
    with pytest.raises(ValueError, match=r"0\.\.9"):
        learning_rate(step, 10, 1.0, 0, "cosine")


def test_an_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="cosine, linear or constant"):
        learning_rate(0, 10, 1.0, 0, "square")
