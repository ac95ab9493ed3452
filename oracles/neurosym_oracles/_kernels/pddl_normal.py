"""A domain as text that does not depend on how it was written down.

Contract: standard library only. `domain_text` is the same for domains that differ in the order of their types,
constants, predicates, functions, actions and of the parts of a conjunction or disjunction, in the names of
variables or of the domain itself, or in requirements, comments and case; it differs for all others. Equivalence by
logic (a double negation, say) is not looked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from neurosym_oracles._kernels.pddl_domain import Action, Domain
from neurosym_oracles._kernels.pddl_names import number, typed
from neurosym_oracles._kernels.pddl_syntax import Node


def domain_text(domain: Domain) -> str:
    """The normal form of a domain."""
    words = domain.vocabulary
    return json.dumps(
        [
            sorted(words.types.parents.items()),
            sorted(words.objects.items()),
            sorted((name, [kind.names for kind in kinds]) for name, kinds in words.predicates.items()),
            sorted((name, [kind.names for kind in kinds]) for name, kinds in words.functions.items()),
            sorted(map(_action, domain.actions.values())),
        ]
    )


def _action(action: Action) -> list[Any]:
    """The normal form of an action; its variables are numbered."""
    names = {variable: f"?{place}" for place, variable in enumerate(action.parameters)}
    kinds = [kind.names for kind in action.parameters.values()]
    conditions = sorted(_formula(part, names, len(names)) for _, part in action.conditions)
    changes = sorted(_formula(part, names, len(names)) for _, part in [*action.effects, *action.costs])
    return [action.name, kinds, conditions, changes]


def _formula(node: str | Node, names: Mapping[str, str], bound: int) -> str:
    """The normal form of a formula; `bound` counts the variables bound around it, hidden ones too."""
    match node:
        case str():
            return names.get(node, node)
        case ["forall" | "exists" as head, list(variables), body]:
            pairs = list(typed(variables, node, "?"))
            inner = {**names, **{variable: f"?{bound + place}" for place, (variable, _) in enumerate(pairs)}}
            kinds = " ".join("/".join(kind) for _, kind in pairs)
            return f"({head} ({kinds}) {_formula(body, inner, bound + len(pairs))})"
        case ["increase", _, str(amount)]:
            return f"(increase {number(amount, node)})"
        case ["and" | "or" | "=" as head, *parts]:
            return f"({head} {' '.join(sorted(_formula(part, names, bound) for part in parts))})"
        case _:
            return f"({' '.join(_formula(part, names, bound) for part in node)})"
