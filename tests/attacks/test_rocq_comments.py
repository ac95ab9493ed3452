"""Comments nest, and strings in them hide `*)`: a reader that counts otherwise than Rocq sees another script."""

from __future__ import annotations

import pytest
from rocq_attack import PROOF, judged, needs_rocq, refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('(* "*)" Admitted. (* " *) auto.', "a string in a comment"),
        ('(* " *) Admitted. (* " *)', "a string in a comment"),
        ("(* (* *) auto.", "a comment does not end"),
        ("auto. (*", "a comment does not end"),
        ("(* *) *) Admitted.", ") closes nothing"),
        ("(*) auto. *)", "no sentence"),
        ("(* (* auto. *) *)", "no sentence"),
        ("auto (* . *) Admitted.", "sentence 1"),
        ("Ad(* *)mitted.", "Ad is not an allowed tactic"),
    ],
)
def test_tricks_are_refused(script, reason):
    if reason == "sentence 1":  # arguments of auto, for Rocq to judge: not a command
        assert judged(script).status != "correct"
    else:
        refused(script, reason)


@needs_rocq
def test_a_comment_is_no_part_of_the_proof():
    assert judged(f"(* Qed. (* Admitted. *) Axiom x : False. *) {PROOF} (**)").proved
    assert judged("intros(* *)A B H. (* exact H. *)").status == "wrong"
