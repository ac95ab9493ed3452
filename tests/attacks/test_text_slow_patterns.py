"""Text that makes a regular expression try exponentially many ways ("ReDoS", CWE-1333)."""

from __future__ import annotations

import time

from attack import every_family, formal, judged

PUMPS = [
    " " * 50_000 + "x",
    "a" * 90_000 + "!",
    "(a" * 30_000 + "!",
    "(a " + "a " * 40_000 + "!",
    "sat" + " 1" * 40_000 + "!",
    "1 " * 45_000 + "!",
    "x = " + "1" * 80_000 + "!",
    "sat {" + '"x":' * 20_000,
    "0" * 90_000 + ":",
    "\n" * 90_000 + "x",
    "-" * 90_000,
    "x = 1, " * 14_000 + "!",
    "\\" * 90_000 + '"',
    'sat {"' + "\\\\" * 40_000,
]


@every_family
def test_no_text_is_slow(family):
    for pump in PUMPS:
        start = time.thread_time()
        assert judged(family, pump) == "malformed"
        assert time.thread_time() - start < 0.1, pump[:20]


def test_no_payload_is_slow():
    for pump in PUMPS:
        for kind, payload in (
            ("cnf", {"dimacs": pump}),
            ("cnf", {"dimacs": f"p cnf 1 1\n{pump}"}),
            ("pddl", {"domain": pump, "problem": pump}),
            ("smtlib2", {"script": pump}),
            ("smtlib2", {"script": f"(assert {pump}"}),
        ):
            start = time.thread_time()
            assert formal(kind, payload, "unsat").status in ("malformed", "undecided")
            assert time.thread_time() - start < 1, (kind, pump[:20])
    for pump in PUMPS:
        for form in ("drat", "lrat"):
            start = time.thread_time()
            assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n"}, "unsat", {form: pump}).status in (
                "malformed",
                "undecided",
            )
            assert time.thread_time() - start < 0.5, (form, pump[:20])
