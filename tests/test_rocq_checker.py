"""Verdicts of kind rocq: both kernels, batches with exact blame, canonical forms, guards."""

from __future__ import annotations

import random
import shutil

import pytest
from neurosym_oracles._kernels.rocq_formula import parse
from neurosym_oracles._kernels.rocq_tokens import statement_tokens
from neurosym_oracles.rocq_checker import RocqChecker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, Reason, Status
from neurosym.testing import LANGUAGES, Language, check_checker, rocq

CHECKER = RocqChecker()
SWAP = "forall A B : Prop, A /\\ B -> B /\\ A"
PROOF = "intros A B H. destruct H as [a b]. split.\n- exact b.\n- exact a."
needs_rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Rocq: apt-get install coq")


def problem(statement: str = SWAP, header: str = "") -> Problem:
    return Problem("", "rocq", {"header": header, "statement": statement})


def judged(script, statement: str = SWAP, header: str = "", budget: Budget | None = None):
    return CHECKER.check(problem(statement, header), Claim(script), budget or Budget())


@needs_rocq
@pytest.mark.parametrize(
    ("script", "statement", "header"),
    [
        (PROOF, SWAP, ""),
        ("intros A B [a b]; split; [exact b | exact a].", SWAP, ""),
        ("intros A B [a b]. split. { exact b. } 1: { exact a. }", SWAP, ""),
        ("induction n as [|n IH].\n- reflexivity.\n- simpl. rewrite IH. reflexivity.", "forall n : nat, n + 0 = n", ""),
        ("intros x y H. rewrite -> H; auto.", "forall x y : nat, x = y -> y = x", ""),
        ("intros n ?H. destruct n eqn:E; [exact I | exact I].", "forall n : nat, n = n -> True", ""),
        ("exists 2%nat. reflexivity.", "exists n : nat, n * n = 4", ""),
        ("reflexivity.", "f 2 = 3", "Definition f (n : nat) := S n."),
        (
            "exact double_0.",
            "double 0 = 0",
            "Fixpoint double (n : nat) := match n with O => O | S m => S (S (double m)) end.\n"
            "Lemma double_0 : double 0 = 0. Proof. reflexivity. Qed.",
        ),
    ],
)
def test_right_scripts_are_proved(script, statement, header):
    verdict = judged(script, statement, header)
    assert verdict.proved, verdict


@needs_rocq
def test_a_wrong_script_is_wrong_with_the_first_error():
    verdict = judged("intros A B [a b]. split. exact a. exact b.")
    assert verdict.status is Status.WRONG
    assert verdict.detail == 'sentence 3: The term "a" has type "A" while it is expected to have type "B".'
    assert "Qed: " in judged("intros A B [a b]. split.").detail
    assert "sentence 2: " in judged("intros A B H.\n(* a\n\n *)\nexact\n\nH.").detail


@needs_rocq
def test_a_problem_that_rocq_refuses_is_malformed():
    assert judged("auto.", "undefined = 1").detail.startswith("problem: the statement: ")
    assert judged("auto.", "True", "Definition a := 1.\nDefinition b : nat := True.").detail.startswith(
        "problem: sentence 2 of the header: "
    )


@pytest.mark.parametrize(
    "answer", [None, 0, [], {}, ["auto."], {"script": "auto."}, "", "auto", "proved", "x" * (1 << 19)]
)
def test_what_is_no_script_is_malformed(answer):
    assert judged(answer).status is Status.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"header": ""},
        {"statement": "True"},
        {"header": 0, "statement": "True"},
        {"header": "", "statement": None},
        {"header": "", "statement": "True", "more": ""},
    ],
)
def test_what_is_no_problem_is_malformed(payload):
    assert CHECKER.check(Problem("", "rocq", payload), Claim("auto."), Budget()).status is Status.MALFORMED
    with pytest.raises(MalformedProblem):
        CHECKER.canonical(Problem("", "rocq", payload))


def test_without_rocq_it_is_undecided(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROSYM_ROCQ", str(tmp_path))
    verdict = judged(PROOF)
    assert verdict.reason is Reason.TOOL_MISSING and "apt-get install coq" in verdict.detail


@needs_rocq
def test_guards_leave_it_undecided():
    assert judged(PROOF, budget=Budget(seconds=0.001)).reason is Reason.TIMEOUT
    assert judged(PROOF, budget=Budget(memory_mb=100)).reason is Reason.MEMORY


@needs_rocq
def test_a_runaway_proof_is_undecided_and_spares_its_neighbours():
    loop = "repeat (cut True; [intro | exact I])."
    verdicts = CHECKER.check_many(
        [(problem(), Claim(PROOF)), (problem("False"), Claim(loop)), (problem(), Claim(PROOF))], Budget(seconds=1)
    )
    assert [verdict.proved for verdict in verdicts] == [True, False, True]
    assert verdicts[1].status is Status.UNDECIDED


@needs_rocq
def test_a_batch_gives_each_claim_the_verdict_it_gets_alone():
    header = "Definition f (n : nat) := S n."
    asked = [
        (problem(), PROOF), (problem("False"), "auto."), (problem("f 1 = 2", header), "reflexivity."),
        (problem(), "Admitted."), (problem("f 1 = 3", header), "reflexivity."), (problem("x"), "auto."),
        (problem("True", "Axiom a : False."), "exact I."), (problem(), "exact neurosym_0."), (problem(), PROOF),
        (problem("True", "Definition a := b."), "exact I."), (problem("True"), "exact I. exact I."),
    ]  # fmt: skip
    together = CHECKER.check_many([(one, Claim(script)) for one, script in asked], Budget())
    alone = [CHECKER.check(one, Claim(script), Budget()) for one, script in asked]
    assert together == alone
    assert [verdict.status for verdict in alone] == [
        "correct", "wrong", "correct", "malformed", "wrong", "malformed", "malformed", "malformed", "correct",
        "malformed", "wrong",
    ]  # fmt: skip


def test_canonical_forms():
    form = CHECKER.canonical(problem())
    same = (
        "forall B A : Prop, A /\\ B -> B /\\ A",
        "forall X Y : Prop, ((X /\\ Y)) -> Y /\\ X",
        "forall A B:Prop,(* *)B/\\A->A/\\B",
    )
    other = (
        "forall A B : Prop, A /\\ B -> A /\\ B", "forall A B C : Prop, A /\\ B -> B /\\ A",
        "forall A : Prop, A /\\ A -> A /\\ A",
        "forall A B : Prop, A \\/ B -> B \\/ A", "forall A B : Prop, B /\\ A -> B /\\ A",
        "forall A B : Set, A /\\ B -> B /\\ A",
    )  # fmt: skip
    assert {CHECKER.canonical(problem(text)) for text in same} == {form}
    assert form not in {CHECKER.canonical(problem(text)) for text in other}
    assert len({CHECKER.canonical(problem(text)) for text in other}) == len(other) - 1  # the first and fifth are one
    assert CHECKER.canonical(problem(SWAP, "Definition a := 1.")) != form
    assert (
        CHECKER.canonical(problem("1 =  1"))
        == CHECKER.canonical(problem("1 = 1"))
        != CHECKER.canonical(problem("1 = 2"))
    )


@needs_rocq
def test_our_reading_of_precedence_is_rocqs():
    """Each random formula is for Rocq the same as ours with every bracket written."""
    rng = random.Random(0)

    def text(depth: int) -> str:
        kind = rng.randrange(6) if depth else 5
        if kind == 5:
            return rng.choice("ABC")
        if kind == 4:
            return f"~ {text(depth - 1)}" if rng.random() < 0.5 else f"({text(depth - 1)})"
        connective = ("->", "/\\", "\\/", "<->")[kind]
        return f"{text(depth - 1)} {connective} {text(depth - 1)}"

    problems = []
    while len(problems) < 60:
        flat = text(4)
        found = parse(statement_tokens(f"forall A B C : Prop, {flat}"))
        if found is None:
            continue
        shown: list[str] = []
        for label, operands in found.nodes:
            parts = [shown[operand] for operand in operands]
            shown.append(
                f"({label} {parts[0]})" if label == "~" else f"({parts[0]} {label} {parts[1]})" if parts else label
            )
        problems.append(problem(f"forall A B C : Prop, ({flat}) = {shown[-1]}"))
    verdicts = CHECKER.check_many([(one, Claim("reflexivity.")) for one in problems], Budget())
    assert all(verdict.proved for verdict in verdicts)


def test_conclusions():
    assert CHECKER.conclusion("auto.") == "provable"
    with pytest.raises(MalformedAnswer):
        CHECKER.conclusion(None)


@needs_rocq
@pytest.mark.slow
def test_conformance(monkeypatch):
    monkeypatch.setitem(LANGUAGES, "rocq", Language(rocq.lies, rocq.copy, rocq.variants, rocq.holds, rocq.CONCLUSIONS))
    print(check_checker(CHECKER, problem("f 1 = 2", "Definition f (n : nat) := S n."), Claim("intros.\nreflexivity.")))
