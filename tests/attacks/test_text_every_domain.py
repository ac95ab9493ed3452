"""Hostile texts to every domain that is installed, ours or not: MalformedAnswer, at once, and nothing else."""

from __future__ import annotations

import time

import pytest

import neurosym as ns
from neurosym import registry
from neurosym.core import MalformedAnswer

HOSTILE = [
    "",
    "\0",
    "\ud800",
    "\u202e",
    "```\n```",
    "nan",
    "The answer is not sat",
    "P ∧ ¬P",
    "(" * 1_000_000,
    "[" * 1_000_000,
    "(a b)\n" * 100_000,
    "9" * 1_000_000,
    " " * 1_000_000 + "x",
    "sat " + "1 " * 200_000,
    "\n" * 1_000_000 + "x",
    "é" * 1_000_000,
    "sorry",
    "correct",
    "None",
    "__import__('os')",
    '{"a":1,"a":2}',
]


def problems():
    for name, made in registry.domains().items():
        try:
            yield name, made().sample(ns.stream("attacks", name))
        except ValueError:
            continue  # the user's own problems


SAMPLED = dict(problems())


@pytest.mark.parametrize("name", SAMPLED)
def test_no_domain_takes_a_hostile_text_or_is_slow(name):
    task = registry.domains()[name]()
    if SAMPLED[name].kind in ("lean4", "rocq"):
        pytest.skip("their answers are free text, which the kernels judge")
    for text in HOSTILE:
        start = time.thread_time()
        with pytest.raises(MalformedAnswer):
            task.parse(SAMPLED[name], text)
        assert time.thread_time() - start < 0.2, (name, text[:20])
