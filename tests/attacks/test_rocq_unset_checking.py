"""The kernel's checks can be switched off: guard, positivity, universes (Reference Manual, "Typing flags")."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Unset Guard Checking. auto.", "Unset is not an allowed tactic"),
        ("Unset Positivity Checking. auto.", "Unset is not an allowed tactic"),
        ("Unset Universe Checking. auto.", "Unset is not an allowed tactic"),
        ("#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.", "'#' at character 0"),
        ("Set Guard Checking.", "Set is not an allowed tactic"),
        ("Local Unset Guard Checking.", "Local is not an allowed tactic"),
        ("Global Unset Universe Checking.", "Global is not an allowed tactic"),
        ("Typing Flags.", "Typing is not an allowed tactic"),
        ("set (x := 1). Unset Guard Checking.", "sentence 2: Unset is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
