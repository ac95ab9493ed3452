"""The commands of an SMT-LIB 2.6 script: what it declares and what it asserts, every term sort-checked.

A script states one question: the conjunction of its assertions. What others say of it (`:status`) is not read, and
options change nothing. What is left out raises Unsupported, what breaks the standard Malformed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from neurosym_oracles._kernels.smtlib_elaborate import Scope
from neurosym_oracles._kernels.smtlib_signatures import Sort
from neurosym_oracles._kernels.smtlib_syntax import Expression, Malformed, Unsupported, read_commands, shorten
from neurosym_oracles._kernels.smtlib_terms import Node
from neurosym_oracles._kernels.smtlib_values import EVERY_SORT, named_sort

# Theories, then arithmetic: linear or not, or of differences; over integers, reals or both. Those that mean another
# sort of numerals or values (strings, floating point, data types) are left out, as is every name not of this form.
_LOGIC = re.compile(r"(?:QF_)?((?:AX?|UF|BV)*)(?:[LN](IR?|R)A|([IR])DL)?")


class Script(NamedTuple):
    """`constants` by the name that an answer uses; `nodes` from arguments to uses; `assertions` in order."""

    constants: dict[str, Sort]
    nodes: list[Node]
    assertions: list[int]


def read_script(text: str) -> Script:
    """Reads a whole script. Raises Malformed or Unsupported."""
    reader = _Reader()
    for command in read_commands(text):
        reader.execute(command)
    if not (reader.assertions or reader.checked):
        raise Malformed("the script asks nothing: it has no assertion and no check-sat")
    return Script(reader.constants, reader.scope.terms.nodes, reader.assertions)


class _Reader:
    def __init__(self) -> None:
        self.scope = Scope()
        self.constants: dict[str, Sort] = {}
        self.assertions: list[int] = []
        self.checked = self._begun = self._exited = False

    def execute(self, command: list[Expression]) -> None:
        name = command[0] if command else None
        if not isinstance(name, str):
            raise Malformed("a command does not begin with its name")
        if self._exited:
            raise Malformed(f"{shorten(name)} after exit")
        if name in ("set-info", "set-option", "get-info", "get-option", "get-model", "get-value", "echo"):
            return
        if name == "set-logic":
            self._set_logic(*_exactly(command, 1))
        elif name == "exit":
            _exactly(command, 0)
            self._exited = True
        elif name == "check-sat":
            _exactly(command, 0)
            self.checked = True
        elif name not in _QUESTION:
            raise Unsupported(f"the command {shorten(name)}")
        elif self.checked:
            raise Unsupported(f"{name} after check-sat: more than one question")
        else:
            count, method = _QUESTION[name]
            method(self, *_exactly(command, count))
        self._begun = True

    def _set_logic(self, logic: Expression) -> None:
        if self._begun:
            raise Malformed("set-logic does not come first")
        if logic == "ALL":
            return
        match = _LOGIC.fullmatch(logic) if isinstance(logic, str) else None
        if match is None:
            raise Unsupported(f"the logic {shorten(logic)}")
        numbers = match[2] or match[3] or ""
        has = {"Int": "I" in numbers, "Real": "R" in numbers, "BitVec": "BV" in match[1]}
        self.scope.sorts = frozenset(sort for sort in EVERY_SORT if has.get(sort, True))

    def _declare_fun(self, name: Expression, parameters: Expression, sort: Expression) -> None:
        if parameters != []:
            raise Unsupported("an uninterpreted function with arguments")
        self._declare_const(name, sort)

    def _declare_const(self, name: Expression, sort: Expression) -> None:
        named = named_sort(sort, self.scope.sorts)
        self.constants[self.scope.declare(name, named)] = named

    def _define_fun(self, name: Expression, parameters: Expression, sort: Expression, body: Expression) -> None:
        self.scope.define(name, parameters, named_sort(sort, self.scope.sorts), body)

    def _define_const(self, name: Expression, sort: Expression, body: Expression) -> None:
        self._define_fun(name, [], sort, body)

    def _assert(self, term: Expression) -> None:
        self.assertions.append(self.scope.term(term, "Bool"))


_QUESTION: dict[str, tuple[int, Callable[..., None]]] = {
    "declare-fun": (3, _Reader._declare_fun),
    "declare-const": (2, _Reader._declare_const),
    "define-fun": (4, _Reader._define_fun),
    "define-const": (3, _Reader._define_const),
    "assert": (1, _Reader._assert),
}
"""The commands that make up the question, with how many expressions follow each."""


def _exactly(command: list[Expression], count: int) -> list[Expression]:
    if len(command) != count + 1:
        raise Malformed(f"{command[0]} with {len(command) - 1} expressions after it, not {count}")
    return command[1:]
