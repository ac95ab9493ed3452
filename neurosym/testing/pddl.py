"""Lies about plans, and isomorphic copies of planning problems, from their texts alone."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from neurosym.core import Claim, Json, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some
from neurosym.testing.texts import Tree, head, read, tokens, write

UNSOLVABLE = "unsolvable"
CONCLUSIONS = ()
"""None needs evidence: the checker itself searches for a plan where one is said not to exist."""

LOOKALIKES = {"a": "\u0430", "e": "\u0435", "i": "\u0131", "k": "\u212a", "o": "\u043e", "p": "\u0440", "s": "\u017f"}
"""Foreign letters that look like ASCII ones; some become ASCII when the case is changed."""


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from a plan that was proved. A shorter plan is a certain lie where the oracle's word is that this one
    is as short as any, and no metric counts something else.
    """
    text = claim.answer["plan"] if isinstance(claim.answer, dict) else claim.answer
    schemas, objects = _schemas(problem), _objects(problem)
    if text == UNSOLVABLE:
        for length in range(8):
            plan = [_step(schemas, objects, rng) for _ in range(length)]
            yield _lie("plan of an unsolvable problem", plan, True)
            yield _lie("optimal plan of an unsolvable problem", {"plan": "\n".join(plan), "optimal": True}, True)
        return
    steps = [line for line in text.split("\n") if line.strip()]
    optimal = isinstance(claim.answer, dict) or claim.metrics.get("optimality") == "asserted"
    shortest = optimal and ":metric" not in problem.payload["problem"].lower()
    yield from _shorter(steps, text, rng, shortest)
    yield from _misnamed(steps, schemas, objects, rng)
    yield from _misshaped(steps, text, shortest)
    yield from _detours(steps, schemas, rng, shortest)
    yield from _mutated(steps, schemas, objects, rng)


def _lie(name: str, answer: list[str] | Json, certain: bool, evidence: Json = None) -> Lie:
    return Lie(name, Claim("\n".join(answer) if isinstance(answer, list) else answer, evidence), certain)


def _shorter(steps: list[str], text: str, rng: random.Random, shortest: bool) -> Iterator[Lie]:
    if not steps:
        return
    yield _lie("empty plan", "", shortest)
    for i in some(rng, range(len(steps)), 12):
        yield _lie("step dropped", steps[:i] + steps[i + 1 :], shortest)
    for i in some(rng, range(len(steps)), 3):
        yield _lie("step commented out", [*steps[:i], f"; {steps[i]}", *steps[i + 1 :]], shortest)
    for i in some(rng, range(1, len(steps)), 5):
        yield _lie("plan cut off", steps[:i], shortest)
        yield _lie("plan cut off, claimed optimal", {"plan": "\n".join(steps[:i]), "optimal": True}, shortest)
    for _ in range(3):
        kept = sorted(some(rng, range(len(steps)), rng.randint(1, len(steps)) - 1))
        yield _lie("several steps dropped", [steps[i] for i in kept], shortest)
    inside = [i for i in range(1, len(text)) if text.count("(", 0, i) > text.count(")", 0, i)]
    for i in some(rng, inside, 5):
        yield _lie("text cut off within a step", text[:i], True)


def _misnamed(steps: list[str], schemas: dict[str, int], objects: list[str], rng: random.Random) -> Iterator[Lie]:
    for i in some(rng, range(len(steps)), 4):
        name, *arguments = _words(steps[i])

        def other(name: str, arguments: list[str], i: int = i) -> list[str]:
            return [*steps[:i], f"({' '.join([name, *arguments])})", *steps[i + 1 :]]

        unknown = _unused(f"{name.lower()}-{rng.choice(('again', 'x', '1', 'down'))}", schemas)
        yield _lie("unknown action", other(unknown, arguments), True)
        yield _lie("extra argument", other(name, [*arguments, *(arguments[-1:] or objects[:1] or [name])]), True)
        yield _lie("undeclared extra argument", other(name, [*arguments, _unused("nowhere", objects)]), True)
        if arguments:
            yield _lie("missing argument", other(name, arguments[:-1]), True)
            j = rng.randrange(len(arguments))
            undeclared = _unused(arguments[j].lower() + rng.choice(("0", "x", "-1")), objects)
            yield _lie("undeclared object", other(name, [*arguments[:j], undeclared, *arguments[j + 1 :]]), True)
            yield _lie("variable for an object", other(name, [*arguments[:j], "?x", *arguments[j + 1 :]]), True)
        places = [place for place, letter in enumerate(steps[i]) if letter.lower() in LOOKALIKES]
        for place in some(rng, places, 1):
            letter = LOOKALIKES[steps[i][place].lower()]
            foreign = steps[i][:place] + letter + steps[i][place + 1 :]
            yield _lie("letter of another script", [*steps[:i], foreign, *steps[i + 1 :]], True)


def _misshaped(steps: list[str], text: str, shortest: bool) -> Iterator[Lie]:
    longer = "\n".join([*steps, *steps[-1:]])
    yield _lie("longer plan, claimed optimal", {"plan": longer, "optimal": True}, shortest and longer != text)
    for evidence in (None, {"proof": ""}, {"certificate": "(define (certificate))"}, True):
        yield _lie("solvable, claimed unsolvable", "unsolvable", True, evidence)
    for name, around in (
        ("prose before the plan", "Here is the plan:\n{}"),
        ("prose after the plan", "{}\nThe goal is reached."),
        ("fence around the plan", "```\n{}\n```"),
        ("denial", "This is not a plan: {}"),
        ("NUL", "{}\0"),
        ("bracket too many", "{})"),
        ("bracket left open", "({}"),
    ):
        yield _lie(name, around.format(text), True)
    for shape in [*OTHER_SHAPES, steps * 2 + [None], {"plan": steps, "optimal": True}, {"optimal": True}]:
        if shape != "":
            yield Lie("not the shape of a plan", Claim(shape), True)


def _detours(steps: list[str], schemas: dict[str, int], rng: random.Random, shortest: bool) -> Iterator[Lie]:
    """Longer plans claimed optimal, each with a step that may well undo the one before, and that one again."""
    detours = []
    for i, step in enumerate(steps):
        name, *arguments = _words(step)
        undone = [(other, arguments) for other in schemas if schemas[other] == len(arguments) and other != name]
        for j in range(1, len(arguments)):
            undone.append((name, [*arguments[: j - 1], arguments[j], arguments[j - 1], *arguments[j + 1 :]]))
        detours += [(i + 1, f"({' '.join([other, *changed])})", step) for other, changed in undone]
    for i, *added in some(rng, detours, 12):
        plan = "\n".join([*steps[:i], *added, *steps[i:]])
        yield _lie("detour, claimed optimal", {"plan": plan, "optimal": True}, shortest)


def _mutated(steps: list[str], schemas: dict[str, int], objects: list[str], rng: random.Random) -> Iterator[Lie]:
    for i in some(rng, range(len(steps) - 1), 8):
        yield _lie("neighbours swapped", [*steps[:i], steps[i + 1], steps[i], *steps[i + 2 :]], False)
    for i in some(rng, range(len(steps)), 6):
        j = rng.randrange(len(steps))
        swapped = list(steps)
        swapped[i], swapped[j] = steps[j], steps[i]
        yield _lie("steps swapped", swapped, False)
        yield _lie("step doubled", [*steps[: i + 1], *steps[i:]], False)
        yield _lie("step inserted", [*steps[:i], _step(schemas, objects, rng), *steps[i:]], False)
        name, *arguments = _words(steps[i])
        if arguments and objects:
            arguments[rng.randrange(len(arguments))] = rng.choice(objects)
            renamed = f"({' '.join([name, *arguments])})"
            yield _lie("object replaced", [*steps[:i], renamed, *steps[i + 1 :]], False)
        alike = [schema for schema in schemas if schema != name and schemas[schema] == schemas.get(name)]
        if alike:
            acted = steps[i].replace(name, rng.choice(alike), 1)
            yield _lie("action replaced", [*steps[:i], acted, *steps[i + 1 :]], False)
    yield _lie("plan reversed", steps[::-1], False)
    yield _lie("plan repeated", steps * 2, False)
    yield _lie("plan rotated", steps[1:] + steps[:1], False)
    for _ in range(2):
        renaming = dict(zip(objects, rng.sample(objects, len(objects)), strict=True))
        lines = [" ".join(renaming.get(word, word) for word in _words(step)) for step in steps]
        yield _lie("objects exchanged", [f"({line})" for line in lines], False)
        yield _lie("random plan", [_step(schemas, objects, rng) for _ in steps], False)


def _words(step: str) -> list[str]:
    return re.findall(r"[^\s()]+", step)


def _step(schemas: dict[str, int], objects: list[str], rng: random.Random) -> str:
    name = rng.choice(sorted(schemas))
    return f"({' '.join([name, *(rng.choice(objects) for _ in range(schemas[name] if objects else 0))])})"


def _unused(name: str, used: dict[str, int] | list[str]) -> str:
    while name in used:
        name += "x"
    return name


def _schemas(problem: Problem) -> dict[str, int]:
    """The number of parameters of each action."""
    found = {}
    for part in _sections(read(problem.payload["domain"])):
        if head(part).lower() == ":action":
            words = {str(key).lower(): value for key, value in zip(part[2::2], part[3::2], strict=False)}
            found[str(part[1]).lower()] = sum(str(token).startswith("?") for token in words.get(":parameters", []))
    return found


def _objects(problem: Problem) -> list[str]:
    """The names of objects and constants, in order."""
    found: list[str] = []
    for text, section in (("problem", ":objects"), ("domain", ":constants")):
        for part in _sections(read(problem.payload[text])):
            if head(part).lower() == section:
                found += [word.lower() for word in _declared(part)]
    return found


def _sections(trees: list[Tree]) -> list[list[Tree]]:
    return [part for part in trees[0] if isinstance(part, list)]


def _declared(section: list[Tree]) -> list[str]:
    """The names in a typed list, without their types."""
    return [word for before, word in pairwise(section) if isinstance(word, str) and word != "-" and before != "-"]


def copy(problem: Problem, rng: random.Random) -> Problem:
    """The same problem with renamed objects, and its initial facts in another order."""
    taken = {token.lower() for text in problem.payload.values() for token in tokens(text)}
    trees = read(problem.payload["problem"])
    own = [word.lower() for part in _sections(trees) if head(part).lower() == ":objects" for word in _declared(part)]
    fresh = [name for number in range(len(own) + len(taken)) if (name := f"o{number}") not in taken]
    renaming = dict(zip(own, rng.sample(fresh[: len(own)], len(own)), strict=True))
    parts: list[Tree] = []
    for part in trees[0]:
        name = head(part).lower()
        if name in (":objects", ":init", ":goal") and isinstance(part, list):
            facts = part[1:]
            if name == ":init":
                rng.shuffle(facts)
            part = [part[0], *_renamed(facts, renaming)]
        parts.append(part)
    return problem_with(problem, parts)


def _renamed(trees: list[Tree], renaming: dict[str, str]) -> list[Tree]:
    """The trees with renamed objects: a word that is neither the head of an inner list nor a type."""
    found: list[Tree] = []
    for place, tree in enumerate(trees):
        if isinstance(tree, list):
            found.append(tree if head(tree) == "either" else [*tree[:1], *_renamed(tree[1:], renaming)])
        else:
            kept = place > 0 and trees[place - 1] == "-"
            found.append(tree if kept else renaming.get(tree.lower(), tree))
    return found


def problem_with(problem: Problem, parts: list[Tree]) -> Problem:
    """The problem with another problem text."""
    return Problem(problem.domain, problem.kind, {**problem.payload, "problem": write(parts)})


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The same problem without one of its initial facts, and without one of its goals."""
    trees = read(problem.payload["problem"])
    for index, part in enumerate(trees[0]):
        if not isinstance(part, list) or head(part).lower() not in (":init", ":goal"):
            continue
        joined = head(part).lower() == ":goal"
        facts: list[Tree] = part[1:]
        if joined and isinstance(part[1], list):
            facts = part[1][1:] if head(part[1]) == "and" else []
        single = [fact for fact in facts if facts.count(fact) == 1]
        for fact in some(rng, single, 1) if len(single) > 1 else []:
            left = [other for other in facts if other != fact]
            kept: Tree = [part[0], ["and", *left]] if joined else [part[0], *left]
            yield problem_with(problem, [*trees[0][:index], kept, *trees[0][index + 1 :]])
