"""A canonical form of vertex-coloured directed graphs with labelled edges: equal bytes exactly for isomorphic graphs.

Contract: `canonical_form` returns the whole relabelled graph, so two graphs of equal form are isomorphic whatever
else went wrong here: the form spells out one graph that both are. The other direction, that isomorphic graphs get
equal forms, holds because every step below depends on the graph alone, never on the numbers of its vertices. Where
the search would grow too large the result is `Undecided`, never a form that depends on the order of the input.

Method (McKay and Piperno, "Practical graph isomorphism, II", J. Symb. Comput. 60, 2014; recursion over components as
in Junttila and Kaski, "Conflict propagation and component recursion for canonical labeling", TAPAS 2011):

1. Refine: vertices that see different neighbourhoods get different colours, until nothing changes. Colours are
   64-bit hashes of what is seen, computed for all vertices at once. A collision can only leave two vertices
   together, and does so alike in every copy of the graph. Random instances end here, all vertices distinct.
2. Decompose: refined classes ("cells") that are joined completely or not at all say nothing about each other. What
   remains falls into components, each arranged alone and sorted by its own form. Interchangeable vertices,
   interchangeable trees, disjoint copies and everything around a vertex that is already distinct end here.
3. Branch: in a component that still has symmetry or hidden structure, make one vertex of the smallest cell special,
   try each of that cell, and keep the least result. Vertices known to be images of one already tried are skipped;
   two labellings that spell the same graph give such a symmetry.

All numbers are exact: 64-bit integers throughout, in a fixed byte order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeAlias

from neurosym.core import Reason, Undecided

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers: TypeAlias = npt.NDArray[np.int64]
    Hashes: TypeAlias = npt.NDArray[np.uint64]
    Mask: TypeAlias = npt.NDArray[np.bool_]

_Form: TypeAlias = tuple[bytes, bytes]

MAX_VERTICES = 1 << 18
"""Most vertices of a graph; keys of (vertex, vertex, label and direction) then fit 63 bits."""

MAX_EDGES = 1 << 21
"""Most edges of a graph, exact duplicates counted."""

MAX_LABEL = (1 << 20) - 1
"""Largest edge label."""

MAX_EFFORT = 1_000_000_000
"""Most vertices and edge ends that one form may visit while refining: some ten seconds."""

MAX_DEPTH = 150
"""Deepest nesting of branches."""


def canonical_form(colours: Sequence[str], edges: Sequence[tuple[int, int, int]], max_nodes: int = 5000) -> bytes:
    """The same bytes for two graphs exactly when some bijection of the vertices keeps colours, directions and labels.

    `colours[v]` names the class of vertex v; an edge is (source, target, label). Parallel edges with different labels
    and loops are edges like others; exact duplicates count once. `max_nodes` bounds the vertices made special.

    Raises ValueError for an edge outside the graph or a label outside 0…MAX_LABEL, and Undecided(UNSUPPORTED) for a
    graph above MAX_VERTICES or MAX_EDGES, or a search above `max_nodes`, MAX_EFFORT or MAX_DEPTH.
    """
    global np  # importing numpy takes longer than importing the rest of the engine: the first form pays for it
    import numpy as np

    size = len(colours)
    if size > MAX_VERTICES or len(edges) > MAX_EDGES:
        raise _too_large(f"{size} vertices and {len(edges)} edges")
    names = sorted(set(colours))
    ranks = {name: rank for rank, name in enumerate(names)}
    named = np.fromiter(map(ranks.__getitem__, colours), np.int64, size)
    rows = np.fromiter(chain.from_iterable(edges), np.int64).reshape(-1, 3)
    source, target, label = rows[:, 0], rows[:, 1], rows[:, 2]
    if rows.size and (rows.min() < 0 or max(source.max(), target.max()) >= size or label.max() > MAX_LABEL):
        raise ValueError(f"an edge is outside 0…{size - 1} or its label outside 0…{MAX_LABEL}")

    loop = source == target
    start = _with_loops(named, source[loop], label[loop]) if loop.any() else named
    graph = _graph(
        start,
        np.concatenate((source[~loop], target[~loop])),
        np.concatenate((target[~loop], source[~loop])),
        np.concatenate((2 * label[~loop], 2 * label[~loop] + 1)),
    )
    order = _Search(max_nodes).order(graph)

    position = np.empty(size, np.int64)
    position[order] = np.arange(size)
    keys = np.unique((position[source] * size + position[target]) * (MAX_LABEL + 1) + label)
    header = json.dumps([size, names], separators=(",", ":"))
    return b"\n".join((header.encode(), named[order].astype("<u4").tobytes() + keys.astype("<i8").tobytes()))


def _too_large(detail: str) -> Undecided:
    return Undecided(Reason.UNSUPPORTED, f"too large to canonise: {detail}")


def _collision() -> Undecided:
    return _too_large("hashes of different vertices collide")


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """A graph without loops. Each edge is two arcs, one from each end, sorted by owner, other end and code."""

    colours: Integers
    owner: Integers
    other: Integers
    code: Integers  # twice the edge's label, plus one at its target
    owners: Integers  # the vertices that have arcs
    first: Integers  # the first arc of each
    seen: Hashes  # the hash of each arc's code

    @property
    def size(self) -> int:
        return len(self.colours)


@dataclass(frozen=True, slots=True, eq=False)
class _Labelling:
    """The vertices in canonical order, and for each vertex one that a symmetry found on the way maps it to."""

    order: Integers
    orbit: Integers


_CODES = 2 * (MAX_LABEL + 1)


def _graph(colours: Integers, owner: Integers, other: Integers, code: Integers) -> _Graph:
    """The graph of these arcs, exact duplicates dropped."""
    size = max(1, len(colours))
    keys = (owner * size + other) * _CODES + code
    keys.sort()
    keys = keys[_starts(keys)]
    ends, code = keys // _CODES, keys % _CODES
    owner, other = ends // size, ends % size
    first = np.flatnonzero(_starts(owner))
    return _Graph(colours, owner, other, code, owner[first], first, _hashed(~code))


def _starts(values: npt.NDArray[np.generic]) -> Mask:
    """Where a run of equal neighbours starts."""
    start = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=start[1:])
    return start


def _hashed(values: Integers) -> Hashes:
    """Fixed 64-bit hashes of integers (the finaliser of SplitMix64: a bijection)."""
    mixed = (values.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _with_loops(colours: Integers, vertex: Integers, label: Integers) -> Integers:
    """The colours, told apart by the labels of the loops at each vertex."""
    loops: dict[int, set[int]] = {}
    for at, name in zip(vertex.tolist(), label.tolist(), strict=True):
        loops.setdefault(at, set()).add(name)
    kinds = [(colour, sorted(loops.get(at, ()))) for at, colour in enumerate(colours.tolist())]
    ranks = {str(kind): rank for rank, kind in enumerate(sorted(kinds))}
    return np.array([ranks[str(kind)] for kind in kinds], np.int64)


def _components(size: int, left: Integers, right: Integers) -> Integers:
    """The least vertex connected to each, along the pairs (left, right): hook roots to lower roots, then flatten."""
    root = np.arange(size)
    while True:
        low, high = root[left], root[right]
        apart = low != high
        if not apart.any():
            return root
        low, high = low[apart], high[apart]
        root[np.maximum(low, high)] = np.minimum(low, high)
        while not np.array_equal(flat := root[root], root):
            root = flat


def _spelt(graph: _Graph, colours: Integers, order: Integers) -> bytes:
    """The graph relabelled by `order`, in full."""
    position = np.empty(graph.size, np.int64)
    position[order] = np.arange(graph.size)
    keys = (position[graph.owner] * graph.size + position[graph.other]) * _CODES + graph.code
    keys.sort()
    return np.concatenate((colours[order], keys)).astype("<i8", copy=False).tobytes()


def _essential(graph: _Graph) -> _Graph:
    """A graph with the same symmetries, and the fewest arcs, of one whose colours are 0…k-1 and fully refined.

    All arcs of one code from a cell to another make a layer. A layer and its complement have the same symmetries; the
    sparser is kept, and a complete layer is dropped.

    Raises Undecided where the colours are not fully refined, because hashes collided.
    """
    size, colours = graph.size, graph.colours
    sizes = np.bincount(colours)
    members = np.argsort(colours, kind="stable")  # cell after cell
    position = np.empty(size, np.int64)
    position[members] = np.arange(size)
    row = position[graph.owner]
    keys = (row * len(sizes) + colours[graph.other]) * _CODES + graph.code
    by_row = np.argsort(keys)
    keys, row = keys[by_row], row[by_row]
    seen = keys - row * (len(sizes) * _CODES)

    opens = _starts(colours[members])
    degree = np.bincount(row, minlength=size)
    follows = np.flatnonzero(~opens[row])
    uneven = (degree[1:] != degree[:-1]) & ~opens[1:]
    if uneven.any() or (seen[follows] != seen[follows - degree[row[follows]]]).any():
        raise _collision()

    run = np.flatnonzero(_starts(keys))
    length = np.diff(run, append=len(keys))
    far_cell = seen[run] // _CODES
    room = sizes[far_cell] - (far_cell == colours[members[row[run]]])
    sparse = 2 * length <= room
    if sparse.all():
        return graph
    keep = by_row[np.repeat(sparse, length)]
    owner, other, code = graph.owner[keep], graph.other[keep], graph.code[keep]
    dense = ~sparse & (length < room)
    if dense.any():
        count = sizes[far_cell[dense]]
        ends = np.cumsum(count)
        step = np.arange(ends[-1]) - np.repeat(ends - count, count)
        all_owner = np.repeat(members[row[run[dense]]], count)
        all_other = members[np.repeat(np.flatnonzero(opens)[far_cell[dense]], count) + step]
        all_code = np.repeat(seen[run[dense]] % _CODES, count)
        present = by_row[np.repeat(dense, length)]
        absent = ~np.isin(
            (all_owner * size + all_other) * _CODES + all_code,
            (graph.owner[present] * size + graph.other[present]) * _CODES + graph.code[present],
        )
        absent &= all_owner != all_other
        owner = np.concatenate((owner, all_owner[absent]))
        other = np.concatenate((other, all_other[absent]))
        code = np.concatenate((code, all_code[absent]))
    return _graph(colours, owner, other, code)


class _Search:
    """One canonical labelling, with its limits."""

    def __init__(self, max_nodes: int) -> None:
        self.max_nodes = max_nodes
        self.nodes = 0
        self.effort = 0
        self.depth = 0

    def order(self, graph: _Graph) -> Integers:
        """The vertices of a graph in canonical order."""
        return self._label(graph, graph.colours, self._refined(graph, graph.colours), greedy=False).order

    def _refined(self, graph: _Graph, colours: Integers) -> Hashes:
        """Hashes of the vertices by colour and by everything that their neighbourhoods tell apart."""
        multiplier, half = np.uint64(0xD6E8FEB86659FD93), np.uint64(32)
        colour = _hashed(colours)
        every = len(graph.owners) == graph.size
        cells = 0
        while graph.size:
            ordered = np.sort(colour)
            found = 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
            if found in (cells, graph.size) or not len(graph.owner):
                break
            cells = found
            self.effort += graph.size + len(graph.owner)
            if self.effort > MAX_EFFORT:
                raise _too_large(f"more than {MAX_EFFORT} visits of vertices and edges")
            arc = colour[graph.other]
            arc ^= graph.seen
            arc *= multiplier
            arc ^= arc >> half
            around = np.add.reduceat(arc, graph.first)
            colour *= multiplier
            if every:
                colour += around
            else:
                colour[graph.owners] += around
            colour ^= colour >> half
            colour *= multiplier
        return colour

    def _label(self, graph: _Graph, colours: Integers, refined: Hashes, greedy: bool) -> _Labelling:
        """The labelling of a graph with these colours, given their refinement.

        With `greedy` it is just some labelling, of one try at each branch: enough to meet a symmetry by luck.
        """
        order = np.argsort(refined)
        new = _starts(refined[order])
        if new.all():
            return _Labelling(order, np.arange(graph.size))
        if (_starts(colours[order]) & ~new).any():
            raise _collision()
        cells = np.empty(graph.size, np.int64)
        cells[order] = np.cumsum(new) - 1
        return self._arrange(replace(graph, colours=cells), greedy)

    def _arrange(self, graph: _Graph, greedy: bool) -> _Labelling:
        """The labelling of a graph whose colours are cells, 0…k-1 and fully refined: component by component."""
        graph = _essential(graph)
        component = _components(graph.size, graph.owner, graph.other)
        if not component.any():
            return self._branch(graph, greedy)
        parts = self._parts(graph, component, greedy)

        cells, orbit = graph.colours, np.arange(graph.size)
        rank, inner = component, np.zeros(graph.size, np.int64)
        for number, (_, members, images) in enumerate(parts):
            rank[members] = graph.size + number
            inner[members] = np.arange(len(members))
            orbit[members] = images
        order = np.lexsort((inner, rank, cells))

        # Components that meet no cell twice are alike if they share a cell: a cell has one place for each neighbour.
        alike = ~_starts(cells[order])[1:] & (rank[order[1:]] < graph.size)
        pairs = [(np.arange(graph.size), orbit), (order[:-1][alike], order[1:][alike])]
        pairs += [(one, two) for (form, one, _), (same, two, _) in pairwise(parts) if form == same]
        left, right = zip(*pairs, strict=True)
        return _Labelling(order, _components(graph.size, np.concatenate(left), np.concatenate(right)))

    def _parts(self, graph: _Graph, component: Integers, greedy: bool) -> list[tuple[_Form, Integers, Integers]]:
        """The components that meet some cell twice, sorted: form, vertices in canonical order, images of these."""
        cells = graph.colours
        grouped = np.lexsort((cells, component))
        new = _starts(component[grouped])
        number = np.cumsum(new) - 1
        twice = ~new[1:] & (cells[grouped[1:]] == cells[grouped[:-1]])
        if not twice.any():
            return []
        place = np.empty(graph.size, np.int64)
        place[grouped] = np.arange(graph.size)
        owner, other = place[graph.owner], place[graph.other]
        arcs = np.lexsort((graph.code, other, owner))
        owner, other, code = owner[arcs], other[arcs], graph.code[arcs]
        bounds = np.append(np.flatnonzero(new), graph.size)
        arc_bounds = np.searchsorted(owner, bounds)

        parts, memo = [], dict[tuple[bytes, ...], tuple[_Form, _Labelling]]()
        for at in np.unique(number[1:][twice]).tolist():
            low, high = bounds[at], bounds[at + 1]
            span = slice(arc_bounds[at], arc_bounds[at + 1])
            members = grouped[low:high]
            kind = cells[members]
            key = (kind.tobytes(), (owner[span] - low).tobytes(), (other[span] - low).tobytes(), code[span].tobytes())
            if key not in memo:
                part = _graph(np.cumsum(_starts(kind)) - 1, owner[span] - low, other[span] - low, code[span])
                labelling = self._arrange(part, greedy)
                memo[key] = (key[0], _spelt(part, part.colours, labelling.order)), labelling
            form, labelling = memo[key]
            parts.append((form, members[labelling.order], members[labelling.orbit[labelling.order]]))
        return sorted(parts, key=lambda part: part[0])

    def _branch(self, graph: _Graph, greedy: bool) -> _Labelling:
        """The labelling of a connected graph whose cells all have several vertices: the least of those that make one
        vertex of the smallest cell special. In the order of invariants first, so that most are never completed.
        """
        sizes = np.bincount(graph.colours)
        orbit = np.arange(graph.size)
        tried: list[int] = []
        least: bytes | None = None
        known: dict[bytes, Integers] = {}
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_large(f"branches nested deeper than {MAX_DEPTH}")
        for vertex in np.flatnonzero(graph.colours == np.argmin(sizes)).tolist():
            if orbit[vertex] in orbit[tried]:
                continue
            tried.append(vertex)
            self.nodes += 1
            if self.nodes > self.max_nodes:
                raise _too_large(f"more than {self.max_nodes} vertices made special")
            special = graph.colours.copy()
            special[vertex] = len(sizes)
            refined = self._refined(graph, special)
            invariant = np.sort(refined).astype("<u8", copy=False).tobytes()
            if least is not None and invariant > least:
                continue
            if least is None or invariant < least:
                least, known = invariant, {}
            # A guess finds most symmetries at the price of one path; only without one is a labelling completed.
            for guess in (True, False) if known else (greedy,):
                labelling = self._label(graph, special, refined, guess)
                form = _spelt(graph, special, labelling.order)
                orbit = _components(
                    graph.size,
                    np.concatenate((np.arange(graph.size), np.arange(graph.size), known.get(form, labelling.order))),
                    np.concatenate((orbit, labelling.orbit, labelling.order)),
                )
                if form in known:
                    break
            known.setdefault(form, labelling.order)
            if greedy:
                break
        self.depth -= 1
        return _Labelling(known[min(known)], orbit)
