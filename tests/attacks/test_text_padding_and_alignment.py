"""Blanks where none belong: indented steps, two blanks for one, tabs, trailing blanks on a line. A text has one form,
so that a reward cannot be had for a form that no prompt asks for.
"""

from __future__ import annotations

from attack import every_family, judged, right


@every_family
def test_inner_blanks_count_and_outer_ones_do_not(family):
    text = right(family)
    assert judged(family, f"\n {text} \r\n\t") == "correct"
    if " " in text and family != "smtlib2_files":
        assert judged(family, text.replace(" ", "  ")) == "malformed"
        assert judged(family, text.replace(" ", "\t")) == "malformed"
    if "\n" in text:
        assert judged(family, text.replace("\n", " \n")) == judged(family, text.replace("\n", "\n\n")) == "malformed"
