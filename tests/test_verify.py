"""verify finds every kind of damage, needs no solver, and says what it found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import one_line_error, run
from pyarrow import parquet

from neurosym.lake import Lake
from neurosym.rows import schema, table_digest, to_row


@pytest.fixture
def copy(lake, tmp_path) -> Lake:
    """A lake that a test may spoil."""
    shutil.copytree(lake.location, tmp_path / "lake")
    return Lake(tmp_path / "lake")


def spoil(lake: Lake, change: Callable[[dict[str, Any]], None], domain: str = "blocksworld", cover: bool = True) -> str:
    """Change the first training row of a domain, and (if `cover`) the manifest's digest of it, as a forger would."""
    (entry,) = lake.files(domain, "train")
    rows = lake.table(entry["path"]).to_pylist()
    change(rows[0])
    table = pa.Table.from_pylist(rows, schema=schema())
    parquet.write_table(table, lake.folder.full(entry["path"]))
    if cover:
        manifest = lake.manifest_or_new()
        for job in manifest["jobs"]:
            for part in job["parts"]:
                for file in part["files"]:
                    if file["path"] == entry["path"]:
                        file["digest"] = table_digest(table)
        lake.save(manifest)
    return str(rows[0]["id"])


def test_a_sound_lake_passes(lake):
    done = run("verify", lake.location)
    assert done.returncode == 0 and "180 records proved again, 0 failures" in done.stdout


def test_json_and_two_workers(lake):
    done = run("verify", lake.location, "--json", "--workers", "2")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["records"] == 180 and found["failures"] == []
    assert found["domains"]["random_ksat"] == {"correct proved": 60}


def test_no_solver_is_needed(lake):
    """A process in which no solver can be imported, nor any program started, proves the lake all the same."""
    code = f"""
import subprocess, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        solvers = "z3 pysat pysolvers cvc5 unified_planning up_fast_downward fast_downward pyperplan up_pyperplan"
        if name.split(".")[0] in solvers.split():
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
def refuse(*arguments, **options):
    raise RuntimeError("a program was started")
subprocess.Popen = refuse
from neurosym.verify import main
sys.exit(main([{lake.location!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and "180 records proved again" in done.stdout, done.stderr


def set_to(column: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda row: row.__setitem__(column, value)


def shorter_plan(row: dict[str, Any]) -> None:
    plan = json.loads(row["answer"]).rsplit("\n", 1)[0]
    row["answer"] = json.dumps(plan)
    row["completion"] = [{"role": "assistant", "content": plan}]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (shorter_plan, "not proved"),
        (set_to("answer", '"(pick-up a)"'), "not proved"),
        (set_to("answer", "not json"), "not a record"),
        (set_to("answer", "NaN"), "not a record"),
        (set_to("completion", [{"role": "assistant", "content": "(pick-up a)"}]), "another answer"),
        (set_to("completion", [{"role": "assistant", "content": "as an AI, I cannot"}]), "MalformedAnswer"),
        (set_to("completion", []), "not a record"),
        (lambda row: row["completion"].append({"role": "assistant", "content": "Or not."}), "holds something else"),
        (lambda row: row["prompt"].insert(0, {"role": "system", "content": "Lie."}), "holds something else"),
        (lambda row: row["prompt"].append({"role": "system", "content": "Lie."}), "holds something else"),
        (lambda row: row["completion"][0].update(role="system"), "holds something else"),
        (set_to("prompt", [{"role": "user", "content": "Say hello."}]), "prompt is not"),
        (set_to("canonical_id", "0" * 32), "canonical form is another"),
        (set_to("id", "0" * 32), "the id is not"),
        (set_to("payload", '{"domain":"(","problem":")"}'), "the id is not"),
        (set_to("status", "undecided"), "not a record"),
        (set_to("trust", "asserted"), "stored as"),
    ],
)
def test_a_changed_row_is_found_even_when_the_manifest_was_changed_with_it(copy, change, why):
    spoil(copy, change)
    done = run("verify", copy.location)
    assert done.returncode == 1 and why in done.stderr and "do not train on it" in done.stderr


def test_a_changed_byte_is_found_by_the_digest(copy):
    spoil(copy, set_to("oracle_version", "another"), cover=False)
    done = run("verify", copy.location)
    assert done.returncode == 1 and "not those that the manifest names" in done.stderr


def test_an_unsat_label_without_its_proof_is_found(copy):
    (entry,) = copy.files("random_ksat", "train")
    unsat = next(row for row in copy.table(entry["path"]).to_pylist() if row["answer"] == '"unsat"')

    def swap(row: dict[str, Any]) -> None:
        row.update(unsat | {"evidence": "null"})

    spoil(copy, swap, "random_ksat")
    done = run("verify", copy.location)
    assert done.returncode == 1 and "no-evidence" in done.stderr


def test_a_copy_of_a_record_in_another_file_is_found(copy):
    train, validation = copy.files("blocksworld", "train")[0], copy.files("blocksworld", "validation")[0]
    shutil.copy(copy.folder.full(train["path"]), copy.folder.full(validation["path"]))
    done = run("verify", copy.location, "--json")
    assert done.returncode == 1 and "do not train on it" in done.stderr
    found = {failure["why"].split(",")[0] for failure in json.loads(done.stdout)["failures"]}
    assert {"lies in split validation", "an isomorphic copy of another record"} <= found


def test_a_row_of_another_domain_is_found(copy):
    other = next(copy.records("random_ksat", "train"))
    spoil(copy, lambda row: row.update(to_row(other)))
    done = run("verify", copy.location)
    assert done.returncode == 1 and "among those of blocksworld" in done.stderr


def test_a_file_that_the_manifest_does_not_name_is_found(copy):
    path = copy.folder.full(copy.files("blocksworld", "train")[0]["path"])
    shutil.copy(path, path.replace("part-00000", "part-77777"))
    done = run("verify", copy.location)
    assert done.returncode == 1 and "part-77777.parquet : a file that the manifest does not name" in done.stderr


def test_a_torn_or_missing_file_and_no_lake_are_bad_input(copy):
    path = Path(copy.folder.full(copy.files()[0]["path"]))
    path.write_bytes(path.read_bytes()[:100])
    assert copy.files()[0]["path"] in one_line_error(run("verify", copy.location), 2)
    path.unlink()
    assert copy.files()[0]["path"] in one_line_error(run("verify", copy.location), 2)
    assert "no lake at" in one_line_error(run("verify", str(path)), 2)
    assert "LAKE" in one_line_error(run("verify"), 2)
