"""python -m neurosym.evaluate: asks a model, and the checkers that proved the data judge every answer.

This module can be called: `ns.evaluate(model, task)` is `evaluate` below. What the model says is kept as it comes, so a
run that was killed goes on where it was, and `--rejudge` judges it again without the model.
"""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from neurosym import settings
from neurosym.command import Parser, note, progress_bar, run
from neurosym.core import Domain
from neurosym.errors import UsageError, unknown
from neurosym.models import Model, Sampling
from neurosym.models.named import FORMS, fingerprint, model_named, training_forms

if TYPE_CHECKING:
    from neurosym.evaluation.scores import Evaluation
    from neurosym.lake import Lake
    from neurosym.training.adapter import Adapter

COUNT = 200

EXAMPLES = f"""\
  python -m neurosym.evaluate --model adapter --lake lake --out evaluation
  python -m neurosym.evaluate --model smollm2 blocksworld -n 200 --set blocks=4 --out before
  python -m neurosym.evaluate --model adapter --lake lake --samples 8 --out best_of_8 --page
  python -m neurosym.evaluate --model http://localhost:8000/v1#qwen --lake lake --out theirs
  python -m neurosym.evaluate --model oracle --lake lake --out oracle
  python -m neurosym.evaluate --rejudge evaluation --compare before

models:
{FORMS}
a settings file (every key is also a flag):
  model = "adapter"
  lake = "lake"
  samples = 8
  out = "best_of_8"
"""


@dataclass(frozen=True)
class Settings:
    """What a command is to do: what a TOML file may hold. Temperature None is 0 for one sample and 1 for several."""

    model: str = ""
    lake: str = ""
    domains: tuple[str, ...] = ()
    split: str = "test"
    count: int = COUNT
    seed: int = 0
    samples: int = 1
    temperature: float | None = None
    max_tokens: int = 512
    renamings: int = 1
    out: str = ""
    knobs: Mapping[str, Any] = field(default_factory=dict)


def evaluate(
    model: Model | Adapter | str | os.PathLike[str],
    task: Domain | Sequence[Domain] | Lake | str | os.PathLike[str],
    count: int = COUNT,
    seed: int = 0,
    samples: int = 1,
    temperature: float | None = None,
    *,
    split: str = "test",
    max_tokens: int = 512,
    renamings: int = 1,
    out: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Evaluation:
    """The figures of a model's judged answers to at most `count` problems.

    `model` is an adapter, the name of a model (`neurosym.models.named` lists the forms) or a model. `task` is a task
    family, or several, for fresh problems; or a lake, or its location, for the proved records of its `split`. Problems
    that an adapter was trained on, by canonical form, are left out. Each is asked under `renamings` namings, for
    `samples` answers of at most `max_tokens` tokens, at `temperature` (None: 0 for one answer and 1 for several).
    Everything is kept in the folder `out`, where a run that was killed goes on; without it nothing is. `progress` is
    shown on stderr.

    Raises UsageError for anything that cannot be asked, or where no problem is left.
    """
    from neurosym.evaluation.problems import fresh, from_lake
    from neurosym.evaluation.run import run as ask
    from neurosym.lake import Lake
    from neurosym.storage import Folder

    if count < 1:
        raise UsageError(f"count must be at least 1, not {count}")
    sampling = _sampling(samples, temperature, max_tokens, seed)
    lake = task if isinstance(task, Lake) else Lake(os.fspath(task)) if isinstance(task, str | os.PathLike) else None
    asked, name = _named(model, lake)
    trained = training_forms(name)
    if lake is not None:
        problems = from_lake(lake, split, count, seed, renamings, trained)
    else:
        tasks = [task] if isinstance(task, Domain) else list(cast("Sequence[Domain]", task))
        problems = fresh(tasks, count, seed, renamings, trained)
    with ExitStack() as stack:
        folder = Folder(os.fspath(out or stack.enter_context(tempfile.TemporaryDirectory())))
        update = stack.enter_context(progress_bar("evaluate", len(problems.records))) if progress else _silent
        return ask(asked, fingerprint(name), problems, sampling, folder, update)


def _silent(done: int, remark: str) -> None:
    pass


def _named(model: Any, lake: Lake | None) -> tuple[Model, str]:
    """The model, and its name where it was given by name: else "", which is the name of no model."""
    if hasattr(model, "answer"):
        return cast(Model, model), ""
    try:
        name: str = os.fspath(getattr(model, "path", model))
    except TypeError:
        raise UsageError(f"a model is an adapter, the name of one, or has a method answer; not {model!r}") from None
    return model_named(name, lake), name


def _sampling(samples: int, temperature: float | None, max_tokens: int, seed: int) -> Sampling:
    if temperature is None:
        temperature = 0.0 if samples == 1 else 1.0
    try:
        return Sampling(samples, temperature, max_tokens, seed)
    except ValueError as error:
        raise UsageError(str(error)) from None


def parser() -> Parser:
    """The command line."""
    made = Parser("evaluate", "Ask a model, and let the checkers that proved the data judge every answer.", EXAMPLES)
    made.add_argument("domains", nargs="?", metavar="DOMAIN[,DOMAIN…]", help="ask fresh problems of these families")
    made.add_argument("--model", metavar="MODEL", help="what to ask: see below")
    made.add_argument("--lake", metavar="LAKE", help="ask the proved records of a lake instead of fresh problems")
    made.add_argument("--split", help="the lake's split (default test)")
    made.add_argument("-n", "--count", type=int, help=f"problems in all, at most (default {COUNT})")
    made.add_argument("--seed", type=int, help="draws problems, renamings and samples (default 0)")
    made.add_argument("--set", action="append", default=[], metavar="[DOMAIN.]KNOB=VALUE", help="set a domain's knob")
    made.add_argument("--samples", type=int, metavar="K", help="answers to each problem (default 1)")
    made.add_argument("--temperature", type=float, help="of sampling (default: 0, greedy, for one answer, else 1)")
    made.add_argument("--max-tokens", type=int, help="of one answer (default 512)")
    made.add_argument("--renamings", type=int, metavar="R", help="ask each problem under R namings (default 1)")
    made.add_argument("--out", metavar="OUT", help="the folder that keeps it all; the same command again goes on there")
    made.add_argument("--rejudge", metavar="OUT", help="judge again what is kept in OUT, without the model")
    made.add_argument("--compare", metavar="OTHER", help="say how this differs from the evaluation in folder OTHER")
    made.add_argument("--page", action="store_true", help="write OUT/evaluation.html")
    made.add_argument("--config", metavar="FILE.toml", help="a settings file; flags win over it")
    made.add_argument("--json", action="store_true", help="print the figures as JSON on stdout")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Returns the exit code; raises CommandError."""
    from neurosym.evaluation.compare import compare_folders, read_figures
    from neurosym.evaluation.page import write_page
    from neurosym.evaluation.run import rejudge

    options = parser().parse_args(arguments)
    others = [Path(options.compare)] if options.compare else []
    for other in others:
        read_figures(other)  # before an hour of asking
    if options.rejudge:
        if options.model or options.out or options.config:
            raise UsageError("--rejudge asks no model: name its folder, and nothing else to ask")
        out, found = options.rejudge, rejudge(options.rejudge, progress=True)
    else:
        chosen = _from_flags(options)
        out, found = chosen.out, _evaluated(chosen)
    print(found.to_json() if options.json else found)
    for other in others:
        print(compare_folders(other, Path(out)), file=sys.stderr if options.json else sys.stdout)
    sys.stdout.flush()
    if options.page:
        note(f"wrote {write_page(Path(out), *others)}")
    return 0


def _from_flags(options: Namespace) -> Settings:
    """Flags over the settings file over the defaults. Raises UsageError for what cannot be asked."""
    given = _file(options.config) if options.config else {}
    given |= {item.name: value for item in fields(Settings) if (value := getattr(options, item.name, None)) is not None}
    if isinstance(given.get("domains"), str):
        given["domains"] = [name for name in given["domains"].split(",") if name]
    given["domains"] = tuple(given.get("domains", ()))
    chosen = Settings(**given)
    for item in fields(Settings):
        value = getattr(chosen, item.name)
        kinds = (int, float, type(None)) if item.name == "temperature" else (type(item.default),)
        if item.name != "knobs" and type(value) not in kinds:
            raise UsageError(f"{item.name} must be of type {kinds[0].__name__}, not {value!r}")
    if not chosen.model:
        raise UsageError("which model? name it with --model; --help lists the forms")
    if bool(chosen.lake) == bool(chosen.domains):
        raise UsageError(
            "name either domains to draw fresh problems from, or a lake with --lake, not both, not neither"
        )
    if not chosen.out:
        raise UsageError("where to? name a folder with --out OUT")
    if chosen.lake and (options.set or chosen.knobs):
        raise UsageError("--set is for fresh problems: a lake's are made already")
    return replace(chosen, knobs={**chosen.knobs, **_knobs(options.set)})


def _file(path: str) -> dict[str, Any]:
    try:
        given = tomllib.loads(Path(path).read_text())
    except FileNotFoundError:
        raise UsageError(f"no settings file {path}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a TOML file: {error}") from None
    known = [item.name for item in fields(Settings)]
    for name in given:
        if name not in known:
            raise UsageError(f"{path}: {unknown('key', name, known)}")
    return given


def _knobs(assignments: list[str]) -> Mapping[str, Any]:
    """What --set says, as the command generate reads it."""
    nothing = dict.fromkeys(("config", "domains", "count", "seed", "out", "workers", "oracle"))
    return settings.from_flags(Namespace(**nothing, sources=[], set=assignments)).knobs


def _evaluated(chosen: Settings) -> Evaluation:
    if chosen.lake:
        from neurosym.lake import Lake

        task: Lake | list[Domain] = Lake(chosen.lake)
    else:
        made = settings.Settings(domains=chosen.domains, count=chosen.count, seed=chosen.seed, knobs=chosen.knobs)
        task = [job.domain for job, _ in settings.jobs_of(made)]
    return evaluate(
        chosen.model,
        task,
        chosen.count,
        chosen.seed,
        chosen.samples,
        chosen.temperature,
        split=chosen.split,
        max_tokens=chosen.max_tokens,
        renamings=chosen.renamings,
        out=chosen.out,
        progress=True,
    )


class _Callable(ModuleType):
    """This module, which is the function `evaluate` when it is called."""

    __call__ = staticmethod(evaluate)


sys.modules[__name__].__class__ = _Callable

if __name__ == "__main__":
    run(main)
