"""The checker of the kind `pddl`: the verdict on every form of answer, and the canonical form of problems."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations, product
from typing import Any

import pytest
from brute_force_planner import Planner
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.pddl_syntax import read
from neurosym_oracles.pddl_checker import PLUGINS, PddlChecker
from pddl_samples import BLOCKS, BLOCKS_PLAN, BLOCKS_PROBLEM, FAMILIES, ROADS, ROADS_PLAN, ROADS_PROBLEM, RandomTask

from neurosym.core import (
    Budget,
    Claim,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Status,
    Trust,
    Undecided,
    Verdict,
)

CHECKER = PddlChecker()
BUDGET = Budget()


def problem(domain: Any, text: Any) -> Problem:
    return Problem("test", "pddl", {"domain": domain, "problem": text})


def judge(answer: Any, task: Problem | None = None, evidence: Any = None, budget: Budget = BUDGET) -> tuple[str, str]:
    verdict = CHECKER.check(task or problem(ROADS, ROADS_PROBLEM), Claim(answer, evidence), budget)
    return str(verdict.reason or verdict.status), verdict.detail


def test_the_plugin_is_offered() -> None:
    assert (PddlChecker,) == PLUGINS and PddlChecker.kind == "pddl"


# --- answers --------------------------------------------------------------------------------------------------------


def test_a_valid_plan_is_proved() -> None:
    verdict = CHECKER.check(problem(ROADS, ROADS_PROBLEM), Claim(ROADS_PLAN), BUDGET)
    assert verdict.proved and verdict.detail == "valid plan of 6 steps, cost 16"


def test_an_invalid_plan_is_proved_wrong() -> None:
    verdict = CHECKER.check(problem(ROADS, ROADS_PROBLEM), Claim(""), BUDGET)
    assert (verdict.status, verdict.trust) == (Status.WRONG, Trust.PROVED)
    assert verdict.detail.startswith("goal not reached after 0 steps")


DETOUR = ROADS_PLAN.replace("(fly jet town city)", "(fly jet town depot)\n(fly jet depot city)")
BLOCKED = BLOCKS_PROBLEM.replace("(not (on a b))", "(on a b)")  # two blocks on one
FREE = ROADS.replace("(increase (total-cost) 10)", "(increase (total-cost) 0)")


def optimal(plan: str) -> dict[str, Any]:
    return {"plan": plan, "optimal": True}


def test_an_optimal_plan_is_proved() -> None:
    assert judge(optimal(ROADS_PLAN)) == ("correct", "valid plan of 6 steps, cost 16; none is cheaper")
    blocks = problem(BLOCKS, BLOCKS_PROBLEM)
    assert judge(optimal(BLOCKS_PLAN), blocks) == ("correct", "valid plan of 4 steps; none is shorter")
    verdict = CHECKER.check(blocks, Claim(optimal(BLOCKS_PLAN)), BUDGET)
    assert verdict.proved


def test_a_plan_that_is_not_optimal_is_proved_wrong() -> None:
    assert judge(DETOUR) == ("correct", "valid plan of 7 steps, cost 26")
    assert judge(optimal(DETOUR)) == ("wrong", "valid plan of 7 steps, cost 26, but one of cost 16 exists")
    longer = "(pick-up c)\n(put-down c)\n" + BLOCKS_PLAN
    verdict = CHECKER.check(problem(BLOCKS, BLOCKS_PROBLEM), Claim(optimal(longer)), BUDGET)
    assert verdict == Verdict.wrong("valid plan of 6 steps, but one of 4 steps exists")


def test_what_is_least_depends_on_the_metric() -> None:
    """Without a metric a plan with fewer steps, with one a cheaper plan; what is spent before the start counts not."""
    no_metric = problem(FREE, ROADS_PROBLEM.replace("(:metric minimize (total-cost))", ""))
    free = problem(FREE, ROADS_PROBLEM.replace("(= (total-cost) 0)", "(= (total-cost) 2.5)"))
    assert judge(optimal(ROADS_PLAN), no_metric) == (
        "wrong",
        "valid plan of 6 steps, cost 6, but one of 4 steps exists",
    )
    by_air = "(fly jet town depot)\n(load box jet depot)\n(fly jet depot city)\n(unload box jet city)"
    assert judge(optimal(ROADS_PLAN), free) == ("wrong", "valid plan of 6 steps, cost 17/2, but one of cost 4 exists")
    assert judge(optimal(by_air), free) == ("correct", "valid plan of 4 steps, cost 4; none is cheaper")
    round_about = by_air.replace("(load", "(fly jet depot town)\n(fly jet town depot)\n(load")
    assert judge(optimal(round_about), free)[0] == "correct"  # longer, but as cheap
    assert judge(optimal(by_air), no_metric)[0] == "correct"
    assert judge(optimal(round_about), no_metric)[0] == "wrong"


def test_an_optimal_plan_must_be_a_plan() -> None:
    assert judge(optimal(""))[0] == "wrong"
    assert judge(optimal("("))[0] == "malformed"


def test_unsolvable_is_proved_or_refuted() -> None:
    assert judge("unsolvable") == ("wrong", "a plan of cost 16 exists")
    assert judge("unsolvable", problem(BLOCKS, BLOCKS_PROBLEM)) == ("wrong", "a plan of 4 steps exists")
    blocked = problem(BLOCKS, BLOCKED)
    assert judge("unsolvable", blocked) == ("correct", "no plan exists: every state that can be reached was searched")
    assert CHECKER.check(blocked, Claim("unsolvable"), BUDGET).proved


@pytest.mark.parametrize("evidence", [None, {}, {"plan": ROADS_PLAN}, {"unsolvable": True}, "trust me", [[]], 7])
def test_evidence_is_not_believed(evidence: Any) -> None:
    for answer, task, status in [
        ("unsolvable", problem(ROADS, ROADS_PROBLEM), "wrong"),
        ("unsolvable", problem(BLOCKS, BLOCKED), "correct"),
        (optimal(DETOUR), problem(ROADS, ROADS_PROBLEM), "wrong"),
        (optimal(ROADS_PLAN), problem(ROADS, ROADS_PROBLEM), "correct"),
    ]:
        assert judge(answer, task, evidence)[0] == status


def test_a_search_beyond_the_budget_is_undecided() -> None:
    blocked = problem(BLOCKS, BLOCKED)
    for steps in (0, 20, 500):
        assert judge("unsolvable", blocked, budget=Budget(steps=steps)) == ("timeout", f"more than {steps} steps")
        assert judge(optimal(BLOCKS_PLAN), problem(BLOCKS, BLOCKS_PROBLEM), budget=Budget(steps=steps))[0] == "timeout"
    assert judge("unsolvable", blocked, budget=Budget(steps=20_000))[0] == "correct"
    assert judge("unsolvable", blocked, budget=Budget(memory_mb=0)) == ("memory", "more than 0 states")
    assert judge("unsolvable", blocked, budget=Budget(steps=500))[0] == "timeout"  # whatever is known by now


def test_a_cost_without_a_value_leaves_optimality_undecided() -> None:
    """Although the plan itself does not use it."""
    text = ROADS_PROBLEM.replace("(road town depot)", "(road town depot) (road town city)")
    assert judge(ROADS_PLAN, problem(ROADS, text))[0] == "correct"
    assert judge(optimal(ROADS_PLAN), problem(ROADS, text)) == (
        "unsupported",
        "(price town city) has no value in :init",
    )


def test_whatever_is_valid_is_judged_as_a_planner_that_tries_everything_says() -> None:
    met = Counter[str]()
    for seed in range(250):
        task = RandomTask(random.Random(seed))
        asked = problem(task.domain, task.problem)
        try:
            best = Planner(task.domain, task.problem).cheapest(150)
        except OverflowError:
            continue
        status = judge("unsolvable", asked)[0]
        assert status == ("correct" if best is None else "wrong")
        met[f"unsolvable {status}"] += 1
        plans = {task.plan(lambda plan, asked=asked: judge(plan, asked)[0] == "correct") for _ in range(3)}
        if best is not None:
            assert judge(optimal(best[1]), asked)[0] == "correct"
            plans |= {best[1] + step for step in (best[1], task.step(), f"{task.step()}\n{task.step()}")}
        for plan in plans:
            status, detail = judge(plan, asked)
            if status == "correct":
                cost = detail.partition(", cost ")[2] if task.costs else detail.split()[3]
                least = best is not None and Fraction(cost) == best[0]
                status = "correct" if least else "wrong"
            assert judge(optimal(plan), asked)[0] == status
            met[f"optimal {status}"] += 1
    assert min(met.values()) > 30 and len(met) == 4, met


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        7,
        [],
        [ROADS_PLAN],
        {},
        {"plan": ROADS_PLAN},
        {"plan": ROADS_PLAN, "optimal": False},
        {"plan": ROADS_PLAN, "optimal": 1},
        {"plan": ROADS_PLAN, "optimal": "true"},
        {"plan": [ROADS_PLAN], "optimal": True},
        {"plan": ROADS_PLAN, "optimal": True, "note": ""},
        {"optimal": True},
        " unsolvable",
        "Unsolvable",
        "unsolvable\n",
        "UNSOLVABLE",
        f"```\n{ROADS_PLAN}```",
        ROADS_PLAN + "unsolvable",
        "plan: " + ROADS_PLAN,
        "\ufeff" + ROADS_PLAN,
        "(fly jet town \ud800)",
    ],
)
def test_other_answers_are_malformed(answer: Any) -> None:
    status, detail = judge(answer)
    assert status == "malformed" and detail and not detail.startswith("problem: ")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        ROADS,
        {},
        {"domain": ROADS},
        {"problem": ROADS_PROBLEM},
        {"domain": ROADS, "problem": None},
        {"domain": [ROADS], "problem": ROADS_PROBLEM},
        {"domain": ROADS, "problem": ROADS_PROBLEM, "plan": ROADS_PLAN},
        {"domain": ROADS_PROBLEM, "problem": ROADS},
        {"domain": BLOCKS, "problem": ROADS_PROBLEM},
        {"domain": "", "problem": ""},
    ],
)
def test_a_bad_payload_is_malformed_whatever_the_answer(payload: Any) -> None:
    task = Problem("test", "pddl", payload)
    for answer in (ROADS_PLAN, "unsolvable", None, {"plan": ROADS_PLAN, "optimal": True}):
        status, detail = judge(answer, task)
        assert status == "malformed" and detail.startswith("problem: ")
    with pytest.raises(MalformedProblem):
        CHECKER.canonical(task)


def test_a_bad_payload_is_located() -> None:
    assert judge("", problem(ROADS.replace("(road ?a ?b)", "(rail ?a ?b)"), ROADS_PROBLEM)) == (
        "malformed",
        "problem: domain: line 8: undeclared predicate rail",
    )
    assert judge("", problem(ROADS, ROADS_PROBLEM.replace("box city", "city box")))[1].startswith(
        "problem: problem: line 5: ill-typed"
    )


@pytest.mark.parametrize("answer", [ROADS_PLAN, "", "(", None, "unsolvable", {"plan": "", "optimal": True}])
def test_what_is_not_supported_is_undecided_whatever_the_answer(answer: Any) -> None:
    task = problem(ROADS.replace(":action-costs", ":derived-predicates"), ROADS_PROBLEM)
    assert judge(answer, task) == ("unsupported", "domain: line 2: the requirement ':derived-predicates'")
    with pytest.raises(Undecided) as caught:
        CHECKER.canonical(task)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_a_cost_without_a_value_is_undecided() -> None:
    task = problem(ROADS, ROADS_PROBLEM.replace("(= (price depot town) 3)", ""))
    assert judge(ROADS_PLAN, task) == ("unsupported", "(price depot town) has no value in :init")


def test_the_budget_bounds_the_work() -> None:
    assert judge(ROADS_PLAN, budget=Budget(steps=10)) == ("timeout", "more than 10 steps")
    assert judge(ROADS_PLAN, budget=Budget(steps=1000))[0] == "correct"


def test_a_deep_stack_is_no_crash() -> None:
    def dig(depth: int) -> set[str]:
        return {judge(ROADS_PLAN)[0]} | (dig(depth - 1) if depth else set())

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(260)
    try:
        statuses = dig(150)
    finally:
        sys.setrecursionlimit(limit)
    assert statuses <= {"correct", "memory"}


@pytest.mark.parametrize("brackets", ["(", "[", "{", ")", "()", "( ", "(a ", "((a))", '{"plan":', "(a)"])
def test_a_megabyte_of_brackets_is_malformed_at_once(brackets: str) -> None:
    answer = brackets * (1_000_000 // len(brackets))
    seconds = []
    for claim in (answer, {"plan": answer, "optimal": True}):
        start = time.thread_time()
        assert judge(claim)[0] == "malformed"
        seconds.append(time.thread_time() - start)
    assert min(seconds) < 0.05


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([ROADS_PLAN, "unsolvable"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["plan", "optimal", "x"]), inner, max_size=3)
        ),
    )
)
def test_no_answer_raises_and_only_the_plan_is_correct(answer: Any) -> None:
    status, _ = judge(answer)
    assert (status == "correct") == (answer in (ROADS_PLAN, {"plan": ROADS_PLAN, "optimal": True}))
    if status == "malformed":
        with pytest.raises(MalformedAnswer):
            CHECKER.conclusion(answer)


def test_conclusions() -> None:
    assert CHECKER.conclusion("unsolvable") == "unsolvable"
    assert CHECKER.conclusion(ROADS_PLAN) == CHECKER.conclusion("") == "solvable"
    assert CHECKER.conclusion({"plan": ROADS_PLAN, "optimal": True}) == "solvable"
    for answer in ("unsolvable.", "(fly", None, {"plan": ROADS_PLAN}):
        with pytest.raises(MalformedAnswer):
            CHECKER.conclusion(answer)


def test_what_was_checked_before_changes_nothing() -> None:
    """Domains are kept between checks: a plan's effects must not leak into them."""
    tasks = [(problem(domain, text), plan) for domain, text, plan in FAMILIES.values()]
    first = [judge(plan, task) for task, plan in tasks]
    for task, plan in [*tasks, *tasks[::-1]]:
        for answer in (plan, plan[:-10], "unsolvable", plan + plan):
            judge(answer, task)
    assert [judge(plan, task) for task, plan in tasks] == first
    assert [PddlChecker().check(task, Claim(plan), BUDGET).status for task, plan in tasks] == [Status.CORRECT] * 3


def test_importing_is_cheap() -> None:
    code = "import sys, neurosym_oracles.pddl_checker; print(sorted({'numpy', 'unified_planning'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


# --- canonical forms ------------------------------------------------------------------------------------------------


def write(node: Any) -> str:
    return node if isinstance(node, str) else f"({' '.join(map(write, node))})"


def shuffled(rng: random.Random, items: list[Any]) -> list[Any]:
    return rng.sample(items, len(items))


def rename(node: Any, names: dict[str, str]) -> Any:
    return names.get(node, node) if isinstance(node, str) else type(node)(rename(part, names) for part in node)


def typed_pairs(words: list[Any]) -> list[tuple[Any, Any]]:
    """The typed list as pairs (name, type)."""
    pairs: list[tuple[Any, Any]] = []
    waiting: list[Any] = []
    rest = iter(words)
    for word in rest:
        if word == "-":
            kind = next(rest)
            pairs += [(item, kind) for item in waiting]
            waiting = []
        else:
            waiting.append(word)
    return pairs + [(item, "object") for item in waiting]


def shuffle_formula(rng: random.Random, node: Any) -> Any:
    if isinstance(node, str):
        return node
    parts = [shuffle_formula(rng, part) for part in node]
    return [parts[0], *shuffled(rng, parts[1:])] if parts and parts[0] in ("and", "or") else parts


def disguised_problem(rng: random.Random, text: str) -> str:
    """Another problem that differs in names and order alone."""
    root: Any = read(text).root
    parts = {part[0]: part for part in root[2:]}
    objects = typed_pairs(parts[":objects"][1:])
    fresh = [f"New{number}" for number in rng.sample(range(1000), len(objects))]
    names = dict(zip([item for item, _ in objects], fresh, strict=True))
    parts = {part[0]: rename(part, names) for part in root[2:]}
    declared = [word for item, kind in shuffled(rng, objects) for word in (names[item], "-", kind)]
    goal = write(shuffle_formula(rng, parts[":goal"][1]))
    goal = f"(and {goal})" if rng.random() < 0.5 else goal
    init = shuffled(rng, parts[":init"][1:] * rng.randint(1, 2))
    metric = write(parts[":metric"]) if ":metric" in parts else ""
    return f"""; in disguise
    (DEFINE (problem other{rng.randrange(9)}) (:domain {parts[":domain"][1]}) {metric} (:goal {goal}) ; a goal
      (:init {" ".join(map(write, init))})\n\t(:objects {" ".join(declared)}))"""


def disguised_domain(rng: random.Random, text: str) -> str:
    """The same domain, its parts in another order and its variables with other names."""
    root: Any = read(text).root
    several = {":types", ":constants"}
    sections = []
    for part in root[2:]:
        if part[0] in several:
            pairs = shuffled(rng, typed_pairs(part[1:]))
            part = [part[0], *[word for item, kind in pairs for word in (item, "-", kind)]]
        elif part[0] == ":predicates":
            part = [part[0], *shuffled(rng, part[1:])]
        elif part[0] == ":action":
            variables = sorted(set(re.findall(r"\?[a-z0-9]+", write(part))))
            fresh = [f"?Z{number}" for number in rng.sample(range(100), len(variables))]
            part = shuffle_formula(rng, rename(part, dict(zip(variables, fresh, strict=True))))
        sections.append(part)
    return f"(define {write(root[1])} ; the same\n {'  '.join(map(write, shuffled(rng, sections)))})"


def samples() -> Iterator[tuple[str, str]]:
    yield from ((domain, text) for domain, text, _ in FAMILIES.values())
    yield from ((task.domain, task.problem) for task in map(RandomTask, map(random.Random, range(100))))


def test_disguised_copies_have_the_same_form() -> None:
    rng = random.Random(5)
    for domain, text in samples():
        form = CHECKER.canonical(problem(domain, text))
        for _ in range(3):
            copy = problem(disguised_domain(rng, domain), disguised_problem(rng, text))
            assert CHECKER.canonical(copy) == form, (domain, text, copy.payload)


def test_different_problems_have_different_forms() -> None:
    """Random problems with small goals of literals, against every renaming tried in turn."""
    domain = "(define (domain d) (:types u v) (:constants k - u) (:predicates (p ?x) (e ?x ?y) (t ?x ?y ?z)))"
    atoms = [("p", a) for a in "abck"] + [("e", a, b) for a in "abck" for b in "ab"] + [("t", a, "b", a) for a in "ack"]
    renamings = [dict(zip("abc", order, strict=True)) for order in permutations("abc")]
    seen: dict[bytes, str] = {}
    met = 0
    for seed in range(3000):
        rng = random.Random(seed)
        kinds = [(item, rng.choice(["u", "v"])) for item in "abc"]
        init = [(atom,) for atom in rng.sample(atoms, rng.randint(0, 2))]
        goal = [("not", atom) if rng.random() < 0.5 else (atom,) for atom in rng.choices(atoms, k=rng.randint(0, 2))]
        text = f"""(define (problem x) (:domain d) (:objects {" ".join(" - ".join(pair) for pair in kinds)})
            (:init {" ".join(write(atom) for (atom,) in init)})
            (:goal (and {" ".join(write(part if len(part) > 1 else part[0]) for part in goal)})))"""
        least = min(
            [sorted({write(rename(part, names)) for part in parts}) for parts in (kinds, init, goal)]
            for names in renamings
        )
        form = CHECKER.canonical(problem(domain, text))
        met += form in seen
        assert seen.setdefault(form, str(least)) == str(least)
    assert len(set(seen.values())) == len(seen) and met > 100


def towers(blocks: str) -> Iterator[frozenset[tuple[str, ...]]]:
    """Every state of Blocksworld with an empty hand: a partition of the blocks into ordered towers."""
    if not blocks:
        yield frozenset()
        return
    first, rest = blocks[0], blocks[1:]
    for state in towers(rest):
        yield state | {(first,)}
        for tower in state:
            for place in range(len(tower) + 1):
                yield state - {tower} | {(*tower[:place], first, *tower[place:])}


def facts(state: frozenset[tuple[str, ...]]) -> str:
    """The atoms of a state; a tower is listed from its bottom."""
    on = [f"(on {upper} {lower})" for tower in state for lower, upper in pairwise(tower)]
    ends = [f"(ontable {tower[0]}) (clear {tower[-1]})" for tower in state]
    return " ".join(["(handempty)", *on, *ends])


@pytest.mark.parametrize("blocks", ["ab", "abc", "abcd"])
def test_forms_are_the_classes_of_blocksworld(blocks: str) -> None:
    states = set(towers(blocks))
    assert len(states) == {2: 3, 3: 13, 4: 73}[len(blocks)]
    classes: dict[Any, bytes] = {}
    renamings = [dict(zip(blocks, order, strict=True)) for order in permutations(blocks)]
    for pair in product(states, repeat=2):
        images = [
            tuple(sorted(tuple(names[block] for block in tower) for tower in state) for state in pair)
            for names in renamings
        ]
        text = f"""(define (problem p) (:domain blocksworld) (:objects {" ".join(blocks)})
            (:init {facts(pair[0])}) (:goal (and {facts(pair[1])})))"""
        form = CHECKER.canonical(problem(BLOCKS, text))
        assert classes.setdefault(str(min(images)), form) == form
    assert len(set(classes.values())) == len(classes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(:metric minimize (total-cost))", ""),
        ("(at box city)", "(at box town)"),
        ("(at box city)", "(not (at box city))"),
        ("(at box city)", "(and)"),
        ("(at box city)", "(or)"),
        ("(at box city)", "(exists (?p - place) (at box ?p))"),
        ("(at box city)", "(forall (?p - place) (at box ?p))"),
        ("(road town depot)", "(road town city)"),
        ("(road town depot)", ""),
        ("3.25", "3.5"),
        ("(total-cost) 0)", "(total-cost) 1)"),
        ("box - package", "box crate - package"),
        ("jet - plane", "jet - truck"),
        ("(at lorry depot)", "(at lorry town)"),
    ],
)
def test_a_difference_of_the_problem_is_a_difference_of_the_form(old: str, new: str) -> None:
    form = CHECKER.canonical(problem(ROADS, ROADS_PROBLEM))
    assert old in ROADS_PROBLEM
    assert CHECKER.canonical(problem(ROADS, ROADS_PROBLEM.replace(old, new))) != form


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(total-cost) 10", "(total-cost) 11"),
        ("(at ?t ?a) (road ?a ?b)", "(at ?t ?a) (road ?b ?a)"),
        ("truck plane - vehicle", "truck - vehicle plane - truck"),
        ("(:action fly", "(:action soar"),
        ("?v - plane ?a ?b", "?v - vehicle ?a ?b"),
        ("(not (at ?t ?a)) (at ?t ?b)", "(at ?t ?b)"),
        (":constants depot", ":constants home depot"),
    ],
)
def test_a_difference_of_the_domain_is_a_difference_of_the_form(old: str, new: str) -> None:
    form = CHECKER.canonical(problem(ROADS, ROADS_PROBLEM))
    assert old in ROADS
    assert CHECKER.canonical(problem(ROADS.replace(old, new), ROADS_PROBLEM)) != form


@pytest.mark.parametrize(
    "goals",
    [
        ["(or (= a b))", "(or (= b b))", "(or (= a a))", "(= a b)", "(= b b)"],
        ["(imply (p a) (p b))", "(imply (p b) (p a))", "(or (p a) (p b))", "(and (p a) (p b))"],
        ["(not (p a))", "(not (p b))", "(not (not (p a)))", "(p a)", "(or (p a))"],
        ["(forall (?x) (p ?x))", "(exists (?x) (p ?x))", "(forall (?x - u) (p ?x))", "(forall (?x) (p a))"],
        ["(forall (?x ?y) (e ?x ?y))", "(forall (?x) (e ?x ?x))", "(forall (?x ?y) (e ?x ?x))"],
        ["(forall (?x) (exists (?y) (e ?x ?y)))", "(forall (?x) (exists (?y) (e ?y ?x)))"],
        ["(exists (?x) (forall (?y) (e ?x ?y)))", "(exists (?x) (forall (?x) (e ?x ?x)))"],
        ["(or (e a b))", "(or (e b a))", "(or (e a a))", "(or (e b b))", "(or)", "(or (or))", "(and)"],
        ["(or (and (p a) (p b)) (z))", "(and (or (p a) (p b)) (z))", "(or (p a) (p b) (z))", "(z)", "(not (z))"],
        ["(exists (?x - (either u v)) (p ?x))", "(exists (?x - v) (p ?x))", "(exists (?x - object) (p ?x))"],
    ],
)
def test_different_formulas_have_different_forms(goals: list[str]) -> None:
    domain = "(define (domain d) (:types u v) (:predicates (p ?x) (e ?x ?y) (z)))"
    text = "(define (problem q) (:domain d) (:objects a b - u) (:init (p a)) (:goal {}))"
    assert len({CHECKER.canonical(problem(domain, text.format(goal))) for goal in goals}) == len(goals)
    text = "(define (problem q) (:domain d) (:init (p a)) (:goal (and)))"
    for place in (":parameters () :precondition", ":parameters (?z - v) :effect (when (z) (p a)) :precondition"):
        action = f"(:constants a b - u) (:action act {place} {{}}))"
        domains = [domain.removesuffix(")") + action.format(goal) for goal in goals]
        assert len({CHECKER.canonical(problem(other, text)) for other in domains}) == len(goals)


def test_variables_that_hide_others_are_kept_apart() -> None:
    domain = """(define (domain d) (:predicates (p ?x ?y)) (:action a :parameters (?x)
        :precondition (forall (?x) (exists (?y) (p ?x ?y)))))"""
    text = "(define (problem p) (:domain d) (:objects a b) (:init) (:goal (and)))"
    form = CHECKER.canonical(problem(domain, text))
    assert CHECKER.canonical(problem(domain.replace("(forall (?x)", "(forall (?z)"), text)) != form
    fresh = domain.replace("(forall (?x) (exists (?y) (p ?x ?y)))", "(forall (?z) (exists (?w) (p ?z ?w)))")
    assert CHECKER.canonical(problem(fresh, text)) == form


def test_values_that_are_the_same_number_have_the_same_form() -> None:
    form = CHECKER.canonical(problem(ROADS, ROADS_PROBLEM))
    domain = ROADS.replace("(total-cost) 10)", "(total-cost) 10.0)").replace("0.5)", "0.50)")
    assert CHECKER.canonical(problem(domain, ROADS_PROBLEM.replace("town) 3)", "town) 3.00)"))) == form
    assert CHECKER.canonical(problem(ROADS, ROADS_PROBLEM.replace("(= (total-cost) 0)", ""))) == form


def test_the_form_does_not_depend_on_the_hash_seed() -> None:
    code = """
import hashlib, random
from pddl_samples import RandomTask
from neurosym.core import Problem
from neurosym_oracles.pddl_checker import PddlChecker
for seed in range(20):
    task = RandomTask(random.Random(seed))
    form = PddlChecker().canonical(Problem("x", "pddl", {"domain": task.domain, "problem": task.problem}))
    print(hashlib.sha256(form).hexdigest())
"""
    tests = str(__file__).rsplit("/", 1)[0]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": tests},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1 and len(outputs.pop().split()) == 20
