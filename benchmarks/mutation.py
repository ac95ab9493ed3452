"""Do the tests notice when a trusted kernel is changed? Each mutant has one small change, and a test must fail for it.

    python benchmarks/mutation.py [--kernel NAME…] [--sample N] [--seed S] [--results FILE] [--list]

Mutants of a kernel (oracles/neurosym_oracles/_kernels) are made on its syntax tree:

    comparison   each operator by its contrary, and `<` by `<=` and so on
    condition    one that is no comparison negated; `not x` by `x`; `and` by `or`; `all` by `any`; `min` by `max`
    constant     an integer by one more and by one less; True by False
    arithmetic   `+` by `-`, `*` by `//`, `%` by `*`, `<<` by `>>`, `&` by `|`, `^` by `&`; `-x` by `x`
    statement    return, raise, continue, break, yield and calls left out; assignments too, where the name has another

No mutant changes text alone: strings, f-strings, what a `raise` says and what is in `TEXTS` are left as they are, and
so are annotations and decorators. Each mutant runs in a fork of a warm process that has loaded pytest but no kernel,
against the tests that `TESTS` names for it, until the first fails (killed), within a limit of processor time (killed).
Results are kept in a file, a line for each: what was killed stays so until its kernel changes, what survived is tried
again when its tests did.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import hashlib
import importlib
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "oracles" / "neurosym_oracles" / "_kernels"
PACKAGE = "neurosym_oracles._kernels"

TESTS: dict[str, tuple[str, ...]] = {
    "cnf": ("test_cnf_kernel.py", "test_drat.py", "test_lrat.py"),
    "drat": ("test_drat.py",),
    "lrat": ("test_lrat.py",),
    "unit_propagation": ("test_drat.py",),
    "pddl_graph": ("test_pddl_checker.py",),
    "pddl_normal": ("test_pddl_checker.py",),
    "pddl_courses": ("test_pddl_courses.py", "test_pddl_search.py"),
    "pddl_ground": ("test_pddl_ground.py", "test_pddl_search.py"),
    "pddl_search": ("test_pddl_search.py",),
    "pddl_": ("test_pddl_kernel.py", "test_pddl_checker.py"),
    "bit": ("test_bit_gates.py", "test_bitblast.py"),
    "farkas": ("test_farkas.py",),
    "rocq_": ("test_rocq_kernel.py",),
    "trajectory_judge": ("test_trajectory_judge.py", "test_trajectory_checker.py"),
    "trajectory_": ("test_trajectory_enclosure.py", "test_trajectory_checker.py"),
    "lean_": ("test_lean_syntax.py",),
    "linear_": ("test_farkas.py",),
    "smtlib_": ("test_smtlib_kernel.py", "test_smtlib2_checker.py"),
}
"""The tests of a kernel, by its name or the longest beginning of it; else those whose names begin as the kernel's."""

WARM = ("pytest", "hypothesis", "fractions", "z3", "cvc5", "pysat.solvers", "neurosym", "neurosym.canonical", "numpy")
"""What tests and kernels import and no mutant changes."""

TEXTS = ("clip", "quote", "shorten", "_show")
"""Functions of kernels whose results are only read by people."""

MEMORY = 4 << 30

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.Pow: ast.Mult,
}
BUILTINS = {"all": "any", "any": "all", "min": "max", "max": "min"}
LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break, ast.Expr, ast.Assign, ast.AugAssign, ast.Delete)


class Mutant(NamedTuple):
    """One change. `change` puts it into the tree, and takes it back at the end of its context."""

    line: int
    column: int
    before: str
    after: str
    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    @property
    def key(self) -> str:
        return f"{self.line}:{self.column}: {self.before} -> {self.after}"

    @contextmanager
    def change(self) -> Iterator[None]:
        kept = getattr(self.parent, self.field)
        changed = self.node if self.index is None else [*kept[: self.index], self.node, *kept[self.index + 1 :]]
        setattr(self.parent, self.field, changed)
        try:
            yield
        finally:
            setattr(self.parent, self.field, kept)


def mutants(tree: ast.Module) -> list[Mutant]:
    """Every mutant of a module, in the order of its text."""
    return list(_within(tree, _bindings(tree)))


def _bindings(tree: ast.AST) -> set[str]:
    """Names that are assigned more than once, so that leaving out an assignment is more than a NameError."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    names += [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    return {name for name in names if names.count(name) > 1}


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases", "pattern"):
            continue
        if isinstance(node, ast.Raise) and field in ("exc", "cause"):
            continue
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            if isinstance(item, ast.AST):
                yield field, index, item


def _within(node: ast.AST, rebound: set[str]) -> Iterator[Mutant]:
    for field, index, child in _children(node):
        if isinstance(child, ast.JoinedStr | ast.Import | ast.ImportFrom) or _says_nothing(child):
            continue
        for changed in _changes(child, node, field, rebound):
            ast.copy_location(changed, child)
            ast.fix_missing_locations(changed)
            line, column = getattr(child, "lineno", 0), getattr(child, "col_offset", 0)
            yield Mutant(line, column, _text(child), _text(changed), node, field, index, changed)
        yield from _within(child, rebound)


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef) and node.name in TEXTS:
        return True
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)  # a docstring


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:100]


def _changes(node: ast.AST, parent: ast.AST, field: str, rebound: set[str]) -> Iterator[ast.AST]:
    """What a node may be replaced by."""
    match node:
        case ast.Compare(ops=operators):
            for place, operator in enumerate(operators):
                for other in COMPARISONS[type(operator)]:
                    changed = copy.deepcopy(node)
                    changed.ops[place] = other()
                    yield changed
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Name(id=name) if name in BUILTINS:
            yield ast.Name(BUILTINS[name], ast.Load())
    if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
    if isinstance(node, LEAVES) and _worth_leaving_out(node, rebound):
        yield ast.Pass()
    bare = not isinstance(node, ast.Compare | ast.BoolOp | ast.Constant | ast.JoinedStr)
    bare = bare and not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
    if isinstance(node, ast.expr) and bare and field in ("test", "ifs", "guard", "values"):
        if field == "values" and not isinstance(parent, ast.BoolOp):
            return
        yield ast.UnaryOp(ast.Not(), node)


def _worth_leaving_out(node: ast.AST, rebound: set[str]) -> bool:
    if isinstance(node, ast.Assign):
        names = [name for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        return all(name.id in rebound or isinstance(name.ctx, ast.Load) for name in names)
    return True


class _Mutated(SourceFileLoader):
    """Loads a kernel from its changed tree."""

    code: Any = None

    def get_code(self, fullname: str) -> Any:
        return self.code


class _Finder(MetaPathFinder):
    """Finds one module, the mutant."""

    def __init__(self, name: str, path: Path, code: Any) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        loader = _Mutated(fullname, str(self.path))
        loader.code = self.code
        return spec_from_file_location(fullname, self.path, loader=loader)


def tests_of(kernel: str) -> list[str]:
    """The test files of a kernel; none where `TESTS` names none and no name fits."""
    beginnings = [beginning for beginning in TESTS if kernel.startswith(beginning)]
    if beginnings:
        return [str(ROOT / "tests" / name) for name in TESTS[max(beginnings, key=len)]]
    for beginning in (kernel, kernel.split("_")[0]):
        if found := sorted((ROOT / "tests").glob(f"test_{beginning}*.py")):
            return list(map(str, found))
    return []


def run(kernel: str, tree: ast.Module, seconds: float) -> tuple[str, float]:
    """ "killed", "killed by time" or "survived", and the seconds of processor time it took."""
    path = KERNELS / f"{kernel}.py"
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if child == 0:
        _run_tests(kernel, path, compile(tree, str(path), "exec"), seconds)
    _, status = os.waitpid(child, 0)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    if os.WIFSIGNALED(status):
        return "killed by time" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM) else "killed", spent
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed", spent


def _run_tests(kernel: str, path: Path, code: Any, seconds: float) -> None:
    """In the child: load the mutant in place of the kernel, and run its tests until one fails. Does not return."""
    exit_code = 70
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 3))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(int(20 * seconds) + 60)  # a mutant may also sleep
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        # Tests that bound processor time are not what is asked for here, on a machine that may be busy.
        real = time.thread_time, time.process_time
        time.thread_time, time.process_time = (lambda: real[0]() / 10), (lambda: real[1]() / 10)
        sys.meta_path.insert(0, _Finder(f"{PACKAGE}.{kernel}", path, code))
        import pytest

        quick = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow"]
        exit_code = int(pytest.main([*quick, "--rootdir", str(ROOT), *tests_of(kernel)]))
    finally:
        os._exit(exit_code)


def _warm_up() -> None:
    import hypothesis

    for name in WARM:
        with suppress(ImportError):
            importlib.import_module(name)
    # To find that a test fails is enough; what is the smallest example is not asked.
    quick = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutation", phases=quick, database=None, deadline=None)
    hypothesis.settings.load_profile("mutation")
    gc.freeze()  # what is warm is not looked at again and again
    loaded = [name for name in sys.modules if name.startswith(PACKAGE)]
    assert not loaded, f"kernels are loaded already: {loaded}"


def _digest(*paths: Path | str) -> str:
    return hashlib.sha256(b"".join(Path(path).read_bytes() for path in paths)).hexdigest()[:16]


class Results:
    """What is known of mutants, in a file that grows by a line for each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[tuple[str, str, str], dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            for line in path.read_text().splitlines():
                with suppress(ValueError):  # the run was stopped while it wrote this line
                    row = json.loads(line)
                    self.known[row["kernel"], row["source"], row["mutant"]] = row

    def outcome(self, kernel: str, source: str, tests: str, mutant: str) -> str | None:
        """What became of a mutant, or None where it is to be tried, or to be tried again."""
        row = self.known.get((kernel, source, mutant))
        if row is None or (row["outcome"] == "survived" and row["tests"] != tests):
            return None
        return str(row["outcome"])

    def add(self, **row: Any) -> None:
        self.known[row["kernel"], row["source"], row["mutant"]] = row
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")


def kernels() -> list[str]:
    """The names of all kernels."""
    return sorted(path.stem for path in KERNELS.glob("*.py") if path.stem != "__init__")


def mutate(kernel: str, sample: int | None, seed: int, results: Results) -> tuple[int, list[str]]:
    """How many mutants of a kernel were tried, and those that survived."""
    path = KERNELS / f"{kernel}.py"
    source, tests = _digest(path), _digest(*tests_of(kernel))
    tree = ast.parse(path.read_text())
    chosen = mutants(tree)
    if sample is not None and sample < len(chosen):
        places = list(range(len(chosen)))
        random.Random(f"{seed}:{kernel}").shuffle(places)  # so that a larger sample holds a smaller one
        chosen = [chosen[place] for place in sorted(places[:sample])]
    limit = None
    survivors = []
    for mutant in chosen:
        outcome = results.outcome(kernel, source, tests, mutant.key)
        if outcome is None:
            if limit is None:
                unchanged, spent = run(kernel, tree, 600)
                if unchanged != "survived":
                    return 0, ["the tests fail without any mutant"]
                limit = 3 + 1.5 * spent
            with mutant.change():
                try:
                    outcome, spent = run(kernel, tree, limit)
                except (SyntaxError, ValueError):
                    outcome, spent = "killed", 0.0
            results.add(
                kernel=kernel, source=source, tests=tests, mutant=mutant.key, outcome=outcome, seconds=round(spent, 1)
            )
        if outcome == "survived":
            survivors.append(mutant.key)
    return len(chosen), survivors


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kernel", action="append", metavar="NAME", help="only this kernel (may be given again)")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of each kernel")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "mutation.jsonl", help="default: %(default)s")
    parser.add_argument("--list", action="store_true", help="count the mutants of each kernel, and run none")
    options = parser.parse_args()
    chosen = options.kernel or kernels()
    if unknown := sorted(set(chosen) - set(kernels())):
        parser.error(f"no kernel {', '.join(unknown)}; there are {', '.join(kernels())}")
    if options.list:
        for kernel in chosen:
            print(f"{kernel:24} {len(mutants(ast.parse((KERNELS / f'{kernel}.py').read_text()))):6}")
        return 0
    _warm_up()
    results = Results(options.results)
    start = time.perf_counter()
    tried = survived = 0
    for kernel in chosen:
        if not tests_of(kernel):
            print(f"{kernel:24} no tests: name them in TESTS", flush=True)
            continue
        count, survivors = mutate(kernel, options.sample, options.seed, results)
        tried, survived = tried + count, survived + len(survivors)
        killed = count - len(survivors)
        print(f"{kernel:24} {count:5} mutants, {killed:5} killed, {len(survivors):3} survived", flush=True)
        for survivor in survivors:
            print(f"    {survivor}", flush=True)
    share = 100 * (tried - survived) / max(1, tried)
    print(f"{tried} mutants, {tried - survived} killed ({share:.1f}%); {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
