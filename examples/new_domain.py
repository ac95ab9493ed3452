"""A task family of your own: this file is all of it, from the sampler to the strict parser.

    python examples/new_domain.py

It speaks SMT-LIB, so Z3 labels it and the installed checker proves it. `main` puts the file where `pip install` of a
package would, holds it against the conformance suite that every domain passes, and prints three proved records and the
verdicts on a right and on a wrong answer. In a package of yours, the one line in pyproject.toml is

    [project.entry-points."neurosym.domains"]
    my_tasks = "my_tasks"
"""

import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import neurosym as ns

RULES = (
    "Pay the amount exactly, with the given number of coins. Answer with how many of each coin, in order, as in: 2 0 5"
)
NUMBER = "(?:0|[1-9][0-9]{0,5})"


@dataclass(frozen=True)
class Coins(ns.Domain):
    """`kinds` is the number of different coins."""

    name = "coins"
    version = 1
    kind = "smtlib2"

    kinds: int = 4

    def __post_init__(self):
        super().__post_init__()
        if not 2 <= self.kinds <= 9:
            raise ValueError(f"kinds must be in 2..9, not {self.kinds}")

    def sample(self, rng):
        coins = rng.sample(range(1, 100), self.kinds)
        counts = [rng.randint(0, 9) for _ in coins]  # a hidden answer, so that there is one
        return self.problem(encode(coins, sum(c * n for c, n in zip(coins, counts, strict=True)), sum(counts)))

    def english(self, problem):
        coins, amount, number = decode(problem)
        return f"{RULES}\n\nCoins: {' '.join(map(str, coins))}\nAmount: {amount}\nNumber of coins: {number}"

    def formal(self, problem):
        return f"{RULES}\n\n{problem.payload['script']}"

    def render(self, problem, answer):
        return " ".join(str(answer["sat"][f"x{place}"]) for place in range(len(decode(problem)[0])))

    def parse(self, problem, text):
        wanted = len(decode(problem)[0])
        if not re.fullmatch(rf"{NUMBER}(?: {NUMBER}){{{wanted - 1}}}", text):
            raise ns.MalformedAnswer(f"want {wanted} numbers with single spaces")
        return {"sat": {f"x{place}": int(count) for place, count in enumerate(text.split(" "))}}

    def renamed(self, problem, claim, rng):
        coins, amount, number = decode(problem)
        order = rng.sample(range(len(coins)), len(coins))
        counts = {f"x{new}": claim.answer["sat"][f"x{old}"] for new, old in enumerate(order)}
        return self.problem(encode([coins[old] for old in order], amount, number)), ns.Claim({"sat": counts})


def encode(coins, amount, number):
    names = [f"x{place}" for place in range(len(coins))]
    terms = " ".join(f"(* {coin} {name})" for coin, name in zip(coins, names, strict=True))
    lines = ["(set-logic QF_LIA)", *(f"(declare-const {name} Int)" for name in names)]
    lines += [f"(assert (>= {name} 0))" for name in names]
    lines += [f"(assert (= (+ {terms}) {amount}))", f"(assert (= (+ {' '.join(names)}) {number}))", "(check-sat)"]
    return {"script": "\n".join(lines)}


def decode(problem):
    """The numbers of a payload that `encode` wrote; any other is refused."""
    script = str(problem.payload.get("script"))
    coins = [int(coin) for coin in re.findall(r"\* ([0-9]{1,3}) x", script)]
    *_, amount, number = -1, -1, *map(int, re.findall(r" ([0-9]{1,9})\)\)$", script, re.MULTILINE))
    if encode(coins, amount, number) != problem.payload:
        raise ns.MalformedProblem("not a problem of the domain coins")
    return coins, amount, number


PLUGINS = (Coins,)


def main(folder):
    package, information = folder / "my_tasks", folder / "my_tasks-1.0.dist-info"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(__file__, package / "coins.py")
    information.mkdir()
    (information / "entry_points.txt").write_text("[neurosym.domains]\nmy_tasks = my_tasks\n")
    sys.path.insert(0, str(folder))

    from my_tasks.coins import Coins

    from neurosym.testing import check_domain

    print(check_domain(Coins(kinds=3), samples=10))
    for record in ns.annotate(Coins(), count=3, seed=7):
        print(f"\n{record.prompt}\n-> {record.completion}   ({record.verdict.status}, {record.verdict.trust})")
    print("\nThe same answer from a model:", ns.judge(record, record.completion).status)
    print("All coins of the first kind:", ns.judge(record, "9 0 0 0"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(made))
