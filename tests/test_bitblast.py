"""Bit-blasting: every circuit computes its function, and a refuted script has no model."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from neurosym_oracles._kernels.bit_circuits import CIRCUITS
from neurosym_oracles._kernels.bit_gates import FALSE, MAX_WORK, TRUE, Gates, Word
from neurosym_oracles._kernels.bitblast import encode, refute_bitvectors
from neurosym_oracles._kernels.cnf import Finding, Formula, Meter, Outcome
from neurosym_oracles._kernels.smtlib_bitvectors import BIT_VECTOR_FUNCTIONS
from neurosym_oracles._kernels.smtlib_evaluate import evaluate
from neurosym_oracles._kernels.smtlib_script import Script, read_script
from neurosym_oracles._kernels.smtlib_signatures import SIGNATURES
from neurosym_oracles._kernels.smtlib_syntax import Unsupported

CORE = ("not", "and", "or", "xor", "=>", "=", "distinct", "ite")
INDICES = {
    "extract": lambda width: [(high, low) for high in range(width) for low in range(high + 1)],
    "repeat": lambda width: [(times,) for times in (1, 2, 3)],
    "zero_extend": lambda width: [(more,) for more in (0, 1, 3)],
    "sign_extend": lambda width: [(more,) for more in (0, 1, 3)],
    "rotate_left": lambda width: [(steps,) for steps in (*range(width + 2), 10 * width + 1)],
    "rotate_right": lambda width: [(steps,) for steps in (*range(width + 2), 10 * width + 1)],
}


def argument_counts(name: str) -> tuple[int, ...]:
    _, fewest, most, _ = SIGNATURES[name]
    return (2, 3) if most > 3 else (fewest,)


def index_rows(name: str, width: int) -> Sequence[tuple[int, ...]]:
    return INDICES[name](width) if name in INDICES else [()]


def reference(name: str, width: int, indices: Sequence[int], values: Sequence[int]) -> int:
    """The evaluation kernel's value. Of the functions of Core, only those of bit-vectors."""
    if name == "=":
        return len(set(values)) == 1
    if name == "distinct":
        return len(set(values)) == len(values)
    return int(BIT_VECTOR_FUNCTIONS[name](width, *indices, *values))


class Run:
    """The values of a circuit's variables for many inputs at once, as its clauses fix them: bit i is for input i."""

    def __init__(self, gates: Gates, inputs: dict[int, int], count: int) -> None:
        self.everywhere = (1 << count) - 1
        self.values = {0: 0}
        defining: dict[int, list[tuple[int, ...]]] = {}
        for clause in gates.clauses:
            defining.setdefault(max(map(abs, clause)), []).append(clause)
        for variable in range(1, gates.variables + 1):
            if variable in inputs:
                assert variable not in defining  # nothing is asked of an input
                self.values[variable] = inputs[variable]
                continue
            forced = {1: 0, -1: 0}
            for clause in defining[variable]:
                (own,) = [literal for literal in clause if abs(literal) == variable]
                false = self.everywhere
                for literal in clause:
                    if literal != own:
                        false &= ~self.bit(literal)
                forced[1 if own > 0 else -1] |= false
            assert (
                forced[1] ^ forced[-1] == self.everywhere
            )  # one value, whatever the inputs: so the clauses have a model
            self.values[variable] = forced[1]

    def bit(self, literal: int) -> int:
        return self.values[literal] if literal > 0 else self.values[-literal] ^ self.everywhere

    def numbers(self, word: Word) -> list[int]:
        bits = [self.bit(literal) for literal in word]
        count = self.everywhere.bit_length()
        return [sum((bit >> row & 1) << place for place, bit in enumerate(bits)) for row in range(count)]


def compare(name: str, widths: Sequence[int], indices: Sequence[int], rows: Sequence[Sequence[int]]) -> None:
    """The circuit with inputs for arguments, against the reference, for rows of arguments."""
    gates = Gates()
    words = [gates.inputs(width) for width in widths]
    inputs = {
        bit: sum((row[column] >> place & 1) << number for number, row in enumerate(rows))
        for column, word in enumerate(words)
        for place, bit in enumerate(word)
    }
    out = CIRCUITS[name](gates, *indices, *words)
    numbers = Run(gates, inputs, len(rows)).numbers(out)
    assert numbers == [reference(name, widths[-1], indices, row) for row in rows], (name, widths, indices)


def test_every_operator_that_is_evaluated_has_a_circuit():
    assert set(CIRCUITS) == set(BIT_VECTOR_FUNCTIONS) | set(CORE)


VECTOR_OPERATORS = sorted({*BIT_VECTOR_FUNCTIONS, "=", "distinct"})


@pytest.mark.parametrize("name", VECTOR_OPERATORS)
def test_circuits_compute_their_functions_exhaustively_up_to_4_bits(name):
    for width in (1, 2, 3, 4):
        for count in argument_counts(name):
            if width == 4 and count == 3:
                continue
            rows = list(product(range(1 << width), repeat=count))
            for indices in index_rows(name, width):
                compare(name, [width] * count, indices, rows)


def test_concat_takes_words_of_two_widths():
    for left, right in product((1, 2, 3, 4), repeat=2):
        compare("concat", (left, right), (), list(product(range(1 << left), range(1 << right))))


@pytest.mark.parametrize("width", [5, 7, 8, 13, 32])
def test_circuits_compute_their_functions_on_wide_words(width):
    rng = random.Random(width)
    corners = [0, 1, 2, width - 1, width, width + 1, (1 << width - 1) - 1, 1 << width - 1, (1 << width) - 1]
    corners = [corner % (1 << width) for corner in corners]
    for name in VECTOR_OPERATORS:
        for count in argument_counts(name):
            rows = [[rng.choice(corners) for _ in range(count)] for _ in range(40)]
            rows += [[rng.getrandbits(rng.randint(1, width)) for _ in range(count)] for _ in range(40)]
            rows += [[value] * count for value in corners]
            indices = index_rows(name, width)
            for chosen in rng.sample(list(indices), min(len(indices), 3)):
                compare(name, [width] * count, chosen, rows)


@pytest.mark.parametrize("name", VECTOR_OPERATORS)
def test_known_bits_and_repeated_arguments_are_folded_rightly(name):
    """Arguments of constants, inputs, inverted inputs and inputs seen before, bit by bit."""
    rng = random.Random(name)
    for width in (1, 2, 3, 4, 6):
        for count in argument_counts(name):
            for _ in range(12):
                gates = Gates()
                free = list(gates.inputs(4))
                choices = [TRUE, FALSE, *free, *[-bit for bit in free]]
                words = [[rng.choice(choices) for _ in range(width)] for _ in range(count)]
                if rng.random() < 0.3:
                    words[-1] = words[0] if rng.random() < 0.5 else [-bit for bit in words[0]]
                indices = rng.choice(index_rows(name, width))
                out = CIRCUITS[name](gates, *indices, *words)
                inputs = {bit: sum((row >> place & 1) << row for row in range(16)) for place, bit in enumerate(free)}
                run = Run(gates, inputs, 16)
                columns = [run.numbers(word) for word in words]
                expected = [reference(name, width, indices, row) for row in zip(*columns, strict=True)]
                assert run.numbers(out) == expected, (name, indices, words)


@pytest.mark.parametrize("name", CORE)
def test_circuits_of_truth_values(name):
    for count in (3,) if name == "ite" else (1,) if name == "not" else (2, 3, 4):
        script = read_script(
            "".join(f"(declare-const b{place} Bool)" for place in range(count))
            + f"(assert ({name} {' '.join(f'b{place}' for place in range(count))}))"
        )
        rows = list(product((False, True), repeat=count))
        gates = Gates()
        words = [gates.inputs(1) for _ in range(count)]
        inputs = {
            word[0]: sum(row[place] << number for number, row in enumerate(rows)) for place, word in enumerate(words)
        }
        (out,) = CIRCUITS[name](gates, *words)
        named = [{f"b{place}": value for place, value in enumerate(row)} for row in rows]
        expected = [evaluate(script.nodes, script.assertions, row)[0] for row in named]
        assert [bool(number) for number in Run(gates, inputs, len(rows)).numbers([out])] == expected


def test_ite_of_words():
    gates = Gates()
    (condition,), x, y = gates.inputs(1), gates.inputs(2), gates.inputs(2)
    rows = list(product(range(2), range(4), range(4)))
    inputs = {condition: sum(row[0] << number for number, row in enumerate(rows))}
    for column, word in ((1, x), (2, y)):
        for place, bit in enumerate(word):
            inputs[bit] = sum((row[column] >> place & 1) << number for number, row in enumerate(rows))
    out = CIRCUITS["ite"](gates, [condition], x, y)
    assert Run(gates, inputs, len(rows)).numbers(out) == [row[1] if row[0] else row[2] for row in rows]


# Whole scripts


def terms(rng: random.Random, names: dict[str, int], depth: int, width: int) -> str:
    """A random term of so many bits, or a truth value for width 0."""
    if depth == 0 or rng.random() < 0.15:
        fitting = [name for name, own in names.items() if own == width]
        if fitting and rng.random() < 0.8:
            return rng.choice(fitting)
        return rng.choice(("true", "false")) if width == 0 else f"#b{rng.getrandbits(width):0{width}b}"

    def sub(other: int = width) -> str:
        return terms(rng, names, depth - 1, other)

    if width == 0:
        inner = rng.randint(1, 4)
        kind = rng.randrange(4)
        if kind == 0:
            return f"(not {sub()})"
        if kind == 1:
            return f"({rng.choice(('and', 'or', 'xor', '=>', '=', 'distinct'))} {sub()} {sub()})"
        if kind == 2:
            return f"(ite {sub()} {sub()} {sub()})"
        relation = rng.choice(("=", "distinct", "bvult", "bvule", "bvugt", "bvuge", "bvslt", "bvsle", "bvsgt", "bvsge"))
        return f"({relation} {sub(inner)} {sub(inner)})"
    kind = rng.randrange(8)
    if kind == 0:
        return f"({rng.choice(('bvnot', 'bvneg'))} {sub()})"
    if kind == 1:
        return f"(ite {sub(0)} {sub()} {sub()})"
    if kind == 2 and width > 1:
        left = rng.randint(1, width - 1)
        return f"(concat {sub(left)} {sub(width - left)})"
    if kind == 3:
        wide = rng.randint(width, 5)
        low = rng.randint(0, wide - width)
        return f"((_ extract {low + width - 1} {low}) {sub(wide)})"
    if kind == 4 and width > 1:
        narrow = rng.randint(1, width)
        return f"((_ {rng.choice(('zero_extend', 'sign_extend'))} {width - narrow}) {sub(narrow)})"
    if kind == 5:
        return f"((_ {rng.choice(('rotate_left', 'rotate_right'))} {rng.randint(0, 5)}) {sub()})"
    if kind == 6 and width == 1:
        inner = rng.randint(1, 4)
        return f"(bvcomp {sub(inner)} {sub(inner)})"
    operators = [name for name in BIT_VECTOR_FUNCTIONS if name.startswith("bv") and name not in RELATIONS]
    return f"({rng.choice(operators)} {sub()} {sub()})"


RELATIONS = {"bvnot", "bvneg", "bvcomp", *(f"bv{sign}{each}" for sign in "us" for each in ("lt", "le", "gt", "ge"))}


def random_script(rng: random.Random) -> str:
    names = {"x": rng.randint(1, 3), "y": rng.randint(1, 3), "p": 0}
    names["z"] = names["x"]
    declared = [f"(declare-const {name} {f'(_ BitVec {width})' if width else 'Bool'})" for name, width in names.items()]
    asserted = [f"(assert {terms(rng, names, rng.randint(2, 4), 0)})" for _ in range(rng.randint(1, 4))]
    return "\n".join(["(set-logic QF_BV)", *declared, *asserted, "(check-sat)"])


def assignments(script: Script) -> Iterator[dict[str, bool | int]]:
    ranges = [(False, True) if sort == "Bool" else range(1 << int(sort)) for sort in script.constants.values()]
    for row in product(*ranges):
        yield dict(zip(script.constants, row, strict=True))


def has_model(script: Script) -> bool:
    return any(all(evaluate(script.nodes, script.assertions, row)) for row in assignments(script))


def truth_by_search(formula: Formula) -> bool:
    solvers = pytest.importorskip("pysat.solvers")
    with solvers.Glucose4(bootstrap_with=formula.clauses) as solver:
        return bool(solver.solve())


def refute(text: str, proof: str, steps: int = 10**8) -> Finding:
    return refute_bitvectors(read_script(text), proof, Meter(steps, 60))


def problem(text: str):
    from neurosym.core import Problem

    return Problem("test", "smtlib2", {"script": text})


def test_scripts_have_models_exactly_if_their_formulas_have():
    pytest.importorskip("pysat")
    from neurosym_oracles._bitblast_proof import lrat_of

    from neurosym.core import Budget

    rng, refuted = random.Random(1), 0
    for _ in range(250):
        text = random_script(rng)
        script = read_script(text)
        truth = has_model(script)
        assert truth_by_search(encode(script)) is truth, text
        proof = lrat_of(problem(text), Budget())
        assert (proof is None) is truth
        if proof is not None:
            refuted += 1
            assert refute(text, proof).outcome is Outcome.HOLDS, text
    assert refuted > 50


def test_z3_and_cvc5_agree():
    z3 = pytest.importorskip("z3")
    cvc5 = pytest.importorskip("cvc5.pythonic")
    rng, seen = random.Random(2), {"sat": 0, "unsat": 0}
    for _ in range(120):
        text = random_script(rng)
        found = "sat" if truth_by_search(encode(read_script(text))) else "unsat"
        seen[found] += 1
        solver = z3.SimpleSolver(ctx=z3.Context())
        solver.from_string(text)
        assert str(solver.check()) == found, text
        assert cvc5_says(text) == found, text
    assert min(seen.values()) > 20, (seen, cvc5)


def cvc5_says(text: str) -> str:
    import cvc5

    solver = cvc5.Solver()
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "script")
    symbols, said = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return said.strip()


COMMUTES = (
    "(set-logic QF_BV)(declare-const x (_ BitVec 4))(declare-const y (_ BitVec 4))(assert (distinct (bvadd x y) {}))"
)
TRUE_CLAIM, FALSE_CLAIM = COMMUTES.format("(bvadd y x)"), COMMUTES.format("(bvadd y y)")


@pytest.fixture(scope="module")
def proof() -> str:
    pytest.importorskip("pysat")
    from neurosym_oracles._bitblast_proof import lrat_of

    from neurosym.core import Budget

    found = lrat_of(problem(TRUE_CLAIM), Budget())
    assert found is not None
    return found


def test_a_proof_holds_for_its_own_script(proof):
    assert refute(TRUE_CLAIM, proof) == Finding(Outcome.HOLDS, "the proof derives the empty clause")
    assert refute(FALSE_CLAIM, proof).outcome is Outcome.UNPROVED
    assert refute(TRUE_CLAIM, "").outcome is Outcome.UNPROVED
    assert refute(TRUE_CLAIM, "no proof").outcome is Outcome.MALFORMED
    assert refute(TRUE_CLAIM, proof, steps=10).outcome is Outcome.EXHAUSTED


def test_what_is_said_beside_the_assertions_changes_no_number(proof):
    text = TRUE_CLAIM.replace("(set-logic QF_BV)", "; sat\n(set-info :status sat)(set-logic QF_BV)")
    text = (
        text.replace("(assert", "(define-fun f ((a (_ BitVec 4))) Bool (= a y))(assert")
        + "(check-sat)(get-model)(exit)"
    )
    assert refute(text, proof).outcome is Outcome.HOLDS


def test_the_numbering_is_fixed():
    text = "(declare-const p Bool)(declare-const x (_ BitVec 2))(assert (or p (= x #b01)))(assert (not p))"
    equal, either = [(-5, -4), (-5, 3), (5, 4, -3)], [(-6, -5), (-6, -2), (6, 5, 2)]
    assert encode(read_script(text)) == Formula(6, [(1,), *equal, *either, (-6,), (-2,)])


@pytest.mark.parametrize(
    "text",
    [
        "(declare-const x Int)(assert (< x x))",
        "(declare-const x Real)(declare-const p Bool)(assert (and p (distinct x x)))",
        "(declare-const p Bool)(assert (= p (is_int 1.5)))",
        "(assert (= 1 2))",
    ],
)
def test_numbers_are_not_made_of_bits(text):
    finding = refute(text, "2 0 1 0\n")
    assert finding.outcome is Outcome.TOO_LARGE and "not made of bits" in finding.detail


def test_a_number_that_nothing_asks_for_does_not_matter():
    assert refute("(declare-const x Int)(declare-const p Bool)(assert false)", "3 0 1 2 0\n").outcome is Outcome.HOLDS


def test_no_assertions_are_not_refuted():
    assert encode(read_script("(check-sat)")) == Formula(1, [(1,)])
    assert refute("(check-sat)", "2 0 1 0\n").outcome is Outcome.UNPROVED


WIDE = "(declare-const x (_ BitVec 4096))(declare-const y (_ BitVec 4096))(assert (= y {}))"
ONES = "#x" + "f" * 1024


@pytest.mark.parametrize(
    "text",
    [
        WIDE.format("(bvmul x y)"),
        WIDE.format(f"(bvudiv {ONES} #x{'0' * 1023}7)"),  # every gate is folded
        WIDE.format("(bvsmod x y)"),
        WIDE.format("(bvor " + "x " * 5000 + ")"),
        WIDE.format("(bvnot " * 900 + "x" + ")" * 900),
        WIDE.format("".join(f"((_ rotate_left {n}) " for n in range(900)) + "x" + ")" * 900),
        "".join(f"(declare-const b{n} (_ BitVec 16))" for n in range(2000))
        + f"(assert (distinct {' '.join(f'b{n}' for n in range(2000))}))",
    ],
    ids=["product", "constants", "modulo", "repeated", "negations", "rotations", "distinct"],
)
def test_what_is_too_large_is_refused_soon(text):
    script = read_script(text)
    started = time.thread_time()
    with pytest.raises(Unsupported, match=f"more than {MAX_WORK} bits"):
        encode(script)
    assert time.thread_time() - started < 3


def test_a_common_size_is_encoded():
    for width in (32, 64):
        names = f"(declare-const x (_ BitVec {width}))(declare-const y (_ BitVec {width}))"
        formula = encode(read_script(f"{names}(assert (= x (bvsdiv (bvmul x y) (bvshl y x))))"))
        assert len(formula.clauses) < 150_000


def test_no_proof_is_found_where_there_is_none():
    pytest.importorskip("pysat")
    from neurosym_oracles._bitblast_proof import lrat_of

    from neurosym.core import Budget

    hard = TRUE_CLAIM.replace("BitVec 4", "BitVec 9").replace("bvadd", "bvmul")
    assert lrat_of(problem(hard), Budget(steps=50)) is None
    assert lrat_of(problem(hard), Budget(seconds=0)) is None
    assert lrat_of(problem(FALSE_CLAIM), Budget()) is None
    for text in ("", "(", "(assert (= 1 2))", WIDE.format("(bvmul x y)"), "(push 1)", None, 7, ["(assert false)"]):
        assert lrat_of(problem(text), Budget()) is None


def test_a_missing_package_makes_no_proof(monkeypatch):
    import sys

    from neurosym_oracles._bitblast_proof import lrat_of

    from neurosym.core import Budget

    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    assert lrat_of(problem(TRUE_CLAIM), Budget()) is None


def test_the_same_bytes_whatever_was_solved_before(proof):
    from neurosym_oracles._bitblast_proof import lrat_of

    from neurosym.core import Budget

    assert lrat_of(problem(TRUE_CLAIM.replace("bvadd", "bvmul")), Budget()) is not None
    assert lrat_of(problem(TRUE_CLAIM), Budget()) == proof
