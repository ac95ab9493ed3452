"""Turns S-expressions into sort-checked terms: names by scope, `let`, `define-fun` and `:named`.

A name becomes a node where it is read, so nothing can be captured later. Nothing here recurses: terms are elaborated
by generators on a list; only the reader bounds their depth.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import Any, TypeAlias

from neurosym_oracles._kernels.smtlib_signatures import SIGNATURES, Sort
from neurosym_oracles._kernels.smtlib_syntax import (
    Expression,
    Malformed,
    Unsupported,
    function_name,
    pairs,
    plain_name,
    shorten,
    symbol,
)
from neurosym_oracles._kernels.smtlib_terms import Macro, Terms
from neurosym_oracles._kernels.smtlib_values import EVERY_SORT, indexed_literal, literal, named_sort, sort_name

Steps: TypeAlias = Generator[Expression, Any, int]  # yields a term within, is sent its node, returns the whole's node

_THEORY_SYMBOLS = SIGNATURES.keys() | {"true", "false"}


class Scope:
    """The names of a script and what they mean. `sorts`: those that its logic has."""

    def __init__(self) -> None:
        self.terms = Terms()
        self.sorts = EVERY_SORT
        self._macros: dict[str, Macro] = {}
        self._local: dict[str, int] = {}
        self._global = {word: self.terms.leaf("literal", word == "true", "Bool") for word in ("true", "false")}

    def declare(self, name: Expression, sort: Sort) -> str:
        """`declare-const`. Returns the name by which an answer calls the constant."""
        fresh = self._fresh(name)
        self._global[fresh] = self.terms.leaf("constant", plain_name(fresh), sort)
        return plain_name(fresh)

    def define(self, name: Expression, parameters: Expression, sort: Sort, body: Expression) -> None:
        """`define-fun`: the body sees its parameters and what was named before it, and has the promised sort."""
        for parameter, parameter_sort in pairs(parameters):
            local = _bindable(parameter, self._local)
            self._local[local] = self.terms.leaf("parameter", local, named_sort(parameter_sort, self.sorts))
        bound = list(self._local.values())
        root = self.term(body, sort)
        self._local = {}
        fresh = self._fresh(name)
        if bound:
            self._macros[fresh] = self.terms.macro(bound, root)
        else:
            self._global[fresh] = root

    def term(self, expression: Expression, sort: Sort) -> int:
        """The node of a term, which must have this sort. Raises Malformed or Unsupported."""
        running = [self._whole(expression)]
        node: Any = None
        while running:
            try:
                within = running[-1].send(node)
            except StopIteration as done:
                running.pop()
                node = done.value
            else:
                if isinstance(within, str):
                    node = self._atom(within)
                else:
                    running.append(self._compound(within))
                    node = None
        found = self.terms.nodes[node].sort
        if found != sort:
            raise Malformed(f"a term of sort {sort_name(found)}, not {sort_name(sort)}")
        return int(node)

    def _whole(self, expression: Expression) -> Steps:
        node: int = yield expression
        return node

    def _atom(self, token: str) -> int:
        node = self._local.get(token, self._global.get(token))
        if node is None:
            if token[0] not in '#"0123456789':
                raise Malformed(f"{shorten(token)} is not declared")
            node = self._global[token] = self.terms.leaf("literal", *literal(token, self.sorts))
        return node

    def _compound(self, expression: list[Expression]) -> Steps:
        head = expression[0] if expression else None
        if head == "let":
            return (yield from self._let(expression))
        if head == "!":
            return (yield from self._named(expression))
        if head == "_":
            return self.terms.leaf("literal", *indexed_literal(expression, self.sorts))
        name, indices = function_name(head)
        arguments = []
        for item in expression[1:]:
            arguments.append((yield item))
        if name in self._local or name in self._global:
            raise Malformed(f"{shorten(name)} is applied, but it is no function")
        if name in self._macros and not indices:
            return self.terms.expand(self._macros[name], arguments)
        return self.terms.apply(name, indices, arguments, mixed=self.sorts >= {"Int", "Real"})

    def _let(self, expression: list[Expression]) -> Steps:
        """Binds in parallel: every bound term is read before any of the names is bound."""
        if len(expression) != 3 or not expression[1]:
            raise Malformed("let takes bindings and a body")
        bound: dict[str, int] = {}
        for name, value in pairs(expression[1]):
            bound[_bindable(name, bound)] = yield value
        hidden = {name: self._local[name] for name in bound if name in self._local}
        self._local.update(bound)
        result: int = yield expression[2]
        for name in bound:
            del self._local[name]
        self._local.update(hidden)
        return result

    def _named(self, expression: list[Expression]) -> Steps:
        """(! term :named name): the name stands for the closed term from here on."""
        if len(expression) != 4 or expression[2] != ":named" or self._local:
            raise Unsupported("an annotation other than :named of a closed term")
        node: int = yield expression[1]
        self._global[self._fresh(expression[3])] = node
        return node

    def _fresh(self, name: Expression) -> str:
        fresh = symbol(name)
        if fresh in _THEORY_SYMBOLS or fresh in self._global or fresh in self._macros:
            raise Malformed(f"{shorten(fresh)} is named twice, or is a symbol of a theory")
        return fresh


def _bindable(name: Expression, beside: Collection[str]) -> str:
    local = symbol(name)
    if local in beside:
        raise Malformed(f"{shorten(local)} is bound twice at once")
    if local in _THEORY_SYMBOLS:
        raise Unsupported(f"{shorten(local)}, a symbol of a theory, is bound")
    return local
