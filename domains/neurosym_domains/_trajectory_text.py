"""The text of a trajectory: a line for each time, in order, that names every variable; and what such families share.

    t = 0.5: angle = 0.2813, speed = -1.0442

Numbers are decimal texts, as in the payload: at most 9 digits before the point, 20 behind it, no exponent.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from neurosym.core import Domain, Json, MalformedAnswer, MalformedProblem, Problem

MOST_CHARACTERS = 100_000

_NUMBER = r"(-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,20})?)"

FORMAL = (
    "The system below starts at time 0 from its initial state. All units are SI: metre, second, kilogram, radian.\n"
)


@dataclass(frozen=True)
class TrajectoryDomain(Domain):
    """A family of motions. `moments` is how many times are asked for, `digits` how many decimals the tolerance has."""

    kind = "trajectory"
    system: ClassVar[str]

    moments: int = 3
    digits: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require("moments", 1, 10)
        self.require("digits", 1, 6)

    def require(self, knob: str, low: int, high: int) -> None:
        """Raises ValueError where a knob is out of range."""
        if not low <= getattr(self, knob) <= high:
            raise ValueError(f"{knob} must be in {low}..{high}, not {getattr(self, knob)}")

    def asked(
        self, parameters: Mapping[str, Json], initial: Mapping[str, str], times: Sequence[str], system: str = ""
    ) -> Problem:
        """The problem of a motion, at the tolerance of the knob `digits`."""
        tolerance = decimal(1, self.digits)
        return self.problem(
            {
                "system": system or self.system,
                "parameters": dict(parameters),
                "initial": dict(initial),
                "times": list(times),
                "tolerance": tolerance,
            }
        )

    def times(self, rng: random.Random, spacing: int) -> list[str]:
        """So many times as there are moments, each at most `spacing` tenths of a second after the one before."""
        now, found = 0, []
        for _ in range(self.moments):
            now += rng.randint(1, spacing)
            found.append(decimal(now, 1))
        return found

    def formal(self, problem: Problem) -> str:
        text = json.dumps(problem.payload, sort_keys=True)
        return f"{FORMAL}{text}\n{instructions(problem)}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_states(problem, answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_states(problem, text)


def decimal(units: int, digits: int) -> str:
    """The shortest text of units / 10^digits, such as "-0.5"."""
    if not digits:
        return str(units)
    whole, rest = divmod(abs(units), 10**digits)
    text = f"{'-' if units < 0 else ''}{whole}.{rest:0{digits}d}"
    return text.rstrip("0").rstrip(".")


def between(rng: random.Random, low: int, high: int, digits: int) -> str:
    """A number drawn evenly from low / 10^digits to high / 10^digits."""
    return decimal(rng.randint(low, high), digits)


def given(problem: Problem, system: str) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """The parameters and the initial state. Raises MalformedProblem for another system's problem."""
    payload = problem.payload
    parameters, initial = payload.get("parameters"), payload.get("initial")
    if payload.get("system") != system or not isinstance(parameters, Mapping) or not isinstance(initial, Mapping):
        raise MalformedProblem(f"the payload is no motion of the system {system}")
    return parameters, initial


def variables(problem: Problem) -> list[str]:
    """The variables in the order in which they are told: the coordinates, then their speeds."""
    initial = problem.payload.get("initial")
    names = ORDER.get(problem.payload.get("system", ""))
    if names is None and isinstance(initial, Mapping):
        count = len(initial) // 2
        names = [f"{letter}{number + 1}" for letter in "xv" for number in range(count)]
    if names is None or not isinstance(initial, Mapping) or initial.keys() != set(names):
        raise MalformedProblem("the payload is no motion of this domain")
    return names


ORDER = {
    "point_mass": ["x", "y", "vx", "vy"],
    "pendulum": ["angle", "speed"],
    "double_pendulum": ["angle1", "angle2", "speed1", "speed2"],
}


def moments(problem: Problem) -> list[str]:
    """The texts of the times asked for."""
    times = problem.payload.get("times")
    if not isinstance(times, list) or not 1 <= len(times) <= 100 or any(len(str(time)) > 40 for time in times):
        raise MalformedProblem("the payload has no times")
    return [str(time) for time in times]


def instructions(problem: Problem) -> str:
    """How to answer."""
    form = ", ".join(f"{name} = …" for name in variables(problem))
    times = ", ".join(moments(problem))
    return (
        f"Give the state at the times {times} (in seconds), each number within {problem.payload.get('tolerance')} of "
        f"the true value.\nAnswer with one line for each time, in this order and in decimal numbers:\n"
        f"t = {moments(problem)[0]}: {form}"
    )


def render_states(problem: Problem, answer: Json) -> str:
    """The text of an answer. Raises MalformedAnswer for what is no state for each time, told in decimal texts."""
    names, times = variables(problem), moments(problem)
    try:
        rows = [
            ", ".join(f"{name} = {value}" for name, value in zip(names, state, strict=True))
            for state in answer["states"]
        ]
        text = "\n".join(f"t = {time}: {row}" for time, row in zip(times, rows, strict=True))
    except (TypeError, KeyError, ValueError):
        raise MalformedAnswer("the answer is not a number for each variable at each time") from None
    if parse_states(problem, text) != answer:
        raise MalformedAnswer("the answer is not a decimal text for each variable at each time, and nothing else")
    return text


def parse_states(problem: Problem, text: str) -> Json:
    """The answer that a text states. Raises MalformedAnswer, naming the line."""
    names, times = variables(problem), moments(problem)
    if len(text) > MOST_CHARACTERS:
        raise MalformedAnswer(f"longer than {MOST_CHARACTERS} characters")
    lines = text.strip(" \t\r\n").split("\n")
    if len(lines) != len(times):
        raise MalformedAnswer(f"{len(lines)} lines for {len(times)} times")
    states = []
    for number, (line, time) in enumerate(zip(lines, times, strict=True), 1):
        form = re.escape(f"t = {time}: ") + ", ".join(f"{name} = {_NUMBER}" for name in names)
        match = re.fullmatch(form, line.rstrip(" \t\r"))
        if match is None:
            told = ", ".join(f"{name} = …" for name in names)
            raise MalformedAnswer(f"line {number} is not of the form t = {time}: {told} with decimal numbers")
        states.append(list(match.groups()))
    return {"states": states}
