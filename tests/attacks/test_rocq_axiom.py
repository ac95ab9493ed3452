"""An axiom of one's own proves anything: `Axiom`, `Parameter`, `Hypothesis`, `Conjecture`; exit code 0."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Axiom cheat : False. destruct cheat.", "Axiom is not an allowed tactic"),
        ("Parameter cheat : False. destruct cheat.", "Parameter is not an allowed tactic"),
        ("Hypothesis cheat : False. destruct cheat.", "Hypothesis is not an allowed tactic"),
        ("Conjecture cheat : False. destruct cheat.", "Conjecture is not an allowed tactic"),
        ("Variable cheat : False. destruct cheat.", "Variable is not an allowed tactic"),
        ("Context cheat : False. destruct cheat.", "Context is not an allowed tactic"),
        ("Axioms cheat : False. destruct cheat.", "Axioms is not an allowed tactic"),
        ("Declare cheat : False. destruct cheat.", "Declare is not an allowed tactic"),
        ("Primitive cheat : False. destruct cheat.", "Primitive is not an allowed tactic"),
        ("Register cheat : False. destruct cheat.", "Register is not an allowed tactic"),
        ("Symbol cheat : False. destruct cheat.", "Symbol is not an allowed tactic"),
        ("#[local] Axiom cheat : False.", "'#' at character 0"),
        ("Local Axiom cheat : False.", "Local is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
