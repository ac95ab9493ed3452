"""Blocksworld with a shortest plan: no plan has fewer actions, which is NP-hard to find (Gupta and Nau, 1992)."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym_domains._blocksworld import BlocksworldProblems
from neurosym_domains._shortest_plans import ShortestPlans


@dataclass(frozen=True)
class BlocksworldShortest(ShortestPlans, BlocksworldProblems):
    """`blocks` is the exact number of blocks; while it is None, each problem draws one from the range."""

    name = "blocksworld_shortest"
    version = 1


PLUGINS = (BlocksworldShortest,)
