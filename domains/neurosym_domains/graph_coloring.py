"""Graph coloring: give every vertex of a random graph a color, so that the ends of every edge differ.

The graph is uniform over all graphs with these numbers of vertices and edges. Near the threshold (Cheeseman, Kanefsky
and Taylor, "Where the really hard problems are", IJCAI 1991) problems are hardest for their size. It nears 234 edges
for 100 vertices as graphs grow, for three colors, and is lower for small ones: with the default knobs half of the
problems are colorable.

The payload is the direct encoding: variable `colors * (vertex - 1) + color` says that the vertex has the color. Every
vertex has at least one color and at most one, so models are colorings; the graph is read back from the clauses.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import comb

from neurosym.core import Claim, Domain, Json, MalformedAnswer, MalformedProblem, Problem
from neurosym_domains._cnf_renaming import renamed_claim

ANSWER = """\
Answer with the colors of all vertices in order, as in: 1 2 1 3 … \
If there is no such coloring, answer with: not colorable"""

ENGLISH = f"""\
Give every vertex of a graph one of the colors, so that the two ends of every edge have different colors. \
Vertices and colors are numbered from 1. The edge 2-5 joins the vertices 2 and 5.
{ANSWER}

"""

FORMAL = f"""\
Color the vertices of a graph, so that the formula below, which is in DIMACS CNF, is satisfied. \
For k colors, variable k(v-1)+c says that vertex v has color c.
{ANSWER}

"""

_COLORS = re.compile(r"[1-9][0-9]{0,2}(?: [1-9][0-9]{0,2})*+")


@dataclass(frozen=True)
class GraphColoring(Domain):
    """`density` is the number of edges for 100 vertices."""

    name = "graph_coloring"
    version = 2
    kind = "cnf"

    vertices: int = 15
    colors: int = 3
    density: int = 195

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.vertices <= 300:
            raise ValueError(f"vertices must be in 2..300, not {self.vertices}")
        if not 2 <= self.colors <= 12:
            raise ValueError(f"colors must be in 2..12, not {self.colors}")
        low, high = -(-100 // self.vertices), 100 * comb(self.vertices, 2) // self.vertices
        if not low <= self.density <= high:
            raise ValueError(f"density must be in {low}..{high}, not {self.density}")

    def sample(self, rng: random.Random) -> Problem:
        pairs = list(combinations(range(1, self.vertices + 1), 2))
        edges = sorted(rng.sample(pairs, self.density * self.vertices // 100))
        return self.problem({"dimacs": _encode(self.vertices, self.colors, edges)})

    def english(self, problem: Problem) -> str:
        vertices, colors, edges = _decode(problem)
        listed = " ".join(f"{one}-{two}" for one, two in edges)
        return f"{ENGLISH}Vertices: {vertices}\nColors: {colors}\nEdges: {listed}"

    def formal(self, problem: Problem) -> str:
        vertices, colors, _ = _decode(problem)
        return f"{FORMAL}Vertices: {vertices}\nColors: {colors}\n{problem.payload['dimacs'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        if answer == "unsat":
            return "not colorable"
        vertices, colors, _ = _decode(problem)
        literals = answer.get("sat") if isinstance(answer, dict) else None
        if not isinstance(literals, list) or not set(map(type, literals)) <= {int}:
            raise MalformedAnswer("the answer is neither unsat nor a model")
        chosen = sorted(literal - 1 for literal in literals if literal > 0)
        if [place // colors for place in chosen] != list(range(vertices)):
            raise MalformedAnswer("the model does not give every vertex one color")
        return " ".join(str(place % colors + 1) for place in chosen)

    def parse(self, problem: Problem, text: str) -> Json:
        vertices, colors, _ = _decode(problem)
        text = text.strip(" \t\r\n")
        if text == "not colorable":
            return "unsat"
        if not _COLORS.fullmatch(text):
            raise MalformedAnswer("neither colors, with single spaces, nor not colorable")
        chosen = list(map(int, text.split(" ")))
        if len(chosen) != vertices or max(chosen) > colors:
            raise MalformedAnswer(f"want {vertices} colors, each of 1 to {colors}")
        true = {colors * vertex + color for vertex, color in enumerate(chosen)}
        return {"sat": [variable if variable in true else -variable for variable in range(1, vertices * colors + 1)]}

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the vertices and the colors permuted.

        None for an answer or evidence that is neither a model nor a proof in DRAT or LRAT.
        """
        vertices, colors, edges = _decode(problem)
        vertex, color = ([0, *rng.sample(range(1, most + 1), most)] for most in (vertices, colors))
        images = [colors * (vertex[v] - 1) + color[c] for v in range(1, vertices + 1) for c in range(1, colors + 1)]
        literals = {sign * variable: sign * image for variable, image in enumerate(images, 1) for sign in (1, -1)}
        ends = [(vertex[one], vertex[two]) for one, two in edges]
        text = _encode(vertices, colors, sorted((min(pair), max(pair)) for pair in ends))
        renamed = renamed_claim(claim, literals, _clauses(problem.payload["dimacs"]), _clauses(text))
        return None if renamed is None else (self.problem({"dimacs": text}), renamed)


def _clauses(dimacs: str) -> list[list[int]]:
    return [list(map(int, line.split(" ")[:-1])) for line in dimacs.splitlines()[1:]]


def _encode(vertices: int, colors: int, edges: Iterable[tuple[int, int]]) -> str:
    """The DIMACS text: for each vertex the clauses of its colors, then for each edge one clause for each color."""
    lines = []
    for first in range(1, vertices * colors + 1, colors):
        variables = range(first, first + colors)
        lines.append(f"{' '.join(map(str, variables))} 0\n")
        lines += [f"-{one} -{two} 0\n" for one, two in combinations(variables, 2)]
    for one, two in edges:
        first, second = colors * (one - 1), colors * (two - 1)
        lines += [f"-{first + color} -{second + color} 0\n" for color in range(1, colors + 1)]
    return f"p cnf {vertices * colors} {len(lines)}\n{''.join(lines)}"


_HEADER = re.compile(r"p cnf ([1-9][0-9]{0,4}) [0-9]{1,9}\n1((?: [1-9][0-9]?)++) 0\n")
_EDGE = re.compile(r"-([0-9]{1,5}) -([0-9]{1,5}) 0")


def _decode(problem: Problem) -> tuple[int, int, list[tuple[int, int]]]:
    """Vertices, colors and sorted edges. Raises MalformedProblem for a text that `_encode` does not write."""
    text = problem.payload.get("dimacs")
    header = _HEADER.match(text) if isinstance(text, str) else None
    if header is not None and isinstance(text, str):
        colors = header[2].count(" ") + 1
        vertices = int(header[1]) // colors
        ahead = 1 + vertices * (1 + comb(colors, 2))
        clauses = text.split("\n")[ahead:-1:colors]
        edges = [(int(one) // colors + 1, int(two) // colors + 1) for one, two in _EDGE.findall("\n".join(clauses))]
        simple = sorted(set(edges)) == edges and all(one < two <= vertices for one, two in edges)
        if simple and text.count("\n") == ahead + colors * len(edges) and _encode(vertices, colors, edges) == text:
            return vertices, colors, edges
    raise MalformedProblem("not the DIMACS text of a graph in the encoding of this domain")


PLUGINS = (GraphColoring,)
