"""The domain logistics: every problem well posed, every prompt true, every answer read strictly."""

from __future__ import annotations

import random
import re
import time
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains import _logistics as logistics
from neurosym_domains._logistics import ANSWER, DOMAIN, ENGLISH
from neurosym_domains.logistics import Logistics
from reference_simulators import logistics_valid

from neurosym import checker
from neurosym.core import Claim, MalformedAnswer, MalformedProblem, Problem, stream

TASK = Logistics()
PROBLEM = TASK.sample(stream("logistics"))


def plan_one_package_after_the_other(problem: Problem) -> str:
    objects, city_of, at, goal = logistics._decode(problem)
    at = dict(at)
    airport = {city_of[place]: place for place in objects["airport"]}
    steps: list[str] = []

    def by_truck(package: str, to: str) -> None:
        city = city_of[to]
        if at[package] == to:
            return
        truck = next(truck for truck in objects["truck"] if city_of[at[truck]] == city)
        steps.append(f"(drive-truck {truck} {at[truck]} {at[package]} {city})")
        steps.append(f"(load-truck {package} {truck} {at[package]})")
        steps.append(f"(drive-truck {truck} {at[package]} {to} {city})")
        steps.append(f"(unload-truck {package} {truck} {to})")
        at[truck] = at[package] = to

    for package, target in goal.items():
        if city_of[at[package]] != city_of[target]:
            by_truck(package, airport[city_of[at[package]]])
            plane, here, there = objects["airplane"][0], at[package], airport[city_of[target]]
            steps.append(f"(fly-airplane {plane} {at[plane]} {here})")
            steps.append(f"(load-airplane {package} {plane} {here})")
            steps.append(f"(fly-airplane {plane} {here} {there})")
            steps.append(f"(unload-airplane {package} {plane} {there})")
            at[plane] = at[package] = there
        by_truck(package, target)
    return "\n".join(steps)


def test_every_problem_has_a_plan_and_none_is_empty():
    shapes = [
        Logistics(),
        Logistics(cities=1),
        Logistics(locations=1),
        Logistics(cities=4, locations=2, trucks=2, airplanes=2, packages=5),
    ]
    for shape in shapes:
        for item in range(100):
            problem = shape.sample(stream(item))
            plan = plan_one_package_after_the_other(problem)
            assert logistics_valid(problem.payload["problem"], plan)
            assert shape.parse(problem, shape.render(problem, plan)) == plan
            assert not logistics_valid(problem.payload["problem"], "")


def test_the_knobs_are_exact():
    shape = Logistics(cities=4, locations=3, trucks=2, airplanes=2, packages=5)
    objects, city_of, at, goal = logistics._decode(shape.sample(stream(1)))
    assert {kind: len(names) for kind, names in objects.items()} == {
        "city": 4, "airport": 4, "location": 8, "truck": 8, "airplane": 2, "package": 5,
    }  # fmt: skip
    assert len(city_of) == 12 and len(at) == 15 and set(goal) == set(objects["package"])
    for number, truck in enumerate(objects["truck"]):
        assert city_of[at[truck]] == objects["city"][number // 2]
    assert {at[plane] for plane in objects["airplane"]} <= set(objects["airport"])
    assert all(at[package] != place for package, place in goal.items())


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"cities": 0}, "cities must be in 1..20, not 0"),
        ({"cities": 21}, "cities must be in 1..20"),
        ({"locations": 0}, "locations must be in 1..20"),
        ({"trucks": 6}, "trucks must be in 1..5"),
        ({"airplanes": 0}, "airplanes must be in 1..10"),
        ({"packages": 31}, "packages must be in 1..30"),
        ({"cities": 1, "locations": 1}, "cities times locations must be at least 2"),
        ({"prompt_style": ""}, "prompt_style must be"),
    ],
)
def test_knobs_out_of_range(knobs, message):
    with pytest.raises(ValueError, match=message):
        Logistics(**knobs)


def test_sampling_is_quick():
    start = time.thread_time()
    for item in range(1000):
        TASK.sample(random.Random(item))
    assert time.thread_time() - start < 0.3


def test_the_same_stream_gives_the_same_problem():
    assert TASK.sample(stream(5)).id == TASK.sample(stream(5)).id != TASK.sample(stream(6)).id


def test_the_english_prompt_says_all_of_the_problem():
    text = """(define (problem deliveries)
  (:domain logistics)
  (:objects c1 c2 - city l1 l3 - airport l2 - location t1 t2 - truck a1 - airplane p1 - package)
  (:init (in-city l1 c1) (in-city l2 c1) (in-city l3 c2) (at t1 l2) (at t2 l3) (at a1 l3) (at p1 l2))
  (:goal (and (at p1 l3))))
"""
    english = TASK.english(TASK.problem({"domain": DOMAIN, "problem": text}))
    assert english.endswith(
        "\n\nCities: c1: l1* l2; c2: l3*\nTrucks: t1 at l2; t2 at l3\nAirplanes: a1 at l3\nPackages: p1 from l2 to l3"
    )
    for action in ("load-truck p t l", "unload-truck p t l", "drive-truck t l m c", "load-airplane p a l",
                   "unload-airplane p a l", "fly-airplane a l m"):  # fmt: skip
        assert f"\n({action}) " in english
    assert ANSWER in english and english.startswith(ENGLISH)


def test_a_renamed_problem_is_one_that_the_family_writes():
    """Numbered by city, the airport first, as `sample` does; another renaming leads back."""
    shape = Logistics(cities=3, locations=3, trucks=2, airplanes=2, packages=3)
    for item in range(30):
        problem = shape.sample(stream(item))
        plan = plan_one_package_after_the_other(problem)
        renamed, claim = shape.renamed(problem, Claim(plan), stream("renaming", item))
        objects, city_of, at, goal = logistics._decode(problem)
        new_objects, new_city_of, new_at, new_goal = logistics._decode(renamed)
        assert (new_objects, new_city_of) == (objects, city_of)
        assert [*new_at] == [*at] and [*new_goal] == [*goal]
        assert logistics_valid(renamed.payload["problem"], claim.answer)
        assert len(claim.answer) == len(plan)


def test_prompts_differ_wherever_problems_do():
    small = Logistics(cities=2, locations=1, packages=1)
    problems = [small.sample(stream(item)) for item in range(60)]
    english, formal = ({say(problem) for problem in problems} for say in (TASK.english, TASK.formal))
    assert 3 <= len({problem.id for problem in problems}) == len(english) == len(formal)


def test_the_formal_prompt_is_the_payload():
    formal = Logistics(prompt_style="formal").prompt(PROBLEM)
    assert formal == f"{DOMAIN}\n{ANSWER}\n{PROBLEM.payload['problem']}".rstrip()


TEXT = PROBLEM.payload["problem"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"domain": DOMAIN},
        {"domain": DOMAIN, "problem": []},
        {"domain": DOMAIN, "problem": TEXT, "more": 1},
        {"domain": DOMAIN + " ", "problem": TEXT},
        {"domain": DOMAIN, "problem": TEXT + "\n"},
        {"domain": DOMAIN, "problem": TEXT[:-3]},
        {"domain": DOMAIN, "problem": TEXT.replace("(in-city l1 c1)", "(in-city l1 c9)")},
        {"domain": DOMAIN, "problem": TEXT.replace("(in-city l1 c1) ", "")},
        {"domain": DOMAIN, "problem": TEXT.replace("(in-city l1 c1)", "(in-city l1 c1) (in-city l1 c2)")},
        {"domain": DOMAIN, "problem": TEXT.replace("(at a1 ", "(at a2 ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(at a1 ", "(in a1 ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(at a1 ", "(at t1 l1) (at a1 ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(:goal (and (at p1 ", "(:goal (and (at t1 ")},
        {"domain": DOMAIN, "problem": TEXT.replace("(:goal (and (at p1 l", "(:goal (and (at p1 c")},
        {"domain": DOMAIN, "problem": TEXT.replace("c1 c2", "c2 c2")},
        {"domain": DOMAIN, "problem": re.sub(r"(\(at p1 \w+\)) (\(at p2 \w+\))(?=.*\)\)\)\n\Z)", r"\2 \1", TEXT)},
        {"domain": DOMAIN, "problem": re.sub(r" \(at p3 \w+\)(?=\)\)\)\n\Z)", "", TEXT)},
        {"domain": DOMAIN, "problem": TEXT.replace(" - truck", " - lorry")},
        {"domain": DOMAIN, "problem": "(" * 1_000_000},
        {"domain": DOMAIN, "problem": TEXT.replace("(:objects ", "(:objects " + "x " * 500_000)},
    ],
)
def test_other_payloads_are_malformed(payload):
    start = time.thread_time()
    for prompt in (TASK.english, TASK.formal):
        with pytest.raises(MalformedProblem):
            prompt(TASK.problem(payload))
    assert time.thread_time() - start < 2


PLAN = "(drive-truck t1 l1 l2 c1)\n(load-truck p1 t1 l2)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unsolvable",
        f"```\n{PLAN}\n```",
        f"Plan:\n{PLAN}",
        f"{PLAN}\n\nThis is it.",
        f"1. {PLAN}",
        PLAN.replace("\n", " "),
        PLAN.replace("\n", "\r\n"),
        PLAN.replace("\n", "\n\n"),
        PLAN.upper(),
        PLAN[:-1],
        f"({PLAN})",
        "drive-truck(t1, l1, l2, c1)",
        "(drive-truck t1, l1, l2, c1)",
        "(load-truck p１ t1 l2)",
    ],
)
def test_anything_but_a_plan_is_malformed(text):
    with pytest.raises(MalformedAnswer):
        TASK.parse(PROBLEM, text)


@pytest.mark.parametrize("answer", [None, 1, [PLAN], {"plan": PLAN}, "", "unsolvable"])
def test_only_a_plan_is_rendered(answer):
    with pytest.raises(MalformedAnswer):
        TASK.render(PROBLEM, answer)


@pytest.mark.parametrize("text", ["(" * 1_000_000, "(a)\n" * 250_000, "(a " + "b " * 40_000, "a" * 100_001])
def test_long_texts_are_malformed_soon(text):
    start = time.thread_time()
    with pytest.raises(MalformedAnswer):
        TASK.parse(PROBLEM, text)
    assert time.thread_time() - start < 0.05


LINES = ["(load-truck p1 t1 l2)", "(go)", "(a0 1_2)", "", " ", "(a b", "a b", "(A)", "; x"]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.one_of(st.text(), st.text(alphabet="()alt1 -_\n"), st.lists(st.sampled_from(LINES)).map("\n".join)))
def test_what_is_parsed_is_parsed_again_to_the_same(text):
    try:
        plan = TASK.parse(PROBLEM, text)
    except MalformedAnswer:
        return
    assert TASK.parse(PROBLEM, TASK.render(PROBLEM, plan)) == plan == text.strip(" \t\r\n")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, len(TEXT) - 1), st.sampled_from("()ac1 -\n"))
def test_a_changed_character_is_another_problem_or_none(position, letter):
    changed = TEXT[:position] + letter + TEXT[position + 1 :]
    try:
        prompt = TASK.english(TASK.problem({"domain": DOMAIN, "problem": changed}))
    except MalformedProblem:
        return
    assert (prompt == TASK.english(PROBLEM)) == (changed == TEXT)


@pytest.mark.slow
def test_few_problems_are_renamings_of_another():
    """By trying every order of cities and of locations: packages and airplanes are then sorted."""

    def form(problem: Problem) -> str:
        objects, city_of, at, goal = logistics._decode(problem)
        airport = {city_of[place]: place for place in objects["airport"]}
        others = {city: [p for p in objects["location"] if city_of[p] == city] for city in objects["city"]}
        forms = []
        for cities in permutations(objects["city"]):
            for orders in product(*(permutations(others[city]) for city in cities)):
                place = {
                    name: (row, column)
                    for row, (city, order) in enumerate(zip(cities, orders, strict=True))
                    for column, name in enumerate((airport[city], *order))
                }
                vehicles = [sorted(place[at[vehicle]] for vehicle in objects[kind]) for kind in ("truck", "airplane")]
                forms.append((*vehicles, sorted((place[at[p]], place[goal[p]]) for p in objects["package"])))
        return str(min(forms))

    problems = [TASK.sample(stream("distinct", item)) for item in range(4000)]
    forms = {form(problem) for problem in problems}
    assert len(forms) > 3500
    assert len({checker("pddl").canonical(problem) for problem in problems}) == len(forms)
