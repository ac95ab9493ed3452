"""The marks by which other graders find an answer: tags of thought, `\\boxed{}`, `####` (GSM8K), `Final answer:`. Who
writes several chooses which one is found.
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right


@every_family
@pytest.mark.parametrize(
    "form",
    [
        "<think>hm</think>{}",
        "<answer>{}</answer>",
        "\\boxed{{{}}}",
        "#### {}",
        "Final answer: {}",
        "${}$",
        "**{}**",
        "> {}",
        "'{}'",
    ],
)
def test_marks_are_no_part_of_an_answer(family, form):
    assert judged(family, form.format(right(family))) == "malformed"
