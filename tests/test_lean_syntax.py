"""The allow-list of Lean's syntax: what is read, what is refused, and that nothing slips past the tokens."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels import lean_syntax
from neurosym_oracles._kernels.lean_syntax import Forbidden, Unread, read_header, read_source

many = settings(max_examples=200, deadline=None, derandomize=True)

CHARACTERS = "abhp.' \n()[]⟨⟩{}-/→∧¬:=,|·?_0«\"`@#%!\u0430"


@pytest.mark.parametrize(
    "text",
    [
        "intro h",
        "exact ⟨h.1, h.right⟩",
        "fun x => x",
        "refine ⟨?_, ?h⟩",
        "rw [← foo, bar]",
        "simp only [a] at h ⊢",
        "calc a = b := by rfl\n  _ = c := h",
        "n % 2 = 0",
        "· exact h₁",
        "rcases h with ⟨a, b⟩ | c",
    ],
)
def test_what_is_read(text):
    assert read_source(text).text == text


def test_names_are_handed_back():
    read = read_source("intro my_name h'\nexact foo.bar my_name (Nat.succ x)")
    assert read.names == {"my_name", "h'", "x"}
    assert read.tokens[:3] == ("intro", "my_name", "h'")


def test_comments_are_blanked_out():
    read = read_source('exact h -- a ) « " comment\n-- another')
    assert read.text.rstrip(" \n") == "exact h" and len(read.text) == 37 and read.tokens == ("exact", "h")


@pytest.mark.parametrize("word", sorted(lean_syntax.FORBIDDEN))
def test_forbidden_words(word):
    with pytest.raises(Forbidden, match="may not occur"):
        read_source(f"exact {word}")
    assert read_source(f"exact x{word}x foo.{word}").names == {f"x{word}x"}


@pytest.mark.parametrize("word", [*sorted(lean_syntax.FORBIDDEN_PARTS), "neurosym_x", "myneurosym"])
def test_forbidden_parts(word):
    for text in (word, f"Lean.{word}", f"{word}.x", f"a.{word}.b"):
        with pytest.raises(Forbidden):
            read_source(text)


@pytest.mark.parametrize("text", ["(", ")", ")(", "(]", "⟨)", "[⟨]⟩", "(()", "{", "a)", "‹a››"])
def test_brackets(text):
    with pytest.raises(Forbidden):
        read_source(text)


@pytest.mark.parametrize(
    "text",
    [
        "\t",
        "\r",
        "\0",
        "«a»",
        "a«",
        "'",
        "'a'",
        '"',
        "`a",
        "#eval",
        "a!",
        "a?",
        "a%",
        "%a",
        "a %b",
        "@[simp]",
        "$x",
        "/- -/",
        "/--1",
        "-/",
        "a/-b",
        "<-- x",
        "1x",
        "1'",
        "\u0430",
        "λ'",
        "é",
        "a\\b",
        "~",
        "&",
        "😀",
    ],
)
def test_what_is_not_read(text):
    with pytest.raises(Unread):
        read_source(text)


def test_sizes():
    with pytest.raises(Unread, match="characters"):
        read_source("a" * (lean_syntax.MAX_CHARACTERS + 1))
    deepest = lean_syntax.MAX_DEPTH
    read_source("(" * deepest + ")" * deepest)
    with pytest.raises(Unread, match="nested"):
        read_source("(" * (deepest + 1) + ")" * (deepest + 1))
    start = time.process_time()
    for text in ("(" * (1 << 20), "a " * (1 << 15), "a." * (1 << 15), "-" * (1 << 16), "a'" * (1 << 15)):
        with contextlib.suppress(Forbidden, Unread):
            read_source(text)
    assert time.process_time() - start < 2


@many
@given(st.text(CHARACTERS, max_size=30))
def test_what_is_let_through_keeps_its_place(text):
    try:
        read = read_source(text)
    except (Forbidden, Unread):
        return
    assert len(read.text) == len(text) and read.text.count("\n") == text.count("\n")
    assert "--" not in read.text and "/-" not in read.text and "-/" not in read.text
    assert not set(read.text) & set('«"`#\u0430!')
    opened = []
    for character in read.text:
        if character in "([{⟨":
            opened.append(character)
        elif character in ")]}⟩":
            assert opened and "([{⟨".index(opened.pop()) == ")]}⟩".index(character)
    assert not opened
    assert "".join(read.tokens) == "".join(read.text.split())


def test_headers():
    header = read_header(
        "import Mathlib\nimport Aesop\nset_option maxHeartbeats 400000\nopen Nat Real\n\n-- a comment )\n"
        "namespace Foo\n@[simp] theorem one : 1 = 1 := by\n  rfl\ninductive Tree where\n"
        "  | leaf\n  | node (l r : Tree)\n"
        "def f : Nat → Nat\n| .zero => .zero\n| .succ n => n\nend Foo\nopen Foo"
    )
    assert header.imports == ("Mathlib", "Aesop")
    assert header.context.split("\n") == [
        "set_option maxHeartbeats 400000",
        "open Nat Real",
        "namespace Foo",
        "end Foo",
        "open Foo",
    ]
    assert "@[simp] theorem one : 1 = 1 := by\n  rfl\n" in header.body and "import" not in header.body
    assert {"Tree", "f", "one"} <= header.names
    assert read_header("") == ((), "", "", frozenset())


@pytest.mark.parametrize(
    "text",
    [
        "axiom a : False",
        "set_option debug.skipKernelTC true",
        "set_option maxHeartbeats 1 in rfl",
        "theorem a : b := set_option maxHeartbeats 1 in rfl",
        "theorem a : b :=\n  open Foo in rfl",
        "def a := 1 import B",
        "macro x",
        "notation x",
        "variable (n : Nat)",
        "theorem a : b := sorry",
        "theorem a : b := by native_decide",
        "unsafe def a := 1",
        "theorem neurosym_a : b := c",
        "import neurosym_proofs",
        "elab x",
        "opaque a : False",
    ],
)
def test_forbidden_headers(text):
    with pytest.raises(Forbidden):
        read_header(text)


@pytest.mark.parametrize(
    "text",
    [
        "#eval 1",
        "@[extern x] def a := 1",
        "foo bar",
        "(x)",
        "theorem a : b := rfl\nfoo",
        "open A\nimport B",
        "/- -/",
        "import A B",
        "@[csimp] theorem a : b := c",
    ],
)
def test_headers_that_are_not_read(text):
    with pytest.raises((Unread, Forbidden)):
        read_header(text)


def test_the_longest_text():
    assert read_source(" " * (1 << 16)).tokens == ()
    with pytest.raises(Unread, match="more than"):
        read_source(" " * ((1 << 16) + 1))
