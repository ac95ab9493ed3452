"""Z3 as an untrusted oracle of kind `smtlib2` (de Moura and Bjørner, TACAS 2008; package z3-solver).

A script from outside is untrusted input to Z3 too: its options write files, its `include` reads them. So Z3 is given
only declarations, definitions and assertions, spelled anew from their tokens; options, information and what comes
after the question are dropped, and every other command is refused.

Each problem is solved in a context of its own. In a shared one, the numbers of earlier terms change the order in which
Z3 sorts arguments, and with it the model: 25 of 150 small problems got another model from other predecessors.
"""

from __future__ import annotations

import ctypes
import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym_oracles._unsat_evidence import evidence_of

if TYPE_CHECKING:
    import z3

DEFAULT_RLIMIT = 100_000_000  # some fifteen seconds
MAX_UNSIGNED = (1 << 32) - 1  # Z3's parameters are 32 bits wide, and 0 means no limit
MAX_DEPTH = 10_000  # brackets open at once

M_TRIM_THRESHOLD, M_TOP_PAD = -1, -2  # of mallopt(3), in glibc's malloc.h

_KEPT = frozenset({"set-logic", "declare-const", "declare-fun", "define-const", "define-fun", "assert"})
_DROPPED = frozenset(
    {"set-option", "set-info", "check-sat", "get-model", "get-value", "get-info", "get-option", "echo", "exit"}
)
_TOKEN = re.compile(
    r"""[ \t\r\n]+ | ;[^\r\n]* | ( [()] | \|[\t\r\n\ -\[\]-{}~]*\| | "[^"]*" | [!#-'*-:<-{}~]+ ) | (.)""",
    re.VERBOSE | re.DOTALL,
)


class Z3(Oracle):
    name = "z3"
    kind = "smtlib2"
    family = "z3"
    effort = "rlimit"
    default = True

    def version(self) -> str:
        try:
            import z3
        except ImportError:
            raise Undecided(Reason.TOOL_MISSING, "z3 needs z3-solver: pip install 'neurosym-engine[solvers]'") from None
        return str(z3.get_version_string())

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        """A model, or "unsat" with the evidence that can be found for it. `budget.steps` is Z3's `rlimit`.

        Raises Undecided for unknown, for commands that are not passed on, and for values that are not rational.
        """
        self.version()
        import z3

        _keep_freed_memory()
        question, declared = _question(problem)
        solver = z3.SimpleSolver(ctx=z3.Context())
        solver.set(
            rlimit=min(max(1, DEFAULT_RLIMIT if budget.steps is None else budget.steps), MAX_UNSIGNED),
            timeout=max(1, int(min(budget.seconds * 1000, MAX_UNSIGNED - 1))),
            max_memory=min(max(1, budget.memory_mb), MAX_UNSIGNED),
        )
        try:
            solver.from_string(question)
        except z3.Z3Exception as error:
            if "memory" in str(error):
                raise Undecided(Reason.MEMORY, "Z3 ran out of memory") from None
            raise MalformedProblem(f"Z3 cannot read the script: {str(error)[:200]}") from None
        try:
            result = solver.check()
            if result == z3.unknown:
                raise _unknown(solver.reason_unknown())
            metrics = {self.effort: int(solver.statistics().get_key_value("rlimit count"))}
            if result == z3.unsat:
                sorts = {"BitVec" if "BitVec" in sort else sort[0] for sort in declared.values()}
                return Claim("unsat", evidence_of(problem, sorts, budget), metrics)
            model = solver.model()
            values = {name.strip("|"): _value(model, name.strip("|"), sort) for name, sort in declared.items()}
        except z3.Z3Exception as error:
            raise _unknown(str(error)) from None
        return Claim({"sat": values}, metrics=metrics)


@cache
def _keep_freed_memory() -> None:
    """Have glibc keep what a context frees. A context takes some megabytes; where these go back to the system each
    time, which depends on what else is in the heap, the page faults of the next one triple the time of a small problem.
    """
    with suppress(AttributeError, OSError):  # another C library
        glibc = ctypes.CDLL("libc.so.6")
        glibc.mallopt(M_TRIM_THRESHOLD, 256 << 20)
        glibc.mallopt(M_TOP_PAD, 64 << 20)


def _unknown(why: str) -> Undecided:
    """Z3's reason for no answer, as one from our list."""
    if "interrupted" in why:
        raise KeyboardInterrupt  # Z3 takes Ctrl-C for itself while it searches
    if "memory" in why or "memout" in why:
        return Undecided(Reason.MEMORY, f"Z3: {why}")
    if why in ("timeout", "canceled") or "resource limit" in why:
        return Undecided(Reason.TIMEOUT, f"Z3: {why}")
    return Undecided(Reason.UNSUPPORTED, f"Z3: {why}")


def _question(problem: Problem) -> tuple[str, dict[str, list[str]]]:
    """The declarations, definitions and assertions of the script; and the declared constants with their sorts."""
    text = problem.payload.get("script")
    if not isinstance(text, str):
        raise MalformedProblem('the payload is not {"script": text}')
    kept: list[str] = []
    declared: dict[str, list[str]] = {}
    command: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        token, unreadable = match.groups()
        if unreadable:
            raise MalformedProblem(f"the script is unreadable at character {match.start()}")
        if token is None:
            continue
        depth += (token == "(") - (token == ")")
        command.append(token)
        if depth < 0 or (depth == 0 and token != ")"):
            raise MalformedProblem(f"a bracket is missing before character {match.start()}")
        if depth > MAX_DEPTH:
            raise Undecided(Reason.UNSUPPORTED, f"nested deeper than {MAX_DEPTH}")
        if depth == 0:
            name = command[1]
            if name not in _KEPT | _DROPPED:
                raise Undecided(Reason.UNSUPPORTED, f"Z3 is not given the command {name[:60]!r}")
            if name in _KEPT:
                kept.append(_spelled(command))
            if name in ("declare-const", "declare-fun"):
                declared[command[2]] = command[3 if name == "declare-const" else 5 : -1]
            command = []
    if depth:
        raise MalformedProblem("a closing bracket is missing")
    return "\n".join(kept), declared


def _spelled(command: list[str]) -> str:
    if any(token[0] == '"' or token == "||" for token in command):
        raise Undecided(Reason.UNSUPPORTED, "strings, or the empty name, which Z3's interface cannot look up")
    return " ".join(command)


def _value(model: z3.ModelRef, name: str, sort: list[str]) -> Json:
    """The value of a constant in the form that the checker documents; a constant that Z3 left open gets one too."""
    import z3

    context = model.ctx
    if sort == ["Bool"]:
        return z3.is_true(model.eval(z3.Bool(name, context), True))
    if sort == ["Int"]:
        return _integer(model.eval(z3.Int(name, context), True))
    if sort == ["Real"]:
        value = model.eval(z3.Real(name, context), True)
        if not z3.is_rational_value(value):
            raise Undecided(Reason.UNSUPPORTED, f"the value of {name} is not rational")
        numerator, denominator = _integer(value.numerator()), _integer(value.denominator())
        return numerator if denominator == 1 else f"{numerator}/{denominator}"
    if sort[:3] == ["(", "_", "BitVec"] and sort[4:] == [")"]:
        width = int(sort[3])
        value = _integer(model.eval(z3.BitVec(name, width, context), True))
        return f"#b{value:0{width}b}" if width % 4 else f"#x{value:0{width // 4}x}"
    raise Undecided(Reason.UNSUPPORTED, f"{name} has none of the sorts Bool, Int, Real and BitVec")


def _integer(value: z3.ExprRef) -> int:
    try:
        return int(value.as_long())
    except ValueError:
        raise Undecided(Reason.UNSUPPORTED, "a value of more digits than Python reads") from None


PLUGINS = (Z3,)
