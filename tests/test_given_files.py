"""The domains of users' own problems: text and answer are inverse to each other, also at the edges."""

from __future__ import annotations

import random

import pytest

import neurosym as ns
from neurosym.core import MalformedAnswer, MalformedProblem, Problem

PDDL = Problem("pddl_files", "pddl", {"domain": "(define (domain d))", "problem": "(define (problem p))"})
CNF = Problem("cnf_files", "cnf", {"dimacs": "c x\np cnf 2 1\n1 2 0\n"})
EMPTY = Problem("cnf_files", "cnf", {"dimacs": "p cnf 0 0\n"})
SMT = Problem("smtlib2_files", "smtlib2", {"script": "(declare-const x Int)(check-sat)"})


@pytest.mark.parametrize(
    ("problem", "answer"),
    [
        (PDDL, ""),
        (PDDL, "(move a b)\n(stop)"),
        (CNF, "unsat"),
        (CNF, {"sat": [-1, 2]}),
        (EMPTY, {"sat": []}),
        (SMT, "unsat"),
        (SMT, {"sat": {}}),
        (SMT, {"sat": {"x": -3, "| y z |": "1/3", "b": True, "v": "#b01"}}),
    ],
)
def test_parse_is_the_inverse_of_render(problem, answer):
    domain = ns.domain(problem.domain)
    text = domain.render(problem, answer)
    assert text and domain.parse(problem, text) == answer
    for junk in (f"{text} indeed", f"answer: {text}", f"`{text}`", ""):
        with pytest.raises(MalformedAnswer):
            domain.parse(problem, junk)


@pytest.mark.parametrize("text", ['sat {"x": 1, "x": 2}', 'sat {"x": 1.5}', 'sat {"x": NaN}', "sat {" * 100_000])
def test_a_json_model_is_exact_and_says_each_thing_once(text):
    with pytest.raises(MalformedAnswer):
        ns.domain("smtlib2_files").parse(SMT, text)


@pytest.mark.parametrize("name", ["pddl_files", "cnf_files", "smtlib2_files", "lean4_files", "rocq_files"])
def test_there_is_nothing_to_sample_and_a_payload_without_its_text_is_malformed(name):
    domain = ns.domain(name)
    with pytest.raises(ValueError, match="--from"):
        domain.sample(random.Random(1))
    with pytest.raises(MalformedProblem):
        domain.prompt(Problem(name, domain.kind, {}))
