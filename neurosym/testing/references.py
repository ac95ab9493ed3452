"""Independent truth for claims whose making does not tell: by other programs than the checkers.

kind      truth
cnf       evaluation of a model, and replay of a proof, straight from the definitions and slow, written here
pddl      unified-planning's validator of sequential plans, where installed
smtlib2   Z3's substitution and simplification, where installed

Each returns True (right, and shown to be so), False (wrong, or not shown) or None (cannot tell), and may raise anything
where it is not installed or cannot read what it is given: `neurosym.testing.holds` makes None of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from neurosym.core import Claim, Json, Problem
from neurosym.testing.cnf import Clauses, formula
from neurosym.testing.smtlib2 import constants

Step = tuple[str, list[int]]
"""A clause that is added ("add") or deleted ("delete")."""


def cnf_holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether a model satisfies the formula, or a proof in DRAT or LRAT derives the empty clause from it."""
    variables, clauses = formula(problem)
    match claim.answer:
        case {"sat": list(model), **rest} if not rest:
            total = {type(x) for x in model} <= {int} and sorted(map(abs, model)) == list(range(1, variables + 1))
            return total and all(any(x in model for x in clause) for clause in clauses)
        case "unsat":
            return _derives(clauses, claim.evidence)
    return False


def _derives(clauses: Clauses, evidence: Json) -> bool | None:
    match evidence:
        case {"drat": str(text), **rest} if not rest:
            return refutes(clauses, _drat_steps(text))
        case {"lrat": str(text), **rest} if not rest:
            follows = refutes(clauses, _lrat_steps(clauses, text))
            return None if follows and not _hints_refute(clauses, text) else follows
    return False


def _drat_steps(text: str) -> Iterator[Step]:
    for line in text.splitlines():
        *literals, _ = line.split() or ["0"]
        if literals[:1] == ["d"]:
            yield "delete", list(map(int, literals[1:]))
        elif line.strip():
            yield "add", list(map(int, literals))


def _lrat_steps(clauses: Clauses, text: str) -> Iterator[Step]:
    """The steps of an LRAT proof without their hints."""
    known = dict(enumerate(clauses, 1))
    for words in map(str.split, text.splitlines()):
        if words[1] == "d":
            for number in map(int, words[2:-1]):
                yield "delete", known[number]
        else:
            known[int(words[0])] = lemma = list(map(int, words[1 : words.index("0", 1)]))
            yield "add", lemma


def _hints_refute(clauses: Clauses, text: str) -> bool:
    """Whether each lemma follows by its hints in turn, without RAT, up to the empty one."""
    known = dict(enumerate(map(set, clauses), 1))
    for words in map(str.split, text.splitlines()):
        if words[1] == "d":
            for number in map(int, words[2:-1]):
                if known.pop(number, None) is None:
                    return False
            continue
        number, end = int(words[0]), words.index("0", 1)
        lemma, hints = set(map(int, words[1:end])), list(map(int, words[end + 1 : -1]))
        false = set(lemma)
        for hint in hints:
            rest = known.get(hint, {0, 1}) - false
            if len(rest) != 1:
                break
            false.add(-rest.pop())
        else:
            return False
        if rest or number <= max(known, default=0):
            return False
        if not lemma:
            return True
        known[number] = lemma
    return False


def refutes(clauses: Clauses, steps: Iterable[Step]) -> bool | None:
    """Whether the steps are a DRAT proof that ends in a conflict (Wetzler, Heule and Hunt, SAT 2014).

    True if they are with every deletion carried out. False if some lemma does not follow even with all clauses ever
    known, or no conflict follows from all of them: no way of ignoring deletions helps then. None in between.
    """
    literals = _Literals()
    kept = [literals.mask(clause) for clause in clauses]
    everything = list(kept)
    strict = True
    for action, clause in steps:
        mask = literals.mask(clause)
        if action == "delete":
            if mask in kept:
                kept.remove(mask)
            continue
        pivot = literals.mask(clause[:1])
        strict = strict and literals.follows(mask, pivot, kept, kept)
        if not strict and not literals.follows(mask, pivot, kept, everything):
            return False
        kept.append(mask)
        everything.append(mask)
    if strict and literals.conflict(0, kept):
        return True
    return None if literals.conflict(0, everything) else False


class _Literals:
    """Sets of literals as integers: two bits for each variable, one for each polarity."""

    def __init__(self) -> None:
        self._bit: dict[int, int] = {}
        self._positive = 0

    def mask(self, literals: Iterable[int]) -> int:
        found = 0
        for literal in literals:
            if literal not in self._bit:
                place = len(self._bit)
                self._bit[abs(literal)], self._bit[-abs(literal)] = 1 << place, 2 << place
                self._positive |= 1 << place
            found |= self._bit[literal]
        return found

    def negated(self, mask: int) -> int:
        return ((mask & self._positive) << 1) | ((mask >> 1) & self._positive)

    def conflict(self, false: int, clauses: list[int]) -> bool:
        """Whether unit propagation makes a clause false, once the literals `false` are."""
        true = self.negated(false)
        before = -1
        while before != false:
            before = false
            for clause in clauses:
                if clause & true:
                    continue
                rest = clause & ~false
                if not rest & (rest - 1):  # at most one literal is left
                    if not rest:
                        return True
                    true |= rest
                    false |= self.negated(rest)
        return False

    def follows(self, lemma: int, pivot: int, opponents: list[int], clauses: list[int]) -> bool:
        """Whether a lemma is a tautology, RUP by `clauses`, or RAT on `pivot` with `opponents`."""
        if lemma & self.negated(lemma) or self.conflict(lemma, clauses):
            return True
        against = self.negated(pivot)
        resolvents = [lemma | (clause & ~against) for clause in opponents if clause & against]
        return bool(pivot) and all(mask & self.negated(mask) or self.conflict(mask, clauses) for mask in resolvents)


def pddl_holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether unified-planning's validator finds a plan valid. None for claims that no plan exists or is shorter."""
    if not isinstance(claim.answer, str) or claim.answer == "unsolvable":
        return None
    valid, reader, validator, parsed = _unified_planning(problem.payload["domain"], problem.payload["problem"])
    plan = reader.parse_plan_string(parsed, claim.answer)
    return bool(validator.validate(parsed, plan).status == valid)


@lru_cache(maxsize=1)
def _unified_planning(domain: str, problem: str) -> tuple[Any, ...]:
    from unified_planning.engines import SequentialPlanValidator, ValidationResultStatus
    from unified_planning.io import PDDLReader

    reader, validator = PDDLReader(), SequentialPlanValidator()
    parsed = reader.parse_problem_string(domain, problem)
    if not validator.supports(parsed.kind):
        raise ValueError("beyond the validator")
    validator.skip_checks = True  # done above, once for all plans: it takes longer than the validation
    return ValidationResultStatus.VALID, reader, validator, parsed


def smtlib2_holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether Z3 simplifies every assertion to true, once the model's values stand for the constants."""
    sorts = constants(problem)
    match claim.answer:
        case {"sat": dict(model), **rest} if not rest and model.keys() == sorts.keys():
            pass
        case _:
            return None
    import z3

    values = [_z3_value(z3, name, sorts[name], value) for name, value in model.items()]
    truths = [z3.simplify(z3.substitute(term, *values)) for term in z3.parse_smt2_string(problem.payload["script"])]
    if all(map(z3.is_true, truths)):
        return True
    return False if any(map(z3.is_false, truths)) else None


def _z3_value(z3: Any, name: str, sort: str, value: Json) -> tuple[Any, Any]:
    if sort == "Bool":
        return z3.Bool(name), z3.BoolVal(value)
    if sort == "Int":
        return z3.Int(name), z3.IntVal(value)
    if sort == "Real":
        return z3.Real(name), z3.RealVal(value)
    base = 16 if value.startswith("#x") else 2
    width = (len(value) - 2) * (4 if base == 16 else 1)
    return z3.BitVec(name, width), z3.BitVecVal(int(value[2:], base), width)
