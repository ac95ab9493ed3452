"""Lies that no checker may believe, and right answers that every checker must: 100,000 of the one, 10,000 of the other.

    python benchmarks/planted_lies.py [--seed S] [--scale F]            the five domains whose right answers vary
    python benchmarks/planted_lies.py --count 1000000 [--workers W]     so many lies, over all kinds and their domains

Problems are solved by their oracles, and lies are made from each proved claim (`neurosym.testing.lies`); right answers
that differ from the proved one are other plans, models and proofs. Every claim goes through the `check` of its kind's
checker. Its truth never comes from there:

    plans     native simulators of blocksworld and logistics (tests/reference_simulators.py)
    models    evaluation of the clauses; linear arithmetic in Python's integers
    proofs    replay straight from the definition of DRAT and LRAT (`neurosym.testing.references`)
    others    certain by their making, or told by the reference of their kind's `Language`

Claims whose truth these cannot tell are left out. With --count, every kind that has a `Language` and a domain to sample
takes part, but for those whose tools are missing, which are named; `SHARES` says how many lies each kind gets. The same
seed plants the same lies, whatever the workers. Exits with 1 if one lie was believed or one right answer was not.
"""

from __future__ import annotations

import argparse
import operator
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from functools import reduce
from itertools import count, islice
from math import ceil
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from reference_simulators import blocksworld_valid, logistics_valid

from neurosym import registry
from neurosym.core import Budget, Claim, Json, Problem, Status, Undecided, stream
from neurosym.errors import UsageError
from neurosym.testing import LANGUAGES, holds, lies
from neurosym.testing.cnf import formula
from neurosym.testing.references import cnf_holds
from neurosym.testing.texts import Tree, head, read

PROBLEMS = {"blocksworld": 165, "logistics": 165, "random_ksat": 230, "graph_coloring": 180, "linear_integer": 280}
"""Problems of each domain at scale 1: those for which right answers are known that differ from the oracle's."""

SHARES = {
    "lean4": 0.01,
    "rocq": 0.002,
    "trajectory": 0.05,
    "blocksworld_shortest": 0.05,
    "logistics_shortest": 0.05,
    "sliding_tiles": 0.05,
}
"""How many lies a slow kind, or a slow domain, gets for each one of another: some checkers start a proof assistant, and
a plan that is said to be a shortest one takes a search."""

CHUNK = 10
"""Problems that are planted together; a claim about another problem is about one of these."""

SIMULATORS = {"blocksworld": blocksworld_valid, "logistics": logistics_valid}

INVERSES = {
    "pick-up": ("put-down", (0,)),
    "put-down": ("pick-up", (0,)),
    "stack": ("unstack", (0, 1)),
    "unstack": ("stack", (0, 1)),
    "load-truck": ("unload-truck", (0, 1, 2)),
    "unload-truck": ("load-truck", (0, 1, 2)),
    "load-airplane": ("unload-airplane", (0, 1, 2)),
    "unload-airplane": ("load-airplane", (0, 1, 2)),
    "drive-truck": ("drive-truck", (0, 2, 1, 3)),
    "fly-airplane": ("fly-airplane", (0, 2, 1)),
}
"""The action that takes an action back, and the places of its arguments in it."""

Named = Iterator[tuple[str, Claim]]
Row = tuple[bool, str, str]
"""Whether it is right, the kind, the name."""


def truth(problem: Problem, claim: Claim) -> bool | None:
    """Whether a claim is right, by a program that shares nothing with the checkers; None where it cannot tell."""
    if problem.domain in SIMULATORS:
        return _plan_holds(problem, claim.answer)
    if problem.kind == "cnf":
        return cnf_holds(problem, claim)
    return _system_holds(problem, claim) if problem.domain == "linear_integer" else holds(problem, claim)


def _plan_holds(problem: Problem, answer: Json) -> bool | None:
    """Whether a plan is valid; a plan said to be optimal is no such thing if it is not valid."""
    optimal = isinstance(answer, dict)
    plan = answer.get("plan") if optimal else answer
    if not isinstance(plan, str) or plan == "unsolvable":
        return None
    valid = bool(SIMULATORS[problem.domain](problem.payload["problem"], plan))
    return None if optimal and valid else valid


def _system_holds(problem: Problem, claim: Claim) -> bool | None:
    match claim.answer:
        case {"sat": dict(model), **rest} if not rest and {type(value) for value in model.values()} <= {int}:
            commands = read(problem.payload["script"])
            declared = {command[1] for command in commands if head(command) == "declare-const"}
            asserted = [command[1] for command in commands if head(command) == "assert"]
            return model.keys() == declared and all(_value(term, model) for term in asserted)
    return None


_RELATIONS = {"=": operator.eq, "<=": operator.le, ">=": operator.ge, "distinct": operator.ne}


def _value(term: Tree, model: dict[str, int]) -> int:
    """The value of a term of linear arithmetic."""
    if isinstance(term, str):
        return model[term] if term in model else int(term)
    function, *arguments = head(term), *(_value(part, model) for part in term[1:])
    if function in _RELATIONS:
        left, right = arguments
        return bool(_RELATIONS[function](left, right))
    if function == "-":
        return -arguments[0] if len(arguments) == 1 else reduce(operator.sub, arguments)
    return sum(arguments) if function == "+" else reduce(operator.mul, arguments)


def right_answers(problem: Problem, gold: Claim, rng: random.Random) -> Named:
    """Claims other than `gold` that may well be right."""
    if problem.domain not in PROBLEMS:
        return
    if problem.kind == "pddl":
        if isinstance(gold.answer, str):
            yield from other_plans(problem, gold, rng)
    elif problem.kind == "smtlib2":
        yield from other_solutions(problem, gold, rng)
    elif gold.answer == "unsat":
        yield from other_proofs(problem, gold, rng)
    else:
        yield from other_models(problem)


def other_plans(problem: Problem, gold: Claim, rng: random.Random) -> Named:
    """The satisficing planner's plan; steps taken back or without effect; neighbours exchanged again and again."""
    found = registry.oracle("fast-downward-satisficing").solve(problem, Budget())
    yield "plan of the satisficing planner", found
    for source in (gold.answer, found.answer):
        steps = source.split("\n")
        for _ in range(6):
            padded = list(steps)
            for _ in range(rng.randint(1, 3)):
                i = rng.randrange(len(padded))
                name, *arguments = padded[i].strip("()").split(" ")
                inverse, places = INVERSES[name]
                back = f"({' '.join([inverse, *(arguments[place] for place in places)])})"
                padded[i : i + 1] = [padded[i], back, padded[i]]
            yield "plan with steps taken back", Claim("\n".join(padded))
        for i, step in enumerate(steps):
            name, *arguments = step.strip("()").split(" ")
            if name in ("drive-truck", "fly-airplane"):
                vehicle, _, place, *city = arguments
                stay = f"({' '.join([name, vehicle, place, place, *city])})"
                yield "plan with a drive to the same place", Claim("\n".join([*steps[: i + 1], stay, *steps[i + 1 :]]))
        for _ in range(6):
            swapped = list(steps)
            for i in rng.choices(range(len(steps)), k=3 * len(steps)):
                other = [*swapped[:i], *swapped[i : i + 2][::-1], *swapped[i + 2 :]]
                if truth(problem, Claim("\n".join(other))):
                    swapped = other
            yield "plan in another order", Claim("\n".join(swapped))


def other_solutions(problem: Problem, gold: Claim, rng: random.Random) -> Named:
    """cvc5's model, and models near those known."""
    yield "model of another solver", registry.oracle("cvc5").solve(problem, Budget())
    known = [gold.answer["sat"]]
    for _ in range(150):
        model = dict(rng.choice(known))
        for name in rng.sample(sorted(model), rng.randint(1, len(model))):
            model[name] += rng.choice((-5, -3, -2, -1, 1, 2, 3, 5))
        if model not in known and _system_holds(problem, Claim({"sat": model})):
            known.append(model)
            yield "model near another", Claim({"sat": model})


def other_models(problem: Problem) -> Named:
    """Up to twelve models that MiniSat enumerates."""
    from pysat.solvers import Minisat22

    variables, clauses = formula(problem)
    with Minisat22(bootstrap_with=clauses) as solver:
        for _, model in zip(range(12), solver.enum_models(), strict=False):
            true = set(model)
            yield "model of another solver", Claim({"sat": [x if x in true else -x for x in range(1, variables + 1)]})


def other_proofs(problem: Problem, gold: Claim, rng: random.Random) -> Named:
    """Proofs of other solvers and in the other form, with more lemmas, more deletions and new variables."""
    from pysat.solvers import Solver

    variables, clauses = formula(problem)
    form, proof = next(iter(gold.evidence.items()))
    lines = proof.splitlines()
    drat = _without_hints(lines) if form == "lrat" else lines
    found = {"proof in the other form": drat, "proof of glucose": _lines(registry.oracle("glucose"), problem)}
    for name in ("cadical103", "cadical153", "glucose3", "lingeling"):
        with Solver(name, bootstrap_with=clauses, with_proof=True) as solver:
            solver.solve()
            found[f"proof of {name}"] = [*solver.get_proof(), "0"]
    for name, steps in found.items():
        yield name, _drat(steps)
        lemmas = [line for line in steps if not line.startswith("d") and line != "0"]
        if not lemmas:
            continue
        i = steps.index(rng.choice(lemmas))
        yield "lemma twice", _drat([*steps[: i + 1], *steps[i:]])
        yield "lemma twice, one deleted", _drat([*steps[: i + 1], steps[i], f"d {steps[i]}", *steps[i + 1 :]])
        weaker = f"{rng.choice((1, -1)) * rng.randint(1, variables)} {steps[i]}"
        yield "weaker lemma before a lemma", _drat([*steps[:i], weaker, *steps[i:]])
        clause = " ".join(map(str, [*rng.choice(clauses), 0]))
        yield "clause of the formula as a lemma", _drat([*steps[:i], clause, *steps[i:]])
        new, x, y = variables + 1, rng.randint(1, variables), -rng.randint(1, variables)
        definition = [f"{new} {x} {y} 0", f"-{new} -{x} 0", f"-{new} {-y} 0"]
        yield "new variable defined", _drat([*definition, *steps])
        yield "lemmas in another order", _drat([*rng.sample(lemmas, len(lemmas)), "0"])
        yield "windows line ends", Claim("unsat", {"drat": "".join(f"{line}\r\n" for line in steps)})
        yield "lemmas after the empty clause", _drat([*steps, f"{new} 0"])
    if form == "lrat":
        yield from _other_lrat(lines, len(clauses), rng)


def _drat(steps: list[str]) -> Claim:
    return Claim("unsat", {"drat": "".join(f"{line}\n" for line in steps)})


def _lines(oracle: Any, problem: Problem) -> list[str]:
    return str(oracle.solve(problem, Budget()).evidence["drat"]).splitlines()


def _without_hints(lines: list[str]) -> list[str]:
    words = [line.split() for line in lines if " d " not in line]
    return [" ".join(step[1 : step.index("0", 1) + 1]) for step in words]


def _other_lrat(lines: list[str], clauses: int, rng: random.Random) -> Named:
    """The same LRAT proof with other numbers, more hints at the end, and deletions of what is not used again."""
    steps = [(int(words[0]), words[1:]) for words in map(str.split, lines) if words[1] != "d"]
    gap = rng.randint(2, 9)
    names = {str(number): str(clauses + gap * (number - clauses)) for number, _ in steps}
    renumbered, deleted = [], []
    unused = {hint for _, words in steps for hint in words[words.index("0") + 1 : -1]}
    for number, words in reversed(steps):
        end = words.index("0")
        hints = words[end + 1 : -1]
        renumbered.append(" ".join([names[str(number)], *words[: end + 1], *(names.get(x, x) for x in hints), "0"]))
        deleted += [f"{number} d {' '.join(dict.fromkeys(x for x in hints if x in unused))} 0"]
        deleted.append(" ".join([str(number), *words]))
        unused -= set(hints)
    for name, text in (("LRAT with other numbers", renumbered), ("LRAT with deletions", deleted)):
        yield name, Claim("unsat", {"lrat": "".join(f"{line}\n" for line in reversed(text))})


class Tally:
    """What was planted, by kind and name, and how much of it a checker called correct."""

    def __init__(self) -> None:
        self.planted: Counter[Row] = Counter()
        self.believed: Counter[Row] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unsolved: Counter[str] = Counter()
        self.solved: Counter[str] = Counter()
        self.earlier: defaultdict[str, list[Claim]] = defaultdict(list)
        self.failures: list[str] = []

    def add(self, other: Tally) -> None:
        """Take in what another tally counted."""
        for mine, theirs in (
            (self.planted, other.planted),
            (self.believed, other.believed),
            (self.unknown, other.unknown),
            (self.unsolved, other.unsolved),
            (self.solved, other.solved),
        ):
            mine.update(theirs)  # type: ignore[arg-type]
        self.failures += other.failures

    def problem(self, problem: Problem, gold: Claim, rng: random.Random) -> None:
        """Plant every lie and every right answer about a problem of which `gold` was proved."""
        seen = {_key(gold)}
        for name, claim, certain in self._claims(problem, gold, rng):
            if _key(claim) in seen:
                continue
            seen.add(_key(claim))
            own = problem.domain in PROBLEMS  # what its truth tells is even more certain
            known = truth(problem, claim) if not certain or (own and _has_witness(claim)) else None
            if certain and known:
                self.failures.append(f"{problem.domain}: the lie {name!r} is none: {claim}")
            self._plant(problem, claim, name, False if certain else known)
        for _ in range(3):
            copy = LANGUAGES[problem.kind].copy(problem, rng)
            if copy is not None and copy.payload != problem.payload:
                self._plant(copy, gold, "claim about a renamed copy", truth(copy, gold))
        self.earlier[problem.domain] = [*self.earlier[problem.domain][-4:], gold]

    def _claims(self, problem: Problem, gold: Claim, rng: random.Random) -> Iterator[tuple[str, Claim, bool]]:
        proved = [gold]
        if problem.kind == "cnf" and gold.answer == "unsat":
            proved.append(registry.oracle("glucose").solve(problem, Budget()))
        for claim in proved:
            for lie in lies(problem, claim, rng):
                yield lie.name, lie.claim, lie.certain
        for other in self.earlier[problem.domain]:
            unfounded = other.answer == "unsat" and gold.answer != "unsat"
            yield "claim about another problem", Claim(other.answer, other.evidence), unfounded
        for name, claim in right_answers(problem, gold, rng):
            yield name, Claim(claim.answer, claim.evidence), False

    def _plant(self, problem: Problem, claim: Claim, name: str, known: bool | None) -> None:
        try:
            verdict = registry.checker(problem.kind).check(problem, claim, Budget())
        except Exception as error:
            self.failures.append(f"{problem.domain}: the checker raised {error!r}\n{problem.payload}\n{claim}")
            return
        if known is None:
            self.unknown[problem.kind] += 1
            return
        believed = verdict.status is Status.CORRECT
        self.planted[known, problem.kind, name] += 1
        self.believed[known, problem.kind, name] += believed
        if believed is not known:
            told = f"{name}, which is {'right' if known else 'a lie'}, is {verdict.status}"
            self.failures.append(f"{problem.domain}: {told}\n{problem.payload}\n{claim}\n{verdict}")

    def count(self, known: bool, kind: str = "") -> tuple[int, int]:
        """How many lies (`known` is False) or right answers were planted and believed."""
        rows = [row for row in self.planted if row[0] is known and kind in ("", row[1])]
        return sum(self.planted[row] for row in rows), sum(self.believed[row] for row in rows)

    def table(self) -> str:
        """Counts by kind and name, and their sums."""
        lines = []
        for known, title in ((False, "lie"), (True, "right answer")):
            lines.append(f"{'kind':10} {title:60} {'planted':>9} {'believed':>9}")
            for row in sorted(row for row in self.planted if row[0] is known):
                lines.append(f"{row[1]:10} {row[2]:60} {self.planted[row]:9,} {self.believed[row]:9,}")
            lines.append("")
        lines.append(f"{'kind':10} {'lies':>9} {'believed':>9} {'right':>9} {'believed':>9} {'unknown, left out':>18}")
        for kind in ["", *sorted({kind for _, kind, _ in self.planted})]:
            unknown = self.unknown[kind] if kind else self.unknown.total()
            counts = " ".join(f"{count:9,}" for count in self.count(False, kind) + self.count(True, kind))
            lines.append(f"{kind or 'all':10} {counts} {unknown:18,}")
        return "\n".join(lines)


def _key(claim: Claim) -> str:
    return repr((claim.answer, claim.evidence))


def _has_witness(claim: Claim) -> bool:
    """Whether a claim is a plan or a model in the form that the references read."""
    answer: Json = claim.answer
    return "sat" in answer if isinstance(answer, dict) else isinstance(answer, str) and answer.startswith("(")


def plant(name: str, seed: int, items: range) -> Tally:
    """Plant lies and right answers about these items of a domain."""
    tally = Tally()
    task = registry.domain(name)
    oracle = registry.oracle(registry.default_oracle(task.kind))
    for item in items:
        path = ["planted lies", name, task.version, task.knobs(), seed, item]
        problem = task.sample(stream(*path))
        try:
            gold = task.claimed(problem, oracle.solve(problem, Budget()))
        except Undecided as error:
            _unsolved(tally, name, f"{path}: {error}")
            continue
        if registry.checker(task.kind).check(problem, gold, Budget()).proved:
            tally.solved[name] += 1
            tally.problem(problem, gold, stream(*path, "claims"))
        else:
            _unsolved(tally, name, f"{path}: the oracle's claim is not proved")
    return tally


def _unsolved(tally: Tally, name: str, why: str) -> None:
    tally.unsolved[name] += 1
    if name in PROBLEMS:  # the others may well have problems that nobody decides
        tally.failures.append(f"{name}: {why}")


def quotas(lies_wanted: int) -> tuple[dict[str, int], dict[str, str]]:
    """How many lies each domain gets, and why each of the others gets none."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    left_out = {}
    for name, made in registry.domains().items():
        if made.kind not in LANGUAGES:
            left_out[name] = f"no Language of kind {made.kind}"
            continue
        try:
            made().sample(stream("planted lies", name))
            registry.oracle(registry.default_oracle(made.kind)).version()
            kinds[made.kind].append(name)
        except (ValueError, UsageError, Undecided) as error:
            left_out[name] = str(error)
    whole = sum(SHARES.get(kind, 1.0) for kind in kinds)
    wanted = {}
    for kind, names in kinds.items():
        of_kind = lies_wanted * SHARES.get(kind, 1.0) / whole
        weights = {name: SHARES.get(name, 1.0) for name in names}
        wanted |= {name: ceil(of_kind * weight / sum(weights.values())) for name, weight in weights.items()}
    return wanted, left_out


def _tallies(pool: ProcessPoolExecutor | None, name: str, seed: int, chunks: Iterable[range]) -> Iterator[Tally]:
    """The tally of each chunk in order, a few of them under way at a time."""
    if pool is None:
        yield from (plant(name, seed, items) for items in chunks)
        return
    chunks = iter(chunks)
    under_way: list[Future[Tally]] = [pool.submit(plant, name, seed, items) for items in islice(chunks, 4)]
    while under_way:
        yield under_way.pop(0).result()
        under_way += [pool.submit(plant, name, seed, items) for items in islice(chunks, 1)]


def _enough(tally: Tally, wanted: int, name: str) -> bool:
    """Whether a domain has its lies, or has none to give."""
    return tally.count(False)[0] >= wanted or (tally.unsolved[name] > 100 and not tally.solved[name])


def main() -> int:
    parser = argparse.ArgumentParser(description="Plant lies and right answers; print what the checkers believed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the problems to use")
    parser.add_argument("--count", type=int, metavar="LIES", help="so many lies, over all kinds")
    parser.add_argument("--domain", action="append", metavar="NAME", help="with --count, only this domain")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    tally = Tally()
    start = time.perf_counter()
    run = _by_scale if options.count is None else _by_count
    with ProcessPoolExecutor(options.workers) if options.workers > 1 else nullcontext() as pool:
        run(options, pool, tally)
    for name in tally.unsolved:
        if not tally.solved[name]:
            tally.failures.append(f"{name}: no problem was solved and proved")
    print(tally.table())
    for name, number in sorted(tally.unsolved.items()):
        print(f"{name}: {number} of {number + tally.solved[name]} problems without a proved claim")
    for failure in tally.failures[:20]:
        print(f"FAILED {failure}")
    seconds = time.perf_counter() - start
    planted = tally.count(False)[0]
    size = f"scale {options.scale:g}" if options.count is None else f"count {options.count:,}"
    rate = f"{seconds:.0f} s, {planted / seconds:,.0f} lies a second"
    print(f"\nseed {options.seed}, {size}: {len(tally.failures)} failures; {rate}")
    return 1 if tally.failures else 0


def _by_scale(options: argparse.Namespace, pool: ProcessPoolExecutor | None, tally: Tally) -> None:
    for name, problems in PROBLEMS.items():
        last = max(1, round(problems * options.scale))
        chunks = (range(first, min(first + CHUNK, last)) for first in range(0, last, CHUNK))
        for part in _tallies(pool, name, options.seed, chunks):
            tally.add(part)


def _by_count(options: argparse.Namespace, pool: ProcessPoolExecutor | None, tally: Tally) -> None:
    wanted, left_out = quotas(options.count)
    for name, why in left_out.items():
        print(f"{name}: left out: {why}")
    for name, number in wanted.items():
        if options.domain and name not in options.domain:
            continue
        before, own = time.perf_counter(), Tally()
        for part in _tallies(pool, name, options.seed, (range(first, first + CHUNK) for first in count(0, CHUNK))):
            own.add(part)
            if _enough(own, number, name):
                break
        tally.add(own)
        seconds = time.perf_counter() - before
        planted, believed = own.count(False)
        print(f"{name}: {planted:,} lies, {believed} believed; {planted / seconds:,.0f} a second", flush=True)


if __name__ == "__main__":
    sys.exit(main())
