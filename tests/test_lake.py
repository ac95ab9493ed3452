"""Files, manifest, resume: nothing committed is lost, and the digest depends on the job alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import neurosym as ns
from neurosym import writer
from neurosym.errors import UsageError
from neurosym.lake import Lake, entries
from neurosym.pipeline import CHUNK

TASK = ns.domain("blocksworld", blocks=4)


def write(path: Path, count: int, task: ns.Domain = TASK, seed: int = 1) -> Lake:
    Lake(path).write(ns.annotate(task, count=count, seed=seed))
    return Lake(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Lake:
    """150 records made in one go."""
    return write(tmp_path_factory.mktemp("whole") / "lake", 150)


def rows(lake: Lake) -> list[ns.Record]:
    return sorted(lake.records(), key=lambda record: json.loads(record.seed_path)[-1])


def test_a_written_record_comes_back_as_it_was(whole):
    assert rows(whole) == list(ns.annotate(TASK, count=150, seed=1))


def test_the_layout_is_as_designed(whole):
    names = whole.folder.files("")
    assert {name.partition("/")[0] for name in names} == {"data", "manifest.json", "README.md", ".lock"}
    assert "data/domain=blocksworld/split=train/part-00000.parquet" in names
    assert whole.manifest["complete"] and not any("label" in column for column in columns(whole))


def columns(lake: Lake) -> list[str]:
    return lake.table(lake.files()[0]["path"]).column_names


def test_splits_share_no_canonical_form(whole):
    forms = {split: {r.canonical_id for r in whole.records(split=split)} for split in ("train", "validation", "test")}
    assert all(forms.values()) and sum(map(len, forms.values())) == len(set().union(*forms.values())) == 150
    assert len(forms["train"]) > 100


def test_a_second_run_changes_nothing(whole, tmp_path):
    shutil.copytree(whole.location, tmp_path / "lake")
    before = {name: Lake(tmp_path / "lake").folder.read(name) for name in whole.folder.files("")}
    again = write(tmp_path / "lake", 150)
    assert {name: again.folder.read(name) for name in again.folder.files("")} == before


def test_a_lake_can_grow_and_is_then_as_if_made_at_once(whole, tmp_path):
    write(tmp_path / "lake", 20)
    grown = write(tmp_path / "lake", 150)
    assert grown.digest == whole.digest and rows(grown) == rows(whole)
    assert {n: grown.folder.read(n) for n in grown.folder.files("")} == {
        n: whole.folder.read(n) for n in whole.folder.files("")
    }


def test_another_seed_is_another_digest(whole, tmp_path):
    assert write(tmp_path / "lake", 150, seed=2).digest != whole.digest


def test_an_interrupted_run_keeps_what_it_has_and_goes_on(whole, tmp_path):
    def stop(summary: ns.Summary) -> None:
        if summary.proved >= 70:
            raise KeyboardInterrupt

    lake = Lake(tmp_path / "lake")
    with pytest.raises(KeyboardInterrupt):
        lake.write(ns.annotate(TASK, count=150, seed=1), stop)
    kept = list(Lake(tmp_path / "lake").records())
    assert 70 <= len(kept) < 150 and not Lake(tmp_path / "lake").manifest["complete"]
    assert write(tmp_path / "lake", 150).digest == whole.digest


@pytest.mark.parametrize("when", ["before the files", "after the files", "after the manifest"])
def test_dying_while_committing_loses_nothing(whole, tmp_path, monkeypatch, when):
    """The process is gone at the worst moments: nothing after them runs, staged chunks are all there is."""

    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        raise Died

    monkeypatch.setattr(writer, "PART", CHUNK)
    place = {"before the files": (writer, "_write"), "after the files": (Lake, "save")}.get(when)
    if place:
        monkeypatch.setattr(*place, die)
    else:
        save = Lake.save
        monkeypatch.setattr(Lake, "save", lambda self, manifest: (save(self, manifest), die()))
    with pytest.raises(Died):
        write(tmp_path / "lake", 150)
    monkeypatch.undo()
    monkeypatch.setattr(writer, "PART", CHUNK)
    assert rows(write(tmp_path / "lake", 150)) == rows(whole)


def test_staged_chunks_are_not_labelled_again(tmp_path, monkeypatch):
    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_commit", die)
        with pytest.raises(Died):
            write(tmp_path / "lake", 100)
    assert len(Lake(tmp_path / "lake").folder.files("staging")) >= 2
    with monkeypatch.context() as patch:
        patch.setattr(writer, "run", die)
        assert len(list(write(tmp_path / "lake", 100).records())) == 100


def test_scraps_of_a_killed_writer_and_a_torn_staged_chunk_are_not_in_the_way(whole, tmp_path, monkeypatch):
    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_commit", die)
        with pytest.raises(Died):
            write(tmp_path / "lake", 150)
    first, second, *_ = sorted((tmp_path / "lake" / "staging" / "blocksworld").iterdir())
    second.write_bytes(second.read_bytes()[:200])
    for name in (f"{first}.77.tmp", str(tmp_path / "lake" / "manifest.json.77.tmp")):
        Path(name).write_bytes(b"half")
    lake = write(tmp_path / "lake", 150)
    assert lake.digest == whole.digest and not [name for name in lake.folder.files("") if name.endswith(".tmp")]


def test_the_same_domain_with_other_settings_is_refused(whole, tmp_path):
    shutil.copytree(whole.location, tmp_path / "lake")
    with pytest.raises(UsageError, match="another seed"):
        write(tmp_path / "lake", 150, seed=2)
    with pytest.raises(UsageError, match="another knobs"):
        write(tmp_path / "lake", 150, ns.domain("blocksworld", blocks=5))
    assert Lake(tmp_path / "lake").digest == whole.digest


def test_another_domain_joins_the_lake(whole, tmp_path):
    shutil.copytree(whole.location, tmp_path / "lake")
    both = write(tmp_path / "lake", 10, ns.domain("linear_integer"))
    assert len(list(both.records("blocksworld"))) == 150 and len(list(both.records("linear_integer"))) == 10
    assert {entry["domain"] for entry in both.files(split="train")} == {"blocksworld", "linear_integer"}


def test_a_domain_that_runs_out_leaves_a_complete_lake_of_what_there_is(tmp_path):
    with pytest.raises(UsageError, match="distinct"):
        write(tmp_path / "lake", 50, ns.domain("blocksworld", blocks=2))
    assert len(list(Lake(tmp_path / "lake").records())) == 3
    assert Lake(tmp_path / "lake").manifest["quality"]["domains"]["blocksworld"]["records"] == 3


def test_rejects_are_kept_with_their_reason(tmp_path, monkeypatch):
    oracle = ns.oracle("fast-downward")
    solve = oracle.solve

    def sometimes(problem: ns.Problem, budget: ns.Budget) -> ns.Claim:
        if int(problem.id, 16) % 2:
            raise ns.Undecided(ns.Reason.MEMORY, "too large")
        return solve(problem, budget)

    monkeypatch.setattr(oracle, "solve", sometimes)
    lake = write(tmp_path / "lake", 20)
    (entry,) = [entry for entry in entries(lake.manifest) if not entry["split"]]
    quarantined = lake.table(entry["path"]).to_pylist()
    assert quarantined and {(row["status"], row["reason"]) for row in quarantined} == {("undecided", "memory")}
    assert lake.manifest["quality"]["counts"]["reason"] == {"memory": len(quarantined)}
    assert len(list(lake.records())) == 20


def test_no_lake_a_damaged_one_and_one_of_another_format(tmp_path):
    with pytest.raises(UsageError, match="no lake at"):
        _ = Lake(tmp_path / "nowhere").manifest
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        _ = Lake(tmp_path).manifest
    for half in ("{}", "[]", '{"jobs": []}', '{"jobs": [{}], "complete": true, "digest": "", "quality": {}}'):
        (tmp_path / "manifest.json").write_text(half.replace("{", '{"format": 1, ', 1).replace(", }", "}"))
        with pytest.raises(UsageError, match="damaged"):
            _ = Lake(tmp_path).manifest
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(UsageError, match="format 99"):
        _ = Lake(tmp_path).manifest
    with pytest.raises(UsageError, match="format 99"):
        write(tmp_path, 10)


def test_a_torn_file_is_named(whole, tmp_path):
    shutil.copytree(whole.location, tmp_path / "lake")
    path = whole.files()[0]["path"]
    (tmp_path / "lake" / path).write_bytes(b"PAR1 but not really")
    with pytest.raises(UsageError, match=path):
        list(Lake(tmp_path / "lake").records())


def test_hugging_face_datasets_reads_the_card(lake):
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset(lake.location, "blocksworld", cache_dir=lake.location + "-cache")
    assert {split: rows.num_rows for split, rows in found.items()} == splits(lake, "blocksworld")
    first = found["train"][0]
    assert first["prompt"][0]["role"] == "user" and first["completion"][0]["role"] == "assistant"
    everything = datasets.load_dataset(lake.location, cache_dir=lake.location + "-cache")
    assert sum(rows.num_rows for rows in everything.values()) == 180


def splits(lake: Lake, domain: str) -> dict[str, int]:
    return {entry["split"]: entry["rows"] for entry in lake.files(domain)}


def test_datasets_reads_the_parquet_files_by_pattern(lake):
    datasets = pytest.importorskip("datasets")
    pattern = f"{lake.location}/data/*/split=train/*.parquet"
    found = datasets.load_dataset("parquet", data_files=pattern, cache_dir=lake.location + "-cache")
    assert found["train"].num_rows == sum(entry["rows"] for entry in lake.files(split="train"))


def test_duckdb_reads_the_lake_and_its_json(lake):
    duckdb = pytest.importorskip("duckdb")
    counted = duckdb.sql(
        f"select domain, split, count(*), min(json_extract_string(metrics, '$.plan_length')) "
        f"from read_parquet('{lake.location}/data/**/*.parquet', hive_partitioning=true) group by all"
    ).fetchall()
    assert sum(row[2] for row in counted) == 180
    assert {row[1] for row in counted if row[0] == "blocksworld"} == set(splits(lake, "blocksworld"))
    assert all((row[3] is not None) == (row[0] == "blocksworld") for row in counted)
