"""The learning rate of each step: a linear warm-up, then a cosine, a line, or a constant."""

from __future__ import annotations

import math
from typing import Literal

Shape = Literal["cosine", "linear", "constant"]


def learning_rate(step: int, steps: int, peak: float, warmup_steps: int, shape: Shape) -> float:
    """The rate of step `step` of 0..steps-1.

    It rises in equal parts to `peak`, which the last of the `warmup_steps` reaches, and falls from there to nearly 0 at
    the last step (cosine: Loshchilov and Hutter, "SGDR", ICLR 2017) or stays. No step has the rate 0, so none is
    wasted. Raises ValueError for a step that there is not, or an unknown shape.
    """
    if not 0 <= step < steps:
        raise ValueError(f"step must be in 0..{steps - 1}, not {step}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    done = (step - warmup_steps) / (steps - warmup_steps)
    if shape == "cosine":
        return peak * (1 + math.cos(math.pi * done)) / 2
    if shape == "linear":
        return peak * (1 - done)
    if shape == "constant":
        return peak
    raise ValueError(f"no schedule {shape!r}: want cosine, linear or constant")
