"""A model's outputs to one record, judged: what the scores are made of.

Contract: every text goes through `neurosym.judge` and nothing else decides. What was no answer at all (an `Output`
with an error) is malformed, so that it counts. A text said twice to one record is judged once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from neurosym import judging
from neurosym.core import Reason, Record, Status, Trust, Verdict
from neurosym.metrics.pass_at_k import chosen
from neurosym.metrics.text import exact_match, token_f1
from neurosym.models import Output

LONGEST_COMPARED = 100_000
"""Texts longer than this, in characters, are like no completion: their words are not counted."""

_PLAN = re.compile(r"valid plan of ([0-9]{1,9}) steps(?:, cost ([0-9]{1,18}))?")
"""What the checker of plans says of one that is correct."""


@dataclass(frozen=True)
class Answer:
    """One output and what became of it. Its text stays in outputs.jsonl.

    `cost` is what the checker found of a proved plan: its cost, or its steps where actions cost nothing; None for other
    answers. `exact` and `f1` compare the text with the oracle's completion. `tokens`, `seconds`, `logprob` and `error`
    are the output's.
    """

    verdict: Verdict
    exact: bool = False
    f1: float = 0.0
    cost: int | None = None
    tokens: int = 0
    seconds: float = 0.0
    logprob: float | None = None
    error: str = ""

    @property
    def confidence(self) -> float | None:
        """The geometric mean of the probabilities of the answer's tokens; None where the model does not tell."""
        if self.logprob is None or not self.tokens:
            return None
        return math.exp(min(self.logprob / self.tokens, 0.0))


@dataclass(frozen=True)
class Asked:
    """A record that was asked, without its payload, and its judged answers.

    `oracle_cost` is the cost of the record's own proved plan, and `oracle_optimal` tells whether its oracle says that
    no plan costs less. `confirmed` is a second judgement, made anew, of the first of several answers that was found
    correct: the one that a user of best-of-k gets. None where there is none.
    """

    id: str
    canonical_id: str
    domain: str
    difficulty: int | None
    oracle_cost: int | None
    oracle_optimal: bool
    answers: tuple[Answer, ...]
    confirmed: bool | None = None

    @property
    def right(self) -> tuple[bool, ...]:
        """Which answers are proved."""
        return tuple(answer.verdict.proved for answer in self.answers)


def judge_outputs(
    record: Record, outputs: Sequence[Output], judge: Callable[[Record, str], Verdict] = judging.judge
) -> Asked:
    """The record with its outputs judged. Raises UsageError where its domain is not installed."""
    verdicts: dict[str, Verdict] = {}
    for output in outputs:
        if not output.error and output.text not in verdicts:
            verdicts[output.text] = judge(record, output.text)
    correct = [not output.error and verdicts[output.text].status is Status.CORRECT for output in outputs]
    place = chosen(correct, len(correct)) if len(correct) > 1 else None
    cost = _cost_of(record)
    oracle_cost = cost(record.verdict)
    return Asked(
        id=record.problem.id,
        canonical_id=record.canonical_id,
        domain=record.problem.domain,
        difficulty=record.difficulty,
        oracle_cost=oracle_cost,
        oracle_optimal=oracle_cost is not None and record.claim.metrics.get("optimality") == "asserted",
        answers=tuple(_answer(record, output, verdicts, cost) for output in outputs),
        confirmed=None if place is None else judge(record, outputs[place].text).proved,
    )


def _answer(
    record: Record, output: Output, verdicts: Mapping[str, Verdict], cost: Callable[[Verdict], int | None]
) -> Answer:
    told = partial(Answer, tokens=output.tokens, seconds=output.seconds, logprob=output.logprob, error=output.error)
    if output.error:
        return told(Verdict.malformed("no answer"))
    verdict = verdicts[output.text]
    if len(output.text) > LONGEST_COMPARED:
        return told(verdict, cost=cost(verdict))
    alike = exact_match(output.text, record.completion), token_f1(output.text, record.completion)
    return told(verdict, *alike, cost(verdict))


def _cost_of(record: Record) -> Callable[[Verdict], int | None]:
    """How plans for this problem are counted: by cost, or by steps where the oracle went by these.

    A problem may declare costs and have no metric that asks for a low one.
    """
    _, own = _steps_and_cost(record.verdict)
    by_steps = record.claim.metrics.get("plan_cost", own) != own

    def cost(verdict: Verdict) -> int | None:
        steps, known = _steps_and_cost(verdict)
        return steps if by_steps or known is None else known

    return cost


def _steps_and_cost(verdict: Verdict) -> tuple[int | None, int | None]:
    found = _PLAN.match(verdict.detail) if verdict.proved else None
    if found is None:
        return None, None
    return int(found[1]), int(found[2]) if found[2] else None


def to_line(asked: Asked) -> str:
    """The record's line of verdicts.jsonl, with its end."""
    return json.dumps(asdict(asked)) + "\n"


def from_line(line: str) -> Asked:
    """What `to_line` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    entry = json.loads(line)
    answers = tuple(Answer(**{**answer, "verdict": _verdict(**answer["verdict"])}) for answer in entry["answers"])
    return Asked(**{**entry, "answers": answers})


def _verdict(status: str, trust: str | None, reason: str | None, detail: str) -> Verdict:
    return Verdict(Status(status), Trust(trust) if trust else None, Reason(reason) if reason else None, detail)
