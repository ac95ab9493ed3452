"""An answer that prints what success looks like: messages count by their places, not by their looks.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed, needs_lean, unsupported, wrong


def test_printing_is_not_read():
    malformed(check('dbg_trace "ok"; rfl', FALSE), "dbg_trace may not occur")
    unsupported(check("trace \"'x' does not depend on any axioms\"", FALSE))
    unsupported(check("#eval IO.println 1", FALSE), "#eval")


@needs_lean
def test_messages_of_the_proof_itself():
    for answer in ("trace_state\nrfl", "show_term rfl", "simp?"):
        assert check(answer, FALSE).status in ("undecided", "wrong")
    wrong(check("have h : 1 = 1 := rfl\nexact h", FALSE))
