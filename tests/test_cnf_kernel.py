"""The strict DIMACS reader and the evaluation of models."""

from __future__ import annotations

import time

import pytest
from formulas import dimacs, models, small_formulas
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.cnf import (
    MAX_CHARACTERS,
    MAX_VARIABLES,
    DimacsError,
    Exhausted,
    Formula,
    Meter,
    Outcome,
    TooLarge,
    check_model,
    parse_dimacs,
)

many = settings(max_examples=300, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("p cnf 0 0\n", Formula(0, [])),
        ("p cnf 0 0", Formula(0, [])),
        ("p cnf 3 0\n", Formula(3, [])),
        ("p cnf 0 1\n0\n", Formula(0, [()])),
        ("p cnf 2 3\n1 -2 0\n0\n2 0", Formula(2, [(1, -2), (), (2,)])),
        ("p cnf 2 2\n1 1 -1 0\n1 1 -1 0\n", Formula(2, [(1, 1, -1), (1, 1, -1)])),
        ("c text\nc\ncnf\np cnf 2 2\nc 1 2 0\n1\n2 0 -1\n-2\n0\n", Formula(2, [(1, 2), (-1, -2)])),
        ("c ünïcödé ١\r\np  cnf\t2 1 \r\n 1\t-2 0\r\n\r\n", Formula(2, [(1, -2)])),
        ("p cnf 2 2\n1 0\nc 2 0\n-2 0\nc", Formula(2, [(1,), (-2,)])),
        ("\np cnf 2 1\n1 0\n%\n0\n\n", Formula(2, [(1,)])),
        ("p cnf 2 1\n1 0\n% \n0", Formula(2, [(1,)])),
        ("p cnf 2 1 1 0", None),
        (f"p cnf {MAX_VARIABLES} 1\n-{MAX_VARIABLES} 0\n", Formula(MAX_VARIABLES, [(-MAX_VARIABLES,)])),
    ],
)
def test_what_the_format_allows(text, formula):
    if formula is None:
        with pytest.raises(DimacsError, match="no header"):
            parse_dimacs(text)
    else:
        assert parse_dimacs(text) == formula


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no header"),
        ("1 0\n", "no header"),
        ("c p cnf 1 1\n1 0\n", "no header"),
        ("1 0\np cnf 1 1\n", "no header"),
        ("p cnf 1\n1 0\n", "no header"),
        ("p cnf 1 1 1\n1 0\n", "no header"),
        ("p cnf -1 1\n1 0\n", "no header"),
        ("p cnf +1 1\n1 0\n", "no header"),
        ("p cnf 1_0 1\n1 0\n", "no header"),
        ("p cnf 01 1\n1 0\n", "no header"),
        ("p cnf ١ 1\n1 0\n", "no header"),
        ("p wcnf 1 1\n1 0\n", "no header"),
        ("p cnf 1.0 1\n1 0\n", "no header"),
        ("P CNF 1 1\n1 0\n", "no header"),
        ("p\ncnf 1 1\n1 0\n", "no header"),
        ("{[((" * 9, "no header"),
        ("p cnf 1 1\np cnf 1 1\n1 0\n", "not a literal: 'p'"),
        ("p cnf 1 1\nx 1 0\n", "not a literal: 'x'"),
        ("p cnf 1 1\nx1 0\n", "not a literal: 'x1'"),
        ("p cnf 1 1\n+1 0\n", "not a literal"),
        ("p cnf 9 1\n0_1 0\n", "not a literal"),
        ("p cnf 99 1\n1_0 0\n", "not a literal"),
        ("p cnf 9 1\n01 0\n", "not a literal"),
        ("p cnf 9 1\n-0\n", "not a literal"),
        ("p cnf 9 1\n1 00\n", "not a literal"),
        ("p cnf 9 1\n1 - 2 0\n", "not a literal"),
        ("p cnf 9 1\n--1 0\n", "not a literal"),
        ("p cnf 9 1\n1-2 0\n", "not a literal"),
        ("p cnf 9 1\n١ 0\n", "not a literal"),
        ("p cnf 9 1\n1\u00a00\n", "not a literal"),
        ("p cnf 9 1\n1\x0b0\n", "not a literal"),
        ("p cnf 9 1\n1\u20280\n", "not a literal"),
        ("p cnf 9 1\n1.0 0\n", "not a literal"),
        ("p cnf 9 1\n1e0 0\n", "not a literal"),
        ("p cnf 9 1\n0x1 0\n", "not a literal"),
        ("p cnf 9 1\n1 c comment\n0\n", "not a literal: 'c'"),
        ("p cnf 9 1\n10000000000000000000000 0\n", "not a literal"),
        ("p cnf 9 1\n1 0 % \n0\n", "not a literal: '%'"),
        ("p cnf 9 1\n1 0\n%\n", "not a literal: '%'"),
        ("p cnf 9 1\n1 0\n%\n0\n1 0\n", "not a literal: '%'"),
        ("p cnf 9 1\n1 0\n%\n0 0\n", "not a literal: '%'"),
        ("p cnf 1 1\n1\n", "not closed by 0"),
        ("p cnf 1 2\n1 0 1\n", "not closed by 0"),
        ("p cnf 1 2\n1 0\n", "1 clauses, but the header says 2"),
        ("p cnf 1 1\n1 0\n1 0\n", "2 clauses, but the header says 1"),
        ("p cnf 1 999999999999999999\n1 0\n", "1 clauses, but"),
        ("p cnf 1 1\n2 0\n", "variable 2, but the header says 1"),
        ("p cnf 1 1\n-2 0\n", "variable 2, but the header says 1"),
        ("p cnf 0 1\n1 0\n", "variable 1, but the header says 0"),
        ("p cnf 1 1\n1\0 0\n", "NUL"),
        ("c \0\np cnf 1 1\n1 0\n", "NUL"),
    ],
)
def test_what_it_does_not_allow(text, why):
    with pytest.raises(DimacsError, match=why.replace("(", r"\(")):
        parse_dimacs(text)


def test_what_is_too_large_is_said():
    for text in (f"p cnf {MAX_VARIABLES + 1} 0\n", "p cnf 999999999999999999 0\n", "1" * (MAX_CHARACTERS + 1)):
        with pytest.raises(TooLarge):
            parse_dimacs(text)


def test_reading_takes_linear_time():
    start = time.thread_time()
    for text in ("[" * 1_000_000, "p cnf 1 1\n" + "[" * 1_000_000, "p cnf 1 1\n" + "1" * 1_000_000, "c" * 1_000_000,
                 "p" + " " * 1_000_000, "c\n" * 500_000, "p cnf 1 1\n%" + "\n0" * 400_000):  # fmt: skip
        with pytest.raises(DimacsError):
            parse_dimacs(text)
    assert len(parse_dimacs("p cnf 1 200000\n" + "1 0\n" * 200_000).clauses) == 200_000
    assert time.thread_time() - start < 2


@many
@given(small_formulas())
def test_what_was_written_is_read(formula):
    assert parse_dimacs(dimacs(*formula)) == formula


@many
@given(st.text(alphabet="pcnf 012-9%\n\r\t+_x\0١", max_size=60).map("p cnf 2 1\n{}".format) | st.text(max_size=60))
def test_any_other_text_is_an_error_of_its_own_kind(text):
    try:
        variables, clauses = parse_dimacs(text)
    except (DimacsError, TooLarge):
        return
    assert all(0 < abs(literal) <= variables for clause in clauses for literal in clause)


@many
@given(small_formulas(), st.data())
def test_a_changed_character_is_never_misread(formula, data):
    text = dimacs(*formula)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(["", " ", "\n", "0", "1", "-", "c", "%", "_"]))
    changed = text[:place] + other + text[place + 1 :]
    try:
        found = parse_dimacs(changed)
    except DimacsError:
        return
    header, *lines = [line for line in changed.split("\n") if not line.startswith("c")]
    tokens = [int(token) for token in " ".join(lines).split("%")[0].split()]
    assert [literal for clause in found.clauses for literal in (*clause, 0)] == tokens
    assert header.split() == ["p", "cnf", str(found.variables), str(len(found.clauses))]


@many
@given(small_formulas(), st.data())
def test_a_model_is_right_exactly_if_it_satisfies_every_clause(formula, data):
    variables, clauses = formula
    model = [data.draw(st.sampled_from((-1, 1))) * variable for variable in range(1, variables + 1)]
    finding = check_model(Formula(variables, clauses), data.draw(st.permutations(model)))
    assert finding.outcome is (Outcome.HOLDS if model in models(variables, clauses) else Outcome.FAILS)


def test_the_false_clause_is_named():
    formula = Formula(20, [(1, 2), (-1, 3), tuple(range(-1, -21, -1))])
    assert check_model(formula, [1, 2, -3, *range(4, 21)]).detail == "clause 2 is false: -1 3 0"
    assert "clause 3" in check_model(formula, list(range(1, 21))).detail


@pytest.mark.parametrize(
    "model",
    [
        None, True, 1, "1 2 3", {}, {"1": True}, (1, 2, 3), [], [1], [1, 2], [1, 2, 3, 4], [1, 2, 2], [1, 2, -2],
        [1, 2, -1], [0, 1, 2], [1, 2, 4], [1, 2, -4], [1, 2, 10**30], [1, 2, -(10**30)], [True, 2, 3], [False, 2, 3],
        [1, 2, 3.0], [1.0, 2, 3], [1, 2, "3"], [1, 2, None], [1, 2, [3]], [[1, 2, 3]], [1, 2, {}],
    ],
)  # fmt: skip
def test_what_is_no_model(model):
    assert check_model(Formula(3, []), model).outcome is Outcome.MALFORMED


def test_the_empty_model():
    assert check_model(Formula(0, []), []).outcome is Outcome.HOLDS
    assert check_model(Formula(0, [()]), []).outcome is Outcome.FAILS
    assert check_model(Formula(1, []), []).outcome is Outcome.MALFORMED


def test_a_meter_stops_by_steps_and_by_time():
    meter = Meter(100_000, 60)
    assert 0 < meter.renew(0) < meter.renew(90_000) == 100_000
    with pytest.raises(Exhausted, match="100000 steps"):
        meter.renew(100_001)
    with pytest.raises(Exhausted, match="0 seconds"):
        Meter(100, 0).renew(1)


def test_a_meter_is_exact(monkeypatch):
    assert Meter.INTERVAL == 20_000
    meter = Meter(50_000, 60)
    assert [meter.renew(done) for done in (0, 1, 30_000, 30_001, 49_999, 50_000)] == [20_000, 20_001] + [50_000] * 4
    with pytest.raises(Exhausted, match="50000 steps"):
        meter.renew(50_001)
    now = [10.0]
    monkeypatch.setattr("neurosym_oracles._kernels.cnf.time.monotonic", lambda: now[0])
    meter = Meter(100, 5)
    now[0] = 15.0
    assert meter.renew(0) == 100
    now[0] = 15.1
    with pytest.raises(Exhausted, match="5 seconds"):
        meter.renew(0)


def test_the_limits_are_these():
    assert (MAX_CHARACTERS, MAX_VARIABLES) == (16 << 20, 1_000_000)
    head = "p cnf 1 1\n1 0\n"
    assert parse_dimacs(head + " " * (MAX_CHARACTERS - len(head))) == Formula(1, [(1,)])
    with pytest.raises(TooLarge):
        parse_dimacs(head + " " * (MAX_CHARACTERS - len(head) + 1))


def test_a_long_clause_is_cut_in_the_message():
    twelve = Formula(13, [tuple(range(1, 13)), tuple(range(1, 14))])
    none = [-x for x in range(1, 14)]
    assert check_model(twelve, none).detail == f"clause 1 is false: {' '.join(map(str, range(1, 13)))} 0"
    assert check_model(twelve._replace(clauses=twelve.clauses[1:]), none).detail.endswith("11 12 … 0")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_the_count_of_clauses_must_be_exact(count):
    text = f"p cnf 2 {count}\n1 0\n-1 2 0\n"
    if count == 2:
        assert parse_dimacs(text).clauses == [(1,), (-1, 2)]
    else:
        with pytest.raises(DimacsError, match=f"2 clauses, but the header says {count}"):
            parse_dimacs(text)


@pytest.mark.parametrize("literal", ["3", "-3", "-2", "2"])
def test_the_variables_of_the_header_bound_both_signs(literal):
    text = f"p cnf 2 2\n1 0\n{literal} 0\n"
    if abs(int(literal)) == 2:
        assert parse_dimacs(text).clauses == [(1,), (int(literal),)]
    else:
        with pytest.raises(DimacsError, match="variable 3, but the header says 2"):
            parse_dimacs(text)
