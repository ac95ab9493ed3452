"""Searches Farkas certificates for scripts of linear arithmetic: a tableau with simplex, cuts, and branch and bound.

Nothing of this is trusted: a certificate is given away only after the checker's kernel has replayed it.

The search keeps a refutation as a tree whose sums and cases name what they use, not by number. Where the refutation of
a case does not use the case, it refutes what comes before the case. Numbers are given at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import TypeAlias

from neurosym.core import Budget, Json, Problem
from neurosym_oracles._integer_equations import no_integer_solution
from neurosym_oracles._kernels.cnf import Exhausted, Meter, Outcome
from neurosym_oracles._kernels.farkas import check_farkas
from neurosym_oracles._kernels.linear_branch import Branch
from neurosym_oracles._kernels.linear_constraints import FALSE, Constraint, combined, split
from neurosym_oracles._kernels.linear_terms import Alternatives, Fact
from neurosym_oracles._kernels.smtlib_script import Script, read_script
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported
from neurosym_oracles._simplex import OutOfPivots, Simplex, Sum, whole

BRANCHES = 2000
"""The budget where none is given."""

PIVOTS_A_BRANCH = 20
ATTEMPTS = ((0, 4), (8, 1), (40, 4))
"""Cuts on a path, and by what the budget is divided, in one attempt after another."""

MAX_DEPTH = 120  # of cases within cases
STEPS = 20_000_000  # of the kernel's, for the replay

Key: TypeAlias = Constraint | int
"""What a refutation uses: a constraint, a choice by its identity, or the truth of a node, by -1 - its number."""


class _GivenUp(Exception):
    """No refutation within the budget, or none at all."""


@dataclass(frozen=True)
class _Sum:
    """Ends a branch, or goes on with one more constraint."""

    parts: list[tuple[Constraint, int]]
    rest: _Refutation | None
    uses: frozenset[Key]


@dataclass(frozen=True)
class _Parting:
    """Cases of a choice, or a split of the integers; None for a branch that ends at once."""

    choice: Alternatives | None
    bound: int
    variable: int
    branches: list[_Refutation | None]
    uses: frozenset[Key]


_Refutation: TypeAlias = "_Sum | _Parting"


def certificate_of(problem: Problem, budget: Budget) -> Json | None:
    """A certificate that the problem's script has no model, replayed. `budget.steps` counts branches.

    None where the script has a model or is not linear arithmetic, and where the budget is too small.
    """
    branches = BRANCHES if budget.steps is None else budget.steps
    try:
        script = read_script(problem.payload["script"])
        meter = Meter(STEPS, budget.seconds)
        for cuts, divisor in ATTEMPTS:
            certificate = _Search(script, branches // divisor, cuts, meter).certificate()
            if certificate is not None:
                finding = check_farkas(script, certificate, Meter(STEPS, budget.seconds))
                return certificate if finding.outcome is Outcome.HOLDS else None
    except (Malformed, Unsupported, Exhausted, RecursionError):
        pass
    return None


@dataclass
class _Search:
    script: Script
    budget: int
    cuts: int
    meter: Meter
    done: int = 0
    taken: set[int] = field(default_factory=set)  # the choices made on this path
    branch: Branch = field(init=False)
    simplex: Simplex = field(init=False)

    def certificate(self) -> Json | None:
        self.branch = Branch(self.script, self.spend)
        self.simplex = Simplex(self.budget * PIVOTS_A_BRANCH)
        steps: list[Json] = []
        if self.branch.contradiction is None:
            start = self.branch.mark()
            try:
                refutation = self.refute(0, 0, 0)
            except (_GivenUp, OutOfPivots):
                return None
            self.branch.undo(start)
            names = {
                number: node.indices[0] for number, node in enumerate(self.script.nodes) if node.operator == "constant"
            }
            self.write(refutation, steps, names)
        return steps

    def spend(self, steps: int) -> None:
        self.done += steps
        self.meter.renew(self.done)

    # ---- the search

    def refute(self, told: int, depth: int, cuts: int) -> _Refutation:
        """A refutation of the present branch, of whose items the simplex was told so many. Raises _GivenUp."""
        self.budget -= 1
        if self.budget < 0 or depth > MAX_DEPTH:
            raise _GivenUp
        mark = self.simplex.mark()
        try:
            return self.present(told, depth, cuts)
        finally:
            self.simplex.undo(mark)

    def present(self, told: int, depth: int, cuts: int) -> _Refutation:
        items = self.branch.items
        for item in items[told:]:
            clash = self.simplex.add(item) if isinstance(item, Constraint) else None
            if clash:
                return self.sum(clash)
        forced = self.choice(forced=True)
        if forced is not None:
            return self.cases(forced, depth, cuts)
        clash = self.simplex.solve()
        if clash:
            return self.sum(clash)
        equations = [item for item in items if isinstance(item, Constraint) and item.relation == "="]
        if any(isinstance(item, Constraint) and item.relation == "=" for item in items[told:]):
            clash = no_integer_solution([each for each in equations if self.whole(each)])
            if clash:
                return self.sum(clash)
        open_choice = self.choice(forced=False)
        if open_choice is not None:
            return self.cases(open_choice, depth, cuts)
        return self.round(depth, cuts)

    def whole(self, constraint: Constraint) -> bool:
        return all(self.branch.terms.integer(variable) for variable, _ in constraint.coefficients)

    def sum(self, clash: Sum) -> _Sum:
        parts = whole(clash)
        return _Sum(parts, None, frozenset(each for each, _ in parts))

    def choice(self, forced: bool) -> Alternatives | None:
        """The choice to make next: one with fewest cases. Forced: only where no more than one is possible."""
        best, fewest = None, 2 if forced else 1 << 60
        for item in self.branch.items:
            if isinstance(item, Constraint) or id(item) in self.taken:
                continue
            found = [self.holds(each, forced) for each in item]
            if True in found:
                continue
            possible = found.count(None)
            if possible < fewest:
                best, fewest = item, possible
        return best

    def holds(self, facts: Sequence[Fact], known: bool) -> bool | None:
        """Whether facts hold: by what is known; or else by the present solution, as far as it tells."""
        holding: bool | None = True
        for fact in facts:
            if isinstance(fact, Constraint):
                if not known and self.satisfied(fact):
                    continue
                holding = None
            else:
                truth = self.branch.truths.get(fact[0])
                if truth is None and not known:
                    truth = self.solved(*fact)
                if truth is None:
                    holding = None
                elif truth != fact[1]:
                    return False if self.branch.truths.get(fact[0]) is not None else None
        return holding

    def solved(self, number: int, truth: bool) -> bool | None:
        """The truth of a comparison in the present solution; None for other terms."""
        if self.script.nodes[number].operator not in ("<", "<=", ">", ">=", "=", "distinct"):
            return None
        constraints = [each[0] for alternatives in self.branch.said(number, truth) for each in alternatives]
        if len(constraints) == 1 and isinstance(constraints[0], Constraint):
            return truth if self.satisfied(constraints[0]) else not truth
        return None

    def satisfied(self, constraint: Constraint) -> bool:
        total = sum(
            (coefficient * self.simplex.value(variable) for variable, coefficient in constraint.coefficients),
            Fraction(0),
        )
        if constraint.relation == "=":
            return total == constraint.bound
        return total < constraint.bound if constraint.relation == "<" else total <= constraint.bound

    def round(self, depth: int, cuts: int) -> _Refutation:
        """A cut, or a split where an integer has a fraction for its value. Raises _GivenUp where none has."""
        integers = {
            number
            for coefficients, number in self.simplex.numbers.items()
            if all(self.branch.terms.integer(variable) for variable, _ in coefficients)
        }
        if cuts < self.cuts:
            for cut in self.simplex.cuts(integers):
                parts = whole(cut)
                result = combined(parts, self.branch.terms.integer)
                if not self.satisfied(result):
                    return self.go_on(parts, result, depth, cuts + 1)
        for coefficients, number in self.simplex.numbers.items():
            if len(coefficients) == 1 and number in integers and self.simplex.values[number].denominator != 1:
                return self.split(coefficients[0][0], floor(self.simplex.values[number]), depth, cuts)
        raise _GivenUp

    def go_on(self, parts: list[tuple[Constraint, int]], result: Constraint, depth: int, cuts: int) -> _Refutation:
        told = len(self.branch.items)
        uses = frozenset(each for each, _ in parts)
        if result == FALSE:
            return _Sum(parts, None, uses)
        self.branch.assume([result])
        rest = self.refute(told, depth + 1, cuts)
        return _Sum(parts, rest, uses | (rest.uses - {result})) if result in rest.uses else rest

    def split(self, variable: int, bound: int, depth: int, cuts: int) -> _Refutation:
        sides = split({variable: 1}, bound, self.branch.terms.integer)
        return self.part(_Parting(None, bound, variable, [], frozenset()), [[side] for side in sides], depth, cuts)

    def cases(self, choice: Alternatives, depth: int, cuts: int) -> _Refutation:
        """As the kernel does it: what was a single truth is false in the cases after it."""
        self.taken.add(id(choice))
        refutation = self.part(_Parting(choice, 0, 0, [], frozenset({id(choice)})), _cases(choice), depth, cuts)
        self.taken.remove(id(choice))
        return refutation

    def part(self, parting: _Parting, cases: list[list[Fact]], depth: int, cuts: int) -> _Refutation:
        told = len(self.branch.items)
        before = self.branch.mark()
        known = {_key(item) for item in self.branch.items} | {-1 - node for node in self.branch.truths}
        uses = set(parting.uses)
        for facts in cases:
            self.branch.assume(facts)
            ended = self.branch.contradiction
            if ended is None:
                refutation = self.refute(told, depth + 1, cuts)
                if refutation.uses <= known:
                    self.branch.undo(before)
                    return refutation
                uses |= refutation.uses & known
                parting.branches.append(refutation)
            else:
                if not isinstance(ended, Constraint) and -1 - ended[0] in known:
                    uses.add(-1 - ended[0])
                parting.branches.append(None)
            self.branch.undo(before)
        return _Parting(parting.choice, parting.bound, parting.variable, parting.branches, frozenset(uses))

    # ---- the certificate

    def write(self, refutation: _Refutation, steps: list[Json], names: dict[int, str]) -> None:
        items = self.branch.items
        if isinstance(refutation, _Sum):
            numbers = {item: number for number, item in enumerate(items) if isinstance(item, Constraint)}
            steps.append(["sum", *[each for part, factor in refutation.parts for each in (numbers[part], factor)]])
            if refutation.rest is not None:
                self.branch.assume([combined(refutation.parts, self.branch.terms.integer)])
                self.write(refutation.rest, steps, names)
            return
        if refutation.choice is None:
            variable = refutation.variable
            steps.append(["split", refutation.bound, names.get(variable, variable), 1])
            sides = split({variable: 1}, refutation.bound, self.branch.terms.integer)
            cases: list[list[Fact]] = [[side] for side in sides]
        else:
            steps.append(["cases", next(number for number, item in enumerate(items) if item is refutation.choice)])
            cases = _cases(refutation.choice)
        mark = self.branch.mark()
        for facts, branch in zip(cases, refutation.branches, strict=True):
            self.branch.assume(facts)
            if branch is not None and self.branch.contradiction is None:
                self.write(branch, steps, names)
            self.branch.undo(mark)


def _cases(choice: Alternatives) -> list[list[Fact]]:
    found: list[list[Fact]] = []
    refuted: list[Fact] = []
    for alternative in choice:
        found.append([*refuted, *alternative])
        if len(alternative) == 1 and not isinstance(alternative[0], Constraint):
            node, truth = alternative[0]
            refuted.append((node, not truth))
    return found


def _key(item: Constraint | Alternatives) -> Key:
    return item if isinstance(item, Constraint) else id(item)
