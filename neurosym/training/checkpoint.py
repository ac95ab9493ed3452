"""The state of a training run on disk, whole or not there.

Contract: `save` leaves the last checkpoint or the new one, whatever kills the process or the machine: the new one is
written beside it, synced, renamed into place, and only then is the old one removed. `latest` gives back bit for bit
what was saved, or says which file is damaged. Nothing in a checkpoint is code: JSON and safetensors alone.

    OUT/checkpoint/00000007/state.json            what is known of the run, with its SHA-256 and those of the others
    OUT/checkpoint/00000007/GROUP.safetensors     named tensors, such as the weights
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from neurosym.errors import UsageError

if TYPE_CHECKING:
    import torch

Found = TypeVar("Found")

STATE = "state.json"
TEMPORARY = ".tmp"
DONE = "checkpoint.done"


@dataclass(frozen=True)
class Checkpoint:
    """`identity` says which run this is, and `state` how far it is: both are JSON, and floats survive exactly.

    `tensors` are groups of named tensors.
    """

    identity: Mapping[str, Any]
    state: Mapping[str, Any]
    tensors: Mapping[str, Mapping[str, torch.Tensor]]


def save(out: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint into the training folder `out`, and then remove the one before."""
    from safetensors.torch import save_file

    root = out / "checkpoint"
    root.mkdir(parents=True, exist_ok=True)
    serials = _serials(root)
    target = root / f"{max(serials, default=0) + 1:08d}"
    temporary = target.with_suffix(TEMPORARY)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    digests = {}
    for group, tensors in checkpoint.tensors.items():
        path = temporary / f"{group}.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
        sync(path)
        digests[group] = _digest(path)
    path = temporary / STATE
    known = {"identity": checkpoint.identity, "state": checkpoint.state, "files": digests}
    path.write_text(json.dumps({"known": known, "sha256": _digest_of(known)}, allow_nan=False))
    sync(path)
    sync(temporary)
    temporary.rename(target)
    sync(root)
    for other in root.iterdir():
        if other != target:
            shutil.rmtree(other, ignore_errors=True)


def latest(out: Path) -> Checkpoint | None:
    """The newest whole checkpoint in `out`, or None where there is none.

    Raises UsageError where there are checkpoints, but none is whole.
    """
    return _newest(out, _load)


def identity(out: Path) -> Mapping[str, Any] | None:
    """Which run the newest checkpoint in `out` belongs to, or None where there is none. Reads no tensors.

    Raises UsageError where there are checkpoints, but none can be read.
    """
    return _newest(out, lambda folder: dict(_known(folder)["identity"]))


def finish(out: Path) -> None:
    """Remove the checkpoint of a run whose result is written, so that a kill half-way leaves none that looks whole."""
    done = out / DONE
    shutil.rmtree(done, ignore_errors=True)
    if (out / "checkpoint").exists():
        (out / "checkpoint").rename(done)
        sync(out)
        shutil.rmtree(done, ignore_errors=True)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimizer's state as named tensors: "NUMBER.NAME" is NAME of its parameter NUMBER."""
    state = optimizer.state_dict()["state"]
    return {f"{number}.{name}": each for number, entry in state.items() for name, each in entry.items()}


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]) -> None:
    """Give back what `optimizer_tensors` took."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, each in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = each
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def sync(path: Path) -> None:
    """Have a file's content, or a folder's list of names, outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _newest(out: Path, read: Callable[[Path], Found]) -> Found | None:
    root, damage = out / "checkpoint", ""
    for serial in sorted(_serials(root), reverse=True):
        folder = root / f"{serial:08d}"
        try:
            return read(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            damage = damage or f"{folder} ({error})"
    if damage:
        raise UsageError(f"the checkpoint {damage} is damaged: remove {root} to train from the start")
    return None


def _serials(root: Path) -> list[int]:
    return [int(path.name) for path in root.iterdir() if path.name.isdecimal()] if root.is_dir() else []


def _load(folder: Path) -> Checkpoint:
    from safetensors.torch import load_file

    known = _known(folder)
    tensors = {}
    for group, digest in known["files"].items():
        path = folder / f"{group}.safetensors"
        if _digest(path) != digest:
            raise ValueError(f"{path.name} is not what was saved")
        tensors[group] = load_file(path)
    return Checkpoint(dict(known["identity"]), dict(known["state"]), tensors)


def _known(folder: Path) -> dict[str, Any]:
    """What state.json says. Raises ValueError, KeyError or TypeError where it is damaged."""
    found = json.loads((folder / STATE).read_text())
    known: dict[str, Any] = found["known"]
    if _digest_of(known) != found["sha256"]:
        raise ValueError(f"{STATE} is not what was saved")
    return known


def _digest_of(known: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
