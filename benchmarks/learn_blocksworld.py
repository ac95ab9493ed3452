"""How well a small model solves unseen Blocksworld problems after three and after ten minutes of training.

    python benchmarks/learn_blocksworld.py                          three seeds (about an hour on 2 cores)
    python benchmarks/learn_blocksworld.py --seeds 0 --only-short   one look (about 10 minutes)

There are 223 canonical forms of problems with four blocks, and the lake holds all of them. Splits go by canonical form:
181 are for training, 14 for validation and 28 for the test. So no held-out problem is a renaming of a training problem,
and there are not 500 training problems of different forms: every epoch shows each of the 181 under fresh names and in
another order of its towers, and 500 such problems are passed after less than three epochs. Likewise the 224 held-out
problems are the 28 forms under `--renamings` 8 namings each; intervals resample whole forms, and are wide because there
are 28.

The two trainings of a seed are separate, each with a whole learning-rate schedule of `--steps-3` and `--steps-10`
steps, chosen so that on 2 cores they take about three and ten minutes; what they took is measured and printed: the wall
time of all steps. No validity is measured during training, and the last weights are kept: all time goes to training.
Best of 8 draws eight answers at temperature 1 from the last training of a seed, and the checker chooses.

Targets, for the median of the seeds: 70% greedily after three minutes, 90% after ten, 97% answered by best of 8, and
all of these answers proved. Exits with 1 where one is missed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from _results import (
    BLOCKSWORLD,
    BLOCKSWORLD_FORMS,
    LAKE_SEED,
    Table,
    flags,
    held_out,
    lake_of,
    minutes,
    options_of,
    parsed,
    plain,
    share,
    trained,
    training_seconds,
    untrained,
    wall_seconds,
    write,
)

from neurosym.command import run
from neurosym.evaluation.scores import Evaluation
from neurosym.lake import Lake

NAME = "learn_blocksworld"

TARGETS = {"3 minutes": 0.70, "10 minutes": 0.90}
ANSWERED = 0.97

FULL: dict[str, Any] = {
    "base": "smollm2", "seeds": [0, 1, 2], "steps_3": 70, "steps_10": 240, "renamings": 8, "samples": 8,
    "forms": BLOCKSWORLD_FORMS, "max_tokens": 160, "training": {"batch_tokens": 1024, "validity_problems": 0},
}  # fmt: skip
QUICK: dict[str, Any] = {
    "base": "nano", "seeds": [0], "steps_3": 2, "steps_10": 4, "renamings": 2, "samples": 2,
    "forms": 30, "max_tokens": 24, "training": {"batch_tokens": 1024, "validity_problems": 0},
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """One training of a seed, and what its adapter proves. `seconds` and `wall` are those of the training."""

    seed: int
    name: str
    steps: int
    seconds: float
    wall: float | None
    greedy: Evaluation
    best: Evaluation | None

    @property
    def row(self) -> tuple[str, ...]:
        best = self.best.best_of if self.best else None
        answered, precision = (best.coverage, best.precision) if best else (None, None)
        figures = map(share, (self.greedy.validity, answered, precision))
        return (f"about {self.name}", str(self.steps), minutes(self.seconds), minutes(self.wall), *figures)

    def to_json(self) -> dict[str, Any]:
        known = {"seed": self.seed, "name": self.name, "steps": self.steps}
        known |= {"training_seconds": round(self.seconds, 1), "wall_seconds": self.wall and round(self.wall, 1)}
        return known | {"greedy": plain(self.greedy), "best_of": self.best and plain(self.best)}


def results_of(seed: int, lake: Lake, options: Any, rest: list[str]) -> list[Result]:
    """The trainings of one seed, evaluated greedily, and the last of them by best of k."""
    runs = {"3 minutes": options.steps_3} | ({} if options.only_short else {"10 minutes": options.steps_10})
    found = []
    for name, steps in runs.items():
        folder = options.work / f"seed-{seed}" / name.replace(" ", "-")
        made = trained(lake, options.base, folder / "adapter", seed, options.training, [*rest, "--steps", str(steps)])
        greedy = held_out(made, lake, folder / "greedy", options)
        best = held_out(made, lake, folder / "best-of", options, options.samples) if name == list(runs)[-1] else None
        found.append(Result(seed, name, steps, training_seconds(made.path), wall_seconds(made.path), greedy, best))
    return found


def seed_table(before: Evaluation, results: list[Result], k: int) -> Table:
    columns = ("training", "steps", "minutes of steps", "minutes in all", "greedy, proved", f"best of {k}, answered",
               "of these proved")  # fmt: skip
    untouched = ("before", "0", "–", "–", share(before.validity), "–", "–")
    return Table(f"Seed {results[0].seed}", columns, [untouched, *(result.row for result in results)])


@dataclass(frozen=True)
class Median:
    """The median of the seeds of one figure, held against its target."""

    what: str
    shares: tuple[float, ...]
    target: float

    @property
    def met(self) -> bool:
        return median(self.shares) >= self.target

    @property
    def row(self) -> tuple[str, ...]:
        short = f"missed by {100 * (self.target - median(self.shares)):.1f} points"
        each = ", ".join(f"{100 * one:.1f}" for one in self.shares)
        middle = f"{100 * median(self.shares):.1f}%"
        return (self.what, middle, each, f"{100 * self.target:.0f}%", "met" if self.met else short)


def medians(results: list[Result], k: int) -> list[Median]:
    """The medians that have targets. Precision counts where anything was answered; its target is for every seed."""
    found = []
    for name, target in TARGETS.items():
        shares = tuple(result.greedy.validity.value or 0.0 for result in results if result.name == name)
        found += [Median(f"greedy after about {name}", shares, target)] if shares else []
    best = [result.best.best_of for result in results if result.best and result.best.best_of]
    found.append(Median(f"best of {k}, answered", tuple(each.coverage.value or 0.0 for each in best), ANSWERED))
    precisions = tuple(each.precision.value for each in best if each.precision.value is not None)
    return found + ([Median("of these proved, least", (min(precisions),), 1.0)] if precisions else [])


def main(arguments: list[str]) -> int:
    parser = flags(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", metavar="S", help="of training (default 0 1 2)")
    parser.add_argument("--steps-3", type=int, metavar="N", help="steps of about three minutes")
    parser.add_argument("--steps-10", type=int, metavar="M", help="steps of about ten minutes")
    parser.add_argument("--renamings", type=int, metavar="R", help="namings of each held-out form (default 8)")
    parser.add_argument("--samples", type=int, metavar="K", help="answers to choose from (default 8)")
    parser.add_argument("--only-short", action="store_true", help="train for about three minutes alone")
    options, rest = parsed(parser, arguments, NAME, Path("docs/results"), FULL, QUICK)

    lake = lake_of(options.work / "lake", BLOCKSWORLD, {"blocksworld": options.forms}, LAKE_SEED)
    before = held_out(untrained(options.base, lake), lake, options.work / "before", options)
    results: list[Result] = []
    tables: list[Table] = []
    for seed in options.seeds:
        results += results_of(seed, lake, options, rest)
        tables.append(seed_table(before, [result for result in results if result.seed == seed], options.samples))
        tables[-1].show()
    found = medians(results, options.samples)
    each = "seeds " + ", ".join(map(str, options.seeds))
    tables.append(Table("Medians", ("figure", "median", f"{each}: %", "target", ""), [figure.row for figure in found]))
    tables[-1].show()
    forms = {split: sum(entry["rows"] for entry in lake.files(split=split)) for split in ("train", "test")}
    asked = (
        f"{options.base}; Blocksworld of 4 blocks: {forms['train']} training forms under fresh names each epoch; "
        f"{before.problems} held-out problems, {before.forms} forms under {options.renamings} namings each, none of "
        "which was trained on. Shares are of all held-out problems, with 95% intervals that resample whole forms."
    )
    facts = {"options": options_of(options), "training_flags": rest, "lake": lake.digest, "forms": forms,
             "before": plain(before), "results": [result.to_json() for result in results],
             "medians": [dict(zip(("figure", "median", "each", "target", "met"), each.row, strict=True))
                         for each in found]}  # fmt: skip
    write(
        options.out,
        f"{NAME}.md",
        f"{NAME}.json",
        "Learning four-block Blocksworld",
        [asked, *(t.markdown() for t in tables)],
        facts,
    )
    return 0 if options.quick or all(figure.met for figure in found) else 1


if __name__ == "__main__":
    run(main)
