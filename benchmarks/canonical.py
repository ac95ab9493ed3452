"""How long a canonical form takes, against pynauty (GPL-3, a tool of the tests alone) on the same graphs.

    python benchmarks/canonical.py

Prints, for each kind of graph, the median processor time in milliseconds of the two and their ratio (above 1: ours is
the faster). Both start from the same lists of colours and edges. pynauty has no labels on edges: where colours of the
ends imply the label the graph is passed as it is, else ("blocks", "packages") each edge becomes a path over two new
vertices. Processor time, since a median of wall clock would measure whoever shares the machine.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import combinations, product

from neurosym.canonical import canonical_form

Graph = tuple[list[str], list[tuple[int, int, int]]]


def undirected(size: int, pairs: Iterable[tuple[int, int]]) -> Graph:
    return ["v"] * size, [edge for a, b in pairs for edge in ((a, b, 0), (b, a, 0))]


def cnf(variables: int, clauses: Iterable[Iterable[int]]) -> Graph:
    colours = ["literal"] * (2 * variables)
    edges = [(literal, literal + 1, 1) for literal in range(0, 2 * variables, 2)]
    edges += [(literal + 1, literal, 1) for literal in range(0, 2 * variables, 2)]
    for clause in clauses:
        edges += [(len(colours), 2 * (abs(literal) - 1) + (literal < 0), 0) for literal in clause]
        colours.append("clause")
    return colours, edges


def random_3sat(variables: int, clauses: int, rng: random.Random) -> Graph:
    some = [rng.sample(range(1, variables + 1), 3) for _ in range(clauses)]
    return cnf(variables, [[variable * rng.choice((1, -1)) for variable in clause] for clause in some])


def graph_colouring(vertices: int, colours: int, rng: random.Random) -> Graph:
    def literal(vertex: int, colour: int) -> int:
        return vertex * colours + colour + 1

    clauses = [[literal(vertex, colour) for colour in range(colours)] for vertex in range(vertices)]
    for vertex, (one, two) in product(range(vertices), combinations(range(colours), 2)):
        clauses.append([-literal(vertex, one), -literal(vertex, two)])
    for a, b in combinations(range(vertices), 2):
        if rng.random() < 4 / vertices:
            clauses += [[-literal(a, colour), -literal(b, colour)] for colour in range(colours)]
    return cnf(vertices * colours, clauses)


def blocks(count: int, rng: random.Random) -> Graph:
    """Blocksworld: blocks and the table, and a vertex for each atom of the initial state and of the goal."""
    colours, edges = ["block"] * count + ["table"], []
    for when in ("initial", "goal"):
        below = count
        for block in rng.sample(range(count), count):
            edges += [(len(colours), block, 0), (len(colours), below, 1)]
            colours.append(when)
            below = count if rng.random() < 0.4 else block
    return colours, edges


def packages(count: int, rng: random.Random) -> Graph:
    """Logistics: three like cities with a truck each, and identical packages on few routes."""
    colours, edges = ["place"] * 6 + ["truck"] * 3, []
    for city in range(3):
        edges += [(2 * city, 2 * city + 1, 0), (2 * city + 1, 2 * city, 0), (6 + city, 2 * city, 1)]
        edges += [(2 * city, 2 * other, 2) for other in range(3) if other != city]
    for _ in range(count):
        start, goal = rng.choice(((1, 3), (3, 5)))
        edges += [(len(colours), start, 3), (len(colours), goal, 4)]
        colours.append("package")
    return colours, edges


def regular(size: int, rng: random.Random) -> Graph:
    """A random cubic graph, by the configuration model."""
    while True:
        ends = rng.sample([vertex for vertex in range(size) for _ in range(3)], 3 * size)
        pairs = {frozenset(pair) for pair in zip(ends[::2], ends[1::2], strict=True)}
        if len(pairs) == 3 * size // 2 and all(len(pair) == 2 for pair in pairs):
            return undirected(size, [(min(pair), max(pair)) for pair in pairs])


def hypercube(dimension: int) -> Graph:
    size = 1 << dimension
    return undirected(size, [(v, v ^ (1 << bit)) for v in range(size) for bit in range(dimension) if v >> bit & 1])


def rook(side: int) -> Graph:
    places = list(product(range(side), repeat=2))
    joined = (((a, x), (b, y)) for (a, x), (b, y) in combinations(enumerate(places), 2) if x[0] == y[0] or x[1] == y[1])
    return undirected(len(places), [(a, b) for (a, _), (b, _) in joined])


def relabelled(graph: Graph, rng: random.Random) -> Graph:
    colours, edges = graph
    position = rng.sample(range(len(colours)), len(colours))
    renamed = [colour for _, colour in sorted(zip(position, colours, strict=True))]
    return renamed, [(position[a], position[b], label) for a, b, label in rng.sample(edges, len(edges))]


def nauty(graph: Graph, implied: bool) -> bytes:
    import pynauty

    colours, edges = graph
    kinds = list(colours)
    after: dict[int, list[int]] = {}
    for source, target, label in edges:
        if implied:
            after.setdefault(source, []).append(target)
        else:
            after.setdefault(source, []).append(len(kinds))
            after[len(kinds)] = [len(kinds) + 1]
            after[len(kinds) + 1] = [target]
            kinds += (f"source {label}", f"target {label}")
    cells: dict[str, set[int]] = {}
    for vertex, kind in enumerate(kinds):
        cells.setdefault(kind, set()).add(vertex)
    drawn = pynauty.Graph(len(kinds), adjacency_dict=after, vertex_coloring=[cells[kind] for kind in sorted(cells)])
    return pynauty.certificate(drawn)


FAMILIES: dict[str, tuple[Callable[[random.Random], Graph], bool]] = {
    "random 3-SAT, n = 20, m = 85": (lambda rng: random_3sat(20, 85, rng), True),
    "random 3-SAT, n = 50, m = 213": (lambda rng: random_3sat(50, 213, rng), True),
    "random 3-SAT, n = 250, m = 1065": (lambda rng: random_3sat(250, 1065, rng), True),
    "Blocksworld, 5 blocks": (lambda rng: blocks(5, rng), False),
    "Blocksworld, 25 blocks, 100 edges": (lambda rng: blocks(25, rng), False),
    "Logistics, 12 identical packages": (lambda rng: packages(12, rng), False),
    "graph colouring CNF, 10 with 3": (lambda rng: graph_colouring(10, 3, rng), True),
    "graph colouring CNF, 15 with 4": (lambda rng: graph_colouring(15, 4, rng), True),
    "graph colouring CNF, 8 with 8": (lambda rng: graph_colouring(8, 8, rng), True),
    "random cubic, 20 vertices": (lambda rng: regular(20, rng), True),
    "cycle, 60 vertices": (lambda _: undirected(60, [(v, (v + 1) % 60) for v in range(60)]), True),
    "ten hexagons": (lambda _: undirected(60, [(v, v // 6 * 6 + (v + 1) % 6) for v in range(60)]), True),
    "100 isolated vertices": (lambda _: undirected(100, []), True),
    "hypercube, 64 vertices": (lambda _: hypercube(6), True),
    "rook's graph, 64 vertices": (lambda _: rook(8), True),
}


def main() -> None:
    rng = random.Random(1)
    clock = time.process_time
    print(f"{'':36}{'vertices':>9}{'edges':>7}{'ours ms':>10}{'pynauty ms':>12}{'ratio':>8}")
    for name, (make, implied) in FAMILIES.items():
        ours, theirs, sizes = [], [], []
        for _ in range(41):
            graph = make(rng)
            copies = [relabelled(graph, rng) for _ in range(2)]
            start = clock()
            forms = {canonical_form(*copy) for copy in copies}
            middle = clock()
            certificates = {nauty(copy, implied) for copy in copies}
            theirs.append((clock() - middle) / 2)
            ours.append((middle - start) / 2)
            sizes.append((len(graph[0]), len(graph[1])))
            if len(forms) != 1 or len(certificates) != 1:
                raise SystemExit(f"{name}: copies of one graph have different forms")
        (vertices, edges), one, two = sizes[0], statistics.median(ours), statistics.median(theirs)
        print(f"{name:36}{vertices:9}{edges:7}{1000 * one:10.3f}{1000 * two:12.3f}{two / one:8.2f}")


if __name__ == "__main__":
    main()
