"""A user's own files: what is read, what is refused, and how."""

from __future__ import annotations

import json

import pytest

from neurosym.errors import UsageError
from neurosym.sources import MAX_BYTES, read

DOMAIN = "(define (domain {name}) (:predicates (p)) (:action a :effect (p)))"
PROBLEM = "(define (problem x) (:domain {name}) (:init) (:goal (p)))"


def test_a_missing_path_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="no file or folder"):
        read([tmp_path / "nowhere"])


def test_an_unknown_suffix_is_an_error_when_named_and_ignored_in_a_folder(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UsageError, match="no known type"):
        read([tmp_path / "notes.txt"])
    with pytest.raises(UsageError, match="nothing to read"):
        read([tmp_path])


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", "empty"), (b" \n\n", "empty"), (b"p cnf 1 1\n\x00", "binary"), (b"c \xff\xfe\np cnf", "not UTF-8")],
)
def test_a_bad_file_becomes_a_source_with_its_error(tmp_path, content, error):
    (tmp_path / "bad.cnf").write_bytes(content)
    (tmp_path / "good.cnf").write_text("p cnf 1 1\n1 0\n")
    bad, good = read([tmp_path])["cnf"]
    assert error in bad.error and bad.path.endswith("bad.cnf")
    assert not good.error and good.problem.payload == {"dimacs": "p cnf 1 1\n1 0\n"}


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "huge.smt2").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (source,) = read([tmp_path])["smtlib2"]
    assert "larger than 64 MB" in source.error


def test_pddl_files_are_paired_by_the_domain_they_name(tmp_path):
    (tmp_path / "domain.pddl").write_text(DOMAIN.format(name="One"))
    (tmp_path / "other.pddl").write_text(DOMAIN.format(name="two"))
    (tmp_path / "p1.pddl").write_text(PROBLEM.format(name="one"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "p2.PDDL").write_text("; a comment\n" + PROBLEM.format(name="two"))
    (tmp_path / "p3.pddl").write_text(PROBLEM.format(name="three"))
    (tmp_path / "p4.pddl").write_text("(define (something else))")
    found = {source.path.rpartition("/")[2]: source for source in read([tmp_path])["pddl"]}
    assert found["p1.pddl"].problem.payload["domain"] == DOMAIN.format(name="One")
    assert found["p2.PDDL"].problem.payload["domain"] == DOMAIN.format(name="two")
    assert "no domain file for its domain three" in found["p3.pddl"].error
    assert "neither a PDDL domain nor a PDDL problem" in found["p4.pddl"].error


def test_a_domain_file_for_each_problem_is_found_by_name(tmp_path):
    for stem in ("p01", "p02"):
        (tmp_path / f"{stem}-domain.pddl").write_text(DOMAIN.format(name="one") + f" ; {stem}")
        (tmp_path / f"{stem}.pddl").write_text(PROBLEM.format(name="one"))
    (tmp_path / "q.pddl").write_text(PROBLEM.format(name="one"))
    found = {source.path.rpartition("/")[2]: source for source in read([tmp_path])["pddl"]}
    assert found["p02.pddl"].problem.payload["domain"].endswith("; p02")
    assert "2 files define its domain" in found["q.pddl"].error


def test_json_lines(tmp_path):
    file = tmp_path / "problems.jsonl"
    file.write_text(
        json.dumps({"kind": "cnf", "payload": {"dimacs": "p cnf 0 0\n"}})
        + "\n\n"
        + json.dumps({"kind": "cnf", "payload": {"dimacs": 0.5}})
        + '\n{"kind": "cnf", "payload": {"dimacs": "\\ud800"}}\n{"kind": "cnf", "payload": []}\n'
    )
    good, inexact, surrogate, array = read([file])["cnf"]
    assert not good.error and good.path.endswith("problems.jsonl:1")
    assert "float" in inexact.error and "surrogate" in surrogate.error and "not an object" in array.error


@pytest.mark.parametrize("line", ["{", "[]", '{"kind": "cnf"}', '{"kind": "tarot", "payload": {}}', "[" * 100_000])
def test_a_bad_json_line_is_named(tmp_path, line):
    (tmp_path / "problems.jsonl").write_text(line)
    with pytest.raises(UsageError, match=r"problems.jsonl:1"):
        read([tmp_path])
