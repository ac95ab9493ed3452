"""Characters without width: joiners, a byte order mark, soft hyphens, variation selectors. They hide a difference from
whoever reads a log, and str.strip() takes some of them away.
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f", "\u034f", "\u180e", "\U000e0041"]


@every_family
@pytest.mark.parametrize("character", INVISIBLE, ids=ascii)
def test_what_cannot_be_seen_counts(family, character):
    text = right(family)
    for place in (0, 1, len(text) // 2, len(text) - 1, len(text)):
        assert judged(family, text[:place] + character + text[place:]) == "malformed"
