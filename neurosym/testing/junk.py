"""Values, payloads and texts that are no answer, no problem and no evidence, for whoever must refuse them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from neurosym.core import MAX_DEPTH, Json

MEGABYTE = 1 << 20


def _nested(depth: int) -> Json:
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


def _nested_object(depth: int) -> Json:
    value: Json = {}
    for _ in range(depth):
        value = {"sat": value}
    return value


JUNK: tuple[Json, ...] = (
    None, True, False, 0, 1, -1, 2**70, -(10**400), 0.5, float("nan"), float("inf"), "", " ", "\n", "0", "()", "( )",
    "true", "correct", "solvable", "SAT", "Unsat", "unknown", "\0", "\ud800", "\ufeff", "\u2028", "𝟙", "é" * 1000,
    [], [[]], [None], [1, 2, 3], ["a"], [{}], {}, {"": None}, {"sat": None}, {"sat": True}, {"sat": "all"}, {"sat": {}},
    {"sat": {"x": None}}, {"sat": {"x": [1]}}, {"sat": {"": 0}}, {"sat": [None]}, {"sat": [0.5]}, {"sat": [[1]]},
    {"sat": [2**70]}, {"unsat": True}, {"plan": None, "optimal": True}, {"plan": [], "optimal": True},
    {"plan": "(", "optimal": True}, {"plan": "", "optimal": 1}, {"plan": "x", "optimal": True, "more": 0},
    {"drat": None}, {"drat": 0}, {"drat": "\0"}, {"drat": "x 0"}, {"drat": "0 0 0\n1"}, {"drat": "9" * 5000 + " 0"},
    {"lrat": None}, {"lrat": [1]}, {"lrat": "1"}, {"lrat": "0 0 0 0"}, {"lrat": "d d d"}, {"lrat": "-1 0 -1 0"},
    {"drat": "", "lrat": ""}, {"farkas": [0.5]}, {"farkas": {}}, _nested(MAX_DEPTH + 1), _nested(100_000),
    _nested_object(MAX_DEPTH + 1), _nested_object(100_000), {"sat": _nested(100_000)}, {"drat": _nested(100_000)},
)  # fmt: skip
"""A value of every shape that JSON has and of some that it has not; "" may be an answer."""


NO_TEXTS: tuple[Json, ...] = (
    None, True, 0, 0.5, "", "\0", "\ud800", ")", "(", "(((", "p", "p cnf", "()", [], {}, _nested(100_000),
)  # fmt: skip
"""Values that are no text, and texts that describe nothing."""


def nested_brackets() -> Iterator[str]:
    """A megabyte of brackets, four times."""
    for opening, closing in ("()", "[]", "{}"):
        yield opening * MEGABYTE
        yield opening * (MEGABYTE // 2) + closing * (MEGABYTE // 2)


def not_answers(text: str) -> Iterator[tuple[str, str]]:
    """Texts that contain the text of an answer and are none, each with its name."""
    yield "prose before the answer", f"Sure! Here is the answer:\n{text}"
    yield "prose after the answer", f"{text}\nI hope this helps."
    yield "prose before it on its line", f"Answer: {text}"
    yield "prose after it on its line", f"{text} is the answer"
    yield "a markdown fence", f"```\n{text}\n```"
    yield "a markdown fence with a language", f"```text\n{text}\n```"
    yield "a denial", f"The answer is not {text}"
    yield "a denial after it", f"{text} is wrong"
    yield "quotation marks", f'"{text}"'
    yield "tags", f"<answer>{text}</answer>"
    yield "brackets", f"[{text}]"
    yield "NUL before", f"\0{text}"
    yield "NUL after", f"{text}\0"
    yield "NUL inside", f"{text[: len(text) // 2]}\0{text[len(text) // 2 :]}"
    yield "half of a character", f"{text}\ud800"
    yield "a byte order mark", f"\ufeff{text}"
    digits = {ord("0") + value: 0x0660 + value for value in range(10)}
    wide = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
    for name, table in (("digits of another script", digits), ("wide letters", wide)):
        if (foreign := text.translate(table)) != text:
            yield name, foreign


def broken_texts(text: str, rng: random.Random, count: int = 12) -> Iterator[str]:
    """A text with something left out, doubled, exchanged or put in."""
    for _ in range(count):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 1, 1, 3, 20)))
        piece = rng.choice(("", "", text[start:end] * 2, text[start:end][::-1], *"()0-19 \n\t;|\"'#x?:.\0é\u0661"))
        yield text[:start] + piece + text[end:]


def broken_payloads(payload: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Payloads that are none of the kind's problems: a part missing, added, or of another shape."""
    yield {}
    yield {"": ""}
    yield {**payload, "no such part": ""}
    for name in payload:
        yield {other: value for other, value in payload.items() if other != name}
        for junk in [*NO_TEXTS, [payload[name]], *nested_brackets()]:
            if junk != payload[name]:
                yield {**payload, name: junk}
