"""Unsatisfiability of bit-vector scripts: the script as a propositional formula, and a proof that refutes it.

Contract: `refute_bitvectors` says HOLDS only if no values of the script's constants make all its assertions true. If
some did, the bits of these values would extend to a model of `encode`'s formula, which `lrat` shows to have none.

The formula depends on the script alone, so that a proof made elsewhere names the same clauses: a unit clause for TRUE,
then the gates of every term that an assertion needs, from arguments to uses, then a unit clause for each assertion.

Constants of the sorts Bool and BitVec, every operator in `bit_circuits`; a term of another sort raises Unsupported.
"""

from __future__ import annotations

from neurosym_oracles._kernels.bit_circuits import CIRCUITS
from neurosym_oracles._kernels.bit_gates import FALSE, TRUE, Gates, Word
from neurosym_oracles._kernels.cnf import Finding, Formula, Meter, Outcome
from neurosym_oracles._kernels.lrat import check_lrat
from neurosym_oracles._kernels.smtlib_script import Script
from neurosym_oracles._kernels.smtlib_syntax import Unsupported
from neurosym_oracles._kernels.smtlib_values import sort_name


def refute_bitvectors(script: Script, lrat: str, meter: Meter) -> Finding:
    """Whether `lrat` shows that no model makes all assertions true. TOO_LARGE is said of what is not encoded too."""
    try:
        formula = encode(script)
    except Unsupported as error:
        return Finding(Outcome.TOO_LARGE, str(error))
    return check_lrat(formula, lrat, meter)


def encode(script: Script) -> Formula:
    """A formula that has a model if the script has one. Raises Unsupported."""
    gates = Gates()
    words = _words(script, script.assertions, gates)
    for root in script.assertions:
        (truth,) = words[root]
        gates.require(truth)
    return Formula(gates.variables, gates.clauses)


def _words(script: Script, roots: list[int], gates: Gates) -> dict[int, Word]:
    """The bits of each term that `roots` need."""
    needed, pending = set(roots), list(roots)
    while pending:
        fresh = set(script.nodes[pending.pop()].arguments) - needed
        needed |= fresh
        pending += fresh
    words: dict[int, Word] = {}
    for number in sorted(needed):
        operator, indices, arguments, sort = script.nodes[number]
        width = 1 if sort == "Bool" else sort
        if not isinstance(width, int):
            raise Unsupported(f"a term of sort {sort_name(sort)} is not made of bits")
        gates.spend(width + sum([len(words[argument]) for argument in arguments]))
        if operator == "constant":
            words[number] = gates.inputs(width)
        elif operator == "literal":
            (value,) = indices
            words[number] = [TRUE if int(value) >> place & 1 else FALSE for place in range(width)]
        else:
            words[number] = CIRCUITS[operator](gates, *indices, *[words[argument] for argument in arguments])
    return words
