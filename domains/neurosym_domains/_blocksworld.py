"""Blocksworld: rearrange towers of blocks with one hand, in the four-operator encoding of the planning competitions.

Start and goal are two different states with an empty hand, each uniform over all such states as in Slaney and
Thiébaux, "Blocks World revisited", Artificial Intelligence 125 (2001): a state with k towers is a permutation of the
blocks cut into k parts, and k has the weight of the Lah number L(n, k). Every problem has a plan of at most 4n actions.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from math import comb, factorial

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem
from neurosym_domains._plan_text import ANY, parse_plan, renamed_plan, render_plan

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DOMAIN = """\
(define (domain blocksworld)
  (:requirements :strips)
  (:predicates (on ?x ?y) (ontable ?x) (clear ?x) (handempty) (holding ?x))
  (:action pick-up
    :parameters (?x)
    :precondition (and (clear ?x) (ontable ?x) (handempty))
    :effect (and (not (ontable ?x)) (not (clear ?x)) (not (handempty)) (holding ?x)))
  (:action put-down
    :parameters (?x)
    :precondition (holding ?x)
    :effect (and (not (holding ?x)) (clear ?x) (handempty) (ontable ?x)))
  (:action stack
    :parameters (?x ?y)
    :precondition (and (holding ?x) (clear ?y))
    :effect (and (not (holding ?x)) (not (clear ?y)) (clear ?x) (handempty) (on ?x ?y)))
  (:action unstack
    :parameters (?x ?y)
    :precondition (and (on ?x ?y) (clear ?x) (handempty))
    :effect (and (holding ?x) (clear ?y) (not (clear ?x)) (not (handempty)) (not (on ?x ?y)))))
"""
PROBLEM = """\
(define (problem towers)
  (:domain blocksworld)
  (:objects {objects})
  (:init (handempty) {init})
  (:goal (and {goal})))
"""
ANSWER = f"""\
{ANY} Answer with the plan alone: one action a line, in lower case, such as
(unstack a b)
(put-down a)
"""
ENGLISH = f"""\
Blocks stand on a table, each on the table or on one other block. A hand, empty at the start, moves one block at a time:
(pick-up x) takes block x from the table, if nothing is on x and the hand is empty.
(unstack x y) takes block x off block y, if x is on y, nothing is on x and the hand is empty.
(put-down x) puts the held block x on the table.
(stack x y) puts the held block x on block y, if nothing is on y.
Towers are written from bottom to top, each block with what it stands on.
{ANSWER}
"""
FORMAL = f"{DOMAIN}\n{ANSWER}\n"

_PARTS = re.compile(r"\(:objects ([a-z ]+)\)\n  \(:init (.+)\)\n  \(:goal \(and (.+)\)\)\)")

Towers = list[list[str]]
"""Each tower from the bottom block to the top."""


@dataclass(frozen=True)
class BlocksworldProblems(Domain):
    """`blocks` is the exact number of blocks; while it is None, each problem draws one from the range."""

    kind = "pddl"

    blocks: int | None = None
    blocks_min: int = 5
    blocks_max: int = 7

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.blocks is not None and not 2 <= self.blocks <= len(LETTERS):
            raise ValueError(f"blocks must be in 2..{len(LETTERS)}, not {self.blocks}")
        if not 2 <= self.blocks_min <= self.blocks_max <= len(LETTERS):
            raise ValueError(
                f"blocks_min..blocks_max must lie in 2..{len(LETTERS)}, not {self.blocks_min}..{self.blocks_max}"
            )

    def sample(self, rng: random.Random) -> Problem:
        names = rng.sample(LETTERS, self.blocks or rng.randint(self.blocks_min, self.blocks_max))
        start = goal = _state(rng, names)
        while sorted(goal) == sorted(start):
            goal = _state(rng, names)
        return self.problem({"domain": DOMAIN, "problem": _encode(sorted(names), start, goal)})

    def english(self, problem: Problem) -> str:
        _, start, goal = _decode(problem)
        return f"{ENGLISH}Start: {_words(start)}\nGoal: {_words(goal)}"

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['problem'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_plan(answer)

    def parse(self, problem: Problem, text: str) -> str:
        return parse_plan(text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With other letters for the blocks, and the towers in another order. None for a claim that is not a plan."""
        blocks, start, goal = _decode(problem)
        renaming = dict(zip(blocks, rng.sample(LETTERS, len(blocks)), strict=True))
        try:
            plan = renamed_plan(claim.answer, renaming)
        except MalformedAnswer:
            return None
        start, goal = (
            [[renaming[block] for block in tower] for tower in rng.sample(towers, len(towers))]
            for towers in (start, goal)
        )
        text = _encode(sorted(renaming.values()), start, goal)
        return self.problem({"domain": DOMAIN, "problem": text}), Claim(plan, metrics=claim.metrics)


def _state(rng: random.Random, names: list[str]) -> Towers:
    """One of all the states, each as likely as any other."""
    n = len(names)
    lah = [comb(n - 1, k - 1) * factorial(n) // factorial(k) for k in range(1, n + 1)]
    (k,) = rng.choices(range(1, n + 1), lah)
    order = rng.sample(names, n)
    cuts = [0, *sorted(rng.sample(range(1, n), k - 1)), n]
    return [order[left:right] for left, right in pairwise(cuts)]


def _facts(towers: Towers) -> Iterator[str]:
    for tower in towers:
        yield f"(ontable {tower[0]})"
        for below, above in pairwise(tower):
            yield f"(on {above} {below})"


def _words(towers: Towers) -> str:
    return "; ".join(
        ", ".join(f"{above} on {below}" for below, above in pairwise(["table", *tower])) for tower in towers
    )


def _encode(blocks: list[str], start: Towers, goal: Towers) -> str:
    init = " ".join([*_facts(start), *(f"(clear {tower[-1]})" for tower in start)])
    return PROBLEM.format(objects=" ".join(blocks), init=init, goal=" ".join(_facts(goal)))


def _decode(problem: Problem) -> tuple[list[str], Towers, Towers]:
    """The blocks, the start and the goal of a payload that `_encode` could have written, and of no other."""
    text = problem.payload.get("problem")
    parts = _PARTS.search(text) if isinstance(text, str) else None
    if parts is None:
        raise MalformedProblem("not a problem of the domain blocksworld")
    blocks, start, goal = parts[1].split(" "), _towers(parts[2]), _towers(parts[3])
    if problem.payload != {"domain": DOMAIN, "problem": _encode(blocks, start, goal)}:
        raise MalformedProblem("not a problem of the domain blocksworld")
    if len(set(blocks)) < len(blocks) or not sorted(blocks) == sorted(chain(*start)) == sorted(chain(*goal)):
        raise MalformedProblem("start and goal are not states of the listed blocks")
    return blocks, start, goal


def _towers(facts: str) -> Towers:
    towers: Towers = []
    for relation, block in re.findall(r"\((ontable|on) ([a-z])[ )]", facts):
        if relation == "ontable":
            towers.append([block])
        elif towers:
            towers[-1].append(block)
    return towers
