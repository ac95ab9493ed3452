"""A fence around a plan: VAL skips it (/work/shared/FACTS.md), so that text and plan differ."""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize("form", ["```\n{}\n```", "```pddl\n{}```", "{}\n```", "~~~\n{}\n~~~", "`{}`"])
def test_a_fence_is_no_part_of_a_plan(form):
    verdict = plan(form.format("(press a x)\n(press b y)"))
    assert verdict.status == "malformed"
