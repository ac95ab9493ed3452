"""Lies that no checker may believe, and right answers that every checker must: 100,000 of the one, 10,000 of the other.

    python benchmarks/planted_lies.py [--seed S] [--scale F]

Problems of the five domains are solved by their oracles, and lies are made from each proved claim
(`neurosym.testing.lies`); right answers that differ from the proved one are other plans, models and proofs. Every
claim goes through the `check` of its kind's checker. Its truth never comes from there:

    plans     native simulators of both domains (tests/reference_simulators.py)
    models    evaluation of the clauses; linear arithmetic in Python's integers
    proofs    replay straight from the definition of DRAT and LRAT (`neurosym.testing.references`)

Claims whose truth these cannot tell are left out. Exits with 1 if one lie was believed or one right answer was not.
"""

from __future__ import annotations

import argparse
import operator
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from reference_simulators import blocksworld_valid, logistics_valid

from neurosym import registry
from neurosym.core import Budget, Claim, Json, Problem, Status, Undecided, stream
from neurosym.testing import LANGUAGES, lies
from neurosym.testing.cnf import formula
from neurosym.testing.references import cnf_holds
from neurosym.testing.texts import Tree, head, read

PROBLEMS = {"blocksworld": 165, "logistics": 165, "random_ksat": 230, "graph_coloring": 180, "linear_integer": 280}
"""Problems of each domain at scale 1."""

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
    if problem.kind == "pddl":
        plan = claim.answer
        if not isinstance(plan, str) or plan == "unsolvable":
            return None
        return bool(SIMULATORS[problem.domain](problem.payload["problem"], plan))
    return cnf_holds(problem, claim) if problem.kind == "cnf" else _system_holds(problem, claim)


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
    if problem.kind == "pddl":
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
        self.earlier: defaultdict[str, list[Claim]] = defaultdict(list)
        self.failures: list[str] = []

    def problem(self, problem: Problem, gold: Claim, rng: random.Random) -> None:
        """Plant every lie and every right answer about a problem of which `gold` was proved."""
        seen = {_key(gold)}
        for name, claim, certain in self._claims(problem, gold, rng):
            if _key(claim) in seen:
                continue
            seen.add(_key(claim))
            known = truth(problem, claim) if not certain or _has_witness(claim) else None
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
        if gold.answer == "unsat":
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
            lines.append(f"{'kind':8} {title:60} {'planted':>9} {'believed':>9}")
            for row in sorted(row for row in self.planted if row[0] is known):
                lines.append(f"{row[1]:8} {row[2]:60} {self.planted[row]:9,} {self.believed[row]:9,}")
            lines.append("")
        lines.append(f"{'kind':8} {'lies':>9} {'believed':>9} {'right':>9} {'believed':>9} {'unknown, left out':>18}")
        for kind in ["", *sorted({kind for _, kind, _ in self.planted})]:
            unknown = self.unknown[kind] if kind else self.unknown.total()
            counts = " ".join(f"{count:9,}" for count in self.count(False, kind) + self.count(True, kind))
            lines.append(f"{kind or 'all':8} {counts} {unknown:18,}")
        return "\n".join(lines)


def _key(claim: Claim) -> str:
    return repr((claim.answer, claim.evidence))


def _has_witness(claim: Claim) -> bool:
    """Whether a claim is a plan or a model in the form that the references read."""
    answer: Json = claim.answer
    return "sat" in answer if isinstance(answer, dict) else isinstance(answer, str) and answer.startswith("(")


def main() -> int:
    parser = argparse.ArgumentParser(description="Plant lies and right answers; print what the checkers believed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the problems to use")
    options = parser.parse_args()
    start = time.perf_counter()
    tally = Tally()
    for name, count in PROBLEMS.items():
        task = registry.domain(name)
        oracle = registry.oracle(registry.default_oracle(task.kind))
        for item in range(max(1, round(count * options.scale))):
            path = ["planted lies", name, task.version, task.knobs(), options.seed, item]
            problem = task.sample(stream(*path))
            try:
                gold = oracle.solve(problem, Budget())
            except Undecided as error:
                tally.failures.append(f"{name}: {path}: {error}")
                continue
            if registry.checker(task.kind).check(problem, gold, Budget()).proved:
                tally.problem(problem, gold, stream(*path, "claims"))
            else:
                tally.failures.append(f"{name}: {path}: the oracle's claim is not proved")
    print(tally.table())
    for failure in tally.failures[:20]:
        print(f"FAILED {failure}")
    seconds = time.perf_counter() - start
    print(f"\nseed {options.seed}, scale {options.scale:g}: {len(tally.failures)} failures; {seconds:.0f} s")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
