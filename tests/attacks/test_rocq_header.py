"""A header of the problem that would switch off checks, write files, change the grammar or assume what is asked."""

from __future__ import annotations

import pytest
from rocq_attack import PROOF, TRUE, judged, needs_rocq, refused


@pytest.mark.parametrize(
    "header",
    [
        "Axiom cheat : False.",
        "Parameter cheat : False.",
        "Variable cheat : False.",
        "Unset Guard Checking.",
        "Unset Universe Checking.",
        "Unset Positivity Checking.",
        "Set Nested Proofs Allowed.",
        'Notation "a = b" := True.',
        "Ltac split := idtac.",
        'Redirect "file" Print nat.',
        'Load "file".',
        "Declare ML Module x.",
        "From Ltac2 Require Import Ltac2.",
        "Require Import Classical.",
        "Lemma a : False. Proof. Admitted.",
        "Lemma a : False. Proof. admit. Qed.",
        "Definition a : False := ltac:(admit).",
        "#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n.",
        "Module M.",
        "Section S.",
        "Definition a := 1",
    ],
)
def test_it_is_refused(header):
    refused("exact I.", "problem: ", "True", header)


@needs_rocq
@pytest.mark.parametrize(
    "header",
    [
        "Fixpoint f (n : nat) : False := f n.",
        "Inductive bad : Type := make (f : bad -> False).",
        "Definition f : False.",
        "Lemma a : False. Proof. auto. Qed.",
        "Lemma a : True. Proof. exact I.",
        "Definition a : nat := True.",
    ],
)
def test_what_the_kernel_refuses_is_a_malformed_problem(header):
    assert judged(PROOF, TRUE, header).status == "malformed"


@needs_rocq
def test_an_axiom_of_the_library_is_no_proof():
    header = "From Coq Require Import Classical_Prop."
    verdict = judged("intro P. apply classic.", "forall P : Prop, P \\/ ~ P", header)
    assert verdict.reason == "unsupported" and "classic" in verdict.detail
    assert judged(PROOF, TRUE, header).proved
