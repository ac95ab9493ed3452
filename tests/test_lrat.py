"""LRAT proofs: right ones are accepted, and no hints whatever refute a satisfiable formula."""

from __future__ import annotations

import random
import time

import pytest
from formulas import (
    Clauses,
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
from neurosym_oracles._kernels.cnf import Finding, Formula, Meter, Outcome
from neurosym_oracles._kernels.lrat import MAX_CHARACTERS, _Gap, _Replay, check_lrat

many = settings(max_examples=300, deadline=None, derandomize=True)

SQUARE = [(1, 2), (1, -2), (-1, 2), (-1, -2)]
SQUARED = "5 1 0 1 2 0\n6 0 5 3 4 0\n"

# The formula of test_drat, and the proof that begins with a RAT lemma, its three resolvents refuted one by one.
EXAMPLE = [(1, 2, -3), (-1, -2, 3), (2, 3, -4), (-2, -3, 4), (-1, -3, -4), (1, 3, 4), (-1, 2, 4), (1, -2, -4)]
EXAMPLED = "9 -1 0 -1 5 7 -6 2 7 -8 2 5 0\n9 d 2 5 7 0\n10 2 0 9 1 6 3 0\n11 0 9 10 8 6 4 0\n"


def check(variables: int, clauses: Clauses, proof: str, steps: int = 10**8, seconds: float = 60) -> Finding:
    return check_lrat(Formula(variables, clauses), proof, Meter(steps, seconds))


def with_hints(clauses: Clauses, lemmas: Clauses) -> list[list[str]]:
    """An LRAT proof as words, with hints for RUP and RAT found by naive propagation."""
    known = dict(enumerate(map(frozenset, clauses), 1))
    proof = []

    def refute(false: set[int]) -> list[int] | None:
        hints: list[int] = []
        while True:
            for number, clause in known.items():
                rest = clause - false
                if not rest:
                    return [*hints, number]
                if len(rest) == 1 and -min(rest) not in false:
                    false.add(-min(rest))
                    hints.append(number)
                    break
            else:
                return None

    for number, lemma in enumerate(lemmas, len(clauses) + 1):
        hints = refute(set(lemma))
        if hints is None:
            hints = []
            for other, clause in known.items():
                if -lemma[0] in clause and not any(-literal in lemma for literal in clause - {-lemma[0]}):
                    group = refute(set(lemma) | clause - {-lemma[0]})
                    assert group is not None
                    hints += [-other, *group]
        proof.append([str(number), *map(str, lemma), "0", *map(str, hints), "0"])
        known[number] = frozenset(lemma)
    return proof


def text(proof: list[list[str]]) -> str:
    return "".join(" ".join(step) + "\n" for step in proof)


def test_lemmas_with_hints():
    assert check(2, SQUARE, SQUARED).outcome is Outcome.HOLDS
    assert check(2, SQUARE, SQUARED.replace("\n", " \r\n")).outcome is Outcome.HOLDS
    assert check(2, SQUARE, SQUARED.rstrip("\n")).outcome is Outcome.HOLDS
    assert check(2, SQUARE, "50 1 0 1 2 0\n51 d 1 2 0\n0 d 0\n60 0 50 3 4 0\n").outcome is Outcome.HOLDS
    assert check(1, [(1,), (-1,)], "3 0 1 2 0\n").outcome is Outcome.HOLDS
    assert check(1, [(1, 1), (), (-1,)], "4 0 2 0\n").outcome is Outcome.HOLDS
    assert check(2, SQUARE, "5 1 0 1 2 3 4 0\n6 0 5 3 4 1 0\n").outcome is Outcome.HOLDS  # more hints than needed


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ("", "without the empty clause"),
        ("5 1 0 1 2 0\n", "without the empty clause"),
        ("5 1 0 1 2 0\n5 d 5 0\n6 0 5 3 4 0\n", "line 3 of the proof: there is no clause 5"),
        ("5 1 0 1 2 0\n6 0 5 3 0\n", "line 2 of the proof: the hints do not refute"),
        ("5 1 0 1 2 0\n6 0 5 3 4\n".replace("4\n", "6 0\n"), "there is no clause 6"),
        ("5 1 0 1 2 0\n6 0 5 3 9 0\n", "there is no clause 9"),
        ("5 1 0 1 2 0\n6 0 3 5 4 0\n", "clause 3 is not unit"),
        ("5 1 0 1 2 0\n5 0 5 3 4 0\n", "number 5 is not above 5"),
        ("4 1 0 1 2 0\n", "number 4 is not above 4"),
        ("0 1 0 1 2 0\n", "number 0 is not above 4"),
        ("5 1 0 1 2 0\n4 d 7 0\n6 0 5 3 4 0\n", "there is no clause 7 to delete"),
        ("4 d 1 1 0\n", "there is no clause 1 to delete"),
        ("4 d 1 0\n5 1 0 1 2 0\n", "there is no clause 1"),
        ("5 0 0\n", "the hints do not refute"),
        ("5 0 1 0\n", "clause 1 is not unit"),
        ("5 0 -1 2 0\n", "the hints do not refute"),  # the empty clause has no pivot
        ("5 1 0 0\n", "its resolvent with clause 3"),
        ("5 1 0 -3 4 0\n", "clause 4 is not unit"),
        ("5 1 0 -3 0\n", "its resolvent with clause 3"),
    ],
)
def test_gaps(proof, why):
    finding = check(2, SQUARE, proof)
    assert finding.outcome is Outcome.UNPROVED and why in finding.detail


def test_a_rat_lemma_needs_every_resolvent():
    assert check(4, EXAMPLE, EXAMPLED).outcome is Outcome.HOLDS
    assert check(4, EXAMPLE, EXAMPLED.replace(" -6 2 7", "")).detail.endswith("its resolvent with clause 6")
    assert check(4, EXAMPLE, EXAMPLED.replace(" -6 2 7", " -6")).outcome is Outcome.UNPROVED
    assert check(4, EXAMPLE, EXAMPLED.replace(" -6 2 7", " -6 2 7 -6")).outcome is Outcome.UNPROVED  # the last counts
    assert check(4, EXAMPLE, EXAMPLED.replace(" -6 2 7", " -6 2 7 -4 1 2 3")).outcome is Outcome.HOLDS  # not needed
    assert check(4, EXAMPLE, EXAMPLED.replace(" -6 2 7", " -6 3 7")).outcome is Outcome.UNPROVED
    assert check(4, EXAMPLE, EXAMPLED.replace("9 -1 0 -1", "9 -1 0 8 -1")).outcome is Outcome.UNPROVED
    for missing in range(8):
        weaker = [*EXAMPLE[:missing], (1, -1), *EXAMPLE[missing + 1 :]]
        assert check(4, weaker, EXAMPLED).outcome is Outcome.UNPROVED
    for extra in ((1,), (1, 2), (1, -3, -4)):  # a clause with the opposite literal that the proof forgets
        later = "10 -1 0 -1 5 7 -6 2 7 -8 2 5 0\n"
        assert check(4, [*EXAMPLE, extra], later).detail.endswith("its resolvent with clause 9")


def test_new_variables():
    variables, clauses, lemmas = extended_pigeons(4)
    proof = with_hints(clauses, lemmas)
    assert check(variables, clauses, text(proof)).outcome is Outcome.HOLDS
    assert check(variables, [*clauses[:-1], (1, -1)], text(proof)).outcome is Outcome.UNPROVED
    for place in range(len(proof) - 1):
        assert check(variables, clauses, text(proof[:place] + proof[place + 1 :])).outcome is not Outcome.MALFORMED
    assert check(2, [(-1, 2)], "2 3 1 0 0\n").detail == "the proof ends without the empty clause"
    assert check(2, [(-1, 2)], "2 1 3 0 0\n").detail.endswith("its resolvent with clause 1")  # 1 is the pivot
    assert check(2, [(-1, 2)], "2 3 1 0 0\n3 -3 0 0\n").detail.endswith("its resolvent with clause 2")


@pytest.mark.parametrize(
    ("variables", "clauses", "proof"),
    [
        (1, [(-1,)], "1 d 1 0\n2 1 0 0\n3 0 2 1 0\n"),  # specified deletion: 1 may follow, but the clause is gone
        (1, [(-1,)], "2 1 0 0\n"),
        (1, [(-1,)], "2 1 0 -1 0\n"),
        (2, [(1, 2)], "2 1 -1 0 1 0\n3 0 2 1 0\n"),
        (2, [(1, -1)], "2 1 0 1 0\n3 -1 0 1 0\n4 0 2 3 0\n"),
        (2, [(1, -1)], "2 0 1 1 0\n"),
        (2, [(1, 2)], "2 -1 -2 0 -1 0\n3 1 -2 0 -1 0\n4 0 3 2 0\n"),
        (2, [(1, 2)], "2 3 0 0\n3 -3 0 0\n4 0 2 3 0\n"),
        (2, [(1, 2)], "2 3 0 0\n2 d 2 0\n3 -3 0 0\n4 0 2 3 0\n"),
        (2, [(1, 2)], "2 0 2 0\n"),  # itself
        (2, [(1, 2)], "2 1 0 2 0\n"),
        (0, [], "1 0 0\n"),
    ],
)
def test_attacks_on_satisfiable_formulas(variables, clauses, proof):
    assert satisfiable(variables, clauses)
    assert check(variables, clauses, proof).outcome is Outcome.UNPROVED


@pytest.mark.parametrize(
    ("proof", "line"),
    [
        ("3 0 1 2", 1), ("3 0 1 2 ", 1), ("3 1 0", 1), ("3 0\n", 1), ("3\n", 1), ("\n", 1), ("3 d 1\n", 1),
        ("d 1 0\n", 1), ("3 d -1 0\n", 1), ("-3 0 1 2 0\n", 1), ("03 0 1 2 0\n", 1), ("+3 0 1 2 0\n", 1),
        ("3 0 1 2 0 0\n", 1), ("3 0 1 02 0\n", 1), ("3 0 1 2.0 0\n", 1), ("3 0 1 1_0 0\n", 1), ("3 0 ١ 2 0\n", 1),
        ("3 -0 1 2 0\n", 1), ("3 0 1 2 0\n\n4 0 1 2 0", 2), ("3 0 1 2 0\nx", 2), ("c comment\n", 1),
        (" 3 0 1 2 0\n", 1), ("3 0 1 2 0\n\0", 2), ("3 0 1 2 0 4 0 1 2 0\n", 1), ("3 0\n1 2 0\n", 1),
        ("3 0 11111111111 0\n", 1), ("[" * 1_000_000, 1), ("3 1234567890 0 1 0\n", 1), ("12345678901 0 1 2 0\n", 1),
        ("1 " * 500_000, 1), ("a\x02\0", 1), ("3 e 1 0\n", 1),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_malformed_even_after_the_empty_clause(proof, line):
    finding = check(1, [(1,), (-1,)], proof)
    assert finding.outcome is Outcome.MALFORMED and f"line {line} " in finding.detail and len(finding.detail) < 150


def test_too_long_a_proof_is_not_read():
    assert check(1, [(1,)], " " * (MAX_CHARACTERS + 1)).outcome is Outcome.TOO_LARGE


def test_the_budget_stops_a_replay():
    variables, clauses, lemmas = extended_pigeons(3)
    proof = text(with_hints(clauses, lemmas))
    assert check(variables, clauses, proof, steps=500).outcome is Outcome.EXHAUSTED
    for limits in ({"seconds": 0}, {"steps": 0}, {"steps": -5}):
        assert check(variables, clauses, proof, **limits).outcome is Outcome.EXHAUSTED


LONG = 20_000
WIDE = tuple(range(3, LONG))


@pytest.mark.parametrize(
    ("clauses", "proof"),
    [
        # hints at one long clause, unit again and again
        ([(1, *WIDE)], f"2 {' '.join(map(str, WIDE))} 0 {'1 ' * 100_000}0\n"),
        # every lemma is RAT, and looks for resolvents among all clauses
        ([(-1, place) for place in WIDE], "".join(f"{LONG + n} {LONG + n} 1 0 0\n" for n in range(50_000))),
        # every lemma is RAT, and has a resolvent with one long clause
        ([(-1, -2, *WIDE)], "".join(f"{n + 2} 1 2 0 0\n0 d {n + 2} 0\n" for n in range(50_000))),
    ],
    ids=["wide hints", "rat", "wide rat"],
)
@pytest.mark.parametrize("limits", [{"steps": 10**12, "seconds": 0.5}, {"steps": 3 * 10**6}], ids=["clock", "steps"])
def test_expensive_proofs_are_stopped(clauses, proof, limits):
    """Each of these takes at least 5 seconds and 100 million steps."""
    start = time.thread_time()
    assert check(LONG, clauses, proof, **limits).outcome is Outcome.EXHAUSTED
    assert time.thread_time() - start < 5


def test_every_line_and_every_hint_counts():
    hints = "".join(f"{n + 2} 1 {n + 2} 0 {'1 ' * 9000}0\n" for n in range(50))
    assert check(2, [(1, 2)], hints, steps=100_000).outcome is Outcome.EXHAUSTED
    assert check(2, [(1, 2)], hints).outcome is Outcome.UNPROVED
    lines = "".join(f"{n + 2} 1 0 1 0\n" for n in range(1000))
    assert check(1, [()], lines, steps=500).outcome is Outcome.EXHAUSTED
    assert check(1, [()], lines).outcome is Outcome.UNPROVED


def test_every_step_keeps_a_satisfiable_formula_satisfiable():
    rng, accepted, removing = random.Random(1), 0, 0
    for _ in range(1000):
        variables = rng.randint(1, 4)
        formula = random_clauses(rng, variables, rng.randint(1, 3 * variables))
        if not satisfiable(variables, formula):
            continue
        replay = _Replay(Formula(variables, formula), Meter(10**9, 60))
        for number in range(100, 125):
            known = sorted(replay._active)
            if rng.random() < 0.3 and known:
                replay.step(["1", "d", str(rng.choice(known)), "0"])
                continue
            (lemma,) = random_clauses(rng, variables + 2, 1)
            hints = [rng.choice((1, 1, -1)) * rng.choice(known) for _ in range(rng.randint(0, 4)) if known]
            if rng.random() < 0.5:  # hints for every resolvent, right or wrong
                against = [at for at in known if -lemma[0] in replay._active[at]]
                hints = [hint for at in against for hint in (-at, *rng.choices(known, k=2))]
            before = list(map(tuple, replay._active.values()))
            try:
                replay.step([str(number), *map(str, lemma), "0", *map(str, hints), "0"])
            except _Gap:
                continue
            accepted += 1
            assert satisfiable(variables + 2, [*before, lemma]), (before, lemma, hints)
            removing += satisfiable(variables + 2, [*before, *[(-literal,) for literal in lemma]])
    assert accepted > 3000 and removing > 1000


def test_right_proofs_are_accepted_and_fit_no_satisfiable_formula():
    rng, lies = random.Random(3), 0
    for _ in range(200):
        variables, clauses = unsatisfiable(rng)
        for _ in range(3):
            lemmas = tree_proof(variables, clauses, rng.sample(range(1, variables + 1), variables))
            proof = text(with_hints(clauses, lemmas))
            assert check(variables, clauses, proof).outcome is Outcome.HOLDS
            for place, clause in enumerate(clauses):
                for other in ((), tuple(-literal for literal in clause), (*clause, 1), (1, -1)):
                    changed = [*clauses[:place], other, *clauses[place + 1 :]]
                    if satisfiable(variables, changed):
                        lies += 1
                        assert check(variables, changed, proof).outcome is Outcome.UNPROVED
    assert lies > 4000


def test_damaged_proofs_refute_no_satisfiable_formula():
    rng, accepted, lies = random.Random(4), 0, 0
    for _ in range(1500):
        variables, clauses = unsatisfiable(rng, 4)
        proof = with_hints(clauses, tree_proof(variables, clauses, range(1, variables + 1)))
        for _ in range(rng.randint(1, 3)):
            step = rng.choice(proof)
            place = rng.randrange(len(step) - 1)
            step[place] = rng.choice([step[place].lstrip("-"), str(rng.randint(1, len(clauses) + 4)), step[place - 1]])
            if rng.random() < 0.2:
                del proof[rng.randrange(len(proof)) :]
                break
        weaker = [*clauses[:-1], (1, -1)] if rng.random() < 0.8 else clauses
        lies += (truth := satisfiable(variables, weaker))
        outcome = check(variables, weaker, text(proof)).outcome
        accepted += outcome is Outcome.HOLDS
        assert not (truth and outcome is Outcome.HOLDS), (weaker, proof)
    assert accepted > 20 and lies > 800


def test_a_proof_cut_anywhere_is_malformed_or_ends_too_early():
    for end in range(len(EXAMPLED) - 2):
        assert check(4, EXAMPLE, EXAMPLED[:end]).outcome in (Outcome.MALFORMED, Outcome.UNPROVED)


numbers = st.integers(-9, 9).filter(bool)
step = st.tuples(st.integers(1, 12), st.lists(numbers, max_size=3), st.lists(numbers, max_size=5))


@settings(many, max_examples=500)
@given(small_formulas(6), st.lists(step, max_size=8), st.booleans())
def test_no_proof_refutes_a_satisfiable_formula(formula, steps, in_order):
    lines = [
        [str(place + len(formula[1]) if in_order else number), *map(str, lemma), "0", *map(str, hints), "0"]
        for place, (number, lemma, hints) in enumerate(steps, 1)
    ]
    outcome = check(*formula, text(lines)).outcome
    assert outcome in (Outcome.HOLDS, Outcome.UNPROVED)
    assert not (outcome is Outcome.HOLDS and satisfiable(*formula))


@many
@given(small_formulas(), st.text(alphabet="0123-d \n", max_size=60) | st.text(max_size=40))
def test_no_text_refutes_a_satisfiable_formula(formula, proof):
    outcome = check(*formula, proof).outcome
    assert outcome in (Outcome.HOLDS, Outcome.UNPROVED, Outcome.MALFORMED)
    assert not (outcome is Outcome.HOLDS and satisfiable(*formula))


def test_a_long_proof():
    variables, clauses = pigeons(3)
    proof = with_hints(clauses, tree_proof(variables, clauses, range(1, variables + 1)))
    assert len(proof) > 20 and check(variables, clauses, text(proof)).outcome is Outcome.HOLDS
