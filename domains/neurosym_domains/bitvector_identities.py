"""Bit-vector identities: do two expressions of machine arithmetic always agree, or do some values tell them apart?

The second expression is the first one rewritten by laws that hold, such as x + y = (x ^ y) + ((x & y) << 1); in half of
the problems one operator, constant or operand of it is then changed. Whether that matters is for the oracle to say:
many a change does not. The payload is one script in QF_BV of fixed layout, and nothing else: both questions are read
back from it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem

NAMES = "abcdefghjkmnpqrstuvwxyz"
MAX_SCRIPT = 10_000
"""Longest script read back, in characters."""
MAX_DEPTH = 60
"""Deepest nesting of a term read back."""

ANSWER = """\
If they are equal for all values, answer with: equal
Else answer with one line of values for which they differ, in the order listed: for two names such as x = 3, y = 12"""
FORMAL = f"""\
The script below, in SMT-LIB, asserts that two terms differ. Find a model.
{ANSWER}
(values are unsigned decimals, and equal says that there is no model)

"""

_SYMBOLS = {
    "bvadd": "+", "bvsub": "-", "bvmul": "*", "bvand": "&", "bvor": "|", "bvxor": "^", "bvshl": "<<", "bvlshr": ">>",
}  # fmt: skip
_PREFIXES = {"bvnot": "~", "bvneg": "-"}
_SHIFTS = ("bvshl", "bvlshr")
_OPERANDS = dict.fromkeys(_PREFIXES, 1) | dict.fromkeys(_SYMBOLS, 2)
_BINARY = ("bvadd", "bvsub", "bvand", "bvor", "bvxor")
_CONSTANT = re.compile(r"\(_ bv(0|[1-9][0-9]{0,2}) [4-8]\)")
_TOKEN = re.compile(r"[()]|[a-z]+|[0-9]+")
_SCRIPT = re.compile(
    r"\(set-logic QF_BV\)\n((?:\(declare-const [a-z] \(_ BitVec [4-8]\)\)\n)+)"
    r"\(assert \(distinct (.+)\)\)\n\(check-sat\)\n\(get-model\)\n"
)

Term: TypeAlias = "int | str | tuple[str, Term] | tuple[str, Term, Term]"
"""A constant, a name, or an operator with its operands."""


class Question(NamedTuple):
    names: str
    width: int
    left: Term
    right: Term


@dataclass(frozen=True)
class BitvectorIdentities(Domain):
    """`operations` counts the operators of the first expression, `laws` the rewritings that lead to the second."""

    name = "bitvector_identities"
    version = 1
    kind = "smtlib2"

    width: int = 6
    variables: int = 2
    operations: int = 3
    laws: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        for knob, low, high in (("width", 4, 8), ("variables", 1, 4), ("operations", 1, 6), ("laws", 1, 6)):
            if not low <= getattr(self, knob) <= high:
                raise ValueError(f"{knob} must be in {low}..{high}, not {getattr(self, knob)}")
        if self.operations < self.variables:
            raise ValueError(f"operations must be at least the number of variables, {self.variables}")

    def sample(self, rng: random.Random) -> Problem:
        names = "".join(sorted(rng.sample(NAMES, self.variables)))
        while True:
            left = self._drawn(rng, names, self.operations)
            right = left
            for _ in range(self.laws):
                places = [place for place in _places(right) if isinstance(_at(right, place), tuple)]
                place = rng.choice(places or [()])
                right = _replaced(right, place, rng.choice(_equals(_at(right, place), self.width)))
            if rng.random() < 0.5:
                place = rng.choice(list(_places(right)))
                right = _replaced(right, place, self._changed(rng, names, _at(right, place)))
            question = Question(names, self.width, left, right)
            script = _encode(question)
            if left != right and set(names) <= set(_leaves(left)) and len(script) <= MAX_SCRIPT:
                return self.problem({"script": script})

    def _drawn(self, rng: random.Random, names: str, operations: int) -> Term:
        if operations == 0:
            return rng.choice(names) if rng.random() < 0.85 else rng.randrange(1, 1 << self.width)
        kind = rng.random()
        if kind < 0.15:
            return rng.choice(tuple(_PREFIXES)), self._drawn(rng, names, operations - 1)
        if kind < 0.25:
            return rng.choice(_SHIFTS), self._drawn(rng, names, operations - 1), rng.randrange(1, self.width)
        if kind < 0.35:
            return "bvmul", self._drawn(rng, names, operations - 1), rng.choice((3, 5, 6, 7, 10))
        left = rng.randrange(operations)
        return (
            rng.choice(_BINARY),
            self._drawn(rng, names, left),
            self._drawn(rng, names, operations - 1 - left),
        )

    def _changed(self, rng: random.Random, names: str, term: Term) -> Term:
        """The term with another operator, operand or value at its top."""
        match term:
            case int():
                return rng.choice(
                    [each for each in (term - 1, term + 1, term ^ 1, term ^ 2) if 0 <= each < 1 << self.width]
                )
            case str():
                others: list[Term] = [name for name in names if name != term]
                return rng.choice(others or [("bvnot", term)])
            case (operator, operand):
                return rng.choice([operand, ("bvneg" if operator == "bvnot" else "bvnot", operand)])
            case (operator, left, int() as steps) if operator in _SHIFTS:
                return rng.choice([left, (_SHIFTS[operator == "bvshl"], left, steps)])
            case (operator, left, right):
                return rng.choice([(other, left, right) for other in _BINARY if other != operator])
        raise AssertionError(term)

    def english(self, problem: Problem) -> str:
        names, width, left, right = _decode(problem)
        return (
            f"{' and '.join(names) if len(names) < 3 else ', '.join(names)} "
            f"{'are numbers' if len(names) > 1 else 'is a number'} from 0 to {(1 << width) - 1}, of {width} bits. "
            f"Arithmetic is modulo {1 << width}, and the operators on bits are those of C: & | ^ ~ << >>, "
            "where shifts bring in zeros.\n"
            f"Do the two expressions below always have the same value?\n{ANSWER}\n\n{_infix(left)}\n{_infix(right)}"
        )

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['script'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        names = _decode(problem).names
        try:
            text = "equal"
            if answer != "unsat":
                text = ", ".join(f"{name} = {_number(answer['sat'][name])}" for name in names)
        except (TypeError, KeyError, ValueError):
            raise MalformedAnswer("the answer is neither unsat nor bits for each name") from None
        if self.parse(problem, text) != answer:
            raise MalformedAnswer("the answer is neither unsat nor bits for each name and nothing else")
        return text

    def parse(self, problem: Problem, text: str) -> Json:
        names, width, _, _ = _decode(problem)
        text = text.strip(" \t\r\n")
        if text == "equal":
            return "unsat"
        match = re.fullmatch(", ".join(f"{name} = (0|[1-9][0-9]{{0,2}})" for name in names), text)
        if match is None:
            raise MalformedAnswer(f"neither equal nor of the form {', '.join(f'{name} = …' for name in names)}")
        values = {name: int(value) for name, value in zip(names, match.groups(), strict=True)}
        for name, value in values.items():
            if value >> width:
                raise MalformedAnswer(f"{name} = {value} is no number of {width} bits")
        form = f"#b{{:0{width}b}}" if width % 4 else f"#x{{:0{width // 4}x}}"
        return {"sat": {name: form.format(value) for name, value in values.items()}}

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With other names. A proof of unsatisfiability names no name, so it holds for the renamed script too."""
        question = _decode(problem)
        try:
            self.render(problem, claim.answer)
        except MalformedAnswer:
            return None
        images = dict(zip(question.names, rng.sample(NAMES, len(question.names)), strict=True))
        script = _encode(question._replace(names="".join(images.values())), images)
        if claim.answer == "unsat":
            return self.problem({"script": script}), claim
        model = {images[name]: value for name, value in claim.answer["sat"].items()}
        return self.problem({"script": script}), Claim({"sat": model}, metrics=claim.metrics)


def _equals(term: Term, width: int) -> list[Term]:
    """Terms that have the same value whatever the names stand for, by one law each."""
    match term:
        case ("bvadd", x, y):
            carries: Term = ("bvshl", ("bvand", x, y), 1)
            return [
                ("bvadd", y, x),
                ("bvsub", x, ("bvneg", y)),
                ("bvadd", ("bvxor", x, y), carries),
                ("bvadd", ("bvor", x, y), ("bvand", x, y)),
            ]
        case ("bvsub", x, y):
            return [("bvadd", x, ("bvneg", y)), ("bvneg", ("bvsub", y, x)), ("bvnot", ("bvadd", ("bvnot", x), y))]
        case ("bvand", x, y):
            return [
                ("bvand", y, x),
                ("bvnot", ("bvor", ("bvnot", x), ("bvnot", y))),
                ("bvsub", x, ("bvand", x, ("bvnot", y))),
            ]
        case ("bvor", x, y):
            return [
                ("bvor", y, x),
                ("bvadd", ("bvand", x, ("bvnot", y)), y),
                ("bvadd", ("bvxor", x, y), ("bvand", x, y)),
            ]
        case ("bvxor", x, y):
            either: Term = ("bvor", ("bvand", x, ("bvnot", y)), ("bvand", ("bvnot", x), y))
            return [
                ("bvxor", y, x),
                ("bvsub", ("bvor", x, y), ("bvand", x, y)),
                ("bvnot", ("bvxor", x, ("bvnot", y))),
                either,
            ]
        case ("bvshl", x, 1):
            return [("bvadd", x, x)]
        case ("bvshl", x, int() as steps):
            return [("bvmul", x, 1 << steps), ("bvshl", ("bvshl", x, steps - 1), 1)]
        case ("bvlshr", x, int() as steps):
            kept: Term = ("bvlshr", ("bvand", x, (1 << width) - (1 << steps)), steps)
            return [kept, ("bvlshr", ("bvlshr", x, 1), steps - 1)] if steps > 1 else [kept]
        case ("bvmul", _, 0):
            return [0]
        case ("bvmul", x, 1):
            return [x]
        case ("bvmul", x, int() as factor):
            more = (factor + 1) % (1 << width)
            return [("bvadd", ("bvmul", x, factor - 1), x), ("bvsub", ("bvmul", x, more), x)]
        case ("bvnot", x):
            return [("bvsub", ("bvneg", x), 1), ("bvxor", x, (1 << width) - 1)]
        case ("bvneg", x):
            return [("bvadd", ("bvnot", x), 1), ("bvnot", ("bvsub", x, 1))]
    return [("bvnot", ("bvnot", term)), ("bvneg", ("bvneg", term))]


def _places(term: Term) -> Iterator[tuple[int, ...]]:
    """The way to each part, but for factors and numbers of steps: which operand to take, again and again."""
    yield ()
    if isinstance(term, tuple):
        for number, operand in enumerate(term[1:], 1):
            if not (term[0] in ("bvmul", *_SHIFTS) and number == 2):
                yield from ((number, *rest) for rest in _places(operand))


def _at(term: Term, place: tuple[int, ...]) -> Term:
    for number in place:
        assert isinstance(term, tuple)
        term = term[number]
    return term


def _replaced(term: Term, place: tuple[int, ...], part: Term) -> Term:
    if not place:
        return part
    assert isinstance(term, tuple)
    operands = [_replaced(old, place[1:], part) if number == place[0] else old for number, old in enumerate(term)]
    return tuple(operands)  # type: ignore[return-value]


def _leaves(term: Term) -> Iterator[Term]:
    if isinstance(term, tuple):
        for operand in term[1:]:
            yield from _leaves(operand)
    else:
        yield term


def _infix(term: Term) -> str:
    """As in C and Python, with brackets around every operand that has an operator."""
    if not isinstance(term, tuple):
        return str(term)
    operands = [f"({_infix(each)})" if isinstance(each, tuple) else str(each) for each in term[1:]]
    if len(operands) == 1:
        return f"{_PREFIXES[term[0]]}{operands[0]}"
    return f"{operands[0]} {_SYMBOLS[term[0]]} {operands[1]}"


def _smtlib(term: Term, width: int, images: dict[str, str]) -> str:
    """In SMT-LIB, with the names' images. Raises ValueError for a constant of more bits."""
    match term:
        case int():
            if term >> width:
                raise ValueError(f"{term} is no number of {width} bits")
            return f"(_ bv{term} {width})"
        case str():
            return images[term]
    return f"({term[0]} {' '.join(_smtlib(each, width, images) for each in term[1:])})"


def _encode(question: Question, images: dict[str, str] | None = None) -> str:
    names, width, left, right = question
    images = images or {name: name for name in names}
    terms = " ".join(_smtlib(each, width, images) for each in (left, right))
    declared = [f"(declare-const {name} (_ BitVec {width}))" for name in names]
    return "\n".join(["(set-logic QF_BV)", *declared, f"(assert (distinct {terms}))", "(check-sat)", "(get-model)", ""])


def _decode(problem: Problem) -> Question:
    """The question of a script. Raises MalformedProblem for a script that `_encode` did not write."""
    script = problem.payload.get("script")
    if not isinstance(script, str) or len(script) > MAX_SCRIPT:
        raise MalformedProblem(f"the payload has no script of at most {MAX_SCRIPT} characters")
    question = _parts(script)
    if question is None:
        raise MalformedProblem("the script is not a question of this domain")
    return question


@lru_cache(maxsize=1)  # a record's prompt and its answers ask for the same script in a row
def _parts(script: str) -> Question | None:
    match = _SCRIPT.fullmatch(script)
    if match is None:
        return None
    names = "".join(re.findall(r"declare-const ([a-z])", match[1]))
    width = int(match[1][-4])
    try:
        left, right = _terms(match[2], names)
        question = Question(names, width, left, right)
        return question if _encode(question) == script else None
    except (ValueError, LookupError):
        return None


def _terms(text: str, names: str) -> list[Term]:
    """The terms of a text. Raises ValueError or LookupError for what is no term of this domain."""
    open_terms: list[list[Term]] = [[]]
    for token in _TOKEN.findall(_CONSTANT.sub(r"\1", text)):
        if token == "(":
            open_terms.append([])
            if len(open_terms) > MAX_DEPTH:
                raise ValueError("nested too deeply")
        elif token == ")":
            operator, *operands = open_terms.pop()
            if not isinstance(operator, str) or _OPERANDS[operator] != len(operands):
                raise ValueError("no operator of this domain")
            open_terms[-1].append((operator, *operands))  # type: ignore[arg-type]
        else:
            open_terms[-1].append(int(token) if token.isdigit() else token)
    (terms,) = open_terms
    return terms


def _number(bits: str) -> int:
    return int(bits[2:], {"#b": 2, "#x": 16}[bits[:2]])


PLUGINS = (BitvectorIdentities,)
