"""Local decoding against transformers' `generate`: the same prompts, the same number of tokens, the same weights.

    python benchmarks/decode.py [--model smollm2] [--batches 16,64,128] [--tokens 64] [--threads 2]

Prompts are 4-block blocksworld problems. Both answer every prompt with exactly `--tokens` tokens, greedily, as one
batch; `generate` gets the prompts padded in front. Prints tokens a second with the prompts' own time included, the
ratio, and how many texts are the same (in bfloat16 two tokens of nearly equal probability may change places, and then
the rest differs). Takes about 2 minutes on 2 cores.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import neurosym as ns
from neurosym.core import Claim, Record, Verdict
from neurosym.models import Sampling
from neurosym.models.base import load_base
from neurosym.models.local import Local, prompt_tokens


def problems(count: int) -> list[Record]:
    """Blocksworld problems of 4 blocks as records that nobody has answered."""
    task = ns.domain("blocksworld", blocks=4)
    drawn = [task.sample(ns.stream("benchmarks/decode", item)) for item in range(count)]
    unanswered = Verdict.malformed()
    return [Record(each, task.prompt(each), "", Claim(None), unanswered, "", "", "", "") for each in drawn]


def generated(model: Any, prompts: list[list[int]], count: int) -> list[list[int]]:
    """What transformers' `generate` answers to a batch."""
    import torch

    width = max(map(len, prompts))
    tokens = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    with torch.inference_mode():
        answers = model.generate(
            input_ids=tokens, attention_mask=mask, do_sample=False, min_new_tokens=count, max_new_tokens=count
        )
    return [answer[width:].tolist() for answer in answers]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="smollm2")
    options.add_argument("--batches", default="16,64,128")
    options.add_argument("--tokens", type=int, default=64)
    options.add_argument("--threads", type=int, default=2)
    chosen = options.parse_args()
    import torch

    torch.set_num_threads(chosen.threads)
    base = load_base(chosen.model)
    sampling = Sampling(max_tokens=chosen.tokens)
    print(f"{base.name}, {base.model.dtype}, {chosen.threads} threads, {chosen.tokens} tokens an answer")
    print("batch  prompt tokens  generate tokens/s  ours tokens/s  ratio  agreement")
    for batch in map(int, chosen.batches.split(",")):
        records = problems(batch)
        prompts = [prompt_tokens(base.tokenizer, record.prompt) for record in records]
        local = Local(base, base.name, batch)
        local.stops = frozenset()
        began = time.perf_counter()
        answers = dict(local.answer(records, sampling))
        ours = time.perf_counter() - began
        began = time.perf_counter()
        theirs = generated(base.model, prompts, chosen.tokens)
        seconds = time.perf_counter() - began
        same = sum(
            base.tokenizer.decode(theirs[place], skip_special_tokens=True) == output.text
            for place, (output,) in answers.items()
        )
        total = batch * chosen.tokens
        longest = max(map(len, prompts))
        print(
            f"{batch:5}  {longest:13}  {total / seconds:17.0f}  {total / ours:13.0f}  {seconds / ours:5.2f}"
            f"  {same} of {batch} texts",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
