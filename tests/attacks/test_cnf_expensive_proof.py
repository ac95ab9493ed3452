"""A short proof that is long to replay: RAT lemmas that each look through everything, and hints at one wide clause."""

from __future__ import annotations

import time

from cnf_attack import dimacs
from neurosym_oracles.cnf_checker import CnfChecker

from neurosym.core import Budget, Claim, Problem

WIDE = tuple(range(3, 20_000))


def test_the_budget_ends_it():
    wide = Problem("", "cnf", {"dimacs": dimacs([(1, *WIDE)], 20_000)})
    hints = {"lrat": f"2 {' '.join(map(str, WIDE))} 0 {'1 ' * 100_000}0\n"}
    many = Problem("", "cnf", {"dimacs": dimacs([(-1, place) for place in WIDE], 20_000)})
    lemmas = {"lrat": "".join(f"{20_000 + n} {20_000 + n} 1 0 0\n" for n in range(50_000))}
    for problem, evidence in ((wide, hints), (many, lemmas)):
        start = time.thread_time()
        verdict = CnfChecker().check(problem, Claim("unsat", evidence), Budget(steps=50))
        assert verdict.reason == "timeout" and time.thread_time() - start < 5
