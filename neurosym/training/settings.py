"""What a training run is to do: from flags, a TOML file, keyword arguments, or several of them.

Contract: `TrainSettings` is checked when it is made, before anything heavy is imported or loaded; every refusal is one
UsageError that names the key and its range. Each key is said once, below, and its flag, its help and its check follow.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from neurosym import registry
from neurosym.core import Json
from neurosym.errors import UsageError, unknown
from neurosym.models.base import NANO, SMOLLM2
from neurosym.training.schedule import Shape

if TYPE_CHECKING:
    import argparse
    from dataclasses import Field

DEFAULT_EPOCHS = 3.0
LORA_LEARNING_RATE = 1e-3
NANO_LEARNING_RATE = 3e-3


def _key(default: Any, meaning: str, low: float | None = None, high: float | None = None, **more: Any) -> Any:
    return field(default=default, metadata={"meaning": meaning, "low": low, "high": high, **more})


@dataclass(frozen=True)
class TrainSettings:
    """One training run. Raises UsageError for a value out of range or of another type."""

    lake: str = _key("", "the lake to learn from: a folder or URI")
    out: str = _key("adapter", "the folder that the adapter is written to")
    base: str = _key("smollm2", "the model to start from: smollm2, nano, a Hugging Face id, a folder, an adapter")

    domains: tuple[str, ...] = _key((), "train on these domains of the lake alone (default: all)")
    limit: int = _key(0, "train on so many records at most (0: all)", 0)
    rename: bool = _key(True, "each epoch renames the objects of every problem anew, where its domain knows how")
    steps: int = _key(0, "optimizer steps (0: by epochs)", 0, 10**7)
    epochs: float = _key(0.0, f"passes over the training records, instead of steps (0: {DEFAULT_EPOCHS:g})", 0, 10**5)

    rounds: int = _key(0, "then so many rounds of expert iteration, each of as many steps (0: none)", 0, 1000)
    samples: int = _key(8, "answers to each training problem that a round of expert iteration draws", 1, 10**4)

    batch_tokens: int = _key(2048, "tokens of one optimizer step: so many packs as hold them", 16, 2**28)
    pack_length: int = _key(1024, "tokens of one pack, which is what goes through the model at once", 16, 2**20)
    packing: bool = _key(True, "several examples in one sequence, blind to each other; else padded batches")
    learning_rate: float = _key(0.0, f"the peak (0: {LORA_LEARNING_RATE:g}, for nano {NANO_LEARNING_RATE:g})", 0, 1)
    schedule: str = _key("cosine", "how the learning rate falls", choices=get_args(Shape))
    warmup: float = _key(0.05, "the share of the steps in which the learning rate rises", 0, 1)
    weight_decay: float = _key(0.0, "AdamW's weight decay of matrices", 0, 1)
    clip: float = _key(1.0, "the largest norm of a step's gradient (0: not clipped)", 0, 10**6)

    rank: int = _key(16, "LoRA's rank", 1, 4096)
    alpha: float = _key(32.0, "LoRA's scale is alpha/rank", 0.001, 10**5)
    dropout: float = _key(0.0, "LoRA's dropout", 0, 0.9)
    targets: tuple[str, ...] = _key(("all-linear",), "the modules that LoRA adapts, or all-linear")
    qlora: bool = _key(False, "keep the base in 4 bits (needs a GPU and bitsandbytes)")

    precision: str = _key("auto", "of the arithmetic: auto is bf16 where the processor has it",
                          choices=("auto", "bf16", "fp16", "fp32"))  # fmt: skip
    gradient_checkpointing: bool = _key(False, "compute activations twice instead of keeping them: less memory")
    compile: bool = _key(False, "torch.compile the model")
    device: str = _key("auto", "auto is the GPU where there is one", choices=("auto", "cpu", "cuda"))
    threads: int = _key(0, "CPU threads (0: all cores)", 0, 4096)
    seed: int = _key(0, "of weights, order, renaming and dropout", 0, 2**62)

    evaluate_every: int = _key(0, "steps between two measurements of validity (0: five in the whole run)", 0, 10**7)
    validity_problems: int = _key(
        64, "validation problems whose greedy answers are judged (0: none, and the last weights are kept)", 0, 10**6
    )
    patience: int = _key(0, "stop after so many measurements in a row without a better one (0: never)", 0, 10**6)

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))
        for name in ("lake", "out", "base", "targets"):
            if not getattr(self, name):
                raise UsageError(f"{name} must be named")
        if "://" in self.out:
            raise UsageError("out must be a local folder: copy it from there when it is complete")
        if self.base not in (NANO, SMOLLM2) and Path(self.base).is_dir():
            object.__setattr__(self, "base", str(Path(self.base).resolve()))  # what it is from wherever it is loaded
        if self.steps and self.epochs:
            raise UsageError("give steps or epochs, not both")
        if not self.steps and not self.epochs:
            object.__setattr__(self, "epochs", DEFAULT_EPOCHS)
        if not self.learning_rate:
            object.__setattr__(self, "learning_rate", NANO_LEARNING_RATE if self.base == NANO else LORA_LEARNING_RATE)
        for name in self.domains:
            if name not in registry.domains():
                raise unknown("domain", name, registry.domains())
        if self.device == "cpu" and self.precision == "fp16":
            raise UsageError("precision fp16 needs a GPU: use bf16 or fp32 on a CPU")
        if self.device == "cpu" and self.qlora:
            raise UsageError("qlora needs a GPU: leave it out on a CPU")

    @property
    def shape(self) -> Shape:
        """The shape of the schedule."""
        return cast(Shape, self.schedule)

    def identity(self, lake_digest: str) -> dict[str, Json]:
        """All that decides the result, as JSON: the lake's digest, and every setting but the places of lake and out."""
        known = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"lake_digest": lake_digest} | {key: each for key, each in known.items() if key not in ("lake", "out")}


def _checked(item: Field[Any], value: Any) -> Any:
    """The value in the type of its key. Raises UsageError where it is of another type or out of range."""
    kind, low, high = type(item.default), item.metadata["low"], item.metadata["high"]
    choices = item.metadata.get("choices")
    if kind is tuple and isinstance(value, list | tuple | str):
        value = tuple(part for part in value.split(",") if part) if isinstance(value, str) else tuple(value)
        if all(isinstance(part, str) for part in value) and len(set(value)) == len(value):
            return value
    elif kind is float and type(value) in (int, float) and low <= value <= high:
        return float(value)
    elif (
        kind is not float
        and type(value) is kind
        and (low is None or low <= value)
        and (high is None or value <= high)
        and (choices is None or value in choices)
    ):
        return value
    raise UsageError(f"{item.name} must be {_range(item)}, not {str(value)[:80]!r}")


def _range(item: Field[Any]) -> str:
    """What a key may be, in words."""
    low, high, choices = item.metadata["low"], item.metadata["high"], item.metadata.get("choices")
    if choices:
        return f"one of {', '.join(choices)}"
    if low is not None:
        number = "a whole number" if isinstance(item.default, int) else "a number"
        return f"{number} of at least {low}" if high is None else f"{number} in {low:,}..{high:,}"
    return {bool: "true or false", tuple: "a list of different names", str: "text"}[type(item.default)]


def settings_of(given: Mapping[str, Any]) -> TrainSettings:
    """The settings with these keys. Raises UsageError for an unknown key, naming the nearest."""
    known = [item.name for item in fields(TrainSettings)]
    for name in given:
        if name not in known:
            raise unknown("key", name, known)
    return TrainSettings(**given)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for every key but the lake, with its meaning and default."""
    import argparse

    for item in fields(TrainSettings):
        meaning, flag = item.metadata["meaning"], f"--{item.name.replace('_', '-')}"
        if item.name == "lake":
            continue
        if isinstance(item.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=meaning)
            continue
        bounded = item.metadata["low"] is not None or item.metadata.get("choices")
        default = ",".join(item.default) if isinstance(item.default, tuple) else str(item.default)
        told = [_range(item)] * bool(bounded) + [f"default {default}"] * bool(default)
        parser.add_argument(flag, metavar="X", help=f"{meaning} [{'; '.join(told)}]" if told else meaning)


def from_flags(options: argparse.Namespace) -> TrainSettings:
    """Flags over the TOML file over the defaults."""
    given = _toml(options.config) if options.config else {}
    for item in fields(TrainSettings):
        value = getattr(options, item.name)
        if value is not None:
            given[item.name] = _number(value) if isinstance(item.default, int | float) else value
    return settings_of(given)


def _number(value: Any) -> Any:
    """A flag's text as the number it writes; anything else as it is, for the check to refuse."""
    for kind in (int, float):
        try:
            return kind(value) if isinstance(value, str) else value
        except ValueError:
            continue
    return value


def _toml(path: str) -> dict[str, Any]:
    try:
        given = tomllib.loads(Path(path).read_text())
    except FileNotFoundError:
        raise UsageError(f"no settings file {path}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a TOML file: {error}") from None
    return given
