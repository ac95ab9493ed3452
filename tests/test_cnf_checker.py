"""The checker of kind `cnf`: what it says to right, wrong, odd and hostile claims, and its canonical form."""

from __future__ import annotations

import random
import time
from itertools import combinations, permutations, product

import pytest
from formulas import (
    Clauses,
    dimacs,
    extended_pigeons,
    models,
    problem,
    random_3sat,
    random_clauses,
    satisfiable,
    small_formulas,
    tree_proof,
    unsatisfiable,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles.cnf_checker import CnfChecker

from neurosym.core import (
    Budget,
    Claim,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Status,
    Trust,
    Undecided,
    Verdict,
)

CHECKER = CnfChecker()
DEFAULT = Budget()
many = settings(max_examples=100, deadline=None, derandomize=True)

TRIANGLE = problem(3, [(1, 2), (-1, 3), (-2, -3)])
SQUARE = problem(2, [(1, 2), (1, -2), (-1, 2), (-1, -2)])
DRAT = "1 0\n0\n"
LRAT = "5 1 0 1 2 0\n6 0 5 3 4 0\n"


def check(problem: Problem, answer: object, evidence: object = None, budget: Budget = DEFAULT) -> Verdict:
    return CHECKER.check(problem, Claim(answer, evidence), budget)


def test_a_model():
    verdict = check(TRIANGLE, {"sat": [1, -2, 3]})
    assert (verdict.status, verdict.trust, verdict.proved) == (Status.CORRECT, Trust.PROVED, True)
    assert check(TRIANGLE, {"sat": [3, -2, 1]}).proved
    verdict = check(TRIANGLE, {"sat": [1, -2, -3]})
    assert (verdict.status, verdict.trust) == (Status.WRONG, Trust.PROVED)
    assert verdict.detail == "clause 2 is false: -1 3 0"
    assert check(problem(0, []), {"sat": []}).proved
    assert check(problem(0, [()]), {"sat": []}).status is Status.WRONG


def test_a_proof():
    for evidence in ({"drat": DRAT}, {"lrat": LRAT}, {"drat": "d 7 0\n" + DRAT + "9 0\n"}):
        assert check(SQUARE, "unsat", evidence).proved


@pytest.mark.parametrize("evidence", [None, {"drat": ""}, {"lrat": ""}, {"drat": "0\n"}, {"drat": "3 0\n"},
                                      {"lrat": "5 0 1 0\n"}, {"drat": "d 1 2 0\n" + DRAT}])  # fmt: skip
def test_unsat_without_a_proof_is_undecided_never_wrong(evidence):
    for claimed in (SQUARE, TRIANGLE):
        verdict = check(claimed, "unsat", evidence)
        assert (verdict.status, verdict.reason) == (Status.UNDECIDED, Reason.NO_EVIDENCE)
        assert verdict.detail


@pytest.mark.parametrize(
    "evidence",
    [
        {}, [], "", DRAT, 0, True, [DRAT], {"proof": DRAT}, {"farkas": []}, {"drat": DRAT, "lrat": LRAT},
        {"drat": None}, {"drat": [1, 0, 0]}, {"drat": {"drat": DRAT}}, {"DRAT": DRAT}, {"drat": DRAT, "": ""},
        {"lrat": DRAT}, {"drat": LRAT}, {"drat": "1 0\n0\n2"}, {"drat": "a\x02\0"}, {"lrat": 7}, {1: DRAT},
    ],
)  # fmt: skip
def test_unreadable_evidence_is_malformed(evidence):
    assert check(SQUARE, "unsat", evidence).status is Status.MALFORMED


def test_a_bare_sat_is_undecided():
    assert check(TRIANGLE, "sat").reason is Reason.NO_EVIDENCE
    assert check(SQUARE, "sat", {"drat": DRAT}).reason is Reason.NO_EVIDENCE


@pytest.mark.parametrize("evidence", [{"drat": DRAT}, {"drat": "nonsense"}, "nonsense", [[[]]], {"sat": [1]}])
def test_evidence_beside_a_model_is_not_read(evidence):
    assert check(TRIANGLE, {"sat": [1, -2, 3]}, evidence).proved
    assert check(TRIANGLE, {"sat": [1, -2, -3]}, evidence).status is Status.WRONG


@pytest.mark.parametrize(
    "answer",
    [
        None, True, 0, 1, "", "SAT", "UNSAT", "unsat ", " unsat", "unsat\n", "s UNSATISFIABLE", "unknown", [],
        [1, -2, 3], {}, {"unsat": True}, {"sat": None}, {"sat": True}, {"sat": {}}, {"sat": "1 -2 3"},
        {"sat": (1, -2, 3)}, {"sat": [1, -2]}, {"sat": [1, -2, 3, 4]}, {"sat": [1, -2, 3, 3]}, {"sat": [1, -1, 2]},
        {"sat": [1, 1, 2]}, {"sat": [1, -2, 0]}, {"sat": [1, -2, 3.0]}, {"sat": [True, -2, 3]}, {"sat": [1, -2, "3"]},
        {"sat": [1, -2, [3]]}, {"sat": [1, -2, -4]},
        {"sat": [1, -2, 3], "unsat": True}, {"sat": [1, -2, 3], "evidence": 1}, {"Sat": [1, -2, 3]},
        {"sat": [[1, -2, 3]]}, {"sat": [1, -2, 10**400]}, ["unsat"], {"unsat": None}, "[" * 1_000_000, b"unsat",
    ],
)  # fmt: skip
def test_malformed_answers(answer):
    for claimed in (TRIANGLE, problem(3, [()])):
        for evidence in (None, {"drat": "0\n"}, {"lrat": "2 0 1 0\n"}):
            assert check(claimed, answer, evidence).status is Status.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        None, [], "p cnf 1 0\n", {}, {"dimacs": None}, {"dimacs": ["p cnf 1 0"]}, {"dimacs": "p cnf 1 0\n", "x": 1},
        {"dimacs": 1}, {"dimacs": b"p cnf 1 0\n"}, {"cnf": "p cnf 1 0\n"}, {"dimacs": ""}, {"dimacs": "p cnf 1 1\n"},
        {"dimacs": "p cnf 1 1\n2 0\n"}, {"dimacs": "p cnf 1 0\n\0"}, {"dimacs": "[" * 1_000_000},
        {"dimacs": "p cnf 2 1\nx1 2 0\n"},
    ],
)  # fmt: skip
def test_malformed_problems(payload):
    bad = Problem("test", "cnf", payload)
    for answer, evidence in (({"sat": [1]}, None), ("unsat", {"drat": "0\n"}), ("sat", None), (None, None)):
        verdict = check(bad, answer, evidence)
        assert verdict.status is Status.MALFORMED and verdict.detail.startswith("problem: ")
    with pytest.raises(MalformedProblem):
        CHECKER.canonical(bad)


def test_too_large_is_unsupported():
    for text in ("p cnf 1000001 0\n", "p cnf 99999999999 0\n", "c" * (17 << 20)):
        large = Problem("test", "cnf", {"dimacs": text})
        verdict = check(large, "unsat", {"drat": "0\n"})
        assert (verdict.status, verdict.reason) == (Status.UNDECIDED, Reason.UNSUPPORTED)
        with pytest.raises(Undecided) as caught:
            CHECKER.canonical(large)
        assert caught.value.reason is Reason.UNSUPPORTED
    with pytest.raises(Undecided) as caught:
        CHECKER.canonical(problem(1_000_000, []))
    assert caught.value.reason is Reason.UNSUPPORTED
    assert check(SQUARE, "unsat", {"drat": " " * (33 << 20)}).reason is Reason.UNSUPPORTED


def test_a_million_variables():
    large = problem(1_000_000, [(1, -1_000_000)])
    assert check(large, {"sat": list(range(1, 1_000_001))}).proved
    assert check(large, {"sat": list(range(1, 1_000_000))}).status is Status.MALFORMED


def test_budgets():
    variables, clauses, proof = extended_pigeons(7)
    evidence = {"drat": "".join(" ".join(map(str, (*lemma, 0))) + "\n" for lemma in proof)}
    pigeons = problem(variables, clauses)
    assert check(pigeons, "unsat", evidence).proved
    for budget in (Budget(steps=1), Budget(steps=0), Budget(steps=-1), Budget(seconds=0), Budget(seconds=-1.0)):
        verdict = check(pigeons, "unsat", evidence, budget)
        assert (verdict.status, verdict.reason) == (Status.UNDECIDED, Reason.TIMEOUT)
    assert check(TRIANGLE, {"sat": [1, -2, 3]}, None, Budget(steps=0, seconds=0)).proved


def test_a_verdict_is_quick_on_nonsense():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    start = time.thread_time()
    for answer in ("[" * 1_000_000, {"sat": "[" * 1_000_000}, nested, {"sat": nested}, {"sat": ["["] * 100_000}):
        assert check(TRIANGLE, answer).status is Status.MALFORMED
    for text in ("[" * 1_000_000, "1 " * 500_000, "d " * 500_000, "-" * 1_000_000):
        for form in ("drat", "lrat"):
            assert check(SQUARE, "unsat", {form: text}).status is Status.MALFORMED
    assert time.thread_time() - start < 1
    while nested:
        nested = nested.pop()  # type: ignore[assignment]


def test_conclusions():
    assert CHECKER.conclusion("sat") == CHECKER.conclusion({"sat": [1]}) == CHECKER.conclusion({"sat": None}) == "sat"
    assert CHECKER.conclusion("unsat") == "unsat"
    for answer in (None, "SAT", {}, [], {"sat": [1], "x": 1}, True, 0, {"unsat": 1}):
        with pytest.raises(MalformedAnswer):
            CHECKER.conclusion(answer)


@many
@given(small_formulas(), st.data())
def test_a_correct_verdict_is_true(formula, data):
    variables, _ = formula
    literals = st.lists(st.integers(-variables - 1, variables + 1), max_size=variables + 1)
    answer = data.draw(st.sampled_from(["sat", "unsat"]) | st.fixed_dictionaries({"sat": literals}))
    proof = st.text(alphabet="0123-d \n", max_size=30)
    evidence = data.draw(st.none() | st.dictionaries(st.sampled_from(["drat", "lrat"]), proof))
    verdict = check(problem(*formula), answer, evidence)
    if verdict.status is Status.CORRECT:
        assert satisfiable(*formula) == (answer != "unsat")
    if verdict.status is Status.WRONG:
        assert sorted(answer["sat"], key=abs) not in models(*formula)
    truth = "sat" if satisfiable(*formula) else "unsat"
    assert verdict.status is not Status.CORRECT or CHECKER.conclusion(answer) == truth


def test_every_model_is_accepted_and_nothing_else():
    rng = random.Random(1)
    for _ in range(200):
        variables = rng.randint(1, 5)
        clauses = random_clauses(rng, variables, 3 * variables)
        right = [sorted(model, key=abs) for model in models(variables, clauses)]
        for signs in product((-1, 1), repeat=variables):
            model = [sign * variable for variable, sign in enumerate(signs, 1)]
            verdict = check(problem(variables, clauses), {"sat": rng.sample(model, variables)})
            assert verdict.status is (Status.CORRECT if model in right else Status.WRONG)


def test_every_right_proof_is_accepted_and_none_for_a_satisfiable_copy():
    rng, lies = random.Random(2), 0
    for _ in range(100):
        variables, clauses = unsatisfiable(rng)
        lemmas = tree_proof(variables, clauses, rng.sample(range(1, variables + 1), variables))
        evidence = {"drat": "".join(" ".join(map(str, (*lemma, 0))) + "\n" for lemma in lemmas)}
        assert check(problem(variables, clauses), "unsat", evidence).proved
        for place in range(len(clauses)):
            weaker = clauses[:place] + clauses[place + 1 :]
            if satisfiable(variables, weaker):
                lies += 1
                assert check(problem(variables, weaker), "unsat", evidence).reason is Reason.NO_EVIDENCE
    assert lies > 300


# The canonical form


def disguised(rng: random.Random, variables: int, clauses: Clauses) -> Clauses:
    """The same formula with other names, polarities, orders and repetitions."""
    names = rng.sample(range(1, variables + 1), variables)
    image = {sign * place: sign * rng.choice((-1, 1)) for place in range(1, variables + 1) for sign in (1, -1)}
    for place in range(1, variables + 1):
        image[place] = rng.choice((-1, 1)) * names[place - 1]
        image[-place] = -image[place]
    copies = [rng.sample(clause, len(clause)) for clause in rng.sample(clauses, len(clauses))]
    copies += [rng.choice(copies) for _ in range(rng.randint(0, 2)) if copies]
    for clause in copies:
        clause += [rng.choice(clause) for _ in range(rng.randint(0, 1)) if clause]
    return [tuple(image[literal] for literal in clause) for clause in copies]


def canonical(variables: int, clauses: Clauses) -> bytes:
    return CHECKER.canonical(problem(variables, clauses))


@many
@given(small_formulas(), st.randoms(use_true_random=False))
def test_disguises_have_the_same_form(formula, rng):
    variables, clauses = formula
    assert canonical(variables, disguised(rng, variables, clauses)) == canonical(variables, clauses)


@pytest.mark.parametrize(("variables", "count"), [(20, 91), (50, 213)])
def test_disguised_random_formulas_have_the_same_form_and_others_another(variables, count):
    rng = random.Random(variables)
    formulas = [random_3sat(rng, variables, count) for _ in range(40)]
    forms = [canonical(variables, clauses) for clauses in formulas]
    assert len(set(forms)) == len(formulas)
    assert forms == [canonical(variables, disguised(rng, variables, clauses)) for clauses in formulas]
    changed = [[(-clause[0], *clause[1:]), *rest] for clause, *rest in formulas]
    assert not set(forms) & {canonical(variables, clauses) for clauses in changed}


def test_equal_forms_are_isomorphic_formulas():
    """All 512 formulas of different clauses over two variables, against trying every renaming and flip."""
    literals = (-2, -1, 1, 2)
    every = [clause for size in range(3) for clause in combinations(literals, size)]
    few = [frozenset(map(frozenset, chosen)) for size in range(4) for chosen in combinations(every, size)]

    def least(clauses: frozenset[frozenset[int]]) -> tuple[tuple[int, ...], ...]:
        images = []
        for names in permutations((1, 2)):
            for signs in product((-1, 1), repeat=2):
                image = {v: s * n for v, s, n in zip((1, 2), signs, names, strict=True)}
                image |= {-literal: -other for literal, other in image.items()}
                images.append(tuple(sorted(tuple(sorted(image[one] for one in clause)) for clause in clauses)))
        return min(images)

    forms: dict[bytes, set[tuple[tuple[int, ...], ...]]] = {}
    for clauses in few:
        forms.setdefault(canonical(2, [tuple(clause) for clause in clauses]), set()).add(least(clauses))
    assert all(len(orbits) == 1 for orbits in forms.values())
    assert len(forms) == len({least(clauses) for clauses in few})


def test_what_the_form_counts():
    assert canonical(2, [(1,)]) != canonical(1, [(1,)])  # a variable in no clause
    assert canonical(1, [(1, -1)]) != canonical(1, [(1,)]) != canonical(1, [])
    assert canonical(1, [()]) != canonical(1, [])
    assert canonical(1, [(1, 1), (1,), (-1, -1)]) == canonical(1, [(-1,), (1,)])
    assert canonical(2, [(1, 2), (-1, -2)]) == canonical(2, [(1, -2), (-1, 2)])
    assert canonical(2, [(1, 2), (-1, -2)]) != canonical(2, [(1, 2), (1, -2)])
    text = dimacs(2, [(1, 2)])
    spaced = Problem("other", "cnf", {"dimacs": f"c name\n{text.replace(' ', '  ')}%\n0\n"})
    assert CHECKER.canonical(spaced) == canonical(2, [(1, 2)])
