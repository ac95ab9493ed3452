"""Examples into packs that store their common beginning once, or into padded batches, without changing any loss.

The prompts of a domain begin with the same rules. A `Pack` is one row of tokens: the longest common prefix of its
examples once, then the rest of each. Every token attends to the prefix and to its own example only, and its position
goes on from the prefix, so that each example has the loss and the gradients that it has alone: sequence packing without
cross-contamination (Krell et al., arXiv:2107.02027) with a shared prefix (Zheng et al., "SGLang", arXiv:2312.07104). An
example's last token predicts nothing, so the model never sees it.

Contract: packs and batches are the same for the same examples and stream of random numbers. Each example is in exactly
one of them. Nothing here needs torch but `tensors`.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from neurosym.training.attention import Layout
    from neurosym.training.examples import Example

MAX_DEPTH = 64
"""So many prefixes within prefixes are looked at when examples are grouped."""

SHORT = 32
"""Rows of about so many tokens are padded to each other whatever their lengths."""


@dataclass(frozen=True)
class Pack:
    """Examples in one row, with what they have in common at the beginning stored once."""

    examples: tuple[Example, ...]

    @cached_property
    def prefix(self) -> int:
        """How many tokens the examples share; a single one shares all that the model sees of it."""
        return _shared(self.examples)

    @cached_property
    def length(self) -> int:
        """How many tokens go through the model."""
        return self.prefix + sum(len(example.tokens) - 1 - self.prefix for example in self.examples)

    @property
    def useful(self) -> int:
        """How many tokens the examples have, each counted alone."""
        return sum(len(example.tokens) for example in self.examples)


@dataclass(frozen=True)
class Batch:
    """Examples in a row each, padded on the right: for models whose attention cannot be told what a pack is."""

    examples: tuple[Example, ...]

    @cached_property
    def length(self) -> int:
        """How many tokens go through the model, padding included."""
        return len(self.examples) * (max(len(example.tokens) for example in self.examples) - 1)

    @property
    def useful(self) -> int:
        """How many tokens the examples have."""
        return sum(len(example.tokens) for example in self.examples)


@dataclass(frozen=True)
class Inputs:
    """What one forward pass takes.

    `tokens` and `positions` have the shape (rows, tokens of a row). `predictors` are places in the flattened rows, each
    of which predicts the token of the same rank in `targets`; where examples part right behind the prefix, a place may
    come several times. `layout` is that of a pack, and None for a batch, for which causal attention is enough: nothing
    looks at the padding behind it.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    predictors: torch.Tensor
    targets: torch.Tensor
    layout: Layout | None


def packs(examples: Sequence[Example], length: int, rng: random.Random) -> list[Pack]:
    """All examples in packs of at most `length` tokens, in random order; a longer example has a pack of its own.

    Examples that share a longer prefix than others (those of one domain, mostly) are packed among themselves where that
    saves more than a pack. Within such a group each example, in random order, goes where it leaves least space.
    """
    made = []
    for group in _groups(sorted(examples, key=lambda example: example.tokens), length, MAX_DEPTH):
        rng.shuffle(group)
        prefix = _shared(group)
        made += [Pack(tuple(chosen)) for chosen in _best_fit(group, prefix, length - prefix)]
    rng.shuffle(made)
    return made


def batches(examples: Sequence[Example], length: int, rng: random.Random) -> list[Batch]:
    """All examples in batches of at most `length` tokens with their padding, in random order; at least one in each.

    Examples of about the same length come together, so that little is padded.
    """
    shuffled = rng.sample(examples, len(examples))
    made: list[Batch] = []
    row: list[Example] = []
    for example in sorted(shuffled, key=lambda example: len(example.tokens)):
        if row and (len(row) + 1) * (len(example.tokens) - 1) > length:
            made.append(Batch(tuple(row)))
            row = []
        row.append(example)
    if row:
        made.append(Batch(tuple(row)))
    rng.shuffle(made)
    return made


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many items two sequences have in common at the beginning."""
    low, high = 0, min(len(first), len(second))
    while low < high:  # slices are compared at the speed of C
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shared(examples: Sequence[Example]) -> int:
    """The longest common prefix of what the model sees of each: that of the first and the last in order."""
    sequences = [example.tokens for example in examples]
    return min(common(min(sequences), max(sequences)), min(map(len, sequences)) - 1)


def _groups(examples: list[Example], length: int, depth: int) -> list[list[Example]]:
    """Sorted examples in groups that are worth packing apart: each saves more than a pack by its longer prefix."""
    prefix = _shared(examples) if examples else 0
    together: list[Example] = []
    apart: list[list[Example]] = []
    for _, members in groupby(examples, key=lambda example: example.tokens[prefix]):
        family = list(members)
        small = sum(len(example.tokens) for example in family) <= length
        if small or not depth or len(family) == len(examples):
            together += family
            continue
        groups = _groups(family, length, depth - 1)
        gain = sum(_saved(group, _shared(group), length) for group in groups) - _saved(family, prefix, length)
        if gain > length:
            apart += groups
        else:
            together += family
    return [*apart, together] if together else apart


def _saved(examples: Sequence[Example], prefix: int, length: int) -> float:
    """About how many tokens full packs save, where each stores a prefix of its examples once."""
    rest = sum(len(example.tokens) - 1 - prefix for example in examples)
    return prefix * (len(examples) - rest / max(1, length - prefix))


def _best_fit(examples: Sequence[Example], prefix: int, space: int) -> list[list[Example]]:
    """The examples, each put where it leaves the least of the `space` behind the prefix, in the order given."""
    made: list[list[Example]] = []
    spaces: list[tuple[int, int]] = []  # what is left in each, sorted
    for example in examples:
        size = len(example.tokens) - 1 - prefix
        found = bisect_left(spaces, (size, 0))
        if found < len(spaces):
            left, number = spaces.pop(found)
        else:
            left, number = space, len(made)
            made.append([])
        made[number].append(example)
        insort(spaces, (left - size, number))
    return made


def tensors(batch: Pack | Batch, device: Any = "cpu") -> Inputs:
    """A pack or a batch as tensors on a device, the shortest example first."""
    import torch

    from neurosym.training.attention import Band, Layout

    examples = sorted(batch.examples, key=lambda example: len(example.tokens))
    prefix = batch.prefix if isinstance(batch, Pack) else 0
    rests = [example.tokens[prefix:-1] for example in examples]
    layout = None
    if isinstance(batch, Pack):
        tokens = [[*examples[0].tokens[:prefix], *chain(*rests)]]
        positions = [[*range(prefix), *chain(*(range(prefix, prefix + len(rest)) for rest in rests))]]
        starts = [*accumulate(map(len, rests[:-1]), initial=prefix)]
        bands = []
        for lengths in _bands(list(map(len, rests))):
            places = [row * lengths[-1] + place for row, length in enumerate(lengths) for place in range(length)]
            bands.append(Band(len(lengths), lengths[-1], torch.tensor(places, device=device)))
        layout = Layout(prefix, tuple(bands))
    else:
        width = len(rests[-1])
        tokens = [[*rest, *[0] * (width - len(rest))] for rest in rests]
        positions = [[*range(width)]] * len(rests)
        starts = [*range(0, len(rests) * width, width)]
    predictors = [
        position if position < prefix else start + position - prefix
        for example, start in zip(examples, starts, strict=True)
        for position in range(example.prompt - 1, len(example.tokens) - 1)
    ]
    targets = [*chain(*(example.tokens[example.prompt :] for example in examples))]
    return Inputs(
        torch.tensor(tokens, device=device),
        torch.tensor(positions, device=device),
        torch.tensor(predictors, device=device),
        torch.tensor(targets, device=device),
        layout,
    )


def _bands(lengths: list[int]) -> Iterator[list[int]]:
    """Lengths in ascending order, without zeros, cut where padding would cost much."""
    band: list[int] = []
    for length in filter(None, lengths):
        if band and length > 2 * band[0] + SHORT:
            yield band
            band = []
        band.append(length)
    if band:
        yield band
