"""Logistics with a shortest plan: no plan has fewer actions, so that trips must be shared."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym_domains._logistics import LogisticsProblems
from neurosym_domains._shortest_plans import ShortestPlans


@dataclass(frozen=True)
class LogisticsShortest(ShortestPlans, LogisticsProblems):
    """Each city has `locations` places, its airport among them, and `trucks` trucks."""

    name = "logistics_shortest"
    version = 1


PLUGINS = (LogisticsShortest,)
