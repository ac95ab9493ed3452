"""Letters that look like others, and characters that cannot be seen.

Source: Unicode Technical Report 36.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, unsupported


def test_characters():
    for (
        character
    ) in "\u0430\u0435\u03bf\u200b\u200c\u200d\u202e\u2066\ufeff\u00a0\u2028\u037e\uff08\u01c3\0\x07\x1b\x7f\t\r\f\v":
        unsupported(check(f"{PROOF} {character}", TRUE))
        unsupported(check(PROOF, f"{TRUE} {character}"), "problem: ")
    unsupported(check("\ud800", FALSE))


def test_a_homoglyph_of_a_known_word():
    unsupported(check("s\u043erry", FALSE))
