"""The surface of PDDL: text to nested lists of lower-case words, with the line of each list when it is needed.

Contract: standard library only. `read` accepts exactly one parenthesised form and nothing else but white space and
`;` comments (which alone may hold other characters than PDDL's). Reading is iterative and linear in the text, and
bounded: a text longer than `MAX_CHARACTERS` or nested deeper than `MAX_DEPTH` is Unsupported.

Source: McDermott et al., PDDL 1.2 (1998); Fox and Long, PDDL 2.1 (2003).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

MAX_CHARACTERS = 16_000_000
MAX_DEPTH = 100

Node: TypeAlias = "list[str | Node]"

_COMMENT = re.compile(r";[^\n]*+")
_ILLEGAL = re.compile(r"[^a-zA-Z0-9_\-?:=<>+*/.() \t\n]")


class PddlError(Exception):
    """A text that cannot be used. `node`, where known, is the list that the message is about."""

    def __init__(self, message: str, node: Node | None = None) -> None:
        self.message = clip(message)
        super().__init__(self.message)
        self.node = node


class Malformed(PddlError):
    """The text is not of the language."""


class Unsupported(PddlError):
    """The text may well be of the language, but uses a part of it that is not judged here."""


def clip(text: str, length: int = 300) -> str:
    """`text`, cut so that a message stays short whatever it is about."""
    return text if len(text) <= length else text[: length - 3] + "..."


def quote(text: str) -> str:
    """`text` in quotes, in ASCII and short, for a message."""
    return ascii(clip(text, 40))


def strip_comments(text: str) -> str:
    """`text` without its comments, its lines ended by line feeds alone. Raises Unsupported if it is too long."""
    if len(text) > MAX_CHARACTERS:
        raise Unsupported(f"longer than {MAX_CHARACTERS} characters")
    plain = text.replace("\r\n", "\n") if "\r" in text else text
    return _COMMENT.sub("", plain) if ";" in plain else plain


def find_illegal(plain: str) -> str:
    """The first character that PDDL does not have outside of comments, described with its line; or nothing."""
    found = _ILLEGAL.search(plain)
    if not found:
        return ""
    line = plain.count("\n", 0, found.start()) + 1
    if plain.startswith("```", found.start()):
        return f"line {line}: a markdown fence"
    what = "not a character of PDDL" if found[0].isascii() else "not an ASCII character"
    return f"line {line}: {what}: {quote(found[0])} (U+{ord(found[0]):04X})"


@dataclass(frozen=True)
class Source:
    """A text that was read: its one form, and what it takes to find the line of any list in it."""

    root: Node
    nodes: list[Node]  # in the order of their opening parentheses
    plain: str

    def line(self, node: Node) -> int:
        """The line, counted from 1, of the parenthesis that opens `node`."""
        offset = -1
        for other in self.nodes:
            offset = self.plain.index("(", offset + 1)
            if other is node:
                break
        return self.plain.count("\n", 0, offset) + 1

    def locate(self, error: PddlError) -> PddlError:
        """`error`, its message led by the line it is about."""
        return error if error.node is None else type(error)(f"line {self.line(error.node)}: {error.message}")


def read(text: str) -> Source:
    """The one form that `text` consists of. Raises Malformed or Unsupported, naming the line."""
    plain = strip_comments(text)
    if illegal := find_illegal(plain):
        raise Malformed(illegal)
    source = Source([], [], plain.lower())  # lower only now, because it maps some foreign letters to ASCII ones
    nodes, top, stack = source.nodes, source.root, list[Node]()
    for token in source.plain.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            node: Node = []
            nodes.append(node)
            top.append(node)
            stack.append(top)
            top = node
            if len(stack) > MAX_DEPTH:
                raise source.locate(Unsupported(f"nested deeper than {MAX_DEPTH}", node))
        elif token != ")":
            top.append(token)
        elif stack:
            top = stack.pop()
        else:
            break  # closes more than was opened
    else:
        if stack:
            raise source.locate(Malformed("this parenthesis is never closed: the text is cut off", top))
        if len(top) == 1 and isinstance(top[0], list):
            return Source(top[0], nodes, source.plain)
    raise _surplus(source.plain)


def _surplus(plain: str) -> Malformed:
    """The error of a text, balanced at some place, that has something before or after its first form."""
    before = plain.split("(", 1)[0].strip()
    if before or "(" not in plain:
        return Malformed(f"text before the first parenthesis: {quote(before)}" if before else "no text")
    depth = 0
    for found in re.finditer(r"[()]", plain):
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            break
    rest = plain[found.end() :].lstrip()
    line = plain.count("\n", 0, len(plain) - len(rest)) + 1
    return Malformed(f"line {line}: trailing junk after the last parenthesis: {quote(rest.rstrip())}")
