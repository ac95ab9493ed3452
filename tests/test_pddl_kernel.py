"""The validator of plans: what it reports, what formulas mean to it, and that no text crashes it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.pddl_domain import parse_domain
from neurosym_oracles._kernels.pddl_plan import Finding, check_plan
from neurosym_oracles._kernels.pddl_problem import Task, parse_problem
from neurosym_oracles._kernels.pddl_syntax import Malformed, PddlError, Unsupported
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget
from pddl_samples import BLOCKS, BLOCKS_PLAN, BLOCKS_PROBLEM, FAMILIES, ROADS, ROADS_PLAN, ROADS_PROBLEM


def read_task(domain: str, problem: str) -> Task:
    return parse_problem(parse_domain(domain), problem)


def judge(domain: str, problem: str, plan: str, steps: int = 10**7) -> Finding:
    return check_plan(read_task(domain, problem), plan, Meter(steps, 60))


def edit(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_valid_plan_is_correct(family: str) -> None:
    assert judge(*FAMILIES[family]).status == "correct"


def test_the_cost_is_exact() -> None:
    found = judge(*FAMILIES["roads"])
    assert (found.length, found.cost, found.detail) == (6, Fraction(16), "valid plan of 6 steps, cost 16")
    back = judge(
        ROADS, edit(ROADS_PROBLEM, "(at box city)", "(at lorry depot)"), ROADS_PLAN + "(drive lorry town depot)"
    )
    assert back.cost == Fraction("19.25")
    assert judge(*FAMILIES["blocks"]).cost is None


# --- reports on plans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "status", "detail"),
    [
        ("(fly jet", "(walk jet", "wrong", "step 5 (line 7): unknown action 'walk'"),
        ("jet town city", "jet town", "wrong", "step 5 (line 7): wrong arity: fly takes 3 objects, not 2"),
        ("jet town city", "jet town city city", "wrong", "step 5 (line 7): wrong arity: fly takes 3 objects, not 4"),
        ("jet town city", "jet town rome", "wrong", "step 5 (line 7): undeclared object 'rome'"),
        (
            "(fly jet",
            "(fly lorry",
            "wrong",
            "step 5 (line 7): ill-typed object lorry: ?v needs plane, and it is truck",
        ),
        (
            "(unload box jet",
            "(unload box city",
            "wrong",
            "step 6 (line 8): ill-typed object city: ?v needs plane or truck, and it is place",
        ),
        (
            "lorry depot town",
            "lorry town depot",
            "wrong",
            "step 2 (line 3): unsatisfied precondition (at lorry town) of drive",
        ),
        ("(unload box jet city)", "", "wrong", "goal not reached after 5 steps: (at box city) does not hold"),
        ("(fly jet town city)\n", "", "wrong", "step 5 (line 7): unsatisfied precondition (at jet city) of unload"),
        ("jet city)\n", "jet ci", "malformed", "line 8: cut off: the parenthesis is not closed on its line"),
        ("jet city)\n", "jet city) ok", "malformed", "line 8: trailing junk after the closing parenthesis: ' ok'"),
        ("jet city)\n", "jet city))", "malformed", "line 8: trailing junk after the closing parenthesis: ')'"),
        (") ; here", ") (fly jet town city)", "malformed", "line 5: trailing junk after the closing parenthesis"),
        ("jet city)\n", "jet city)\nDone.", "malformed", "line 9: trailing junk after the last step: 'Done.'"),
        ("; by road, then by air", "My plan:", "malformed", "line 1: not a step in parentheses: 'My plan:'"),
        ("; by road, then by air", "```pddl", "malformed", "line 1: a markdown fence is not part of a plan"),
        ("jet city)\n", "jet city)\n```", "malformed", "line 9: a markdown fence is not part of a plan"),
        ("(fly jet", "0.003: (fly jet", "malformed", "line 7: a timestamped step"),
        ("(fly jet town city)", "4: (fly jet town city) [1]", "malformed", "line 7: a timestamped step"),
        ("(fly jet", "(fly j\u0435t", "malformed", r"line 7: not a name in ASCII: 'j\u0435t'"),
        ("(fly jet", "(fly \u212aet", "malformed", r"line 7: not a name in ASCII: '\u212aet'"),
        ("(fly jet", "(fly ?v", "malformed", "line 7: not a name: '?v'"),
        ("(fly jet", "(fly (jet)", "malformed", "line 7: parentheses inside of a step"),
        ("(fly jet town city)", "()", "malformed", "line 7: a step without an action"),
        ("(fly jet town", "(fly jet\ntown", "malformed", "line 7: cut off"),
        ("(fly jet town city)", "fly jet town city", "malformed", "line 7: trailing junk after the last step"),
        ("\n(fly", "\r(fly", "malformed", "line 6: trailing junk after the closing parenthesis"),
        ("(fly jet", "(fly\0jet", "malformed", "line 7: not a name"),
    ],
)
def test_what_is_wrong_with_a_plan_is_reported_as_what_it_is(old: str, new: str, status: str, detail: str) -> None:
    found = judge(ROADS, ROADS_PROBLEM, edit(ROADS_PLAN, old, new))
    assert found.status == status
    assert found.detail.startswith(detail)


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("(not (on a b))", "(not (on a b))"),
        ("(or (holding a) (= a b))", "(or (holding a) (= a b))"),
        ("(and (clear a) (and (clear c) (clear b)))", "(clear b)"),
        ("(forall (?x) (exists (?y) (on ?x ?y)))", "(forall (?x) (exists (?y) (on ?x ?y)))"),
    ],
)
def test_the_failing_literal_is_named(condition: str, shown: str) -> None:
    found = judge(BLOCKS, edit(BLOCKS_PROBLEM, "(and (on c b) (not (on a b)))", condition), "")
    assert found == Finding("wrong", f"goal not reached after 0 steps: {shown} does not hold")


def test_variables_of_a_quantifier_are_not_replaced_in_a_report() -> None:
    domain = edit(BLOCKS, "(and (clear ?x) (ontable", "(and (exists (?x) (holding ?x)) (clear ?x) (ontable")
    assert "(exists (?x) (holding ?x)) of pick-up" in judge(domain, BLOCKS_PROBLEM, "(pick-up c)").detail


# --- reports on problems --------------------------------------------------------------------------------------------

D, P = "domain", "problem"


@pytest.mark.parametrize(
    ("where", "old", "new", "message"),
    [
        (P, "(:domain roads)", "(:domain rails)", "line 1: domain mismatch: the domain is called roads"),
        (D, "(total-cost) 0.5))))", "(total-cost) 0.5))", "line 16: this parenthesis is never closed"),
        (P, "(:metric minimize (total-cost)))", "", "line 1: this parenthesis is never closed: the text is cut off"),
        (P, "(total-cost)))", "(total-cost))))", "line 6: trailing junk after the last parenthesis: ')'"),
        (P, "(total-cost)))", "(total-cost)))\n\n(define)", "line 8: trailing junk after the last parenthesis"),
        (D, "0.5))))", "0.5)))) good luck", "line 18: trailing junk after the last parenthesis: 'good luck'"),
        (P, "(define", "Sure! (define", "line 1: not a character of PDDL: '!'"),
        (P, "(define", "here (define", "text before the first parenthesis: 'here'"),
        (P, "(define", "```\n(define", "line 1: a markdown fence"),
        (P, "box", "b\u043ex", r"line 2: not an ASCII character: '\u043e' (U+043E)"),
        (P, "town city", "town\u00a0city", r"line 2: not an ASCII character: '\xa0'"),
        (P, "box - package", "box - package box - place", "line 2: object box is declared with two types"),
        (P, "box - package", "box - package depot - truck", "line 2: object depot is declared with two types"),
        (P, "box - package", "box - parcel", "line 2: undeclared type parcel"),
        (D, "?x - package ?v", "?x - parcel ?v", "line 5: undeclared type parcel"),
        (D, "drive :parameters (?t - truck", "drive :parameters (?t - car", "line 7: undeclared type car"),
        (P, "(road depot town)", "(rail depot town)", "line 3: undeclared predicate rail"),
        (P, "(road depot town)", "(road depot)", "line 3: wrong arity: predicate road takes 2 arguments, not 1"),
        (P, "(road depot town)", "(road depot rome)", "line 3: undeclared object 'rome'"),
        (P, "(road depot town)", "(road depot ?x)", "line 3: unbound variable '?x'"),
        (P, "(road depot town)", "(road depot (town))", "line 3: a list where an object or a variable belongs"),
        (P, "(road depot town)", "(road depot box)", "line 3: ill-typed: road needs place, and box is package"),
        (P, "(road depot town)", "road", "line 3: 'road' where an atom belongs"),
        (P, "(road depot town)", "()", "line 3: undeclared predicate ()"),
        (P, "(road depot town)", "((road depot town))", "line 3: not a predicate"),
        (P, "(road depot town)", "(not (road depot town)) (road depot town)", "line 3: (road depot town) is both"),
        (P, "(at box city)", "(on box city)", "line 5: undeclared predicate on"),
        (P, "(at box city)", "(at box)", "line 5: wrong arity"),
        (P, "(at box city)", "(at box rome)", "line 5: undeclared object 'rome'"),
        (P, "(at box city)", "(at city box)", "line 5: ill-typed: at needs package or vehicle, and city is place"),
        (P, "(at box city)", "(at box ?p)", "line 5: unbound variable '?p'"),
        (P, "(at box city)", "(at box city) (at jet city)", "line 5: the goal must be one formula in parentheses"),
        (P, "(at box city)", "", "line 5: the goal must be one formula in parentheses"),
        (P, "(at box city)", "(not)", "line 5: not does not fit what follows it"),
        (P, "(at box city)", "(imply (at box city))", "line 5: imply does not fit what follows it"),
        (P, "(at box city)", "(forall ?p (at box ?p))", "line 5: forall does not fit what follows it"),
        (P, "(at box city)", "(and at box city)", "line 5: 'at' where a formula belongs"),
        (P, "(at box city)", "(or ())", "line 5: () where a formula belongs"),
        (P, "(at box city)", "(= box)", "line 5: = does not fit what follows it"),
        (P, "(at box city)", "(= rome box)", "line 5: undeclared object 'rome'"),
        (P, "(at box city)", "(= box rome)", "line 5: undeclared object 'rome'"),
        (P, "(at box city)", "(exists (?p ?p) (at box ?p))", "line 5: variable ?p is bound twice"),
        (P, "(at box city)", "(exists (?p) (at box ?p))", "line 5: ill-typed: at needs place, and ?p is object"),
        (P, "(at box city)", "(exists (p) (at box p))", "line 5: a variable must begin with '?'"),
        (P, "(:goal (at box city))", "", "line 1: no section :goal"),
        (P, "(:goal (at box city))", "(:goal ()) (:goal ())", "line 5: the section :goal comes twice"),
        (P, "(= (total-cost) 0)", "(= (total-cost) 0) (= (total-cost) 1)", "line 4: (total-cost) is given two values"),
        (P, "(= (total-cost) 0)", "(= (toll depot) 0)", "line 4: undeclared function toll"),
        (P, "(problem parcel)", "(domain parcel)", "line 1: not of the form (define (problem name) …)"),
        (P, "(:domain roads)", "(:domain roads) goal", "line 1: what belongs here is a section"),
        (D, "(at ?t ?a) (road", "(at ?t ?c) (road", "line 8: unbound variable '?c'"),
        (D, "(at ?t ?a) (road", "(at ?t rome) (road", "line 8: undeclared object 'rome'"),
        (D, "(at ?t ?a) (road", "(at ?a ?t) (road", "line 8: ill-typed"),
        (D, "(not (at ?t ?a))", "(not (ontop ?t ?a))", "line 9: undeclared predicate ontop"),
        (D, "(not (at ?t ?a))", "(not (and (at ?t ?a)))", "line 9: undeclared predicate and"),
        (D, "(not (at ?t ?a))", "(or (at ?t ?a))", "line 9: or does not fit an effect"),
        (D, "(?t - truck ?a ?b - place)", "(?t - truck ?a ?a - place)", "line 7: variable ?a is bound twice"),
        (D, "(?t - truck", "(t - truck", "line 7: a variable must begin with '?'"),
        (D, "(?t - truck ", "(- truck ", "line 7: '-' needs names before it"),
        (D, "?a ?b - place)\n :pre", "?a ?b -)\n :pre", "line 7: '-' needs names before it and a type after it"),
        (D, "(?t - truck ", "(?t - (either) ", "line 7: an either without types"),
        (D, ":action fly", ":action drive", "line 10: the action drive is defined twice"),
        (D, "(road ?a ?b - place)", "(road ?a ?b - place) (road ?a - place)", "line 5: road is declared twice"),
        (D, "(road ?a ?b - place)", "(not ?a ?b - place)", "line 5: not is a reserved word"),
        (D, "place)\n(:con", "place thing - truck)\n(:con", "line 3: type "),
        (D, "place)\n(:con", "place - place)\n(:con", "line 3: type place lies below itself"),
        (D, "place)\n(:con", "place object - truck)\n(:con", "line 3: type object lies below itself"),
        (D, "place)\n(:con", "place truck - place)\n(:con", "line 3: type truck is declared with two types"),
        (D, "(:constants depot - place)", "(:constants depot - city)", "line 4: undeclared type city"),
        (D, "(:constants depot - place)", "(:constants ?d - place)", "line 4: not a name: '?d'"),
        (D, "(:constants depot - place)", "(:constants (depot) - place)", "line 4: a list where a name belongs"),
        (D, " :precondition (at ?v ?a)", " :precondition", "line 10: action fly: a list must follow :precondition"),
        (D, " :precondition (at ?v ?a)", " :effect ()", "line 10: action fly: :effect comes twice"),
        (D, "(at ?x - (either vehicle package) ?p - place)", "at", "line 5: a declaration must be"),
    ],
)
def test_what_is_wrong_with_a_problem_is_reported_as_what_it_is(where: str, old: str, new: str, message: str) -> None:
    texts = {D: ROADS, P: ROADS_PROBLEM}
    texts[where] = edit(texts[where], old, new)
    with pytest.raises(Malformed) as caught:
        read_task(texts[D], texts[P])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "text", ["", " \n", "; only a comment", ")", "()", "(", "define", "(define)", "(define domain d)"]
)
def test_a_text_that_is_no_domain_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_domain(text)


@pytest.mark.parametrize(
    ("where", "old", "new", "message"),
    [
        (D, ":action-costs", ":durative-actions", "line 2: the requirement ':durative-actions'"),
        (D, ":strips", ":timed-initial-literals", "line 2: the requirement ':timed-initial-literals'"),
        (P, "(:objects", "(:requirements :preferences)\n(:objects", "line 2: the requirement ':preferences'"),
        (D, ":action-costs", ":no-such-thing", "line 2: the requirement ':no-such-thing'"),
        (D, "(:action drive", "(:durative-action d) (:action drive", "line 7: the section ':durative-action'"),
        (D, "(:action drive", "(:derived (at ?x ?y) (in ?x ?y)) (:action drive", "line 7: the section ':derived'"),
        (D, "(:action drive", "(:process d) (:action drive", "line 7: the section ':process'"),
        (D, "(:action drive", "(:event d) (:action drive", "line 7: the section ':event'"),
        (D, "(:action drive", "(:constraints (and)) (:action drive", "line 7: the section ':constraints'"),
        (P, "(:goal", "(:constraints (and)) (:goal", "line 5: the section ':constraints'"),
        (P, "(= (total-cost) 0)", "(at 5 (road town city))", "line 4: a timed initial literal"),
        (P, "(= (total-cost) 0)", "(at 5.5 (not (road town city)))", "line 4: a timed initial literal"),
        (P, "(at box city)", "(preference p (at box city))", "line 5: a condition with preference"),
        (P, "(at box city)", "(< (total-cost) 5)", "line 5: a condition with <"),
        (P, "(at box city)", "(= (total-cost) 5)", "line 5: a numeric condition"),
        (P, "minimize", "maximize", "line 6: a metric other than minimize (total-cost)"),
        (P, "minimize (total-cost)", "minimize (total-time)", "line 6: a metric other than"),
        (P, "minimize (total-cost)", "minimize (+ (total-cost) 1)", "line 6: a metric other than"),
        (P, "(= (price depot town) 3)", "(= (price depot town) -3)", "line 4: not a plain non-negative number"),
        (P, "(= (price depot town) 3)", "(= (price depot town) 1e9)", "line 4: not a plain non-negative number"),
        (P, "town city - place", "town city - (either place truck)", "line 2: object town has the type (either"),
        (D, "truck plane - vehicle", "truck plane - (either vehicle thing)", "line 3: type truck has the type (either"),
        (D, "(total-cost) 10", "(total-cost) (total-cost)", "line 12: a numeric effect other than a cost"),
        (D, "(total-cost) 10", "(total-cost) (+ 1 2)", "line 12: a numeric effect other than a cost"),
        (D, "(total-cost) 10", "(price ?a ?b) 10", "line 12: a numeric effect other than a cost"),
        (D, "(increase (total-cost) 10)", "(assign (total-cost) 10)", "line 12: an effect with assign"),
        (D, "(increase (total-cost) 10)", "(decrease (total-cost) 10)", "line 12: an effect with decrease"),
        (
            D,
            "(increase (total-cost) 10)",
            "(when (at ?v ?a) (increase (total-cost) 10))",
            "line 12: an effect with",
        ),
        (D, "(price ?a ?b - place) - number", "(price ?a ?b - place) - place", "line 6: a function whose values are"),
        (D, ":action drive :parameters", ":action drive :vars", "line 7: action drive: ':vars'"),
    ],
)
def test_what_is_not_supported_is_never_guessed(where: str, old: str, new: str, message: str) -> None:
    texts = {D: ROADS, P: ROADS_PROBLEM}
    texts[where] = edit(texts[where], old, new)
    with pytest.raises(Unsupported) as caught:
        read_task(texts[D], texts[P])
    assert str(caught.value).startswith(message)


def test_depth_and_length_and_types_are_bounded() -> None:
    with pytest.raises(Unsupported, match="line 2: nested deeper than 100"):
        parse_domain("(\n" + "(" * 1_000_000)
    with pytest.raises(Unsupported, match="longer than 16000000 characters"):
        parse_domain(" " * 16_000_001)
    with pytest.raises(Unsupported, match="more than 400 types"):
        parse_domain(f"(define (domain d) (:types {' '.join(f't{number}' for number in range(500))}))")
    chain = " ".join(f"t{number} - t{number + 1}" for number in range(300))
    assert parse_domain(f"(define (domain d) (:types {chain}) (:predicates (p ?x - t300)) (:constants c - t0))")


# --- semantics ------------------------------------------------------------------------------------------------------


def tiny(action: str, goal: str, init: str = "", objects: str = "", more: str = "") -> Finding:
    """The verdict on the one-step plan (act) in a domain over p, q (nullary), r (unary) and s (binary)."""
    domain = f"""(define (domain tiny) (:types t u - object v - t) (:constants k - v) {more}
        (:predicates (p) (q) (r ?x) (s ?x ?y - t)) (:action act {action}))"""
    problem = f"(define (problem one) (:domain tiny) (:objects {objects}) (:init {init}) (:goal {goal}))"
    return judge(domain, problem, "(act)")


@pytest.mark.parametrize(
    ("action", "goal", "init", "objects"),
    [
        ("", "()", "", ""),
        ("", "(and)", "", ""),
        (":parameters () :precondition () :effect ()", "(and (and))", "", ""),
        (":precondition (and) :effect (and)", "(not (p))", "", ""),
        (":effect (and (p) (not (p)))", "(p)", "", ""),  # deletions come before additions
        (":effect (and (not (p)) (p))", "(p)", "(p)", ""),
        (":effect (and (when (p) (not (p))) (when (p) (q)))", "(and (q) (not (p)))", "(p)", ""),  # the state before
        (":effect (and (when (p) (q)) (when (q) (p)))", "(and (p) (q))", "(p) (q)", ""),
        (":effect (and (p) (when (p) (q)))", "(not (q))", "", ""),
        (":precondition (not (p))", "(not (p))", "(not (p))", ""),
        (":precondition (forall (?x - u) (p))", "(and)", "", ""),  # no object is of type u
        (":precondition (not (exists (?x - u) (not (p))))", "(and)", "", ""),
        (":precondition (or (q) (p))", "(and)", "(p)", ""),
        (":precondition (not (or))", "(and)", "", ""),
        (":precondition (imply (p) (q))", "(imply (q) (p))", "", ""),
        (":precondition (exists (?x) (= ?x k))", "(exists (?x - t) (= ?x k))", "", ""),
        (":effect (forall (?x - t) (r ?x))", "(and (r k) (r a) (not (r b)))", "", "a - v b - u"),
        (":effect (forall (?x - t) (not (r ?x)))", "(and (not (r k)) (r b))", "(r k) (r b)", "b - u"),
        (":effect (forall (?x - t) (and (not (r ?x)) (s ?x ?x)))", "(and (not (r k)) (s k k))", "(r k)", ""),
        (":effect (when (p) (and (not (p)) (q)))", "(and (not (p)) (q))", "(p)", ""),
        (":effect (when (p) (not (p)))", "(not (p))", "(p)", ""),
        (":effect (forall (?x) (r ?x))", "(and (r k) (r a) (r b) (r c))", "", "a - v b - u c"),
        (":effect (forall (?x ?y - t) (when (s ?x ?y) (s ?y ?x)))", "(and (s k a) (s a k))", "(s k a)", "a - t"),
        (":effect (forall (?x - t) (forall (?x - u) (r ?x)))", "(and (r b) (not (r k)))", "", "b - u"),  # hidden
        (":precondition (exists (?x - t) (and (r ?x) (exists (?x - u) (r ?x)) (r ?x)))", "()", "(r k) (r b)", "b - u"),
        (":precondition (forall (?x - (either u v)) (r ?x))", "()", "(r k) (r b)", "a - t b - u"),
        (":effect (when (and) (forall (?x) (when (r ?x) (p))))", "(p)", "(r k)", ""),
        (":precondition (= k k)", "(not (= a k))", "", "a"),
        ("", "(p)", "(p) (p)", "k - v a - t a - t"),  # repeated declarations of the same
        (":precondition (and (and (and (p)) (q)) (not (not (p))))", "()", "(p) (q)", ""),
    ],
)
def test_what_formulas_mean(action: str, goal: str, init: str, objects: str) -> None:
    assert tiny(action, goal, init, objects).status == "correct"


@pytest.mark.parametrize(
    ("action", "goal", "init", "objects"),
    [
        ("", "(p)", "", ""),
        (":precondition (p)", "()", "", ""),
        (":precondition (or)", "()", "", ""),
        (":precondition (exists (?x - u) (not (p)))", "()", "", ""),
        (":effect (not (p))", "(p)", "(p)", ""),
        (":effect (and (when (p) (q)) (p))", "(q)", "", ""),
        (":precondition (imply (p) (q))", "()", "(p)", ""),
        (":precondition (= a k)", "()", "", "a"),
        (":precondition (forall (?x) (r ?x))", "()", "(r a) (r k)", "a - t b - u"),
        (":effect (forall (?x - v) (r ?x))", "(r a)", "", "a - t"),
    ],
)
def test_what_formulas_do_not_mean(action: str, goal: str, init: str, objects: str) -> None:
    action = action.replace("(= a k)", "(exists (?x - u) (= ?x k))")
    assert tiny(action, goal, init, objects).status == "wrong"


def test_costs_begin_at_zero_and_add_up() -> None:
    functions = "(:functions (total-cost) (f ?x - t))"
    twice = ":effect (and (increase (total-cost) 1.5) (increase (total-cost) (f k)) (increase (total-cost) 1.5))"
    assert tiny(twice, "()", "(= (f k) 2)", more=functions).cost == 5
    assert tiny(twice, "()", "(= (f k) 2) (= (total-cost) 0.25)", more=functions).cost == Fraction("5.25")
    with pytest.raises(Unsupported, match=r"\(f k\) has no value in :init"):
        tiny(twice, "()", "", more=functions)
    with pytest.raises(Malformed, match="undeclared function total-cost"):
        tiny(":effect (increase (total-cost) 1)", "()")


def test_requirements_may_be_missing_and_sections_in_any_order() -> None:
    lines = ROADS.replace(" :requirements :strips :typing :action-costs", " :requirements").splitlines()
    swapped = "\n".join([*lines[:2], *lines[6:-1], lines[-1].removesuffix(")"), *lines[2:6][::-1]]) + ")"
    assert judge(swapped, ROADS_PROBLEM, ROADS_PLAN).cost == 16


def test_case_and_line_ends_do_not_matter() -> None:
    domain, problem, plan = (text.replace("\n", "\r\n").upper() for text in FAMILIES["roads"])
    assert judge(domain, problem, plan).status == "correct"


def test_an_empty_plan_solves_what_is_solved() -> None:
    solved = edit(BLOCKS_PROBLEM, "(and (on c b) (not (on a b)))", "(on a b)")
    assert judge(BLOCKS, solved, "").detail == "valid plan of 0 steps"
    assert judge(BLOCKS, solved, "\n ; nothing to do\n").status == "correct"


def test_work_is_counted_and_bounded() -> None:
    objects = " ".join(f"o{number}" for number in range(100))
    domain = "(define (domain d) (:predicates (p ?x)) (:action act))"
    goal = "(forall (?a ?b ?c ?d ?e ?f) (imply (p ?a) (p ?b)))"
    problem = f"(define (problem q) (:domain d) (:objects {objects}) (:init) (:goal {goal}))"
    with pytest.raises(OutOfBudget, match="more than 100000 steps"):
        judge(domain, problem, "", steps=100_000)
    with pytest.raises(OutOfBudget, match="more than 0 seconds"):
        check_plan(read_task(domain, problem), "", Meter(10**9, 0))
    long = "(unstack a b)\n(stack a b)\n" * 10_000 + BLOCKS_PLAN
    assert judge(BLOCKS, BLOCKS_PROBLEM, long, steps=1_000_000).status == "correct"
    with pytest.raises(OutOfBudget):
        judge(BLOCKS, BLOCKS_PROBLEM, long, steps=100_000)


@pytest.mark.parametrize(
    "formula",
    [
        "(and {parts})",
        "(or {parts})",
        "(not (and {parts}))",
        "(imply (or) (and {parts}))",
        "(imply (and {parts}) (or))",
        "(exists (?y) (and {parts}))",
    ],
)
def test_a_quantifier_spends_the_words_inside_of_it(formula: str) -> None:
    objects = " ".join(f"o{number}" for number in range(100))
    body = formula.format(parts="(p o1) " * 100)
    for action, goal in (
        ("", f"(or (forall (?x) (or {body} (not {body}))))"),
        (f":effect (forall (?x) (when {body} (p ?x)))", "(and)"),
    ):
        domain = f"(define (domain d) (:predicates (p ?x)) (:constants {objects}) (:action act {action}))"
        problem = f"(define (problem q) (:domain d) (:init) (:goal {goal}))"
        assert judge(domain, problem, "(act)", steps=10**7).status == "correct"
        with pytest.raises(OutOfBudget):
            judge(domain, problem, "(act)", steps=100 * 200)


@pytest.mark.parametrize("effect", ["(and {parts})", "(forall (?y) (and {parts}))", "(when (and) (and {parts}))"])
def test_an_effect_spends_its_words(effect: str) -> None:
    objects = " ".join(f"o{number}" for number in range(100))
    for literal in ("(p o1)", "(not (p o1))"):
        body = effect.format(parts=f"{literal} " * 100)
        domain = f"""(define (domain d) (:predicates (p ?x)) (:constants {objects})
            (:action act :effect (forall (?x) {body})))"""
        problem = "(define (problem q) (:domain d) (:init) (:goal (and)))"
        assert judge(domain, problem, "(act)", steps=10**7).status == "correct"
        with pytest.raises(OutOfBudget):
            judge(domain, problem, "(act)", steps=100 * 200)


def test_a_plan_of_ten_megabytes_is_judged() -> None:
    long = "(unstack a b)\n(stack a b)\n" * 420_000
    assert len(long) > 10_000_000
    found = judge(BLOCKS, BLOCKS_PROBLEM, long + "(stack a b)", steps=10**8)
    assert found.detail.startswith("step 840001 (line 840001): unsatisfied precondition (holding a) of stack")


# --- robustness -----------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["(", ")", "-", "?x", "and", "not", "forall", "when", ":init", ":action", "object", "=", "5", "at", "either", "\n"]
)


def no_crash(domain: str, problem: str, plan: str) -> Finding | None:
    try:
        return judge(domain, problem, plan, steps=100_000)
    except (PddlError, OutOfBudget):
        return None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")) | st.lists(PIECES).map(" ".join))
def test_no_text_crashes_the_reader(text: str) -> None:
    for family in FAMILIES.values():
        no_crash(text, family[1], family[2])
        no_crash(family[0], text, family[2])
        found = no_crash(family[0], family[1], text)
        assert found is None or found.status != "correct"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data(), st.sampled_from(sorted(FAMILIES)), st.integers(0, 2))
def test_no_mutation_crashes_the_reader(data: st.DataObject, family: str, which: int) -> None:
    texts = list(FAMILIES[family])
    for _ in range(data.draw(st.integers(1, 3))):
        words = texts[which].replace("(", " ( ").replace(")", " ) ").split(" ")
        place = data.draw(st.integers(0, len(words) - 1))
        other = data.draw(st.integers(0, len(words) - 1))
        change = data.draw(st.sampled_from(["drop", "swap", "copy", "piece"]))
        if change == "drop":
            del words[place]
        elif change == "swap":
            words[place], words[other] = words[other], words[place]
        elif change == "copy":
            words.insert(place, words[other])
        else:
            words[place] = data.draw(PIECES)
        texts[which] = " ".join(words)
    no_crash(*texts)


# --- the meter ------------------------------------------------------------------------------------------------------


def stops_at(meter: Meter, step: int) -> int:
    """How many times `step` can be spent."""
    for count in range(10**6):
        try:
            meter.spend(step)
        except OutOfBudget:
            return count
    raise AssertionError("never stopped")


@pytest.mark.parametrize("steps", [0, 1, 5, 99_999, 100_000, 100_001, 100_002, 250_000])
def test_the_meter_allows_exactly_its_steps(steps: int) -> None:
    for step in (1, 7, 1000):
        if steps <= 5 or step > 1:
            assert stops_at(Meter(steps, 60), step) == steps // step
    whole = Meter(steps, 60)
    whole.spend(steps)
    whole.spend(0)
    with pytest.raises(OutOfBudget, match=f"more than {steps} steps"):
        whole.spend(1)


def test_the_meter_looks_at_the_clock_once_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def clock() -> float:
        looks.append(1.0)
        return float(len(looks) > 4) * 2

    monkeypatch.setattr("neurosym_oracles._kernels.pddl_world.monotonic", clock)
    meter = Meter(10_000_000, 1.0)
    assert len(looks) == 1
    assert (Meter.SLICE, stops_at(meter, 50_000)) == (100_000, 11)  # looks after 3, 6 and 9 spendings, then it is late
    assert len(looks) == 5


def test_a_meter_is_not_late_on_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neurosym_oracles._kernels.pddl_world.monotonic", lambda: 1.0)
    Meter(10**9, 0).spend(10**6)


def test_a_quantifier_spends_for_the_objects_it_looks_through() -> None:
    names = " ".join(f"o{number}" for number in range(1000))
    domain = "(define (domain d) (:requirements :adl) (:types t u) (:predicates (p)) (:action a :effect (p)))"
    problem = f"(define (problem r) (:domain d) (:objects {names} - u) (:init) (:goal (forall (?x - t) (p))))"
    task = read_task(domain, problem)
    assert check_plan(task, "", Meter(1000, 60)).status == "correct"
    with pytest.raises(OutOfBudget):
        check_plan(task, "", Meter(999, 60))


COUNTED = """(define (domain d) (:requirements :adl) (:types t) (:constants k - t)
(:predicates (p ?x - t) (r ?x ?y - t) (q)) (:functions (total-cost) - number (price ?x - t) - number)
(:action a :parameters (?x - t) {}))"""
COUNTED_PROBLEM = """(define (problem z) (:domain d) (:objects o1 o2 - t)
(:init (q) (= (price k) 2) (= (price o1) 2) (= (price o2) 2) (= (total-cost) 0)) (:goal {}))"""


def least_steps(action: str, goal: str = "(and)") -> int:
    """The fewest steps with which a plan of one action is judged."""
    task = read_task(COUNTED.format(action), COUNTED_PROBLEM.format(goal))
    low, high = -1, 10**4
    while high - low > 1:
        middle = (low + high) // 2
        try:
            check_plan(task, "(a o1)", Meter(middle, 60))
            high = middle
        except OutOfBudget:
            low = middle
    return high


# The weights that `pddl_formula` and `pddl_effect` speak of, and the width of the environment: no part of a formula is
# free, and a quantifier pays for each binding.
WEIGHTS = [
    ("", 1),
    (":effect (q)", 4),
    (":effect (p ?x)", 5),
    (":effect (not (p ?x))", 7),
    (":effect (and (q) (p k))", 10),
    (":effect (and (and (q) (q)) (q))", 9),
    (":effect (forall (?y - t) (p ?y))", 42),
    (":effect (forall (?y - t) (and (p ?y) (not (r ?x ?y))))", 77),
    (":effect (forall (?y ?z - t) (r ?y ?z))", 110),
    (":effect (forall (?y - t) (forall (?z - t) (r ?y ?z)))", 168),
    (":effect (when (q) (p ?x))", 9),
    (":effect (when (and (q) (p ?x)) (and (p ?x) (q)))", 15),
    (":effect (forall (?y - t) (when (p ?y) (r ?x ?y)))", 68),
    (":effect (increase (total-cost) 1)", 5),
    (":effect (and (q) (increase (total-cost) (price ?x)))", 9),
    (":precondition (q)", 3),
    (":precondition (and (q) (q))", 5),
    (":precondition (or (q) (p ?x))", 8),
    (":precondition (not (p ?x))", 6),
    (":precondition (imply (p ?x) (q))", 8),
    (":precondition (= ?x ?x)", 5),
    (":precondition (not (= ?x k))", 8),
    (":precondition (forall (?y - t) (q))", 37),
    (":precondition (forall (?y - t) (not (p ?y)))", 50),
    (":precondition (exists (?y - t) (= ?x ?y))", 36),
    (":precondition (forall (?y ?z - t) (or (q) (r ?y ?z)))", 151),
    (":precondition (forall (?y - t) (exists (?z - t) (= ?y ?z)))", 152),
    (":precondition (forall (?y - t) (and (q) (imply (p ?y) (q))))", 72),
]
GOAL_WEIGHTS = [
    ("(and)", 1),
    ("(forall (?y - t) (q))", 22),
    ("(exists (?y - t) (and (q) (not (p ?y))))", 17),
]


@pytest.mark.parametrize(("action", "steps"), WEIGHTS)
def test_the_work_of_an_action_is_counted_exactly(action: str, steps: int) -> None:
    assert least_steps(action) == steps


@pytest.mark.parametrize(("goal", "steps"), GOAL_WEIGHTS)
def test_the_work_of_a_goal_is_counted_exactly(goal: str, steps: int) -> None:
    assert least_steps("", goal) == steps


def test_only_a_correct_plan_has_a_length() -> None:
    for plan in ("(pick-up b)", "junk", ""):
        found = judge(BLOCKS, BLOCKS_PROBLEM, plan)
        assert (found.length, found.cost) == (0, None) and found.status != "correct"
