"""What several test files share: small lakes made by the real command, and a way to run commands as users do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import neurosym as ns


def run(*arguments: str, stdin: bytes | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`python -m neurosym.COMMAND …` in its own process."""
    command = [sys.executable, "-m", f"neurosym.{arguments[0]}", *map(str, arguments[1:])]
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, timeout=300)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def lake(tmp_path_factory) -> ns.Lake:
    """A small lake of all three kinds. Tests only read it; who changes one copies its folder."""
    made = ns.Lake(tmp_path_factory.mktemp("shared") / "lake")
    for name, knobs in {"blocksworld": {"blocks": 4}, "random_ksat": {}, "linear_integer": {}}.items():
        made.write(ns.annotate(ns.domain(name, **knobs), count=60, seed=3))
    return made


def one_line_error(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on stderr of a command that ended with `code`; anything more is a failure."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == code, done
    assert len(lines) == 1 and lines[0].startswith("neurosym: "), done.stderr
    return lines[0]
