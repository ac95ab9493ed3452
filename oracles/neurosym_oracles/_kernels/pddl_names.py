"""What the files of PDDL have in common: sections, names, numbers and typed lists.

Contract: standard library only. Raises Malformed for what is not of the form, and Unsupported for a section or a
requirement that is not among the supported ones, a signed number, and a type or an object below an `either`.

Source: as `pddl_syntax`. More lenient in three things: sections come in any order; a name may begin with a digit or
an underscore; a type or an object may be declared again, with the same type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TypeAlias

from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, Unsupported, quote

Names: TypeAlias = tuple[str, ...]  # the alternatives of a type as written, sorted: usually one
Sections: TypeAlias = dict[str, Node]

REQUIREMENTS = frozenset(
    {":strips", ":typing", ":equality", ":negative-preconditions", ":disjunctive-preconditions", ":adl"}
    | {":existential-preconditions", ":universal-preconditions", ":quantified-preconditions"}
    | {":conditional-effects", ":action-costs", ":fluents", ":numeric-fluents"}
)

_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*+")
_NUMBER = re.compile(r"[0-9]{1,100}+(?:\.[0-9]{1,100}+)?")


def sections(root: Node, kind: str, known: frozenset[str], repeated: str = "") -> tuple[str, Sections, list[Node]]:
    """The name of a `(define (kind name) section …)`, its sections by keyword, and those of the keyword `repeated`."""
    match root:
        case ["define", [str(found), title], *rest] if found == kind:
            parts: Sections = {}
        case _:
            raise Malformed(f"not of the form (define ({kind} name) …)", root)
    several: list[Node] = []
    for part in rest:
        if not (isinstance(part, list) and part and isinstance(part[0], str) and part[0].startswith(":")):
            raise Malformed("what belongs here is a section (:keyword …)", part if isinstance(part, list) else root)
        if part[0] == repeated:
            several.append(part)
        elif part[0] not in known:
            raise Unsupported(f"the section {quote(part[0])}", part)
        elif parts.setdefault(part[0], part) is not part:
            raise Malformed(f"the section {part[0]} comes twice", part)
    for requirement in parts.get(":requirements", [])[1:]:
        if isinstance(requirement, list) or requirement not in REQUIREMENTS:
            raise Unsupported(f"the requirement {quote(str(requirement))}", parts[":requirements"])
    return name(title, root), parts, several


def name(word: str | Node, node: Node) -> str:
    """`word`, which must be a name. `node` encloses it."""
    if isinstance(word, str) and _NAME.fullmatch(word):
        return word
    raise Malformed(f"not a name: {quote(word)}" if isinstance(word, str) else "a list where a name belongs", node)


def number(word: str, node: Node) -> Fraction:
    """The exact value of `word`, which must be a plain decimal number; others are Unsupported."""
    if _NUMBER.fullmatch(word):
        return Fraction(word)
    raise Unsupported(f"not a plain non-negative number: {quote(word)}", node)


def typed(words: Iterable[str | Node], node: Node, mark: str = "") -> Iterator[tuple[str, Names]]:
    """The names of a typed list with their types; variables have the mark "?". `node` encloses the list."""
    waiting: list[str] = []
    rest = iter(words)
    for word in rest:
        if word != "-":
            if mark and not (isinstance(word, str) and word.startswith(mark)):
                raise Malformed("a variable must begin with '?'", node)
            waiting.append(mark + name(word[len(mark) :], node))
            continue
        kind = next(rest, None)
        if not waiting or kind is None:
            raise Malformed("'-' needs names before it and a type after it", node)
        alternatives = kind[1:] if isinstance(kind, list) and kind[:1] == ["either"] else [kind]
        names = tuple(sorted({name(alternative, node) for alternative in alternatives}))
        if not names:
            raise Malformed("an either without types", node)
        yield from [(item, names) for item in waiting]
        waiting = []
    yield from [(item, ("object",)) for item in waiting]


def declare(pairs: Iterable[tuple[str, Names]], into: dict[str, str], what: str, node: Node) -> None:
    """Add names of one type each to `into`; a name may come again with the same type only."""
    for item, names in pairs:
        if len(names) > 1:
            raise Unsupported(f"{what} {item} has the type (either {' '.join(names)})", node)
        if into.setdefault(item, names[0]) != names[0]:
            raise Malformed(f"{what} {item} is declared with two types, {into[item]} and {names[0]}", node)
