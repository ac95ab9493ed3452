"""Rewards are the checkers' verdicts: 1 for proved, 0 for wrong and malformed, None for undecided, whatever is said."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym as ns
import neurosym.reward
from neurosym.errors import UsageError
from neurosym.judging import MAX_TEXT
from neurosym.reward import reward
from neurosym.rows import to_row

COLUMNS = ("domain", "kind", "payload", "answer", "evidence")


def columns(records) -> dict[str, list[str]]:
    """What TRL hands over of the rows: more than is needed."""
    rows = [to_row(record) for record in records]
    return {name: [row[name] for row in rows] for name in [*COLUMNS, "id", "metrics", "difficulty"]}


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def one(record, completion, **more) -> float | None:
    (found,) = reward(completions=[completion], prompts=["?"], completion_ids=[[1]], **columns([record]), **more)
    return found


@pytest.fixture(scope="module")
def records(lake) -> list[ns.Record]:
    return list(lake.records())


def test_gold_is_one_and_another_records_answer_is_not_believed(records):
    texts = [record.completion for record in records]
    assert reward(completions=texts, **columns(records)) == [1.0] * len(records)
    assert reward(completions=[said(text) for text in texts], **columns(records)) == [1.0] * len(records)
    moved = reward(completions=texts[1:] + texts[:1], **columns(records))
    verdicts = [ns.judge(record, text) for record, text in zip(records, texts[1:] + texts[:1], strict=True)]
    assert moved == [1.0 if verdict.proved else 0.0 for verdict in verdicts]
    assert moved.count(0.0) > len(records) // 2


def test_undecided_is_none(lake):
    checker = ns.checker("cnf")
    unsat = next(r for r in lake.records("random_ksat") if checker.conclusion(r.claim.answer) == "unsat")
    assert one(unsat, "unsat") == 1.0
    row = columns([unsat]) | {"evidence": ["null"]}
    assert reward(completions=["unsat"], **row) == [None]
    bare = {name: column for name, column in columns([unsat]).items() if name in ("domain", "kind", "payload")}
    assert reward(completions=["unsat"], **bare) == [None]
    forged = columns([unsat]) | {"evidence": ['{"lrat":"1 0 1 0\\n"}']}
    assert reward(completions=["unsat"], **forged) == [None]


def test_a_forged_row_pays_for_no_lie(lake):
    record = next(lake.records("linear_integer"))
    row = columns([record]) | {"answer": ['{"sat":{"x":0,"y":0,"z":0}}']}
    assert reward(completions=["x = 0, y = 0, z = 0"], **row) == [0.0]


@pytest.mark.parametrize(
    "completion",
    [
        "", " ", "\0", "\ud800", "unsat", "sat", "(" * MAX_TEXT, "[" * (MAX_TEXT + 1), "1" * MAX_TEXT, "(pick-up a)",
        "x = 0, y = 0, z = 0", "__import__('os').abort()", None, 0, 1.0, True, b"unsat", {}, [], [None], [[]],
        ["unsat"], [{}], [{"role": "assistant"}], [{"role": "assistant", "content": None}],
        [{"role": "assistant", "content": [{"type": "text", "text": "unsat"}]}],
        [{"role": "user", "content": "unsat"}], {"role": "assistant", "content": "unsat"},
    ],
)  # fmt: skip
def test_hostile_completions_raise_nothing_and_earn_nothing(lake, completion):
    for name in ("blocksworld", "random_ksat", "linear_integer"):
        record = next(r for r in lake.records(name) if r.completion != "unsat")
        start = time.thread_time()
        assert one(record, completion) == 0.0
        if isinstance(completion, str):
            assert one(record, said(completion)) == 0.0
        assert time.thread_time() - start < 0.2


def test_gold_in_another_wrapping_earns_nothing(records):
    record = records[0]
    for wrapped in (
        [{"role": "user", "content": record.completion}],
        [*said(record.completion), {"role": "tool", "content": "done"}],
        said(f"Sure! {record.completion}"),
        f"```\n{record.completion}\n```",
    ):
        assert one(record, wrapped) == 0.0
    assert one(record, [{"role": "tool", "content": "x"}, *said(record.completion)]) == 1.0, "the last message counts"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=st.text(alphabet=st.characters(exclude_categories=[])) | st.text(alphabet="sat unx=-0123(),pick\n"))
def test_any_text_gets_a_reward(lake, text):
    for name in ("blocksworld", "random_ksat", "linear_integer"):
        assert one(next(lake.records(name)), text) in (0.0, 1.0, None)


def test_the_shares_of_all_statuses_are_logged(lake):
    checker = ns.checker("cnf")
    unsat = next(r for r in lake.records("random_ksat") if checker.conclusion(r.claim.answer) == "unsat")
    logged = {}
    row = {name: [value] * 4 for name, (value,) in columns([unsat]).items()}
    model = f"sat {' '.join(map(str, range(1, 21)))}"
    texts = ["unsat", "unsat", model, "?"]
    assert reward(completions=texts, log_metric=logged.__setitem__, **row) == [1.0, 1.0, 0.0, 0.0]
    assert logged == {"neurosym/correct": 0.5, "neurosym/wrong": 0.25, "neurosym/malformed": 0.25,
                      "neurosym/undecided": 0.0}  # fmt: skip
    assert reward(completions=[], payload=[], domain=[], kind=[], log_metric=logged.__setitem__) == []


def test_rows_that_are_none_are_bad_input(records):
    row = columns(records[:1])
    for change in ({"payload": ["{"]}, {"answer": ["NaN"]}, {"evidence": [None]}, {"domain": ["no such domain"]}):
        with pytest.raises(UsageError):
            reward(completions=["x"], **row | change)
    with pytest.raises(ValueError, match="zip"):
        reward(completions=["x", "y"], **row)


def test_the_module_is_the_function(records):
    assert neurosym.reward(completions=[records[0].completion], **columns(records[:1])) == [1.0]


@pytest.fixture(scope="module")
def dataset(lake):
    datasets = pytest.importorskip("datasets")
    files = str(Path(lake.location) / "data" / "*" / "split=train" / "*.parquet")
    return datasets.load_dataset("parquet", data_files=files, split="train")


def test_a_lake_is_a_data_set_of_prompts_and_completions(lake, dataset):
    assert {"prompt", "completion", *COLUMNS} <= set(dataset.column_names) and "label" not in dataset.column_names
    by_id = {record.problem.id: record for record in lake.records(split="train")}
    assert set(dataset["id"]) == by_id.keys()
    for row in dataset:
        record = by_id[row["id"]]
        assert row["prompt"] == [{"role": "user", "content": record.prompt}]
        assert row["completion"] == said(record.completion)


def test_trl_reads_it_as_conversations(dataset):
    data_utils = pytest.importorskip("trl.data_utils")
    assert data_utils.is_conversational(dataset[0])
    assert not data_utils.is_conversational_from_value(dataset[0])
    rows = dataset.select(range(3))
    rewards = reward(completions=rows["completion"], **{name: rows[name] for name in COLUMNS})
    assert rewards == [1.0] * 3
