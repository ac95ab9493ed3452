"""The domain bitvector_identities: laws hold, both answers occur, and text and answers are one."""

from __future__ import annotations

import operator
import re
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.bitvector_identities import (
    ANSWER,
    FORMAL,
    MAX_SCRIPT,
    NAMES,
    BitvectorIdentities,
    _at,
    _decode,
    _encode,
    _equals,
    _places,
    _smtlib,
)
from neurosym_oracles.smtlib2_checker import Smtlib2Checker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, Status, stream
from neurosym.testing import check_domain

some = settings(max_examples=100, deadline=None, derandomize=True)
domain = BitvectorIdentities()
checker = Smtlib2Checker()

KNOBS = [
    {},
    {"width": 4},
    {"width": 5, "variables": 3, "operations": 4},
    {"width": 8, "laws": 1},
    {"variables": 1, "operations": 1},
]


def problems(count, of=domain):
    return [of.sample(stream("bitvector_identities", number)) for number in range(count)]


def check(problem, values):
    width = _decode(problem).width
    model = {name: f"#b{value:0{width}b}" for name, value in values.items()}
    return checker.check(problem, Claim({"sat": model}), Budget()).status


class Word:
    """A number of so many bits, with the operators of C."""

    def __init__(self, value, width):
        self.value, self.width = value % (1 << width), width

    def __invert__(self):
        return Word(~self.value, self.width)

    def __neg__(self):
        return Word(-self.value, self.width)


def _operator(of):
    return lambda one, two: Word(of(one.value, two.value), one.width)


for name in ("add", "sub", "mul", "and", "or", "xor", "lshift", "rshift"):
    setattr(Word, f"__{name}__", _operator(getattr(operator, f"__{name}__")))


def value(text, width, values):
    """An expression of the English question as a reader of Python understands it."""
    text = re.sub(r"\d+", lambda number: f"W({number[0]})", text)
    words = {name: Word(number, width) for name, number in values.items()}
    return eval(text, {"W": lambda number: Word(number, width)}, words).value  # noqa: S307  (this test wrote it)


def test_the_english_question_asks_what_the_script_asks():
    seen = {Status.CORRECT: 0, Status.WRONG: 0}
    for knobs in KNOBS:
        for problem in problems(15, BitvectorIdentities(**knobs)):
            question = domain.english(problem)
            width = int(re.search(r"of (\d) bits", question)[1])
            assert f"from 0 to {2**width - 1}," in question and f"modulo {2**width}," in question
            names = re.findall(
                r"[a-z]", question.split(" number")[0].replace(" and ", " ").replace(" are", "").replace(" is a", "")
            )
            left, right = question.split("\n\n")[1].splitlines()
            for row in list(product(range(2**width), repeat=len(names)))[:: 2 ** (width * len(names)) // 40 + 1]:
                values = dict(zip(names, row, strict=True))
                differ = value(left, width, values) != value(right, width, values)
                status = check(problem, values)
                assert status is (Status.CORRECT if differ else Status.WRONG), (question, values)
                seen[status] += 1
    assert min(seen.values()) > 100


def test_the_english_question_reads_well():
    left = ("bvsub", ("bvlshr", "x", 2), ("bvnot", ("bvmul", "y", 3)))
    problem = domain.problem({"script": _encode(("xy", 4, left, ("bvneg", 7)))})
    assert domain.english(problem) == (
        "x and y are numbers from 0 to 15, of 4 bits. Arithmetic is modulo 16, and the operators on bits are those of "
        "C: & | ^ ~ << >>, where shifts bring in zeros.\nDo the two expressions below always have the same value?\n"
        f"{ANSWER}\n\n(x >> 2) - (~(y * 3))\n-7"
    )
    assert domain.formal(problem) == FORMAL + problem.payload["script"].rstrip()


def test_the_examples_in_the_rules_are_of_the_form_that_they_ask_for():
    problem = domain.problem({"script": _encode(("xy", 6, "x", "y"))})
    assert domain.parse(problem, ANSWER.rpartition("such as ")[2]) == {"sat": {"x": "#b000011", "y": "#b001100"}}
    assert domain.parse(problem, re.search(r"answer with: (\w+)", ANSWER)[1]) == "unsat"


def test_every_law_holds():
    """Every rewriting of every part of many expressions, by Z3."""
    z3 = pytest.importorskip("z3")
    laws = set()
    for knobs in (*KNOBS, {"width": 4, "operations": 6, "laws": 6}):
        for problem in problems(25, BitvectorIdentities(**knobs)):
            names, width, left, right = _decode(problem)
            for term in (left, right):
                for part in (_at(term, place) for place in _places(term)):
                    top = part[0] if isinstance(part, tuple) else "leaf"
                    for number, other in enumerate(_equals(part, width)):
                        if (top, number) in laws and len(laws) > 15:
                            continue
                        laws.add((top, number))
                        images = {name: name for name in names}
                        solver = z3.SimpleSolver(ctx=z3.Context())
                        solver.from_string(
                            "".join(f"(declare-const {name} (_ BitVec {width}))" for name in names)
                            + f"(assert (distinct {_smtlib(part, width, images)} {_smtlib(other, width, images)}))"
                        )
                        assert solver.check() == z3.unsat, (part, other)
    assert len(laws) > 25


@pytest.mark.parametrize("width", [4, 8])
def test_the_laws_of_factors_hold_at_the_edges(width):
    z3 = pytest.importorskip("z3")
    for factor in (0, 1, 2, (1 << width) - 1):
        for other in _equals(("bvmul", "x", factor), width):
            x = z3.BitVec("x", width)
            solver = z3.Solver()
            text = _smtlib(other, width, {"x": "x"})
            solver.from_string(
                f"(declare-const x (_ BitVec {width}))(assert (distinct (bvmul x (_ bv{factor} {width})) {text}))"
            )
            assert solver.check() == z3.unsat and x is not None


@pytest.mark.parametrize("knobs", KNOBS)
def test_the_oracles_answer_is_proved_and_comes_back_from_its_text(knobs):
    pytest.importorskip("z3")
    pytest.importorskip("pysat")
    from neurosym_oracles.z3 import Z3

    oracle, of, unsat = Z3(), BitvectorIdentities(**knobs), 0
    for number, problem in enumerate(problems(30, of)):
        claim = oracle.solve(problem, Budget())
        assert checker.check(problem, claim, Budget()).proved
        text = of.render(problem, claim.answer)
        assert of.parse(problem, text) == claim.answer
        unsat += text == "equal"
        renamed, told = of.renamed(problem, claim, stream("renaming", number))
        assert checker.check(renamed, told, Budget()).proved
        assert checker.canonical(renamed) == checker.canonical(problem)
        assert of.render(renamed, told.answer)
    assert 6 <= unsat <= 24


def test_conformance():
    pytest.importorskip("z3")
    pytest.importorskip("pysat")
    assert check_domain(domain)


def test_problems_differ_and_one_path_makes_one_problem():
    made = problems(400)
    assert [each.id for each in made] == [each.id for each in problems(400)]
    assert len({checker.canonical(problem) for problem in made}) > 380


PROBLEM = domain.problem({"script": _encode(("xyz", 6, ("bvadd", "x", ("bvand", "y", "z")), ("bvnot", "x")))})


@some
@given(st.lists(st.integers(0, 63), min_size=3, max_size=3), st.sampled_from(["", " ", "\n", " \r\n\t"]))
def test_parse_inverts_render(values, blank):
    answer = {"sat": {name: f"#b{value:06b}" for name, value in zip("xyz", values, strict=True)}}
    assert domain.parse(PROBLEM, blank + domain.render(PROBLEM, answer) + blank) == answer


@pytest.mark.parametrize(
    "text",
    [
        "", "x = 1", "x = 1, y = 2", "x = 1, y = 2, z = 3, u = 4", "y = 2, x = 1, z = 3", "x=1, y=2, z=3",
        "x = 1; y = 2; z = 3", "x = 01, y = 2, z = 3", "x = -1, y = 2, z = 3", "x = +1, y = 2, z = 3",
        "x = 64, y = 2, z = 3", "x = 1000, y = 2, z = 3", "x = １, y = 2, z = 3", "x = 1, y = 2, z = 3.",
        "x = 0x1, y = 2, z = 3", "x = #b000001, y = 2, z = 3", "unsat", "sat", "Equal", "equal.", "equal equal",
        "The answer is: equal", "not equal", "x = 1, y = 2, z = 3 equal", "equal\nx = 1, y = 2, z = 3", "еqual",
        "x = 1\n, y = 2, z = 3", "x = 1, y = 2, z = 3\x00", "```\nequal\n```",
    ],
)  # fmt: skip
def test_other_texts_are_malformed(text):
    with pytest.raises(MalformedAnswer):
        domain.parse(PROBLEM, text)


@some
@given(st.text(alphabet="xyz=, 0123456789equal\n", max_size=40))
def test_whatever_is_parsed_is_rendered_back(text):
    try:
        answer = domain.parse(PROBLEM, text)
    except MalformedAnswer:
        return
    assert domain.render(PROBLEM, answer) == text.strip()


def test_a_megabyte_of_anything_is_malformed_at_once():
    for text in ("(" * 10**6, "x = " + "1" * 10**6, "x = 1, " * 150_000, " " * 10**6, "equal" * 200_000):
        started = time.thread_time()
        with pytest.raises(MalformedAnswer):
            domain.parse(PROBLEM, text)
        assert time.thread_time() - started < 0.05


@pytest.mark.parametrize(
    "answer",
    [
        None, "sat", "equal", {}, {"sat": None}, {"sat": {}}, {"sat": {"x": "#b000001", "y": "#b000001"}},
        {"sat": {"x": 1, "y": 2, "z": 3}}, {"sat": {"x": "#b1", "y": "#b000001", "z": "#b000001"}},
        {"sat": {"x": "#x01", "y": "#b000001", "z": "#b000001"}},
        {"sat": {"x": True, "y": "#b000001", "z": "#b000001"}},
        {"sat": {"x": "#b000001", "y": "#b000001", "z": "#b0_0001"}}, {"sat": {"x": "#b", "y": "#b", "z": "#b"}},
        {"sat": {"x": "#b000001", "y": "#b000001", "z": "#b000001", "u": "#b000001"}}, [1, 2, 3],
        {"sat": {"x": "#b000001", "y": "#b000001", "z": "#b000001"}, "more": 1},
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_not_rendered(answer):
    with pytest.raises(MalformedAnswer):
        domain.render(PROBLEM, answer)
    assert domain.renamed(PROBLEM, Claim(answer), stream(1)) is None


def test_other_scripts_are_malformed_problems():
    script = PROBLEM.payload["script"]
    for other in (
        None,
        3,
        "",
        "(assert true)",
        script + " ",
        script.replace("(check-sat)", ""),
        script.replace("QF_BV", "ALL"),
        script.replace("BitVec 6", "BitVec 9"),
        script.replace("declare-const y (_ BitVec 6)", "declare-const y (_ BitVec 5)"),
        script.replace("declare-const x", "declare-const a"),
        script.replace("(bvadd ", "(bvadd  "),
        script.replace("(bvadd ", "(bvudiv "),
        script.replace("(bvadd ", "(bvnot "),
        script.replace("(bvnot ", "(bvadd "),
        script.replace("(bvnot x)", "(_ bv64 6)"),
        script.replace("(bvnot x)", "(_ bv7 5)"),
        script.replace("(bvnot x)", "7"),
        script.replace("(bvnot x)", "x y"),
        script.replace("(bvnot x)", ")("),
        script.replace("(bvnot x)", "()"),
        script.replace("(bvnot x)", "((bvnot x) x)"),
        script.replace("(bvnot x)", "(bvnot " * 100 + "x" + ")" * 100),
        script.replace("(bvnot x)", "(bvnot " * 1000),
        script * 100,
    ):
        problem = Problem("bitvector_identities", "smtlib2", {"script": other})
        started = time.thread_time()
        for road in (domain.english, domain.formal, lambda each: domain.parse(each, "equal")):
            with pytest.raises(MalformedProblem):
                road(problem)
        assert time.thread_time() - started < 0.1


@pytest.mark.parametrize(
    ("knob", "low", "high"), [("width", 4, 8), ("variables", 1, 4), ("operations", 1, 6), ("laws", 1, 6)]
)
def test_knobs_have_ranges(knob, low, high):
    base = {"operations": 6} if knob == "variables" else {"variables": 1}
    for value in (low, high):
        problem = BitvectorIdentities(**{**base, knob: value}).sample(stream(1))
        assert len(problem.payload["script"]) <= MAX_SCRIPT
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"{knob} must be in {low}..{high}"):
            BitvectorIdentities(**{**base, knob: value})
    with pytest.raises(ValueError, match="at least the number of variables"):
        BitvectorIdentities(variables=4, operations=3)


def test_knobs_are_obeyed():
    for problem in problems(20, BitvectorIdentities(variables=3, operations=5, width=7)):
        names, width, left, _ = _decode(problem)
        assert len(set(names)) == 3 and set(names) <= set(NAMES) and width == 7
        assert sum(isinstance(_at(left, place), tuple) for place in _places(left)) == 5
