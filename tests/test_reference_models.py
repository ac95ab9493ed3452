"""The oracle proves everything, and chance and the most frequent answer prove what theory says."""

from __future__ import annotations

from functools import cache
from itertools import product
from math import sqrt

import pytest

import neurosym as ns
from neurosym.core import Budget, Claim, Record, Undecided
from neurosym.errors import UsageError
from neurosym.evaluate import evaluate
from neurosym.lake import Lake
from neurosym.models import Sampling
from neurosym.models.reference import MajorityAnswer, OracleModel, RandomAnswer

MORE: dict[str, dict[str, int]] = {
    "bitvector_identities": {},
    "blocksworld_shortest": {"blocks": 4},
    "double_pendulum": {},
    "integer_feasibility": {},
    "lean_arithmetic": {},
    "lean_propositional": {},
    "logistics_shortest": {},
    "pendulum": {},
    "projectile": {},
    "rocq_propositional": {},
    "sliding_tiles": {"columns": 3},
    "spring_mass": {},
}
FIVE = ("blocksworld", "logistics", "random_ksat", "graph_coloring", "linear_integer")


@cache
def records_of(domain: str, count: int = 12) -> tuple[Record, ...]:
    return tuple(ns.annotate(ns.domain(domain), count, seed=5))


def test_every_domain_that_can_be_sampled_is_here():
    def samples(name: str) -> bool:
        try:
            ns.domain(name).sample(ns.stream("any", name))
        except ValueError:
            return False
        return True

    from neurosym import registry

    assert sorted([*FIVE, *MORE]) == sorted(filter(samples, registry.domains()))


@pytest.mark.parametrize("domain", MORE)
def test_the_oracle_proves_every_other_domain(domain):
    task = ns.domain(domain, **MORE[domain])
    try:
        ns.oracle(ns.registry.default_oracle(task.kind)).version()
    except ns.Undecided as error:
        pytest.skip(str(error))
    found = evaluate("oracle", task, count=6, seed=11)
    assert found.validity.value == 1.0 and found.validity.count == found.problems == 6


@pytest.mark.parametrize("domain", FIVE)
def test_the_oracle_proves_everything(domain):
    found = evaluate("oracle", ns.domain(domain), count=40, seed=11)
    assert found.validity.value == 1.0 and found.validity.count == found.problems == 40
    assert found.exact_match.value == 1.0 and found.token_f1.value == 1.0
    if ns.domain(domain).kind == "pddl":
        assert found.optimality.share.value == 1.0 and found.optimality.cheaper == 0
        assert found.cost_ratio.mean == found.cost_ratio.worst == 1.0
    assert found.effort["oracle"].proved == found.effort["oracle"].answers > 0
    assert found.effort["model"].seconds > 0


def test_a_second_oracle_proves_everything_too():
    records = records_of("random_ksat")
    outputs = dict(OracleModel("glucose").answer(records, Sampling()))
    assert all(ns.judge(record, outputs[place][0].text).proved for place, record in enumerate(records))


def test_an_oracle_of_another_kind_or_unknown_is_refused():
    with pytest.raises(UsageError, match="does not solve pddl: use fast-downward"):
        list(OracleModel("cadical").answer(records_of("blocksworld"), Sampling()))
    with pytest.raises(UsageError, match="did you mean 'cadical'"):
        OracleModel("cadicall")


def test_a_missing_tool_is_one_line_and_a_crash_is_a_counted_row(monkeypatch):
    records = records_of("random_ksat")[:2]
    oracle = type(ns.oracle("cadical"))

    def crash(self, problem, budget):
        raise Undecided("timeout", "late") if problem.id == records[0].problem.id else ZeroDivisionError("oh")

    monkeypatch.setattr(oracle, "solve", crash)
    (_, (late,)), (_, (broken,)) = OracleModel().answer(records, Sampling())
    assert (late.text, late.error) == ("", "Undecided: timeout: late") and broken.error == "ZeroDivisionError: oh"

    def missing(self):
        raise Undecided("tool-missing", "cadical needs python-sat: pip install it")

    monkeypatch.setattr(oracle, "version", missing)
    with pytest.raises(UsageError, match="pip install it"):
        list(OracleModel().answer(records, Sampling()))


def test_random_answers_are_of_the_right_form_and_reproducible():
    records = [record for domain in FIVE for record in records_of(domain)]
    drawn = dict(RandomAnswer().answer(records, Sampling(4, 1.0)))
    assert drawn == dict(RandomAnswer().answer(records, Sampling(4, 1.0)))
    assert drawn != dict(RandomAnswer().answer(records, Sampling(4, 1.0, seed=1)))
    for place, outputs in drawn.items():
        assert not any(output.error for output in outputs)
        assert len({output.text for output in outputs}) > 1 or records[place].problem.kind == "cnf"
        assert {ns.judge(records[place], output.text).status for output in outputs} <= {"correct", "wrong"}


def proved(record: Record, answers: list) -> float:
    """The share of the answers that hold."""
    checker = ns.checker(record.problem.kind)
    return sum(checker.check(record.problem, Claim(a), Budget()).proved for a in answers) / len(answers)


def coin(record: Record, models: list) -> float:
    """The chance of a coin that says unsat, or else one of the models."""
    return 0.5 * (record.claim.answer == "unsat") + 0.5 * proved(record, [{"sat": model} for model in models])


def chance_of_truth_values(record: Record) -> float:
    variables = int(record.problem.payload["dimacs"].split()[2])
    return coin(record, [list(model) for model in product(*((v, -v) for v in range(1, variables + 1)))])


def chance_of_colors(record: Record) -> float:
    vertices = int(record.problem.payload["dimacs"].split()[2]) // 3
    colorings = product(range(3), repeat=vertices)
    return coin(record, [[(1 if v % 3 == c[v // 3] else -1) * (v + 1) for v in range(3 * vertices)] for c in colorings])


def chance_of_integers(record: Record) -> float:
    names = [line.split()[1] for line in record.problem.payload["script"].splitlines() if "declare-const" in line]
    values = product(range(-9, 10), repeat=len(names))
    return proved(record, [{"sat": dict(zip(names, point, strict=True))} for point in values])


CASES = {
    "truth values": (ns.domain("random_ksat", variables=6, density=700), chance_of_truth_values),
    "colors": (ns.domain("graph_coloring", vertices=6, density=100), chance_of_colors),
    "integers": (ns.domain("linear_integer", variables=2, constraints=2), chance_of_integers),
}


@pytest.mark.parametrize("case", CASES)
def test_chance_proves_what_enumeration_says(case):
    """The expected share is exact; what is seen lies within its interval, and within 3 standard deviations."""
    task, chance = CASES[case]
    asked = list(ns.annotate(task, 20, seed=2))
    chances = [chance(record) for record in asked]
    samples = 40
    found = evaluate("random", task, count=len(asked), seed=2, samples=samples)
    expected = sum(chances) / len(chances)
    spread = sqrt(sum(p * (1 - p) for p in chances) / samples) / len(chances)
    assert 0.01 < expected < 0.98
    assert found.validity.low <= expected <= found.validity.high
    assert abs(found.validity.value - expected) < 3 * spread
    assert found.counts["malformed"].count == found.counts["undecided"].count == 0


def test_the_majority_answer_proves_its_share(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.write(ns.annotate(ns.domain("random_ksat", variables=8), count=400, seed=1))
    model = MajorityAnswer(lake)
    train = [record.completion for record in lake.records(split="train")]
    assert model.shares == {"random_ksat": train.count("unsat") / len(train)}
    own = evaluate(model, lake, count=1000, split="train")
    assert own.validity.value == own.exact_match.value == model.shares["random_ksat"]
    unseen = evaluate("majority", lake, count=1000, split="test")
    assert unseen.validity.low <= model.shares["random_ksat"] <= unseen.validity.high
    assert unseen.problems == sum(1 for _ in lake.records(split="test")) > 20


def test_the_majority_answer_of_an_unknown_domain_is_a_counted_row(lake, tmp_path):
    (record,) = ns.annotate(ns.domain("graph_coloring"), count=1)
    ((_, (output,)),) = MajorityAnswer(lake).answer([record], Sampling())
    assert output.error == "no training record of graph_coloring"
    empty = Lake(tmp_path / "lake")
    empty.write(ns.annotate(ns.domain("random_ksat"), count=1, seed=next(seed_without_training())))
    with pytest.raises(UsageError, match="no training split"):
        MajorityAnswer(empty)


def seed_without_training():
    """Seeds whose first problem is not for training."""
    from neurosym.rows import split_of

    for seed in range(100):
        (record,) = ns.annotate(ns.domain("random_ksat"), count=1, seed=seed)
        if split_of(record.canonical_id) != "train":
            yield seed
