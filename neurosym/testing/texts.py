"""Reads and writes the bracketed texts of PDDL and SMT-LIB as trees of tokens.

For texts that a checker has accepted before: brackets are expected to match, and nothing is looked up.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Tree: TypeAlias = "str | list[Tree]"

_TOKEN = re.compile(r""";[^\n]*|"(?:[^"]|"")*"|\|[^|]*\||[()]|[^\s();"|]+""")


def tokens(text: str) -> list[str]:
    """The brackets, words, strings and quoted symbols of a text, without its comments."""
    return [token for token in _TOKEN.findall(text) if not token.startswith(";")]


def read(text: str) -> list[Tree]:
    """The expressions that a text consists of."""
    open_lists: list[list[Tree]] = [[]]
    for token in tokens(text):
        if token == "(":
            open_lists.append([])
        elif token == ")":
            done = open_lists.pop()
            open_lists[-1].append(done)
        else:
            open_lists[-1].append(token)
    return open_lists[0]


def write(tree: Tree) -> str:
    """The text of an expression."""
    return tree if isinstance(tree, str) else f"({' '.join(map(write, tree))})"


def head(tree: Tree) -> str:
    """The first word of a list, "" where there is none."""
    first = tree[0] if isinstance(tree, list) and tree else ""
    return first if isinstance(first, str) else ""
