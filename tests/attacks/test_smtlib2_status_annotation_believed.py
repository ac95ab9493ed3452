"""`(set-info :status …)` says what the author of a file believes: anyone can write it (SMT-LIB 2.6, section 4.1.8).
It never decides, not in a comment, an option or an echo either.
"""

from __future__ import annotations

import pytest
from attack import script, told

POSITIVE = "(declare-const x Int)(assert (> x 3))(check-sat)"


@pytest.mark.parametrize(
    "said",
    [
        "(set-info :status unsat)",
        "(set-info :status sat)",
        "; unsat\n",
        "(set-option :status unsat)",
        '(echo "unsat")',
        "(set-info :farkas |0 1|)",
    ],
)
def test_what_a_script_says_of_itself_decides_nothing(said):
    assert told(script(said + POSITIVE, "unsat")) == "no-evidence"
    assert told(script(said + POSITIVE, "sat")) == "no-evidence"
    assert told(script(said + POSITIVE, "unsat", {"farkas": []})) == "no-evidence"
    assert told(script(said + POSITIVE, {"sat": {"x": 3}})) == "wrong"
    assert told(script(said + POSITIVE, {"sat": {"x": 4}})) == "correct"


def test_an_annotation_that_does_not_fit_harms_no_proof():
    apart = "(set-info :status sat)(declare-const x Int)(assert (> x 3))(assert (< x 3))"
    assert told(script(apart, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "correct"
