"""`Qed.` inside the answer closes our theorem and opens another: the `Qed. Theorem x : False. Admitted.` trick."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Qed. Theorem x : False. Admitted.", "Qed is not an allowed tactic"),
        ("exact I. Qed. Goal True.", "Qed is not an allowed tactic"),
        ("auto. Defined.", "Defined is not an allowed tactic"),
        ("auto. Save.", "Save is not an allowed tactic"),
        ("Abort. Theorem neurosym_0 : True. Proof. exact I.", "reserved"),
        ("Abort. Theorem t : True. Proof. exact I.", "Abort is not an allowed tactic"),
        ("Proof. exact I.", "Proof is not an allowed tactic"),
        ("Theorem goal : True. Proof. exact I. Qed.", "Theorem is not an allowed tactic"),
        ("Restart.", "Restart is not an allowed tactic"),
        ("Undo.", "Undo is not an allowed tactic"),
        ("Goal False.", "Goal is not an allowed tactic"),
        ("Lemma x : False.", "Lemma is not an allowed tactic"),
        ("Proof (fun x => x).", "Proof is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
