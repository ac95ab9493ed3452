"""A problem that has a plan is called unsolvable, with what a planner prints of an exhausted search.

Source: Fast Downward's log ("Completely explored state space -- no solution!") and its exit codes 11 and 12, of which
the second means only that an incomplete search ended.
"""

from __future__ import annotations

import pytest
from attack import ROOM, TOGGLE, formal


@pytest.mark.parametrize(
    "evidence",
    [
        None,
        {"closed": []},
        {"formula": "(not (lit x))"},
        {"certificate": "(define (certificate))"},
        {"exit_code": 12},
        "Completely explored state space -- no solution!",
    ],
)
def test_it_is_refuted(evidence):
    verdict = formal("pddl", {"domain": TOGGLE, "problem": ROOM}, "unsolvable", evidence)
    assert (verdict.status, verdict.trust, verdict.detail) == ("wrong", "proved", "a plan of 2 steps exists")
