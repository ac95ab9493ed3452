"""Language models by name: `smollm2`, `nano`, a local folder, or a Hugging Face id; and what training made of them.

Contract: a model comes with a tokenizer that has a chat template and a padding token. No code of a model's repository
is run. Whatever is missing, damaged or out of reach is one UsageError that says what to do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.errors import UsageError

if TYPE_CHECKING:
    import torch

NANO = "nano"
SMOLLM2 = "smollm2"

LORA_FILE = "adapter_config.json"
WHOLE_FILE = "config.json"
FACTS = "neurosym.json"

_LOADERS = ("safetensors", "safetensors_rust", "builtins", "huggingface_hub")
"""Packages whose errors mean that the files are no good."""


@dataclass(frozen=True)
class Base:
    """A causal language model and its tokenizer. `full`: training changes all weights, and not a LoRA beside them."""

    model: Any
    tokenizer: Any
    name: str
    full: bool = False

    @property
    def context(self) -> int:
        """The most tokens of a prompt and its answer."""
        return int(self.model.config.get_text_config().max_position_embeddings)


def load_base(
    name: str,
    *,
    dtype: str = "auto",
    device: str = "auto",
    quantize: bool = False,
    texts: Iterable[str] = (),
    seed: int = 0,
) -> Base:
    """The model that `name` means.

    `dtype` is bf16, fp16, fp32, or auto: bf16 where the processor computes with it, else fp32. `device` is cuda, cpu,
    or auto: cuda where there is one. `quantize` keeps the weights in 4 bits (QLoRA: Dettmers et al., arXiv:2305.14314;
    cuda and bitsandbytes only). `nano` is made from scratch by `seed`, its tokenizer from `texts`. Raises UsageError.
    """
    _require_packages()
    place = device_named(device)
    if quantize and place != "cuda":
        raise UsageError("qlora needs a GPU: leave it out on a CPU")
    if name == NANO:
        from neurosym.models import nano

        model, tokenizer = nano.new(texts, seed)
        return Base(model.to(place), tokenizer, NANO, full=True)
    folder = Path(name)
    if (folder / FACTS).exists():
        return load_trained(name, dtype=dtype, device=device)
    with _told_in_one_line(name):
        return _loaded(_place(name), name, dtype_named(dtype, place), place, quantize)


def load_trained(folder: str | Path, *, dtype: str = "auto", device: str = "auto") -> Base:
    """What `neurosym.train` wrote into a folder, its LoRA merged into the base. Raises UsageError."""
    _require_packages()
    folder = Path(folder)
    try:
        base = json.loads((folder / FACTS).read_text())["base"]
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no model of ours: it has no {FACTS}") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{folder / FACTS} is damaged: train again, or restore it from a copy") from None
    place = device_named(device)
    with _told_in_one_line(str(folder)):
        if not (folder / LORA_FILE).exists():
            whole = _loaded(str(folder), str(folder), dtype_named("fp32" if base == NANO else dtype, place), place)
            return Base(whole.model, whole.tokenizer, str(folder), full=True)
        from peft import PeftModel

        # Merged in 32 bits: a LoRA's change may be smaller than the rounding of 16.
        below = _loaded(_place(base), base, dtype_named("fp32", place), place)
        merged = PeftModel.from_pretrained(below.model, folder, is_trainable=False).merge_and_unload()
        return Base(merged.to(dtype_named(dtype, place)).eval(), below.tokenizer, str(folder))


def device_named(device: str) -> str:
    """cuda or cpu. Raises UsageError for cuda where there is none."""
    import torch

    there = torch.cuda.is_available()
    if device == "auto":
        return "cuda" if there else "cpu"
    if device == "cuda" and not there:
        raise UsageError("device cuda: torch finds no GPU here; use --device cpu, or a build of torch for your GPU")
    return device


def dtype_named(dtype: str, device: str) -> torch.dtype:
    """The number format of a name."""
    import torch

    known = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    if dtype != "auto":
        return known[dtype]
    return torch.bfloat16 if computes_in_bf16(device) else torch.float32


def computes_in_bf16(device: str) -> bool:
    """Whether the processor multiplies matrices of bfloat16, and does not emulate it."""
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags or "bf16" in flags.partition("Features")[2].partition("\n")[0]


def _require_packages() -> None:
    # Threads that spin while they wait take the cores from Ray workers and from each other; read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(f"language models need {error.name}: pip install 'neurosym-engine[train]'") from None


def _place(name: str) -> str:
    """What transformers is to load for a name: a folder, or an id of the hub."""
    if name == SMOLLM2:
        from neurosym.models import smollm2

        return str(smollm2.folder())
    return name


def _loaded(place: str, name: str, dtype: torch.dtype, device: str, quantize: bool = False) -> Base:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"dtype": dtype, "trust_remote_code": False}
    if quantize:
        options |= _four_bits(dtype)
    tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    if not tokenizer.chat_template:
        raise UsageError(f"{name} has no chat template: use the instruct model of its family")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(place, **options)
    return Base(model if quantize else model.to(device), tokenizer, name)


def _four_bits(dtype: torch.dtype) -> dict[str, Any]:
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise UsageError("qlora needs bitsandbytes: pip install 'neurosym-engine[qlora]'") from None
    from transformers import BitsAndBytesConfig

    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype, bnb_4bit_use_double_quant=True
        ),
        "device_map": {"": 0},
    }


@contextmanager
def _told_in_one_line(name: str) -> Iterator[None]:
    """Transformers without its chatter, and its failures as a UsageError."""
    from transformers.utils import logging

    shown, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        said = " ".join(str(error).split())[:300]
        known = "name smollm2, nano, a folder, or an id of the hub that this machine can reach"
        raise UsageError(f"cannot load the model {name}: {said} ({known})") from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _LOADERS:
            raise
        raise UsageError(f"the model {name} is damaged: {' '.join(str(error).split())[:300]}") from None
    finally:
        logging.set_verbosity(shown)
        if bar:
            logging.enable_progress_bar()
