"""Whatever answers questions: a language model here or behind HTTP, saved outputs, an oracle, a coin.

Contract: a model says text and proves nothing; every output goes through `judge`. One bad answer is an `Output` with
its error, never an exception: an exception means that the model cannot answer at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from neurosym.core import Record


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn. `temperature` 0 is greedy decoding, and then one sample is all there is.

    `max_tokens` bounds one answer. The random stream of a sample is hashed from (seed, record id, sample number).
    """

    samples: int = 1
    temperature: float = 0.0
    max_tokens: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples must be at least 1, not {self.samples}")
        if not 0 <= self.temperature <= 10:
            raise ValueError(f"temperature must be in 0..10, not {self.temperature}")
        if self.samples > 1 and self.temperature == 0:
            raise ValueError("several samples need a temperature above 0")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}")


@dataclass(frozen=True)
class Output:
    """One answer as it came.

    `tokens` counts the generated tokens, `seconds` is this answer's share of the time spent, `logprob` is the sum of
    the generated tokens' natural log-probabilities at temperature 1 where the model tells (calibration needs it), and
    `error` says why there is no text ("" where there is).
    """

    text: str
    tokens: int = 0
    seconds: float = 0.0
    logprob: float | None = None
    error: str = ""


class Model(Protocol):
    """Anything that answers. `name` is what tables and reports call it."""

    name: str

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Iterator[tuple[int, tuple[Output, ...]]]:
        """Each record's place in `records` with its `sampling.samples` outputs, as they become ready, in any order.

        A language model reads `record.prompt` and nothing else of a record.
        """
