"""An argument too few. VAL crashes with 139, a signal (/work/shared/FACTS.md), and unified-planning's validator fails
an `assert` that `python -O` takes away.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from attack import ROOM, TOGGLE, plan


@pytest.mark.parametrize("step", ["(press a)", "(press)", "(press  )"])
def test_a_missing_argument_is_wrong(step):
    verdict = plan(f"{step}\n(press b y)")
    assert verdict.status == "wrong" and "wrong arity" in verdict.detail


def test_optimised_python_sees_it_too():
    code = (
        "from neurosym.check import check; from neurosym.core import Claim, Problem\n"
        f"p = Problem('', 'pddl', {{'domain': {TOGGLE!r}, 'problem': {ROOM!r}}})\n"
        "print([check(p, Claim(t)).status.value for t in ('(press a)', '(press a x y)', '(press a x)\\n(press b y)')])"
    )
    done = subprocess.run([sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['wrong', 'wrong', 'correct']"
