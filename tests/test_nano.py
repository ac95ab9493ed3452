"""nano: small, the same for the same texts and seed, a token for each word that matters, and able to learn."""

from __future__ import annotations

import hashlib
import json
import os
import string
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import UsageError
from neurosym.models import nano

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

PLAN = "(unstack c d)\n(put-down c)\n(pick-up a)\n(stack a c)"
TEXTS = [
    "Blocks: a c d\nStart: a; c on d\nGoal: c on a",
    PLAN,
    "(:action stack (and (on ?x ?y) (clear ?x)))",
    "-17x + 4y <= 250",
]

MADE = f"""
import hashlib, json
from neurosym.models import nano
model, tokenizer = nano.new({TEXTS!r}, seed=5)
weights = b"".join(each.detach().numpy().tobytes() for each in model.parameters())
print(hashlib.sha256(weights).hexdigest(), hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def made():
    return nano.new(TEXTS, seed=5)


def tokens(tokenizer, text: str) -> list[str]:
    return [tokenizer.decode([token]) for token in tokenizer(text)["input_ids"]]


def test_it_is_small_and_its_vocabulary_too(made):
    model, tokenizer = made
    assert 300_000 < model.num_parameters() < 900_000
    assert len(tokenizer) == model.config.vocab_size <= nano.VOCABULARY
    assert model.dtype is torch.float32 and model.config.max_position_embeddings == 1024
    assert nano.new(TEXTS, 5, context=300)[0].config.max_position_embeddings == 300


def test_a_name_a_digit_and_a_word_are_one_token_each(made):
    _, tokenizer = made
    assert tokens(tokenizer, "(pick-up a)\n(stack a c)") == ["(pick-up", " a", ")\n", "(stack", " a", " c", ")"]
    assert tokens(tokenizer, "Goal: c on q") == ["Goal", ":", " c", " on", " q"]  # q is in no text
    assert tokens(tokenizer, "-17x + 250") == ["-", "1", "7", "x", " +", " ", "2", "5", "0"]
    assert tokens(tokenizer, "(:action (on ?x ?y)") == ["(:", "action", " (on", " ?x", " ?y", ")"]


def test_words_beyond_the_vocabulary_are_spelled_in_bytes():
    many = " ".join(f"word-{first}{second}" for first in string.ascii_lowercase for second in string.ascii_lowercase)
    _, tokenizer = nano.new([many, "often " * 9, "x" * 10_000], seed=0)
    assert len(tokenizer) == nano.VOCABULARY
    assert len(tokenizer(" often")["input_ids"]) == 1
    assert tokens(tokenizer, " zebra") == [" ", "z", "e", "b", "r", "a"]
    assert max(map(len, tokenizer.get_vocab())) <= nano.LONGEST_WORD


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(max_size=60))
def test_any_text_survives_its_tokens(text):
    tokenizer = test_any_text_survives_its_tokens.tokenizer
    found = tokenizer(text, split_special_tokens=True)["input_ids"]
    assert tokenizer.decode(found) == text and max(found, default=0) < len(tokenizer)


test_any_text_survives_its_tokens.tokenizer = nano.new(TEXTS, seed=5)[1]


def test_a_conversation_is_told_by_marks_that_text_cannot_forge(made):
    model, tokenizer = made
    said = [{"role": "user", "content": "Goal: c on a"}, {"role": "assistant", "content": PLAN}]
    whole = tokenizer.apply_chat_template(said, tokenize=False)
    assert whole == f"<|begin|><|user|>Goal: c on a<|end|><|assistant|>{PLAN}<|end|>"
    asked = tokenizer.apply_chat_template(said[:1], add_generation_prompt=True, tokenize=False)
    assert whole.startswith(asked) and asked.endswith("<|assistant|>")
    numbers = tokenizer.apply_chat_template(said, return_dict=False)
    assert [numbers[0], numbers[-1]] == [tokenizer.bos_token_id, tokenizer.eos_token_id]
    assert tokenizer.decode(numbers, skip_special_tokens=True) == f"Goal: c on a{PLAN}"
    assert tokenizer.eos_token_id not in tokenizer("<|end|>", split_special_tokens=True)["input_ids"]
    assert len({tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}) == 3
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id


def test_the_same_texts_and_seed_make_the_same_bits_in_another_process(made):
    model, tokenizer = made
    weights = b"".join(each.detach().numpy().tobytes() for each in model.parameters())
    here = [hashlib.sha256(weights).hexdigest(),
            hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()]  # fmt: skip
    there = subprocess.run([sys.executable, "-c", MADE], env=os.environ | {"PYTHONHASHSEED": "7"}, check=True,
                           capture_output=True, text=True)  # fmt: skip
    assert there.stdout.split() == here


def test_the_seed_decides_the_weights_and_texts_alone_the_tokenizer(made):
    _, tokenizer = made
    state = torch.random.get_rng_state()
    first, same = nano.new(iter(TEXTS), 5)
    other, _ = nano.new(TEXTS[::-1], 6)
    assert torch.equal(torch.random.get_rng_state(), state), "the caller's random numbers are the caller's"
    assert torch.equal(first.lm_head.weight, made[0].lm_head.weight)
    assert not torch.equal(first.lm_head.weight, other.lm_head.weight)
    assert same.backend_tokenizer.to_str() == tokenizer.backend_tokenizer.to_str()


def test_what_is_saved_is_an_ordinary_model_folder(made, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = made
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again, read = AutoModelForCausalLM.from_pretrained(tmp_path).eval(), AutoTokenizer.from_pretrained(tmp_path)
    said = [{"role": "user", "content": TEXTS[0]}]
    numbers = tokenizer.apply_chat_template(said, return_tensors="pt", return_dict=False)
    assert torch.equal(numbers, read.apply_chat_template(said, return_tensors="pt", return_dict=False))
    assert (read.pad_token, read.bos_token, read.eos_token) == (nano.PAD, nano.BEGIN, nano.END)
    with torch.inference_mode():
        assert torch.equal(model(numbers).logits, again(numbers).logits)
    assert json.loads((tmp_path / "config.json").read_text())["architectures"] == ["LlamaForCausalLM"]


@pytest.mark.parametrize("texts", [[], [""]])
def test_without_a_text_there_is_no_tokenizer(texts):
    with pytest.raises(UsageError, match="texts, and there is none"):
        nano.new(texts, seed=0)


def test_it_learns_within_seconds():
    """Which block was named first: it must copy from its prompt, by position, names that it meets in new orders."""
    draw = torch.Generator().manual_seed(1)

    def batch(tokenizer, count):
        orders = [[chr(97 + int(name)) for name in torch.randperm(8, generator=draw)[:3]] for _ in range(count)]
        said = [[{"role": "user", "content": f"Blocks: {' '.join(names)}"},
                 {"role": "assistant", "content": f"(pick-up {names[0]})"}] for names in orders]  # fmt: skip
        return tokenizer.apply_chat_template(said, return_tensors="pt", return_dict=False)

    model, tokenizer = nano.new(["Blocks: a b c", "(pick-up a)"], seed=0)
    name = -3  # before ")" and the end
    steps = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(60):
        found = batch(tokenizer, 32)
        logits = model(found).logits[:, name - 1]
        torch.nn.functional.cross_entropy(logits, found[:, name]).backward()
        steps.step()
        steps.zero_grad()
    held_out = batch(tokenizer, 64)
    with torch.inference_mode():
        right = (model(held_out).logits[:, name - 1].argmax(-1) == held_out[:, name]).sum()
    assert right > 58, f"{right} of 64"
