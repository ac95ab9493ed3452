"""The horizon of predictability: from which of the times on nobody who computes in IEEE doubles could tell the motion.

A problem is exact, so more digits would see further into a chaotic motion for ever. But what no simulator could tell is
no fair question. A time is past the horizon where a change of every parameter and every initial value by one rounding
(2^-52 of it, and of 1 at least for initial values) has moved some variable by more than the tolerance. This is
measured, at least every quarter of a second, on two motions that are followed without bounds, in 64 bits behind the
point: 12 more than the change.

The horizon is a measurement, not a proof: it only ever makes a verdict undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from neurosym_oracles._kernels.trajectory_enclosure import Steps, easy, short
from neurosym_oracles._kernels.trajectory_problem import Question
from neurosym_oracles._kernels.trajectory_series import TooFar, expand
from neurosym_oracles._kernels.trajectory_terms import Tape

ROUNDING = Fraction(1, 1 << 52)
_BITS = 64
_ORDER = 20


def predictable(question: Question, steps: Steps) -> int:
    """How many of the times come before the horizon. Raises OutOfSteps, TooLarge."""
    parameters = tuple((name, tuple(value * (1 + ROUNDING) for value in each)) for name, each in question.parameters)
    initial = tuple(value + ROUNDING * max(abs(value), Fraction(1)) for value in question.initial)
    moved = question._replace(parameters=parameters, initial=initial)
    moments = list(_moments(question.times))
    tolerance = question.tolerance * (1 << _BITS)
    both = zip(moments, _followed(question, moments, steps), _followed(moved, moments, steps), strict=False)
    reached = Fraction(0)
    for moment, here, there in both:
        if any(abs(a - b) > tolerance for a, b in zip(here, there, strict=True)):
            break
        reached = moment
    return sum(time <= reached for time in question.times)


def _moments(times: Sequence[Fraction]) -> Iterator[Fraction]:
    """The times, and others between them, at most a quarter of a second apart."""
    now = Fraction(0)
    for time in times:
        parts = -(-4 * (time - now) // 1)
        yield from (now + (time - now) * part / parts for part in range(1, parts + 1))
        now = time


def _followed(question: Question, moments: Sequence[Fraction], steps: Steps) -> Iterator[list[int]]:
    """The state at each moment, in units of 2^-64, with the errors of rounding that it happens to have."""
    tape = Tape(len(question.variables))
    rates = [term.place() for term in question.motion().rates(tape.variables())]
    state = [(value.numerator << _BITS) // value.denominator for value in question.initial]
    now, step = Fraction(0), moments[0]
    for time in moments:
        step = (time - now) / -(-(time - now) // min(step, time - now))
        while now < time:
            steps.spend(_BITS)
            try:
                series = expand(tape, rates, state, step, _BITS, _ORDER)
            except TooFar:
                return
            if not short(series, tape.size):
                step /= 2
                continue
            state = [sum(series[variable]) for variable in range(tape.size)]
            now += step
            if now < time and easy(series, tape.size, _BITS) and (time - now) / step % 2 == 0:
                step *= 2
        yield state
