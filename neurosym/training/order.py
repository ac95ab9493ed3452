"""Which examples each optimizer step sees: a function of the records, the settings and the step's number.

So a run that was killed needs no state of the data to go on: it asks for the next step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from neurosym.core import Record, stream
from neurosym.errors import UsageError
from neurosym.training.augment import renamings
from neurosym.training.examples import examples
from neurosym.training.packing import batches, packs
from neurosym.training.settings import TrainSettings

if TYPE_CHECKING:
    from neurosym.training.examples import Example
    from neurosym.training.packing import Batch, Pack


class Order:
    """The packs, or padded batches, of every step. Raises UsageError where no record fits the context.

    Every epoch has as many steps as the first, of about as many tokens each, and every pack of it is in one of them.
    `tokens` is about how many go through the model in all steps, `longest` is the longest completion in tokens, and
    `dropped` counts the records that are longer than the context; all by the first epoch.
    """

    def __init__(self, records: Sequence[Record], tokenizer: Any, context: int, settings: TrainSettings) -> None:
        self._records, self._tokenizer, self._context, self._settings = records, tokenizer, context, settings
        found, self.dropped = self._examples(0)
        if not found:
            raise UsageError(f"every record is longer than the context of {context} tokens: choose another --base")
        self.longest = max(len(each.tokens) - each.prompt for each in found)
        self._epoch, self._packs = 0, self._arranged(found, 0)
        lengths = [pack.length for pack in self._packs]
        self.steps_an_epoch = max(1, sum(lengths) // max(settings.batch_tokens, *lengths))
        self.steps = settings.steps or max(1, round(settings.epochs * self.steps_an_epoch))
        self.tokens = sum(lengths) * self.steps // self.steps_an_epoch

    def of_step(self, step: int) -> Sequence[Pack | Batch]:
        """What step `step` of 0..steps-1 sees: the packs whose middle token lies in its part of the epoch's tokens."""
        epoch, part = divmod(step, self.steps_an_epoch)
        if epoch != self._epoch:
            self._epoch, self._packs = epoch, self._arranged(self._examples(epoch)[0], epoch)
        ends = list(accumulate(pack.length for pack in self._packs))
        middles = [end - pack.length / 2 for end, pack in zip(ends, self._packs, strict=True)]
        first, last = (bisect_left(middles, ends[-1] * at / self.steps_an_epoch) for at in (part, part + 1))
        return self._packs[first:last] or self._packs[min(first, len(ends) - 1) :][:1]

    def _examples(self, epoch: int) -> tuple[list[Example], int]:
        settings = self._settings
        records = renamings(self._records, settings.seed, epoch) if settings.rename else self._records
        return examples(records, self._tokenizer, self._context)

    def _arranged(self, found: list[Example], epoch: int) -> Sequence[Pack | Batch]:
        arrange = packs if self._settings.packing else batches
        return arrange(found, self._settings.pack_length, stream("train", "order", self._settings.seed, epoch))
