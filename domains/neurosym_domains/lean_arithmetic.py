"""Equations between sums of natural numbers, to be proved in Lean 4 from a few lemmas that stand before them.

Both sides have the same summands in another order and with other brackets; a side may also be a product by a numeral,
written out. The lemmas are proved from the definition of addition alone, so that no library is needed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from neurosym.core import Claim, Domain, Json, Problem
from neurosym_domains._lean_text import ANSWER, lean_text, parse_proof, part, render_proof

LETTERS = "abcdefgh"

HEADER = """\
theorem succ_plus (m n : Nat) : Nat.succ m + n = Nat.succ (m + n) := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg Nat.succ ih
theorem zero_plus (n : Nat) : 0 + n = n := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg Nat.succ ih
theorem plus_comm (m n : Nat) : m + n = n + m := by
  induction n with
  | zero => exact Eq.symm (zero_plus m)
  | succ n ih => exact Eq.trans (congrArg Nat.succ ih) (Eq.symm (succ_plus n m))
theorem plus_assoc (k m n : Nat) : (k + m) + n = k + (m + n) := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg Nat.succ ih
theorem plus_left_comm (k m n : Nat) : k + (m + n) = m + (k + n) := by
  rw [← plus_assoc, plus_comm k m, plus_assoc]"""

_STATEMENT = re.compile(r"∀ ([a-z](?: [a-z])*) : Nat, (.*)", re.DOTALL)


@dataclass(frozen=True)
class LeanArithmetic(Domain):
    """`summands` on each side, drawn from `variables` variables and a few numerals."""

    name = "lean_arithmetic"
    version = 1
    kind = "lean4"

    variables: int = 3
    summands: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.variables <= len(LETTERS):
            raise ValueError(f"variables must be in 1..{len(LETTERS)}, not {self.variables}")
        if not 2 <= self.summands <= 12:
            raise ValueError(f"summands must be in 2..12, not {self.summands}")

    def sample(self, rng: random.Random) -> Problem:
        choices = [*LETTERS[: self.variables] * 3, *"123"]
        left = [rng.choice(LETTERS[: self.variables]), *rng.choices(choices, k=self.summands - 1)]
        right = left
        while right == left and len(set(left)) > 1:
            right = rng.sample(left, len(left))
        used = [letter for letter in LETTERS if letter in left]
        equation = f"{_sum(left, rng)} = {_sum(right, rng)}"
        return self.problem({"header": HEADER, "statement": f"∀ {' '.join(used)} : Nat, {equation}"})

    def english(self, problem: Problem) -> str:
        names, _, equation = part(problem, "statement").removeprefix("∀ ").partition(" : Nat, ")
        lemmas = "\n".join(line.removesuffix(" := by") for line in HEADER.split("\n") if line.startswith("theorem"))
        return (
            f"Show that for all natural numbers {names.replace(' ', ', ')}: {equation}\n"
            f"These lemmas may be used:\n{lemmas}\n{ANSWER}"
        )

    def formal(self, problem: Problem) -> str:
        return f"Prove the last theorem.\n{ANSWER}\n\n{lean_text(problem)}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_proof(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_proof(problem, text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the variables permuted among each other, in the statement and in the proof."""
        match = _STATEMENT.fullmatch(part(problem, "statement"))
        if match is None or not isinstance(claim.answer, str):
            return None
        names = match[1].split(" ")
        images: dict[str, str] = dict(zip(names, rng.sample(names, len(names)), strict=True))

        def image(found: re.Match[str]) -> str:
            return images.get(found[0], found[0])

        word = re.compile(r"(?<![\w'.])[a-z]+(?![\w'])")
        statement = f"∀ {' '.join(images[name] for name in names)} : Nat, {word.sub(image, match[2])}"
        answer = word.sub(image, claim.answer)
        return self.problem({**problem.payload, "statement": statement}), Claim(answer, None, claim.metrics)


def _sum(summands: Sequence[str], rng: random.Random) -> str:
    """The sum with brackets drawn at random."""
    if len(summands) == 1:
        return summands[0]
    cut = rng.randint(1, len(summands) - 1)
    return f"({_sum(summands[:cut], rng)} + {_sum(summands[cut:], rng)})"


PLUGINS = (LeanArithmetic,)
