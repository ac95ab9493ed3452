"""Models that are no language models, to hold one against: the oracle, chance, and the most frequent answer.

Contract: unlike a language model they read the record's problem, and never its claim or completion.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from neurosym import registry
from neurosym.core import Budget, Json, MalformedAnswer, Oracle, Problem, Record, Undecided, stream
from neurosym.errors import UsageError
from neurosym.lake import Lake
from neurosym.models import Output, Sampling

Answers = Iterator[tuple[int, tuple[Output, ...]]]

_domain = cache(registry.domain)


class OracleModel:
    """The oracle that `name` names, or each kind's default one: what a model is measured against.

    Its answers go to the judge as text like everybody's, and bring no evidence. Raises UsageError for an unknown
    oracle, and in `answer` for one of another kind or whose tool is missing.
    """

    def __init__(self, name: str = "") -> None:
        if name:
            registry.oracle(name)
        self.name = f"oracle:{name}" if name else "oracle"
        self._chosen = name

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Answers:
        for place, record in enumerate(records):
            output = _solved(self._oracle(record.problem.kind), record.problem)
            share = replace(output, seconds=output.seconds / sampling.samples)
            yield place, (share,) * sampling.samples

    def _oracle(self, kind: str) -> Oracle:
        oracle = registry.oracle(self._chosen or registry.default_oracle(kind))
        if oracle.kind != kind:
            raise UsageError(f"oracle {oracle.name!r} does not solve {kind}: use {', '.join(registry.oracles(kind))}")
        try:
            oracle.version()
        except Undecided as error:
            raise UsageError(error.detail) from None
        return oracle


def _solved(oracle: Oracle, problem: Problem) -> Output:
    """The oracle's answer as text, or why there is none."""
    start = time.perf_counter()
    domain = _domain(problem.domain)
    try:
        claim = domain.claimed(problem, oracle.solve(problem, Budget()))
        text, error = domain.render(problem, claim.answer), ""
    except Exception as cause:  # an oracle that breaks is a fact about the oracle
        text, error = "", f"{type(cause).__name__}: {cause}"[:500]
    return Output(text, seconds=time.perf_counter() - start, error=error)


class RandomAnswer:
    """An answer drawn at random from those of the right form: what chance proves.

    For `cnf` a coin says unsat, or else every variable gets a truth value by a coin of its own; where the domain has no
    text for that, one literal of each clause without negations is true, and no other variable. For `pddl` up to ten
    actions of the domain with objects of the problem. For `smtlib2` a value for each constant: integers from -9 to 9.
    Other kinds get no answer. The stream is hashed from (seed, record id, sample number).
    """

    name = "random"

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Answers:
        for place, record in enumerate(records):
            streams = (stream("random-answer", sampling.seed, record.problem.id, n) for n in range(sampling.samples))
            yield place, tuple(_drawn(record.problem, rng) for rng in streams)


def _drawn(problem: Problem, rng: random.Random) -> Output:
    domain = _domain(problem.domain)
    for answer in _FORMS[problem.kind](problem, rng) if problem.kind in _FORMS else ():
        try:
            return Output(domain.render(problem, answer))
        except MalformedAnswer:
            continue
    return Output("", error=f"no random answers of the form that {domain.name} asks for")


_HEADER = re.compile(r"^p\s+cnf\s+([0-9]+)\s+[0-9]+", re.MULTILINE)


def _truth_values(problem: Problem, rng: random.Random) -> Iterator[Json]:
    if rng.random() < 0.5:
        yield "unsat"
    header = _HEADER.search(problem.payload["dimacs"])
    if header is None:
        return
    variables = range(1, int(header[1]) + 1)
    yield {"sat": [rng.choice((variable, -variable)) for variable in variables]}
    body = problem.payload["dimacs"][header.end() :]
    clauses = [clause.split() for clause in re.split(r"\s0\s", body)]
    true = {int(rng.choice(clause)) for clause in clauses if clause and all(map(str.isdecimal, clause))}
    yield {"sat": [variable if variable in true else -variable for variable in variables]}


_ACTION = re.compile(r"\(:action\s+([^\s()]+)\s+:parameters\s*\(([^()]*)\)", re.IGNORECASE)
_OBJECTS = re.compile(r"\(:objects\s([^()]*)\)", re.IGNORECASE)


def _plan(problem: Problem, rng: random.Random) -> Iterator[Json]:
    actions = [(name, parameters.count("?")) for name, parameters in _ACTION.findall(problem.payload["domain"])]
    listed = _OBJECTS.search(problem.payload["problem"])
    objects = re.sub(r"-\s+\S+", "", listed[1]).split() if listed else []
    possible = [(name, arity) for name, arity in actions if objects or not arity]
    if possible:
        steps = (rng.choice(possible) for _ in range(rng.randint(1, 10)))
        plan = "\n".join(f"({' '.join([name, *rng.choices(objects or [''], k=arity)])})" for name, arity in steps)
        yield plan
        yield {"plan": plan, "optimal": True}


_CONSTANT = re.compile(r"\(declare-(?:const\s+(\S+)|fun\s+(\S+)\s+\(\s*\))\s+(Int|Real|Bool|\(_\s+BitVec\s+(\d+)\))")


def _values(problem: Problem, rng: random.Random) -> Iterator[Json]:
    values: dict[str, Json] = {}
    for constant, function, sort, width in _CONSTANT.findall(problem.payload["script"]):
        values[constant or function] = (
            rng.random() < 0.5 if sort == "Bool"
            else f"#b{rng.getrandbits(int(width)):0{width}b}" if width
            else rng.randint(-9, 9)
        )  # fmt: skip
    yield {"sat": values}


_FORMS: dict[str, Callable[[Problem, random.Random], Iterator[Json]]] = {
    "cnf": _truth_values,
    "pddl": _plan,
    "smtlib2": _values,
}


class MajorityAnswer:
    """The most frequent completion of each domain in a lake's training split: what knowing no problem proves.

    Its validity on the training split is that completion's share, `shares[domain]`. Of several equally frequent ones
    it is the first by the alphabet. Raises UsageError where the training split is empty.
    """

    name = "majority"

    def __init__(self, lake: Lake) -> None:
        found: dict[str, Counter[str]] = {}
        for entry in lake.files(split="train"):
            completions = lake.table(entry["path"], ["completion"])["completion"].to_pylist()
            found.setdefault(entry["domain"], Counter()).update(messages[0]["content"] for messages in completions)
        if not found:
            raise UsageError(f"{lake.location} has no training split to take the most frequent answer from")
        best = {domain: min(counts.items(), key=lambda each: (-each[1], each[0])) for domain, counts in found.items()}
        self._texts = {domain: text for domain, (text, _) in best.items()}
        self.shares = {domain: count / found[domain].total() for domain, (_, count) in best.items()}

    def answer(self, records: Sequence[Record], sampling: Sampling) -> Answers:
        for place, record in enumerate(records):
            domain = record.problem.domain
            text = self._texts.get(domain)
            output = Output("", error=f"no training record of {domain}") if text is None else Output(text)
            yield place, (output,) * sampling.samples
