"""Objects of another type, where the facts would allow the step: grounders that leave types to the facts let it
through.
"""

from __future__ import annotations

from attack import ROOM, plan


def test_types_are_checked():
    verdict = plan("(press x a)")
    assert verdict.status == "wrong" and "ill-typed" in verdict.detail
    assert plan("(press a b)").status == "wrong"


def test_an_ill_typed_fact_is_no_fact():
    assert plan("(press a b)", ROOM.replace("(wired b y)", "(wired a b)")).status == "malformed"
