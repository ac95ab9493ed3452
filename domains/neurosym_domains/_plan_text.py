"""The text of a plan, as models write it: one `(action object …)` a line, in lower case, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from neurosym.core import Json, MalformedAnswer

ANY = "Find a plan that leads from the start to the goal."
"""What a prompt of a family asks for whose answer is any plan."""

MAX_CHARACTERS = 100_000

_STEP = re.compile(r"\([a-z][a-z0-9_-]*(?: [a-z0-9][a-z0-9_-]*)*\)")


def render_plan(answer: Json) -> str:
    """The text of a plan. Raises MalformedAnswer for an answer that is no plan."""
    if not isinstance(answer, str):
        raise MalformedAnswer("a plan is one text")
    return parse_plan(answer)


def renamed_plan(answer: Json, renaming: Mapping[str, str]) -> str:
    """The plan with other names for its objects. Raises MalformedAnswer for an answer that is no plan."""
    steps = [line[1:-1].split(" ") for line in render_plan(answer).split("\n")]
    renamed = ([name, *(renaming.get(each, each) for each in objects)] for name, *objects in steps)
    return "\n".join(f"({' '.join(words)})" for words in renamed)


def parse_plan(text: str) -> str:
    """The plan that a text states, without the white space around it. Raises MalformedAnswer naming the line."""
    if len(text) > MAX_CHARACTERS:
        raise MalformedAnswer(f"longer than {MAX_CHARACTERS} characters")
    plan = text.strip(" \t\r\n")
    for number, line in enumerate(plan.split("\n"), 1):
        if not _STEP.fullmatch(line):
            raise MalformedAnswer(f"line {number} is not one action in the form (name object …): {line[:40]!r}")
    return plan
