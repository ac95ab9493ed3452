"""A gate holds or is missed by its own figure; the worst domain counts."""

from __future__ import annotations

import pytest

from neurosym.errors import GateMissed
from neurosym.gates import GATES, check_gates

QUALITY = {
    "counts": {"status": {"correct": 90, "wrong": 1, "malformed": 2, "undecided": 7}},
    "near_duplicates": {"share": 0.2},
    "domains": {
        "a": {"majority_answer": 0.5, "majority_conclusion": 0.6, "conclusion_entropy_bits": 0.97,
              "audit": {"error_rate_below": 0.05}},
        "b": {"majority_answer": 0.3, "majority_conclusion": 0.9, "conclusion_entropy_bits": 0.4, "audit": {}},
    },
}  # fmt: skip

FIGURES = {
    "max_undecided": 0.07,
    "max_wrong": 0.01,
    "max_malformed": 0.02,
    "max_near_duplicates": 0.2,
    "max_majority_answer": 0.5,
    "max_majority_conclusion": 0.9,
    "min_conclusion_entropy": 0.4,
    "max_audit_error": 1.0,
}


def test_every_gate_is_tried():
    assert set(FIGURES) == set(GATES)


@pytest.mark.parametrize(("name", "figure"), FIGURES.items())
def test_a_gate_holds_at_its_figure_and_is_missed_beyond_it(name, figure):
    check_gates({name: figure}, QUALITY)
    beyond = figure - 0.001 if name.startswith("max") else figure + 0.001
    with pytest.raises(GateMissed, match=name) as missed:
        check_gates({name: beyond}, QUALITY)
    assert missed.value.exit_code == 3
