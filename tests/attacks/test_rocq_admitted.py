"""`Admitted` and `admit` end a proof without one, with exit code 0 (Reference Manual, "Proof mode")."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Admitted.", "Admitted is not an allowed tactic"),
        ("intros. Admitted.", "sentence 2: Admitted is not an allowed tactic"),
        ("admit.", "admit is not an allowed tactic"),
        ("intros; admit.", "admit is not an allowed tactic"),
        ("intros; [admit | auto].", "admit is not an allowed tactic"),
        ("intros; try (auto; admit).", "admit is not an allowed tactic"),
        ("assert (False) by admit. auto.", "admit is not an allowed tactic"),
        ("- admit.", "admit is not an allowed tactic"),
        ("all: admit.", "admit is not an allowed tactic"),
        ("now admit.", "admit is not an allowed tactic"),
        ("first [ auto | admit ].", "admit is not an allowed tactic"),
        ("do 2 admit.", "admit is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
