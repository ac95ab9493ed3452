"""Unit propagation among clauses that come and go: the inference step of DRAT proofs.

Contract: `Clauses.false` holds literals that unit propagation among the active clauses makes false. All that was
made false by assumption is in the list that `refutes` returns, for the caller to take back by `retract`; what
remains follows from the active clauses alone, and never becomes untrue, because `delete` keeps the clauses that it
may rest on.

Every clause of two literals or more is watched by its first two: it is looked at only when one of these becomes false
(Moskewicz et al., "Chaff", DAC 2001). Watches need no repair when assumptions are retracted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from neurosym_oracles._kernels.cnf import Meter


class Clauses:
    """The active clauses, counted with multiplicity; `active` maps each set of literals to its copies."""

    def __init__(self, meter: Meter) -> None:
        self.active: dict[frozenset[int], list[list[int]]] = {}
        self.false: set[int] = set()
        self._watches: defaultdict[int, list[list[int]]] = defaultdict(list)
        self._meter = meter
        self._done = 0
        self._pause = 0

    def add(self, literals: Collection[int]) -> bool:
        """Make a clause active, and say whether propagation among the active clauses meets a conflict."""
        false, key = self.false, frozenset(literals)
        clause = list(key)
        if not false.isdisjoint(key):
            clause.sort(key=false.__contains__)  # watch literals that are not false, where there are any
        self.active.setdefault(key, []).append(clause)
        if len(clause) > 1:
            self._watches[clause[0]].append(clause)
            self._watches[clause[1]].append(clause)
            if clause[1] not in false:
                return False
        if not clause:
            return True
        conflict, _ = self.refutes([-clause[0]])  # a unit; a conflict too if it is false already
        return conflict

    def delete(self, literals: Collection[int]) -> None:
        """Make one copy of a clause inactive. A clause that is not active, or is unit or false, is left as it is."""
        key = frozenset(literals)
        if key not in self.active or len(key - self.false) < 2:
            return
        clause = self.active[key].pop()
        if not self.active[key]:
            del self.active[key]
        for literal in clause[:2]:
            watching = self._watches[literal]
            self._watches[literal] = [other for other in watching if other is not clause]
            self.spend(len(watching))

    def refutes(self, literals: Collection[int]) -> tuple[bool, list[int]]:
        """Whether propagation meets a conflict when these literals are assumed to be false, and all it made false."""
        false = self.false
        assumed = list(set(literals) - false)
        false.update(assumed)
        self.spend(1 + len(literals))
        conflict = not false.isdisjoint([-literal for literal in literals]) or self._propagate(assumed)
        return conflict, assumed

    def retract(self, assumed: list[int]) -> None:
        """Take back what `refutes` made false. Nested assumptions are retracted first."""
        self.false.difference_update(assumed)

    def _propagate(self, queue: list[int]) -> bool:
        """Whether propagation meets a conflict. `queue` has literals just made false, and takes those that follow."""
        false, watches = self.false, self._watches
        for literal in queue:
            watching = watches.get(literal)
            if not watching:
                continue
            conflict, steps = False, len(watching)
            kept: list[list[int]] = []
            rest = iter(watching)
            for clause in rest:
                other = clause[0]
                if other == literal:
                    other = clause[0] = clause[1]
                    clause[1] = literal
                if -other in false:  # the clause is true
                    kept.append(clause)
                    continue
                steps += len(clause)
                for index in range(2, len(clause)):
                    candidate = clause[index]
                    if candidate not in false:
                        clause[1], clause[index] = candidate, literal
                        watches[candidate].append(clause)
                        break
                else:
                    kept.append(clause)
                    if other in false:
                        conflict = True
                        kept.extend(rest)
                        break
                    false.add(-other)
                    queue.append(-other)
            watches[literal] = kept
            self.spend(steps)
            if conflict:
                return True
        return False

    def spend(self, steps: int) -> None:
        """Count visits of literals. Raises Exhausted, after which nothing here may be used."""
        self._done += steps
        if self._done > self._pause:
            self._pause = self._meter.renew(self._done)
