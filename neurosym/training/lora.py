"""peft's LoRA layers, computed in one step: the same weights, the same result, less memory and time.

Under autocast peft casts the input of every layer to fp32 and back, keeps the copy for the backward pass, and scales
and adds the adapter's output in passes of their own. Here the products accumulate in place, and the backward pass
needs the layer's input and `rank` numbers a token. The layer is y = W x + s B A x (Hu et al., arXiv:2106.09685).

Contract: a fused layer is still peft's own, with a shorter way to the same numbers, so that saving, loading, merging
and disabling know nothing of this. Whatever is not a plain LoRA of a frozen linear layer is left as it is.
"""

from __future__ import annotations

from functools import cache
from typing import Any


def fuse(model: Any) -> int:
    """Let every plain LoRA layer of a model compute in one step from now on; return how many now begin to."""
    try:
        from peft.tuners.lora.layer import Linear
    except ImportError:
        return 0
    layers = [layer for layer in model.modules() if type(layer) is Linear and _plain(layer)]
    for layer in layers:
        layer.__class__ = _fused_linear()
    return len(layers)


def _plain(layer: Any) -> bool:
    """Whether a layer of peft does no more than y = W x + s B A x, with W frozen."""
    from torch import nn

    return (
        type(layer.base_layer) is nn.Linear
        and not layer.base_layer.weight.requires_grad
        and len(layer.lora_A) == 1
        and not layer.lora_variant
        and not any(layer.lora_bias.values())
        and all(type(dropout) is nn.Identity for dropout in layer.lora_dropout.values())
    )


@cache
def _fused_linear() -> Any:
    """The class of fused layers. It is made here, since torch and peft are imported when they are needed."""
    import torch
    from peft.tuners.lora.layer import Linear

    class Fused(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed
        """Only the input and the two weights of the adapter have gradients."""

        @staticmethod
        def forward(ctx: Any, states: Any, base: Any, bias: Any, down: Any, up: Any, scaling: float) -> Any:
            rows = states.reshape(-1, states.shape[-1])
            inner = rows @ down.to(rows.dtype).t()
            output = rows @ base.t() if bias is None else torch.addmm(bias, rows, base.t())
            output.addmm_(inner, up.to(rows.dtype).t(), alpha=scaling)
            ctx.save_for_backward(rows, base, down, up, inner)
            ctx.scaling = scaling
            return output.view(*states.shape[:-1], -1)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            rows, base, down, up, inner = ctx.saved_tensors
            shape = gradient.shape[:-1]
            gradient = gradient.reshape(-1, gradient.shape[-1])
            of_inner = (gradient @ up.to(rows.dtype)).mul_(ctx.scaling)
            of_states = None
            if ctx.needs_input_grad[0]:
                of_states = (gradient @ base).addmm_(of_inner, down.to(rows.dtype)).view(*shape, -1)
            of_down = (of_inner.t() @ rows).to(down.dtype)
            of_up = (gradient.t() @ inner).to(up.dtype).mul_(ctx.scaling)
            return of_states, None, None, of_down, of_up, None

    class FusedLinear(Linear):  # type: ignore[misc]
        """peft's layer with the shorter way, where it is allowed."""

        def forward(self, x: Any, *others: Any, **named: Any) -> Any:
            name, device = self.active_adapters[0] if self.active_adapters else "", x.device.type
            dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
            weight, bias = self.base_layer.weight, self.base_layer.bias
            if (
                others
                or named
                or self.disable_adapters
                or self.merged
                or self.active_adapters != list(self.lora_A)
                or weight.dtype != dtype
                or not (torch.is_autocast_enabled(device) or self.lora_A[name].weight.dtype == dtype)
            ):
                return super().forward(x, *others, **named)
            with torch.autocast(device, enabled=False):
                down, up = self.lora_A[name].weight, self.lora_B[name].weight
                return Fused.apply(x.to(dtype), weight, bias, down, up, self.scaling[name])

    return FusedLinear
