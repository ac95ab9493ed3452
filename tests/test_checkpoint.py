"""Checkpoints: what was saved comes back bit for bit, whatever instant the writer was killed at."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from neurosym.errors import UsageError
from neurosym.training import checkpoint
from neurosym.training.checkpoint import Checkpoint, finish, identity, latest, save

torch = pytest.importorskip("torch")


def made(step: int) -> Checkpoint:
    generator = torch.Generator().manual_seed(step)
    weights = {
        "single": torch.randn(7, 3, generator=generator),
        "half": torch.randn(5, generator=generator).bfloat16(),
        "turned": torch.randn(4, 2, generator=generator).t(),
        "count": torch.tensor(step),
    }
    return Checkpoint({"seed": 1}, {"step": step, "loss": 0.1 + 0.2, "tiny": 5e-324}, {"weights": weights, "best": {}})


def same(one: Checkpoint | None, other: Checkpoint) -> bool:
    return (
        one is not None
        and (one.identity, one.state) == (other.identity, other.state)
        and one.tensors.keys() == other.tensors.keys()
        and all(one.tensors[group].keys() == other.tensors[group].keys() for group in one.tensors)
        and all(
            each.dtype == other.tensors[group][name].dtype and torch.equal(each, other.tensors[group][name])
            for group, tensors in one.tensors.items()
            for name, each in tensors.items()
        )
    )


def test_what_was_saved_comes_back_bit_for_bit(tmp_path):
    assert latest(tmp_path) is None and identity(tmp_path) is None
    for step in (1, 2):
        save(tmp_path, made(step))
        assert same(latest(tmp_path), made(step)) and identity(tmp_path) == {"seed": 1}
    assert len(list((tmp_path / "checkpoint").iterdir())) == 1


class Killed(BaseException):
    """The process ends here: nothing after it is done."""


def kill_after(monkeypatch, calls: int) -> None:
    """Let the process die at its (`calls` + 1)-th change of the disk, with files half written before it."""
    left = calls

    def dying(real, torn=None):
        def change(*arguments, **named):
            nonlocal left
            if left == 0:
                if torn:
                    torn(*arguments)
                raise Killed
            left -= 1
            return real(*arguments, **named)

        return change

    import safetensors.torch

    def half_a_file(_, path):
        Path(path).write_bytes(b"\x10\x00")

    def half_a_text(path, text):
        path.write_bytes(text[: len(text) // 2].encode())

    def half_a_folder(path, **_):
        for file in [file for file in Path(path).rglob("*") if file.is_file()][:1]:
            file.unlink()

    monkeypatch.setattr(safetensors.torch, "save_file", dying(safetensors.torch.save_file, half_a_file))
    monkeypatch.setattr(Path, "write_text", dying(Path.write_text, half_a_text))
    monkeypatch.setattr(Path, "rename", dying(Path.rename))
    monkeypatch.setattr(Path, "mkdir", dying(Path.mkdir))
    monkeypatch.setattr(checkpoint, "sync", dying(checkpoint.sync))
    monkeypatch.setattr(shutil, "rmtree", dying(shutil.rmtree, half_a_folder))


def test_killed_at_any_instant_the_old_or_the_new_one_is_there(tmp_path):
    out, instants = tmp_path / "out", 0
    while True:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        save(out, made(1))
        with pytest.MonkeyPatch.context() as patch:
            kill_after(patch, instants)
            try:
                save(out, made(2))
                died = False
            except Killed:
                died = True
        found = latest(out)
        assert same(found, made(2)) if not died else same(found, made(1)) or same(found, made(2)), instants
        save(out, made(3))  # and the next run goes on from there
        assert same(latest(out), made(3)) and len(list((out / "checkpoint").iterdir())) == 1
        if not died:
            break
        instants += 1
    assert instants >= 10


def test_killed_at_any_instant_of_the_end_no_half_checkpoint_is_believed(tmp_path):
    for instant in range(5):
        out = tmp_path / str(instant)
        out.mkdir()
        save(out, made(1))
        with pytest.MonkeyPatch.context() as patch:
            kill_after(patch, instant)
            try:
                finish(out)
                died = False
            except Killed:
                died = True
        assert latest(out) is None or same(latest(out), made(1))
        finish(out)
        assert latest(out) is None and not list(out.iterdir())
    assert not died


def test_nothing_to_finish_is_no_error(tmp_path):
    finish(tmp_path)
    assert not list(tmp_path.iterdir())


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", ["weights.safetensors", "state.json"])
@pytest.mark.parametrize("damage", [torn, flipped, Path.unlink, lambda path: path.write_text("[]")])
def test_damage_is_one_line_that_says_what_to_do(tmp_path, name, damage):
    save(tmp_path, made(1))
    damage(next((tmp_path / "checkpoint").rglob(name)))
    with pytest.raises(UsageError) as caught:
        latest(tmp_path)
    message = str(caught.value)
    assert "is damaged: remove" in message and len(" ".join(message.split())) < 400


def test_the_one_before_serves_where_the_newest_is_damaged(tmp_path):
    save(tmp_path, made(1))
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "checkpoint" / "00000001", kept)
    save(tmp_path, made(2))
    kept.rename(tmp_path / "checkpoint" / "00000001")
    flipped(tmp_path / "checkpoint" / "00000002" / "weights.safetensors")
    assert same(latest(tmp_path), made(1))


def test_nothing_that_is_no_number_is_saved(tmp_path):
    save(tmp_path, made(1))
    with pytest.raises(ValueError):
        save(tmp_path, Checkpoint({}, {"loss": math.nan}, {}))
    with pytest.raises(ValueError):
        save(tmp_path, Checkpoint({"rate": math.inf}, {}, {}))
    assert same(latest(tmp_path), made(1))


def test_an_optimizer_goes_on_as_if_nothing_had_happened():
    def setting():
        torch.manual_seed(0)
        layer = torch.nn.Linear(3, 2)
        return layer, torch.optim.AdamW(layer.parameters(), lr=0.1, fused=True)

    def step(layer, optimizer, number):
        layer(torch.full((1, 3), float(number))).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    one, optimizer = setting()
    for number in range(3):
        step(one, optimizer, number)
    tensors = {name: each.clone() for name, each in checkpoint.optimizer_tensors(optimizer).items()}
    other, resumed = setting()
    other.load_state_dict(one.state_dict())
    checkpoint.restore_optimizer(resumed, tensors)
    for number in range(3, 6):
        step(one, optimizer, number)
        step(other, resumed, number)
    assert torch.equal(one.weight, other.weight) and torch.equal(one.bias, other.bias)
