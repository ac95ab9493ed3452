"""Types and signatures: which atoms are well formed and well typed.

Contract: standard library only. The root of every hierarchy is `object`; a type that is only named as a parent is
declared by that, below `object`. An object has one type; a parameter may have several (`either`). A term fits a
parameter if each type it may have lies below one of the parameter's. Raises Malformed for what is undeclared,
ill typed, of a wrong arity or cyclic, and Unsupported for more than `MAX_TYPES` types.

Source: as `pddl_syntax`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_names import Names, declare, typed
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, Unsupported, quote

Atom: TypeAlias = tuple[str, ...]  # the predicate or function, then its arguments

MAX_TYPES = 400


@dataclass(frozen=True, eq=False)
class Type:
    """A type of a parameter: its alternatives as written, and the types of all objects that fit it."""

    names: Names
    below: frozenset[str]


class Hierarchy:
    """The types of a domain."""

    def __init__(self, words: Iterable[str | Node], node: Node) -> None:
        self.parents: dict[str, str] = {}
        declare(typed(words, node), self.parents, "type", node)
        if self.parents.pop("object", "object") != "object":
            raise Malformed("type object lies below itself", node)
        for parent in [*self.parents.values()]:
            if parent != "object":
                self.parents.setdefault(parent, "object")
        if len(self.parents) > MAX_TYPES:
            raise Unsupported(f"more than {MAX_TYPES} types", node)
        below: dict[str, set[str]] = {item: set() for item in ["object", *self.parents]}
        for item in below:
            for above in self._chain(item, node):
                below[above].add(item)
        self._types = {item: Type((item,), frozenset(found)) for item, found in below.items()}

    def _chain(self, item: str, node: Node) -> list[str]:
        """The type `item` and all above it, up to the root."""
        chain = [item]
        while chain[-1] != "object":
            chain.append(self.parents[chain[-1]])
            if len(chain) > len(self.parents) + 1:
                raise Malformed(f"type {item} lies below itself", node)
        return chain

    def type(self, names: Names, node: Node) -> Type:
        """The type written as `names`. Raises Malformed if one of them is not declared."""
        if undeclared := [item for item in names if item not in self._types]:
            raise Malformed(f"undeclared type {undeclared[0]}", node)
        if len(names) == 1:
            return self._types[names[0]]
        return Type(names, frozenset().union(*(self._types[item].below for item in names)))


@dataclass(frozen=True)
class Vocabulary:
    """What formulas may name: predicates, functions and objects, with their types."""

    types: Hierarchy
    predicates: Mapping[str, tuple[Type, ...]]
    functions: Mapping[str, tuple[Type, ...]]
    objects: Mapping[str, str]

    def require(self, node: Node, variables: Mapping[str, Type], functions: bool = False) -> Atom:
        """`node`, which must be an atom (or a term of a function) that is declared and well typed."""
        table, what = (self.functions, "function") if functions else (self.predicates, "predicate")
        head, *arguments = node or [""]
        signature = table.get(head) if isinstance(head, str) else None
        if signature is None:
            raise Malformed(f"undeclared {what} {head or '()'}" if isinstance(head, str) else f"not a {what}", node)
        if len(signature) != len(arguments):
            raise Malformed(f"wrong arity: {what} {head} takes {len(signature)} arguments, not {len(arguments)}", node)
        for argument, wanted in zip(arguments, signature, strict=True):
            if isinstance(argument, list) or self.objects.get(argument) not in wanted.below:
                kind = self.term(argument, variables, node)
                if not wanted.below.issuperset(kind):
                    expected, given = " or ".join(wanted.names), " or ".join(kind)
                    raise Malformed(f"ill-typed: {head} needs {expected}, and {argument} is {given}", node)
        return tuple(node)  # type: ignore[arg-type]

    def term(self, term: str | Node, variables: Mapping[str, Type], node: Node) -> Names:
        """The types that `term`, which must be an object or a bound variable, may have."""
        if isinstance(term, list):
            raise Malformed("a list where an object or a variable belongs", node)
        if term in variables:
            return variables[term].names
        if term in self.objects:
            return (self.objects[term],)
        raise Malformed(f"{'unbound variable' if term.startswith('?') else 'undeclared object'} {quote(term)}", node)
