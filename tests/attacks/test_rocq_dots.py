"""A full stop ends a sentence only where a blank follows it: what looks like one may be two, and the reverse."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("auto.Admitted.", "auto.Admitted is not an allowed tactic"),
        ("auto...", "'.' at character 4"),
        ("auto..", "'.' at character 4"),
        ("exact x.(Admitted).", "'.' at character 7"),
        ("auto.\nAdmitted.", "Admitted is not an allowed tactic"),
        ("auto.\tAdmitted.", "Admitted is not an allowed tactic"),
        ("auto.\rAdmitted.", "Admitted is not an allowed tactic"),
        (".", "a tactic is missing"),
        ("auto. .", "a tactic is missing"),
        ("auto", "does not end with a full stop"),
        ("auto. auto", "does not end with a full stop"),
        ("exact 3. Admitted.", "Admitted is not an allowed tactic"),
        ("exact 0.5.", "'.' at character 7"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
