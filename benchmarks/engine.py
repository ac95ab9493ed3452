"""How fast the engine is, against what it is made of and against the usual way, on the same work in one run.

    python benchmarks/engine.py            all parts (about 5 minutes on 2 cores)
    python benchmarks/engine.py --part b   one part

(a) the engine with 2 workers, lake and manifest included, against twice a raw single-process loop that only samples,
    canonises, solves and checks the same problems: at least 0.8 for each oracle; and against two such loops side by
    side, because two processes on these two cores are not twice as fast as one, with no engine in between
(b) labelled planning pairs a second, engine with 2 workers, against a plain loop of unified-planning's reader,
    OneshotPlanner(name="fast-downward-opt") and its validator on the same problems: at least 10 times
(c) plan checks a second, parsing included, against unified-planning's reader and validator: at least 200 times
(d) rows a second written to a lake, and verified again

Machines are noisy: quote the ratios. A part is repeated and its median taken; the two sides of a ratio take turns.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

import neurosym as ns
from neurosym.cluster import Pool, pool
from neurosym.core import Budget, Domain, Problem, stream
from neurosym.job import Job
from neurosym.labelling import canonical_id
from neurosym.lake import Lake
from neurosym.rows import to_table
from neurosym.verify import verify
from neurosym.writer import extend

TASKS = {
    "fast-downward": (ns.domain("blocksworld"), 600),
    "cadical": (ns.domain("random_ksat", variables=50, density=435), 4000),
    "cadical, small": (ns.domain("random_ksat"), 8000),
    "z3": (ns.domain("linear_integer", variables=4, constraints=6), 4000),
    "z3, small": (ns.domain("linear_integer"), 4000),
}
"""For each oracle a domain it labels and how many records: enough for several seconds. The small ones are the domains'
defaults; of SAT the other one has the usual 50 variables."""


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw_loop(task: Domain, count: int, seed: int) -> None:
    """The floor: what every record costs before any engine is there."""
    oracle, checker = ns.oracle(Job(task).oracle), ns.checker(task.kind)
    seen: set[str] = set()
    item = proved = 0
    while proved < count:
        problem = task.sample(stream(task.name, task.version, task.knobs(), seed, item))
        item += 1
        form = canonical_id(problem)
        if form in seen:
            continue
        seen.add(form)
        proved += checker.check(problem, oracle.solve(problem, Budget()), Budget()).proved


def engine(task: Domain, count: int, seed: int, workers: Pool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert extend(Lake(folder), Job(task, seed), count, workers).proved == count


def two_raw_loops(task: Domain, count: int, seed: int) -> float:
    """Seconds that two processes take, each with a raw loop of its own, without their start."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    loops = [context.Process(target=_loop, args=(barrier, task, count, seed + 100 * k)) for k in (1, 2)]
    for loop in loops:
        loop.start()
    barrier.wait()
    start = time.perf_counter()
    for loop in loops:
        loop.join()
    return time.perf_counter() - start


def _loop(barrier: Barrier, task: Domain, count: int, seed: int) -> None:
    raw_loop(task, 20, 99)
    barrier.wait()
    raw_loop(task, count, seed)


def part_a(workers: Pool, rounds: int) -> bool:
    print("(a) records a second: engine with 2 workers; twice one raw loop, ratio; two raw loops side by side, ratio")
    good = True
    for name, (task, count) in TASKS.items():
        engine(task, 100, 99, workers)  # warms the workers' oracles
        raw_loop(task, 20, 99)
        raw, pair, made = [], [], []
        for seed in range(rounds):
            alone = count // 2
            raw.append(2 * alone / seconds(lambda t=task, c=alone, s=seed: raw_loop(t, c, s)))
            made.append(count / seconds(lambda t=task, c=count, s=seed: engine(t, c, s, workers)))
            pair.append(count / two_raw_loops(task, alone, seed))
        ratio = statistics.median(m / r for m, r in zip(made, raw, strict=True))
        beside = statistics.median(m / r for m, r in zip(made, pair, strict=True))
        ours, once, twice = (statistics.median(figure) for figure in (made, raw, pair))
        print(f"    {name:14} {ours:8.0f} {once:8.0f} {ratio:6.2f} {twice:8.0f} {beside:6.2f}", flush=True)
        good &= ratio >= 0.8
    return good


def problems(count: int) -> list[Problem]:
    task = ns.domain("blocksworld", blocks=5)
    return [task.sample(stream("benchmark", item)) for item in range(count)]


def usual_way(problem: Problem) -> tuple[object, object]:
    """unified-planning as its documentation shows it: read the files, ask a planner, validate the plan."""
    from unified_planning.engines import PlanGenerationResultStatus as Status
    from unified_planning.io import PDDLReader
    from unified_planning.shortcuts import OneshotPlanner, PlanValidator

    task = PDDLReader().parse_problem_string(problem.payload["domain"], problem.payload["problem"])
    with OneshotPlanner(name="fast-downward-opt") as planner:
        result = planner.solve(task)
    assert result.status in (Status.SOLVED_OPTIMALLY, Status.SOLVED_SATISFICING)
    with PlanValidator(problem_kind=task.kind) as validator:
        assert validator.validate(task, result.plan)
    return task, result.plan


def silence_unified_planning() -> None:
    from unified_planning.shortcuts import get_environment

    get_environment().credits_stream = None


def part_b(workers: Pool, rounds: int) -> bool:
    silence_unified_planning()
    print("(b) labelled planning pairs a second (5 blocks): engine with 2 workers, unified-planning, ratio")
    task, count, few = ns.domain("blocksworld", blocks=5), 300, problems(8)
    usual_way(few[0])
    engine(task, 100, 99, workers)
    ours, usual = [], []
    for seed in range(rounds):
        ours.append(count / seconds(lambda s=seed: engine(task, count, s, workers)))
        usual.append(len(few) / seconds(lambda: [usual_way(problem) for problem in few]))
    ratio = statistics.median(o / u for o, u in zip(ours, usual, strict=True))
    print(f"    {statistics.median(ours):22.1f} {statistics.median(usual):8.1f}   {ratio:.1f}")
    return ratio >= 10


def part_c(rounds: int) -> bool:
    from unified_planning.io import PDDLReader
    from unified_planning.shortcuts import PlanValidator

    silence_unified_planning()
    print("(c) plan checks a second, parsing included (5 blocks): ours, unified-planning's, ratio")
    checker, oracle = ns.checker("pddl"), ns.oracle("fast-downward")
    pairs = [(problem, oracle.solve(problem, Budget())) for problem in problems(40)]

    def ours() -> None:
        for _ in range(25):
            for problem, claim in pairs:
                assert checker.check(problem, claim, Budget()).proved

    def usual() -> None:
        for problem, claim in pairs[:8]:
            reader = PDDLReader()
            task = reader.parse_problem_string(problem.payload["domain"], problem.payload["problem"])
            plan = reader.parse_plan_string(task, claim.answer)
            with PlanValidator(problem_kind=task.kind) as validator:
                assert validator.validate(task, plan)

    usual()
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(25 * len(pairs) / seconds(ours))
        theirs.append(8 / seconds(usual))
    ratio = statistics.median(m / t for m, t in zip(mine, theirs, strict=True))
    print(f"    {statistics.median(mine):22.0f} {statistics.median(theirs):8.1f}   {ratio:.0f}")
    return ratio >= 200


def part_d(rounds: int) -> bool:
    import pyarrow as pa
    from pyarrow import parquet

    print("(d) rows a second: records to rows and Parquet in one process; verify with 1 worker")
    for name, (task, _) in TASKS.items():
        with tempfile.TemporaryDirectory() as folder:
            lake = Lake(folder)
            lake.write(ns.annotate(task, count=300, seed=1))
            records = list(lake.records())
            write = [
                len(records) / seconds(lambda r=records: parquet.write_table(to_table(r), pa.BufferOutputStream()))
                for _ in range(rounds)
            ]
            again = [len(records) / seconds(lambda f=folder: verify(f)) for _ in range(rounds)]
        print(f"    {name:14} {statistics.median(write):8.0f} {statistics.median(again):8.0f}")
    return True


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", choices="abcd", action="append")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    parts = chosen.part or list("abcd")
    good = True
    with pool(2) as workers:
        if "a" in parts:
            good &= part_a(workers, chosen.rounds)
        if "b" in parts:
            good &= part_b(workers, chosen.rounds)
    if "c" in parts:
        good &= part_c(chosen.rounds)
    if "d" in parts:
        good &= part_d(chosen.rounds)
    print("all targets met" if good else "a target was missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
