"""Quality gates: bounds on a lake's quality metrics that a job may set; a lake that misses one exits with 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from neurosym.errors import GateMissed

GATES: dict[str, Callable[[Mapping[str, Any]], float]] = {
    "max_undecided": lambda quality: _share(quality, "undecided"),
    "max_wrong": lambda quality: _share(quality, "wrong"),
    "max_malformed": lambda quality: _share(quality, "malformed"),
    "max_near_duplicates": lambda quality: float(quality["near_duplicates"]["share"]),
    "max_majority_answer": lambda quality: _worst(quality, "majority_answer", max),
    "max_majority_conclusion": lambda quality: _worst(quality, "majority_conclusion", max),
    "min_conclusion_entropy": lambda quality: _worst(quality, "conclusion_entropy_bits", min),
    "max_audit_error": lambda quality: max(
        (domain["audit"].get("error_rate_below", 1.0) for domain in quality["domains"].values()), default=1.0
    ),
}
"""Gates by name, each with the figure it bounds; where there are several domains, the worst one's."""


def _share(quality: Mapping[str, Any], status: str) -> float:
    counts = quality["counts"]["status"]
    return float(counts.get(status, 0) / max(sum(counts.values()), 1))


def _worst(quality: Mapping[str, Any], name: str, worst: Callable[..., float]) -> float:
    return float(worst((domain[name] for domain in quality["domains"].values()), default=0.0))


def check_gates(gate: Mapping[str, Any], quality: Mapping[str, Any]) -> None:
    """Hold each bound against its figure. Raises GateMissed naming all that were missed."""
    missed = []
    for name, bound in gate.items():
        value = GATES[name](quality)
        if (value > float(bound)) if name.startswith("max_") else (value < float(bound)):
            missed.append(f"{name} = {bound} (found {value:.4f})")
    if missed:
        raise GateMissed(f"the lake is written, but missed its gate: {'; '.join(missed)}")
