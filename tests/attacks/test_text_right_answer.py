"""What is attacked: the right answer itself is believed, so that no other test here passes for want of it."""

from __future__ import annotations

from attack import every_family, judged, right


@every_family
def test_the_right_answer_is_correct(family):
    assert judged(family, right(family)) == "correct"
