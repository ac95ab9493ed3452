"""Propositional formulas, and whether one holds intuitionistically (Dyckhoff, "Contraction-free sequent calculi for
intuitionistic logic", J. Symb. Logic 57, 1992: the calculus LJT, whose rules all shrink the sequent)."""

from __future__ import annotations

from typing import Any

Formula = Any
"""A variable, "False", or a connective of two formulas: ("->", A, B), ("/\\", A, B), ("\\/", A, B)."""

FALSE = "False"


def holds(goal: Formula, hypotheses: frozenset[Formula] = frozenset()) -> bool:
    """Whether a goal follows from hypotheses. The time grows exponentially with the number of connectives."""
    if goal in hypotheses or FALSE in hypotheses:
        return True
    for found in hypotheses:
        if (parts := _split(found, hypotheses)) is not None:
            rest = hypotheses - {found}
            return all(holds(goal, rest | part) for part in parts)
    if goal[0] == "->":
        return holds(goal[2], hypotheses | {goal[1]})
    if goal[0] == "/\\":
        return holds(goal[1], hypotheses) and holds(goal[2], hypotheses)
    if goal[0] == "\\/" and (holds(goal[1], hypotheses) or holds(goal[2], hypotheses)):
        return True
    for found in hypotheses:
        if found[0] == "->" and found[1][0] == "->":
            (_, left, right), then, rest = found[1], found[2], hypotheses - {found}
            if holds(("->", left, right), rest | {("->", right, then)}) and holds(goal, rest | {then}):
                return True
    return False


def _split(found: Formula, hypotheses: frozenset[Formula]) -> tuple[set[Formula], ...] | None:
    """What may replace a hypothesis without loss, in each case that it leaves; None where nothing may."""
    if found[0] == "/\\":
        return ({found[1], found[2]},)
    if found[0] == "\\/":
        return {found[1]}, {found[2]}
    if found[0] != "->":
        return None
    _, condition, then = found
    if condition == FALSE:
        return (set(),)
    if condition in hypotheses:
        return ({then},)
    if condition[0] == "/\\":
        return ({("->", condition[1], ("->", condition[2], then))},)
    if condition[0] == "\\/":
        return ({("->", condition[1], then), ("->", condition[2], then)},)
    return None
