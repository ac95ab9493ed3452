"""Random propositional statements for Rocq: what is sampled, asked, rendered and parsed, and the oracle's scripts."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains._intuitionistic import holds
from neurosym_domains._rocq_script import TACTICS, parse_script
from neurosym_domains.rocq_propositional import RocqPropositional
from neurosym_oracles._kernels.rocq_syntax import CHOICES, PREFIXES, check_script
from neurosym_oracles._kernels.rocq_syntax import TACTICS as ALLOWED
from neurosym_oracles._kernels.rocq_tokens import sentences
from neurosym_oracles.rocq import Rocq
from neurosym_oracles.rocq_checker import RocqChecker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, Reason, Undecided, stream
from neurosym.testing import LANGUAGES, Language, check_domain, check_oracle, rocq

DOMAIN, CHECKER = RocqPropositional(), RocqChecker()
needs_rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Rocq: apt-get install coq")

A, B = "A", "B"


def implies(one, two):
    return ("->", one, two)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (implies(A, A), True),
        (implies(implies(implies(A, B), A), A), False),  # Peirce
        (("\\/", A, implies(A, "False")), False),  # excluded middle
        (implies(implies(("\\/", A, implies(A, "False")), "False"), "False"), True),
        (implies(implies(implies(A, "False"), "False"), A), False),
        (implies("False", A), True),
        (implies(("/\\", A, B), ("/\\", B, A)), True),
        (implies(("\\/", A, B), ("\\/", B, A)), True),
        (implies(("\\/", A, B), A), False),
        (implies(implies(("\\/", A, B), "False"), ("/\\", implies(A, "False"), implies(B, "False"))), True),
        (implies(implies(("/\\", A, B), "False"), ("\\/", implies(A, "False"), implies(B, "False"))), False),
    ],
)
def test_what_holds_intuitionistically(formula, expected):
    assert holds(formula) is expected


def test_samples_are_different_and_fixed_by_their_path():
    found = [DOMAIN.sample(stream(item)) for item in range(300)]
    assert found == [DOMAIN.sample(stream(item)) for item in range(300)]
    assert len({problem.id for problem in found}) > 290
    assert len({CHECKER.canonical(problem) for problem in found}) > 250
    for problem in found[:20]:
        statement = problem.payload["statement"]
        assert statement.startswith("forall A B C : Prop, ") and problem.payload["header"] == ""
        assert statement in DOMAIN.formal(problem) and " implies " in DOMAIN.english(problem)


def test_prompts():
    problem = DOMAIN.problem({"header": "", "statement": "forall A B : Prop, ~ (A <-> B) -> A \\/ B /\\ A"})
    assert DOMAIN.english(problem).endswith("not (A if and only if B) implies A or B and A")
    assert DOMAIN.formal(problem).endswith("Theorem goal : forall A B : Prop, ~ (A <-> B) -> A \\/ B /\\ A.")
    for payload in ({}, {"header": "x", "statement": "forall A : Prop, A"}, {"header": "", "statement": "1 = 1"}):
        with pytest.raises(MalformedProblem):
            DOMAIN.formal(Problem("rocq_propositional", "rocq", payload))


def test_a_text_is_a_script_and_nothing_else():
    for text in (
        "intros A B.\n- exact A.",
        "{ auto. }",
        " auto.\n",
        "intros. exact Nat.add_0_r.",
        "exact (fun H : A => H).",
    ):
        assert parse_script(text) == text.strip(" \n")
    for text in (
        "", "auto", "Qed.", "auto. Qed.", "Sure! auto.", "auto. I hope this helps.", "auto.\n```", "```\nauto.\n```",
        "The answer is not auto.", "Proof. auto. Qed.", "auto. is the answer", "autos.", "auto.\0", "аuto.", "auto. -",
    ):  # fmt: skip
        with pytest.raises(MalformedAnswer):
            parse_script(text)


def test_what_the_domain_takes_for_a_tactic_the_checker_allows():
    assert set(TACTICS) <= ALLOWED | PREFIXES | CHOICES


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=80) | st.text(alphabet="auto. -{}\n", max_size=80))
def test_parse_only_refuses(text):
    try:
        assert parse_script(parse_script(text)) == parse_script(text)
    except MalformedAnswer as error:
        assert str(error)


@needs_rocq
@pytest.mark.parametrize(("variables", "connectives"), [(3, 7), (2, 4), (4, 12)])
def test_the_oracle_proves_every_sample(variables, connectives):
    domain, oracle = RocqPropositional(variables=variables, connectives=connectives), Rocq()
    problems = [domain.sample(stream("proved", item)) for item in range(60)]
    claims = [oracle.solve(problem, Budget()) for problem in problems]
    verdicts = CHECKER.check_many(list(zip(problems, claims, strict=True)), Budget())
    assert all(verdict.proved for verdict in verdicts)
    for problem, claim in zip(problems, claims, strict=True):
        check_script(sentences(claim.answer))
        assert domain.parse(problem, domain.render(problem, claim.answer)) == claim.answer
        trace = claim.evidence["trace"]
        tactics = [sentence for sentence in sentences(claim.answer) if sentence[-1] == "."]
        assert len(trace) == len(tactics) == claim.metrics["sentences"]
        assert trace[0][0].startswith("intros ") and "forall" in trace[0][1] and trace[-1][2] == "No more goals."
        assert all("====" in before for _, before, _ in trace)
        assert "tauto" not in claim.answer and "intuition" not in claim.answer


@needs_rocq
def test_other_statements_get_a_script_that_is_tried():
    oracle = Rocq()
    for statement, header in (
        ("forall n : nat, n + 0 = n", ""),
        ("forall n m : nat, n + S m = S (n + m)", ""),
        ("f 2 = 4", "Definition f (n : nat) := n + n."),
    ):
        problem = Problem("", "rocq", {"header": header, "statement": statement})
        claim = oracle.solve(problem, Budget())
        assert CHECKER.check(problem, claim, Budget()).proved
        assert oracle.solve(problem, Budget()) == claim
    for statement in (
        "forall A : Prop, A \\/ ~ A",
        "0 = 1",
        "undefined",
        f"forall A : Prop, {'~ ' * 900}A",
        "True. Drop",
    ):
        with pytest.raises(Undecided):
            oracle.solve(Problem("", "rocq", {"header": "", "statement": statement}), Budget())


def test_without_rocq_the_oracle_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROSYM_ROCQ", str(tmp_path))
    for ask in (Rocq().version, lambda: Rocq().solve(DOMAIN.sample(stream(1)), Budget())):
        with pytest.raises(Undecided) as caught:
            ask()
        assert caught.value.reason is Reason.TOOL_MISSING and "apt-get install coq" in caught.value.detail


def test_renamed_scripts_keep_no_old_name():
    problem = DOMAIN.problem({"header": "", "statement": "forall A B : Prop, A -> B -> A"})
    claim = Claim("intros A B H1 H2.\nexact H1.", {"trace": [["exact H1.", "A, B : Prop", ""]]}, {"steps": 1})
    other, told = DOMAIN.renamed(problem, claim, stream("renamed"))
    assert CHECKER.canonical(other) == CHECKER.canonical(problem) and other != problem
    names = other.payload["statement"].split()[1:3]
    assert told.answer.splitlines()[0] == f"intros {' '.join(names)} H1 H2."
    assert told.evidence["trace"][0][1] == f"{', '.join(names)} : Prop"
    assert DOMAIN.renamed(problem, Claim("exact X."), stream(1)) is None


@pytest.fixture
def language(monkeypatch):
    monkeypatch.setitem(LANGUAGES, "rocq", Language(rocq.lies, rocq.copy, rocq.variants, rocq.holds, rocq.CONCLUSIONS))


@needs_rocq
@pytest.mark.slow
@pytest.mark.usefixtures("language")
def test_conformance_of_the_domain():
    print(check_domain(DOMAIN, samples=4, oracle=Rocq(), checker=CHECKER))


@needs_rocq
@pytest.mark.slow
@pytest.mark.usefixtures("language")
def test_conformance_of_the_oracle():
    print(check_oracle("rocq", [DOMAIN.sample(stream("oracle", item)) for item in range(6)], CHECKER))
