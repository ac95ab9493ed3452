"""Blocksworld: rearrange towers of blocks with one hand. Any plan will do."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym_domains._blocksworld import BlocksworldProblems


@dataclass(frozen=True)
class Blocksworld(BlocksworldProblems):
    """`blocks` is the exact number of blocks; while it is None, each problem draws one from the range."""

    name = "blocksworld"
    version = 2


PLUGINS = (Blocksworld,)
