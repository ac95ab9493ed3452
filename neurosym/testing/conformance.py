"""The conformance suite: `check_domain`, `check_oracle` and `check_checker`. The rules are in `neurosym.testing.trial`.

Contract: each raises `Violation`, an AssertionError, at the first broken rule, with the seed path that shows it again,
and returns a `ConformanceReport` otherwise. Truth never comes from the checker under test: a right claim is what an
oracle says *and* the checker proves, a lie is certain by its making or judged by an independent reference.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TypeVar

from neurosym import registry
from neurosym.core import (
    Budget,
    Checker,
    Claim,
    Domain,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Oracle,
    Problem,
    Reason,
    Status,
    Undecided,
    Verdict,
    canonical_json,
    digest,
    stream,
)
from neurosym.testing.elsewhere import NotPortable, elsewhere
from neurosym.testing.junk import JUNK, broken_payloads, broken_texts, nested_brackets, not_answers
from neurosym.testing.lies import LANGUAGES, holds, lies
from neurosym.testing.trial import ConformanceReport, Rule, Trial, quickest, shown

Result = TypeVar("Result")

UNCERTAIN = 6
"""Uncertain lies judged for each problem: the references are slow."""

LIMIT = 0.05
"""Seconds to refuse a megabyte."""


def check_domain(
    domain: Domain, samples: int = 20, seed: int = 0, oracle: Oracle | str = "", checker: Checker | None = None
) -> ConformanceReport:
    """Put a domain through the suite with `samples` problems, solved by `oracle` and judged by `checker`.

    They are the installed ones of the domain's kind unless given. Raises Violation for the first broken rule.
    """
    trial = Trial(f"domain {domain.name}")
    judge = checker or registry.checker(domain.kind)
    solver = _oracle(oracle or registry.default_oracle(domain.kind))
    paths = [[domain.name, domain.version, domain.knobs(), "conformance", seed, item] for item in range(samples)]
    _check_knobs(trial, domain)
    problems: list[Problem] = []
    claims: list[Claim | None] = []
    changed: set[bool | None] = set()
    for path in paths:
        trial.where = f"seed path {canonical_json(path)}"
        problem = trial.call(Rule.ERRORS, "sample", domain.sample, stream(*path))
        _check_problem(trial, domain, problem, path)
        problems.append(problem)
        claim = _check_gold(trial, domain, problem, solver, judge, stream(*path, "lies"))
        claims.append(claim)
        _check_canonical(trial, judge, problem, stream(*path, "copies"))
        if claim is not None:
            changed |= {_check_renamed(trial, domain, judge, problem, claim, [*path, "renamed", n]) for n in range(3)}
    trial.where = f"seed {seed}"
    distinct = len({problem.id for problem in problems})
    trial.require(Rule.VARIED, distinct > 1 or samples < 10, f"{samples} samples are one problem")
    proved = any(claim is not None for claim in claims)
    trial.require(Rule.GOLD, proved, f"no sample was solved and proved: {'; '.join(trial.notes) or 'no samples'}")
    trial.require(Rule.RENAMED, changed <= {None} or True in changed, "no renaming changes a byte of its problem")
    here = _fingerprints(domain, paths, claims)
    there = _there(trial, Rule.SAME_BYTES, _fingerprints, domain, paths, claims) or here
    for path, one, other in zip(paths, here, there, strict=True):
        trial.where = f"seed path {canonical_json(path)}"
        trial.require(Rule.SAME_BYTES, one == other, "another process with another PYTHONHASHSEED writes other bytes")
    return trial.report()


def _oracle(oracle: Oracle | str) -> Oracle:
    return registry.oracle(oracle) if isinstance(oracle, str) else oracle


def _check_knobs(trial: Trial, domain: Domain) -> None:
    knobs = domain.knobs()
    trial.call(Rule.KNOBS, "canonical_json of the knobs", canonical_json, knobs)
    for item in fields(domain):
        whole = type(knobs[item.name]) is int or "int" in str(item.type).split(" | ")
        for value in (-(10**18), 10**18) if whole else ():
            _check_refused(trial, domain, item.name, value)
    _check_refused(trial, domain, "prompt_style", "no such style")


def _check_refused(trial: Trial, domain: Domain, knob: str, value: Json) -> None:
    what = f"{knob}={value}"
    outcome = trial.attempt((ValueError,), Rule.KNOBS, what, lambda: replace(domain, **{knob: value}))
    trial.require(Rule.KNOBS, isinstance(outcome, ValueError) and bool(str(outcome)), f"{what} is accepted")


def _check_problem(trial: Trial, domain: Domain, problem: Problem, path: Sequence[Json]) -> None:
    """What holds of a sample before it is solved."""
    text = trial.call(Rule.PAYLOAD, "canonical_json of the payload", canonical_json, problem.payload)
    again = trial.call(Rule.ERRORS, "sample", domain.sample, stream(*path))
    trial.require(Rule.SAME_BYTES, again == problem, f"another sample gives {shown(again)}, not {shown(problem)}")
    stored = Problem(problem.domain, problem.kind, json.loads(text))
    trial.require(Rule.IDENTITY, stored == problem and stored.id == problem.id, "changed by JSON and back")
    ours = (problem.domain, problem.kind) == (domain.name, domain.kind)
    trial.require(Rule.IDENTITY, ours, f"domain {problem.domain}, kind {problem.kind}")
    prompts = []
    for style in ("english", "formal", "mixed"):
        asked = replace(domain, prompt_style=style)
        prompt = trial.call(Rule.ERRORS, f"the {style} prompt", asked.prompt, problem)
        trial.require(Rule.PROMPT, isinstance(prompt, str), f"the {style} prompt is {shown(prompt)}")
        trial.require(Rule.PROMPT, bool(prompt.strip()) and "\0" not in prompt, f"the {style} prompt is {prompt!r}")
        trial.call(Rule.PROMPT, f"UTF-8 of the {style} prompt", str.encode, prompt)
        same = trial.call(Rule.ERRORS, f"the {style} prompt", asked.prompt, stored) == prompt
        trial.require(Rule.SAME_BYTES, same, f"the {style} prompt differs when asked again")
        prompts.append(prompt)
    trial.require(Rule.PROMPT, prompts[2] in prompts[:2], "the mixed prompt is neither the english nor the formal one")


def _check_gold(
    trial: Trial, domain: Domain, problem: Problem, solver: Oracle, judge: Checker, rng: random.Random
) -> Claim | None:
    """The claim that was proved, after all that follows from it; None where there is none."""
    claim = trial.attempt((Undecided,), Rule.ERRORS, "the oracle", solver.solve, problem, Budget())
    if isinstance(claim, Undecided):
        trial.notes[f"not solved: {claim}"] += 1
        return None
    claim = trial.call(Rule.ERRORS, "claimed", domain.claimed, problem, claim)
    verdict = _verdict(trial, judge, problem, claim)
    said = f"the oracle's {shown(claim.answer)} is {verdict.status}: {verdict.detail}"
    trial.require(Rule.GOLD, verdict.status in (Status.CORRECT, Status.UNDECIDED), said)
    if not verdict.proved:
        trial.notes[f"not proved: {verdict.reason or verdict.trust}"] += 1
        return None
    _check_lies(trial, judge, problem, claim, rng)
    _check_text(trial, domain, problem, claim, judge, rng)
    return claim


def _verdict(trial: Trial, judge: Checker, problem: Problem, claim: Claim) -> Verdict:
    what = f"check of {shown(claim.answer)} with evidence {shown(claim.evidence)}"
    verdict = trial.call(Rule.ERRORS, what, judge.check, problem, claim, Budget())
    trial.require(Rule.ERRORS, isinstance(verdict, Verdict), f"{what} returned {shown(verdict)}")
    return verdict


def _check_lies(trial: Trial, judge: Checker, problem: Problem, claim: Claim, rng: random.Random) -> None:
    """Each certain lie, and some of the uncertain ones as far as a reference knows their truth."""
    planted = list(lies(problem, claim, rng))
    if not planted:
        trial.notes[f"lies: none are known for kind {problem.kind}"] += 1
    uncertain = [lie for lie in planted if not lie.certain]
    for lie in [lie for lie in planted if lie.certain]:
        _check_truth(trial, judge, problem, lie.claim, lie.name, False)
    for lie in rng.sample(uncertain, min(UNCERTAIN, len(uncertain))):
        _check_truth(trial, judge, problem, lie.claim, lie.name, holds(problem, lie.claim))


def _check_truth(trial: Trial, judge: Checker, problem: Problem, claim: Claim, name: str, truth: bool | None) -> None:
    """A claim whose truth is known to be `truth` must not be called the contrary."""
    status = _verdict(trial, judge, problem, claim).status
    said = f"{name}: {shown(claim.answer)} with evidence {shown(claim.evidence)} is {status}"
    if truth is None:
        trial.notes["claims whose truth no reference knows"] += 1
    elif truth:
        trial.require(Rule.RIGHT, status in (Status.CORRECT, Status.UNDECIDED), said)
    else:
        trial.require(Rule.LIES, status is not Status.CORRECT, said)


def _check_text(
    trial: Trial, domain: Domain, problem: Problem, claim: Claim, judge: Checker, rng: random.Random
) -> None:
    """Rendering and parsing of a right answer, and of texts that are none."""
    text = _check_round_trip(trial, domain, problem, claim.answer)
    for name, junk in not_answers(text):
        parsed = trial.attempt((MalformedAnswer,), Rule.ERRORS, f"parse of {name}", domain.parse, problem, junk)
        refused = isinstance(parsed, MalformedAnswer)
        trial.require(Rule.STRICT, refused, f"parse takes {name} for an answer: {shown(junk)} gives {shown(parsed)}")
    for broken in ["", " \n", *broken_texts(text, rng)]:
        what = f"parse of {shown(broken)}"
        parsed = trial.attempt((MalformedAnswer,), Rule.ERRORS, what, domain.parse, problem, broken)
        if isinstance(parsed, MalformedAnswer):
            continue
        rendered = _check_round_trip(trial, domain, problem, parsed)
        empty = not broken.strip() and bool(rendered.strip())
        trial.require(Rule.STRICT, not empty, f"parse takes empty text for the answer {shown(parsed)}")
        if not _same(parsed, claim.answer):
            stated = Claim(parsed, claim.evidence)
            _check_truth(trial, judge, problem, stated, f"text {shown(broken)}", holds(problem, stated))
    for junk in nested_brackets():
        parse = partial(
            trial.attempt, (MalformedAnswer,), Rule.ERRORS, f"parse of {shown(junk)}", domain.parse, problem, junk
        )
        trial.require(Rule.STRICT, isinstance(parse(), MalformedAnswer), f"parse takes {shown(junk)} for an answer")
        seconds = quickest(parse)
        trial.require(Rule.BOUNDED, seconds < LIMIT, f"{shown(junk)} takes parse {1000 * seconds:.0f} ms")


def _check_round_trip(trial: Trial, domain: Domain, problem: Problem, answer: Json) -> str:
    """The text of an answer, from which the answer comes back."""
    text = trial.call(Rule.ROUND_TRIP, f"render of {shown(answer)}", domain.render, problem, answer)
    trial.require(Rule.ROUND_TRIP, isinstance(text, str), f"render gives {shown(text)}")
    back = trial.call(Rule.ROUND_TRIP, f"parse of {shown(text)}", domain.parse, problem, text)
    trial.require(Rule.ROUND_TRIP, _same(back, answer), f"{shown(answer)} comes back as {shown(back)}")
    return text


def _same(one: Json, other: Json) -> bool:
    """Equal as JSON: True is not 1."""
    try:
        return canonical_json(one) == canonical_json(other)
    except ValueError:
        return False


def _canonical(trial: Trial, judge: Checker, problem: Problem) -> bytes | None:
    form = trial.attempt((Undecided,), Rule.ERRORS, "canonical", judge.canonical, problem)
    if isinstance(form, Undecided):
        trial.notes[f"no canonical form: {form.reason}"] += 1
        return None
    trial.require(Rule.ISOMORPHIC, isinstance(form, bytes), f"canonical gives {shown(form)}")
    return form


def _check_canonical(trial: Trial, judge: Checker, problem: Problem, rng: random.Random) -> None:
    form = _canonical(trial, judge, problem)
    language = LANGUAGES.get(problem.kind)
    if form is None or language is None:
        return
    for _ in range(2):
        copy = language.copy(problem, rng)
        if copy is None:
            trial.notes["no isomorphic copy could be made"] += 1
            continue
        same = _canonical(trial, judge, copy) == form
        trial.require(Rule.ISOMORPHIC, same, f"{shown(problem.payload)} and its copy {shown(copy.payload)} differ")
    for variant in language.variants(problem, rng):
        other = _canonical(trial, judge, variant) != form
        trial.require(Rule.DISTINCT, other, f"{shown(problem.payload)} and {shown(variant.payload)} are alike")


def _check_renamed(
    trial: Trial, domain: Domain, judge: Checker, problem: Problem, claim: Claim, path: Sequence[Json]
) -> bool | None:
    """Whether a renaming differs from its problem; None where the domain knows none of this claim."""
    given = trial.call(Rule.JSON, "canonical_json of the claim", _written, (problem, claim))
    renamed = trial.call(Rule.RENAMED, "renamed", domain.renamed, problem, claim, stream(*path))
    again = trial.call(Rule.RENAMED, "renamed", domain.renamed, problem, claim, stream(*path))
    trial.require(Rule.RENAMED, _written((problem, claim)) == given, "renamed changes the problem or the claim")
    trial.require(Rule.RENAMED, again == renamed, f"the same stream gives {shown(again)}, not {shown(renamed)}")
    if renamed is None:
        trial.notes[f"no renaming is known of a claim of {judge.conclusion(claim.answer)!r}"] += 1
        return None
    trial.call(Rule.JSON, "canonical_json of the renamed claim", _written, renamed)
    copy, told = renamed
    verdict = _verdict(trial, judge, copy, told)
    said = f"{shown(claim.answer)} of {shown(problem.payload)} becomes {shown(told.answer)} of {shown(copy.payload)}"
    trial.require(Rule.RENAMED, verdict.proved, f"{said}, which is {verdict.status}: {verdict.detail}")
    same = _canonical(trial, judge, copy) == _canonical(trial, judge, problem)
    trial.require(Rule.RENAMED, same, f"{said}, of another canonical form")
    ours = (copy.domain, copy.kind) == (domain.name, domain.kind)
    trial.require(Rule.IDENTITY, ours, f"renamed: domain {copy.domain}, kind {copy.kind}")
    for style, ask in (("english", domain.english), ("formal", domain.formal)):
        trial.call(Rule.RENAMED, f"the {style} prompt of {shown(copy.payload)}", ask, copy)
    _check_round_trip(trial, domain, copy, told.answer)
    return copy != problem


def _written(pair: tuple[Problem, Claim] | None) -> str:
    """Every byte of a problem and a claim; "" for none."""
    if pair is None:
        return ""
    problem, claim = pair
    return canonical_json([problem.domain, problem.kind, problem.payload, claim.answer, claim.evidence, claim.metrics])


def _fingerprints(domain: Domain, paths: Sequence[Sequence[Json]], claims: Sequence[Claim | None]) -> list[list[str]]:
    """What a domain writes for each path: its problem, both prompts, the text of the answer, a renaming."""
    found = []
    for path, claim in zip(paths, claims, strict=True):
        problem = domain.sample(stream(*path))
        texts = [canonical_json(problem.payload), domain.english(problem), domain.formal(problem)]
        if claim is not None:
            renamed = domain.renamed(problem, claim, stream(*path, "renamed", 0))
            texts += [domain.render(problem, claim.answer), _written(renamed)]
        found.append([digest(text) for text in texts])
    return found


def _there(trial: Trial, rule: Rule, function: Callable[..., list[Result]], *arguments: Json) -> list[Result] | None:
    """What a function returns in another process, None where it cannot be loaded there."""
    try:
        return list(elsewhere(function, *arguments))
    except NotPortable as error:
        trial.notes[f"not tried in another process: {error}"] += 1
    except RuntimeError as error:
        trial.require(rule, False, f"fails in another process: {error}")
    return None


def check_oracle(
    oracle: Oracle | str, problems: Iterable[Problem], checker: Checker | None = None
) -> ConformanceReport:
    """Put an oracle through the suite with problems of its kind. Raises Violation for the first broken rule.

    A problem that it leaves undecided is fine, as is a claim that the checker leaves undecided.
    """
    solver = _oracle(oracle)
    trial = Trial(f"oracle {solver.name}")
    judge = checker or registry.checker(solver.kind)
    asked = list(problems)
    version = trial.attempt((Undecided,), Rule.ERRORS, "version", solver.version)
    trial.require(Rule.CLAIM, isinstance(version, str) and bool(version), f"it cannot run: {version}")
    told = [_solve(trial, solver, problem, Budget()) for problem in asked]
    pairs = list(zip(asked, told, strict=True))
    for problem, said in pairs:
        trial.where = f"problem {problem.id} {shown(problem.payload)}"
        _check_claim(trial, solver, judge, problem, said)
    for problem, said in pairs[::-1]:
        trial.where = f"problem {problem.id} {shown(problem.payload)}"
        again = _solve(trial, solver, problem, Budget())
        trial.require(Rule.SAME_CLAIM, again == said, f"after other problems {shown(again)}, before {shown(said)}")
    for payload in broken_payloads(asked[0].payload if asked else {}):
        broken = Problem("", solver.kind, payload)
        trial.where = f"payload {shown(payload)}"
        outcome = _solve(trial, solver, broken, Budget(seconds=10))
        if isinstance(outcome, Claim):
            wrong = _verdict(trial, judge, broken, outcome).status is Status.WRONG
            trial.require(Rule.CLAIM, not wrong, f"{shown(outcome.answer)} is wrong")
    for problem, said in pairs[:5]:
        trial.where = f"problem {problem.id} {shown(problem.payload)}"
        _check_budget(trial, solver, judge, problem, said)
    registered = solver.name in registry.oracles(solver.kind)
    there = _there(trial, Rule.SAME_CLAIM, _claims, solver.name if registered else type(solver), asked[:10]) or told
    for (problem, one), other in zip(pairs, there, strict=False):
        trial.where = f"problem {problem.id} {shown(problem.payload)}"
        trial.require(Rule.SAME_CLAIM, one == other, f"another process gets {shown(other)}, this one {shown(one)}")
    return trial.report()


def _solve(trial: Trial, solver: Oracle, problem: Problem, budget: Budget) -> Claim | str:
    """The oracle's claim, or the text of its error."""
    errors = (Undecided, MalformedProblem)
    outcome = trial.attempt(errors, Rule.ERRORS, "solve", solver.solve, problem, budget)
    return outcome if isinstance(outcome, Claim) else f"{type(outcome).__name__}: {outcome}"


def _claims(oracle: str | type[Oracle], problems: Sequence[Problem]) -> list[Claim | str]:
    solver = _oracle(oracle if isinstance(oracle, str) else oracle())
    return [_solve(Trial(solver.name), solver, problem, Budget()) for problem in problems]


def _check_claim(trial: Trial, solver: Oracle, judge: Checker, problem: Problem, said: Claim | str) -> None:
    if isinstance(said, str):
        trial.require(Rule.CLAIM, said.startswith("Undecided"), said)
        trial.notes[f"not solved: {said}"] += 1
        return
    for part, value in (("answer", said.answer), ("evidence", said.evidence), ("metrics", said.metrics)):
        text = trial.call(Rule.JSON, f"canonical_json of the {part}", canonical_json, value)
        trial.require(Rule.JSON, json.loads(text) == value, f"the {part} {shown(value)} is changed by JSON and back")
    effort = said.metrics.get(solver.effort, 0)
    trial.require(Rule.JSON, type(effort) is int and effort >= 0, f"{solver.effort} is {shown(effort)}, not a count")
    verdict = _verdict(trial, judge, problem, said)
    believed = verdict.status in (Status.CORRECT, Status.UNDECIDED)
    trial.require(Rule.CLAIM, believed, f"{shown(said.answer)} is {verdict.status}: {verdict.detail}")
    trial.notes["claims proved" if verdict.proved else f"not proved: {verdict.reason or verdict.trust}"] += 1


def _check_budget(trial: Trial, solver: Oracle, judge: Checker, problem: Problem, said: Claim | str) -> None:
    """Hardly any steps, time or memory: a claim made all the same must be as good as one made with enough."""
    for budget in (Budget(steps=0), Budget(steps=1), Budget(seconds=1e-6), Budget(seconds=2, memory_mb=1)):
        hurried = _solve(trial, solver, problem, budget)
        if isinstance(hurried, str):
            trial.require(Rule.BUDGET, hurried.startswith("Undecided"), f"with {budget}: {hurried}")
            continue
        status = _verdict(trial, judge, problem, hurried).status
        agrees = not isinstance(said, Claim) or judge.conclusion(hurried.answer) == judge.conclusion(said.answer)
        fine = status is Status.CORRECT or (status is Status.UNDECIDED and agrees)
        trial.require(Rule.BUDGET, fine, f"with {budget} it says {shown(hurried.answer)}, which is {status}")
    again = _solve(trial, solver, problem, Budget())
    trial.require(Rule.SAME_CLAIM, again == said, f"after a small budget {shown(again)}, before {shown(said)}")


def check_checker(kind: str | Checker, problem: Problem, claim: Claim, seed: int = 0) -> ConformanceReport:
    """Put the checker of a kind, or a checker, through the suite with a right claim of a problem.

    Raises Violation for the first broken rule.
    """
    judge = registry.checker(kind) if isinstance(kind, str) else kind
    trial = Trial(f"checker of kind {judge.kind}")
    rng = stream("conformance", judge.kind, seed)
    trial.where = f"seed {seed}, problem {shown(problem.payload)}"
    gold = _verdict(trial, judge, problem, claim)
    trial.require(Rule.GOLD, gold.proved, f"{shown(claim.answer)} is {gold.status}: {gold.detail}")
    again = _verdict(trial, judge, problem, claim)
    trial.require(Rule.SAME_VERDICT, again == gold, f"asked again it says {again}, before {gold}")
    _check_bare(trial, judge, problem, claim)
    _check_lies(trial, judge, problem, claim, rng)
    _check_canonical(trial, judge, problem, rng)
    _check_junk(trial, judge, problem, claim, rng)
    _check_broken_problems(trial, judge, problem, claim, rng)
    return trial.report()


def _check_bare(trial: Trial, judge: Checker, problem: Problem, claim: Claim) -> None:
    """Words such as "unsat" without evidence."""
    language = LANGUAGES.get(judge.kind)
    concluded = trial.call(Rule.ERRORS, "conclusion", judge.conclusion, claim.answer)
    trial.require(Rule.BARE, isinstance(concluded, str) and bool(concluded), f"conclusion gives {shown(concluded)}")
    words = language.conclusions if language else ()
    proof_needless = {claim.answer} if claim.evidence is None and isinstance(claim.answer, str) else set()
    for word in sorted({concluded, *words} - proof_needless):
        verdict = _verdict(trial, judge, problem, Claim(word))
        unshown = verdict.status is Status.MALFORMED or verdict.reason is Reason.NO_EVIDENCE
        trial.require(Rule.BARE, unshown, f"the bare word {word!r} is {verdict.status}: {verdict.detail}")
    for word in words:
        same = trial.call(Rule.ERRORS, f"conclusion of {word!r}", judge.conclusion, word) == word
        trial.require(Rule.BARE, same, f"conclusion({word!r}) is another word")


def _check_junk(trial: Trial, judge: Checker, problem: Problem, claim: Claim, rng: random.Random) -> None:
    """Values of every shape as answer and as evidence."""
    shown_by_evidence = _verdict(trial, judge, problem, Claim(claim.answer)).status is not Status.CORRECT
    for junk in [*JUNK, *nested_brackets()]:
        as_answer = _verdict(trial, judge, problem, Claim(junk, claim.evidence))
        both = _verdict(trial, judge, problem, Claim(junk, junk))
        as_evidence = _verdict(trial, judge, problem, Claim(claim.answer, junk))
        if junk != "":  # the plan for a goal that is reached from the start
            believed = Status.CORRECT in (as_answer.status, both.status)
            trial.require(Rule.JUNK, not believed, f"the answer {shown(junk)} is correct")
        if shown_by_evidence:
            believed = as_evidence.status is Status.CORRECT
            trial.require(Rule.JUNK, not believed, f"the evidence {shown(junk)} shows {shown(claim.answer)}")
        trial.attempt((MalformedAnswer,), Rule.ERRORS, f"conclusion of {shown(junk)}", judge.conclusion, junk)
    for junk in nested_brackets():
        seconds = quickest(partial(judge.check, problem, Claim(junk, claim.evidence), Budget()))
        trial.require(Rule.BOUNDED, seconds < LIMIT, f"check of the answer {shown(junk)} takes {1000 * seconds:.0f} ms")
    for value in (claim.answer, claim.evidence):
        for broken in _broken(value, rng):
            _verdict(trial, judge, problem, Claim(claim.answer, broken))
            _verdict(trial, judge, problem, Claim(broken, claim.evidence))


def _broken(value: Json, rng: random.Random) -> list[Json]:
    """An answer or evidence whose text, or one of whose texts, has a mistake."""
    if isinstance(value, str):
        return list(broken_texts(value, rng))
    if isinstance(value, dict):
        return [{**value, name: broken} for name, part in value.items() for broken in _broken(part, rng)]
    return []


def _check_broken_problems(trial: Trial, judge: Checker, problem: Problem, claim: Claim, rng: random.Random) -> None:
    """Payloads of every shape, and payloads whose texts have a mistake."""
    errors = (MalformedProblem, Undecided)
    for payload in broken_payloads(problem.payload):
        other = Problem(problem.domain, problem.kind, payload)
        trial.where = f"payload {shown(payload)}"
        believed = _verdict(trial, judge, other, claim).status is Status.CORRECT
        trial.require(Rule.JUNK, not believed, f"{shown(claim.answer)} is correct")
        trial.attempt(errors, Rule.ERRORS, "canonical", judge.canonical, other)
    for broken in _broken(dict(problem.payload), rng):
        other = Problem(problem.domain, problem.kind, broken)
        trial.where = f"payload {shown(broken)}"
        if _verdict(trial, judge, other, claim).status in (Status.CORRECT, Status.WRONG):
            _check_truth(trial, judge, other, claim, "claim about a changed problem", holds(other, claim))
        trial.attempt(errors, Rule.ERRORS, "canonical", judge.canonical, other)
