"""The checker of kind `rocq`: payload `{"header": text, "statement": text}`, answer: the sentences of a proof script.

We write the statement, the script comes between our `Proof.` and our `Qed.`, and its sentences must be on an allow-list
(`_kernels.rocq_syntax`). Then two kernels decide, each in a process of its own: coqc compiles the file and must say of
each theorem that it is closed under the global context, and coqchk reads the compiled file and must report no axiom,
no collapsed universe, no unguarded recursion and no assumed positivity. A script that does not compile is wrong. Axioms
that a header brings in from Rocq's library are in nobody's way until a proof uses them.

A header or statement outside the allow-list is malformed although Rocq might take it. Rocq counts no steps: the
budget's guards alone stop it, and `Budget.steps` is not read. Evidence is not read either: a script needs none.

`check_many` compiles theorems of the same header in one file, and gives each the verdict that `check` gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
from neurosym_oracles._kernels.rocq_formula import Formula, parse
from neurosym_oracles._kernels.rocq_syntax import check_header, check_script
from neurosym_oracles._kernels.rocq_theory import CLOSED, Theorem, context_fault, theory
from neurosym_oracles._kernels.rocq_tokens import ScriptError, Sentence, render, sentences, statement_tokens
from neurosym_oracles._rocq import Refusal, compile_and_check

BATCH = 200
"""Most theorems of one file."""

Header = tuple[Sentence, ...]


class RocqChecker(Checker):
    kind = "rocq"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        return self.check_many([(problem, claim)], budget)[0]

    def check_many(self, claims: Sequence[tuple[Problem, Claim]], budget: Budget) -> list[Verdict]:
        """The verdict on each claim, as `check` gives it; the budget's guards hold for each process."""
        verdicts: dict[int, Verdict] = {}
        groups: dict[Header, dict[int, Theorem]] = {}
        for number, (problem, claim) in enumerate(claims):
            try:
                header, statement = _problem(problem)
                groups.setdefault(header, {})[number] = Theorem(statement, _script(claim.answer))
            except MalformedProblem as error:
                verdicts[number] = Verdict.malformed(f"problem: {error}")
            except MalformedAnswer as error:
                verdicts[number] = Verdict.malformed(str(error))
            except (MemoryError, RecursionError) as error:
                verdicts[number] = Verdict.undecided(Reason.MEMORY, type(error).__name__)
        for header, theorems in groups.items():
            verdicts.update(_verdicts(header, theorems, budget))
        return [verdicts[number] for number in range(len(claims))]

    def canonical(self, problem: Problem) -> bytes:
        """Equal for propositional statements that differ in the names and the order of their variables.

        Other statements, and those under a header, are compared token by token. The graph of a formula has a vertex
        for each variable and for each occurrence of a connective; an edge says which operand it leads to.
        """
        header, statement = _problem(problem)
        formula = None if header else parse(statement)
        if formula is None:
            return "\n".join(["rocq", *map(render, header), render(statement)]).encode()
        return b"propositional\n" + canonical_form(*_graph(formula))

    def conclusion(self, answer: Json) -> str:
        if isinstance(answer, str):
            return "provable"
        raise MalformedAnswer("want a proof script: text")


def _problem(problem: Problem) -> tuple[Header, Sentence]:
    payload = problem.payload
    if not isinstance(payload, Mapping) or payload.keys() != {"header", "statement"}:
        raise MalformedProblem('want the payload {"header": text, "statement": text}')
    if not isinstance(payload["header"], str) or not isinstance(payload["statement"], str):
        raise MalformedProblem("the header or the statement is not a text")
    try:
        header = sentences(payload["header"])
        check_header(header)
        return tuple(header), statement_tokens(payload["statement"])
    except ScriptError as error:
        raise MalformedProblem(str(error)) from None


def _script(answer: Json) -> tuple[Sentence, ...]:
    if not isinstance(answer, str):
        raise MalformedAnswer("want a proof script: text")
    try:
        script = sentences(answer)
        check_script(script)
    except ScriptError as error:
        raise MalformedAnswer(str(error)) from None
    return tuple(script)


def _verdicts(header: Header, theorems: Mapping[int, Theorem], budget: Budget) -> Iterator[tuple[int, Verdict]]:
    """Verdicts on theorems of one header. A file in which one fails is taken apart until that one is alone."""
    numbers = list(theorems)
    waiting = [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]
    passed: list[int] = []  # before one that failed in the same file
    while waiting or passed:
        if not waiting:
            waiting, passed = [passed], []
        batch = waiting.pop()
        found = _judged(header, [theorems[number] for number in batch], budget)
        if isinstance(found, Verdict):
            yield from ((number, found) for number in batch)
        elif found is None:
            middle = len(batch) // 2
            waiting += [batch[:middle], batch[middle:]]
        else:
            passed += batch[:found]
            waiting += [part for part in (batch[found + 1 :], [batch[found]]) if part]


def _judged(header: Header, theorems: Sequence[Theorem], budget: Budget) -> Verdict | int | None:
    """A verdict that holds of each of these, always for one alone; or which of them failed; or None: ask of fewer."""
    file = theory(header, theorems)
    try:
        result = compile_and_check(file.text, budget)
    except Undecided as error:
        return Verdict.undecided(error.reason, error.detail) if len(theorems) == 1 else None
    if isinstance(result, Refusal):
        number, below = file.place(result.line)
        if number < 0:
            return Verdict.malformed(f"problem: sentence {below} of the header: {result.message}")
        return _refused(theorems[0], below, result.message) if len(theorems) == 1 else number
    printed, summary = result
    fault = context_fault(summary, "Coq." if any(sentence[0] == "From" for sentence in header) else "")
    if printed == CLOSED * len(theorems) and not fault:
        return Verdict.correct()
    if len(theorems) > 1:
        return None
    assumed = " ".join(printed.decode("utf-8", "backslashreplace").split())
    return Verdict.undecided(Reason.UNSUPPORTED, f"coqchk: {fault}" if fault else f"assumes {assumed[:200]}")


def _refused(theorem: Theorem, below: int, message: str) -> Verdict:
    """The verdict on a theorem that is refused in the line so far below its statement."""
    if below == 0:
        return Verdict.malformed(f"problem: the statement: {message}")
    sentence = below - 1
    where = f"sentence {sentence}" if sentence <= len(theorem.script) else "Qed"
    return Verdict.wrong(f"{where}: {message}")


def _graph(formula: Formula) -> tuple[list[str], list[tuple[int, int, int]]]:
    variables, nodes = formula
    size = len(nodes)
    vertex = {name: size + number for number, name in enumerate(variables)}
    colours = ["variable" if node.label in vertex else node.label for node in nodes] + ["bound"] * len(variables)
    edges = [(number, target, place) for number, node in enumerate(nodes) for place, target in enumerate(node.operands)]
    edges += [(number, vertex[node.label], 2) for number, node in enumerate(nodes) if node.label in vertex]
    return colours, edges


PLUGINS = (RocqChecker,)
