"""Output that imitates "Closed under the global context" is worth nothing where a script cannot print."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('idtac "Closed under the global context".', "'\"' at character 6"),
        ("idtac Closed.", "idtac takes no argument"),
        ("intros; idtac A.", "idtac takes no argument"),
        ("idtac (A).", "not allowed here"),
        ("fail.", "fail is not an allowed tactic"),
        ("Print Assumptions I.", "Print is not an allowed tactic"),
        ("Eval compute in 1.", "Eval is not an allowed tactic"),
        ("Compute 1.", "Compute is not an allowed tactic"),
        ("Show.", "Show is not an allowed tactic"),
        ("Check I.", "Check is not an allowed tactic"),
        ("About I.", "About is not an allowed tactic"),
        ("Search nat.", "Search is not an allowed tactic"),
        ("Info 1 auto.", "Info is not an allowed tactic"),
        ("info_auto.", "info_auto is not an allowed tactic"),
        ("debug auto.", "debug is not an allowed tactic"),
        ("time auto.", "time is not an allowed tactic"),
        ("gfail.", "gfail is not an allowed tactic"),
        ("intuition idtac.", "intuition takes no argument"),
        ("intuition (idtac A).", "not allowed here"),
        ("show ltac profile.", "ltac is not allowed"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
