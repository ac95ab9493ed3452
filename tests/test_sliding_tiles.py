"""The domain sliding_tiles: half of its problems have no plan, and parity tells which."""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from itertools import permutations, product

import pytest
from neurosym_domains import sliding_tiles
from neurosym_domains.sliding_tiles import ANSWER, DOMAIN, ENGLISH, SlidingTiles

import neurosym as ns
from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, stream
from neurosym.testing import check_domain

TASK = SlidingTiles(columns=3)
PROBLEM = TASK.sample(stream("tiles"))
PLAN = "(slide t1 r1c1 r1c2)"


def flat(frame: list[list[str]]) -> list[str]:
    return [tile for row in frame for tile in row]


def solvable(problem: Problem) -> bool:
    """By parity alone: the permutation from start to goal is even exactly if the gap goes an even way."""
    start, goal = map(flat, sliding_tiles._decode(problem))
    order = [goal.index(tile) for tile in start]
    odd = sum(one > other for place, other in enumerate(order) for one in order[:place]) % 2
    columns = len(sliding_tiles._decode(problem)[0][0])
    (r, c), (y, x) = (divmod(tiles.index("-"), columns) for tiles in (start, goal))
    return odd == (abs(r - y) + abs(c - x)) % 2


def shortest(problem: Problem) -> str | None:
    """A shortest plan, by breadth-first search on tuples; None if there is none."""
    start, goal = sliding_tiles._decode(problem)
    columns = len(start[0])
    places = [f"r{r + 1}c{c + 1}" for r, c in product(range(len(start)), range(columns))]
    first, last = tuple(flat(start)), tuple(flat(goal))
    plans = {first: ""}
    queue = deque([first])
    while queue and last not in plans:
        state = queue.popleft()
        gap = state.index("-")
        for place in range(len(state)):
            if abs(gap // columns - place // columns) + abs(gap % columns - place % columns) == 1:
                after = list(state)
                after[gap], after[place] = state[place], "-"
                step = f"(slide {state[place]} {places[place]} {places[gap]})"
                if tuple(after) not in plans:
                    plans[tuple(after)] = f"{plans[state]}\n{step}".lstrip("\n")
                    queue.append(tuple(after))
    return plans.get(last)


def test_it_conforms():
    pytest.importorskip("up_fast_downward")
    report = check_domain(TASK, samples=10)
    assert not [note for note in report.notes if "not solved" in note or "not proved" in note], report


def test_the_checker_proves_what_parity_says():
    checker, met = ns.checker("pddl"), Counter()
    for item in range(60):
        problem = TASK.sample(stream(item))
        plan = shortest(problem)
        assert (plan is not None) == solvable(problem)
        verdict = checker.check(problem, Claim("unsolvable"), Budget())
        assert (verdict.status, verdict.trust) == ("wrong" if plan else "correct", "proved")
        if plan:
            assert verdict.detail == f"a plan of {len(plan.splitlines())} steps exists"
            assert checker.check(problem, Claim({"plan": plan, "optimal": True}), Budget()).proved
        met[plan is None] += 1
    assert min(met.values()) > 15


def test_larger_frames_are_proved_unsolvable():
    checker = ns.checker("pddl")
    problems = [SlidingTiles().sample(stream(item)) for item in range(6)]
    for problem in problems:
        verdict = checker.check(problem, Claim("unsolvable"), Budget())
        assert (verdict.status, verdict.trust) == ("wrong" if solvable(problem) else "correct", "proved")


def test_half_of_the_problems_have_no_plan():
    count = sum(solvable(SlidingTiles().sample(stream(item))) for item in range(1000))
    assert 440 < count < 560


def test_records_say_both():
    pytest.importorskip("up_fast_downward")
    records = list(ns.annotate(TASK, count=12, seed=1))
    assert all(record.verdict.proved for record in records)
    assert {record.completion == "unsolvable" for record in records} == {True, False}
    for record in records:
        assert ns.judge(record, record.completion).proved
        other = PLAN if record.completion == "unsolvable" else "unsolvable"
        assert ns.judge(record, other).status == "wrong"


def test_the_english_prompt_says_all_of_the_problem():
    text = """(define (problem frame)
  (:domain sliding-tiles)
  (:objects t1 t2 t3 - tile r1c1 r1c2 r2c1 r2c2 - place)
  (:init (beside r1c1 r1c2) (beside r1c1 r2c1) (beside r1c2 r1c1) (beside r1c2 r2c2) (beside r2c1 r1c1) \
(beside r2c1 r2c2) (beside r2c2 r1c2) (beside r2c2 r2c1) (at t2 r1c1) (gap r1c2) (at t1 r2c1) (at t3 r2c2))
  (:goal (and (at t1 r1c1) (at t2 r1c2) (at t3 r2c1) (gap r2c2))))
"""
    english = TASK.english(TASK.problem({"domain": DOMAIN, "problem": text}))
    assert english == ENGLISH.format(rows=2, columns=2) + "Start:\nt2 -\nt1 t3\nGoal:\nt1 t2\nt3 -"
    assert ANSWER in english and "2 rows and 2 columns" in english


def test_prompts_differ_wherever_problems_do():
    problems = {problem.id: problem for problem in (TASK.sample(stream(item)) for item in range(300))}.values()
    assert len({TASK.english(problem) for problem in problems}) == len(problems) > 250
    assert len({TASK.formal(problem) for problem in problems}) == len(problems)


def test_arrangements_are_uniform():
    seen = Counter(str(sliding_tiles._decode(SlidingTiles(columns=2).sample(stream(item)))) for item in range(5520))
    assert len(seen) > 540  # of 24 * 23
    assert sum((seen[key] - 10) ** 2 / 10 for key in seen) + 10 * (552 - len(seen)) < 660  # chi-square, p = 0.001


def test_no_two_problems_of_a_frame_but_mirrored_or_renumbered_ones_are_alike():
    goal = [["t1", "t2"], ["t3", "-"]]
    forms = set()
    for order in permutations(["t1", "t2", "t3", "-"]):
        start = [list(order[:2]), list(order[2:])]
        text = sliding_tiles._encode(start, goal)
        forms.add(ns.checker("pddl").canonical(TASK.problem({"domain": DOMAIN, "problem": text})))
    # 24 starts up to the reflection that leaves the gap of the goal where it is, and exchanges two tiles
    assert len(forms) == 14


@pytest.mark.parametrize("knobs", [{"rows": 1}, {"columns": 1}, {"rows": 5}, {"columns": 5}, {"rows": -2}])
def test_knobs_out_of_range(knobs):
    with pytest.raises(ValueError, match=r"must be in 2\.\.4"):
        SlidingTiles(**knobs)


TEXT = PROBLEM.payload["problem"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"domain": DOMAIN},
        {"domain": DOMAIN, "problem": 5},
        {"domain": DOMAIN, "problem": TEXT, "more": 1},
        {"domain": DOMAIN + " ", "problem": TEXT},
        {"domain": DOMAIN, "problem": TEXT + " "},
        {"domain": DOMAIN, "problem": TEXT.replace("(beside r1c1 r1c2) ", "")},
        {"domain": DOMAIN, "problem": TEXT.replace("(at t1 ", "(at t2 ", 1)},
        {"domain": DOMAIN, "problem": re.sub(r"\(at t\d r1c1\)|\(gap r1c1\)", "(at t9 r1c1)", TEXT)},
        {"domain": DOMAIN, "problem": TEXT.replace("(gap", "(at t1", 1)},
        {"domain": DOMAIN, "problem": "(:init (at t1 r1c2))\n  (:goal (and (gap r1c1)))"},
        {"domain": DOMAIN, "problem": "(" * 1_000_000},
    ],
)
def test_other_payloads_are_malformed(payload):
    for prompt in (TASK.english, TASK.formal):
        with pytest.raises(MalformedProblem):
            prompt(TASK.problem(payload))


def test_answers_come_back_as_they_were():
    for answer in ("unsolvable", PLAN, f"{PLAN}\n{PLAN}"):
        assert TASK.parse(PROBLEM, TASK.render(PROBLEM, answer)) == answer
    assert TASK.parse(PROBLEM, " unsolvable\n") == "unsolvable"


@pytest.mark.parametrize(
    "text", ["", "Unsolvable", "unsolvable.", f"unsolvable\n{PLAN}", f"{PLAN}\nunsolvable", "(slide)x"]
)
def test_anything_else_is_malformed(text):
    with pytest.raises(MalformedAnswer):
        TASK.parse(PROBLEM, text)


@pytest.mark.parametrize("answer", [None, "", [], {"plan": PLAN, "optimal": True}, "Unsolvable"])
def test_only_a_plan_or_unsolvable_is_rendered(answer):
    with pytest.raises(MalformedAnswer):
        TASK.render(PROBLEM, answer)
    assert TASK.renamed(PROBLEM, Claim(answer), stream(1)) is None


def test_sampling_is_quick():
    start = time.thread_time()
    for item in range(1000):
        SlidingTiles().sample(stream(item))
    assert time.thread_time() - start < 0.5
