"""Conditions of PDDL, compiled once into tests of a state.

Contract: standard library only. A condition comes with its weight in words: what a quantifier around it spends on
the meter for each binding that it tries. A quantifier over an empty type is true (forall) or false (exists). Raises
Malformed or Unsupported as `pddl_types`; numeric conditions and preferences are Unsupported.

Source: Fox and Long, PDDL 2.1 (2003), level 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, Unsupported, quote
from neurosym_oracles._kernels.pddl_types import Atom
from neurosym_oracles._kernels.pddl_world import Environment, Scope, World

State: TypeAlias = "set[Atom] | frozenset[Atom]"
Test: TypeAlias = Callable[[State, Environment, World], bool]

_NUMERIC = frozenset({"<", ">", "<=", ">="})
ASSIGNMENTS = frozenset({"assign", "increase", "decrease", "scale-up", "scale-down"})
BEYOND = frozenset({"preference", "oneof", "probabilistic"})
RESERVED = ASSIGNMENTS | BEYOND | {"and", "or", "not", "imply", "forall", "exists", "when"}
"""Words that start a formula, so that no predicate may be called so."""


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts of a conjunction, however nested. Any other formula is its own part, and () has none."""
    if node[:1] == ["and"]:
        for part in node[1:]:
            yield from conjuncts(subformula(part, node))
    elif node:
        yield node


def subformula(part: str | Node, node: Node) -> Node:
    """`part` of `node`, which must be a formula in parentheses."""
    if isinstance(part, list) and part:
        return part
    raise Malformed(f"{quote(part) if isinstance(part, str) else '()'} where a formula belongs", node)


def condition(node: Node, scope: Scope) -> tuple[Test, int]:
    """The test of a condition, and its weight."""
    match node:
        case ["and" | "or" as head, *parts]:
            compiled = [condition(subformula(part, node), scope) for part in parts]
            tests = [test for test, _ in compiled]
            combine = all if head == "and" else any
            return (
                lambda state, environment, world: combine(test(state, environment, world) for test in tests),
                1 + sum(weight for _, weight in compiled),
            )
        case ["not", part]:
            test, weight = condition(subformula(part, node), scope)
            return lambda state, environment, world: not test(state, environment, world), 1 + weight
        case ["imply", left, right]:
            premise, premise_weight = condition(subformula(left, node), scope)
            test, weight = condition(subformula(right, node), scope)
            return (
                lambda state, environment, world: (
                    not premise(state, environment, world) or test(state, environment, world)
                ),
                1 + premise_weight + weight,
            )
        case ["forall" | "exists" as head, list(variables), body]:
            inner, kinds = scope.bind(variables, node)
            test, weight = condition(subformula(body, node), inner)
            combine, weight = all if head == "forall" else any, weight + inner.width
            return (
                lambda state, environment, world: combine(
                    test(state, environment + values, world) for values in world.bindings(kinds, weight)
                ),
                1 + weight,
            )
        case ["=", str(left), str(right)]:
            scope.vocabulary.term(left, scope.variables, node)
            scope.vocabulary.term(right, scope.variables, node)
            first, second = scope.place(left), scope.place(right)
            return lambda state, environment, world: environment[first] == environment[second], 3
        case ["=", _, _]:
            raise Unsupported("a numeric condition", node)
        case [str(head), *_] if head in _NUMERIC or head in BEYOND:
            raise Unsupported(f"a condition with {head}", node)
        case [str(head), *_] if head in RESERVED or head == "=":
            raise Malformed(f"{head} does not fit what follows it", node)
        case _:
            atom = scope.atom(node)
            return lambda state, environment, world: atom(environment) in state, len(node)
