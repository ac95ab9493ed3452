"""Imports run one way, and are quick."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = sorted((ROOT / "neurosym").rglob("*.py"))
ORACLES = sorted((ROOT / "oracles" / "neurosym_oracles").glob("*.py"))
DOMAINS = sorted((ROOT / "domains" / "neurosym_domains").glob("*.py"))
KERNELS = sorted((ROOT / "oracles" / "neurosym_oracles" / "_kernels").glob("*.py"))
HEAVY = {"numpy", "pyarrow", "ray", "rich", "scipy", "datasketch", "torch", "z3", "pysat", "cvc5", "unified_planning",
         "fast_downward", "pyperplan", "up_fast_downward", "mujoco"}  # fmt: skip


def imported(file: Path) -> set[str]:
    """Every module that a file imports anywhere, but under TYPE_CHECKING."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file.name}: relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def of(package: str, names: set[str]) -> set[str]:
    return {name for name in names if name == package or name.startswith(f"{package}.")}


def test_the_layout_is_found():
    assert len(ENGINE) > 10 and len(ORACLES) > 5 and len(DOMAINS) > 5 and len(KERNELS) > 5


@pytest.mark.parametrize("file", ENGINE, ids=lambda file: file.name)
def test_the_engine_names_no_plugin(file):
    assert not of("neurosym_oracles", imported(file)) | of("neurosym_domains", imported(file))


@pytest.mark.parametrize("file", KERNELS, ids=lambda file: file.name)
def test_a_kernel_needs_the_standard_library_alone(file):
    others = {name for name in imported(file) if name.split(".")[0] not in sys.stdlib_module_names}
    assert others == of("neurosym_oracles._kernels", others)


@pytest.mark.parametrize("file", KERNELS, ids=lambda file: file.name)
def test_a_kernel_is_short(file):
    assert len(file.read_text().splitlines()) <= 150


@pytest.mark.parametrize("file", ORACLES + DOMAINS, ids=lambda file: file.name)
def test_a_plugin_needs_the_nouns_and_nothing_else_of_ours(file):
    ours = of("neurosym", imported(file))
    assert ours == of("neurosym.core", ours) | of("neurosym.canonical", ours) | of("neurosym.sandbox", ours)
    package = file.parent.name
    others = of("neurosym_oracles", imported(file)) | of("neurosym_domains", imported(file))
    private = {name for name in others if name.startswith(f"{package}._")}
    assert others == private, "plugins share only their own package's private modules"


CERTIFICATE_MAKERS = {"_bitblast_proof.py", "_farkas_search.py", "_integer_equations.py", "_simplex.py"}
"""What they make is evidence for one kernel, in its terms; they decide no answer."""


@pytest.mark.parametrize("file", ORACLES, ids=lambda file: file.name)
def test_a_solver_shares_no_code_with_its_checker(file):
    if not file.name.endswith("_checker.py") and file.name not in CERTIFICATE_MAKERS:
        assert not of("neurosym_oracles._kernels", imported(file))


def test_the_nouns_import_nothing_of_ours():
    assert not of("neurosym", imported(ROOT / "neurosym" / "core.py"))


@pytest.mark.parametrize("file", ENGINE + ORACLES + DOMAINS, ids=lambda file: file.name)
def test_heavy_imports_stay_inside_functions(file):
    for node in ast.parse(file.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.split(".")[0] for name in names} & HEAVY


def test_importing_loads_no_heavy_package():
    code = "import sys, neurosym; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not set(loaded) & HEAVY


@pytest.mark.parametrize("module", ["generate", "verify", "check"])
def test_help_loads_no_heavy_package(module):
    code = f"import sys, neurosym.{module} as m; m.parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not set(loaded) & HEAVY


def test_help_shows_examples():
    for module in ("generate", "verify", "check"):
        shown = subprocess.run([sys.executable, "-m", f"neurosym.{module}", "--help"], capture_output=True, text=True,
                               check=True).stdout  # fmt: skip
        assert "examples:" in shown and f"python -m neurosym.{module}" in shown


def test_the_public_names_are_pinned():
    import neurosym

    assert neurosym.__all__ == [
        "Budget", "Checker", "Claim", "Domain", "Lake", "MalformedAnswer", "MalformedProblem", "Oracle", "Problem",
        "Reason", "Record", "Status", "Summary", "Trust", "Undecided", "Verdict", "annotate", "checker", "domain",
        "evaluate", "judge", "oracle", "reward", "stream", "train",
    ]  # fmt: skip
    for name in neurosym.__all__:
        assert getattr(neurosym, name) is not None
    assert not hasattr(neurosym, "generate") or neurosym.generate.__name__ == "neurosym.generate"
