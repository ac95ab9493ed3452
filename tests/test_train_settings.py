"""What a training run is told: every value is checked before anything heavy is loaded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import pytest
from conftest import one_line_error, run

from neurosym.errors import UsageError
from neurosym.train import parser
from neurosym.training.settings import TrainSettings, from_flags, settings_of


def told(*arguments: str) -> TrainSettings:
    return from_flags(parser().parse_args(list(arguments)))


def test_a_lake_is_all_that_must_be_said():
    settings = told("lake", "--out", "adapter")
    assert (settings.lake, settings.out, settings.base) == ("lake", "adapter", "smollm2")
    assert settings == settings_of({"lake": "lake"})


def test_every_key_is_a_flag_and_is_explained():
    page = " ".join(parser().format_help().split())
    for item in fields(TrainSettings):
        assert (f"--{item.name.replace('_', '-')}" in page) == (item.name != "lake")
        assert item.metadata["meaning"]


def test_flags_win_over_the_file_and_the_file_over_the_defaults(tmp_path):
    file = tmp_path / "train.toml"
    file.write_text('lake = "a"\nsteps = 5\nrank = 4\npacking = false\ndomains = ["blocksworld"]\nlearning_rate = 1\n')
    settings = told("--config", str(file), "--steps", "7", "--targets", "q_proj,v_proj", "--learning-rate", "2e-3")
    assert (settings.lake, settings.steps, settings.rank, settings.packing) == ("a", 7, 4, False)
    assert settings.domains == ("blocksworld",) and settings.targets == ("q_proj", "v_proj")
    assert settings.learning_rate == 2e-3 and settings.seed == 0
    assert told("b", "--config", str(file), "--packing").lake == "b"
    assert told("b", "--config", str(file), "--packing").packing


def test_a_number_is_one_value_however_it_is_written():
    whole, fraction = settings_of({"lake": "a", "alpha": 32}), settings_of({"lake": "a", "alpha": 32.0})
    assert whole.identity("") == fraction.identity("") and isinstance(whole.alpha, float)


def test_the_place_of_lake_and_output_is_no_part_of_a_run():
    one, other = settings_of({"lake": "a", "out": "x"}), settings_of({"lake": "b", "out": "y"})
    assert one.identity("digest") == other.identity("digest") != one.identity("other digest")
    assert one.identity("") != settings_of({"lake": "a", "seed": 1}).identity("")


def test_a_base_in_a_folder_is_the_same_from_everywhere(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert settings_of({"lake": "a", "base": "mine"}).base == str(tmp_path / "mine")
    assert settings_of({"lake": "a", "base": "an/id"}).base == "an/id"


BAD = [
    ({"steps": -1}, "steps must be a whole number in 0..10,000,000, not '-1'"),
    ({"steps": 1.5}, "steps must be a whole number"),
    ({"steps": True}, "steps must be a whole number"),
    ({"steps": 3, "epochs": 1}, "steps or epochs, not both"),
    ({"learning_rate": float("nan")}, "learning_rate must be a number in 0..1, not 'nan'"),
    ({"learning_rate": "fast"}, "learning_rate must be a number in 0..1"),
    ({"learning_rate": 2}, "learning_rate must be"),
    ({"batch_tokens": 0}, "batch_tokens must be a whole number in 16.."),
    ({"pack_length": 10**9}, "pack_length must be"),
    ({"schedule": "cosin"}, "schedule must be one of cosine, linear, constant, not 'cosin'"),
    ({"precision": "int8"}, "precision must be one of auto, bf16, fp16, fp32"),
    ({"device": "tpu"}, "device must be one of"),
    ({"warmup": 1.5}, "warmup must be a number in 0..1"),
    ({"dropout": 1}, "dropout must be"),
    ({"rank": 0}, "rank must be"),
    ({"targets": ["a", "a"]}, "targets must be a list of different names"),
    ({"targets": 3}, "targets must be"),
    ({"targets": ()}, "targets must be named"),
    ({"packing": "yes"}, "packing must be true or false"),
    ({"domains": ["bloksworld"]}, "did you mean 'blocksworld'"),
    ({"base": ""}, "base must be named"),
    ({"lake": ""}, "lake must be named"),
    ({"out": 3}, "out must be text"),
    ({"out": "s3://bucket/adapter"}, "out must be a local folder"),
    ({"precision": "fp16", "device": "cpu"}, "fp16 needs a GPU"),
    ({"qlora": True, "device": "cpu"}, "qlora needs a GPU"),
    ({"ranks": 3}, "unknown key 'ranks': did you mean 'rank'"),
]


@pytest.mark.parametrize(("given", "why"), BAD, ids=lambda value: str(value)[:40])
def test_bad_values_name_the_key_and_its_range(given, why):
    with pytest.raises(UsageError) as caught:
        settings_of({"lake": "lake"} | given)
    assert why in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--steps", "many"], "steps must be a whole number"),
        (["--learning-rate", "1e9"], "learning_rate must be a number in 0..1"),
        (["--packing", "no"], "unrecognized arguments"),
        (["--config", "/no/such/file.toml"], "no settings file"),
        (["--out", ""], "out must be named"),
        (["--rate", "3"], "unrecognized arguments: --rate"),
    ],
)
def test_bad_flags_are_one_line(tmp_path, arguments, why):
    assert why in one_line_error(run("train", "lake", *arguments, cwd=tmp_path), 2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stepz = 3", "unknown key 'stepz': did you mean 'steps'"),
        ("steps = [", "not a TOML file"),
        ("[steps]\nx = 1", "steps must be a whole number"),
        ("steps = '3'", "steps must be a whole number"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path, text, why):
    (tmp_path / "train.toml").write_text(text)
    assert why in one_line_error(run("train", "lake", "--config", "train.toml", cwd=tmp_path), 2)


def test_bytes_that_are_no_text_are_one_line(tmp_path):
    (tmp_path / "train.toml").write_bytes(b'base = "\xff"')
    assert "not a TOML file" in one_line_error(run("train", "lake", "--config", "train.toml", cwd=tmp_path), 2)


def test_nothing_heavy_is_loaded_to_refuse_a_value():
    code = (
        "import sys, neurosym.train as t\n"
        "try: t('lake', rank=0)\n"
        "except Exception as error: print(error)\n"
        "heavy = {'torch', 'transformers', 'peft', 'pyarrow', 'numpy'}\n"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("rank must be a whole number"), done
