"""A fence around the answer. VAL skips the fence of a plan and judges the rest (/work/shared/FACTS.md); regular
expressions that search for a fence can be fed two.
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right


@every_family
@pytest.mark.parametrize("form", ["```\n{}\n```", "```pddl\n{}\n```", "~~~\n{}\n~~~", "`{}`", "```\n{}", "{}\n```"])
def test_a_fence_is_no_part_of_an_answer(family, form):
    assert judged(family, form.format(right(family))) == "malformed"
