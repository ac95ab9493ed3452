"""Attention over keys and values of which a common prefix is kept, and read, once for the whole batch.

Prompts of one domain begin with the same rules, so most of what a decoding step reads would be the same in every row.
The queries of all rows meet the prefix in one matrix product, and the rows' own tokens in one small product a row; one
softmax joins the two (Juravsky et al., "Hydragen", arXiv 2402.05099).

Contract: the result is that of eager attention over the whole sequence, up to rounding. A model calls `attend` through
transformers' attention interface, with the `cache=` that its forward pass was given: the way that transformers' own
continuous batching takes. What the interface can ask and `attend` does not know is a NotImplementedError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "neurosym_shared_prefix"
"""What the attention is called in transformers' register."""

SPARE_COLUMNS = 64
"""A cache that is full grows by so many tokens."""


def register() -> None:
    """Make `NAME` known to transformers."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)


class SharedCache:
    """Keys and values of `rows` sequences that all begin with the tokens of `prefix`, a cache of one row.

    Column c of a row holds the token at position `start + c`, where `start` is the length of the prefix, so that no
    row is padded in front; what lies behind a row's last token is masked.
    """

    def __init__(self, rows: int, prefix: SharedCache | None = None) -> None:
        self.rows = rows
        self.start: int = prefix.width if prefix else 0
        self.width: int = 0
        self.prefix: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self.own: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        if prefix:
            for layer, (keys, values) in prefix.own.items():
                self.prefix[layer] = keys[0, :, : prefix.width].clone(), values[0, :, : prefix.width].clone()

    def place(self, first: int, columns: torch.Tensor, width: int) -> None:
        """Say where the next forward pass writes: its rows from row `first` on, each token to its column.

        `width` is the largest column and one more.
        """
        import torch

        self.first, self.columns, self.width = first, columns, width
        self.indices = torch.arange(first, first + len(columns), device=columns.device)[:, None]
        self.masks: dict[int | None, torch.Tensor] = {}

    def write(self, layer: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Store what a layer makes of new tokens, and return all that it has of their rows."""
        from torch.nn.functional import pad

        if layer not in self.own:
            self.own[layer] = tuple(new.new_zeros(self.rows, new.shape[1], 0, new.shape[3]) for new in (key, value))
        if self.own[layer][0].shape[2] < self.width:
            # Zeros, since a masked key may be anything but infinite or not a number.
            missing = self.width + SPARE_COLUMNS - self.own[layer][0].shape[2]
            self.own[layer] = tuple(pad(old, (0, 0, 0, missing)) for old in self.own[layer])
        for old, new in zip(self.own[layer], (key, value), strict=True):
            old[self.indices, :, self.columns] = new.transpose(1, 2)
        keys, values = self.own[layer]
        used = slice(self.first, self.first + len(self.columns))
        return keys[used, :, : self.width], values[used, :, : self.width]

    def copy(self, source: int, target: int, columns: int) -> None:
        """Copy the first columns of one row over those of another."""
        for tensors in self.own.values():
            for tensor in tensors:
                tensor[target, :, :columns] = tensor[source, :, :columns]

    def mask(self, window: int | None) -> torch.Tensor:
        """What is added to the scores: 0 for the last `window` tokens up to the query's own, -inf for all others."""
        import torch

        if window not in self.masks:
            asks = (self.start + self.columns)[:, None, None, :, None]
            answers = torch.arange(self.start + self.width, device=asks.device)
            seen = (answers <= asks) if window is None else (answers <= asks) & (answers > asks - window)
            self.masks[window] = torch.zeros(seen.shape, device=asks.device).masked_fill(~seen, -torch.inf)
        return self.masks[window]


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    softcap: float | None = None,
    sliding_window: int | None = None,
    cache: SharedCache | None = None,
    **other: Any,
) -> tuple[torch.Tensor, None]:
    """The output of one layer's attention for new tokens, by transformers' attention interface.

    `query` is (row, head, token, width of a head); `key` and `value` the same with fewer heads, each shared by a group.
    """
    import torch

    if cache is None or attention_mask is not None or any(other.get(name) is not None for name in UNKNOWN):
        raise NotImplementedError(f"{type(module).__name__} asks for more than attention over a prefix and a row")
    rows, heads, tokens, width = query.shape
    kinds = key.shape[1]
    keys, values = cache.write(module.layer_idx, key, value)
    query = (query * (width**-0.5 if scaling is None else scaling)).reshape(rows, kinds, -1, width)
    scores = torch.matmul(keys, query.transpose(2, 3)).transpose(2, 3)
    if cache.start:
        prefix_keys, prefix_values = cache.prefix[module.layer_idx]
        merged = query.transpose(0, 1).reshape(kinds, -1, width)
        prefix = torch.bmm(merged, prefix_keys.transpose(1, 2)).view(kinds, rows, -1, cache.start)
        scores = torch.cat([prefix.transpose(0, 1), scores], dim=-1)
    scores = scores.float()
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    scores = scores.view(rows, kinds, -1, tokens, scores.shape[-1]) + cache.mask(sliding_window)
    weights = torch.softmax(scores, dim=-1).to(value.dtype).view(rows, kinds, -1, scores.shape[-1])
    result = torch.matmul(weights[..., cache.start :], values)
    if cache.start:
        merged = weights[..., : cache.start].transpose(0, 1).reshape(kinds, -1, cache.start)
        result = result + torch.bmm(merged, prefix_values).view(kinds, rows, -1, value.shape[-1]).transpose(0, 1)
    return result.reshape(rows, heads, tokens, -1).transpose(1, 2).contiguous(), None


UNKNOWN = ("position_bias", "s_aux")
"""Arguments of the interface that change the scores in ways that `attend` does not know."""
