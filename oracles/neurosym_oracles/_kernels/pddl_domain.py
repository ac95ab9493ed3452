"""A PDDL domain: its text read, its types and signatures checked, its actions compiled.

Contract: standard library only; `parse_domain` is a pure function of the text, and what it returns is never changed
afterwards, so that it may be kept. Raises Malformed or Unsupported with the line in the message. Supported are
STRIPS, types, constants, negative and disjunctive preconditions, equality, quantifiers, conditional effects and
action costs; every other section, requirement or formula is Unsupported.

More lenient than the standard: the sections may come in any order; a feature may be used without its requirement
(most benchmark files forget some), and :fluents may be required by a domain that only has costs; an action may lack
:parameters, :precondition or :effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from neurosym_oracles._kernels.pddl_effect import Change, Cost, cost, effect
from neurosym_oracles._kernels.pddl_formula import RESERVED, Test, condition, conjuncts
from neurosym_oracles._kernels.pddl_names import declare, name, sections, typed
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, PddlError, Unsupported, quote, read
from neurosym_oracles._kernels.pddl_types import Hierarchy, Type, Vocabulary
from neurosym_oracles._kernels.pddl_world import Environment, Scope

_SECTIONS = frozenset({":requirements", ":types", ":constants", ":predicates", ":functions"})


@dataclass(frozen=True, eq=False)
class Action:
    """An action schema. An instance's environment is `names` and then its arguments."""

    name: str
    parameters: Mapping[str, Type]
    names: Environment
    conditions: tuple[tuple[Test, Node], ...]
    effects: tuple[tuple[Change, Node], ...]
    costs: tuple[tuple[Cost, Node], ...]
    weight: int


@dataclass(frozen=True, eq=False)
class Domain:
    """A planning domain. `vocabulary.objects` are its constants."""

    name: str
    vocabulary: Vocabulary
    actions: Mapping[str, Action]


def parse_domain(text: str) -> Domain:
    """The domain that `text` describes."""
    source = read(text)
    try:
        return _domain(source.root)
    except PddlError as error:
        raise source.locate(error) from None


def _domain(root: Node) -> Domain:
    title, parts, schemas = sections(root, "domain", _SECTIONS, repeated=":action")
    hierarchy = Hierarchy(parts.get(":types", [])[1:], parts.get(":types", root))
    constants = parts.get(":constants", root)
    objects: dict[str, str] = {}
    if constants is not root:
        declare(typed(constants[1:], constants), objects, "constant", constants)
    for kind in dict.fromkeys(objects.values()):
        hierarchy.type((kind,), constants)
    vocabulary = Vocabulary(
        hierarchy,
        _signatures(parts.get(":predicates", []), hierarchy),
        _signatures(_without_number(parts.get(":functions", [])), hierarchy),
        objects,
    )
    actions: dict[str, Action] = {}
    for schema in schemas:
        action = _action(schema, vocabulary)
        if actions.setdefault(action.name, action) is not action:
            raise Malformed(f"the action {action.name} is defined twice", schema)
    return Domain(title, vocabulary, actions)


def _signatures(section: Node, hierarchy: Hierarchy) -> dict[str, tuple[Type, ...]]:
    """The parameter types of every predicate or function that a section declares."""
    found: dict[str, tuple[Type, ...]] = {}
    for item in section[1:]:
        if not isinstance(item, list) or not item:
            raise Malformed("a declaration must be (name ?parameter …)", section)
        head = name(item[0], item)
        if head in RESERVED:
            raise Malformed(f"{head} is a reserved word", item)
        if head in found:
            raise Malformed(f"{head} is declared twice", item)
        found[head] = tuple(hierarchy.type(names, item) for _, names in typed(item[1:], item, "?"))
    return found


def _without_number(section: Node) -> Node:
    """The section :functions without the result types "- number"; others are Unsupported."""
    left: Node = []
    rest = iter(section)
    for item in rest:
        if item != "-":
            left.append(item)
        elif next(rest, None) != "number":
            raise Unsupported("a function whose values are not numbers", section)
    return left


def _action(schema: Node, vocabulary: Vocabulary) -> Action:
    """The action that `(:action name :keyword list …)` defines, compiled."""
    title = name(schema[1] if len(schema) > 1 else "", schema)
    given: dict[str, Node] = {}
    for keyword, value in zip_longest(schema[2::2], schema[3::2]):
        if keyword not in (":parameters", ":precondition", ":effect"):
            raise Unsupported(f"action {title}: {quote(str(keyword))}", schema)
        if not isinstance(value, list):
            raise Malformed(f"action {title}: a list must follow {keyword}", schema)
        if given.setdefault(str(keyword), value) is not value:
            raise Malformed(f"action {title}: {keyword} comes twice", schema)
    outside = Scope.around(vocabulary, given.get(":precondition", []), given.get(":effect", []))
    scope, _ = outside.bind(given.get(":parameters", []), schema)
    parts = list(conjuncts(given.get(":effect", [])))
    conditions = [(part, *condition(part, scope)) for part in conjuncts(given.get(":precondition", []))]
    effects = [(part, *effect(part, scope)) for part in parts if part[0] != "increase"]
    return Action(
        title,
        scope.variables,
        tuple(outside.names),
        tuple((test, part) for part, test, _ in conditions),
        tuple((change, part) for part, change, _ in effects),
        tuple((cost(part, scope), part) for part in parts if part[0] == "increase"),
        scope.width + len(parts) + sum(weight for *_, weight in [*conditions, *effects]),
    )
