"""A claim about a CNF formula as a claim about the same formula with other literals and its clauses in another order.

Contract: nothing is proved here. A model, or a proof in DRAT or LRAT, that was right before is right after; whoever
uses the result has it checked. Variables that only a proof has keep their names, and lemmas keep their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from neurosym.core import Claim

Clauses = Sequence[Sequence[int]]
Renaming = Mapping[int, int]


def renamed_claim(claim: Claim, literals: Renaming, before: Clauses, after: Clauses) -> Claim | None:
    """The claim about the clauses `after`, which are those of `before` under the map `literals`, in any order.

    None for an answer or evidence of another form.
    """
    try:
        match claim.answer, claim.evidence:
            case {"sat": list(model), **rest}, _ if not rest:
                return Claim({"sat": sorted((literals[literal] for literal in model), key=abs)}, metrics=claim.metrics)
            case "unsat", {"drat": str(proof), **rest} if not rest:
                return Claim("unsat", {"drat": _lines(proof, partial(_drat_step, literals))}, claim.metrics)
            case "unsat", {"lrat": str(proof), **rest} if not rest:
                places = {frozenset(clause): place for place, clause in enumerate(after, 1)}
                images = (places[frozenset(literals[literal] for literal in clause)] for clause in before)
                step = partial(_lrat_step, literals, dict(enumerate(images, 1)))
                return Claim("unsat", {"lrat": _lines(proof, step)}, claim.metrics)
    except (KeyError, TypeError, ValueError, IndexError):  # a literal or a step that there cannot be
        return None
    return None


def _lines(proof: str, step: Callable[[list[str]], list[str]]) -> str:
    return "".join(f"{' '.join(step(line.split()))}\n" for line in proof.split("\n") if line.strip())


def _drat_step(literals: Renaming, words: list[str]) -> list[str]:
    return [*words[:1], *_mapped(words[1:], literals)] if words[0] == "d" else _mapped(words, literals)


def _lrat_step(literals: Renaming, numbers: Renaming, words: list[str]) -> list[str]:
    """The numbers of the formula's clauses change; one that names a clause to resolve with is negative."""
    if words[1] == "d":
        return [*words[:2], *_mapped(words[2:], numbers)]
    end = words.index("0", 1)
    hints = {**numbers, **{-number: -place for number, place in numbers.items()}}
    return [words[0], *_mapped(words[1:end], literals), *_mapped(words[end:], hints)]


def _mapped(words: list[str], renaming: Renaming) -> list[str]:
    return [str(renaming.get(number, number)) for number in map(int, words)]
