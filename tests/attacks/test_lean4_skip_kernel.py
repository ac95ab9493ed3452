"""`set_option debug.skipKernelTC true in decide +kernel` proves 1 = 2 without any axiom.

Source: shared/lean/README.md, the table of what an exit code gets wrong.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed, needs_lean, unsupported


def test_in_the_answer():
    for answer in (
        "set_option debug.skipKernelTC true in decide +kernel",
        "by\n  set_option debug.skipKernelTC true in\n  decide +kernel",
        "(set_option debug.skipKernelTC true in by decide +kernel)",
        "exact set_option\n  debug.skipKernelTC true in by decide",
    ):
        malformed(check(answer, FALSE), "set_option may not occur")


def test_disguised():
    malformed(check("set_option-- a comment\n debug.skipKernelTC true in rfl", FALSE), "set_option may not occur")
    malformed(check("set_option/- a comment -/debug.skipKernelTC true in rfl", FALSE), "set_option may not occur")
    unsupported(check("«set_option» debug.skipKernelTC true in rfl", FALSE))


def test_without_the_option():
    malformed(check("decide +kernel", FALSE), "kernel may not occur")


def test_in_the_header():
    for header in (
        "set_option debug.skipKernelTC true",
        "theorem evil : 1 = 2 := set_option debug.skipKernelTC true in by decide",
        "theorem evil : 1 = 2 := by\n  set_option debug.skipKernelTC true in decide",
    ):
        malformed(check(PROOF, TRUE, header), "problem: ")


@needs_lean
def test_this_lean_is_fooled_by_it(tmp_path):
    """The attack is real: without our walls Lean proves 1 = 2 and tells of no axioms."""
    from neurosym_oracles._lean import run_file

    text = "theorem bad : 1 = 2 := by set_option debug.skipKernelTC true in decide +kernel\n#print axioms bad\n"
    (message,) = run_file(text, 60, 2048)
    assert message.text == "'bad' does not depend on any axioms"
