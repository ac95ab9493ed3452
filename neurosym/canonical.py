"""A canonical form of vertex-coloured directed graphs with labelled edges: equal bytes exactly for isomorphic graphs.

Contract: `canonical_form` returns the whole relabelled graph, so two graphs of equal form are isomorphic whatever
else went wrong here: the form spells out one graph that both are. The other direction, that isomorphic graphs get
equal forms, holds because every choice below depends on the graph alone, never on the numbers of its vertices. Where
the search would grow too large the result is `Undecided`, never a form that depends on the order of the input.

Method (McKay and Piperno, "Practical graph isomorphism, II", J. Symb. Comput. 60, 2014; recursion over components as
in Junttila and Kaski, "Conflict propagation and component recursion for canonical labeling", TAPAS 2011):

1. Refine: vertices that see different neighbourhoods get different colours, until nothing changes. Colours are
   64-bit hashes of what is seen, computed for all vertices at once. A collision can only leave two vertices
   together, and does so alike in every copy of the graph. Random instances end here, all vertices distinct.
2. Decompose: refined classes ("cells") that are joined completely or not at all say nothing about each other. What
   remains falls into components, each arranged alone and sorted by its own certificate. Interchangeable vertices,
   interchangeable trees, disjoint copies and everything around a vertex that is already distinct end here.
3. Branch: in a component that still has symmetry or hidden structure, individualise each vertex of one cell in turn
   and keep the least result. A vertex is skipped if a known automorphism maps a tried one to it; two labellings that
   give the same certificate give such an automorphism.

Step 2 compares neighbourhoods exactly, so steps 2 and 3 rest on no hash. All numbers are 64-bit integers.
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
    Images: TypeAlias = tuple[Integers, Integers]  # vertices, and what an automorphism maps them to
    Certificate: TypeAlias = tuple[bytes, bytes]
    Part: TypeAlias = tuple[Certificate, Integers, list[Images]]

_VERTEX_BITS = 18
_LABEL_BITS = 20
_CODE_BITS = _LABEL_BITS + 1

MAX_VERTICES = 1 << _VERTEX_BITS
"""Most vertices of a graph."""

MAX_EDGES = 1 << 21
"""Most edges of a graph, exact duplicates counted."""

MAX_LABEL = (1 << _LABEL_BITS) - 1
"""Largest edge label."""

MAX_EFFORT = 500_000_000
"""Most visits of vertices and ends of edges that one form may take: some ten seconds."""

MAX_DEPTH = 120
"""Deepest nesting of components: a fraction of Python's recursion limit, at four frames each."""


def canonical_form(colours: Sequence[str], edges: Sequence[tuple[int, int, int]], max_nodes: int = 5000) -> bytes:
    """The same bytes for two graphs exactly when some bijection of the vertices keeps colours, directions and labels.

    `colours[v]` names the class of vertex v; an edge is (source, target, label). Parallel edges with different labels
    and loops are edges like others; exact duplicates count once. `max_nodes` bounds the nodes of the search tree.

    The bytes are a line of JSON, [number of vertices, sorted names of colours], then each vertex's colour as an index
    into these names (32 bits), then each edge as source · 2³⁸ + target · 2²⁰ + label (64 bits, ascending), all
    little-endian.

    Raises ValueError for an edge that is no triple, outside the graph, or with a label outside 0…MAX_LABEL, and
    Undecided(UNSUPPORTED) for a graph above MAX_VERTICES or MAX_EDGES, or a search above `max_nodes`, MAX_EFFORT or
    MAX_DEPTH.
    """
    global np  # importing numpy takes longer than importing the rest of the engine: the first form pays for it
    import numpy as np

    size = len(colours)
    if size > MAX_VERTICES or len(edges) > MAX_EDGES:
        raise _too_large(f"{size} vertices and {len(edges)} edges")
    names = sorted(set(colours))
    index = {name: number for number, name in enumerate(names)}
    named = np.fromiter(map(index.__getitem__, colours), np.int64, size)
    source, target, label = _columns(edges, size)

    order = _Search(max_nodes).order(_graph(named, source, target, label))
    position = _inverse(order)
    keys = np.sort(_keys(position[source], position[target], label, _LABEL_BITS))
    header = json.dumps([size, names], separators=(",", ":")).encode()
    return b"".join((header, b"\n", named[order].astype("<u4").tobytes(), _bytes(keys[_starts(keys)])))


def _columns(edges: Sequence[tuple[int, int, int]], size: int) -> Integers:
    """Sources, targets and labels. Raises ValueError."""
    try:
        numbers = np.fromiter(chain.from_iterable(edges), np.int64)
    except OverflowError:
        numbers = np.array([-1])
    if len(numbers) != 3 * len(edges):
        raise ValueError("an edge is not of the form (source, target, label)")
    columns = numbers.reshape(-1, 3).T
    if len(edges) and (columns.min() < 0 or columns[:2].max() >= size or columns[2].max() > MAX_LABEL):
        raise ValueError(f"an edge is outside 0…{size - 1}, or its label outside 0…{MAX_LABEL}")
    return columns


def _too_large(detail: str) -> Undecided:
    return Undecided(Reason.UNSUPPORTED, f"too large to canonise: {detail}")


def _collision() -> Undecided:
    return _too_large("the hashes of different neighbourhoods collide")


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """A graph without loops. Each edge is two arcs, one from each end, sorted by owner, other end and code."""

    colours: Integers
    owner: Integers
    other: Integers
    code: Integers  # twice the edge's label, plus one at its target
    first: Integers  # the first arc of each vertex that has arcs

    @property
    def size(self) -> int:
        return len(self.colours)


@dataclass(frozen=True, slots=True, eq=False)
class _Labelling:
    """The vertices in canonical order, and automorphisms found on the way: enough to tell which vertices are alike."""

    order: Integers
    images: list[Images]


def _graph(colours: Integers, source: Integers, target: Integers, label: Integers) -> _Graph:
    """The graph of these edges. The labels of loops go into the colours: a loop is the vertex's own affair."""
    loop = source == target
    if loop.any():
        colours = _with_loops(colours, source[loop], label[loop])
        source, target, label = source[~loop], target[~loop], label[~loop]
    owner, other = np.concatenate((source, target)), np.concatenate((target, source))
    return _from_arcs(colours, owner, other, np.concatenate((2 * label, 2 * label + 1)))


def _with_loops(colours: Integers, vertex: Integers, label: Integers) -> Integers:
    """The colours, told apart by the labels of the loops at each vertex."""
    kinds: list[list[int]] = [[colour] for colour in colours.tolist()]
    for at, name in sorted(set(zip(vertex.tolist(), label.tolist(), strict=True))):
        kinds[at].append(name)
    index = {kind: number for number, kind in enumerate(sorted(set(map(tuple, kinds))))}
    return np.array([index[tuple(kind)] for kind in kinds], np.int64)


def _from_arcs(colours: Integers, owner: Integers, other: Integers, code: Integers) -> _Graph:
    """The graph of these arcs, which may come in any order and more than once."""
    keys = np.sort(_keys(owner, other, code, _CODE_BITS))
    return _from_keys(colours, keys[_starts(keys)])


def _from_keys(colours: Integers, keys: Integers) -> _Graph:
    """The graph of the arcs with these keys, which are sorted."""
    owner = keys >> (_VERTEX_BITS + _CODE_BITS)
    other = (keys >> _CODE_BITS) & (MAX_VERTICES - 1)
    return _Graph(colours, owner, other, _code(keys), np.flatnonzero(_starts(owner)))


def _keys(high: Integers, middle: Integers, low: Integers, low_bits: int) -> Integers:
    """One number for each triple, in the same order as the triples."""
    return (((high << _VERTEX_BITS) | middle) << low_bits) | low


def _code(keys: Integers) -> Integers:
    return keys & ((1 << _CODE_BITS) - 1)


def _bytes(values: Integers | Hashes) -> bytes:
    return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


def _starts(values: npt.NDArray[np.generic]) -> Mask:
    """Where a run of equal neighbours starts."""
    start = np.empty(len(values), np.bool_)
    start[:1] = True
    np.not_equal(values[1:], values[:-1], out=start[1:])
    return start


def _inverse(order: Integers) -> Integers:
    """The position of each vertex."""
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    return position


def _hashed(values: Integers) -> Hashes:
    """Fixed 64-bit hashes of integers (the finaliser of SplitMix64: a bijection)."""
    mixed = (values.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _components(size: int, left: Integers, right: Integers) -> Integers:
    """The least vertex connected to each, along the pairs (left, right): hook roots to lower roots, then flatten."""
    root = np.arange(size)
    while True:
        left, right = root[left], root[right]
        apart = np.flatnonzero(left != right)
        if not len(apart):
            return root
        left, right = left[apart], right[apart]
        root[np.maximum(left, right)] = np.minimum(left, right)
        while np.count_nonzero((flat := root[root]) != root):
            root = flat


def _certificate(graph: _Graph, colours: Integers, order: Integers) -> bytes:
    """The graph with these colours, relabelled by `order`, in full."""
    position = _inverse(order)
    keys = np.sort(_keys(position[graph.owner], position[graph.other], graph.code, _CODE_BITS))
    return _bytes(colours[order]) + _bytes(keys)


def _essential(graph: _Graph) -> _Graph:
    """A graph with the same automorphisms, and fewest arcs, of one whose colours are an equitable partition 0…k-1.

    All arcs of one code from a cell to another make a layer. A layer and its complement have the same automorphisms:
    the sparser is kept, and a complete layer is dropped.

    Raises Undecided where the partition is not equitable, because hashes collided.
    """
    colours = graph.colours
    sizes = np.bincount(colours)
    members = np.argsort(colours, kind="stable")
    opens = _starts(colours[members])
    row = _inverse(members)[graph.owner]
    far = colours[graph.other]
    arcs = np.argsort(_keys(row, far, graph.code, _CODE_BITS))
    row, far, seen = row[arcs], far[arcs], ((far << _CODE_BITS) | graph.code)[arcs]

    degree = np.bincount(row, minlength=graph.size)
    later = np.flatnonzero(~opens[row])  # each vertex of a cell must see what the one before it sees
    uneven = (degree[1:] != degree[:-1]) & ~opens[1:]
    if uneven.any() or (seen[later] != seen[later - degree[row[later]]]).any():
        raise _collision()

    run = np.flatnonzero(_starts(row) | _starts(seen))
    length = np.diff(run, append=len(row))
    near, far, code = members[row[run]], far[run], _code(seen[run])
    room = sizes[far] - (far == colours[near])
    sparse = 2 * length <= room
    if sparse.all():
        return graph
    keep = np.empty(len(row), np.bool_)
    keep[arcs] = np.repeat(sparse, length)
    owner, other, kept = graph.owner[keep], graph.other[keep], graph.code[keep]
    dense = ~sparse & (length < room)
    if not dense.any():
        return _Graph(colours, owner, other, kept, np.flatnonzero(_starts(owner)))

    near, far, code, had = near[dense], far[dense], code[dense], arcs[np.repeat(dense, length)]
    begin, count = np.flatnonzero(opens)[far], sizes[far]
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    near, far = np.repeat(near, count), members[np.repeat(begin, count) + step]
    possible = _keys(near, far, np.repeat(code, count), _CODE_BITS)[near != far]
    present = _keys(graph.owner[had], graph.other[had], graph.code[had], _CODE_BITS)
    both = np.sort(np.concatenate((possible, present)))
    opens = _starts(both)
    missing = both[opens & np.append(opens[1:], True)]
    return _from_keys(colours, np.sort(np.concatenate((_keys(owner, other, kept, _CODE_BITS), missing))))


class _Orbits:
    """Which vertices the automorphisms found so far map to each other, and which of these vertices were tried."""

    def __init__(self, size: int) -> None:
        self.everyone = self.orbit = np.arange(size)
        self.tried: list[int] = []

    def first_of_orbit(self, vertex: int) -> bool:
        """Whether no image of `vertex` was tried before. It counts as tried from now on."""
        if self.orbit[vertex] in self.orbit[self.tried]:
            return False
        self.tried.append(vertex)
        return True

    def join(self, *images: Images) -> None:
        left, right = zip((self.everyone, self.orbit), *images, strict=True)
        self.orbit = _components(len(self.everyone), np.concatenate(left), np.concatenate(right))


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

    def _spend(self, graph: _Graph, rounds: int) -> None:
        self.effort += rounds * (graph.size + len(graph.owner))
        if self.effort > MAX_EFFORT:
            raise _too_large(f"more than {MAX_EFFORT} visits of vertices and ends of edges")

    def _refined(self, graph: _Graph, colours: Integers) -> Hashes:
        """Hashes of the vertices by colour and by everything that their neighbourhoods tell apart."""
        multiplier, half = np.uint64(0xD6E8FEB86659FD93), np.uint64(32)
        colour = _hashed(colours)
        code = _hashed(~graph.code)  # complemented, since a colour and a code of equal hash would cancel out
        owners = graph.owner[graph.first]
        everybody = len(owners) == graph.size
        cells = 0
        while len(owners):
            ordered = np.sort(colour)
            found = 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
            if found in (cells, graph.size):
                break
            cells = found
            self._spend(graph, 1)
            arc = colour[graph.other]
            arc ^= code
            arc *= multiplier
            arc ^= arc >> half
            around = np.add.reduceat(arc, graph.first)
            colour *= multiplier
            if everybody:
                colour += around
            else:
                colour[owners] += around
            colour ^= colour >> half
            colour *= multiplier
        return colour

    def _label(self, graph: _Graph, colours: Integers, refined: Hashes, greedy: bool) -> _Labelling:
        """The labelling of a graph with these colours, given their refinement.

        With `greedy` it is just some labelling, of one try at each branch: enough to meet an automorphism by luck.
        """
        order = np.argsort(refined)
        opens = _starts(refined[order])
        if opens.all():
            return _Labelling(order, [])
        if (_starts(colours[order]) & ~opens).any():
            raise _collision()
        self._spend(graph, 20)  # what sorting and comparing cost below, in rounds of refinement
        cells = np.empty(graph.size, np.int64)
        cells[order] = np.cumsum(opens) - 1
        return self._arrange(_essential(replace(graph, colours=cells)), greedy)

    def _arrange(self, graph: _Graph, greedy: bool) -> _Labelling:
        """The labelling of an essential graph."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_large(f"components nested deeper than {MAX_DEPTH}")
        component = _components(graph.size, graph.owner, graph.other)
        if component.any():
            labelling = _assembled(graph, component, self._parts(graph, component, greedy))
        else:
            labelling = self._branch(graph, greedy)
        self.depth -= 1
        return labelling

    def _parts(self, graph: _Graph, component: Integers, greedy: bool) -> list[Part]:
        """The components that meet some cell twice, sorted by certificate, with their vertices in canonical order."""
        grouped = np.lexsort((graph.colours, component))
        cells, opens = graph.colours[grouped], _starts(component[grouped])
        twice = (np.cumsum(opens) - 1)[~opens & ~_starts(cells)]
        if not len(twice):
            return []
        place = _inverse(grouped)
        arcs = _from_arcs(cells, place[graph.owner], place[graph.other], graph.code)
        bounds = np.append(np.flatnonzero(opens), graph.size)
        spans = np.searchsorted(arcs.owner, bounds)
        sizes = np.bincount(cells)

        parts: list[Part] = []
        memo: dict[tuple[bytes, ...], tuple[Certificate, _Labelling]] = {}  # most copies are copies to the letter
        for number in twice[_starts(twice)].tolist():
            begin, end, span = bounds[number], bounds[number + 1], slice(spans[number], spans[number + 1])
            members, kind = grouped[begin:end], cells[begin:end]
            owner, other, code = arcs.owner[span] - begin, arcs.other[span] - begin, arcs.code[span]
            letter = (kind.tobytes(), owner.tobytes(), other.tobytes(), code.tobytes())
            if letter not in memo:
                opens = _starts(kind)
                part = _Graph(np.cumsum(opens) - 1, owner, other, code, np.flatnonzero(_starts(owner)))
                # Between cells met whole every layer is as it was; else one may be dense or complete by now.
                whole = sizes[kind[opens]].sum() == len(kind)
                labelling = self._branch(part, greedy) if whole else self._arrange(_essential(part), greedy)
                memo[letter] = (_bytes(kind), _certificate(part, part.colours, labelling.order)), labelling
            certificate, labelling = memo[letter]
            images = [(members[left], members[right]) for left, right in labelling.images]
            parts.append((certificate, members[labelling.order], images))
        return sorted(parts, key=lambda part: part[0])

    def _branch(self, graph: _Graph, greedy: bool) -> _Labelling:
        """The labelling of a connected essential graph: the least of those that individualise a vertex of one cell.

        Least by what refinement then sees, and next by certificate. The cell is one with most layers, of these the
        largest, of these the first.
        """
        sizes = np.bincount(graph.colours)
        layers = np.unique(graph.colours[graph.owner] * len(sizes) + graph.colours[graph.other]) // len(sizes)
        target = np.argmax(np.bincount(layers, minlength=len(sizes)) * graph.size + sizes)

        orbits = _Orbits(graph.size)
        least = b""
        first: tuple[Integers, Hashes] | None = None
        best: tuple[bytes, Integers] | None = None
        met: dict[bytes, Integers] = {}
        for vertex in np.flatnonzero(graph.colours == target).tolist():
            if not orbits.first_of_orbit(vertex):
                continue
            self.nodes += 1
            if self.nodes > self.max_nodes:
                raise _too_large(f"more than {self.max_nodes} nodes of the search tree")
            colours = graph.colours.copy()
            colours[vertex] = len(sizes)
            refined = self._refined(graph, colours)
            invariant = _bytes(np.sort(refined))
            if first is None or invariant < least:
                least, first, best = invariant, (colours, refined), None
            elif invariant > least:
                continue
            elif exchange := self._exchange(graph, first, (colours, refined)):
                orbits.join(exchange)
                continue
            # A guess meets most automorphisms at the price of one path; only without one is the labelling completed.
            for guess in (True, False) if best else (greedy,):
                labelling = self._label(graph, colours, refined, guess)
                certificate = _certificate(graph, colours, labelling.order)
                same = met.setdefault(certificate, labelling.order)
                orbits.join((labelling.order, same), *labelling.images)
                if guess and same is not labelling.order:
                    break
            else:
                if not best or certificate < best[0]:
                    best = certificate, labelling.order
            if greedy:
                break
        assert best is not None
        return _Labelling(best[1], [(orbits.everyone, orbits.orbit)])

    def _exchange(self, graph: _Graph, one: tuple[Integers, Hashes], two: tuple[Integers, Hashes]) -> Images | None:
        """An automorphism between two colourings, given with their refinements, if one is found that moves only the
        vertices that look different in the two: those that stay tell them apart.
        """
        moved = one[1] != two[1]
        if moved.all():
            return None
        orders, certificates = [], []
        for colours, refined in (one, two):
            fixed = np.where(moved, np.searchsorted(np.sort(refined), refined), graph.size + np.arange(graph.size))
            orders.append(np.argsort(self._refined(graph, fixed)))
            certificates.append(_certificate(graph, colours, orders[-1]))
        return (orders[0], orders[1]) if certificates[0] == certificates[1] else None


def _assembled(graph: _Graph, component: Integers, parts: list[Part]) -> _Labelling:
    """The labelling of an essential graph, given those of its components that meet some cell twice.

    The others need none: those that share a cell are alike, since a cell has one place for each neighbour.
    """
    rank, inner = component.copy(), np.zeros(graph.size, np.int64)
    for number, (_, members, _) in enumerate(parts):
        rank[members] = graph.size + number
        inner[members] = np.arange(len(members))
    order = np.lexsort((inner, rank, graph.colours))
    alike = ~_starts(graph.colours[order])[1:] & (rank[order[1:]] < graph.size)
    images = [(order[:-1][alike], order[1:][alike])]
    images += [(left, right) for (one, left, _), (two, right, _) in pairwise(parts) if one == two]
    return _Labelling(order, list(chain(images, *(inside for _, _, inside in parts))))
