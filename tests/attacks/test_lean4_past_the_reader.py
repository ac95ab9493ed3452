"""Each wall alone: what a reader with a hole would let through meets Lean, and then the list of axioms.

Source: defence in depth.
"""

from __future__ import annotations

import pytest
from lean4_attack import FALSE, PROOF, TRUE, check, needs_lean, wrong
from neurosym_oracles import lean4_checker
from neurosym_oracles._kernels import lean_syntax

from neurosym.core import Reason

pytestmark = needs_lean


@pytest.fixture
def blind(monkeypatch):
    """A reader that forbids nothing."""
    monkeypatch.setattr(lean_syntax, "FORBIDDEN", frozenset())
    monkeypatch.setattr(lean_syntax, "FORBIDDEN_PARTS", frozenset())


def test_sorry_is_in_the_axioms(blind):
    wrong(check("exact sorryAx _ true", FALSE), "rests on the axioms sorryAx")


def test_keywords_are_no_names(blind):
    for word in ("sorry", "set_option", "native_decide", "open", "theorem", "unsafe", "do", "opaque"):
        verdict = check(word, FALSE)
        assert verdict.reason is Reason.UNSUPPORTED and f"{word} is no ordinary name" in verdict.detail


def test_tactics_that_we_do_not_list_are_no_names(monkeypatch):
    monkeypatch.setattr(lean4_checker, "_ORDINARY", {})
    monkeypatch.setattr(lean_syntax, "TACTIC_WORDS", lean_syntax.TACTIC_WORDS - {"constructor"})
    verdict = check("intro p q h\nconstructor\n· exact h.right\n· exact h.left", TRUE)
    assert verdict.reason is Reason.UNSUPPORTED and "constructor is no ordinary name" in verdict.detail
    assert check(PROOF, TRUE).proved
