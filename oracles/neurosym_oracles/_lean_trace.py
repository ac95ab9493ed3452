"""Proof traces: what each tactic of a proof made of the goals, as Lean's own information tree tells it.

Contract: read from `trace.Elab.info`, which works with any Lean 4 and needs no meta code. Its text is no stable
interface, so what does not read as expected is left out. Nothing rests on a trace: whoever trains on a step has it
checked, with the tactics before as `prefix` and those after as `rest`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from neurosym.core import Budget
from neurosym_oracles._lean import Pool

Step = list[str]
"""A tactic, the goals before it, and the goals after it: "no goals" where it closes the last."""

_NODE = re.compile(r"( *)• \[Tactic\] @ ⟨(\d+), (\d+)⟩-⟨(\d+), (\d+)⟩ @ (\S+)")
_WRAPPERS = re.compile(r"evalTacticSeq|evalParen|evalSepTactics|evalTacticCDot|expandTacticBlock|evalUnknown")
_BEGINS = re.compile(r" *(?:· *)*|.*(?:;|=>|<;>|\(|\|) *")
"""What may be before a tactic in its line: an `intro` of many names has parts that are tactics to Lean alone."""
_UNSTABLE = re.compile(r"\?m\.|\?_uniq|✝")


def trace(pool: Pool, header: str, statement: str, proof: str, budget: Budget) -> list[Step]:
    """The steps of a tactic block, in the order of the text; none where its tree does not read. Raises Undecided."""
    lines = [*header.split("\n"), "set_option trace.Elab.info true", "theorem neurosym_traced :", "(", statement, ")"]
    lines += [":=", "(", "by", *(f"  {line}" for line in proof.split("\n")), ")", ""]
    messages = pool.messages((header,), "\n".join(lines), budget.seconds, budget.memory_mb)
    if any(message.severity == "error" for message in messages):
        return []
    found: dict[tuple[int, int], Step] = {}
    for message in messages:
        for place, step in _steps(message.text.split("\n"), lines):
            found.setdefault(place, step)
    steps = [found[place] for place in sorted(found)]
    return [] if any(_UNSTABLE.search(part) for step in steps for part in step) else steps


def _steps(tree: Sequence[str], lines: Sequence[str]) -> list[tuple[tuple[int, int], Step]]:
    steps = []
    for number, line in enumerate(tree):
        node = _NODE.fullmatch(line)
        if node is None or _WRAPPERS.search(node[6]):
            continue
        indentation = f"{node[1]}  "
        goals = _goals(tree[number + 1 :], indentation)
        first, start, last, end = (int(node[group]) for group in (2, 3, 4, 5))
        if goals is not None and first <= last <= len(lines):
            text = [line[2:] for line in lines[first - 1 : last]]
            text[-1] = text[-1][: end - 2]
            before, text[0] = text[0][: start - 2], text[0][start - 2 :]
            if _BEGINS.fullmatch(before) and not text[0].startswith("|"):
                steps.append(((first, start), ["\n".join(text), *goals]))
    return steps


def _goals(tree: Sequence[str], indentation: str) -> tuple[str, str] | None:
    """The goals before and after, from the lines under a node; None where they are not there."""
    parts: dict[str, list[str]] = {}
    part = ""
    for line in tree:
        if not line.startswith(indentation) or line.lstrip().startswith("• "):
            break
        text = line.removeprefix(indentation)
        for word in ("before", "after"):
            if text == word or text.startswith(f"{word} "):
                part, text = word, text.removeprefix(word).strip()
        if part and text:
            parts.setdefault(part, []).append(text)
    if parts.keys() != {"before", "after"}:
        return None
    return "\n".join(parts["before"]), "\n".join(parts["after"])
