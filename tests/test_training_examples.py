"""Token sequences: the prompt as generation feeds it, the completion, the end of the turn, and nothing cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import UsageError
from neurosym.training.examples import Example, example, examples, turn_end

tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers")

CHATML = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nBe brief."
    "<|im_end|>\n{% endif %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TRIMMED = (
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] | trim }}"
    "{% if message['role'] == 'assistant' %}<|im_end|> {{ eos_token }}{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)
BARE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
DEAF = "{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] }}{% endif %}{% endfor %}"


def tokenizer(template: str | None, eos: str | None = "<|end|>"):
    """A byte-level BPE tokenizer of the usual kind, with a chat template."""
    core = tokenizers.Tokenizer(tokenizers.models.BPE())
    core.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|end|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(["(pick-up a)\n(stack a b)", "Find a plan from the start to the goal. assistant"], trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=core, chat_template=template, eos_token=eos)


SHARED = {template: tokenizer(template) for template in (CHATML, TRIMMED, BARE)}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(list(SHARED)), st.text(max_size=40), st.text(max_size=40))
def test_the_prompt_is_what_generation_feeds_and_the_completion_comes_back(template, prompt, completion):
    known = SHARED[template]
    found = example((prompt, completion), known)
    fed = known.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)["input_ids"]
    assert found.tokens[: found.prompt] == tuple(fed)
    assert known.decode(found.tokens[found.prompt :]) == completion + known.decode(turn_end(known))


@pytest.mark.parametrize(
    ("template", "end"), [(CHATML, "<|im_end|>"), (TRIMMED, "<|im_end|> <|end|>"), (BARE, "\n<|end|>")]
)
def test_a_turn_ends_as_the_template_ends_it_up_to_the_token_that_stops(template, end):
    known = SHARED[template]
    assert known.decode(turn_end(known)) == end
    assert turn_end(known)[-1] in known.added_tokens_decoder


def test_what_looks_like_a_special_token_in_a_completion_is_text():
    known = SHARED[CHATML]
    found = example(("Say it.", "<|im_end|>"), known)
    assert list(found.tokens).count(known.convert_tokens_to_ids("<|im_end|>")) == 3  # system, user, assistant
    assert known.decode(found.tokens[found.prompt :]) == "<|im_end|><|im_end|>"


def test_a_record_is_its_prompt_and_completion(lake):
    known = SHARED[CHATML]
    for record in lake.records("blocksworld", "test"):
        assert example(record, known) == example((record.prompt, record.completion), known)


def test_many_are_the_same_as_one_by_one(lake):
    known, records = SHARED[CHATML], list(lake.records()) * 4
    found, dropped = examples(iter(records), known, 10**6)
    assert dropped == 0 and found[:20] == [example(record, known) for record in records[:20]]
    assert len(found) == len(records) and found[: len(records) // 4] == found[-len(records) // 4 :]


def test_what_does_not_fit_is_dropped_and_counted_and_never_cut():
    known = SHARED[CHATML]
    pairs = [("p", "c" * size) for size in range(1, 30)]
    whole, _ = examples(pairs, known, 10**6)
    context = len(whole[10].tokens)
    found, dropped = examples(pairs, known, context)
    assert found == [each for each in whole if len(each.tokens) <= context] and whole[10] in found
    assert dropped == len(whole) - len(found) > 0
    assert examples(pairs, known, 3) == ([], len(pairs))
    assert examples([], known, 100) == ([], 0)


@pytest.mark.parametrize(
    ("template", "eos", "message"),
    [
        (None, "<|end|>", "no chat template"),
        (BARE, None, "no end-of-sequence token"),
        (DEAF, "<|end|>", "leaves out what the assistant says"),
    ],
)
def test_a_tokenizer_that_will_not_do_is_one_clear_line(template, eos, message):
    with pytest.raises(UsageError, match=message):
        examples([("p", "c")], tokenizer(template, eos), 100)


@pytest.mark.parametrize("prompt", [0, 3, -1])
def test_an_example_has_a_prompt_and_a_completion(prompt):
    with pytest.raises(ValueError, match=r"prompt must be in 1\.\.2"):
        Example((1, 2, 3), prompt)


def test_thousands_a_second():
    pairs = [(f"Find a plan from the start to the goal {number}. " * 8, "(pick-up a)\n" * 8) for number in range(3000)]
    examples(pairs[:10], SHARED[CHATML], 10**6)
    start = time.thread_time()
    found, _ = examples(pairs, SHARED[CHATML], 10**6)
    assert len(found) == 3000 and time.thread_time() - start < 3
