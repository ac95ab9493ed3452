"""DRAT proofs of unsatisfiability, replayed forwards: every lemma is checked before it is used.

Contract: `check_drat` says HOLDS only if the formula is unsatisfiable. Every step keeps the invariant *if the formula
has a model, all active clauses together have one*:

- a lemma whose negation unit propagation refutes (RUP) follows from the active clauses;
- a lemma whose resolvents on its first literal, as written, are all RUP (RAT) may exclude models, but not the last
  one. The resolvents with every active clause are tried;
- a deletion only admits more models.

So a conflict by unit propagation among the active clauses refutes the formula, with or without a line `0`.

Ignoring a deletion is always sound: more clauses stay to be satisfied, by RAT lemmas too. The deletion of a clause that
is not active is ignored, and of a clause that is unit under the propagated literals, because they may rest on it.
drat-trim does the same, and solvers rely on it (Rebola-Pardo and Biere, "Two flavors of DRAT", POS 2018).

Format: Wetzler, Heule and Hunt, "DRAT-trim", SAT 2014, in text form: a line `<literals> 0` for each lemma and
`d <literals> 0` for each deletion. Lemmas may have variables that the formula has not. Lines after the conflict must
be well-formed, and are not replayed.
"""

from __future__ import annotations

import re

from neurosym_oracles._kernels.cnf import Exhausted, Finding, Formula, Meter, Outcome
from neurosym_oracles._kernels.unit_propagation import Clauses

MAX_CHARACTERS = 16 << 20
"""Longest proof that is read."""

LINE = 50
"""What a line costs at least, in visits of literals: four million units are four million lines."""

_STEP = r"(?:d[ \t]++)?+(?:-?[1-9][0-9]{0,8}+[ \t]++)*+0[ \t]*+\r?"
_PROOF = re.compile(rf"(?:{_STEP}\n)*+(?:{_STEP})?+")


def check_drat(formula: Formula, proof: str, meter: Meter) -> Finding:
    """Whether `proof` shows that the formula is unsatisfiable. A proof that does not says nothing about the formula."""
    if len(proof) > MAX_CHARACTERS:
        return Finding(Outcome.TOO_LARGE, f"{len(proof)} characters of proof, more than {MAX_CHARACTERS}")
    end = _PROOF.match(proof).end()  # type: ignore[union-attr]  # it matches a part of any text
    if end < len(proof):
        start = proof.rfind("\n", 0, end) + 1
        number, text = proof.count("\n", 0, start) + 1, proof[start : start + 40].partition("\n")[0]
        return Finding(Outcome.MALFORMED, f"line {number} of the proof is not a DRAT step in text form: {text!r}")
    try:
        return _replay(formula, proof, Clauses(meter))
    except Exhausted as error:
        return Finding(Outcome.EXHAUSTED, str(error))


def _replay(formula: Formula, proof: str, clauses: Clauses) -> Finding:
    refuted = any(clauses.add(clause) for clause in formula.clauses)
    for number, line in enumerate(re.finditer("[^\n]+", proof), 1):
        if refuted:
            break
        clauses.spend(LINE)
        *words, _ = line[0].split()
        if words and words[0] == "d":
            clauses.delete(list(map(int, words[1:])))
            continue
        lemma = list(map(int, words))
        if not _follows(clauses, lemma):
            return Finding(Outcome.UNPROVED, f"line {number} of the proof is neither RUP nor RAT: {line[0][:80]}")
        refuted = clauses.add(lemma)
    if not refuted:
        return Finding(Outcome.UNPROVED, "the proof ends without the empty clause")
    return Finding(Outcome.HOLDS, "the proof derives the empty clause")


def _follows(clauses: Clauses, lemma: list[int]) -> bool:
    """Whether a lemma is RUP or RAT."""
    refuted, assumed = clauses.refutes(lemma)
    follows = refuted or (bool(lemma) and _resolves(clauses, lemma[0]))
    clauses.retract(assumed)
    return follows


def _resolves(clauses: Clauses, pivot: int) -> bool:
    """Whether all resolvents on `pivot` of the lemma, which is assumed to be false, are RUP."""
    clauses.spend(len(clauses.active))
    for clause in clauses.active:
        if -pivot in clause:
            refuted, assumed = clauses.refutes(clause - {-pivot})
            clauses.retract(assumed)
            if not refuted:
                return False
    return True
