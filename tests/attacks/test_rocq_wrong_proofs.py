"""Scripts that look like proofs and are none: Rocq compiles only what proves the statement that we wrote."""

from __future__ import annotations

import pytest
from rocq_attack import FALSE, PROOF, TRUE, judged, needs_rocq


@needs_rocq
@pytest.mark.parametrize(
    ("script", "statement"),
    [
        ("tauto.", FALSE),
        ("auto.", FALSE),
        ("idtac.", FALSE),
        ("intros A B H. exact H.", FALSE),
        ("intros A B H. refine (_).", FALSE),
        ("intros A B H. eapply H.", FALSE),
        (PROOF, FALSE),
        (PROOF.removesuffix("- exact a."), TRUE),
        (f"{PROOF} exact I.", TRUE),
        ("exact (fix f (n : nat) : False := f n).", "nat -> False"),
        ("exact (fun x => x).", "False"),
        ("tauto.", "forall P : Prop, P \\/ ~ P"),
        ("exact undefined.", "True"),
        ("exact (I : False).", "True"),
        ("lia.", "1 = 1"),
        ("}", "True"),
        ("exists 3. reflexivity.", "exists n : nat, n + n = 5"),
    ],
)
def test_it_is_wrong(script, statement):
    verdict = judged(script, statement)
    assert verdict.status == "wrong" and verdict.detail, verdict


@needs_rocq
def test_a_script_without_end_is_undecided():
    verdict = judged("repeat (cut True; [idtac | exact I]).", "False", seconds=1)
    assert verdict.reason == "timeout"
