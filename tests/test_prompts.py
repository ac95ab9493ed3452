"""Every family's prompts put the rules first, the same for every problem; and every family can be renamed."""

from __future__ import annotations

import copy
from itertools import takewhile

import pytest

from neurosym import registry
from neurosym.core import Budget, Claim, canonical_json, stream
from neurosym.labelling import canonical_id

SHAPES = {
    "blocksworld": [{"blocks": 2}, {"blocks": 4}, {}, {"blocks": 26}],
    "logistics": [{}, {"cities": 1}, {"cities": 12, "locations": 3, "trucks": 2, "airplanes": 2, "packages": 12}],
    "random_ksat": [{}, {"variables": 8, "density": 500}, {"variables": 50, "k": 5, "density": 300}],
    "graph_coloring": [{}, {"vertices": 5, "density": 140}, {"vertices": 30, "colors": 4, "density": 400}],
    "linear_integer": [{}, {"variables": 7, "constraints": 9, "bound": 30}, {"variables": 2, "constraints": 1}],
}
LAST = {
    "blocksworld": ("\n\nStart: ", "\n\n(define (problem towers)"),
    "logistics": ("\n\nCities: ", "\n\n(define (problem deliveries)"),
    "random_ksat": ("\n\nVariables: ", "\n\np cnf "),
    "graph_coloring": ("\n\nVertices: ", "\n\nVertices: "),
    "linear_integer": ("\n\nUnknowns: ", "\n\n(set-logic QF_LIA)"),
}
"""How the instance begins, in the English and in the formal prompt."""

NEEDS = {"pddl": "up_fast_downward", "cnf": "pysat", "smtlib2": "z3"}


def problems(name, count=6):
    return [registry.domain(name, **knobs).sample(stream(item)) for knobs in SHAPES[name] for item in range(count)]


def alike(letters):
    return len(set(letters)) == 1


@pytest.mark.parametrize("style", ["english", "formal"])
@pytest.mark.parametrize("name", SHAPES)
def test_rules_and_the_answers_form_come_first_and_are_the_same_for_all_sizes(name, style):
    domain = registry.domain(name)
    prompts = [getattr(domain, style)(problem) for problem in problems(name)]
    last = LAST[name][style == "formal"]
    shared = "".join(letters[0] for letters in takewhile(alike, zip(*prompts, strict=False)))
    rules = shared.partition(last)[0]
    assert last in shared and len(shared) - len(rules) < 90, "the instance begins where prompts begin to differ"
    assert "nswer with" in rules
    assert all(prompt.count(last) == 1 and prompt == prompt.strip() and "{" not in prompt for prompt in prompts)


def solved(name, knobs, count):
    """Problems with claims that were proved, of every conclusion that the family has."""
    domain = registry.domain(name, **knobs)
    pytest.importorskip(NEEDS[domain.kind])
    oracle, checker = registry.oracle(registry.default_oracle(domain.kind)), registry.checker(domain.kind)
    for item in range(count):
        problem = domain.sample(stream("renamed", item))
        claim = oracle.solve(problem, Budget())
        assert checker.check(problem, claim, Budget()).proved
        yield domain, problem, claim


SMALL = {
    "blocksworld": {"blocks": 4},
    "logistics": {"packages": 2},
    "random_ksat": {"variables": 12, "density": 500},
    "graph_coloring": {"vertices": 8, "density": 190},
    "linear_integer": {},
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_renamed_record_is_a_proved_record_of_the_same_canonical_form(name):
    checker = registry.checker(registry.domains()[name].kind)
    renamings = changed = 0
    conclusions = set()
    for domain, problem, claim in solved(name, SMALL[name], 12):
        form = canonical_id(problem)
        before = copy.deepcopy((dict(problem.payload), claim))
        conclusions.add(checker.conclusion(claim.answer))
        for number in range(8):
            again, told = domain.renamed(problem, claim, stream("renaming", number))
            assert checker.check(again, told, Budget()).proved
            assert canonical_id(again) == form
            assert told.metrics == claim.metrics
            assert domain.parse(again, domain.render(again, told.answer)) == told.answer
            assert (again, told) == domain.renamed(problem, claim, stream("renaming", number))
            renamings += 1
            changed += domain.english(again) != domain.english(problem)
        assert before == (problem.payload, claim)
    assert changed > 0.8 * renamings
    assert len(conclusions) == (2 if checker.kind == "cnf" else 1), "proofs of unsatisfiability are renamed too"


@pytest.mark.parametrize("name", SHAPES)
def test_renaming_again_and_again_stays_within_the_family(name):
    for domain, problem, claim in solved(name, SMALL[name], 3):
        form, rng = canonical_id(problem), stream("walk", name)
        for _ in range(20):
            problem, claim = domain.renamed(problem, claim, rng)
        assert canonical_id(problem) == form
        assert registry.checker(domain.kind).check(problem, claim, Budget()).proved


@pytest.mark.parametrize("name", SHAPES)
def test_claims_of_another_form_are_not_renamed(name):
    domain = registry.domain(name)
    problem = domain.sample(stream(1))
    for answer in (
        None, 0, "", "x", [], {}, {"sat": None}, {"sat": {}}, {"sat": ["1"]}, {"sat": [[1]]}, {"sat": [0]}, "unsat",
        {"sat": [10**6]}, {"sat": {"x": "1"}}, {"plan": "(a)", "optimal": True}, "(a", "unsolvable",
    ):  # fmt: skip
        for evidence in (None, {}, {"lrat": 1}, {"lrat": "", "drat": ""}, [], "x"):
            assert domain.renamed(problem, Claim(answer, evidence), stream(1)) is None, (answer, evidence)
    for proof in ("1", "x 0", "1 2 3", "92 x 0 1 0", "92 0 1 0 x 0", "92 d x 0"):
        renamed = domain.renamed(problem, Claim("unsat", {"lrat": proof}), stream(1))
        assert renamed is None or not registry.checker(domain.kind).check(*renamed, Budget()).proved


def test_a_renaming_of_a_wrong_claim_is_wrong_still():
    for name in ("blocksworld", "random_ksat", "graph_coloring", "linear_integer"):
        for domain, problem, claim in solved(name, SMALL[name], 6):
            if claim.answer == "unsat":
                lie = Claim("unsat", {"lrat": "\n".join(claim.evidence["lrat"].splitlines()[:-1])})
            elif isinstance(claim.answer, str):
                lie = Claim(claim.answer.rpartition("\n")[0] or "(pick-up a)")
            elif isinstance(claim.answer["sat"], list):
                lie = Claim({"sat": [-literal for literal in claim.answer["sat"]]})
            else:
                lie = Claim({"sat": dict.fromkeys(claim.answer["sat"], 0)})
            checker = registry.checker(domain.kind)
            renamed = domain.renamed(problem, lie, stream(3))
            assert checker.check(problem, lie, Budget()).status is checker.check(*renamed, Budget()).status
            assert canonical_json(renamed[0].payload)
