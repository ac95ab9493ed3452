"""The finder of proofs: what it finds Lean takes, whatever it was asked before."""

from __future__ import annotations

import shutil
from os import environ

import pytest
from neurosym_domains.lean_arithmetic import LeanArithmetic
from neurosym_domains.lean_propositional import LeanPropositional
from neurosym_oracles.lean4 import Lean4
from neurosym_oracles.lean4_checker import Lean4Checker

from neurosym.core import Budget, Claim, MalformedProblem, Problem, Reason, Undecided, stream
from neurosym.testing import LANGUAGES, Language, check_domain, check_oracle, lean4

needs_lean = pytest.mark.skipif(
    shutil.which(environ.get("NEUROSYM_LEAN") or "lean") is None, reason="Lean 4 is not installed"
)

ORACLE = Lean4()
CHECKER = Lean4Checker()


@pytest.fixture(autouse=True)
def language(monkeypatch):
    known = Language(lean4.lies, lean4.copy, lean4.variants, lean4.holds, lean4.CONCLUSIONS)
    monkeypatch.setitem(LANGUAGES, "lean4", known)


def asked(statement: str, header: str = "") -> Problem:
    return Problem("test", "lean4", {"header": header, "statement": statement})


PROVABLE = [
    "p → p", "p → q → p", "(p → q → r) → (p → q) → p → r", "p ∧ q → q ∧ p", "p ∨ q → q ∨ p", "False → p", "¬(p ∧ ¬p)",
    "¬¬(p ∨ ¬p)", "(p ↔ q) → (q ↔ p)", "¬(p ∨ q) ↔ ¬p ∧ ¬q", "((p → q) → q) → ((q → p) → p) → ¬¬(p ∨ q) → ¬¬(p ∨ q)",
    "¬¬¬p → ¬p", "(p ∨ q → r) ↔ (p → r) ∧ (q → r)", "¬(p ↔ ¬p)", "((((p → q) → p) → p) → q) → q",
    "(p ∧ q → r) → p → q → r", "p ∨ q ∧ r → (p ∨ q) ∧ (p ∨ r)",
]  # fmt: skip
UNPROVABLE = [
    "p",
    "p ∨ ¬p",
    "¬¬p → p",
    "((p → q) → p) → p",
    "p → q",
    "(p → q) ∨ (q → p)",
    "¬(p ∧ q) → ¬p ∨ ¬q",
    "p ∨ q",
]


@needs_lean
def test_what_is_provable_is_proved():
    problems = [asked(f"∀ p q r : Prop, {body}") for body in PROVABLE]
    claims = [ORACLE.solve(problem, Budget()) for problem in problems]
    verdicts = CHECKER.check_many(list(zip(problems, claims, strict=True)), Budget())
    assert [verdict.detail for verdict in verdicts] == ["proved from no axioms"] * len(problems)


@pytest.mark.parametrize("body", UNPROVABLE)
def test_what_is_not_is_undecided(body):
    with pytest.raises(Undecided) as undecided:
        ORACLE.solve(asked(f"∀ p q r : Prop, {body}"), Budget())
    assert undecided.value.reason is Reason.UNSUPPORTED


def test_budgets():
    with pytest.raises(Undecided) as undecided:
        ORACLE.solve(asked("∀ p q : Prop, ((((p → q) → p) → p) → q) → q"), Budget(steps=3))
    assert undecided.value.reason is Reason.TIMEOUT
    with pytest.raises(MalformedProblem):
        ORACLE.solve(Problem("test", "lean4", {"header": ""}), Budget())


@needs_lean
def test_scripts():
    for statement, header in (("2 + 3 = 5", ""), ("∀ n : Nat, 0 + n = n", ""), ("∀ n : Nat, n + 0 = n", "")):
        problem = asked(statement, header)
        assert CHECKER.check(problem, ORACLE.solve(problem, Budget()), Budget()).proved
    for statement in ("2 + 3 = 6", "∀ n : Nat, n = 0", "#eval 1", "foo"):
        with pytest.raises(Undecided):
            ORACLE.solve(asked(statement), Budget())


@needs_lean
def test_every_sample_is_proved():
    for domain, count in (
        (LeanPropositional(rules=8), 60),
        (LeanArithmetic(), 30),
        (LeanPropositional(variables=1, rules=3), 5),
    ):
        problems = [domain.sample(stream("lean", item)) for item in range(count)]
        claims = [ORACLE.solve(problem, Budget()) for problem in problems]
        verdicts = CHECKER.check_many(list(zip(problems, claims, strict=True)), Budget())
        assert all(verdict.proved for verdict in verdicts), verdicts
        for problem, claim in zip(problems, claims, strict=True):
            assert domain.parse(problem, domain.render(problem, claim.answer)) == claim.answer


@pytest.mark.parametrize("domain", [LeanPropositional(), LeanArithmetic()], ids=lambda domain: domain.name)
def test_a_thousand_distinct_problems(domain):
    forms = {CHECKER.canonical(domain.sample(stream("many", item))) for item in range(700)}
    assert len(forms) > 600


@needs_lean
def test_oracle_conforms():
    check_oracle(ORACLE, [LeanPropositional().sample(stream("a", 0)), LeanArithmetic().sample(stream("a", 1))])


@needs_lean
@pytest.mark.slow
@pytest.mark.parametrize("domain", [LeanPropositional(), LeanArithmetic()], ids=lambda domain: domain.name)
def test_domain_conforms(domain):
    check_domain(domain, samples=4)


def test_references():
    for body in PROVABLE:
        assert lean4.holds(asked(f"∀ p q r : Prop, {body}"), Claim("intro p")) in (None, False)
    assert lean4.holds(asked("∀ p q : Prop, p → q"), Claim("intro p")) is False
    assert lean4.holds(asked("∀ p q : Prop, (p → (q ∨ p))"), Claim("intro p")) is None
