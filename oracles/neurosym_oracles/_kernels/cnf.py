"""Formulas in conjunctive normal form: a strict reader of DIMACS text, and the evaluation of a model.

Contract: `parse_dimacs` reads the format of the Second DIMACS Challenge ("Satisfiability: Suggested Format", 1993)
and nothing else: lines that start with c are comments, one header `p cnf <variables> <clauses>`, then exactly that
many clauses, each a list of literals closed by 0. The trailer of the SATLIB collection (a line %, a line 0) may
follow. Empty clauses, no clauses, no variables, repeated and complementary literals are all in the format.

`Finding`, `Outcome` and `Meter` are shared by the kernels that replay proofs (`drat`, `lrat`).
"""

from __future__ import annotations

import re
import time
from enum import Enum
from typing import NamedTuple

MAX_CHARACTERS = 16 << 20
"""Longest DIMACS text that is read."""

MAX_VARIABLES = 1_000_000
"""Most variables of a formula: more than any that Python can replay a proof for."""


class Outcome(Enum):
    HOLDS = "holds"
    FAILS = "fails"
    MALFORMED = "malformed"
    UNPROVED = "unproved"  # the evidence does not show the claim, and says nothing against it
    EXHAUSTED = "exhausted"
    TOO_LARGE = "too large"


class Finding(NamedTuple):
    """What a kernel found of a claim, and why."""

    outcome: Outcome
    detail: str


class Formula(NamedTuple):
    """Clauses over the variables 1…variables, as written: a literal is a variable or its negative."""

    variables: int
    clauses: list[tuple[int, ...]]


class DimacsError(ValueError):
    """The text is not DIMACS CNF."""


class TooLarge(ValueError):
    """The text may well be DIMACS CNF, of a size that is not read."""


class Exhausted(Exception):
    """A replay is out of steps or out of time."""


class Meter:
    """The effort that a replay may spend: `steps` visits of literals, and `seconds` of wall clock as a guard."""

    INTERVAL = 20_000

    def __init__(self, steps: int, seconds: float) -> None:
        self.steps = steps
        self.seconds = seconds
        self._deadline = time.monotonic() + seconds

    def renew(self, done: int) -> int:
        """Up to how many steps to go on before asking again. Raises Exhausted."""
        if done > self.steps:
            raise Exhausted(f"not replayed within {self.steps} steps")
        if time.monotonic() > self._deadline:
            raise Exhausted(f"not replayed within {self.seconds} seconds")
        return min(self.steps, done + self.INTERVAL)


# Only ASCII digits, no plus sign, no underscore, no leading zero: Python's int() would take all of these.
# Possessive quantifiers (++, *+) never backtrack, so that matching takes linear time.
_COMMENT = re.compile(r"^c[^\n]*+\n?", re.MULTILINE)
_HEADER = re.compile(r"[ \t\r\n]*+p[ \t]++cnf[ \t]++(0|[1-9][0-9]{0,17})[ \t]++(0|[1-9][0-9]{0,17})[ \t\r]*+(?=\n|\Z)")
_LITERAL = re.compile(r"0|-?[1-9][0-9]{0,6}")
_BODY = re.compile(r"(?:[ \t\r\n]++(?:0|-?[1-9][0-9]{0,6}+))*+[ \t\r\n]*+")
_SATLIB_TRAILER = re.compile(r"^%[ \t\r]*+\n0[ \t\r\n]*+\Z", re.MULTILINE)


def parse_dimacs(text: str) -> Formula:
    """The formula that a DIMACS text spells. Raises DimacsError, naming what is wrong, and TooLarge."""
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(f"{len(text)} characters of DIMACS, more than {MAX_CHARACTERS}")
    if "\0" in text:
        raise DimacsError("NUL character: not a text")
    if text.startswith("c") or "\nc" in text:
        text = _COMMENT.sub("", text)
    header = _HEADER.match(text)
    if header is None:
        raise DimacsError(f"no header 'p cnf <variables> <clauses>', but {text.lstrip()[:40]!r}")
    variables, count = int(header[1]), int(header[2])
    if variables > MAX_VARIABLES:
        raise TooLarge(f"{variables} variables, more than {MAX_VARIABLES}")
    body = text[header.end() :]
    if "%" in body:
        body = _SATLIB_TRAILER.sub("", body)
    if not _BODY.fullmatch(body):
        bad = next(token for token in re.findall(r"[^ \t\r\n]+", body) if not _LITERAL.fullmatch(token))
        raise DimacsError(f"not a literal: {bad[:40]!r}")
    literals = list(map(int, body.split()))
    if literals and literals[-1]:
        raise DimacsError("the last clause is not closed by 0")
    if literals.count(0) != count:
        raise DimacsError(f"{literals.count(0)} clauses, but the header says {count}")
    if literals and max(max(literals), -min(literals)) > variables:
        raise DimacsError(f"variable {max(max(literals), -min(literals))}, but the header says {variables}")
    clauses, start = [], 0
    for _ in range(count):
        end = literals.index(0, start)
        clauses.append(tuple(literals[start:end]))
        start = end + 1
    return Formula(variables, clauses)


def check_model(formula: Formula, model: object) -> Finding:
    """Whether `model`, a list that has each variable once as a literal, makes every clause true."""
    variables = formula.variables
    if not isinstance(model, list) or len(model) != variables:
        return Finding(Outcome.MALFORMED, f"a model is a list of {variables} literals, one for each variable")
    if not set(map(type, model)) <= {int}:  # the exact type: True and 1.0 equal 1
        return Finding(Outcome.MALFORMED, "a literal of the model is not an integer")
    if len(set(map(abs, model)).intersection(range(1, variables + 1))) != variables:
        return Finding(Outcome.MALFORMED, f"the model does not set each of the variables 1 to {variables} once")
    true = set(model)
    for number, clause in enumerate(formula.clauses, 1):
        if true.isdisjoint(clause):
            shown = " ".join(map(str, clause[:12])) + (" …" if len(clause) > 12 else "")
            return Finding(Outcome.FAILS, f"clause {number} is false: {shown} 0")
    return Finding(Outcome.HOLDS, f"the model satisfies {len(formula.clauses)} clauses")
