"""The domain blocksworld: every problem well posed, every prompt true, every answer read strictly."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains import _blocksworld as blocksworld
from neurosym_domains._blocksworld import ANSWER, DOMAIN, ENGLISH
from neurosym_domains._plan_text import MAX_CHARACTERS
from neurosym_domains.blocksworld import Blocksworld
from reference_simulators import blocksworld_valid

from neurosym import checker
from neurosym.core import Claim, MalformedAnswer, MalformedProblem, Problem, canonical_json, stream

TASK = Blocksworld(blocks=5)
PROBLEM = TASK.sample(stream("blocksworld"))


def plan_by_way_of_the_table(problem: Problem) -> str:
    """Every block to the table, then the goal from the bottom up."""
    _, start, goal = blocksworld._decode(problem)
    steps = []
    for tower in start:
        for below, above in reversed(list(pairwise(tower))):
            steps += [f"(unstack {above} {below})", f"(put-down {above})"]
    for tower in goal:
        for below, above in pairwise(tower):
            steps += [f"(pick-up {above})", f"(stack {above} {below})"]
    return "\n".join(steps)


def test_every_problem_has_a_plan_of_at_most_four_actions_a_block():
    for item in range(500):
        problem = Blocksworld().sample(stream(item))
        plan = plan_by_way_of_the_table(problem)
        assert blocksworld_valid(problem.payload["problem"], plan)
        assert 0 < len(plan.splitlines()) <= 4 * 7
        assert not blocksworld_valid(problem.payload["problem"], "")


def test_the_knob_blocks_is_exact_and_the_range_is_used():
    for number in (2, 3, 12, 26):
        for item in range(20):
            assert len(blocksworld._decode(Blocksworld(blocks=number).sample(stream(item)))[0]) == number
    drawn = {len(blocksworld._decode(Blocksworld().sample(stream(item)))[0]) for item in range(200)}
    assert drawn == {5, 6, 7}
    assert Blocksworld().knobs() == {"prompt_style": "english", "blocks": None, "blocks_min": 5, "blocks_max": 7}


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"blocks": 1}, "blocks must be in 2..26, not 1"),
        ({"blocks": 27}, "blocks must be in 2..26"),
        ({"blocks": 0}, "blocks must be in 2..26"),
        ({"blocks": -5}, "blocks must be in 2..26"),
        ({"blocks_min": 1}, "must lie in 2..26, not 1..7"),
        ({"blocks_max": 27}, "must lie in 2..26, not 5..27"),
        ({"blocks_min": 9}, "must lie in 2..26, not 9..7"),
        ({"prompt_style": "rhyme"}, "prompt_style must be"),
    ],
)
def test_knobs_out_of_range(knobs, message):
    with pytest.raises(ValueError, match=message):
        Blocksworld(**knobs)


def test_states_are_uniform():
    rng = random.Random(1)
    seen = Counter(str(sorted(blocksworld._state(rng, ["a", "b", "c"]))) for _ in range(13_000))
    assert len(seen) == 13  # the states of three blocks
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 33  # chi-square, p = 0.001


def test_the_same_stream_gives_the_same_problem():
    assert [Blocksworld().sample(stream("x", item)).id for item in range(9)] == [
        Blocksworld().sample(stream("x", item)).id for item in range(9)
    ]
    canonical_json(PROBLEM.payload)


def test_sampling_is_quick():
    start = time.thread_time()
    for item in range(1000):
        Blocksworld().sample(random.Random(item))
    assert time.thread_time() - start < 0.3


def test_the_english_prompt_says_all_of_the_problem():
    text = """(define (problem towers)
  (:domain blocksworld)
  (:objects p q r)
  (:init (handempty) (ontable q) (on p q) (ontable r) (clear p) (clear r))
  (:goal (and (ontable r) (on q r) (on p q))))
"""
    english = TASK.english(TASK.problem({"domain": DOMAIN, "problem": text}))
    assert english.endswith("\n\nStart: q on table, p on q; r on table\nGoal: r on table, q on r, p on q")
    for action in ("pick-up x", "unstack x y", "put-down x", "stack x y"):
        assert f"\n({action}) " in english
    assert ANSWER in english and english == ENGLISH + english.partition(ENGLISH)[2]


def test_the_english_prompt_is_read_back_as_the_problem():
    """By a reader who knows its rules alone."""
    for item in range(200):
        problem = Blocksworld().sample(stream(item))
        lines = TASK.english(problem).removeprefix(ENGLISH).splitlines()
        start, goal = (
            [[fact.partition(" on ")[0] for fact in tower.split(", ")] for tower in line.partition(": ")[2].split("; ")]
            for line in lines
        )
        for towers, line in zip((start, goal), lines, strict=True):
            below = [below for tower in towers for below in ["table", *tower[:-1]]]
            assert re.findall(" on ([a-z]+)", line) == below
        assert (sorted(chain(*start)), start, goal) == blocksworld._decode(problem)


def test_renamings_are_uniform():
    """Both blocks of a tower of two that must be turned over: each ordered pair of letters is as likely as another."""
    text = blocksworld._encode(["a", "b"], [["a", "b"]], [["b", "a"]])
    rng, seen = random.Random(1), Counter[str]()
    for _ in range(26 * 25 * 20):
        renamed = TASK.renamed(TASK.problem({"domain": DOMAIN, "problem": text}), Claim("(unstack b a)"), rng)
        seen[renamed[1].answer] += 1
    assert len(seen) == 26 * 25
    assert sum((count - 20) ** 2 / 20 for count in seen.values()) < 765  # chi-square, p = 0.001


def test_prompts_differ_wherever_problems_do():
    problems = [Blocksworld(blocks=3).sample(stream(item)) for item in range(300)]
    prompts = {(TASK.english(problem), TASK.formal(problem)) for problem in problems}
    assert len({english for english, _ in prompts}) == len({formal for _, formal in prompts})
    assert len(prompts) > 200


def test_the_formal_prompt_is_the_payload():
    formal = Blocksworld(prompt_style="formal").prompt(PROBLEM)
    assert formal == f"{DOMAIN}\n{ANSWER}\n{PROBLEM.payload['problem']}".rstrip()


TEXT = PROBLEM.payload["problem"]
BLOCK = blocksworld._decode(PROBLEM)[0][0]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"domain": DOMAIN},
        {"problem": TEXT},
        {"domain": DOMAIN, "problem": 5},
        {"domain": DOMAIN, "problem": TEXT, "more": 1},
        {"domain": DOMAIN + " ", "problem": TEXT},
        {"domain": DOMAIN.replace("(not (clear ?x))", "", 1), "problem": TEXT},
        {"domain": DOMAIN, "problem": TEXT + " "},
        {"domain": DOMAIN, "problem": " " + TEXT},
        {"domain": DOMAIN, "problem": TEXT[:-2]},
        {"domain": DOMAIN, "problem": TEXT.replace("(handempty)", "(holding a)")},
        {"domain": DOMAIN, "problem": TEXT.replace("(clear", "(clean", 1)},
        {"domain": DOMAIN, "problem": TEXT.replace(f"(clear {BLOCK})", "") + " "},
        {"domain": DOMAIN, "problem": TEXT.replace(f"(:objects {BLOCK} ", "(:objects ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(:objects ", f"(:objects {BLOCK} ")},
        {"domain": DOMAIN, "problem": TEXT.replace(f"(:objects {BLOCK} ", "(:objects & ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(:goal (and ", "(:goal (and (on a b) ")},
        {"domain": DOMAIN, "problem": "(" * 1_000_000},
    ],
)
def test_other_payloads_are_malformed(payload):
    for prompt in (TASK.english, TASK.formal):
        with pytest.raises(MalformedProblem):
            prompt(TASK.problem(payload))


def test_answers_come_back_as_they_were():
    plan = plan_by_way_of_the_table(PROBLEM)
    assert TASK.render(PROBLEM, plan) == plan
    assert TASK.parse(PROBLEM, plan) == plan
    assert TASK.parse(PROBLEM, f"\n\t {plan}\r\n\n") == plan


PLAN = "(pick-up a)\n(stack a b)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "unsolvable",
        f"```\n{PLAN}\n```",
        f"```pddl\n{PLAN}\n```",
        f"Here is the plan:\n{PLAN}",
        f"{PLAN}\nDone.",
        f"{PLAN}\n; cost = 2 (unit cost)",
        "1. (pick-up a)",
        "0: (pick-up a)",
        "0.0: (pick-up a) [1]",
        "- (pick-up a)",
        "(pick-up a) (stack a b)",
        "(pick-up a)\n\n(stack a b)",
        "(pick-up a)\r\n(stack a b)",
        "(pick-up a)\n (stack a b)",
        "(pick-up a )",
        "( pick-up a)",
        "(pick-up  a)",
        "(pick-up\ta)",
        "(Pick-up a)",
        "(PICK-UP A)",
        "(pick-up a",
        "pick-up a",
        "((pick-up a))",
        "(pick-up (a))",
        "()",
        "(pick-up ä)",
        "(pick-up а)",  # a Cyrillic letter
        "(pick-up a)\x00",
        "(pick-up a)\u2028(stack a b)",
        "\u00a0(pick-up a)",
        "(pick-up a)\u200b",
        "[pick-up a]",
        "(pick-up ?x)",
        "{}",
        "null",
    ],
)
def test_anything_but_a_plan_is_malformed(text):
    with pytest.raises(MalformedAnswer):
        TASK.parse(PROBLEM, text)


@pytest.mark.parametrize("answer", [None, 1, [], {}, ["(pick-up a)"], {"plan": PLAN}, "", "unsolvable"])
def test_only_a_plan_is_rendered(answer):
    with pytest.raises(MalformedAnswer):
        TASK.render(PROBLEM, answer)


@pytest.mark.parametrize("text", ["(" * 1_000_000, "(a)\n" * 250_000, "(a " + "b " * 40_000, " " * 1_000_000])
def test_long_texts_are_malformed_soon(text):
    start = time.thread_time()
    with pytest.raises(MalformedAnswer) as caught:
        TASK.parse(PROBLEM, text)
    assert time.thread_time() - start < 0.05
    assert len(str(caught.value)) < 200


def test_a_plan_may_be_long_but_not_longer_than_the_bound():
    most = MAX_CHARACTERS // len("(pick-up a)\n")
    assert TASK.parse(PROBLEM, "(pick-up a)\n" * most).count("\n") == most - 1
    with pytest.raises(MalformedAnswer, match="longer than"):
        TASK.parse(PROBLEM, "(pick-up a)\n" * (most + 1))


LINES = ["(pick-up a)", "(stack a b)", "(go)", "(a0 1_2)", "", " ", "(a b", "a b", "(A)", "; x"]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(st.text(), st.text(alphabet="()abz -_19\n\t;"), st.lists(st.sampled_from(LINES)).map("\n".join)))
def test_what_is_parsed_is_parsed_again_to_the_same(text):
    try:
        plan = TASK.parse(PROBLEM, text)
    except MalformedAnswer:
        return
    assert TASK.parse(PROBLEM, TASK.render(PROBLEM, plan)) == plan == text.strip(" \t\r\n")


@pytest.mark.slow
def test_few_problems_are_renamings_of_another():
    pynauty = pytest.importorskip("pynauty")

    def form(problem: Problem) -> tuple[int, bytes]:
        blocks, *states = blocksworld._decode(problem)
        number = len(blocks)
        edges: dict[int, list[int]] = {block: [block + number] for block in range(number)}
        for first, towers in zip((0, number), states, strict=True):
            for tower in towers:
                for below, above in pairwise(first + blocks.index(block) for block in tower):
                    edges.setdefault(below, []).append(above)
        colours = [set(range(number)), set(range(number, 2 * number))]
        graph = pynauty.Graph(2 * number, directed=True, adjacency_dict=edges, vertex_coloring=colours)
        return number, pynauty.certificate(graph)

    problems = [Blocksworld().sample(stream("distinct", item)) for item in range(4000)]
    forms = {form(problem) for problem in problems}
    assert len(forms) > 3400
    assert len({checker("pddl").canonical(problem) for problem in problems}) == len(forms)
