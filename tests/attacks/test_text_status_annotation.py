"""`(set-info :status unsat)` in a script, and what else a script says of itself: some tools echo it as their answer
(SMT-COMP's scrambler removes it for that reason).
"""

from __future__ import annotations

import pytest
from attack import script

SCRIPT = "{}(declare-const x Int)(assert (> x 3))(check-sat)"


@pytest.mark.parametrize(
    "said",
    [
        "(set-info :status unsat)",
        "(set-info :status sat)",
        '(set-info :answer "unsat")',
        "(set-option :status unsat)",
        '(echo "unsat")',
    ],
)
def test_nobody_is_believed(said):
    assert script(SCRIPT.format(said), "unsat").reason == "no-evidence"
    assert script(SCRIPT.format(said), "sat").reason == "no-evidence"
    assert script(SCRIPT.format(said), {"sat": {"x": 3}}).status == "wrong"
    assert script(SCRIPT.format(said), {"sat": {"x": 4}}).proved
