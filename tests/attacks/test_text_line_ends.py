"""Carriage returns: a lone one hides the line before it in a terminal, and splitlines() ends a line there; Windows ends
every line with one more.
"""

from __future__ import annotations

from attack import every_family, judged, plan, right


@every_family
def test_a_lone_carriage_return_hides_nothing(family):
    assert judged(family, f"{right(family)}\r(junk") == "malformed"
    assert judged(family, f"junk\r{right(family)}") == "malformed"


def test_windows_line_ends_are_line_ends_of_a_plan_and_lone_ones_are_not():
    assert plan("(press a x)\r\n(press b y)\r\n").proved
    assert plan("(press a x)\r(press b y)").status == "malformed"
    assert plan("(press a x) ; \r(press b y)").status in ("wrong", "malformed")
