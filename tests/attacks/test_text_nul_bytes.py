"""NUL bytes: a tool written in C reads up to the first one, so that it and Python judge two texts (CWE-158)."""

from __future__ import annotations

from attack import every_family, judged, right


@every_family
def test_nothing_ends_at_a_nul(family):
    text = right(family)
    for broken in (f"\0{text}", f"{text}\0", f"{text}\0(junk", f"{text[:4]}\0{text[4:]}", "\0" * 1000):
        assert judged(family, broken) == "malformed"
