"""Local decoding, against transformers' own `generate` and the model's own probabilities, on tiny random models."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurosym as ns
from neurosym.core import Claim, Problem, Record, Verdict
from neurosym.errors import UsageError
from neurosym.models import Output, Sampling
from neurosym.models import local as local_module
from neurosym.models.local import Answer, Local, choose, prompt_tokens, runs, shared, stop_tokens

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("peft")

from neurosym.models.base import Base, load_base  # noqa: E402

TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
RULES = "Blocks stand on a table. A hand moves one block at a time. "
PROMPTS = [RULES + text for text in ("a on b", "b on c, c on a", "a", "d on a, a on b, b on c, c on the table", "ab", "abc d")]

SIZES = dict(
    vocab_size=260, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    head_dim=8, max_position_embeddings=256, initializer_range=0.3, bos_token_id=257, eos_token_id=258, pad_token_id=259,
    tie_word_embeddings=False,
)  # fmt: skip


def tokenizer():
    """One token a byte, and an end of turn that only the chat template names."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    whole = Tokenizer(models.BPE(vocab={letter: token for token, letter in enumerate(letters)}, merges=[]))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    whole.add_special_tokens([AddedToken(name, special=True) for name in ("<|end|>", "<|bos|>", "<|eos|>", "<|pad|>")])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=whole, eos_token="<|eos|>", pad_token="<|pad|>", chat_template=TEMPLATE,
        additional_special_tokens=["<|end|>"],
    )  # fmt: skip


def tiny(config: str = "LlamaConfig", seed: int = 0, **changes) -> Base:
    """A random model in float32."""
    torch.manual_seed(seed)
    settings_of = getattr(transformers, config)(**(SIZES | changes))
    model = transformers.AutoModelForCausalLM.from_config(settings_of, dtype=torch.float32)
    return Base(model.eval(), tokenizer(), "tiny")


def records(prompts=PROMPTS) -> list[Record]:
    made = []
    for prompt in prompts:
        problem = Problem("blocksworld", "pddl", {"text": prompt})
        made.append(Record(problem, prompt, "", Claim(None), Verdict.malformed(), "", "", "", ""))
    return made


def answered(local: Local, asked, sampling: Sampling) -> list[tuple[Output, ...]]:
    found = dict(local.answer(asked, sampling))
    assert sorted(found) == list(range(len(asked)))
    return [found[place] for place in range(len(asked))]


def tokens_of(local: Local, monkeypatch) -> dict[tuple[int, int], list[int]]:
    """A dictionary that will hold the tokens of each answer."""
    seen: dict[tuple[int, int], list[int]] = {}
    original = local._output

    def output(answer: Answer) -> Output:
        seen[answer.place, answer.sample] = list(answer.tokens)
        return original(answer)

    monkeypatch.setattr(local, "_output", output)
    return seen


def generated(base: Base, prompt: str, most: int, stops: list[int]) -> list[int]:
    """What transformers answers to one prompt."""
    tokens = torch.tensor([prompt_tokens(base.tokenizer, prompt)])
    mask = torch.ones_like(tokens)
    answer = base.model.generate(
        input_ids=tokens, attention_mask=mask, do_sample=False, max_new_tokens=most, eos_token_id=stops
    )
    return answer[0, tokens.shape[1] :].tolist()


ARCHITECTURES = {
    "LlamaConfig": {},
    "Qwen2Config": {},
    "Qwen3Config": {},
    "MistralConfig": {"sliding_window": 16},
    "Gemma2Config": {"sliding_window": 16, "query_pre_attn_scalar": 8, "attn_logit_softcapping": 2.0},
    "Gemma3TextConfig": {"sliding_window": 16, "query_pre_attn_scalar": 8},
    "Phi3Config": {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0}},
    "Olmo2Config": {},
    "SmolLM3Config": {"no_rope_layers": [1, 0]},
    "GraniteConfig": {"logits_scaling": 2.0, "attention_multiplier": 0.3},
}


@pytest.mark.parametrize("config", ARCHITECTURES)
def test_greedy_answers_are_those_of_generate(config, monkeypatch):
    base = tiny(config, **ARCHITECTURES[config])
    whole = [generated(base, prompt, 24, []) for prompt in PROMPTS]
    stops = [258, whole[0][3], whole[1][7], whole[2][12]]
    base.model.generation_config.eos_token_id = stops
    expected = [generated(base, prompt, 24, stops) for prompt in PROMPTS]
    assert len({len(answer) for answer in expected}) > 1, "answers of one length try nothing"
    local = Local(base, "tiny", batch=3)
    seen = tokens_of(local, monkeypatch)
    outputs = answered(local, records(), Sampling(max_tokens=24))
    assert [seen[place, 0] for place in range(len(PROMPTS))] == expected
    assert [output.tokens for (output,) in outputs] == [len(answer) for answer in expected]
