"""The rules that a plugin must keep, the error that names a broken one, and the report where none is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

Result = TypeVar("Result")
Refusal = TypeVar("Refusal", bound=Exception)


class Rule(StrEnum):
    """The closed list of what is asked of plugins."""

    SAME_BYTES = "the same path gives the same bytes"
    VARIED = "samples differ"
    PAYLOAD = "a payload is JSON without floats"
    IDENTITY = "a problem keeps its id, domain and kind"
    PROMPT = "a prompt is text, and of the style asked for"
    KNOBS = "a knob out of range raises ValueError"
    ROUND_TRIP = "parse(render(answer)) == answer"
    STRICT = "parse raises MalformedAnswer for what is no answer"
    BOUNDED = "a megabyte of nested brackets is refused within 50 ms"
    GOLD = "a right claim is correct and proved"
    LIES = "a lie is not correct"
    RIGHT = "a right answer is not called wrong or malformed"
    JUNK = "junk is not correct"
    BARE = "a bare conclusion is no evidence"
    ISOMORPHIC = "isomorphic problems have the same canonical form"
    DISTINCT = "other problems have other canonical forms"
    RENAMED = "a renaming keeps the canonical form and the proof, and changes nothing that it is given"
    SAME_CLAIM = "the same problem gets the same claim, whatever was solved before"
    SAME_VERDICT = "the same claim gets the same verdict"
    CLAIM = "a claim checks out"
    JSON = "a claim is plain JSON"
    BUDGET = "without enough budget there is no false claim"
    ERRORS = "only the documented errors are raised"


class Violation(AssertionError):
    """A plugin breaks `rule`. The message names the plugin, what happened, and the seed path to see it again."""

    def __init__(self, rule: Rule, subject: str, detail: str, where: str) -> None:
        super().__init__(f"{subject} breaks the rule {str(rule)!r}: {detail}{f' (at {where})' if where else ''}")
        self.rule = rule


@dataclass(frozen=True)
class ConformanceReport:
    """A plugin that kept every rule: how often each was tried, and notes on what could not be tried."""

    subject: str
    tried: dict[Rule, int]
    notes: dict[str, int]

    def __str__(self) -> str:
        rows = [f"{count:7d}  {what}" for what, count in [*self.tried.items(), *self.notes.items()]]
        return "\n".join([f"{self.subject} conforms:", *rows])


class Trial:
    """Counts the rules that held, and raises at the first that does not."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.where = ""
        self.tried: Counter[Rule] = Counter()
        self.notes: Counter[str] = Counter()

    def require(self, rule: Rule, truth: bool, detail: str) -> None:
        """Raises Violation unless `truth`."""
        if not truth:
            raise Violation(rule, self.subject, detail, self.where)
        self.tried[rule] += 1

    def call(self, rule: Rule, what: str, function: Callable[..., Result], *arguments: Any) -> Result:
        """What `function` returns; an exception breaks `rule`."""
        return self.attempt((), rule, what, function, *arguments)

    def attempt(
        self,
        raises: tuple[type[Refusal], ...],
        rule: Rule,
        what: str,
        function: Callable[..., Result],
        *arguments: Any,
    ) -> Result | Refusal:
        """What `function` returns, or the exception of `raises` that it raises; any other one breaks `rule`."""
        try:
            result: Result | Refusal = function(*arguments)
        except raises as refusal:
            result = refusal
        except Exception as error:
            detail = f"{what} raised {type(error).__name__}: {str(error)[:200]}"
            raise Violation(rule, self.subject, detail, self.where) from error
        self.tried[rule] += 1
        return result

    def report(self) -> ConformanceReport:
        return ConformanceReport(
            self.subject, {rule: self.tried[rule] for rule in Rule if self.tried[rule]}, {**self.notes}
        )


def quickest(function: Callable[[], object]) -> float:
    """Seconds of this process in the quickest of three calls: not those that it waits for a busy machine."""
    times = []
    for _ in range(3):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def shown(value: object) -> str:
    """A value in a message."""
    try:
        text = repr(value)
    except RecursionError:
        return "a value nested too deeply to show"
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
