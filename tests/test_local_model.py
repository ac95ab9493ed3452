"""Local decoding, against transformers' own `generate` and the model's own probabilities, on tiny random models."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import chain

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

TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
RULES = "Blocks stand on a table. A hand moves one block at a time. "
TASKS = ("a on b", "b on c, c on a", "a", "d on a, a on b, b on c, c on the table", "ab", "abc d")
PROMPTS = [RULES + task for task in TASKS]

SIZES = {
    "vocab_size": 260, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 256, "initializer_range": 0.3,
    "bos_token_id": 257, "eos_token_id": 258, "pad_token_id": 259, "tie_word_embeddings": False,
}  # fmt: skip


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
    rarest = min(sorted({*chain(*whole)}), key=lambda token: sum(token in answer for answer in whole))
    stops = [258, rarest]
    base.model.generation_config.eos_token_id = stops
    expected = [generated(base, prompt, 24, stops) for prompt in PROMPTS]
    assert len({len(answer) for answer in expected}) > 1, "answers of one length try nothing"
    local = Local(base, "tiny", batch=3)
    seen = tokens_of(local, monkeypatch)
    outputs = answered(local, records(), Sampling(max_tokens=24))
    assert [seen[place, 0] for place in range(len(PROMPTS))] == expected
    assert [output.tokens for (output,) in outputs] == [len(answer) for answer in expected]


def test_a_long_answer_outgrows_the_cache_and_is_that_of_generate(monkeypatch):
    base = tiny()
    local = Local(base, "tiny", batch=2)
    local.stops = frozenset()
    seen = tokens_of(local, monkeypatch)
    answered(local, records(PROMPTS[:3]), Sampling(max_tokens=150))
    assert [seen[place, 0] for place in range(3)] == [generated(base, prompt, 150, []) for prompt in PROMPTS[:3]]


def test_an_answer_does_not_depend_on_what_else_is_in_the_batch():
    base, sampling = tiny(), Sampling(samples=3, temperature=1.0, max_tokens=20, seed=5)
    expected = answered(Local(base, "tiny", batch=1), records(), sampling)
    for batch in (2, 5, 64):
        assert texts(answered(Local(base, "tiny", batch), records(), sampling)) == texts(expected)
    chunked = Local(base, "tiny", batch=5)
    chunked.prefill_tokens = 20
    assert texts(answered(chunked, records(), sampling)) == texts(expected)
    backwards = answered(Local(base, "tiny", batch=4), records(PROMPTS[::-1]), sampling)
    assert texts(backwards[::-1]) == texts(expected)
    assert texts(answered(Local(base, "tiny"), records(PROMPTS[2:3]), sampling)) == texts(expected[2:3])


def texts(outputs) -> list[list[str]]:
    return [[output.text for output in each] for each in outputs]


def test_samples_and_seeds_have_streams_of_their_own():
    local = Local(tiny(), "tiny")
    once = texts(answered(local, records(), Sampling(4, 1.0, 20, seed=1)))
    assert all(len(set(samples)) == 4 for samples in once)
    assert texts(answered(local, records(), Sampling(4, 1.0, 20, seed=1))) == once
    other = texts(answered(local, records(), Sampling(4, 1.0, 20, seed=2)))
    assert not {*chain(*other)} & {*chain(*once)}
    few = texts(answered(local, records(), Sampling(2, 1.0, 20, seed=1)))
    assert few == [samples[:2] for samples in once], "more samples leave the first ones as they are"


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_the_logprob_is_the_models_own(temperature, monkeypatch):
    base = tiny()
    local = Local(base, "tiny", batch=4)
    local.stops = frozenset(range(0, 256, 9))
    seen = tokens_of(local, monkeypatch)
    outputs = answered(local, records(), Sampling(temperature=temperature, max_tokens=20))
    for place, (output,) in enumerate(outputs):
        prompt, answer = prompt_tokens(base.tokenizer, PROMPTS[place]), seen[place, 0]
        with torch.no_grad():
            logits = base.model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1]
        expected = torch.log_softmax(logits.double(), -1)[range(len(answer)), answer].sum().item()
        assert output.logprob == pytest.approx(expected, abs=1e-4)
        assert output.tokens == len(answer)


def test_drawn_tokens_have_the_models_frequencies():
    logits = torch.tensor([[0.0, 1.0, -math.inf, 2.0, -1.0]])
    rng, count, temperature = random.Random(3), 20_000, 0.5
    tokens, logprobs = choose(logits.repeat(count, 1), temperature, [rng.random() for _ in range(count)])
    drawn = Counter(tokens.tolist())
    for token, share in enumerate(torch.softmax(logits[0] / temperature, -1).tolist()):
        assert abs(drawn[token] - count * share) <= 4 * math.sqrt(count * share * (1 - share))
    assert torch.equal(logprobs, torch.log_softmax(logits[0], -1)[tokens])


@pytest.mark.parametrize("chance, expected", [(0.0, 1), (1 - 2**-53, 3)])
def test_the_ends_of_the_unit_interval_draw_no_impossible_token(chance, expected):
    logits = torch.tensor([[-math.inf, 0.0, -math.inf, 0.0, -math.inf]])
    assert choose(logits, 1.0, [chance])[0].tolist() == [expected]


def test_an_answer_ends_at_what_the_config_the_tokenizer_or_the_template_calls_an_end():
    base = tiny()
    base.model.generation_config.eos_token_id = [3, 4]
    end, eos = base.tokenizer.convert_tokens_to_ids(["<|end|>", "<|eos|>"])
    assert stop_tokens(base.model, base.tokenizer) == {3, 4, 258, end, eos}


def scripted(monkeypatch, tokens: list[int]) -> None:
    """Every answer is made of these tokens, whatever the model says."""
    steps = iter(tokens)

    def chosen(logits, temperature, chances):
        step = next(steps)
        return torch.full((len(logits),), step), torch.zeros(len(logits))

    monkeypatch.setattr(local_module, "choose", chosen)


def test_an_empty_answer_is_an_answer(monkeypatch):
    scripted(monkeypatch, [258])
    ((output,),) = answered(Local(tiny(), "tiny"), records(PROMPTS[:1]), Sampling())
    assert (output.text, output.tokens, output.error) == ("", 1, "")


def test_bytes_that_are_no_utf8_are_replaced(monkeypatch):
    base = tiny()
    invalid = base.tokenizer.convert_tokens_to_ids(["ÿ", "a", "Ã"])  # the bytes ff, 61, c3 in byte-level BPE
    scripted(monkeypatch, [*invalid, 258])
    ((output,),) = answered(Local(base, "tiny"), records(PROMPTS[:1]), Sampling())
    assert output.text == "\ufffda\ufffd"
    output.text.encode()


def test_a_prompt_beyond_the_context_is_an_error_and_the_others_are_answered():
    local = Local(tiny(max_position_embeddings=100), "tiny")
    long = RULES * 2
    outputs = answered(local, records([long, PROMPTS[0], long, PROMPTS[1]]), Sampling(2, 1.0, 500))
    assert [bool(output.error) for each in outputs for output in each] == [True, True, False, False] * 2
    assert "100" in outputs[0][0].error and outputs[0][0].text == ""
    room = 100 - len(prompt_tokens(local.tokenizer, PROMPTS[1]))
    assert all(0 < output.tokens <= room for output in outputs[3])


def test_weights_that_are_no_numbers_are_an_error_of_each_answer():
    base = tiny()
    with torch.no_grad():
        base.model.lm_head.weight.fill_(math.nan)
    for temperature in (0.0, 1.0):
        for (output,) in answered(Local(base, "tiny"), records(), Sampling(temperature=temperature)):
            assert "not finite" in output.error and output.tokens == 1 and output.logprob is None


@pytest.mark.parametrize("batch", [4, 12])
def test_nothing_is_computed_twice_or_for_finished_rows(batch, monkeypatch):
    base = tiny()
    local = Local(base, "tiny", batch)
    local.stops = frozenset(range(0, 256, 9))
    read = Counter()
    forward = base.model.forward

    def counted(input_ids, **others):
        read["steps" if input_ids.shape[1] == 1 else "prompts"] += input_ids.numel()
        return forward(input_ids=input_ids, **others)

    monkeypatch.setattr(base.model, "forward", counted)
    equal = [RULES + task for task in ("a on b", "c on b", "d on e")]
    outputs = answered(local, records(equal), Sampling(4, 1.0, 20))
    assert read["steps"] == sum(output.tokens for each in outputs for output in each)
    prompts = [prompt_tokens(base.tokenizer, prompt) for prompt in equal]
    prefix = shared(min(prompts), max(prompts))
    once = prefix + sum(len(prompt) - 1 - prefix for prompt in prompts)
    assert read["prompts"] == once if batch == 12 else once <= read["prompts"] < 2 * once


def test_the_time_is_shared_out():
    import time

    began = time.perf_counter()
    outputs = answered(Local(tiny(), "tiny", batch=4), records(), Sampling(max_tokens=20))
    whole = time.perf_counter() - began
    assert 0.5 * whole < sum(output.seconds for (output,) in outputs) <= whole


def failing_above(rows: int, monkeypatch, error: Exception) -> None:
    from neurosym.models.attention import SharedCache

    place = SharedCache.place

    def placed(cache, first, columns, width):
        if first + len(columns) > rows and columns.shape[1] == 1 and width > 30:  # well into the answers
            raise error
        place(cache, first, columns, width)

    monkeypatch.setattr(SharedCache, "place", placed)


MEMORY_ERRORS = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to …"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    MemoryError(),
]


@pytest.mark.parametrize("error", MEMORY_ERRORS, ids=lambda error: type(error).__name__)
def test_out_of_memory_halves_the_batch_and_changes_no_answer(error, monkeypatch):
    base, sampling = tiny(), Sampling(2, 1.0, 40)
    expected = texts(answered(Local(base, "tiny"), records(), sampling))
    failing_above(3, monkeypatch, error)
    local = Local(base, "tiny")
    assert texts(answered(local, records(), sampling)) == expected
    assert local.batch == 3


def test_out_of_memory_with_one_answer_is_one_clear_line(monkeypatch):
    failing_above(0, monkeypatch, MemoryError())
    with pytest.raises(UsageError, match="out of memory with one answer at a time"):
        answered(Local(tiny(), "tiny"), records(), Sampling(max_tokens=40))


def test_another_error_is_not_taken_for_want_of_memory(monkeypatch):
    failing_above(0, monkeypatch, RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        answered(Local(tiny(), "tiny"), records(), Sampling(max_tokens=40))


@pytest.mark.parametrize("take_all", [True, False])
def test_the_model_is_left_as_it_was(take_all):
    base = tiny()
    base.model.train()
    before = base.model.config._attn_implementation
    answers = Local(base, "tiny").answer(records(), Sampling(max_tokens=5))
    next(answers)
    assert not torch.is_inference_mode_enabled()
    if take_all:
        list(answers)
    answers.close()
    assert base.model.training and base.model.config._attn_implementation == before
    loss = base.model(torch.tensor([[1, 2, 3]]), labels=torch.tensor([[1, 2, 3]])).loss
    loss.backward()


def test_an_adapter_in_training_answers_with_its_weights():
    from peft import LoraConfig, get_peft_model

    base = tiny()
    plain = texts(answered(Local(base, "tiny"), records(), Sampling(max_tokens=20)))
    adapted = Base(get_peft_model(base.model, LoraConfig(target_modules="all-linear", r=4)), base.tokenizer, "tiny")
    assert texts(answered(Local(adapted, "tiny"), records(), Sampling(max_tokens=20))) == plain
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in adapted.model.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    changed = texts(answered(Local(adapted, "tiny"), records(), Sampling(max_tokens=20)))
    expected = [generated(adapted, prompt, 20, [258, 256]) for prompt in PROMPTS]
    assert changed == [[adapted.tokenizer.decode(tokens, skip_special_tokens=True)] for tokens in expected] != plain


def test_answers_come_as_they_finish():
    local = Local(tiny(), "tiny", batch=2)
    places = [place for place, _ in local.answer(records(), Sampling(max_tokens=10))]
    assert sorted(places) == list(range(len(PROMPTS))) != places


def test_no_records_no_answers():
    assert list(Local(tiny(), "tiny").answer([], Sampling())) == []


@pytest.mark.parametrize("config", ["MambaConfig", "BloomConfig", "GptOssConfig"])
def test_an_architecture_that_cannot_be_decoded_is_one_clear_line(config):
    base = tiny(config, **({"num_local_experts": 2} if config == "GptOssConfig" else {}))
    with pytest.raises(UsageError, match=r"cannot decode tiny.*transformers serve") as error:
        answered(Local(base, "tiny"), records(), Sampling(max_tokens=2))
    assert "\n" not in str(error.value)


def test_a_batch_below_one_is_refused():
    with pytest.raises(UsageError, match="at least 1"):
        Local(tiny(), "tiny", batch=0)


def waiting(*prompts: list[int]) -> list[Answer]:
    return [Answer(place, 0, prompt, 10, []) for place, prompt in enumerate(prompts)]


def test_two_domains_are_decoded_apart_if_there_is_enough_of_each():
    one = [[0] * 5 + [1] * 100 + [place] for place in range(10)]
    two = [[0] * 5 + [2] * 100 + [place] * 3 for place in range(10)]
    mixed = waiting(*(prompt for pair in zip(one, two, strict=True) for prompt in pair))
    apart = runs(mixed, 8)
    assert [{answer.prompt[5] for answer in run} for run in apart] == [{1}, {2}]
    assert len(runs(mixed, 64)) == 1, "two small runs would cost more than a short prefix"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=60), max_size=30), st.integers(1, 8))
def test_runs_hold_each_answer_once_longest_first(prompts, size):
    answers = waiting(*prompts)
    made = runs(answers, size)
    assert sorted(answer.place for run in made for answer in run) == list(range(len(prompts)))
    for run in made:
        assert [len(answer.prompt) for answer in run] == sorted((len(answer.prompt) for answer in run), reverse=True)


@pytest.mark.slow
def test_smollm2_answers_as_generate_does():
    pytest.importorskip("gguf")
    base = load_base("smollm2", dtype="fp32", device="cpu")
    task = ns.domain("blocksworld", blocks=3)
    prompts = [task.prompt(task.sample(ns.stream("smollm2", item))) for item in range(3)]
    local = Local(base, "smollm2", batch=2)
    outputs = answered(local, records(prompts), Sampling(max_tokens=12))
    for prompt, (output,) in zip(prompts, outputs, strict=True):
        expected = generated(base, prompt, 12, sorted(local.stops))
        assert output.text == base.tokenizer.decode(expected, skip_special_tokens=True)
