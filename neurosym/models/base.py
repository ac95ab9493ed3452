"""Language models by name: `smollm2`, `nano`, a local folder or a Hugging Face id; and what training made of them.

Contract: a model comes with a tokenizer that has a chat template and a padding token, and with all of its weights as
they were saved. No code of a model's repository is run, and no pickle is fetched. Whatever is missing, damaged or out
of reach is one UsageError that says what to do.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.errors import CommandError, UsageError, unknown

if TYPE_CHECKING:
    import torch

NANO = "nano"
SMOLLM2 = "smollm2"

FACTS = "neurosym.json"
"""What `neurosym.train` says of the model beside it."""

LORA = "adapter_config.json"
"""What peft says of the LoRA beside it."""

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]

DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


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
    """The model of a name: `smollm2`, `nano`, a folder (a model, or a LoRA, merged into its base), or OWNER/NAME.

    `dtype` is bf16, fp16, fp32, or auto: bf16 where the processor computes with it, else fp32, and fp32 where all
    weights are trained. `device` is torch's name for one, or auto: cuda where there is one, else cpu. `quantize` keeps
    the weights in 4 bits (QLoRA: Dettmers et al., arXiv:2305.14314; cuda and bitsandbytes only). `nano` is made from
    scratch by `seed`, with a tokenizer made from `texts`. Raises UsageError.
    """
    _require_packages()
    place = device_named(device)
    dtype_named(dtype, place)
    if quantize:
        _require_quantizing(name, place)
    with _told_in_one_line(name):
        if name != NANO:
            return _load(name, dtype, place, quantize, frozenset())
        from neurosym.models import nano

        model, tokenizer = nano.new(texts, seed)
        return Base(model.to(place, _full_dtype(dtype, place)), tokenizer, NANO, full=True)


def load_trained(folder: str | Path, *, dtype: str = "auto", device: str = "auto") -> Base:
    """What `neurosym.train` wrote into a folder: a LoRA merged into its base, or a whole model. Raises UsageError."""
    if not (Path(folder) / FACTS).is_file():
        raise UsageError(f"{folder} holds no model that neurosym.train made: it has no {FACTS}")
    return load_base(str(folder), dtype=dtype, device=device)


def device_named(device: str) -> str:
    """The device of a name, `auto` resolved. Raises UsageError for one that torch does not know or does not find."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind, index = torch.device(device).type, torch.device(device).index or 0
    except RuntimeError:
        raise UsageError(f"no device {device!r}: name auto, cpu, cuda or cuda:1") from None
    if kind == "cuda" and index >= torch.cuda.device_count():
        raise UsageError(f"torch finds no GPU {device} here: use device cpu, or a build of torch for your GPU")
    return device


def dtype_named(dtype: str, device: str) -> torch.dtype:
    """The number format of a name, on a device that `device_named` resolved. Raises UsageError."""
    import torch

    if dtype == "auto":
        dtype = "bf16" if computes_in_bf16(device) else "fp32"
    if dtype not in DTYPES:
        raise unknown("number format", dtype, ("auto", *DTYPES))
    return getattr(torch, DTYPES[dtype])


def computes_in_bf16(device: str) -> bool:
    """Whether the processor multiplies matrices of bfloat16, and does not emulate it."""
    import torch

    if torch.device(device).type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # An older torch does not tell: then fp32, which is right everywhere.
    able: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(able.get(instructions) for instructions in ("avx512_bf16", "amx_bf16", "bf16"))


def _require_packages() -> None:
    # Threads that spin while they wait take the cores from Ray workers and from each other; read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise UsageError(f"language models need {error.name}: pip install 'neurosym-engine[train]'") from None


def _require_quantizing(name: str, device: str) -> None:
    if not device.startswith("cuda"):
        raise UsageError("4-bit weights (qlora) need a GPU: leave them out on a CPU")
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise UsageError("4-bit weights (qlora) need bitsandbytes: pip install 'neurosym-engine[qlora]'") from None
    if name == NANO or (_is_folder(name) and any((Path(name) / file).is_file() for file in (FACTS, LORA))):
        raise UsageError(f"4-bit weights (qlora) are for a base model as it was published, and {name} is not one")


def _load(name: str, dtype: str, device: str, quantize: bool, above: frozenset[Path]) -> Base:
    """`above` are the folders of LoRAs that this one is the base of."""
    folder = _folder(name)
    if (folder / LORA).is_file():
        if folder.resolve() in above:
            raise UsageError(f"the LoRA in {name} names itself as its base: write the right one into its {FACTS}")
        return _merged(folder, name, dtype, device, above | {folder.resolve()})
    full = (folder / FACTS).is_file()
    number = _full_dtype(dtype, device) if full else dtype_named(dtype, device)
    return Base(_model(folder, number, device, quantize), _tokenizer(folder, name), name, full)


def _merged(folder: Path, name: str, dtype: str, device: str, above: frozenset[Path]) -> Base:
    """The LoRA in `folder` added to the weights of its base."""
    from peft import PeftModel

    base = _load(_base_of(folder), dtype, device, False, above)
    with warnings.catch_warnings():
        # Peft would go on with weights drawn at random in place of those that are missing.
        warnings.filterwarnings("error", message=".*missing adapter keys")
        model = PeftModel.from_pretrained(base.model, folder, is_trainable=False).merge_and_unload()
    if hasattr(model, "peft_config"):
        del model.peft_config  # there is no LoRA any more, and the next one is the first
    has_tokenizer = (folder / "tokenizer_config.json").is_file()
    return Base(model.eval(), _tokenizer(folder, name) if has_tokenizer else base.tokenizer, name)


def _base_of(folder: Path) -> str:
    """The base that a LoRA was trained on: by neurosym.train's word for it, else by peft's."""
    file, key = (folder / FACTS, "base") if (folder / FACTS).is_file() else (folder / LORA, "base_model_name_or_path")
    base = json.loads(file.read_text())[key]
    if not isinstance(base, str):
        raise ValueError(f"{file.name} names no base")
    return base


def _full_dtype(dtype: str, device: str) -> torch.dtype:
    """Of a model all of whose weights are trained: 16 bits would round small steps of its optimizer away."""
    return dtype_named("fp32" if dtype == "auto" else dtype, device)


def _folder(name: str) -> Path:
    """Where the files of a model are. Raises UsageError for a name of no known form."""
    if _is_folder(name):
        return Path(name)
    if name == SMOLLM2:
        from neurosym.models import smollm2

        return smollm2.folder()
    if not HUB_NAME.fullmatch(name):
        known = unknown("model", name[:200], (SMOLLM2, NANO))
        raise UsageError(f"{known}; or name a folder that is there, or OWNER/NAME of the Hugging Face hub")
    from huggingface_hub import snapshot_download

    # All at once, and not file by file by transformers, which waits a minute for a hub that is out of reach.
    return Path(snapshot_download(name, allow_patterns=HUB_FILES, ignore_patterns=["*/*"]))


def _is_folder(name: str) -> bool:
    """Whether a name is that of a folder here. A name that the file system refuses is not."""
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):
        return False


def _model(folder: Path, number: torch.dtype, device: str, quantize: bool) -> Any:
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    options: dict[str, Any] = {}
    if quantize:
        options["device_map"] = {"": device}
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=number, bnb_4bit_use_double_quant=True
        )
    model, found = AutoModelForCausalLM.from_pretrained(
        folder, dtype=number, trust_remote_code=False, use_safetensors=True, output_loading_info=True, **options
    )
    if found["missing_keys"]:
        # Transformers would go on with weights drawn at random.
        raise ValueError(f"{len(found['missing_keys'])} of its weights are missing, as {min(found['missing_keys'])}")
    return model if quantize else model.to(device)


def _tokenizer(folder: Path, name: str) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if not tokenizer.chat_template:
        raise UsageError(f"{name} has no chat template, so it cannot be asked: use its family's instruct model")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if tokenizer.pad_token is None:
        raise UsageError(f"the tokenizer of {name} has neither a padding nor an end token: use another model")
    return tokenizer


@contextmanager
def _told_in_one_line(name: str) -> Iterator[None]:
    """Transformers without its chatter, and its failures as a UsageError."""
    from transformers.utils import logging

    shown, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)  # what it logs as an error, it raises too
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (CommandError, MemoryError):
        raise
    except ImportError as error:
        raise UsageError(f"{name} needs {error.name or error}: pip install 'neurosym-engine[train]'") from error
    except Exception as error:  # transformers, tokenizers, safetensors and jinja2 each raise types of their own
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            raise  # the model may be fine; commands say what to do about memory
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise UsageError(f"cannot load {name}: {_advice(name)} ({said})") from error
    finally:
        logging.set_verbosity(shown)
        if bars:
            logging.enable_progress_bar()


def _advice(name: str) -> str:
    if _is_folder(name):
        return "the folder is damaged, or holds no model that is whole; make it again, or restore it"
    if name == SMOLLM2:
        from neurosym.models import smollm2

        return f"remove {smollm2.folder()}, and it is made again"
    return "see whether the hub has that model and this machine reaches the hub; offline, name smollm2 or a folder"
