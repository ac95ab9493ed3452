"""What is said: "The answer is not X": substring credit gives full marks to a denial of the right answer (the regret of
reasoning-gym's scorers, /work/shared/DESIGN.md).
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right


@every_family
@pytest.mark.parametrize(
    "form", ["The answer is not {}", "{} is wrong", "not {}", "NOT ({})", "anything but {}", "! {}"]
)
def test_a_denial_is_no_answer(family, form):
    assert judged(family, form.format(right(family))) == "malformed"
