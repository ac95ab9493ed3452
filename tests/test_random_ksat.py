"""Random k-SAT: what is sampled, asked, rendered and parsed."""

from __future__ import annotations

import random
import time
from math import comb

import pytest
from formulas import dimacs
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.random_ksat import ENGLISH, FORMAL, RandomKsat
from neurosym_oracles.cadical import Cadical
from neurosym_oracles.cnf_checker import CnfChecker
from neurosym_oracles.glucose import Glucose

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Status, stream

DOMAIN, CHECKER = RandomKsat(), CnfChecker()
many = settings(max_examples=200, deadline=None, derandomize=True)


def read(text: str) -> tuple[int, list[tuple[int, ...]]]:
    header, *lines = text.splitlines()
    clauses = [tuple(map(int, line.split()))[:-1] for line in lines]
    assert dimacs(int(header.split()[2]), clauses) == text
    return int(header.split()[2]), clauses


@pytest.mark.parametrize(
    ("variables", "k", "density"), [(20, 3, 455), (2, 2, 100), (50, 3, 430), (9, 8, 2000), (5, 2, 60)]
)
def test_clauses_are_different_and_have_different_variables(variables, k, density):
    domain = RandomKsat(variables=variables, k=k, density=density)
    for item in range(30):
        found, clauses = read(domain.sample(stream(item)).payload["dimacs"])
        assert found == variables and len(clauses) == len(set(clauses)) == density * variables // 100
        for clause in clauses:
            places = [abs(literal) for literal in clause]
            assert places == sorted(set(places)) and len(places) == k and places[-1] <= variables


def test_every_clause_is_equally_likely():
    domain, counts = RandomKsat(variables=4, k=2, density=150), dict[tuple[int, ...], int]()
    for item in range(4000):
        for clause in read(domain.sample(stream(item)).payload["dimacs"])[1]:
            counts[clause] = counts.get(clause, 0) + 1
    assert len(counts) == comb(4, 2) * 4
    assert all(abs(count - 1000) < 150 for count in counts.values())  # five standard deviations


def test_a_path_fixes_the_problem():
    assert DOMAIN.sample(stream(1)) == DOMAIN.sample(stream(1)) != DOMAIN.sample(stream(2))
    assert DOMAIN.sample(stream("pinned")).id == "652000cdb6b0cdfdb51f33db2af19793"
    assert len({DOMAIN.sample(stream(item)).id for item in range(500)}) == 500
    state = random.getstate()
    DOMAIN.sample(stream(1))
    assert random.getstate() == state


def test_about_half_are_satisfiable_and_every_answer_comes_back():
    pytest.importorskip("pysat")
    oracle, sat = Cadical(), 0
    for item in range(600):
        problem = DOMAIN.sample(stream(item))
        claim = oracle.solve(problem, Budget())
        assert CHECKER.check(problem, claim, Budget()).proved
        sat += claim.answer != "unsat"
        text = DOMAIN.render(problem, claim.answer)
        assert DOMAIN.parse(problem, text) == DOMAIN.parse(problem, f" {text}\r\n") == claim.answer
        assert text == "unsat" or (text.startswith("sat ") and len(text) < 80)
    assert 240 < sat < 360


def test_the_prompts():
    problem = DOMAIN.sample(stream(1))
    english, formal = DOMAIN.english(problem), DOMAIN.formal(problem)
    lines = problem.payload["dimacs"].splitlines()
    assert english.startswith(ENGLISH) and english[len(ENGLISH) :].startswith("Variables: 20\nClauses: ")
    assert [f"{clause} 0" for clause in english.partition("\nClauses: ")[2].split(",")] == lines[1:]
    assert formal == FORMAL + problem.payload["dimacs"].rstrip()
    for prompt in (english, formal):
        assert "\nAnswer with sat and then one literal for each variable in order" in prompt
        assert "{" not in prompt
    assert DOMAIN.prompt(problem) == english
    assert RandomKsat(prompt_style="formal").prompt(problem) == formal
    assert RandomKsat(variables=30).english(problem) == english  # the payload is all that counts


def test_a_renamed_formula_is_one_that_the_family_writes():
    for item in range(30):
        problem = DOMAIN.sample(stream(item))
        renamed, claim = DOMAIN.renamed(problem, Claim({"sat": list(range(1, 21))}), stream("renaming", item))
        variables, clauses = read(renamed.payload["dimacs"])
        assert (variables, len(clauses)) == (20, 91) and len(set(clauses)) == 91
        assert all(places == sorted(set(places)) for clause in clauses if (places := [*map(abs, clause)]))
        assert [*map(abs, claim.answer["sat"])] == list(range(1, 21)) and min(claim.answer["sat"]) < 0
        false, also_false = (
            sum(not set(clause) & set(model) for clause in of)
            for of, model in ((read(problem.payload["dimacs"])[1], range(1, 21)), (clauses, claim.answer["sat"]))
        )
        assert false == also_false


def test_proofs_of_both_formats_are_renamed():
    pytest.importorskip("pysat")
    for oracle, form in ((Cadical(), "lrat"), (Glucose(), "drat")):
        unsat = 0
        for item in range(40):
            problem = DOMAIN.sample(stream(item))
            claim = oracle.solve(problem, Budget())
            if claim.answer == "unsat":
                renamed = DOMAIN.renamed(problem, claim, stream("renaming", item))
                assert claim.evidence.keys() == renamed[1].evidence.keys() == {form}
                assert CHECKER.check(*renamed, Budget()).proved
                assert not CHECKER.check(problem, renamed[1], Budget()).proved
                unsat += 1
        assert unsat > 10


def test_a_resolution_on_a_named_clause_and_a_deletion_are_renamed():
    """An LRAT proof with negative hints and deletions, over a variable that the formula has not."""
    problem = DOMAIN.problem({"dimacs": "p cnf 2 4\n1 2 0\n1 -2 0\n-1 2 0\n-1 -2 0\n"})
    proof = "5 3 1 0 0\n6 -3 1 0 1 2 0\n6 d 5 0\n7 1 0 1 2 0\n7 d 1 2 0\n8 0 7 3 4 0\n"
    proofs = [proof, "5 1 0 -3 1 2 -4 1 2 0\n6 0 5 3 4 0\n", "5 1 0 1 2 0\n5 d 1 0\n6 0 5 3 4 0\n"]
    for evidence in [{"lrat": text} for text in proofs] + [{"drat": "3 1 0\nd 3 1 0\n1 0\nd 1 2 0\n0\n"}]:
        claim = Claim("unsat", evidence)
        assert CHECKER.check(problem, claim, Budget()).proved, evidence
        for item in range(20):
            assert CHECKER.check(*DOMAIN.renamed(problem, claim, stream(item)), Budget()).proved


def test_a_literal_beyond_the_header_is_a_malformed_problem():
    with pytest.raises(MalformedProblem, match="beyond"):
        DOMAIN.renamed(DOMAIN.problem({"dimacs": "p cnf 2 1\n1 3 0\n"}), Claim({"sat": [1, 2]}), stream(1))


@many
@given(st.integers(0, 10**6), st.data())
def test_parse_is_the_inverse_of_render(item, data):
    problem = DOMAIN.sample(stream(item))
    signs = data.draw(st.lists(st.sampled_from((-1, 1)), min_size=20, max_size=20))
    answer = {"sat": [sign * variable for variable, sign in enumerate(signs, 1)]}
    assert DOMAIN.parse(problem, DOMAIN.render(problem, answer)) == answer


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "sat", "SAT", "unsat unsat", "unsat.", "UNSAT", "un sat", "sat unsat", "The answer is unsat",
        "unsat 1",
        "1 2", "sat 1", "sat 1 2 3", "sat  1 2", "sat 1  2", "sat 1\n2", "sat 1, 2", "sat 1 2 0", "sat 0 1", "sat 1 -0",
        "sat +1 2", "sat 01 2", "sat 1_0 2", "sat ١ 2", "sat 1 2.0", "sat 1 two", "sat x1 -x2", "sat 1 --2",
        "sat 1\u00a02",
        "sat 1 12345678", "sat 1 2\0", "sat [1, 2]", '{"sat": [1, 2]}', "[" * 1_000_000, "sat " + "1 " * 400_000 + "1",
        "sat -" * 100_000, "__import__('os')", "sat 1 2\nsat 1 -2", "s 1 2", "\u2028sat 1 2",
    ],
)  # fmt: skip
def test_malformed_texts(text):
    problem = DOMAIN.problem({"dimacs": "p cnf 2 1\n1 2 0\n"})
    start = time.thread_time()
    with pytest.raises(MalformedAnswer):
        DOMAIN.parse(problem, text)
    assert time.thread_time() - start < 0.2


def test_what_parse_lets_through_the_checker_judges():
    problem = DOMAIN.problem({"dimacs": "p cnf 2 1\n1 2 0\n"})
    statuses = {"sat 1 2": Status.CORRECT, "sat -2 1": Status.CORRECT, "sat -1 -2": Status.WRONG,
                "sat 1 1": Status.MALFORMED, "sat 1 3": Status.MALFORMED, "unsat": Status.UNDECIDED}  # fmt: skip
    for text, status in statuses.items():
        assert CHECKER.check(problem, Claim(DOMAIN.parse(problem, text)), Budget()).status is status


@many
@given(st.text(max_size=50) | st.text(alphabet="sat un-012 \n", max_size=50))
def test_any_text_is_parsed_or_malformed(text):
    problem = DOMAIN.problem({"dimacs": "p cnf 2 1\n1 2 0\n"})
    try:
        answer = DOMAIN.parse(problem, text)
    except MalformedAnswer:
        return
    assert DOMAIN.render(problem, answer) == text.strip()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "sat",
        "",
        [],
        {},
        {"sat": None},
        {"sat": "1"},
        {"sat": [True]},
        {"sat": ["1"]},
        {"sat": [1.0]},
        {"unsat": []},
    ],
)
def test_render_refuses_what_is_no_answer(answer):
    with pytest.raises(MalformedAnswer):
        DOMAIN.render(DOMAIN.sample(stream(1)), answer)


@pytest.mark.parametrize(
    "payload",
    [{}, {"dimacs": None}, {"dimacs": ""}, {"dimacs": "p cnf 2 1\n1 2 0"}, {"dimacs": "c\np cnf 2 1\n1 2 0\n"},
     {"dimacs": "p cnf 2 2\n1 2 0\n"}, {"dimacs": "p cnf 2 1\n1 {2} 0\n"}, {"dimacs": "p cnf 2 1\n0\n"}],
)  # fmt: skip
def test_other_payloads_are_malformed(payload):
    problem = DOMAIN.problem(payload)
    for use in (DOMAIN.english, DOMAIN.formal, lambda problem: DOMAIN.parse(problem, "unsat")):
        with pytest.raises(MalformedProblem):
            use(problem)


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"variables": 1}, r"variables must be in 2\.\.1000, not 1"),
        ({"variables": 1001}, r"variables must be in 2\.\.1000, not 1001"),
        ({"k": 1}, r"k must be in 2\.\.8, not 1"),
        ({"k": 9}, r"k must be in 2\.\.8, not 9"),
        ({"variables": 4, "k": 5}, r"k must be in 2\.\.4, not 5"),
        ({"density": 0}, r"density must be in 5\.\.22800, not 0"),
        ({"density": -1}, "density must be in"),
        ({"variables": 3, "k": 3, "density": 134}, r"density must be in 34\.\.133, not 134"),
        ({"prompt_style": "german"}, "prompt_style must be"),
    ],
)
def test_knobs_out_of_range(knobs, message):
    with pytest.raises(ValueError, match=message):
        RandomKsat(**knobs)


@pytest.mark.parametrize(
    "knobs",
    [
        {"variables": 2, "k": 2, "density": 100}, {"density": 5}, {"variables": 3, "density": 133},
        {"variables": 8, "k": 8, "density": 1600}, {"variables": 1000, "density": 426},
    ],
)  # fmt: skip
def test_the_ends_of_the_ranges(knobs):
    domain = RandomKsat(**knobs)
    start = time.thread_time()
    assert CHECKER.canonical(domain.sample(stream(1)))
    assert domain.english(domain.sample(stream(1)))
    assert time.thread_time() - start < 5
