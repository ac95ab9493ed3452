"""Half of a surrogate pair: json.loads("\\\\ud800") makes one, and whoever encodes it later crashes (CWE-176)."""

from __future__ import annotations

from attack import every_family, formal, judged, right

from neurosym.check import verdicts


@every_family
def test_half_a_character_is_none(family):
    text = right(family)
    for broken in (f"{text}\ud800", f"\udfff{text}", f"{text[:3]}\udc80{text[3:]}"):
        assert judged(family, broken) == "malformed"


def test_check_refuses_it_wherever_it_stands():
    whole = '{"id": 1, "kind": "cnf", "payload": {"dimacs": "p cnf 1 1\\n1 0\\n"}, "answer": {"sat": [1]}}'
    assert [verdict.status for _, verdict in verdicts([whole.encode()])] == ["correct"]
    for place in ('"id": "\\ud800"', '"id": "\\udc00\\ud800"'):
        assert [verdict.status for _, verdict in verdicts([whole.replace('"id": 1', place).encode()])] == ["malformed"]
    assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n\ud800"}, {"sat": [1]}).status == "malformed"
    assert formal("smtlib2", {"script": "(assert true)"}, {"sat": {"\ud800": 1}}).status == "malformed"
