"""What proving costs: Lean in batches, replay of UNSAT proofs, models and Farkas certificates, optimal plans.

    python benchmarks/proof.py            all parts (about 4 minutes on 2 cores; part a needs Lean, see the README)
    python benchmarks/proof.py --part b   one part

(a) Lean proofs a second, judged and audited: batches in one process against one process for each, on the same proofs:
    at least 20 times
(b) unsatisfiable random 3-SAT of 50 variables and 218 clauses: the checker's replay, parsing included, against the
    oracle's solving, proof writing included: at most 3 times as long; and against CaDiCaL's own search alone
(c) checks a second of SMT models, of Farkas certificates and of bit-vector proofs, parsing included
(d) share of optimal claims that are proved, on the default domains of shortest plans: at least 95%

Machines are noisy: quote the ratios. The two sides of a ratio take turns, and the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import neurosym as ns
from neurosym.core import Budget, Claim, Domain, Problem, Undecided, stream

BUDGET = Budget()
LEAN_DOMAINS = ("lean_propositional", "lean_arithmetic")
SHORTEST_PLANS = ("blocksworld_shortest", "logistics_shortest")

Claimed = tuple[Problem, Claim]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def claims(task: Domain, wanted: Callable[[Claim], bool] = lambda _: True) -> Iterator[Claimed]:
    """Problems of a task with the default oracle's claims, without end."""
    oracle = ns.oracle(ns.registry.default_oracle(task.kind))
    item = 0
    while True:
        problem = task.sample(stream("proof", task.name, item))
        item += 1
        claim = task.claimed(problem, oracle.solve(problem, BUDGET))
        if wanted(claim):
            yield problem, claim


def some(task: Domain, count: int, wanted: Callable[[Claim], bool] = lambda _: True) -> list[Claimed]:
    return [claimed for claimed, _ in zip(claims(task, wanted), range(count), strict=False)]


def check_each(pairs: Sequence[Claimed]) -> None:
    checker = ns.checker(pairs[0][0].kind)
    for problem, claim in pairs:
        verdict = checker.check(problem, claim, BUDGET)
        assert verdict.proved, verdict


def part_a(rounds: int) -> bool:
    print("(a) Lean proofs a second: batched, one process for each, ratio")
    try:
        ns.oracle("lean4").version()
    except Undecided as error:
        print(f"    not measured: {error}")
        return True
    checker = ns.checker("lean4")
    pairs = [pair for name in LEAN_DOMAINS for pair in some(ns.domain(name), 200)]
    few = pairs[::40]

    def batched() -> None:
        assert all(verdict.proved for verdict in checker.check_many(pairs, BUDGET))

    def one_by_one() -> None:
        for pair in few:
            assert all(verdict.proved for verdict in checker.check_many([pair], BUDGET))

    one_by_one()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(len(pairs) / seconds(batched))
        theirs.append(len(few) / seconds(one_by_one))
    ratio = statistics.median(o / t for o, t in zip(ours, theirs, strict=True))
    print(f"    {statistics.median(ours):8.1f} {statistics.median(theirs):8.1f} {ratio:8.1f}")
    return ratio >= 20


def search_alone(clauses: Sequence[Sequence[int]]) -> None:
    from pysat.solvers import Cadical195

    with Cadical195(bootstrap_with=clauses) as solver:
        assert solver.solve() is False


def part_b(rounds: int) -> bool:
    from pysat.formula import CNF

    print("(b) milliseconds for an unsatisfiable formula of 50 variables: replay, the oracle's solving, ratio; "
          "CaDiCaL's search alone, ratio")  # fmt: skip
    task, oracle = ns.domain("random_ksat", variables=50, density=436), ns.oracle("cadical")
    pairs = some(task, 150, lambda claim: claim.answer == "unsat")
    formulas = [CNF(from_string=problem.payload["dimacs"]).clauses for problem, _ in pairs]
    replay, solving, search = [], [], []
    for _ in range(rounds):
        replay.append(1000 * seconds(lambda: check_each(pairs)) / len(pairs))
        solving.append(1000 * seconds(lambda: [oracle.solve(problem, BUDGET) for problem, _ in pairs]) / len(pairs))
        search.append(1000 * seconds(lambda: [search_alone(formula) for formula in formulas]) / len(pairs))
    ratio, bare = (
        statistics.median(r / other for r, other in zip(replay, others, strict=True)) for others in (solving, search)
    )
    mine, theirs, alone = (statistics.median(times) for times in (replay, solving, search))
    print(f"    {mine:8.2f} {theirs:8.2f} {ratio:8.2f} {alone:8.2f} {bare:8.2f}")
    return ratio <= 3


def part_c(rounds: int) -> bool:
    print("(c) checks a second, parsing included")
    unsat = {"integer_feasibility": "Farkas certificates", "bitvector_identities": "bit-vector proofs (LRAT)"}
    pairs = {"models of linear_integer": some(ns.domain("linear_integer"), 200)}
    for name, what in unsat.items():
        pairs[f"{what} of {name}"] = some(ns.domain(name), 100, lambda claim: claim.answer == "unsat")
    for what, known in pairs.items():
        rates = [len(known) / seconds(lambda k=known: check_each(k)) for _ in range(rounds)]
        print(f"    {what:56} {statistics.median(rates):8.0f}")
    return True


def part_d(_: int) -> bool:
    print("(d) optimal claims: proved, of how many, milliseconds a check")
    good = True
    for name in SHORTEST_PLANS:
        task = ns.domain(name)
        pairs = some(task, 200)
        checker = ns.checker(task.kind)
        start = time.perf_counter()
        proved = sum(checker.check(problem, claim, BUDGET).proved for problem, claim in pairs)
        print(f"    {name:24} {proved:6} {len(pairs):6} {1000 * (time.perf_counter() - start) / len(pairs):8.1f}")
        good &= proved >= 0.95 * len(pairs)
    return good


PARTS = {"a": part_a, "b": part_b, "c": part_c, "d": part_d}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", choices=sorted(PARTS), action="append")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    found = [PARTS[part](chosen.rounds) for part in chosen.part or sorted(PARTS)]
    print("all targets met" if all(found) else "a target was missed")
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
