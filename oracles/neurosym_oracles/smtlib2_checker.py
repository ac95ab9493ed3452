"""The trusted judge of kind `smtlib2`: evaluates models with the kernels' own exact arithmetic, never a solver's.

A payload is {"script": text}, one question in SMT-LIB 2.6 (quantifier-free Core, Ints, Reals and bit-vectors). An
answer is {"sat": {name: value}} with one value for each declared constant: for an Int a JSON integer; for a Real a JSON
integer, or "p/q" in lowest terms with q > 1; for a Bool true or false; for a bit-vector "#b…" or "#x…" of its width.

The answer "unsat" needs the evidence {"farkas": [step, …]} for linear arithmetic, in the form that `farkas` documents,
or {"lrat": text} for bit-vectors: an LRAT proof about the clauses that `bitblast` makes of the script. Evidence with a
gap leaves it undecided, since a gap says nothing about the script; what has not the form of evidence is malformed. A
bare "sat" or "unsat" proves nothing: undecided, whatever the script's `:status` says.

One step of `Budget.steps` buys `VISITS` steps of a replay. A model's evaluation is bounded by the script's length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from neurosym.canonical import canonical_form
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
)
from neurosym_oracles._kernels.bitblast import refute_bitvectors
from neurosym_oracles._kernels.cnf import Meter, Outcome
from neurosym_oracles._kernels.farkas import check_farkas
from neurosym_oracles._kernels.smtlib_evaluate import judge_model
from neurosym_oracles._kernels.smtlib_script import Script, read_script
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported

VISITS = 100
"""Steps of a replay for one step of the budget: each some microseconds."""

DEFAULT_STEPS = 1_000_000

COMMUTATIVE = frozenset({"and", "or", "xor", "=", "distinct", "+", "*", "bvadd", "bvmul", "bvand", "bvor", "bvxor"})

LONGEST_SPELLING = 100  # of a term without constants that becomes part of the colours of its users

_read = lru_cache(maxsize=1)(read_script)  # a problem is checked and canonised in a row


class Smtlib2Checker(Checker):
    kind = "smtlib2"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        """Correct and proved if the model makes every assertion true, or if the evidence shows that no model does;
        wrong, with the number of an assertion that is false.

        Undecided where the script or the evaluation is beyond the kernels, such as a division by zero.
        """
        try:
            script = _script(problem)
            if self.conclusion(claim.answer) == "unsat":
                return _refuted(script, claim.evidence, budget)
            if claim.answer == "sat":
                return Verdict.undecided(Reason.NO_EVIDENCE, "sat without a model")
            status, detail = judge_model(script, claim.answer["sat"])
        except (MalformedProblem, MalformedAnswer) as error:
            return Verdict.malformed(str(error))
        except Undecided as error:
            return Verdict.undecided(error.reason, error.detail)
        except (RecursionError, MemoryError) as error:
            return Verdict.undecided(Reason.MEMORY, type(error).__name__)
        if status == "correct":
            return Verdict.correct(detail)
        if status == "wrong":
            return Verdict.wrong(detail)
        if status == "malformed":
            return Verdict.malformed(detail)
        return Verdict.undecided(Reason.UNSUPPORTED, detail)

    def canonical(self, problem: Problem) -> bytes:
        """The graph of the asserted terms: the names of constants, the order of assertions and of the arguments of
        `COMMUTATIVE` operators, `let`, `define-fun`, `:named`, and what is said of the script leave no trace in it.
        """
        return canonical_form(*_graph(_script(problem)))

    def conclusion(self, answer: Json) -> str:
        if answer in ("sat", "unsat"):
            return str(answer)
        if isinstance(answer, dict) and list(answer) == ["sat"] and isinstance(answer["sat"], dict):
            return "sat"
        raise MalformedAnswer('the answer is neither {"sat": {name: value}} nor "unsat"')


def _refuted(script: Script, evidence: Json, budget: Budget) -> Verdict:
    """The verdict on "unsat"."""
    if evidence is None:
        return Verdict.undecided(Reason.NO_EVIDENCE, "unsat without a proof")
    steps = DEFAULT_STEPS if budget.steps is None else budget.steps
    meter = Meter(steps * VISITS, budget.seconds)
    if isinstance(evidence, dict) and list(evidence) == ["farkas"]:
        outcome, detail = check_farkas(script, evidence["farkas"], meter)
    elif isinstance(evidence, dict) and list(evidence) == ["lrat"] and isinstance(evidence["lrat"], str):
        outcome, detail = refute_bitvectors(script, evidence["lrat"], meter)
    else:
        return Verdict.malformed('want the evidence {"farkas": [step, …]} or {"lrat": text}')
    if outcome is Outcome.HOLDS:
        return Verdict.correct(detail)
    if outcome is Outcome.MALFORMED:
        return Verdict.malformed(detail)
    return Verdict.undecided(_REASONS[outcome], detail)


_REASONS = {
    Outcome.UNPROVED: Reason.NO_EVIDENCE,
    Outcome.EXHAUSTED: Reason.TIMEOUT,
    Outcome.TOO_LARGE: Reason.UNSUPPORTED,
}


def _script(problem: Problem) -> Script:
    payload = problem.payload
    text = payload.get("script") if isinstance(payload, Mapping) and len(payload) == 1 else None
    if not isinstance(text, str):
        raise MalformedProblem('the payload is not {"script": text}')
    try:
        return _read(text)
    except Malformed as error:
        raise MalformedProblem(f"script: {error}") from None
    except Unsupported as error:
        raise Undecided(Reason.UNSUPPORTED, f"script: {error}") from None


def _graph(script: Script) -> tuple[list[str], list[tuple[int, int, int]]]:
    """The declared constants and the asserted terms as a graph: a vertex for each, an edge to each argument.

    An edge is labelled with the argument's place or, where places do not matter, with how often it is an argument.
    Terms that differ in the order of such arguments alone are one vertex. A short term without constants is none: it
    is spelled out in the colours of its users.
    """
    needed = set(script.assertions)
    for number in range(len(script.nodes) - 1, -1, -1):
        if number in needed:
            needed.update(script.nodes[number].arguments)
    colours: list[str] = []
    edges: list[tuple[int, int, int]] = []
    spelled: dict[int, str] = {}  # by node
    vertices: dict[int, int] = {}  # by node
    alike: dict[tuple[str, tuple[tuple[int, int], ...]], int] = {}  # the vertex of a colour and its links
    for number, (operator, indices, arguments, sort) in enumerate(script.nodes):
        if operator == "constant":
            vertices[number] = len(colours)
            colours.append(f"constant {sort}")
            continue
        if number not in needed:
            continue
        links: list[tuple[int, int]] = []
        if operator == "literal":
            colour = f"{indices[0].numerator:x}/{indices[0].denominator:x}:{sort}"
        elif operator in COMMUTATIVE:
            colour = f"({operator} {' '.join(sorted([spelled[each] for each in arguments if each in spelled]))})"
            links = sorted(Counter([vertices[each] for each in arguments if each in vertices]).items())
        else:
            places = [f"{place}={spelled[each]}" for place, each in enumerate(arguments) if each in spelled]
            colour = f"({operator} {indices} {' '.join(places)})"
            links = [(vertices[each], place) for place, each in enumerate(arguments) if each in vertices]
        if not links and len(colour) <= LONGEST_SPELLING:
            spelled[number] = colour
            continue
        key = colour, tuple(links)
        if key not in alike:
            alike[key] = len(colours)
            colours.append(colour)
            edges += [(alike[key], target, label) for target, label in links]
        vertices[number] = alike[key]
    for vertex in {vertices[number] for number in script.assertions if number in vertices}:
        colours[vertex] = f"assert {colours[vertex]}"
    colours += sorted({f"assert {spelled[number]}" for number in script.assertions if number in spelled})
    return colours, edges


PLUGINS = (Smtlib2Checker,)
