"""The benchmarks of learning: each runs at its smallest, goes on where it was, and its tables say what was measured."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pyarrow import parquet

from neurosym.core import Status, Trust, Verdict
from neurosym.errors import FalseLabel, UsageError
from neurosym.evaluation.judged import Answer, Asked
from neurosym.evaluation.scores import BestOf, Figure, score

ROOT = Path(__file__).parent.parent
DOMAINS = {"blocksworld", "logistics", "random_ksat", "graph_coloring", "linear_integer"}


@pytest.fixture
def benchmark_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A script of benchmarks/ as a module, by name; forgotten after the test."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    loaded: list[str] = []

    def load(name: str) -> ModuleType:
        loaded.extend([name, "_results"])
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


def quick(script: str, work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / script), "--quick", "--work", str(work), *more]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=work, env=environment, timeout=300)


def forms_asked(folder: Path) -> set[str]:
    return set(parquet.read_table(folder / "problems.parquet", columns=["canonical_id"])["canonical_id"].to_pylist())


def forms_trained_on(adapter: Path) -> set[str]:
    return set((adapter / "training_forms.txt").read_text().split())


def asked(name: str, *right: bool, domain: str = "blocksworld", seconds: float = 1.0) -> Asked:
    """A problem of the form FORM of NAME "FORM.NAMING", with right and wrong answers."""
    verdicts = {True: Verdict(Status.CORRECT, Trust.PROVED), False: Verdict(Status.WRONG, Trust.PROVED)}
    answers = tuple(Answer(verdicts[one], seconds=seconds) for one in right)
    confirmed = None if len(right) == 1 or not any(right) else True
    return Asked(name, name.partition(".")[0], domain, None, None, False, answers, confirmed)


# What is said


def test_a_table_is_markdown(benchmark_of):
    table = benchmark_of("_results").Table("Seed 0", ("training", "proved"), [("before", "0.0%"), ("after", "70.0%")])
    assert table.markdown().splitlines() == [
        "**Seed 0**", "", "| training | proved |", "|---|---|", "| before | 0.0% |", "| after | 70.0% |",
    ]  # fmt: skip


def test_flags_of_training_are_left_over_and_quick_results_stay_away_from_the_real_ones(benchmark_of, tmp_path):
    results = benchmark_of("_results")
    full, small = {"base": "smollm2", "training": {"steps": 9}}, {"base": "nano", "training": {"steps": 1}}

    def parsed(*arguments: str) -> tuple[Any, list[str]]:
        return results.parsed(results.flags("about"), list(arguments), "one", Path("docs/results"), full, small)

    options, rest = parsed("--learning-rate", "5e-4", "--no-rename")
    assert rest == ["--learning-rate", "5e-4", "--no-rename"]
    assert (options.base, options.out, options.work) == ("smollm2", Path("docs/results"), Path("build/one"))
    options, rest = parsed("--quick", "--work", str(tmp_path))
    assert (options.base, options.out, options.work) == ("nano", tmp_path / "results", tmp_path) and not rest
    assert parsed("--base", "nano", "--out", "here")[0].out == Path("here")
    for wrong, why in {"--learning-rte": "unrecognized", "--learning-rate=7": "learning_rate must be"}.items():
        with pytest.raises(UsageError, match=why):
            parsed(wrong)


def test_the_time_of_training_is_that_of_all_logs(benchmark_of, tmp_path):
    """Those of rounds too; what a killed run made was logged and counts."""
    results = benchmark_of("_results")
    for number, lines in enumerate(([1.5, 2.5], [3.0])):
        folder = tmp_path / f"round-{number}"
        folder.mkdir()
        (folder / "log.jsonl").write_text("".join(json.dumps({"step": 1, "seconds": each}) + "\n" for each in lines))
    assert results.training_seconds(tmp_path) == 7.0 and results.training_seconds(tmp_path / "round-1") == 3.0
    assert results.wall_seconds(tmp_path) is None
    (tmp_path / "wall.json").write_text('{"seconds": 9.5}')
    assert results.wall_seconds(tmp_path) == 9.5


def test_a_held_out_form_that_was_trained_on_is_refused(benchmark_of, tmp_path, monkeypatch):
    results = benchmark_of("_results")
    options = SimpleNamespace(forms=9, renamings=2, max_tokens=5)
    monkeypatch.setattr(results, "evaluate", lambda *_, **__: SimpleNamespace(left_out=1))
    with pytest.raises(FalseLabel, match="1 test problems have a canonical form that was trained on"):
        results.held_out("model", None, tmp_path, options)
    monkeypatch.setattr(results, "evaluate", lambda *_, **__: SimpleNamespace(left_out=0))
    assert results.held_out("model", None, tmp_path, options).left_out == 0


def test_medians_are_held_against_their_targets(benchmark_of):
    learn = benchmark_of("learn_blocksworld")

    def result(seed: int, name: str, share: float, answered: float | None = None, precision: float = 1.0) -> Any:
        def figure(value: float) -> Figure:
            return Figure(value, 0.0, 1.0, 200)

        best = answered and SimpleNamespace(best_of=BestOf(8, figure(answered), figure(precision)))
        return learn.Result(seed, name, 1, 1.0, None, SimpleNamespace(validity=figure(share)), best or None)

    seeds = [(0.75, 0.91, 0.98), (0.60, 0.85, 0.90), (0.70, 0.99, 0.99)]
    results = [
        one
        for seed, (short, long, best) in enumerate(seeds)
        for one in (result(seed, "3 minutes", short), result(seed, "10 minutes", long, best))
    ]
    short, long, answered, precision = learn.medians(results, 8)
    assert short.met and long.met and answered.met and precision.met
    assert short.row == ("greedy after about 3 minutes", "70.0%", "75.0, 60.0, 70.0", "70%", "met")
    assert answered.row[1] == "98.0%"
    lie = [*results[:-1], result(2, "10 minutes", 0.80, 0.95, precision=0.99)]
    _, long, answered, precision = learn.medians(lie, 8)
    assert not long.met and long.row[-1] == "missed by 5.0 points"
    assert not answered.met and not precision.met
    assert [each.what for each in learn.medians([result(0, "3 minutes", 0.5, 0.5)], 8)] == [
        "greedy after about 3 minutes", "best of 8, answered", "of these proved, least",
    ]  # fmt: skip


def test_all_seeds_together_resample_whole_forms(benchmark_of):
    expert = benchmark_of("expert_iteration")
    names = [f"form{form}.{naming}" for form in range(4) for naming in range(2)]
    one = [asked(name, False) for name in names]
    other = [asked(name, name.startswith("form0")) for name in names]
    seeds = [SimpleNamespace(plain=SimpleNamespace(asked=one), expert=SimpleNamespace(asked=other)) for _ in range(3)]
    whole = expert.pooled(seeds)
    assert (whole.problems, whole.forms, whole.only_first, whole.only_second) == (24, 4, 0, 6)
    assert whole.difference == 0.25 and whole.low == 0.0
    assert whole.exact_p == 1.0, "three seeds of one form are one win, and no more"


def test_best_of_k_is_one_answer_at_the_cost_of_all(benchmark_of, tmp_path, monkeypatch):
    against = benchmark_of("model_vs_oracle")
    judged = [asked("a", False, True), asked("b", True, False), asked("c", False, False, domain="logistics")]
    monkeypatch.setattr(against, "read_asked", lambda folder: judged)
    found = against.result("best", tmp_path, score("adapter", "", judged)).found
    assert (found.model, found.samples, found.validity.count, found.validity.of) == ("best", 2, 2, 3)
    assert found.validity.count == found.best_of.coverage.count
    assert {name: share.value for name, share in found.by_domain.items()} == {"blocksworld": 1.0, "logistics": 0.0}
    assert (found.effort["model"].seconds, found.effort["model"].per_proved) == (6.0, 3.0)
    assert found.pass_at[2].count == 2 and found.calibration is None


def test_an_oracle_or_a_choice_that_is_not_proved_is_a_failure(benchmark_of, tmp_path, monkeypatch):
    against = benchmark_of("model_vs_oracle")

    def results(oracle: bool, confirmed: bool) -> list[Any]:
        right = [asked("a", True), asked("b", oracle)]
        best = [replace(asked("a", True, True), confirmed=confirmed), asked("b", False, False)]
        made = []
        for name, judged in (("best", best), ("oracle", right)):
            monkeypatch.setattr(against, "read_asked", lambda folder, judged=judged: judged)
            made.append(against.result(name, tmp_path, score(name, "", judged)))
        return made

    assert against.sound(results(True, True))
    assert not against.sound(results(False, True)) and not against.sound(results(True, False))


# What runs


@pytest.mark.slow
def test_model_vs_oracle_runs_and_goes_on_where_it_was(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("matplotlib")
    done = quick("model_vs_oracle.py", tmp_path)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "results"
    facts = json.loads((out / "results.json").read_text())
    names = ["nano before", "nano after", "after, best of 2", "oracle", "random", "majority"]
    assert list(facts["models"]) == names
    assert {name: share["value"] for name, share in facts["models"]["oracle"]["by_domain"].items()} == dict.fromkeys(
        DOMAINS, 1.0
    )
    runs = [tmp_path / name / "run.json" for name in ("before", "after", "best-of", "oracle", "random", "majority")]
    assert len({json.loads(run.read_text())["problems"] for run in runs}) == 1, "all are asked the same problems"
    assert not forms_trained_on(tmp_path / "adapter") & forms_asked(tmp_path / "after")
    page = (out / "report.html").read_text()
    assert all(name in page for name in names) and str(tmp_path / "adapter") not in page
    assert "<script" not in page and "src=" not in page and "<svg" in page
    table = (out / "README.md").read_text()
    assert "| proved | " in table and all(f"| {name} | " in table for name in DOMAINS)
    assert any("nano after proves" in sentence and "nano before" in sentence for sentence in facts["sentences"])

    said = {path: path.read_bytes() for path in tmp_path.rglob("outputs.jsonl")}
    weights = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    assert len(said) == 6 and weights
    again = quick("model_vs_oracle.py", tmp_path)
    assert again.returncode == 0, again.stderr
    assert said == {path: path.read_bytes() for path in tmp_path.rglob("outputs.jsonl")}
    assert weights == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}


@pytest.mark.slow
def test_learn_blocksworld_runs(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("up_fast_downward")
    done = quick("learn_blocksworld.py", tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "results" / "learn_blocksworld.json").read_text())
    assert [(each["name"], each["steps"]) for each in facts["results"]] == [("3 minutes", 2), ("10 minutes", 4)]
    assert all(each["greedy"]["problems"] == 2 * facts["forms"]["test"] for each in facts["results"])
    assert all(each["training_seconds"] > 0 and each["wall_seconds"] for each in facts["results"])
    for adapter in tmp_path.glob("seed-0/*/adapter"):
        assert len(forms_trained_on(adapter)) == facts["forms"]["train"]
        assert not forms_trained_on(adapter) & forms_asked(tmp_path / "before")
        assert not forms_trained_on(adapter) & forms_asked(adapter.parent / "greedy")
    said = (tmp_path / "results" / "learn_blocksworld.md").read_text()
    assert "**Seed 0**" in said and "**Medians**" in said and "missed by" in said


@pytest.mark.slow
def test_expert_iteration_runs(tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("up_fast_downward")
    done = quick("expert_iteration.py", tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "results" / "expert_iteration.json").read_text())
    (seed,) = facts["seeds"]
    steps = [json.loads((tmp_path / "seed-0" / side / "adapter" / "neurosym.json").read_text())["settings"]["steps"]
             for side in ("plain", "expert")]  # fmt: skip
    assert steps == [6, 3] and [each["number"] for each in seed["rounds"]] == [0, 1], "the same budget of steps"
    assert seed["compared"]["problems"] == facts["all_seeds"]["problems"] == seed["plain"]["greedy"]["problems"]
    assert "expert iteration proves" in facts["sentence"]
    for adapter in tmp_path.glob("seed-0/*/adapter"):
        assert not forms_trained_on(adapter) & forms_asked(adapter.parent / "greedy")
    said = (tmp_path / "results" / "expert_iteration.md").read_text()
    assert "| expert iteration, round 1 | 6 | " in said and "**Compared**" in said
