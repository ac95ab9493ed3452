"""The domain integer_feasibility: text and script ask the same, both answers occur, and all are proved."""

import itertools
import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.integer_feasibility import IntegerFeasibility
from neurosym_oracles.smtlib2_checker import Smtlib2Checker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Status, canonical_json, stream

some = settings(max_examples=100, deadline=None, derandomize=True)
domain = IntegerFeasibility()
checker = Smtlib2Checker()

RELATIONS = {
    "=": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<=": lambda x, y: x <= y,
    ">=": lambda x, y: x >= y,
}


def problems(count, of=domain):
    return [of.sample(stream("integer_feasibility", number)) for number in range(count)]


def check(problem, values):
    return checker.check(problem, Claim({"sat": values}), Budget()).status


def atom(text):
    left, relation, right = re.fullmatch(r"(.+) (=|!=|<=|>=) (-?\d+)", text).groups()
    terms = re.findall(r"([+-]?) ?(\d*)([a-z])", left)
    assert "".join(sign + digits + name for sign, digits, name in terms) == left.replace(" ", "")
    factors = [(int(f"{sign}{digits or 1}"), name) for sign, digits, name in terms]
    return lambda values: RELATIONS[relation](sum(factor * values[name] for factor, name in factors), int(right))


def english_system(text):
    """The question as a reader of the English text understands it: a function of the values."""
    low, high = map(int, re.search(r"from (-\d+) to (\d+)", text).groups())
    lines = text[text.index("Unknowns: ") :].split("\n")[1:]
    clauses = []
    for line in lines:
        if match := re.fullmatch("if (.+) then (.+)", line):
            first, second = map(atom, match.groups())
            clauses.append(lambda values, a=first, b=second: not a(values) or b(values))
        else:
            parts = list(map(atom, line.split(" or ")))
            clauses.append(lambda values, parts=parts: any(part(values) for part in parts))
    return lambda values: all(low <= v <= high for v in values.values()) and all(each(values) for each in clauses)


def test_the_english_question_asks_what_the_script_asks():
    rng = random.Random(1)
    seen = {Status.CORRECT: 0, Status.WRONG: 0}
    for problem in problems(60, IntegerFeasibility(constraints=2, choices=60)):
        holds = english_system(domain.english(problem))
        for values in rng.sample(list(itertools.product(range(-11, 12), repeat=3)), 40):
            model = dict(zip("xyz", values, strict=True))
            status = check(problem, model)
            assert status is (Status.CORRECT if holds(model) else Status.WRONG)
            seen[status] += 1
    assert min(seen.values()) > 100


def test_the_english_question_reads_well():
    script = (
        "(set-logic QF_LIA)\n(declare-const x Int)\n(declare-const y Int)\n"
        "(assert (<= (- 9) x 9))\n(assert (<= (- 9) y 9))\n"
        "(assert (<= (+ (* 3 x) (* (- 1) y)) (- 7)))\n"
        "(assert (or (distinct (+ (* (- 1) x) (* 1 y)) 0) (= (+ (* 2 x) (* 1 y)) 5)))\n"
        "(assert (=> (>= (+ (* 1 x) (* 1 y)) 0) (= (+ (* 9 x) (* (- 4) y)) 1)))\n"
        "(check-sat)\n(get-model)\n"
    )
    text = domain.english(domain.problem({"script": script}))
    assert text.startswith(
        "Find integers from -9 to 9 that satisfy all constraints below. There is one on each line, and"
    )
    assert text.endswith(
        "answer with: unsat\n\nUnknowns: x y\n3x - y <= -7\n-x + y != 0 or 2x + y = 5\nif x + y >= 0 then 9x - 4y = 1"
    )
    assert domain.formal(domain.problem({"script": script})).endswith(script.rstrip())


@pytest.fixture(scope="module")
def solved():
    pytest.importorskip("z3")
    from neurosym_oracles.z3 import Z3

    oracle = Z3()
    return [(problem, oracle.solve(problem, Budget())) for problem in problems(120)]


def test_both_answers_occur_and_every_one_is_proved(solved):
    said = [checker.conclusion(claim.answer) for _, claim in solved]
    assert 0.3 < said.count("unsat") / len(said) < 0.7
    for problem, claim in solved:
        assert checker.check(problem, claim, Budget()).proved
        text = domain.render(problem, claim.answer)
        assert domain.parse(problem, text) == claim.answer
        assert domain.render(problem, domain.parse(problem, text)) == text


def test_what_is_unsatisfiable_has_no_point_in_the_box(solved):
    refuted = [problem for problem, claim in solved if claim.answer == "unsat"]
    for problem in refuted[:6]:
        holds = english_system(domain.english(problem))
        assert not any(holds(dict(zip("xyz", v, strict=True))) for v in itertools.product(range(-9, 10), repeat=3))


def test_other_knobs_are_proved_too():
    pytest.importorskip("z3")
    from neurosym_oracles.z3 import Z3

    for knobs in (
        {"variables": 2, "constraints": 4, "choices": 100},
        {"variables": 5, "constraints": 12, "bound": 30},
        {"variables": 4, "constraints": 9, "choices": 0, "bound": 100},
    ):
        claims = [(problem, Z3().solve(problem, Budget())) for problem in problems(15, IntegerFeasibility(**knobs))]
        assert all(checker.check(problem, claim, Budget()).proved for problem, claim in claims), knobs
        assert any(claim.answer == "unsat" for _, claim in claims), knobs


def test_a_renamed_problem_keeps_its_form_and_its_proof(solved):
    changed = 0
    for number, (problem, claim) in enumerate(solved):
        before = canonical_json([problem.payload, claim.answer, claim.evidence])
        renamed, told = domain.renamed(problem, claim, stream("renaming", number))
        assert canonical_json([problem.payload, claim.answer, claim.evidence]) == before
        assert checker.canonical(renamed) == checker.canonical(problem)
        assert checker.check(renamed, told, Budget()).proved
        changed += renamed.id != problem.id
    assert changed > 100


@pytest.mark.parametrize(
    "evidence", [None, {"lrat": ""}, {"farkas": None}, {"farkas": [[]]}, {"farkas": [["split", 0, "q", 1]]}]
)
def test_a_claim_of_another_form_is_not_renamed(evidence):
    assert domain.renamed(problems(1)[0], Claim("unsat", evidence), stream(1)) is None
    assert domain.renamed(problems(1)[0], Claim({"sat": {"x": 1}}), stream(1)) is None


def test_one_path_makes_one_problem_and_problems_differ():
    assert [each.id for each in problems(20)] == [each.id for each in problems(20)]
    assert len({checker.canonical(problem) for problem in problems(500)}) == 500


@some
@given(st.lists(st.integers(-(10**39), 10**39), min_size=3, max_size=3), st.sampled_from(["", " ", "\n", " \r\n\t"]))
def test_parse_inverts_render(values, blank):
    problem = problems(1)[0]
    answer = {"sat": dict(zip("xyz", values, strict=True))}
    assert domain.parse(problem, blank + domain.render(problem, answer) + blank) == answer
    assert domain.parse(problem, f"{blank}unsat{blank}") == "unsat"


@pytest.mark.parametrize(
    "text",
    [
        "", "sat", "UNSAT", "unsat.", "unsat unsat", "not unsat", "x = 1, y = 2", "x = 1, y = 2, z = 3, u = 4",
        "no solution",
        "y = 2, x = 1, z = 3", "x=1, y=2, z=3", "x = 01, y = 2, z = 3", "x = -0, y = 2, z = 3", "x = 1.0, y = 2, z = 3",
        "x = 1, y = 2, z = 3\nunsat", "unsat\nx = 1, y = 2, z = 3", "x = １, y = 2, z = 3",
        "x = 1, y = 2, z = " + "9" * 41,
    ],
)  # fmt: skip
def test_other_texts_are_malformed(text):
    with pytest.raises(MalformedAnswer):
        domain.parse(problems(1)[0], text)


def test_a_megabyte_of_anything_is_malformed_at_once():
    problem = problems(1)[0]
    for text in ("(" * 10**6, "x = " + "1" * 10**6, "x = 1, " * 150_000, " " * 10**6, "unsat" * 200_000):
        started = time.thread_time()
        with pytest.raises(MalformedAnswer):
            domain.parse(problem, text)
        assert time.thread_time() - started < 0.05


def test_scripts_of_another_layout_are_malformed_problems():
    script = problems(1)[0].payload["script"]
    for other in (
        None, 3, "", "(assert true)", script + " ", script.replace("(check-sat)", ""),
        script.replace("QF_LIA", "QF_NIA"),
        script.replace("(- 9) x 9", "(- 9) x 8"), script.replace("(- 9) y 9", "(- 8) y 8"),
        script.replace("(+ ", "(+  "),
        script.replace("(declare-const x Int)", "(declare-const x Real)"), script * 100,
        script.replace("9", "9" * 2000),
        "(set-logic QF_LIA)\n" + "(assert (= (+ " * 1000, script.replace("(assert (or", "(assert (and"),
    ):  # fmt: skip
        if other == script:
            continue
        problem = domain.problem({"script": other})
        started = time.thread_time()
        for road in (domain.english, domain.formal, lambda each: domain.parse(each, "unsat")):
            with pytest.raises(MalformedProblem):
                road(problem)
        assert time.thread_time() - started < 0.1


@pytest.mark.parametrize(
    "answer",
    [None, "sat", {}, {"sat": None}, {"sat": {"x": 1}}, {"sat": {"x": 1, "y": 2, "z": "3"}},
     {"sat": {"x": 1, "y": 2, "z": True}},
     {"sat": {"x": 1, "y": 2, "z": 3}, "more": 1}, {"sat": {"x": 1, "y": 2, "z": 10**5000}}, "unsat\n"],
)  # fmt: skip
def test_an_answer_of_another_form_is_not_rendered(answer):
    with pytest.raises(MalformedAnswer):
        domain.render(problems(1)[0], answer)


@pytest.mark.parametrize(
    ("knob", "low", "high"), [("variables", 2, 6), ("constraints", 1, 30), ("bound", 1, 1000), ("choices", 0, 100)]
)
def test_knobs_have_ranges(knob, low, high):
    for value in (low, high):
        problem = IntegerFeasibility(**{knob: value}).sample(stream(1))
        assert domain.english(problem)
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"{knob} must be in {low}..{high}"):
            IntegerFeasibility(**{knob: value})
