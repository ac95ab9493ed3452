"""The clause that sets the constant TRUE is deleted, or its contrary derived: the circuit's known bits rest on it."""

from __future__ import annotations

import pytest
from bitblast_attack import refuted

SCRIPT = "(declare-const x (_ BitVec 2))(assert (= x #b01))"  # clauses: 1 is (1); 2 … 4 are the gate; 5 is (4)


@pytest.mark.parametrize(
    "lines",
    [
        "6 d 1 0\n7 -1 0 0\n8 0 7 0\n",
        "6 d 1 0\n7 -1 0 0\n8 0 7 1 0\n",
        "6 -1 0 0\n7 0 6 1 0\n",
        "6 -1 0 -1 0\n7 0 6 1 0\n",
        "6 d 5 0\n7 -4 0 -4 0\n8 0 7 5 0\n",
        "6 0 1 2 3 4 5 0\n",
        "6 9 0 0\n7 -9 0 0\n8 0 6 7 0\n",
        "1 0 0\n",
    ],
)
def test_a_script_with_a_model_is_not_refuted(lines):
    assert refuted(SCRIPT, {"lrat": lines}).reason == "no-evidence"
