"""The checker of kind trajectory: verdicts, canonical forms, budgets, and the conformance suite."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.trajectory_numbers import Malformed, number
from trajectory_samples import ALL, CHAIN, CHECKER, SWING, THROW, TWO_RODS, check, problem, right

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Reason, Status, stream
from neurosym.testing import trajectory
from neurosym.testing.lies import LANGUAGES, Language

LANGUAGES.setdefault(
    "trajectory",
    Language(
        trajectory.lies, trajectory.copy, trajectory.variants, trajectory.holds, trajectory.CONCLUSIONS
    ),
)  # fmt: skip

some = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.mark.parametrize("name", ALL)
def test_right_states_are_proved_and_lies_are_not(name):
    payload = ALL[name]
    claim = Claim({"states": right(payload)})
    assert CHECKER.check(problem(payload), claim, Budget()).proved
    told = dict.fromkeys(Status, 0)
    for lie in trajectory.lies(problem(payload), claim, stream(name)):
        verdict = CHECKER.check(problem(payload), lie.claim, Budget())
        told[verdict.status] += 1
        truth = None if lie.certain else trajectory.holds(problem(payload), lie.claim)
        if lie.certain or truth is False:
            assert verdict.status in (Status.WRONG, Status.MALFORMED), lie.name
        elif truth:
            assert verdict.proved, lie.name
    assert told[Status.WRONG] > 10 and told[Status.MALFORMED] > 30 and told[Status.CORRECT] >= 2


@pytest.mark.parametrize("name", ALL)
def test_the_checker_conforms(name):
    from neurosym.testing import check_checker

    check_checker("trajectory", problem(ALL[name]), Claim({"states": right(ALL[name])}))


@pytest.mark.parametrize("name", ALL)
def test_other_spellings_have_the_same_form_and_other_problems_another(name):
    given_problem = problem(ALL[name])
    form = CHECKER.canonical(given_problem)
    for item in range(10):
        assert CHECKER.canonical(trajectory.copy(given_problem, stream(name, item))) == form
        for other in trajectory.variants(given_problem, stream(name, item)):
            assert CHECKER.canonical(other) != form


def test_systems_and_variables_are_told_apart():
    forms = {CHECKER.canonical(problem(payload)) for payload in ALL.values()}
    assert len(forms) == len(ALL)
    swapped = {**CHAIN, "initial": {**CHAIN["initial"], "x1": "-0.2", "x2": "0.5"}}
    assert CHECKER.canonical(problem(swapped)) != CHECKER.canonical(problem(CHAIN))


def test_conclusions():
    assert CHECKER.conclusion({"states": []}) == "states"
    for answer in (None, "states", [], {}, {"states": None}, {"states": [], "more": 0}):
        with pytest.raises(MalformedAnswer):
            CHECKER.conclusion(answer)


def test_a_malformed_problem_has_no_form():
    with pytest.raises(MalformedProblem, match="system: want one of point_mass, pendulum, springs, double_pendulum"):
        CHECKER.canonical(problem({**SWING, "system": "spring"}))


def test_details_name_the_place():
    states = right(SWING)
    assert "3 states within the tolerance" in check(SWING, {"states": states}).detail
    off = [states[0], [states[1][0], f"{float(states[1][1]) + 0.0025:.8f}"], states[2]]
    assert "at time 1, speed is" in check(SWING, {"states": off}).detail
    assert "states[1]: 'x' is no number" in check(SWING, {"states": [states[0], ["x", "0"], states[2]]}).detail


def test_the_budget_bounds_the_steps():
    states = right(TWO_RODS)
    for steps in (-1, 0, 1, 5):
        assert check(TWO_RODS, {"states": states}, Budget(steps=steps)).reason is Reason.TIMEOUT
    assert check(TWO_RODS, {"states": states}, Budget(steps=20_000)).proved


def test_many_answers_to_one_problem_are_judged_quickly():
    states = right(SWING)
    check(SWING, {"states": states})
    start = time.thread_time()
    for _ in range(100):
        check(SWING, {"states": states})
    assert time.thread_time() - start < 1


@some
@given(
    st.text(alphabet="0123456789.-+eE_ naif\n\u0661", max_size=12)
    | st.integers()
    | st.floats()
    | st.none()
    | st.booleans()
)
def test_numbers_are_plain_decimals_or_malformed(value):
    try:
        found = number(value, "here")
    except Malformed as error:
        assert "here" in str(error) and len(str(error)) < 200
        return
    assert type(value) is int or not set(value) - set("0123456789.-")
    assert float(found) == float(value)


@some
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["states", "system", "times"]), x),
        max_leaves=8,
    )
)
def test_any_answer_and_payload_get_a_verdict(junk):
    assert check(THROW, junk).status is Status.MALFORMED
    assert check(THROW, {"states": junk}).status is Status.MALFORMED
    assert check(junk, {"states": right(THROW)}).status is Status.MALFORMED
    for part in THROW:
        if junk != THROW[part]:
            assert check({**THROW, part: junk}, {"states": right(THROW)}).status in (Status.MALFORMED, Status.WRONG)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from trajectory_samples import ALL, CHECKER, motion, problem
for payload in ALL.values():
    found = motion(payload, 64)
    print(CHECKER.canonical(problem(payload)), found.middles, found.radii)
"""


def test_another_process_computes_the_same_numbers():
    here = [str(x) for x in [__file__.rsplit("/", 1)[0]]]
    said = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, *here], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1 and said != {b""}
