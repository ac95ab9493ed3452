"""peft's LoRA layers, computed in one step: the same weights, the same result, less memory and time.

Under autocast peft casts the input of every layer to fp32 and back, keeps the copy for the backward pass, and scales
and adds the adapter's output in passes of their own. Here the products accumulate in place, and the backward pass
needs the layer's input and `rank` numbers a token. The layer is y = W x + s B A x (Hu et al., arXiv:2106.09685).

Contract: the adapter stays peft's own module, so that saving, loading and merging know nothing of this. Whatever is not
a plain LoRA of a linear layer without dropout is left to peft.
"""

from __future__ import annotations

from functools import cache
from types import MethodType
from typing import Any


def fuse(model: Any) -> int:
    """Let every plain LoRA layer of a model compute in one step from now on; return how many they are.

    Without peft there are none.
    """
    try:
        from peft.tuners.lora.layer import Linear
    except ImportError:
        return 0
    from torch.nn import Identity
    from torch.nn import Linear as Plain

    layers = [
        layer
        for layer in model.modules()
        if type(layer) is Linear
        and type(layer.base_layer) is Plain
        and not layer.base_layer.weight.requires_grad
        and list(layer.lora_A) == layer.active_adapters
        and len(layer.lora_A) == 1
        and not layer.lora_variant
        and not any(layer.lora_bias.values())
        and all(type(dropout) is Identity for dropout in layer.lora_dropout.values())
    ]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)
    return len(layers)


def _forward(layer: Any, states: Any, *others: Any, **named: Any) -> Any:
    """The layer's output, or what peft makes of a call that is more than a plain one."""
    import torch

    (name,) = layer.lora_A
    down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
    device = states.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else down.dtype
    if others or named or layer.disable_adapters or layer.merged or [name] != layer.active_adapters:
        return type(layer).forward(layer, states, *others, **named)
    if dtype != layer.base_layer.weight.dtype:
        return type(layer).forward(layer, states)
    with torch.autocast(device, enabled=False):
        return _function().apply(
            states.to(dtype), layer.base_layer.weight, layer.base_layer.bias, down, up, layer.scaling[name]
        )


@cache
def _function() -> Any:
    """The autograd function: the base layer is frozen, so only the input and the two adapter weights have gradients."""
    import torch

    class Fused(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed
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

    return Fused
