"""The nouns: Problem, Claim, Verdict, Oracle, Checker, Domain, Budget, Record, and streams of random numbers.

Contract: this file needs the standard library only and imports nothing of ours. Every value is frozen, every
value is plain JSON inside, and nothing here believes a solver: a `Claim` is what somebody says, and only a
`Checker` turns it into a `Verdict`.

Errors that carry meaning:
    MalformedAnswer     text or an answer is not of the form that the problem asks for
    MalformedProblem    a payload is not of the form that its kind asks for
    Undecided           a solver, a checker or a canonical form stopped without a result, and says why
A wrong answer is never an exception: it is data, and comes back as a `Verdict`.
"""

from __future__ import annotations

import hashlib
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

Json = Any
"""A JSON value without floats: None, bool, int, str, list or dict with string keys, nested."""

MAX_DEPTH = 200
"""Deepest nesting that a payload, answer or piece of evidence may have."""


class Status(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    MALFORMED = "malformed"
    UNDECIDED = "undecided"


class Trust(StrEnum):
    PROVED = "proved"  # evidence replayed by a checker that shares no code with the solver
    AGREED = "agreed"  # two independent solvers say the same
    ASSERTED = "asserted"  # one solver says so


class Reason(StrEnum):
    """Why a verdict is undecided: the closed list."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    UNSUPPORTED = "unsupported"
    NO_EVIDENCE = "no-evidence"
    TOOL_MISSING = "tool-missing"
    TOOL_CRASHED = "tool-crashed"
    DISAGREEMENT = "disagreement"  # two oracles contradict each other: neither is believed


class MalformedAnswer(ValueError):
    """An answer, or the text of one, is not of the form that the problem asks for."""


class MalformedProblem(ValueError):
    """A payload is not of the form that its kind asks for."""


class Undecided(Exception):
    """No result, for a reason from the closed list. Never a statement about the problem."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


def canonical_json(value: Json) -> str:
    """The one JSON text of `value`: sorted keys, no spaces, ASCII.

    Raises ValueError on a float (rounding would change an identity), a non-string key, half a surrogate pair, a value
    that is not JSON, or nesting deeper than `MAX_DEPTH`.
    """
    _require_json(value, MAX_DEPTH)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _require_json(value: Json, depth: int) -> None:
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is no text: UnicodeEncodeError is a ValueError
        return
    if value is None or isinstance(value, int):
        return
    if depth == 0:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, list | tuple):
        if set(map(type, value)) == {int}:  # literals of a model: most of what is in a lake
            return
        for item in value:
            _require_json(item, depth - 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"a key is not a string: {key!r}")
            _require_json(key, depth)
            _require_json(item, depth - 1)
    else:
        raise ValueError(f"not JSON without floats: {type(value).__name__}")


def exact_json(text: str | bytes) -> Json:
    """The value of a JSON text that says each thing once and exactly.

    Raises ValueError for what `json` refuses, and for a key that occurs twice, a float, NaN, nesting deeper than
    `MAX_DEPTH`, and half a surrogate pair.
    """
    try:
        value = json.loads(text, object_pairs_hook=_said_once, parse_float=_inexact, parse_constant=_inexact)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _require_json(value, MAX_DEPTH)
    return value


def _said_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _inexact(number: str) -> Json:
    raise ValueError(f'{number[:20]} is not exact: write integers, or text such as "1/2"')


def digest(text: str) -> str:
    """The first 128 bits of SHA-256 of `text`, as 32 hexadecimal digits: the form of every id."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def stream(*path: Json) -> random.Random:
    """The random stream of a path such as ("blocksworld", 1, knobs, seed, item).

    Streams come from hashing the path, so that neighbouring seeds and items share nothing.
    """
    return random.Random(int.from_bytes(hashlib.sha256(canonical_json(list(path)).encode()).digest()))


@dataclass(frozen=True)
class Problem:
    """A question in a formal language. `kind` names the language; `payload` is its text, as JSON."""

    domain: str
    kind: str
    payload: Mapping[str, Json]

    @cached_property
    def payload_json(self) -> str:
        """The canonical JSON text of the payload. Raises ValueError where it is not plain JSON."""
        return canonical_json(self.payload)

    @cached_property
    def id(self) -> str:
        """Hash of the problem's canonical bytes: equal for equal problems, whoever made them."""
        domain, kind = canonical_json(self.domain), canonical_json(self.kind)
        return digest(f'{{"domain":{domain},"kind":{kind},"payload":{self.payload_json}}}')


@dataclass(frozen=True)
class Budget:
    """How much effort a solver or checker may spend.

    `steps` counts the tool's own steps (conflicts, rlimit, evaluations; None: the tool's default), so that a
    verdict does not depend on how busy the machine is. `seconds` and `memory_mb` are guards only.
    """

    steps: int | None = None
    seconds: float = 60.0
    memory_mb: int = 2048


@dataclass(frozen=True)
class Claim:
    """What a solver or a model says, before anyone believes it.

    `metrics` holds what the solver tells of its work: counts in its own steps, never seconds (they would
    make two runs differ), and its unproved remarks.
    """

    answer: Json
    evidence: Json = None
    metrics: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a checker found. Compare `status`: a verdict is never true or false."""

    status: Status
    trust: Trust | None = None
    reason: Reason | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if (self.status is Status.UNDECIDED) != (self.reason is not None):
            raise ValueError("an undecided verdict, and no other, has a reason")
        if (self.status in (Status.CORRECT, Status.WRONG)) != (self.trust is not None):
            raise ValueError("a correct or wrong verdict, and no other, has a trust")

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is not a bool: compare verdict.status with Status.CORRECT")

    @property
    def proved(self) -> bool:
        """Correct, with evidence that a checker replayed: the only verdict that makes training data."""
        return self.status is Status.CORRECT and self.trust is Trust.PROVED

    @classmethod
    def correct(cls, detail: str = "", trust: Trust = Trust.PROVED) -> Verdict:
        return cls(Status.CORRECT, trust, None, detail)

    @classmethod
    def wrong(cls, detail: str = "", trust: Trust = Trust.PROVED) -> Verdict:
        return cls(Status.WRONG, trust, None, detail)

    @classmethod
    def malformed(cls, detail: str = "") -> Verdict:
        return cls(Status.MALFORMED, None, None, detail)

    @classmethod
    def undecided(cls, reason: Reason, detail: str = "") -> Verdict:
        return cls(Status.UNDECIDED, None, reason, detail)


class Oracle(ABC):
    """An untrusted solver of one kind of problem. Instances are made once a process and stay warm.

    `name` is what users type; `family` names the code base, because agreement counts only between families;
    `effort` names the entry of `Claim.metrics` that measures difficulty; `default` marks the kind's first choice;
    `audit_steps` is what it may spend on one record when it audits another oracle's labels.
    """

    name: ClassVar[str]
    kind: ClassVar[str]
    family: ClassVar[str]
    effort: ClassVar[str]
    default: ClassVar[bool] = False
    audit_steps: ClassVar[int | None] = None

    @abstractmethod
    def version(self) -> str:
        """The tool's version. Raises Undecided(TOOL_MISSING) with the line that installs it."""

    @abstractmethod
    def solve(self, problem: Problem, budget: Budget) -> Claim:
        """An answer with its evidence, the same for the same problem whatever was solved before.

        Raises Undecided (out of budget, unsupported, tool missing or crashed) or MalformedProblem.
        """

    def steps(self, problem: Problem, claim: Claim, budget: Budget) -> list[Mapping[str, Json]]:
        """Payloads of the problems "what comes next?" along a proved claim of this oracle; none where there are none.

        Nothing rests on them: the answer to each is claimed and checked like any other. Raises Undecided.
        """
        return []


class Checker(ABC):
    """The trusted judge of one kind. It shares no code with any solver of that kind."""

    kind: ClassVar[str]

    @abstractmethod
    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        """The verdict on a claim. Raises nothing: bad payloads, bad answers and bad evidence are verdicts."""

    def check_many(self, claims: Sequence[tuple[Problem, Claim]], budget: Budget) -> list[Verdict]:
        """The verdict that `check` has on each claim; `budget` is for each of them.

        For checkers whose tool takes longer to start than to check: they override it and start it once.
        """
        return [self.check(problem, claim, budget) for problem, claim in claims]

    @abstractmethod
    def canonical(self, problem: Problem) -> bytes:
        """The same bytes for isomorphic problems, different bytes for others.

        Raises MalformedProblem, or Undecided(UNSUPPORTED) where the problem is too large to canonise.
        """

    @abstractmethod
    def conclusion(self, answer: Json) -> str:
        """What an answer asserts of its problem ("sat", "unsat", "solvable", …): a word, not the witness.

        Two answers of different conclusions cannot both be right. Raises MalformedAnswer.
        """


@dataclass(frozen=True)
class Domain(ABC):
    """A task family. Knobs are the dataclass fields of the subclass, each with a default.

    A subclass raises ValueError in `__post_init__` for a knob out of range, naming the range.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    kind: ClassVar[str]

    prompt_style: str = "english"
    """english, formal, or mixed (one of the two by the problem's hash)."""

    def __post_init__(self) -> None:
        if self.prompt_style not in ("english", "formal", "mixed"):
            raise ValueError(f"prompt_style must be english, formal or mixed, not {self.prompt_style!r}")

    @abstractmethod
    def sample(self, rng: random.Random) -> Problem:
        """A problem drawn with `rng` alone. Raises ValueError where the knobs admit none."""

    @abstractmethod
    def english(self, problem: Problem) -> str:
        """The question in words."""

    @abstractmethod
    def formal(self, problem: Problem) -> str:
        """The question in the formal language of `kind`."""

    @abstractmethod
    def render(self, problem: Problem, answer: Json) -> str:
        """The text of an answer: what a model is trained to write."""

    @abstractmethod
    def parse(self, problem: Problem, text: str) -> Json:
        """The answer that a model's text states: the inverse of `render`, strict, bounded in size and time.

        Raises MalformedAnswer, naming what is wrong with the text.
        """

    def prompt(self, problem: Problem) -> str:
        """The question put to a model, in the style chosen by the knob `prompt_style`."""
        english = self.prompt_style == "english" or (self.prompt_style == "mixed" and int(problem.id[-1], 16) % 2)
        return self.english(problem) if english else self.formal(problem)

    def claimed(self, problem: Problem, claim: Claim) -> Claim:
        """What of an oracle's claim this family asks for: the claim as it is, unless the family asks for more.

        A family of shortest plans claims that a planner's plan is optimal, where the planner says so in its metrics.
        """
        return claim

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """The problem and a claim of it under a renaming drawn with `rng`: other bytes, the same canonical form.

        None where this family knows no renaming. Nothing rests on it: whoever trains on the new pair checks it again.
        """
        return None

    def knobs(self) -> dict[str, Json]:
        """Every knob by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def problem(self, payload: Mapping[str, Json]) -> Problem:
        """A problem of this domain and kind."""
        return Problem(self.name, self.kind, payload)


@dataclass(frozen=True)
class Record:
    """One row of a lake: a problem, its prompt, the claim made of it, and what the checker found."""

    problem: Problem
    prompt: str
    completion: str
    claim: Claim
    verdict: Verdict
    canonical_id: str
    oracle: str
    oracle_version: str
    seed_path: str
    difficulty: int | None = None
