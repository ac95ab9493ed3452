"""Lies about models of SMT-LIB scripts, and isomorphic copies of scripts, from their texts alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count

from neurosym.core import Claim, Json, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some
from neurosym.testing.texts import Tree, head, read, tokens, write

CONCLUSIONS = ("sat", "unsat")

_DECLARATIONS = frozenset({"declare-const", "declare-fun", "define-const", "define-fun"})

WRONG_SORTS: dict[str, tuple[Json, ...]] = {
    "Int": (True, False, "0", "1/2", "#b1", None, [0], {"value": 0}, 0.0, 1.5, float("nan"), float("inf")),
    "Real": (True, False, "0", "0.5", "2/4", "2/2", "1/0", "1/-2", " 1/2", "1e3", None, [1, 2], 0.5, float("nan")),
    "Bool": (0, 1, "true", "false", None, [], 1.0),
    "BitVec": (0, 1, True, "", "#b", "#x", "0b1", "#b2", "#b\u0661", None, [0], 1.0),
}
"""Values that are no value of a sort, in the form that the checker asks for."""

FORGED_EVIDENCE: tuple[Json, ...] = (
    None, {"farkas": []}, {"lrat": "1 0 0\n"}, {"alethe": "(step t1 (cl) :rule hole)"}, {}, True, "",
)  # fmt: skip


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from a model, or from unsatisfiability, that was proved."""
    sorts = constants(problem)
    for shape in OTHER_SHAPES:
        yield Lie("not the shape of a model", Claim(shape), True)
    if claim.answer == "unsat":
        for _ in range(10):
            drawn = {name: _others(_zero(sort), sort, rng)[-1] for name, sort in sorts.items()}
            yield Lie("unsatisfiable, claimed sat", Claim({"sat": drawn}), True)
        return
    model: dict[str, Json] = claim.answer["sat"]

    def lie(name: str, values: Json, certain: bool, evidence: Json = None) -> Lie:
        return Lie(name, Claim({"sat": values}, evidence), certain)

    def other(name: str, value: Json) -> dict[str, Json]:
        return {key: value if key == name else old for key, old in model.items()}

    for name in some(rng, sorted(model), 4):
        left = {key: value for key, value in model.items() if key != name}
        unknown = next(new for number in count() if (new := f"{name}{number}") not in sorts)
        yield lie("value missing", left, True)
        yield lie("value under another name", {**left, unknown: model[name]}, True)
        yield lie("value for an unknown name", {**model, unknown: model[name]}, True)
        yield lie("name in bars", {**left, f"|{name}|": model[name]}, True)
        yield lie("values in a list", list(model.items()), True)
        for value in WRONG_SORTS[_family(sorts[name])]:
            yield lie("value of another sort", other(name, value), True)
        if sorts[name] in ("Int", "Real") and isinstance(model[name], int):
            for text in (str(model[name]), f"{model[name]}/1", f"{2 * model[name]}/2", float(model[name])):
                yield lie("right value in a wrong form", other(name, text), True)
        if model[name] in (0, 1) and sorts[name] == "Int":
            yield lie("right value in a wrong form", other(name, bool(model[name])), True)
        for value in _others(model[name], sorts[name], rng):
            yield lie("value changed", other(name, value), False)
    yield from _exchanged(model, sorts, rng)
    for evidence in FORGED_EVIDENCE:
        yield Lie("satisfiable, claimed unsat", Claim("unsat", evidence), True)
    yield Lie("satisfiable, claimed unsat", Claim({"unsat": {}}), True)
    yield Lie("satisfiable, claimed unknown", Claim("unknown"), True)
    yield Lie("model beside its contrary", Claim({"sat": model, "unsat": True}), True)


def _exchanged(model: dict[str, Json], sorts: dict[str, str], rng: random.Random) -> Iterator[Lie]:
    """Models with several values changed at once."""
    names = sorted(model)
    for _ in range(6):
        changed = {name: _others(model[name], sorts[name], rng)[-1] for name in some(rng, names, rng.randint(2, 4))}
        yield Lie("values changed", Claim({"sat": {**model, **changed}}), False)
    for _ in range(4):
        first, second = rng.choice(names), rng.choice(names)
        if sorts[first] == sorts[second]:
            exchanged = {**model, first: model[second], second: model[first]}
            yield Lie("values exchanged", Claim({"sat": exchanged}), False)
    if set(sorts.values()) == {"Int"}:
        yield Lie("all values zero", Claim({"sat": dict.fromkeys(model, 0)}), False)
        yield Lie("all values negated", Claim({"sat": {name: -value for name, value in model.items()}}), False)


def _family(sort: str) -> str:
    return "BitVec" if "BitVec" in sort else sort


def _zero(sort: str) -> Json:
    return False if sort == "Bool" else f"#b{'0' * int(sort.split()[2][:-1])}" if "BitVec" in sort else 0


def _others(value: Json, sort: str, rng: random.Random) -> list[Json]:
    """Other values of a sort, near and far; the last is drawn at random."""
    if sort == "Bool":
        return [not value]
    if "BitVec" in sort:
        width = 4 * (len(value) - 2) if value.startswith("#x") else len(value) - 2
        old = int(value[2:], 16 if value.startswith("#x") else 2)
        bits = [old ^ (1 << rng.randrange(width)), old ^ ((1 << width) - 1), (old + 1) % (1 << width)]
        return [f"#b{new:0{width}b}" for new in [*bits, old ^ rng.randint(1, (1 << width) - 1)] if new != old]
    near = value if isinstance(value, int) else int(value.split("/")[0]) // int(value.split("/")[1])
    near_values = [near + step for step in (1, -1, 2, -2, 10**6, -(10**30))]
    far = [-near, 0, near + rng.choice((-1, 1)) * rng.randint(3, 50)]
    return [new for new in [*near_values, *far] if new != value]


def constants(problem: Problem) -> dict[str, str]:
    """The declared constants, without bars, and their sorts."""
    found = {}
    for command in read(problem.payload["script"]):
        if head(command) in ("declare-const", "declare-fun"):
            found[str(command[1]).strip("|")] = write(command[-1])
    return found


def copy(problem: Problem, rng: random.Random) -> Problem | None:
    """The same script with renamed constants and reordered assertions; None where the order of assertions matters."""
    commands = read(problem.payload["script"])
    if any(head(command) in ("push", "pop", "reset", "reset-assertions") for command in commands):
        return None
    taken = set(tokens(problem.payload["script"]))
    names = [str(command[1]) for command in commands if head(command) in ("declare-const", "declare-fun")]
    fresh = [new for number in range(len(names) + len(taken)) if (new := f"k{number}") not in taken]
    renaming = dict(zip(names, rng.sample(fresh[: len(names)], len(names)), strict=True))
    own = [_renamed(command, renaming) for command in commands if head(command) in _DECLARATIONS]
    asserted = [_renamed(command, renaming) for command in commands if head(command) == "assert"]
    before = [command for command in commands if head(command) in ("set-logic", "set-option", "set-info")]
    after = [command for command in commands if command not in before and head(command) not in _DECLARATIONS]
    after = [command for command in after if head(command) != "assert"]
    return _problem_with(problem, [*before, *own, *rng.sample(asserted, len(asserted)), *after])


def _renamed(tree: Tree, renaming: dict[str, str]) -> Tree:
    return renaming.get(tree, tree) if isinstance(tree, str) else [_renamed(part, renaming) for part in tree]


def _problem_with(problem: Problem, commands: list[Tree]) -> Problem:
    return Problem(problem.domain, problem.kind, {"script": "\n".join(map(write, commands)) + "\n"})


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The same script with one more constant, and with another number in one of its assertions."""
    commands = read(problem.payload["script"])
    taken = set(tokens(problem.payload["script"]))
    fresh = next(new for number in count() if (new := f"k{number}") not in taken)
    first = next((place for place, command in enumerate(commands) if head(command) == "assert"), len(commands))
    extra: list[Tree] = [["declare-const", fresh, "Bool"], ["assert", fresh]]
    yield _problem_with(problem, [*commands[:first], *extra, *commands[first:]])
    number = next(new for value in count(1_000_003) if (new := str(value)) not in taken)
    for place in rng.sample(range(len(commands)), len(commands)):
        changed = _with_number(commands[place], number) if head(commands[place]) == "assert" else None
        if changed is not None and changed != commands[place]:
            yield _problem_with(problem, [*commands[:place], changed, *commands[place + 1 :]])
            return


def _with_number(tree: Tree, number: str) -> Tree:
    """The tree with `number` for its first numeral that is no index."""
    if isinstance(tree, str):
        return number if tree.isdigit() else tree
    if head(tree) == "_":
        return tree
    for place, part in enumerate(tree):
        changed = _with_number(part, number)
        if changed != part:
            return [*tree[:place], changed, *tree[place + 1 :]]
    return tree
