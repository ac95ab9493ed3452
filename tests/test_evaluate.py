"""Asking and judging: what is asked, what is kept whatever happens, and what every strange answer becomes."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import one_line_error, run
from pyarrow import parquet
from reference_simulators import blocksworld_valid

import neurosym as ns
import neurosym.evaluate
from neurosym.cluster import InProcess, WorkerDied
from neurosym.core import Record
from neurosym.errors import UsageError
from neurosym.evaluate import evaluate
from neurosym.evaluation import run as evaluation_run
from neurosym.evaluation.compare import read_asked
from neurosym.evaluation.problems import fresh, from_lake
from neurosym.evaluation.run import rejudge
from neurosym.lake import Lake
from neurosym.models import Output, Sampling
from neurosym.models.reference import RandomAnswer
from neurosym.models.saved import to_line


class Scripted:
    """Says what `says` returns for a record and the number of the sample; `asked` lists the records it was asked."""

    name = "scripted"

    def __init__(self, says: Callable[[Record, int], Output | BaseException]) -> None:
        self.says, self.asked = says, []

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Iterator[tuple[int, tuple[Output, ...]]]:
        for place, record in reversed(list(enumerate(records))):
            self.asked.append(record.problem.id)
            outputs = [self.says(record, number) for number in range(sampling.samples)]
            for output in outputs:
                if isinstance(output, BaseException):
                    raise output
            yield place, tuple(outputs)


def noisy(record: Record, number: int) -> Output:
    """Right in half of all cases, else a plan or an assignment that is cut off or has a word replaced."""
    rng = random.Random(f"{record.problem.id} {number}")
    words = record.completion.split(" ")
    if rng.random() < 0.3:
        words[rng.randrange(len(words))] = rng.choice(record.completion.split(" "))
    text = " ".join(words) if rng.random() < 0.7 else record.completion.rpartition("\n")[0]
    return Output(text, tokens=len(words), seconds=0.25, logprob=-rng.random() * len(words))


def without_effort(text: str) -> dict:
    return {key: value for key, value in json.loads(text).items() if key != "effort"}


# What is asked


def test_a_lake_gives_a_fixed_share_of_each_domain(lake):
    asked = from_lake(lake, "train", 60, seed=0)
    domains = [record.problem.domain for record in asked.records]
    assert {name: domains.count(name) for name in set(domains)} == dict.fromkeys(
        ("blocksworld", "linear_integer", "random_ksat"), 20
    )
    assert asked.digest == from_lake(lake, "train", 60, seed=0).digest != from_lake(lake, "train", 60, seed=1).digest
    few = from_lake(lake, "test", 10_000, seed=0)
    assert len(few.records) == sum(entry["rows"] for entry in lake.files(split="test"))


def test_fresh_problems_share_no_canonical_form():
    tasks = [ns.domain("blocksworld", blocks=4), ns.domain("random_ksat")]
    asked = fresh(tasks, 41, seed=9)
    assert len({record.canonical_id for record in asked.records}) == len(asked.records) == 41
    assert asked.digest == fresh(tasks, 41, seed=9).digest
    assert "blocksworld blocks=4, random_ksat" in asked.questions


def test_renamings_are_proved_different_and_of_one_form(lake):
    asked = from_lake(lake, "test", 6, seed=0, renamings=4)
    forms = {record.canonical_id for record in asked.records}
    assert len(forms) == 6 and len({record.problem.id for record in asked.records}) == len(asked.records) == 24
    assert all(ns.judge(record, record.completion).proved for record in asked.records)
    found = evaluate("oracle", lake, count=6, renamings=4)
    assert (found.problems, found.forms, found.validity.value) == (24, 6, 1.0)


def test_a_domain_that_cannot_rename_or_does_it_wrongly_is_refused(lake, monkeypatch):
    domain = type(ns.domain("random_ksat"))
    monkeypatch.setattr(domain, "renamed", lambda self, problem, claim, rng: None)
    with pytest.raises(UsageError, match="leave --renamings out"):
        fresh([domain()], 2, seed=0, renamings=2)
    other = next(lake.records("random_ksat"))
    monkeypatch.setattr(domain, "renamed", lambda self, problem, claim, rng: (other.problem, other.claim))
    with pytest.raises(UsageError, match=r"renames [0-9a-f]+ wrongly"):
        fresh([domain()], 2, seed=0, renamings=2)


def test_what_a_model_was_trained_on_is_not_asked(lake, tmp_path, monkeypatch):
    """The canonical forms decide: a renamed copy of a training problem is left out too."""
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "neurosym.json").write_text("{}")
    every = list(from_lake(lake, "test", 10_000, 0).records)
    model = Scripted(lambda record, number: Output(record.completion))
    monkeypatch.setattr(neurosym.evaluate, "model_named", lambda spec, lake: model)
    (adapter / "training_forms.txt").write_text("".join(f"{r.canonical_id}\n" for r in every[:5]))
    found = evaluate(adapter, lake, count=10_000, renamings=2)
    assert found.left_out == 5 and found.forms == len(every) - 5 and found.problems == 2 * found.forms
    assert not {record.problem.id for record in every[:5]} & set(model.asked)
    assert "5 problems, because the model was trained on their canonical forms" in str(found)
    (adapter / "training_forms.txt").write_text("".join(f"{r.canonical_id}\n" for r in every))
    with pytest.raises(UsageError, match=f"trained on the canonical forms of all {len(every)} problems"):
        evaluate(adapter, lake, count=10_000)
    (adapter / "training_forms.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        evaluate(adapter, lake)
    (adapter / "training_forms.txt").unlink()
    with pytest.raises(UsageError, match="nobody knows what the model was trained on"):
        evaluate(adapter, lake)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [("answer", '{"sat":[]}', "is not proved"), ("canonical_id", "0" * 32, "another canonical form than it says")],
)
def test_a_lake_that_does_not_hold_is_refused(lake, tmp_path, column, value, why):
    copy = tmp_path / "lake"
    shutil.copytree(lake.location, copy)
    for path in copy.glob("data/domain=random_ksat/split=test/*.parquet"):
        table = parquet.ParquetFile(path).read()
        place = table.column_names.index(column)
        parquet.write_table(table.set_column(place, column, pa.array([value] * len(table), pa.string())), path)
    with pytest.raises(UsageError, match=rf"{why}: run python -m neurosym.verify"):
        evaluate("oracle", copy)


def test_an_empty_split_or_an_unknown_one_is_refused(tmp_path, lake):
    small = Lake(tmp_path / "lake")
    small.write(ns.annotate(ns.domain("random_ksat"), count=1))
    with pytest.raises(UsageError, match="no records in its split"):
        for split in ("train", "test"):
            from_lake(small, split, 10, 0)
    with pytest.raises(UsageError, match="did you mean 'test'"):
        evaluate("oracle", lake, split="tests")
    with pytest.raises(UsageError, match="no lake at"):
        evaluate("oracle", tmp_path / "nothing")
    with pytest.raises(UsageError, match="-n must be at least 3"):
        evaluate("oracle", lake, count=2)


# What is kept


def test_an_evaluation_keeps_everything_and_is_reproducible(lake, tmp_path):
    texts = []
    for out in (tmp_path / "one", tmp_path / "two"):
        found = evaluate(Scripted(noisy), lake, count=24, split="train", samples=3, out=out)
        texts.append((out / "evaluation.json").read_text())
        assert texts[-1] == found.to_json()
        lines = [json.loads(line) for line in (out / "outputs.jsonl").read_text().splitlines()]
        records = parquet.read_table(out / "problems.parquet")
        assert sorted(line["id"] for line in lines) == sorted(records["id"].to_pylist())
        assert {len(line["outputs"]) for line in lines} == {3}
        assert set(lines[0]["outputs"][0]) == {"text", "tokens", "seconds", "logprob", "error"}
        assert [one.id for one in read_asked(out)] == records["id"].to_pylist()
    assert without_effort(texts[0]) == without_effort(texts[1])
    assert 0.1 < found.validity.value < 0.9 and found.best_of.precision.value == 1.0
    assert found.effort["model"].seconds == 0.25 * 72


def test_the_best_of_k_is_right_by_an_independent_simulator(tmp_path):
    """Precision 1 is not the checker's word alone: a simulator without a line of PDDL says so too."""
    task = ns.domain("blocksworld", blocks=4)
    found = evaluate(Scripted(noisy), task, count=60, samples=4, out=tmp_path)
    rows = parquet.read_table(tmp_path / "problems.parquet").to_pylist()
    problems = {row["id"]: json.loads(row["payload"])["problem"] for row in rows}
    truth = {}
    for line in map(json.loads, (tmp_path / "outputs.jsonl").read_text().splitlines()):
        truth[line["id"]] = [blocksworld_valid(problems[line["id"]], output["text"]) for output in line["outputs"]]
    assert {one.id: list(one.right) for one in read_asked(tmp_path)} == truth
    answered = sum(any(samples) for samples in truth.values())
    assert 30 < answered < 60 or found.validity.value > 0.9
    assert (found.best_of.coverage.count, found.best_of.precision.count) == (answered, answered)


def test_an_interrupted_run_asks_only_what_is_missing(lake, tmp_path):
    whole = evaluate(Scripted(noisy), lake, count=24, split="train", out=tmp_path / "whole")
    left = 10

    def interrupted(record: Record, number: int) -> Output | BaseException:
        nonlocal left
        left -= 1
        return noisy(record, number) if left >= 0 else KeyboardInterrupt()

    first, second = Scripted(interrupted), Scripted(noisy)
    with pytest.raises(KeyboardInterrupt):
        evaluate(first, lake, count=24, split="train", out=tmp_path / "out")
    kept = (tmp_path / "out" / "outputs.jsonl").read_bytes()
    assert len(kept.splitlines()) == 10 and not (tmp_path / "out" / "evaluation.json").exists()
    with pytest.raises(UsageError, match="no judged answers"):
        read_asked(tmp_path / "out")
    torn = to_line(first.asked[10], [Output("never said")])[:-20]
    (tmp_path / "out" / "outputs.jsonl").write_bytes(kept + torn)
    resumed = evaluate(second, lake, count=24, split="train", out=tmp_path / "out")
    assert set(first.asked[:10]).isdisjoint(second.asked) and len(second.asked) == 14
    assert without_effort(resumed.to_json()) == without_effort(whole.to_json())
    lines = (tmp_path / "out" / "outputs.jsonl").read_bytes()
    assert lines.startswith(kept) and len(lines.splitlines()) == 24
    third = Scripted(noisy)
    assert (
        evaluate(third, lake, count=24, split="train", out=tmp_path / "out").counts == whole.counts
        and third.asked == []
    )


SLOW = """
import sys, time
from neurosym.evaluate import evaluate
from neurosym.models import Output

class Slow:
    name = "slow"
    def answer(self, records, sampling):
        for place, record in enumerate(records):
            time.sleep(float(sys.argv[3]))
            yield place, (Output(record.completion, tokens=1),)

print(evaluate(Slow(), sys.argv[1], count=30, out=sys.argv[2], progress=True).validity.count)
"""


def test_a_killed_run_loses_nothing_that_was_said(lake, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-c", SLOW, lake.location, str(out)]
    for kept in (3, 8):
        process = subprocess.Popen([*command, "0.05"], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not (out / "outputs.jsonl").exists() or len((out / "outputs.jsonl").read_bytes().splitlines()) < kept:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    said = (out / "outputs.jsonl").read_bytes()
    done = subprocess.run([*command, "0"], capture_output=True, text=True, check=True)
    lines = (out / "outputs.jsonl").read_text().splitlines()
    assert int(done.stdout) == len(lines) == len({json.loads(line)["id"] for line in lines})
    assert "\n".join(lines).startswith(said[: said.rfind(b"\n")].decode())


def test_another_run_is_refused(lake, tmp_path):
    evaluate(RandomAnswer(), lake, count=12, out=tmp_path)
    for changed, more in {
        "sampling": {"samples": 2}, "problems": {"count": 13}, "sampling and problems": {"seed": 1},
    }.items():  # fmt: skip
        with pytest.raises(UsageError, match=f"holds a run with another {changed}: use another --out"):
            evaluate(RandomAnswer(), lake, **{"count": 12, "out": tmp_path, **more})
    with pytest.raises(UsageError, match="another model:"):
        evaluate("oracle", lake, count=12, out=tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        evaluate(RandomAnswer(), lake, count=12, out=tmp_path)
    (tmp_path / "run.json").unlink()
    with pytest.raises(UsageError, match=r"outputs, but no run\.json"):
        evaluate(RandomAnswer(), lake, count=12, out=tmp_path)
    with pytest.raises(UsageError, match="must be a local folder"):
        evaluate(RandomAnswer(), lake, count=12, out="mock://bucket/out")


def test_other_outputs_of_one_name_are_another_model(lake, tmp_path):
    file = tmp_path / "said.jsonl"
    file.write_text('{"id": "x", "text": "unsat"}\n')
    evaluate(f"saved:{file}", lake, count=12, out=tmp_path / "out")
    file.write_text('{"id": "x", "text": "sat"}\n')
    with pytest.raises(UsageError, match="another fingerprint"):
        evaluate(f"saved:{file}", lake, count=12, out=tmp_path / "out")


def test_rejudging_needs_no_model_and_finds_the_same(lake, tmp_path):
    found = evaluate(Scripted(noisy), lake, count=24, samples=2, out=tmp_path)
    again = rejudge(tmp_path)
    assert without_effort(again.to_json()) == without_effort(found.to_json())
    lines = (tmp_path / "outputs.jsonl").read_text().splitlines()
    records = {r.problem.id: r for r in from_lake(lake, "test", 24, 0).records}
    chosen = next(name for name in records if records[name].problem.domain == "blocksworld")
    forged = [json.dumps({"id": chosen, "text": "(cheat)"}) if chosen in line else line for line in lines]
    (tmp_path / "outputs.jsonl").write_text("\n".join([*forged, "junk"]))
    (one,) = [one for one in (rejudge(tmp_path), read_asked(tmp_path))[1] if one.id == chosen]
    assert [answer.verdict.status for answer in one.answers] == ["wrong", "malformed"]
    assert one.answers[1].error == "only 1 of 2 outputs saved"
    with pytest.raises(UsageError, match=r"no evaluation at .*: it has no run.json"):
        rejudge(tmp_path / "nothing")


@pytest.mark.slow
def test_rejudging_with_workers_finds_the_same(lake, tmp_path):
    found = evaluate(Scripted(noisy), lake, count=60, samples=2, split="train", out=tmp_path)
    assert without_effort(rejudge(tmp_path, workers=2).to_json()) == without_effort(found.to_json())


def test_an_answer_that_kills_its_judge_is_undecided(lake, tmp_path, monkeypatch):
    """The others in its batch are judged."""
    found = evaluate(Scripted(noisy), lake, count=12, split="train", out=tmp_path)
    poison = next(one.id for one in read_asked(tmp_path) if one.right[0])

    class Mortal(InProcess):
        def submit(self, function, pairs, **_):
            if any(record.problem.id == poison for record, _ in pairs):
                return self.alone
            return super().submit(function, pairs)

        def alone(self, *call):
            if not call or any(record.problem.id == poison for record, _ in call[1]):
                raise WorkerDied("killed")
            return super().alone(*call)

    monkeypatch.setattr(evaluation_run, "pool", lambda workers: nullcontext(Mortal()))
    again = rejudge(tmp_path)
    assert again.reasons == {"tool-crashed": 1} and again.counts["undecided"].count == 1
    assert again.validity.count == found.validity.count - 1


# What strange answers become

STRANGE = {
    "nothing": (Output(""), "malformed"),
    "a megabyte": (Output("(" * (1 << 20)), "malformed"),
    "more than a megabyte": (Output("x" * (3 << 20)), "malformed"),
    "half a surrogate pair": (Output("\ud800"), "malformed"),
    "bytes that were no UTF-8": (Output(b"\xff\xfe(pick-up a)".decode(errors="replace")), "malformed"),
    "an error": (Output("", error="503 Service Unavailable"), "malformed"),
    "a text and an error": (Output("unsat", error="cut off"), "malformed"),
    "a NUL": (Output("\0"), "malformed"),
    "markup": (Output("<script>alert(1)</script>"), "malformed"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_answer_is_a_counted_row(lake, tmp_path, name):
    output, status = STRANGE[name]
    found = evaluate(Scripted(lambda record, number: output), lake, count=6, out=tmp_path)
    assert found.counts[status].count == found.problems == 6
    assert found.no_answer == (6 if output.error else 0)
    again = rejudge(tmp_path)
    assert again.counts == found.counts and again.no_answer == found.no_answer
    assert json.loads((tmp_path / "outputs.jsonl").read_text().splitlines()[0])["outputs"][0]["error"] == output.error


def test_a_model_that_passes_over_records_is_counted_and_one_that_lies_about_them_refused(lake):
    class Lazy(Scripted):
        def answer(self, records, sampling):
            yield from list(super().answer(records, sampling))[:2]

    found = evaluate(Lazy(noisy), lake, count=6)
    assert found.no_answer == 4 and found.problems == 6

    class Twice(Scripted):
        def answer(self, records, sampling):
            yield from [(0, (Output("x"),)), (0, (Output("y"),))]

    class Few(Scripted):
        def answer(self, records, sampling):
            yield 0, (Output("x"),)

    with pytest.raises(UsageError, match="or a record twice"):
        evaluate(Twice(noisy), lake, count=6)
    with pytest.raises(UsageError, match="1 outputs for 2"):
        evaluate(Few(noisy), lake, count=6, samples=2)


def test_a_model_that_cannot_answer_leaves_what_it_said(lake, tmp_path):
    said = iter([True, True, False])
    model = Scripted(lambda r, n: Output("x") if next(said) else UsageError("http://gone: no answer"))
    with pytest.raises(UsageError, match="gone"):
        evaluate(model, lake, count=6, out=tmp_path)
    assert len((tmp_path / "outputs.jsonl").read_bytes().splitlines()) == 2


# Models by name


def trained_folder(folder: Path, texts: list[str], forms: list[str]) -> None:
    """A model of the form that training writes: tiny, and with random weights."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.train_from_iterator(texts, trainers.WordLevelTrainer(special_tokens=["<unk>", "<end>"]))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>", unk_token="<unk>")
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    LlamaForCausalLM(
        LlamaConfig(vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
                    num_attention_heads=2, max_position_embeddings=512, eos_token_id=1, pad_token_id=1)
    ).save_pretrained(folder)  # fmt: skip
    (folder / "neurosym.json").write_text(json.dumps({"base": "nano"}))
    (folder / "training_forms.txt").write_text("".join(f"{form}\n" for form in forms))


def test_a_trained_folder_is_loaded_asked_and_told_apart_by_its_weights(lake, tmp_path):
    pytest.importorskip("peft")
    every = from_lake(lake, "test", 10_000, 0).records
    folder, out = tmp_path / "adapter", tmp_path / "out"
    trained_folder(folder, [record.prompt for record in every], [record.canonical_id for record in every[:3]])
    found = evaluate(folder, lake, count=10_000, samples=2, max_tokens=5, out=out)
    assert (found.left_out, found.problems, found.model) == (3, len(every) - 3, str(folder))
    assert found.counts["malformed"].count + found.counts["wrong"].count == 2 * found.problems
    assert found.perplexity > 1 and found.calibration.answers == 2 * found.problems
    assert 0 < found.tokens <= 10 * found.problems and found.effort["model"].seconds > 0
    assert evaluate(folder, lake, count=10_000, samples=2, max_tokens=5, out=out).counts == found.counts
    (weights,) = folder.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-4] + bytes(4))
    with pytest.raises(UsageError, match="another fingerprint"):
        evaluate(folder, lake, count=10_000, samples=2, max_tokens=5, out=out)


@pytest.mark.parametrize("name", ["smollm2", "Qwen/Qwen3-0.6B"])
def test_a_base_is_loaded_by_its_name(lake, monkeypatch, name):
    def load(spec: str) -> None:
        raise UsageError(f"{spec} is out of reach")

    monkeypatch.setattr("neurosym.models.base.load_base", load)
    with pytest.raises(UsageError, match=f"{name} is out of reach"):
        evaluate(name, lake)


# The command


def test_the_command_asks_keeps_compares_and_shows(lake, tmp_path):
    oracle, chance = str(tmp_path / "oracle"), str(tmp_path / "random")
    done = run("evaluate", "--model", "oracle", "--lake", lake.location, "-n", "12", "--out", oracle)
    assert done.returncode == 0, done.stderr
    for word in ("oracle", "12 of 12", "100.0%", "optimal", "blocksworld", "for each proved one"):
        assert word in done.stdout, done.stdout
    done = run("evaluate", "--model", "random", "--lake", lake.location, "-n", "12", "--out", chance,
               "--json", "--compare", oracle, "--page")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["problems"] == 12 and told == json.loads((tmp_path / "random" / "evaluation.json").read_text())
    assert "random proves" in done.stderr and "less than oracle" in done.stderr
    page = (tmp_path / "random" / "evaluation.html").read_text()
    assert "random" in page and "less than oracle" in page and "<script" not in page
    done = run("evaluate", "--rejudge", chance, "--compare", oracle)
    assert done.returncode == 0 and "less than oracle" in done.stdout


def test_a_settings_file_and_flags_over_it(tmp_path):
    (tmp_path / "job.toml").write_text(
        f'model = "random"\ndomains = ["random_ksat", "blocksworld"]\ncount = 8\nout = "{tmp_path}/out"\n'
        "samples = 3\nseed = 4\n[knobs]\nblocksworld.blocks = 3\n"
    )
    done = run("evaluate", "--config", str(tmp_path / "job.toml"), "-n", "6", "--set", "variables=8", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["problems"], told["samples"]) == (6, 3)
    assert told["questions"] == "fresh problems of random_ksat variables=8, blocksworld blocks=3, seed 4"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--lake", "L"], "which model?"),
        (["--model", "oracle"], "name either domains"),
        (["--model", "oracle", "--lake", "L", "blocksworld"], "not both"),
        (["--model", "oracle", "blocksworld"], "--out"),
        (["--model", "oracle", "--lake", "L", "--out", "o"], "no lake at L"),
        (["--model", "oracel", "blocksworld", "--out", "o"], "none of the forms FOLDER, OWNER/NAME, smollm2"),
        (["--model", "oracle:z33", "blocksworld", "--out", "o"], "did you mean 'z3'"),
        (["--model", "saved:nothing", "blocksworld", "--out", "o"], "no file of outputs at nothing"),
        (["--model", "majority", "random_ksat", "--out", "o"], "--lake"),
        (["--model", "http://localhost:1/v1", "random_ksat", "--out", "o"], "#MODEL"),
        (["--model", "oracle", "blocksword", "--out", "o"], "did you mean 'blocksworld'"),
        (["--model", "oracle", "random_ksat", "--set", "k=99", "--out", "o"], "k must be in"),
        (["--model", "oracle", "random_ksat", "-n", "0", "--out", "o"], "at least 1"),
        (["--model", "oracle", "random_ksat", "--temperature", "11", "--out", "o"], "temperature must be in 0..10"),
        (["--model", "oracle", "random_ksat", "--samples", "2", "--temperature", "0", "--out", "o"], "above 0"),
        (["--model", "oracle", "random_ksat", "--renamings", "0", "--out", "o"], "at least 1"),
        (["--model", "oracle", "--config", "nothing.toml"], "no settings file"),
        (["--rejudge", "nothing"], "no evaluation at nothing"),
        (["--rejudge", "nothing", "--model", "oracle"], "asks no model"),
        (["--model", "random", "random_ksat", "--out", "o", "--compare", "nothing"], "nothing"),
        (["--nonsense"], "see python -m neurosym.evaluate --help"),
    ],
)
def test_bad_usage_is_one_line(arguments, said, tmp_path):
    assert said in one_line_error(run("evaluate", *arguments, cwd=tmp_path), 2)


@pytest.mark.parametrize("line", ['models = "x"', 'count = "many"', "temperature = true", "count = ", 'domains = [""]'])
def test_a_bad_settings_file_is_one_line(line, tmp_path):
    (tmp_path / "job.toml").write_text(f'model = "oracle"\nout = "o"\n{line}\n')
    one_line_error(run("evaluate", "--config", "job.toml", cwd=tmp_path), 2)


def test_help_shows_examples_and_models_and_loads_nothing_heavy():
    done = run("evaluate", "--help")
    assert done.returncode == 0 and "examples:" in done.stdout and "python -m neurosym.evaluate --model" in done.stdout
    for form in ("saved:FILE", "http://HOST/v1#MODEL", "majority", "smollm2"):
        assert form in done.stdout
    code = "import sys, neurosym.evaluate as m; m.parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"torch", "numpy", "pyarrow", "rich", "ray", "matplotlib", "transformers"} & set(loaded)


def test_the_module_is_the_function(lake):
    module = sys.modules["neurosym.evaluate"]
    assert module("oracle", lake, count=3).validity.value == 1.0
    assert module.evaluate is evaluate
    for model in (7, None):
        with pytest.raises(UsageError, match="a model is an adapter"):
            evaluate(model, lake)
