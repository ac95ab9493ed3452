"""Random propositional statements that hold intuitionistically, to be proved in Rocq by a script of tactics.

A formula is a random tree: at each connective the number of connectives left is split at random. Those are kept that
use every variable, hold intuitionistically, do not follow by `assumption` alone, and join no formula with itself.
Nothing but `Coq.Init` is needed.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache

from neurosym.core import Claim, Domain, Json, MalformedProblem, Problem
from neurosym_domains._intuitionistic import FALSE, Formula, holds
from neurosym_domains._rocq_script import ANSWER, parse_script, render_script

MAX_TRIES = 100_000
NAMES = "ABCDEFGJKLMNPQRTUVWXYZ"
"""Names of variables: no H, which names hypotheses, and neither O nor S, which make natural numbers."""

_CONNECTIVES = ("->", "/\\", "\\/", "~", "<->")
_WEIGHTS = (10, 5, 5, 3, 1)
_LEVELS = {"~": 0, "/\\": 1, "\\/": 2, "<->": 3, "->": 4}
_WORDS = {"->": "implies", "/\\": "and", "\\/": "or", "~": "not", "<->": "if and only if"}
_STATEMENT = re.compile(r"forall ([A-Z](?: [A-Z]){0,21}) : Prop, ([A-Z ()~<>/\\-]{1,2000})")

Tree = str | tuple["Tree", ...]


@dataclass(frozen=True)
class RocqPropositional(Domain):
    """`connectives` counts ->, /\\, \\/, ~ and <->."""

    name = "rocq_propositional"
    version = 1
    kind = "rocq"

    variables: int = 3
    connectives: int = 7

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.variables <= 8:
            raise ValueError(f"variables must be in 1..8, not {self.variables}")
        if not max(1, self.variables) <= self.connectives <= 16:
            raise ValueError(f"connectives must be in {max(1, self.variables)}..16, not {self.connectives}")

    def sample(self, rng: random.Random) -> Problem:
        names = NAMES[: self.variables]
        for _ in range(MAX_TRIES):
            tree = ("->", *_operands(rng, names, self.connectives - 1, 2))
            formula = _formula(tree)
            if _variables(tree) == set(names) and not _repeats(tree) and not _assumed(tree) and holds(formula):
                return self.problem({"header": "", "statement": f"forall {' '.join(names)} : Prop, {_text(tree)}"})
        raise ValueError(f"{MAX_TRIES} formulas, and none that holds")

    def english(self, problem: Problem) -> str:
        names, formula = _decode(problem)
        words = [_WORDS.get(token, token) for token in re.findall(r"[A-Z()~]|[<>/\\-]+", formula)]
        said = " ".join(words).replace("( ", "(").replace(" )", ")")
        which = "every proposition" if len(names) == 1 else "all propositions"
        return (
            f"Prove by a script of Rocq tactics that this holds for {which} {' '.join(names)}, which are bound in this "
            f"order by a forall in front of it. Here not binds tightest, then and, or, if and only if, and implies, "
            f"which associates to the right.\n{ANSWER}\n\n{said}"
        )

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"Prove this theorem of Rocq.\n{ANSWER}\n\nTheorem goal : {problem.payload['statement']}."

    def render(self, problem: Problem, answer: Json) -> str:
        return render_script(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_script(text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With other names for the variables, in the statement, in the script and in the goals of its trace.

        None for an answer that is no text, or that itself uses single capital letters for something else.
        """
        names, _ = _decode(problem)
        if not isinstance(claim.answer, str) or set(_CAPITAL.findall(claim.answer)) - set(names):
            return None
        images = dict(zip(names, rng.sample(NAMES, len(names)), strict=True))
        statement = _renamed(problem.payload["statement"], images)
        told = Claim(_renamed(claim.answer, images), _renamed(claim.evidence, images), claim.metrics)
        return self.problem({"header": "", "statement": statement}), told


_CAPITAL = re.compile(r"(?<![A-Za-z0-9_'.])[A-Z](?![A-Za-z0-9_'])")


def _renamed(value: Json, images: dict[str, str]) -> Json:
    """A JSON value with the names replaced in its texts."""
    if isinstance(value, str):
        return _CAPITAL.sub(lambda match: images.get(match[0], match[0]), value)
    if isinstance(value, list):
        return [_renamed(item, images) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, images) for key, item in value.items()}
    return value


def _tree(rng: random.Random, names: str, connectives: int) -> Tree:
    if connectives == 0:
        return rng.choice(names)
    symbol = rng.choices(_CONNECTIVES, _WEIGHTS)[0]
    return (symbol, *_operands(rng, names, connectives - 1, 1 if symbol == "~" else 2))


def _operands(rng: random.Random, names: str, connectives: int, count: int) -> list[Tree]:
    first = rng.randint(0, connectives) if count == 2 else connectives
    return [_tree(rng, names, share) for share in (first, connectives - first)[:count]]


def _formula(tree: Tree) -> Formula:
    """With ~ and <-> by their definitions."""
    if isinstance(tree, str):
        return tree
    parts = [_formula(part) for part in tree[1:]]
    if tree[0] == "~":
        return ("->", parts[0], FALSE)
    if tree[0] == "<->":
        return ("/\\", ("->", parts[0], parts[1]), ("->", parts[1], parts[0]))
    return (str(tree[0]), parts[0], parts[1])


def _variables(tree: Tree) -> set[str]:
    return {tree} if isinstance(tree, str) else set().union(*map(_variables, tree[1:]))


def _repeats(tree: Tree) -> bool:
    """Whether some connective has twice the same operand: such a formula is a smaller one in disguise."""
    return not isinstance(tree, str) and (tree[1:2] == tree[2:] or any(map(_repeats, tree[1:])))


def _assumed(tree: Tree) -> bool:
    """Whether the conclusion is one of the premises."""
    premises = []
    while tree[0] == "->":
        premises.append(tree[1])
        tree = tree[2]
    return tree in premises


def _text(tree: Tree, level: int = 4) -> str:
    """In Rocq's notation, with no bracket that is not needed where operands bind at least as tightly as `level`."""
    if isinstance(tree, str):
        return tree
    symbol, own = str(tree[0]), _LEVELS[str(tree[0])]
    if symbol == "~":
        text = f"~ {_text(tree[1], own)}"
    else:
        text = f"{_text(tree[1], own - 1)} {symbol} {_text(tree[2], own - (symbol == '<->'))}"
    return text if own <= level else f"({text})"


@lru_cache(maxsize=1)  # a record's prompt and its answers ask for the same text in a row
def _parts(statement: str) -> tuple[tuple[str, ...], str] | None:
    match = _STATEMENT.fullmatch(statement)
    return (tuple(match[1].split(" ")), match[2]) if match else None


def _decode(problem: Problem) -> tuple[tuple[str, ...], str]:
    """The variables, and the formula as text. Raises MalformedProblem for a text in another layout."""
    statement = problem.payload.get("statement")
    found = _parts(statement) if isinstance(statement, str) and problem.payload.get("header") == "" else None
    if found is None:
        raise MalformedProblem("not a statement in the layout of this domain")
    return found


PLUGINS = (RocqPropositional,)
