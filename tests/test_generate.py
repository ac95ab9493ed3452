"""The command: what it makes, how it resumes after being killed, and what it says of bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import one_line_error, run

from neurosym.lake import Lake

FIVE = "blocksworld,logistics,random_ksat,graph_coloring,linear_integer"


def test_five_domains_into_one_lake(tmp_path):
    done = run("generate", FIVE, "-n", "52", "--seed", "4", "--out", str(tmp_path / "lake"), "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    records = {name: domain["records"] for name, domain in summary["quality"]["domains"].items()}
    assert records == dict(zip(FIVE.split(","), (11, 11, 10, 10, 10), strict=True))
    assert summary["complete"] and summary["digest"] == Lake(tmp_path / "lake").digest
    assert run("verify", str(tmp_path / "lake")).returncode == 0


def test_the_closing_table_names_what_a_reader_wants(tmp_path):
    done = run("generate", "random_ksat", "-n", "40", "--out", str(tmp_path / "lake"))
    assert done.returncode == 0
    for word in ("random_ksat", "40", "proved", "glucose: 0 of 30 disagree", "entropy", "MinHash", "digest"):
        assert word in done.stdout, done.stdout


def test_workers_do_not_change_the_bytes(tmp_path):
    for workers in ("1", "2"):
        command = ("generate", "random_ksat,blocksworld", "-n", "300", "--seed", "1", "--workers", workers)
        assert run(*command, "--out", str(tmp_path / workers)).returncode == 0
    one, two = Lake(tmp_path / "1"), Lake(tmp_path / "2")
    assert one.digest == two.digest
    assert contents(one) == contents(two)


def contents(lake: Lake) -> dict[str, bytes]:
    return {name: lake.folder.read(name) for name in lake.folder.files("")}


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "neurosym.generate", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for_staged(lake: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while len(list(lake.rglob("staging/*/*.arrow"))) < count:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.02)


ARGUMENTS = ("blocksworld", "-n", "500", "--seed", "1", "--set", "blocks=5")


@pytest.fixture(scope="module")
def digest(tmp_path_factory) -> str:
    """The digest of ARGUMENTS made in one go by one process."""
    out = tmp_path_factory.mktemp("whole") / "lake"
    assert run("generate", *ARGUMENTS, "--out", str(out)).returncode == 0
    return Lake(out).digest


def test_a_killed_driver_resumes_to_the_same_digest(tmp_path, digest):
    out = tmp_path / "lake"
    for staged in (1, 3):
        process = start(*ARGUMENTS, "--out", str(out))
        wait_for_staged(out, staged, process)
        process.kill()
        process.wait()
    assert not (out / "manifest.json").exists()
    kept = len(list(out.rglob("staging/*/*.arrow")))
    assert kept >= 3
    assert run("generate", *ARGUMENTS, "--out", str(out)).returncode == 0
    assert Lake(out).digest == digest and not (out / "staging").exists()


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, digest):
    out = tmp_path / "lake"
    process = start(*ARGUMENTS, "--out", str(out))
    wait_for_staged(out, 4, process)
    staged = sum(pa.ipc.open_file(path).read_all().num_rows for path in out.rglob("staging/*/*.arrow"))
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and error.strip().splitlines()[-1].startswith("neurosym: interrupted")
    assert len(list(Lake(out).records())) >= staged >= 16 and not Lake(out).manifest["complete"]
    assert run("verify", str(out)).returncode == 0
    assert run("generate", *ARGUMENTS, "--out", str(out)).returncode == 0
    assert Lake(out).digest == digest


def descendants(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            child = int(status.parent.name)
            found += [child, *descendants(child)]
    return found


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it ended meanwhile
        return b""


def test_a_killed_ray_worker_changes_nothing(tmp_path, digest):
    out = tmp_path / "lake"
    process = start(*ARGUMENTS, "--workers", "2", "--out", str(out))
    wait_for_staged(out, 1, process)
    workers = [pid for pid in descendants(process.pid) if b"_Worker" in command_line(pid)]
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    output, error = process.communicate(timeout=200)
    assert process.returncode == 0, error
    assert Lake(out).digest == digest and "raylet" not in output


def test_a_second_generate_into_the_same_lake_is_refused(tmp_path):
    process = start(*ARGUMENTS, "--out", str(tmp_path / "lake"))
    wait_for_staged(tmp_path / "lake", 1, process)
    assert "another process" in one_line_error(run("generate", *ARGUMENTS, "--out", str(tmp_path / "lake")), 2)
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["bloksworld", "-n", "5", "--out", "x"], "did you mean 'blocksworld'"),
        (["blocksworld", "-n", "5", "--out", "x", "--set", "blobs=3"], "unknown knob 'blobs'"),
        (["blocksworld", "-n", "5", "--out", "x", "--set", "blocks=many"], "whole number"),
        (["blocksworld", "-n", "5", "--out", "x", "--set", "blocks=1000"], "blocksworld: blocks must be in"),
        (["blocksworld", "-n", "5", "--out", "x", "--set", "blocks"], "KNOB=VALUE"),
        (["blocksworld", "-n", "5", "--out", "x", "--set", "logistics.cities=2"], "not among the domains"),
        (["blocksworld", "-n", "0", "--out", "x"], "-n must be at least 1"),
        (["blocksworld,blocksworld", "-n", "5", "--out", "x"], "named twice"),
        (["blocksworld", "--out", "x"], "how many records"),
        (["blocksworld", "-n", "five", "--out", "x"], "invalid int"),
        (["blocksworld", "-n", "5"], "--out"),
        (["-n", "5", "--out", "x"], "name either domains"),
        (["blocksworld", "-n", "5", "--out", "x", "--oracle", "cadical"], "does not solve pddl"),
        (["blocksworld", "-n", "5", "--out", "x", "--workers", "-1"], "--workers"),
        (["blocksworld", "-n", "5", "--out", "/proc/nowhere/lake"], "cannot write"),
        (["--from", "/no/such/folder", "--out", "x"], "no file or folder"),
        (["--config", "/no/such/job.toml"], "no job file"),
    ],
)
def test_bad_usage_is_one_line(tmp_path, arguments, why):
    assert why in one_line_error(run("generate", *arguments, cwd=tmp_path), 2)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_line(tmp_path):
    """/dev/full takes no byte: the lake's folder is on a file system without room."""
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path]).returncode:
        pytest.skip("needs root to mount a small file system")
    try:
        done = run("generate", "random_ksat", "-n", "400", "--out", str(tmp_path / "lake"))
        assert "No space left on device" in one_line_error(done, 2)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_list_and_dry_run(tmp_path):
    names = [entry["name"] for entry in json.loads(run("generate", "--list", "--json").stdout)]
    assert set(FIVE.split(",")) <= set(names)
    assert all(name in run("generate", "--list").stdout for name in names)
    done = run("generate", FIVE, "-n", "7", "--out", str(tmp_path / "lake"), "--dry-run")
    assert done.returncode == 0 and "blocksworld: 2 records" in done.stdout and not list(tmp_path.iterdir())


JOB = """
domains = ["random_ksat", "linear_integer"]
count = 30
seed = 9
audit = 5
[knobs]
prompt_style = "formal"
random_ksat.variables = 12
[gate]
max_undecided = 0.0
max_audit_error = {bound}
"""


def test_a_job_file_and_its_gate(tmp_path):
    (tmp_path / "job.toml").write_text(JOB.format(bound="0.9"))
    done = run("generate", "--config", str(tmp_path / "job.toml"), "--out", str(tmp_path / "lake"), "--seed", "10")
    assert done.returncode == 0, done.stderr
    lake = Lake(tmp_path / "lake")
    identities = [job["identity"] for job in lake.manifest["jobs"]]
    assert [identity["seed"] for identity in identities] == [10, 10]
    assert identities[0]["knobs"]["variables"] == 12 and identities[1]["knobs"]["prompt_style"] == "formal"
    # Five audited records without a disagreement leave a bound of 45%: the stricter gate cannot hold.
    (tmp_path / "job.toml").write_text(JOB.format(bound="0.1"))
    missed = run("generate", "--config", str(tmp_path / "job.toml"), "--out", str(tmp_path / "lake"), "--seed", "10")
    assert missed.returncode == 3 and "max_audit_error = 0.1 (found 0.45" in missed.stderr


@pytest.mark.parametrize("oracle", ["fast-downward-satisficing", "up:pyperplan"])
def test_another_oracle_by_name(tmp_path, oracle):
    arguments = ("blocksworld", "-n", "4", "--set", "blocks=4", "--oracle", oracle)
    done = run("generate", *arguments, "--out", str(tmp_path / "lake"))
    assert done.returncode == 0, done.stderr
    assert {record.oracle for record in Lake(tmp_path / "lake").records()} == {oracle}
    assert run("verify", str(tmp_path / "lake")).returncode == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("domains = [", "not a TOML file"),
        ("domans = ['blocksworld']", "did you mean 'domains'"),
        ("count = 'many'", "count must be of type int"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\n[gate]\nmax_undecide = 1", "did you mean 'max_undecided'"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\n[budget]\nhours = 1", "budget takes steps"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\n[budget]\nseconds = 'x'", "above 0"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\n[budget]\nsteps = 0", "above 0"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\n[gate]\nmax_wrong = 'no'", "must be a number"),
        ("domains = ['random_ksat']\ncount = 3\nout = 'x'\naudit = -1", "audit must be at least 0"),
    ],
)
def test_a_bad_job_file_is_one_line(tmp_path, text, why):
    (tmp_path / "job.toml").write_text(text)
    assert why in one_line_error(run("generate", "--config", str(tmp_path / "job.toml")), 2)


def test_a_users_own_files(tmp_path, lake):
    mine = tmp_path / "mine"
    mine.mkdir()
    for number, record in enumerate(list(lake.records("blocksworld"))[:5]):
        (mine / "domain.pddl").write_text(record.problem.payload["domain"])
        (mine / f"p{number}.pddl").write_text(record.problem.payload["problem"])
    for number, record in enumerate(list(lake.records("random_ksat"))[:5]):
        (mine / f"f{number}.cnf").write_text("c a comment\n" + record.problem.payload["dimacs"])
    for number, record in enumerate(list(lake.records("linear_integer"))[:5]):
        (mine / f"s{number}.smt2").write_text(record.problem.payload["script"])
    (mine / "copy.cnf").write_text((mine / "f0.cnf").read_text() + "c the same again\n")
    (mine / "cut.cnf").write_text("p cnf 3 5\n1 2 0\n-1")
    (mine / "empty.smt2").write_text("")
    done = run("generate", "--from", str(mine), "--out", str(tmp_path / "lake"), "--json")
    assert done.returncode == 0, done.stderr
    assert "empty.smt2: empty file" in done.stderr
    domains = json.loads(done.stdout)["quality"]["domains"]
    assert {name: domain["records"] for name, domain in domains.items()} == {
        "cnf_files": 5, "pddl_files": 5, "smtlib2_files": 5,
    }  # fmt: skip
    assert domains["cnf_files"]["isomorphic_copies_dropped"] == 1
    assert json.loads(done.stdout)["quality"]["counts"]["status"] == {"correct": 15, "malformed": 2}
    assert run("verify", str(tmp_path / "lake")).returncode == 0


def test_own_files_of_which_none_is_good(tmp_path):
    (tmp_path / "a.cnf").write_bytes(b"\x00")
    done = run("generate", "--from", str(tmp_path / "a.cnf"), "--out", str(tmp_path / "lake"))
    assert done.returncode == 2 and "a.cnf: binary file" in done.stderr and "none of the files" in done.stderr
    (tmp_path / "b.cnf").write_text("p cnf 1 1\n1")
    done = run("generate", "--from", str(tmp_path / "b.cnf"), "--out", str(tmp_path / "lake"))
    assert done.returncode == 2 and "none of your problems could be proved" in done.stderr
