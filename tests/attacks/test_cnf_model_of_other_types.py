"""True is 1 and 1.0 is 1 in Python, "1" is 1 in other languages, and a text is a list of characters."""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, dimacs, given


@pytest.mark.parametrize(
    "model",
    [
        [True, 2],
        [1, True],
        [1.0, 2],
        ["1", 2],
        [[1], 2],
        [None, 2],
        [1, {"2": 2}],
        "12",
        {"1": 1, "2": 2},
        12,
        None,
        True,
        {"sat": [1, 2]},
        [[1, 2]],
        [1, 2.5],
        ["1 2"],
    ],
)
def test_it_is_malformed(model):
    assert given(dimacs(OPEN), {"sat": model}).status == "malformed"


@pytest.mark.parametrize(
    "answer", [{"sat": [1, 2], "unsat": True}, {"SAT": [1, 2]}, {"unsat": None}, ["sat", 1, 2], {"model": [1, 2]}]
)
def test_an_answer_says_one_thing(answer):
    assert given(dimacs(OPEN), answer).status == "malformed"
