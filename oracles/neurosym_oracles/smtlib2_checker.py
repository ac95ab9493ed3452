"""The trusted judge of kind `smtlib2`: evaluates models with the kernels' own exact arithmetic, never a solver's.

A payload is {"script": text}, one question in SMT-LIB 2.6 (quantifier-free Core, Ints, Reals and bit-vectors). An
answer is {"sat": {name: value}} with one value for each declared constant: for an Int a JSON integer; for a Real a JSON
integer, or "p/q" in lowest terms with q > 1; for a Bool true or false; for a bit-vector "#b…" or "#x…" of its width.
The answer "unsat", and a bare "sat", prove nothing by themselves: undecided.
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
from neurosym_oracles._kernels.smtlib_evaluate import judge_model
from neurosym_oracles._kernels.smtlib_script import Script, read_script
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported

COMMUTATIVE = frozenset({"and", "or", "xor", "=", "distinct", "+", "*", "bvadd", "bvmul", "bvand", "bvor", "bvxor"})

LONGEST_SPELLING = 100  # of a term without constants that becomes part of the colours of its users

_read = lru_cache(maxsize=1)(read_script)  # a problem is checked and canonised in a row


class Smtlib2Checker(Checker):
    kind = "smtlib2"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        """Correct and proved if the model makes every assertion true; wrong, with the number of one that is false.

        Undecided where the script or the evaluation is beyond the kernels, such as a division by zero. The work is
        bounded by the script's length, so `budget` is not needed.
        """
        try:
            script = _script(problem)
            if self.conclusion(claim.answer) == "unsat":
                if claim.evidence is None:
                    return Verdict.undecided(Reason.NO_EVIDENCE, "unsat without a proof")
                return Verdict.undecided(Reason.UNSUPPORTED, "no proof of unsat can be replayed yet")
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
