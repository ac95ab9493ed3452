"""How fast saved outputs are judged again, in one process: answers a second of processor time.

    python benchmarks/judge.py            all task families (about 3 minutes)
    python benchmarks/judge.py --few      a tenth of the problems

Each family's problems are answered in three rounds, so that each gets a right answer, a wrong one and junk: a third of
the answers of each round are right (the oracle's own; a bare unsat is decided by the record's proof, which is replayed
each time), a third wrong (the answer to another problem, unsat said of what is satisfiable, a plan without its last
step) and a third no answer by its form. What is timed is what `python -m neurosym.evaluate --rejudge` does but for
timing the oracle: reading problems and outputs, judging, and comparing with the oracle's texts.

Target: 2,000 a second for each family of planning and of SAT problems. The columns after it are the rates of one kind
of answer, without reading and comparing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import neurosym as ns
from neurosym.core import Record
from neurosym.evaluation.run import Told, judge_saved
from neurosym.models import Output, Sampling
from neurosym.models.saved import to_line

TARGET = 2000

TASKS = {
    "blocksworld": (ns.domain("blocksworld"), 300),
    "blocksworld, 4 blocks": (ns.domain("blocksworld", blocks=4), 150),
    "logistics": (ns.domain("logistics"), 300),
    "random_ksat": (ns.domain("random_ksat"), 600),
    "random_ksat, 50 variables": (ns.domain("random_ksat", variables=50, density=435), 300),
    "graph_coloring": (ns.domain("graph_coloring"), 600),
    "linear_integer": (ns.domain("linear_integer"), 600),
}

JUNK = (
    "",
    "I am not sure.",
    "(pick-up a",
    "sat 1 2 3 oh",
    "```\n{}\n```",
    "The answer is {}",
    "(" * 1000,
    "x = 1, y = ",
)


def wrong(record: Record, other: Record, number: int) -> str:
    """A wrong answer of the right form, or nearly always one."""
    if record.problem.kind == "pddl":
        return record.completion.rpartition("\n")[0] if number % 2 else other.completion
    if record.problem.kind == "cnf" and record.claim.answer != "unsat" and number % 2:
        return "not colorable" if record.problem.domain == "graph_coloring" else "unsat"
    return other.completion if other.completion != record.completion else ""


def texts(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """For each record a right answer, a wrong one and junk. Other answers to unsat are models of other problems."""
    models = [record for record in records if record.claim.answer != "unsat"]
    return [
        (
            record.completion,
            wrong(record, next(m for m in models[number % len(models) :] + models if m is not record), number),
            JUNK[number % len(JUNK)].replace("{}", record.completion),
        )
        for number, record in enumerate(records)
    ]


def saved_rate(records: Sequence[Record], said: Sequence[tuple[str, str, str]]) -> tuple[float, Counter[str]]:
    """Answers a second when whole files of outputs are judged, and what became of them."""
    spent = 0.0
    found: Counter[str] = Counter()
    for turn in range(3):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "outputs.jsonl"
            lines = (
                to_line(r.problem.id, [Output(t[(n + turn) % 3])])
                for n, (r, t) in enumerate(zip(records, said, strict=True))
            )
            file.write_bytes(b"".join(lines))
            start = time.process_time()
            asked = judge_saved(file, records, Sampling(), Told(), workers=1)
            spent += time.process_time() - start
        found.update(str(one.answers[0].verdict.status) for one in asked)
    return 3 * len(records) / spent, found


def rate(pairs: Sequence[tuple[Record, str]]) -> float:
    """Answers a second of `neurosym.judge` alone; 0 where there are none."""
    done, start = 0, time.process_time()
    while pairs and time.process_time() - start < 0.3:
        for record, text in pairs:
            ns.judge(record, text)
        done += len(pairs)
    return done / (time.process_time() - start)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--few", action="store_true")
    few = options.parse_args().few
    print(f"{'answers a second and core':27}    mixed  right:solved  unsat    wrong     junk   correct/wrong/malformed")
    good = True
    for name, (task, count) in TASKS.items():
        records = list(ns.annotate(task, count // 10 if few else count, seed=1))
        said = texts(records)
        mixed, found = saved_rate(records, said)
        unsat = [(r, t[0]) for r, t in zip(records, said, strict=True) if r.claim.answer == "unsat"]
        solved = [(r, t[0]) for r, t in zip(records, said, strict=True) if r.claim.answer != "unsat"]
        alone = [
            rate(pairs)
            for pairs in (solved, unsat, *(list(zip(records, (t[k] for t in said), strict=True)) for k in (1, 2)))
        ]
        counts = "/".join(str(found[status]) for status in ("correct", "wrong", "malformed"))
        print(
            f"{name:27} {mixed:8.0f} {alone[0]:13.0f} {alone[1]:6.0f} {alone[2]:8.0f} {alone[3]:8.0f}   {counts}",
            flush=True,
        )
        good &= mixed >= TARGET or task.kind not in ("pddl", "cnf")
    print(f"{'met' if good else 'missed'}: {TARGET} a second and core, for planning and for SAT")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
