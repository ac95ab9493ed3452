"""An untrusted search for intuitionistic proofs, told as a script of tactics that a person can read.

The search works backwards from the goal and is focused (Miller, Nadathur, Pfenning and Scedrov, "Uniform proofs as a
foundation for logic programming", APAL 1991; Liang and Miller, "Focusing and polarization", TCS 2009): steps that lose
nothing come first, and then a hypothesis is applied or a side of a disjunction chosen. Such choices are limited in
depth, by one more each round, so the script found is among the shallowest. Without duplicates or chance: the same
formula gives the same script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from neurosym.core import Reason, Undecided

MAX_STATEMENT = 2000  # characters; the search recurses

BULLETS = ("-", "+", "*", "--", "++", "**", "---", "+++", "***")

Formula = tuple[Any, ...]
"""A label and its operands, which are formulas: ("A",), ("->", …, …), ("~", …)."""

Hypotheses = tuple[tuple[str, Formula], ...]


class Step(NamedTuple):
    """A tactic, and what is done about each goal that it leaves. `lemma`: the first goal is an asserted statement."""

    tactic: str
    then: tuple[Step, ...] = ()
    lemma: bool = False


_STATEMENT = re.compile(r"\s*forall((?:\s+[A-Za-z][A-Za-z0-9_]*)+)\s*:\s*Prop\s*,(.*)", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:(<->|->|/\\|\\/|[~()])|([A-Za-z][A-Za-z0-9_]*))")
_BINARY = ("->", "<->", "\\/", "/\\")  # loosest first; all but <-> to the right


def read(statement: str) -> tuple[list[str], Formula] | None:
    """The variables and the formula of `forall A B : Prop, FORMULA`; None for any other statement."""
    found = _STATEMENT.fullmatch(statement)
    if found is None or len(statement) > MAX_STATEMENT:
        return None
    names, text, tokens, place = found[1].split(), found[2].rstrip(), [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or not (match[1] or match[2] in (*names, "True", "False")):
            return None
        tokens.append(match[0].strip())
        place = match.end()
    tokens.append("")
    formula = _operand(tokens, 0)
    return (names, formula) if formula is not None and tokens == [""] else None


def _operand(tokens: list[str], level: int) -> Formula | None:
    """The formula at the start of the tokens, of connectives that bind at least as tightly as `level`; taken away."""
    if level < len(_BINARY):
        left = _operand(tokens, level + 1)
        if left is None or tokens[0] != _BINARY[level]:
            return left
        symbol = tokens.pop(0)
        right = _operand(tokens, level + (symbol == "<->"))
        return None if right is None else (symbol, left, right)
    token = tokens.pop(0) if tokens[0] else ")"
    if token == "~":
        inner = _operand(tokens, level)
        return None if inner is None else ("~", inner)
    if token == "(":
        inner = _operand(tokens, 0)
        return inner if inner is not None and tokens[0] == ")" and tokens.pop(0) else None
    return None if token in (*_BINARY, ")") else (token,)


def script(names: list[str], formula: Formula, steps: int) -> tuple[str, int]:
    """A script that proves the formula, and the sequents visited. Raises Undecided beyond `steps` of them."""
    search = _Search(steps, frozenset(names))
    depth = 0
    while (found := search.prove((), frozenset(), formula, depth)) is None:
        if not search.limited:
            raise Undecided(Reason.UNSUPPORTED, "no intuitionistic proof")
        search.limited = False
        search.failed.clear()
        depth += 1
    first = Step(f"intros {' '.join(names)}", (found,))
    return "\n".join(_lines(first, 0, "")), search.visited


class _Search:
    def __init__(self, steps: int, taken: frozenset[str]) -> None:
        self.steps = steps
        self.taken = taken
        self.visited = 0
        self.limited = False  # whether some branch was cut for its depth alone
        self.failed: set[tuple[frozenset[Formula], frozenset[Formula], Formula, int]] = set()

    def prove(self, hypotheses: Hypotheses, known: frozenset[Formula], goal: Formula, depth: int) -> Step | None:
        """A proof of the goal. `known` is everything that ever was a hypothesis here, taken apart since or not."""
        self.visited += 1
        if self.visited > self.steps:
            raise Undecided(Reason.TIMEOUT, f"no proof within {self.steps} steps")
        for name, found in hypotheses:
            if found == goal:
                return Step(f"exact {name}")
            if found == ("False",):
                return Step(f"destruct {name}")
        if goal == ("True",):
            return Step("exact I")
        if goal[0] in ("->", "~"):
            name = self._fresh(hypotheses, 1)[0]
            then = goal[2] if goal[0] == "->" else ("False",)
            return self._all(f"intro {name}", [((*hypotheses, (name, goal[1])), known | {goal[1]}, then)], depth)
        for place, (name, found) in enumerate(hypotheses):
            if found[0] in ("/\\", "\\/", "<->") and not _is_told(found, known):
                return self._taken_apart(hypotheses[:place] + hypotheses[place + 1 :], known, goal, name, found, depth)
        if goal[0] in ("/\\", "<->"):
            parts = goal[1:] if goal[0] == "/\\" else (("->", goal[1], goal[2]), ("->", goal[2], goal[1]))
            return self._all("split", [(hypotheses, known, part) for part in parts], depth)
        state = (frozenset(found for _, found in hypotheses), known, goal, depth)
        if state in self.failed:
            return None
        found_proof = self._chosen(hypotheses, known, goal, depth)
        if found_proof is None:
            self.failed.add(state)
        return found_proof

    def _taken_apart(
        self, rest: Hypotheses, known: frozenset[Formula], goal: Formula, name: str, found: Formula, depth: int
    ) -> Step | None:
        one, two = self._fresh((*rest, (name, found)), 2)
        left, right = found[1:]
        if found[0] == "\\/":
            cases = [((*rest, (one, part)), known | {part}, goal) for part in (left, right)]
            return self._all(f"destruct {name} as [{one} | {one}]", cases, depth)
        if found[0] == "<->":
            left, right = ("->", left, right), ("->", right, left)
        both = (*rest, (one, left), (two, right))
        return self._all(f"destruct {name} as [{one} {two}]", [(both, known | {left, right}, goal)], depth)

    def _chosen(self, hypotheses: Hypotheses, known: frozenset[Formula], goal: Formula, depth: int) -> Step | None:
        """A proof that starts with a step that may be a mistake: applying a hypothesis, or choosing a side."""
        if depth == 0:
            self.limited = True
            return None
        sides = zip(("left", "right"), goal[1:], strict=True) if goal[0] == "\\/" else ()
        for side, part in sides:
            if proof := self._all(side, [(hypotheses, known, part)], depth - 1):
                return proof
        for name, found in hypotheses:
            conditions, head = _chain(found)
            if not conditions:
                continue
            wanted = [(hypotheses, known, condition) for condition in conditions]
            if head == goal:
                if proof := self._all(f"apply {name}", wanted, depth - 1):
                    return proof
            elif head == ("False",):
                if proof := self._all(f"apply {name}", wanted, depth - 1):
                    return Step("exfalso", (proof,))
            elif head[0] in ("/\\", "\\/", "<->") and head not in known:
                lemma = self._all(f"apply {name}", wanted, depth - 1)
                new = self._fresh(hypotheses, 1)[0]
                rest = lemma and self.prove((*hypotheses, (new, head)), known | {head}, goal, depth - 1)
                if lemma and rest:
                    return Step(f"assert ({new} : {_text(head)})", (lemma, rest), lemma=True)
        return None

    def _all(
        self, tactic: str, goals: Sequence[tuple[Hypotheses, frozenset[Formula], Formula]], depth: int
    ) -> Step | None:
        proofs = []
        for hypotheses, known, goal in goals:
            proof = self.prove(hypotheses, known, goal, depth)
            if proof is None:
                return None
            proofs.append(proof)
        return Step(tactic, tuple(proofs))

    def _fresh(self, hypotheses: Hypotheses, count: int) -> list[str]:
        taken = self.taken | {name for name, _ in hypotheses}
        names = (f"H{number}" for number in range(1, len(taken) + count + 1))
        return [name for name in names if name not in taken][:count]


def _is_told(found: Formula, known: frozenset[Formula]) -> bool:
    """Whether taking a hypothesis apart tells nothing new."""
    if found[0] == "\\/":
        return found[1] in known or found[2] in known
    return found[0] == "/\\" and found[1] in known and found[2] in known


def _chain(found: Formula) -> tuple[list[Formula], Formula]:
    """The conditions of a hypothesis, and what follows from all of them."""
    conditions = []
    while found[0] == "->":
        conditions.append(found[1])
        found = found[2]
    if found[0] == "~":
        return [*conditions, found[1]], ("False",)
    return conditions, found


def _text(formula: Formula) -> str:
    """In Rocq's notation, every compound operand in brackets."""
    parts = [_text(part) if len(part) == 1 else f"({_text(part)})" for part in formula[1:]]
    label: str = formula[0]
    if label == "~":
        return f"~ {parts[0]}"
    return f" {label} ".join(parts) if parts else label


def _lines(step: Step, level: int, indent: str) -> list[str]:
    """One sentence a line; goals that stand beside others are set in by a bullet, asserted statements by braces."""
    tactic, then, lemma = step
    while tactic.startswith("intro") and len(then) == 1 and then[0].tactic.startswith("intro "):
        tactic = tactic.replace("intro ", "intros ") + then[0].tactic.removeprefix("intro")
        then = then[0].then
    lines = [f"{indent}{tactic}."]
    if lemma:
        inner = _lines(then[0], level, f"{indent}  ")
        inner[-1] += " }"
        return [*lines, f"{indent}{{ {inner[0].lstrip()}", *inner[1:], *_lines(then[1], level, indent)]
    if len(then) == 1:
        return lines + _lines(then[0], level, indent)
    if then and level == len(BULLETS):
        raise Undecided(Reason.UNSUPPORTED, "more nested cases than bullets")
    for branch in then:
        inner = _lines(branch, level + 1, f"{indent}  ")
        lines += [f"{indent}{BULLETS[level]} {inner[0].lstrip()}", *inner[1:]]
    return lines
