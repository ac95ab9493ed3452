"""An argument too many. VAL calls such a plan valid (/work/shared/FACTS.md), and so lets any step carry junk."""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize("step", ["(press a x x)", "(press a x b y)", "(press a x junk)", "(press a x ?l)"])
def test_an_extra_argument_is_wrong(step):
    verdict = plan(f"{step}\n(press b y)")
    assert verdict.status in ("wrong", "malformed") and not verdict.proved
    assert "wrong arity" in verdict.detail or "not a name" in verdict.detail
