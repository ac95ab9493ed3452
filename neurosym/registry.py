"""Finds oracles, checkers and domains in the packages that register for them.

Contract: a package joins by an entry point in the group `neurosym.oracles` or `neurosym.domains` that names the
package. Each public module in it ends with `PLUGINS`, a tuple of Oracle, Checker or Domain classes, so a new file is
found without a reinstall. The engine knows no plugin by name. A module that fails to import hides only its own
plugins, and is named in the error of whoever asks for one that is missing.

An oracle module may also define `oracle_named(name) -> Oracle | None` for families of names such as `up:ENGINE`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, get_args, get_type_hints

from neurosym.core import Checker, Domain, Oracle, Reason, Undecided
from neurosym.errors import UsageError, unknown

_import_failures: dict[str, str] = {}


@cache
def _modules(group: str) -> tuple[ModuleType, ...]:
    found = []
    for entry in sorted(set(entry_points(group=group)), key=lambda entry: (entry.name, entry.value)):
        for name in _module_names(entry.value):
            try:
                found.append(importlib.import_module(name))
            except Exception as error:  # a broken plugin must not take the others with it
                _import_failures[name] = f"{type(error).__name__}: {error}"
    return tuple(found)


def _module_names(package_name: str) -> Iterator[str]:
    try:
        package = importlib.import_module(package_name)
    except Exception as error:
        _import_failures[package_name] = f"{type(error).__name__}: {error}"
        return
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if not module.name.startswith("_"):
            yield f"{package_name}.{module.name}"


@cache
def _plugins(group: str, base: type, key: str) -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in _modules(group):
        for plugin in getattr(module, "PLUGINS", ()):
            if issubclass(plugin, base):
                name = getattr(plugin, key)
                if name in found and found[name] is not plugin:
                    both = f"{found[name].__module__} and {plugin.__module__}"
                    raise UsageError(f"{base.__name__.lower()} {name!r} is offered by both {both}: uninstall one")
                found[name] = plugin
    return found


def _missing(what: str, name: str, known: dict[str, type[Any]]) -> UsageError:
    error = unknown(what, name, known)
    if _import_failures:
        failures = "; ".join(f"{module} ({why})" for module, why in sorted(_import_failures.items()))
        return UsageError(f"{error}; could not be imported: {failures}")
    return error


def domains() -> dict[str, type[Domain]]:
    """Every installed domain class by name."""
    return dict(sorted(_plugins("neurosym.domains", Domain, "name").items()))


def domain(name: str, **knobs: Any) -> Domain:
    """The task family `name` with the given knobs. Raises UsageError for an unknown name, knob or value."""
    known = domains()
    if name not in known:
        raise _missing("domain", name, known)
    accepted = knob_types(known[name])
    for knob, value in knobs.items():
        if knob not in accepted:
            raise UsageError(f"{name}: {unknown('knob', knob, accepted)}")
        if type(value) not in accepted[knob]:
            expected = " or ".join(kind.__name__ for kind in accepted[knob])
            raise UsageError(f"{name}: {knob} must be of type {expected}, not {value!r}")
    try:
        return known[name](**knobs)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def knob_types(domain: type[Domain]) -> dict[str, tuple[type, ...]]:
    """The types that each knob of a domain takes, from its annotation."""
    hints = get_type_hints(domain)
    return {item.name: get_args(hints[item.name]) or (hints[item.name],) for item in fields(domain)}


@cache
def checker(kind: str) -> Checker:
    """The trusted checker of a kind, made once a process."""
    known: dict[str, type[Checker]] = _plugins("neurosym.oracles", Checker, "kind")
    if kind not in known:
        raise _missing("kind", kind, known)
    return known[kind]()


def kinds() -> list[str]:
    """Every kind that has a checker."""
    return sorted(_plugins("neurosym.oracles", Checker, "kind"))


@cache
def _oracle_classes() -> dict[str, type[Oracle]]:
    return _plugins("neurosym.oracles", Oracle, "name")


@cache
def oracle(name: str) -> Oracle:
    """The oracle `name`, made once a process and kept warm."""
    known = _oracle_classes()
    if name in known:
        return known[name]()
    for module in _modules("neurosym.oracles"):
        named: Callable[[str], Oracle | None] | None = getattr(module, "oracle_named", None)
        found = named(name) if named else None
        if found is not None:
            return found
    raise _missing("oracle", name, known)


def oracles(kind: str) -> list[str]:
    """The names of the oracles of a kind, the default one first."""
    of_kind = [found for found in _oracle_classes().values() if found.kind == kind]
    return [found.name for found in sorted(of_kind, key=lambda found: (not found.default, found.name))]


def default_oracle(kind: str) -> str:
    """The name of the oracle that labels a kind unless another is asked for."""
    names = oracles(kind)
    if not names:
        raise UsageError(f"no oracle for kind {kind!r} is installed")
    return names[0]


def second_oracle(kind: str, first: str) -> Oracle:
    """An installed oracle of another family than `first`, whose agreement therefore counts.

    Raises Undecided(TOOL_MISSING) with the first missing tool's own line where none can run.
    """
    family = oracle(first).family
    missing: Undecided | None = None
    for name in oracles(kind):
        other = oracle(name)
        if other.family == family:
            continue
        try:
            other.version()
        except Undecided as error:
            missing = missing or error
            continue
        return other
    raise missing or Undecided(Reason.TOOL_MISSING, f"no second oracle for kind {kind}")
