"""An action that adds and deletes the same atom: it is added (PDDL 2.1: deletes first, then adds). Taking them the
other way, or in the order of the text, makes wrong plans valid.
"""

from __future__ import annotations

import pytest
from attack import plan

DOMAIN = "(define (domain d) (:predicates (p) (q)) (:action go :effect {}))"
PROBLEM = "(define (problem x) (:domain d) (:init (p)) (:goal {}))"


@pytest.mark.parametrize("effect", ["(and (p) (not (p)))", "(and (not (p)) (p))", "(and (when (p) (not (p))) (p))"])
def test_added_wins(effect):
    assert plan("(go)", PROBLEM.format("(p)"), DOMAIN.format(effect)).proved
    assert plan("(go)", PROBLEM.format("(not (p))"), DOMAIN.format(effect)).status == "wrong"
