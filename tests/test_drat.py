"""DRAT proofs: right ones are accepted, and no text whatever refutes a satisfiable formula."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence

import pytest
from formulas import (
    Clauses,
    dimacs,
    extended_pigeons,
    pigeons,
    random_clauses,
    satisfiable,
    small_formulas,
    tree_proof,
    unsatisfiable,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels import unit_propagation
from neurosym_oracles._kernels.cnf import Finding, Formula, Meter, Outcome
from neurosym_oracles._kernels.drat import MAX_CHARACTERS, _follows, check_drat

many = settings(max_examples=300, deadline=None, derandomize=True)

# The example of Heule, "The DRAT format and DRAT-trim checker", arXiv:1610.06229.
EXAMPLE = [(1, 2, -3), (-1, -2, 3), (2, 3, -4), (-2, -3, 4), (-1, -3, -4), (1, 3, 4), (-1, 2, 4), (1, -2, -4)]

SQUARE = [(1, 2), (1, -2), (-1, 2), (-1, -2)]


def check(variables: int, clauses: Clauses, proof: str, steps: int = 10**8, seconds: float = 60) -> Finding:
    return check_drat(Formula(variables, clauses), proof, Meter(steps, seconds))


def text(proof: Iterable[Sequence[int]]) -> str:
    return "".join(" ".join(map(str, (*lemma, 0))) + "\n" for lemma in proof)


def test_the_published_example():
    assert check(4, EXAMPLE, "-1 0\n2 0\n0\n").outcome is Outcome.HOLDS
    assert check(4, EXAMPLE, "-1 0\nd -1 -2 3 0\nd -1 -3 -4 0\nd -1 2 4 0\n2 0\n0\n").outcome is Outcome.HOLDS
    assert check(4, EXAMPLE, "1 2 0\n1 0\n2 0\n0\n").outcome is Outcome.HOLDS  # without RAT
    assert check(4, EXAMPLE, "2 0\n0\n").outcome is Outcome.UNPROVED


def test_its_first_lemma_needs_all_resolvents():
    for missing in range(8):
        clauses = EXAMPLE[:missing] + EXAMPLE[missing + 1 :]
        assert check(4, clauses, "-1 0\n2 0\n0\n").outcome is Outcome.UNPROVED


@pytest.mark.parametrize("holes", [2, 4, 7])
def test_new_variables(holes):
    variables, clauses, proof = extended_pigeons(holes)
    assert check(variables, clauses, text(proof)).outcome is Outcome.HOLDS
    assert max(map(abs, sum(proof, ()))) > variables or holes == 1
    for lemma in range(0, len(proof), max(1, len(proof) // 25)):
        del_one = proof[:lemma] + proof[lemma + 1 :]
        assert check(variables, clauses[:-1], text(proof)).outcome is Outcome.UNPROVED
        assert check(variables, clauses[:-1], text(del_one)).outcome is Outcome.UNPROVED


def test_a_definition_must_be_fresh_and_comes_with_its_pivot_first():
    clauses = [(-1, 2)]
    assert check(2, clauses, "3 1 0\n").detail == "the proof ends without the empty clause"
    assert "line 1" in check(2, clauses, "1 3 0\n").detail  # the same clause, but 1 is no pivot: -1 2 is in the way
    assert "line 2" in check(2, clauses, "3 1 0\n-3 2 0\n").detail
    assert "line 2" in check(2, clauses, "3 1 0\n-3 0\n").detail


def test_only_the_first_literal_is_a_pivot():
    clauses = [(1, 2), (2, 3)]
    assert "line 1" in check(3, clauses, "-2 -1 0\n").detail  # RAT on -1, not on -2
    assert check(3, clauses, "-1 -2 0\n").detail == "the proof ends without the empty clause"


@pytest.mark.parametrize(
    ("variables", "clauses", "proof"),
    [
        (1, [(-1,)], "d -1 0\n1 0\n0\n"),  # a unit is deleted, a RAT lemma on it must not meet what it propagated
        (1, [(-1,)], "d -1 0\nd -1 0\n1 0\n0\n"),
        (1, [(-1,), (-1,)], "d -1 0\n1 0\n0\n"),
        (2, [(1,), (-1, 2)], "d -1 2 0\n-2 0\n0\n"),  # a reason is deleted
        (2, [(1,), (-1, 2)], "d 2 -1 0\n-2 1 0\n-2 0\n0\n"),
        (2, [(1,), (-1, 2)], "d 1 0\n-1 0\n0\n"),
        (3, [(1,), (-1, 2), (-2, 3)], "d -1 2 0\n-2 0\n-3 0\n0\n"),
        (2, [(1, 2), (1, 2)], "d 1 2 0\n-1 0\n-2 0\n0\n"),  # one copy is left
        (2, [(1, 2)], "d 1 2 0\n-1 0\n-2 0\n1 0\n0\n"),
        (2, [(1, 2)], "-1 -2 0\n1 -2 0\n-1 2 0\n0\n"),
        (2, [(1, 2)], "1 0\n-1 0\n0\n"),
        (2, [(1, 2)], "1 -1 0\n-1 1 0\n0\n"),  # tautologies prove nothing
        (2, [(1, -1)], "1 0\n-1 0\n0\n"),
        (2, [(1, -1, 2)], "1 1 0\n-1 -1 0\n0\n"),
        (2, [(1, 2)], "3 0\n-3 0\n0\n"),
        (2, [(1, 2)], "3 1 0\n-3 -1 0\n1 0\n-1 0\n0\n"),
        (2, [(1, 2)], "3 1 0\nd 3 1 0\n-3 0\n-1 0\n-2 0\n0\n"),
        (2, [(1, 2)], "0\n"),
        (2, [(1, 2)], "0\n0\n"),
        (2, [(1, 2)], "d 0\n0\n"),
        (2, [(1, 2)], ""),
        (0, [], "0\n"),
        (0, [], "1 0\n-1 0\n0\n"),
    ],
)
def test_attacks_on_satisfiable_formulas(variables, clauses, proof):
    assert satisfiable(variables, clauses)
    assert check(variables, clauses, proof).outcome is Outcome.UNPROVED


def test_deletions_are_carried_out():
    assert check(2, SQUARE, "1 0\n0\n").outcome is Outcome.HOLDS
    assert check(2, SQUARE, "d 2 1 0\n1 0\n0\n").outcome is Outcome.UNPROVED
    assert check(2, [*SQUARE, (2, 1)], "d 1 2 0\n1 0\n0\n").outcome is Outcome.HOLDS  # there were two
    assert check(2, [*SQUARE, (2, 1)], "d 1 2 0\nd 1 2 0\n1 0\n0\n").outcome is Outcome.UNPROVED
    assert check(2, SQUARE, "d 1 3 0\nd 1 0\nd 0\n1 0\n0\n").outcome is Outcome.HOLDS  # nothing to delete
    assert check(2, [(1, 2)], "d 1 2 0\n-1 0\n").detail == "the proof ends without the empty clause"  # RAT only then


def test_the_deletion_of_a_propagated_unit_is_ignored():
    """As solvers expect: they delete clauses that are satisfied for good, reasons included."""
    clauses = [(1,), (-1, 2), (-2, 3, 4), (-2, 3, -4), (-3, 4), (-3, -4)]
    assert check(4, clauses, "d 1 0\nd -1 2 0\n3 0\n0\n").outcome is Outcome.HOLDS


def test_a_conflict_by_propagation_is_the_empty_clause():
    assert check(1, [(1,), (-1,)], "").outcome is Outcome.HOLDS
    assert check(0, [()], "").outcome is Outcome.HOLDS
    assert check(2, [(1, 2), (), (-1,)], "7 8 0\n").outcome is Outcome.HOLDS
    assert check(2, [(1, 2), (1, -2), (-1, 2), (-1, -2)], "1 0\n").outcome is Outcome.HOLDS
    assert check(2, [(1, 1), (-1, -1, -1)], "0\n").outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("proof", "line"),
    [
        ("1", 1), ("1 ", 1), ("1 0\n2", 2), ("1 0\n-2 -", 2), ("1 0\nd", 2), ("1 0\nd 1", 2), (" 1 0\n", 1),
        ("01 0\n", 1), ("1 00\n", 1), ("1 -0\n", 1), ("+1 0\n", 1), ("1_0 0\n", 1), ("١ 0\n", 1),
        ("1\u00a00\n", 1), ("1.0 0\n", 1), ("x 0\n", 1), ("d1 0\n", 1), ("D 1 0\n", 1), ("d d 1 0\n", 1),
        ("1 d 2 0\n", 1), ("1 0 2 0\n", 1),
        ("1 0 0\n", 1), ("1\n0\n", 1), ("\n0\n", 1), ("1 0\n\n0\n", 2), ("c comment\n0\n", 1), ("a\x02\x00", 1),
        ("\x00", 1), ("0\n\x00", 2),
        ("1000000000 0\n", 1), ("1" * 5000 + " 0\n", 1), ("[" * 1_000_000, 1), ("0\n[", 2), ("4 0 1 2 0\n", 1),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_malformed_even_after_the_empty_clause(proof, line):
    finding = check(1, [(1,), (-1,)], proof)
    assert finding.outcome is Outcome.MALFORMED and f"line {line} " in finding.detail and len(finding.detail) < 150


def test_line_ends_and_spaces():
    assert check(2, SQUARE, "d  7\t8 0\r\n1  0 \r\n0").outcome is Outcome.HOLDS


def test_new_variables_cost_nothing_for_their_size():
    start = time.thread_time()
    assert check(1, [(1,)], "999999999 0\n-999999998 999999997 0\n").outcome is Outcome.UNPROVED
    assert time.thread_time() - start < 0.1


def test_too_long_a_proof_is_not_read():
    assert check(1, [(1,)], " " * (MAX_CHARACTERS + 1)).outcome is Outcome.TOO_LARGE


def test_the_budget_stops_a_replay():
    variables, clauses, proof = extended_pigeons(6)
    assert check(variables, clauses, text(proof), steps=20_000).outcome is Outcome.EXHAUSTED
    assert check(variables, clauses, text(proof), seconds=0).outcome is Outcome.EXHAUSTED
    assert check(variables, clauses, text(proof), steps=0).outcome is Outcome.EXHAUSTED
    assert check(variables, clauses, text(proof), steps=-5).outcome is Outcome.EXHAUSTED


LONG = 20_000
WIDE = tuple(range(3, LONG))


@pytest.mark.parametrize(
    ("clauses", "proof"),
    [
        # the literals of one long clause become false one after the other
        ([(1, 2, *WIDE), *[(place, -place - 1) for place in range(1, LONG)]], "1 0\n0\n"),
        # every lemma visits all clauses
        ([(1, 2, place) for place in WIDE], "".join(f"{1 + n % 2} {LONG + n} 0\n" for n in range(10_000))),
        # every lemma is RAT, and looks for resolvents among all clauses
        ([(-1, place) for place in WIDE], "".join(f"{n} 1 0\nd {n} 1 0\n" for n in range(LONG, 3 * LONG))),
        # every lemma is RAT, and has a resolvent with one long clause
        ([(-1, -2, *WIDE)], "".join(f"1 2 {LONG + n} 0\nd 1 2 {LONG + n} 0\n" for n in range(50_000))),
        # deletions from a long list of watchers
        ([(1, 2, place) for place in WIDE * 2], "".join(f"d 1 2 {place} 0\n" for place in WIDE * 2)),
    ],
    ids=["scan", "watchers", "rat", "wide rat", "deletions"],
)
@pytest.mark.parametrize("limits", [{"steps": 10**12, "seconds": 0.5}, {"steps": 3 * 10**6}], ids=["clock", "steps"])
def test_expensive_proofs_are_stopped(clauses, proof, limits):
    """Each of these takes at least 5 seconds and 100 million steps."""
    start = time.thread_time()
    assert check(LONG, clauses, proof, **limits).outcome is Outcome.EXHAUSTED
    assert time.thread_time() - start < 5


def test_every_step_keeps_a_satisfiable_formula_satisfiable():
    """The invariant itself: whatever lemmas are accepted, in whatever order, with deletions of anything."""
    rng, accepted, removing = random.Random(1), 0, 0
    for _ in range(1200):
        variables = rng.randint(1, 4)
        formula = random_clauses(rng, variables, rng.randint(1, 3 * variables))
        if not satisfiable(variables, formula):
            continue
        clauses = unit_propagation.Clauses(Meter(10**9, 60))
        assert not any(clauses.add(clause) for clause in formula)
        for _ in range(20):
            if rng.random() < 0.4:
                clauses.delete(rng.choice([*sorted(map(sorted, clauses.active)), [1, 2]]))
                continue
            (lemma,) = random_clauses(rng, variables + 2, 1)
            before = [tuple(clause) for clause in clauses.active]
            if not _follows(clauses, list(lemma)):
                continue
            accepted += 1
            assert not clauses.add(lemma), (formula, lemma)
            after = [*before, lemma]
            assert satisfiable(variables + 2, after), (before, lemma)
            removing += satisfiable(variables + 2, [*before, *[(-literal,) for literal in lemma]])
    assert accepted > 5000 and removing > 2000  # of these, lemmas that are RAT and not implied


def test_propagated_literals_always_follow_from_the_active_clauses():
    rng = random.Random(2)
    for _ in range(400):
        variables = rng.randint(1, 4)
        clauses = unit_propagation.Clauses(Meter(10**9, 60))
        for clause in random_clauses(rng, variables, 3 * variables):
            if rng.random() < 0.4 and clauses.active:
                clauses.delete(rng.choice(sorted(map(sorted, clauses.active))))
            if clauses.add(clause):
                assert not satisfiable(variables, map(tuple, clauses.active))
                break
            _, assumed = clauses.refutes(list(random_clauses(rng, variables, 1)[0]))
            clauses.retract(assumed)
            for literal in clauses.false:
                assert not satisfiable(variables, [*map(tuple, clauses.active), (literal,)])


def test_right_proofs_are_accepted_and_fit_no_satisfiable_formula():
    rng = random.Random(3)
    lies = 0
    for _ in range(250):
        variables, clauses = unsatisfiable(rng)
        for _ in range(4):
            order = rng.sample(range(1, variables + 1), variables)
            proof = tree_proof(variables, clauses, order)
            lines = text(proof)
            assert check(variables, clauses, lines).outcome is Outcome.HOLDS
            for clause in clauses:  # each is needed, unless it is there twice
                weaker = [other for other in clauses if other != clause]
                if satisfiable(variables, weaker):
                    lies += 1
                    assert check(variables, weaker, lines).outcome is Outcome.UNPROVED
            place = rng.randrange(len(clauses))
            flipped = tuple(-literal for literal in clauses[place])
            other = [*clauses[:place], flipped, *clauses[place + 1 :]]
            holds = check(variables, other, lines).outcome is Outcome.HOLDS
            lies += satisfiable(variables, other)
            assert not (holds and satisfiable(variables, other))
    assert lies > 5000


def test_damaged_proofs_refute_no_satisfiable_formula():
    rng = random.Random(4)
    accepted = lies = 0
    for _ in range(1500):
        variables, clauses = unsatisfiable(rng, 4)
        proof = text(tree_proof(variables, clauses, range(1, variables + 1)))
        lines = proof.splitlines(keepends=True)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(lines))
            damage = rng.randrange(6)
            if damage == 0:
                del lines[place:]
            elif damage == 1:
                lines.insert(place, "d " + rng.choice(lines).removeprefix("d "))
            elif damage == 2:
                rng.shuffle(lines)
            elif damage == 3:
                lines[place] = text(random_clauses(rng, variables + 1, 1))
            elif damage == 4:
                lines.insert(place, f"d {text([rng.choice(clauses)])}")
            else:
                lines[place] = lines[place].replace("-", "", 1)
            if not lines:
                break
        damaged = "".join(lines)
        weaker = clauses[:-1] if rng.random() < 0.8 else clauses
        lies += (truth := satisfiable(variables, weaker))
        outcome = check(variables, weaker, damaged).outcome
        assert outcome in (Outcome.HOLDS, Outcome.UNPROVED)
        accepted += outcome is Outcome.HOLDS
        assert not (truth and outcome is Outcome.HOLDS), (weaker, damaged)
    assert accepted > 50 and lies > 800


def test_a_proof_cut_anywhere_is_malformed_or_ends_too_early():
    variables, clauses, proof = extended_pigeons(3)
    whole = text(proof).removesuffix("0\n")
    for end in range(0, len(whole) - 6, 7):
        cut = whole[:end]
        expected = Outcome.UNPROVED if cut == "" or cut.endswith(("\n", " 0")) else Outcome.MALFORMED
        assert check(variables, clauses, cut).outcome is expected, cut[-20:]


@many
@given(small_formulas(), st.text(alphabet="0123-d \n", max_size=60) | st.text(max_size=40))
def test_no_text_refutes_a_satisfiable_formula(formula, proof):
    outcome = check(*formula, proof).outcome
    assert outcome in (Outcome.HOLDS, Outcome.UNPROVED, Outcome.MALFORMED)
    assert not (outcome is Outcome.HOLDS and satisfiable(*formula))


steps = st.lists(st.tuples(st.booleans(), st.lists(st.integers(-6, 6).filter(bool), max_size=4)), max_size=12)


@many
@given(small_formulas(), steps)
def test_no_proof_refutes_a_satisfiable_formula(formula, steps):
    proof = "".join(f"{'d ' * deletion}{text([lemma])}" for deletion, lemma in steps)
    outcome = check(*formula, proof).outcome
    assert outcome in (Outcome.HOLDS, Outcome.UNPROVED)
    assert not (outcome is Outcome.HOLDS and satisfiable(*formula))


@pytest.mark.parametrize("count", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_no_random_proof_refutes_a_satisfiable_formula(count):
    rng = random.Random(count)
    for _ in range(count):
        variables = rng.randint(1, 5)
        clauses = random_clauses(rng, variables, rng.randint(1, 5 * variables))
        lemmas = random_clauses(rng, variables + 2, rng.randint(1, 12))
        proof = "".join("d " * (rng.random() < 0.3) + text([lemma]) for lemma in lemmas)
        if check(variables, clauses, proof).outcome is Outcome.HOLDS:
            assert not satisfiable(variables, clauses), (clauses, proof)


def test_another_checker_agrees():
    """Where no deletion is involved: dratify differs in which of them it ignores."""
    dratify = pytest.importorskip("dratify")
    rng, seen = random.Random(6), set()
    for _ in range(600):
        variables, clauses = unsatisfiable(rng, 4)
        proof = tree_proof(variables, clauses, range(1, variables + 1))
        for place in range(len(proof)):
            if rng.random() < 0.1:
                proof[place] = random_clauses(rng, variables + 1, 1)[0]
            elif rng.random() < 0.1:
                proof[place] = tuple(rng.sample(proof[place], len(proof[place])))
        proof[-1] = ()
        weaker = clauses if rng.random() < 0.5 else clauses[:-1]
        theirs = dratify.check_proof(dratify.parse_dimacs(dimacs(variables, weaker)), text(proof), engine="python").ok
        ours = check(variables, weaker, text(proof)).outcome
        assert ours is (Outcome.HOLDS if theirs else Outcome.UNPROVED), (weaker, proof)
        seen.add(theirs)
    assert seen == {True, False}


@pytest.mark.parametrize("name", ["cadical153", "cadical195", "glucose4"])
def test_solvers_proofs_of_hard_formulas(name):
    solvers = pytest.importorskip("pysat.solvers")
    for variables, clauses in (pigeons(4), pigeons(5)):
        with solvers.Solver(name, bootstrap_with=clauses, with_proof=True) as solver:
            assert solver.solve() is False
            proof = "\n".join(solver.get_proof())
        assert check(variables, clauses, proof).outcome is Outcome.HOLDS
        for place in range(0, len(clauses), 9):
            weaker = clauses[:place] + clauses[place + 1 :]
            assert check(variables, weaker, proof).outcome is Outcome.UNPROVED


def test_what_is_deleted_is_gone_unless_something_rests_on_it():
    clauses = unit_propagation.Clauses(Meter(10**6, 60))
    for clause in ([1, 2], [1, 2], [1, 2, 3], [4, 5]):
        assert not clauses.add(clause)
    clauses.delete([2, 1])
    assert len(clauses.active[frozenset((1, 2))]) == 1
    clauses.delete([1, 2])
    clauses.delete([3, 2, 1])
    assert set(clauses.active) == {frozenset((4, 5))}
    assert not clauses.add([-4])  # 5 rests on the clause now
    clauses.delete([4, 5])
    assert frozenset((4, 5)) in clauses.active
    clauses.delete([6, 7])
    assert clauses.refutes([5])[0]
