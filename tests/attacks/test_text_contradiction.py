"""P ∧ ¬P: a question that contradicts itself has no right answer, whatever is said of it; an answer that contradicts
itself is none. (Vacuous truth is the classical way to a valid "proof".)
"""

from __future__ import annotations

from attack import ROOM, formal, judged, plan, script


def test_no_model_satisfies_a_contradiction():
    for value in (True, False):
        assert script("(declare-const p Bool)(assert (and p (not p)))", {"sat": {"p": value}}).status == "wrong"
        assert script("(declare-const p Bool)(assert p)(assert (not p))", {"sat": {"p": value}}).status == "wrong"
    for literal in (1, -1):
        assert formal("cnf", {"dimacs": "p cnf 1 2\n1 0\n-1 0\n"}, {"sat": [literal]}).status == "wrong"


def test_no_plan_reaches_a_contradiction():
    goal = ROOM.replace("(lit y)", "(not (lit x))")
    for text in ("", "(press a x)", "(unplug a x)", "(press a x)\n(unplug a x)", "(press b x)"):
        assert plan(text, goal).status == "wrong"


def test_an_answer_that_contradicts_itself_is_none():
    assert judged("cnf_files", "sat 1 -1 3") == "malformed"
    assert judged("random_ksat", "sat -1 1 2 -3 -4") == "malformed"
    assert judged("linear_integer", "x = 6, x = 2") == "malformed"
    assert judged("cnf_files", "sat unsat") == judged("cnf_files", "unsat sat 1 -2 3") == "malformed"


def test_the_empty_disjunction_is_false_and_the_empty_conjunction_true():
    assert formal("cnf", {"dimacs": "p cnf 1 1\n0\n"}, {"sat": [1]}).status == "wrong"
    assert formal("cnf", {"dimacs": "p cnf 1 0\n"}, {"sat": [1]}).proved
