"""The SMT-LIB kernels: what the reader takes and refuses, and every operator against Z3 and against cvc5."""

import random
import time
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.smtlib_evaluate import evaluate, judge_model
from neurosym_oracles._kernels.smtlib_script import read_script
from neurosym_oracles._kernels.smtlib_signatures import MAX_BITS, SIGNATURES
from neurosym_oracles._kernels.smtlib_syntax import (
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_TEXT,
    Malformed,
    Unsupported,
    read_commands,
)
from neurosym_oracles._kernels.smtlib_terms import MAX_SIZE
from neurosym_oracles._kernels.smtlib_values import sort_name

some = settings(max_examples=150, deadline=None, derandomize=True)


def values(terms, declarations="", constants=None):
    """Our values of terms; None where one is left open (a division by zero)."""
    script = read_script(declarations + "".join(f"(assert (= {term} {term}))" for term in terms))
    found = []
    for assertion in script.assertions:
        try:
            found += evaluate(script.nodes, [script.nodes[assertion].arguments[0]], constants or {})
        except Unsupported:
            found.append(None)
    return found


def value(term, declarations="", constants=None):
    return values([term], declarations, constants)[0]


def holds(script, model):
    return judge_model(read_script(script), model).status


# ---- the text


def test_reads_atoms_comments_strings_and_quoted_symbols():
    text = '; a comment with ( and "\n(set-info :a "one "" two ; (") ; more\n(x |y| |a b| |let| || 12 1.50 #xaF #b01)'
    assert list(read_commands(text)) == [
        ["set-info", ":a", '"one "" two ; ("'],
        ["x", "y", "|a b|", "|let|", "||", "12", "1.50", "#xaF", "#b01"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "(",
        ")",
        "(a))",
        "((a)",
        '(a "b)',
        "(a |b)",
        "(a |b\\c|)",
        "(a é)",
        "(a |é|)",
        "(a\0)",
        '(a"b")',
        "(a|b|)",
        "(a\xa0b)",
    ],
)
def test_refuses_text_that_is_no_list_of_commands(text):
    with pytest.raises(Malformed):
        list(read_commands(text))


expressions = st.recursive(
    st.from_regex(
        r"[a-z<=>+*-][a-z0-9<=>]{0,4}|\|[a-z 0-9;()\"]{1,5}\||[1-9][0-9]{0,4}|\"([a-z ();|]|\"\"){0,5}\"",
        fullmatch=True,
    ),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=20,
)


def spelled(expression, blank):
    if isinstance(expression, str):
        return expression
    return "(" + blank.join(spelled(each, blank) for each in expression) + ")"


def unquoted(expression):
    """The names that `|…|` changes, resolved by the standard's words alone."""
    if isinstance(expression, list):
        return [unquoted(each) for each in expression]
    inner = expression[1:-1]
    plain = inner.isalnum() and not inner[0].isdigit() and inner not in ("let", "as", "par")
    return inner if expression[0] == "|" and plain else expression


@settings(some, max_examples=60)
@given(st.lists(st.lists(expressions, max_size=4), max_size=3), st.sampled_from([" ", "\n\t", ' ;c ( " |\n', "\r\n "]))
def test_reading_inverts_spelling(commands, blank):
    assert list(read_commands(blank + blank.join(spelled(each, blank) for each in commands) + blank)) == unquoted(
        commands
    )


@some
@given(st.text(alphabet='()|";:#!_ \n\tabx019.-=+éassertlet', max_size=200))
def test_any_text_is_read_or_refused(text):
    for wrapped in (text, f"(assert {text})", f"(declare-const x Int)(assert (let {text} x))"):
        with suppress(Malformed, Unsupported):
            read_script(wrapped)


@some
@given(st.data())
def test_any_damage_to_a_script_is_read_or_refused(data):
    script = (
        "(set-logic ALL)(declare-const x Int)(define-fun f ((y Int) (z Real)) Real (+ y z))"
        "(assert (! (let ((x 1) (w (- x))) (< (f x 2.5) w)) :named n))(assert (= ((_ extract 3 1) #xaf) (_ bv2 3)))"
    )
    tokens = script.replace("(", " ( ").replace(")", " ) ").split()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(tokens) - 1))
        tokens[at : at + data.draw(st.integers(0, 2))] = [data.draw(st.sampled_from(tokens))]
    with suppress(Malformed, Unsupported):
        found = read_script(" ".join(tokens))
        judge_model(found, dict.fromkeys(found.constants, 0))


def refused_within(milliseconds, text):
    started = time.thread_time()
    with pytest.raises((Malformed, Unsupported)) as refusal:
        read_script(text)
    assert (time.thread_time() - started) * 1000 < milliseconds
    return refusal.type


def test_a_megabyte_of_brackets_is_refused_at_once():
    assert refused_within(50, "(" * 1_000_000) is Malformed
    assert refused_within(50, ")" * 1_000_000) is Malformed
    assert refused_within(50, "()" * 500_000) is Malformed
    assert refused_within(50, "(assert " + "[" * 1_000_000) is Malformed
    assert refused_within(50, "(assert " + "(not " * 100_000 + "true" + ")" * 100_001) is Unsupported
    assert refused_within(50, "(a |" + "b" * 1_000_000) is Malformed
    assert refused_within(50, '(a "' + '""' * 500_000) is Malformed


# ---- commands and names

INT = "(declare-const x Int)(declare-const y Int)"

MALFORMED = [
    "",
    "; nothing\n(set-logic QF_LIA)",
    "(assert)",
    "(assert true false)",
    "((assert true))",
    "(assert x)",
    "(assert 1)",
    "(assert ())",
    "(check-sat 1)",
    "(check-sat)(exit)(assert true)",
    "(check-sat)(exit)(check-sat)",
    "(assert true)(set-logic QF_LIA)",
    "(set-logic QF_LIA)(set-logic QF_LIA)",
    "(declare-const x Int)(declare-const x Int)",
    "(declare-const x Int)(declare-fun x () Bool)",
    "(declare-const x Int)(declare-const |x| Int)",
    "(declare-const x Int)(define-fun x () Int 1)",
    "(define-fun f ((x Int)) Int x)(declare-const f Int)",
    "(define-fun and ((p Bool)) Bool p)",
    "(declare-const + Int)",
    "(declare-const true Bool)",
    "(define-const bvadd Int 1)",
    "(declare-const let Int)",
    "(declare-const 1x Int)",
    "(declare-const #b1 Int)",
    "(declare-const (x) Int)",
    "(declare-const x (_ BitVec 0))",
    "(declare-const x (_ BitVec 01))",
    "(define-fun f ((x Int) (x Int)) Int x)(assert true)",
    "(define-fun f ((x Int)) Bool x)(assert true)",
    "(define-fun f (x Int) Int x)(assert true)",
    "(define-fun f ((x Int)) Int (g x))(define-fun g ((x Int)) Int x)".replace("(g x)", "z"),
    "(define-fun f ((x Int)) Int x)(assert (= (f) 1))",
    "(define-fun f ((x Int)) Int x)(assert (= (f 1 2) 1))",
    "(define-fun f ((x Int)) Int x)(assert (f true))",
    "(define-fun f ((x Int)) Int x)(assert (= f 1))",
    "(define-fun f ((x Int)) Int x)(assert (let ((f 1)) (= (f f) 1)))",
    "(define-fun f ((x Int)) Int x)(assert (= x 1))",  # a parameter is not seen outside
    "(assert (let ((a 1) (a 2)) (= a 1)))",
    "(assert (let ((a 1) (b a)) (= b 1)))",  # parallel: a is not yet bound
    "(assert (and (let ((a true)) a) a))",
    "(assert (let () true))",
    "(assert (let ((a)) true))",
    "(assert (let ((a true)) a a))",
    "(assert (! true :named n))(declare-const n Bool)",
    "(assert (and n (! true :named n)))",
    "(define-fun n () Bool (! true :named n))(assert n)",
    "(assert (= 007 7))",
    "(assert (= 1. 1.0))",
    "(assert (= #b #b1))",
    "(assert (= #b12 #b12))",
    "(assert (= #xg #xg))",
    "(assert (= (_ bv8 3) #b000))",
    "(set-logic QF_LIA)(assert (= 1.5 1.5))",
    "(set-logic QF_LIA)(assert (= #b1 #b1))",
    "(set-logic QF_BV)(assert (= 1 1))",
    INT + "(assert (x))",
    INT + "(assert (= (x 1) 1))",
    INT + "(assert (and x true))",
    INT + "(assert (= x true))",
    INT + "(assert (ite x true false))",
    INT + "(assert (= (ite true x false) 1))",
    INT + "(assert (< x))",
    INT + "(assert (not true true))",
    INT + "(assert (and true))",
    INT + "(assert (= (+ x) 1))",
    INT + "(assert (= (mod x y 2) 1))",
    INT + "(assert (= (abs 1.5) 1.5))",
    INT + "(assert (= (div 1.5 2) 1))",
    INT + "(assert ((_ divisible 0) x))",
    INT + "(assert (divisible x))",
    INT + "(assert ((_ and 1) true true))",
    "(declare-const x Real)(assert (= (to_real x) x))",
    "(assert (= #b01 #b1))",
    "(assert (= (bvadd #b01 #b1) #b1))",
    "(assert (= (bvsub #b1 #b1 #b1) #b1))",
    "(assert (= (bvadd 1 2) 3))",
    "(assert (= ((_ extract 0 1) #b11) #b11))",
    "(assert (= ((_ extract 2 0) #b11) #b11))",
    "(assert (= ((_ extract 0) #b11) #b1))",
    "(assert (= ((_ repeat 0) #b11) #b11))",
    "(assert (= ((_ rotate_left -1) #b11) #b11))",
    "(assert (bvult #b1))",
    "(assert (concat #b1 #b1))",
]

UNSUPPORTED = [
    "(assert (forall ((x Int)) (= x x)))",
    "(assert (exists ((x Int)) (= x x)))",
    "(declare-fun f (Int) Int)(assert (= (f 1) 1))",
    "(declare-const a (Array Int Int))(assert true)",
    "(declare-const s String)(assert true)",
    '(assert (= "a" "a"))',
    "(declare-const f (_ FloatingPoint 8 24))(assert true)",
    "(declare-sort S 0)(assert true)",
    "(define-sort S () Int)(assert true)",
    "(declare-datatypes ((T 0)) (((a))))(assert true)",
    "(define-fun-rec f ((x Int)) Int x)(assert true)",
    "(push 1)(assert true)",
    "(assert true)(check-sat)(assert false)",
    "(assert true)(check-sat)(declare-const x Int)",
    "(check-sat-assuming (true))",
    "(assert true)(minimize 1)",
    "(assert true)(reset)",
    '(include "other.smt2")(assert true)',
    "(set-logic NOT_A_LOGIC)(assert true)",
    "(set-logic QF_LA)(assert true)",
    "(set-logic QF_S)(assert true)",
    "(set-logic QF_FP)(assert true)",
    "(set-logic QF_LIA)(declare-const x Real)(assert true)",
    "(set-logic QF_LRA)(declare-const x Int)(assert true)",
    "(assert (as true Bool))",
    "(assert (! true :weight 1))",
    "(assert (! true :named n :weight 1))",
    "(assert (let ((a true)) (! a :named n)))",
    "(assert (let ((and true)) and))",
    "(define-fun f ((+ Int)) Int 1)(assert true)",
    "(assert (= (_ char 1) (_ char 1)))",
    "(assert (= (bv2nat #b1) 1))",
    "(assert (unknown 1))",
    "(declare-const x (_ BitVec 5000))(assert true)",
    "(assert (= ((_ repeat 5000) #b1) ((_ repeat 5000) #b1)))",
    "(assert (= ((_ zero_extend 9999999999) #b1) #b1))",
    "(assert (= 1 " + "9" * 1_000_000 + "))",
    "(assert (= 1.0 1." + "9" * 1_000_000 + "))",
    "(assert (= #x1 #x" + "9" * 1_000_000 + "))",
]


@pytest.mark.parametrize("script", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed(script):
    with pytest.raises(Malformed):
        read_script(script)


@pytest.mark.parametrize("script", UNSUPPORTED, ids=range(len(UNSUPPORTED)))
def test_unsupported(script):
    with pytest.raises(Unsupported):
        read_script(script)


def test_a_whole_script_is_read():
    script = read_script(
        "(set-option :produce-models true)(set-info :status unsat)(set-logic QF_LIRA)(set-info :source |a\nb|)"
        "(declare-fun |a b| () Int)(declare-const |let| Bool)(define-const two Int 2)"
        "(define-fun half ((x Int)) Real (/ x two))"
        "(assert (! (= (half |a b|) 1.5) :named first))(assert (=> |let| first))(check-sat)"
        "(get-model)(get-value (two))(exit)"
    )
    assert script.constants == {"a b": "Int", "let": "Bool"}
    assert judge_model(script, {"a b": 3, "let": True}).status == "correct"
    assert judge_model(script, {"a b": 4, "let": True}) == ("wrong", "assertion 1 of 2 is false")


@pytest.mark.parametrize(
    ("script", "truth"),
    [
        ("(assert (= (let ((x 1)) (let ((x 2) (y x)) (+ (* 10 x) y))) 21))", True),
        (INT + "(assert (= (let ((x y) (y x)) (- x y)) 4))", True),  # swaps 3 and 7
        (INT + "(assert (= (+ (let ((x 1)) x) x) 4))", True),  # the binding ends
        (INT + "(define-fun f ((x Int)) Int (+ x y))(assert (= (let ((y 100)) (f y)) 107))", True),  # no capture
        (INT + "(define-fun f ((y Int)) Int (let ((x y)) (+ x y)))(assert (= (f x) 6))", True),
        (
            INT
            + "(define-fun f ((a Int) (b Int)) Int (- a b))(define-fun g ((a Int) (b Int)) Int (f b a))"
            + "(assert (= (g x y) 4))",
            True,
        ),
        (INT + "(define-fun f ((x Int)) Int x)(define-fun g ((y Int)) Int (f (+ y x)))(assert (= (g 1) 4))", True),
        (INT + "(define-fun c () Int x)(assert (= (let ((x 5)) c) 3))", True),
        (INT + "(assert (! (> x 0) :named p))(assert (= p (> y 0)))", True),
        (INT + "(define-fun unused () Int (div x 0))(assert (= x 3))", True),  # nothing asserted divides
    ],
)
def test_names_mean_what_the_standard_says(script, truth):
    read = read_script(script)
    assert (judge_model(read, {name: {"x": 3, "y": 7}[name] for name in read.constants}).status == "correct") is truth


def test_a_logic_of_reals_reads_numerals_as_reals():
    script = "(set-logic QF_LRA)(declare-const r Real)(assert (= (* 2 r) (/ 1 3)))"
    assert holds(script, {"r": "1/6"}) == "correct"
    assert holds("(declare-const r Real)(assert (= (* 2 r) (/ 1 3)))", {"r": "1/6"}) == "correct"  # mixed: (to_real 2)


# ---- what is beyond the bounds


def test_sharing_costs_what_the_text_costs():
    depth = 1000
    doubled = "(declare-const x Int)(assert (= 0 " + "(let ((x (+ x x))) " * depth + "x" + ")" * (depth + 2)
    started = time.thread_time()
    assert holds(doubled, {"x": 0}) == "correct"
    assert holds(doubled, {"x": 1}) == "wrong"
    assert time.thread_time() - started < 1


def test_explosions_are_unsupported():
    calls = "".join(f"(define-fun f{i} ((x Int)) Int (f{i - 1} (f{i - 1} x)))" for i in range(1, 60))
    with pytest.raises(Unsupported):
        read_script(f"(define-fun f0 ((x Int)) Int (+ x x)){calls}(assert (= (f59 1) 0))")
    squares = "(let ((x (* x x))) " * 40
    assert holds(f"(declare-const x Int)(assert (= 0 {squares}x" + ")" * 42, {"x": 3}) == "unsupported"
    assert holds(f"(declare-const x Int)(assert (= 0 {squares}x" + ")" * 42, {"x": 0}) == "correct"
    fractions = " ".join(f"(/ 1 {10**300 + i})" for i in range(1, 200))
    assert holds(f"(declare-const r Real)(assert (= r (+ {fractions})))", {"r": 0}) == "unsupported"


def test_deep_terms_need_no_stack():
    deep = "(assert " + "(not " * 9000 + "false" + ")" * 9001
    assert holds(deep, {}) == "wrong"


@pytest.mark.parametrize("term", ["(div x 0)", "(mod x 0)", "(to_int (/ 1.0 (to_real y)))", "(div x 2 y)"])
def test_division_by_zero_is_never_guessed(term):
    for assertion in (
        f"(= 0 (* 0 {term}))",
        f"(or true (= {term} 1))",
        f"(ite true true (= {term} 1))",
        f"(= {term} {term})",
    ):
        assert holds(f"{INT}(assert {assertion})(assert false)", {"x": 1, "y": 0}) == "unsupported"
    assert holds(f"{INT}(assert true)(define-fun u () Int {term})", {"x": 1, "y": 0}) == "correct"


# ---- values in an answer


@pytest.mark.parametrize(
    ("sort", "right", "wrong"),
    [
        ("Int", [0, -5, 10**30], [True, 1.0, "1", None, [1], "1/1"]),
        ("Bool", [True, False], [0, 1, "true", None]),
        (
            "Real",
            [0, -7, "1/2", "-3/7"],
            [0.5, "0.5", "2/4", "4/2", "3/1", "3", "1/-2", "-0/2", "1/0", "01/2", " 1/2", "１/2", True],
        ),
        (
            "(_ BitVec 4)",
            ["#b0101", "#xF", "#xf"],
            [5, "#b101", "#b00101", "#x0f", "0101", "#b0121", "#b010\n", "#b", "#bb", True],
        ),
        ("(_ BitVec 3)", ["#b101"], ["#x5", "#b0101"]),
    ],
)
def test_one_form_for_each_value(sort, right, wrong):
    script = f"(declare-const v {sort})(assert (= v v))"
    assert [holds(script, {"v": each}) for each in right] == ["correct"] * len(right)
    assert [holds(script, {"v": each}) for each in wrong] == ["malformed"] * len(wrong)


def test_every_constant_has_exactly_one_value():
    assert holds(INT + "(assert true)", {"x": 1}) == "malformed"
    assert holds(INT + "(assert true)", {"x": 1, "y": 2, "z": 3}) == "malformed"
    assert holds(INT + "(assert true)", {"x": 1, "y": 2}) == "correct"
    assert holds("(declare-const |a b| Int)(assert true)", {"|a b|": 1}) == "malformed"


def test_values_have_bounds():
    assert holds("(declare-const v Int)(assert (= v v))", {"v": 1 << 5000}) == "unsupported"
    assert holds("(declare-const v Real)(assert (= v v))", {"v": "1/" + "3" * 5000}) == "unsupported"


# ---- the operators, by the words of the standard


def test_integer_division_leaves_a_remainder_that_is_not_negative():
    for x in range(-9, 10):
        for y in (-4, -3, -1, 1, 2, 5):
            spelled_x, spelled_y = (f"(- {-each})" if each < 0 else str(each) for each in (x, y))
            quotient, remainder = values([f"(div {spelled_x} {spelled_y})", f"(mod {spelled_x} {spelled_y})"])
            assert x == y * quotient + remainder and 0 <= remainder < abs(y)


def test_signed_bit_vector_division_follows_the_standard_definitions():
    """bvsdiv, bvsrem and bvsmod as the theory's text defines them from bvudiv, bvurem and bvneg, all 4-bit pairs."""
    neg, udiv = (lambda x: -x % 16), (lambda x, y: 15 if y == 0 else x // y)
    urem = lambda x, y: x if y == 0 else x % y  # noqa: E731
    for x in range(16):
        for y in range(16):
            a, b = (neg(x) if x > 7 else x), (neg(y) if y > 7 else y)
            sdiv = udiv(a, b) if (x > 7) == (y > 7) else neg(udiv(a, b))
            srem = neg(urem(a, b)) if x > 7 else urem(a, b)
            u = urem(a, b)
            if u == 0 or (x <= 7 and y <= 7):
                smod = u
            elif x > 7 and y <= 7:
                smod = (neg(u) + y) % 16
            else:
                smod = (u + y) % 16 if x <= 7 else neg(u)
            pair = f"#x{x:x} #x{y:x}"
            assert values([f"(bvsdiv {pair})", f"(bvsrem {pair})", f"(bvsmod {pair})"]) == [sdiv, srem, smod]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("(=> true false false)", True),
        ("(=> true true false)", False),
        ("(=> false false false)", True),
        ("(xor true true true)", True),
        ("(- 10 3 2)", 5),
        ("(- 7)", -7),
        ("(/ 12.0 3.0 2.0)", Fraction(2)),
        ("(div 100 7 3)", 4),
        ("(< 1 2 2)", False),
        ("(<= 1 2 2)", True),
        ("(= 1 1 2)", False),
        ("(distinct 1 2 1)", False),
        ("(distinct 1 2 3)", True),
        ("(to_int (- 0.5))", -1),
        ("(is_int 2.0)", True),
        ("(bvudiv #x7 #x0)", 15),
        ("(bvurem #x7 #x0)", 7),
        ("(bvashr #x8 #xf)", 15),
        ("(bvshl #xf #x4)", 0),
        ("(concat #b10 #x1)", 0b100001),
        ("((_ rotate_left 5) #x9)", 3),
        ("((_ rotate_right 1) #x9)", 12),
        ("((_ repeat 3) #b10)", 0b101010),
        ("((_ sign_extend 4) #x8)", 0xF8),
        ("(bvcomp #x1 #x1)", 1),
    ],
)
def test_operators(term, expected):
    found = value(term)
    assert found == expected and type(found) is type(expected)


# ---- the operators, against two solvers

WIDTHS = (1, 2, 3, 4, 5, 6, 7, 8, 33)
CONSTANTS = {"p": "Bool", "q": "Bool", "i": "Int", "j": "Int", "r": "Real", "s": "Real"}
CONSTANTS |= {f"{name}{width}": width for width in WIDTHS for name in "ab"}
DECLARATIONS = "".join(f"(declare-const {name} {sort_name(sort)})" for name, sort in CONSTANTS.items())


COMPARISONS = ["bvult", "bvule", "bvugt", "bvuge", "bvslt", "bvsle", "bvsgt", "bvsge"]
LEFT_ASSOCIATIVE = ["bvand", "bvor", "bvxor", "bvadd", "bvmul"]
BINARY = ["bvnand", "bvnor", "bvxnor", "bvsub", "bvudiv", "bvurem", "bvsdiv", "bvsrem", "bvsmod"]
BINARY += ["bvshl", "bvlshr", "bvashr"]


class RandomTerms:
    """Random well-sorted terms; `used` collects the operators."""

    def __init__(self, rng, unknown):
        self.rng = rng
        self.unknown = unknown
        self.used = set()

    def literal(self, sort):
        rng = self.rng
        if sort == "Bool":
            return rng.choice(["true", "false"])
        if sort == "Int":
            return str(rng.choice([0, 1, 2, 3, 7, 10, rng.randrange(1000)]))
        if sort == "Real":
            return rng.choice(["0.0", "1.0", "2.5", "0.25", f"{rng.randrange(100)}.{rng.randrange(100)}"])
        number = rng.choice([0, 1, (1 << sort) - 1, 1 << (sort - 1), rng.getrandbits(sort)]) % (1 << sort)
        if sort % 4 == 0 and rng.random() < 0.5:
            return f"#x{number:0{sort // 4}x}"
        return rng.choice([f"#b{number:0{sort}b}", f"(_ bv{number} {sort})"])

    def sort(self):
        return self.rng.choice(["Bool", "Int", "Real", self.rng.choice(WIDTHS)])

    def apply(self, name, *arguments, indices=()):
        self.used.add(name)
        head = f"(_ {name} {' '.join(map(str, indices))})" if indices else name
        return f"({head} {' '.join(arguments)})"

    def term(self, sort, depth):
        rng = self.rng
        if depth == 0 or rng.random() < 0.1:
            names = [name for name, of in CONSTANTS.items() if of == sort]
            return rng.choice(names) if rng.random() < 0.7 else self.literal(sort)
        choice = rng.random()
        if choice < 0.06:
            bound = rng.sample(sorted(CONSTANTS), 2)
            pairs = " ".join(f"({name} {self.term(CONSTANTS[name], depth - 1)})" for name in bound)
            return f"(let ({pairs}) {self.term(sort, depth - 1)})"
        if choice < 0.12:
            return self.apply(
                "ite", self.term("Bool", depth - 1), self.term(sort, depth - 1), self.term(sort, depth - 1)
            )
        return getattr(self, f"of_{sort}", self.of_width)(sort, depth - 1)

    def several(self, sort, depth, most=4):
        return [self.term(sort, depth) for _ in range(self.rng.randint(2, most))]

    def of_Bool(self, _, depth):
        rng = self.rng
        kind = rng.randrange(7)
        if kind == 0:
            return self.apply("not", self.term("Bool", depth))
        if kind == 1:
            return self.apply(rng.choice(["and", "or", "xor", "=>"]), *self.several("Bool", depth))
        if kind == 2:
            return self.apply(rng.choice(["=", "distinct"]), *self.several(self.sort(), depth))
        if kind == 3:
            return self.apply(rng.choice(["<", "<=", ">", ">="]), *self.several(rng.choice(["Int", "Real"]), depth))
        if kind == 4:
            return self.apply("is_int", self.term("Real", depth))
        if kind == 5 and "divisible" not in self.unknown:
            return self.apply("divisible", self.term("Int", depth), indices=(rng.randint(1, 9),))
        return self.apply(rng.choice(COMPARISONS), *self.several(rng.choice(WIDTHS), depth, 2))

    def of_Int(self, _, depth):
        kind = self.rng.randrange(7)
        if kind < 3:
            return self.apply("+*-"[kind], *self.several("Int", depth))
        if kind == 3:
            return self.apply(self.rng.choice(["-", "abs"]), self.term("Int", depth))
        if kind == 4:
            return self.apply("to_int", self.term("Real", depth))
        return self.apply(self.rng.choice(["div", "mod"]), *self.several("Int", depth, 2))

    def of_Real(self, _, depth):
        kind = self.rng.randrange(7)
        if kind < 4:
            return self.apply("+*-/"[kind], *self.several("Real", depth))
        if kind == 4:
            return self.apply("-", self.term("Real", depth))
        if kind == 5:  # a mixed sum: the Int is read as (to_real …)
            return self.apply("+", self.term("Int", depth), self.term("Real", depth))
        return self.apply("to_real", self.term("Int", depth))

    def of_width(self, width, depth):
        rng = self.rng
        kind = rng.randrange(9)
        if kind == 0:
            return self.apply(rng.choice(["bvnot", "bvneg"]), self.term(width, depth))
        if kind == 1:
            return self.apply(rng.choice(LEFT_ASSOCIATIVE), *self.several(width, depth))
        if kind == 2 and width in (3, 6):
            return self.apply("repeat", self.term(width // 3, depth), indices=(3,))
        if kind == 3:
            operator = rng.choice(["rotate_left", "rotate_right"])
            return self.apply(operator, self.term(width, depth), indices=(rng.randrange(2 * width + 1),))
        narrow = [each for each in WIDTHS if each <= width]
        if kind == 4:
            of = rng.choice(narrow)
            return self.apply(rng.choice(["zero_extend", "sign_extend"]), self.term(of, depth), indices=(width - of,))
        if kind == 5:
            wide = rng.choice([each for each in WIDTHS if each >= width])
            low = rng.randint(0, wide - width)
            return self.apply("extract", self.term(wide, depth), indices=(low + width - 1, low))
        splits = [each for each in narrow if width - each in WIDTHS]
        if kind == 6 and splits:
            left = rng.choice(splits)
            return self.apply("concat", self.term(left, depth), self.term(width - left, depth))
        if kind == 7 and width == 1:
            return self.apply("bvcomp", *self.several(rng.choice(WIDTHS), depth, 2))
        return self.apply(rng.choice(BINARY), *self.several(width, depth, 2))


def random_values(rng):
    """A value of each constant; small ones and zero often."""
    found = {}
    for name, sort in CONSTANTS.items():
        if sort == "Bool":
            found[name] = rng.random() < 0.5
        elif sort == "Int":
            found[name] = rng.choice([0, 1, -1, rng.randint(-9, 9), rng.randint(-(10**12), 10**12)])
        elif sort == "Real":
            found[name] = Fraction(rng.randint(-20, 20), rng.randint(1, 6))
        else:
            found[name] = rng.choice([0, 1, (1 << sort) - 1, 1 << (sort - 1), rng.getrandbits(sort)]) % (1 << sort)
    return found


def z3_values(terms, constants):
    z3 = pytest.importorskip("z3")
    context = z3.Context()
    make = {"Bool": z3.Bool, "Int": z3.Int, "Real": z3.Real}
    given = {"Bool": z3.BoolVal, "Int": z3.IntVal, "Real": lambda of, ctx: z3.Q(of.numerator, of.denominator, ctx)}
    pairs = []
    for name, sort in CONSTANTS.items():
        if isinstance(sort, int):
            pairs.append((z3.BitVec(name, sort, context), z3.BitVecVal(constants[name], sort, context)))
        else:
            pairs.append((make[sort](name, context), given[sort](constants[name], context)))
    texts = "".join(
        f"(declare-const result{number} {sort_name(sort)})(assert (= result{number} {term}))"
        for number, (sort, term) in enumerate(terms)
    )
    for equation in z3.parse_smt2_string(DECLARATIONS + texts, ctx=context):
        found = z3.simplify(z3.substitute(equation.arg(1), *pairs))
        if z3.is_int_value(found) or z3.is_bv_value(found):
            yield found.as_long()
        elif z3.is_rational_value(found):
            yield Fraction(found.numerator_as_long(), found.denominator_as_long())
        else:
            yield {"True": True, "False": False}.get(str(found), found)


def cvc5_values(terms, constants):
    cvc5 = pytest.importorskip("cvc5")
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setLogic("ALL")
    symbols = cvc5.SymbolManager(manager)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, DECLARATIONS, "constants")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    names = symbols.getDeclaredTerms()
    given = []
    for name in names:
        sort, of = CONSTANTS[name.getSymbol()], constants[name.getSymbol()]
        if isinstance(sort, int):
            given.append(manager.mkBitVector(sort, of))
        else:
            make = {"Bool": manager.mkBoolean, "Int": manager.mkInteger, "Real": manager.mkReal}
            given.append(make[sort](of if sort == "Bool" else str(of)))
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, " ".join(term for _, term in terms), "terms")
    for sort, _ in terms:
        found = solver.simplify(parser.nextTerm().substitute(names, given))
        if sort == "Bool":
            yield found.getBooleanValue()
        elif sort == "Int":
            yield int(found.getIntegerValue())
        elif sort == "Real":
            yield Fraction(found.getRealValue())
        else:
            yield int(found.getBitVectorValue(2), 2)


@pytest.mark.parametrize(("solver", "unknown"), [(z3_values, {"divisible"}), (cvc5_values, set())])
def test_random_terms_have_the_values_that_a_solver_gives_them(solver, unknown):
    rng = random.Random(5)
    generator = RandomTerms(rng, unknown)
    compared = 0
    for _ in range(60):
        constants = random_values(rng)
        terms = [(sort, generator.term(sort, rng.randint(1, 4))) for sort in [generator.sort() for _ in range(60)]]
        ours = values([term for _, term in terms], DECLARATIONS, constants)
        kept = [(term, found) for term, found in zip(terms, ours, strict=True) if found is not None]
        theirs = solver([term for term, _ in kept], constants)
        for ((sort, term), found), expected in zip(kept, theirs, strict=True):
            assert found == expected and type(found) is type(expected), (sort, term, constants)
        compared += len(kept)
    assert compared > 3000
    assert generator.used == set(SIGNATURES) - unknown


# ---- the limits


def test_the_limits_are_these():
    assert (MAX_TEXT, MAX_DEPTH, MAX_DIGITS, MAX_BITS, MAX_SIZE) == (1 << 23, 10_000, 640, 4096, 1_000_000)


def test_a_text_is_read_up_to_its_limit():
    assert list(read_commands("(a)" + " " * (MAX_TEXT - 3))) == [["a"]]
    with pytest.raises(Unsupported, match="a script of"):
        list(read_commands("(a)" + " " * (MAX_TEXT - 2)))


def test_brackets_are_read_up_to_their_limit():
    assert len(list(read_commands("(" * MAX_DEPTH + ")" * MAX_DEPTH))) == 1
    with pytest.raises(Unsupported, match="nested deeper"):
        list(read_commands("(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH + 1)))
    with pytest.raises(Unsupported, match="nested deeper"):
        list(read_commands("(" * (MAX_DEPTH + 1) + ")" * MAX_DEPTH))
    with pytest.raises(Malformed, match="opened than closed"):
        list(read_commands("(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH - 1)))


def test_numbers_are_read_up_to_their_limit():
    whole, point = "9" * MAX_DIGITS, "9" * (MAX_DIGITS - 2) + ".5"
    assert value(whole) == int(whole) and value(point) == Fraction(point)
    for longer in (f"9{whole}", f"9{point}"):
        with pytest.raises(Unsupported, match="641 digits"):
            value(longer)
    real = "(declare-const r Real)(assert (= r r))"
    ratio = "1" * (MAX_DIGITS - 2) + "/2"
    assert holds(real, {"r": ratio}) == "correct" and holds(real, {"r": f"1{ratio}"}) == "unsupported"


def test_answers_are_read_up_to_their_limit():
    for sort in ("Int", "Real"):
        script = f"(declare-const x {sort})(assert (= x x))"
        for sign in (1, -1):
            assert holds(script, {"x": sign * (2**MAX_BITS - 1)}) == "correct"
            assert holds(script, {"x": sign * 2**MAX_BITS}) == "unsupported"


def test_bit_vectors_are_read_up_to_their_limit():
    for width, known in ((1, True), (MAX_BITS, True), (MAX_BITS + 1, False), (10**9, False)):
        for script in (
            f"(declare-const x (_ BitVec {width}))(assert (= x x))",
            f"(assert (= (_ bv1 {width}) (_ bv1 {width})))",
            f"(assert (= ((_ repeat {width}) #b1) ((_ repeat {width}) #b1)))",
            f"(assert (= ((_ zero_extend {width - 1}) #b1) ((_ sign_extend {width - 1}) #b1)))",
        ):
            if known:
                read_script(script)
            else:
                with pytest.raises(Unsupported, match="more than 4096"):
                    read_script(script)
    with pytest.raises(Malformed, match="no bits"):
        read_script("(assert (= (_ bv0 0) (_ bv0 0)))")
    with pytest.raises(Malformed, match="no bits"):
        read_script("(declare-const x (_ BitVec 0))(assert (= x x))")
    read_script(f"(assert (= #b{'1' * MAX_BITS} #x{'f' * (MAX_BITS // 4)}))")
    for wide in (f"#b{'1' * (MAX_BITS + 1)}", f"#x{'f' * (MAX_BITS // 4 + 1)}"):
        with pytest.raises(Unsupported, match="more than 4096"):
            read_script(f"(assert (= {wide} {wide}))")


def test_numbers_grow_up_to_their_limit():
    script = "(declare-const x Int)(declare-const y Int)(assert (> (* x y) 0))"
    half = 2 ** (MAX_BITS // 2)
    assert holds(script, {"x": half, "y": half // 2}) == "correct"
    assert holds(script, {"x": half, "y": half}) == "unsupported"
    reals = script.replace("Int", "Real").replace("0))", "0.0))")
    assert holds(reals, {"x": f"1/{half}", "y": f"1/{half // 2}"}) == "correct"
    assert holds(reals, {"x": f"1/{half}", "y": f"1/{half}"}) == "unsupported"


def test_definitions_expand_up_to_their_limit():
    def sums(count):
        return f"(declare-const p Bool)(assert (and {'p ' * count}))"

    # true, false and p are a node each; the conjunction is one, and an argument for each p.
    assert holds(sums(MAX_SIZE - 4), {"p": True}) == "correct"
    with pytest.raises(Unsupported, match="definitions expanded"):
        read_script(sums(MAX_SIZE - 3))
