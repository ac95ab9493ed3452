"""Answers of another shape, or of another kind: lists, numbers, a model, unsat, "solved", `true`."""

from __future__ import annotations

import pytest
from attack import ROOM, TOGGLE, formal


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        0,
        1,
        [],
        {},
        ["(press a x)", "(press b y)"],
        {"plan": "(press a x)\n(press b y)"},
        {"sat": []},
        {"plan": "x", "optimal": "true"},
        {"plan": "(press a x)\n(press b y)", "optimal": 1},
        {"plan": "(press a x)\n(press b y)", "optimal": False},
        "solved",
        "true",
        "unsat",
        {"plan": "(press a x)\n(press b y)", "optimal": True, "valid": True},
        {"unsolvable": True},
        "Unsolvable",
        "unsolvable ",
        " unsolvable",
    ],
)
def test_it_is_malformed(answer):
    assert formal("pddl", {"domain": TOGGLE, "problem": ROOM}, answer).status == "malformed"
