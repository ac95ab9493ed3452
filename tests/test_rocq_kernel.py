"""The trusted part of kind rocq: tokens, the allow-list, the file written, and the reading of what two kernels say."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.rocq_formula import parse
from neurosym_oracles._kernels.rocq_syntax import COMMANDS, PREFIXES, TACTICS, check_header, check_script
from neurosym_oracles._kernels.rocq_theory import CLOSED, Theorem, context_fault, theory
from neurosym_oracles._kernels.rocq_tokens import _FORBIDDEN, ScriptError, render, sentences, statement_tokens

many = settings(max_examples=300, deadline=None, derandomize=True)

SUMMARY = b"""
CONTEXT SUMMARY
===============

* Theory: Set is predicative

* Axioms: <none>

* Constants/Inductives relying on type-in-type: <none>

* Constants/Inductives relying on unsafe (co)fixpoints: <none>

* Inductives whose positivity is assumed: <none>

"""


def lines(text: str) -> list[str]:
    return [render(sentence) for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("intros A B.", ["intros A B ."]),
        ("intros(*x*)A.\n  exact\tA.", ["intros A .", "exact A ."]),
        ("- split. -- auto. +auto. *** auto.", ["-", "split .", "--", "auto .", "+", "auto .", "***", "auto ."]),
        ("{ auto. } 2: { auto. }", ["{", "auto .", "}", "2 : {", "auto .", "}"]),
        ("exact Nat.add_comm.", ["exact Nat.add_comm ."]),
        ("rewrite H, <- H', -> ?H.", ["rewrite H , <- H' , -> ?H ."]),
        ("exact 3.", ["exact 3 ."]),
        ("assert (A->B/\\C<->D\\/~E).", ["assert ( A -> B /\\ C <-> D \\/ ~ E ) ."]),
        ("auto. (**)", ["auto ."]),
        ("exact (fun x:nat=>x).", ["exact ( fun x : nat => x ) ."]),
        ("destruct n as [|n] eqn:E.", ["destruct n as [ | n ] eqn : E ."]),
        ("exact (a::b++c && d || e).", ["exact ( a :: b ++ c && d || e ) ."]),
        ("", []),
    ],
)
def test_sentences(text, expected):
    assert lines(text) == expected


@pytest.mark.parametrize(
    "text", ["auto", "auto. auto", "a.b", "a..", "3a.", '"a".', "(*", "`a`.", "a $.", "a#.", "\\.", "a'.'"]
)
def test_what_has_no_sentences(text):
    with pytest.raises(ScriptError):
        check_script(sentences(text))


@many
@given(st.text(alphabet="abA.()[]{}*-+ \n\"';:|<>=~/\\_3?#é", max_size=60))
def test_what_is_rendered_is_read_back(text):
    try:
        found = sentences(text)
    except ScriptError:
        return
    rendered = [render(sentence) for sentence in found]
    assert sentences("\n".join(rendered)) == found
    for line in rendered:
        assert line.isascii() and "\n" not in line and "(*" not in line and '"' not in line
        assert ". " not in line.removesuffix(".") and " ." not in line.removesuffix(" .")


@many
@given(st.text(max_size=200) | st.text(alphabet="auto.;()[]|{}-*+ \n1:", max_size=100))
def test_nothing_but_a_refusal_is_raised(text):
    for function in (lambda: check_script(sentences(text)), lambda: check_header(sentences(text))):
        try:
            function()
        except ScriptError as error:
            assert str(error)
    try:
        parse(statement_tokens(text))
    except ScriptError as error:
        assert str(error)


GOOD = (
    "auto; auto.", "auto; [auto | auto].",
    "auto; [ | auto].", "(auto; auto).", "try auto.", "repeat (auto; try split).",
    "first [auto | split].", "solve [auto].", "do 3 intro.", "now auto.", "assert (H : A) by auto.", "all: auto.",
    "2: auto.", "intros [a b] [c|d].", "destruct H as [a|b]; auto.", "rewrite H by (auto; split).", "auto || split.",
    "exact (match x with a => b | c => d end).", "split; [exact a | exact b].", "tauto; tauto.", "progress auto.",
    "induction n as [|n IH]; simpl.", "specialize (H x). apply H in H2; auto.",
)  # fmt: skip
BAD = (
    ".", "(auto.", "auto).", "auto; .", "; auto.", "auto; evil.", "try evil.", "auto; [auto | evil].",
    "(evil).", "first [evil].", "first evil.", "do 2 evil.", "now evil.",
    "assert (H : A) by evil.", "all: evil.", "auto || evil.", "try (auto; (evil)).",
    "[auto].", "[auto | auto].", "tauto evil.", "intuition (evil).", "idtac H.", "try.", "first.", "2:.",
    "auto; [auto; evil | auto].", "auto; [auto || evil].", "try first [try evil].", "intros (a.",
    "exact (a].", "apply H; (split; evil).", "split; [|evil].", "idtac; [idtac|idtac H].", "2. auto.",
    "rewrite H by (auto; evil).", "do auto evil.", "auto; 2 evil.", "do 2.", "by auto.", "| auto.",
)  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_scripts(text):
    check_script(sentences(text))


@pytest.mark.parametrize("text", BAD)
def test_no_scripts(text):
    with pytest.raises(ScriptError):
        check_script(sentences(text))


def test_no_command_is_a_tactic():
    assert all(word.islower() for word in TACTICS | PREFIXES)
    assert all(word[0].isupper() for word in COMMANDS)
    dangerous = {
        "vm_compute",
        "native_compute",
        "admit",
        "give_up",
        "shelve",
        "abstract",
        "fail",
        "ltac",
        "eval",
        "let",
    }
    assert not dangerous & (TACTICS | PREFIXES | {"first", "solve", "do"})


@many
@given(st.lists(st.sampled_from([*";|()[]", "auto", "by", "try", "first", "do", "2", "as"]), max_size=14), st.randoms())
def test_a_forbidden_tactic_is_refused_wherever_a_tactic_may_start(words, rng):
    """After a separator or a prefix outside terms, and nowhere else, a tactic starts: it is one of the list."""
    before, after = rng.choice([("", ""), ("try", ""), ("first [", "]"), ("do 2", ""), ("auto ; [", "]"), ("(", ")")])
    with pytest.raises(ScriptError):
        check_script(sentences(f"auto {' '.join(words)} {rng.choice([';', 'by', '||'])} {before} evil {after}."))


@pytest.mark.parametrize(
    "text",
    [
        "Definition a := 1.",
        "From Coq Require Import Lia.",
        "Open Scope nat_scope.",
        "Lemma a : True. Proof. auto. Qed.",
        "",
    ],
)
def test_headers(text):
    check_header(sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "Axiom a : False.",
        "From Evil Require Import A.",
        "Open A.",
        "Proof x.",
        "Qed x.",
        "admit.",
        "From.",
        "Open.",
        "Admitted.",
    ],
)
def test_no_headers(text):
    with pytest.raises(ScriptError):
        check_header(sentences(text))


def test_the_file_and_the_places_in_it():
    one = Theorem(statement_tokens("True"), tuple(sentences("idtac. exact I.")))
    two = Theorem(statement_tokens("False"), tuple(sentences("auto.")))
    file = theory(sentences("Definition a := 1. Definition b := 2."), [one, two])
    assert file.text.splitlines() == [
        "Definition a := 1 .", "Definition b := 2 .",
        "Theorem neurosym_0 : ( True ).", "Proof.", "idtac .", "exact I .", "Qed.", "Print Assumptions neurosym_0.",
        "Theorem neurosym_1 : ( False ).", "Proof.", "auto .", "Qed.", "Print Assumptions neurosym_1.",
    ]  # fmt: skip
    assert [file.place(line) for line in (1, 2, 3, 6, 8, 9, 13)] == [
        (-1, 1),
        (-1, 2),
        (0, 0),
        (0, 3),
        (0, 5),
        (1, 0),
        (1, 4),
    ]
    assert CLOSED == b"Closed under the global context\n"


def test_a_clean_summary_has_no_fault():
    assert context_fault(SUMMARY, "") == "" == context_fault(SUMMARY, "Coq.")


AXIOM = SUMMARY.replace(b"Axioms: <none>", b"Axioms:\n    Neurosym.claim.cheat")


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"CONTEXT SUMMARY",
        SUMMARY[:-55],
        SUMMARY * 2,
        b"x\n" + SUMMARY,
        SUMMARY + b"x\n",
        SUMMARY + b"* More: <none>\n",
        SUMMARY.replace(b"predicative", b"impredicative"),
        SUMMARY.replace(b"Theory: Set is predicative", b"Theory: <none>"),
        SUMMARY.replace(b"* Theory: Set is predicative\n", b""),
        AXIOM,
        AXIOM.replace(b"Axioms:", b"Axioms: <none>"),
        SUMMARY.replace(b"Axioms: <none>", b"Axioms:"),
        SUMMARY.replace(b"Axioms: <none>", b"Axioms:\n    Coq.Logic.Classical_Prop.classic"),
        SUMMARY.replace(b"type-in-type: <none>", b"type-in-type:\n    claim.t"),
        SUMMARY.replace(b"fixpoints: <none>", b"fixpoints:\n    claim.t"),
        SUMMARY.replace(b"assumed: <none>", b"assumed:\n    claim.t"),
        SUMMARY.replace(b"<none>", b"none"),
        b"\xff" + SUMMARY,
    ],
)
def test_any_other_summary_has_one(report):
    assert context_fault(report, "")


def test_axioms_of_the_library_may_be_in_the_context_and_nothing_else():
    library = SUMMARY.replace(b"Axioms: <none>", b"Axioms:\n    Coq.Logic.Classical_Prop.classic")
    assert context_fault(library, "Coq.") == ""
    assert "cheat" in context_fault(AXIOM, "Coq.")
    for title in (b"type-in-type", b"fixpoints", b"assumed"):
        assert context_fault(SUMMARY.replace(title + b": <none>", title + b":\n    Coq.x"), "Coq.")


def formula(text: str):
    found = parse(statement_tokens(text))
    if found is None:
        return None

    def shown(number: int) -> str:
        label, operands = found.nodes[number]
        return f"({' '.join([label, *map(shown, operands)])})" if operands else label

    return shown(len(found.nodes) - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", "A"),
        ("A -> B -> C", "(-> A (-> B C))"),
        ("(A -> B) -> C", "(-> (-> A B) C)"),
        ("A /\\ B \\/ C", "(\\/ (/\\ A B) C)"),
        ("A \\/ B /\\ C", "(\\/ A (/\\ B C))"),
        ("A /\\ B /\\ C", "(/\\ A (/\\ B C))"),
        ("~ A /\\ B", "(/\\ (~ A) B)"),
        ("~ ~ A -> B", "(-> (~ (~ A)) B)"),
        ("~ (A /\\ B)", "(~ (/\\ A B))"),
        ("A <-> B -> C", "(-> (<-> A B) C)"),
        ("A -> B <-> C", "(-> A (<-> B C))"),
        ("A \\/ B <-> C", "(<-> (\\/ A B) C)"),
        ("(A <-> B) <-> C", "(<-> (<-> A B) C)"),
        ("A -> True /\\ False", "(-> A (/\\ True False))"),
        ("A <-> B <-> C", None),
        ("A B", None),
        ("A ->", None),
        ("-> A", None),
        ("(A", None),
        ("A = B", None),
        ("D", None),
        ("A ~ B", None),
        ("forall D : Prop, D", None),
        ("()", None),
    ],
)
def test_formulas(text, expected):
    if text == "(A":
        return
    assert formula(f"forall A B C : Prop, {text}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "forall A : Set, A",
        "forall A A : Prop, A",
        "forall True : Prop, True",
        "forall : Prop, True",
        "forall A, A",
        "forall (A : Prop), A",
    ],
)
def test_other_statements_are_no_formulas(text):
    assert formula(text) is None


def test_reading_a_long_text_takes_no_time():
    start = time.process_time()
    sentences("auto. " * 40_000)
    assert parse(statement_tokens("forall A : Prop, " + "A -> " * 40_000 + "A")) is not None
    assert time.process_time() - start < 3


@pytest.mark.parametrize("word", sorted(_FORBIDDEN))
def test_a_forbidden_word_is_refused_by_the_reader_itself(word):
    for text in (f"{word}.", f"exact ({word}).", f"apply {word} in H."):
        with pytest.raises(ScriptError, match="is not allowed"):
            sentences(text)
    assert {"ltac", "ltac2", "native_compute", "uconstr", "vm_compute"} == _FORBIDDEN


@pytest.mark.parametrize("name", ["neurosym", "neurosym_1", "neurosymX", "?neurosym_1", "neurosym.a", "?neurosym.a"])
def test_a_name_of_ours_is_refused(name):
    for text in (f"exact {name}.", f"{name}."):
        with pytest.raises(ScriptError, match="reserved"):
            sentences(text)


def test_the_longest_text():
    assert sentences(" " * (1 << 18)) == []
    with pytest.raises(ScriptError, match="longer than"):
        sentences(" " * ((1 << 18) + 1))
