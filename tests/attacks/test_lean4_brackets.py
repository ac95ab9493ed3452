"""A proof that closes our brackets and goes on behind them.

Source: the same idea as SQL injection.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed


def test_brackets():
    malformed(check("rfl) + (rfl", FALSE), ") closes no bracket")
    malformed(check("rfl\n)\n#exit", FALSE), ") closes no bracket")
    malformed(check("(rfl", FALSE), "is not closed")
    malformed(check("⟨rfl)", FALSE), ") closes no bracket")
    malformed(check("exact ⟨rfl, rfl⟩⟩", FALSE), "closes no bracket")


def test_in_the_statement():
    malformed(check("rfl", "1 = 1) := rfl theorem x : (1 = 2"), "problem: ")
    malformed(check("rfl", "1 = 1) → (1 = 2"), "problem: ) closes no bracket")
