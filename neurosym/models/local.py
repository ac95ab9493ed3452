"""A language model in this process: batched decoding over a key-value cache whose shared prefix is computed once.

Contract: greedy answers are those of transformers' `generate`, one prompt at a time, and an answer drawn at a
temperature depends on its prompt and its own random stream alone, never on what else is in the batch; in bfloat16 both
hold up to the rounding of sums. Temperature is the only change to the model's distribution: a generation config's
penalties and cut-offs are not applied.

Answers wait in a queue; those being decoded are the rows of one cache (`neurosym.models.attention`). A prompt enters
with all its tokens but the last, which is then decoded like every later token, so that the model's head works for one
position a row. A finished row is overwritten by the last one, so that nothing is spent on it, and waiting answers enter
when a quarter of the rows is free.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from neurosym.core import Json, Record, stream
from neurosym.errors import UsageError
from neurosym.models import Output, Sampling
from neurosym.models.attention import NAME, SharedCache, register

if TYPE_CHECKING:
    import torch

    from neurosym.models.base import Base

ROWS_ON_CPU, ROWS_ON_GPU = 64, 256

PREFILL_TOKENS_ON_CPU, PREFILL_TOKENS_ON_GPU = 1024, 8192
"""Prompt tokens of one forward pass: more would fall out of a processor's cache, fewer would leave it idle."""

WORTHWHILE_TOKENS = 32
"""Prompts are decoded in separate runs where that lets them share so many more tokens, on average."""

SERVE_IT = "serve it with `transformers serve` or vLLM and name it http://HOST/v1#MODEL"


class Local:
    """The model of a base as one that answers, at most `batch` answers at a time.

    While answers are taken from it, the model is in evaluation mode and has another attention implementation; at the
    end both are put back. Raises UsageError for an architecture whose attention cannot be replaced.
    """

    def __init__(self, base: Base, name: str, batch: int | None = None) -> None:
        if batch is not None and batch < 1:
            raise UsageError(f"the batch must be at least 1, not {batch}")
        model = base.model
        self.name = name
        self.model = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.tokenizer = base.tokenizer
        on_cpu = self.model.device.type == "cpu"
        self.batch = batch or (ROWS_ON_CPU if on_cpu else ROWS_ON_GPU)
        self.prefill_tokens = PREFILL_TOKENS_ON_CPU if on_cpu else PREFILL_TOKENS_ON_GPU
        config = self.model.config.get_text_config()
        unknown = set(getattr(config, "layer_types", None) or ()) - {"full_attention", "sliding_attention"}
        if unknown:
            raise self.unsupported(f"it has layers of type {', '.join(sorted(unknown))}")
        self.layers = config.num_hidden_layers
        self.context = base.context
        self.stops = stop_tokens(self.model, self.tokenizer)

    def unsupported(self, why: str) -> UsageError:
        return UsageError(f"cannot decode {self.name} ({type(self.model).__name__}): {why}; {SERVE_IT}")

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Iterator[tuple[int, tuple[Output, ...]]]:
        """Each record's place with its outputs, as they become ready. A prompt beyond the context is an error."""
        waiting = []
        for place, record in enumerate(records):
            prompt = prompt_tokens(self.tokenizer, record.prompt)
            room = self.context - len(prompt)
            if room < 1:
                error = f"the prompt has {len(prompt)} tokens, and the context of {self.name} holds {self.context}"
                yield place, (Output("", error=error),) * sampling.samples
                continue
            for sample in range(sampling.samples):
                path = ["answer", sampling.seed, record.problem.id, sample]
                waiting.append(Answer(place, sample, prompt, min(sampling.max_tokens, room), path))
        ready: dict[int, dict[int, Output]] = {}
        with self._prepared():
            for run in runs(waiting, self.batch):
                for answer in self._decoded(run, sampling.temperature):
                    outputs = ready.setdefault(answer.place, {})
                    outputs[answer.sample] = self._output(answer)
                    if len(outputs) == sampling.samples:
                        del ready[answer.place]
                        yield answer.place, tuple(outputs[sample] for sample in range(sampling.samples))

    @contextmanager
    def _prepared(self) -> Iterator[None]:
        register()
        training, attention = self.model.training, self.model.config._attn_implementation
        self.model.eval()
        self.model.set_attn_implementation(NAME)
        try:
            if self.model.config._attn_implementation != NAME:
                raise self.unsupported("its attention cannot be replaced")
            yield
        finally:
            self.model.set_attn_implementation(attention)
            self.model.train(training)

    def _decoded(self, answers: Sequence[Answer], temperature: float) -> Iterator[Answer]:
        """The answers as they finish. When memory runs out, those that have not begin again with half as many rows."""
        left = set(answers)
        while left:
            rows = Rows(self, [answer for answer in answers if answer in left], temperature)
            try:
                for answer in rows.finished():
                    left.remove(answer)
                    yield answer
            except NotImplementedError as error:
                raise self.unsupported(str(error)) from None
            except (MemoryError, RuntimeError) as error:
                if not _out_of_memory(error):
                    raise
                if rows.size == 1:
                    raise UsageError(f"{self.name}: out of memory with one answer at a time") from None
                self.batch = rows.size // 2
                del rows  # and with it the cache, before the next one is made

    def _output(self, answer: Answer) -> Output:
        if answer.error:
            return Output("", len(answer.tokens), answer.seconds, None, answer.error)
        tokens = answer.tokens[:-1] if answer.tokens[-1] in self.stops else answer.tokens
        text = self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Output(text, len(answer.tokens), answer.seconds, answer.logprob)


@dataclass(eq=False)
class Answer:
    """One sample of one record while it is decoded.

    `limit` is the most tokens that it may have, `path` that of its random stream, `seconds` its share of the time.
    """

    place: int
    sample: int
    prompt: list[int]
    limit: int
    path: list[Json]
    seconds: float = 0.0
    error: str = ""
    logprob: float = 0.0
    tokens: list[int] = field(default_factory=list)
    rng: random.Random = field(default_factory=random.Random)

    def begin(self) -> None:
        """Forget what was decoded, and start the random stream anew."""
        self.tokens, self.logprob, self.rng = [], 0.0, stream(*self.path)

    def take(self, token: int, logprob: float) -> None:
        """Go on with a token of that log-probability."""
        self.tokens.append(token)
        self.logprob += logprob
        if math.isnan(logprob):
            self.error = "the model's logits are not finite"

    @property
    def newest(self) -> int:
        """The token that is to be read next."""
        return self.tokens[-1] if self.tokens else self.prompt[-1]

    @property
    def position(self) -> int:
        """Where the newest token stands: how many tokens were read."""
        return len(self.prompt) - 1 + len(self.tokens)


class Rows:
    """The answers that wait, and those that are decoded: row r of the cache is that of `active[r]`."""

    def __init__(self, local: Local, answers: Sequence[Answer], temperature: float) -> None:
        self.local, self.temperature = local, temperature
        self.size = min(local.batch, len(answers))
        self.waiting = deque(answers)
        self.active: list[Answer] = []

    def finished(self) -> Iterator[Answer]:
        """Decode all, and yield each answer when it is complete."""
        self._read_prefix()
        while self.waiting or self.active:
            free = self.size - len(self.active)
            if self.waiting and (free >= self.size / 4 or not self.active):
                self._enter([self.waiting.popleft() for _ in range(min(free, len(self.waiting)))])
            yield from self._step()

    def _read_prefix(self) -> None:
        """Read what all prompts begin with, short of the last token of the shortest."""
        began = time.perf_counter()
        prompts = [answer.prompt for answer in self.waiting]
        common = min(shared(min(prompts), max(prompts)), min(map(len, prompts)) - 1)
        self.cache = SharedCache(1)
        if common:
            self._forward([prompts[0][:common]], [0])
        self.cache = SharedCache(self.size, prefix=self.cache)
        share(began, self.waiting)

    def _enter(self, answers: list[Answer]) -> None:
        """Read all but the last token of each prompt into free rows. Samples of a record copy what one of them read."""
        import torch

        began = time.perf_counter()
        start = self.cache.start
        row_of = {answer.place: row for row, answer in enumerate(self.active)}
        readers = list({answer.place: answer for answer in answers if answer.place not in row_of}.values())
        copiers = [answer for answer in answers if answer not in readers]
        rest = [answer.prompt[start:-1] for answer in readers]
        longest = max(map(len, rest), default=0)
        at_once = max(1, self.local.prefill_tokens // max(1, longest))
        for done in range(0, len(rest) if longest else 0, at_once):
            some = rest[done : done + at_once]
            self._forward(some, [0] * len(some), len(self.active) + done)
        row_of |= {answer.place: row for row, answer in enumerate(readers, len(self.active))}
        self.active += readers
        with torch.inference_mode():
            for answer in copiers:
                self.cache.copy(row_of[answer.place], len(self.active), len(answer.prompt) - 1 - start)
                self.active.append(answer)
        for answer in answers:
            answer.begin()
        share(began, answers)

    def _step(self) -> list[Answer]:
        """One more token for each active answer. Those that are complete leave."""
        import torch

        began = time.perf_counter()
        active, start = list(self.active), self.cache.start
        with torch.inference_mode():
            columns = [answer.position - start for answer in active]
            logits = self._forward([[answer.newest] for answer in active], columns)
            chances = [answer.rng.random() for answer in active] if self.temperature else []
            tokens, logprobs = choose(logits, self.temperature, chances)
            for answer, token, logprob in zip(active, tokens.tolist(), logprobs.tolist(), strict=True):
                answer.take(token, logprob)
            complete = [row for row, answer in enumerate(active) if self._is_complete(answer)]
            for row in reversed(complete):
                last = self.active.pop()
                if row < len(self.active):
                    self.active[row] = last
                    self.cache.copy(len(self.active), row, last.position - start)
        share(began, active)
        return [active[row] for row in complete]

    def _is_complete(self, answer: Answer) -> bool:
        return answer.newest in self.local.stops or len(answer.tokens) == answer.limit or bool(answer.error)

    def _forward(self, tokens: list[list[int]], columns: list[int], first: int = 0) -> torch.Tensor:
        """Read tokens into the rows from `first` on, each row's from its column on; the logits after the last."""
        import torch

        device, width = self.local.model.device, max(map(len, tokens))
        padded = torch.tensor([row + [0] * (width - len(row)) for row in tokens], device=device)
        places = torch.tensor(columns, device=device)[:, None] + torch.arange(width, device=device)
        with torch.inference_mode():
            self.cache.place(first, places, max(columns) + width)
            read = self.local.model(
                input_ids=padded,
                position_ids=places + self.cache.start,
                use_cache=False,
                logits_to_keep=1,
                cache=self.cache,
            )
        if len(self.cache.own) != self.local.layers:
            raise NotImplementedError(f"{len(self.cache.own)} of its {self.local.layers} layers keep keys and values")
        return read.logits[:, -1]


def choose(logits: torch.Tensor, temperature: float, chances: Sequence[float]) -> tuple[torch.Tensor, torch.Tensor]:
    """The next token of each row, and its log-probability at temperature 1.

    At temperature 0 the likeliest token; else the one at which the cumulative probability exceeds the row's chance, a
    number in [0, 1). Works in place of `logits` where it can.
    """
    import torch

    logits = logits.float()
    best, tokens = logits.max(dim=-1, keepdim=True)
    logits -= best
    if temperature:
        cumulative = (logits / temperature).exp_().cumsum_(dim=-1)
        total = cumulative[:, -1:].contiguous()
        wanted = total * torch.tensor(chances, device=logits.device)[:, None]
        # Rounding may lift a chance to the total: the last token of any probability is as far as it goes.
        last = torch.searchsorted(cumulative, total).clamp(max=logits.shape[-1] - 1)
        tokens = torch.minimum(torch.searchsorted(cumulative, wanted, right=True), last)
    chosen = logits.gather(1, tokens)[:, 0]
    return tokens[:, 0], chosen - logits.exp_().sum(dim=-1).log_()


def share(began: float, answers: Collection[Answer]) -> None:
    """Add the time since then to the answers, in equal parts."""
    part = (time.perf_counter() - began) / len(answers)
    for answer in answers:
        answer.seconds += part


def prompt_tokens(tokenizer: Any, prompt: str) -> list[int]:
    """A prompt as the chat template asks it, up to where the answer begins."""
    message = {"role": "user", "content": prompt}
    return list(tokenizer.apply_chat_template([message], add_generation_prompt=True, return_dict=False))


def stop_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Every token that ends an answer: by the generation config, by the tokenizer, and by the chat template."""
    named = [model.generation_config.eos_token_id, model.config.get_text_config().eos_token_id, tokenizer.eos_token_id]
    stops = {token for each in named if each is not None for token in (each if isinstance(each, list) else [each])}
    marker = "Q0Q0Q"
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": marker}]
    after = tokenizer.apply_chat_template(messages, tokenize=False).rpartition(marker)[2]
    closing = tokenizer.encode(after, add_special_tokens=False)[:1]
    return frozenset(stops.union(token for token in closing if token in tokenizer.all_special_ids))


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def runs(answers: Sequence[Answer], size: int) -> list[list[Answer]]:
    """Answers that are decoded together, longest prompt first: those of one domain, if it has enough of them.

    Prompts part where the prefix of all of them ends, if the parts are half a batch on average and share
    `WORTHWHILE_TOKENS` more.
    """
    if not answers:
        return []
    ordered = sorted(answers, key=lambda answer: answer.prompt)
    common = shared(ordered[0].prompt, ordered[-1].prompt)
    parts = [[ordered[0]]]
    for before, answer in pairwise(ordered):
        if shared(before.prompt, answer.prompt) > common:
            parts[-1].append(answer)
        else:
            parts.append([answer])
    gained = sum(len(part) * (shared(part[0].prompt, part[-1].prompt) - common) for part in parts)
    if len(parts) == 1 or 2 * len(answers) < size * len(parts) or gained < WORTHWHILE_TOKENS * len(answers):
        return [sorted(answers, key=lambda answer: (-len(answer.prompt), answer.place))]
    return [run for part in parts for run in runs(part, size)]


def _out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text
