"""Plugins are found by package; what is missing is named, with the nearest name there is."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from neurosym import registry
from neurosym.errors import UsageError


def test_the_installed_plugins_are_found():
    assert {"blocksworld", "logistics", "random_ksat", "graph_coloring", "linear_integer"} <= set(registry.domains())
    assert {"pddl", "cnf", "smtlib2"} <= set(registry.kinds())
    defaults = [registry.default_oracle(kind) for kind in ("pddl", "cnf", "smtlib2")]
    assert defaults == ["fast-downward", "cadical", "z3"]


def test_every_oracle_and_domain_has_a_checker():
    for kind in {domain.kind for domain in registry.domains().values()}:
        assert registry.checker(kind).kind == kind and registry.oracles(kind)


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'blocksworld'"):
        registry.domain("bloksworld")
    with pytest.raises(UsageError, match="did you mean 'blocks'"):
        registry.domain("blocksworld", block=5)
    with pytest.raises(UsageError, match="did you mean 'cadical'"):
        registry.oracle("cadica")
    with pytest.raises(UsageError, match="unknown kind"):
        registry.checker("tarot")


@pytest.mark.parametrize("value", ["5", True, 5.0, [5], -1, 10**9])
def test_a_knob_of_another_type_or_out_of_range_is_an_error(value):
    with pytest.raises(UsageError, match="blocksworld: "):
        registry.domain("blocksworld", blocks=value)


@pytest.mark.parametrize("kind", ["pddl", "cnf", "smtlib2"])
def test_the_second_oracle_is_of_another_family(kind):
    first = registry.oracle(registry.default_oracle(kind))
    assert registry.second_oracle(kind, first.name).family != first.family


OUTSIDER = """
from neurosym.core import Oracle
class Guess(Oracle):
    name, kind, family, effort = "guess", "cnf", "guess", "guesses"
    def version(self): return "1"
    def solve(self, problem, budget): return None
PLUGINS = (Guess,)
"""


def test_an_outsiders_package_joins_and_its_broken_file_hides_nothing(tmp_path):
    package = tmp_path / "outsider"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "guess.py").write_text(OUTSIDER)
    (package / "broken.py").write_text("import no_such_package")
    information = tmp_path / "outsider-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[neurosym.oracles]\noutsider = outsider\n")
    code = """
        from neurosym import registry
        print(registry.oracle("guess").version(), registry.default_oracle("cnf"))
        try:
            registry.oracle("nobody")
        except registry.UsageError as error:
            print(error)
    """
    shown = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True,
                           env={"PYTHONPATH": str(tmp_path)}).stdout  # fmt: skip
    assert shown.startswith("1 cadical\n") and "outsider.broken (ModuleNotFoundError" in shown
