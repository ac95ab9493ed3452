"""A proof cut off at any character, as a full disk or a killed solver leaves it."""

from __future__ import annotations

from cnf_attack import DRAT, LRAT, OPEN, SQUARE, refuted

CUBE = [(x, y, z) for x in (1, -1) for y in (2, -2) for z in (3, -3)]
LONG = "1 2 0\n1 0\n2 0\n0\n"


def test_lrat_is_proved_at_its_end_alone():
    for end in range(len(LRAT) - 1):
        told = refuted(SQUARE, {"lrat": LRAT[:end]})
        assert told.status == "malformed" or told.reason == "no-evidence", LRAT[:end]
        assert not refuted(OPEN, {"lrat": LRAT[:end]}).proved
    assert refuted(SQUARE, {"lrat": LRAT[:-1]}).proved  # a line's end may be missing


def test_drat_is_proved_where_a_unit_already_refutes_the_formula():
    """The rest of such a proof says nothing new."""
    for end in range(len(LONG)):
        told = refuted(CUBE, {"drat": LONG[:end]}, variables=3)
        assert told.proved == ("2 0" in LONG[:end].partition("1 0")[2] or LONG[:end].endswith("\n0")), LONG[:end]
        assert not refuted(CUBE[:-1], {"drat": LONG[:end]}, variables=3).proved
    for end in range(len(DRAT)):
        assert not refuted(OPEN, {"drat": DRAT[:end]}).proved
