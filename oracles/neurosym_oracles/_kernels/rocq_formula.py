"""Propositional statements of Rocq: `forall A B : Prop, FORMULA`, with the notations of `Coq.Init.Logic`.

Contract: `parse` reads a statement exactly as Rocq does, or not at all (None). Precedence, tightest first: `~` (75),
`/\\` (80) and `\\/` (85) to the right, `<->` (95) not associative, `->` (99) to the right (Coq.Init.Notations).
"""

from __future__ import annotations

from typing import NamedTuple

from neurosym_oracles._kernels.rocq_tokens import Sentence

_LEVELS = {"~": 75, "/\\": 80, "\\/": 85, "<->": 95, "->": 99}
_CONSTANTS = ("True", "False")


class Node(NamedTuple):
    """A connective with its operands, each before it in the list of nodes; or a constant or variable without any."""

    label: str
    operands: tuple[int, ...]


class Formula(NamedTuple):
    """The bound variables in order, and the nodes: each occurrence of a subformula once, the whole formula last."""

    variables: tuple[str, ...]
    nodes: tuple[Node, ...]


def parse(statement: Sentence) -> Formula | None:
    """The formula of a statement of this form, None for any other. By precedence climbing with explicit stacks."""
    colon = statement.index(":") if ":" in statement else 0
    variables = statement[1:colon]
    if statement[:1] != ("forall",) or statement[colon : colon + 3] != (":", "Prop", ",") or not variables:
        return None
    if len(set(variables)) < len(variables) or not all(_is_name(name) for name in variables):
        return None
    nodes: list[Node] = []
    operands: list[int] = []
    waiting: list[str] = []  # connectives whose right operand is not complete, and open brackets
    before = True  # whether an operand must come next
    for token in statement[colon + 3 :]:
        if before:
            if token in variables or token in _CONSTANTS:
                operands.append(len(nodes))
                nodes.append(Node(token, ()))
                before = False
            elif token in ("~", "("):
                waiting.append(token)
            else:
                return None
        elif token == ")":
            _reduce(waiting, operands, nodes, 100)
            if not waiting:
                return None
            waiting.pop()
        elif token in _LEVELS and token != "~":
            _reduce(waiting, operands, nodes, _LEVELS[token] - 1)
            if token == "<->" and waiting[-1:] == ["<->"]:
                return None
            waiting.append(token)
            before = True
        else:
            return None
    _reduce(waiting, operands, nodes, 100)
    return None if before or waiting else Formula(variables, tuple(nodes))


def _reduce(waiting: list[str], operands: list[int], nodes: list[Node], level: int) -> None:
    """Complete the connectives on top that bind at least as tightly as `level`."""
    while waiting and waiting[-1] != "(" and _LEVELS[waiting[-1]] <= level:
        label = waiting.pop()
        count = 1 if label == "~" else 2
        node = Node(label, tuple(operands[-count:]))
        operands[-count:] = [len(nodes)]
        nodes.append(node)


def _is_name(token: str) -> bool:
    return token.replace("_", "a").replace("'", "a").isalnum() and token[0].isalpha() and token not in _CONSTANTS
