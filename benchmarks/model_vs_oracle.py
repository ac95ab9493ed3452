"""A model against the oracles on all domains, before and after training: one table and one page.

    python benchmarks/model_vs_oracle.py                      about 25 minutes on 2 cores
    python benchmarks/model_vs_oracle.py --lake LAKE          a lake that is there already
    python benchmarks/model_vs_oracle.py --steps 400 --learning-rate 5e-4

Makes a lake of five domains with `--count` records each (of logistics at most 300), trains one adapter on all of them,
and asks the base, the adapter (greedily, and eight answers from which the checker chooses), the oracles themselves, and
two models that know nothing (an answer at random, the training split's most frequent answer) the same test problems, at
most `--problems` of each domain. No test problem has the canonical form of a training problem. The sizes are chosen for
a model of 135M parameters on two cores:

    blocksworld     4 or 5 blocks                     plans of 2 to 16 actions
    logistics       2 cities of 2 places, 2 packages  plans of 5 to 19 actions; 312 canonical forms, and no more
    random_ksat     6 variables, 30 clauses           half are unsatisfiable, so "unsat" is right for half
    graph_coloring  8 vertices, 3 colors, 14 edges    half are not colorable, so "not colorable" is right for half
    linear_integer  2 unknowns, 3 constraints         coefficients and solutions of at most 5

An answer ends after `--max-tokens`, of which the longest of the oracles' has 263. All training is 140 steps of 2,048
tokens, less than one epoch; validity on 60 validation problems is measured twice, and the better weights are kept.

Writes README.md (the table), results.json and report.html (plots and a sample of answers) into `--out`. Exits with 1
where an oracle's answer is not proved, or one of best-of-k is not proved when it is judged anew: both would be faults
of ours and not of a model.
"""

from __future__ import annotations

import json
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
from neurosym.evaluation.scores import Evaluation, score
from neurosym.lake import Lake
from neurosym.models import Model
from neurosym.storage import Folder
from neurosym.training.adapter import Adapter

NAME = "model_vs_oracle"
TITLE = "Model against oracle"
KNOBS = {
    "blocksworld": {"blocks_min": 4, "blocks_max": 5},
    "logistics": {"cities": 2, "locations": 2, "packages": 2},
    "random_ksat": {"variables": 6, "density": 500},
    "graph_coloring": {"vertices": 8, "density": 175},
    "linear_integer": {"variables": 2, "constraints": 3, "bound": 5},
}

MOST = {"logistics": 300}
"""Records of a domain at most: with these knobs there are 312 canonical forms of logistics problems."""

FULL: dict[str, Any] = {
    "base": "smollm2", "count": 600, "problems": 60, "samples": 8, "max_tokens": 288, "seed": 0,
    "training": {"steps": 140, "batch_tokens": 2048, "evaluate_every": 70, "validity_problems": 60},
}  # fmt: skip
QUICK: dict[str, Any] = {
    "base": "nano", "count": 15, "problems": 2, "samples": 2, "max_tokens": 24, "seed": 1,
    "training": {"steps": 3, "batch_tokens": 1024, "validity_problems": 2},
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A model's judged answers to all test problems, one to each, under the name that it has in the report."""

    name: str
    folder: Path
    found: Evaluation
    asked: list[Asked]


def result(name: str, folder: Path, found: Evaluation) -> Result:
    """What an evaluation found. Of several answers to a problem, the one that best-of-k gives is the model's."""
    asked = [chosen(one) for one in read_asked(folder)]
    made = score(name, found.questions, asked, found.left_out)
    made = replace(made, samples=found.samples, pass_at=found.pass_at, best_of=found.best_of)
    return Result(name, folder, made, asked)


def chosen(one: Asked) -> Asked:
    """The record with the first proved of its answers, else the first, at the cost of all of them."""
    if len(one.answers) == 1:
        return one
    answer = one.answers[one.right.index(True) if any(one.right) else 0]
    tokens, seconds = (sum(getattr(each, name) for each in one.answers) for name in ("tokens", "seconds"))
    return replace(one, answers=(replace(answer, tokens=tokens, seconds=seconds, logprob=None),))


def results_of(lake: Lake, options: Any, rest: list[str]) -> tuple[list[Result], Adapter]:
    """Every model asked, and the adapter. What needs no language model comes first: it fails soonest."""
    work, count = options.work, options.problems * len({entry["domain"] for entry in lake.files(split="test")})

    def ask(name: str, folder: str, model: Model | Adapter | str, samples: int = 1) -> Result:
        found = evaluate(model, lake, count=count, seed=options.seed, samples=samples, max_tokens=options.max_tokens,
                         out=work / folder, progress=True)  # fmt: skip
        return result(name, work / folder, found)

    references = [ask(name, name, name) for name in ("oracle", "random", "majority")]
    before = ask(f"{options.base} before", "before", untrained(options.base, lake))
    adapter = trained(lake, options.base, work / "adapter", options.seed, options.training, rest)
    after = ask(f"{options.base} after", "after", adapter)
    best = ask(f"after, best of {options.samples}", "best-of", adapter, options.samples)
    return [before, after, best, *references], adapter


def table_of(results: list[Result]) -> Table:
    """Figures down, models across."""
    found = [result.found for result in results]
    efforts = [each.effort["model"] for each in found]
    precisions = [each.best_of.precision if each.best_of else None for each in found]
    optimal = [each.optimality.share if each.optimality else None for each in found]
    rows = [
        ("proved", *(share(each.validity) for each in found)),
        *((name, *(share(each.by_domain[name]) for each in found)) for name in found[0].by_domain),
        *((status, *(share(each.counts[status]) for each in found)) for status in ("wrong", "malformed", "undecided")),
        ("proved when judged anew", *map(share, precisions)),
        ("plans as cheap as the oracle's", *map(share, optimal)),
        ("tokens for a problem", *(f"{each.tokens / each.problems:.0f}" for each in found)),
        ("time for a problem", *(seconds_in_words(each.per_answer) for each in efforts)),
        ("time for a proved answer", *(seconds_in_words(each.per_proved) for each in efforts)),
    ]
    title = f"{found[0].problems} test problems of {found[0].forms} canonical forms; 95% intervals"
    return Table(title, ("", *(result.name for result in results)), rows)


def sentences_of(results: list[Result], adapter: Adapter) -> list[str]:
    """What is to be read first."""
    before, after, best, oracle, _, majority = results
    said = [
        str(compare(first.asked, second.asked, (first.name, second.name)))
        for first, second in ((before, after), (majority, after), (after, best))
    ]
    theirs = oracle.found.effort["model"].per_proved
    for one in (after, best):
        mine = one.found.effort["model"].per_proved
        if mine is not None and theirs:
            said.append(
                f"{one.name} takes {seconds_in_words(mine)} for each proved answer, {mine / theirs:,.0f} times as long "
                f"as the oracle, which takes {seconds_in_words(theirs)}"
            )
    k = best.found.samples
    said.append(f"best of {k} is the answer that the checker chooses, or else the first, at the cost of all {k}")
    said.append(f"one adapter for all domains, {minutes(training_seconds(adapter.path))} minutes of training steps")
    return said


def sound(results: list[Result]) -> bool:
    """Whether all answers of the oracle are proved, and all that best-of-k handed out when they are judged anew."""
    oracle = next(result.found for result in results if result.name == "oracle")
    precisions = [result.found.best_of.precision.value for result in results if result.found.best_of]
    return oracle.validity.value == 1.0 and all(precision in (None, 1.0) for precision in precisions)


def report(results: list[Result], said: list[str]) -> str:
    """The page, with the models under the names of the table. Its sample of answers shows those with one answer."""
    single = [result for result in results if result.found.samples == 1]
    shown = [
        replace(example, said=tuple(replace(one, model=result.name)
                                    for one, result in zip(example.said, single, strict=True)))
        for example in examples([result.folder for result in single])
    ]  # fmt: skip
    return page(TITLE, [json.loads(result.found.to_json()) for result in results], said, shown)


def main(arguments: list[str]) -> int:
    parser = flags(__doc__)
    parser.add_argument("--lake", type=Path, help="take this lake, and do not make one")
    parser.add_argument("--count", type=int, metavar="N", help="records of each domain in the lake (default 600)")
    parser.add_argument("--problems", type=int, metavar="N", help="test problems of each domain, at most (default 60)")
    parser.add_argument("--samples", type=int, metavar="K", help="answers to choose from (default 8)")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="of one answer (default 288)")
    parser.add_argument("--seed", type=int, help="of the lake, the training and the asking (default 0)")
    options, rest = parsed(parser, arguments, NAME, Path("docs/results") / NAME, FULL, QUICK)

    if options.lake:
        lake = Lake(options.lake)
    else:
        counts = {name: min(options.count, MOST.get(name, options.count)) for name in KNOBS}
        lake = lake_of(options.work / "lake", KNOBS, counts, options.seed)
    results, adapter = results_of(lake, options, rest)
    table, said = table_of(results), sentences_of(results, adapter)
    table.show()
    print(*said, sep="\n")
    Folder(options.out).write("report.html", report(results, said).encode())
    facts = {"options": options_of(options), "training_flags": rest, "lake": lake.digest, "sentences": said,
             "training": {"settings": dict(adapter.settings), "scores": dict(adapter.scores),
                          "seconds": training_seconds(adapter.path)},
             "models": {result.name: plain(result.found) for result in results}}  # fmt: skip
    listed = "\n".join(f"- {sentence}." for sentence in said)
    parts = [f"Asked: {results[0].found.questions}.", table.markdown(), listed]
    write(options.out, "README.md", "results.json", TITLE, parts, facts)
    return 0 if sound(results) else 1


if __name__ == "__main__":
    run(main)
