"""The canonical form: equal bytes exactly for isomorphic graphs, within limits that are said and never guessed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym import canonical
from neurosym.canonical import canonical_form
from neurosym.core import Reason, Undecided

Edge = tuple[int, int, int]
Graph = tuple[list[str], list[Edge]]


# --- Graphs ---------------------------------------------------------------------------------------------------------


def relabelled(graph: Graph, rng: random.Random) -> Graph:
    """The same graph with its vertices renumbered and its edges shuffled, one of them doubled."""
    colours, edges = graph
    position = rng.sample(range(len(colours)), len(colours))
    renamed = [""] * len(colours)
    for vertex, colour in enumerate(colours):
        renamed[position[vertex]] = colour
    moved = [(position[source], position[target], label) for source, target, label in edges]
    return renamed, rng.sample(moved, len(moved)) + moved[:1]


def undirected(size: int, pairs: Iterable[tuple[int, int]]) -> Graph:
    return ["v"] * size, [edge for a, b in pairs for edge in ((a, b, 0), (b, a, 0))]


def adjacent(vertices: Sequence[object], joined: Callable[..., bool]) -> Graph:
    return undirected(
        len(vertices), [(a, b) for (a, x), (b, y) in combinations(enumerate(vertices), 2) if joined(x, y)]
    )


def union(*graphs: Graph) -> Graph:
    colours: list[str] = []
    edges: list[Edge] = []
    for names, arcs in graphs:
        edges += [(source + len(colours), target + len(colours), label) for source, target, label in arcs]
        colours += names
    return colours, edges


def cycle(size: int) -> Graph:
    return undirected(size, [(vertex, (vertex + 1) % size) for vertex in range(size)])


def hypercube(dimension: int) -> Graph:
    return adjacent(range(1 << dimension), lambda x, y: (x ^ y).bit_count() == 1)


def rook(side: int) -> Graph:
    return adjacent(list(product(range(side), repeat=2)), lambda x, y: x[0] == y[0] or x[1] == y[1])


def shrikhande() -> Graph:
    steps = {(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)}
    square = list(product(range(4), repeat=2))
    return adjacent(square, lambda x, y: ((x[0] - y[0]) % 4, (x[1] - y[1]) % 4) in steps)


def latin_square(side: int, rng: random.Random) -> Graph:
    """The strongly regular graph of a Latin square: a cyclic one with some of its 2 × 2 subsquares turned."""
    square = [[(row + column) % side for column in range(side)] for row in range(side)]
    for _ in range(100):
        (a, b), (c, d) = rng.sample(range(side), 2), rng.sample(range(side), 2)
        if square[a][c] == square[b][d] and square[a][d] == square[b][c]:
            square[a][c], square[a][d] = square[a][d], square[a][c]
            square[b][c], square[b][d] = square[b][d], square[b][c]
    places = list(product(range(side), repeat=2))
    return adjacent(places, lambda x, y: x[0] == y[0] or x[1] == y[1] or square[x[0]][x[1]] == square[y[0]][y[1]])


def chang(*switched: tuple[int, int]) -> Graph:
    """The triangular graph T(8), switched with respect to the vertices given: itself or one of Chang's three."""
    pairs = list(combinations(range(8), 2))
    return adjacent(pairs, lambda x, y: bool(set(x) & set(y)) != ((tuple(x) in switched) != (tuple(y) in switched)))


def cai_furer_immerman(pairs: Sequence[tuple[int, int]], twisted: bool) -> Graph:
    """Cai, Fürer and Immerman's graph over a base graph: twisting an edge changes it, refinement sees no difference."""
    number: dict[object, int] = {}
    edges = []
    for vertex in sorted({end for pair in pairs for end in pair}):
        around = [pair for pair in pairs if vertex in pair]
        for bits in product((0, 1), repeat=len(around)):
            if sum(bits) % 2 == (twisted and vertex == pairs[0][0]):
                inner = number.setdefault((vertex, bits), len(number))
                for bit, pair in zip(bits, around, strict=True):
                    edges.append((inner, number.setdefault((pair, bit), len(number))))
    return undirected(len(number), edges)


def projective_plane(order: int) -> Graph:
    """The incidence graph of the points and lines of the plane over a field of prime order."""
    points = [
        point
        for point in product(range(order), repeat=3)
        if any(point) and next(number for number in point if number) == 1
    ]
    lines = [
        (a, len(points) + b)
        for a, x in enumerate(points)
        for b, y in enumerate(points)
        if sum(map(int.__mul__, x, y)) % order == 0
    ]
    return undirected(2 * len(points), lines)


def cnf(variables: int, clauses: Iterable[Iterable[int]]) -> Graph:
    """A formula as FACTS.md has it: literals, clauses, and an edge from each literal to its negation."""
    colours = ["literal"] * (2 * variables)
    edges = [(literal, literal ^ 1, 1) for literal in range(2 * variables)]
    for clause in clauses:
        edges += [(len(colours), 2 * (abs(literal) - 1) + (literal < 0), 0) for literal in clause]
        colours.append("clause")
    return colours, edges


def random_3sat(variables: int, clauses: int, rng: random.Random) -> Graph:
    return cnf(
        variables,
        [[rng.choice((1, -1)) * v for v in rng.sample(range(1, variables + 1), 3)] for _ in range(clauses)],
    )


def graph_colouring(vertices: int, colours: int, pairs: Iterable[tuple[int, int]]) -> Graph:
    def literal(vertex: int, colour: int) -> int:
        return vertex * colours + colour + 1

    clauses = [[literal(vertex, colour) for colour in range(colours)] for vertex in range(vertices)]
    for vertex in range(vertices):
        clauses += [[-literal(vertex, one), -literal(vertex, two)] for one, two in combinations(range(colours), 2)]
    clauses += [[-literal(a, colour), -literal(b, colour)] for a, b in pairs for colour in range(colours)]
    return cnf(vertices * colours, clauses)


def logistics(packages: int) -> Graph:
    """Two cities that mirror each other, and packages that all want to change city."""
    colours = ["place"] * 4 + ["truck"] * 2
    edges = [(0, 1, 0), (1, 0, 0), (2, 3, 0), (3, 2, 0), (0, 2, 1), (2, 0, 1), (4, 1, 2), (5, 3, 2)]
    for number in range(packages):
        edges += [(len(colours), 1 + 2 * (number % 2), 3), (len(colours), 3 - 2 * (number % 2), 4)]
        colours.append("package")
    return colours, edges


def hubs(rng: random.Random) -> Graph:
    """A directed cycle of hubs, each joined to all of some regular graphs: one vertex known, all fall apart alike."""
    prism = adjacent(range(6), lambda x, y: (y - x) % 3 == 0 or x // 3 == y // 3)
    utility = undirected(6, product(range(3), range(3, 6)))
    count = rng.randrange(3, 5)
    colours, edges = union(*(rng.choice((prism, utility)) for _ in range(2 * count)))
    edges += [(12 * count + vertex // 12, vertex, 1) for vertex in range(12 * count)]
    edges += [(12 * count + hub, 12 * count + (hub + 1) % count, 2) for hub in range(count)]
    return colours + ["hub"] * count, edges


def regular(size: int, degree: int, rng: random.Random) -> Graph:
    """A random regular graph, from a circulant one by switching pairs of edges."""
    pairs = {frozenset((v, (v + step) % size)) for v in range(size) for step in range(1, degree // 2 + 1)}
    if degree % 2:
        pairs |= {frozenset((v, v + size // 2)) for v in range(size // 2)}
    return undirected(size, [tuple(sorted(pair)) for pair in switched(pairs, 10 * size, rng)])


def switched(pairs: set[frozenset[int]], times: int, rng: random.Random) -> list[frozenset[int]]:
    edges = sorted(pairs, key=sorted)
    for _ in range(times):
        one, two = rng.sample(range(len(edges)), 2)
        (a, b), (c, d) = sorted(edges[one]), rng.sample(sorted(edges[two]), 2)
        new = frozenset((a, c)), frozenset((b, d))
        if len({a, b, c, d}) == 4 and not set(new) & set(edges):
            edges[one], edges[two] = new
    return edges


def circulant(size: int, rng: random.Random) -> Graph:
    steps = [(rng.randrange(1, size), rng.randrange(2)) for _ in range(rng.randrange(1, 5))]
    return ["v"] * size, [(v, (v + step) % size, label) for v in range(size) for step, label in steps]


def lifted(rng: random.Random) -> Graph:
    """A few fibres joined by random permutations: refinement splits nothing unless a fibre's layers differ."""
    fibres, size = rng.randrange(1, 5), rng.randrange(2, 7)
    edges = [
        (one * size + x, two * size + y, label)
        for one, two, label in product(range(fibres), range(fibres), range(2))
        if rng.random() < 0.5
        for x, y in enumerate(rng.sample(range(size), size))
    ]
    named = rng.random() < 0.5
    return [f"fibre {vertex // size}" if named else "v" for vertex in range(fibres * size)], edges


def scattered(rng: random.Random) -> Graph:
    size = rng.randrange(1, 9)
    some = range(rng.randrange(3 * size))
    edges = [(rng.randrange(size), rng.randrange(size), rng.randrange(2)) for _ in some]
    return [rng.choice("ab") for _ in range(size)], edges


def varied(rng: random.Random) -> Graph:
    """A graph of any of the kinds above that is quick to compare."""
    kind = rng.randrange(9)
    if kind == 0:
        return latin_square(rng.randrange(3, 7), rng)
    if kind == 1:
        return union(*(regular(rng.choice((6, 8, 10)), rng.choice((2, 3, 4)), rng) for _ in range(rng.randrange(1, 4))))
    if kind == 2:
        size = rng.randrange(2, 6)
        pairs = [pair for pair in combinations(range(size), 2) if rng.random() < 0.5]
        return graph_colouring(size, rng.randrange(2, 5), pairs)
    if kind == 3:
        return circulant(rng.randrange(3, 16), rng)
    if kind == 4:
        base = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)][: rng.randrange(3, 7)]
        return cai_furer_immerman(base, rng.random() < 0.5)
    if kind == 5:
        few = [cycle(5), cycle(6), hypercube(3), rook(3), union(cycle(3), cycle(3)), logistics(4)]
        return union(*(rng.choice(few) for _ in range(rng.randrange(1, 4))))
    if kind == 6:
        return hubs(rng)
    return lifted(rng) if kind == 7 else scattered(rng)


SYMMETRIC = {
    "no vertices": ([], []),
    "isolated vertices": (["v"] * 400, []),
    "complete": undirected(60, combinations(range(60), 2)),
    "complete bipartite": undirected(30, product(range(15), range(15, 30))),
    "cycle": cycle(300),
    "directed cycle": (["v"] * 40, [(v, (v + 1) % 40, 0) for v in range(40)]),
    "hypercube": hypercube(6),
    "rook 4": rook(4),
    "rook 7": rook(7),
    "Shrikhande": shrikhande(),
    "Petersen": adjacent(list(combinations(range(5), 2)), lambda x, y: not set(x) & set(y)),
    "Kneser": adjacent(list(combinations(range(8), 2)), lambda x, y: not set(x) & set(y)),
    "Paley 29": undirected(29, [(a, (a + x * x) % 29) for a in range(29) for x in range(1, 15)]),
    "projective plane": projective_plane(5),
    "twelve packages": logistics(12),
    "sixty packages": logistics(60),
    "twin trees": union(*[(["root", "leaf", "leaf"], [(0, 1, 0), (0, 2, 0)])] * 40),
    "copies of a cycle": union(*[cycle(6)] * 50),
    "copies of Shrikhande's": union(*[shrikhande()] * 5),
    "copies of a rigid regular graph": union(*[regular(16, 3, random.Random(1))] * 6),
    "different regular graphs": union(*(regular(16, 3, random.Random(seed)) for seed in range(6))),
    "colouring 12 with 4": graph_colouring(
        12, 4, [pair for pair in combinations(range(12), 2) if sum(pair) % 4 == 1 and pair[1] < 10]
    ),
    "colouring a cycle with 7": graph_colouring(6, 7, [(v, (v + 1) % 6) for v in range(6)]),
    "pigeons": cnf(42, [[6 * p + h + 1 for h in range(6)] for p in range(7)]
                   + [[-6 * p - h - 1, -6 * q - h - 1] for h in range(6) for p, q in combinations(range(7), 2)]),
    "random 3-SAT": random_3sat(50, 213, random.Random(1)),
    **{f"hubs {seed}": hubs(random.Random(seed)) for seed in range(8)},
    "binary tree": undirected(127, [(v, (v - 1) // 2) for v in range(1, 127)]),
    "Cai, Fürer and Immerman": cai_furer_immerman(list(combinations(range(5), 2)), True),
    "crown": undirected(40, [(a, 20 + b) for a in range(20) for b in range(20) if a != b]),
}  # fmt: skip


# --- Equal exactly for isomorphic graphs ----------------------------------------------------------------------------


def brute_force(graph: Graph) -> object:
    """The least relabelling over all permutations."""
    colours, edges = graph
    return min(
        (
            [colours[order.index(place)] for place in range(len(order))],
            sorted({(order[source], order[target], label) for source, target, label in edges}),
        )
        for order in permutations(range(len(colours)))
    )


def classes(graphs: Iterable[Graph]) -> int:
    """How many isomorphism classes: the form and the brute force must agree on which graphs are alike."""
    least_of: dict[bytes, object] = {}
    form_of: dict[str, bytes] = {}
    for graph in graphs:
        form, least = canonical_form(*graph), brute_force(graph)
        assert least_of.setdefault(form, least) == least, f"not isomorphic, of equal form: {graph} {least_of[form]}"
        assert form_of.setdefault(repr(least), form) == form, f"isomorphic, of different form: {graph} {least}"
    return len(least_of)


def subsets(colours: list[str], edges: Sequence[Edge]) -> Iterator[Graph]:
    for bits in range(1 << len(edges)):
        yield colours, [edge for place, edge in enumerate(edges) if bits >> place & 1]


def test_all_directed_graphs_with_loops_on_three_vertices() -> None:
    assert classes(subsets(["v"] * 3, [(*pair, 0) for pair in product(range(3), repeat=2)])) == 104  # OEIS A000595


def test_all_coloured_directed_graphs_on_three_vertices() -> None:
    pairs = [(*pair, 0) for pair in permutations(range(3), 2)]
    found = classes(graph for colours in product("ab", repeat=3) for graph in subsets(list(colours), pairs))
    assert found == 2 * 16 + 2 * 36  # all of one colour: OEIS A000273; one of three pointed: 36


def test_all_directed_graphs_on_three_vertices_with_two_labels() -> None:
    edges = [(*pair, label) for pair in permutations(range(3), 2) for label in (0, 1)]
    assert classes(subsets(["v"] * 3, edges)) == (4**6 + 3 * 4**3 + 2 * 4**2) // 6  # Burnside


def test_all_directed_graphs_on_four_vertices() -> None:
    assert classes(subsets(["v"] * 4, [(*pair, 0) for pair in permutations(range(4), 2)])) == 218  # OEIS A000273


def test_all_undirected_graphs_on_five_vertices() -> None:
    pairs = list(combinations(range(5), 2))
    graphs = (undirected(5, [pair for place, pair in enumerate(pairs) if bits >> place & 1]) for bits in range(1 << 10))
    assert classes(graphs) == 34  # OEIS A000088


def test_labelled_coloured_graphs_on_five_vertices() -> None:
    rng = random.Random(5)

    def graphs() -> Iterator[Graph]:
        for _ in range(150):
            colours = [rng.choice("aab") for _ in range(5)]
            edges = [(rng.randrange(5), rng.randrange(5), rng.randrange(2)) for _ in range(rng.randrange(9))]
            yield colours, edges
            yield relabelled((colours, edges), rng)
            yield colours, [(target, source, label) for source, target, label in edges]

    assert classes(graphs()) > 150


def nauty_certificate(graph: Graph) -> object:
    """A complete invariant by pynauty, which is quick for plain graphs only: an edge is a path over two new vertices.

    An edge and its reverse are one path of two vertices of one kind, so that symmetric graphs stay small.
    """
    pynauty = pytest.importorskip("pynauty")
    colours, edges = graph
    kinds = [("vertex", colour) for colour in colours]
    paths: list[tuple[int, int]] = []
    for source, target, label in sorted(set(edges)):
        mutual = (target, source, label) in edges and source != target
        if mutual and source > target:
            continue
        for end, name in ((source, "mutual" if mutual else "source"), (target, "mutual" if mutual else "target")):
            paths.append((end, len(kinds)))
            kinds.append((name, str(label)))
        paths.append((len(kinds) - 2, len(kinds) - 1))
    if not kinds:
        return ()
    after: dict[int, list[int]] = {}
    for one, two in paths:
        after.setdefault(one, []).append(two)
    cells = [{place for place, kind in enumerate(kinds) if kind == name} for name in sorted(set(kinds))]
    drawn = pynauty.Graph(len(kinds), directed=False, adjacency_dict=after, vertex_coloring=cells)
    return sorted(kinds), pynauty.certificate(drawn)


def perturbed(graph: Graph, rng: random.Random) -> Graph:
    """The graph with one edge led elsewhere, or two edges' ends exchanged, which keeps every degree."""
    colours, edges = graph
    edges = sorted(set(edges))
    if len(edges) < 2:
        return graph
    (one, a, label), (two, b, other) = (edges.pop(rng.randrange(len(edges))) for _ in range(2))
    if rng.random() < 0.7:
        return colours, [*edges, (one, b, label), (two, a, other)]
    return colours, [*edges, (one, a, label), (two, rng.randrange(len(colours)), other)]


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_nauty(seed: int) -> None:
    rng = random.Random(seed)
    alike = 0
    for _ in range(60):
        graph = varied(rng)
        copy, other = relabelled(graph, rng), relabelled(perturbed(graph, rng), rng)
        form = canonical_form(*graph)
        assert canonical_form(*copy) == form
        isomorphic = nauty_certificate(graph) == nauty_certificate(other)
        assert (canonical_form(*other) == form) == isomorphic, (graph, other)
        alike += isomorphic
    assert 0 < alike < 60


@pytest.mark.slow
def test_agrees_with_nauty_at_length() -> None:
    for seed in range(100, 120):
        test_agrees_with_nauty(seed)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_the_numbers_of_vertices_do_not_matter(name: str) -> None:
    graph, rng = SYMMETRIC[name], random.Random(name)
    forms = {canonical_form(*relabelled(graph, rng)) for _ in range(4)}
    assert forms == {canonical_form(*graph)}


@pytest.mark.parametrize("side", [5, 6, 8, 10])
def test_latin_squares_have_one_form_each(side: int) -> None:
    """Little symmetry that refinement cannot see: here a guess that meets an automorphism must not become a result."""
    rng = random.Random(side)
    for _ in range(2 if side < 8 else 1):
        graph = latin_square(side, rng)
        assert len({canonical_form(*relabelled(graph, rng)) for _ in range(8 if side != 8 else 4)}) == 1


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_two_numberings_have_one_form(seed: int) -> None:
    rng = random.Random(seed)
    graph = varied(rng)
    assert len({canonical_form(*relabelled(graph, rng)) for _ in range(3)}) == 1


def test_symmetry_costs_few_nodes() -> None:
    """What is polynomial in practice stays far from the default limit of 5000."""
    for name, graph in SYMMETRIC.items():
        many = name.startswith(("copies", "different", "hubs"))
        canonical_form(*relabelled(graph, random.Random(name)), max_nodes=120 if many else 35)


def test_interchangeable_parts_cost_no_node() -> None:
    for name in ("isolated vertices", "complete bipartite", "twin trees", "binary tree", "random 3-SAT"):
        canonical_form(*SYMMETRIC[name], max_nodes=0)


DIFFERENT = {
    "two triangles": (cycle(6), union(cycle(3), cycle(3))),
    "cycles of 12": (union(cycle(5), cycle(7)), union(cycle(6), cycle(6))),
    "rook and Shrikhande": (rook(4), shrikhande()),
    "Cai, Fürer and Immerman over K4": tuple(
        cai_furer_immerman(list(combinations(range(4), 2)), twisted) for twisted in (False, True)
    ),
    "Cai, Fürer and Immerman over K5": tuple(
        cai_furer_immerman(list(combinations(range(5), 2)), twisted) for twisted in (False, True)
    ),
    "decalin and bicyclopentyl": (
        undirected(10, [*((v, (v + 1) % 10) for v in range(10)), (0, 5)]),
        undirected(10, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (5, 6), (6, 7), (7, 8), (8, 9), (9, 5), (0, 5)]),
    ),
    "triangular and Chang": (
        chang(),
        chang((0, 1), (2, 3), (4, 5), (6, 7)),
        chang((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (0, 7)),
        chang((0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (5, 6), (6, 7), (3, 7)),
    ),
    "direction": ((["v"] * 3, [(0, 1, 0), (0, 2, 0)]), (["v"] * 3, [(1, 0, 0), (2, 0, 0)])),
    "turns of two squares": (
        (["v"] * 8, [(v, (v + 1) % 4, 0) for v in range(4)] + [(4 + v, 4 + (v + 1) % 4, 0) for v in range(4)]),
        (["v"] * 8, [(v, (v + 1) % 8, 0) for v in range(8)]),
    ),
    "label": ((["v"] * 2, [(0, 1, 0)]), (["v"] * 2, [(0, 1, 1)])),
    "parallel labels": ((["v"] * 2, [(0, 1, 0)]), (["v"] * 2, [(0, 1, 0), (0, 1, 1)])),
    "loop": ((["v"] * 2, [(0, 1, 0)]), (["v"] * 2, [(0, 0, 0)]), (["v"] * 2, [])),
    "loops' labels": ((["v"] * 2, [(0, 0, 0), (1, 1, 1)]), (["v"] * 2, [(0, 0, 0), (0, 0, 1)])),
    "name of a colour": ((["a"], []), (["b"], []), (['a","b'], []), (["\n"], [])),
    "names in turn": ((["a", "b"], [(0, 1, 0)]), (["a", "b"], [(1, 0, 0)])),
    "size": (([], []), (["v"], []), (["v"] * 2, [])),
    "smuggled bytes": ((["a", "a"], []), (["a,a"], []), (["a"] * 3, [])),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_graphs_have_different_forms(name: str) -> None:
    graphs, rng = DIFFERENT[name], random.Random(name)
    assert len({canonical_form(*relabelled(graph, rng)) for graph in graphs for _ in range(3)}) == len(graphs)


# --- What the bytes say ---------------------------------------------------------------------------------------------


def decoded(form: bytes) -> Graph:
    header, rest = form.split(b"\n", 1)
    size, names = json.loads(header)
    colours = [names[number] for number in struct.unpack_from(f"<{size}I", rest)]
    keys = struct.unpack_from(f"<{(len(rest) - 4 * size) // 8}q", rest, 4 * size)
    return colours, [(key >> 38, key >> 20 & (1 << 18) - 1, key & (1 << 20) - 1) for key in keys]


@given(st.integers(0, 2**32))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_the_form_spells_out_the_graph(seed: int) -> None:
    rng = random.Random(seed)
    colours, edges = varied(rng)
    form = canonical_form(colours, edges)
    names, arcs = decoded(form)
    assert sorted(names) == sorted(colours) and len(arcs) == len(set(edges))
    assert canonical_form(names, arcs) == form
    assert nauty_certificate((names, arcs)) == nauty_certificate((colours, edges))


def test_exact_duplicates_count_once_and_order_does_not_count() -> None:
    form = canonical_form(["a", "b"], [(0, 1, 3), (1, 0, 2), (0, 0, 1)])
    assert canonical_form(["a", "b"], [(0, 0, 1), (1, 0, 2), (0, 1, 3), (0, 1, 3), (0, 0, 1)]) == form
    assert canonical_form(("b", "a"), ((1, 1, 1), (0, 1, 2), (1, 0, 3))) == form


def test_the_bytes_are_pinned() -> None:
    """Lakes store their hash: a change here is a new version of every canonical id."""
    assert canonical_form(["é", "é"], []) == b'[2,["\\u00e9"]]\n' + struct.pack("<2I", 0, 0)
    assert canonical_form(["v"], [(0, 0, 5)]) == b'[1,["v"]]\n' + struct.pack("<Iq", 0, 5)
    names = ("random 3-SAT", "colouring 12 with 4", "Shrikhande", "sixty packages", "binary tree")
    forms = [canonical_form(*SYMMETRIC[name]) for name in names]
    assert (
        hashlib.sha256(b"".join(forms)).hexdigest()
        == "6733c78b7c10d1aa56a851154782daf7e4f0a605d141fefe60ee3c2fd49a4d8a"
    )


HASHING = """
import hashlib, random, sys
sys.path.insert(0, sys.argv[1])
from test_canonical import SYMMETRIC, relabelled
from neurosym.canonical import canonical_form
total = hashlib.sha256()
for name, graph in SYMMETRIC.items():
    total.update(canonical_form(*relabelled(graph, random.Random(int(sys.argv[2])))))
print(total.hexdigest())
"""


def test_no_dependence_on_the_process() -> None:
    here = os.path.dirname(__file__)  # noqa: PTH120
    digests = {
        subprocess.run(
            [sys.executable, "-c", HASHING, here, seed],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_importing_it_does_not_import_numpy() -> None:
    program = "import sys, neurosym.canonical; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# --- Limits ---------------------------------------------------------------------------------------------------------


def refused(graph: Graph, **options: int) -> str:
    with pytest.raises(Undecided, match="too large to canonise: ") as caught:
        canonical_form(*graph, **options)
    assert caught.value.reason is Reason.UNSUPPORTED
    return caught.value.detail


def test_too_many_nodes() -> None:
    assert "0 nodes" in refused(cycle(6), max_nodes=0)
    assert "10 nodes" in refused(rook(7), max_nodes=10)


def test_a_limit_changes_no_form() -> None:
    rng = random.Random(8)
    graph = union(latin_square(5, rng), shrikhande(), regular(12, 3, rng))
    form = canonical_form(*graph)
    reached = set()
    for limit in range(0, 120, 3):
        try:
            assert canonical_form(*relabelled(graph, rng), max_nodes=limit) == form
            reached.add(True)
        except Undecided:
            reached.add(False)
    assert reached == {True, False}


@pytest.mark.parametrize(
    ("limit", "value", "graph"),
    [
        ("MAX_VERTICES", 5, cycle(6)),
        ("MAX_EDGES", 11, cycle(6)),
        ("MAX_EFFORT", 1000, cycle(100)),
        ("MAX_DEPTH", 5, rook(8)),
    ],
)
def test_every_limit_is_undecided(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, graph: Graph) -> None:
    canonical_form(*graph)
    monkeypatch.setattr(canonical, limit, value)
    refused(graph)


def test_a_graph_too_large_is_refused_before_it_is_read() -> None:
    assert "vertices" in refused((["v"] * (canonical.MAX_VERTICES + 1), []))
    assert "edges" in refused((["v"], [(0, 0, 0)] * (canonical.MAX_EDGES + 1)))


@pytest.mark.parametrize(
    "edges",
    [
        [(0, 2, 0)], [(2, 0, 0)], [(-1, 0, 0)], [(0, -1, 0)], [(0, 1, -1)], [(0, 1, canonical.MAX_LABEL + 1)],
        [(0, 1, 10**30)], [(0, 1)], [(0, 1, 0, 0)], [(0, 1), (0, 1, 0)],
    ],
)  # fmt: skip
def test_bad_edges_are_refused(edges: list[Edge]) -> None:
    with pytest.raises(ValueError, match="edge"):
        canonical_form(["v", "v"], edges)
    assert canonical_form(["v", "v"], [(0, 1, canonical.MAX_LABEL)])


@pytest.mark.parametrize("bits", [1, 2, 3, 5, 8])
def test_collisions_of_hashes_are_undecided_and_never_change_a_form(monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    """Whoever makes the hashes collide on purpose gets no answer, or one that is still the same for every copy."""
    real = canonical._Search._refined

    def weak(self: canonical._Search, graph: canonical._Graph, colours: canonical.Integers) -> canonical.Hashes:
        return real(self, graph, colours) >> (64 - bits)

    monkeypatch.setattr(canonical._Search, "_refined", weak)
    rng = random.Random(bits)
    outcomes = set()
    for _ in range(60):
        graph = varied(rng)
        forms = set()
        for _ in range(4):
            try:
                forms.add(canonical_form(*relabelled(graph, rng)))
                outcomes.add("form")
            except Undecided as undecided:
                outcomes.add(undecided.detail)
        assert len(forms) <= 1, graph
        for form in forms:
            assert nauty_certificate(decoded(form)) == nauty_certificate(graph)
    assert {"form", "too large to canonise: the hashes of different neighbourhoods collide"} <= outcomes


def test_neighbourhoods_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every hash collides, all that is left is the comparison: a graph that is not regular is undecided."""
    monkeypatch.setattr(canonical._Search, "_refined", lambda _, graph, __: graph.colours * 0)
    for graph in subsets(["v"] * 3, [(*pair, 0) for pair in permutations(range(3), 2)]):
        degrees = {(sum(e[0] == v for e in graph[1]), sum(e[1] == v for e in graph[1])) for v in range(3)}
        if len(degrees) > 1:
            assert "collide" in refused(graph)


def test_a_colour_and_a_label_of_equal_number_do_not_cancel_out() -> None:
    """With one hash for both, neighbours (colour 0, label 1) and (colour 1, label 0) once looked alike."""
    for pointed in (cycle(5), cycle(7)):
        colours = ["pointed", *pointed[0][1:]]
        canonical_form(colours, pointed[1], max_nodes=0)
