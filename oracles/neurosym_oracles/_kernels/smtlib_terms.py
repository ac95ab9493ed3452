"""Sort-checked SMT-LIB terms as a graph in which equal terms are one node.

Nodes are numbered from arguments to uses, so a loop over the numbers evaluates a term however deep it is and however
often its parts are repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from neurosym_oracles._kernels.smtlib_signatures import MIXED, SIGNATURES, Sort, require_width
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported

MAX_SIZE = 1_000_000  # nodes and arguments built, so that macros cannot explode


class Node(NamedTuple):
    """An operator applied to nodes; or a leaf: "constant" and "parameter" by name, "literal" by value."""

    operator: str
    indices: tuple[Any, ...]
    arguments: tuple[int, ...]
    sort: Sort


class Macro(NamedTuple):
    """A function that `define-fun` names: its parameters, its body, and what in the body depends on a parameter."""

    parameters: tuple[int, ...]
    body: int
    dependent: tuple[int, ...]


class Terms:
    """The nodes of one script."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._numbers: dict[Node, int] = {}
        self._open: set[int] = set()  # nodes in which a parameter occurs
        self._size = 0

    def leaf(self, operator: str, value: object, sort: Sort) -> int:
        return self._number(Node(operator, (value,), (), sort))

    def apply(self, operator: str, indices: tuple[int, ...], arguments: Sequence[int], mixed: bool) -> int:
        """An operator of the theories applied to terms. `mixed`: the logic has both Int and Real.

        Raises Malformed where no declaration of the operator fits the sorts.
        """
        signature = SIGNATURES.get(operator)
        if signature is None:
            raise Unsupported(f"no function {operator!r} is known here")
        sorts = [self.nodes[argument].sort for argument in arguments]
        if mixed and operator in MIXED and "Int" in sorts and ("Real" in sorts or operator == "/"):
            # the logics of Reals_Ints read an Int among Reals as (to_real …)
            arguments = [
                self._number(Node("to_real", (), (argument,), "Real")) if sort == "Int" else argument
                for argument, sort in zip(arguments, sorts, strict=True)
            ]
            sorts = ["Real" if sort == "Int" else sort for sort in sorts]
        index_count, fewest, most, result = signature
        sort = None
        if len(indices) == index_count and fewest <= len(sorts) <= most:
            sort = result(indices, sorts)
        if sort is None:
            shown = " ".join(str(sort) for sort in sorts[:6]) + (" …" if len(sorts) > 6 else "")
            raise Malformed(f"{operator} with indices {list(indices)} does not take arguments of sorts ({shown})")
        require_width(sort)
        return self._number(Node(operator, indices, tuple(arguments), sort))

    def macro(self, parameters: Sequence[int], body: int) -> Macro:
        dependent, pending = set[int](), [body]
        while pending:
            number = pending.pop()
            if number in self._open and number not in dependent:
                dependent.add(number)
                pending.extend(self.nodes[number].arguments)
        return Macro(tuple(parameters), body, tuple(sorted(dependent - set(parameters))))

    def expand(self, macro: Macro, given: Sequence[int]) -> int:
        """The macro's body with arguments for its parameters. No name is looked up, so none can be captured."""
        if [self.nodes[each].sort for each in given] != [self.nodes[each].sort for each in macro.parameters]:
            raise Malformed("a defined function is applied to arguments of other sorts than its parameters")
        image = dict(zip(macro.parameters, given, strict=True))
        for number in macro.dependent:
            node = self.nodes[number]
            arguments = tuple([image.get(each, each) for each in node.arguments])
            image[number] = self._number(node._replace(arguments=arguments))
        return image.get(macro.body, macro.body)

    def _number(self, node: Node) -> int:
        self._size += 1 + len(node.arguments)
        if self._size > MAX_SIZE:
            raise Unsupported(f"terms of more than {MAX_SIZE} nodes and arguments, definitions expanded")
        known = self._numbers.get(node)
        if known is not None:
            return known
        number = self._numbers[node] = len(self.nodes)
        self.nodes.append(node)
        if node.operator == "parameter" or (self._open and not self._open.isdisjoint(node.arguments)):
            self._open.add(number)
        return number
