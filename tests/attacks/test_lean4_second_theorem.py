"""A whole file in the place of a proof, with a theorem of its own.

Source: the form of answers that most provers are asked for, e.g. miniF2F.
"""

from __future__ import annotations

from lean4_attack import FALSE, TRUE, check, malformed


def test_a_file():
    for word in ("theorem", "lemma", "example", "def", "instance", "abbrev", "structure", "inductive", "class"):
        malformed(check(f"{word} x : 1 = 1 := rfl", TRUE), f"{word} may not occur")
        malformed(check(f"rfl\n\n{word} x : 1 = 1 := rfl", FALSE), f"{word} may not occur")
