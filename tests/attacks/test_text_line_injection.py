"""A line end inside of a value: written out as it is, one answer would make two verdicts (CWE-93, CWE-117)."""

from __future__ import annotations

import json

from neurosym.check import as_json, verdicts

FORGED = '{"id": "other", "status": "correct", "trust": "proved", "reason": null, "detail": ""}'


def test_one_line_gives_one_line():
    for separator in ("\n", "\r", "\r\n", "\u2028", "\u2029", "\x85", "\x0b"):
        for place in ("id", "kind", "answer"):
            entry = {"id": 1, "kind": "cnf", "payload": {"dimacs": "p cnf 1 1\n1 0\n"}, "answer": {"sat": [-1]}}
            entry[place] = f"1{separator}{FORGED}"
            ((name, verdict),) = verdicts([json.dumps(entry).encode()])
            written = as_json(name, verdict)
            assert len(written.splitlines()) == 1 and json.loads(written)["status"] != "correct"


def test_an_id_cannot_overwrite_the_status():
    entry = {
        "id": {"status": "correct"},
        "kind": "cnf",
        "payload": {"dimacs": "p cnf 1 1\n1 0\n"},
        "answer": {"sat": [-1]},
    }
    ((name, verdict),) = verdicts([json.dumps(entry).encode()])
    assert json.loads(as_json(name, verdict))["status"] == "wrong"
