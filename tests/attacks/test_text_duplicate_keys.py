"""JSON with a key twice: one reader takes the first, another the last (RFC 8259, section 4; CVE-2017-12635)."""

from __future__ import annotations

from attack import judged

from neurosym.check import verdicts


def test_a_model_says_each_thing_once():
    assert judged("smtlib2_files", 'sat {"x":4}') == "correct"
    for text in ('sat {"x":3,"x":4}', 'sat {"x":4,"x":3}', 'sat {"x":4,"\\u0078":4}'):
        assert judged("smtlib2_files", text) == "malformed"


def test_a_line_says_each_thing_once():
    good = '"id":1,"kind":"cnf","payload":{"dimacs":"p cnf 1 1\\n1 0\\n"},"answer":{"sat":[1]}'
    assert [verdict.status for _, verdict in verdicts([f"{{{good}}}".encode()])] == ["correct"]
    for more in (
        '"answer":{"sat":[-1]}',
        '"kind":"cnf"',
        '"payload":{"dimacs":"p cnf 1 0\\n"}',
        '"answer":{"sat":[1],"sat":[1]}',
    ):
        for line in (f"{{{good},{more}}}", f"{{{more},{good}}}"):
            assert [verdict.status for _, verdict in verdicts([line.encode()])] == ["malformed"]
