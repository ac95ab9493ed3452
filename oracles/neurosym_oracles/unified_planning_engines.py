"""Any engine of unified-planning by its name there: the oracle `up:pyperplan`, `up:symk-opt`, `up:enhsp`, …

`import unified_planning` takes a second, engines write into the working directory, and their labels were corrupted
where two processes shared one. So there is one companion, a process that has imported the library and forks for
every problem: each problem meets the same fresh state, a hash seed that is fixed, a directory of its own, and a
limit on memory and time that the engine's own programs inherit.

An engine's word is mapped exactly: "unsolvable" is claimed for UNSOLVABLE_PROVEN alone. `payload` and `plan_text` take
unified-planning's own objects to the text of this project.
"""

from __future__ import annotations

import errno
import math
import os
import re
import resource
import signal
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym_oracles._companion import MOST_SECONDS, Companion, channel, limit

MISSING = "unified-planning engines need unified-planning: pip install 'neurosym-engine[planners]'"

PREFIX = "up:"
_NAME = re.compile(r"up:([A-Za-z0-9][A-Za-z0-9_.-]{0,60})")

STATUSES = {
    "SOLVED_SATISFICING": "plan",
    "SOLVED_OPTIMALLY": "plan",
    "UNSOLVABLE_PROVEN": "unsolvable",
    "UNSOLVABLE_INCOMPLETELY": Reason.NO_EVIDENCE,
    "INTERMEDIATE": Reason.NO_EVIDENCE,
    "TIMEOUT": Reason.TIMEOUT,
    "MEMOUT": Reason.MEMORY,
    "UNSUPPORTED_PROBLEM": Reason.UNSUPPORTED,
    "INTERNAL_ERROR": Reason.TOOL_CRASHED,
}
"""Every member of unified-planning's PlanGenerationResultStatus."""

GRACE = 2.0
"""Seconds that an engine gets, after its time-out, to stop by itself."""


def oracle_named(name: str) -> Oracle | None:
    """The oracle of the name `up:ENGINE`, None for a name of another form."""
    found = _NAME.fullmatch(name)
    return UnifiedPlanningEngine(found[1]) if found else None


def payload(problem: Any) -> dict[str, Json]:
    """The payload of a unified_planning Problem: its text in PDDL, with the names that PDDLWriter gives."""
    from unified_planning.io import PDDLWriter

    writer = PDDLWriter(problem)
    return {"domain": writer.get_domain(), "problem": writer.get_problem()}


def plan_text(problem: Any, plan: Any) -> str:
    """A SequentialPlan of a unified_planning Problem as an answer to `payload(problem)`, in the names of that text."""
    from unified_planning.io import PDDLWriter

    writer = PDDLWriter(problem)
    writer.get_domain(), writer.get_problem()  # the writer chooses its names while it writes
    return _text(plan, writer.get_pddl_name)


def _text(plan: Any, name: Any) -> str:
    return "\n".join(
        f"({' '.join([name(step.action), *(name(value.object()) for value in step.actual_parameters)])})".lower()
        for step in plan.actions
    )


class UnifiedPlanningEngine(Oracle):
    """One engine. Its `family` is the code base that the engine is built on, so that agreement counts for something."""

    kind = "pddl"
    effort = "plan_length"

    _companion: ClassVar[Companion | None] = None
    """One for all engines: it is the same for each problem, whichever was there before."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.name = PREFIX + engine  # type: ignore[misc]  # one class for every engine
        base = re.split(r"-(?:opt|sat|anytime)\b", engine)[0]
        self.family = "fast-downward" if base in ("symk", "kstar", "lama") else base  # type: ignore[misc]

    def version(self) -> str:
        try:
            versions = [f"unified-planning {metadata.version('unified-planning')}"]
        except metadata.PackageNotFoundError:
            raise Undecided(Reason.TOOL_MISSING, MISSING) from None
        with suppress(metadata.PackageNotFoundError):
            package = f"up-{self.engine.removesuffix('-opt')}"
            versions.append(f"{package} {metadata.version(package)}")
        return ", ".join(versions)

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        texts = {part: problem.payload.get(part) for part in ("domain", "problem")}
        if not all(isinstance(text, str) for text in texts.values()):
            raise MalformedProblem('a payload of kind pddl is {"domain": text, "problem": text}')
        companion = UnifiedPlanningEngine._companion
        if companion is None or not companion.alive():
            self.version()
            companion = UnifiedPlanningEngine._companion = Companion(__name__)
        request = {**texts, "engine": self.engine, "seconds": budget.seconds, "memory_mb": budget.memory_mb}
        with tempfile.TemporaryDirectory(prefix="neurosym-", ignore_cleanup_errors=True) as directory:
            reply = companion.ask({**request, "directory": directory}, budget.seconds + GRACE)
        if "undecided" in reply:
            raise Undecided(Reason(reply["undecided"]), reply["detail"])
        outcome = STATUSES[reply["status"]]
        if isinstance(outcome, Reason):
            raise Undecided(outcome, f"{self.engine} says {reply['status']}")
        if outcome == "unsolvable":
            return Claim("unsolvable")
        if reply["plan"] is None:
            raise Undecided(Reason.TOOL_CRASHED, f"{self.engine} says {reply['status']} without a sequence of actions")
        metrics: dict[str, Json] = {"plan_length": len(reply["plan"].splitlines())}
        if reply["status"] == "SOLVED_OPTIMALLY":
            metrics["optimality"] = "asserted"
        return Claim(reply["plan"], metrics=metrics)


def serve() -> None:
    """The companion's side: a fork for each request."""
    requests, reply = channel()
    from unified_planning.io import PDDLReader  # noqa: F401  (the slow import, before the first request)
    from unified_planning.shortcuts import OneshotPlanner, get_environment  # noqa: F401

    get_environment().credits_stream = None
    reply({})
    for request in requests:
        child = os.fork()
        if child == 0:
            reply(_limited(request))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
            reason = Reason.TIMEOUT if late else Reason.TOOL_CRASHED
            reply({"undecided": reason, "detail": f"the engine's process ended with status {status}"})


def _limited(request: dict[str, Json]) -> dict[str, Json]:
    from unified_planning.exceptions import UPNoRequestedEngineAvailableException, UPUsageError

    limit(resource.RLIMIT_CPU, math.ceil(min(request["seconds"], MOST_SECONDS) + GRACE))
    try:
        os.chdir(request["directory"])
        tempfile.tempdir = os.environ["TMPDIR"] = request["directory"]
        return _solve(request)
    except MemoryError:
        return {"undecided": Reason.MEMORY, "detail": "the engine ran out of memory"}
    except UPNoRequestedEngineAvailableException:
        return {
            "undecided": Reason.TOOL_MISSING,
            "detail": f"unified-planning has no engine {request['engine']!r} here",
        }
    except UPUsageError as error:
        return {"undecided": Reason.UNSUPPORTED, "detail": f"{request['engine']}: {error}"[:300]}
    except (Exception, SystemExit) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return {"undecided": Reason.MEMORY, "detail": "the engine ran out of memory"}
        return {
            "undecided": Reason.TOOL_CRASHED,
            "detail": f"{request['engine']}: {type(error).__name__}: {error}"[:300],
        }


def _solve(request: dict[str, Json]) -> dict[str, Json]:
    from unified_planning.io import PDDLReader
    from unified_planning.plans import SequentialPlan
    from unified_planning.shortcuts import OneshotPlanner

    with OneshotPlanner(name=request["engine"]) as planner:
        planner.error_on_failed_checks = True  # else an engine is given problems that it does not support
        try:
            problem = PDDLReader().parse_problem_string(request["domain"], request["problem"])
        except (Exception, SystemExit) as error:
            return {"undecided": Reason.UNSUPPORTED, "detail": f"unified-planning cannot read it: {error}"[:300]}
        # On top of what the library takes: hundreds of megabytes of addresses.
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit(resource.RLIMIT_AS, (request["memory_mb"] << 20) + pages * resource.getpagesize())
        result = planner.solve(problem, timeout=request["seconds"])
    plan = _text(result.plan, lambda item: item.name) if isinstance(result.plan, SequentialPlan) else None
    return {"status": result.status.name, "plan": plan}


PLUGINS = ()
