"""Numbers of lemmas that go back, repeat, or take the place of a clause of the formula, which would be replaced."""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, SQUARE, lrat


@pytest.mark.parametrize(
    "lines",
    [
        ["5 1 0 1 2 0", "5 -1 0 3 4 0", "6 0 5 0"],
        ["6 1 0 1 2 0", "5 0 6 3 4 0"],
        ["1 1 0 1 2 0", "5 0 1 3 4 0"],
        ["4 1 0 1 2 0", "5 0 4 3 4 0"],
        ["0 1 0 1 2 0"],
        ["5 1 0 1 2 0", "5 d 5 0", "5 0 1 2 3 4 0"],
    ],
)
def test_every_number_is_new_and_above(lines):
    verdict = lrat(SQUARE, *lines)
    assert verdict.reason == "no-evidence" and "is not above" in verdict.detail
    assert lrat(OPEN, *lines).reason == "no-evidence"


@pytest.mark.parametrize(
    "line", ["-5 0 1 2 3 4 0", "05 1 0 1 2 0", "5.0 1 0 1 2 0", "99999999999 1 0 1 2 0", "1 0", "5"]
)
def test_what_is_no_number_is_malformed(line):
    assert lrat(SQUARE, line).status == "malformed"
