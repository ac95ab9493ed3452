"""Packs: nothing lost, nothing seen that is not one's own, and exactly the loss and gradients of each example alone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.errors import UsageError
from neurosym.training import attention, loss, packing
from neurosym.training.examples import Example
from neurosym.training.loss import pack_loss
from neurosym.training.packing import Batch, Pack, _bands, batches, common, packs, tensors

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

VOCABULARY = 97


def made(seed: int, prefix: range, count: int, longest: int = 30) -> list[Example]:
    """Examples with a common beginning and random rests."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        tokens = [*prefix, *rng.choices(range(VOCABULARY), k=rng.randint(2, longest))]
        found.append(Example(tuple(tokens), rng.randint(max(1, len(prefix)), len(tokens) - 1)))
    return found


def mixed(seed: int = 0) -> list[Example]:
    """Two domains, several answers to one problem, and an example like no other."""
    several = [Example((*range(10, 40), 7, *rest), 31) for rest in ((1, 2), (1, 3, 4), (5,), (5,))]
    return (
        made(seed, range(10, 40), 10)
        + made(seed + 3, range(10, 40), 2, 120)
        + made(seed + 1, range(60, 70), 9)
        + several
        + made(seed + 2, range(0), 1)
    )


# Which example goes where

token_lists = st.lists(st.integers(0, 3), min_size=2, max_size=12)
example_lists = st.lists(
    token_lists.flatmap(lambda tokens: st.integers(1, len(tokens) - 1).map(lambda cut: Example(tuple(tokens), cut))),
    max_size=30,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(example_lists, st.integers(1, 40), st.integers(0, 3))
def test_each_example_is_in_one_pack_that_is_not_too_long(examples, length, seed):
    found = packs(examples, length, random.Random(seed))
    assert Counter(example for pack in found for example in pack.examples) == Counter(examples)
    for pack in found:
        assert pack.length <= length or len(pack.examples) == 1
    assert found == packs(examples, length, random.Random(seed))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(example_lists, st.integers(1, 40), st.integers(0, 3))
def test_each_example_is_in_one_batch_that_is_not_too_long(examples, length, seed):
    found = batches(examples, length, random.Random(seed))
    assert Counter(example for batch in found for example in batch.examples) == Counter(examples)
    for batch in found:
        assert batch.length <= length or len(batch.examples) == 1
    assert found == batches(examples, length, random.Random(seed))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(example_lists.filter(bool))
def test_a_pack_shows_each_example_exactly_its_own_tokens(examples):
    pack = Pack(tuple(examples))
    inputs, prefix = tensors(pack), pack.prefix
    seen = list(zip(inputs.tokens[0].tolist(), inputs.positions[0].tolist(), strict=True))
    assert len(seen) == pack.length
    rows, start = [], prefix
    for band in inputs.layout.bands:
        end = start + len(band.places)
        behind = dict(zip(band.places.tolist(), seen[start:end], strict=True))
        assert len(behind) == end - start
        for first in range(0, band.rows * band.width, band.width):
            rows.append([behind[place] for place in range(first, first + band.width) if place in behind])
        start = end
    assert start == len(seen)
    rows += [[]] * (len(examples) - len(rows))  # of examples that are nothing but prefix
    whole = [seen[:prefix] + row for row in rows]
    assert sorted(whole) == sorted(
        list(zip(example.tokens[:-1], range(len(example.tokens)), strict=False)) for example in examples
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 2000), max_size=40).map(sorted))
def test_bands_pad_little(lengths):
    bands = list(_bands(lengths))
    assert [length for band in bands for length in band] == [length for length in lengths if length]
    for band in bands:
        assert sum(band) >= len(band) * (band[-1] - 32) / 2


@settings(max_examples=300, deadline=None, derandomize=True)
@given(example_lists.filter(bool), st.sampled_from([Pack, Batch]))
def test_predictors_predict_the_completion_and_nothing_else(examples, kind):
    together = kind(tuple(examples))
    inputs = tensors(together)
    examples = sorted(examples, key=lambda example: len(example.tokens))
    assert inputs.targets.tolist() == [token for example in examples for token in example.tokens[example.prompt :]]
    seen, place = inputs.tokens.flatten().tolist(), inputs.positions.flatten().tolist()
    predictors = iter(inputs.predictors.tolist())
    for example in examples:
        for position in range(example.prompt - 1, len(example.tokens) - 1):
            predictor = next(predictors)
            assert (seen[predictor], place[predictor]) == (example.tokens[position], position)
    assert next(predictors, None) is None


def test_a_single_example_is_all_prefix():
    pack = Pack((Example((1, 2, 3, 4), 2),))
    assert (pack.prefix, pack.length, pack.useful, tensors(pack).layout.bands) == (3, 3, 4, ())


def test_several_answers_to_one_problem_share_the_prompt():
    one, two, same = Example((1, 2, 3, 8, 9), 3), Example((1, 2, 3, 7), 3), Example((1, 2, 3, 7), 3)
    pack = Pack((one, two, same))
    assert (pack.prefix, pack.length) == (3, 4)
    assert tensors(pack).predictors.tolist() == [2, 2, 2, 3]


def test_an_example_longer_than_a_pack_has_one_of_its_own():
    long, short = Example(tuple(range(50)), 3), Example((90, 91, 92), 1)
    assert {pack.examples for pack in packs([long, short, short], 10, random.Random(0))} == {(long,), (short, short)}


def test_domains_are_packed_apart_and_small_families_are_not():
    rules = [range(100, 160), range(100, 120), range(200, 260)]  # the first two begin alike
    examples = [example for seed, prefix in enumerate(rules) for example in made(seed, prefix, 60)]
    found = packs(examples, 256, random.Random(0))
    for pack in found:
        starts = {tuple(example.tokens[:60]) == tuple(rules[0]) for example in pack.examples}
        assert len(starts) == 1 and pack.prefix >= 20
    # What the family with one letter in common would save is less than what a half-empty pack costs.
    letters = [
        replace(example, tokens=(1, *example.tokens), prompt=example.prompt + 1) for example in made(0, range(0), 60)
    ]
    fullest = packs(letters, 256, random.Random(0))
    assert sum(pack.length for pack in fullest) > 0.9 * 256 * (len(fullest) - 1)


def test_packs_are_full_and_share():
    examples = made(0, range(60), 400, longest=40)
    found = packs(examples, 512, random.Random(0))
    assert sum(pack.length for pack in found) > 0.97 * 512 * (len(found) - 1)
    assert sum(pack.useful for pack in found) > 3 * sum(pack.length for pack in found)


def test_another_stream_packs_otherwise():
    examples = made(0, range(20), 50)
    assert packs(examples, 200, random.Random(0)) != packs(examples, 200, random.Random(1))


def test_batches_pad_little():
    found = batches(made(0, range(0), 500, longest=100), 1000, random.Random(0))
    padded, used = sum(batch.length for batch in found), sum(batch.useful - len(batch.examples) for batch in found)
    assert padded < 1.05 * used
    assert [max(len(example.tokens) for example in batch.examples) for batch in found] != sorted(
        max(len(example.tokens) for example in batch.examples) for batch in found
    )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(token_lists, token_lists)
def test_common_prefix(first, second):
    found = common(first, second)
    assert first[:found] == second[:found]
    assert found == min(len(first), len(second)) or first[found] != second[found]


def test_a_hundred_thousand_examples_are_packed_in_seconds():
    import time

    examples = made(0, range(200), 2000) * 10
    start = time.thread_time()
    packs(examples, 1024, random.Random(0))
    assert time.thread_time() - start < 5


# Loss and gradients


def tiny(seed: int = 0):
    """A Llama with LoRA on all its layers, in float64, none of whose weights is zero."""
    torch.manual_seed(seed)
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = transformers.LlamaConfig(vocab_size=VOCABULARY, num_key_value_heads=2, **shape)
    model = transformers.LlamaForCausalLM(config).double()
    adapted = peft.get_peft_model(
        model, peft.LoraConfig(r=4, target_modules="all-linear"), autocast_adapter_dtype=False
    )
    with torch.no_grad():
        for weight in adapted.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 0.2)
    return adapted.train()


def of_all(model, together) -> tuple[float, int, list]:
    """Loss, number of tokens and gradients, summed over packs or batches."""
    model.zero_grad()
    total, count = 0.0, 0
    for each in together:
        nll, tokens = pack_loss(model, each)
        nll.backward()
        total, count = total + nll.item(), count + tokens
    return total, count, [weight.grad.clone() for weight in model.parameters() if weight.requires_grad]


def of_each(model, examples) -> tuple[float, int, list]:
    """The same by the model's own forward pass, one example at a time, with no code of ours."""
    model.zero_grad()
    total, count = 0.0, 0
    for example in examples:
        logits = model(input_ids=torch.tensor([example.tokens])).logits[0, example.prompt - 1 : -1]
        nll = torch.nn.functional.cross_entropy(logits, torch.tensor(example.tokens[example.prompt :]), reduction="sum")
        if nll.requires_grad:
            nll.backward()
        total, count = total + nll.item(), count + len(logits)
    return total, count, [weight.grad.clone() for weight in model.parameters() if weight.grad is not None]


def agree(one, other) -> bool:
    """Within what transformers' own fp32 norms leave of float64."""
    return (
        one[0] == pytest.approx(other[0], rel=1e-6)
        and one[1] == other[1]
        and all(torch.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(one[2], other[2], strict=True))
    )


@pytest.mark.parametrize("seed", range(3))
def test_packed_loss_and_gradients_are_those_of_each_example_alone(seed):
    examples = mixed(seed)
    expected = of_each(tiny(seed), examples)  # before anything of ours has touched the model
    assert all(gradient.abs().max() > 0.01 for gradient in expected[2])
    packed = packs(examples, 120, random.Random(seed))
    assert len(packed) > 2 and any(len(pack.examples) > 2 and pack.prefix >= 10 for pack in packed)
    assert agree(of_all(tiny(seed), packed), expected)
    assert agree(of_all(tiny(seed), batches(examples, 120, random.Random(seed))), expected)


@pytest.mark.parametrize("limit", ["QUERIES", "MOST_KEYS"])
def test_attention_in_blocks_and_by_pytorchs_own_is_the_same(monkeypatch, limit):
    monkeypatch.setattr(attention, limit, 7)
    examples = mixed()
    assert agree(of_all(tiny(), packs(examples, 120, random.Random(0))), of_each(tiny(), examples))


def test_the_whole_model_learns_from_packs_too():
    def whole():
        torch.manual_seed(0)
        config = transformers.LlamaConfig(
            vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2,
            tie_word_embeddings=True,
        )  # fmt: skip
        return transformers.LlamaForCausalLM(config).double()

    examples = mixed()
    assert agree(of_all(whole(), packs(examples, 120, random.Random(0))), of_each(whole(), examples))


def test_a_wrong_mask_would_fail(monkeypatch):
    """The comparison above can fail: with plain causal attention over the pack, and with positions that go on."""
    examples = mixed()
    expected = of_each(tiny(), examples)
    right = packing.tensors

    def without_mask(batch, device="cpu"):
        inputs = right(batch, device)
        return replace(inputs, layout=attention.Layout(batch.length, ()))

    def without_positions(batch, device="cpu"):
        inputs = right(batch, device)
        return replace(inputs, positions=torch.arange(batch.length)[None])

    packed = packs(examples, 120, random.Random(0))
    for wrong in (without_mask, without_positions):
        model = tiny()
        pack_loss(model, packed[0])  # the trial of a new model would refuse it
        monkeypatch.setattr(loss, "tensors", wrong)
        assert not agree(of_all(model, packed), expected)
        with pytest.raises(UsageError, match="together give other logits"):
            pack_loss(tiny(), packed[0])
        monkeypatch.setattr(loss, "tensors", right)


def test_the_smallest_leak_is_refused(monkeypatch):
    """Too small to show in the logits, but there."""
    right = attention.attend

    def leaking(*args, **named):
        output, weights = right(*args, **named)
        return output + 1e-9 * output.cumsum(1), weights

    monkeypatch.setattr(attention, "attend", leaking)
    with pytest.raises(UsageError, match=r"an example sees another.*packing = false"):
        pack_loss(tiny(), Pack(tuple(mixed()[:3])))


FAMILIES = {
    "Qwen3": {"head_dim": 8},
    "Gemma3": {"head_dim": 8},
    "Granite": {"logits_scaling": 4.0},
    "Cohere": {"logit_scale": 0.25, "eos_token_id": 1},
    "Mixtral": {"num_local_experts": 4},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 128},
    "Mistral": {"sliding_window": 6},
    "Gemma2": {"head_dim": 8},
    "Mamba": {"eos_token_id": 1},
}
REFUSED = {"Mistral": "window 6", "Gemma2": "softcap", "Mamba": "ValueError"}


def of_family(family: str):
    config = getattr(transformers, {"Gemma3": "Gemma3TextConfig"}.get(family, f"{family}Config"))
    model = getattr(transformers, {"GPT2": "GPT2LMHeadModel"}.get(family, f"{family}ForCausalLM"))
    torch.manual_seed(0)
    sizes = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2}
    if family not in ("GPT2", "Mamba"):
        sizes |= {"intermediate_size": 48, "num_attention_heads": 4, "num_key_value_heads": 2}
    made = model(config(**sizes | FAMILIES[family], pad_token_id=0, bos_token_id=1))
    with torch.no_grad():
        for weight in made.parameters():
            if weight.ndim > 1:
                weight.normal_(0, 0.2)
    return made


@pytest.mark.parametrize("family", FAMILIES)
def test_other_families_agree_or_are_refused(family):
    examples, model = mixed()[:14], of_family(family)
    before = model.config._attn_implementation
    with torch.no_grad():
        expected, count, _ = of_each(model.eval(), examples)
        packed = packs(examples, 120, random.Random(0))
        if family in REFUSED:
            with pytest.raises(UsageError, match=rf"{REFUSED[family]}.*set packing = false"):
                pack_loss(model, packed[0])
            assert model.config._attn_implementation == before
            packed = batches(examples, 120, random.Random(0))
        losses = [pack_loss(model, each) for each in packed]
    assert sum(tokens for _, tokens in losses) == count
    assert sum(float(nll) for nll, _ in losses) == pytest.approx(expected, rel=1e-5)


def test_the_head_sees_the_predictors_only_and_a_part_at_a_time(monkeypatch):
    model, examples = tiny(), mixed()
    pack_loss(model, Pack(tuple(examples)))  # the trial of a new model is over
    expected = of_all(model, [Pack(tuple(examples))])
    monkeypatch.setattr(loss, "LOGITS", 10 * VOCABULARY)
    rows: list[int] = []
    model.get_output_embeddings().register_forward_hook(lambda module, given, output: rows.append(len(output)))
    assert agree(of_all(model, [Pack(tuple(examples))]), expected)
    assert sum(rows) == expected[1] and set(rows[:-1]) == {10}


def test_without_gradients_it_is_the_same_loss():
    model, pack = tiny(), Pack(tuple(mixed()))
    with torch.no_grad():
        nll, count = pack_loss(model, pack)
    assert not nll.requires_grad
    assert (nll.item(), count) == pytest.approx(of_all(model, [pack])[:2])


def test_the_model_goes_on_generating_as_before():
    model, prompt = tiny().eval(), torch.tensor([[0, 0, 5, 6, 7], [1, 2, 3, 4, 5]])
    asked = {"attention_mask": (prompt > 0).long(), "max_new_tokens": 8, "do_sample": False, "pad_token_id": 0}
    before = model.generate(prompt, **asked).tolist()
    pack_loss(model, Pack(tuple(mixed())))
    assert model.generate(prompt, **asked).tolist() == before


@pytest.mark.parametrize("checkpointing", [False, True])
def test_bf16_autocast_is_near_and_checkpointing_the_same(checkpointing):
    """What a CPU and a GPU train with: weights in bf16, adapters in fp32, autocast."""
    examples = mixed()
    packed = packs(examples, 120, random.Random(0))
    expected = of_all(tiny(), packed)
    model = tiny().to(torch.bfloat16)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data = weight.data.float()
    if checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable({"use_reentrant": False})
    with torch.autocast("cpu", torch.bfloat16):
        found = of_all(model, packed)
    assert found[0] == pytest.approx(expected[0], rel=0.01)
    assert all(torch.isfinite(gradient).all() for gradient in found[2])
    near = [
        torch.nn.functional.cosine_similarity(a.flatten().double(), b.flatten(), dim=0)
        for a, b in zip(found[2], expected[2], strict=True)
    ]
    assert min(near) > 0.98


def test_packing_twice_gives_the_same_bits():
    packed = packs(mixed(), 120, random.Random(0))
    one, two = of_all(tiny(), packed), of_all(tiny(), packed)
    assert one[0] == two[0] and all(torch.equal(a, b) for a, b in zip(one[2], two[2], strict=True))


@pytest.mark.slow
def test_a_compiled_model_gives_the_same():
    packed = packs(mixed(), 120, random.Random(0))[:2]
    expected, model = of_all(tiny(), packed), tiny()
    model.get_base_model().get_decoder().compile(dynamic=True, backend="aot_eager")
    assert agree(of_all(model, packed), expected)
