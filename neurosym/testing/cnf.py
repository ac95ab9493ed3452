"""Lies about formulas in conjunctive normal form, and isomorphic copies of formulas, from their texts alone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from neurosym.core import Claim, Json, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some

CONCLUSIONS = ("sat", "unsat")

Clauses = list[list[int]]


def formula(problem: Problem) -> tuple[int, Clauses]:
    """The number of variables, and the clauses, of a DIMACS text that a checker has accepted."""
    lines = [line for line in problem.payload["dimacs"].split("\n") if not line.startswith("c")]
    words = " ".join(lines).partition("%")[0].split()
    clauses: Clauses = [[]]
    for literal in map(int, words[4:]):
        if literal:
            clauses[-1].append(literal)
        else:
            clauses.append([])
    return int(words[2]), clauses[:-1]


def problem_with(problem: Problem, variables: int, clauses: Clauses) -> Problem:
    """The problem with another formula."""
    lines = [f"p cnf {variables} {len(clauses)}", *(" ".join(map(str, [*clause, 0])) for clause in clauses)]
    return Problem(problem.domain, problem.kind, {"dimacs": "\n".join(lines) + "\n"})


def copy(problem: Problem, rng: random.Random) -> Problem:
    """The same formula with clauses and literals in another order, renamed variables, and flipped polarities."""
    variables, clauses = formula(problem)
    names = rng.sample(range(1, variables + 1), variables)
    image = [name * rng.choice((1, -1)) for name in names]
    renamed = [
        [image[abs(x) - 1] * (1 if x > 0 else -1) for x in rng.sample(clause, len(clause))] for clause in clauses
    ]
    return problem_with(problem, variables, rng.sample(renamed, len(renamed)))


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The same formula without one of its clauses, and with one more variable."""
    variables, clauses = formula(problem)
    sets = [frozenset(clause) for clause in clauses]
    single = [number for number, clause in enumerate(sets) if sets.count(clause) == 1]
    for number in some(rng, single, 1):
        yield problem_with(problem, variables, clauses[:number] + clauses[number + 1 :])
    yield problem_with(problem, variables + 1, clauses)


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from a model or from a proof of unsatisfiability that was proved."""
    variables, clauses = formula(problem)
    if claim.answer == "unsat":
        yield from _models(variables, rng, certain=True)
        yield _lie("no model at all", {"sat": []}, certain=variables > 0)
        if isinstance(claim.evidence, dict):
            for form, proof in claim.evidence.items():
                yield from _broken_proofs(form, proof.splitlines(), variables, clauses, rng)
    else:
        model: list[int] = claim.answer["sat"]
        yield from _models(variables, rng, certain=False)
        yield from _flipped(model, rng)
        yield from _near_misses(model, clauses, rng)
        yield from _misshaped(model, rng)
        yield _lie("bare unsat", "unsat", True)
        for name, evidence in _forged_proofs(model, variables, clauses, rng):
            yield _lie(f"satisfiable, {name}", "unsat", True, evidence)
    for shape in OTHER_SHAPES:
        yield _lie("not the shape of a model", shape, True)
        if isinstance(shape, list | dict) or shape == 0:
            yield _lie("not the shape of a proof", "unsat", True, shape)


def _lie(name: str, answer: Json, certain: bool, evidence: Json = None) -> Lie:
    return Lie(name, Claim(answer, evidence), certain)


def _models(variables: int, rng: random.Random, certain: bool) -> Iterator[Lie]:
    everything = range(1, variables + 1)
    if variables:
        for name, model in (("all true", list(everything)), ("all false", [-x for x in everything])):
            yield _lie(name, {"sat": model}, certain)
    for _ in range(10):
        yield _lie("random model", {"sat": [rng.choice((x, -x)) for x in everything]}, certain)


def _flipped(model: list[int], rng: random.Random) -> Iterator[Lie]:
    for i in some(rng, range(len(model)), 15):
        yield _lie("literal flipped", {"sat": [*model[:i], -model[i], *model[i + 1 :]]}, False)
    for _ in range(8):
        flipped = set(some(rng, model, rng.randint(2, 6)))
        yield _lie("literals flipped", {"sat": [-x if x in flipped else x for x in model]}, False)
    yield _lie("all literals flipped", {"sat": [-x for x in model]}, False)


def _near_misses(model: list[int], clauses: Clauses, rng: random.Random) -> Iterator[Lie]:
    """Models that make one clause false, the first, the last or any, and hardly another."""
    for target in [*clauses[:1], *clauses[-1:], *some(rng, clauses, 4)]:
        true = set(model) - set(target) | {-x for x in target}
        for _ in range(20):
            broken = [clause for clause in clauses if clause is not target and true.isdisjoint(clause)]
            free = [x for clause in broken for x in clause if x not in target and -x not in target]
            if not free:
                break
            x = rng.choice(free)
            true = true - {-x} | {x}
        if len(true) == len(model):  # no clause that has a literal and its contrary
            yield _lie("one clause aimed at", {"sat": sorted(true, key=abs)}, False)


def _misshaped(model: list[int], rng: random.Random) -> Iterator[Lie]:
    """Models that do not set each variable once, or hold what is no literal: whatever their clauses say."""
    beyond = len(model) + 1
    yield _lie("model of another size", {"sat": [*model, beyond]}, True)
    for i in some(rng, range(len(model)), 4):
        left = model[:i] + model[i + 1 :]
        x = model[i]
        for name, changed in (
            ("literal left out", left),
            ("literal left out, another twice", [*left, *left[:1]]),
            ("literal twice", [*model, x]),
            ("both polarities", [*model, -x]),
            ("both polarities for another", [*left, *(-y for y in left[:1])]),
            ("variable out of range", [*left, beyond]),
            ("zero literal", [*left, 0]),
            ("terminating zero", [*model, 0]),
            ("Boolean for a literal", [*left, x > 0]),
            ("text for a literal", [*left, str(x)]),
            ("list for a literal", [*left, [x]]),
            ("null for a literal", [*left, None]),
            ("inexact literal", [*left, float(x)]),
        ):
            yield _lie(name, {"sat": changed}, True)
    if 1 in model:
        yield _lie("Boolean for a literal", {"sat": [True if x == 1 else x for x in model]}, True)
    text = " ".join(map(str, model))
    for shape in (text, dict.fromkeys(map(str, model), True), model[0] if model else None):
        yield _lie("not the shape of a model", {"sat": shape}, True)


def _forged_proofs(
    model: list[int], variables: int, clauses: Clauses, rng: random.Random
) -> Iterator[tuple[str, Json]]:
    """Proofs that a satisfiable formula has no model: each tries another way around the rules."""
    new = variables + 1
    x = rng.choice(model) if model else new
    deletions = [f"d {_line(clause)}" for clause in clauses]
    against = [f"d {_line(clause)}" for clause in clauses if -x in clause]
    guesses = [_line(rng.choice((y, -y)) for y in some(rng, model, rng.randint(1, 3))) for _ in range(10)]
    blocked = [_line(-y for y in model), *(_line(-y for y in model[:k]) for k in range(len(model) - 1, 0, -1))]
    for name, lines in (
        ("empty proof", []),
        ("empty clause alone", ["0"]),
        ("random lemmas", [*guesses, "0"]),
        ("both units", [_line([x]), _line([-x]), "0"]),
        ("unit against the model", [_line([-x]), "0"]),
        ("model blocked", [*blocked, "0"]),
        ("everything deleted", [*deletions, "0"]),
        ("everything deleted, then units", [*deletions, _line([x]), _line([-x]), "0"]),
        ("everything deleted, then the model blocked", [*deletions, _line([-x]), _line([x]), "0"]),
        ("opponents deleted, then units", [*against, _line([x]), _line([-x]), "0"]),
        ("new variable both ways", [_line([new]), _line([-new]), "0"]),
        ("new unit deleted, then its contrary", [_line([new]), f"d {_line([new])}", _line([-new]), "0"]),
        (
            "reason of a unit deleted",
            [_line([new]), _line([new + 1, -new]), f"d {_line([new + 1, -new])}", _line([-new - 1]), "0"],
        ),
        ("new variable defined", [_line([new, -x]), _line([-new, x]), _line([new, x]), _line([-new, -x]), "0"]),
        ("new variable as pivot of anything", [_line([new, -x]), _line([-new]), _line([-x]), "0"]),
        ("pivot not first", [_line([-x, new]), _line([-new]), _line([-x]), "0"]),
        ("proof of another formula", [_line([1, 2]), "1 0", "0"]),
        ("lemma deleted before its use", [_line([-x]), f"d {_line([-x])}", "0"]),
        ("tautologies", [_line([x, -x]), _line([-x, x]), "0"]),
        ("repeated literals", [_line([-x, -x, -x]), "0"]),
        ("a clause without its literals", [_line(clause[:k]) for clause in clauses[:5] for k in (2, 1, 0)]),
    ):
        yield f"DRAT: {name}", {"drat": "".join(f"{line}\n" for line in lines)}
    yield from _forged_lrat(x, clauses, rng)
    for name, evidence in (
        ("proof as a list", {"drat": ["0"]}),
        ("proof missing", {"drat": None}),
        ("two proofs", {"drat": "0\n", "lrat": f"{len(clauses) + 1} 0 1 0\n"}),
        ("proof by name alone", {"proof": "0\n"}),
        ("bare text", "0\n"),
        ("markdown", {"drat": "```\n0\n```"}),
        ("words", {"drat": "unsatisfiable\n0\n"}),
        ("NUL", {"drat": "\0 0\n"}),
        ("digits of another script", {"drat": "\u0661 0\n-\u0661 0\n0\n"}),
        ("signs and underscores", {"drat": "+1 0\n-1_0 0\n0\n"}),
        ("huge variable", {"drat": f"{10**30} 0\n-{10**30} 0\n0\n"}),
    ):
        yield name, evidence


def _forged_lrat(x: int, clauses: Clauses, rng: random.Random) -> Iterator[tuple[str, Json]]:
    last = len(clauses)
    every = " ".join(map(str, range(1, last + 1)))
    some_hints = " ".join(map(str, some(rng, range(1, last + 1), 6)))
    against = [number for number, clause in enumerate(clauses, 1) if -x in clause]
    for name, lines in (
        ("empty clause alone", [f"{last + 1} 0 0"]),
        ("every clause a hint", [f"{last + 1} 0 {every} 0"]),
        ("random hints", [f"{last + 1} 0 {some_hints} 0"]),
        ("its own hint", [f"{last + 1} 0 {last + 1} 0"]),
        ("hint of a clause to come", [f"{last + 1} {x} 0 {last + 2} 0", f"{last + 2} {-x} 0 {last + 1} 0"]),
        ("hint that does not exist", [f"{last + 1} 0 {last + 9} 0"]),
        ("hint zero", [f"{last + 1} 0 0 0"]),
        ("negative hints", [f"{last + 1} 0 {' '.join(f'-{n}' for n in range(1, min(last, 5) + 1))} 0"]),
        ("both units", [f"{last + 1} {x} 0 0", f"{last + 2} {-x} 0 0", f"{last + 3} 0 {last + 1} {last + 2} 0"]),
        ("number of a clause taken", ["1 0 0", f"{last + 1} 0 1 0"]),
        (
            "unit deleted, then its contrary",
            [f"{last + 1} {x} 0 0", f"{last + 1} d {last + 1} 0", f"{last + 2} {-x} 0 0", f"{last + 3} 0 {last + 2} 0"],
        ),
        ("number zero", ["0 0 0", f"{last + 1} 0 0 0"]),
        ("clause deleted, then hinted", [f"{last + 1} d 1 0", f"{last + 2} 0 1 0"]),
        (
            "opponents deleted, then units",
            [
                f"{last + 1} d {' '.join(map(str, against))} 0",
                f"{last + 2} {x} 0 0",
                f"{last + 3} {-x} 0 0",
                f"{last + 4} 0 {last + 2} {last + 3} 0",
            ],
        ),
        (
            "resolvents left out",
            [f"{last + 1} {x} 0 {' '.join(f'-{n}' for n in against[1:])} 0", f"{last + 2} 0 {last + 1} 0"],
        ),
    ):
        yield f"LRAT: {name}", {"lrat": "".join(f"{' '.join(line.split())}\n" for line in lines)}


def _line(literals: Iterable[int]) -> str:
    return " ".join(map(str, [*literals, 0]))


def _broken_proofs(form: str, lines: list[str], variables: int, clauses: Clauses, rng: random.Random) -> Iterator[Lie]:
    """Proofs of a formula without models: the conclusion is right, but not shown by every one of these."""

    def lie(name: str, proof: Sequence[str]) -> Lie:
        return _lie(f"{form.upper()}: {name}", "unsat", False, {form: "".join(f"{line}\n" for line in proof)})

    lemmas = [number for number, line in enumerate(lines) if "d" not in line.split()]
    start = 0 if form == "drat" else 1  # the place of the first literal in a line
    final = "0" if form == "drat" else f"{len(clauses) + 1} 0 {' '.join(map(str, range(1, len(clauses) + 1)))} 0"
    yield lie("empty clause alone", [final])
    yield lie("empty proof", [])
    yield lie("last line left out", lines[:-1])
    for number in some(rng, range(len(lines)), 5):
        yield lie("cut off", lines[:number])
        yield lie("cut off, then the empty clause", [*lines[:number], *lines[-1:]])
        yield lie("line left out", lines[:number] + lines[number + 1 :])
    yield lie("lines reversed", lines[::-1])
    for number in some(rng, [number for number in lemmas if lines[number].split()[start] != "0"], 6):
        words = lines[number].split()
        end = words.index("0", start)
        place = rng.randrange(start, end)
        other = str(rng.choice((1, -1)) * rng.randint(1, variables))
        flipped = words[place].removeprefix("-") if words[place].startswith("-") else f"-{words[place]}"
        for name, changed in (
            ("literal left out of a lemma", words[:place] + words[place + 1 :]),
            ("literal flipped in a lemma", [*words[:place], flipped, *words[place + 1 :]]),
            ("literal replaced in a lemma", [*words[:place], other, *words[place + 1 :]]),
            ("lemma emptied", words[:start] + words[end:]),
        ):
            yield lie(name, [*lines[:number], " ".join(changed), *lines[number + 1 :]])
    for count in (1, 10, len(clauses)):
        gone = some(rng, range(len(clauses)), count)
        if form == "drat":
            deleted = [f"d {_line(clauses[number])}" for number in gone]
        else:
            deleted = [f"{len(clauses)} d {' '.join(str(number + 1) for number in gone)} 0"]
        yield lie("all clauses deleted first" if count == len(clauses) else "clauses deleted first", deleted + lines)
    if form == "drat":
        for _ in range(3):
            number = rng.randint(0, len(lines))
            guess = _line(rng.choice((1, -1)) * rng.randint(1, variables) for _ in range(rng.randint(1, 2)))
            yield lie("guessed lemma inserted", [*lines[:number], guess, *lines[number:]])
