"""Formulas for the tests of kind `cnf`, and the truth about small ones, by trying every assignment."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import combinations, product

from hypothesis import strategies as st

from neurosym.core import Problem

Clauses = list[tuple[int, ...]]


def dimacs(variables: int, clauses: Iterable[Sequence[int]]) -> str:
    lines = ["".join(f"{literal} " for literal in clause) + "0\n" for clause in clauses]
    return f"p cnf {variables} {len(lines)}\n{''.join(lines)}"


def problem(variables: int, clauses: Iterable[Sequence[int]]) -> Problem:
    return Problem("test", "cnf", {"dimacs": dimacs(variables, clauses)})


def models(variables: int, clauses: Iterable[Sequence[int]]) -> list[list[int]]:
    clauses = list(clauses)
    signs = product((-1, 1), repeat=variables)
    candidates = ([sign * place for place, sign in enumerate(row, 1)] for row in signs)
    return [model for model in candidates if all(not set(clause).isdisjoint(model) for clause in clauses)]


def satisfiable(variables: int, clauses: Iterable[Sequence[int]]) -> bool:
    return bool(models(variables, clauses))


def random_clauses(rng: random.Random, variables: int, count: int, lengths: Sequence[int] = (1, 2, 2, 3, 3)) -> Clauses:
    """Clauses with repeated and complementary literals now and then."""
    places = range(1, variables + 1)
    return [tuple(rng.choice((-1, 1)) * rng.choice(places) for _ in range(rng.choice(lengths))) for _ in range(count)]


def random_3sat(rng: random.Random, variables: int, count: int) -> Clauses:
    return [
        tuple(rng.choice((-1, 1)) * variable for variable in rng.sample(range(1, variables + 1), 3))
        for _ in range(count)
    ]


def pigeons(holes: int) -> tuple[int, Clauses]:
    """One pigeon more than holes, each pigeon in a hole, no two in one: unsatisfiable, and hard for resolution."""
    at = [[pigeon * holes + hole + 1 for hole in range(holes)] for pigeon in range(holes + 1)]
    clauses = [tuple(row) for row in at]
    clauses += [(-one[hole], -two[hole]) for hole in range(holes) for one, two in combinations(at, 2)]
    return holes * (holes + 1), clauses


def extended_pigeons(holes: int) -> tuple[int, Clauses, Clauses]:
    """The pigeons, and Cook's short refutation with new variables ("A short proof of the pigeon hole principle using
    extended resolution", SIGACT News 1976): q says that a pigeon would sit there if the last hole were closed.
    """
    variables, clauses = pigeons(holes)
    at = [[pigeon * holes + hole + 1 for hole in range(holes)] for pigeon in range(holes + 1)]
    top, proof = variables, []
    while len(at[0]) > 1:
        last, size = at[-1], len(at[0]) - 1
        new = [[top + pigeon * size + hole + 1 for hole in range(size)] for pigeon in range(len(at) - 1)]
        top += size * len(new)
        for pigeon, row in enumerate(new):
            for hole, q in enumerate(row):
                here, moved = at[pigeon][hole], (at[pigeon][size], last[hole])
                proof += [(q, -here), (q, -moved[0], -moved[1])]
                proof += [(-q, here, moved[0]), (-q, here, moved[1])]
        for hole in range(size):
            for one, two in combinations(range(len(new)), 2):
                proof += [(-new[one][hole], -new[two][hole], at[one][hole]), (-new[one][hole], -new[two][hole])]
        proof += [tuple(row) for row in new]
        at = new
    return variables, clauses, [*proof, (-at[0][0],), ()]


@st.composite
def small_formulas(draw: st.DrawFn, most_clauses: int = 14) -> tuple[int, Clauses]:
    """At most four variables: repeated, complementary and missing literals, empty and repeated clauses included."""
    variables = draw(st.integers(0, 4))
    literals = st.sampled_from([*range(-variables, 0), *range(1, variables + 1)] or [0])
    clause = st.lists(literals, max_size=4 if variables else 0).map(tuple)
    return variables, draw(st.lists(clause, max_size=most_clauses))


def tree_proof(variables: int, clauses: Clauses, order: Sequence[int]) -> Clauses:
    """Lemmas that refute an unsatisfiable formula: the leaves and nodes of a search tree over variables in `order`."""
    known = [set(clause) for clause in clauses]
    proof: Clauses = []

    def search(path: list[int]) -> None:
        false = {-literal for literal in path}
        if any(clause <= false for clause in known):
            return
        for sign in (1, -1):
            search([*path, sign * order[len(path)]])
        proof.append(tuple(-literal for literal in path))

    search([])
    return proof


def unsatisfiable(rng: random.Random, most_variables: int = 5) -> tuple[int, Clauses]:
    """An unsatisfiable formula none of whose clauses can go without making it satisfiable, unless it has many."""
    while True:
        variables = rng.randint(2, most_variables)
        clauses = random_clauses(rng, variables, rng.randint(4 * variables, 7 * variables), (2, 2, 3, 3, 3))
        if not satisfiable(variables, clauses):
            break
    for clause in rng.sample(clauses, len(clauses)):
        rest = list(clauses)
        rest.remove(clause)
        if not satisfiable(variables, rest):
            clauses = rest
    return variables, clauses
