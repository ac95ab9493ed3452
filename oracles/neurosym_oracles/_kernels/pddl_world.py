"""What compiled formulas run on: a meter of work, the objects and values of a problem, and the scope of variables.

Contract: standard library only. An *environment* is a tuple of words: the plain names that a formula uses, then the
values of its variables, outermost first. `Scope` knows the place of each, so that an atom with variables is one
`itemgetter` over the environment. A variable of a quantifier hides an outer one of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import itemgetter
from time import monotonic
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_names import typed
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, Unsupported
from neurosym_oracles._kernels.pddl_types import Atom, Type, Vocabulary

Environment: TypeAlias = tuple[str, ...]


class OutOfBudget(Exception):
    """The check was stopped; it says nothing about the plan."""


class Meter:
    """At most `steps` steps of work (words of formulas looked at), and as a guard `seconds` of wall clock."""

    SLICE = 100_000  # steps between two looks at the clock: some milliseconds

    def __init__(self, steps: int, seconds: float) -> None:
        self._allowed = steps
        self._left = steps
        self._look = max(0, steps - self.SLICE)
        self._seconds = seconds
        self._deadline = monotonic() + seconds

    def spend(self, steps: int) -> None:
        """Raises OutOfBudget when the steps or the seconds are used up."""
        self._left -= steps
        if self._left < self._look:
            if self._left < 0:
                raise OutOfBudget(f"more than {self._allowed} steps")
            if monotonic() > self._deadline:
                raise OutOfBudget(f"more than {self._seconds} seconds")
            self._look = max(0, self._left - self.SLICE)


class World:
    """The objects of a problem by type, the values of its functions, and the meter of this check."""

    def __init__(self, vocabulary: Vocabulary, values: Mapping[Atom, Fraction], meter: Meter) -> None:
        self._values = values
        self.meter = meter
        self._objects = vocabulary.objects
        self._members: dict[Type, tuple[str, ...]] = {}

    def bindings(self, kinds: Sequence[Type], weight: int) -> Iterator[Environment]:
        """Every choice of objects that fit `kinds`, in the order of their declaration; each spends `weight`."""
        for values in product(*map(self._fitting, kinds)):
            self.meter.spend(weight)
            yield values

    def value(self, term: Atom) -> Fraction:
        """The value that :init gives `term`. Raises Unsupported if it gives none."""
        if term not in self._values:
            raise Unsupported(f"({' '.join(term)}) has no value in :init")
        return self._values[term]

    def _fitting(self, kind: Type) -> tuple[str, ...]:
        if kind not in self._members:
            self.meter.spend(len(self._objects))
            self._members[kind] = tuple(item for item, own in self._objects.items() if own in kind.below)
        return self._members[kind]


def words(node: Node) -> Iterator[str]:
    """Every word in `node`, at any depth."""
    for item in node:
        if isinstance(item, str):
            yield item
        else:
            yield from words(item)


@dataclass(frozen=True)
class Scope:
    """Which words a formula may use, and their places in its environment."""

    vocabulary: Vocabulary
    names: Mapping[str, int]
    variables: Mapping[str, Type]
    places: Mapping[str, int]
    width: int

    @classmethod
    def around(cls, vocabulary: Vocabulary, *nodes: Node) -> Scope:
        """A scope without variables for formulas in `nodes`; its environment is `tuple(scope.names)`."""
        distinct = dict.fromkeys(word for node in nodes for word in words(node) if not word.startswith("?"))
        names = {word: place for place, word in enumerate(distinct)}
        return cls(vocabulary, names, {}, {}, len(names))

    def bind(self, variables: Node, node: Node) -> tuple[Scope, list[Type]]:
        """The scope inside of `node`, which binds the typed list `variables`; and their types."""
        bound: dict[str, Type] = {}
        for variable, kind in typed(variables, node, "?"):
            if variable in bound:
                raise Malformed(f"variable {variable} is bound twice", node)
            bound[variable] = self.vocabulary.types.type(kind, node)
        places = {variable: self.width + place for place, variable in enumerate(bound)}
        inner = Scope(
            self.vocabulary,
            self.names,
            {**self.variables, **bound},
            {**self.places, **places},
            self.width + len(bound),
        )
        return inner, list(bound.values())

    def place(self, word: str) -> int:
        """Where the environment holds `word`, a variable in scope or a plain name of the formula."""
        return self.places[word] if word in self.places else self.names[word]

    def atom(self, node: Node) -> Callable[[Environment], Atom]:
        """The atom `node`, as a function of the environment. Raises Malformed if it is not declared and well typed."""
        return self._instance(self.vocabulary.require(node, self.variables))

    def function_term(self, node: Node) -> Callable[[Environment], Atom]:
        """As `atom`, for a term of a function."""
        return self._instance(self.vocabulary.require(node, self.variables, functions=True))

    def _instance(self, atom: Atom) -> Callable[[Environment], Atom]:
        if self.variables.keys().isdisjoint(atom):
            return lambda environment: atom
        return itemgetter(*map(self.place, atom))
