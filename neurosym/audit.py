"""The audit: a second oracle solves a sample of a lake again, and its word is held against the labels.

Contract: two oracles that contradict each other are an event, not a statistic. One of them, or a checker, is wrong, so
the record is no training data until a person has looked: it goes to quarantine with both claims.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from neurosym import registry
from neurosym.core import Budget, Claim, Json, MalformedProblem, Problem, Undecided, canonical_json
from neurosym.metrics import proportions

if TYPE_CHECKING:
    from neurosym.cluster import Pool

AUDIT = 30
"""Records of each domain that a second oracle solves again."""

MAX_DETAIL = 2000
"""Characters of a second claim that are kept."""


class Opinion(NamedTuple):
    """What a second oracle's claim says of a label: agrees, disagrees or undecided; and the claim, if it disagrees."""

    word: str
    claim: str = ""


def audit_of(rows: list[Mapping[str, Any]], first: str, workers: Pool, one_done: Callable[[], None]) -> dict[str, Any]:
    """A second oracle's word on a sample, with a bound on the share of false labels (Clopper and Pearson, 1934).

    `disputed` has, for the id of each record that it contradicts, what it claims instead.
    """
    from neurosym.cluster import ordered

    if not rows:
        return {"oracle": None, "sampled": 0}
    try:
        second = registry.second_oracle(rows[0]["kind"], first).name
    except Undecided as error:
        return {"oracle": None, "sampled": 0, "why_not": str(error)}
    outcomes: Counter[str] = Counter()
    disputed: dict[str, str] = {}
    for row, opinion in zip(rows, ordered(workers, second_opinion, ((second, row) for row in rows)), strict=True):
        outcomes[opinion.word] += 1
        if opinion.claim:
            disputed[row["id"]] = f"{second} claims {opinion.claim}"
        one_done()
    decided, disagreed = outcomes["agrees"] + outcomes["disagrees"], outcomes["disagrees"]
    return {
        "oracle": second,
        "sampled": len(rows),
        "decided": decided,
        "disagrees": disagreed,
        "disputed": disputed,
        "error_rate_below": upper_bound(disagreed, decided),
        "confidence": str(proportions.CONFIDENCE),
    }


def second_opinion(oracle: str, row: Mapping[str, Any]) -> Opinion:
    """What another oracle's answer to a row's problem says of the row's label.

    Answers agree in their conclusion, and in the plan length where both oracles say that it is the smallest.
    """
    problem = Problem(row["domain"], row["kind"], json.loads(row["payload"]))
    checker = registry.checker(problem.kind)
    try:
        solver = registry.oracle(oracle)
        claim = solver.solve(problem, Budget(steps=solver.audit_steps))
    except (Undecided, MalformedProblem):
        return Opinion("undecided")
    same = checker.conclusion(claim.answer) == checker.conclusion(json.loads(row["answer"]))
    mine, other = (optimal_length(metrics) for metrics in (claim.metrics, json.loads(row["metrics"])))
    if same and (mine is None or other is None or mine == other):
        return Opinion("agrees")
    return Opinion("disagrees", _in_words(claim))


def _in_words(claim: Claim) -> str:
    return f"{canonical_json(claim.answer)} {canonical_json(dict(claim.metrics))}"[:MAX_DETAIL]


def optimal_length(metrics: Mapping[str, Json]) -> Json:
    """The plan length that an oracle says is the smallest; None if it says no such thing, or counts by costs."""
    length = metrics.get("plan_length")
    optimal = metrics.get("optimality") == "asserted" and metrics.get("plan_cost", length) == length
    return length if optimal else None


def upper_bound(failures: int, trials: int) -> float:
    """The one-sided upper confidence bound on a rate of which `failures` of `trials` were seen, to six places."""
    return round(proportions.upper_bound(failures, trials), 6)
