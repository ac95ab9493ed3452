"""The training loop: AdamW on the loss of completion tokens, with the best weights chosen by oracle-checked validity.

Contract: a step is a function of the weights, the optimizer's state and the step's number; order, dropout and learning
rate are derived from the number. So a run that was killed and resumed makes the same steps as one that was not: bit for
bit on a CPU. Whatever ends a run early, the last checkpoint and the best adapter so far stay in the output folder.
"""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.command import note, progress_bar
from neurosym.core import Record, stream
from neurosym.errors import UsageError
from neurosym.training import adapter, checkpoint
from neurosym.training.adapter import Adapter
from neurosym.training.checkpoint import Checkpoint
from neurosym.training.order import Order
from neurosym.training.schedule import learning_rate
from neurosym.training.settings import TrainSettings
from neurosym.training.validity import Validity, measure

if TYPE_CHECKING:
    import torch

    from neurosym.models.base import Base

SECONDS_BETWEEN_CHECKPOINTS = 60.0

MEASUREMENTS = 5
"""Validity is measured so often in a run, unless the settings say."""

SMALLEST_SCALE = 2.0**-10
"""Gradients that overflow 16 bits at this loss scale overflow at any."""

LOG = "log.jsonl"


class Diverged(UsageError):
    """The loss or its gradient is no finite number any more; the weights are still those of the step before."""


@dataclass(frozen=True)
class Data:
    """What is learned from, what validity is measured on, and the digest of the lake that both come from."""

    train: Sequence[Record]
    validation: Sequence[Record]
    lake_digest: str


@dataclass
class State:
    """How far a run is: what a checkpoint knows beside the tensors, and what `log.jsonl` shows.

    `stale` counts the measurements since the best one, which was made after step `best_step`.
    """

    step: int = 0
    best: Validity | None = None
    best_step: int = 0
    stale: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def measured(self) -> bool:
        """Whether validity was measured since the last step."""
        return bool(self.log) and "validity" in self.log[-1]

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> State:
        """The state that `asdict` made JSON of."""
        return cls(**{**known, "best": Validity(**known["best"]) if known["best"] else None})


def fit(base: Base, data: Data, settings: TrainSettings, dtype: torch.dtype) -> Adapter:
    """Train the weights of `base.model` that require gradients, computing in `dtype`, and write the adapter.

    Goes on from the checkpoint in the output folder if there is one. Raises UsageError where no record fits the
    context, and Diverged; KeyboardInterrupt comes out after a checkpoint was saved.
    """
    run = Run(base, data, settings, dtype)
    run.take_up()
    try:
        with progress_bar("tokens", run.order.tokens) as update:
            while True:
                update(*run.progress())
                if run.measurement_due():
                    update(run.progress()[0], f"judging {len(data.validation)} answers")
                    run.measure()
                if run.over():
                    break
                with uninterrupted():
                    run.make_step()
                if time.monotonic() - run.saved_at > SECONDS_BETWEEN_CHECKPOINTS:
                    run.save()
        return run.finish()
    except Diverged:
        run.save()
        raise
    except KeyboardInterrupt:
        run.save()
        note(f"stopped after step {run.state.step} of {run.order.steps}; {run.out}/checkpoint holds it")
        raise
    finally:
        run.order.close()


class Run:
    """One training run: the model, its optimizer, and how far they are."""

    def __init__(self, base: Base, data: Data, settings: TrainSettings, dtype: torch.dtype) -> None:
        import torch

        from neurosym.training.examples import examples
        from neurosym.training.packing import batches, packs

        self.base, self.data, self.settings, self.out = base, data, settings, Path(settings.out)
        self.device, self.dtype = base.model.device, dtype
        self.order = Order(data.train, base.tokenizer, base.context, settings)
        if self.order.dropped:
            note(f"{self.order.dropped} of {len(data.train)} records do not fit the context of {base.context} tokens")
        validation, _ = examples(data.validation, base.tokenizer, base.context)
        if data.validation and not validation:
            raise UsageError(f"no validation problem fits the context of {base.context} tokens: choose another --base")
        arrange = packs if settings.packing else batches
        self.validation = arrange(validation, settings.pack_length, stream("train", "validation"))
        longest = max([self.order.longest, *(len(each.tokens) - each.prompt for each in validation)])
        self.max_tokens = longest * 3 // 2

        self.weights = {name: each for name, each in base.model.named_parameters() if each.requires_grad}
        matrices = [each for each in self.weights.values() if each.ndim >= 2]
        vectors = [each for each in self.weights.values() if each.ndim < 2]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
            fused=True,
        )
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=dtype is torch.float16)
        self.warmup_steps = math.ceil(settings.warmup * self.order.steps)
        self.every = settings.evaluate_every or math.ceil(self.order.steps / MEASUREMENTS)
        self.state = State()
        self.best_weights: dict[str, torch.Tensor] = {}
        self.saved_at = time.monotonic()
        if settings.compile:
            self._compile()

    def _compile(self) -> None:
        """Compile the layers, which are alike, so that what is compiled for one serves all."""
        import torch

        from neurosym.training.loss import pack_loss

        with torch.no_grad(), self.precision():
            pack_loss(self.base.model, self.order.of_step(0)[0])  # tries the model, to the last bit, as it is
        whole = self.base.model.get_base_model() if hasattr(self.base.model, "get_base_model") else self.base.model
        for layer in whole.get_decoder().layers:
            layer.compile(dynamic=True)

    # One step

    def make_step(self) -> None:
        """One optimizer step on the mean loss of all its completion tokens. Raises Diverged."""
        import torch

        from neurosym.training.loss import pack_loss

        start, step, settings = time.monotonic(), self.state.step, self.settings
        torch.manual_seed(stream("train", "dropout", settings.seed, step).getrandbits(63))
        rate = learning_rate(step, self.order.steps, settings.learning_rate, self.warmup_steps, settings.shape)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        packs = self.order.of_step(step)
        tokens = sum(len(example.tokens) - example.prompt for pack in packs for example in pack.examples)
        total = torch.zeros((), device=self.device)
        self.base.model.train()
        for pack in packs:
            with self.precision():
                nll, _ = pack_loss(self.base.model, pack)
            self.scaler.scale(nll / tokens).backward()
            total += nll.detach()
        self._apply(float(total) / tokens)
        self.state.step += 1
        self._log(loss=float(total) / tokens, learning_rate=rate, tokens=tokens, seconds=time.monotonic() - start)

    def _apply(self, loss: float) -> None:
        """Move the weights against their gradients."""
        import torch

        self.scaler.unscale_(self.optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self.weights.values(), self.settings.clip or math.inf)
        overflow = self.scaler.is_enabled() and self.scaler.get_scale() > SMALLEST_SCALE
        self._require_finite("the loss", loss)
        if not overflow:
            self._require_finite("the norm of the gradient", float(norm))
        self.scaler.step(self.optimizer)  # leaves out a step whose 16-bit gradients overflowed
        self.scaler.update()
        self.optimizer.zero_grad()

    def _require_finite(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            raise Diverged(
                f"{what} is {value} after step {self.state.step}: train again with another --out and a --learning-rate "
                f"below {self.settings.learning_rate:g}; {self.out} keeps that step's checkpoint and the best adapter"
            )

    def precision(self) -> Any:
        """The context in which the model computes."""
        import torch

        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not torch.float32)

    # Validity

    def measurement_due(self) -> bool:
        """Whether validity is to be measured before the next step."""
        step = self.state.step
        at = step % self.every == 0 or step == self.order.steps
        return bool(self.data.validation) and step > 0 and at and not self.state.measured

    def measure(self) -> None:
        """Measure validity; keep the weights, here and as an adapter, if they are the best so far."""
        import torch

        from neurosym.models.local import Local

        start = time.monotonic()
        self.base.model.eval()
        with self.precision(), torch.compiler.set_stance("force_eager"):  # what is compiled is the training step
            loss = self._validation_loss()
            self._require_finite("the validation loss", loss)
            found = measure(Local(self.base, self.settings.base), self.data.validation, self.max_tokens, loss)
        with uninterrupted():
            state = self.state
            state.stale += 1
            if found.better_than(state.best):
                state.best, state.best_step, state.stale = found, state.step, 0
                self.best_weights = {name: each.detach().cpu().clone() for name, each in self.weights.items()}
                self._write()
            self._log(**found.scores(), seconds=time.monotonic() - start)
            self.save()

    def _validation_loss(self) -> float:
        import torch

        from neurosym.training.loss import pack_loss

        with torch.no_grad():
            losses = [pack_loss(self.base.model, pack) for pack in self.validation]
        return sum(float(nll) for nll, _ in losses) / sum(tokens for _, tokens in losses)

    def over(self) -> bool:
        """Whether all steps were made, or validity has not grown for so long that no more are wanted."""
        patience = self.settings.patience
        return self.state.step >= self.order.steps or bool(patience and self.state.stale >= patience)

    # What is on disk

    def take_up(self) -> None:
        """Go on from the checkpoint, if there is one. Raises UsageError where it belongs to another run."""
        found = checkpoint.latest(self.out)
        if found is not None:
            import torch

            self.state = State.of(found.state["run"])
            self.best_weights = dict(found.tensors["best"])
            with torch.no_grad():
                for name, each in self.weights.items():
                    each.copy_(found.tensors["weights"][name])
            checkpoint.restore_optimizer(self.optimizer, found.tensors["optimizer"])
            self.scaler.load_state_dict(found.state["scaler"])
            note(f"going on after step {self.state.step} of {self.order.steps}")
        lines = "".join(json.dumps(entry) + "\n" for entry in self.state.log)
        (self.out / LOG).write_text(lines)

    def save(self) -> None:
        """Write a checkpoint."""
        with uninterrupted():
            known = Checkpoint(
                identity=self.settings.identity(self.data.lake_digest),
                state={"run": asdict(self.state), "scaler": self.scaler.state_dict()},
                tensors={
                    "weights": {name: each.detach() for name, each in self.weights.items()},
                    "optimizer": checkpoint.optimizer_tensors(self.optimizer),
                    "best": self.best_weights,
                },
            )
            checkpoint.save(self.out, known)
        self.saved_at = time.monotonic()

    def finish(self) -> Adapter:
        """Write the best weights, or the last where validity was not measured; the checkpoint is no longer needed."""
        import torch

        with torch.no_grad():
            for name, each in self.best_weights.items():
                self.weights[name].copy_(each)
        with uninterrupted():
            made = self._write()
            checkpoint.finish(self.out)
        return made

    def _write(self) -> Adapter:
        """Write the weights that the model has now as an adapter."""
        settings = self.settings.identity(self.data.lake_digest)
        made = Adapter(
            path=self.out,
            base=self.settings.base,
            lake_digest=settings.pop("lake_digest"),
            domains=tuple(sorted({record.problem.domain for record in self.data.train})),
            settings=settings,
            scores=self._scores(),
        )
        adapter.write(made, self.base, (record.canonical_id for record in self.data.train))
        return made

    def _scores(self) -> dict[str, Any]:
        """What is told of the weights that are kept."""
        state = self.state
        if state.best is not None:
            return {"step": state.best_step, **state.best.scores()}
        losses = [entry["loss"] for entry in state.log if "loss" in entry][-self.order.steps_an_epoch :]
        return {"step": state.step, "training_loss": sum(losses) / len(losses)}

    def _log(self, **entry: Any) -> None:
        self.state.log.append({"step": self.state.step, **entry})
        with (self.out / LOG).open("a") as stream:
            stream.write(json.dumps(self.state.log[-1]) + "\n")

    def progress(self) -> tuple[int, str]:
        """Tokens done, and a remark for the progress bar."""
        state = self.state
        remark = f"step {state.step}/{self.order.steps}"
        if state.step:
            last = next(entry for entry in reversed(state.log) if "loss" in entry)
            remark += f", loss {last['loss']:.3f}, learning rate {last['learning_rate']:.1e}"
        if state.best is not None:
            remark += f", validity {100 * state.best.share:.0f}%"
        return self.order.tokens * state.step // self.order.steps, remark


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done, so that no state is left half changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
