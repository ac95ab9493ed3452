"""The text of an answer to a CNF formula: `unsat`, or `sat` and one literal for each variable, in order."""

from __future__ import annotations

import re

from neurosym.core import Json, MalformedAnswer

ANSWER = """\
Answer with sat and then one literal for each variable in order, as in: sat 1 -2 3 … \
If there are no such truth values, answer with: unsat"""

_MODEL = re.compile(r"sat(?: -?[1-9][0-9]{0,6})*+")


def render_model(answer: Json) -> str:
    """The text of an answer. Raises MalformedAnswer for what is neither "unsat" nor a model."""
    if answer == "unsat":
        return "unsat"
    literals = answer.get("sat") if isinstance(answer, dict) else None
    if not isinstance(literals, list) or not set(map(type, literals)) <= {int}:
        raise MalformedAnswer("the answer is neither unsat nor a model")
    return " ".join(["sat", *map(str, literals)])


def parse_model(text: str, variables: int) -> Json:
    """The answer that a text states for a formula of so many variables. Raises MalformedAnswer."""
    text = text.strip(" \t\r\n")
    if text == "unsat":
        return "unsat"
    if not _MODEL.fullmatch(text):
        raise MalformedAnswer("neither unsat nor sat followed by literals, with single spaces")
    literals = list(map(int, text.split(" ")[1:]))
    if len(literals) != variables:
        raise MalformedAnswer(f"{len(literals)} literals for {variables} variables")
    return {"sat": literals}
