"""The figures of an evaluation, from judged answers.

Contract: every share is over the full denominator: what is malformed, undecided or no answer at all counts. Every
figure carries its 95% interval: Wilson's where the problems are independent; where renamings of one problem or several
samples stand beside each other, whole canonical forms are resampled. Figures are the same for the same answers in the
same order, but for `effort`, which holds all that was measured in seconds.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from math import isfinite
from statistics import fmean
from typing import Any

from neurosym.core import Status
from neurosym.evaluation.judged import Answer, Asked
from neurosym.metrics.bootstrap import mean_interval
from neurosym.metrics.calibration import (
    Bin,
    Point,
    area_under_risk_coverage,
    brier,
    expected_calibration_error,
    perplexity,
    reliability,
    risk_coverage,
)
from neurosym.metrics.costs import CostRatios, cost_ratios, seconds_per_proved
from neurosym.metrics.pass_at_k import pass_at_k
from neurosym.metrics.proportions import wilson

FORMAT = 1

LEVELS = 5
LEAST_IN_LEVEL = 10
"""Bins into which a domain's problems fall by difficulty: so many at most, of about equally many problems, and no fewer
than this on average."""


@dataclass(frozen=True)
class Figure:
    """A share or a mean, from 0 to 1, of `of` things, with its 95% interval. Of nothing it is None within 0..1."""

    value: float | None
    low: float
    high: float
    of: int

    @property
    def count(self) -> int:
        """Of a share: how many."""
        return round((self.value or 0.0) * self.of)

    def __str__(self) -> str:
        if self.value is None:
            return "none"
        return f"{100 * self.value:.1f}% ({100 * self.low:.1f}–{100 * self.high:.1f})"


@dataclass(frozen=True)
class Level:
    """The problems of one domain whose difficulty lies in low..high, in the steps of the domain's oracle."""

    domain: str
    low: int
    high: int
    validity: Figure


@dataclass(frozen=True)
class BestOf:
    """The first of k answers that the checker accepts is handed out, and nothing where it accepts none.

    `coverage` is the share of problems with an answer. `precision` is the share of answers handed out that are proved
    when they are judged anew: anything below 1 is a fault of the checker.
    """

    k: int
    coverage: Figure
    precision: Figure


@dataclass(frozen=True)
class Optimality:
    """Proved plans of problems whose oracle says that no plan costs less: how many cost as little as the oracle's.

    `share` is of the proved answers to such problems. That the oracle's plan is optimal is the oracle's word, and not
    proved: `cheaper` counts the proved answers that refute it.
    """

    share: Figure
    cheaper: int


@dataclass(frozen=True)
class Calibration:
    """How well a model's confidence, the geometric mean of its tokens' probabilities, goes with being proved."""

    answers: int
    expected_error: float
    brier: float
    area_under_risk_coverage: float
    reliability: tuple[Bin, ...]
    risk_coverage: tuple[Point, ...]


@dataclass(frozen=True)
class Effort:
    """What answers took. `per_proved` spreads the time of all answers over the proved ones; None where none is."""

    answers: int
    proved: int
    seconds: float
    per_answer: float | None
    per_proved: float | None

    @classmethod
    def of(cls, asked: Iterable[Asked]) -> Effort:
        """The effort of all answers to some records."""
        answers = [answer for one in asked for answer in one.answers]
        seconds, proved = sum(answer.seconds for answer in answers), sum(answer.verdict.proved for answer in answers)
        each = seconds / len(answers) if answers else None
        return cls(len(answers), proved, seconds, each, seconds_per_proved(seconds, proved))


@dataclass(frozen=True)
class Evaluation:
    """A model's figures on `problems` problems of `forms` different canonical forms, `samples` answers to each.

    `counts` has the four statuses and `validity` the proved answers, as shares of all answers; `no_answer` counts those
    of the malformed that were no answer at all, and `reasons` tells why answers are undecided. `left_out` problems
    were not asked, because the model was trained on their canonical forms. `pass_at` has pass@k for each k up to
    `samples`. `exact_match` and `token_f1` compare texts with the oracle's completions. `perplexity` is of the model's
    own answers. What cannot be told is None.
    """

    model: str
    questions: str
    problems: int
    forms: int
    samples: int
    left_out: int
    counts: Mapping[str, Figure]
    no_answer: int
    reasons: Mapping[str, int]
    validity: Figure
    by_domain: Mapping[str, Figure]
    by_difficulty: tuple[Level, ...]
    pass_at: Mapping[int, Figure]
    best_of: BestOf | None
    optimality: Optimality | None
    cost_ratio: CostRatios | None
    exact_match: Figure
    token_f1: Figure
    tokens: int
    perplexity: float | None
    calibration: Calibration | None
    effort: Mapping[str, Effort] = field(default_factory=dict)
    """Of the `model`, and of the `oracle` on a sample of the same problems, timed in the same run."""

    def to_json(self) -> str:
        """The figures as JSON text. All that two equal runs may differ in is under the key `effort`."""
        return json.dumps({"format": FORMAT, **_plain(self)}, indent=1, sort_keys=True, allow_nan=False)

    def __str__(self) -> str:
        rows = list(_table(self))
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:{width}}  {figures}" for name, figures in rows)


def score(model: str, questions: str, asked: Sequence[Asked], left_out: int = 0) -> Evaluation:
    """The figures of a model's judged answers. Raises ValueError where nothing was asked."""
    if not asked:
        raise ValueError("no problem was asked")
    samples = min(len(one.answers) for one in asked)
    answers = [answer for one in asked for answer in one.answers]
    verdicts = [answer.verdict for answer in answers]
    forms = [one.canonical_id for one in asked for _ in one.answers]
    return Evaluation(
        model=model,
        questions=questions,
        problems=len(asked),
        forms=len(set(_forms(asked))),
        samples=samples,
        left_out=left_out,
        counts={str(status): _figure([v.status is status for v in verdicts], forms) for status in Status},
        no_answer=sum(bool(answer.error) for answer in answers),
        reasons=dict(sorted(Counter(str(v.reason) for v in verdicts if v.reason).items())),
        validity=_validity(asked),
        by_domain={
            name: _validity([one for one in asked if one.domain == name])
            for name in sorted({one.domain for one in asked})
        },
        by_difficulty=tuple(_by_difficulty(asked)),
        pass_at={
            k: _figure([pass_at_k(len(one.answers), sum(one.right), k) for one in asked], _forms(asked))
            for k in range(1, samples + 1)
        },
        best_of=_best_of(asked, samples) if samples > 1 else None,
        optimality=_optimality(asked),
        cost_ratio=_cost_ratio(asked),
        exact_match=_figure([answer.exact for answer in answers], forms),
        token_f1=_figure([answer.f1 for answer in answers], forms),
        tokens=sum(answer.tokens for answer in answers),
        perplexity=_perplexity(answers),
        calibration=_calibration(answers),
        effort={"model": Effort.of(asked)},
    )


def _figure(values: Sequence[float], clusters: Sequence[Hashable]) -> Figure:
    """The mean of numbers from 0 to 1, those of one cluster not being independent."""
    if not values:
        return Figure(None, 0.0, 1.0, 0)
    independent = len(set(clusters)) == len(clusters)
    if independent and set(values) <= {0, 1}:
        interval = wilson(round(sum(values)), len(values))
    else:
        interval = mean_interval(values, None if independent else clusters)
    return Figure(fmean(values), *interval, len(values))


def _validity(asked: Sequence[Asked]) -> Figure:
    """The share of all answers to some records that are proved."""
    return _figure([hit for one in asked for hit in one.right], [one.canonical_id for one in asked for _ in one.right])


def _by_difficulty(asked: Sequence[Asked]) -> Iterator[Level]:
    """Each domain's problems in bins of difficulty; equal difficulties are in one bin. Domains have different units."""
    for domain in sorted({one.domain for one in asked}):
        known = [(one.difficulty, one) for one in asked if one.domain == domain and one.difficulty is not None]
        ordered = sorted(difficulty for difficulty, _ in known)
        levels = min(LEVELS, max(1, len(known) // LEAST_IN_LEVEL))
        cuts = sorted({ordered[len(ordered) * level // levels] for level in range(1, levels)})
        for level in range(len(cuts) + 1):
            held = [(difficulty, one) for difficulty, one in known if bisect_right(cuts, difficulty) == level]
            if held:
                low, high = (bound(difficulty for difficulty, _ in held) for bound in (min, max))
                yield Level(domain, low, high, _validity([one for _, one in held]))


def _best_of(asked: Sequence[Asked], k: int) -> BestOf:
    handed_out = [one for one in asked if one.confirmed is not None]
    return BestOf(
        k,
        coverage=_figure([one.confirmed is not None for one in asked], _forms(asked)),
        precision=_figure([bool(one.confirmed) for one in handed_out], _forms(handed_out)),
    )


def _forms(asked: Sequence[Asked]) -> list[str]:
    return [one.canonical_id for one in asked]


def _optimality(asked: Sequence[Asked]) -> Optimality | None:
    """None where no oracle says of its answer that it is optimal, or none of these problems was solved."""
    compared = [
        (one.canonical_id, answer.cost, one.oracle_cost)
        for one in asked
        for answer in one.answers
        if one.oracle_optimal and answer.cost is not None and one.oracle_cost is not None
    ]
    if not compared:
        return None
    share = _figure([cost <= least for _, cost, least in compared], [form for form, _, _ in compared])
    return Optimality(share, cheaper=sum(cost < least for _, cost, least in compared))


def _cost_ratio(asked: Sequence[Asked]) -> CostRatios | None:
    found = cost_ratios(
        [
            (answer.cost, one.oracle_cost)
            for one in asked
            for answer in one.answers
            if answer.cost is not None and one.oracle_cost is not None
        ]
    )
    return found if found.compared else None


def _perplexity(answers: Sequence[Answer]) -> float | None:
    told = [(answer.logprob, answer.tokens) for answer in answers if answer.logprob is not None]
    return perplexity([logprob for logprob, _ in told], [tokens for _, tokens in told])


def _calibration(answers: Sequence[Answer]) -> Calibration | None:
    told = [(answer.confidence, answer.verdict.proved) for answer in answers]
    sure = [confidence for confidence, _ in told if confidence is not None]
    right = [proved for confidence, proved in told if confidence is not None]
    bins = reliability(sure, right)
    error, squared, area = expected_calibration_error(bins), brier(sure, right), area_under_risk_coverage(sure, right)
    if error is None or squared is None or area is None:
        return None
    return Calibration(len(sure), error, squared, area, tuple(bins), tuple(risk_coverage(sure, right)))


def _plain(value: Any) -> Any:
    """A value as JSON: figures by name, floats to six places."""
    if isinstance(value, float):
        return round(value, 6) if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _table(found: Evaluation) -> Iterator[tuple[str, str]]:
    """What `str` shows: a name and its figures in words."""
    each = f", {found.samples} answers to each" if found.samples > 1 else ""
    forms = f" of {found.forms} forms" if found.forms < found.problems else ""
    yield found.model, f"{found.problems} problems{forms}{each}: {found.questions}"
    if found.left_out:
        yield "left out", f"{found.left_out} problems, because the model was trained on their canonical forms"
    for status, figure in found.counts.items():
        remarks = {
            "correct": f"proved: {found.validity.count}" if figure.count else "",
            "malformed": f"no answer at all: {found.no_answer}" if found.no_answer else "",
            "undecided": ", ".join(f"{reason}: {count}" for reason, count in found.reasons.items()),
        }
        remark = remarks.get(status)
        yield status, f"{figure.count:6} of {figure.of}  {figure}{f'  ({remark})' if remark else ''}"
    if found.best_of:
        shown = [k for k in found.pass_at if k & (k - 1) == 0 or k == found.samples]
        yield "pass@k", "  ".join(f"{k}: {found.pass_at[k]}" for k in shown)
        best = found.best_of
        yield f"best of {best.k}", f"{best.coverage} answered by the checker's choice; {best.precision} of these proved"
    if found.optimality:
        share = found.optimality.share
        refuted = f"; {found.optimality.cheaper} cost less and refute it" if found.optimality.cheaper else ""
        yield "optimal", f"{share.count:6} of {share.of}  {share} of proved plans, by the oracle's word{refuted}"
    if found.cost_ratio and found.cost_ratio.mean is not None:
        ratio = found.cost_ratio
        yield "cost", f"{ratio.mean:.3f} times the oracle's on average, {ratio.worst:.3f} at worst"
    for domain, figure in found.by_domain.items():
        levels = [level for level in found.by_difficulty if level.domain == domain]
        yield domain, f"{figure} proved"
        if len(levels) > 1:
            shares = (f"{level.low}–{level.high}: {100 * (level.validity.value or 0):.0f}%" for level in levels)
            yield "", f"of difficulty {', '.join(shares)}"
    yield "like the oracle", f"{found.exact_match} exactly; token F1 {found.token_f1}"
    if found.calibration:
        sure = found.calibration
        yield (
            "confidence",
            f"expected calibration error {sure.expected_error:.3f}, Brier {sure.brier:.3f}, "
            f"area under risk-coverage {sure.area_under_risk_coverage:.3f}; perplexity {found.perplexity:.3f}",
        )
    for name, effort in found.effort.items():
        tokens = f", {found.tokens} tokens" if name == "model" and found.tokens else ""
        proved = "none is proved" if effort.per_proved is None else f"{effort.per_proved:.2g} s for each proved one"
        yield f"the {name}", f"{effort.answers} answers in {effort.seconds:.2g} s{tokens}; {proved}"
