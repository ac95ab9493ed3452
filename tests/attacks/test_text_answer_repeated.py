"""The right answer twice: a stuck model repeats itself, and a reader that stops early does not see it. A plan that is
repeated is a longer plan, judged as such.
"""

from __future__ import annotations

from attack import every_family, judged, right

EXPECTED = {"blocksworld": "wrong", "logistics": "wrong", "pddl_files": "correct"}


@every_family
def test_twice_is_not_once(family):
    expected = EXPECTED.get(family, "malformed")
    assert judged(family, f"{right(family)}\n{right(family)}") == expected
    assert judged(family, f"{right(family)} {right(family)}") == "malformed"
