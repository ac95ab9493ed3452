"""Random k-SAT: m different clauses, each of k different variables, uniform over all sets of such clauses.

Near the threshold of satisfiability (Mitchell, Selman and Levesque, "Hard and easy distributions of SAT problems", AAAI
1992) problems are hardest for their size. For k=3 it nears 4.27 clauses a variable as formulas grow, and is higher for
small ones: with the default knobs half of the problems are satisfiable.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from neurosym.core import Claim, Domain, Json, MalformedProblem, Problem
from neurosym_domains._cnf_renaming import renamed_claim
from neurosym_domains._model_text import ANSWER, parse_model, render_model

MAX_CLAUSES = 100_000

ENGLISH = f"""\
Find truth values for variables, numbered from 1, that make every clause true. Clauses are separated by commas. \
A clause is a list of literals, of which at least one must be true. The literal 3 is true if variable 3 is true, and \
the literal -3 if it is false.
{ANSWER}

"""
FORMAL = f"""\
Find truth values that satisfy the formula below, which is in DIMACS CNF.
{ANSWER}

"""

_DIMACS = re.compile(r"p cnf ([1-9][0-9]{0,6}) ([0-9]{1,9})\n((?:(?:-?[1-9][0-9]{0,6} )++0\n)*+)")


@dataclass(frozen=True)
class RandomKsat(Domain):
    """`density` is the number of clauses for 100 variables."""

    name = "random_ksat"
    version = 2
    kind = "cnf"

    variables: int = 20
    k: int = 3
    density: int = 455

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.variables <= 1000:
            raise ValueError(f"variables must be in 2..1000, not {self.variables}")
        if not 2 <= self.k <= min(8, self.variables):
            raise ValueError(f"k must be in 2..{min(8, self.variables)}, not {self.k}")
        most = min(MAX_CLAUSES, comb(self.variables, self.k) << self.k >> 1)
        low, high = -(-100 // self.variables), 100 * most // self.variables
        if not low <= self.density <= high:
            raise ValueError(f"density must be in {low}..{high}, not {self.density}")

    def sample(self, rng: random.Random) -> Problem:
        literals = [text for variable in range(1, self.variables + 1) for text in (f"{variable}", f"-{variable}")]
        places = range(len(literals))
        count = self.density * self.variables // 100
        clauses: dict[str, None] = {}  # in the order drawn
        while len(clauses) < count:
            chosen = sorted(rng.choices(places, k=self.k))
            if len({place >> 1 for place in chosen}) == self.k:
                clauses[" ".join([literals[place] for place in chosen]) + " 0\n"] = None
        return self.problem({"dimacs": f"p cnf {self.variables} {count}\n{''.join(clauses)}"})

    def english(self, problem: Problem) -> str:
        variables, clauses = _decode(problem)
        listed = clauses.replace(" 0\n", ",").rstrip(",")
        return f"{ENGLISH}Variables: {variables}\nClauses: {listed}"

    def formal(self, problem: Problem) -> str:
        _decode(problem)
        return f"{FORMAL}{problem.payload['dimacs'].rstrip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_model(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_model(text, _decode(problem)[0])

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the variables permuted, some of them negated, and the clauses in another order.

        None for an answer or evidence that is neither a model nor a proof in DRAT or LRAT.
        """
        variables, text = _decode(problem)
        images = [rng.choice((variable, -variable)) for variable in rng.sample(range(1, variables + 1), variables)]
        literals = {sign * variable: sign * image for variable, image in enumerate(images, 1) for sign in (1, -1)}
        before = [list(map(int, line.split(" ")[:-1])) for line in text.splitlines()]
        try:
            after = [sorted((literals[literal] for literal in clause), key=abs) for clause in before]
        except KeyError as error:
            raise MalformedProblem(f"literal {error} of a variable beyond the header's") from None
        rng.shuffle(after)
        lines = "".join(f"{' '.join(map(str, clause))} 0\n" for clause in after)
        renamed = renamed_claim(claim, literals, before, after)
        if renamed is None:
            return None
        return self.problem({"dimacs": f"p cnf {variables} {len(after)}\n{lines}"}), renamed


def _decode(problem: Problem) -> tuple[int, str]:
    """The number of variables, and the clauses as text. Raises MalformedProblem for a text in another layout."""
    text = problem.payload.get("dimacs")
    found = _parts(text) if isinstance(text, str) else None
    if found is None:
        raise MalformedProblem("not DIMACS in the layout of this domain")
    return found


@lru_cache(maxsize=1)  # a record's prompt and its answers ask for the same text in a row
def _parts(text: str) -> tuple[int, str] | None:
    match = _DIMACS.fullmatch(text)
    if match is None or int(match[2]) != match[3].count("\n"):
        return None
    return int(match[1]), match[3]


PLUGINS = (RandomKsat,)
