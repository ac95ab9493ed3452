"""Expert iteration against plain fine-tuning on the same budget of optimizer steps, on four-block Blocksworld.

    python benchmarks/expert_iteration.py                  nano, three seeds (about 30 minutes on 2 cores)
    python benchmarks/expert_iteration.py --base smollm2 --steps 40 --rounds 2 --samples 4 --seeds 0

Expert iteration trains `--steps` steps in round 0 and in each of `--rounds` later rounds; before each of these, the
model answers every training problem `--samples` times, and what the checker proves and is not known yet is learned
from too. Plain fine-tuning trains (rounds + 1) * steps steps on the lake alone, from the same weights, with one
learning-rate schedule over all of them where expert iteration has one a round. Drawing answers is no optimizer step:
that cost comes on top, and the tables tell how many answers were drawn.

The lake holds all 223 canonical forms, split by form: 181 for training, 28 for the test, and each of these is asked
under `--renamings` 8 namings. Neither side measures validity during training; both keep their last weights. The two
are compared on the same problems, greedily, for each seed, and over all seeds with the forms resampled as wholes: that
interval is about problems, for these seeds; how far seeds differ is to be seen in the rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
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
    wall_seconds,
    write,
)

from neurosym.command import run
from neurosym.evaluation.compare import compare, read_asked
from neurosym.evaluation.judged import Asked
from neurosym.evaluation.scores import Evaluation
from neurosym.lake import Lake
from neurosym.metrics import paired
from neurosym.metrics.paired import Paired
from neurosym.training.adapter import Adapter

NAME = "expert_iteration"
PLAIN, EXPERT = "plain fine-tuning", "expert iteration"

FULL: dict[str, Any] = {
    "base": "nano", "seeds": [0, 1, 2], "steps": 150, "rounds": 3, "samples": 8, "renamings": 8,
    "forms": BLOCKSWORLD_FORMS, "max_tokens": 160, "training": {"batch_tokens": 4096, "validity_problems": 0},
}  # fmt: skip
QUICK: dict[str, Any] = {
    "base": "nano", "seeds": [0], "steps": 3, "rounds": 1, "samples": 2, "renamings": 2,
    "forms": 30, "max_tokens": 24, "training": {"batch_tokens": 1024, "validity_problems": 0},
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One side of one seed: its adapter, and what it proves of the held-out problems."""

    adapter: Adapter
    found: Evaluation
    asked: list[Asked]

    def to_json(self) -> dict[str, Any]:
        return {"training_seconds": training_seconds(self.adapter.path),
                "wall_seconds": wall_seconds(self.adapter.path), "greedy": plain(self.found)}  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """Both sides of one seed; `rounds` are the figures of expert iteration's rounds, with what each then proves."""

    number: int
    plain: Side
    expert: Side
    rounds: list[dict[str, Any]]
    validity: list[Evaluation]

    @property
    def compared(self) -> Paired:
        return compare(self.plain.asked, self.expert.asked, (PLAIN, EXPERT)).answers

    def to_json(self) -> dict[str, Any]:
        rounds = [one | {"greedy": plain(found)} for one, found in zip(self.rounds, self.validity, strict=True)]
        return {"seed": self.number, "plain": self.plain.to_json(), "expert": self.expert.to_json(), "rounds": rounds,
                "compared": vars(self.compared)}  # fmt: skip


def side(name: str, seed: int, lake: Lake, options: Any, rest: list[str], **more: int) -> Side:
    folder = options.work / f"seed-{seed}" / name
    made = trained(lake, options.base, folder / "adapter", seed, {**options.training, **more}, rest)
    return Side(made, held_out(made, lake, folder / "greedy", options), read_asked(folder / "greedy"))


def seed_of(number: int, lake: Lake, options: Any, rest: list[str]) -> Seed:
    """Train and evaluate both sides of a seed, and the rounds of expert iteration."""
    simple = side("plain", number, lake, options, rest, steps=options.steps * (options.rounds + 1))
    more = {"steps": options.steps, "rounds": options.rounds, "samples": options.samples}
    expert = side("expert", number, lake, options, rest, **more)
    rounds = json.loads((expert.adapter.path / "rounds.json").read_text())
    folders = [expert.adapter.path / f"round-{each}" for each in range(options.rounds)]
    validity = [held_out(folder, lake, expert.adapter.path.parent / folder.name, options) for folder in folders]
    return Seed(number, simple, expert, rounds, [*validity, expert.found])


def seed_table(seed: Seed, options: Any) -> Table:
    """What each round drew and learned from, and what it then proves; beside it plain fine-tuning."""
    rows: list[tuple[str, ...]] = []
    seconds = 0.0
    for place, (one, found) in enumerate(zip(seed.rounds, seed.validity, strict=True)):
        seconds += training_seconds(seed.expert.adapter.path / f"round-{place}")
        counts = (f"{one[key]:,}" for key in ("answers", "proved", "new", "records"))
        whole = minutes(wall_seconds(seed.expert.adapter.path)) if place == options.rounds else ""
        rows.append((f"{EXPERT}, round {place}", f"{options.steps * (place + 1):,}", *counts, minutes(seconds), whole,
                     share(found.validity)))  # fmt: skip
    path, steps = seed.plain.adapter.path, options.steps * (options.rounds + 1)
    rows.append((PLAIN, f"{steps:,}", "0", "0", "0", f"{seed.rounds[0]['records']:,}", minutes(training_seconds(path)),
                 minutes(wall_seconds(path)), share(seed.plain.found.validity)))  # fmt: skip
    columns = ("training", "steps so far", "answers drawn", "proved", "new", "records learned from", "minutes of steps",
               "minutes in all", "held out, greedy, proved")  # fmt: skip
    return Table(f"Seed {seed.number}", columns, rows)


def pooled(seeds: list[Seed]) -> Paired:
    """Both sides over all seeds: whole forms are resampled, with the answers of all seeds to all their namings."""
    sides = [(one, other) for seed in seeds for one, other in zip(seed.plain.asked, seed.expert.asked, strict=True)]
    assert all(one.id == other.id for one, other in sides)
    first, second = ([each.right[0] for each in column] for column in zip(*sides, strict=True))
    return paired.compare(first, second, [one.canonical_id for one, _ in sides])


def comparison_table(seeds: list[Seed], whole: Paired) -> Table:
    def difference(found: Paired) -> tuple[str, str]:
        points = f"{100 * found.difference:+.1f} ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
        return points, f"{found.exact_p:.2g}"

    rows: list[tuple[str, ...]]
    rows = [(f"seed {seed.number}", share(seed.plain.found.validity), share(seed.expert.found.validity),
             *difference(seed.compared)) for seed in seeds]  # fmt: skip
    proved = [100 * (whole.both + only) / whole.problems for only in (whole.only_first, whole.only_second)]
    rows.append(("all seeds", *(f"{each:.1f}%" for each in proved), *difference(whole)))
    return Table("Compared", ("", PLAIN, EXPERT, "points more (95% interval)", "p, by form"), rows)


def main(arguments: list[str]) -> int:
    parser = flags(__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", metavar="S", help="of training (default 0 1 2)")
    parser.add_argument("--steps", type=int, metavar="N", help="optimizer steps of one round")
    parser.add_argument("--rounds", type=int, metavar="R", help="rounds after round 0")
    parser.add_argument("--samples", type=int, metavar="K", help="answers drawn to each training problem in a round")
    parser.add_argument("--renamings", type=int, metavar="R", help="namings of each held-out form (default 8)")
    options, rest = parsed(parser, arguments, NAME, Path("docs/results"), FULL, QUICK)

    lake = lake_of(options.work / "lake", BLOCKSWORLD, {"blocksworld": options.forms}, LAKE_SEED)
    seeds: list[Seed] = []
    tables: list[Table] = []
    for number in options.seeds:
        seeds.append(seed_of(number, lake, options, rest))
        tables.append(seed_table(seeds[-1], options))
        tables[-1].show()
    whole = pooled(seeds)
    tables.append(comparison_table(seeds, whole))
    tables[-1].show()
    said = f"Over the seeds {', '.join(map(str, options.seeds))}: {paired.sentence(whole, PLAIN, EXPERT)}."
    print(said)
    first = seeds[0].plain.found
    steps = options.steps * (options.rounds + 1)
    asked = (
        f"{options.base}; Blocksworld of 4 blocks; {steps} optimizer steps on each side. {first.problems} held-out "
        f"problems are asked: {first.forms} forms under {options.renamings} namings each, none of them trained on. "
        "Shares are of all held-out problems, with 95% intervals that resample whole forms."
    )
    facts = {"options": options_of(options), "training_flags": rest, "lake": lake.digest, "sentence": said,
             "all_seeds": vars(whole), "seeds": [seed.to_json() for seed in seeds]}  # fmt: skip
    title = "Expert iteration against plain fine-tuning"
    write(
        options.out, f"{NAME}.md", f"{NAME}.json", title, [asked, said, *(table.markdown() for table in tables)], facts
    )
    return 0


if __name__ == "__main__":
    run(main)
