"""Letters whose lower case is ASCII: the Kelvin sign lowers to k, and a pattern that ignores case takes ſ for s
(Unicode case folding; Python's re.IGNORECASE).
"""

from __future__ import annotations

from attack import judged, plan, right

DOMAIN = """(define (domain keys) (:predicates (open ?k) (sesame))
(:action kick :parameters (?k) :effect (open ?k)) (:action say :effect (sesame)))"""
PROBLEM = "(define (problem one) (:domain keys) (:objects k s) (:init) (:goal (open k)))"


def test_the_kelvin_sign_is_no_k():
    assert plan("(kick k)", PROBLEM, DOMAIN).proved
    for text in ("(\u212aick k)", "(kick \u212a)", "(kick \u017f)", "(\u017fay)", "(k\u0131ck k)", "(KİCK K)"):
        assert plan(text, PROBLEM, DOMAIN).status == "malformed"


def test_nor_in_a_payload():
    assert plan("(kick k)", PROBLEM.replace("objects k", "objects \u212a"), DOMAIN).status == "malformed"
    assert plan("(kick k)", PROBLEM, DOMAIN.replace("kick", "\u212aick")).status == "malformed"


def test_nor_in_texts():
    assert judged("random_ksat", right("random_ksat").replace("s", "\u017f")) == "malformed"
    assert judged("blocksworld", right("blocksworld").replace("k", "\u212a")) == "malformed"
