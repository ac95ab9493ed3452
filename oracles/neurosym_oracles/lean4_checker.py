"""The checker of kind `lean4`: payload `{"header": text, "statement": text}`, answer: a tactic block or a term.

We write the file: the header, a theorem of a name that the answer cannot know, the statement in brackets, the proof in
brackets. Four walls, each enough against most of what is known to fool a Lean process:

1. `_kernels.lean_syntax` reads header, statement and answer by an allow-list, and Lean confirms that each word outside
   its lists is an ordinary identifier, neither keyword nor tactic, under the header's imports.
2. Lean elaborates the theorem. Its messages count by their places, never by what they look like.
3. A second process that sees only what passed states the theorem afresh and proves it by the first's result: from its
   compiled file in `check_many`, by elaborating it again in `check`, where compiling would cost more than it tells.
4. There Lean lists the axioms of exactly that theorem: propext, Quot.sound and Classical.choice may be among them.

A proof that fails is a wrong answer; it says nothing about its statement. What runs out of heartbeats (the unit of
`Budget.steps`, a thousand small allocations each), and what this reader or this Lean does not know, is undecided.

A payload may have a text `"prefix"`, tactics applied before: then the answer is what comes next, and the evidence
`{"rest": text}` completes the proof. A right prefix with goals left and no rest is undecided (no-evidence).
A payload may have a text `"goals"`, for prompts: nothing rests on it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from neurosym.core import (
    Budget,
    Checker,
    Claim,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Undecided,
    Verdict,
    canonical_json,
    digest,
)
from neurosym_oracles._kernels.lean_syntax import (
    TACTIC_WORDS,
    Forbidden,
    Header,
    Source,
    Unread,
    read_header,
    read_source,
)
from neurosym_oracles._lean import Message, Pool, program, run_file

AXIOMS = frozenset({"propext", "Quot.sound", "Classical.choice"})

DEFAULT_STEPS = 200_000
"""Lean's own default of `maxHeartbeats`."""

MOST_AT_ONCE = 500
"""Theorems that one process is given: more save little, and all of them are judged again where one breaks it."""

Read = TypeVar("Read")

_EITHER = frozenset(
    ["have", "let", "show", "calc", "match", "if", "suffices", "rfl", "trivial", "nofun", "nomatch", "{"]
)
"""What may begin a tactic block as well as a term."""

_EXHAUSTED = re.compile(r"\(deterministic\) timeout|maximum number of heartbeats")
_TOO_DEEP = re.compile(r"maximum recursion depth|excessive memory|out of memory|stack overflow", re.IGNORECASE)
_INTERNAL = re.compile(r"unknown free variable|[Uu]nknown constant [`']([^`']+)[`']")
"""What a tactic says whose library is not whole; of a constant, if the proof itself does not name it."""
_NO_PROPOSITION = re.compile(r"type of theorem [^ ]+ is not a proposition")
_UNREADABLE = re.compile(r"unknown tactic|unexpected ")
_NO_MODULE = re.compile(r"unknown (module|package)|object file .* does not exist")
_AXIOMS = re.compile(r"'([^'\n]+)' (?:does not depend on any axioms|depends on axioms:\s*\[([^\[\]]*)\])")
_BOUND = re.compile(r"∀ ([A-Za-z][A-Za-z0-9_]*(?: [A-Za-z][A-Za-z0-9_]*)*) : (Prop|Nat), (.*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d][\w'.]*")
_BINDING = frozenset([*"∀∃λ:|.", "∃!", "fun", "let", "have", "match", "show", ":=", "=>", "by", "forall", "exists"])


@dataclass(frozen=True)
class _Item:
    """A claim as a theorem: its place among the claims, its name, the forms that its proof may have, its words.

    `partial`: the proof may stop before its end without being wrong.
    """

    place: int
    name: str
    statement: str
    proofs: tuple[str, ...]
    names: frozenset[str]
    tactics: frozenset[str]
    partial: bool

    def theorem(self, form: int) -> list[str]:
        """Its lines. What is wrong with the statement is in lines 2 to `2 + statement lines + 1`."""
        statement = self.statement.split("\n")
        return [f"theorem _root_.{self.name} :", "(", *statement, ")", ":=", "(", *self.proofs[form].split("\n"), ")"]

    def restated(self) -> list[str]:
        """A theorem of the same statement that rests on the first, and a question for its axioms."""
        name = f"_root_.{self.name}_audit"
        statement = self.statement.split("\n")
        return [f"theorem {name} :", "(", *statement, ")", ":=", f"_root_.{self.name}", f"#print axioms {name}"]


class Lean4Checker(Checker):
    kind = "lean4"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        return _verdicts([(problem, claim)], budget, warm=True)[0]

    def check_many(self, claims: Sequence[tuple[Problem, Claim]], budget: Budget) -> list[Verdict]:
        """The verdicts on many claims, as `check` gives them, by a few processes for all of them."""
        return _verdicts(claims, budget, warm=False)

    def canonical(self, problem: Problem) -> bytes:
        """Equal for statements `∀ names : Prop, …` (or Nat) that differ in these names and their order only, where
        nothing else in them binds a name; otherwise for equal payloads only."""
        header, statement, prefix = _payload(problem)
        _header(header)
        stated = _problem_part(read_source, statement)
        if prefix:
            _problem_part(read_source, prefix)
        else:
            statement = _without_names(stated)
        return canonical_json([header, statement, prefix]).encode()

    def conclusion(self, answer: Json) -> str:
        if isinstance(answer, str):
            return "provable"
        raise MalformedAnswer("want a tactic block or a term as text")


def _payload(problem: Problem) -> tuple[str, str, str]:
    """Header, statement and prefix. Raises MalformedProblem."""
    payload = problem.payload
    known = {"header", "statement", "prefix", "goals"}
    if not isinstance(payload, Mapping) or not {"header", "statement"} <= payload.keys() <= known:
        raise MalformedProblem('want the payload {"header": text, "statement": text}')
    if not all(isinstance(part, str) for part in payload.values()):
        raise MalformedProblem("a part of the payload is not a text")
    return payload["header"], payload["statement"], payload.get("prefix", "")


def _problem_part(read: Callable[[str], Read], text: str) -> Read:
    try:
        return read(text)
    except Forbidden as error:
        raise MalformedProblem(str(error)) from None
    except Unread as error:
        raise Undecided(Reason.UNSUPPORTED, f"problem: {error}") from None


@lru_cache(maxsize=64)
def _header(text: str) -> Header:
    return _problem_part(read_header, text)


def _without_names(statement: Source) -> str:
    """A statement with its outermost variables named by their first occurrence, by marks that no identifier has."""
    match = _BOUND.fullmatch(statement.text)
    if match is None:
        return statement.text
    names, sort, body = match[1].split(" "), match[2], match[3]
    tokens = read_source(body).tokens
    dotted = {token.split(".")[0] for token in tokens if "." in token}
    if len(set(names)) < len(names) or _BINDING & set(tokens) or dotted & set(names):
        return statement.text
    order: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        return order.setdefault(found[0], f"${len(order) + 1}") if found[0] in names else found[0]

    return f"∀ {len(names)} : {sort}, {_WORD.sub(renamed, body)}"


def _item(place: int, problem: Problem, claim: Claim) -> tuple[str, _Item]:
    """A claim as a theorem, with the text of its header. Raises MalformedProblem, MalformedAnswer and Undecided."""
    header, statement, prefix = _payload(problem)
    before = _header(header)
    stated = _problem_part(read_source, statement)
    if not stated.tokens:
        raise MalformedProblem("no statement")
    applied = [_problem_part(read_source, prefix)] if prefix else []
    parts = [claim.answer]
    if prefix and claim.evidence is not None:
        if not isinstance(claim.evidence, dict) or not isinstance(claim.evidence.get("rest"), str):
            raise MalformedAnswer('want the evidence {"rest": text}')
        parts.append(claim.evidence["rest"])
    if not all(isinstance(part, str) for part in parts):
        raise MalformedAnswer("want a tactic block or a term as text")
    if claim.answer == "provable":
        raise Undecided(Reason.NO_EVIDENCE, "provable, without a proof")
    try:
        said = [read_source(part) for part in parts]
    except Forbidden as error:
        raise MalformedAnswer(str(error)) from None
    except Unread as error:
        raise Undecided(Reason.UNSUPPORTED, str(error)) from None
    if not said[0].tokens:
        raise MalformedAnswer("no proof")
    sources = [*applied, *said]
    proof = "\n".join(source.text.strip("\n") for source in sources)
    tokens = {token for source in sources for token in source.tokens}
    return header, _Item(
        place,
        f"neurosym_{digest(canonical_json([header, statement, prefix, parts]))}_{place}",
        _indented(stated.text.strip("\n")),
        tuple(_forms(proof, ["intro"] if prefix else said[0].tokens)),
        before.names.union(stated.names, *(source.names for source in sources)),
        frozenset(tokens & TACTIC_WORDS),
        bool(prefix) and len(parts) == 1,
    )


def _forms(proof: str, tokens: Sequence[str]) -> Iterable[str]:
    """The proof as a tactic block, as a term, or as both where its beginning does not tell."""
    first = next((token for token in tokens if token != "("), "")
    if first in TACTIC_WORDS | _EITHER or first in ("·", "."):
        yield f"by\n{_indented(proof)}"
    if first not in TACTIC_WORDS - _EITHER:
        yield _indented(proof)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _verdicts(claims: Sequence[tuple[Problem, Claim]], budget: Budget, warm: bool) -> list[Verdict]:
    found: dict[int, Verdict] = {}
    groups: dict[str, list[_Item]] = {}
    for place, (problem, claim) in enumerate(claims):
        try:
            header, item = _item(place, problem, claim)
            groups.setdefault(header, []).append(item)
        except MalformedProblem as error:
            found[place] = Verdict.malformed(f"problem: {error}")
        except MalformedAnswer as error:
            found[place] = Verdict.malformed(str(error))
        except Undecided as error:
            found[place] = Verdict.undecided(error.reason, error.detail)
        except (MemoryError, RecursionError) as error:
            found[place] = Verdict.undecided(Reason.MEMORY, type(error).__name__)
    for header, items in groups.items():
        judge = _Judge(_header(header), budget, warm)
        for start in range(0, len(items), MOST_AT_ONCE):
            found.update(judge.verdicts(items[start : start + MOST_AT_ONCE]))
    return [found[place] for place in range(len(claims))]


_POOL = Pool()
_ORDINARY: dict[tuple[str, ...], dict[str, bool]] = {}
"""For a Lean and the modules that it imports: whether a word is an identifier, neither keyword nor tactic."""


class _Judge:
    """Lean under one header and one budget."""

    def __init__(self, header: Header, budget: Budget, warm: bool) -> None:
        self._header = header
        self._budget = budget
        self._warm = warm
        self._steps = DEFAULT_STEPS if budget.steps is None else budget.steps

    def verdicts(self, items: Sequence[_Item]) -> dict[int, Verdict]:
        """The verdict on each item, by its place. Where Lean breaks on many, each half is judged alone."""
        try:
            if self._steps < 1:  # which to Lean would mean: without limit
                raise Undecided(Reason.TIMEOUT, "no heartbeats")
            return self._judged(items)
        except Undecided as error:
            if len(items) > 1 and error.reason is not Reason.TOOL_MISSING:
                half = len(items) // 2
                return self.verdicts(items[:half]) | self.verdicts(items[half:])
            return {item.place: Verdict.undecided(error.reason, error.detail) for item in items}
        except MalformedProblem as error:
            return {item.place: Verdict.malformed(f"problem: {error}") for item in items}

    def _judged(self, items: Sequence[_Item]) -> dict[int, Verdict]:
        found: dict[int, Verdict] = {}
        known = self._ordinary(frozenset().union(*(item.names for item in items)))
        for item in items:
            if odd := sorted(name for name in item.names if not known[name]):
                found[item.place] = Verdict.undecided(Reason.UNSUPPORTED, f"{odd[0]} is no ordinary name in this Lean")
        pending = [item for item in items if item.place not in found]
        with tempfile.TemporaryDirectory(prefix="neurosym-") as folder:
            compiled = None if self._warm else Path(folder, "neurosym_proofs.olean")
            failed = self._failed([(item, 0) for item in pending], compiled)
            passed = [(item, 0) for item in pending if item.place not in failed]
            again = [item for item in pending if item.place in failed and len(item.proofs) > 1]
            still = self._failed([(item, 1) for item in again])
            passed += [(item, 1) for item in again if item.place not in still]
            found |= failed
            if passed:
                if compiled and failed and self._failed(passed, compiled):
                    raise Undecided(Reason.TOOL_CRASHED, "Lean takes back what it accepted")
                found |= self._audited(passed, compiled)
        return found

    def _ordinary(self, names: frozenset[str]) -> dict[str, bool]:
        """Whether each name is an identifier where a binder wants one, and no tactic where a tactic may be."""
        known = _ORDINARY.setdefault((program(), *self._header.imports), {})
        asked = sorted(names - known.keys())
        if asked:
            lines = [f"import {module}" for module in self._header.imports]
            start = len(lines)
            for name in asked:
                lines += [f"example : ∀ {name} : Prop, {name} → {name} := fun {name} proof => proof"]
                lines += [f"example : True := by {name}"]
            messages = [message for message in self._run("words", lines) if message.severity == "error"]
            self._require_header(messages, start)
            wrong = {message.line for message in messages}
            unknown = {m.line for m in messages if m.text == "unknown tactic" and m.column in (21, 22)}
            for number, name in enumerate(asked):
                line = start + 2 * number + 1
                known[name] = line not in wrong and line + 1 in unknown
        return known

    def _require_header(self, errors: Iterable[Message], last: int) -> None:
        """Raises Undecided or MalformedProblem for an error up to the line `last`."""
        for message in errors:
            if message.line <= last:
                if _NO_MODULE.search(message.text):
                    raise Undecided(Reason.TOOL_MISSING, f"Lean: {message.text[:200]}")
                raise MalformedProblem(f"header: {message.text[:200]}")

    def _run(
        self, role: str, lines: Sequence[str], compiled: Path | None = None, folder: Path | None = None
    ) -> list[Message]:
        text, seconds = "".join(f"{line}\n" for line in lines), self._budget.seconds
        if self._warm:
            key = (role, *self._header.imports, self._header.body)
            return _POOL.messages(key, text, seconds, self._budget.memory_mb)
        many = max(1.0, len(lines) / 8)
        return run_file(text, seconds * many, self._budget.memory_mb, compiled=compiled, folder=folder)

    def _beginning(self, body: str, *modules: str) -> list[str]:
        imports = [f"import {module}" for module in (*self._header.imports, *modules)]
        return [*imports, *(body.split("\n") if body else ()), f"set_option maxHeartbeats {self._steps}"]

    def _failed(self, trials: Sequence[tuple[_Item, int]], compiled: Path | None = None) -> dict[int, Verdict]:
        """The verdicts on those of the theorems that Lean does not accept."""
        if not trials:
            return {}
        lines = self._beginning(self._header.body)
        start = len(lines)
        spans: list[tuple[_Item, int, int]] = []
        for item, form in trials:
            theorem = item.theorem(form)
            spans.append((item, len(lines) + 1, len(lines) + len(theorem)))
            lines += theorem
        errors = [message for message in self._run("proofs", lines, compiled) if message.severity == "error"]
        self._require_header(errors, start)
        found = {}
        for item, first, last in spans:
            mine = [m._replace(line=m.line - first) for m in errors if first <= m.line <= last]
            if mine:
                found[item.place] = self._blame(item, mine)
        if any(message.line > len(lines) for message in errors):
            raise Undecided(Reason.TOOL_CRASHED, "Lean speaks of lines that are not there")
        return found

    def _blame(self, item: _Item, errors: Sequence[Message]) -> Verdict:
        """The verdict on a theorem from the errors about its lines, counted from 0."""
        texts = [message.text for message in errors]
        for pattern, reason in ((_EXHAUSTED, Reason.TIMEOUT), (_TOO_DEEP, Reason.MEMORY)):
            if beyond := [text for text in texts if pattern.search(text)]:
                return Verdict.undecided(reason, f"Lean: {beyond[0][:200]}")
        stated = range(1, item.statement.count("\n") + 4)
        for message in errors:
            if message.line in stated or _NO_PROPOSITION.match(message.text):
                return Verdict.malformed(f"problem: statement: {message.text[:200]}")
        for text in texts:
            internal = _INTERNAL.search(text)
            if internal and (internal[1] is None or not any(internal[1] in proof for proof in item.proofs)):
                return Verdict.undecided(Reason.UNSUPPORTED, f"this Lean's library is not whole: {text[:200]}")
        if any(_UNREADABLE.match(text) for text in texts):
            known = self._ordinary(item.tactics)
            if missing := sorted(word for word in item.tactics if known[word]):
                return Verdict.undecided(Reason.UNSUPPORTED, f"this Lean has no tactic {missing[0]}")
        if item.partial and all(text.startswith("unsolved goals") for text in texts):
            return Verdict.undecided(Reason.NO_EVIDENCE, "goals are left, and nothing shows that they can be proved")
        return Verdict.wrong(f"Lean: {texts[0][:300]}")

    def _audited(self, passed: Sequence[tuple[_Item, int]], compiled: Path | None) -> dict[int, Verdict]:
        """Verdicts by another process, which sees only what passed. Raises Undecided."""
        if compiled:
            lines = self._beginning(self._header.context, compiled.stem)
        else:
            lines = self._beginning(self._header.body)
        places = []
        for item, form in passed:
            lines += [*(() if compiled else item.theorem(form)), *item.restated()]
            places.append((item, len(lines)))
        messages = self._run("audit", lines, folder=compiled.parent if compiled else None)
        if errors := [message.text for message in messages if message.severity == "error"]:
            raise Undecided(Reason.TOOL_CRASHED, f"the audit fails: {errors[0][:200]}")
        told: dict[int, list[Message]] = {}
        for message in messages:
            told.setdefault(message.line, []).append(message)
        return {item.place: _allowed(item, told.get(line, [])) for item, line in places}


def _allowed(item: _Item, told: Sequence[Message]) -> Verdict:
    """The one place where a proof is called correct: Lean told the axioms of its theorem, and each is allowed."""
    match = _AXIOMS.fullmatch(told[0].text) if len(told) == 1 and told[0].severity == "information" else None
    if match is None or match[1] != f"{item.name}_audit":
        return Verdict.undecided(Reason.TOOL_CRASHED, "Lean does not tell the axioms")
    axioms = {name.strip() for name in match[2].split(",")} if match[2] is not None else set()
    if not axioms <= AXIOMS:
        return Verdict.wrong(f"rests on the axioms {', '.join(sorted(axioms))}")
    return Verdict.correct(f"proved from {', '.join(sorted(axioms)) or 'no axioms'}")


PLUGINS = (Lean4Checker,)
