"""Sliding tiles: bring the tiles of a small frame into another order, or say that it cannot be done.

Start and goal are two different arrangements, each uniform over all. A move exchanges the gap with a tile beside it,
so that an arrangement can be reached from exactly half of all (Johnson and Story, "Notes on the '15' puzzle", American
Journal of Mathematics 2, 1879), and half of the problems have no plan. That is parity: no relaxation that
forgets what actions delete shows it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem
from neurosym_domains._plan_text import parse_plan, renamed_plan, render_plan

UNSOLVABLE = "unsolvable"
DOMAIN = """\
(define (domain sliding-tiles)
  (:requirements :strips :typing)
  (:types tile place)
  (:predicates (at ?t - tile ?p - place) (gap ?p - place) (beside ?p ?q - place))
  (:action slide
    :parameters (?t - tile ?from ?to - place)
    :precondition (and (at ?t ?from) (gap ?to) (beside ?from ?to))
    :effect (and (not (at ?t ?from)) (not (gap ?to)) (at ?t ?to) (gap ?from))))
"""
PROBLEM = """\
(define (problem frame)
  (:domain sliding-tiles)
  (:objects {tiles} - tile {places} - place)
  (:init {beside} {start})
  (:goal (and {goal})))
"""
ANSWER = """\
Find a plan that leads from the start to the goal. Answer with the plan alone: one action a line, in lower case, such as
(slide t1 r1c2 r1c1)
If there is no such plan, answer with the one word unsolvable
"""
ENGLISH = f"""\
Tiles lie in a frame of {{rows}} rows and {{columns}} columns, one in each place but one, the gap. The place r1c2 is in
row 1, column 2.
(slide t p q) slides tile t from place p, where it is, to place q, if q is the gap and is beside p in a row or column.
Start and goal are written row by row, with - for the gap.
{ANSWER}
"""
FORMAL = f"{DOMAIN}\n{ANSWER}\n"

_PARTS = re.compile(r"\(:init (.+)\)\n  \(:goal \(and (.+)\)\)\)")
_FACT = re.compile(r"\((?:at (t[1-9][0-9]?) |gap )r([1-9])c([1-9])\)")

Frame = list[list[str]]
"""The tiles row by row; "-" is the gap."""


@dataclass(frozen=True)
class SlidingTiles(Domain):
    """`rows` times `columns` places; a proof that no plan exists visits half of all arrangements."""

    name = "sliding_tiles"
    version = 1
    kind = "pddl"

    rows: int = 2
    columns: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        for knob in ("rows", "columns"):
            if not 2 <= getattr(self, knob) <= 4:
                raise ValueError(f"{knob} must be in 2..4, not {getattr(self, knob)}")

    def sample(self, rng: random.Random) -> Problem:
        tiles = ["-", *(f"t{number}" for number in range(1, self.rows * self.columns))]
        start = goal = rng.sample(tiles, len(tiles))
        while goal == start:
            goal = rng.sample(tiles, len(tiles))
        return self.problem({"domain": DOMAIN, "problem": _encode(self._frame(start), self._frame(goal))})

    def _frame(self, tiles: list[str]) -> Frame:
        return [tiles[first : first + self.columns] for first in range(0, len(tiles), self.columns)]

    def english(self, problem: Problem) -> str:
        start, goal = _decode(problem)
        return f"{ENGLISH.format(rows=len(start), columns=len(start[0]))}Start:\n{_drawn(start)}\nGoal:\n{_drawn(goal)}"

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['problem'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return UNSOLVABLE if answer == UNSOLVABLE else render_plan(answer)

    def parse(self, problem: Problem, text: str) -> str:
        return UNSOLVABLE if text.strip(" \t\r\n") == UNSOLVABLE else parse_plan(text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the tiles numbered in another order. None for a claim that is neither a plan nor that there is none."""
        start, goal = _decode(problem)
        tiles = sorted(_tiles(start))
        renaming = dict(zip(tiles, rng.sample(tiles, len(tiles)), strict=True))
        try:
            answer = UNSOLVABLE if claim.answer == UNSOLVABLE else renamed_plan(claim.answer, renaming)
        except MalformedAnswer:
            return None
        start, goal = ([[renaming.get(tile, tile) for tile in row] for row in frame] for frame in (start, goal))
        copy = self.problem({"domain": DOMAIN, "problem": _encode(start, goal)})
        return copy, Claim(answer, metrics=claim.metrics)


def _drawn(frame: Frame) -> str:
    return "\n".join(map(" ".join, frame))


def _tiles(frame: Frame) -> list[str]:
    return [tile for row in frame for tile in row if tile != "-"]


def _facts(frame: Frame) -> str:
    return " ".join(
        f"(gap r{r}c{c})" if tile == "-" else f"(at {tile} r{r}c{c})"
        for r, row in enumerate(frame, 1)
        for c, tile in enumerate(row, 1)
    )


def _encode(start: Frame, goal: Frame) -> str:
    places = [(r, c) for r in range(1, len(start) + 1) for c in range(1, len(start[0]) + 1)]
    return PROBLEM.format(
        tiles=" ".join(f"t{number}" for number in range(1, len(places))),
        places=" ".join(f"r{r}c{c}" for r, c in places),
        beside=" ".join(
            f"(beside r{r}c{c} r{y}c{x})" for r, c in places for y, x in places if abs(r - y) + abs(c - x) == 1
        ),
        start=_facts(start),
        goal=_facts(goal),
    )


def _decode(problem: Problem) -> tuple[Frame, Frame]:
    """The start and the goal of a payload that `_encode` could have written, and of no other."""
    text = problem.payload.get("problem")
    parts = _PARTS.search(text) if isinstance(text, str) else None
    if parts is None:
        raise MalformedProblem("not a problem of the domain sliding_tiles")
    start, goal = _read(parts[1]), _read(parts[2])
    numbered = {f"t{number}" for number in range(1, sum(map(len, start)))}
    if not (
        len({*map(len, start)}) == 1
        and problem.payload == {"domain": DOMAIN, "problem": _encode(start, goal)}
        and all({*_tiles(frame)} == numbered and sum(row.count("-") for row in frame) == 1 for frame in (start, goal))
    ):
        raise MalformedProblem("not a problem of the domain sliding_tiles")
    return start, goal


def _read(facts: str) -> Frame:
    frame: Frame = []
    for tile, _, column in _FACT.findall(facts):
        if column == "1":
            frame.append([])
        if frame:
            frame[-1].append(tile or "-")
    return frame


PLUGINS = (SlidingTiles,)
