"""Junk after a right plan, on its last line or below: a reader that stops at the goal, or at what it cannot read, does
not see it.
"""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    "junk",
    [
        "\n(unknown step)",
        "\n(press a y)",
        " and so on",
        ")",
        "\n)",
        "\n(",
        "\n(press a x",
        " (press a x)",
        "\n...",
        "\nunsolvable",
        "\n0",
    ],
)
def test_what_follows_counts(junk):
    assert plan("(press a x)\n(press b y)").proved
    assert plan(f"(press a x)\n(press b y){junk}").status in ("malformed", "wrong")
