"""Lies about models and refutations of SMT-LIB scripts, and isomorphic copies of scripts, from their texts alone."""

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
    None, {"farkas": []}, {"farkas": [[]]}, {"farkas": {}}, {"farkas": "sum 0 1"}, {"farkas": [["sum", 0, 0]]},
    {"farkas": [["sum", 0, 1, 0, -1]]}, {"farkas": [["sum", 0, -1]]}, {"farkas": [["sum", 0, "1/2"]]},
    {"farkas": [["cases", 0]]}, {"farkas": [["cases", 0], ["cases", 0]]}, {"farkas": [["split", 0, "x", 1]]},
    {"farkas": [["split", 0, 0, 1], ["sum", 0, 1]]}, {"farkas": None, "lrat": ""}, {"lrat": "1 0 0\n"}, {"lrat": ""},
    {"lrat": "1 0 1 0\n"}, {"lrat": []}, {"alethe": "(step t1 (cl) :rule hole)"}, {}, True, "",
)  # fmt: skip
"""Proofs that there is no model, of a script that has one or of none at all."""


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from a model, or from unsatisfiability, that was proved."""
    sorts = constants(problem)
    for shape in OTHER_SHAPES:
        yield Lie("not the shape of a model", Claim(shape), True)
    if claim.answer == "unsat":
        for _ in range(10):
            drawn = {name: _others(_zero(sort), sort, rng)[-1] for name, sort in sorts.items()}
            yield Lie("unsatisfiable, claimed sat", Claim({"sat": drawn}), True)
        yield from _broken_evidence(claim.evidence, rng)
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
    for _ in range(8):
        steps = [_forged_step(sorted(sorts), rng) for _ in range(rng.randint(1, 6))]
        yield Lie("satisfiable, claimed unsat", Claim("unsat", {"farkas": steps}), True)
    yield Lie("satisfiable, claimed unsat", Claim({"unsat": {}}), True)
    yield Lie("satisfiable, claimed unknown", Claim("unknown"), True)
    yield Lie("model beside its contrary", Claim({"sat": model, "unsat": True}), True)


def _forged_step(names: list[str], rng: random.Random) -> Json:
    """A step of a certificate, of the right form, that nothing speaks for."""
    kind = rng.randrange(8)
    if kind == 0 and names:
        return ["split", rng.randint(-9, 9), rng.choice(names), rng.choice((1, -1))]
    if kind == 1:
        return ["cases", rng.randrange(12)]
    numbers = rng.sample(range(16), rng.randint(1, 4))
    return ["sum", *[each for number in numbers for each in (number, rng.choice((1, 1, 1, 2, 3, -1)))]]


def _broken_evidence(evidence: Json, rng: random.Random) -> Iterator[Lie]:
    """Evidence with a mistake: the conclusion is right, but not shown. That of changed numbers may still show it."""

    def lie(name: str, broken: Json, certain: bool = True) -> Lie:
        return Lie(name, Claim("unsat", broken), certain)

    others: tuple[Json, ...] = (
        None,
        {},
        [],
        True,
        "unsat",
        {"proof": evidence},
        {"farkas": evidence},
        {"lrat": evidence},
    )
    for broken in others:
        yield lie("evidence of another form", broken)
    if not isinstance(evidence, dict) or not isinstance(evidence.get("farkas"), list):
        return
    steps: list[Json] = evidence["farkas"]
    yield lie("two proofs", {**evidence, "lrat": "1 0 0\n"})
    yield lie("proof under another name", {"lrat": steps})
    yield lie("step after the end", {"farkas": [*steps, *steps[-1:], ["sum", 0, 1]]})
    for multiplier in (1.0, True, "1", None, [1]):
        yield lie("step of another form", {"farkas": [["sum", 0, multiplier], *steps]})
        yield lie("step of another form", {"farkas": [*steps, ["sum", 0, multiplier]]})
    for length in range(len(steps)):
        yield lie("cut off", {"farkas": steps[:length]})
    for place in some(rng, range(len(steps)), 5):
        step = steps[place]
        at = rng.randrange(1, len(step))
        other = step[at] + rng.choice((-1, 1)) if isinstance(step[at], int) else "x"
        changed = [*step[:at], other, *step[at + 1 :]]
        yield lie("number changed in a step", {"farkas": [*steps[:place], changed, *steps[place + 1 :]]}, False)
        yield lie("step left out", {"farkas": steps[:place] + steps[place + 1 :]}, False)
        against = [step[0], *[-each if isinstance(each, int) else each for each in step[1:]]]
        yield lie("signs changed in a step", {"farkas": [*steps[:place], against, *steps[place + 1 :]]}, False)


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
