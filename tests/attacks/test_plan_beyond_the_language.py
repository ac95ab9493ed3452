"""Problems beyond what is judged: durations, numbers, derived predicates, preferences, constraints, processes.
Validators that skip what they do not know judge another problem.
"""

from __future__ import annotations

import pytest
from attack import ROOM, TOGGLE, plan

BEYOND = [
    (
        "(:action press",
        "(:durative-action wait :parameters () :duration (= ?duration 1) :condition () :effect ())\n(:action press",
    ),
    ("(:action press", "(:derived (lit ?l) (exists (?s) (wired ?s ?l)))\n(:action press"),
    ("(:action press", "(:constraints (always (lit x)))\n(:action press"),
    ("(:action press", "(:process heat :parameters ())\n(:action press"),
    ("(:action press", "(:event boom :parameters ())\n(:action press"),
    (":effect (lit ?l))", ":effect (and (lit ?l) (assign (level) 3)))"),
    (":effect (lit ?l))", ":effect (oneof (lit ?l) (and)))"),
    (":effect (lit ?l))", ":effect (probabilistic 0.5 (lit ?l)))"),
    (":precondition (wired ?s ?l) :effect (lit", ":precondition (preference p (wired ?s ?l)) :effect (lit"),
    (":precondition (wired ?s ?l) :effect (lit", ":precondition (> (level) 3) :effect (lit"),
    (":strips", ":strips :continuous-effects"),
]


@pytest.mark.parametrize(("old", "new"), BEYOND, ids=[new[:30] for _, new in BEYOND])
def test_a_domain_beyond_is_undecided(old, new):
    assert old in TOGGLE
    verdict = plan("(press a x)\n(press b y)", ROOM, TOGGLE.replace(old, new, 1))
    assert verdict.reason == "unsupported" or verdict.status == "malformed"


@pytest.mark.parametrize(
    "more", ["(:constraints (always (lit x)))", "(:metric maximize (total-cost))", "(at 5 (lit x))"]
)
def test_so_is_a_problem(more):
    text = (
        ROOM.replace("(:goal", f"{more} (:goal")
        if more.startswith("(:")
        else ROOM.replace("(wired b y))", f"(wired b y) {more})")
    )
    verdict = plan("(press a x)\n(press b y)", text)
    assert verdict.reason == "unsupported" or verdict.status == "malformed"
