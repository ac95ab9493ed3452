"""Lies about theorems in Lean 4, and renamed copies of them, from their texts alone."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import product

from neurosym.core import Claim, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some

CONCLUSIONS = ("provable",)

_QUANTIFIED = re.compile(r"∀ ([a-z](?: [a-z])*) : (Prop|Nat), ([^∀∃]*)", re.DOTALL)
_WORD = re.compile(r"(?<![\w'.])[a-z](?![\w'])")

_LOOKALIKES = str.maketrans("aceiop", "\u0430\u0441\u0435\u0456\u043e\u0440")

_FORGED = (
    ("sorry", "sorry"),
    ("sorry inside", "exact sorry"),
    ("the axiom behind sorry", "exact sorryAx _ true"),
    ("an axiom beside it", "exact evil\naxiom evil : {statement}"),
    ("the rest not checked", "sorry\n#exit"),
    ("no kernel", "set_option debug.skipKernelTC true in decide"),
    ("no kernel, as a term", "(set_option debug.skipKernelTC true in by decide)"),
    ("compiled code believed", "native_decide"),
    ("brackets closed", "trivial) theorem x : 1 = 1 := (rfl"),
    ("a theorem of its own", "theorem x : True := trivial"),
    ("a comment", "-- proved"),
    ("a comment never closed", "/- proved"),
    ("code that runs", "run_tac pure ()"),
    ("a word that says so", "proved"),
    ("nothing", "skip"),
    ("itself", "exact this"),
    ("a hole", "exact _"),
    ("a named hole", "refine ?x"),
    ("an option", "decide +kernel"),
    ("another's theorem", "exact neurosym_audit"),
)
"""Proofs of nothing, each with its name."""


def copy(problem: Problem, rng: random.Random) -> Problem | None:
    """The same statement with its variables renamed, and quantified in another order."""
    match = _QUANTIFIED.fullmatch(problem.payload["statement"])
    if match is None or set(problem.payload) != {"header", "statement"}:
        return None
    names: list[str] = match[1].split(" ")
    images: dict[str, str] = dict(zip(names, rng.sample("abcdefghijklmnopqrstuvwxyz", len(names)), strict=True))
    quantified = rng.sample(names, len(names))
    body = _WORD.sub(lambda found: images.get(found[0], found[0]), match[3])
    return _stated(problem, f"∀ {' '.join(images[name] for name in quantified)} : {match[2]}, {body}")


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The statement with one more hypothesis, and for one more variable."""
    match = _QUANTIFIED.fullmatch(problem.payload["statement"])
    if match is not None:
        yield _stated(problem, f"∀ {match[1]} : {match[2]}, True → {match[3]}")
        yield _stated(problem, f"∀ {match[1]} zz : {match[2]}, {match[3]}")
    yield Problem(problem.domain, problem.kind, {**problem.payload, "header": "theorem one : 1 = 1 := rfl"})


def _stated(problem: Problem, statement: str) -> Problem:
    return Problem(problem.domain, problem.kind, {**problem.payload, "statement": statement})


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Proofs that prove nothing, and mutations of a proof that was right."""
    statement: str = problem.payload["statement"]
    for name, text in _FORGED:
        yield Lie(name, Claim(text.replace("{statement}", statement)), True)
    for shape in (*OTHER_SHAPES, [claim.answer], {"proof": claim.answer}):
        yield Lie("not the shape of a proof", Claim(shape), True)
    if not isinstance(claim.answer, str):
        return
    for name, text in (
        ("prose before", f"Here is the proof:\n{claim.answer}"),
        ("prose after", f"{claim.answer}\nThis proves the theorem."),
        ("a fence", f"```lean\n{claim.answer}\n```"),
        ("twice", f"{claim.answer}\n{claim.answer}"),
        ("then sorry", f"{claim.answer}\nsorry"),
        ("homoglyph", claim.answer.translate(_LOOKALIKES)),
        ("bracket left open", f"({claim.answer}"),
    ):
        yield Lie(name, Claim(text), True)
    lines = claim.answer.split("\n")
    for number in some(rng, range(len(lines)), 4):
        yield Lie("a line left out", Claim("\n".join(lines[:number] + lines[number + 1 :])), False)
        yield Lie("cut off", Claim("\n".join(lines[:number])), False)
    words = claim.answer.split(" ")
    for number in some(rng, range(len(words)), 4):
        changed = [*words[:number], rng.choice(words), *words[number + 1 :]]
        yield Lie("a word exchanged", Claim(" ".join(changed)), False)


def holds(problem: Problem, claim: Claim) -> bool | None:
    """False where no proof can be right: a propositional statement with a false instance. None elsewhere."""
    match = _QUANTIFIED.fullmatch(problem.payload["statement"])
    if not isinstance(claim.answer, str):
        return False
    if match is None or match[2] != "Prop":
        return None
    names: list[str] = match[1].split(" ")
    return None if all(_value(match[3], dict(zip(names, row, strict=True))) for row in _rows(len(names))) else False


def _rows(count: int) -> Iterator[tuple[bool, ...]]:
    return product((False, True), repeat=count)


def _value(text: str, values: dict[str, bool]) -> bool:
    """The truth of a formula, by rewriting its innermost brackets."""
    text = _WORD.sub(lambda found: "1" if values[found[0]] else "0", text).replace("False", "0").replace(" ", "")
    while not text.isdigit() or len(text) > 1:
        shorter = re.sub(r"\(([^()]*)\)", lambda found: _flat(found[1]), text)
        text = shorter if shorter != text else _flat(text)
    return text == "1"


def _flat(text: str) -> str:
    """The truth of a formula without brackets."""
    text = text.replace("¬¬", "")
    text = text.replace("¬0", "1").replace("¬1", "0")
    for symbol in "↔→":
        left, found, right = text.partition(symbol)
        if found:
            one, other = _flat(left), _flat(right)
            return str(int(one == other)) if symbol == "↔" else str(int(one == "0" or other == "1"))
    if "∨" in text:
        return str(int(any(_flat(part) == "1" for part in text.split("∨"))))
    if "∧" in text:
        return str(int(all(_flat(part) == "1" for part in text.split("∧"))))
    if text not in ("0", "1"):
        raise ValueError(f"not a formula: {text[:40]!r}")
    return text
