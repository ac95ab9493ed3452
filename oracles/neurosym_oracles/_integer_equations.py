"""Why equations over the integers have no solution: a sum of them that no integers satisfy.

The equations are brought to Hermite normal form by operations on columns (Schrijver, "Theory of Linear and Integer
Programming", 1986, chapter 4). Nothing here is trusted.
"""

from __future__ import annotations

from fractions import Fraction

from neurosym_oracles._kernels.linear_constraints import Constraint


def no_integer_solution(equations: list[Constraint]) -> list[tuple[Constraint, Fraction]] | None:
    """Multipliers that make all coefficients whole and the bound a fraction; None where the equations, which must have
    a rational solution, have one of integers.
    """
    variables = sorted({variable for each in equations for variable, _ in each.coefficients})
    columns = [[dict(each.coefficients).get(variable, 0) for each in equations] for variable in variables]
    chosen: list[int] = []  # the equations that have a column of their own, in order
    solution: list[Fraction] = []
    for row, equation in enumerate(equations):
        first = len(chosen)
        while True:
            rest = [column for column in columns[first:] if column[row]]
            if len(rest) < 2:
                break
            least = min(rest, key=lambda column: abs(column[row]))
            for column in rest:
                if column is not least:
                    times = column[row] // least[row]
                    column[:] = [a - times * b for a, b in zip(column, least, strict=True)]
        if not rest:
            continue
        place = next(place for place in range(first, len(columns)) if columns[place] is rest[0])
        columns[first], columns[place] = columns[place], columns[first]
        chosen.append(row)
        known = sum((columns[k][row] * value for k, value in enumerate(solution)), Fraction(0))
        solution.append((equation.bound - known) / columns[first][row])
        if solution[-1].denominator != 1:
            return _multipliers(equations, columns, chosen)
    return None


def _multipliers(
    equations: list[Constraint], columns: list[list[int]], chosen: list[int]
) -> list[tuple[Constraint, Fraction]]:
    """The multipliers of the chosen equations that leave of their columns the last alone, once."""
    multipliers: list[Fraction] = [Fraction(0)] * len(chosen)
    for k in range(len(chosen) - 1, -1, -1):
        want = Fraction(k == len(chosen) - 1)
        have = sum((multipliers[j] * columns[k][chosen[j]] for j in range(k + 1, len(chosen))), Fraction(0))
        multipliers[k] = (want - have) / columns[k][chosen[k]]
    return [(equations[row], each) for row, each in zip(chosen, multipliers, strict=True) if each]
