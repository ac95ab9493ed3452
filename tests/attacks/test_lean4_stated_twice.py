"""A statement that is more than one term, or none.

Source: the payload is the attacker's as well.
"""

from __future__ import annotations

from lean4_attack import PROOF, TRUE, check, malformed, needs_lean


@needs_lean
def test_not_one_term():
    for statement in (
        "1 = 1 := rfl",
        "1 = 1 1 = 2 3",
        "1 =",
        ": 1 = 1",
        "(x : Nat) : x = x",
        "1 = 1, 2 = 2",
        "1 = 1 | 2",
        "Nat",
        "1",
        "foo = 1",
        "fun x => x",
    ):
        malformed(check("rfl", statement), "problem: ")


def test_nothing():
    for statement in ("", " ", "-- 1 = 1"):
        assert check("rfl", statement).status == "malformed"


@needs_lean
def test_a_name_of_our_theorem():
    malformed(check("rfl", "neurosym_x = 1"), "problem: ")
    assert check(PROOF, f"\n{TRUE} -- as stated\n").proved
