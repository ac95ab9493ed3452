"""The loss of a pack or a batch: the negative log-likelihood of its completion tokens, and of no others.

Contract: it is the sum of the losses that the examples have alone, so that packing changes neither loss nor gradient.
The body of the model sees every token once; its head, which costs as much as eight of SmolLM2-135M's thirty layers,
sees only the places that predict a completion token, some hundreds at a time. A model's first pack and first
batch are preceded by a trial with a few tokens, and a model for which any of this would not be exact is refused.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
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

_ready: dict[type[Pack | Batch], WeakSet[Any]] = {Pack: WeakSet(), Batch: WeakSet()}


def pack_loss(model: Any, batch: Pack | Batch) -> tuple[torch.Tensor, int]:
    """The summed negative log-likelihood of the completion tokens, in nats, and how many they are.

    `model` is a causal language model of transformers, plain or with peft's adapters. Gradients are those of the sum:
    divide by the completion tokens of the whole optimizer step. Raises UsageError where the model cannot learn from
    packs, or computes its logits in a way that is not known here.
    """
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    if whole not in _ready[type(batch)]:
        _prepare(whole, type(batch))
        _ready[type(batch)].add(whole)
    inputs = tensors(batch, whole.device)
    return _summed(whole, _predicting(whole, inputs), inputs.targets), len(inputs.targets)


def _predicting(whole: Any, inputs: Inputs, embedded: torch.Tensor | None = None) -> torch.Tensor:
    """What the body of the model makes of the predictors: (predictors, width). `embedded` may stand for the tokens."""
    import torch

    given: dict[str, Any] = {"input_ids": inputs.tokens} if embedded is None else {"inputs_embeds": embedded}
    if inputs.layout is not None:
        # transformers hands a mask of four dimensions on as it is, instead of one as large as the square of the pack.
        mask = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=inputs.tokens.device)
        given |= {"layout": inputs.layout, "attention_mask": mask}
    states = whole.get_decoder()(position_ids=inputs.positions, use_cache=False, **given).last_hidden_state
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


def _prepare(whole: Any, kind: type[Pack | Batch]) -> None:
    """Make a model ready for packs or batches. Raises UsageError, the model as it was, where they would not be exact.

    Two examples together must give the logits that the model itself gives for each alone, and the gradient of one with
    respect to the other must be zero, not merely small.
    """
    before, training = whole.config._attn_implementation, whole.training
    lora.fuse(whole)
    whole.eval()
    try:
        if kind is Pack:
            attention.register()
            whole.set_attn_implementation(attention.NAME)
        with _uncompiled():
            problem = _inexact(whole, kind)
    except Exception as error:  # models fail in their own ways on what they do not know
        problem = f"{type(error).__name__}: {error}"[:300]
    finally:
        whole.train(training)
    if problem:
        whole.set_attn_implementation(before)
        advice = "set packing = false" if kind is Pack else "choose another base model"
        raise UsageError(f"{type(whole).__name__} cannot learn from a {kind.__name__.lower()} ({problem}): {advice}")


def _uncompiled() -> AbstractContextManager[Any]:
    """Where torch can, a few tokens go through a compiled model without compiling it for them."""
    import torch

    set_stance = getattr(torch.compiler, "set_stance", None)  # since torch 2.6
    return set_stance("force_eager") if set_stance else nullcontext()


def _inexact(whole: Any, kind: type[Pack | Batch]) -> str:
    """What is wrong with the logits of two small examples together, or nothing."""
    import torch

    config = whole.config.get_text_config()
    one, other = (
        Example(tuple(token % config.vocab_size for token in (1, 2, 3, 4, 5, *own)), 5)
        for own in ((7, 8, 9), (13, 14, 15, 16))
    )
    inputs = tensors(kind((one, other)), whole.device)
    with torch.no_grad():
        inputs_alone = [torch.tensor([example.tokens[:-1]], device=whole.device) for example in (one, other)]
        alone = torch.cat([whole(input_ids=tokens).logits[0, one.prompt - 1 :] for tokens in inputs_alone])
        together = _logits(whole, _predicting(whole, inputs))
    rounded = alone.dtype in (torch.bfloat16, torch.float16) or torch.is_autocast_enabled(whole.device.type)
    if not (together - alone).norm() <= (0.1 if rounded else 1e-3) * alone.norm():
        return "examples together give other logits than alone"
    completions = [len(example.tokens) - example.prompt for example in (one, other)]
    places = [own[1:] for own in inputs.predictors.split(completions)]  # the first one is in the prefix
    with torch.enable_grad():
        for mine in (0, 1):
            embedded = whole.get_input_embeddings()(inputs.tokens).detach().requires_grad_()
            found = _predicting(whole, inputs, embedded).split(completions)[mine]
            (gradient,) = torch.autograd.grad(found.sum(), embedded)
            if gradient.flatten(0, 1)[places[1 - mine]].any():
                return "an example sees another"
    return ""
