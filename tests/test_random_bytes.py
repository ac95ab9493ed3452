"""Random bytes through `check`: for every kind, as many verdicts as lines, in order, whatever the lines hold.

Three sorts of lines: bytes as they come; claims of the kind whose parts are random text; and right claims with some
bytes left out, doubled, exchanged or put in. The last may still be right: nothing but their number is asked.
"""

from __future__ import annotations

import io
import json
import random

import pytest

from neurosym import registry
from neurosym.check import _lines, as_json, verdicts
from neurosym.core import Reason, Status, stream

PDDL = {
    "domain": "(define (domain d) (:requirements :adl) (:types t) (:predicates (p ?x - t) (q ?x - t))"
    " (:functions (total-cost) - number) (:action a :parameters (?x - t) :precondition (and (p ?x) (not (q ?x)))"
    " :effect (and (q ?x) (when (p ?x) (not (p ?x))) (increase (total-cost) 1))))",
    "problem": "(define (problem one) (:domain d) (:objects o - t) (:init (p o) (= (total-cost) 0))"
    " (:goal (forall (?y - t) (q ?y))) (:metric minimize (total-cost)))",
}
SMT = "(set-logic ALL)(declare-const x Int)(declare-const b (_ BitVec 8))(declare-const p Bool)(declare-const r Real)"
SMT += "(define-fun f ((y Int)) Int (* y 2))(assert (let ((z (f x))) (=> p (> z 3))))(assert (bvult b #x10))(check-sat)"

RIGHT = {
    "pddl": [(PDDL, "(a o)", None), (PDDL, {"plan": "(a o)", "optimal": True}, None), (PDDL, "unsolvable", None)],
    "cnf": [
        ({"dimacs": "c text\np cnf 3 3\n1 2 0\n-1 3 0\n-2 -3 0\n"}, {"sat": [1, -2, 3]}, None),
        ({"dimacs": "p cnf 2 4\n1 2 0\n1 -2 0\n-1 2 0\n-1 -2 0\n"}, "unsat", {"drat": "1 0\nd 1 2 0\n0\n"}),
        ({"dimacs": "p cnf 2 4\n1 2 0\n1 -2 0\n-1 2 0\n-1 -2 0\n"}, "unsat", {"lrat": "5 1 0 1 2 0\n6 0 5 3 4 0\n"}),
    ],
    "smtlib2": [
        ({"script": SMT}, {"sat": {"x": 2, "b": "#x0f", "p": True, "r": "1/2"}}, None),
        ({"script": "(declare-const x Real)(assert (> x 1))(assert (< x 1))"}, "unsat", {"farkas": [["1", "1"]]}),
        ({"script": "(declare-const b (_ BitVec 2))(assert (bvult b #b00))"}, "unsat", {"lrat": "9 0 1 2 0\n"}),
    ],
}
"""Right claims, or nearly so, of each kind that needs no tool; of the others, a sampled problem and a guess."""

GUESSES = ["rfl", "by simp", "decide", "reflexivity.", "auto. Qed.", [], {}, [[0, 1]], {"states": [["0", "1"]]}]

SLOW = {"lean4": 20, "rocq": 20}
"""One claim in so many reaches a proof assistant."""


def claims(kind: str) -> list[dict]:
    right = list(RIGHT.get(kind, []))
    for name, made in registry.domains().items():
        if made.kind == kind and kind not in RIGHT:
            try:
                payload = made().sample(stream("random bytes", name)).payload
            except ValueError:
                continue
            right += [(payload, guess, None) for guess in GUESSES]
    return [
        {"id": "i", "kind": kind, "payload": payload, "answer": answer} | ({"evidence": evidence} if evidence else {})
        for payload, answer, evidence in right
    ]


def random_bytes(noise: random.Random) -> bytes:
    return noise.randbytes(noise.randrange(1, 80)).replace(b"\n", b" ")


def random_text(noise: random.Random) -> str:
    raw = noise.randbytes(noise.randrange(60))
    return raw.decode(noise.choice(["latin-1", "utf-8", "utf-16"]), errors="replace")


def random_value(noise: random.Random, depth: int = 3) -> object:
    shape = noise.randrange(9 if depth else 5)
    if shape < 3:
        return random_text(noise)
    if shape < 5:
        return noise.choice([None, True, False, 0, -1, noise.getrandbits(70), "sat", "unsat", "unsolvable", ""])
    if shape < 7:
        return [random_value(noise, depth - 1) for _ in range(noise.randrange(4))]
    keys = ("sat", "plan", "optimal", "drat", "lrat", "farkas", "states", random_text(noise))
    return {noise.choice(keys): random_value(noise, depth - 1) for _ in range(noise.randrange(3))}


def with_random_parts(claim: dict, noise: random.Random) -> bytes:
    """A claim with at least one part of it replaced by random text or a random value."""
    changed = dict(claim)
    parts = noise.sample(["payload", "answer", "evidence"], noise.randint(1, 3))
    if "payload" in parts:
        changed["payload"] = {name: random_text(noise) for name in claim["payload"]}
    for part in {"answer", "evidence"} & set(parts):
        changed[part] = random_value(noise)
    return json.dumps(changed).encode()


def mutated(claim: dict, noise: random.Random) -> bytes:
    """The line of a claim with some of its bytes changed."""
    line = bytearray(json.dumps(claim).encode())
    for _ in range(noise.choice((1, 1, 2, 5))):
        start = noise.randrange(len(line) + 1)
        end = min(len(line), start + noise.choice((0, 1, 1, 2, 10)))
        piece = noise.choice((b"", bytes(line[start:end]) * 2, bytes(line[start:end])[::-1], noise.randbytes(1), b"0"))
        line[start:end] = piece.replace(b"\n", b" ")
    return bytes(line) or b" "


def lines(kind: str, count: int) -> list[bytes]:
    noise = random.Random(f"random bytes of {kind}")
    good = claims(kind) or [{"id": 1, "kind": kind, "payload": {}, "answer": ""}]
    made = []
    for number in range(count):
        sort = noise.choice([random_bytes, with_random_parts, mutated])
        if sort is random_bytes or number % SLOW.get(kind, 1):
            made.append(random_bytes(noise))
        else:
            made.append(sort(noise.choice(good), noise))
    return made


def judge_all(kind: str, count: int) -> None:
    sent = lines(kind, count)
    read = list(_lines(io.BytesIO(b"\n".join(sent) + b"\n")))
    assert [line.rstrip(b"\n") for line in read] == [line.rstrip(b"\n") for line in sent]
    found = list(verdicts(read))
    assert len(found) == count
    for line, (name, verdict) in zip(sent, found, strict=True):
        assert verdict.status in Status and verdict.reason is not Reason.TOOL_CRASHED, (line, verdict)
        written = as_json(name, verdict)
        assert written.isascii() and "\n" not in written and json.loads(written)["status"] == verdict.status
    malformed = sum(verdict.status == "malformed" for _, verdict in found)
    assert count // 4 < malformed <= count
    # The lines were no worse than those of another order: nothing of one line reaches the next.
    if kind not in SLOW:
        assert [verdict for _, verdict in verdicts(read[: count // 10])] == [
            verdict for _, verdict in found[: count // 10]
        ]


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_line_gets_a_verdict(kind):
    judge_all(kind, 300)


@pytest.mark.slow
@pytest.mark.parametrize("kind", registry.kinds())
def test_ten_thousand_lines_get_ten_thousand_verdicts(kind):
    judge_all(kind, 10_000)


@pytest.mark.parametrize("kind", registry.kinds())
def test_what_is_right_is_among_them(kind):
    if kind not in RIGHT:
        pytest.skip("its right claims need a tool")
    found = [verdict.status for _, verdict in verdicts([json.dumps(claim).encode() for claim in claims(kind)])]
    assert "correct" in found and "malformed" not in found[:1]


def test_the_place_counts_empty_lines_and_only_these_get_no_verdict():
    read = list(_lines(io.BytesIO(b"\n\nx\n \n\r\n\ny")))
    assert [verdict.detail.split(":")[0] for _, verdict in verdicts(read)] == ["line 3", "line 4", "line 5", "line 7"]


def test_a_checker_that_breaks_ends_nothing(monkeypatch):
    class Broken:
        def check(self, problem, claim, budget):
            raise [KeyError("x"), RecursionError(), MemoryError(), AssertionError("no")][claim.answer]

    monkeypatch.setattr(registry, "checker", lambda kind: Broken())
    sent = [json.dumps({"id": n, "kind": "cnf", "payload": {}, "answer": n}).encode() for n in range(4)]
    found = [(name, verdict.status, verdict.reason) for name, verdict in verdicts(sent)]
    reasons = ["tool-crashed", "memory", "memory", "tool-crashed"]
    assert found == [(n, "undecided", reason) for n, reason in enumerate(reasons)]
