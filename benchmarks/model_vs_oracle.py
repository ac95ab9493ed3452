"""A model against the oracles on all domains, before and after training: one table and one page.

    python benchmarks/model_vs_oracle.py                      about 25 minutes on 2 cores
    python benchmarks/model_vs_oracle.py --lake LAKE          a lake that is there already
    python benchmarks/model_vs_oracle.py --steps 400 --learning-rate 5e-4

Makes a lake of five domains with `--count` records each, trains one adapter on all of them, and asks the base, the
adapter (greedily, and eight answers from which the checker chooses), the oracles themselves, and two models that know
nothing (an answer at random, the training split's most frequent answer) the same test problems, at most `--problems` of
each domain. No test problem has the canonical form of a training problem. The sizes are chosen for a model of 135M
parameters on two cores:

    blocksworld     4 or 5 blocks                          plans of 2 to 16 actions
    logistics       2 cities of 2 places, 2 packages       plans of 2 to 16 actions; its answers are the longest
    random_ksat     6 variables, 30 clauses                half are unsatisfiable, so "unsat" is right for half
    graph_coloring  8 vertices, 3 colors, 14 edges         about half are not colorable
    linear_integer  2 unknowns, 3 constraints, up to 5

Writes README.md (the table), results.json and report.html (plots and a sample of answers) into `--out`. Exits with 1
where an oracle's answer is not proved, or one of best-of-k is not proved when it is judged anew: both would be faults
of ours and not of a model. An answer ends after `--max-tokens`; the longest proved one has 221 tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from _results import (
    Table,
    flags,
    lake_of,
    minutes,
    options_of,
    parsed,
    plain,
    share,
    trained,
    training_seconds,
    untrained,
    write,
)

from neurosym.command import run
from neurosym.evaluate import evaluate
from neurosym.evaluation.compare import compare, read_asked
from neurosym.evaluation.examples import examples
from neurosym.evaluation.judged import Asked
from neurosym.evaluation.page import page
from neurosym.evaluation.plots import seconds_in_words
from neurosym.evaluation.scores import Evaluation, Figure, score
from neurosym.lake import Lake
from neurosym.metrics.costs import seconds_per_proved
from neurosym.models import Model
from neurosym.storage import Folder
from neurosym.training.adapter import Adapter

NAME = "model_vs_oracle"
TITLE = "Model against oracle"
KNOBS = {
    "blocksworld": {"blocks_min": 4, "blocks_max": 5},
    "logistics": {"cities": 2, "locations": 2, "airplanes": 2, "packages": 2},
    "random_ksat": {"variables": 6, "density": 500},
    "graph_coloring": {"vertices": 8, "density": 175},
    "linear_integer": {"variables": 2, "constraints": 3, "bound": 5},
}

FULL: dict[str, Any] = {
    "base": "smollm2", "count": 600, "problems": 60, "samples": 8, "max_tokens": 256, "seed": 0,
    "training": {"steps": 140, "batch_tokens": 2048, "evaluate_every": 70, "validity_problems": 60},
}  # fmt: skip
QUICK: dict[str, Any] = {
    "base": "nano", "count": 30, "problems": 2, "samples": 2, "max_tokens": 24, "seed": 0,
    "training": {"steps": 3, "batch_tokens": 1024, "validity_problems": 2},
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A model's judged answers to all test problems, under the name that it has in the report."""

    name: str
    folder: Path
    found: Evaluation
    asked: list[Asked]

    @property
    def domains(self) -> Mapping[str, Figure]:
        names = sorted({one.domain for one in self.asked})
        return {name: proved(score(name, "", [one for one in self.asked if one.domain == name])) for name in names}

    @property
    def seconds_per_proved(self) -> float | None:
        """The time of all answers over the problems with a proved one."""
        return seconds_per_proved(self.found.effort["model"].seconds, proved(self.found).count)


def proved(found: Evaluation) -> Figure:
    """The share of problems with a proved answer: of one, or of k from which the checker chooses."""
    return found.best_of.coverage if found.best_of else found.validity


def results_of(lake: Lake, options: Any, rest: list[str]) -> tuple[list[Result], Adapter]:
    """Every model asked, and the adapter. What needs no language model comes first: it fails soonest."""
    work, count = options.work, options.problems * len({entry["domain"] for entry in lake.files(split="test")})

    def ask(name: str, folder: str, model: Model | Adapter | str, samples: int = 1) -> Result:
        found = evaluate(model, lake, count=count, seed=options.seed, samples=samples, max_tokens=options.max_tokens,
                         out=work / folder, progress=True)  # fmt: skip
        return Result(name, work / folder, replace(found, model=name), read_asked(work / folder))

    references = [ask(name, name, name) for name in ("oracle", "random", "majority")]
    before = ask(f"{options.base} before", "before", untrained(options.base, lake))
    adapter = trained(lake, options.base, work / "adapter", options.seed, options.training, rest)
    after = ask(f"{options.base} after", "after", adapter)
    best = ask(f"after, best of {options.samples}", "best-of", adapter, options.samples)
    return [before, after, best, *references], adapter


def table_of(results: list[Result]) -> Table:
    """Figures down, models across."""
    found = [result.found for result in results]
    of_domain = [result.domains for result in results]
    precisions = [each.best_of.precision if each.best_of else None for each in found]
    optimal = [each.optimality.share if each.optimality else None for each in found]
    rows = [
        ("proved", *(share(proved(each)) for each in found)),
        *((name, *(share(shares[name]) for shares in of_domain)) for name in of_domain[0]),
        *((f"answers {status}", *(share(each.counts[status]) for each in found))
          for status in ("wrong", "malformed", "undecided")),
        ("proved when judged anew", *map(share, precisions)),
        ("plans as cheap as the oracle's", *map(share, optimal)),
        ("tokens an answer", *(f"{each.tokens / (each.problems * each.samples):.0f}" for each in found)),
        ("time for a problem", *(seconds_in_words(each.effort["model"].seconds / each.problems) for each in found)),
        ("time for a problem proved", *(seconds_in_words(result.seconds_per_proved) for result in results)),
    ]  # fmt: skip
    title = f"{found[0].problems} test problems of {found[0].forms} canonical forms; 95% intervals"
    return Table(title, ("", *(result.name for result in results)), rows)


def sentences_of(results: list[Result], adapter: Adapter) -> list[str]:
    """What is to be read first."""
    before, after, best, oracle, _, majority = results
    said = [
        sentence
        for first in (before, majority)
        for sentence in compare(first.asked, after.asked, (first.name, after.name)).sentences
    ]
    for one in (after, best):
        mine, theirs = one.seconds_per_proved, oracle.seconds_per_proved
        if mine is not None and theirs:
            said.append(
                f"{one.name} takes {seconds_in_words(mine)} for each problem proved, {mine / theirs:,.0f} times as "
                f"long as the oracle, which takes {seconds_in_words(theirs)}"
            )
    said.append(f"one adapter for all domains, {minutes(training_seconds(adapter.path))} minutes of training steps")
    return said


def sound(results: list[Result]) -> bool:
    """Whether all answers of the oracle are proved, and all that best-of-k handed out when they are judged anew."""
    oracle = next(result.found for result in results if result.name == "oracle")
    precisions = [result.found.best_of.precision.value for result in results if result.found.best_of]
    return oracle.validity.value == 1.0 and all(precision in (None, 1.0) for precision in precisions)


def report(results: list[Result], said: list[str]) -> str:
    """The page, with the models under the names of the table."""
    shown = [
        replace(example, said=tuple(replace(one, model=result.name)
                                    for one, result in zip(example.said, results, strict=True)))
        for example in examples([result.folder for result in results])
    ]  # fmt: skip
    return page(TITLE, [json.loads(result.found.to_json()) for result in results], said, shown)


def main(arguments: list[str]) -> int:
    parser = flags(__doc__)
    parser.add_argument("--lake", type=Path, help="take this lake, and do not make one")
    parser.add_argument("--count", type=int, metavar="N", help="records of each domain in the lake (default 600)")
    parser.add_argument("--problems", type=int, metavar="N", help="test problems of each domain, at most (default 60)")
    parser.add_argument("--samples", type=int, metavar="K", help="answers to choose from (default 8)")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="of one answer (default 256)")
    parser.add_argument("--seed", type=int, help="of the lake, the training and the asking (default 0)")
    options, rest = parsed(parser, arguments, NAME, Path("docs/results") / NAME, FULL, QUICK)

    lake = Lake(options.lake) if options.lake else lake_of(options.work / "lake", KNOBS, options.count, options.seed)
    results, adapter = results_of(lake, options, rest)
    table, said = table_of(results), sentences_of(results, adapter)
    table.show()
    print(*said, sep="\n")
    Folder(options.out).write("report.html", report(results, said).encode())
    facts = {"options": options_of(options), "training_flags": rest, "lake": lake.digest, "sentences": said,
             "training": {"settings": dict(adapter.settings), "scores": dict(adapter.scores),
                          "seconds": training_seconds(adapter.path)},
             "models": {result.name: plain(result.found) for result in results},
             "proved_by_domain": {result.name: {name: vars(share) for name, share in result.domains.items()}
                                  for result in results}}  # fmt: skip
    listed = "\n".join(f"- {sentence}." for sentence in said)
    parts = [f"Asked: {results[0].found.questions}.", table.markdown(), listed]
    write(options.out, "README.md", "results.json", TITLE, parts, facts)
    return 0 if sound(results) else 1


if __name__ == "__main__":
    run(main)
