"""Whether the states that an answer gives are those of the motion asked for.

An answer is {"states": [[number for each variable] for each time]}. Each number must lie within the tolerance of the
true one: what is certain by the enclosure's bound is correct or wrong, the hair's breadth between is undecided.

Before anything is integrated, conserved quantities are tested: where energy or momentum has, for no state within the
tolerance of the answer's, the value that it had at the start, the answer is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from neurosym_oracles._kernels.trajectory_balls import values
from neurosym_oracles._kernels.trajectory_numbers import Malformed, number
from neurosym_oracles._kernels.trajectory_prediction import Unpredictable, predict
from neurosym_oracles._kernels.trajectory_problem import Question
from neurosym_oracles._kernels.trajectory_series import TooFar
from neurosym_oracles._kernels.trajectory_sine import TooLarge
from neurosym_oracles._kernels.trajectory_terms import Tape

_BITS = 64


class Finding(NamedTuple):
    """correct, wrong, malformed, unsupported (undecided) or timeout (undecided)."""

    status: str
    detail: str


def judge(question: Question, answer: object, most_steps: int) -> Finding:
    """What is found of an answer. Raises nothing."""
    try:
        states = _states(question, answer)
    except Malformed as error:
        return Finding("malformed", str(error))
    lost = _not_conserved(question, states)
    if lost:
        return Finding("wrong", lost)
    prediction = predict(question, most_steps)
    if isinstance(prediction, Unpredictable):
        return Finding("timeout" if prediction.timeout else "unsupported", prediction.detail)
    close = ""
    told = len(prediction.middles)
    for row, state in enumerate(states[:told]):
        middles, radii = prediction.middles[row], prediction.radii[row]
        for name, said, middle, radius in zip(question.variables, state, middles, radii, strict=True):
            if abs(said - middle) - radius > question.tolerance:
                off = f"{name} is {float(middle):.9g}, not {float(said):.9g}"
                return Finding("wrong", f"at time {float(question.times[row]):g}, {off}")
            if abs(said - middle) + radius > question.tolerance:
                close = f"at time {float(question.times[row]):g}, {name} is too close to the tolerance to tell"
    if told < len(states):
        time = float(question.times[told])
        grown = f"by time {time:g} one rounding of the problem's numbers grows beyond the tolerance"
        return Finding("unsupported", f"past the horizon of predictability: {grown}")
    if close:
        return Finding("unsupported", close)
    return Finding("correct", f"{len(states)} states within the tolerance")


def _states(question: Question, answer: object) -> list[list[Fraction]]:
    if not isinstance(answer, dict) or answer.keys() != {"states"} or not isinstance(answer["states"], list):
        raise Malformed('want the answer {"states": [[number for each variable] for each time]}')
    given, variables = answer["states"], question.variables
    if len(given) != len(question.times):
        raise Malformed(f"states: {len(given)} for {len(question.times)} times")
    for place, state in enumerate(given):
        if not isinstance(state, list) or len(state) != len(variables):
            raise Malformed(f"states[{place}]: want a list of {', '.join(variables)}")
    return [[number(value, f"states[{place}]") for value in state] for place, state in enumerate(given)]


def _not_conserved(question: Question, states: Sequence[Sequence[Fraction]]) -> str:
    """The first conserved quantity that no state within the tolerance of the answer's has kept; "" where all may be."""
    tape = Tape(len(question.variables))
    kept = {name: term.place() for name, term in question.motion().conserved(tape.variables()).items()}
    if not kept:
        return ""
    width = int(question.tolerance * (1 << _BITS)) + 2
    try:
        before = values(tape, [(int(value * (1 << _BITS)), 2) for value in question.initial], _BITS)
        for time, state in zip(question.times, states, strict=True):
            after = values(tape, [(int(value * (1 << _BITS)), width) for value in state], _BITS)
            for name, place in kept.items():
                (start, unsure), (now, reach) = before[place], after[place]
                if abs(now - start) > reach + unsure:
                    told = f"{name} is {now / (1 << _BITS):.6g}, {start / (1 << _BITS):.6g} at the start"
                    return f"at time {float(time):g}, {told}: more than the tolerance allows"
    except (TooFar, TooLarge):
        return ""  # too far away for this test: the enclosure decides
    return ""
