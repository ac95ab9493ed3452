"""The domain linear_integer: every system has a solution other than all zeros, and text and answers are one."""

import random
import re
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.linear_integer import ENGLISH, FORMAL, NAMES, LinearInteger, _decode
from neurosym_oracles.smtlib2_checker import Smtlib2Checker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Status, stream

some = settings(max_examples=100, deadline=None, derandomize=True)
domain = LinearInteger()
checker = Smtlib2Checker()

RELATIONS = {
    "=": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<=": lambda x, y: x <= y,
    ">=": lambda x, y: x >= y,
}


def problems(count, of=domain):
    return [of.sample(stream("linear_integer", number)) for number in range(count)]


def check(problem, values):
    return checker.check(problem, Claim({"sat": values}), Budget()).status


def english_system(text):
    """The constraints as a reader of the English question understands them: a function of the values."""
    lines = text.removeprefix(ENGLISH).split("\n")[1:]
    rows = []
    for line in lines:
        left, relation, right = re.fullmatch(r"(.+) (=|!=|<=|>=) (-?\d+)", line).groups()
        terms = re.findall(r"([+-]?) ?(\d*)([a-z])", left)
        assert "".join(sign + digits + name for sign, digits, name in terms) == left.replace(" ", "")
        rows.append(([(int(f"{sign}{digits or 1}"), name) for sign, digits, name in terms], relation, int(right)))
    return lambda values: all(
        RELATIONS[relation](sum(factor * values[name] for factor, name in terms), right)
        for terms, relation, right in rows
    )


def test_the_english_question_asks_what_the_script_asks():
    rng = random.Random(1)
    seen = {Status.CORRECT: 0, Status.WRONG: 0}
    for problem in problems(60, LinearInteger(constraints=2)):
        holds = english_system(domain.english(problem))
        for values in rng.sample(list(product(range(-9, 10), repeat=3)), 40):
            model = dict(zip("xyz", values, strict=True))
            status = check(problem, model)
            assert status is (Status.CORRECT if holds(model) else Status.WRONG)
            seen[status] += 1
    assert min(seen.values()) > 100


def test_the_english_question_reads_well():
    script = (
        "(set-logic QF_LIA)\n(declare-const x Int)\n(declare-const y Int)\n"
        "(assert (<= (+ (* 3 x) (* (- 1) y)) (- 7)))\n(assert (distinct (+ (* (- 1) x) (* 1 y)) 0))\n"
        "(check-sat)\n(get-model)\n"
    )
    assert domain.english(domain.problem({"script": script})) == (f"{ENGLISH}Unknowns: x y\n3x - y <= -7\n-x + y != 0")
    assert domain.formal(domain.problem({"script": script})) == FORMAL + script.rstrip()


def test_the_example_in_the_rules_is_of_the_form_that_they_ask_for():
    problem = LinearInteger(variables=2).sample(stream(1))
    for rules in (ENGLISH, FORMAL):
        assert domain.parse(problem, rules.partition("such as ")[2].strip()) == {"sat": {"x": 3, "y": -12}}


def test_a_renamed_system_has_the_same_constraints():
    for number, problem in enumerate(problems(30)):
        claim = Claim({"sat": {"x": 1, "y": 20, "z": -300}})
        renamed, told = domain.renamed(problem, claim, stream("renaming", number))
        assert sorted(told.answer["sat"].values()) == [-300, 1, 20]
        assert check(problem, claim.answer["sat"]) is check(renamed, told.answer["sat"])
        sizes = [sorted(re.findall(r"\d+", line)) for line in problem.payload["script"].splitlines()]
        assert sorted(sizes) == sorted(sorted(re.findall(r"\d+", x)) for x in renamed.payload["script"].splitlines())
        for terms, _, _ in _decode(renamed)[1]:
            assert [name for _, name in terms] == sorted((name for _, name in terms), key=NAMES.index)


def test_every_system_is_satisfiable_and_zeros_never_solve_it():
    z3 = pytest.importorskip("z3")
    for knobs in (
        {},
        {"variables": 5, "constraints": 6, "bound": 20},
        {"variables": 2, "constraints": 1, "bound": 1},
    ):
        for problem in problems(40, LinearInteger(**knobs)):
            solver = z3.Solver()
            solver.from_string(problem.payload["script"])
            assert solver.check() == z3.sat
            names = re.findall(r"declare-const (\w)", problem.payload["script"])
            assert check(problem, dict.fromkeys(names, 0)) is Status.WRONG


def test_the_oracles_answer_is_proved_and_comes_back_from_its_text():
    pytest.importorskip("z3")
    from neurosym_oracles.z3 import Z3

    oracle = Z3()
    for problem in problems(60):
        claim = oracle.solve(problem, Budget())
        assert checker.check(problem, claim, Budget()).proved
        text = domain.render(problem, claim.answer)
        assert domain.parse(problem, text) == claim.answer
        assert domain.render(problem, domain.parse(problem, text)) == text


def test_one_path_makes_one_problem():
    assert [each.id for each in problems(20)] == [each.id for each in problems(20)]
    assert LinearInteger().sample(stream(1)).id != LinearInteger().sample(stream(2)).id


@pytest.mark.slow
def test_tens_of_thousands_of_problems_have_no_isomorphic_two():
    forms = {checker.canonical(problem) for problem in problems(20_000)}
    assert len(forms) == 20_000


def test_problems_differ():
    assert len({checker.canonical(problem) for problem in problems(1500)}) == 1500


@some
@given(st.lists(st.integers(-(10**39), 10**39), min_size=3, max_size=3), st.sampled_from(["", " ", "\n", " \r\n\t"]))
def test_parse_inverts_render(values, blank):
    problem = problems(1)[0]
    answer = {"sat": dict(zip("xyz", values, strict=True))}
    assert domain.parse(problem, blank + domain.render(problem, answer) + blank) == answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "x = 1, y = 2",
        "x = 1, y = 2, z = 3, u = 4",
        "y = 2, x = 1, z = 3",
        "x=1, y=2, z=3",
        "x = 1; y = 2; z = 3",
        "x = 1,y = 2, z = 3",
        "x = 01, y = 2, z = 3",
        "x = -0, y = 2, z = 3",
        "x = +1, y = 2, z = 3",
        "x = 1.0, y = 2, z = 3",
        "x = 1/1, y = 2, z = 3",
        "x = １, y = 2, z = 3",
        "x = 1, y = 2, z = 3.",
        "x = 1_0, y = 2, z = 3",
        "x = 1e3, y = 2, z = 3",
        "x = 1, y = 2, z = 3\nx = 4, y = 5, z = 6",
        "The answer: x = 1, y = 2, z = 3",
        "unsat",
        "sat",
        "x = 1\n, y = 2, z = 3",
        "x = 1, y = 2, z = 3\x00",
        "x = 1, y = 2, z = " + "9" * 41,
        "x = --1, y = 2, z = 3",
    ],
)
def test_other_texts_are_malformed(text):
    with pytest.raises(MalformedAnswer):
        domain.parse(problems(1)[0], text)


@some
@given(st.text(alphabet="xyz=,- 0123456789\n", max_size=40))
def test_whatever_is_parsed_is_rendered_back(text):
    problem = problems(1)[0]
    try:
        answer = domain.parse(problem, text)
    except MalformedAnswer:
        return
    assert domain.render(problem, answer) == text.strip()


def test_a_megabyte_of_anything_is_malformed_at_once():
    problem = problems(1)[0]
    for text in ("(" * 10**6, "x = " + "1" * 10**6, "x = 1, " * 150_000, " " * 10**6, "x = " * 250_000):
        started = time.thread_time()
        with pytest.raises(MalformedAnswer):
            domain.parse(problem, text)
        assert time.thread_time() - started < 0.05


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "unsat",
        "sat",
        {},
        {"sat": None},
        {"sat": {}},
        {"sat": {"x": 1, "y": 2}},
        {"sat": {"x": 1, "y": 2, "z": "3"}},
        {"sat": {"x": 1, "y": 2, "z": True}},
        {"sat": {"x": 1, "y": 2, "z": 3.0}},
        {"sat": {"x": 1, "y": 2, "z": 3, "u": 4}},
        {"sat": {"x": 1, "y": 2, "z": 3}, "more": 1},
        {"sat": {"x": 1, "y": 2, "z": 10**41}},
        {"sat": {"x": 1, "y": 2, "z": 10**5000}},
        {"sat": {"x": 1, "y": 2, "z": "3, z = 3"}},
        [1, 2, 3],
    ],
)
def test_an_answer_of_another_form_is_not_rendered(answer):
    with pytest.raises(MalformedAnswer):
        domain.render(problems(1)[0], answer)


def test_scripts_of_another_layout_are_malformed_problems():
    script = problems(1)[0].payload["script"]
    for other in (
        None,
        3,
        "",
        "(assert true)",
        script + " ",
        script.replace("(check-sat)", ""),
        script.replace("QF_LIA", "QF_NIA"),
        script + "; comment",
        script.replace("declare-const x", "declare-const a"),
        script.replace("(+ ", "(+  "),
        script * 100,
        "(set-logic QF_LIA)\n" + "(assert (= (+ " * 100_000,
        script.replace("(check-sat)", f"(assert (= (+ (* 1 x)) {'9' * 5000}))\n(check-sat)"),
    ):
        problem = domain.problem({"script": other})
        started = time.thread_time()
        for road in (domain.english, domain.formal, lambda each: domain.parse(each, "x = 1")):
            with pytest.raises(MalformedProblem):
                road(problem)
        assert time.thread_time() - started < 0.1


@pytest.mark.parametrize(
    ("knob", "low", "high"), [("variables", 2, len(NAMES)), ("constraints", 1, 20), ("bound", 1, 1000)]
)
def test_knobs_have_ranges(knob, low, high):
    for value in (low, high):
        assert LinearInteger(**{knob: value}).sample(stream(1)).payload["script"]
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"{knob} must be in {low}..{high}"):
            LinearInteger(**{knob: value})


def test_knobs_are_obeyed():
    script = LinearInteger(variables=7, constraints=13, bound=2).sample(stream(1)).payload["script"]
    assert script.count("declare-const") == 7 and script.count("(assert") == 13
    coefficients = [int(each) for each in re.findall(r"\* (?:\(- )?(\d+)", script)]
    assert len(coefficients) >= 26 and set(coefficients) == {1, 2}
