"""The checkers' verdicts as rewards: one function with the signature of TRL's GRPO (`reward_funcs=neurosym.reward`).

Contract: 1.0 is an answer that a checker proves, 0.0 one that is wrong or malformed, and None one that is undecided:
TRL leaves that answer out of its group, while a 0 would teach that it was wrong. No completion raises anything. TRL
hands over the data set's columns, so train on a lake's rows as they are; `reward` needs `domain`, `kind` and `payload`
of them, and `answer` and `evidence` where a proof of the record helps to judge, as for unsatisfiable formulas.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

from neurosym.core import Claim, Problem, Record, Status, Verdict, exact_json
from neurosym.errors import UsageError
from neurosym.judging import judge

REWARDS = {Status.CORRECT: 1.0, Status.WRONG: 0.0, Status.MALFORMED: 0.0, Status.UNDECIDED: None}


def reward(
    completions: Sequence[Any],
    payload: Sequence[str],
    domain: Sequence[str],
    kind: Sequence[str],
    answer: Sequence[str] | None = None,
    evidence: Sequence[str] | None = None,
    log_metric: Callable[[str, float], None] | None = None,
    **_: Any,
) -> list[float | None]:
    """The reward of each completion: a text, or a list of chat messages of which the last is the model's answer.

    The other columns are those of a lake's row, one entry for each completion. `log_metric` is TRL's: it gets the share
    of each status. Raises UsageError where a row is not one of a lake, or its domain is not installed.
    """
    missing = ["null"] * len(completions)
    rows = zip(completions, domain, kind, payload, answer or missing, evidence or missing, strict=True)
    statuses = [_status(_text(completion), _record(*row)) for completion, *row in rows]
    if log_metric is not None:
        counts = Counter(statuses)
        for status in Status:
            log_metric(f"neurosym/{status}", counts[status] / max(1, len(statuses)))
    return [REWARDS[status] for status in statuses]


def _status(text: str | None, record: Record) -> Status:
    return Status.MALFORMED if text is None else judge(record, text).status


def _text(completion: Any) -> str | None:
    """What a completion says, None where it is not of a form that a model's answer has."""
    if isinstance(completion, list) and completion:
        match completion[-1]:
            case {"role": "assistant", "content": str(content)}:
                return content
    return completion if isinstance(completion, str) else None


@lru_cache(maxsize=16)  # the completions of one prompt come one after the other
def _record(domain: str, kind: str, payload: str, answer: str, evidence: str) -> Record:
    try:
        problem = Problem(domain, kind, exact_json(payload))
        claim = Claim(exact_json(answer), exact_json(evidence))
    except (ValueError, TypeError) as error:
        raise UsageError(f"a row is not one of a lake: {str(error)[:200]}") from None
    nothing = Verdict.malformed("not judged yet")
    return Record(problem, "", "", claim, nothing, "", "", "", "")


class _Callable(ModuleType):
    """`neurosym.reward` is this module, and is called as the function."""

    __call__ = staticmethod(reward)


sys.modules[__name__].__class__ = _Callable
