"""A user's own problems, read from files: .pddl pairs, .cnf, .smt2, and .jsonl of {kind, payload}.

Contract: a path that does not exist is an error. A file that is there but no good (empty, binary, too large, no domain
for a PDDL problem) becomes a `Source` with its error, and ends in quarantine: one bad file stops nothing. Files are
taken in sorted order, so the same folder gives the same items.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from neurosym.core import Problem, canonical_json
from neurosym.errors import UsageError
from neurosym.job import Source

MAX_BYTES = 64 << 20
"""The largest file that is read."""

SUFFIXES = {".pddl": "pddl", ".cnf": "cnf", ".dimacs": "cnf", ".smt2": "smtlib2", ".jsonl": "jsonl"}
_FIELD = {"cnf": "dimacs", "smtlib2": "script"}
_DEFINITION = re.compile(r"\(\s*define\s*\(\s*(domain|problem)\s+([^\s()]+)", re.IGNORECASE)
_DOMAIN_OF = re.compile(r"\(\s*:domain\s+([^\s()]+)", re.IGNORECASE)


def domain_of_kind(kind: str) -> str:
    """The name of the domain that takes a user's own problems of a kind."""
    return f"{kind}_files"


def read(paths: Iterable[str | Path]) -> dict[str, tuple[Source, ...]]:
    """The problems in files and folders, by kind.

    Raises UsageError for a path that is not there, a file of no known suffix, or where nothing is found at all.
    """
    found: dict[str, list[Source]] = {}
    files = sorted({file for path in paths for file in _files(Path(path))})
    pddl = [file for file in files if SUFFIXES[file.suffix.lower()] == "pddl"]
    for file in files:
        kind = SUFFIXES[file.suffix.lower()]
        if kind == "jsonl":
            for source in _json_lines(file):
                found.setdefault(source.problem.kind, []).append(source)
        elif kind != "pddl":
            found.setdefault(kind, []).append(_single(file, kind))
    if pddl:
        found.setdefault("pddl", []).extend(_pairs(pddl))
    if not any(found.values()):
        raise UsageError(f"nothing to read in {', '.join(map(str, paths))}: want files of {', '.join(SUFFIXES)}")
    return {kind: tuple(sources) for kind, sources in sorted(found.items()) if sources}


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in SUFFIXES)
    elif not path.exists():
        raise UsageError(f"no file or folder {path}")
    elif path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is of no known type: want {', '.join(SUFFIXES)}")
    else:
        yield path


def _text(file: Path) -> str:
    """A file's text. Raises ValueError, saying in a few words what is wrong with it."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise ValueError(f"{size >> 20} MB, larger than {MAX_BYTES >> 20} MB")
        content = file.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    if not content.strip():
        raise ValueError("empty file")
    if b"\0" in content:
        raise ValueError("binary file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 text (byte {error.start})") from None


def _source(file: Path | str, kind: str, payload: dict[str, Any], error: str = "") -> Source:
    return Source(str(file), Problem(domain_of_kind(kind), kind, payload), error)


def _single(file: Path, kind: str) -> Source:
    try:
        return _source(file, kind, {_FIELD[kind]: _text(file)})
    except ValueError as error:
        return _source(file, kind, {}, str(error))


def _pairs(files: list[Path]) -> Iterator[Source]:
    """PDDL problems, each with the domain file in its folder (or the nearest one above) that it names."""
    texts: dict[Path, str] = {}
    domains: dict[Path, str] = {}
    problems: list[Path] = []
    for file in files:
        try:
            texts[file] = _text(file)
        except ValueError as error:
            yield _source(file, "pddl", {}, str(error))
            continue
        match = _DEFINITION.search(texts[file])
        if match is None:
            yield _source(file, "pddl", {}, "neither a PDDL domain nor a PDDL problem: no (define (domain …) …)")
        elif match[1].lower() == "domain":
            domains[file] = match[2].lower()
        else:
            problems.append(file)
    for file in problems:
        try:
            yield _source(file, "pddl", {"domain": texts[_domain_file(file, texts[file], domains)],
                                         "problem": texts[file]})  # fmt: skip
        except ValueError as error:
            yield _source(file, "pddl", {}, str(error))


def _domain_file(problem: Path, text: str, domains: dict[Path, str]) -> Path:
    named = _DOMAIN_OF.search(text)
    if named is None:
        raise ValueError("the problem names no domain: (:domain …) is missing")
    for folder in problem.parents:
        fitting = [file for file, name in domains.items() if file.parent == folder and name == named[1].lower()]
        if len(fitting) > 1:
            fitting = [file for file in fitting if problem.stem in file.stem] or fitting
        if len(fitting) > 1:
            raise ValueError(f"{len(fitting)} files define its domain {named[1]}: {', '.join(f.name for f in fitting)}")
        if fitting:
            return fitting[0]
    raise ValueError(f"no domain file for its domain {named[1]}")


def _json_lines(file: Path) -> Iterator[Source]:
    from neurosym.registry import kinds

    try:
        lines = _text(file).splitlines()
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None
    known = kinds()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            entry = json.loads(line)
            kind, payload = entry["kind"], entry["payload"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UsageError(f"{where}: not a JSON object with kind and payload") from None
        if kind not in known:
            raise UsageError(f"{where}: no checker for kind {kind!r}; known: {', '.join(known)}")
        wrong = _payload_error(payload)
        yield _source(where, kind, {} if wrong else payload, wrong)


def _payload_error(payload: Any) -> str:
    if not isinstance(payload, dict):
        return "payload is not an object"
    try:
        canonical_json(payload)
    except ValueError as error:
        return f"payload: {error}"
    return ""
