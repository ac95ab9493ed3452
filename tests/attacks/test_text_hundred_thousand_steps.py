"""Plans of 100,000 steps: right ones that are padded so that a slow validator is killed, and called invalid or valid by
whoever reads its exit code.
"""

from __future__ import annotations

import time

from attack import ROOM, TOGGLE, judged, plan

from neurosym import registry
from neurosym.core import Budget, Claim, Problem


def test_a_long_plan_is_judged_to_its_end():
    many = "(press a x)\n" * 100_000
    start = time.thread_time()
    assert plan(f"{many}(press b y)").proved
    assert plan(f"{many}(press b x)").status == "wrong"
    assert plan(f"(press b y)\n{many}(unplug b y)").status == "wrong"
    assert time.thread_time() - start < 10


def test_a_model_cannot_write_one():
    assert judged("pddl_files", "(press a x)\n" * 100_000 + "(press b y)") == "malformed"


def test_what_does_not_fit_the_budget_is_undecided():
    problem = Problem("", "pddl", {"domain": TOGGLE, "problem": ROOM})
    claim = Claim("(press a x)\n" * 100_000 + "(press b y)")
    verdict = registry.checker("pddl").check(problem, claim, Budget(steps=1000))
    assert (verdict.status, verdict.reason) == ("undecided", "timeout")
