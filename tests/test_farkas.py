"""Farkas certificates: what each step may do, the kernels against plain evaluation, and what must not pass."""

import itertools
import random
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._farkas_search import certificate_of
from neurosym_oracles._integer_equations import no_integer_solution
from neurosym_oracles._kernels.cnf import Meter, Outcome
from neurosym_oracles._kernels.farkas import check_farkas
from neurosym_oracles._kernels.linear_branch import Branch
from neurosym_oracles._kernels.linear_constraints import FALSE, ONE, TRUE, Constraint, Gap, combined, constraint, split
from neurosym_oracles._kernels.linear_terms import LinearTerms
from neurosym_oracles._kernels.smtlib_evaluate import evaluate
from neurosym_oracles._kernels.smtlib_script import read_script
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported

from neurosym.core import Budget, Problem

some = settings(max_examples=150, deadline=None, derandomize=True)
INTS = "(declare-const x Int)(declare-const y Int)(declare-const z Int)"
REALS = INTS.replace("Int", "Real")
BOOLS = "(declare-const p Bool)(declare-const q Bool)(declare-const r Bool)"
POSITIVE = "(assert (< x 0))(assert (> x 0))"


def check(script, certificate, steps=10**7):
    return check_farkas(read_script(script), certificate, Meter(steps, 60))


def outcome(script, certificate):
    return check(script, certificate).outcome


def holds(script, certificate):
    found = outcome(script, certificate)
    assert found in (Outcome.HOLDS, Outcome.UNPROVED)
    return found is Outcome.HOLDS


def items(script):
    read = read_script(script)
    return Branch(read, lambda steps: None).items


# ---- steps


def test_a_sum_ends_a_branch():
    assert holds(INTS + POSITIVE, [["sum", 0, 1, 1, 1]])
    assert holds(INTS + "(assert (<= (+ x y) 1))(assert (>= x 1))(assert (>= y 1))", [["sum", 0, 1, 1, 1, 2, 1]])
    assert holds(REALS + "(assert (< (* 2 x) y))(assert (= y (* 2.0 x)))", [["sum", 0, 1, 1, 1]])
    assert not holds(REALS + "(assert (<= (* 2 x) y))(assert (= y (* 2.0 x)))", [["sum", 0, 1, 1, 1]])


def test_a_finding_says_how_many_steps_it_took():
    steps = [["sum", 0, 1], ["sum", 0, 1, 1, 1]]
    assert check(INTS + POSITIVE, steps).detail == "2 steps refute the assertions"
    assert check(INTS + POSITIVE, steps[:1]).detail == "after 1 steps of the certificate: a branch is still open"
    assert check(INTS + POSITIVE, [*steps, steps[0]]).detail.startswith("after 2 steps of the certificate: no branch")


def test_a_sum_is_rounded_over_integers_alone():
    between = "(assert (< 0 (+ (* 3 x) (* 3 y)) 3))"
    assert holds(INTS + between, [["sum", 0, 1, 1, 1]])
    assert not holds(REALS + between, [["sum", 0, 1, 1, 1]])
    mixed = "(declare-const x Int)(declare-const y Real)(assert (< 0.0 (+ (* 3.0 (to_real x)) (* 3.0 y)) 3.0))"
    assert not holds(mixed, [["sum", 0, 1, 1, 1]])


def test_a_sum_can_be_a_cut_that_goes_on():
    script = INTS + "(assert (<= (+ x (* 2 y)) 4))(assert (<= (- x z) 1))(assert (<= (- x) 0))(assert (>= (+ y z) 3))"
    assert not holds(script, [["sum", 0, 1, 1, 1], ["sum", 4, 1, 2, 1]])
    triangle = (
        INTS + "(assert (<= (+ x y) 1))(assert (<= (+ y z) 1))(assert (<= (+ x z) 1))(assert (>= (* 2 (+ x y z)) 3))"
    )
    cut = ["sum", 0, 1, 1, 1, 2, 1]
    assert holds(triangle, [cut, ["sum", 3, 1, 4, 1]])
    assert not holds(triangle.replace("Int", "Real"), [cut, ["sum", 3, 1, 4, 1]])
    parity = INTS + "(assert (= (+ x y) 3))(assert (= (- x y) (* 2 z)))"
    assert holds(parity, [["sum", 0, 1, 1, 1]])
    assert holds(parity, [["sum", 0, -1, 1, 1]])
    assert not holds(parity, [["sum", 0, 3]])


def test_a_split_leaves_no_integer_out():
    between = "(declare-const x Int)(assert (< 2 (* 4 x) 4))"
    assert holds(between, [["sum", 0, 1, 1, 1]])
    boxed = "(declare-const x Int)(assert (or (= (* 2 x) 1) (= (* 2 x) 3)))"
    assert holds(boxed, [["cases", 0]]) and holds(boxed.replace("or", "xor"), [["cases", 0]])


def test_a_split_is_about_integers():
    script = "(declare-const x Real)(declare-const k Int)(declare-const p Bool)(assert (< 0.0 x 1.0))"
    certificate = [["split", 0, "x", 1], ["sum", 0, 1, 2, 1], ["sum", 1, 1, 2, 1]]
    assert not holds(script, certificate)
    assert holds(script.replace("Real", "Int").replace(".0", ""), [["sum", 0, 1, 1, 1]])
    for name in ("p", "none", "|x|", "", 0, -1, 10**9):
        assert not holds(script, [["split", 0, name, 1], *certificate[1:]]), name


def test_both_sides_of_a_split_and_all_cases_are_needed():
    script = INTS + "(assert (or (< x 0) (> x 9) (= x y)))(assert (<= 3 x 5))(assert (<= 7 y))"
    full = [["cases", 0], ["sum", 1, 1, 4, 1], ["sum", 2, 1, 5, 1], ["sum", 2, 1, 3, 1, 6, -1]]
    assert [len(items(script))] == [4]
    assert holds(script, full)
    for step in range(len(full)):
        assert not holds(script, full[:step] + full[step + 1 :]), step
        assert not holds(script, full[:step])
    assert not holds(script, [*full, full[-1]])
    assert not holds(script, [*full, ["cases", 0]])


def test_a_split_of_a_sum_of_integers():
    script = INTS + "(assert (= (+ (* 2 x) (* 2 y) z) 3))(assert (or (= z 0) (= z 2)))"
    assert holds(script, [["cases", 1], ["sum", 0, 1, 2, -1], ["sum", 0, 1, 3, -1]])
    gap = INTS + "(assert (< 0 (+ (* 4 x) (* 4 y) z) 4))(assert (= z 0))"
    assert holds(gap, [["split", 0, "x", 1, "y", 1], ["sum", 0, 1, 2, 1, 3, 4], ["sum", 1, 1, 2, -1, 3, 4]])
    assert not holds(gap, [["split", 1, "x", 1, "y", 1], ["sum", 0, 1, 2, 1, 3, 4], ["sum", 1, 1, 2, -1, 3, 4]])
    assert not holds(gap, [["split", 0, "x", 1, "y", 2], ["sum", 0, 1, 2, 1, 3, 4], ["sum", 1, 1, 2, -1, 3, 4]])
    assert holds(gap, [["split", 0, "x", 1, "y", 2, "y", -1], ["sum", 0, 1, 2, 1, 3, 4], ["sum", 1, 1, 2, -1, 3, 4]])


def test_no_inequality_is_turned_around():
    script = INTS + "(assert (<= x 0))(assert (<= x 5))"
    assert not holds(script, [["sum", 0, 1, 1, -1]])
    assert not holds(script, [["sum", 0, -1, 1, 1]])
    assert holds(INTS + "(assert (= x 0))(assert (<= (- x) (- 5)))", [["sum", 0, 1, 1, 1]])
    assert not holds(REALS + "(assert (< x 1))", [["sum", 0, 0]]), "0 < 0 of x < 1 times 0"


def test_what_was_assumed_is_forgotten_with_its_branch():
    script = BOOLS + INTS + "(assert (or p q))(assert (or (not p) (< x 0)))(assert (>= x 3))(assert (or (not q) p))"
    assert not holds(script, [["cases", 0], ["cases", 1], ["sum", 2, 1, 4, 1]])
    assert holds(script, [["cases", 0], ["cases", 1], ["sum", 2, 1, 4, 1], ["cases", 3]])
    assert not holds(script, [["cases", 0], ["cases", 1], ["sum", 2, 1, 4, 1], ["sum", 2, 1, 4, 1]])


def test_assertions_may_contradict_each_other_by_themselves():
    for asserted in (
        "false",
        "(not true)",
        "(< 1 0)",
        "(= 2 (* 2 x) 1)",
        "(and p (not p))",
        "(distinct 1 1)",
        "(xor p p)",
    ):
        script = f"{BOOLS}{INTS}(assert {asserted})"
        steps = [["cases", 0]] if asserted in ("(xor p p)", "(distinct 1 1)") else []
        assert holds(script, steps), asserted
        assert not holds(script, [*steps, ["cases", 0]])
    assert not holds(INTS + "(assert true)", [])
    assert not holds("(check-sat)", [])


@pytest.mark.parametrize(
    "certificate",
    [
        None, {}, "", 3, True, "sum", [None], [[]], [["sum"]], ["sum"], [["sum", 0]], [["sum", 0, 1, 1]],
        [["sum", -1, 1]],
        [["sum", 0, "1"]], [["sum", 0, True]], [["sum", False, 1]], [["sum", 0, 1.0]], [["sum", 0, "1/2"]],
        [["sum", 0, None]], [["sum", 0, 1 << 5000]], [["sum", "x", 1]], [["cases"]], [["cases", "p"]], [["cases", -1]],
        [["cases", 0, 1]], [["split", 0]], [["split", 0, "x"]], [["split", "0", "x", 1]], [["split", 0, "x", 1.5]],
        [["split", 0, True, 1]], [["split", 0, ["x"], 1]], [["split", 0, "x", 1, "y"]], [["split"]],
        [["split", 1.0, "x", 1]],
        [["branch", 0, "x", 1]], [["sum", 0, 1], "cases"], [{"sum": [0, 1]}], [["SUM", 0, 1]], [[0, 1]],
        [("sum", 0, 1)],
        [[["sum"], 0, 1]], [["sum", 0, float("nan")]], [["assume", "p"]],
    ],
)  # fmt: skip
def test_what_is_no_certificate_by_its_form_is_malformed(certificate):
    assert outcome(INTS + POSITIVE, certificate) is Outcome.MALFORMED
    if isinstance(certificate, list):
        assert outcome(INTS + POSITIVE, [["sum", 0, 1, 1, 1], *certificate]) is Outcome.MALFORMED


@pytest.mark.parametrize("number", [2, 3, 10**9, 1 << 4000])
def test_what_is_not_known_cannot_be_used(number):
    assert not holds(INTS + POSITIVE, [["sum", 0, 1, number, 1]])
    assert not holds(INTS + POSITIVE, [["cases", number]])
    assert not holds(INTS + POSITIVE, [["cases", 0]])
    assert not holds(INTS + "(assert (or (< x 0) (< x 1)))", [["sum", 0, 1]])


@pytest.mark.parametrize(
    "asserted",
    [
        "(< (* x y) 0)", "(= (* x x) 2)", "(= (div x y) 1)", "(= (div 1 0) x)", "(= (mod x 0) 1)", "(= (mod 5 y) 1)",
        "(= (div x 2 2) 1)", "((_ divisible 3) x)", "(= v #b01)", "(bvult v v)", "(= u (/ 1.0 0.0))", "(= u (/ 1.0 u))",
        "(= (to_int u) 1)", "(is_int u)", "(xor p q p)", "(= (* x y) (* y x))", "(= (ite p v v) v)",
        f"(distinct {' '.join(map(str, range(600)))})", f"(= x {'9' * 630} (* {'9' * 630} {'9' * 630} x))",
    ],
)  # fmt: skip
def test_what_is_not_linear_is_left_undecided(asserted):
    script = f"{BOOLS}{INTS}(declare-const u Real)(declare-const v (_ BitVec 2))(assert {asserted})"
    assert outcome(script + "(assert false)", []) in (Outcome.TOO_LARGE, Outcome.HOLDS)
    assert outcome(script, []) is Outcome.TOO_LARGE
    assert outcome(script, [["cases", 0]]) is Outcome.TOO_LARGE


def test_numbers_stay_small():
    script = REALS + "(assert (< x 1))(assert (< (- x) 1))"
    certificate = [["sum", 0, 1, 1, 2], *[["sum", number, 1 << 4000, number, 3] for number in range(2, 60)]]
    assert outcome(script, certificate) in (Outcome.UNPROVED, Outcome.TOO_LARGE)
    primes = " ".join(f"(* (/ 1 {10**300 + n}) x)" for n in range(0, 200, 7))
    assert outcome(f"{REALS}(assert (< (+ {primes}) 1))", []) is Outcome.TOO_LARGE


# ---- constraints, against the values of points

small = st.integers(-6, 6)
fractions = st.builds(Fraction, small, st.integers(1, 4))
relations = st.sampled_from(["<=", "<", "="])


def true_at(form, relation, point):
    value = form.get(ONE, 0) + sum(factor * point[variable] for variable, factor in form.items() if variable != ONE)
    return value == 0 if relation == "=" else value < 0 if relation == "<" else value <= 0


def satisfied(found, point):
    total = sum(factor * point[variable] for variable, factor in found.coefficients)
    return {"=": total == found.bound, "<": total < found.bound, "<=": total <= found.bound}[found.relation]


forms = st.fixed_dictionaries({}, optional={0: fractions, 1: fractions, 2: fractions, ONE: fractions}).map(
    lambda form: {variable: value for variable, value in form.items() if value}
)


@some
@given(forms, relations, st.booleans())
def test_a_normal_form_says_the_same(form, relation, whole):
    found = constraint(form, relation, lambda variable: whole)
    values_of_one = (-2, -1, 0, 1, 3) if whole else (-1, 0, Fraction(1, 2), Fraction(2, 3), 2)
    for values in itertools.product(values_of_one, repeat=3):
        point = dict(enumerate(values))
        assert satisfied(found, point) == true_at(form, relation, point), found
    if found.coefficients and whole and relation != "=":
        assert found.relation == "<=" and type(found.bound) is int
    assert all(type(factor) is int for _, factor in found.coefficients)


def test_normal_forms():
    def normal(form, relation, integer=True):
        return constraint(form, relation, lambda variable: integer)

    assert normal({0: 3, 1: 6, ONE: -5}, "<") == ((((0, 1), (1, 2))), "<=", 1)
    assert normal({0: 3, 1: 6, ONE: -6}, "<") == ((((0, 1), (1, 2))), "<=", 1)
    assert normal({0: 3, 1: 6, ONE: -6}, "<=") == ((((0, 1), (1, 2))), "<=", 2)
    assert normal({0: 3, 1: 6, ONE: -5}, "=") == FALSE
    assert normal({0: 3, ONE: -5}, "<", False) == (((0, 1),), "<", Fraction(5, 3))
    assert normal({0: 3, ONE: -5}, "=", False) == (((0, 1),), "=", Fraction(5, 3))
    assert normal({0: Fraction(2, 3), 1: Fraction(1, 2), ONE: -1}, "=") == (((0, 4), (1, 3)), "=", 6)
    for bound, relation, truth in [(0, "<=", True), (0, "<", False), (0, "=", True), (1, "=", False), (-1, "<", True)]:
        assert normal({ONE: bound} if bound else {}, relation) == (TRUE if truth else FALSE)


@some
@given(st.lists(st.tuples(forms, relations, st.integers(-4, 4)), min_size=1, max_size=4), st.booleans())
def test_a_sum_follows_from_its_parts(parts, whole):
    made = [(constraint(form, relation, lambda variable: whole), factor) for form, relation, factor in parts]
    turned = any(found.relation != "=" and factor <= 0 for found, factor in made)
    if turned:
        with pytest.raises(Gap):
            combined(made, lambda variable: whole)
        return
    found = combined(made, lambda variable: whole)
    for values in itertools.product(
        [Fraction(n, d) for d in ((1,) if whole else (1, 2)) for n in range(-2, 3)], repeat=3
    ):
        point = dict(enumerate(values))
        if all(satisfied(each, point) for each, _ in made):
            assert satisfied(found, point)


@some
@given(st.dictionaries(st.integers(0, 2), small.filter(bool), min_size=1), small)
def test_a_split_has_every_integer_on_one_side(form, bound):
    below, above = split(form, bound, lambda variable: True)
    for values in itertools.product(range(-3, 4), repeat=3):
        point = dict(enumerate(values))
        total = sum(factor * point[variable] for variable, factor in form.items())
        assert satisfied(below, point) == (total <= bound) and satisfied(above, point) == (total >= bound + 1)


# ---- terms and truths, against the evaluation of models

NUMBERS = (
    "x", "7", "(- y)", "(+ x y 3)", "(- x y 2)", "(* 3 x)", "(* x (- 2) 2)", "(* 2 (+ x (- 1)))", "(* (- x x) y)",
    "(+ x (ite p 1 (- 4)))", "(ite (< x y) (+ x 1) (* 2 y))", "(abs (- x y))", "(div (+ x y) 3)", "(div x (- 2))",
    "(mod (- x y) 3)", "(mod x (- 3))", "(let ((s (+ x y))) (- (* 3 s) (div s 2)))", "(ite p (ite q x y) (abs x))",
)  # fmt: skip
TRUTHS = (
    "p", "true", "false", "(not p)", "(and p q r)", "(or p (not q) r)", "(=> p q)", "(=> p q r)", "(xor p q)",
    "(= p q)",
    "(= p q r)", "(distinct p q)", "(ite p q r)", "(ite p (< x y) (= x y))", "(< x y)", "(<= x y 2)", "(> x y (- 1))",
    "(>= x 0 y)", "(= x y)", "(= x y 1)", "(distinct x y)", "(distinct x y 1)", "(not (< x y 2))",
    "(and p (or q (< x 1)))",
    "(= (< x 0) p)", "(xor (< x y) (not q))", "(=> (and p (<= x y)) (or (= x 1) q))", "(not (=> p (ite q (< x y) r)))",
    "(distinct p q r)", "(not (distinct p q r))", "(let ((t (< x y))) (and t (or p t)))",
)  # fmt: skip


def worlds():
    for x, y, (p, q, r) in itertools.product((-4, -1, 0, 2), (-2, 0, 1, 5), itertools.product((False, True), repeat=3)):
        yield {"x": x, "y": y, "z": 0, "p": p, "q": q, "r": r}


def values_of(script, world):
    """The value of every variable of the constraints, quotients among them, in a world."""
    point = {}
    for number, node in enumerate(script.nodes):
        if node.sort in ("Int", "Real") and node.operator != "parameter":
            point[number] = evaluate(script.nodes, [number], world)[0]
        if node.operator == "mod":
            x, d = evaluate(script.nodes, list(node.arguments), world)
            point[ONE - 1 - number] = (x - x % abs(d)) // d
    return point


@pytest.mark.parametrize("term", NUMBERS)
def test_a_term_has_the_value_of_its_sum_and_its_definitions_hold(term):
    script = read_script(f"{BOOLS}{INTS}(assert (= {term} z))")
    terms = LinearTerms(script.nodes, lambda steps: None)
    left, right = script.nodes[script.assertions[0]].arguments
    for world in worlds():
        point = values_of(script, world)
        for relation in ("<=", "<", "="):
            found = terms.compared(left, relation, right)
            assert satisfied(found, point) == satisfied(Constraint(((0, 1),), relation, 0), {0: point[left]}), found
        for number in range(len(script.nodes)):
            for alternatives in terms.definition(number):
                holding = [all(fact_holds(script, fact, world, point) for fact in facts) for facts in alternatives]
                assert holding.count(True) == 1


def fact_holds(script, fact, world, point):
    if isinstance(fact, Constraint):
        return satisfied(fact, point)
    return evaluate(script.nodes, [fact[0]], world)[0] is fact[1]


@pytest.mark.parametrize("term", TRUTHS)
def test_a_truth_says_neither_more_nor_less_than_it_means(term):
    script = read_script(f"{BOOLS}{INTS}(assert {term})")
    branch = Branch(script, lambda steps: None)
    for number, node in enumerate(script.nodes):
        if node.sort != "Bool" or node.operator in ("constant", "literal"):
            continue
        for truth, world in itertools.product((False, True), worlds()):
            point = values_of(script, world)
            meant = all(
                any(all(fact_holds(script, fact, world, point) for fact in facts) for facts in alternatives)
                for alternatives in branch.said(number, truth)
            )
            assert meant == (evaluate(script.nodes, [number], world)[0] is truth)


@pytest.mark.parametrize("term", TRUTHS)
def test_what_a_branch_knows_holds_in_every_model(term):
    for asserted in (term, f"(not {term})"):
        script = read_script(f"{BOOLS}{INTS}(assert {asserted})")
        branch = Branch(script, lambda steps: None)
        for world in worlds():
            if evaluate(script.nodes, script.assertions, world) == [True]:
                point = values_of(script, world)
                assert branch.contradiction is None
                for item in branch.items:
                    alternatives = [[item]] if isinstance(item, Constraint) else item
                    assert any(all(fact_holds(script, fact, world, point) for fact in facts) for facts in alternatives)


def test_undoing_leaves_no_trace():
    script = read_script(f"{BOOLS}{INTS}(assert (or p (< x 1)))(assert (=> p (and q (< x 3))))")
    branch = Branch(script, lambda steps: None)
    before = list(branch.items), dict(branch.truths)
    mark = branch.mark()
    names = {node.indices[0]: number for number, node in enumerate(script.nodes) if node.operator == "constant"}
    for facts in (
        [(names["p"], True)],
        [(names["p"], True), (names["p"], False)],
        [FALSE],
        [(names["q"], False), FALSE],
    ):
        branch.assume(facts)
        assert (branch.contradiction is None) == (len(facts) == 1 and facts != [FALSE])
        branch.undo(mark)
        assert (branch.items, branch.truths, branch.contradiction) == (*before, None)


# ---- certificates that are found, and what is made of them


def lit(value):
    return str(value) if value >= 0 else f"(- {-value})"


def random_term(rng):
    names = rng.sample("xyz", rng.randint(1, 3))
    total = f"(+ 0 {' '.join(f'(* {lit(rng.choice((-1, 1)) * rng.randint(1, 4))} {name})' for name in names)})"
    wrapped = ("{}", "{}", "{}", "(abs {})", "(mod {} 3)", "(div {} 2)", "(ite p {} 1)", "(ite (< x y) {} z)")
    return rng.choice(wrapped).format(total)


def random_formula(rng, depth):
    if depth == 0 or rng.random() < 0.3:
        if rng.random() < 0.25:
            return rng.choice("pqr")
        relation = rng.choice(("<", "<=", ">", ">=", "=", "=", "distinct"))
        return f"({relation} {random_term(rng)} {lit(rng.randint(-5, 5))})"
    operator = rng.choice(("and", "or", "or", "not", "=>", "ite", "xor", "=", "distinct"))
    count = {"not": 1, "ite": 3, "xor": 2, "distinct": 2}.get(operator, rng.randint(2, 3))
    return f"({operator} {' '.join(random_formula(rng, depth - 1) for _ in range(count))})"


def random_script(rng):
    box = "".join(f"(assert (<= (- 1) {name} 1))" for name in "xyz")
    asserted = "".join(f"(assert {random_formula(rng, 2)})" for _ in range(rng.randint(2, 7)))
    return f"{BOOLS}{INTS}{box}{asserted}"


def satisfiable(text):
    """Whether one of the points of the box is a model: plain evaluation."""
    script = read_script(text)
    for values in itertools.product(range(-1, 2), repeat=3):
        for truths in itertools.product((False, True), repeat=3):
            world = dict(zip("xyzpqr", values + truths, strict=True))
            if all(evaluate(script.nodes, script.assertions, world)):
                return True
    return False


def mutated(certificate, rng):
    """A copy with a few changes anywhere."""
    steps = [list(step) for step in certificate]
    for _ in range(rng.randint(1, 3)):
        if not steps:
            steps.append(["cases", rng.randrange(10)])
        place = rng.randrange(len(steps))
        step, kind = steps[place], rng.randrange(6)
        if kind == 0:
            del steps[place]
        elif kind == 1:
            steps.insert(place, list(rng.choice(steps)))
        elif kind == 2:
            at = rng.randrange(1, len(step))
            step[at] = rng.choice("xyz") if isinstance(step[at], str) else step[at] + rng.choice((-2, -1, 1, 2))
        elif kind == 3:
            step[:] = ["sum", *[rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8)) or 1 for _ in range(4)]]
        elif kind == 4:
            step[:] = ["split", rng.randint(-2, 2), rng.choice("xyz"), 1]
        else:
            step[:] = ["cases", rng.randrange(12)]
    return steps


def judged_scripts(count, seed):
    rng = random.Random(seed)
    while count:
        text = random_script(rng)
        yield text, satisfiable(text), rng
        count -= 1


def test_unsatisfiable_scripts_get_certificates_and_satisfiable_ones_none():
    found = {True: 0, False: 0}
    for text, truth, _ in judged_scripts(40, 1):
        certificate = certificate_of(Problem("", "smtlib2", {"script": text}), Budget(steps=500))
        assert (certificate is None) == truth, text
        if certificate is not None:
            assert holds(text, certificate)
            assert certificate == certificate_of(Problem("", "smtlib2", {"script": text}), Budget(steps=500))
        found[truth] += 1
    assert min(found.values()) > 10


CHANGES = (
    ("(< ", "(<= "), ("(<= ", "(>= "), ("(= ", "(<= "), ("(or ", "(=> "), ("(and ", "(or "), ("(=> ", "(or "),
    ("(distinct ", "(= "), ("2)", "3)"), ("p", "(not p)"), ("(* 2 ", "(* 3 "), ("(not ", "(and true "), ("0)", "1)"),
)  # fmt: skip


def changed(text, rng):
    """The script with something else in one place of its assertions, the box left as it is."""
    start = text.index("(assert", text.index("z 1)"))
    old, new = rng.choice(CHANGES)
    places = [at for at in range(start, len(text)) if text.startswith(old, at)]
    if not places:
        return text
    place = rng.choice(places)
    other = text[:place] + new + text[place + len(old) :]
    try:
        read_script(other)
    except Malformed:  # a truth where a number is due
        return text
    return other


def test_no_certificate_refutes_a_script_that_has_a_model():
    """Certificates of scripts that have none, and mutants of them, held against the same scripts a little changed."""
    found = {True: 0, False: 0}
    for text, truth, rng in judged_scripts(40, 2):
        if truth:
            continue
        certificate = certificate_of(Problem("", "smtlib2", {"script": text}), Budget(steps=500))
        assert certificate is not None
        for _ in range(6):
            other = changed(changed(changed(text, rng), rng), rng)
            accepted = [outcome(other, each) for each in (certificate, *[mutated(certificate, rng) for _ in range(9)])]
            model = satisfiable(other)
            assert not model or Outcome.HOLDS not in accepted, (other, certificate)
            found[model] += 1
    assert min(found.values()) > 10


@pytest.mark.parametrize("sort", ["Int", "Real"])
def test_random_systems_without_solutions_get_certificates(sort):
    z3 = pytest.importorskip("z3")
    rng = random.Random(5)
    found = 0
    for _ in range(60):
        lines = [f"(declare-const {name} {sort})" for name in "xyz"]
        for _ in range(rng.randint(3, 6)):
            total = " ".join(f"(* {lit(rng.choice((-1, 1)) * rng.randint(1, 9))} {n})" for n in rng.sample("xyz", 2))
            lines.append(f"(assert ({rng.choice(['<', '<=', '>', '>=', '='])} (+ {total}) {lit(rng.randint(-9, 9))}))")
        text = f"(set-logic QF_L{sort[0]}A)" + "".join(lines)
        solver = z3.Solver()
        solver.from_string(text)
        certificate = certificate_of(Problem("", "smtlib2", {"script": text}), Budget())
        assert (solver.check() == z3.unsat) == (certificate is not None)
        found += certificate is not None
    assert found > 15


def test_equations_without_integer_solution():
    script = (
        INTS + "(assert (= (+ (* 6 x) (* 10 y) (* 15 z)) 1))(assert (= (+ x y) (* 3 z)))(assert (= (* 2 x) (+ y z)))"
    )
    equations = items(script)
    parts = no_integer_solution(equations)
    coefficients = {}
    for each, factor in parts:
        for variable, value in each.coefficients:
            coefficients[variable] = coefficients.get(variable, 0) + factor * value
    assert all(value.denominator == 1 for value in coefficients.values())
    assert sum(factor * each.bound for each, factor in parts).denominator != 1
    assert no_integer_solution(equations[:2]) is None


def test_cuts_refute_what_no_split_of_one_unknown_does():
    unbounded = INTS + "(assert (< 0 (- (* 2 x) (* 2 y) z) 2))(assert (= z 0))"
    certificate = certificate_of(Problem("", "smtlib2", {"script": unbounded}), Budget())
    assert certificate is not None and holds(unbounded, certificate)


# ---- size and time


def test_work_is_metered():
    text = BOOLS + INTS + "(assert (or p q))(assert (or (not p) q))(assert (or p (not q)))(assert (or (not p) (not q)))"
    certificate = certificate_of(Problem("", "smtlib2", {"script": text}), Budget())
    assert holds(text, certificate)
    assert check(text, certificate, steps=3).outcome is Outcome.EXHAUSTED
    assert check_farkas(read_script(text), certificate, Meter(10**6, -1)).outcome is Outcome.EXHAUSTED


def test_the_meter_counts_the_same_each_time():
    text = BOOLS + INTS + "(assert (or p (< x 0)))(assert (or (not p) (= (mod x 4) 5)))(assert (>= (+ x y) 1 (* 2 y)))"
    certificate = certificate_of(Problem("", "smtlib2", {"script": text + "(assert (> y x))"}), Budget())
    needed = next(n for n in range(2000) if check(text + "(assert (> y x))", certificate, n).outcome is Outcome.HOLDS)
    assert needed == 76


def test_no_more_terms_are_pairwise_distinct_than_the_limit():
    for count, expected in ((500, Outcome.UNPROVED), (501, Outcome.TOO_LARGE)):
        names = [f"b{n}" for n in range(count)]
        declared = "".join(f"(declare-const {name} Bool)" for name in names)
        assert outcome(f"{declared}(assert (distinct {' '.join(names)}))", []) is expected


def deep(depth, step, last):
    text = last.format(depth)
    for n in range(depth, 0, -1):
        text = f"(let ((t{n} {step.format(n - 1)})) {text})"
    return f"(declare-const t0 Int)(declare-const p Bool)(assert {text})"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (deep(3000, "(+ t{0} t{0})", "(< t{0} t{0})"), Outcome.HOLDS),
        (deep(9000, "(+ t{0} t{0})", "(< t{0} 0)"), Outcome.TOO_LARGE),
        (deep(3000, "(ite p t{0} (+ t{0} 1))", "(< t{0} t0)"), Outcome.UNPROVED),
        (INTS + "(assert (and" + " (< x y)" * 100_000 + "))", Outcome.UNPROVED),
        (BOOLS + "(assert " + "(not " * 9000 + "p" + ")" * 9000 + ")", Outcome.UNPROVED),
        (INTS + "(assert (= " + "x " * 50_000 + "))", Outcome.UNPROVED),
        (
            "".join(f"(declare-const a{n} Int)" for n in range(3000))
            + "(assert (< (+ " + " ".join(f"a{n}" for n in range(3000)) + ") 0))" , Outcome.UNPROVED,
        ),
        (
            "".join(f"(declare-const a{n} Int)" for n in range(2500))
            + "(assert (< " + "(+ " * 2400 + "a0 " + " ".join(f"a{n})" for n in range(1, 2401)) + " 0))",
            Outcome.TOO_LARGE,
        ),
    ],
    ids=range(8),
)  # fmt: skip
def test_large_scripts_take_little_time(script, expected):
    read = read_script(script)
    started = time.thread_time()
    assert check_farkas(read, [], Meter(10**8, 60)).outcome is expected
    assert time.thread_time() - started < 5


def test_large_certificates_take_little_time():
    script = read_script(INTS + "(assert (<= x 3))(assert (or (< x 1) (< y x)))")
    for certificate in (
        [["sum", 0, 1]] * 100_000,
        [["cases", 1]] * 100_000,
        [["split", n, "y", 1] for n in range(10_000)],
    ):
        started = time.thread_time()
        assert check_farkas(script, certificate, Meter(10**8, 60)).outcome is Outcome.UNPROVED
        assert time.thread_time() - started < 5


steps_of_any_kind = st.lists(
    st.one_of(
        st.tuples(st.just("sum"), st.integers(0, 9), small, st.integers(0, 9), small).map(list),
        st.tuples(st.just("cases"), st.integers(0, 9)).map(list),
        st.tuples(st.just("split"), small, st.sampled_from(["x", "y", "p", 0, 5, -1, -7]), small).map(list),
    ),
    max_size=8,
)


@some
@given(steps_of_any_kind)
def test_no_steps_refute_what_has_a_model(steps):
    asserted = "(assert (or (< x y) p))(assert (=> p (= (mod x 2) 1)))(assert (distinct x y z))(assert (ite q p r))"
    assert outcome(BOOLS + INTS + asserted, steps) is Outcome.UNPROVED


def test_the_maker_gives_up_quietly():
    for payload in ("(assert", "(declare-const x Int)(assert (= (* x x) 2))", "(declare-const x Int)(assert (< x 0))"):
        assert certificate_of(Problem("", "smtlib2", {"script": payload}), Budget()) is None
    assert certificate_of(Problem("", "smtlib2", {"script": INTS + POSITIVE}), Budget(steps=0)) is None
    with pytest.raises(Unsupported):
        items("(declare-const x Int)(assert (= (* x x) 2))")
