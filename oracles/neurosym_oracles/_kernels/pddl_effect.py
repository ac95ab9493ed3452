"""Effects and costs of PDDL, compiled once into functions of a state.

Contract: standard library only. A compiled effect appends to two lists, what becomes true and what becomes false,
and reads nothing but the state before; its user applies the deletions first, then the additions. It comes with its
weight, as in `pddl_formula`. A cost is (increase (total-cost) amount) outside of every `when` and `forall`. Raises
Malformed or Unsupported as `pddl_types`; every other numeric effect is Unsupported.

Source: Fox and Long, PDDL 2.1 (2003), level 1, with the action costs of PDDL 3.1. More lenient in one thing:
conditional and quantified effects may be nested in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_formula import ASSIGNMENTS, BEYOND, RESERVED, State, condition, subformula
from neurosym_oracles._kernels.pddl_names import number
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, Unsupported
from neurosym_oracles._kernels.pddl_types import Atom
from neurosym_oracles._kernels.pddl_world import Environment, Scope, World

_CHANGING = frozenset({"total-cost", "+", "-", "*", "/"})

Atoms: TypeAlias = list[Atom]
Change: TypeAlias = Callable[[State, Environment, World, Atoms, Atoms], None]
Cost: TypeAlias = Callable[[Environment, World], Fraction]


def effect(node: Node, scope: Scope) -> tuple[Change, int]:
    """What an effect changes, and its weight."""
    match node:
        case ["and", *parts]:
            compiled = [effect(subformula(part, node), scope) for part in parts]

            def every(state: State, environment: Environment, world: World, true: Atoms, false: Atoms) -> None:
                for change, _ in compiled:
                    change(state, environment, world, true, false)

            return every, 1 + sum(weight for _, weight in compiled)
        case ["forall", list(variables), body]:
            inner, kinds = scope.bind(variables, node)
            change, weight = effect(subformula(body, node), inner)
            weight += inner.width

            def each(state: State, environment: Environment, world: World, true: Atoms, false: Atoms) -> None:
                for values in world.bindings(kinds, weight):
                    change(state, environment + values, world, true, false)

            return each, 1 + weight
        case ["when", premise, body]:
            test, test_weight = condition(subformula(premise, node), scope)
            change, weight = effect(subformula(body, node), scope)

            def conditional(state: State, environment: Environment, world: World, true: Atoms, false: Atoms) -> None:
                if test(state, environment, world):
                    change(state, environment, world, true, false)

            return conditional, 1 + test_weight + weight
        case ["not", part]:
            atom = scope.atom(subformula(part, node))
            return lambda state, environment, world, true, false: false.append(atom(environment)), 1 + len(part)
        case [str(head), *_] if head in ASSIGNMENTS or head in BEYOND:
            raise Unsupported(f"an effect with {head}", node)
        case [str(head), *_] if head in RESERVED:
            raise Malformed(f"{head} does not fit an effect", node)
        case _:
            atom = scope.atom(node)
            return lambda state, environment, world, true, false: true.append(atom(environment)), len(node)


def cost(node: Node, scope: Scope) -> Cost:
    """The cost of an effect (increase (total-cost) amount): a number, or a term whose value never changes."""
    match node:
        case ["increase", ["total-cost"] as total, str(amount)]:
            scope.function_term(total)
            value = number(amount, node)
            return lambda environment, world: value
        case ["increase", ["total-cost"] as total, [str(head), *_] as amount] if head not in _CHANGING:
            scope.function_term(total)
            term = scope.function_term(amount)
            return lambda environment, world: world.value(term(environment))
        case _:
            raise Unsupported("a numeric effect other than a cost", node)
