"""What the attacks on kind `cnf` share: a formula without models, right proofs of that, and formulas with models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attack import formal

from neurosym.core import Json, Verdict

SQUARE = [(1, 2), (1, -2), (-1, 2), (-1, -2)]
"""Unsatisfiable."""
LRAT = "5 1 0 1 2 0\n6 0 5 3 4 0\n"
DRAT = "1 0\n0\n"
"""Right proofs of that."""

OPEN = SQUARE[:3]
"""Satisfied by 1 and 2 alone."""


def dimacs(clauses: Iterable[Sequence[int]], variables: int = 2) -> str:
    lines = [" ".join(map(str, [*clause, 0])) for clause in clauses]
    return "\n".join([f"p cnf {variables} {len(lines)}", *lines, ""])


def given(text: str, answer: Json, evidence: Json = None) -> Verdict:
    """The verdict on an answer to a DIMACS text."""
    return formal("cnf", {"dimacs": text}, answer, evidence)


def refuted(clauses: Iterable[Sequence[int]], evidence: Json, variables: int = 2) -> Verdict:
    """The verdict on "unsat"."""
    return given(dimacs(clauses, variables), "unsat", evidence)


def drat(clauses: Iterable[Sequence[int]], *lines: str, variables: int = 2) -> Verdict:
    return refuted(clauses, {"drat": "".join(f"{line}\n" for line in lines)}, variables)


def lrat(clauses: Iterable[Sequence[int]], *lines: str, variables: int = 2) -> Verdict:
    return refuted(clauses, {"lrat": "".join(f"{line}\n" for line in lines)}, variables)


def model(*literals: object, clauses: Iterable[Sequence[int]] = OPEN, variables: int = 2) -> Verdict:
    return given(dimacs(clauses, variables), {"sat": list(literals)})
