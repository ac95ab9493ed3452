"""The trusted judge of kind `trajectory`: integrates the motion itself, in integers, with a proved bound of its error.

A payload is {"system", "parameters", "initial", "times", "tolerance"}, an answer {"states": [[number …] …]} with a
state for each time and a number for each variable, in the system's order; a number is an integer or a decimal text such
as "-0.125", and never a float. `_kernels/trajectory_systems.py` lists the systems, `trajectory_motions.py` their
equations, `trajectory_problem.py` the ranges. No simulator is asked, and no evidence is needed: the checker computes
the motion.

What is assumed: Python's integers, and the theorem named in `trajectory_enclosure.py`. No floating-point number is
trusted, so a verdict is the same on every machine. A time past the horizon of predictability is undecided.
"""

from __future__ import annotations

from neurosym.core import (
    Budget,
    Checker,
    Claim,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Verdict,
    canonical_json,
)
from neurosym_oracles._kernels.trajectory_judge import Finding, judge
from neurosym_oracles._kernels.trajectory_numbers import Malformed
from neurosym_oracles._kernels.trajectory_problem import Question, read

MOST_STEPS = 8000
"""Taylor steps where the budget names none: seconds."""


class TrajectoryChecker(Checker):
    kind = "trajectory"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        """Correct and proved if every state is within the tolerance; wrong, with the first that certainly is not.

        `budget.steps` bounds the Taylor steps; evidence is not looked at.
        """
        try:
            finding = judge(_question(problem), claim.answer, MOST_STEPS if budget.steps is None else budget.steps)
        except MalformedProblem as error:
            return Verdict.malformed(str(error))
        except (RecursionError, MemoryError) as error:
            return Verdict.undecided(Reason.MEMORY, type(error).__name__)
        return _verdict(finding)

    def canonical(self, problem: Problem) -> bytes:
        """The payload with every number in lowest terms and its keys in order: 0.50 is 0.5, no other two are alike."""
        asked = _question(problem)
        parameters = {name: list(map(str, values)) for name, values in asked.parameters}
        numbers = [list(map(str, values)) for values in (asked.initial, asked.times, [asked.tolerance])]
        return canonical_json([asked.system, parameters, *numbers]).encode()

    def conclusion(self, answer: Json) -> str:
        if isinstance(answer, dict) and answer.keys() == {"states"} and isinstance(answer["states"], list):
            return "states"
        raise MalformedAnswer('want the answer {"states": [[number for each variable] for each time]}')


def _question(problem: Problem) -> Question:
    try:
        return read(problem.payload)
    except Malformed as error:
        raise MalformedProblem(str(error)) from None


def _verdict(finding: Finding) -> Verdict:
    if finding.status == "correct":
        return Verdict.correct(finding.detail)
    if finding.status == "wrong":
        return Verdict.wrong(finding.detail)
    if finding.status == "malformed":
        return Verdict.malformed(finding.detail)
    reason = Reason.TIMEOUT if finding.status == "timeout" else Reason.UNSUPPORTED
    return Verdict.undecided(reason, finding.detail)


PLUGINS = (TrajectoryChecker,)
