"""Ground tasks: states as integers, one bit an atom, and operators as bit masks.

Contract: standard library only. `ground` has an operator for each of the task's `courses`, but for those that change
nothing. An atom that no condition and no goal asks for makes no difference, and its bit is always 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from neurosym_oracles._kernels.pddl_courses import Answers, courses, goals
from neurosym_oracles._kernels.pddl_problem import Task
from neurosym_oracles._kernels.pddl_types import Atom
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget

MAX_BITS = 500_000_000
"""Most of them in one mask of each operator and goal: some 250 MB, because an operator has four."""

_OPERATOR = 1000  # what an operator takes beside its masks, in bits of one of them


class Condition(NamedTuple):
    """Holds in the states with `state & care == value`."""

    care: int
    value: int


class Operator(NamedTuple):
    """Makes false and then true in the states where `condition` holds; the cost is in parts of the task's unit."""

    condition: Condition
    false: int
    true: int
    cost: int


class GroundTask(NamedTuple):
    """A state is a goal if one of `goals` holds in it. `bits` is the width of a state; costs count 1/`unit`."""

    start: int
    goals: tuple[Condition, ...]
    operators: tuple[Operator, ...]
    bits: int
    unit: int


def ground(task: Task, meter: Meter) -> GroundTask:
    """The ground task. Raises OutOfBudget, and Unsupported for a cost without a value."""
    bit: dict[Atom, int] = {}
    found: list[tuple[Condition, int, int, Fraction]] = []
    ends: list[Condition] = []

    def mask(atoms: Iterable[Atom]) -> int:
        return sum(bit.setdefault(atom, 1 << len(bit)) for atom in dict.fromkeys(atoms))

    def condition(answers: Answers) -> Condition:
        number = len(found) + len(ends)
        if number * (_OPERATOR + len(bit) + len(answers)) > MAX_BITS:
            raise OutOfBudget(f"more than {number} ground operators and goals of {len(bit)} atoms")
        return Condition(mask(answers), mask(atom for atom, answer in answers.items() if answer))

    for answers, true, false, cost in courses(task, meter):
        found.append((condition(answers), mask(false), mask(true), cost))
    for answers in goals(task, meter):
        ends.append(condition(answers))
    asked = 0
    for care, _ in [*ends, *(where for where, *_ in found)]:
        asked |= care
    unit = lcm(*(cost.denominator for *_, cost in found))
    operators = []
    for where, delete, add, cost in found:
        delete, add = delete & ~add & asked, add & asked
        if add & ~where.value or delete & ~(where.care ^ where.value):  # not known to be so already
            operators.append(Operator(where, delete, add, int(cost * unit)))
    return GroundTask(mask(task.init) & asked, tuple(ends), tuple(operators), asked.bit_length(), unit)
