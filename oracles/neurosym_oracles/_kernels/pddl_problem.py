"""A PDDL problem: its text read against its domain, its initial state and its goal.

Contract: standard library only. Raises Malformed or Unsupported with the line in the message. A domain of another
name than the problem asks for is Malformed. `objects` are the domain's constants and then the problem's objects, in
the order of declaration.

More lenient than the standard: sections in any order; an object may be declared again, also a constant, with the
same type only; (not atom) in :init is allowed where the atom is not also there; (total-cost) begins at 0 unless
:init says otherwise. The only metric is (:metric minimize (total-cost)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from neurosym_oracles._kernels.pddl_domain import Domain
from neurosym_oracles._kernels.pddl_formula import Test, condition, conjuncts
from neurosym_oracles._kernels.pddl_names import declare, number, sections, typed
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, PddlError, Unsupported, quote, read
from neurosym_oracles._kernels.pddl_types import Atom, Vocabulary
from neurosym_oracles._kernels.pddl_world import Environment, Scope

TOTAL_COST: Atom = ("total-cost",)

_SECTIONS = frozenset({":domain", ":requirements", ":objects", ":init", ":goal", ":metric"})


@dataclass(frozen=True, eq=False)
class Task:
    """A problem with its domain. The goal's environment is `names`; `minimise` tells that the metric is the cost."""

    domain: Domain
    vocabulary: Vocabulary
    init: frozenset[Atom]
    values: Mapping[Atom, Fraction]
    names: Environment
    goal: tuple[tuple[Test, Node], ...]
    minimise: bool


def parse_problem(domain: Domain, text: str) -> Task:
    """The task that `text` describes over `domain`."""
    source = read(text)
    try:
        return _task(domain, source.root)
    except PddlError as error:
        raise source.locate(error) from None


def _task(domain: Domain, root: Node) -> Task:
    _, parts, _ = sections(root, "problem", _SECTIONS)
    for required in (":domain", ":init", ":goal"):
        if required not in parts:
            raise Malformed(f"no section {required}", root)
    if parts[":domain"][1:] != [domain.name]:
        raise Malformed(f"domain mismatch: the domain is called {domain.name}", parts[":domain"])
    vocabulary = _vocabulary(domain, parts.get(":objects", []))
    init, values = _init(vocabulary, parts[":init"])
    goal = _goal(parts[":goal"])
    scope = Scope.around(vocabulary, goal)
    tests = tuple((condition(part, scope)[0], part) for part in conjuncts(goal))
    minimise = ":metric" in parts
    if minimise and (parts[":metric"][1:] != ["minimize", [*TOTAL_COST]] or TOTAL_COST[0] not in vocabulary.functions):
        raise Unsupported("a metric other than minimize (total-cost)", parts[":metric"])
    return Task(domain, vocabulary, init, values, tuple(scope.names), tests, minimise)


def _vocabulary(domain: Domain, section: Node) -> Vocabulary:
    """The domain's vocabulary with the objects of the problem."""
    objects = dict(domain.vocabulary.objects)
    declare(typed(section[1:], section), objects, "object", section)
    for kind in dict.fromkeys(objects.values()):
        domain.vocabulary.types.type((kind,), section)
    return replace(domain.vocabulary, objects=objects)


def _init(vocabulary: Vocabulary, section: Node) -> tuple[frozenset[Atom], dict[Atom, Fraction]]:
    """The atoms that are true at the beginning, and the values of the functions."""
    true: set[Atom] = set()
    false: set[Atom] = set()
    values: dict[Atom, Fraction] = {}
    for node in section[1:]:
        match node:
            case ["=", list(term), str(value)]:
                atom, amount = vocabulary.require(term, {}, functions=True), number(value, node)
                if values.setdefault(atom, amount) != amount:
                    raise Malformed(f"({' '.join(atom)}) is given two values", node)
            case ["at", str(time), list()] if time[:1].isdigit():
                raise Unsupported("a timed initial literal", node)
            case ["not", list(negated)]:
                false.add(vocabulary.require(negated, {}))
            case list():
                true.add(vocabulary.require(node, {}))
            case _:
                raise Malformed(f"{quote(node)} where an atom belongs", section)
    if contradiction := sorted(true & false):
        raise Malformed(f"({' '.join(contradiction[0])}) is both true and false", section)
    if TOTAL_COST[0] in vocabulary.functions:
        values.setdefault(TOTAL_COST, Fraction(0))
    return frozenset(true), values


def _goal(section: Node) -> Node:
    """The formula of the section (:goal formula)."""
    if len(section) != 2 or isinstance(section[1], str):
        raise Malformed("the goal must be one formula in parentheses", section)
    return section[1]
