"""What the benchmarks of learning share: their flags, their lake and runs, their tables, and the files they leave.

Contract: lakes, trainings and evaluations are those of neurosym's own commands, each in a folder below `--work`, so
that a benchmark that was killed goes on when it is started again. Files in `--out` are written last, and whole.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from neurosym import generate
from neurosym.errors import FalseLabel
from neurosym.evaluate import evaluate
from neurosym.evaluation.scores import Evaluation, Figure
from neurosym.lake import Lake
from neurosym.models import Model
from neurosym.storage import Folder
from neurosym.train import parser as train_parser
from neurosym.train import run_training
from neurosym.training.adapter import Adapter
from neurosym.training.settings import from_flags

BLOCKSWORLD = {"blocksworld": {"blocks": 4}}
BLOCKSWORLD_FORMS = 223
"""Canonical forms of problems with four blocks: all there are."""

LAKE_SEED = ASKING_SEED = 0
"""All seeds of training learn from the same lake, and are asked the same problems under the same names."""

WALL = "wall.json"

Defaults = Mapping[str, Any]


# Flags


def flags(about: str) -> ArgumentParser:
    """A parser with the flags that all benchmarks of learning have."""
    more = "The flags of `python -m neurosym.train` are taken too, such as --learning-rate 5e-4."
    made = ArgumentParser(
        description=about, epilog=more, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False
    )
    made.add_argument("--base", help="the model to start from: smollm2, nano, a folder, an id of the hub")
    made.add_argument(
        "--work", type=Path, metavar="FOLDER", help="keeps lakes, adapters, answers; one for each setting"
    )
    made.add_argument("--out", type=Path, metavar="FOLDER", help="where the results are written")
    made.add_argument("--quick", action="store_true", help="everything tiny, to see that it runs; results go to --work")
    return made


def parsed(
    parser: ArgumentParser, arguments: list[str], name: str, out: Path, full: Defaults, quick: Defaults
) -> tuple[Any, list[str]]:
    """The options, by the defaults of a full or of a quick run, and the flags that are left for training.

    Raises UsageError for what training would refuse.
    """
    given, _ = parser.parse_known_args(arguments)
    if given.quick:
        work = given.work or Path("build/quick") / name
        parser.set_defaults(work=work, out=work / "results", **quick)
    else:
        parser.set_defaults(work=Path("build") / name, out=out, **full)
    options, rest = parser.parse_known_args(arguments)
    from_flags(train_parser().parse_args(["lake", *_words(options.training), *rest]))
    return options, rest


def _words(defaults: Defaults) -> list[str]:
    """Settings of training as its flags."""
    return [word for key, value in defaults.items() for word in (f"--{key.replace('_', '-')}", str(value))]


# Runs


def lake_of(folder: Path, knobs: Mapping[str, Defaults], counts: Mapping[str, int], seed: int) -> Lake:
    """A lake with as many proved records of each domain as `counts` says, made or gone on with by neurosym.generate."""
    for count in sorted(set(counts.values())):
        names = [name for name in knobs if counts[name] == count]
        arguments = [",".join(names), "-n", str(count * len(names)), "--seed", str(seed), "--out", str(folder)]
        for name in names:
            arguments += [word for knob, value in knobs[name].items() for word in ("--set", f"{name}.{knob}={value}")]
        with redirect_stdout(sys.stderr):
            generate.main([*arguments, "--workers", "1"])
    return Lake(folder)


def untrained(base: str, lake: Lake) -> Model | str:
    """What evaluate is to ask before any training. Without it nano has no weights, and only now a tokenizer."""
    if base != "nano":
        return base
    from neurosym.models.base import load_base
    from neurosym.models.local import Local

    texts = [text for record in lake.records(split="train") for text in (record.prompt, record.completion)]
    return Local(load_base("nano", texts=texts), "nano")


def trained(lake: Lake, base: str, out: Path, seed: int, defaults: Defaults, rest: Sequence[str] = ()) -> Adapter:
    """The adapter in a folder, trained there if it is not yet. `rest` are flags of neurosym.train over `defaults`."""
    fixed = ["--base", base, "--out", str(out), "--seed", str(seed)]
    settings = from_flags(train_parser().parse_args([lake.location, *_words(defaults), *rest, *fixed]))
    new, start = not out.exists(), time.monotonic()
    made = run_training(settings)
    if new:
        Folder(out).write(WALL, json.dumps({"seconds": time.monotonic() - start}).encode())
    return made


def training_seconds(adapter: Path) -> float:
    """Wall time of all steps and measurements of validity, however often the run was killed; loading is not in it."""
    lines = [line for log in adapter.rglob("log.jsonl") for line in log.read_text().splitlines()]
    return float(sum(json.loads(line)["seconds"] for line in lines))


def wall_seconds(adapter: Path) -> float | None:
    """Wall time of the whole training, with all that is no step; None where it was killed and went on."""
    file = adapter / WALL
    return float(json.loads(file.read_text())["seconds"]) if file.exists() else None


def held_out(model: Model | Adapter | Path | str, lake: Lake, out: Path, options: Any, samples: int = 1) -> Evaluation:
    """The model on the renamings of all test forms. Raises FalseLabel where one of these forms was trained on."""
    found = evaluate(model, lake, count=options.forms, seed=ASKING_SEED, samples=samples, renamings=options.renamings,
                     max_tokens=options.max_tokens, out=out, progress=True)  # fmt: skip
    if found.left_out:
        raise FalseLabel(f"{found.left_out} test problems have a canonical form that was trained on")
    return found


# What is shown and kept


@dataclass(frozen=True)
class Table:
    """A table that is printed, and written as Markdown. The first column names the rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self) -> None:
        """Print it; where stdout is no terminal, as wide as it is."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table as RichTable

        drawn = RichTable(title=self.title, box=SIMPLE_HEAD, title_justify="left")
        for name in self.columns:
            drawn.add_column(name)
        for row in self.rows:
            drawn.add_row(*row)
        console = Console()
        (console if console.is_terminal else Console(width=200)).print(drawn)

    def markdown(self) -> str:
        """The table as GitHub shows it."""
        head = [f"**{self.title}**", "", f"| {' | '.join(self.columns)} |", "|" + "---|" * len(self.columns)]
        return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in self.rows), ""])


def plain(found: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation as JSON holds them, without the points of its curves."""
    figures: dict[str, Any] = json.loads(found.to_json())
    for curve in ("reliability", "risk_coverage"):
        (figures.get("calibration") or {}).pop(curve, None)
    return figures


def share(figure: Figure | None) -> str:
    """A share with its interval, or a dash where there is none."""
    return "–" if figure is None or figure.value is None else str(figure)


def minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f}"


def machine() -> str:
    """What the figures were measured on."""
    try:
        known = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
        processor = next(value.strip() for name, value in known.items() if name.strip() == "model name")
    except (OSError, StopIteration):
        processor = platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft"))
    return f"{os.cpu_count()} cores of {processor}; Python {platform.python_version()}, {packages}"


def command() -> str:
    return shlex.join(["python", *sys.argv])


def write(out: Path, text: str, data: str, title: str, parts: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Write the results as Markdown into the file `text` and as JSON into the file `data`, and say so."""
    head = [f"# {title}", f"Made by `{command()}` on {machine()}."]
    Folder(out).write(text, "\n\n".join([*head, *(part.rstrip() for part in parts)]).encode() + b"\n")
    known = {"command": command(), "machine": machine(), **facts}
    Folder(out).write(data, (json.dumps(known, indent=1, allow_nan=False) + "\n").encode())
    print(f"wrote {out / text} and {out / data}")


def options_of(options: Namespace) -> dict[str, Any]:
    """The options as JSON."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()}
