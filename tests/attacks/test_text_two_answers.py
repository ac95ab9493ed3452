"""Two answers, one of them right: whoever takes the first or the last one rewards hedging."""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

WRONG = {
    "blocksworld": "(pick-up u)",
    "logistics": "(drive-truck t1 l1 l1 c1)",
    "random_ksat": "sat 1 2 3 4 5",
    "graph_coloring": "1 1 1 1 1",
    "linear_integer": "x = 0, y = 0",
    "pddl_files": "(unplug a x)",
    "cnf_files": "sat 1 2 3",
    "smtlib2_files": 'sat {"x":3}',
}


@every_family
@pytest.mark.parametrize("form", ["{} or {}", "{}\n\n---\n\n{}", "{}; {}", "{}, {}", "either {} or {}", "1. {}\n2. {}"])
def test_two_answers_are_none(family, form):
    for answers in ((WRONG[family], right(family)), (right(family), WRONG[family])):
        assert judged(family, form.format(*answers)) == "malformed"


@every_family
def test_the_wrong_one_alone_is_wrong(family):
    assert judged(family, WRONG[family]) == "wrong"
