"""A question about a motion, read strictly: which system, from where, at what times, how exactly.

{"system": name, "parameters": {name: number or list}, "initial": {variable: number}, "times": [number, …],
"tolerance": number}; a number is an integer or a decimal text (`trajectory_numbers`). The motion starts at time 0. The
tolerance is absolute, in the unit of each variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from neurosym_oracles._kernels.trajectory_motions import Motion
from neurosym_oracles._kernels.trajectory_numbers import Malformed, number
from neurosym_oracles._kernels.trajectory_systems import SYSTEMS

LARGEST = 1000
"""The largest parameter, time, and absolute value of an initial coordinate or speed."""
SMALLEST = Fraction(1, 1000)
"""The smallest parameter that must not be 0."""
FINEST, COARSEST = Fraction(1, 10**12), Fraction(1)
"""The range of a tolerance."""
MOST_TIMES = 100
MOST_MASSES = 8


class Question(NamedTuple):
    """A well-formed problem, its numbers exact. Equal for payloads that ask the same."""

    system: str
    parameters: tuple[tuple[str, tuple[Fraction, ...]], ...]
    variables: tuple[str, ...]
    initial: tuple[Fraction, ...]
    times: tuple[Fraction, ...]
    tolerance: Fraction

    def motion(self) -> Motion:
        return SYSTEMS[self.system].motion(dict(self.parameters))


def read(payload: object) -> Question:
    """The question of a payload. Raises Malformed, naming the place."""
    if not isinstance(payload, Mapping):
        raise Malformed("the payload is not an object")
    _require_keys(payload, ("system", "parameters", "initial", "times", "tolerance"), "the payload")
    name = payload["system"]
    if not isinstance(name, str) or name not in SYSTEMS:
        raise Malformed(f"system: want one of {', '.join(SYSTEMS)}")
    system = SYSTEMS[name]
    _require_keys(payload["parameters"], tuple(system.may_vanish), "parameters")
    values: list[tuple[str, tuple[Fraction, ...]]] = []
    count = 0
    for parameter, may_vanish in system.may_vanish.items():
        place, given = f"parameters.{parameter}", payload["parameters"][parameter]
        if parameter not in system.lists:
            listed = [given]
        elif isinstance(given, list) and 1 <= len(given) <= MOST_MASSES + system.lists[parameter]:
            listed = given
            count = count or len(listed)
            if len(listed) != count + system.lists[parameter]:
                raise Malformed(f"{place}: {len(listed)} numbers for {count} masses")
        else:
            raise Malformed(f"{place}: want a list for 1 to {MOST_MASSES} masses")
        low = Fraction(0) if may_vanish else SMALLEST
        values.append((parameter, tuple(_within(item, low, Fraction(LARGEST), place) for item in listed)))
    variables = system.variables(count)
    _require_keys(payload["initial"], variables, "initial")
    largest = Fraction(LARGEST)
    initial = [_within(payload["initial"][name], -largest, largest, f"initial.{name}") for name in variables]
    tolerance = _within(payload["tolerance"], FINEST, COARSEST, "tolerance")
    return Question(name, tuple(values), variables, tuple(initial), _times(payload["times"]), tolerance)


def _times(given: object) -> tuple[Fraction, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_TIMES:
        raise Malformed(f"times: want a list of 1 to {MOST_TIMES} numbers")
    times = tuple(_within(item, SMALLEST, Fraction(LARGEST), "times") for item in given)
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise Malformed("times: each must be later than the one before")
    return times


def _within(value: object, low: Fraction, high: Fraction, place: str) -> Fraction:
    found = number(value, place)
    if not low <= found <= high:
        raise Malformed(f"{place}: not in {low}..{high}")
    return found


def _require_keys(value: object, names: tuple[str, ...], place: str) -> None:
    if not isinstance(value, Mapping) or len(value) != len(names) or value.keys() != set(names):
        raise Malformed(f"{place}: want exactly {', '.join(names)}")
