"""Answers a hair's breadth within and beyond the tolerance: the first are right, the second wrong, none is guessed.

Source: rounding in `abs(a - b) <= tolerance` with floats, where 0.3 - 0.2 > 0.1 is false and 0.3 - 0.1 > 0.2 is not.
"""

from fractions import Fraction

import pytest
from trajectory_attack import states
from trajectory_samples import ALL, THROW, motion


@pytest.mark.parametrize("name", ALL)
def test_the_edge_is_where_the_problem_says(name):
    payload = ALL[name]
    found = motion(payload, 256)
    for sign in (1, -1):
        for share, expected in ((Fraction(999999, 10**6), "correct"), (Fraction(1000001, 10**6), "wrong")):
            shift = sign * share * Fraction(payload["tolerance"])
            answer = [[f"{float(value):.12f}" for value in state] for state in found.middles]
            answer[1][1] = decimal(found.middles[1][1] + shift)
            assert states(answer, payload) == expected


def decimal(value):
    scaled = round(value * 10**18)
    whole, rest = divmod(abs(scaled), 10**18)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:018d}"


def test_what_lies_on_the_edge_is_right_or_undecided_but_not_wrong():
    exact = [["4.25", "6.89875", "8.5", "7.345"], ["14.45", "8.64955", "8.5", "-4.427"]]
    assert states(exact, THROW) == "correct"
    edge = [["4.26", *exact[0][1:]], exact[1]]
    assert states(edge, THROW) == "unsupported"
    assert states([["4.2600000000001", *exact[0][1:]], exact[1]], THROW) == "wrong"
