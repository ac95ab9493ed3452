"""A planning problem as a coloured graph that does not depend on how it was written down.

Contract: standard library only. Over domains of one normal form (`pddl_normal`), two problems have isomorphic graphs
of equal text exactly when they differ at most in the names of the objects that the problem declares, in the order
and repetition of objects, facts and conjuncts of the goal, in the names of variables, of the problem and of the
domain, and in comments and case. Equivalence by logic is not looked for.

Encoding: a vertex for each object, coloured by its type, its unary facts and, if it is a constant, its name; an
edge for each binary fact; a vertex for each longer fact and for each part of a goal that is no literal, with edges
labelled by the roles of what they lead to. Literals of the goal and values of functions are facts of other names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from neurosym_oracles._kernels.pddl_names import typed
from neurosym_oracles._kernels.pddl_problem import Task
from neurosym_oracles._kernels.pddl_syntax import Node
from neurosym_oracles._kernels.pddl_types import Atom


class Graph(NamedTuple):
    """A coloured graph, and the text of what is true of the whole. An edge is (source, target, label)."""

    text: str
    colours: list[str]
    edges: list[tuple[int, int, int]]


def problem_graph(task: Task) -> Graph:
    """The graph of a problem; it means something only beside the text of its domain."""
    facts = {("", atom) for atom in task.init} | {(f"={value}", term) for term, value in task.values.items()}
    rest: list[Node] = []
    for _, part in task.goal:
        match part:
            case ["not", [str(head), *_] as negated] if head in task.vocabulary.predicates:
                facts.add((":not", task.vocabulary.require(negated, {})))
            case [str(head), *_] if head in task.vocabulary.predicates:
                facts.add((":goal", task.vocabulary.require(part, {})))
            case _:
                rest.append(part)
    drawing = _Drawing(task)
    for mark, atom in sorted(facts):
        drawing.fact(mark, atom)
    for part in rest:
        drawing.formula(part, drawing.objects)
    labels = sorted({label for _, _, label in drawing.links})
    numbers = {label: place for place, label in enumerate(labels)}
    return Graph(
        json.dumps([task.minimise, drawing.whole, labels]),
        ["\n".join(sorted(marks)) for marks in drawing.vertices],
        [(source, target, numbers[label]) for source, target, label in drawing.links],
    )


class _Drawing:
    """The graph of a task while it is drawn: marks of the whole and of each vertex, and links with their labels.

    A mark or label of our own begins with a colon, which no name of PDDL does.
    """

    def __init__(self, task: Task) -> None:
        constants = task.domain.vocabulary.objects
        self.whole: list[str] = []
        self.vertices: list[list[str]] = []
        self.links: list[tuple[int, int, str]] = []
        self.objects = {
            item: self.vertex(f":constant {item}" if item in constants else f":object {kind}")
            for item, kind in task.vocabulary.objects.items()
        }

    def vertex(self, mark: str) -> int:
        self.vertices.append([mark])
        return len(self.vertices) - 1

    def fact(self, mark: str, atom: Atom) -> None:
        """Draw an atom over objects; `mark` tells what is said of it."""
        label, places = atom[0] + mark, [self.objects[argument] for argument in atom[1:]]
        match places:
            case []:
                self.whole.append(label)
            case [place]:
                self.vertices[place].append(label)
            case [source, target]:
                self.links.append((source, target, label))
            case _:
                drawn = self.vertex(label)
                self.links.extend((drawn, place, f":{role}") for role, place in enumerate(places))

    def formula(self, node: Node, places: Mapping[str, int]) -> int:
        """Draw a formula, whose terms have `places`, as vertices that are linked by roles; the one of the whole."""
        drawn = self.vertex(f":{node[0]}")
        match node:
            case ["imply", list(left), list(right)]:
                roles = {":if": [self.formula(left, places)], ":then": [self.formula(right, places)]}
            case ["forall" | "exists", list(variables), list(body)]:
                bound = {item: self.vertex(f":variable {kind}") for item, kind in typed(variables, node, "?")}
                roles = {":binds": [*bound.values()], ":part": [self.formula(body, {**places, **bound})]}
            case ["and" | "or" | "not", *parts]:
                roles = {":part": [self.formula(part, places) for part in parts if isinstance(part, list)]}
            case ["=", str(left), str(right)]:
                roles = {":term": [places[left], places[right]]}
            case _:
                roles = {f":{place}": [places[str(term)]] for place, term in enumerate(node[1:])}
        for role, targets in roles.items():
            self.links.extend((drawn, target, role) for target in targets)
        return drawn
