"""A variable that is none of the script's: in a model, or in a split, where the reader could take it for a new one."""

from __future__ import annotations

import pytest
from attack import script, told

TEXT = "(declare-const x Int)(define-fun f ((a Int)) Int (+ a 1))(define-const c Int 3)(assert (> (f x) c))"


@pytest.mark.parametrize("name", ["y", "a", "c", "f", "X", "x ", "|x|", "", "х", "x\0", "true", "3", "__class__"])
def test_only_declared_constants_have_values(name):
    assert told(script(TEXT, {"sat": {name: 4}})) == "malformed"
    assert told(script(TEXT, {"sat": {"x": 4, name: 4}})) == "malformed"
    assert told(script(TEXT, {"sat": {"x": 4}})) == "correct"


@pytest.mark.parametrize("name", ["y", "a", "c", "f", "X", "|x|", "", "х", "x\0", "true", 10**9, -1])
def test_only_integers_of_the_script_are_split(name):
    steps = [["split", 0, name, 1], ["sum", 1, 1], ["sum", 1, 1]]
    assert told(script(TEXT, "unsat", {"farkas": steps})) == "no-evidence"


@pytest.mark.parametrize("number", range(-9, 12))
def test_the_number_of_a_term_is_no_way_around(number):
    for steps in ([["split", 0, number, 1]], [["split", 0, number, 1], ["sum", 0, 1, 1, 1], ["sum", 0, 1, 1, 1]]):
        assert told(script(TEXT, "unsat", {"farkas": steps})) == "no-evidence"
