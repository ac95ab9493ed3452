"""neurosym: symbolic oracles write and prove training data; the same checkers judge what a model says.

Untrusted solvers find labels; small trusted checkers prove them; nothing unproved becomes training data, a reward or an
answer. Names are loaded when they are first used, so that importing the package is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosym.core import (
        Budget,
        Checker,
        Claim,
        Domain,
        MalformedAnswer,
        MalformedProblem,
        Oracle,
        Problem,
        Reason,
        Record,
        Status,
        Trust,
        Undecided,
        Verdict,
        stream,
    )
    from neurosym.evaluate import evaluate
    from neurosym.judging import judge
    from neurosym.lake import Lake, Summary
    from neurosym.pipeline import annotate
    from neurosym.registry import checker, domain, oracle
    from neurosym.reward import reward
    from neurosym.train import train

__version__ = "0.1.0"

_WHERE = {
    "core": ("Budget", "Checker", "Claim", "Domain", "MalformedAnswer", "MalformedProblem", "Oracle", "Problem",
             "Reason", "Record", "Status", "Trust", "Undecided", "Verdict", "stream"),
    "evaluate": ("evaluate",),
    "judging": ("judge",),
    "lake": ("Lake", "Summary"),
    "pipeline": ("annotate",),
    "registry": ("checker", "domain", "oracle"),
    "reward": ("reward",),
    "train": ("train",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "Budget",
    "Checker",
    "Claim",
    "Domain",
    "Lake",
    "MalformedAnswer",
    "MalformedProblem",
    "Oracle",
    "Problem",
    "Reason",
    "Record",
    "Status",
    "Summary",
    "Trust",
    "Undecided",
    "Verdict",
    "annotate",
    "checker",
    "domain",
    "evaluate",
    "judge",
    "oracle",
    "reward",
    "stream",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'neurosym' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"neurosym.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
