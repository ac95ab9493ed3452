"""A comment with brackets, as Fast Downward writes it: `; cost = 4 (unit cost)`. Readers that search for brackets take
"unit cost" for a step, and readers that strip comments late take a step out of one.
"""

from __future__ import annotations

from attack import plan


def test_brackets_in_a_comment_are_no_step():
    assert plan("(press a x)\n(press b y)\n; cost = 2 (unit cost)\n").proved
    assert plan("; (unplug a x)\n(press a x)\n(press b y) ; (unplug b y)\n").proved


def test_a_step_in_a_comment_is_none():
    assert plan("(press a x)\n; (press b y)").status == "wrong"
    assert plan("(press a x) ; (press b y)").status == "wrong"
    assert plan("(press a ; x)\n(press b y)").status == "malformed"


def test_a_comment_ends_with_its_line_and_has_no_other_form():
    assert plan("; nothing\n(press a x)\n(press b y)").proved
    for text in ("# (press a x)\n(press b y)", "/* */ (press a x)\n(press b y)", "(press a x) // \n(press b y)"):
        assert plan(text).status == "malformed"
