"""python -m neurosym.generate: real oracles write a lake in which every label is proved.

The job comes from flags, a TOML file, or both (flags win). The same job gives the same rows for any number of workers,
and however often it was killed and run again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.command import Parser, progress_bar, run
from neurosym.core import Undecided, stream
from neurosym.errors import UsageError
from neurosym.gates import check_gates
from neurosym.job import Job
from neurosym.pipeline import Exhausted
from neurosym.settings import RECORDS_FOR_RAY, Settings, from_flags, jobs_of, workers_for

if TYPE_CHECKING:
    from neurosym.lake import Lake, Summary

EXAMPLES = """\
  python -m neurosym.generate --list
  python -m neurosym.generate blocksworld,random_ksat -n 1000 --seed 7 --out lake
  python -m neurosym.generate blocksworld -n 500 --out lake --set blocks=5 --workers 2
  python -m neurosym.generate --from my_problems/ extra.cnf --out lake
  python -m neurosym.generate --config job.toml

a job file (every key is also a flag, but for budget and gate):
  domains = ["blocksworld", "random_ksat"]
  count = 1000
  seed = 7
  out = "lake"
  [knobs]
  blocksworld.blocks = 5
  [gate]
  max_undecided = 0.01
  min_conclusion_entropy = 0.9
"""


def parser() -> Parser:
    """The command line."""
    made = Parser("generate", __doc__.strip().splitlines()[0].split(": ", 1)[1].capitalize(), EXAMPLES)
    made.add_argument("domains", nargs="?", default="", metavar="DOMAIN[,DOMAIN…]", help="task families; see --list")
    made.add_argument("-n", "--count", type=int, help="proved records in all, shared evenly among the domains")
    made.add_argument("--seed", type=int, help="the seed (default 0)")
    made.add_argument("--out", metavar="LAKE", help="the lake: a folder or URI; resumed or enlarged if it is there")
    made.add_argument(
        "--workers",
        type=int,
        metavar="W",
        help=f"1: this process; more: Ray (default: all cores from {RECORDS_FOR_RAY} records on, else 1)",
    )
    made.add_argument("--set", action="append", default=[], metavar="[DOMAIN.]KNOB=VALUE", help="set a domain's knob")
    made.add_argument(
        "--from",
        nargs="+",
        default=[],
        dest="sources",
        metavar="PATH",
        help="your own problems: .pddl pairs, .cnf, .smt2, .jsonl of {kind, payload}, or folders of them",
    )
    made.add_argument("--oracle", help="the solver, where the kind's default is not wanted, such as up:ENGINE")
    made.add_argument("--config", metavar="JOB.toml", help="a job file; flags win over it")
    made.add_argument("--dry-run", action="store_true", help="show the job, its tools and a problem; write nothing")
    made.add_argument("--list", action="store_true", help="list the domains with their knobs")
    made.add_argument("--json", action="store_true", help="print the summary (or the list) as JSON on stdout")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Returns the exit code; raises CommandError."""
    options = parser().parse_args(arguments)
    if options.list:
        _list(options.json)
        return 0
    settings = from_flags(options)
    jobs = jobs_of(settings)
    if options.dry_run:
        _dry_run(settings, jobs)
        return 0
    if not settings.out:
        raise UsageError("where to? name the lake with --out LAKE")
    return _generate(settings, jobs, options.json)


def _list(as_json: bool) -> None:
    entries: list[dict[str, Any]] = []
    for name, domain in registry.domains().items():
        about = sys.modules[domain.__module__].__doc__ or domain.__doc__ or ""
        summary = about.strip().split("\n")[0]
        entries.append({"name": name, "kind": domain.kind, "version": domain.version, "summary": summary})
        entries[-1]["knobs"] = domain().knobs()
    if as_json:
        print(json.dumps(entries, indent=1))
        return
    for entry in entries:
        knobs = ", ".join(f"{knob}={value}" for knob, value in entry["knobs"].items())
        print(f"{entry['name']:18} {entry['kind']:8} {entry['summary']}\n{'':27} {knobs}")


def _dry_run(settings: Settings, jobs: list[tuple[Job, int]]) -> None:
    for job, count in jobs:
        print(f"{job.domain.name}: {count} records, seed {job.seed}, oracle {job.oracle} ({_version(job)})")
        print(f"  knobs: {', '.join(f'{name}={value}' for name, value in job.domain.knobs().items())}")
        if job.sources is None:
            problem = job.domain.sample(stream("dry-run", job.domain.name))
        else:
            problem = next(source.problem for source in job.sources if not source.error)
        print("  a problem:", *job.domain.prompt(problem)[:2000].splitlines(), sep="\n    ")
    print(f"would write to {settings.out or '(no --out given)'} with {workers_for(settings, jobs)} workers")


def _version(job: Job) -> str:
    try:
        return registry.oracle(job.oracle).version()
    except Undecided as error:
        raise UsageError(error.detail) from None


def _generate(settings: Settings, jobs: list[tuple[Job, int]], as_json: bool) -> int:
    from neurosym.cluster import pool
    from neurosym.lake import Lake
    from neurosym.writer import complete, extend

    for job, _ in jobs:
        _version(job)  # a missing tool is told before anything starts
    lake = Lake(settings.out)
    summaries: list[Summary] = []
    stopped: Exhausted | None = None
    with lake.folder.locked(), pool(workers_for(settings, jobs)) as workers:
        for job, count in jobs:
            with progress_bar(job.domain.name, count) as update:
                shown = partial(_show, update)
                try:
                    summaries.append(extend(lake, job, count, workers, shown))
                except Exhausted as error:
                    stopped = error
        with progress_bar("audit", settings.audit * len(lake.manifest["jobs"])) as update:
            complete(lake, workers, settings.audit, lambda done: update(done, ""))
    _report(lake, as_json)
    if stopped:
        raise stopped
    if settings.sources and not any(summary.proved for summary in summaries):
        raise UsageError(f"none of your problems could be proved: see {settings.out}/quarantine")
    check_gates(settings.gate, lake.manifest["quality"])
    return 0


def _show(update: Callable[[int, str], None], summary: Summary) -> None:
    others = {status: count for status, count in summary.counts.items() if status != "correct" and count}
    others |= {"copies": summary.duplicates} if summary.duplicates else {}
    update(summary.proved, ", ".join(f"{count} {status}" for status, count in others.items()))


def _report(lake: Lake, as_json: bool) -> None:
    from neurosym.report import closing_table, summary_json

    if as_json:
        print(summary_json(lake.manifest))
    else:
        closing_table(lake.manifest, lake.location)
    sys.stdout.flush()


if __name__ == "__main__":
    run(main)
