"""Prose before or after the answer, as chat models write it: a checker that looks for the answer inside can be led to
find another one (TRL and reasoning-gym issues on lenient extraction).
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right


@every_family
@pytest.mark.parametrize(
    "form",
    [
        "Sure! Here is the answer:\n{}",
        "{}\nI hope this helps.",
        "Answer: {}",
        "{} is the answer",
        "{}.",
        "{}\n\nQ.E.D.",
        "- {}",
    ],
)
def test_prose_is_no_part_of_an_answer(family, form):
    assert judged(family, form.format(right(family))) == "malformed"
