"""Integers in a box that satisfy random linear constraints, some of them with "or" and "if": find them, or say unsat.

Each constraint is drawn by itself, so that a point of its own satisfies it, and nothing makes all of them agree. With
the default knobs about half of the systems have a solution, and both answers look alike from outside. The payload is
one script in QF_LIA of fixed layout, and nothing else: the English question is read back from it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem

NAMES = "xyzuvw"
MAX_SCRIPT = 20_000
"""Longest script read back, in characters."""

ANSWER = """\
Answer with one line that gives every unknown its value, in the order listed: for two unknowns such as x = 3, y = -12
If there are no such integers, answer with: unsat"""

_INTEGER = r"(0|[1-9][0-9]{0,19}|\(- [1-9][0-9]{0,19}\))"
_TERM = re.compile(rf"\(\* {_INTEGER} ([a-z])\)")
_ATOM = re.compile(rf"\((=|<=|>=|distinct) \(\+ ((?:\(\* {_INTEGER} [a-z]\) ?)+)\) {_INTEGER}\)")
_BOX = re.compile(r"\(assert \(<= \(- ([1-9][0-9]{0,3})\) x ([1-9][0-9]{0,3})\)\)")
_VALUE = r"(0|-?[1-9][0-9]{0,39})"

Atom: TypeAlias = tuple[list[tuple[int, str]], str, int]
"""Pairs of coefficient and name, the relation, the right-hand side."""

Constraint: TypeAlias = tuple[str, list[Atom]]
""""assert" and one atom, or "or" or "=>" and two."""


@dataclass(frozen=True)
class IntegerFeasibility(Domain):
    """The unknowns are from -bound to bound. `choices` of 100 constraints have two parts with "or" or "if" between."""

    name = "integer_feasibility"
    version = 1
    kind = "smtlib2"

    variables: int = 3
    constraints: int = 6
    bound: int = 9
    choices: int = 40

    def __post_init__(self) -> None:
        super().__post_init__()
        ranges = (("variables", 2, len(NAMES)), ("constraints", 1, 30), ("bound", 1, 1000), ("choices", 0, 100))
        for knob, low, high in ranges:
            if not low <= getattr(self, knob) <= high:
                raise ValueError(f"{knob} must be in {low}..{high}, not {getattr(self, knob)}")

    def sample(self, rng: random.Random) -> Problem:
        system: list[Constraint] = []
        while len(system) < self.constraints:
            connective = rng.choice(("or", "=>")) if rng.randrange(100) < self.choices else "assert"
            drawn = connective, [self._atom(rng) for _ in range(1 if connective == "assert" else 2)]
            if drawn not in system:
                system.append(drawn)
        return self.problem({"script": _encode(NAMES[: self.variables], self.bound, system)})

    def _atom(self, rng: random.Random) -> Atom:
        names = sorted(rng.sample(NAMES[: self.variables], rng.randint(2, min(3, self.variables))), key=NAMES.index)
        terms = [(rng.choice((-1, 1)) * rng.randint(1, 9), name) for name in names]
        right = sum(coefficient * rng.randint(-self.bound, self.bound) for coefficient, _ in terms)
        return terms, rng.choice(("=", "<=", "<=", ">=", ">=", "distinct")), right

    def english(self, problem: Problem) -> str:
        names, bound, system = _decode(problem)
        return (
            f"Find integers from -{bound} to {bound} that satisfy all constraints below. There is one on each line, "
            f'and != means "is not equal to".\n{ANSWER}\n\n'
            f"Unknowns: {' '.join(names)}\n" + "\n".join(map(_sentence, system))
        )

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        script = problem.payload["script"].rstrip()
        return f"Find a model of the script below, which is in SMT-LIB.\n{ANSWER}\n\n{script}"

    def render(self, problem: Problem, answer: Json) -> str:
        names, _, _ = _decode(problem)
        if answer == "unsat":
            return "unsat"
        try:
            line = ", ".join(f"{name} = {answer['sat'][name]}" for name in names)
        except (TypeError, KeyError, ValueError):
            raise MalformedAnswer("the answer is neither unsat nor an integer for each unknown") from None
        if self.parse(problem, line) != answer:
            raise MalformedAnswer("the answer is neither unsat nor an integer for each unknown and nothing else")
        return line

    def parse(self, problem: Problem, text: str) -> Json:
        names, _, _ = _decode(problem)
        text = text.strip(" \t\r\n")
        if text == "unsat":
            return "unsat"
        match = re.fullmatch(", ".join(f"{name} = {_VALUE}" for name in names), text)
        if match is None:
            form = ", ".join(f"{name} = …" for name in names)
            raise MalformedAnswer(f"neither unsat nor of the form {form} with integers of at most 40 digits")
        return {"sat": {name: int(value) for name, value in zip(names, match.groups(), strict=True)}}

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the unknowns permuted and the constraints in another order, the numbers in a Farkas certificate too.

        None for a claim that is neither a model nor such a certificate.
        """
        names, bound, system = _decode(problem)
        renaming = dict(zip(names, rng.sample(names, len(names)), strict=True))
        order = rng.sample(range(len(system)), len(system))
        after: list[Constraint] = []
        for connective, atoms in (system[place] for place in order):
            ours = [(_renamed(terms, renaming), relation, right) for terms, relation, right in atoms]
            after.append((connective, ours))
        places = [2 * names.index(renaming[name]) + side for name in names for side in (0, 1)]
        places += [2 * len(names) + order.index(place) for place in range(len(system))]
        answer, evidence = claim.answer, claim.evidence
        try:
            if answer == "unsat":
                evidence = {"farkas": [_renumbered(step, places, renaming) for step in evidence["farkas"]]}
            else:
                self.render(problem, answer)
                answer = {"sat": {renaming[name]: value for name, value in answer["sat"].items()}}
        except (MalformedAnswer, TypeError, KeyError, ValueError, IndexError):
            return None
        told = Claim(answer, evidence, claim.metrics)
        return self.problem({"script": _encode(names, bound, after)}), told


def _renamed(terms: Sequence[tuple[int, str]], renaming: dict[str, str]) -> list[tuple[int, str]]:
    ours = [(coefficient, renaming[name]) for coefficient, name in terms]
    return sorted(ours, key=lambda term: NAMES.index(term[1]))


def _renumbered(step: list[Json], places: Sequence[int], renaming: dict[str, str]) -> list[Json]:
    """A step of a certificate. Each bound of the box has a number in it, lower and upper, and then each constraint."""
    kind, *rest = step
    if kind == "split":
        return [kind, *[renaming[each] if isinstance(each, str) else each for each in rest]]
    factors = rest[1::2] if kind == "sum" else []
    numbers = [places[each] if each < len(places) else each for each in (rest[::2] if kind == "sum" else rest)]
    return [kind, *numbers] if kind == "cases" else [kind, *_woven(numbers, factors)]


def _woven(numbers: Sequence[int], factors: Sequence[int]) -> list[int]:
    return [each for pair in zip(numbers, factors, strict=True) for each in pair]


def _encode(names: str, bound: int, system: Sequence[Constraint]) -> str:
    lines = ["(set-logic QF_LIA)", *(f"(declare-const {name} Int)" for name in names)]
    lines += [f"(assert (<= (- {bound}) {name} {bound}))" for name in names]
    for connective, atoms in system:
        spelled = " ".join(map(_spelled, atoms))
        lines.append(f"(assert {spelled if connective == 'assert' else f'({connective} {spelled})'})")
    return "\n".join([*lines, "(check-sat)", "(get-model)", ""])


def _spelled(atom: Atom) -> str:
    terms, relation, right = atom
    products = " ".join(f"(* {_literal(coefficient)} {name})" for coefficient, name in terms)
    return f"({relation} (+ {products}) {_literal(right)})"


def _decode(problem: Problem) -> tuple[str, int, list[Constraint]]:
    """The unknowns, their bound, and the constraints. Raises MalformedProblem for what `_encode` did not write."""
    script = problem.payload.get("script")
    if not isinstance(script, str) or len(script) > MAX_SCRIPT:
        raise MalformedProblem(f"the payload has no script of at most {MAX_SCRIPT} characters")
    return _parts(script)


@lru_cache(maxsize=1)  # a record's prompt and its answers ask for the same script in a row
def _parts(script: str) -> tuple[str, int, list[Constraint]]:
    names = NAMES[: script.count("(declare-const ")]
    box = _BOX.search(script)
    system: list[Constraint] = []
    for line in script.split("\n")[1 + 2 * len(names) :]:
        atoms = [
            ([(_integer(factor), name) for factor, name in _TERM.findall(products)], relation, _integer(right))
            for relation, products, _, right in _ATOM.findall(line)
        ]
        if atoms:
            connective = "assert" if len(atoms) == 1 else "or" if line.startswith("(assert (or ") else "=>"
            system.append((connective, atoms))
    if not names or box is None or not system or _encode(names, int(box[1]), system) != script:
        raise MalformedProblem("the script is not a system of this domain")
    return names, int(box[1]), system


def _literal(value: int) -> str:
    return f"(- {-value})" if value < 0 else str(value)


def _integer(literal: str) -> int:
    return -int(literal[3:-1]) if literal[0] == "(" else int(literal)


def _sentence(constraint: Constraint) -> str:
    """Such as: if 3x - y <= 7 then x + z != 2."""
    connective, atoms = constraint
    spoken = [f"{_sum(terms)} {relation} {right}".replace("distinct", "!=") for terms, relation, right in atoms]
    if connective == "=>":
        return f"if {spoken[0]} then {spoken[1]}"
    return " or ".join(spoken)


def _sum(terms: Sequence[tuple[int, str]]) -> str:
    text = ""
    for coefficient, name in terms:
        sign = ("-" if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
        text += f"{sign}{'' if abs(coefficient) == 1 else abs(coefficient)}{name}"
    return text


PLUGINS = (IntegerFeasibility,)
