"""Answers in upper case: formats differ in whether case counts (PDDL: no, SMT-LIB: yes); a text has one case here."""

from __future__ import annotations

from attack import every_family, judged, plan, right, script


@every_family
def test_case_counts_in_texts(family):
    if right(family) != right(family).upper():
        assert judged(family, right(family).upper()) == "malformed"


def test_case_means_nothing_to_pddl_and_something_to_smtlib():
    assert plan("(PRESS A X)\n(Press b Y)").proved
    assert script("(declare-const x Int)(assert (> x 3))", {"sat": {"X": 4}}).status == "malformed"
    assert (
        script("(declare-const x Int)(declare-const X Int)(assert (> x X))", {"sat": {"x": 1, "X": 2}}).status
        == "wrong"
    )
