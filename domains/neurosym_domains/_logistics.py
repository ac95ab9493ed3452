"""Logistics: deliver packages by truck within a city and by airplane between cities (the competition of 1998, typed).

Every city has its airport, other locations and trucks of its own. Vehicles and packages start anywhere they may be,
and every package is wanted at another place than where it starts, so every problem has a plan and none is empty.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem
from neurosym_domains._plan_text import ANY, parse_plan, renamed_plan, render_plan

DOMAIN = """\
(define (domain logistics)
  (:requirements :strips :typing)
  (:types truck airplane - vehicle package vehicle - thing airport - location city location thing - object)
  (:predicates (in-city ?l - location ?c - city) (at ?x - thing ?l - location) (in ?p - package ?v - vehicle))
  (:action load-truck
    :parameters (?p - package ?t - truck ?l - location)
    :precondition (and (at ?t ?l) (at ?p ?l))
    :effect (and (not (at ?p ?l)) (in ?p ?t)))
  (:action unload-truck
    :parameters (?p - package ?t - truck ?l - location)
    :precondition (and (at ?t ?l) (in ?p ?t))
    :effect (and (not (in ?p ?t)) (at ?p ?l)))
  (:action drive-truck
    :parameters (?t - truck ?from ?to - location ?c - city)
    :precondition (and (at ?t ?from) (in-city ?from ?c) (in-city ?to ?c))
    :effect (and (not (at ?t ?from)) (at ?t ?to)))
  (:action load-airplane
    :parameters (?p - package ?a - airplane ?l - airport)
    :precondition (and (at ?a ?l) (at ?p ?l))
    :effect (and (not (at ?p ?l)) (in ?p ?a)))
  (:action unload-airplane
    :parameters (?p - package ?a - airplane ?l - airport)
    :precondition (and (at ?a ?l) (in ?p ?a))
    :effect (and (not (in ?p ?a)) (at ?p ?l)))
  (:action fly-airplane
    :parameters (?a - airplane ?from ?to - airport)
    :precondition (at ?a ?from)
    :effect (and (not (at ?a ?from)) (at ?a ?to))))
"""
TYPES = ("city", "airport", "location", "truck", "airplane", "package")
PROBLEM = """\
(define (problem deliveries)
  (:domain logistics)
  (:objects {objects})
  (:init {init})
  (:goal (and {goal})))
"""
ANSWER = f"""\
{ANY} Answer with the plan alone: one action a line, in lower case, such as
(drive-truck t1 l1 l2 c1)
(load-truck p1 t1 l2)
"""
ENGLISH = f"""\
Trucks carry packages within their city, airplanes between airports. The actions:
(load-truck p t l) loads package p into truck t, if both are at location l.
(unload-truck p t l) unloads package p from truck t at location l, if p is in t and t is there.
(drive-truck t l m c) drives truck t from location l, where it is, to location m, if both are in city c.
(load-airplane p a l) loads package p into airplane a, if both are at airport l.
(unload-airplane p a l) unloads package p from airplane a at airport l, if p is in a and a is there.
(fly-airplane a l m) flies airplane a from airport l, where it is, to airport m.
Each city is followed by its locations. A star marks an airport and is not part of its name.
The goal is that each package is where it must go: p1 from l1 to l2 starts at location l1 and must go to l2.
{ANSWER}
"""
FORMAL = f"{DOMAIN}\n{ANSWER}\n"
INSTANCE = """\
Cities: {cities}
Trucks: {trucks}
Airplanes: {airplanes}
Packages: {packages}"""

_PARTS = re.compile(r"\(:objects (.+)\)\n  \(:init (.+)\)\n  \(:goal \(and (.+)\)\)\)")
_OBJECTS = re.compile(r"([a-z0-9]+(?: [a-z0-9]+)*) - ([a-z]+)")

Pairs = dict[str, str]
"""The place of each location, vehicle or package."""


@dataclass(frozen=True)
class LogisticsProblems(Domain):
    """Each city has `locations` places, its airport among them, and `trucks` trucks."""

    kind = "pddl"

    cities: int = 3
    locations: int = 2
    trucks: int = 1
    airplanes: int = 1
    packages: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        for knob, most in (("cities", 20), ("locations", 20), ("trucks", 5), ("airplanes", 10), ("packages", 30)):
            if not 1 <= getattr(self, knob) <= most:
                raise ValueError(f"{knob} must be in 1..{most}, not {getattr(self, knob)}")
        if self.cities * self.locations < 2:
            raise ValueError("cities times locations must be at least 2: a package needs somewhere to go")

    def sample(self, rng: random.Random) -> Problem:
        objects: dict[str, list[str]] = {kind: [] for kind in TYPES}
        city_of: Pairs = {}
        at: Pairs = {}
        for number in range(self.cities):
            city = f"c{number + 1}"
            places = [f"l{number * self.locations + place + 1}" for place in range(self.locations)]
            trucks = [f"t{number * self.trucks + truck + 1}" for truck in range(self.trucks)]
            for kind, names in zip(TYPES, ([city], places[:1], places[1:], trucks), strict=False):
                objects[kind] += names
            city_of |= dict.fromkeys(places, city)
            at |= {truck: rng.choice(places) for truck in trucks}
        objects["airplane"] = [f"a{number + 1}" for number in range(self.airplanes)]
        objects["package"] = [f"p{number + 1}" for number in range(self.packages)]
        at |= {airplane: rng.choice(objects["airport"]) for airplane in objects["airplane"]}
        goal: Pairs = {}
        for package in objects["package"]:
            at[package], goal[package] = rng.sample(list(city_of), 2)
        return self.problem({"domain": DOMAIN, "problem": _encode(objects, city_of, at, goal)})

    def english(self, problem: Problem) -> str:
        objects, city_of, at, goal = _decode(problem)
        stars = dict.fromkeys(objects["airport"], "*")
        places = {city: [place for place in city_of if city_of[place] == city] for city in objects["city"]}
        return ENGLISH + INSTANCE.format(
            cities="; ".join(
                f"{city}: {' '.join(place + stars.get(place, '') for place in places[city])}" for city in places
            ),
            trucks="; ".join(f"{truck} at {at[truck]}" for truck in objects["truck"]),
            airplanes="; ".join(f"{airplane} at {at[airplane]}" for airplane in objects["airplane"]),
            packages="; ".join(f"{package} from {at[package]} to {place}" for package, place in goal.items()),
        )

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['problem'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_plan(answer)

    def parse(self, problem: Problem, text: str) -> str:
        return parse_plan(text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With cities, their locations and trucks, airplanes and packages numbered in another order.

        None for a claim that is not a plan.
        """
        objects, city_of, at, goal = _decode(problem)
        shuffled = {kind: rng.sample(names, len(names)) for kind, names in objects.items()}
        cities = shuffled["city"]
        places = sorted(shuffled["airport"] + shuffled["location"], key=lambda place: cities.index(city_of[place]))
        trucks = sorted(shuffled["truck"], key=lambda truck: cities.index(city_of[at[truck]]))
        groups = {"c": cities, "l": places, "t": trucks, "a": shuffled["airplane"], "p": shuffled["package"]}
        new = {name: f"{letter}{n}" for letter, names in groups.items() for n, name in enumerate(names, 1)}
        try:
            plan = renamed_plan(claim.answer, new)
        except MalformedAnswer:
            return None
        text = _encode(
            {kind: [new[name] for name in new if name in names] for kind, names in objects.items()},
            {new[place]: new[city_of[place]] for place in places},
            {new[thing]: new[at[thing]] for thing in new if thing in at},
            {new[package]: new[goal[package]] for package in groups["p"]},
        )
        return self.problem({"domain": DOMAIN, "problem": text}), Claim(plan, metrics=claim.metrics)


def _encode(objects: dict[str, list[str]], city_of: Pairs, at: Pairs, goal: Pairs) -> str:
    return PROBLEM.format(
        objects=" ".join(f"{' '.join(names)} - {kind}" for kind, names in objects.items() if names),
        init=" ".join([f"(in-city {x} {y})" for x, y in city_of.items()] + [f"(at {x} {y})" for x, y in at.items()]),
        goal=" ".join(f"(at {x} {y})" for x, y in goal.items()),
    )


def _decode(problem: Problem) -> tuple[dict[str, list[str]], Pairs, Pairs, Pairs]:
    """The objects by type, the map, the start and the goal of a payload that `_encode` could have written."""
    text = problem.payload.get("problem")
    parts = _PARTS.search(text) if isinstance(text, str) else None
    if parts is None:
        raise MalformedProblem("not a problem of the domain logistics")
    found = {kind: names.split(" ") for names, kind in _OBJECTS.findall(parts[1])}
    objects = {kind: found.get(kind, []) for kind in TYPES}
    city_of, at, goal = (
        dict(re.findall(rf"\({fact} ([a-z0-9]+) ([a-z0-9]+)\)", part))
        for fact, part in (("in-city", parts[2]), ("at", parts[2]), ("at", parts[3]))
    )
    if problem.payload != {"domain": DOMAIN, "problem": _encode(objects, city_of, at, goal)}:
        raise MalformedProblem("not a problem of the domain logistics")
    places = [*objects["airport"], *objects["location"]]
    things = [*objects["truck"], *objects["airplane"], *objects["package"]]
    names = [*objects["city"], *places, *things]
    if not (
        len(names) == len(set(names))
        and (sorted(city_of), sorted(at)) == (sorted(places), sorted(things))
        and set(city_of.values()) <= set(objects["city"])
        and list(goal) == objects["package"]
        and {*at.values(), *goal.values()} <= set(places)
    ):
        raise MalformedProblem("an object of the domain logistics is undeclared, or is nowhere, or is in two places")
    return objects, city_of, at, goal
