"""The domain double_pendulum: prompts state the problem, texts and answers are one, the oracle's answers are proved."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.double_pendulum import DoublePendulum
from neurosym_oracles.trajectory_checker import TrajectoryChecker

from neurosym.core import Budget, MalformedAnswer, MalformedProblem, Problem, stream

some = settings(max_examples=60, deadline=None, derandomize=True)
domain = DoublePendulum()
checker = TrajectoryChecker()
KNOBS = [{}, {"moments": 1, "digits": 4, "spacing": 80}]


def problems(count, of=domain):
    return [of.sample(stream("double_pendulum", number)) for number in range(count)]


def numbers(value):
    """Every number in a part of a payload, as it is written."""
    if isinstance(value, str):
        return {value}
    return {text for item in (value.values() if isinstance(value, dict) else value) for text in numbers(item)}


@pytest.mark.parametrize("knobs", KNOBS, ids=str)
def test_every_problem_is_well_formed_and_asked_with_all_its_numbers(knobs):
    made = DoublePendulum(**knobs)
    for problem in problems(25, made):
        checker.canonical(problem)
        payload = problem.payload
        for text in (made.english(problem), made.formal(problem)):
            told = set(re.findall(r"-?[0-9]+(?:\.[0-9]+)?", text))
            asked = numbers([payload["parameters"], payload["initial"], payload["times"], payload["tolerance"]])
            assert asked - {"0"} <= told, asked - told
        assert "{" not in made.english(problem)


@pytest.mark.parametrize("knobs", KNOBS, ids=str)
def test_the_oracles_answer_is_proved_and_comes_back_from_its_text(knobs):
    pytest.importorskip("mujoco")
    from neurosym_oracles.mujoco_simulator import MujocoSimulator

    made = DoublePendulum(**knobs)
    for problem in problems(5, made):
        claim = MujocoSimulator().solve(problem, Budget())
        assert checker.check(problem, claim, Budget()).proved
        text = made.render(problem, claim.answer)
        assert made.parse(problem, text) == claim.answer
        assert made.render(problem, made.parse(problem, text)) == text


def test_the_domain_conforms():
    pytest.importorskip("mujoco")
    from neurosym.testing import LANGUAGES, Language, check_domain, trajectory

    LANGUAGES.setdefault(
        "trajectory",
        Language(
            trajectory.lies, trajectory.copy, trajectory.variants, trajectory.holds, trajectory.CONCLUSIONS
        ),
    )  # fmt: skip
    check_domain(domain, samples=3)


def test_problems_differ():
    assert len({checker.canonical(problem) for problem in problems(300)}) == 300
    assert problems(5) == problems(5)


@pytest.mark.parametrize("knob", ["moments", "digits", "spacing"])
def test_knobs_have_ranges(knob):
    for value in (0, -1, 10**6):
        with pytest.raises(ValueError, match=f"{knob} must be in 1.."):
            DoublePendulum(**{knob: value})


@some
@given(st.data())
def test_parse_inverts_render(data):
    problem = problems(1)[0]
    decimal = st.from_regex(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,20})?", fullmatch=True, alphabet="0123456789.-")
    row = st.lists(decimal, min_size=len(problem.payload["initial"]), max_size=len(problem.payload["initial"]))
    times = len(problem.payload["times"])
    answer = {"states": data.draw(st.lists(row, min_size=times, max_size=times))}
    assert domain.parse(problem, f"\n{domain.render(problem, answer)} \r\n") == answer


def test_other_texts_are_no_answer():
    problem = problems(1)[0]
    size = len(problem.payload["initial"])
    text = domain.render(problem, {"states": [["1.5"] * size] * 3})
    for old, new in (
        ("1.5", "nan"), ("1.5", "1e3"), ("1.5", "+1.5"), ("1.5", ".5"), ("1.5", "1.5 m"), ("1.5", "1_5"), ("=", ":"),
        ("t = ", "t="), ("\n", " "), (", ", ","), ("\n", "\n\n"), ("1.5", "1.5."), ("1.5", "\u0661"), ("1.5", ""),
        ("1.5", "9" * 1_000_000),
    ):  # fmt: skip
        with pytest.raises(MalformedAnswer):
            domain.parse(problem, text.replace(old, new, 1))
    for answer in (None, "", {}, {"states": []}, {"states": [["1"] * size] * 2}, {"states": [[1] * size] * 3}):
        with pytest.raises(MalformedAnswer):
            domain.render(problem, answer)


@pytest.mark.parametrize(
    "payload", [{}, {"system": "other"}, {"system": domain.system, "parameters": {}, "initial": []}]
)
def test_another_payload_is_malformed(payload):
    for ask in (domain.english, domain.formal):
        with pytest.raises(MalformedProblem):
            ask(Problem("double_pendulum", "trajectory", payload))
