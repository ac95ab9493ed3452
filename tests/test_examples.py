"""Every example runs as its docstring says, in an empty folder, and shows what it promises."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

STATUSES = "correct|wrong|malformed|undecided"
EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").glob("*.py"))


def run(name: str, folder: Path, *arguments: str) -> str:
    """What an example prints."""
    file = next(example for example in EXAMPLES if example.stem == name)
    environment = os.environ | {"HF_HOME": str(folder / "huggingface"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", str(file), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    left = {path.name for path in folder.iterdir()} - {"huggingface"}
    assert not left, "it cleans up after itself"
    return done.stdout


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_says_what_it_shows_and_how_to_run_it(file):
    text = file.read_text()
    told = ast.get_docstring(ast.parse(text)) or ""
    assert f"\n    python examples/{file.name}" in told and len(told) > 200
    assert len(text.splitlines()) <= 130, "short"
    assert f"def test_{file.stem}(" in Path(__file__).read_text(), "run by a test"


def test_sat_with_certificates(tmp_path):
    pytest.importorskip("pysat")
    shown = run("sat_with_certificates", tmp_path)
    verdicts = dict(re.findall(r"^  (.{42}) (\w+)", shown, re.MULTILINE))
    verdicts = {what.strip(): status for what, status in verdicts.items()}
    assert verdicts["unsat with its proof"] == verdicts["its model"] == "correct"
    assert verdicts["unsat on its word alone"] == verdicts["unsat, the first lemma left out"] == "undecided"
    assert verdicts["a model of it"] == verdicts["the opposite of its model"] == "wrong"
    assert verdicts["unsat, with the other formula's proof"] == "undecided"
    assert len(re.findall(r"lines of (?:LRAT|DRAT) +correct, proved", shown)) == 2


def test_own_pddl_folder(tmp_path):
    pytest.importorskip("up_fast_downward")
    shown = run("own_pddl_folder", tmp_path)
    assert "2 records proved again, 0 failures" in shown
    for status in ("this plan: correct", "without its last step: wrong", "misspelt: malformed"):
        assert shown.count(status) == 2


def test_new_domain(tmp_path):
    pytest.importorskip("z3")
    shown = run("new_domain", tmp_path)
    assert "domain coins conforms" in shown and "a renaming keeps" in shown and "not tried" not in shown
    assert shown.count("(correct, proved)") == 3
    assert "from a model: correct" in shown and "<Status.WRONG" in shown


def test_the_new_domain_is_sixty_lines_long():
    text = next(file for file in EXAMPLES if file.stem == "new_domain").read_text()
    family = text[text.index("RULES = ") : text.index("def main(")]
    assert len([line for line in family.splitlines() if line.strip()]) <= 60


@pytest.mark.slow
def test_dpo_with_trl(tmp_path):
    pytest.importorskip("trl")
    pytest.importorskip("up_fast_downward")
    shown = run("dpo_with_trl", tmp_path)
    preferred = [int(share) for share in re.findall(r"preferred in +(\d+)% of pairs", shown)]
    margins = [float(margin) for margin in re.findall(r"margin (-?[0-9.]+)", shown)]
    assert "200 pairs" in shown and len(preferred) == 4
    assert preferred[-1] > 80 and margins[-1] > margins[0] > 0


@pytest.mark.slow
def test_grpo_with_trl(tmp_path):
    pytest.importorskip("trl")
    pytest.importorskip("pysat")
    shown = run("grpo_with_trl", tmp_path)
    steps = re.findall(r"reward ([01]\.\d\d); +(\d+)% correct, +(\d+)% wrong, +(\d+)% malformed, +(\d+)% undec", shown)
    assert len(steps) == 6
    for reward, *shares in steps:
        correct, wrong, malformed, undecided = map(int, shares)
        assert abs(100 * float(reward) - correct) <= 1 and undecided == 0
        assert abs(correct + wrong + malformed - 100) <= 2
    assert sum(float(reward) for reward, *_ in steps) > 0.2, "groups differ, so there is something to learn from"


@pytest.mark.slow
def test_blocksworld_end_to_end(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("up_fast_downward")
    shown = run("blocksworld_end_to_end", tmp_path)
    assert "200 proved" in shown and "nano after 100 steps" in shown
    oracle, model = (
        {status: int(count) for status, count in re.findall(rf"^({STATUSES}) +(\d+) of 88 ", table, re.MULTILINE)}
        for table in shown.split("nano after")
    )
    assert oracle == {"correct": 88, "wrong": 0, "malformed": 0, "undecided": 0}
    assert sum(model.values()) == 88 and len(model) == 4
    assert model["malformed"] < 44, "it has learned at least what a plan looks like"
