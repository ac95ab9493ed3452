"""Fast Downward (Helmert, JAIR 26, 2006): its translator and its search, without the driver script between them.

Nine tenths of the usual path, through the driver or unified-planning, lie outside the search: an interpreter is
started, modules are imported and files are written for every task. Here each oracle keeps one companion, a process
that holds the translator warm and starts the program `downward` for each task:

- a task reaches `downward` by a pipe and a plan comes back in its log: there are no files that processes could share;
- the companion and `downward` are one process group with a limit on memory, so a guard stops all of a solve;
- the companion has a fixed hash seed, so the plan does not depend on the seed or the past of this process;
- GPL-3 code (translator and search) runs beside this process, never in it.

Claims: a plan, one lower-case `(action argument …)` a line, or "unsolvable" where the search says it has proved that.
"""

from __future__ import annotations

import gc
import io
import math
import os
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata, util
from pathlib import Path
from typing import ClassVar

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym_oracles._companion import MOST_SECONDS, Companion, channel, limit

MISSING = "fast-downward needs up-fast-downward and fast-downward.translate: pip install 'neurosym-engine[planners]'"

SEARCHES = {
    "astar-lmcut": "astar(lmcut(verbosity=silent), pruning=null(verbosity=silent), verbosity=silent)",
    "astar-blind": "astar(blind(verbosity=silent), pruning=null(verbosity=silent), verbosity=silent)",
    "lazy-ff": "let(h, ff(verbosity=silent), lazy_greedy([h], preferred=[h], verbosity=silent))",
}
"""Silent, because each line of the log makes `downward` read its own size from /proc."""

OUTCOMES: Mapping[int, str | tuple[Reason, str]] = {
    0: "plan",
    1: (Reason.MEMORY, "out of memory after a plan that is not the search's last word"),
    2: (Reason.TIMEOUT, "out of time after a plan that is not the search's last word"),
    3: (Reason.MEMORY, "out of memory and time after a plan that is not the search's last word"),
    11: "unsolvable",
    12: (Reason.NO_EVIDENCE, "the search ended without a plan and without a proof that there is none"),
    13: (Reason.NO_EVIDENCE, "no plan within a bound on its cost"),
    22: (Reason.MEMORY, "the search ran out of memory"),
    23: (Reason.TIMEOUT, "the search ran out of time"),
    24: (Reason.MEMORY, "the search ran out of memory and time"),
    32: (Reason.TOOL_CRASHED, "critical error in the search"),
    33: (Reason.TOOL_CRASHED, "the search rejects its input"),
    34: (Reason.UNSUPPORTED, "the search does not support this task"),
}
"""Every exit code of `downward` (www.fast-downward.org/latest/documentation/exit-codes); any other is a crash."""

UNDERSTOOD = re.compile(
    ":(requirements|types|constants|predicates|action|parameters|precondition|effect|domain|objects|init|goal"
    "|strips|adl|typing|negation|equality|(negative|disjunctive|existential|universal|quantified)-preconditions"
    "|conditional-effects)"
)
"""Keywords whose every use the translator understands: where a text has others, its complaint may be about them."""

_STEP = re.compile(r"(.*\S) *\((\d+)\)")


class FastDownward(Oracle):
    """A* with LM-cut: shortest plans, or cheapest plans where the problem has a metric.

    LM-cut does not support conditional effects and axioms: tasks that have them are searched blindly.
    """

    name: ClassVar[str] = "fast-downward"
    kind = "pddl"
    family = "fast-downward"
    effort = "evaluations"
    default: ClassVar[bool] = True
    optimal: ClassVar[bool] = True

    def __init__(self) -> None:
        self._companion: Companion | None = None

    def version(self) -> str:
        try:
            return f"{metadata.version('up-fast-downward')}/{metadata.version('fast-downward.translate')}"
        except metadata.PackageNotFoundError:
            raise Undecided(Reason.TOOL_MISSING, MISSING) from None

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        domain, task = problem.payload.get("domain"), problem.payload.get("problem")
        if not (isinstance(domain, str) and isinstance(task, str)):
            raise MalformedProblem('a payload of kind pddl is {"domain": text, "problem": text}')
        if self._companion is None or not self._companion.alive():
            self.version()
            self._companion = Companion(__name__)
        request = {
            "domain": domain,
            "problem": task,
            "optimal": self.optimal,
            "seconds": budget.seconds,
            "memory_mb": budget.memory_mb,
        }
        reply = self._companion.ask(request, budget.seconds)
        claim = _claim(reply, domain + task, self.optimal)
        if budget.steps is not None and claim.metrics["evaluations"] > budget.steps:
            raise Undecided(Reason.TIMEOUT, f"more than {budget.steps} evaluations")
        return claim


class FastDownwardSatisficing(FastDownward):
    """Lazy greedy search with the FF heuristic and preferred operators: any plan, soon."""

    name = "fast-downward-satisficing"
    default = False
    optimal = False


def _claim(reply: dict[str, Json], texts: str, optimal: bool) -> Claim:
    """What the companion's reply means. Raises Undecided or MalformedProblem where it means no claim."""
    if "rejected" in reply:
        if all(UNDERSTOOD.fullmatch(keyword) for keyword in re.findall(r":[\w-]+", texts.lower())):
            raise MalformedProblem(reply["rejected"])
        raise Undecided(Reason.UNSUPPORTED, reply["rejected"])
    if "undecided" in reply:
        raise Undecided(Reason(reply["undecided"]), reply["detail"])
    code, log = reply["code"], reply["log"]
    outcome = OUTCOMES.get(code, (Reason.TOOL_CRASHED, f"exit code {code} of the search"))
    if isinstance(outcome, tuple):
        raise Undecided(*outcome)
    metrics: dict[str, Json] = {"search": reply["search"]}
    for key, label in (("expansions", "Expanded "), ("evaluations", "Evaluations: ")):
        metrics[key] = _number(label, log)
    if outcome == "unsolvable":
        return Claim("unsolvable", metrics=metrics)
    metrics |= {"plan_length": _number("Plan length: ", log), "plan_cost": _number("Plan cost: ", log)}
    if optimal:
        metrics["optimality"] = "asserted"
    steps = log.partition("] Actual search time: ")[2].partition("] Plan length: ")[0].split("\n")[1:-1]
    found = [_STEP.fullmatch(step) for step in steps]
    plan = [f"({step[1]})" for step in found if step]
    if not len(plan) == len(steps) == metrics["plan_length"]:
        raise Undecided(Reason.TOOL_CRASHED, "the log of the search does not hold one plan")
    return Claim("\n".join(plan), metrics=metrics)


def _number(label: str, log: str) -> int:
    found = re.search(rf"\] {label}(\d+)", log)
    if found is None:
        raise Undecided(Reason.TOOL_CRASHED, f"no line {label.strip(': ')!r} in the log of the search")
    return int(found[1])


def serve() -> None:
    """The companion's side."""
    requests, reply = channel()
    sys.stdout = sys.stderr = _Silence()
    from fast_downward.translate import main, options  # noqa: F401  (the slow import, before the first request)

    # The time limit on invariants would make a plan depend on how busy the machine is.
    options.set_options(["--keep-unreachable-facts", "--invariant-generation-max-time", "1000000", "", ""])
    gc.disable()  # a tenth of the translator's time
    gc.freeze()
    reply({})
    for number, request in enumerate(requests):
        reply(_limited(request))
        if number % 64 == 0:
            gc.collect()


class _Silence(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def _limited(request: dict[str, Json]) -> dict[str, Json]:
    limit(resource.RLIMIT_AS, request["memory_mb"] << 20)
    try:
        return _solve(request)
    except MemoryError:
        return {"undecided": Reason.MEMORY, "detail": "the translator ran out of memory"}
    except RecursionError:
        return {"undecided": Reason.UNSUPPORTED, "detail": "nested too deeply for the translator"}
    except (Exception, SystemExit) as error:
        message = re.sub(" at 0x[0-9a-f]+", "", f"the translator: {type(error).__name__}: {error}")
        return {"undecided": Reason.TOOL_CRASHED, "detail": message[:300]}
    finally:
        limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)


def _solve(request: dict[str, Json]) -> dict[str, Json]:
    from fast_downward.translate import main, normalize, pddl_parser
    from fast_downward.translate.pddl_parser import lisp_parser, parsing_functions, warning

    warning.printed_warnings.clear()
    try:
        domain = lisp_parser.parse_nested_list(io.StringIO(request["domain"], newline=None))
        problem = lisp_parser.parse_nested_list(io.StringIO(request["problem"], newline=None))
        parsed = parsing_functions.parse_task(domain, problem)
    except StopIteration:
        return {"rejected": "a text without a token"}
    except pddl_parser.ParseError as error:
        return {"rejected": " ".join(str(error).split())[:300]}
    normalize.normalize(parsed)
    task = main.pddl_to_sas(parsed)
    plain = not task.axioms and not any(effect[3] for operator in task.operators for effect in operator.pre_post)
    search = "lazy-ff" if not request["optimal"] else "astar-lmcut" if plain else "astar-blind"
    package = util.find_spec("up_fast_downward")
    assert package is not None and package.origin is not None
    program = Path(package.origin).parent / "downward" / "builds" / "release" / "bin" / "downward"
    text = io.StringIO()
    task.output(text)
    with subprocess.Popen(
        [program, "--search", SEARCHES[search], "--internal-plan-file", os.devnull],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        cpu_seconds = math.ceil(min(request["seconds"], MOST_SECONDS)) + 1
        with suppress(ValueError):  # there may be a lower limit
            # In case nobody is left to stop it: Ray kills the children of a dead worker, not their children.
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        log, _ = process.communicate(text.getvalue().encode("ascii"))
    return {"code": process.returncode, "log": log.decode("ascii", "replace"), "search": search}


PLUGINS = (FastDownward, FastDownwardSatisficing)
