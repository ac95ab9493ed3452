"""The text of a proof in Lean 4 that a family asks for: a tactic block in a small vocabulary, and nothing around it.

A word is a tactic or keyword of the lists below, a word of the problem, or a name that the proof introduces: one small
letter, or h or ih and something more. This is much less than Lean knows; it is what tells a proof from prose.
"""

from __future__ import annotations

import re

from neurosym.core import Json, MalformedAnswer, MalformedProblem, Problem

MAX_CHARACTERS = 20_000

ANSWER = """\
Answer with the tactic block alone, as it would stand after `by`, in Lean 4 and without any library. \
Name what you introduce by one small letter, or by h or ih and digits, as in h1."""

_TACTICS = frozenset((
    "intro", "intros", "exact", "apply", "refine", "constructor", "cases", "induction", "rcases", "rintro", "obtain",
    "left", "right", "rw", "simp", "simpa", "simp_all", "dsimp", "rfl", "symm", "trivial", "assumption", "decide",
    "contradiction", "exfalso", "subst", "specialize", "generalize", "revert", "clear", "change", "show", "have",
    "let", "suffices", "calc", "omega", "all_goals", "any_goals", "try", "repeat", "first", "case", "next", "skip"
))  # fmt: skip
_WORDS = _TACTICS | frozenset((
    "by", "fun", "from", "with", "at", "only", "using", "this", "match", "generalizing", "inl", "inr", "zero", "succ",
    "absurd", "congrArg", "id", "True", "False", "Or.inl", "Or.inr", "And.intro", "Iff.intro", "False.elim",
    "Nat.succ", "True.intro", "Eq.symm", "Eq.trans", "mp", "mpr", "refl", "Iff", "And", "Or", "Not", "Eq", "Prop"
))  # fmt: skip
_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_][A-Za-z0-9_'₀-₉]*+(?:\.[A-Za-z0-9_']++)*+)|(?P<number>[0-9]++)"
    r"|[ \n()\[\]⟨⟩→↔∧∨¬,:=·|.;<>+*∀∃_@▸←-]"
)
_NAME = re.compile(r"[a-z][0-9₀-₉']*|i?h[a-z]?[0-9₀-₉']*|i?h_[a-z0-9_]+|_")
_PARTS = frozenset(["left", "right", "mp", "mpr", "elim", "symm", "trans", "1", "2", "inl", "inr"])


def parse_proof(problem: Problem, text: str) -> Json:
    """The proof that a text is. Raises MalformedAnswer, saying where it is none."""
    if len(text) > MAX_CHARACTERS:
        raise MalformedAnswer(f"{len(text)} characters, more than {MAX_CHARACTERS}")
    text = text.strip(" \n")
    known = _words_of(problem)
    place = 0
    first = ""
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise MalformedAnswer(f"{text[place : place + 10]!a} is in no proof that is asked for")
        place = match.end()
        word = match["word"]
        if word is not None and not _is_known(word, known):
            raise MalformedAnswer(f"{word[:40]!r} is neither a tactic nor a name of the kind asked for")
        first = first or match[0]
    if first not in _TACTICS:
        raise MalformedAnswer("a proof begins with a tactic" if first else "no proof")
    return text


def _is_known(word: str, known: frozenset[str]) -> bool:
    if word in _WORDS or word in known or _NAME.fullmatch(word):
        return True
    first, *parts = word.split(".")
    return bool(parts) and bool(_NAME.fullmatch(first)) and _PARTS.issuperset(parts)


def _words_of(problem: Problem) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z_][A-Za-z0-9_']*", f"{part(problem, 'header')} {part(problem, 'statement')}"))


def part(problem: Problem, name: str) -> str:
    """A text of the payload. Raises MalformedProblem where it is missing."""
    text = problem.payload.get(name)
    if not isinstance(text, str):
        raise MalformedProblem(f"the payload has no text {name!r}")
    return text


def render_proof(answer: Json) -> str:
    """The text of a proof. Raises MalformedAnswer for what is no text."""
    if not isinstance(answer, str):
        raise MalformedAnswer("a proof is a text")
    return answer.strip(" \n")


def lean_text(problem: Problem) -> str:
    """The problem as a Lean file that ends where the proof begins."""
    header = part(problem, "header")
    theorem = f"theorem goal : {part(problem, 'statement')} := by"
    return f"{header}\n\n{theorem}" if header else theorem
