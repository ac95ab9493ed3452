"""The loss of a pack or a batch: the negative log-likelihood of its completion tokens, and of no others.

Contract: it is the sum of the losses that the examples have alone, so that packing changes neither loss nor gradient.
The body of the model sees every token once; its head, which costs a small model with a large vocabulary as much as ten
layers, sees only the places that predict a completion token, some hundreds at a time. A model's first pack and first
batch are preceded by a trial with a few tokens, and a model for which any of this would not be exact is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from neurosym.errors import UsageError
from neurosym.training import attention, lora
from neurosym.training.examples import Example
from neurosym.training.packing import Batch, Inputs, Pack, tensors

if TYPE_CHECKING:
    import torch

LOGITS = 1 << 24
"""So many logits are held at a time: 64 MB in fp32."""

_tried: dict[type[Pack | Batch], WeakSet[Any]] = {Pack: WeakSet(), Batch: WeakSet()}


def pack_loss(model: Any, batch: Pack | Batch) -> tuple[torch.Tensor, int]:
    """The summed negative log-likelihood of the completion tokens, in nats, and how many they are.

    `model` is a causal language model of transformers, plain or with peft's adapters. Gradients are those of the sum:
    divide by the completion tokens of the whole optimizer step. Raises UsageError where the model cannot learn from
    packs, or computes its logits in a way that is not known here.
    """
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    if whole not in _tried[type(batch)]:
        _try(whole, type(batch))
        _tried[type(batch)].add(whole)
    inputs = tensors(batch, whole.device)
    return _summed(whole, _predicting(whole, inputs), inputs.targets), len(inputs.targets)


def _predicting(whole: Any, inputs: Inputs) -> torch.Tensor:
    """What the body of the model makes of the predictors: (predictors, width)."""
    import torch

    given: dict[str, Any] = {}
    if inputs.layout is not None:
        # transformers hands a mask of four dimensions on as it is, instead of one as large as the square of the pack.
        mask = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=inputs.tokens.device)
        given = {"layout": inputs.layout, "attention_mask": mask}
    body = whole.get_decoder()
    states = body(input_ids=inputs.tokens, position_ids=inputs.positions, use_cache=False, **given).last_hidden_state
    found: torch.Tensor = states.flatten(0, 1).index_select(0, inputs.predictors)
    return found


def _logits(whole: Any, hidden: torch.Tensor) -> torch.Tensor:
    """The logits of hidden states, as the model's own forward pass would compute them, in fp32 or more."""
    import torch

    config = whole.config.get_text_config()
    logits: torch.Tensor = whole.get_output_embeddings()(hidden)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    for scale in (getattr(config, "logit_scale", None), 1 / (getattr(config, "logits_scaling", None) or 1)):
        logits = logits if scale in (None, 1) else logits * scale
    cap = getattr(config, "final_logit_softcapping", None)
    return logits if cap is None else cap * torch.tanh(logits / cap)


def _summed(whole: Any, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The cross entropy of all `targets`, summed.

    The gradients of a part are computed at once, while its logits are there, since these are a hundred times as large
    as the hidden states that they come from (Hsu et al., "Liger Kernel", arXiv:2410.10989).
    """
    import torch
    from torch.nn.functional import cross_entropy

    rows = max(1, LOGITS // whole.config.get_text_config().vocab_size)
    parts = zip(hidden.detach().split(rows), targets.split(rows), strict=True)
    if not torch.is_grad_enabled():
        losses = [cross_entropy(_logits(whole, part), target, reduction="sum") for part, target in parts]
        return torch.stack(losses).sum()
    learned = [weight for weight in whole.get_output_embeddings().parameters() if weight.requires_grad]
    total = hidden.new_zeros((), dtype=torch.promote_types(hidden.dtype, torch.float32))
    of_hidden = []
    of_learned = [torch.zeros_like(weight) for weight in learned]
    for part, target in parts:
        loss = cross_entropy(_logits(whole, part.requires_grad_()), target, reduction="sum")
        gradient, *others = torch.autograd.grad(loss, [part, *learned])
        of_hidden.append(gradient)
        for known, other in zip(of_learned, others, strict=True):
            known += other
        total += loss.detach()
    # Adds nothing to the value, and has the gradients found above.
    linear = (hidden.to(total.dtype) * torch.cat(of_hidden)).sum()
    for weight, gradient in zip(learned, of_learned, strict=True):
        linear = linear + (weight * gradient).sum()
    return total + (linear - linear.detach())


def _try(whole: Any, kind: type[Pack | Batch]) -> None:
    """Make a model ready, and refuse one for which a few examples together do not give what each gives alone."""
    import torch

    lora.fuse(whole)
    if kind is Pack:
        attention.register()
        whole.set_attn_implementation(attention.NAME)
    config = whole.config.get_text_config()
    first, second, third = (
        Example(tuple(token % config.vocab_size for token in (1, 2, 3, 4, 5, *range(start, start + size))), 5)
        for start, size in ((7, 4), (13, 6), (23, 6))
    )
    training = whole.training
    whole.eval()
    try:
        with torch.no_grad():
            one, other = (
                _logits(whole, _predicting(whole, tensors(kind((first, example)), whole.device)))
                for example in (second, third)
            )
            alone = [
                whole(input_ids=torch.tensor([example.tokens[:-1]], device=whole.device)).logits[
                    0, example.prompt - 1 :
                ]
                for example in (first, second)
            ]
    except TypeError as error:
        raise _refused(whole, kind, str(error)) from None
    finally:
        whole.train(training)
    expected = torch.cat(alone).to(one.dtype)
    rounded = alone[0].dtype in (torch.bfloat16, torch.float16) or torch.is_autocast_enabled(whole.device.type)
    if (one - expected).norm() > (0.1 if rounded else 1e-3) * expected.norm():
        raise _refused(whole, kind, "examples together give other logits than alone")
    if not torch.equal(one[: len(alone[0])], other[: len(alone[0])]):
        raise _refused(whole, kind, "an example sees another")


def _refused(whole: Any, kind: type[Pack | Batch], why: str) -> UsageError:
    advice = "set packing = false" if kind is Pack else "another base model is needed"
    return UsageError(f"{type(whole).__name__} cannot be trained this way ({why}): {advice}")
