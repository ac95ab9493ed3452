"""Commands that change what later text means: notations, tactics, hints, scopes, imports, plugins."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Notation x. auto.", "Notation is not an allowed tactic"),
        ("Ltac x. auto.", "Ltac is not an allowed tactic"),
        ("Hint x. auto.", "Hint is not an allowed tactic"),
        ("Import x. auto.", "Import is not an allowed tactic"),
        ("Require x. auto.", "Require is not an allowed tactic"),
        ("From x. auto.", "From is not an allowed tactic"),
        ("Export x. auto.", "Export is not an allowed tactic"),
        ("Module x. auto.", "Module is not an allowed tactic"),
        ("Section x. auto.", "Section is not an allowed tactic"),
        ("Open x. auto.", "Open is not an allowed tactic"),
        ("Infix x. auto.", "Infix is not an allowed tactic"),
        ("Tactic x. auto.", "Tactic is not an allowed tactic"),
        ("Coercion x. auto.", "Coercion is not an allowed tactic"),
        ("Instance x. auto.", "Instance is not an allowed tactic"),
        ("Canonical x. auto.", "Canonical is not an allowed tactic"),
        ("Existing x. auto.", "Existing is not an allowed tactic"),
        ("Arguments x. auto.", "Arguments is not an allowed tactic"),
        ("Declare x. auto.", "Declare is not an allowed tactic"),
        ("Opaque x. auto.", "Opaque is not an allowed tactic"),
        ("Transparent x. auto.", "Transparent is not an allowed tactic"),
        ("Strategy x. auto.", "Strategy is not an allowed tactic"),
        ("Obligation x. auto.", "Obligation is not an allowed tactic"),
        ("Program x. auto.", "Program is not an allowed tactic"),
        ("Ltac2 x. auto.", "Ltac2 is not an allowed tactic"),
        ("Function x. auto.", "Function is not an allowed tactic"),
        ("Definition x. auto.", "Definition is not an allowed tactic"),
        ("Inductive x. auto.", "Inductive is not an allowed tactic"),
        ("Let x. auto.", "Let is not an allowed tactic"),
        ("Implicit x. auto.", "Implicit is not an allowed tactic"),
        ("Generalizable x. auto.", "Generalizable is not an allowed tactic"),
        ("exact ltac:(auto).", "ltac is not allowed"),
        ("exact ltac2:(auto).", "ltac2 is not allowed"),
        ("let x := 1 in auto.", "let is not an allowed tactic"),
        ("match goal with |- _ => auto end.", "match is not an allowed tactic"),
        ("fun x => auto.", "fun is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
