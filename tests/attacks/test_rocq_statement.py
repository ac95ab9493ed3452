"""A statement of more than one term: a full stop, a definition, a second theorem, a bracket that closes ours."""

from __future__ import annotations

import pytest
from rocq_attack import judged, needs_rocq, refused


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("True. Axiom cheat : False. Theorem x : True", "without a full stop"),
        ("True.", "without a full stop"),
        ("", "without a full stop"),
        ("True) . (", "problem: "),
        ("True ) ( True", ") closes nothing"),
        ("(True", ") is missing"),
        ("ltac:(exact True)", "ltac is not allowed"),
        ("True (* . *", "a comment does not end"),
        ('"x" = "x"', "is not allowed"),
        ("neurosym_0 = 1", "reserved"),
        ("\u0422rue", "is not allowed"),
    ],
)
def test_it_is_refused(statement, reason):
    refused("exact I.", reason, statement)


@needs_rocq
@pytest.mark.parametrize(
    "statement", ["True with other : False", "True := I", "_", "I", "True -> ", "undefined", "True :> Prop"]
)
def test_what_is_no_statement_is_never_proved(statement):
    assert judged("exact I.", statement).status == "malformed"
