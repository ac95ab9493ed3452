"""The domain logistics_shortest: the same problems as logistics', and only a shortest plan is right."""

from __future__ import annotations

import pytest
from neurosym_domains._shortest_plans import SHORTEST
from neurosym_domains.logistics import Logistics
from neurosym_domains.logistics_shortest import LogisticsShortest
from reference_simulators import logistics_valid
from test_blocksworld_shortest import Claiming

import neurosym as ns
from neurosym.core import stream
from neurosym.testing import check_domain


def test_it_conforms():
    pytest.importorskip("up_fast_downward")
    task = LogisticsShortest(packages=2)
    report = check_domain(task, samples=6, oracle=Claiming(task))
    assert not [note for note in report.notes if "not solved" in note or "not proved" in note], report


def test_problems_are_those_of_logistics():
    for item in range(20):
        plain, ours = Logistics().sample(stream(item)), LogisticsShortest().sample(stream(item))
        assert plain.payload == ours.payload and ours.domain == "logistics_shortest"
    with pytest.raises(ValueError, match="cities must be in"):
        LogisticsShortest(cities=0)


@pytest.mark.parametrize("style", ["english", "formal"])
def test_the_prompt_asks_for_a_shortest_plan(style):
    problem = LogisticsShortest().sample(stream(1))
    assert LogisticsShortest(prompt_style=style).prompt(problem).count(SHORTEST) == 1


def test_records_are_proved_and_a_trip_too_many_is_wrong():
    pytest.importorskip("up_fast_downward")
    for record in ns.annotate(LogisticsShortest(), count=10, seed=2):
        assert record.verdict.proved and record.verdict.detail.endswith("; none is shorter")
        assert ns.judge(record, record.completion).proved
        lines = record.completion.split("\n")
        place = next(place for place, line in enumerate(lines) if line.startswith("(load"))
        again = lines[place].replace("(load", "(unload")
        longer = "\n".join([*lines[: place + 1], again, *lines[place:]])
        assert logistics_valid(record.problem.payload["problem"], longer)
        verdict = ns.judge(record, longer)
        assert (verdict.status, verdict.trust) == ("wrong", "proved")
        assert verdict.detail == f"valid plan of {len(lines) + 2} steps, but one of {len(lines)} steps exists"
