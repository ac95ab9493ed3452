"""Letters that look like others, and blanks that are none (Trojan Source, CVE-2021-42574)."""

from __future__ import annotations

import pytest
from rocq_attack import refused


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("аuto.", "'\\u0430' at character 0"),
        ("auтo.", "'\\u0442' at character 2"),
        ("auto．", "'\\uff0e' at character 4"),
        ("auto.\xa0Qed.", "is not allowed"),
        ("exact ∀.", "'\\u2200'"),
        ("auto\u200b.", "'\\u200b'"),
        ("auto.\u2028Admitted.", "is not allowed"),
        ("\ufeffauto.", "'\\ufeff'"),
        ("auto\x00.", "'\\x00'"),
        ("auto\x0b.", "'\\x0b'"),
        ("auto\x1b[2K.", "'\\x1b'"),
    ],
)
def test_it_is_refused(script, reason):
    refused(script, reason)
