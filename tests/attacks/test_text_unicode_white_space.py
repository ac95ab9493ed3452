"""White space that str.split(), strip() and splitlines() take and the formats do not: no-break spaces, vertical tabs,
form feeds, line and paragraph separators, NEL, file separators.
"""

from __future__ import annotations

import pytest
from attack import every_family, judged, right

SPACES = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000"


@every_family
@pytest.mark.parametrize("space", SPACES, ids=ascii)
def test_it_separates_nothing_and_is_not_stripped(family, space):
    text = right(family)
    assert judged(family, text + space) == judged(family, space + text) == "malformed"
    if " " in text:
        assert judged(family, text.replace(" ", space)) == "malformed"
    if "\n" in text:
        assert judged(family, text.replace("\n", space)) == "malformed"
