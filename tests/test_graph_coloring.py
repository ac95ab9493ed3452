"""Graph coloring: the encoding, and what is sampled, asked, rendered and parsed."""

from __future__ import annotations

import re
import time
from collections import Counter
from itertools import combinations, product

import pytest
from formulas import models
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_domains.graph_coloring import ENGLISH, FORMAL, GraphColoring, _decode, _encode
from neurosym_oracles._kernels.cnf import parse_dimacs
from neurosym_oracles.cadical import Cadical
from neurosym_oracles.cnf_checker import CnfChecker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, Status, stream

DOMAIN, CHECKER = GraphColoring(), CnfChecker()
many = settings(max_examples=200, deadline=None, derandomize=True)
Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn, most_vertices: int = 8) -> tuple[int, int, Edges]:
    vertices, colors = draw(st.integers(2, most_vertices)), draw(st.integers(2, 5))
    edges = draw(st.sets(st.sampled_from(list(combinations(range(1, vertices + 1), 2)))))
    return vertices, colors, sorted(edges)


def problem(vertices: int, colors: int, edges: Edges) -> Problem:
    return DOMAIN.problem({"dimacs": _encode(vertices, colors, edges)})


TRIANGLE = problem(3, 3, [(1, 2), (1, 3), (2, 3)])


@many
@given(graphs())
def test_the_graph_is_read_back(graph):
    vertices, colors, edges = graph
    assert _decode(problem(*graph)) == graph
    variables, clauses = parse_dimacs(problem(*graph).payload["dimacs"])
    assert variables == vertices * colors
    assert len(clauses) == vertices * (1 + colors * (colors - 1) // 2) + colors * len(edges)


@pytest.mark.parametrize(("vertices", "colors"), [(4, 2), (3, 3), (2, 5)])
def test_models_are_colorings(vertices, colors):
    pairs = list(combinations(range(1, vertices + 1), 2))
    for size in range(len(pairs) + 1):
        for edges in combinations(pairs, size):
            asked = problem(vertices, colors, list(edges))
            right = [
                " ".join(map(str, row))
                for row in product(range(1, colors + 1), repeat=vertices)
                if all(row[one - 1] != row[two - 1] for one, two in edges)
            ]
            formula = parse_dimacs(asked.payload["dimacs"])
            found = [DOMAIN.render(asked, {"sat": model}) for model in models(*formula)]
            assert sorted(found) == sorted(right)


def test_samples():
    for domain in (DOMAIN, GraphColoring(vertices=30, colors=4, density=400), GraphColoring(vertices=2, density=50)):
        for item in range(20):
            vertices, colors, edges = _decode(domain.sample(stream(item)))
            assert (vertices, colors) == (domain.vertices, domain.colors)
            assert len(edges) == domain.density * vertices // 100
            assert edges == sorted(set(edges)) and all(1 <= one < two <= vertices for one, two in edges)


def test_every_edge_is_equally_likely():
    domain, counts = GraphColoring(vertices=5, density=80), dict[tuple[int, int], int]()
    for item in range(2500):
        for edge in _decode(domain.sample(stream(item)))[2]:
            counts[edge] = counts.get(edge, 0) + 1
    assert len(counts) == 10 and all(abs(count - 1000) < 125 for count in counts.values())  # five standard deviations


def test_a_path_fixes_the_problem():
    assert DOMAIN.sample(stream(1)) == DOMAIN.sample(stream(1)) != DOMAIN.sample(stream(2))
    assert DOMAIN.sample(stream("pinned")).id == "3239a54bedee19c5eaf33f84b2bddcfb"
    assert len({DOMAIN.sample(stream(item)).id for item in range(500)}) == 500


def test_about_half_are_colorable_and_every_answer_comes_back():
    pytest.importorskip("pysat")
    oracle, colorable = Cadical(), 0
    for item in range(600):
        asked = DOMAIN.sample(stream(item))
        claim = oracle.solve(asked, Budget())
        assert CHECKER.check(asked, claim, Budget()).proved
        text = DOMAIN.render(asked, claim.answer)
        assert DOMAIN.parse(asked, text) == DOMAIN.parse(asked, f"\n{text} \n") == claim.answer
        colorable += claim.answer != "unsat"
        assert text == "not colorable" or re.fullmatch("[123]( [123]){14}", text)
    assert 240 < colorable < 360


def test_the_prompts():
    english, formal = DOMAIN.english(TRIANGLE), DOMAIN.formal(TRIANGLE)
    assert english == f"{ENGLISH}Vertices: 3\nColors: 3\nEdges: 1-2 1-3 2-3"
    assert formal == f"{FORMAL}Vertices: 3\nColors: 3\n{TRIANGLE.payload['dimacs'].rstrip()}"
    assert "variable k(v-1)+c says that vertex v has color c" in FORMAL
    for prompt in (english, formal):
        assert "\nAnswer with the colors of all vertices in order" in prompt
        assert "{" not in prompt
    assert DOMAIN.prompt(TRIANGLE) == english
    assert GraphColoring(prompt_style="formal").prompt(TRIANGLE) == formal


@many
@given(graphs(), st.data())
def test_a_renamed_coloring_has_the_same_conflicts(graph, data):
    vertices, colors, edges = graph
    row = data.draw(st.lists(st.integers(1, colors), min_size=vertices, max_size=vertices))
    asked = problem(*graph)
    claim = Claim(DOMAIN.parse(asked, " ".join(map(str, row))))
    renamed, told = DOMAIN.renamed(asked, claim, stream(data.draw(st.integers(0, 100))))
    new_vertices, new_colors, new_edges = _decode(renamed)
    new_row = list(map(int, DOMAIN.render(renamed, told.answer).split()))
    assert (new_vertices, new_colors, len(new_edges)) == (vertices, colors, len(edges))
    assert sorted(Counter(row).values()) == sorted(Counter(new_row).values())
    before, after = (
        sum(of[one - 1] == of[two - 1] for one, two in pairs) for of, pairs in ((row, edges), (new_row, new_edges))
    )
    assert before == after


@many
@given(graphs(), st.data())
def test_parse_is_the_inverse_of_render(graph, data):
    vertices, colors, _ = graph
    row = data.draw(st.lists(st.integers(1, colors), min_size=vertices, max_size=vertices))
    text = " ".join(map(str, row))
    answer = DOMAIN.parse(problem(*graph), text)
    assert DOMAIN.render(problem(*graph), answer) == text
    assert [abs(literal) for literal in answer["sat"]] == list(range(1, vertices * colors + 1))
    proper = all(row[one - 1] != row[two - 1] for one, two in graph[2])
    status = CHECKER.check(problem(*graph), Claim(answer), Budget()).status
    assert status is (Status.CORRECT if proper else Status.WRONG)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1", "1 2", "1 2 3 1", "1 2 4", "0 1 2", "1 2 0", "1 2 -3", "1  2 3", "1 2\n3", "1,2,3", "1, 2, 3",
        "123",
        "01 2 3", "+1 2 3", "1 2 3.", "1 2 x", "١ 2 3", "1 2 3.0", "1\u00a02 3", "1 2 1_0", "red green blue",
        "1:1 2:2 3:3",
        "Not colorable", "not  colorable", "not colorable.", "uncolorable", "unsat", "sat", "not colorable 1 2 3",
        "1 2 3 not colorable", "1 2 1000", "1 2 3\0", "[1, 2, 3]", "[" * 1_000_000, "1 " * 400_000 + "1",
        "1" * 1_000_000,
        "not " * 100_000, "__import__('os')",
    ],
)  # fmt: skip
def test_malformed_texts(text):
    start = time.thread_time()
    with pytest.raises(MalformedAnswer):
        DOMAIN.parse(TRIANGLE, text)
    assert time.thread_time() - start < 0.2


@many
@given(st.text(max_size=40) | st.text(alphabet="1234 notclrab\n", max_size=40))
def test_any_text_is_parsed_or_malformed(text):
    try:
        answer = DOMAIN.parse(TRIANGLE, text)
    except MalformedAnswer:
        return
    assert DOMAIN.render(TRIANGLE, answer) == text.strip()


@pytest.mark.parametrize(
    "answer",
    [
        None, "sat", "", [], {}, {"sat": None}, {"sat": "1"}, {"sat": [True]}, {"sat": []}, {"sat": [1, 4]},
        {"sat": [1.0, 4, 7]},
        {"sat": [1, 2, 4, 7]}, {"sat": [1, 2, 3]}, {"sat": [1, 4, 10]}, {"sat": [1, 4, 7, 10]}, {"sat": [1, 4, 7, 7]},
    ],
)  # fmt: skip
def test_render_refuses_what_is_no_coloring(answer):
    with pytest.raises(MalformedAnswer):
        DOMAIN.render(TRIANGLE, answer)


def test_other_payloads_are_malformed():
    text = TRIANGLE.payload["dimacs"]
    lines = text.splitlines(keepends=True)
    others = [
        None, 7, "", "p cnf 3 1\n", text + "1 0\n", text[:-1], "c\n" + text, text.replace("-1 -2", "-2 -1"),
        text.replace("p cnf 9 21", "p cnf 9 20"), text.replace("p cnf 9", "p cnf 10"), text.replace("p cnf 9",
        "p cnf 99999"),
        text.replace("-1 -4 0", "-1 -5 0"), text.replace("-1 -4 0", "-4 -1 0"), text.replace("\n", "\r\n"),
        "p cnf 99999 1\n1 2 0\n", "p cnf 99999 1\n" + f"1{''.join(f' {c}' for c in range(2, 13))} 0\n",
        "".join([*lines[:-6], *lines[-3:], *lines[-6:-3]]),  # edges out of order
        "".join([*lines, *lines[-3:]]).replace("9 21", "9 24"),  # an edge twice
        _encode(3, 3, [(1, 1)]), _encode(3, 3, [(2, 1)]), _encode(3, 3, [(1, 2), (1, 2)]), _encode(3, 3, [(1, 4)]),
    ]  # fmt: skip
    start = time.thread_time()
    for other in others:
        bad = DOMAIN.problem({"dimacs": other})
        for use in (DOMAIN.english, DOMAIN.formal, lambda bad: DOMAIN.parse(bad, "1 2 3")):
            with pytest.raises(MalformedProblem):
                use(bad)
    with pytest.raises(MalformedProblem):
        DOMAIN.english(DOMAIN.problem({}))
    assert time.thread_time() - start < 1


@many
@given(graphs(4), st.data())
def test_a_changed_payload_is_another_graph_or_malformed(graph, data):
    text = problem(*graph).payload["dimacs"]
    place = data.draw(st.integers(0, len(text) - 1))
    other = text[:place] + data.draw(st.sampled_from(["", "0", "1", "2", "-", " ", "\n"])) + text[place + 1 :]
    try:
        found = _decode(DOMAIN.problem({"dimacs": other}))
    except MalformedProblem:
        return
    assert _encode(*found) == other


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"vertices": 1}, r"vertices must be in 2\.\.300, not 1"),
        ({"vertices": 301}, r"vertices must be in 2\.\.300, not 301"),
        ({"colors": 1}, r"colors must be in 2\.\.12, not 1"),
        ({"colors": 13}, r"colors must be in 2\.\.12, not 13"),
        ({"density": 0}, r"density must be in 7\.\.700, not 0"),
        ({"density": 701}, r"density must be in 7\.\.700, not 701"),
        ({"vertices": 2, "density": 51}, r"density must be in 50\.\.50, not 51"),
        ({"prompt_style": "german"}, "prompt_style must be"),
    ],
)
def test_knobs_out_of_range(knobs, message):
    with pytest.raises(ValueError, match=message):
        GraphColoring(**knobs)


@pytest.mark.parametrize("knobs", [{"vertices": 2, "colors": 2, "density": 50}, {"density": 700}, {"density": 7},
                                   {"vertices": 300, "colors": 12, "density": 300}])  # fmt: skip
def test_the_ends_of_the_ranges(knobs):
    domain = GraphColoring(**knobs)
    asked = domain.sample(stream(1))
    assert domain.english(asked) and CHECKER.check(asked, Claim("sat"), Budget()).status is Status.UNDECIDED


def test_renamed_graphs_have_the_same_canonical_form():
    edges = [(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)]
    for shift in range(1, 5):
        renamed = sorted(tuple(sorted(((one + shift) % 5 + 1, (two + shift) % 5 + 1))) for one, two in edges)
        assert CHECKER.canonical(problem(5, 3, renamed)) == CHECKER.canonical(problem(5, 3, edges))
    assert CHECKER.canonical(problem(5, 3, edges[:-1])) != CHECKER.canonical(problem(5, 3, edges))
