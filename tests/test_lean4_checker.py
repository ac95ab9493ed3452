"""The checker of kind `lean4`: right and wrong proofs by both roads, blame, audits, prefixes and canonical forms."""

from __future__ import annotations

import random
import shutil
from os import environ

import pytest
from neurosym_oracles._lean import Message, Pool, Server, run_file
from neurosym_oracles.lean4_checker import Lean4Checker

from neurosym.core import (
    Budget,
    Claim,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Status,
    Undecided,
    Verdict,
)
from neurosym.testing import LANGUAGES, Language, check_checker, lean4

needs_lean = pytest.mark.skipif(
    shutil.which(environ.get("NEUROSYM_LEAN") or "lean") is None, reason="Lean 4 is not installed"
)

CHECKER = Lean4Checker()
SWAP = "∀ p q : Prop, p ∧ q → q ∧ p"
HEADER = """\
set_option maxHeartbeats 100
namespace Fruit
inductive Apple where
  | red
  | green
@[simp] theorem one (n : Nat) : n + 0 = n := rfl  -- a comment
def other : Apple → Apple
| .red => .green
| .green => .red
end Fruit
open Fruit"""


def problem(statement: str = SWAP, header: str = "", **more: str) -> Problem:
    return Problem("test", "lean4", {"header": header, "statement": statement, **more})


def check(answer: Json, asked: Problem | None = None, evidence: Json = None, **budget: int) -> Verdict:
    """The verdict, which is the same warm and in a batch."""
    pair = (asked or problem(), Claim(answer, evidence))
    verdict = CHECKER.check(*pair, Budget(**budget))
    assert CHECKER.check_many([pair], Budget(**budget)) == [verdict]
    return verdict


@needs_lean
@pytest.mark.parametrize(
    "answer",
    [
        "intro p q h\nexact ⟨h.2, h.1⟩",
        "by\n  intro p q h\n  exact ⟨h.2, h.1⟩",
        "fun p q h => ⟨h.right, h.left⟩",
        "fun _ _ ⟨a, b⟩ => ⟨b, a⟩",
        "(fun p q h => ⟨h.right, h.left⟩)",
        "intro p q h; constructor\n· exact h.2\n· exact h.1 -- done",
        "  intro p q h\n  cases h with\n  | intro a b =>\n    exact And.intro b a\n",
        "have h : ∀ p q : Prop, p ∧ q → q ∧ p := fun _ _ k => ⟨k.2, k.1⟩\nexact h",
        "have h : ∀ p q : Prop, p ∧ q → q ∧ p := fun _ _ k => ⟨k.2, k.1⟩; h",
    ],
)
def test_right_proofs(answer):
    verdict = check(answer)
    assert verdict.proved and verdict.detail == "proved from no axioms"


@needs_lean
@pytest.mark.parametrize(
    "answer",
    ["intro p q h\nexact h", "intro p q h", "fun p q h => h", "skip", "exact no_such_lemma", "foo",
     "intro p q h\n  exact h", "intro p q h\nexact ⟨h.2, h.1⟩\nexact h"],
)  # fmt: skip
def test_wrong_proofs(answer):
    verdict = check(answer)
    assert verdict.status is Status.WRONG and verdict.detail.startswith("Lean: ")


@needs_lean
def test_a_header():
    for statement, answer in (
        ("∀ a : Apple, Fruit.other (other a) = a", "intro a\ncases a with\n| red => rfl\n| green => rfl"),
        ("∀ n : Nat, n + 0 = n", "exact Fruit.one"),
        ("∀ n : Nat, n + 0 = n", "intro n\nsimp"),
    ):
        assert check(answer, problem(statement, HEADER)).proved
    assert check("exact rfl", problem("other .red = .red", HEADER)).status is Status.WRONG
    for header in ("theorem a : 1 = 2 := rfl", "theorem a : b := c", "open NoSuchThing", "theorem a : 1 = 1 :="):
        verdict = check("rfl", problem("1 = 1", header))
        assert verdict.status is Status.MALFORMED and verdict.detail.startswith("problem: header: "), verdict


@needs_lean
def test_what_this_lean_lacks():
    for answer in ("tauto", "intro p q h\ntauto", "intro p q h\nomega", "linarith"):
        assert check(answer).reason is Reason.UNSUPPORTED
    assert check("rfl", problem("1 = 1", "import NoSuchLibrary")).reason is Reason.TOOL_MISSING


@needs_lean
def test_axioms_that_are_allowed():
    assert check("intro p\nsimp", problem("∀ p : Prop, (p ∧ True) = p")).detail == "proved from propext"


def test_no_lean(monkeypatch):
    monkeypatch.setenv("NEUROSYM_LEAN", "/no/such/lean")
    verdicts = CHECKER.check_many([(problem(), Claim("intro p"))] * 3, Budget())
    assert [verdict.reason for verdict in [check("intro p"), *verdicts]] == [Reason.TOOL_MISSING] * 4
    assert "elan" in verdicts[0].detail
    assert check("sorry").status is Status.MALFORMED


@pytest.mark.parametrize("answer", [None, 0, True, [], {}, "", " \n", "-- proved", ["rfl"], {"proof": "rfl"}])
def test_what_is_no_proof(answer):
    assert check(answer).status is Status.MALFORMED


def test_what_is_no_problem():
    for payload in ({}, {"statement": SWAP}, {"header": "", "statement": 1}, {"header": None, "statement": SWAP},
                    {"header": "", "statement": SWAP, "more": ""}, {"header": "", "statement": ""}):  # fmt: skip
        asked = Problem("test", "lean4", payload)
        assert CHECKER.check(asked, Claim("rfl"), Budget()).status is Status.MALFORMED
    with pytest.raises(MalformedProblem):
        CHECKER.canonical(Problem("test", "lean4", {}))
    with pytest.raises(Undecided):
        CHECKER.canonical(problem("\ud800"))
    with pytest.raises(Undecided):
        CHECKER.canonical(problem(header="\ud800"))


def test_conclusion():
    assert CHECKER.conclusion("intro h") == "provable"
    with pytest.raises(MalformedAnswer):
        CHECKER.conclusion(["intro h"])
    assert check("provable").reason is Reason.NO_EVIDENCE


@needs_lean
def test_next_tactics():
    after = problem(prefix="intro p q h")
    assert check("exact ⟨h.2, h.1⟩", after).proved
    assert check("constructor", after).reason is Reason.NO_EVIDENCE
    assert check("constructor", after, {"rest": "· exact h.2\n· exact h.1"}).proved
    assert check("constructor", after, {"rest": "· exact h.1\n· exact h.1"}).status is Status.WRONG
    assert check("exact h", after).status is Status.WRONG
    assert check("constructor", after, {"rest": "sorry"}).status is Status.MALFORMED
    assert check("constructor", after, {"rest": 1}).status is Status.MALFORMED
    assert check("sorry", after).status is Status.MALFORMED


@needs_lean
def test_many_and_one_are_the_same():
    rng = random.Random(7)
    pairs = []
    for _ in range(60):
        names = rng.sample("pqrs", 2)
        claim = rng.choice(
            ["exact ⟨h.2, h.1⟩", "exact h", "exact (h", "tauto", "sorry", "constructor; exact h.2", "omega"]
        )
        statement = f"∀ {names[0]} {names[1]} : Prop, {names[0]} ∧ {names[1]} → {names[1]} ∧ {names[0]}"
        pairs.append((problem(statement, rng.choice(["", HEADER])), Claim(f"intro {names[0]} {names[1]} h\n{claim}")))
    together = CHECKER.check_many(pairs, Budget())
    assert together == [CHECKER.check(*pair, Budget()) for pair in pairs]
    for (_, claim), verdict in zip(pairs, together, strict=True):
        assert verdict.proved == claim.answer.endswith("⟨h.2, h.1⟩")


def test_canonical_forms():
    def same(one: str, other: str) -> bool:
        return CHECKER.canonical(problem(one)) == CHECKER.canonical(problem(other))

    assert same("∀ p q : Prop, p → q → p", "∀ b a : Prop, b → a → b")
    assert same("∀ p q : Prop, p → q → p", "∀ a b : Prop, b → a → b")
    assert not same("∀ p q : Prop, p → q → p", "∀ p q : Prop, p → q → q")
    assert not same("∀ p q : Prop, p → q → p", "∀ p q : Nat, p → q → p")
    assert not same("∀ p q : Prop, p → p", "∀ p : Prop, p → p")
    assert not same("∀ p q : Prop, p → a → p", "∀ p q : Prop, p → q → p")
    assert not same("∀ p : Prop, ∀ q : Prop, p", "∀ q : Prop, ∀ q : Prop, q")
    assert not same("∀ p q : Prop, ∃ q : Prop, p", "∀ q p : Prop, ∃ q : Prop, q")
    assert CHECKER.canonical(problem()) != CHECKER.canonical(problem(header="open Nat"))
    assert CHECKER.canonical(problem()) != CHECKER.canonical(problem(prefix="intro p"))


@needs_lean
def test_places_and_severities_of_messages():
    text = "theorem a : 1 = 1 := rfl\n#print axioms a\ntheorem b : 1 = 2 := by\n  rfl\n"
    told = run_file(text, 60, 2048)
    server = Server(2048)
    assert {(m.line, m.severity) for m in told} == {(m.line, m.severity) for m in server.messages(text, 60)}
    assert told[0] == Message(2, 0, "information", "'a' does not depend on any axioms")
    server.close()
    assert not server.usable()


@needs_lean
def test_a_pool_outlives_a_broken_server():
    pool = Pool(most=1)
    text = "theorem a : 1 = 1 := rfl\n#print axioms a\n"
    first = pool.messages(("x",), text, 60, 2048)
    with pytest.raises(Undecided):
        pool.messages(("x",), f"{text}theorem b : 1 = 1 := rfl\n", 0, 2048)
    assert pool.messages(("x",), text, 60, 2048) == first == pool.messages(("y",), text, 60, 2048)


@needs_lean
@pytest.mark.slow
def test_conformance(monkeypatch):
    language = Language(lean4.lies, lean4.copy, lean4.variants, lean4.holds, lean4.CONCLUSIONS)
    monkeypatch.setitem(LANGUAGES, "lean4", language)
    simple = problem("∀ n : Nat, n + 0 = n", "theorem plus (n : Nat) : n + 0 = n := rfl")
    check_checker(CHECKER, simple, Claim("exact plus"))
