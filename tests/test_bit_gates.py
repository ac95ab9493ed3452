"""Gates: known bits are folded, equal gates are one, and work is counted."""

from __future__ import annotations

from itertools import product

import pytest
from neurosym_oracles._kernels.bit_arithmetic import shift
from neurosym_oracles._kernels.bit_gates import FALSE, MAX_WORK, TRUE, Gates
from neurosym_oracles._kernels.smtlib_syntax import Unsupported

BITS = (TRUE, FALSE, 2, -2, 3, -3, 4, -4)


def truth(bit: int, row: tuple[bool, ...]) -> bool:
    """The value of a known bit or of an input 2, 3, 4."""
    value = abs(bit) == TRUE or row[abs(bit) - 2]
    return value == (bit > 0)


def value(gates: Gates, bit: int, row: tuple[bool, ...]) -> bool:
    """The value of any bit, as the clauses fix it by unit propagation from the inputs."""
    true = {TRUE, *[literal if on else -literal for literal, on in zip((2, 3, 4), row, strict=True)]}
    for _ in range(gates.variables):
        for clause in gates.clauses:
            open_literals = [literal for literal in clause if -literal not in true]
            assert open_literals, "the inputs contradict the clauses"
            if len(open_literals) == 1:
                true.add(open_literals[0])
    return bit in true


KINDS = {
    "every": (lambda gates, x, y, z: gates.every((x, y, z)), lambda x, y, z: x and y and z),
    "some": (lambda gates, x, y, z: gates.some((x, y, z)), lambda x, y, z: x or y or z),
    "differ": (lambda gates, x, y, z: gates.differ(x, y), lambda x, y, z: x != y),
    "choose": (lambda gates, x, y, z: gates.choose(x, y, z), lambda x, y, z: y if x else z),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_gate_of_every_bits(kind):
    build, reference = KINDS[kind]
    rows = list(product((False, True), repeat=3))
    for bits in product(BITS, repeat=3):
        gates = Gates()
        assert list(gates.inputs(3)) == [2, 3, 4]
        out = build(gates, *bits)
        column = [reference(*[truth(bit, row) for bit in bits]) for row in rows]
        assert [value(gates, out, row) for row in rows] == column, bits
        simple = {tuple(truth(bit, row) for row in rows): bit for bit in BITS}
        if tuple(column) in simple and kind != "choose":
            assert out == simple[tuple(column)] and gates.clauses == [(TRUE,)], bits
        size, variables = len(gates.clauses), gates.variables
        assert build(gates, *bits) == out and (len(gates.clauses), gates.variables) == (size, variables)


@pytest.mark.parametrize(
    ("condition", "x", "y", "out", "count"),
    [
        (TRUE, 2, 3, 2, 0),
        (FALSE, 2, 3, 3, 0),
        (2, 3, 3, 3, 0),
        (2, TRUE, FALSE, 2, 0),
        (2, FALSE, TRUE, -2, 0),
        (2, 3, -3, -5, 4),
        (2, TRUE, 3, -5, 3),
        (2, FALSE, 3, 5, 3),
        (2, 3, TRUE, -5, 3),
        (2, 3, FALSE, 5, 3),
        (2, 3, 4, 5, 4),
        (-2, 3, 4, 5, 4),
    ],
)
def test_a_choice_takes_no_more_clauses_than_it_needs(condition, x, y, out, count):
    gates = Gates()
    gates.inputs(3)
    assert gates.choose(condition, x, y) == out
    assert len(gates.clauses) == 1 + count


def test_clauses_as_written():
    gates = Gates()
    gates.inputs(3)
    assert (gates.every((3, -2, TRUE, 3)), gates.differ(-4, 2), gates.differ(2, 4), gates.choose(-2, 3, 4)) == (
        5,
        -6,
        6,
        7,
    )
    assert gates.clauses == [
        (1,),
        *[(-5, -2), (-5, 3), (5, 2, -3)],
        *[(-6, 2, 4), (-6, -2, -4), (6, -2, 4), (6, 2, -4)],
        *[(-2, -4, 7), (-2, 4, -7), (2, -3, 7), (2, 3, -7)],
    ]
    assert gates.variables == 7
    gates.require(-7)
    assert gates.clauses[-1] == (-7,)


@pytest.mark.parametrize(
    ("use", "cost"),
    [
        (lambda gates: gates.spend(7), 7),
        (lambda gates: gates.every(()), 1),
        (lambda gates: gates.every((2, 3, TRUE, 3)), 3),
        (lambda gates: gates.every((2, -2)), 3),
        (lambda gates: gates.differ(2, 2), 2),
        (lambda gates: gates.differ(2, 3), 2),
        (lambda gates: gates.choose(TRUE, 2, 3), 3),
        (lambda gates: gates.choose(2, 3, -3), 5),
        (lambda gates: gates.inputs(10), 0),
    ],
)
def test_work_is_counted(use, cost):
    gates = Gates()
    gates.inputs(3)
    gates.spend(MAX_WORK - cost)
    use(gates)
    with pytest.raises(Unsupported, match=f"more than {MAX_WORK}"):
        gates.spend(1)
    if cost:
        gates = Gates()
        gates.inputs(3)
        gates.spend(MAX_WORK - cost + 1)
        with pytest.raises(Unsupported):
            use(gates)


@pytest.mark.parametrize(("width", "places"), [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4)])
def test_a_shifter_has_no_more_stages_than_places(width, places):
    gates = Gates()
    x, y, fill = gates.inputs(width), gates.inputs(width), gates.inputs(1)[0]
    before = gates.variables
    shift(gates, fill, x, y)
    assert gates.variables - before == places * width + (width > places + 1) + width
