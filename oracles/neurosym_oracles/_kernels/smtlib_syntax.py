"""Reads the text of an SMT-LIB script into S-expressions: the lexical part of the standard, version 2.6, section 3.

An S-expression is a list of S-expressions, or an atom: a string whose first character tells what it is. A digit
starts a numeral or decimal, `#` a bit-vector, `:` a keyword, `"` a string literal, anything else a symbol. As `|abc|`
and `abc` are one symbol, the bars go; they stay where the name would be read otherwise: `|let|`, `|3|`, `|a b|`.

Errors: `Malformed` where the text breaks the standard, `Unsupported` where it is beyond what these kernels do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Expression: TypeAlias = str | list["Expression"]

MAX_TEXT = 1 << 23  # characters
MAX_DEPTH = 10_000  # brackets open at once
MAX_DIGITS = 640  # the longest decimal that int() converts under every setting of Python's digit limit


class Malformed(ValueError):
    """Not SMT-LIB 2.6: no reading of it is right."""


class Unsupported(ValueError):
    """Perhaps SMT-LIB, but no statement is made about it."""


_RESERVED_WORDS = """
    ! _ as BINARY DECIMAL exists HEXADECIMAL forall let match NUMERAL par STRING assert check-sat check-sat-assuming
    declare-const declare-datatype declare-datatypes declare-fun declare-sort define-const define-fun define-fun-rec
    define-funs-rec define-sort echo exit get-assertions get-assignment get-info get-model get-option get-proof
    get-unsat-assumptions get-unsat-core get-value pop push reset reset-assertions set-info set-logic set-option"""
RESERVED = frozenset(_RESERVED_WORDS.split())
"""The reserved words: never the name of anything, unless quoted."""

_SIMPLE_SYMBOL = re.compile(r"[A-Za-z~!@$%^&*_+=<>.?/-][0-9A-Za-z~!@$%^&*_+=<>.?/-]*")
_NUMERAL = re.compile(r"0|[1-9][0-9]*")

# Blanks and comments, then a bracket or an atom that ends where an atom must; or the end; or what nothing allows.
# Every repetition is possessive: no text makes it try twice.
_TOKEN = re.compile(
    r"""(?:[ \t\r\n]++|;[^\r\n]*+)*+
    (?: ( [()] | (?: [!#-'*-:<-{}~]++ | "(?:[^"]++|"")*+" | \|[\t\r\n\ -\[\]-{}~]*+\| ) (?=[ \t\r\n();]|\Z) )
      | (\Z) | . )""",
    re.VERBOSE | re.DOTALL,
)


def read_commands(text: str) -> Iterator[list[Expression]]:
    """The bracketed expressions of `text`, each as soon as it is read. Raises Malformed or Unsupported."""
    if len(text) > MAX_TEXT:
        raise Unsupported(f"a script of {len(text)} characters, more than {MAX_TEXT}")
    open_lists: list[list[Expression]] = []
    for match in _TOKEN.finditer(text):
        token = match[1]
        if token == "(":
            if len(open_lists) == MAX_DEPTH:
                raise _too_deep(text)
            open_lists.append([])
        elif token == ")":
            if not open_lists:
                raise Malformed(f"a closing bracket too many at character {match.start(1)}")
            done = open_lists.pop()
            if open_lists:
                open_lists[-1].append(done)
            else:
                yield done
        elif token is not None:
            if not open_lists:
                raise Malformed(f"{shorten(token)} outside of any command")
            open_lists[-1].append(_unquoted(token) if token[0] == "|" else token)
        elif match[2] is None:
            start = match.end() - 1
            raise Malformed(f"unreadable at character {start}: {shorten(text[start : start + 40])}")
        elif open_lists:
            raise Malformed(f"the text ends with {len(open_lists)} open brackets")
        else:
            return


def _too_deep(text: str) -> ValueError:
    if text.count(")") < MAX_DEPTH:
        return Malformed("more brackets are opened than closed")
    return Unsupported(f"nested deeper than {MAX_DEPTH}")


def _unquoted(token: str) -> str:
    name = token[1:-1]
    return name if _SIMPLE_SYMBOL.fullmatch(name) and name not in RESERVED else token


def shorten(value: object) -> str:
    """A few characters of what somebody else wrote, fit for a message."""
    return repr(value if len(value) <= 60 else value[:57] + "...") if isinstance(value, str) else type(value).__name__


def symbol(expression: Expression | None) -> str:
    """The expression as the name of something that is declared or bound. Raises Malformed."""
    if isinstance(expression, str) and (expression[0] == "|" or _SIMPLE_SYMBOL.fullmatch(expression)):
        if expression in RESERVED:
            raise Malformed(f"{expression} is a reserved word")
        return expression
    raise Malformed(f"{shorten(expression)} is not a name")


def plain_name(name: str) -> str:
    """A symbol without its bars: the name by which an answer calls it."""
    return name[1:-1] if name[0] == "|" else name


def function_name(head: Expression | None) -> tuple[str, tuple[int, ...]]:
    """The name and the indices of a function, `name` or `(_ name index …)`. Raises Malformed or Unsupported."""
    if head in ("forall", "exists", "match", "as", "par"):
        raise Unsupported(f"a term that begins with {head}")
    if not isinstance(head, list):
        return symbol(head), ()
    if len(head) < 3 or head[0] != "_":
        raise Unsupported("a function that is neither a symbol nor an indexed symbol")
    return symbol(head[1]), tuple(map(numeral, head[2:]))


def pairs(expression: Expression) -> list[list[Expression]]:
    """The expression as a list of pairs. Raises Malformed."""
    if not isinstance(expression, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in expression):
        raise Malformed(f"{shorten(expression)} where a list of pairs is due")
    return expression  # type: ignore[return-value]


def numeral(expression: Expression) -> int:
    """The expression as a natural number. Raises Malformed, or Unsupported where it has too many digits."""
    if not isinstance(expression, str) or not _NUMERAL.fullmatch(expression):
        raise Malformed(f"{shorten(expression)} is not a numeral")
    if len(expression) > MAX_DIGITS:
        raise Unsupported(f"a number of {len(expression)} digits, more than {MAX_DIGITS}")
    return int(expression)
