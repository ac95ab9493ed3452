"""python -m neurosym.train: a language model learns from a lake of proved records, and the oracles judge its answers.

This module can be called: `ns.train(lake, out="adapter")` is `train` below. A run that was killed goes on where it was.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from neurosym.command import Parser, note, run
from neurosym.core import Record
from neurosym.errors import FalseLabel, UsageError
from neurosym.training import adapter, checkpoint
from neurosym.training.adapter import Adapter
from neurosym.training.settings import TrainSettings, add_flags, from_flags, settings_of

if TYPE_CHECKING:
    from neurosym.lake import Lake
    from neurosym.training.loop import Data

EXAMPLES = """\
  python -m neurosym.train lake --out adapter
  python -m neurosym.train lake --base nano --epochs 20 --out nano
  python -m neurosym.train lake --base Qwen/Qwen3-0.6B --batch-tokens 65536 --rank 32 --out adapter
  python -m neurosym.train lake --steps 100 --rounds 3 --samples 8 --out adapter    expert iteration
  python -m neurosym.train --config train.toml

a settings file (every flag is also a key, and lake; flags win):
  lake = "lake"
  base = "smollm2"
  out = "adapter"
  domains = ["blocksworld"]
  epochs = 10
  learning_rate = 1e-3
  precision = "bf16"

OUT then holds the adapter as peft reads it, a model card, the loss curve in log.jsonl, and neurosym.json.
"""

NO_MEMORY = r"out of memory|can't allocate memory|not enough memory|bad allocation|CUBLAS_STATUS_ALLOC_FAILED"

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # of mallopt(3), in glibc's malloc.h


def train(
    lake: Lake | str | os.PathLike[str],
    base: str = "smollm2",
    out: str | os.PathLike[str] = "adapter",
    **settings: Any,
) -> Adapter:
    """Train `base` on the training records of a lake, and write the weights of the best validity into `out`.

    `settings` are the keys that `python -m neurosym.train --help` lists. Where the folder holds the same training, it
    goes on, or returns at once where it was finished. Sets OMP_WAIT_POLICY for this process if it is not set.

    Raises UsageError for a setting out of range, an empty split, a folder that holds another training, a loss that is
    no number, and no memory left; FalseLabel for a lake that fails verification.
    """
    location = os.fspath(lake) if isinstance(lake, str | os.PathLike) else lake.location
    return run_training(settings_of({"lake": location, "base": base, "out": os.fspath(out), **settings}))


def run_training(settings: TrainSettings) -> Adapter:
    """What `train` does."""
    from neurosym.lake import Lake
    from neurosym.storage import Folder

    lake, out = Lake(settings.lake), Path(settings.out)
    with Folder(settings.out).locked():
        made = _finished(out, settings.identity(lake.digest))
        if made is not None:
            checkpoint.finish(out)
            note(f"{out} is trained already; name another --out to train once more")
            return made
        data = _data(lake, settings)
        _prepare_process()
        with _told_in_one_line():
            return _fit(data, settings)


def _finished(out: Path, wanted: Mapping[str, Any]) -> Adapter | None:
    """The adapter, where this training is finished. Raises UsageError where the folder holds another training."""
    unfinished, made = checkpoint.identity(out), adapter.read(out)
    found = unfinished or (made and {"lake_digest": made.lake_digest, **made.settings})
    if not found:
        return None
    changed = sorted(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
    if changed:
        raise UsageError(
            f"{out} holds a training with another {' and '.join(changed)}: use another --out, or the same settings "
            "to go on"
        )
    return None if unfinished else made


def _data(lake: Lake, settings: TrainSettings) -> Data:
    """The records to learn from and to measure by.

    Raises FalseLabel where the lake fails verification, and UsageError where a split is empty or leaks.
    """
    from neurosym.training.loop import Data
    from neurosym.verify import verify

    whole = verify(lake.location)
    if whole.failures:
        first = whole.failures[0]
        raise FalseLabel(
            f"{len(whole.failures)} failures in {lake.location}, the first in {first.file} {first.id}: {first.why}; "
            "it is not trained on"
        )
    held_out = {
        form
        for split in ("validation", "test")
        for entry in lake.files(split=split)
        for form in lake.table(entry["path"], columns=["canonical_id"])["canonical_id"].to_pylist()
    }
    train = _records(lake, settings.domains, "train", settings.limit)
    leaked = sum(record.canonical_id in held_out for record in train)
    if leaked:
        raise UsageError(f"{leaked} training records of {lake.location} have the canonical form of a held-out problem")
    validation: list[Record] = []
    if settings.validity_problems:
        validation = _records(lake, settings.domains, "validation", settings.validity_problems)
    return Data(train, validation, lake.digest)


def _records(lake: Lake, domains: tuple[str, ...], split: str, limit: int) -> list[Record]:
    """The records of a split, at most `limit` if it is not 0, in the order of their ids, which is as good as random."""
    found = [record for domain in domains or (None,) for record in lake.records(domain, split)]
    for domain in domains:
        if split == "train" and not any(record.problem.domain == domain for record in found):
            held = sorted({entry["domain"] for entry in lake.files()})
            raise UsageError(f"{lake.location} has no training records of {domain}; it holds {', '.join(held)}")
    if not found:
        advice = "generate more" if split == "train" else "generate more, or set --validity-problems 0"
        raise UsageError(f"the {split} split of {lake.location} is empty: {advice}")
    found.sort(key=lambda record: record.problem.id)
    return found[: limit or None]


def _prepare_process() -> None:
    """Make training quick on a CPU: threads that wait do not spin, and freed memory stays with the process.

    OpenMP reads its variable when torch is imported, so it has no effect where torch was imported before.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if sys.platform == "linux":
        try:
            mallopt = ctypes.CDLL(None).mallopt
        except AttributeError:  # a C library other than glibc
            return
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_TOP_PAD, 256 << 20)


def _fit(data: Data, settings: TrainSettings) -> Adapter:
    """Load the base and train it."""
    import torch

    from neurosym.models.base import device_named, dtype_named, load_base
    from neurosym.training.expert_iteration import iterate
    from neurosym.training.loop import fit

    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = device_named(settings.device)
    if device == "cpu" and settings.precision == "fp16":
        raise UsageError("precision fp16 needs a GPU, and there is none here: use bf16 or fp32")
    base = load_base(
        settings.base,
        dtype=settings.precision,
        device=device,
        quantize=settings.qlora,
        texts=_texts(data, settings),
        seed=settings.seed,
    )
    if base.full and settings.precision == "auto":
        precision = torch.float32  # as the weights: casting so small a model costs more than it saves
    else:
        precision = dtype_named(settings.precision, device)
    if not base.full:
        base = adapter.with_lora(base, settings)
    whole = base.model.get_base_model() if hasattr(base.model, "get_base_model") else base.model
    if settings.gradient_checkpointing:
        # Older versions of transformers know it by its older name.
        enable = getattr(whole, "activation_checkpointing_enable", None) or whole.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    return (iterate if settings.rounds else fit)(base, data, settings, precision)


def _texts(data: Data, settings: TrainSettings) -> Iterator[str]:
    """What a tokenizer is made from: all that is learned from, in the first epoch's names too."""
    from neurosym.training.augment import renamings

    renamed = renamings(data.train, settings.seed, 0) if settings.rename else ()
    for record in (*data.train, *renamed):
        yield record.prompt
        yield record.completion


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    """Missing packages and missing memory as a UsageError."""
    try:
        yield
    except ImportError as error:
        if error.name not in ("torch", "transformers", "peft", "safetensors"):
            raise
        raise UsageError(f"training needs {error.name}: pip install 'neurosym-engine[train]'") from None
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not re.search(NO_MEMORY, str(error)):
            raise
        raise UsageError(
            "out of memory: lower --pack-length or --batch-tokens, or switch on --gradient-checkpointing; "
            "the last checkpoint and the best adapter are kept"
        ) from None


def parser() -> Parser:
    """The command line."""
    made = Parser("train", "Teach a language model from a lake of proved records.", EXAMPLES)
    made.add_argument("lake", nargs="?", metavar="LAKE", help="the lake to learn from: a folder or URI")
    add_flags(made)
    made.add_argument("--config", metavar="FILE.toml", help="a settings file; flags win over it")
    made.add_argument("--json", action="store_true", help="print neurosym.json's scores as JSON on stdout")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Returns 0; raises CommandError."""
    options = parser().parse_args(arguments)
    made = run_training(from_flags(options))
    print(json.dumps({"path": str(made.path), "scores": made.scores}, indent=1) if options.json else made)
    return 0


class _Callable(ModuleType):
    """This module, which is the function `train` when it is called."""

    __call__ = staticmethod(train)


sys.modules[__name__].__class__ = _Callable

if __name__ == "__main__":
    run(main)
