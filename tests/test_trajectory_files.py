"""The domain trajectory_files: a user's own motions, asked as their JSON and answered in text."""

import json

import pytest
from neurosym_domains.trajectory_files import TrajectoryFiles
from trajectory_samples import ALL, CHECKER, right

from neurosym.core import Budget, Claim, MalformedAnswer, Problem

domain = TrajectoryFiles()


@pytest.mark.parametrize("name", ALL)
def test_prompts_hold_the_problem_and_answers_come_back(name):
    problem = Problem("trajectory_files", "trajectory", ALL[name])
    assert json.dumps(ALL[name], sort_keys=True) in domain.formal(problem) == domain.english(problem)
    answer = {"states": right(ALL[name])}
    text = domain.render(problem, answer)
    assert domain.parse(problem, text) == answer
    assert CHECKER.check(problem, Claim(domain.parse(problem, text)), Budget()).proved
    with pytest.raises(MalformedAnswer):
        domain.parse(problem, text.replace(" = ", "=", 1))


def test_nothing_is_sampled():
    with pytest.raises(ValueError, match="your own"):
        domain.sample(None)
