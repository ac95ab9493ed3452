"""Expert iteration keeps what is proved and new, and goes on where it was killed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import neurosym as ns
from neurosym.core import Status
from neurosym.errors import UsageError
from neurosym.training.expert_iteration import _learnable

pytest.importorskip("torch")
pytest.importorskip("up_fast_downward")


@pytest.fixture(scope="module")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> ns.Lake:
    lake = ns.Lake(tmp_path_factory.mktemp("expert") / "lake")
    lake.write(ns.annotate(ns.domain("blocksworld", blocks=3), count=20, seed=1))
    return lake


def train(lake: ns.Lake, out: Path, steps: int = 30) -> object:
    return ns.train(lake, "nano", out, steps=steps, rounds=2, samples=4, batch_tokens=512, pack_length=512,
                    validity_problems=0, threads=1)  # fmt: skip


def test_rounds_are_written_and_a_killed_run_makes_the_same_weights(small_lake, tmp_path):
    train(small_lake, tmp_path / "whole")
    rounds = json.loads((tmp_path / "whole" / "rounds.json").read_text())
    assert [each["number"] for each in rounds] == [0, 1, 2]
    records = len(list(small_lake.records(split="train")))
    assert rounds[0]["records"] == records and rounds[1]["answers"] == 4 * records
    assert rounds[2]["records"] == records + rounds[1]["new"] + rounds[2]["new"]
    assert all(each["new"] <= each["proved"] <= each["answers"] for each in rounds)
    # What a kill between two rounds leaves: the first round's folder, and the second round's answers.
    torn = tmp_path / "torn"
    torn.mkdir()
    (tmp_path / "whole" / "round-0").rename(torn / "round-0")
    (torn / "round-1").mkdir()
    (tmp_path / "whole" / "round-1" / "answers.jsonl").rename(torn / "round-1" / "answers.jsonl")
    train(small_lake, torn)
    whole, again = (folder / "model.safetensors" for folder in (tmp_path / "whole", torn))
    assert whole.read_bytes() == again.read_bytes()
    (torn / "neurosym.json").unlink()  # as if it had been killed before the end
    with pytest.raises(UsageError, match="another training"):
        train(small_lake, torn, steps=31)


def test_only_a_proved_answer_is_learned_from(small_lake):
    record = next(small_lake.records(split="train"))
    assert _learnable(record, record.completion).verdict.proved
    assert _learnable(record, "") is None or ns.judge(record, "").status is Status.CORRECT
    assert _learnable(record, "(fly a b)") is None and _learnable(record, "no plan") is None
    first, *rest = record.completion.splitlines()
    block = first.strip("()").split()[1]
    there_and_back = "\n".join([first, f"(put-down {block})", f"(pick-up {block})", *rest])
    longer = _learnable(record, there_and_back)
    assert longer is not None and longer.completion != record.completion and longer.claim.answer == there_and_back


def test_a_forged_line_of_kept_answers_is_judged_again(small_lake, tmp_path):
    from neurosym.models.base import load_base
    from neurosym.training.expert_iteration import _answers
    from neurosym.training.settings import TrainSettings

    records = list(small_lake.records(split="train"))[:2]
    base = load_base("nano", texts=[records[0].prompt])
    file = tmp_path / "answers.jsonl"
    lie = "\n".join(records[0].completion.splitlines()[:-1])
    file.write_text(json.dumps({"place": 0, "texts": [lie, records[0].completion]}) + "\n")
    settings = replace(TrainSettings(lake="x", base="nano"), rename=False)
    assert _answers(base, records, settings, 1, file) == (2, 1, [])
