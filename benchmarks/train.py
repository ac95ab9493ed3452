"""Training speed: our loop against TRL's SFTTrainer, one run: same model, same sequences, same batch, same precision.

    python benchmarks/train.py                 some four minutes on two cores
    python benchmarks/train.py --all           also our loop with padded batches, and with packs that share no prefix
    python benchmarks/train.py --random        random weights in SmolLM2-135M's shape: needs no pretrained model

What is the same on every side: SmolLM2-135M in bf16, frozen; LoRA of rank 16 on all linear layers, in fp32; bf16
autocast; no gradient checkpointing (TRL's default is to checkpoint, which costs it a further quarter of its speed);
AdamW, fused; clipping; the very same token sequences, made on the spot from proved records, half of them 4-block
Blocksworld and the rest of four other domains; completion-only loss; at most `--length` tokens through the model at
once and about `--batch` tokens of examples in an optimizer step; the number of threads, and an allocator that keeps
freed memory. Each side runs in a process of its own and sees each example once; its first step does not count.

A useful token is a token of an example, prompt or completion, counted once for each example that has it: the same
number on every side, whatever a side computes. The loss of the same eight examples is printed for each side, without
what LoRA learned, so that it is that before training.

TRL 1.16 packs by best fit decreasing with `padding_free`: a batch of packs is one row whose positions start again with
each example. That is made for FlashAttention, which a CPU has not; there transformers finds the borders in the
positions and hands PyTorch's `sdpa` a block-diagonal mask, so nothing is contaminated, but the whole square of the row
is computed. Its strongest fair settings here are therefore one pack of `--length` at a time with gradient accumulation,
or no packing: batches of as many tokens, grouped by length. Both are run, and the better one is the one to beat.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from neurosym.core import Record, stream
from neurosym.training.examples import Example

DOMAINS = {"blocksworld": {"blocks": 4}, "logistics": {}, "graph_coloring": {}, "linear_integer": {}, "random_ksat": {}}
SIDES = {
    "ours": "our packs",
    "unshared": "our packs without a shared prefix",
    "batches": "our padded batches",
    "trl-packed": "TRL, packing",
    "trl-padded": "TRL, padded batches by length",
}
SAME_PROCESS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "10000000000",
    "MALLOC_TOP_PAD_": "268435456",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
RATE = 1e-3
JUDGED = 8
"""So many examples' loss is compared before training."""


@dataclass(frozen=True)
class Found:
    """What one side measured.

    `tokens` of examples, `seconds` and `busy` seconds of its cores, all without the first step; `peak` and `loaded`
    memory in MB; the mean `loss` of a few examples without LoRA, in nats a token; the tokens of all steps.
    """

    tokens: int
    seconds: float
    busy: float
    peak: int
    loaded: int
    loss: float
    total: int

    @property
    def rate(self) -> float:
        """Useful tokens a second."""
        return self.tokens / self.seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=6, help="optimizer steps, of which the first does not count")
    parser.add_argument("--batch", type=int, default=4096, help="tokens of examples in an optimizer step")
    parser.add_argument("--length", type=int, default=1024, help="tokens through the model at once")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--lake", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(vars(measure(options))))
        return 0
    names = list(SIDES) if options.all else ["ours", "trl-packed", "trl-padded"]
    with tempfile.TemporaryDirectory() as folder:
        options.lake = folder
        make_lake(folder, options.steps * options.batch)
        print(
            f"{'useful tokens':36}{'a second':>9}{'a core-second':>15}{'peak MB':>9}{'before':>8}{'loss':>9}{'all':>8}"
        )
        found = {}
        for name in names:
            found[name] = side = in_own_process(name, options)
            print(f"  {SIDES[name]:34}{side.rate:9.0f}{side.tokens / side.busy:15.0f}{side.peak:9}{side.loaded:8}"
                  f"{side.loss:9.4f}{side.total:8}", flush=True)  # fmt: skip
    return report(found)


def make_lake(folder: str, tokens: int) -> None:
    """Records with about so many tokens and some more, half of them 4-block Blocksworld."""
    import neurosym as ns

    lake = ns.Lake(folder)
    half = max(10, tokens // 700)  # a record has some 350 tokens, and there are a good 200 problems of 4 blocks
    for name, knobs in DOMAINS.items():
        count = min(half, 200) if name == "blocksworld" else half // 4
        lake.write(ns.annotate(ns.domain(name, **knobs), count=count, seed=1))


def in_own_process(name: str, options: argparse.Namespace) -> Found:
    command = [sys.executable, __file__, "--side", name, *(["--random"] if options.random else [])]
    for flag in ("steps", "batch", "length", "threads", "lake"):
        command += [f"--{flag}", str(getattr(options, flag))]
    environment = os.environ | SAME_PROCESS | {"OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{SIDES[name]} failed:\n{done.stderr[-3000:]}")
    return Found(**json.loads(done.stdout.splitlines()[-1]))


def report(found: dict[str, Found]) -> int:
    ours, theirs = found["ours"], [side for name, side in found.items() if name.startswith("trl")]
    best = max(theirs, key=lambda side: side.rate)
    same = all(abs(side.loss - ours.loss) < 0.01 * ours.loss and side.total == ours.total for side in found.values())
    ratio = ours.rate / best.rate
    print(f"the same work on every side: {'yes' if same else 'NO'}")
    print(f"speed: {ratio:.2f} times TRL's best (target 1.2); by core-seconds, which other programs on the machine "
          f"disturb less, {ours.tokens / ours.busy / max(side.tokens / side.busy for side in theirs):.2f}")  # fmt: skip
    least = min(side.peak for side in theirs)
    print(f"peak memory: {ours.peak / least:.2f} times TRL's least (target 1)")
    good = same and ratio >= 1.2 and ours.peak <= least
    print("all targets met" if good else "a target was missed")
    return 0 if good else 1


# In a side's own process


def measure(options: argparse.Namespace) -> Found:
    import torch

    torch.set_num_threads(options.threads)
    base = load(options.lake, options.random)
    records, examples = chosen(options.lake, base.tokenizer, options.steps * options.batch, options.length)
    return (trl_side if options.side.startswith("trl") else our_side)(options, base, records, examples)


def load(lake: str, random: bool) -> Any:
    """The base model: the pretrained one, or one of its shape with nano's tokenizer."""
    from neurosym.models.base import Base, load_base

    if not random:
        return load_base("smollm2", dtype="bf16", device="cpu")
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    import neurosym as ns
    from neurosym.models import nano

    _, tokenizer = nano.new(
        (text for record in ns.Lake(lake).records() for text in (record.prompt, record.completion)), 0
    )
    config = LlamaConfig(
        vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, max_position_embeddings=8192, tie_word_embeddings=True,
    )  # fmt: skip
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    model = LlamaForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    return Base(model, tokenizer, "random")


def chosen(lake: str, tokenizer: Any, tokens: int, length: int) -> tuple[list[Record], list[Example]]:
    """Records and their examples, in random order, until they have so many tokens. None is longer than `length`."""
    import neurosym as ns
    from neurosym.training.examples import example

    records, examples, total = [], [], 0
    every = sorted(ns.Lake(lake).records(), key=lambda record: record.problem.id)
    for record in stream("benchmark").sample(every, len(every)):
        found = example(record, tokenizer)
        if len(found.tokens) <= length and total < tokens:
            records.append(record)
            examples.append(found)
            total += len(found.tokens)
    return records, examples


def resident(line: str) -> int:
    """A line of this process's status in MB: VmRSS, its memory now, or VmHWM, the most since the peak was forgotten."""
    status = dict(each.split(":", 1) for each in Path("/proc/self/status").read_text().splitlines())
    return int(status[line].split()[0]) >> 10


def loaded() -> int:
    """The memory before training, in MB, from where on the peak counts."""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): forget the peak
    return resident("VmRSS")


Mark = tuple[float, float, int]
"""A point in training: the time, the time that the cores were busy, and the tokens of examples so far."""


def found(marks: list[Mark], before: int, peak: int, loss: float) -> Found:
    """From the points before the first step and after each."""
    (start, busy_start, first), (end, busy_end, last) = marks[1], marks[-1]
    total = last - marks[0][2]
    return Found(last - first, end - start, busy_end - busy_start, peak, before, loss, total)


def our_side(options: argparse.Namespace, base: Any, records: list[Record], examples: list[Example]) -> Found:
    """The loop of `neurosym.train`, without its measurements and checkpoints."""
    import torch

    from neurosym.training import packing
    from neurosym.training.adapter import with_lora
    from neurosym.training.loop import Data, Run
    from neurosym.training.loss import pack_loss
    from neurosym.training.order import Order
    from neurosym.training.settings import TrainSettings

    if options.side == "unshared":
        packing._shared = lambda examples: 0
    with tempfile.TemporaryDirectory() as out:
        settings = TrainSettings(
            lake=options.lake, out=out, epochs=1, batch_tokens=2**28, pack_length=options.length, rename=False,
            packing=options.side != "batches", learning_rate=RATE, validity_problems=0, precision="bf16", device="cpu",
        )  # fmt: skip
        tokens = Order(records, base.tokenizer, base.context, settings).tokens
        run = Run(
            with_lora(base, settings), Data(records, [], ""), replace(settings, batch_tokens=tokens // options.steps),
            torch.bfloat16,
        )  # fmt: skip
        before, seen = loaded(), 0
        marks = [(time.perf_counter(), time.process_time(), seen)]
        for step in range(run.order.steps):
            run.make_step()
            seen += sum(pack.useful for pack in run.order.of_step(step))
            marks.append((time.perf_counter(), time.process_time(), seen))
        peak = resident("VmHWM")
        few = (packing.packs if settings.packing else packing.batches)(examples[:JUDGED], options.length, stream())
        with torch.no_grad(), run.precision(), run.base.model.disable_adapter():
            losses = [pack_loss(run.base.model, each) for each in few]
    return found(marks, before, peak, sum(float(nll) for nll, _ in losses) / sum(count for _, count in losses))


def trl_side(options: argparse.Namespace, base: Any, records: list[Record], examples: list[Example]) -> Found:
    """TRL's trainer on the same sequences."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    def dataset(examples: list[Example]) -> Dataset:
        masks = [[0] * each.prompt + [1] * (len(each.tokens) - each.prompt) for each in examples]
        return Dataset.from_dict({"input_ids": [list(each.tokens) for each in examples], "completion_mask": masks})

    packing = options.side == "trl-packed"
    total = sum(len(each.tokens) for each in examples)
    rows = 1 if packing else max(1, options.length * len(examples) // total)
    seen: list[int] = []
    marks: list[Mark] = []

    class Trainer(SFTTrainer):
        def compute_loss(self, model: Any, inputs: Any, *others: Any, **named: Any) -> Any:
            seen.append(
                int(inputs["attention_mask"].sum()) if "attention_mask" in inputs else inputs["input_ids"].numel()
            )
            return super().compute_loss(model, inputs, *others, **named)

    class Clock(TrainerCallback):
        def on_train_begin(self, *others: Any, **named: Any) -> None:
            marks.append((time.perf_counter(), time.process_time(), sum(seen)))

        on_step_end = on_train_begin

    with tempfile.TemporaryDirectory() as out:
        trainer = Trainer(
            base.model,
            SFTConfig(
                output_dir=out, max_length=options.length, packing=packing, eval_packing=False, num_train_epochs=1,
                per_device_train_batch_size=rows, per_device_eval_batch_size=JUDGED, completion_only_loss=True,
                gradient_accumulation_steps=max(1, round(options.batch / options.length)), learning_rate=RATE,
                lr_scheduler_type="cosine", optim="adamw_torch_fused", max_grad_norm=1.0, bf16=True, use_cpu=True,
                gradient_checkpointing=False, report_to="none", save_strategy="no", logging_strategy="no",
                disable_tqdm=True, dataloader_pin_memory=False,
                train_sampling_strategy="random" if packing else "group_by_length",
            ),
            train_dataset=dataset(examples),
            processing_class=base.tokenizer,
            peft_config=LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear"),
            callbacks=[Clock()],
        )  # fmt: skip
        before = loaded()
        trainer.train()
        peak = resident("VmHWM")
        with trainer.model.disable_adapter():
            loss = trainer.evaluate(dataset(examples[:JUDGED]))["eval_loss"]
    return found(marks, before, peak, loss)


if __name__ == "__main__":
    sys.exit(main())
