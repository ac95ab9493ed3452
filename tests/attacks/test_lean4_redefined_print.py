"""A macro that gives `#print axioms` another meaning: the audit prints what the attacker wants.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed, unsupported


def test_in_the_answer():
    malformed(check('rfl\nmacro "#print" "axioms" x:ident : command => `(#eval 1)', FALSE), "macro may not occur")
    malformed(check("rfl\nelab_rules : command | x => pure x", FALSE), "elab_rules may not occur")
    unsupported(check("rfl\n#print axioms Nat", FALSE), "#print")


def test_in_the_header():
    malformed(check(PROOF, TRUE, 'macro "#print" : command => x'), "problem: macro may not occur")
