"""Logistics: deliver packages by truck within a city and by airplane between cities. Any plan will do."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym_domains._logistics import LogisticsProblems


@dataclass(frozen=True)
class Logistics(LogisticsProblems):
    """Each city has `locations` places, its airport among them, and `trucks` trucks."""

    name = "logistics"
    version = 2


PLUGINS = (Logistics,)
