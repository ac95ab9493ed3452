"""Expert iteration: the model answers its training problems, what a checker proves is learned from too, and again.

Round 0 is plain fine-tuning. Every later round draws `samples` answers to each training problem, under a fresh renaming
of its objects, from the weights so far; keeps those that are proved and not known yet; and trains on, on the lake's
records and on all that was kept (Anthony, Tian and Barber, arXiv:1705.08439; Zelikman et al., "STaR",
arXiv:2203.14465; Dong et al., "RAFT", arXiv:2304.06767).

Contract: an answer is judged when it is kept, and again when a run that was killed reads it back. The problems are the
training split's alone. Each round has a folder `round-N` in the output folder, as neurosym.train writes them, with what
the model said in `answers.jsonl`; a round that is finished is not made again. `rounds.json` has each round's figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.command import note, progress_bar
from neurosym.core import Budget, Claim, MalformedAnswer, Record
from neurosym.errors import UsageError
from neurosym.judging import judge
from neurosym.models import Sampling
from neurosym.storage import Folder
from neurosym.training import adapter
from neurosym.training.adapter import Adapter
from neurosym.training.augment import renamings
from neurosym.training.loop import Data, fit
from neurosym.training.settings import TrainSettings

if TYPE_CHECKING:
    import torch

    from neurosym.models.base import Base

ANSWERS, ROUNDS, IDENTITY = "answers.jsonl", "rounds.json", "iteration.json"


@dataclass(frozen=True)
class Round:
    """`answers` drawn, `proved` of them, `new` of these not known before; `records` learned from; the scores after."""

    number: int
    answers: int
    proved: int
    new: int
    records: int
    scores: dict[str, Any]

    def __str__(self) -> str:
        drawn = f"{self.proved} of {self.answers} answers proved, {self.new} of them new; " if self.answers else ""
        after = f"validity {100 * self.scores['validity']:.1f}%" if "validity" in self.scores else "trained"
        return f"round {self.number}: {drawn}{self.records} records; {after}"


def iterate(base: Base, data: Data, settings: TrainSettings, dtype: torch.dtype) -> Adapter:
    """Train for round 0 and `settings.rounds` more, and write the last round's weights into the output folder.

    Raises what `fit` raises, and UsageError where the folder holds other rounds; rounds that are finished are kept.
    """
    identity = settings.identity(data.lake_digest)
    _require_same(Folder(settings.out), identity)
    rounds: list[Round] = []
    kept: list[Record] = []
    for number in range(settings.rounds + 1):
        out = Path(settings.out) / f"round-{number}"
        out.mkdir(parents=True, exist_ok=True)
        answers = proved = new = 0
        if number:
            answers, proved, found = _answers(base, data.train, settings, number, out / ANSWERS)
            new = len(found)
            kept += found
        learned = replace(data, train=[*data.train, *kept])
        made = _round(base, learned, replace(settings, out=str(out), seed=settings.seed + number, rounds=0), dtype)
        rounds.append(Round(number, answers, proved, new, len(learned.train), dict(made.scores)))
        note(str(rounds[-1]))
    last = replace(
        made,
        path=Path(settings.out),
        lake_digest=identity.pop("lake_digest"),
        settings=identity,
    )
    table = json.dumps([asdict(each) for each in rounds], indent=1, sort_keys=True)
    Folder(settings.out).write(ROUNDS, table.encode())
    adapter.write(last, base, {record.canonical_id for record in data.train})
    return last


def _require_same(out: Folder, identity: dict[str, Any]) -> None:
    """Note what these rounds are of. Raises UsageError where the folder holds rounds of something else."""
    if not out.exists(IDENTITY):
        out.write(IDENTITY, json.dumps(identity, sort_keys=True).encode())
    elif json.loads(out.read(IDENTITY)) != identity:
        raise UsageError(f"{out.location} holds rounds of another training: use another --out")


def _round(base: Base, data: Data, settings: TrainSettings, dtype: torch.dtype) -> Adapter:
    """The round's adapter, whose weights the model then has."""
    made = adapter.read(Path(settings.out))
    if made is None or (Path(settings.out) / "checkpoint").exists():
        return fit(base, data, settings, dtype)
    _load_weights(base, made.path)
    return made


def _load_weights(base: Base, folder: Path) -> None:
    """Give the model the weights that an adapter's folder holds."""
    from safetensors.torch import load_file

    if base.full:
        base.model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)  # tied weights are there once
    else:
        from peft import set_peft_model_state_dict

        set_peft_model_state_dict(base.model, load_file(folder / "adapter_model.safetensors"))


def _answers(
    base: Base, records: Sequence[Record], settings: TrainSettings, number: int, file: Path
) -> tuple[int, int, list[Record]]:
    """How many answers were drawn, how many of them are proved, and the new ones as records."""
    asked = list(renamings(records, settings.seed, -number)) if settings.rename else list(records)
    if not file.exists():
        drawn = sorted(_drawn(base, asked, settings, number))
        lines = "".join(json.dumps({"place": place, "texts": texts}) + "\n" for place, texts in drawn)
        Folder(file.parent).write(file.name, lines.encode())
    answers = proved = 0
    found: list[Record] = []
    for line in file.read_text().splitlines():
        said = json.loads(line)
        record = asked[said["place"]]
        known = {record.completion}
        for text in said["texts"]:
            answers += 1
            if not judge(record, text).proved:
                continue
            proved += 1
            again = _learnable(record, text)
            if again is not None and again.completion not in known:
                known.add(again.completion)
                found.append(again)
    return answers, proved, found


def _drawn(
    base: Base, asked: Sequence[Record], settings: TrainSettings, number: int
) -> Iterator[tuple[int, list[str]]]:
    from neurosym.models.local import Local

    longest = max(len(base.tokenizer(record.completion)["input_ids"]) for record in asked)
    sampling = Sampling(settings.samples, 1.0, 2 * longest, settings.seed + number)
    with progress_bar("answers", len(asked)) as update:
        for done, (place, outputs) in enumerate(Local(base, settings.base).answer(asked, sampling), 1):
            update(done, "")
            yield place, [output.text for output in outputs if not output.error]


def _learnable(record: Record, text: str) -> Record | None:
    """The record with a proved answer as its completion, in the form that its domain writes; None without evidence.

    A bare conclusion ("unsat") is proved by the record's own evidence, and says nothing that it does not say.
    """
    task = registry.domains()[record.problem.domain]()
    try:
        answer = task.parse(record.problem, text)
        completion = task.render(record.problem, answer)
    except MalformedAnswer:
        return None
    claim = Claim(answer, None)
    verdict = registry.checker(record.problem.kind).check(record.problem, claim, Budget())
    return replace(record, claim=claim, completion=completion, verdict=verdict) if verdict.proved else None
