"""Tokens and sentences of Rocq (Reference Manual, "Basic notions and conventions"), as far as they are allowed at all.

Contract: text comes in, sentences of tokens come out, and only these tokens, with one space between them and one
sentence a line, are ever shown to Rocq. Comments and blanks are gone by then, and the one thing that ends a sentence is
the full stop that `render` writes: whatever Rocq's lexer would have made of the original text does not matter. Strings,
attributes, quotations, casts to the virtual machine and characters beyond ASCII have no token.
"""

from __future__ import annotations

import re

MAX_TEXT = 1 << 18
MAX_DEPTH = 200
RESERVED = "neurosym"  # names that the checker gives: no text may use them
CLOSES = {"(": ")", "[": "]", "{": "}"}
_FORBIDDEN = frozenset(
    ["ltac", "ltac2", "native_compute", "uconstr", "vm_compute"]
)  # tactics in a term, or other evaluators

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\n]+)|(?P<comment>\(\*)|(?P<end>\.(?=[ \t\r\n]|\Z))|(?P<bullet>-{1,3}(?!>)|\+{1,3}|\*{1,3})"
    r"|(?P<word>\??[A-Za-z_][A-Za-z0-9_']*(?:\.[A-Za-z_][A-Za-z0-9_']*)*)|(?P<number>[0-9]+(?![A-Za-z_']))"
    r"|(?P<symbol><->|/\\|\\/|->|<-|=>|:=|<>|<=|>=|::|&&|\|\||\|-|<(?![:<])|[()\[\]{},;:~=>/?|&@%!^])"
)
_COMMENT = re.compile(r'\(\*|\*\)|"')

Sentence = tuple[str, ...]  # the last token is "." unless it is a bullet or brace


class ScriptError(ValueError):
    """A text is outside the allow-list."""


def sentences(text: str) -> list[Sentence]:
    """The sentences of a script or header. Raises ScriptError."""
    found: list[Sentence] = []
    words: list[str] = []
    for kind, token in _tokens(text):
        words.append(token)
        focus = token in "{}" and (len(words) == 1 or (len(words) == 3 and words[1] == ":" and words[0].isdigit()))
        if kind == "end" or focus or (kind == "bullet" and len(words) == 1):
            found.append(tuple(words))
            words = []
    if words:
        raise ScriptError("the last sentence does not end with a full stop")
    return found


def render(sentence: Sentence) -> str:
    """The one line that Rocq is shown."""
    return " ".join(sentence)


def statement_tokens(text: str) -> Sentence:
    """The tokens of one term: brackets balance and no sentence ends in it. Raises ScriptError."""
    found = list(_tokens(text))
    if not found or any(kind == "end" for kind, _ in found):
        raise ScriptError("a statement is one term without a full stop")
    tokens = tuple(token for _, token in found)
    require_balanced(tokens)
    return tokens


def _tokens(text: str) -> list[tuple[str, str]]:
    if len(text) > MAX_TEXT:
        raise ScriptError(f"longer than {MAX_TEXT} characters")
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ScriptError(f"{text[place]!a} at character {place} is not allowed here")
        kind, token, place = str(match.lastgroup), match[0], match.end()
        if kind == "comment":
            place = _after_comment(text, place)
        elif kind == "word" and token.lstrip("?").split(".")[0].startswith(RESERVED):
            raise ScriptError(f"names that start with {RESERVED} are reserved")
        elif kind == "word" and token in _FORBIDDEN:
            raise ScriptError(f"{token} is not allowed")
        elif kind != "blank":
            found.append((kind, token))
    return found


def _after_comment(text: str, place: int) -> int:
    depth = 1
    while depth:
        match = _COMMENT.search(text, place)
        if match is None:
            raise ScriptError("a comment does not end")
        if match[0] == '"':
            raise ScriptError("a string in a comment")  # Rocq would read *) in it as part of the string
        depth += 1 if match[0] == "(*" else -1
        place = match.end()
    return place


def require_balanced(tokens: Sentence) -> None:
    open_brackets: list[str] = []
    for token in tokens:
        if token in CLOSES:
            open_brackets.append(CLOSES[token])
            if len(open_brackets) > MAX_DEPTH:
                raise ScriptError(f"nested deeper than {MAX_DEPTH}")
        elif token in ")]}" and (not open_brackets or open_brackets.pop() != token):
            raise ScriptError(f"{token} closes nothing")
    if open_brackets:
        raise ScriptError(f"{open_brackets[-1]} is missing")
