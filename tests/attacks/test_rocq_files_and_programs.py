"""Commands that read or write files, or run programs: `Load`, `Redirect`, `Extraction`, `Cd`, `Drop`, native code."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("Load x.", "Load is not an allowed tactic"),
        ("Redirect x.", "Redirect is not an allowed tactic"),
        ("Extraction x.", "Extraction is not an allowed tactic"),
        ("Recursive x.", "Recursive is not an allowed tactic"),
        ("Separate x.", "Separate is not an allowed tactic"),
        ("Cd x.", "Cd is not an allowed tactic"),
        ("Pwd x.", "Pwd is not an allowed tactic"),
        ("Drop x.", "Drop is not an allowed tactic"),
        ("Quit x.", "Quit is not an allowed tactic"),
        ("Add x.", "Add is not an allowed tactic"),
        ("Remove x.", "Remove is not an allowed tactic"),
        ("Write x.", "Write is not an allowed tactic"),
        ("Dump x.", "Dump is not an allowed tactic"),
        ("Time x.", "Time is not an allowed tactic"),
        ("Timeout x.", "Timeout is not an allowed tactic"),
        ("Fail x.", "Fail is not an allowed tactic"),
        ("Succeed x.", "Succeed is not an allowed tactic"),
        ("Instructions x.", "Instructions is not an allowed tactic"),
        ("native_compute.", "native_compute is not allowed"),
        ("vm_compute.", "vm_compute is not allowed"),
        ("intros; vm_compute; auto.", "vm_compute is not allowed"),
        ("native_cast_no_check I.", "native_cast_no_check is not an allowed tactic"),
        ("vm_cast_no_check I.", "vm_cast_no_check is not an allowed tactic"),
        ("exact_no_check I.", "exact_no_check is not an allowed tactic"),
        ("exact (I <: True).", "'<' at character 9"),
        ("exact (I <<: True).", "'<' at character 9"),
        ("optimize_heap.", "optimize_heap is not an allowed tactic"),
        ("eval cbv in 1.", "eval is not an allowed tactic"),
        ("external auto.", "external is not an allowed tactic"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
