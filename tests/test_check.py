"""The JSONL contract of `check`: one verdict for each line, in order, whatever the line holds."""

from __future__ import annotations

import json
import random
import time

import pytest
from conftest import one_line_error, run

from neurosym import registry
from neurosym.check import check, read_claim, verdicts
from neurosym.core import Budget, Claim, MalformedAnswer, Problem, stream

SAT = {"dimacs": "p cnf 2 2\n1 2 0\n-1 0\n"}
UNSAT = {"dimacs": "p cnf 1 2\n1 0\n-1 0\n"}
PDDL = {
    "domain": "(define (domain d) (:predicates (p ?x) (q ?x))"
    " (:action a :parameters (?x) :precondition (p ?x) :effect (and (q ?x) (not (p ?x)))))",
    "problem": "(define (problem one) (:domain d) (:objects o) (:init (p o)) (:goal (q o)))",
}
SMT = {"script": "(set-logic QF_LIA)(declare-const x Int)(assert (> x 3))(check-sat)"}

LINES = [
    ("cnf", SAT, {"sat": [-1, 2]}, None, "correct", None),
    ("cnf", SAT, {"sat": [1, 2]}, None, "wrong", None),
    ("cnf", SAT, {"sat": [2]}, None, "malformed", None),
    ("cnf", SAT, "unsat", None, "undecided", "no-evidence"),
    ("cnf", SAT, "sat", None, "undecided", "no-evidence"),
    ("cnf", UNSAT, "unsat", {"drat": "0\n"}, "correct", None),
    ("cnf", UNSAT, "unsat", {"lrat": "3 0 1 2 0\n"}, "correct", None),
    ("cnf", SAT, "unsat", {"drat": "0\n"}, "undecided", "no-evidence"),
    ("pddl", PDDL, "(a o)", None, "correct", None),
    ("pddl", PDDL, "", None, "wrong", None),
    ("pddl", PDDL, "(a o) and so it is done", None, "malformed", None),
    ("pddl", PDDL, {"plan": "(a o)", "optimal": True}, None, "correct", None),
    ("pddl", PDDL, "unsolvable", None, "wrong", None),
    ("smtlib2", SMT, {"sat": {"x": 4}}, None, "correct", None),
    ("smtlib2", SMT, {"sat": {"x": 3}}, None, "wrong", None),
    ("smtlib2", SMT, {"sat": {"x": True}}, None, "malformed", None),
    ("smtlib2", SMT, "unsat", None, "undecided", "no-evidence"),
    ("tarot", {}, "death", None, "undecided", "unsupported"),
]


def lines() -> str:
    made = []
    for number, (kind, payload, answer, evidence, _, _) in enumerate(LINES):
        entry = {"id": number, "kind": kind, "payload": payload, "answer": answer}
        made.append(json.dumps(entry if evidence is None else entry | {"evidence": evidence}))
    return "\n".join(made) + "\n"


def test_verdicts_come_in_order_in_the_fixed_form(tmp_path):
    (tmp_path / "answers.jsonl").write_text(lines())
    done = run("check", str(tmp_path / "answers.jsonl"), "-o", str(tmp_path / "verdicts.jsonl"))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [list(row) for row in found] == [["id", "status", "trust", "reason", "detail"]] * len(LINES)
    assert [row["id"] for row in found] == list(range(len(LINES)))
    assert [(row["status"], row["reason"]) for row in found] == [line[4:] for line in LINES]
    assert all((row["trust"] == "proved") == (row["status"] in ("correct", "wrong")) for row in found)


def test_standard_input_and_strict():
    done = run("check", "-", stdin=lines().encode())
    assert done.returncode == 0 and len(done.stdout.splitlines()) == len(LINES)
    strict = run("check", "-", "--strict", stdin=lines().encode())
    assert strict.returncode == 1 and len(strict.stdout.splitlines()) == len(LINES)
    fine = json.dumps({"id": "a", "kind": "pddl", "payload": PDDL, "answer": "(a o)"})
    assert run("check", "-", "--strict", stdin=fine.encode()).returncode == 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not a claim in JSON"),
        ("[]", "not an object"),
        ('{"id": 1}', "missing"),
        ('{"id": 1, "kind": "cnf", "payload": [], "answer": 1}', "payload an object"),
        ('{"id": 1, "kind": "cnf", "payload": {}, "answer": 1, "verdict": "correct"}', "unexpected verdict"),
        ('{"id": 1, "kind": "smtlib2", "payload": {}, "answer": {"sat": {"x": 3, "x": 4}}}', "twice"),
        ('{"id": 1, "kind": "smtlib2", "payload": {}, "answer": {"sat": {"x": 4.0}}}', "not exact"),
        ('{"id": 1, "kind": "smtlib2", "payload": {}, "answer": {"sat": {"x": NaN}}}', "not exact"),
        ("[" * 1_000_000, "nested too deeply"),
        ('{"id": 1, "kind": "cnf", "payload": {}, "answer": ' + "[" * 500 + "]" * 500 + "}", "deeper than"),
        ("9" * 5000, "not a claim"),
    ],
)
def test_a_line_that_is_no_claim_is_malformed_with_its_place(line, why):
    start = time.thread_time()
    with pytest.raises(MalformedAnswer, match=why):
        read_claim(line)
    assert time.thread_time() - start < 1
    ((name, verdict),) = verdicts([line.encode()])
    assert name is None and verdict.status == "malformed" and verdict.detail.startswith("line 1: ")


def test_random_bytes_get_a_verdict_each():
    noise = random.Random(1)
    made = [noise.randbytes(noise.randrange(1, 60)).replace(b"\n", b" ") for _ in range(2000)]
    assert [verdict.status for _, verdict in verdicts(made)] == ["malformed"] * 2000


@pytest.mark.parametrize("kind", ["pddl", "cnf", "smtlib2"])
def test_random_answers_and_payloads_are_never_believed_and_never_crash(kind):
    noise = random.Random(2)
    fields = {"pddl": ("domain", "problem"), "cnf": ("dimacs",), "smtlib2": ("script",)}[kind]
    good = {"pddl": PDDL, "cnf": SAT, "smtlib2": SMT}[kind]
    words = ["(", ")", "sat", "unsat", "0", "-1", "a", "o", "p cnf 1 1", "define", "domain", "assert", "x", "\n", " "]
    for _ in range(1000):
        text = " ".join(noise.choices(words, k=noise.randrange(12)))
        payload = good if noise.random() < 0.5 else dict.fromkeys(fields, text)
        answer = noise.choice([text, {"sat": text}, {"sat": [text]}, {"plan": text, "optimal": True}, [], None, 7, {}])
        evidence = noise.choice([None, {"drat": text}, {"lrat": text}, text, []])
        verdict = check(Problem("", kind, payload), Claim(answer, evidence))
        assert verdict.status != "correct" or payload is not good, (answer, evidence)


def test_solve_lets_the_oracles_decide():
    def solved(kind: str, payload: dict[str, str], answer: object) -> tuple[str, str | None]:
        verdict = check(Problem("", kind, payload), Claim(answer), solve=True)
        return verdict.status, verdict.trust

    assert solved("cnf", UNSAT, "unsat") == ("correct", "proved")
    assert solved("cnf", UNSAT, "sat") == ("wrong", "proved")
    assert solved("cnf", SAT, "sat") == ("correct", "proved")
    assert solved("cnf", SAT, "unsat") == ("wrong", "proved")
    assert solved("pddl", PDDL, "unsolvable") == ("wrong", "proved")
    unsat = {"script": SMT["script"].replace("(check-sat)", "(assert (< x 3))(check-sat)")}
    assert solved("smtlib2", unsat, "unsat") == ("correct", "proved")
    assert solved("smtlib2", unsat, "sat") == ("wrong", "proved")
    square = {"script": "(set-logic QF_NIA)(declare-const x Int)(assert (= (* x x) 3))(check-sat)"}
    assert solved("smtlib2", square, "unsat") == ("correct", "agreed")
    assert solved("smtlib2", square, "sat") == ("wrong", "agreed")
    assert solved("smtlib2", SMT, "sat") == ("correct", "proved")


def test_two_planners_agree_where_the_search_is_too_long(monkeypatch):
    task = registry.domain("blocksworld_shortest", blocks=5)
    problem = task.sample(stream("agree", 1))
    found = task.claimed(problem, registry.oracle("fast-downward").solve(problem, Budget()))
    plan = found.answer["plan"]
    first = plan.splitlines()[0]
    undo = {"unstack": "stack", "pick-up": "put-down"}[first[1:].split()[0]]
    detour = "\n".join([first, first.replace(first[1:].split()[0], undo), plan])
    monkeypatch.setattr("neurosym_oracles.pddl_checker.DEFAULT_STEPS", 3000)
    for answer, status in ((plan, "correct"), (detour, "wrong")):
        claim = Claim({"plan": answer, "optimal": True})
        assert check(problem, claim).reason == "timeout"
        verdict = check(problem, claim, solve=True)
        assert (verdict.status, verdict.trust) == (status, "agreed"), verdict


def test_bad_usage_is_one_line():
    assert "cannot read" in one_line_error(run("check", "/no/such/file"), 2)
    assert "FILE" in one_line_error(run("check"), 2)
