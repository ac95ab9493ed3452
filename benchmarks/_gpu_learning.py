"""Part (b) of gpu.py: a lake's training in a given time, and what the checkers say of its answers."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from _gpu_measured import Found, Tell

LOADING = 8.0
VERIFYING = 2e-3
"""Seconds, on the high side: to load a model once more, and to verify a record."""


def learned(
    tell: Tell, lake: str, base: str, out: str, device: str, seconds: float, asked: int, training: Mapping[str, Any],
    most_steps: int,
) -> Found:  # fmt: skip
    """Train on a lake for the time that is left, and evaluate what came out on its test split."""
    import neurosym as ns
    from neurosym.training import adapter

    end = time.monotonic() + seconds
    plan = planned(ns.Lake(lake), base, device, seconds, asked, training, most_steps)
    found: Found = {"plan": plan}
    tell(found)
    settings = dict(training) | {
        "steps": plan["steps"], "evaluate_every": plan["every"], "validity_problems": plan["validity_problems"]
    }  # fmt: skip
    start, stopped, made = time.monotonic(), False, None
    try:
        with stopping(end - plan["asking_seconds"]):
            made = ns.train(lake, base=base, out=out, device=device, **settings)
    except KeyboardInterrupt:
        stopped, made = True, adapter.read(Path(out))
    found |= {"stopped_early": stopped, "training_seconds": time.monotonic() - start, **logged(Path(out), plan)}
    if made is None:
        return found | {"failed": "the time was over before the first measurement of validity"}
    tell(found | {"validation": dict(made.scores)})
    evaluation = ns.evaluate(
        made, lake, asked, split="test", max_tokens=plan["max_tokens"], out=str(Path(out) / "evaluation")
    )
    return found | {
        "validation": dict(made.scores),
        "validity": asdict(evaluation.validity),
        "counts": {name: figure.count for name, figure in evaluation.counts.items()},
        "optimal": asdict(evaluation.optimality.share) if evaluation.optimality else None,
        "by_difficulty": [asdict(level) for level in evaluation.by_difficulty],
        "left_out": evaluation.left_out,
    }


def planned(
    lake: Any, base: str, device: str, seconds: float, asked: int, training: Mapping[str, Any], most_steps: int
) -> Found:
    """How many steps fit, by what a few steps and a few answers take now."""
    import torch

    from neurosym.models import Sampling
    from neurosym.models.base import dtype_named, load_base
    from neurosym.models.local import Local
    from neurosym.training.adapter import with_lora
    from neurosym.training.loop import Data, Run
    from neurosym.training.settings import TrainSettings

    start = time.monotonic()
    records = sorted(lake.records(split="train"), key=lambda record: record.problem.id)
    validation = list(lake.records(split="validation"))[:64]
    texts = [text for record in records for text in (record.prompt, record.completion)]
    loaded = load_base(base, dtype="auto", device=device, texts=texts)
    with tempfile.TemporaryDirectory() as out:
        settings = TrainSettings(
            lake=lake.location, base=base, out=out, steps=1000, device=device, validity_problems=0, **training
        )
        before = time.monotonic()
        run = Run(
            loaded if loaded.full else with_lora(loaded, settings),
            Data(records, [], lake.digest),
            settings,
            torch.float32 if loaded.full else dtype_named("auto", device),
        )
        preparing = time.monotonic() - before
        marks = [time.monotonic()]
        for _ in range(8 if device == "cuda" else 2):
            run.make_step()
            marks.append(time.monotonic())
        step = median(after - before for before, after in pairwise(marks[1:]))
        answers = Local(loaded, base)
        before = time.monotonic()
        few = 16 if device == "cuda" else 4
        with run.precision():
            list(answers.answer(validation, Sampling(max_tokens=few)))
        token = (time.monotonic() - before) / few
    longest = run.order.longest
    measuring = token * longest * -(-len(validation) // answers.batch)
    rounds = 1 + asked / answers.batch  # rows that are free take what waits, so rounds overlap
    asking = LOADING * (device == "cuda") + 2 * token * longest * rounds
    probing = time.monotonic() - start
    verifying = VERIFYING * sum(entry["rows"] for entry in lake.files())
    measurements = 4
    left = 0.9 * (seconds - probing - asking - verifying - LOADING * (device == "cuda")) - measurements * measuring
    steps = max(measurements, min(most_steps, int(left / (step + preparing / run.order.steps_an_epoch))))
    return {
        "steps": steps,
        "every": max(1, -(-steps // measurements)),
        "steps_an_epoch": run.order.steps_an_epoch,
        "tokens_a_step": run.order.tokens / run.order.steps,
        "validity_problems": len(validation),
        "max_tokens": longest * 3 // 2,
        "step_seconds": step,
        "preparing_seconds": preparing,
        "measuring_seconds": measuring,
        "asking_seconds": asking,
        "probing_seconds": probing,
    }


@contextmanager
def stopping(when: float) -> Iterator[None]:
    """Ctrl-C at a time of the monotonic clock: training then saves a checkpoint and ends."""
    timer = threading.Timer(max(0.0, when - time.monotonic()), os.kill, (os.getpid(), signal.SIGINT))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def logged(out: Path, plan: Found) -> Found:
    """What the log tells of a training: its steps and how validity grew."""
    with suppress(OSError):
        entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        steps = [entry for entry in entries if "loss" in entry]
        seconds = [entry["seconds"] for entry in steps]
        if steps:
            return {
                "steps": len(steps),
                "last_loss": steps[-1]["loss"],
                "tokens_a_second": len(steps) * plan["tokens_a_step"] / sum(seconds),
                # A step that begins an epoch prepares it: renames, checks and tokenises its records.
                "preparing_share": max(0.0, 1 - median(seconds) * len(seconds) / sum(seconds)),
                "curve": [(entry["step"], entry["validity"]) for entry in entries if "validity" in entry],
            }
    return {"steps": 0}
