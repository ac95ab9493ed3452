"""Proof scripts for Rocq: propositional statements by a search of our own, others by scripts that often work.

The evidence is `{"trace": [[sentence, goals before, goals after], …]}`: what coqtop shows around each tactic, for
training on next tactics. No checker reads it. For a statement that is not propositional, or that stands under a header,
some fixed scripts are tried in turn: Rocq's own procedures, then induction on each of the first variables.

Rocq counts no steps: `Budget.steps` bounds the sequents that the search visits, and the scripts that are tried.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym.sandbox import Session
from neurosym_oracles._rocq import session, version
from neurosym_oracles._rocq_search import read, script

DEFAULT_STEPS = 20_000
MOST_VARIABLES = 3

_MARK = "neurosym_mark"
_GOAL = "neurosym_goal"

MAX_PAYLOAD = 10_000

_PLAIN = re.compile(r"[A-Za-z0-9_'.,;:|(){}\[\]<>=/\\~+*&@%!? \n-]*")
_FULL_STOP = re.compile(r"\.(?:\s+|\Z)")
_DEFINES = re.compile(r"(?:Definition|Fixpoint|Inductive|From Coq Require Import|Open Scope) ")
_FORALL = re.compile(r"forall ((?:[A-Za-z][A-Za-z0-9_]* )+):")
_SENTENCE = re.compile(r"(?:^|(?<=\s))(?:-+|\++|\*+|[{}])(?=\s|\Z)|[a-z](?:[^.]|\.(?!\s|\Z))*\.(?=\s|\Z)")
"""Of our own scripts: bullets, braces, and tactics with their full stop."""


class Rocq(Oracle):
    name = "rocq"
    kind = "rocq"
    family = "rocq"
    effort = "steps"
    default = True

    def __init__(self) -> None:
        self._session: Session | None = None
        self._memory_mb = 0

    def version(self) -> str:
        return version()

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        header, statement = _read(problem)
        steps = DEFAULT_STEPS if budget.steps is None else budget.steps
        try:
            propositional = None if header else read(statement)
            found = script(*propositional, steps) if propositional else None
        except RecursionError:
            raise Undecided(Reason.UNSUPPORTED, "nested too deeply") from None
        if found is not None:
            answer, visited = found
            trace = self._trace(header, statement, answer, budget)
            if trace is None:
                raise Undecided(Reason.UNSUPPORTED, "our script does not prove it")
            return Claim(answer, {"trace": trace}, {"steps": visited, "sentences": len(trace)})
        for tried, answer in enumerate(_attempts(statement), 1):
            if tried > steps:
                raise Undecided(Reason.TIMEOUT, f"no proof among {steps} scripts")
            trace = self._trace(header, statement, answer, budget)
            if trace is not None:
                return Claim(answer, {"trace": trace}, {"steps": tried, "sentences": len(trace)})
        raise Undecided(Reason.UNSUPPORTED, "none of the scripts that are tried proves it")

    def _trace(self, header: list[str], statement: str, answer: str, budget: Budget) -> Json:
        """The goals around each tactic; None where the script is no proof."""
        stated = [*header, f"Theorem {_GOAL} : ({statement}).", "Proof."]
        script_sentences = _SENTENCE.findall(answer)
        shown = self._ask(
            [*stated, *script_sentences, "Qed.", f"Locate {_GOAL}.", "Abort All.", "Reset Initial."], budget
        )
        if not shown[-3].startswith("Constant"):
            return None
        before, trace = shown[len(stated) - 2], []
        for sentence, after in zip(script_sentences, shown[len(stated) :], strict=False):
            if sentence.endswith("."):
                trace.append([sentence, before, after])
            before = after or before
        return trace

    def _ask(self, commands: list[str], budget: Budget) -> list[str]:
        """What coqtop shows after each command: nothing where it refuses the command."""
        deadline = time.monotonic() + budget.seconds
        toplevel = self._opened(budget.memory_mb)
        marks = [f"Locate {_MARK}_{number}." for number in range(len(commands))]
        both = [text for pair in zip(commands, marks, strict=True) for text in pair]
        toplevel.write("".join(f"{line}\n" for line in both).encode())
        shown: list[str] = []
        lines: list[str] = []
        while len(shown) < len(commands):
            line = toplevel.read_line(deadline - time.monotonic()).decode("utf-8", "replace").rstrip()
            if line == f"No object of basename {_MARK}_{len(shown)}":
                shown.append("\n".join(lines))
                lines = []
            elif line:
                lines.append(line)
        return shown

    def _opened(self, memory_mb: int) -> Session:
        """The session of this memory, started where it is not alive."""
        if self._session is None or not self._session.alive() or self._memory_mb != memory_mb:
            if self._session is not None:
                self._session.close()
            self._session, self._memory_mb = session(memory_mb), memory_mb
            self._session.write(b"Locate neurosym_start.\n")
            while not self._session.read_line(60).startswith(b"No object of basename neurosym_start"):
                pass  # the greeting
        return self._session


def _read(problem: Problem) -> tuple[list[str], str]:
    """The sentences of the header, and the statement, both as one line each.

    Raises MalformedProblem, and Undecided(UNSUPPORTED) for what we would rather not tell coqtop.
    """
    header, statement = problem.payload.get("header"), problem.payload.get("statement")
    if (
        problem.payload.keys() != {"header", "statement"}
        or not isinstance(header, str)
        or not isinstance(statement, str)
    ):
        raise MalformedProblem('want the payload {"header": text, "statement": text}')
    if len(header) + len(statement) > MAX_PAYLOAD or not _PLAIN.fullmatch(header) or not _PLAIN.fullmatch(statement):
        raise Undecided(Reason.UNSUPPORTED, "too long, or with characters that this oracle does not read")
    lines = [" ".join(sentence.split()) for sentence in _FULL_STOP.split(header)]
    if lines.pop() or not all(_DEFINES.match(line) for line in lines):
        raise Undecided(Reason.UNSUPPORTED, "a header of more than definitions and imports from Coq")
    if "(*" in header + statement or "ltac" in header + statement or _FULL_STOP.search(f"{statement} "):
        raise Undecided(Reason.UNSUPPORTED, "comments, quotations or a full stop in the statement")
    return [f"{line}." for line in lines], " ".join(statement.split())


def _attempts(statement: str) -> Iterator[str]:
    """Scripts worth a try, the readable ones first."""
    quantified = _FORALL.match(statement)
    bound = quantified[1].split() if quantified else []
    start = f"intros {' '.join(bound)}.\n" if bound else ""
    yield from (f"{start}reflexivity.", f"{start}simpl.\nreflexivity.", f"{start}tauto.", f"{start}auto.")
    for name in bound[:MOST_VARIABLES]:
        for rewrites in (f"IH{name}", f"<- IH{name}", f"IH{name}, <- plus_n_Sm", f"<- IH{name}, plus_n_Sm"):
            yield (
                f"{start}induction {name} as [| {name} IH{name}].\n- simpl.\n  auto.\n"
                f"- simpl.\n  rewrite {rewrites}.\n  reflexivity."
            )
    yield from ("intuition.", "firstorder.")


PLUGINS = (Rocq,)
