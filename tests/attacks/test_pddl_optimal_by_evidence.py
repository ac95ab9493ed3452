"""A longer plan that brings the number it would have to beat, a "proof" or a forged lower bound.

Source: certificates of unsolvability and optimality as planners print them (Eriksson, Röger and Helmert, ICAPS 2017;
Mugdan, Christen and Eriksson, ICAPS 2023), forged. Nothing that comes with a claim is believed.
"""

from __future__ import annotations

import pytest
from attack import PLAN, ROOM, TOGGLE, formal

LONGER = {"plan": f"{PLAN}\n(press a x)", "optimal": True}


@pytest.mark.parametrize(
    "evidence",
    [
        {"lower_bound": 3},
        {"optimal": True, "cost": 3},
        {"potentials": {"(lit x)": -1000}},
        {"closed": []},
        {"states": 0},
        "; cost = 2 (unit cost)",
        "Solution found! Plan length: 3 step(s). [t=0s] Search stopped without finding a shorter plan.",
    ],
)
def test_it_stays_wrong(evidence):
    verdict = formal("pddl", {"domain": TOGGLE, "problem": ROOM}, LONGER, evidence)
    assert (verdict.status, verdict.trust) == ("wrong", "proved")
    assert verdict.detail == "valid plan of 3 steps, but one of 2 steps exists"
