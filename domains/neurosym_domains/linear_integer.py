"""Systems of linear constraints over the integers: find integers that satisfy every line.

Each constraint is drawn so that a hidden solution, drawn first, satisfies it; a system that all zeros solve is drawn
again. Any solution is a right answer. The payload is one script in QF_LIA of fixed layout, and nothing else: the
English question is read back from it.
"""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem

NAMES = "xyzuvwpqrs"
MOST_TERMS = 4
MAX_SCRIPT = 10_000
"""Longest script read back, in characters."""

ANSWER = """\
Answer with one line that gives every unknown its value, in the order listed: for two unknowns such as x = 3, y = -12"""
ENGLISH = f"""\
Find integers that satisfy all constraints below. There is one on each line, and != means "is not equal to".
{ANSWER}

"""
FORMAL = f"""\
Find a model of the script below, which is in SMT-LIB.
{ANSWER}

"""

_HOLDS = {"=": operator.eq, "<=": operator.le, ">=": operator.ge, "distinct": operator.ne}
_INTEGER = r"(0|[1-9][0-9]*|\(- [1-9][0-9]*\))"
_TERM = re.compile(rf"\(\* {_INTEGER} ([a-z])\)")
_CONSTRAINT = re.compile(rf"\(assert \((=|<=|>=|distinct) \(\+ (.+)\) {_INTEGER}\)\)")
_VALUE = r"(0|-?[1-9][0-9]{0,39})"

Constraint: TypeAlias = tuple[Sequence[tuple[int, str]], str, int]
"""Pairs of coefficient and name, the relation, the right-hand side."""


@dataclass(frozen=True)
class LinearInteger(Domain):
    """`bound` is the largest magnitude of a coefficient, of a hidden value, and of what an inequality leaves free."""

    name = "linear_integer"
    version = 2
    kind = "smtlib2"

    variables: int = 3
    constraints: int = 4
    bound: int = 9

    def __post_init__(self) -> None:
        super().__post_init__()
        for knob, low, high in (("variables", 2, len(NAMES)), ("constraints", 1, 20), ("bound", 1, 1000)):
            if not low <= getattr(self, knob) <= high:
                raise ValueError(f"{knob} must be in {low}..{high}, not {getattr(self, knob)}")

    def sample(self, rng: random.Random) -> Problem:
        names = NAMES[: self.variables]
        while True:
            hidden = {name: rng.randint(-self.bound, self.bound) for name in names}
            system = [self._constraint(rng, hidden) for _ in range(self.constraints)]
            if not all(_HOLDS[relation](0, right) for _, relation, right in system):
                return self.problem({"script": _encode(names, system)})

    def _constraint(self, rng: random.Random, hidden: Mapping[str, int]) -> Constraint:
        names = sorted(rng.sample(list(hidden), rng.randint(2, min(len(hidden), MOST_TERMS))), key=NAMES.index)
        terms = [(rng.choice((-1, 1)) * rng.randint(1, self.bound), name) for name in names]
        value = sum(coefficient * hidden[name] for coefficient, name in terms)
        free = rng.randint(0, self.bound)
        relation, right = rng.choice(
            (
                ("=", value),
                ("<=", value + free),
                ("<=", value + free),
                (">=", value - free),
                (">=", value - free),
                ("distinct", value + rng.choice((-1, 1)) * max(1, free)),
            )
        )
        return terms, relation, right

    def english(self, problem: Problem) -> str:
        names, system = _decode(problem)
        constraints = "\n".join(
            f"{_sum(terms)} {'!=' if relation == 'distinct' else relation} {right}" for terms, relation, right in system
        )
        return f"{ENGLISH}Unknowns: {' '.join(names)}\n{constraints}"

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['script'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        names, _ = _decode(problem)
        try:
            line = ", ".join(f"{name} = {answer['sat'][name]}" for name in names)
        except (TypeError, KeyError, ValueError):
            raise MalformedAnswer("the answer is not an integer for each unknown") from None
        if self.parse(problem, line) != answer:
            raise MalformedAnswer("the answer is not an integer for each unknown and nothing else")
        return line

    def parse(self, problem: Problem, text: str) -> Json:
        names, _ = _decode(problem)
        match = re.fullmatch(", ".join(f"{name} = {_VALUE}" for name in names), text.strip(" \t\r\n"))
        if match is None:
            form = ", ".join(f"{name} = …" for name in names)
            raise MalformedAnswer(f"not of the form {form} with integers of at most 40 digits")
        return {"sat": {name: int(value) for name, value in zip(names, match.groups(), strict=True)}}

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the unknowns permuted and the constraints in another order. None for a claim that is not a model."""
        names, system = _decode(problem)
        renaming = dict(zip(names, rng.sample(names, len(names)), strict=True))
        try:
            self.render(problem, claim.answer)
        except MalformedAnswer:
            return None
        renamed: list[Constraint] = []
        for terms, relation, right in rng.sample(system, len(system)):
            ours = [(coefficient, renaming[name]) for coefficient, name in terms]
            renamed.append((sorted(ours, key=lambda term: NAMES.index(term[1])), relation, right))
        model = {renaming[name]: value for name, value in claim.answer["sat"].items()}
        return self.problem({"script": _encode(names, renamed)}), Claim({"sat": model}, metrics=claim.metrics)


def _encode(names: str, system: Sequence[Constraint]) -> str:
    lines = ["(set-logic QF_LIA)", *(f"(declare-const {name} Int)" for name in names)]
    for terms, relation, right in system:
        products = " ".join(f"(* {_literal(coefficient)} {name})" for coefficient, name in terms)
        lines.append(f"(assert ({relation} (+ {products}) {_literal(right)}))")
    return "\n".join([*lines, "(check-sat)", "(get-model)", ""])


def _decode(problem: Problem) -> tuple[str, list[Constraint]]:
    """The unknowns and the constraints. Raises MalformedProblem for a script that `_encode` did not write."""
    script = problem.payload.get("script")
    if not isinstance(script, str) or len(script) > MAX_SCRIPT:
        raise MalformedProblem(f"the payload has no script of at most {MAX_SCRIPT} characters")
    return _parts(script)


@lru_cache(maxsize=1)  # a record's prompt and its answers ask for the same script in a row
def _parts(script: str) -> tuple[str, list[Constraint]]:
    names = NAMES[: script.count("(declare-const ")]
    system: list[Constraint] = [
        ([(_integer(coefficient), name) for coefficient, name in _TERM.findall(products)], relation, _integer(right))
        for relation, products, right in _CONSTRAINT.findall(script)
    ]
    if not names or not system or _encode(names, system) != script:
        raise MalformedProblem("the script is not a system of this domain")
    return names, system


def _literal(value: int) -> str:
    return f"(- {-value})" if value < 0 else str(value)


def _integer(literal: str) -> int:
    if len(literal) > 20:
        raise MalformedProblem("the script is not a system of this domain: a number is too long")
    return -int(literal[3:-1]) if literal[0] == "(" else int(literal)


def _sum(terms: Sequence[tuple[int, str]]) -> str:
    """Such as 3x - 2y + z."""
    text = ""
    for coefficient, name in terms:
        sign = ("-" if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
        text += f"{sign}{'' if abs(coefficient) == 1 else abs(coefficient)}{name}"
    return text


PLUGINS = (LinearInteger,)
