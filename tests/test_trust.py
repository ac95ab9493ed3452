"""docs/trust.md says how many lines are trusted and which attacks are tested: these tests hold it to the files.

python tests/test_trust.py        writes both tables anew
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "trust.md"
ORACLES = ROOT / "oracles" / "neurosym_oracles"
KERNELS = ORACLES / "_kernels"
ATTACKS = ROOT / "tests" / "attacks"
EVERYWHERE = ("neurosym.core", "neurosym.canonical")
"""What every checker imports: counted once, in the text."""


@cache
def imports(file: Path) -> frozenset[Path]:
    """Our files that a file imports, but `EVERYWHERE`."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    found = set()
    for name in names - set(EVERYWHERE):
        package, _, rest = name.partition(".")
        folder = {"neurosym_oracles": ORACLES.parent, "neurosym": ROOT}.get(package)
        path = folder / Path(*name.split(".")).with_suffix(".py") if folder and rest else None
        if path and path.exists():
            found.add(path)
    return frozenset(found)


def closure(file: Path) -> set[Path]:
    """A file and all of ours that it rests on."""
    found, waiting = set(), [file]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += imports(here)
    return found


def checkers() -> Iterator[tuple[str, Path]]:
    """The kind and the file of each checker."""
    for path in sorted(ORACLES.glob("*_checker.py")):
        yield path.stem.removesuffix("_checker"), path


def lines(paths: set[Path]) -> int:
    return sum(len(path.read_text().splitlines()) for path in paths)


def named(paths: set[Path]) -> str:
    return " ".join(f"`{path.stem}`" for path in sorted(paths))


def lines_table() -> str:
    rows = ["| kind | kernels | lines | around them | lines |", "|---|---|---|---|---|"]
    for kind, path in checkers():
        everything = closure(path)
        kernels = {file for file in everything if file.parent == KERNELS}
        around = everything - kernels
        rows.append(f"| `{kind}` | {named(kernels)} | {lines(kernels)} | {named(around)} | {lines(around)} |")
    common = {ROOT / "neurosym" / f"{name.rpartition('.')[2]}.py" for name in EVERYWHERE}
    rows.append(f"| all | | | {named(common)} | {lines(common)} |")
    return "\n".join(rows)


def attacks() -> list[Path]:
    return sorted(ATTACKS.glob("test_*.py"))


def attacks_table() -> str:
    rows = ["| attack | what it does, and its source |", "|---|---|"]
    for path in attacks():
        told = " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
        rows.append(f"| `{path.stem.removeprefix('test_')}` | {told.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


TABLES = {"lines": lines_table, "attacks": attacks_table}


def section(text: str, name: str) -> re.Match[str]:
    found = re.search(rf"(<!-- begin: {name} -->\n)(.*?)(\n<!-- end: {name} -->)", text, re.DOTALL)
    assert found, f"docs/trust.md has no section {name}"
    return found


def written(text: str) -> str:
    """The page with both tables as the files are now."""
    for name, table in TABLES.items():
        place = section(text, name)
        text = text[: place.start(2)] + table() + text[place.end(2) :]
    return text


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_the_files_are(name):
    assert section(PAGE.read_text(), name)[2] == TABLES[name](), "run: python tests/test_trust.py"


def test_every_kind_has_its_claims_on_the_page():
    page = PAGE.read_text()
    for kind, _ in checkers():
        assert re.search(rf"^\| `{kind}` \| (?!`)", page, re.MULTILINE), f"no claim of kind {kind}"
        assert f"`{kind}`" in page.split("## What a verdict means", 1)[1], f"what a verdict of kind {kind} means"


def test_every_kernel_is_some_checkers():
    used = set().union(*(closure(path) for _, path in checkers()))
    assert {path for path in KERNELS.glob("*.py") if path.stem != "__init__"} <= used


@pytest.mark.parametrize("path", attacks(), ids=lambda path: path.stem)
def test_an_attack_says_what_it_does_and_asserts(path):
    tree = ast.parse(path.read_text())
    assert len(ast.get_docstring(tree) or "") > 30, "its docstring names the attack and its source"
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert tests
    for test in tests:
        # An assertion of its own, or of a helper that it calls.
        assert any(isinstance(node, ast.Assert | ast.Call) for node in ast.walk(test))


def test_there_are_attacks_on_every_kind():
    names = [path.stem.removeprefix("test_") for path in attacks()]
    for kind, _ in checkers():
        assert any(name.startswith(kind) for name in names), kind
    assert len([name for name in names if name.startswith("text_")]) > 30
    assert len([name for name in names if name.startswith("plan_")]) > 20


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
