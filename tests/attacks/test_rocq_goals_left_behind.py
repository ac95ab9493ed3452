"""Goals that are shelved or given up are not proved: `shelve`, `give_up`, `Grab Existential Variables`, `unshelve`."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("shelve.", "shelve is not an allowed tactic"),
        ("give_up.", "give_up is not an allowed tactic"),
        ("unshelve auto.", "unshelve is not an allowed tactic"),
        ("Grab Existential Variables.", "Grab is not an allowed tactic"),
        ("Unshelve.", "Unshelve is not an allowed tactic"),
        ("shelve_unifiable.", "shelve_unifiable is not an allowed tactic"),
        ("intros; give_up.", "give_up is not an allowed tactic"),
        ("cycle 1.", "cycle is not an allowed tactic"),
        ("abstract auto.", "abstract is not an allowed tactic"),
        ("transparent_abstract auto.", "transparent_abstract is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
