"""The list of axioms: wrapped over lines, of another theorem, said twice, or of axioms that are not allowed.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import CHECKER
from neurosym_oracles._lean import Message
from neurosym_oracles.lean4_checker import _allowed, _Item

from neurosym.core import Reason, Status, Verdict


def verdict(*texts: str, severity: str = "information") -> Verdict:
    item = _Item(0, "neurosym_a", "  1 = 2", ("  x",), frozenset(), frozenset(), False)
    return _allowed(item, [Message(1, 0, severity, text) for text in texts])


def test_what_is_allowed():
    assert CHECKER.kind == "lean4"
    assert verdict("'neurosym_a_audit' does not depend on any axioms").proved
    assert verdict("'neurosym_a_audit' depends on axioms: [propext, Classical.choice, Quot.sound]").proved
    assert verdict("'neurosym_a_audit' depends on axioms: [propext,\n Classical.choice,\n Quot.sound]").proved


def test_what_is_not():
    for axioms in (
        "sorryAx",
        "evil",
        "propext,\n evil",
        "propext,\n Quot.sound,\n  sorryAx",
        "Lean.ofReduceBool",
        "propext.evil",
        "",
    ):
        assert verdict(f"'neurosym_a_audit' depends on axioms: [{axioms}]").status is Status.WRONG


def test_what_is_no_answer():
    good = "'neurosym_a_audit' does not depend on any axioms"
    for texts in (
        (),
        (good, good),
        (f"{good}\n",),
        (f" {good}",),
        ("'neurosym_b_audit' does not depend on any axioms",),
        ("'neurosym_a_audit' depends on axioms: [propext] [evil]",),
        (f"{good}\n{good}",),
        ("",),
    ):
        assert verdict(*texts).reason is Reason.TOOL_CRASHED
    assert verdict(good, severity="warning").reason is Reason.TOOL_CRASHED
