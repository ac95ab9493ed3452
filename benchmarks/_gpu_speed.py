"""Part (a) of gpu.py: how fast a training step is, on our side and on others', and how much of the GPU it uses."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from _gpu_measured import Found, Memory, Skipped, Tell

PEAK = 989e12
"""FLOP a second of an H200 in bf16, dense, by its datasheet."""

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Shape:
    """A Llama, and how many tokens go through it at once in every side's steps."""

    name: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    groups: int
    vocabulary: int
    pack: int
    rank: int = 16

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.hidden // self.heads

    @property
    def projections(self) -> list[tuple[int, int]]:
        """Inputs and outputs of a layer's matrices: queries, keys, values; output, gate, up, down."""
        narrow = self.head * self.groups
        return [
            (self.hidden, self.hidden), (self.hidden, narrow), (self.hidden, narrow), (self.hidden, self.hidden),
            (self.hidden, self.intermediate), (self.hidden, self.intermediate), (self.intermediate, self.hidden),
        ]  # fmt: skip

    @property
    def weights(self) -> int:
        """Of all layers' matrices."""
        return self.layers * sum(ins * outs for ins, outs in self.projections)

    @property
    def parameters(self) -> int:
        """All of them: the head is the embedding."""
        return self.weights + self.vocabulary * self.hidden + (2 * self.layers + 1) * self.hidden

    @property
    def lora(self) -> int:
        """LoRA's weights."""
        return self.layers * self.rank * sum(ins + outs for ins, outs in self.projections)

    def flops(self, work: Work) -> float:
        """FLOP of training steps by the honest count: see the top of this file."""
        first = sum(ins * (outs + self.rank) for ins, outs in self.projections[:3])
        return (
            work.tokens * (4 * self.weights + 6 * self.lora - 2 * first)
            + work.predictors * 4 * self.vocabulary * self.hidden
            + work.pairs * 12 * self.layers * self.hidden
        )


@dataclass(frozen=True)
class Work:
    """What some packs are: tokens of examples, tokens through the model, those that predict, pairs of attention."""

    examples: int
    useful: int
    tokens: int
    predictors: int
    pairs: int

    @classmethod
    def of(cls, packs: Sequence[Any]) -> Work:
        rests = [(pack.prefix, len(each.tokens) - 1 - pack.prefix) for pack in packs for each in pack.examples]
        return cls(
            examples=len(rests),
            useful=sum(pack.useful for pack in packs),
            tokens=sum(pack.length for pack in packs),
            predictors=sum(len(each.tokens) - each.prompt for pack in packs for each in pack.examples),
            pairs=sum(pack.prefix * (pack.prefix + 1) // 2 for pack in packs)
            + sum(rest * prefix + rest * (rest + 1) // 2 for prefix, rest in rests),
        )


# In a side's own process


def plans(count: int) -> list[Any]:
    """Problems of Blocksworld with texts of a plan's form and length that solve nothing: they are for the clock, and
    whatever learns from them is thrown away."""
    import neurosym as ns
    from neurosym.core import Claim, Record, Verdict

    task, records = ns.domain("blocksworld"), []
    for item in range(count):
        rng = ns.stream("benchmarks/gpu", item)
        problem = task.sample(rng)
        pairs = [rng.sample(LETTERS, 2) for _ in range(rng.randint(4, 10))]
        plan = "\n".join(f"(unstack {above} {below})\n(put-down {above})" for above, below in pairs)
        records.append(Record(problem, task.prompt(problem), plan, Claim(None), Verdict.malformed(), "", "", "", ""))
    return records


def base_of(shape: Shape, weights: str, texts: list[str], device: str, four_bits: bool) -> Any:
    """The frozen model: from the folder `weights` where its shape is that one's, or with random weights."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from neurosym.errors import UsageError
    from neurosym.models import nano
    from neurosym.models.base import Base, load_base

    if weights and shape.name == "135M" and not four_bits:
        return load_base(weights, dtype="bf16", device=device)
    if weights:
        tokenizer = AutoTokenizer.from_pretrained(weights)
    else:
        _, tokenizer = nano.new(texts, 0)
    config = LlamaConfig(
        vocab_size=shape.vocabulary, hidden_size=shape.hidden, intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.groups,
        max_position_embeddings=8192, tie_word_embeddings=True, eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    if not four_bits:
        return Base(model, tokenizer, "random")
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        del model
        try:
            return load_base(folder, dtype="bf16", device=device, quantize=True)
        except UsageError as error:
            raise Skipped(str(error)) from None


def our_side(
    tell: Tell, shape: Shape, weights: str, device: str, warm: int, steps: int, compiled: bool = False,
    flash: bool = False, four_bits: bool = False,
) -> Found:  # fmt: skip
    """The loop of neurosym.train, without its measurements and checkpoints."""
    import torch

    from neurosym.training import attention
    from neurosym.training.adapter import with_lora
    from neurosym.training.loop import Data, Run
    from neurosym.training.settings import TrainSettings

    records, memory = plans(12 + (warm + steps) * shape.pack // 90), Memory(device)
    base = base_of(shape, weights, [record.prompt + record.completion for record in records], device, four_bits)
    with ExitStack() as stack:
        out = stack.enter_context(tempfile.TemporaryDirectory())
        if flash:
            if not hasattr(attention, "_causal"):
                raise Skipped("neurosym.training.attention has no part of that name any more: see lower_right")
            stack.enter_context(patch.object(attention, "_causal", lower_right))
        settings = TrainSettings(
            lake="none", out=out, steps=warm + steps, batch_tokens=shape.pack, pack_length=shape.pack, rename=False,
            rank=shape.rank, validity_problems=0, precision="bf16", device=device, compile=compiled,
        )  # fmt: skip
        run = Run(with_lora(base, settings), Data(records, [], ""), settings, torch.bfloat16)
        loaded = memory.now()
        seconds, packs = [], []
        for step in range(warm + steps):
            memory.wait()
            start = time.perf_counter()
            run.make_step()
            memory.wait()
            seconds.append(time.perf_counter() - start)
            packs.append(run.order.of_step(step))
        work = Work.of([pack for each in packs[warm:] for pack in each])
        spent = sum(seconds[warm:])
        found = {
            **rates(work.useful, work.examples, spent),
            "model_tokens_a_second": work.tokens / spent,
            "tokens_a_step": work.tokens / steps,
            "flops_a_second": shape.flops(work) / spent,
            "mfu": shape.flops(work) / spent / PEAK,
            "mfu_6n": 6 * shape.parameters * work.tokens / spent / PEAK,
            "seconds_of_steps": seconds,
            "first_loss": run.state.log[0]["loss"],
            "loaded_gib": loaded,
            "peak_gib": memory.peak(),
        }
        tell(found)
        if device == "cuda":
            found["kernels"] = kernels(run)
    return found


def rates(useful: int, examples: int, seconds: float) -> Found:
    return {"useful_tokens_a_second": useful / seconds, "examples_a_second": examples / seconds}


def kernels(run: Any) -> Found:
    """The kernels that one step spends most of its time in, as shares of the time of all kernels, and what share of
    the step's own time the GPU computed."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    run.state.step = 1
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        start = time.perf_counter()
        run.make_step()
        torch.cuda.synchronize()
        spent = time.perf_counter() - start
    times = {event.key: event.self_device_time_total / 1e6 for event in seen.key_averages()}
    longest = sorted(times, key=lambda name: -times[name])[:12]
    whole = sum(times.values()) or 1.0
    return {"busy": whole / spent, "longest": {name[:120]: times[name] / whole for name in longest}}


def lower_right(queries: Any, keys: Any, values: Any, scaling: float, dropout: float) -> Any:
    """What `neurosym.training.attention._causal` computes, with no mask in memory, so that Flash Attention may do it.

    Its causal mask is aligned to the lower right corner, which is that of examples behind a common prefix.
    """
    from torch.nn.attention.bias import causal_lower_right
    from torch.nn.functional import scaled_dot_product_attention

    tokens, known = queries.shape[1], keys.shape[1]
    group = queries.shape[2] // keys.shape[2]
    queries = queries.transpose(1, 2)
    keys, values = (states.transpose(1, 2).repeat_interleave(group, dim=1) for states in (keys, values))
    mask = causal_lower_right(tokens, known)
    return scaled_dot_product_attention(queries, keys, values, mask, dropout, scale=scaling).transpose(1, 2)


def their_side(tell: Tell, shape: Shape, weights: str, device: str, warm: int, steps: int, trl: bool) -> Found:
    """A plain Trainer over padded batches by length, or TRL's with its packing, on the same sequences."""
    from peft import LoraConfig, get_peft_model
    from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

    from neurosym.core import stream
    from neurosym.training.examples import examples
    from neurosym.training.packing import batches, packs

    if trl and not (find_spec("trl") and find_spec("datasets")):
        raise Skipped("TRL is not installed here; benchmarks/train.py compares with it on a CPU")
    warnings.simplefilter("ignore")  # what one package says of another's names is not for here
    warm, steps = min(warm, 2), max(2, steps // 3)
    said, memory = plans(200), Memory(device)
    base = base_of(shape, weights, [record.prompt + record.completion for record in said], device, False)
    few, _ = examples(said, base.tokenizer, base.context)
    useful, row = Work.of(packs(few, shape.pack, stream())), len(few[0].tokens)
    # So many examples, of so many tokens, are in a step of ours.
    accumulation = max(1, round(useful.useful * shape.pack / useful.tokens / shape.pack))
    said = plans((warm + steps + 1) * accumulation * shape.pack // row + 20)
    sequences, _ = examples(said, base.tokenizer, base.context)
    seen: list[tuple[int, int]] = []
    marks: list[tuple[float, int, int]] = []
    losses: list[Any] = []  # of each batch, over the completion tokens of the whole step

    def timed(kind: type[Any]) -> type[Any]:
        class Timed(kind):  # type: ignore[misc]
            def compute_loss(self, model: Any, inputs: Any, *others: Any, **named: Any) -> Any:
                mask = inputs.get("attention_mask")
                tokens = inputs["input_ids"].numel() if mask is None else int(mask.sum())
                seen.append((tokens, len(inputs["input_ids"])))
                loss = super().compute_loss(model, inputs, *others, **named)
                losses.append((loss[0] if isinstance(loss, tuple) else loss).detach())
                return loss

        return Timed

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, *others: Any, **named: Any) -> None:
            memory.wait()
            marks.append((time.perf_counter(), sum(tokens for tokens, _ in seen), sum(rows for _, rows in seen)))

        on_step_end = on_train_begin

    def padded(made: list[Any]) -> Any:
        """One of our padded batches as a Trainer takes it."""
        import torch

        width = max(len(each.tokens) for each in made[0].examples)
        fill = [(each, width - len(each.tokens)) for each in made[0].examples]
        return {
            "input_ids": torch.tensor([[*each.tokens, *[0] * gap] for each, gap in fill]),
            "attention_mask": torch.tensor([[1] * len(each.tokens) + [0] * gap for each, gap in fill]),
            "labels": torch.tensor([
                [-100] * each.prompt + [*each.tokens[each.prompt :]] + [-100] * gap for each, gap in fill
            ]),
        }  # fmt: skip

    lora = LoraConfig(
        r=shape.rank, lora_alpha=2 * shape.rank, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    with tempfile.TemporaryDirectory() as out:
        common: dict[str, Any] = {
            "output_dir": out, "per_device_train_batch_size": 1, "gradient_accumulation_steps": accumulation,
            "max_steps": warm + steps, "learning_rate": 1e-3, "lr_scheduler_type": "cosine", "bf16": True,
            "optim": "adamw_torch_fused", "max_grad_norm": 1.0, "gradient_checkpointing": False, "report_to": "none",
            "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True, "use_cpu": device == "cpu",
            "dataloader_pin_memory": False,
        }  # fmt: skip
        if trl:
            trainer = _trl_trainer(timed, common, shape, base, sequences, lora, Clock())
        else:
            trainer = timed(Trainer)(
                get_peft_model(base.model, lora),
                TrainingArguments(remove_unused_columns=False, **common),
                data_collator=padded,
                train_dataset=batches(sequences, shape.pack, stream()),
                callbacks=[Clock()],
            )
        trainer.remove_callback(PrinterCallback)
        loaded = memory.now()
        trainer.train()
    ends = marks[warm:]
    spent, tokens = ends[-1][0] - ends[0][0], ends[-1][1] - ends[0][1]
    return {
        # TRL puts several examples into a row, so its rows are no examples.
        **rates(tokens, round(tokens / row) if trl else ends[-1][2] - ends[0][2], spent),
        "seconds_of_steps": [after[0] - before[0] for before, after in pairwise(marks)],
        "first_loss": float(sum(losses[: len(losses) // (warm + steps)])),
        "loaded_gib": loaded,
        "peak_gib": memory.peak(),
    }


def _trl_trainer(
    timed: Any, common: dict[str, Any], shape: Shape, base: Any, sequences: Any, lora: Any, clock: Any
) -> Any:
    """TRL's trainer with packs of a quarter of the tokens: without Flash Attention it computes their whole square."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    masks = [[0] * each.prompt + [1] * (len(each.tokens) - each.prompt) for each in sequences]
    return timed(SFTTrainer)(
        base.model,
        SFTConfig(
            max_length=shape.pack // 4,
            packing=True,
            completion_only_loss=True,
            **common | {"gradient_accumulation_steps": 4 * common["gradient_accumulation_steps"]},
        ),
        train_dataset=Dataset.from_dict(
            {"input_ids": [list(each.tokens) for each in sequences], "completion_mask": masks}
        ),
        processing_class=base.tokenizer,
        peft_config=lora,
        callbacks=[clock],
    )
