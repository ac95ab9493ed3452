"""LoRA layers in one step: peft's result, peft's modules, and hands off what is more than a plain LoRA."""

from __future__ import annotations

import copy

import pytest

from neurosym.training.lora import fuse

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")


class Two(torch.nn.Module):
    """Two layers, one of them with a bias."""

    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(12, 20), torch.nn.Linear(20, 7, bias=False)

    def forward(self, states):
        return self.second(torch.tanh(self.first(states)))


def adapted(dtype=None, **changed):
    torch.manual_seed(0)
    config = peft.LoraConfig(r=3, lora_alpha=5, target_modules=["first", "second"], **changed)
    model = peft.get_peft_model(Two().to(dtype or torch.float64), config, autocast_adapter_dtype=dtype is not None)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.normal_()
    return model


def gradients(model, states) -> list:
    states = states.clone().requires_grad_()
    model.zero_grad()
    output = model(states)
    output.square().sum().backward()
    return [output, states.grad, *(weight.grad for weight in model.parameters() if weight.grad is not None)]


def test_output_and_gradients_are_those_of_peft():
    plain, fused = adapted(), adapted()
    assert fuse(fused) == 2
    states = torch.randn(2, 5, 12, dtype=torch.float64)
    one, two = gradients(plain, states), gradients(fused, states)
    assert len(one) == len(two) == 6
    assert all(torch.allclose(a, b, rtol=1e-10) for a, b in zip(one, two, strict=True))


def test_under_autocast_it_is_as_near_to_fp32_as_peft():
    exact = adapted(torch.float32)
    states = torch.randn(64, 12)
    expected = gradients(exact, states)
    errors = []
    for prepare in (lambda model: 0, fuse):
        model = adapted(torch.bfloat16)
        for ours, theirs in zip(model.parameters(), exact.parameters(), strict=True):
            ours.data.copy_(theirs.data)
        prepare(model)
        with torch.autocast("cpu", torch.bfloat16):
            found = gradients(model, states)
        assert all(weight.grad.dtype is torch.float32 for weight in model.parameters() if weight.requires_grad)
        errors.append(max(((a - b).norm() / b.norm()).item() for a, b in zip(found, expected, strict=True)))
    assert errors[1] < 0.03 and errors[1] < 1.5 * errors[0]


def test_less_is_kept_for_the_backward_pass():
    def kept(model) -> int:
        held = []  # kept alive, so that no two have one address
        keep = torch.autograd.graph.saved_tensors_hooks(lambda t: held.append(t) or t, lambda t: t)
        with keep, torch.autocast("cpu", torch.bfloat16):
            model(torch.randn(512, 12))
        return sum({t.data_ptr(): t.nbytes for t in held}.values())

    plain, fused = adapted(torch.bfloat16), adapted(torch.bfloat16)
    fuse(fused)
    assert kept(fused) < 0.8 * kept(plain)


def test_what_is_more_than_a_plain_lora_is_left_to_peft():
    assert fuse(adapted(lora_dropout=0.1)) == 0
    assert fuse(adapted(use_dora=True)) == 0
    assert fuse(torch.nn.Linear(2, 2)) == 0


def test_disabling_merging_and_saving_know_nothing_of_it(tmp_path):
    plain, fused = adapted(), adapted()
    fuse(fused)
    states = torch.randn(4, 12, dtype=torch.float64)
    with plain.disable_adapter(), fused.disable_adapter():
        assert torch.equal(plain(states), fused(states))
    before = fused(states)
    assert not torch.allclose(before, Two().double()(states))
    fused.merge_adapter()
    assert torch.allclose(fused(states), before)
    fused.unmerge_adapter()
    assert torch.allclose(fused(states), before)
    assert torch.equal(copy.deepcopy(fused)(states), fused(states))
    one, two = (peft.get_peft_model_state_dict(model) for model in (plain, fused))
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
