"""The part of Lean 4's syntax that a proof, a statement or a header may use: a tokenizer with an allow-list.

Contract: what is let through can neither end the theorem that it is put into, nor run code or set options in Lean. The
reader knows every character that it lets through, blanks comments out, and matches brackets; strings, quotations,
attributes and names in «» are not read at all. So between brackets that we write, the text stays there.
A word is a keyword or tactic of the lists below, or it is handed back in `names`: whoever elaborates the text must
first make Lean confirm that each of them is an ordinary identifier, neither keyword nor tactic. What asks for meta code
or trust is `Forbidden`; what this reader does not know is `Unread`, which says nothing against the proof.

Source: "Identifiers" and "Whitespace" in Lean's reference (https://lean-lang.org/doc/reference/latest/).
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_CHARACTERS = 1 << 16
MAX_DEPTH = 200


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TERM_WORDS = _words("""
by fun let have show from calc match with if then else at using in only suffices this forall exists Prop Type Sort nofun
nomatch generalizing haveI letI
""")
TACTIC_WORDS = _words("""
intro intros exact apply refine refine' constructor cases cases' induction induction' rcases rintro obtain left right
use rw rewrite rwa erw simp simpa simp_all simp_arith simp_rw dsimp rfl symm trivial assumption contradiction exfalso
by_cases by_contra by_contra' push_neg norm_num ring ring_nf linarith nlinarith omega decide ext funext congr subst
subst_vars injection injections split split_ifs specialize generalize revert clear rename rename_i change unfold set
field_simp positivity gcongr norm_cast push_cast exact_mod_cast assumption_mod_cast interval_cases fin_cases aesop tauto
itauto abel group all_goals any_goals try repeat repeat' first focus case case' next skip done exacts choose wlog
convert nth_rw nth_rewrite linear_combination ac_rfl infer_instance rotate_left rotate_right swap grind apply_fun
and_intros classical fapply eapply
""")
CONTEXT = _words("import open universe namespace section end set_option")
COMMANDS = CONTEXT | _words("theorem lemma def abbrev inductive structure class instance")
HEADER_WORDS = COMMANDS | {"where", "deriving", "scoped"}
OPTIONS = _words("maxHeartbeats maxRecDepth autoImplicit relaxedAutoImplicit")
FORBIDDEN = HEADER_WORDS | _words("""
sorry admit stop axiom constant opaque example variable export private protected mutual attribute elab elab_rules macro
macro_rules syntax notation infix infixl infixr prefix postfix declare_syntax_cat unsafe partial native_decide run_tac
run_cmd run_elab run_meta by_elab eval initialize builtin_initialize simproc include_str dbg_trace implemented_by extern
csimp config kernel native rec do conv
""")
FORBIDDEN_PARTS = _words("sorryAx ofReduceBool reduceBool ofReduceNat reduceNat trustCompiler")

_OPEN, _CLOSE = "([{⟨⦃‹", ")]}⟩⦄›"
_LETTER = "A-Za-z_αβγδεζηθικμξπρστφχψωΓΔΘΦΨΩ"
_PART = f"[{_LETTER}][{_LETTER}0-9'₀-₉]*+"
_SYMBOL = rf"""\?(?=[{_LETTER}])|@(?!\[)|∃!|&&|\|\||:=|=>|->|<-|<;>|<\||\|>|<=|>=|\.\.|(?<=\ )%(?=\ )|/(?!-)|-(?![-/])
|[.,:;|·•=<>+*^∀∃λ→←↔∧∨¬≠≤≥∣∈∉⊆⊂∪∩∅×∘⁻¹²³▸⊢↑⇑∑∏√∞⊤⊥⊔⊓ℕℤℚℝℂ]"""
_TOKEN = re.compile(
    rf"""(?P<word>{_PART}(?:\.(?:{_PART}|[0-9]++))*+)(?![!?%«'"`])
    |(?P<number>[0-9]++(?:\.[0-9]++)?)(?![{_LETTER}«'"`])|(?P<comment>--[^\n]*+)|(?P<space>[\ \n]++)
    |(?P<bracket>[(\[{{⟨⦃‹)\]}}⟩⦄›])|(?P<symbol>{_SYMBOL})""",
    re.VERBOSE,
)


class Forbidden(ValueError):
    """The text is not of the form asked for: it leaves its place, or asks Lean for something else than elaboration."""


class Unread(ValueError):
    """The text has a character or a token that this reader does not know: it may be right all the same."""


class Source(NamedTuple):  # a text to put between brackets, its comments blanked out; words that Lean must confirm
    text: str
    names: frozenset[str]
    tokens: tuple[str, ...]


class Header(NamedTuple):  # imports, the commands after them, and those of them that a later import does not bring back
    imports: tuple[str, ...]
    body: str
    context: str
    names: frozenset[str]


def read_source(text: str, words: frozenset[str] = frozenset()) -> Source:
    """The reading of a proof or a statement; the keywords `words` may occur besides. Raises Forbidden and Unread."""
    if len(text) > MAX_CHARACTERS:
        raise Unread(f"{len(text)} characters of Lean, more than {MAX_CHARACTERS}")
    pieces: list[str] = []
    tokens: list[str] = []
    names: set[str] = set()
    expected: list[str] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Unread(f"{text[place : place + 20]!a} begins with what is not read here")
        token, kind, place = match[0], match.lastgroup, match.end()
        pieces.append(" " * len(token) if kind == "comment" else token)
        if kind == "word" and _is_name(token, words):
            names.add(token)
        elif kind == "bracket" and token in _OPEN:
            expected.append(_CLOSE[_OPEN.index(token)])
            if len(expected) > MAX_DEPTH:
                raise Unread(f"brackets nested deeper than {MAX_DEPTH}")
        elif kind == "bracket" and (not expected or expected.pop() != token):
            raise Forbidden(f"{token} closes no bracket of this text")
        if kind not in ("comment", "space"):
            tokens.append(token)
    if expected:
        raise Forbidden(f"a bracket is not closed: {expected[-1]} is missing")
    written = "".join(pieces)
    if "--" in written or "/-" in written or "-/" in written:  # such as `<--`: Lean might see a comment, we see none
        raise Unread("a comment that touches a symbol")
    return Source(written, frozenset(names), tuple(tokens))


def _is_name(word: str, words: frozenset[str]) -> bool:
    """Whether Lean must confirm a word. Raises Forbidden."""
    if (word in FORBIDDEN and word not in words) or FORBIDDEN_PARTS & set(word.split(".")) or "neurosym" in word:
        raise Forbidden(f"{word} may not occur")
    return "." not in word and word != "_" and word not in TERM_WORDS | TACTIC_WORDS | words


def read_header(text: str) -> Header:
    """The reading of a header: what begins a command is first in its line and nowhere else. Raises as above."""
    read = read_source(text.replace("@[simp] ", ""), HEADER_WORDS)
    imports: list[str] = []
    body: list[str] = []
    context: list[str] = []
    kept = False
    for line, written in zip(text.split("\n"), read.text.split("\n"), strict=True):
        words = [match[0] for match in _TOKEN.finditer(written) if match.lastgroup != "space"]
        first = words[0] if words and written[0] not in " |" else ""
        if first and first not in COMMANDS:
            raise Unread(f"a header has no command {first[:40]!r} here")
        unset = first == "set_option" and (len(words) != 3 or words[1] not in OPTIONS)
        if unset or COMMANDS & set(words[1:] if first else words):
            raise Forbidden(f"a header may not say {written[:60]!r}")
        if first == "import" and (body or len(words) != 2):
            raise Unread("want each import on a line of its own, before everything else")
        kept = first in CONTEXT if first else kept
        if first == "import":
            imports.append(words[1])
        elif words:
            body.append(f"@[simp] {written}" if line.startswith("@[simp] ") else written)
            context += [written] if kept else []
    return Header(tuple(imports), "\n".join(body), "\n".join(context), read.names)
