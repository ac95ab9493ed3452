"""Farkas certificates: why a script of linear arithmetic has no model, by sums of constraints and by cases.

Contract: `check_farkas` says HOLDS only if no model satisfies the script's assertions. Numbers are exact throughout.

A certificate is a list of steps, each about the first branch that is still open. There is one at first, the assertions
alone. What is known on a branch has numbers from 0, in the order in which `linear_branch` finds it.

["sum", n, m, n, m …]        adds the sum of constraints n times whole numbers m; an inequality's m is positive
["split", bound, x, a, …]    opens two branches: the sum of x times whole numbers a is <= bound, or >= bound + 1; x is
                             a declared constant of sort Int by its name, or another Int by the number of its node
["cases", n]                 opens a branch for each of the alternatives n; an alternative that is the truth of a single
                             term is assumed not to hold on the branches after its own

A branch ends by itself with the constraint 0 <= -1 or a term both true and false, so the last step ends the last one.

Farkas, "Theorie der einfachen Ungleichungen", 1902; with cases as in Smullyan, "First-Order Logic", 1968.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neurosym_oracles._kernels.cnf import Exhausted, Finding, Meter, Outcome
from neurosym_oracles._kernels.linear_branch import Branch
from neurosym_oracles._kernels.linear_constraints import ONE, Constraint, Form, Gap, combined, split
from neurosym_oracles._kernels.linear_terms import Fact
from neurosym_oracles._kernels.smtlib_script import Script
from neurosym_oracles._kernels.smtlib_signatures import MAX_BITS
from neurosym_oracles._kernels.smtlib_syntax import Unsupported, shorten


def check_farkas(script: Script, certificate: object, meter: Meter) -> Finding:
    """Whether `certificate` shows that the script has no model. One that does not says nothing about the script."""
    if not isinstance(certificate, list):
        return Finding(Outcome.MALFORMED, "a certificate is a list of steps")
    for number, step in enumerate(certificate, 1):
        if not _is_step(step):
            return Finding(Outcome.MALFORMED, f"step {number} of the certificate is of no known form")
    replay = _Replay(script, meter)
    try:
        replay.run(certificate)
    except Gap as gap:
        return Finding(Outcome.UNPROVED, f"after {replay.taken} steps of the certificate: {gap}")
    except Exhausted as error:
        return Finding(Outcome.EXHAUSTED, str(error))
    except Unsupported as error:
        return Finding(Outcome.TOO_LARGE, str(error))
    return Finding(Outcome.HOLDS, f"{replay.taken} steps refute the assertions")


def _is_step(step: object) -> bool:
    """Whether it has the form of a step, whatever its numbers refer to."""
    if not isinstance(step, list) or len(step) < 2:
        return False
    kind, *rest = step
    names = rest[1::2] if kind == "split" else []
    numbers = [rest[0], *rest[2::2]] if kind == "split" else rest
    if any(type(each) is not int or each.bit_length() > MAX_BITS for each in numbers):
        return False
    if kind == "sum":
        return len(rest) % 2 == 0 and min(rest[::2]) >= 0
    if kind == "split":
        return len(rest) % 2 == 1 and len(rest) > 1 and {*map(type, names)} <= {int, str}
    return bool(kind == "cases" and len(rest) == 1 and rest[0] >= 0)


class _Replay:
    def __init__(self, script: Script, meter: Meter) -> None:
        self.taken = 0
        self._script = script
        self._meter = meter
        self._done = self._pause = 0
        self._waiting: list[tuple[tuple[int, int], Iterator[list[Fact]]]] = []  # where branches part, and those to come

    def run(self, certificate: list[list[Any]]) -> None:
        """Raises Gap unless the steps end every branch, the last step the last one; Exhausted; and Unsupported."""
        self._branch = Branch(self._script, self._spend)
        nodes = self._script.nodes
        self._names = {node.indices[0]: number for number, node in enumerate(nodes) if node.operator == "constant"}
        is_open = self._branch.contradiction is None
        for step in certificate:
            if not is_open:
                raise Gap("no branch is open any more")
            is_open = self._step(step)
            self.taken += 1
        if is_open:
            raise Gap("a branch is still open")

    def _step(self, step: list[Any]) -> bool:
        """Carries out a step and says whether a branch is open."""
        self._spend(len(step))
        kind, *rest = step
        if kind == "sum":
            self._branch.assume([self._sum(rest)])
            return self._branch.contradiction is None or self._turn()
        branches = self._cases(self._item(rest[0], list)) if kind == "cases" else self._split(rest)
        self._waiting.append((self._branch.mark(), branches))
        return self._turn()

    def _turn(self) -> bool:
        """To the next branch that does not end at once; False where there is none."""
        while self._waiting:
            mark, branches = self._waiting[-1]
            self._branch.undo(mark)
            for facts in branches:
                self._branch.assume(facts)
                if self._branch.contradiction is None:
                    return True
                self._branch.undo(mark)
            self._waiting.pop()
        return False

    def _spend(self, steps: int) -> None:
        self._done += steps
        if self._done > self._pause:
            self._pause = self._meter.renew(self._done)

    def _item(self, number: int, form: type) -> Any:
        """What has the number on this branch, of the form that the step takes."""
        if number >= len(self._branch.items) or not isinstance(self._branch.items[number], form):
            raise Gap(f"number {number} is not a {'constraint' if form is Constraint else 'choice'} that is known here")
        return self._branch.items[number]

    def _sum(self, rest: list[int]) -> Constraint:
        parts: list[tuple[Constraint, int]] = []
        for number, multiplier in zip(rest[::2], rest[1::2], strict=True):
            parts.append((self._item(number, Constraint), multiplier))
            self._spend(len(parts[-1][0].coefficients))
        return combined(parts, self._branch.terms.integer)

    def _cases(self, alternatives: list[tuple[Fact, ...]]) -> Iterator[list[Fact]]:
        refuted: list[Fact] = []
        for alternative in alternatives:
            self._spend(len(refuted))
            yield [*refuted, *alternative]
            if len(alternative) == 1 and not isinstance(alternative[0], Constraint):
                node, truth = alternative[0]
                refuted.append((node, not truth))

    def _split(self, rest: list[Any]) -> Iterator[list[Fact]]:
        form: Form = {}
        for name, coefficient in zip(rest[1::2], rest[2::2], strict=True):
            variable = self._names.get(name, ONE) if isinstance(name, str) else name
            known = variable != ONE and variable < len(self._script.nodes)
            if not known or not self._branch.terms.integer(variable):
                raise Gap(f"{shorten(name)} is no integer of the script")
            form[variable] = form.get(variable, 0) + coefficient
        return iter([[each] for each in split(form, rest[0], self._branch.terms.integer)])
