"""Attention within a pack: the common prefix to itself, then every example to the prefix and to itself.

Through transformers' attention interface (https://huggingface.co/docs/transformers/attention_interface) a model whose
attention is `NAME` hands each layer's queries, keys and values to `attend`, with the `layout=` that its forward pass
was given. Examples of about the same length become the rows of one small batch, so that the work grows with the sum of
their squares and not with the square of the pack. Without a layout the same model attends as transformers' `sdpa` does.

Contract: an example's output and gradients do not depend on the tokens of another example, nor on padding. What the
interface can ask and `attend` does not know is a UsageError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurosym.errors import UsageError

if TYPE_CHECKING:
    import torch

NAME = "neurosym_pack"
"""What the attention is called in transformers' register."""

MOST_KEYS = 1024
QUERIES = 128
"""On a CPU, two matrix products and a softmax for so many queries at a time are twice as fast as PyTorch's flash
attention. They keep the scores for the backward pass, which are too large beyond so many keys."""

UNKNOWN = ("softcap", "position_bias", "s_aux")
"""Arguments of the interface that change the scores in ways that `attend` does not know."""


@dataclass(frozen=True)
class Band:
    """Examples of about the same length, without the prefix, as `rows` rows of `width` tokens, padded on the right.

    `places` has the place of each of their tokens there, counted row by row.
    """

    rows: int
    width: int
    places: torch.Tensor


@dataclass(frozen=True)
class Layout:
    """How the examples of a pack lie in its row of tokens: `prefix` common tokens, then those of each band."""

    prefix: int
    bands: tuple[Band, ...]


def register() -> None:
    """Make `NAME` known to transformers."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    layout: Layout | None = None,
    dropout: float = 0.0,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **other: Any,
) -> tuple[torch.Tensor, None]:
    """The output of one layer's attention, by transformers' attention interface.

    `query` has the shape (1, heads, tokens, width of a head); `key` and `value` may have fewer heads, each for a group.
    """
    import torch

    if layout is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        output, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **other
        )
        return output, None
    if any(other.get(name) is not None for name in UNKNOWN):
        raise UsageError(f"{type(module).__name__} does more than plain attention: set packing = false")
    if sliding_window is not None and sliding_window < layout.prefix + max([0, *(band.width for band in layout.bands)]):
        raise UsageError(f"the model's attention window {sliding_window} is too short for packs: set packing = false")
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    lengths = [layout.prefix, *(len(band.places) for band in layout.bands)]
    # Tokens first, (tokens, heads, width): the prefix, then each band.
    queries, keys, values = (states[0].transpose(0, 1).to(value.dtype).split(lengths) for states in (query, key, value))
    found = [_causal(queries[0][None], keys[0][None], values[0][None], scaling, dropout)[0]] if layout.prefix else []
    for band, *own in zip(layout.bands, queries[1:], keys[1:], values[1:], strict=True):
        asking, *known = (_in_rows(states, band) for states in own)
        seen, said = (
            torch.cat([common.expand(band.rows, *common.shape), states], dim=1)
            for common, states in zip((keys[0], values[0]), known, strict=True)
        )
        found.append(_causal(asking, seen, said, scaling, dropout).flatten(0, 1).index_select(0, band.places))
    return torch.cat(found)[None], None


def _in_rows(states: torch.Tensor, band: Band) -> torch.Tensor:
    """States of a band's tokens as (rows, width, heads, …), with zeros as padding."""
    shape = states.shape[1:]
    rows = states.new_zeros(band.rows * band.width, *shape).index_copy(0, band.places, states)
    return rows.view(band.rows, band.width, *shape)


def _causal(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float, dropout: float
) -> torch.Tensor:
    """Attention of (rows, tokens, heads, width), where the last query sees all keys, the one before all but one, ….

    Keys and values may have fewer heads than queries, each for a group of them in a row.
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    tokens, known = queries.shape[1], keys.shape[1]
    if queries.device.type == "cpu" and known <= MOST_KEYS and not dropout:
        parts: list[torch.Tensor] = []
        seen = known - tokens
        for part in queries.split(QUERIES, dim=1):
            seen += part.shape[1]
            parts.append(_last_causal(part, keys[:, :seen], values[:, :seen], scaling))
        return torch.cat(parts, dim=1)
    mask = None if tokens == known else _hidden(tokens, known, queries)
    group = queries.shape[2] // keys.shape[2]
    keys, values = (states.transpose(1, 2).repeat_interleave(group, dim=1) for states in (keys, values))
    output = scaled_dot_product_attention(
        queries.transpose(1, 2), keys, values, mask, dropout, is_causal=mask is None, scale=scaling
    )
    return output.transpose(1, 2)


def _last_causal(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float) -> torch.Tensor:
    """The same by matrix products, all scores at once."""
    import torch

    rows, tokens, heads, width = queries.shape
    known, kinds = keys.shape[1:3]
    group = heads // kinds
    hidden = _hidden(tokens, known, queries).repeat(group, 1)
    queries = queries.unflatten(2, (kinds, group)).permute(0, 2, 3, 1, 4).reshape(rows * kinds, group * tokens, width)
    keys, values = (states.transpose(1, 2).reshape(rows * kinds, known, -1) for states in (keys, values))
    scores = torch.baddbmm(hidden, queries, keys.transpose(1, 2), alpha=scaling)
    output = torch.bmm(scores.softmax(-1), values).view(rows, kinds, group, tokens, -1)
    return output.permute(0, 3, 1, 2, 4).flatten(2, 3)


def _hidden(tokens: int, known: int, like: torch.Tensor) -> torch.Tensor:
    """What is added to the scores, (queries, keys): -inf for the keys behind a query, else 0."""
    import torch

    never = torch.full((tokens, known), -torch.inf, dtype=like.dtype, device=like.device)
    return never.triu(known - tokens + 1)
