"""Which examples each optimizer step sees: a function of the records, the settings and the step's number.

So a run that was killed needs no state of the data to go on: it asks for its next step. While an epoch is learned from,
a thread renames, proves and tokenises the next one, for which a GPU would otherwise wait.
"""

from __future__ import annotations

import contextlib
import copy
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from neurosym.core import Record, stream
from neurosym.errors import UsageError
from neurosym.training.augment import renamings
from neurosym.training.examples import examples
from neurosym.training.packing import batches, packs
from neurosym.training.settings import TrainSettings

if TYPE_CHECKING:
    from neurosym.training.packing import Batch, Pack


@dataclass(frozen=True)
class Epoch:
    """What one pass over the records sees, in order, and how many of them are longer than the context."""

    number: int
    packs: Sequence[Pack | Batch]
    dropped: int

    @cached_property
    def ends(self) -> list[int]:
        """The tokens up to the end of each pack."""
        return list(accumulate(pack.length for pack in self.packs))

    def part(self, number: int, parts: int) -> Sequence[Pack | Batch]:
        """The packs whose middle token lies in this one of so many equal parts, or the next pack if there is none."""
        middles = self.middles
        first, last = (bisect_left(middles, self.ends[-1] * at / parts) for at in (number, number + 1))
        return self.packs[first:last] or self.packs[min(first, len(middles) - 1) :][:1]

    @cached_property
    def middles(self) -> list[float]:
        """The tokens up to the middle of each pack."""
        return [end - pack.length / 2 for end, pack in zip(self.ends, self.packs, strict=True)]


class Order:
    """The packs, or padded batches, of every step. Raises UsageError where no record fits the context.

    Every epoch has as many steps as the first, of about as many tokens each, and every pack of it is in one of them.
    `tokens` is about how many go through the model in all steps, and `longest` the most that a completion has; both by
    the first epoch. To be closed in the end.
    """

    def __init__(self, records: Sequence[Record], tokenizer: Any, context: int, settings: TrainSettings) -> None:
        self._records, self._context, self._settings = records, context, settings
        self._tokenizer = copy.deepcopy(tokenizer)  # two threads may not use one
        self._closed, self._thread = False, ThreadPoolExecutor(1)
        self._next: Future[Epoch] | None = None
        self._epoch = first = self._made(0)
        if not first.packs:
            raise UsageError(f"every record is longer than the context of {context} tokens: choose another --base")
        self.dropped = first.dropped
        self.longest = max(len(each.tokens) - each.prompt for pack in first.packs for each in pack.examples)
        largest = max(pack.length for pack in first.packs)
        self.steps_an_epoch = max(1, first.ends[-1] // max(settings.batch_tokens, largest))
        self.steps = settings.steps or max(1, round(settings.epochs * self.steps_an_epoch))
        self.tokens = first.ends[-1] * self.steps // self.steps_an_epoch

    def of_step(self, step: int) -> Sequence[Pack | Batch]:
        """What step `step` of 0..steps-1 sees: at least one pack."""
        number, part = divmod(step, self.steps_an_epoch)
        if number != self._epoch.number:
            coming = self._next.result() if self._next else None
            self._epoch = coming if coming and coming.number == number else self._made(number)
            self._next = None
        if self._next is None and (number + 1) * self.steps_an_epoch < self.steps:
            with contextlib.suppress(RuntimeError):  # without a thread it is made when it is asked for
                self._next = self._thread.submit(self._made, number + 1)
        return self._epoch.part(part, self.steps_an_epoch)

    def close(self) -> None:
        """Stop preparing the next epoch."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _made(self, number: int) -> Epoch:
        settings = self._settings
        records = renamings(self._records, settings.seed, number) if settings.rename else self._records
        found, dropped = examples(self._while_open(records), self._tokenizer, self._context)
        arrange = packs if settings.packing else batches
        return Epoch(
            number, arrange(found, settings.pack_length, stream("train", "order", settings.seed, number)), dropped
        )

    def _while_open(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            if self._closed:
                return
            yield record
