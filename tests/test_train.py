"""Training: what it learns, what it writes, how it goes on after being killed, and what it says of bad input."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import one_line_error, run

import neurosym as ns
from neurosym import train as command
from neurosym.errors import FalseLabel, UsageError
from neurosym.storage import Folder
from neurosym.training import adapter, loop, validity
from neurosym.training.settings import settings_of
from neurosym.training.validity import Validity

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

SMALL = {"base": "nano", "threads": 1, "batch_tokens": 512, "pack_length": 512}
"""Settings of runs that take a second."""


@pytest.fixture(scope="module")
def blocks(tmp_path_factory) -> ns.Lake:
    """Blocksworld of four blocks; tests only read it."""
    lake = ns.Lake(tmp_path_factory.mktemp("blocks") / "lake")
    lake.write(ns.annotate(ns.domain("blocksworld", blocks=4), count=60, seed=3))
    return lake


def log(out: Path) -> list[dict[str, object]]:
    """The log without what a clock says."""
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    for line in lines:
        assert line.pop("seconds") >= 0
    return lines


def contents(out: Path) -> dict[str, bytes]:
    """Every file that training leaves, but for the log's clock."""
    files = {path.name: path.read_bytes() for path in out.iterdir() if path.name != ".lock"}
    return files | {"log.jsonl": json.dumps(log(out)).encode()}


@pytest.fixture(scope="module")
def trained(blocks, tmp_path_factory) -> Path:
    """A finished run of twelve steps with validity measured every four."""
    out = tmp_path_factory.mktemp("trained") / "nano"
    command(blocks, out=out, steps=12, evaluate_every=4, validity_problems=3, **SMALL)
    return out


# What comes out


def test_what_a_run_leaves(blocks, trained):
    facts = json.loads((trained / "neurosym.json").read_text())
    assert {"format", "base", "lake_digest", "domains", "settings", "scores", "seed"} == facts.keys()
    assert (facts["format"], facts["base"], facts["seed"]) == (1, "nano", 0)
    assert facts["lake_digest"] == blocks.digest and facts["domains"] == ["blocksworld"]
    scores = facts["scores"]
    assert scores["problems"] == 3 == sum(scores[status] for status in ("correct", "wrong", "malformed", "undecided"))
    assert scores["validity"] == scores["correct"] / 3
    forms = (trained / "training_forms.txt").read_text().splitlines()
    assert forms == sorted({record.canonical_id for record in blocks.records(split="train")})
    held_out = {record.canonical_id for split in ("validation", "test") for record in blocks.records(split=split)}
    assert held_out and not held_out & set(forms)
    card = (trained / "README.md").read_text()
    for told in ("nano", blocks.digest, "validity", "neurosym.evaluate", "learning_rate", "blocksworld"):
        assert told in card
    assert not (trained / "checkpoint").exists() and not list(trained.glob(".*tmp*"))


def test_the_log_is_the_loss_curve(trained):
    steps = [line for line in log(trained) if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, 13))
    assert all(line["loss"] > 0 and line["tokens"] > 0 and 0 < line["learning_rate"] <= 3e-3 for line in steps)
    assert [line["step"] for line in log(trained) if "validity" in line] == [4, 8, 12]


def test_the_adapter_in_one_line(trained):
    made = adapter.read(trained)
    assert made.path == trained and made.scores["problems"] == 3
    assert "\n" not in str(made) and "nano after" in str(made) and "of 3 validation problems" in str(made)


def test_the_whole_nano_model_loads_with_transformers_alone(trained):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(trained), AutoTokenizer.from_pretrained(trained)
    assert tokenizer.chat_template and model(torch.tensor([[1, 2, 3]])).logits.isfinite().all()
    assert sum(each.numel() for each in model.parameters()) < 1_000_000


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(blocks, tmp_path):
    for out, seed in (("one", 5), ("two", 5), ("three", 6)):
        command(blocks, out=tmp_path / out, steps=4, validity_problems=2, dropout=0.1, seed=seed, **SMALL)
    one, two, three = (contents(tmp_path / out) for out in ("one", "two", "three"))
    assert one == two
    assert one["model.safetensors"] != three["model.safetensors"]


def test_without_validity_the_last_weights_are_kept(blocks, tmp_path):
    made = command(blocks, out=tmp_path / "out", steps=3, validity_problems=0, **SMALL)
    losses = [line["loss"] for line in log(tmp_path / "out")]
    assert made.scores == {"step": 3, "training_loss": pytest.approx(sum(losses) / 3)}
    assert str(made).endswith("nano after 3 steps")


def test_epochs_show_every_record_once(blocks, tmp_path):
    command(blocks, out=tmp_path / "out", epochs=2, rename=False, validity_problems=0, **SMALL)
    from transformers import AutoTokenizer

    from neurosym.training.examples import examples

    found, dropped = examples(blocks.records(split="train"), AutoTokenizer.from_pretrained(tmp_path / "out"), 10**6)
    assert not dropped
    assert sum(line["tokens"] for line in log(tmp_path / "out")) == 2 * sum(len(e.tokens) - e.prompt for e in found)


def test_one_domain_of_a_lake_and_at_most_so_many_records(lake, tmp_path):
    one = command(
        lake, out=tmp_path / "out", steps=1, domains=["linear_integer"], limit=5, validity_problems=0, **SMALL
    )
    assert one.domains == ("linear_integer",)
    forms = (tmp_path / "out" / "training_forms.txt").read_text().split()
    assert len(forms) == 5 and set(forms) < {r.canonical_id for r in lake.records("linear_integer", "train")}


# The arithmetic of a step


def first_step(blocks, tmp_path, **settings) -> tuple[dict[str, object], dict[str, torch.Tensor]]:
    from safetensors.torch import load_file

    out = tmp_path / str(len(list(tmp_path.iterdir())))
    chosen = {**SMALL, "steps": 1, "rename": False, "validity_problems": 0, "warmup": 0, "limit": 12, **settings}
    command(blocks, out=out, **chosen)
    return log(out)[0], load_file(out / "model.safetensors")


@pytest.mark.parametrize(
    "other",
    [
        {"pack_length": 300},
        {"packing": False},
        {"packing": False, "pack_length": 16},
        {"gradient_checkpointing": True},
    ],
    ids=str,
)
def test_a_step_is_the_same_in_one_pack_or_many_packed_or_padded(blocks, tmp_path, other):
    """The loss is that of all completion tokens, however they are spread over passes through the model."""
    whole = {"batch_tokens": 10**6, "pack_length": 10**6, "learning_rate": 1e-3}
    expected, weights = first_step(blocks, tmp_path, **whole)
    found, others = first_step(blocks, tmp_path, **whole | other)
    assert found["tokens"] == expected["tokens"] and found["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    # Adam's first step is a sign: where a gradient is nothing but rounding, it may be either.
    same = [torch.isclose(weights[name], others[name], atol=1e-5).float().mean() for name in weights]
    assert min(same) > 0.97


def test_bf16_learns_what_fp32_learns(blocks, tmp_path):
    exact, _ = first_step(blocks, tmp_path, precision="fp32")
    rounded, _ = first_step(blocks, tmp_path, precision="bf16")
    assert rounded["loss"] == pytest.approx(exact["loss"], rel=1e-2) and rounded["loss"] != exact["loss"]


@pytest.mark.slow
def test_fp16_learns_what_fp32_learns_and_leaves_out_steps_that_overflow(blocks, tmp_path, monkeypatch):
    """The command wants a GPU for fp16; the loop does not care."""
    from neurosym.models.base import load_base

    real = torch.amp.GradScaler
    monkeypatch.setattr(torch.amp, "GradScaler", lambda device, enabled: real(device, 2.0**28, enabled=enabled))
    records = list(blocks.records(split="train"))
    logs, scales, weights = [], [], []
    step = loop.Run.make_step

    def make_step(run):
        step(run)
        scales.append(run.scaler.get_scale())
        weights.append(run.weights["model.norm.weight"].detach().clone())

    monkeypatch.setattr(loop.Run, "make_step", make_step)
    for dtype in (torch.float32, torch.float16):
        out = tmp_path / str(dtype)
        out.mkdir()
        chosen = {"lake": blocks.location, "out": str(out), "steps": 20, "schedule": "constant", "warmup": 0, **SMALL}
        base = load_base("nano", texts=[record.prompt for record in records], seed=0)
        loop.fit(base, loop.Data(records, [], "digest"), settings_of(chosen), dtype)
        logs.append([line["loss"] for line in log(out)])
    assert logs[0][0] == pytest.approx(logs[1][0], rel=1e-2)
    left_out = sum(now < before for before, now in zip([2.0**28, *scales[20:]], scales[20:], strict=False))
    assert 0 < left_out < 20 and set(scales[:20]) == {1.0}
    assert torch.equal(weights[20], torch.ones_like(weights[20])), "a step that overflows changes nothing"
    assert logs[1][-1] < logs[1][0] - 1


def test_the_learning_rate_warms_up_and_falls(blocks, tmp_path):
    command(blocks, out=tmp_path / "out", steps=10, warmup=0.3, schedule="linear", validity_problems=0, **SMALL)
    rates = [line["learning_rate"] for line in log(tmp_path / "out")]
    assert rates == pytest.approx([1e-3, 2e-3, 3e-3, *(3e-3 * left / 7 for left in range(7, 0, -1))])


# Going on


@pytest.fixture(scope="module")
def folder(blocks, tmp_path_factory) -> Path:
    """A tiny base in a folder, which therefore learns as a LoRA, with its dropout."""
    from neurosym.models import nano

    model, tokenizer = nano.new([record.prompt for record in blocks.records()], seed=1)
    place = tmp_path_factory.mktemp("base") / "model"
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


LONG = ("--steps", "40", "--evaluate-every", "6", "--validity-problems", "2", "--dropout", "0.1")


def start(lake: ns.Lake, base: Path, out: Path) -> subprocess.Popen[str]:
    flags = ("--base", base, "--out", out, "--threads", "1", "--batch-tokens", "512", "--pack-length", "512", *LONG)
    words = [sys.executable, "-m", "neurosym.train", lake.location, *map(str, flags)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for_lines(out: Path, lines: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not (out / "log.jsonl").exists() or len((out / "log.jsonl").read_text().splitlines()) < lines:
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.005)


@pytest.fixture(scope="module")
def uninterrupted(blocks, folder, tmp_path_factory) -> dict[str, bytes]:
    """What a run of LONG leaves that nothing stopped."""
    out = tmp_path_factory.mktemp("uninterrupted") / "out"
    process = start(blocks, folder, out)
    assert process.wait(timeout=120) == 0, process.communicate()
    return contents(out)


@pytest.mark.slow
def test_killed_and_resumed_is_bit_for_bit_the_run_that_was_not(blocks, folder, tmp_path, uninterrupted):
    out = tmp_path / "out"
    lost = 0
    for lines in (10, 26):  # of the log: steps and measurements
        process = start(blocks, folder, out)
        wait_for_lines(out, lines, process)
        process.kill()
        process.wait()
        saved = json.loads(next((out / "checkpoint").rglob("state.json")).read_text())["known"]["state"]["run"]["step"]
        lost += saved < log(out)[-1]["step"]
    assert lost, "neither kill came between two checkpoints"
    process = start(blocks, folder, out)
    assert "going on after step" in process.communicate(timeout=120)[1] and process.returncode == 0
    assert contents(out) == uninterrupted


@pytest.mark.slow
def test_ctrl_c_saves_a_checkpoint_and_says_how_to_go_on(blocks, folder, tmp_path, uninterrupted):
    out = tmp_path / "out"
    process = start(blocks, folder, out)
    wait_for_lines(out, 9, process)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    said, last = error.strip().splitlines()[-2:]
    assert process.returncode == 130 and "stopped after step" in said and "run the same command again" in last
    step = int(said.partition("after step ")[2].split()[0])
    assert log(out)[-1]["step"] == step and (out / "checkpoint").exists()
    assert start(blocks, folder, out).wait(timeout=120) == 0
    assert contents(out) == uninterrupted


def interrupting(real, step):
    def make_step(self):
        if self.state.step == step:
            raise KeyboardInterrupt
        real(self)

    return make_step


def test_a_stopped_run_of_the_same_process_goes_on_bit_for_bit(blocks, tmp_path, monkeypatch):
    chosen = {"steps": 6, "evaluate_every": 2, "validity_problems": 2, **SMALL}
    for step in (3, 4):
        with monkeypatch.context() as patch:
            patch.setattr(loop.Run, "make_step", interrupting(loop.Run.make_step, step))
            with pytest.raises(KeyboardInterrupt):
                command(blocks, out=tmp_path / "stopped", **chosen)
    command(blocks, out=tmp_path / "stopped", **chosen)
    command(blocks, out=tmp_path / "whole", **chosen)
    assert contents(tmp_path / "stopped") == contents(tmp_path / "whole")


def test_other_settings_do_not_go_on_where_these_stopped(blocks, tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(loop.Run, "make_step", interrupting(loop.Run.make_step, 3))
        with pytest.raises(KeyboardInterrupt):
            command(blocks, out=out, steps=6, validity_problems=0, **SMALL)
    with pytest.raises(UsageError, match="another rank and seed: use another --out"):
        command(blocks, out=out, steps=6, validity_problems=0, seed=1, rank=3, **SMALL)
    made = command(blocks, out=out, steps=6, validity_problems=0, **SMALL)
    assert made.scores["step"] == 6 and [line["step"] for line in log(out)] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(UsageError, match="another steps: use another --out"):
        command(blocks, out=out, steps=7, validity_problems=0, **SMALL)


def test_a_finished_run_is_not_run_again(blocks, trained, capsys):
    before = contents(trained)
    made = command(blocks, out=trained, steps=12, evaluate_every=4, validity_problems=3, **SMALL)
    assert "is trained already" in capsys.readouterr().err and made == adapter.read(trained)
    assert contents(trained) == before


def test_another_lake_does_not_go_on_in_the_same_folder(lake, trained):
    with pytest.raises(UsageError, match="another lake_digest"):
        command(lake, out=trained, steps=12, evaluate_every=4, validity_problems=3, **SMALL)


def test_two_runs_in_one_folder_are_refused(blocks, tmp_path):
    with Folder(tmp_path / "out").locked(), pytest.raises(UsageError, match="another process"):
        command(blocks, out=tmp_path / "out", **SMALL)


# The best weights


def told(monkeypatch, *correct: int) -> list[dict[str, torch.Tensor]]:
    """Let measurements find so many correct answers of ten; the list fills with the weights that each saw."""
    seen: list[dict[str, torch.Tensor]] = []

    def measure(model, records, max_tokens, loss):
        seen.append({name: each.detach().clone() for name, each in model.model.named_parameters()})
        right = correct[len(seen) - 1]
        return Validity(10, right, 10 - right, 0, 0, loss=2.0)

    monkeypatch.setattr(loop, "measure", measure)
    return seen


def test_the_weights_of_the_best_validity_are_kept(blocks, tmp_path, monkeypatch):
    from safetensors.torch import load_file

    seen = told(monkeypatch, 1, 7, 3, 7, 2)
    made = command(blocks, out=tmp_path / "out", steps=5, evaluate_every=1, **SMALL)
    kept = load_file(tmp_path / "out" / "model.safetensors")
    assert made.scores["step"] == 2 and made.scores["validity"] == 0.7 and len(seen) == 5
    assert all(torch.equal(kept[name], seen[1][name]) for name in kept)
    assert not all(torch.equal(kept[name], seen[3][name]) for name in kept)


def test_training_stops_early_when_validity_no_longer_grows(blocks, tmp_path, monkeypatch):
    seen = told(monkeypatch, 1, 2, 2, 1, 9, 9)
    made = command(blocks, out=tmp_path / "out", steps=6, evaluate_every=1, patience=2, **SMALL)
    assert made.scores["step"] == 2 and len(seen) == 4 and log(tmp_path / "out")[-1]["step"] == 4


def test_of_equal_validity_the_lower_loss_is_better():
    first = Validity(10, 5, 5, 0, 0, loss=0.5)
    assert first.better_than(None) and not first.better_than(first)
    assert Validity(10, 5, 0, 5, 0, loss=0.4).better_than(first)
    assert Validity(10, 6, 4, 0, 0, loss=9.0).better_than(first)


class Says:
    """A model that answers with given texts; a problem with no text gets no answer."""

    name = "says"

    def __init__(self, *texts: str | None, error: str = "") -> None:
        self.texts, self.error = texts, error

    def answer(self, records, sampling):
        from neurosym.models import Output

        assert sampling.samples == 1 and sampling.temperature == 0
        for place, text in reversed(list(enumerate(self.texts))):
            if text is not None:
                yield place, (Output(text, error=self.error),)


def test_validity_counts_every_problem(blocks):
    records = list(blocks.records(split="test"))[:4]
    right = records[0].completion
    found = validity.measure(Says(right, records[1].completion + "\n(pick-up z)", "no plan", None), records, 9, 0.5)
    assert (found.correct, found.wrong, found.malformed, found.undecided, found.problems) == (1, 1, 2, 0, 4)
    assert found.share == 0.25 and found.scores()["validation_loss"] == 0.5
    failed = validity.measure(Says(right, error="out of context"), records[:1], 9, 0.5)
    assert (failed.correct, failed.malformed) == (0, 1)


# Bad input


def test_a_lake_that_fails_verification_is_not_trained_on(blocks, tmp_path):
    from pyarrow import parquet

    from neurosym.lake import Lake

    shutil.copytree(blocks.location, tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    path = tmp_path / "lake" / lake.files(split="train")[0]["path"]
    rows = parquet.read_table(path).to_pylist()
    rows[0]["completion"][0]["content"] = rows[0]["completion"][0]["content"].replace("stack", "unstack", 1)
    parquet.write_table(parquet.read_table(path).from_pylist(rows, schema=parquet.read_schema(path)), path)
    with pytest.raises(FalseLabel, match="not trained on"):
        command(lake, out=tmp_path / "out", **SMALL)
    error = one_line_error(run("train", tmp_path / "lake", "--base", "nano", "--out", tmp_path / "other"), 1)
    assert "failures in" in error and not list((tmp_path / "other").glob("*.json"))


def test_what_is_no_lake_is_one_line(tmp_path):
    assert "no lake at" in one_line_error(run("train", tmp_path / "nothing", "--out", tmp_path / "out"), 2)
    assert "lake must be named" in one_line_error(run("train", "--out", tmp_path / "out"), 2)


@pytest.mark.parametrize(
    ("split", "problems", "why"), [("train", 0, "the train split"), ("validation", 5, "the validation split")]
)
def test_an_empty_split_is_refused(blocks, tmp_path, monkeypatch, split, problems, why):
    monkeypatch.setattr(ns.Lake, "records", lambda lake, domain, asked: iter(() if asked == split else whole[asked]))
    whole = {asked: list(blocks_records(blocks, asked)) for asked in ("train", "validation")}
    with pytest.raises(UsageError, match=why):
        command(blocks, out=tmp_path / "out", validity_problems=problems, **SMALL)


def blocks_records(lake, split):
    from neurosym.rows import records

    for entry in lake.files(split=split):
        yield from records(lake.table(entry["path"]))


def test_a_domain_that_the_lake_lacks_is_refused(blocks, tmp_path):
    with pytest.raises(UsageError, match="no training records of logistics; it holds blocksworld"):
        command(blocks, out=tmp_path / "out", domains=["logistics"], **SMALL)


def test_a_held_out_form_in_training_is_refused(blocks, tmp_path, monkeypatch):
    """Splits are by canonical form, and verify says so of every record; this stands behind both."""
    entries = blocks.files()
    swapped = {"train": "test", "test": "train", "validation": "validation"}
    doubled = [entry | {"split": swapped[entry["split"]]} for entry in entries] + entries
    monkeypatch.setattr(
        ns.Lake, "files", lambda lake, domain=None, split=None: [e for e in doubled if split in (None, e["split"])]
    )
    monkeypatch.setattr("neurosym.verify.verify", lambda location: type("Whole", (), {"failures": []}))
    with pytest.raises(UsageError, match="canonical form of a held-out problem"):
        command(blocks, out=tmp_path / "out", **SMALL)


def test_records_longer_than_the_context_are_told_and_left_out(blocks, trained, tmp_path, monkeypatch, capsys):
    from transformers import AutoTokenizer

    from neurosym.models.base import Base
    from neurosym.training.augment import renamings
    from neurosym.training.examples import examples

    records = list(renamings(blocks.records(split="train"), 0, 0))
    found, _ = examples(records, AutoTokenizer.from_pretrained(trained), 10**6)  # that run had the same tokenizer
    lengths = sorted(len(each.tokens) for each in found)
    monkeypatch.setattr(Base, "context", lengths[len(lengths) // 2])
    longer = sum(length > lengths[len(lengths) // 2] for length in lengths)
    command(blocks, out=tmp_path / "out", steps=1, validity_problems=0, **SMALL)
    assert longer and f"{longer} of {len(lengths)} records do not fit" in capsys.readouterr().err
    monkeypatch.setattr(Base, "context", 20)
    with pytest.raises(UsageError, match="every record is longer than the context of 20 tokens"):
        command(blocks, out=tmp_path / "none", steps=1, validity_problems=0, **SMALL)


def lossy(monkeypatch, after: int, error: BaseException | None = None) -> None:
    """Let the loss be no number, or raise `error`, from the (`after` + 1)-th pack on."""
    from neurosym.training import loss

    real, calls = loss.pack_loss, Counter()

    def pack_loss(model, pack):
        calls["packs"] += 1
        nll, tokens = real(model, pack)
        if calls["packs"] <= after:
            return nll, tokens
        if error is not None:
            raise error
        return nll * float("nan"), tokens

    monkeypatch.setattr(loss, "pack_loss", pack_loss)


def test_a_loss_that_is_no_number_stops_with_the_last_good_state_kept(blocks, tmp_path, monkeypatch):
    from neurosym.training import checkpoint

    with monkeypatch.context() as patch:
        lossy(patch, after=5)
        with pytest.raises(UsageError, match=r"the loss is nan after step .*--learning-rate below 0.003") as caught:
            command(blocks, out=tmp_path / "out", steps=20, validity_problems=0, **SMALL)
    kept = checkpoint.latest(tmp_path / "out")
    assert str(kept.state["run"]["step"]) in str(caught.value) and kept.state["run"]["step"] > 0
    assert all(each.isfinite().all() for each in kept.tensors["weights"].values())
    command(blocks, out=tmp_path / "out", steps=20, validity_problems=0, **SMALL)
    command(blocks, out=tmp_path / "whole", steps=20, validity_problems=0, **SMALL)
    assert log(tmp_path / "out") == log(tmp_path / "whole")


def test_a_gradient_that_is_no_number_stops_before_the_weights_are_touched(blocks, tmp_path, monkeypatch):
    from neurosym.training import loss

    real = loss.pack_loss

    def pack_loss(model, pack):
        nll, tokens = real(model, pack)
        nll.register_hook(lambda gradient: gradient * float("nan"))
        return nll, tokens

    monkeypatch.setattr(loss, "pack_loss", pack_loss)
    with pytest.raises(UsageError, match="the norm of the gradient is nan after step 0"):
        command(blocks, out=tmp_path / "out", steps=5, validity_problems=0, **SMALL)


def test_a_learning_rate_far_too_high_is_one_line_or_a_model(blocks, tmp_path):
    wild = {"learning_rate": 1, "warmup": 0, "clip": 0, "steps": 10, "validity_problems": 2}
    try:
        assert command(blocks, out=tmp_path / "out", **SMALL, **wild).scores["problems"] == 2
    except UsageError as error:
        assert "train again" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried 8 bytes"
        ),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_out_of_memory_says_what_to_lower(blocks, tmp_path, monkeypatch, error):
    lossy(monkeypatch, after=2, error=error)
    with pytest.raises(UsageError, match="out of memory: lower --pack-length or --batch-tokens"):
        command(blocks, out=tmp_path / "out", steps=5, validity_problems=0, **SMALL)


def test_another_failure_is_not_taken_for_a_lack_of_memory(blocks, tmp_path, monkeypatch):
    lossy(monkeypatch, after=2, error=RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes"):
        command(blocks, out=tmp_path / "out", steps=5, validity_problems=0, **SMALL)


@pytest.mark.slow
def test_memory_that_really_runs_out_is_one_line(blocks, tmp_path):
    code = (
        "import resource, sys, torch, neurosym.train as train\n"
        "from neurosym.training import loop\n"
        "real = loop.Run.make_step\n"
        "def step(run):\n"
        "    used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "    if run.state.step == 0: resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20),) * 2)\n"
        "    real(run)\n"
        "loop.Run.make_step = step\n"
        "from neurosym.command import run\n"
        "run(train.main)\n"
    )
    flags = ["--base", "nano", "--steps", "9", "--batch-tokens", "200000", "--pack-length", "200000", "--threads", "1"]
    words = [sys.executable, "-c", code, blocks.location, "--out", str(tmp_path / "out"), *flags]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "out of memory: lower" in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"device": "cuda"}, "no GPU"),
        ({"precision": "fp16"}, "fp16 needs a GPU"),
        ({"qlora": True}, "qlora"),
    ],
    ids=str,
)
def test_what_needs_a_gpu_says_so(blocks, tmp_path, settings, why):
    with pytest.raises(UsageError, match=why):
        command(blocks, out=tmp_path / "out", steps=1, **SMALL, **settings)


def test_a_missing_package_is_told_with_the_line_that_installs_it(blocks, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UsageError, match=r"pip install 'neurosym-engine\[train\]'"):
        command(blocks, out=tmp_path / "out", steps=1, **SMALL)


# Learning


@pytest.mark.slow
def test_nano_learns(blocks, tmp_path):
    """The loss falls, and what it says of the problems that it trained on becomes proved."""
    from neurosym.models.base import load_trained
    from neurosym.models.local import Local

    shares = []
    records = list(blocks.records(split="train"))[:20]
    for steps in (1, 100):
        out = tmp_path / str(steps)
        more = {"batch_tokens": 1024, "pack_length": 1024, "limit": 20, "rename": False}
        command(blocks, out=out, steps=steps, validity_problems=0, **SMALL | more)
        chosen = [r for r in records if r.canonical_id in (out / "training_forms.txt").read_text()]
        shares.append(validity.measure(Local(load_trained(out), "nano"), chosen, 200, 0.0).share)
    losses = [line["loss"] for line in log(tmp_path / "100")]
    assert losses[0] > 5 and losses[-1] < 0.1
    assert shares[0] == 0 and shares[1] > 0.8, shares


@pytest.mark.slow
def test_a_compiled_model_learns_the_same(blocks, tmp_path):
    if shutil.which("g++") is None:
        pytest.skip("torch.compile needs a C++ compiler on a CPU")
    chosen = {"steps": 2, "limit": 4, "validity_problems": 1, "evaluate_every": 2}
    command(blocks, out=tmp_path / "eager", **SMALL, **chosen)
    command(blocks, out=tmp_path / "compiled", compile=True, **SMALL, **chosen)
    eager, compiled = (
        [line["loss"] for line in log(tmp_path / out) if "loss" in line] for out in ("eager", "compiled")
    )
    assert compiled == pytest.approx(eager, rel=1e-3)
