"""What a generate command is to do: from flags, a TOML job file, or both, checked before anything starts."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.audit import AUDIT
from neurosym.command import note
from neurosym.core import Budget, Domain
from neurosym.errors import UsageError, unknown
from neurosym.gates import GATES
from neurosym.job import Job

if TYPE_CHECKING:
    import argparse

RECORDS_FOR_RAY = 1000
"""Below so many records Ray takes longer to start than it saves."""


@dataclass(frozen=True)
class Settings:
    """A whole job: what a TOML file may hold. `count` records are shared evenly among the domains."""

    domains: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    count: int = 0
    seed: int = 0
    out: str = ""
    workers: int = 0
    oracle: str = ""
    audit: int = AUDIT
    knobs: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)


def from_flags(options: argparse.Namespace) -> Settings:
    """Flags over the job file over the defaults."""
    given: dict[str, Any] = _job_file(options.config) if options.config else {}
    if options.domains:
        given["domains"] = options.domains
    for name in ("count", "seed", "out", "workers", "oracle", "sources"):
        if getattr(options, name) not in (None, []):
            given[name] = getattr(options, name)
    if isinstance(given.get("domains"), str):
        given["domains"] = [name for name in given["domains"].split(",") if name]
    for name in ("domains", "sources"):
        given[name] = tuple(given.get(name, ()))
    knobs = dict(given.get("knobs", {}))
    for assignment in options.set:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {assignment}: want KNOB=VALUE or DOMAIN.KNOB=VALUE")
        domain, dot, knob = name.partition(".")
        if dot:
            knobs[domain] = {**knobs.get(domain, {}), knob: value}
        else:
            knobs[name] = value
    settings = Settings(**given | {"knobs": knobs})
    for item in fields(Settings):
        expected = type(item.default) if isinstance(item.default, int | str | tuple) else dict
        if not isinstance(getattr(settings, item.name), expected):
            raise UsageError(f"{item.name} must be of type {expected.__name__}, not {getattr(settings, item.name)!r}")
    if settings.workers < 0:
        raise UsageError(f"--workers must be at least 1, not {settings.workers}")
    if settings.audit < 0:
        raise UsageError(f"audit must be at least 0, not {settings.audit}")
    for name, bound in settings.gate.items():
        if name not in GATES:
            raise unknown("gate", name, GATES)
        if type(bound) not in (int, float):
            raise UsageError(f"gate {name} must be a number, not {bound!r}")
    return settings


def _job_file(path: str) -> dict[str, Any]:
    try:
        given = tomllib.loads(Path(path).read_text())
    except FileNotFoundError:
        raise UsageError(f"no job file {path}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not a TOML file: {error}") from None
    known = [item.name for item in fields(Settings)]
    if "from" in given:
        given["sources"] = given.pop("from")
    for name in given:
        if name not in known:
            raise UsageError(f"{path}: {unknown('key', name, known)}")
    return given


def jobs_of(settings: Settings) -> list[tuple[Job, int]]:
    """Each domain's job with its share of the records."""
    if bool(settings.domains) == bool(settings.sources):
        raise UsageError("name either domains (see --list) or your own files with --from, not both and not neither")
    budget = _budget(settings.budget)
    if settings.sources:
        return _source_jobs(settings, budget)
    if settings.count < len(settings.domains):
        raise UsageError(f"how many records? -n must be at least {len(settings.domains)}, one for each domain")
    if len(set(settings.domains)) < len(settings.domains):
        raise UsageError("a domain is named twice")
    tasks = _tasks(settings)
    share, rest = divmod(settings.count, len(tasks))
    return [
        (Job(task, settings.seed, settings.oracle, budget), share + (number < rest))
        for number, task in enumerate(tasks)
    ]


def _budget(given: Mapping[str, Any]) -> Budget:
    for name, value in given.items():
        if name not in ("steps", "seconds", "memory_mb"):
            raise UsageError(f"budget takes steps, seconds and memory_mb, not {name}")
        if type(value) not in ((int, float) if name == "seconds" else (int,)) or not value > 0:
            raise UsageError(f"budget: {name} must be a number above 0, not {value!r}")
    return Budget(**given)


def _source_jobs(settings: Settings, budget: Budget) -> list[tuple[Job, int]]:
    from neurosym.sources import domain_of_kind, read

    jobs = []
    for kind, sources in read(settings.sources).items():
        good = [source for source in sources if not source.error]
        for source in sources:
            if source.error:
                note(f"{source.path}: {source.error}")
        if good:
            job = Job(registry.domain(domain_of_kind(kind)), settings.seed, settings.oracle, budget, sources)
            jobs.append((job, settings.count or len(sources)))
    if not jobs:
        raise UsageError("none of the files can be used: see the lines above")
    return jobs


def _tasks(settings: Settings) -> list[Domain]:
    """The domains with their knobs. A knob without a domain goes to every domain that has it."""
    classes = registry.domains()
    knobs: dict[str, dict[str, Any]] = {name: {} for name in settings.domains}
    for name, value in settings.knobs.items():
        if isinstance(value, Mapping):
            if name not in knobs:
                raise UsageError(f"knobs of {name!r}, which is not among the domains {', '.join(knobs)}")
            knobs[name].update(value)
            continue
        having = [domain for domain in knobs if domain in classes and name in registry.knob_types(classes[domain])]
        if not having:
            every = {knob for domain in knobs if domain in classes for knob in registry.knob_types(classes[domain])}
            raise unknown("knob", name, every)
        for domain in having:
            knobs[domain][name] = value
    return [registry.domain(name, **_typed(classes, name, chosen)) for name, chosen in knobs.items()]


def _typed(classes: Mapping[str, type[Domain]], name: str, knobs: dict[str, Any]) -> dict[str, Any]:
    """Knobs from the command line are text: turn them into what the domain's fields are."""
    types = registry.knob_types(classes[name]) if name in classes else {}
    typed = dict(knobs)
    for knob, value in knobs.items():
        if isinstance(value, str) and int in types.get(knob, ()):
            try:
                typed[knob] = int(value)
            except ValueError:
                raise UsageError(f"{name}: {knob} must be a whole number, not {value!r}") from None
        elif isinstance(value, str) and bool in types.get(knob, ()):
            if value not in ("true", "false"):
                raise UsageError(f"{name}: {knob} must be true or false, not {value!r}")
            typed[knob] = value == "true"
    return typed


def workers_for(settings: Settings, jobs: list[tuple[Job, int]]) -> int:
    """How many workers: those asked for, or all cores where Ray's start pays."""
    if settings.workers:
        return settings.workers
    return (os.cpu_count() or 1) if sum(count for _, count in jobs) >= RECORDS_FOR_RAY else 1
