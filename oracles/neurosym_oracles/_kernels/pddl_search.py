"""Exhaustive search: the cost of a cheapest plan, or that there is none.

Contract: standard library only. `cheapest` is uniform-cost search (Dijkstra, 1959) and uses no heuristic: states are
expanded in layers of equal cost, the cheapest first, and each layer is tested for goals before it is expanded. So where
it returns a cost, there is a plan of that cost and none is cheaper; where it returns None, every plan costs the bound
or more, and without a bound there is no plan. The work is metered.
"""

from __future__ import annotations

from fractions import Fraction
from heapq import heappop, heappush
from itertools import islice
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_ground import GroundTask
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget

BYTES_A_STATE = 200
"""What a state takes that is kept, with its places in sets: more than was measured for 100 atoms."""

_WIDTH = 8  # atoms of a section: about the quickest
_LOW = (1 << _WIDTH) - 1
_EXPANDED, _TRIED = 10, 2  # steps for a state, and for each move tried there
_BATCH = 100_000  # most moves tried between two looks at the meter, unless one state has more

Move: TypeAlias = tuple[int, int, int, int]
"""care, value, keep and add: where `state & care == value`, the next state is `state & keep | add`."""


class TooManyStates(OutOfBudget):
    """More states than there is memory for."""


class _Section:
    """Some neighbouring atoms, and the moves of one cost whose conditions are about these more than about others.

    So the few bits of a section, looked up, leave few moves to try.
    """

    def __init__(self, shift: int, cost: int, moves: list[Move]) -> None:
        self.shift, self.cost = shift, cost
        self._moves = moves
        self.known: dict[int, list[Move]] = {}

    def possible(self, bits: int) -> list[Move]:
        """The moves that are not excluded where the section's atoms are `bits`: what `known` then holds."""
        here = _LOW << self.shift
        self.known[bits] = [move for move in self._moves if (move[1] ^ bits << self.shift) & move[0] & here == 0]
        return self.known[bits]


def cheapest(task: GroundTask, below: Fraction | None, meter: Meter, most_states: int) -> Fraction | None:
    """The cost of a cheapest plan; None if none costs less than `below`, or if there is none.

    Raises OutOfBudget, and TooManyStates where more than `most_states` would have to be kept.
    """
    sections = _sections(task)
    batch = max(1, _BATCH // (1 + len(task.operators)))
    steps = sorted({operator.cost for operator in task.operators})
    closed: set[int] = set()
    layers = {0: {task.start}}
    costs = [0]
    waiting = 1
    while costs and (below is None or costs[0] < below * task.unit):
        cost = heappop(costs)
        layer = layers.pop(cost)
        waiting -= len(layer)
        layer -= closed
        if any(state & care == value for care, value in task.goals for state in layer):
            return Fraction(cost, task.unit)
        closed |= layer
        targets: dict[int, set[int]] = {}
        for step in steps if layer else ():
            if below is None or cost + step < below * task.unit:
                if cost + step not in layers:
                    heappush(costs, cost + step)
                targets[step] = layers.setdefault(cost + step, set())
        meter.spend(_EXPANDED * (1 + len(targets)))
        before = sum(map(len, targets.values()))
        left = iter(layer if targets else ())
        while states := list(islice(left, batch)):
            meter.spend(_EXPANDED * len(states) + _TRIED * _expand(states, sections, targets))
            waiting, before = waiting - before, sum(map(len, targets.values()))
            waiting += before
            if len(closed) + waiting > most_states:
                raise TooManyStates(f"more than {most_states} states")
    return None


def _expand(states: list[int], sections: list[_Section], targets: dict[int, set[int]]) -> int:
    """Add what follows the `states` to the targets, by the cost of the move; returns the number of moves tried."""
    tables = [
        (section.shift, section.known.get, section.possible, targets[section.cost].add)
        for section in sections
        if section.cost in targets
    ]
    tried = 0
    for state in states:
        for shift, known, possible, put in tables:
            bits = state >> shift & _LOW
            moves = known(bits)
            if moves is None:
                moves = possible(bits)
            tried += len(moves)
            for care, value, keep, add in moves:
                if state & care == value:
                    put(state & keep | add)
    return tried


def _sections(task: GroundTask) -> list[_Section]:
    """The sections of the atoms, each operator's move in one of them."""
    everything = (1 << task.bits) - 1
    shifts = range(0, max(1, task.bits), _WIDTH)
    moves: dict[tuple[int, int], list[Move]] = {}
    for (care, value), false, true, cost in task.operators:
        most = max(shifts, key=lambda shift: (care >> shift & _LOW).bit_count())
        moves.setdefault((most, cost), []).append((care, value, everything ^ false, true))
    return [_Section(shift, cost, several) for (shift, cost), several in moves.items()]
