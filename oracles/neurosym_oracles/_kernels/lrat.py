"""LRAT proofs of unsatisfiability: like DRAT, with hints that name the clauses to propagate, so that replay is fast.

Contract: `check_lrat` says HOLDS only if the formula is unsatisfiable. The formula's clauses have the numbers 1…m as
written; every lemma has a larger number than all before. Hints are followed in order: each names an active clause
that is unit or false at its turn, and one of them is false. The hints after that one may be any active clauses.

A lemma whose hints do not refute its negation must be RAT on its first literal: for *every* active clause with the
opposite literal there is a group of hints, `-<number> <hints>`, that refutes the resolvent, unless the resolvent is
true anyway. `drat` says why RUP, RAT and deletion keep the formula's satisfiability. There are no literals that outlast
a lemma here, so every deletion is carried out.

Format: Cruz-Filipe et al., "Efficient certified RAT verification", CADE 2017, in text form: a line
`<number> <literals> 0 <hints> 0` for each lemma, and `<any number> d <numbers> 0` for deletions.
"""

from __future__ import annotations

import re

from neurosym_oracles._kernels.cnf import Exhausted, Finding, Formula, Meter, Outcome

MAX_CHARACTERS = 16 << 20
"""Longest proof that is read: a second or two for the proof of a solver, and some hundred megabytes for any proof."""

_STEP = (
    r"(?:0|[1-9][0-9]{0,9}+)[ \t]++"
    r"(?:d[ \t]++(?:[1-9][0-9]{0,9}+[ \t]++)*+|(?:-?[1-9][0-9]{0,8}+[ \t]++)*+0[ \t]++(?:-?[1-9][0-9]{0,9}+[ \t]++)*+)"
    r"0[ \t]*+\r?"
)
_PROOF = re.compile(rf"(?:{_STEP}\n)*+(?:{_STEP})?+")


LOOK = Meter.INTERVAL
"""After how many steps of one line the meter is looked at."""


class _Gap(Exception):
    """A step does not follow."""


def check_lrat(formula: Formula, proof: str, meter: Meter) -> Finding:
    """Whether `proof` shows that the formula is unsatisfiable. A proof that does not says nothing about the formula."""
    if len(proof) > MAX_CHARACTERS:
        return Finding(Outcome.TOO_LARGE, f"{len(proof)} characters of proof, more than {MAX_CHARACTERS}")
    end = _PROOF.match(proof).end()  # type: ignore[union-attr]  # it matches a part of any text
    if end < len(proof):
        start = proof.rfind("\n", 0, end) + 1
        number, text = proof.count("\n", 0, start) + 1, proof[start : start + 40].partition("\n")[0]
        return Finding(Outcome.MALFORMED, f"line {number} of the proof is not an LRAT step in text form: {text!r}")
    replay = _Replay(formula, meter)
    for number, line in enumerate(re.finditer("[^\n]+", proof), 1):
        try:
            if replay.step(line[0].split()):
                return Finding(Outcome.HOLDS, "the proof derives the empty clause")
        except _Gap as gap:
            return Finding(Outcome.UNPROVED, f"line {number} of the proof: {gap}")
        except Exhausted as error:
            return Finding(Outcome.EXHAUSTED, str(error))
    return Finding(Outcome.UNPROVED, "the proof ends without the empty clause")


class _Replay:
    def __init__(self, formula: Formula, meter: Meter) -> None:
        self._active = dict(enumerate(map(frozenset, formula.clauses), 1))
        self._newest = len(self._active)
        self._meter = meter
        self._done = 0
        self._pause = 0

    def step(self, words: list[str]) -> bool:
        """Carry out one line, and say whether it derived the empty clause. Raises _Gap, naming what does not follow."""
        if words[1] == "d":
            for number in map(int, words[2:-1]):
                if self._active.pop(number, None) is None:
                    raise _Gap(f"there is no clause {number} to delete")
            return False
        number, *numbers = map(int, words)
        end = numbers.index(0)
        lemma, hints = numbers[:end], numbers[end + 1 : -1]
        if number <= self._newest:
            raise _Gap(f"number {number} is not above {self._newest}")
        first = len(hints) if min(hints, default=0) >= 0 else next(i for i, hint in enumerate(hints) if hint < 0)
        false = set(lemma)
        if not self._refutes(false, hints[:first]):
            self._require_resolvents(lemma, false, hints[first:])
        self._active[number] = frozenset(lemma)
        self._newest = number
        return not lemma

    def _refutes(self, false: set[int], hints: list[int]) -> bool:
        """Whether the hints, in order, end in a false clause; `false` takes what they make false."""
        active, steps, conflict = self._active, 1 + len(false), False
        try:
            for hint in hints:
                clause = active[hint]
                steps += len(clause)
                if steps > LOOK:
                    self._spend(steps)
                    steps = 0
                rest = clause - false
                if len(rest) == 1:
                    (unit,) = rest
                    false.add(-unit)
                elif rest:
                    raise _Gap(f"clause {hint} is not unit")
                else:
                    conflict = True
                    break
        except KeyError:
            raise _Gap(f"there is no clause {hint}") from None
        self._spend(steps)
        return conflict

    def _require_resolvents(self, lemma: list[int], false: set[int], hints: list[int]) -> None:
        """Raise _Gap unless the lemma is RAT: each resolvent is true, or refuted by its group of hints."""
        if not lemma:
            raise _Gap("the hints do not refute the formula")
        groups: dict[int, list[int]] = {}
        for hint in hints:
            if hint < 0:
                group = groups[-hint] = []
            else:
                group.append(hint)
        pivot = lemma[0]
        self._spend(len(self._active))
        for number, clause in self._active.items():
            if -pivot not in clause:
                continue
            others = clause - {-pivot}
            self._spend(len(false) + len(others))
            if any(-literal in false for literal in others):
                continue
            if not self._refutes(false | others, groups.get(number, [])):
                raise _Gap(f"the hints refute neither the lemma nor its resolvent with clause {number}")

    def _spend(self, steps: int) -> None:
        self._done += steps
        if self._done > self._pause:
            self._pause = self._meter.renew(self._done)
