"""Validity: the share of unseen problems whose greedy answer a checker proves correct.

It is what training is for, so the best weights are chosen by it; the loss on the same problems breaks ties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from neurosym.core import Record, Status

if TYPE_CHECKING:
    from neurosym.models import Model


@dataclass(frozen=True)
class Validity:
    """Greedy answers to `problems` validation problems by their status, and the loss a completion token in nats.

    Every problem counts, whatever became of its answer: one that the model gave no answer to is malformed.
    """

    problems: int
    correct: int
    wrong: int
    malformed: int
    undecided: int
    loss: float

    @property
    def share(self) -> float:
        """Correct answers over all problems."""
        return self.correct / self.problems

    def better_than(self, other: Validity | None) -> bool:
        """More correct answers, or as many at a lower loss."""
        return other is None or (self.correct, -self.loss) > (other.correct, -other.loss)

    def scores(self) -> dict[str, float]:
        """All of this, as neurosym.json and the log tell it."""
        known = asdict(self)
        return {"validity": self.share, "validation_loss": known.pop("loss"), **known}


def measure(model: Model, records: Sequence[Record], max_tokens: int, loss: float) -> Validity:
    """The judged greedy answers of a model, each of at most `max_tokens` tokens. `loss` is told as it is."""
    from neurosym.judging import judge
    from neurosym.models import Sampling

    found: Counter[str] = Counter()
    for place, (output,) in model.answer(records, Sampling(max_tokens=max_tokens)):
        found[Status.MALFORMED if output.error else judge(records[place], output.text).status] += 1
    found[Status.MALFORMED] += len(records) - found.total()
    return Validity(problems=len(records), loss=loss, **{str(status): found[status] for status in Status})
