"""cvc5 as an untrusted oracle of kind `smtlib2` (Barbosa et al., TACAS 2022; package cvc5): the second opinion on Z3.

cvc5 reads the script itself, but only its logic, declarations, definitions and assertions are carried out: options
could write files, and every other command is refused.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym_oracles._unsat_evidence import evidence_of

if TYPE_CHECKING:
    import cvc5

DEFAULT_STEPS = 1_000_000  # some seconds, up to a minute with nonlinear reals
MAX_LIMIT = (1 << 32) - 1  # a larger number of steps or milliseconds may overflow; 0 would mean no limit

_DONE = frozenset({"set-logic", "declare-const", "declare-fun", "define-const", "define-fun", "assert"})
_DROPPED = frozenset(
    {"set-option", "set-info", "check-sat", "get-model", "get-value", "get-info", "get-option", "echo", "exit"}
)


class Cvc5(Oracle):
    name = "cvc5"
    kind = "smtlib2"
    family = "cvc5"
    effort = "resource"

    def version(self) -> str:
        try:
            import cvc5
        except ImportError:
            raise Undecided(Reason.TOOL_MISSING, "cvc5 needs cvc5: pip install 'neurosym-engine[solvers]'") from None
        return str(cvc5.__version__)

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        """A model, or "unsat" with the evidence that can be found for it. `budget.steps` counts cvc5's resource units.

        Raises Undecided for unknown, for commands that are not carried out, and for values that are not rational.
        """
        self.version()
        import cvc5

        text = problem.payload.get("script")
        if not isinstance(text, str) or not text.isascii():
            raise MalformedProblem('the payload is not {"script": text in ASCII}')
        terms = cvc5.TermManager()
        solver = cvc5.Solver(terms)
        steps = DEFAULT_STEPS if budget.steps is None else budget.steps
        solver.setOption("produce-models", "true")
        solver.setOption("rlimit-per", str(min(max(1, steps), MAX_LIMIT)))
        solver.setOption("tlimit-per", str(max(1, int(min(budget.seconds * 1000, MAX_LIMIT)))))
        symbols = cvc5.SymbolManager(terms)
        _carry_out(text, solver, symbols)
        try:
            result = solver.checkSat()
        except RuntimeError as error:
            raise Undecided(Reason.UNSUPPORTED, f"cvc5: {str(error)[:200]}") from None
        if result.isUnknown():
            why = result.getUnknownExplanation().name
            reason = {"RESOURCEOUT": Reason.TIMEOUT, "TIMEOUT": Reason.TIMEOUT, "MEMOUT": Reason.MEMORY}.get(why)
            raise Undecided(reason or Reason.UNSUPPORTED, f"cvc5: {why}")
        metrics = {self.effort: int(solver.getStatistics()["resource::resourceUnitsUsed"]["value"])}
        constants = symbols.getDeclaredTerms()
        if result.isUnsat():
            sorts = {"BitVec" if each.getSort().isBitVector() else str(each.getSort()) for each in constants}
            return Claim("unsat", evidence_of(problem, sorts, budget), metrics)
        return Claim({"sat": {each.getSymbol(): _value(solver.getValue(each)) for each in constants}}, metrics=metrics)


def _carry_out(text: str, solver: cvc5.Solver, symbols: cvc5.SymbolManager) -> None:
    import cvc5

    if "set-logic" not in text:
        solver.setLogic("ALL")  # else cvc5 does so itself, with a warning on stderr
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "script")
    try:
        while not (command := parser.nextCommand()).isNull():
            name = command.getCommandName()
            if name in _DONE:
                said = command.invoke(solver, symbols)
                if said:
                    raise MalformedProblem(f"cvc5 cannot carry out {name}: {said[:200]}")
            elif name not in _DROPPED:
                raise Undecided(Reason.UNSUPPORTED, f"cvc5 is not given the command {name!r}")
    except RuntimeError as error:
        raise MalformedProblem(f"cvc5 cannot read the script: {str(error)[:200]}") from None


def _value(term: cvc5.Term) -> Json:
    """A value in the form that the checker documents."""
    if term.isBooleanValue():
        return term.getBooleanValue()
    if term.isBitVectorValue():
        digits, width = str(term.getBitVectorValue(2)), term.getSort().getBitVectorSize()
        return f"#b{digits}" if width % 4 else f"#x{int(digits, 2):0{width // 4}x}"
    try:
        if term.isIntegerValue():
            return int(term.getIntegerValue())
        if term.isRealValue():
            value = Fraction(term.getRealValue())
            return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
    except ValueError:
        raise Undecided(Reason.UNSUPPORTED, "a value of more digits than Python reads") from None
    raise Undecided(Reason.UNSUPPORTED, f"cvc5 gives the value {str(term)[:60]!r}")


PLUGINS = (Cvc5,)
