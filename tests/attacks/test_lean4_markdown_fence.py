"""A proof in a markdown fence, or with prose around it.

Source: every chat model.
"""

from __future__ import annotations

from lean4_attack import PROOF, TRUE, check


def test_fences_and_prose():
    for answer in (
        f"```lean\n{PROOF}\n```",
        f"```\n{PROOF}\n```",
        f"Here is the proof:\n{PROOF}",
        f"{PROOF}\nI hope this helps!",
        f'"{PROOF}"',
        f"<answer>{PROOF}</answer>",
        f"The answer is not {PROOF}",
        f"{PROOF} is wrong",
    ):
        assert check(answer, TRUE).status != "correct"
