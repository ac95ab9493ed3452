"""The file that Rocq is given, and the strict reading of what its two kernels say of it.

Contract: of an answer, nothing but its sentences is in the file, each on a line of its own between our `Proof.` and our
`Qed.`. After each theorem the file asks for its assumptions, and each question is answered by one line at least: so an
output of exactly as many times `CLOSED` says that every theorem rests on nothing, whatever a proof might have printed.
`context_fault` accepts one form of coqchk's summary and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neurosym_oracles._kernels.rocq_tokens import RESERVED, Sentence, render

CLOSED = b"Closed under the global context\n"

_TITLES = (
    "Theory: Set is predicative",
    "Axioms:",
    "Constants/Inductives relying on type-in-type:",
    "Constants/Inductives relying on unsafe (co)fixpoints:",
    "Inductives whose positivity is assumed:",
)
_THEORY, _AXIOMS = _TITLES[:2]


@dataclass(frozen=True)
class Theorem:
    statement: Sentence
    script: tuple[Sentence, ...]


@dataclass(frozen=True)
class Theory:
    """`text` is the file; theorem i is stated in line `lines[i]`, counted from 1, and its script starts two below."""

    text: str
    lines: tuple[int, ...]

    def place(self, line: int) -> tuple[int, int]:
        """The theorem that a line belongs to, -1 for the header, and how many lines the line is below its statement."""
        theorem = sum(start <= line for start in self.lines) - 1
        return theorem, line - self.lines[theorem] if theorem >= 0 else line


def theory(header: Sequence[Sentence], theorems: Sequence[Theorem]) -> Theory:
    """Theorems after a header, whose sentences must all have been checked."""
    written = [render(sentence) for sentence in header]
    lines = []
    for number, theorem in enumerate(theorems):
        name = f"{RESERVED}_{number}"
        lines.append(len(written) + 1)
        written += [f"Theorem {name} : ( {render(theorem.statement)} ).", "Proof."]
        written += [render(sentence) for sentence in theorem.script]
        written += ["Qed.", f"Print Assumptions {name}."]
    return Theory("".join(f"{line}\n" for line in written), tuple(lines))


def context_fault(report: bytes, library: str) -> str:
    """What coqchk's summary holds against the file, or "".

    Axioms of the installed library, whose names start with `library`, may be in the context, since `CLOSED` tells that
    no theorem uses them; with "" there may be none.
    """
    lines = [line.strip() for line in report.decode("utf-8", "backslashreplace").splitlines()]
    lines = [line for line in lines if line]
    if lines[:2] != ["CONTEXT SUMMARY", "==============="]:
        return "no summary of the context"
    sections: list[tuple[str, list[str]]] = []
    for line in lines[2:]:
        if line.startswith("* "):
            sections.append((line[2:], []))
        elif not sections:
            return "a summary of another form"
        else:
            sections[-1][1].append(line)
    if len(sections) != len(_TITLES):
        return "a summary of another form"
    for expected, (title, entries) in zip(_TITLES, sections, strict=True):
        clean = title == (expected if expected == _THEORY else f"{expected} <none>") and not entries
        known = bool(library and entries) and all(entry.startswith(library) for entry in entries)
        if not clean and not (title == expected == _AXIOMS and known):
            return " ".join([title, *entries])[:200]
    return ""
