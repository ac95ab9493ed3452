"""The result of training: a folder that peft or transformers loads as it is, with what it was made of and its scores.

    adapter_config.json, adapter_model.safetensors   a LoRA, or a whole model: config.json, model.safetensors
    tokenizer.json, …                                the tokenizer with its chat template
    training_forms.txt                               canonical ids of all that was trained on, sorted, one a line
    README.md                                        the model card
    neurosym.json                                    base, lake digest, domains, settings, scores, seed; written last

Contract: each file appears whole. A folder without neurosym.json holds no result yet; in one that is written again,
files of the earlier and of the later weights of the same run may meet for a moment, but never half a file.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.core import Json, stream
from neurosym.errors import UsageError
from neurosym.models import smollm2
from neurosym.training.checkpoint import sync

if TYPE_CHECKING:
    from neurosym.models.base import Base
    from neurosym.training.settings import TrainSettings

FORMAT = 1
FACTS = "neurosym.json"
FORMS = "training_forms.txt"
STAGING = ".adapter.tmp"


@dataclass(frozen=True)
class Adapter:
    """A trained adapter, or a whole trained model: its folder, and what neurosym.json says of it.

    `settings` are those that decide the result; `scores` are told by the model card.
    """

    path: Path
    base: str
    lake_digest: str
    domains: tuple[str, ...]
    settings: Mapping[str, Json]
    scores: Mapping[str, Any]

    def __str__(self) -> str:
        said = f"{self.path}: {self.base} after {self.scores['step']} steps"
        if "validity" in self.scores:
            share, problems = self.scores["validity"], self.scores["problems"]
            said += f", {100 * share:.1f}% of {problems} validation problems proved"
        return said


def read(folder: Path) -> Adapter | None:
    """The adapter in a folder, or None where there is none. Raises UsageError where its neurosym.json is damaged."""
    path = folder / FACTS
    try:
        known = json.loads(path.read_text())
        return Adapter(
            path=folder,
            base=str(known["base"]),
            lake_digest=str(known["lake_digest"]),
            domains=tuple(known["domains"]),
            settings=dict(known["settings"]),
            scores=dict(known["scores"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path} is damaged: use another --out") from None


def with_lora(base: Base, settings: TrainSettings) -> Base:
    """The base with its weights frozen and a LoRA beside them, which begins as no change (Hu et al., arXiv:2106.09685).

    The LoRA is kept in 32 bits: small steps would be lost in 16. Raises UsageError for targets that the model lacks.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    targets = settings.targets[0] if settings.targets == ("all-linear",) else list(settings.targets)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(stream("train", "lora", settings.seed).getrandbits(63))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft's own business with transformers
            return replace(base, model=get_peft_model(base.model, config))
    except ValueError as error:
        raise UsageError(f"targets {', '.join(settings.targets)}: {' '.join(str(error).split())[:200]}") from None


def write(adapter: Adapter, base: Base, forms: Iterable[str]) -> None:
    """Write the weights that `base.model` has now into the adapter's folder, with all that belongs to them.

    `forms` are the canonical ids of what was trained on.
    """
    facts = {
        "format": FORMAT,
        "base": adapter.base,
        "lake_digest": adapter.lake_digest,
        "domains": list(adapter.domains),
        "settings": adapter.settings,
        "scores": adapter.scores,
        "seed": adapter.settings["seed"],
    }
    staging = adapter.path / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    base.tokenizer.save_pretrained(staging)
    (_write_whole if base.full else _write_lora)(base, staging)
    (staging / FORMS).write_text("".join(f"{form}\n" for form in sorted(set(forms))))
    (staging / "README.md").write_text(card(adapter, base.full))
    (staging / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
    mode = (staging / FACTS).stat().st_mode
    for path in sorted(staging.iterdir(), key=lambda path: path.name == FACTS):
        path.chmod(mode)  # safetensors lets nobody but the owner read what it writes
        sync(path)
        path.replace(adapter.path / path.name)
    sync(adapter.path)
    staging.rmdir()


def _write_whole(base: Base, folder: Path) -> None:
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        base.model.save_pretrained(folder)
    finally:
        if shown:
            logging.enable_progress_bar()


def _write_lora(base: Base, folder: Path) -> None:
    """The two files of peft. Its own `save_pretrained` writes sets in the order of their hashes."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    tensors = get_peft_model_state_dict(base.model, save_embedding_layers=False)
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(contiguous, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = base.model.peft_config["default"].to_dict()
    config |= {"inference_mode": True, "base_model_name_or_path": hub_name(base.name)}
    config |= {name: sorted(value) for name, value in config.items() if isinstance(value, set)}
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))


def hub_name(base: str) -> str:
    """What a base is called by those who have no neurosym."""
    return smollm2.HUB_NAME if base == smollm2.NAME else base


def card(adapter: Adapter, full: bool) -> str:
    """The model card. Format: https://huggingface.co/docs/hub/model-cards."""
    scores, settings = adapter.scores, adapter.settings
    front = ["---", *([] if full else [f"base_model: {hub_name(adapter.base)}", "library_name: peft"])]
    front += ["tags: [reasoning, neurosym]", "---", ""]
    what = "A whole model trained from scratch" if full else f"A LoRA adapter of {hub_name(adapter.base)}"
    body = [
        f"# {', '.join(adapter.domains)}",
        "",
        f"{what} on proved answers to reasoning problems of {', '.join(adapter.domains)}.",
        "Each answer it learned from was proved by a small trusted checker; validation and test problems are split off",
        "by canonical form, so none of them is a renamed copy of a training problem.",
        "",
        "| what | value |",
        "|---|---|",
        f"| digest of the lake | `{adapter.lake_digest}` |",
    ]
    body += [f"| {name.replace('_', ' ')} | {_shown(value)} |" for name, value in scores.items()]
    body += [
        "",
        "`validity` is the share of validation problems whose greedy answer the checker proved correct. The weights",
        "were chosen by it among those of one run, so it is a little too high: measure the test split, which training",
        "never saw, with",
        "",
        "```",
        "python -m neurosym.evaluate --model ADAPTER --lake LAKE --out evaluation",
        "```",
        "",
        "## Settings",
        "",
        "| key | value |",
        "|---|---|",
        *(f"| {name} | {_shown(value)} |" for name, value in sorted(settings.items())),
        "",
    ]
    return "\n".join([*front, *body])


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "all"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
