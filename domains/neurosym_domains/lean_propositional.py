"""Theorems of intuitionistic propositional logic, made backwards from their proofs, to be proved in Lean 4.

A sequent that is an axiom grows by inverted rules of natural deduction (Gentzen, 1935): each step makes a sequent that
follows from those before. So each statement has an intuitionistic proof, but the problem does not tell which.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from neurosym.core import Claim, Domain, Json, Problem
from neurosym_domains._lean_text import ANSWER, lean_text, parse_proof, part, render_proof

LETTERS = "pqrstuvw"

Sequent = tuple[list[str], str]
"""Hypotheses and what follows from them, as texts that need no more brackets."""

_STATEMENT = re.compile(r"∀ ([a-z]+(?: [a-z]+)*) : Prop, (.*)", re.DOTALL)


@dataclass(frozen=True)
class LeanPropositional(Domain):
    """`rules` is how many inverted rules make a statement of at most `variables` variables."""

    name = "lean_propositional"
    version = 1
    kind = "lean4"

    variables: int = 4
    rules: int = 6

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.variables <= len(LETTERS):
            raise ValueError(f"variables must be in 1..{len(LETTERS)}, not {self.variables}")
        if not 1 <= self.rules <= 60:
            raise ValueError(f"rules must be in 1..60, not {self.rules}")

    def sample(self, rng: random.Random) -> Problem:
        hypotheses, goal = self._sequent(rng, self.rules)
        distinct = list(dict.fromkeys(hypotheses))
        rng.shuffle(distinct)
        body = " → ".join([*distinct, goal])
        used = [letter for letter in LETTERS if letter in re.findall(r"[a-z]+", body)]
        return self.problem({"header": "", "statement": f"∀ {' '.join(used)} : Prop, {body}"})

    def _sequent(self, rng: random.Random, rules: int) -> Sequent:
        if rules <= 0:
            atom = self._atom(rng)
            return [atom], atom
        rule = rng.choice(("imply", "imply", "use", "use", "pair", "both", "either", "cases", "equal", "refute"))
        if rule in ("both", "cases") and rules > 1:
            share = rng.randint(0, rules - 1)
            (left, one), (right, other) = self._sequent(rng, share), self._sequent(rng, rules - 1 - share)
            if rule == "both":
                return left + right, f"({one} ∧ {other})"
            a, b = (rest.pop(rng.randrange(len(rest))) if rest else self._atom(rng) for rest in (left, right))
            return [*left, *right, f"({a} ∨ {b})"], f"({one} ∨ {other})"
        known, goal = self._sequent(rng, rules - 1)
        fact = known.pop(rng.randrange(len(known))) if known else ""
        atom = self._atom(rng)
        if rule == "either" or not fact:
            known += [fact] if fact else []
            return known, rng.choice((f"({goal} ∨ {atom})", f"({atom} ∨ {goal})"))
        if rule == "imply":
            return known, f"({fact} → {goal})"
        if rule == "pair" and known:
            other = known.pop(rng.randrange(len(known)))
            return [*known, rng.choice((f"({fact} ∧ {other})", f"({other} ∧ {fact})"))], goal
        if rule == "equal":
            return [*known, rng.choice((f"({fact} ↔ {atom})", f"({atom} ↔ {fact})")), atom], goal
        if rule == "refute":
            return [*known, fact], f"(¬¬{goal})"
        return [*known, f"({atom} → {fact})", atom], goal

    def _atom(self, rng: random.Random) -> str:
        return LETTERS[rng.randrange(self.variables)]

    def english(self, problem: Problem) -> str:
        names, _, body = part(problem, "statement").removeprefix("∀ ").partition(" : Prop, ")
        return (
            f"Show that whatever the propositions {names.replace(' ', ', ')} are, the following holds, "
            f"where → is read from the right: {body}\n{ANSWER}"
        )

    def formal(self, problem: Problem) -> str:
        return f"Prove the theorem.\n{ANSWER}\n\n{lean_text(problem)}"

    def render(self, problem: Problem, answer: Json) -> str:
        return render_proof(answer)

    def parse(self, problem: Problem, text: str) -> Json:
        return parse_proof(problem, text)

    def renamed(self, problem: Problem, claim: Claim, rng: random.Random) -> tuple[Problem, Claim] | None:
        """With the propositions' names permuted among each other, in the statement and in the proof."""
        match = _STATEMENT.fullmatch(part(problem, "statement"))
        if match is None or not isinstance(claim.answer, str):
            return None
        names = match[1].split(" ")
        images: dict[str, str] = dict(zip(names, rng.sample(names, len(names)), strict=True))

        def image(found: re.Match[str]) -> str:
            return images.get(found[0], found[0])

        word = re.compile(r"(?<![\w'.])[a-z]+(?![\w'])")
        statement = f"∀ {' '.join(images[name] for name in names)} : Prop, {word.sub(image, match[2])}"
        answer = word.sub(image, claim.answer)
        return self.problem({**problem.payload, "statement": statement}), Claim(answer, None, claim.metrics)


PLUGINS = (LeanPropositional,)
