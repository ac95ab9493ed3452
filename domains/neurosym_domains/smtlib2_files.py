"""Scripts from a user's own SMT-LIB files, answered by a model as one JSON object, or by unsat."""

from __future__ import annotations

from dataclasses import dataclass

from neurosym.core import Json, MalformedAnswer, Problem, canonical_json, exact_json
from neurosym_domains._given import GivenProblems, text_of

ANSWER = """\
Answer with sat and a JSON object that gives every declared constant its value, as in: sat {"b": true, "x": 3} \
(a rational as "1/3", a bit-vector as "#b0101"). If there is no model, answer with: unsat"""

MAX_CHARACTERS = 100_000


@dataclass(frozen=True)
class Smtlib2Files(GivenProblems):
    """Your own SMT-LIB 2 scripts, by --from."""

    name = "smtlib2_files"
    version = 2
    kind = "smtlib2"

    def english(self, problem: Problem) -> str:
        return f"Find a model of the script below, which is in SMT-LIB.\n{self.formal(problem)}"

    def formal(self, problem: Problem) -> str:
        return f"{ANSWER}\n\n{text_of(problem, 'script').strip()}"

    def render(self, problem: Problem, answer: Json) -> str:
        return "unsat" if answer == "unsat" else f"sat {canonical_json(answer['sat'])}"

    def parse(self, problem: Problem, text: str) -> Json:
        text = text.strip(" \t\r\n")
        if text == "unsat":
            return "unsat"
        if not text.startswith("sat {") or len(text) > MAX_CHARACTERS:
            raise MalformedAnswer(f"neither unsat nor sat and a JSON object of at most {MAX_CHARACTERS} characters")
        try:
            return {"sat": exact_json(text[4:])}
        except ValueError as error:
            raise MalformedAnswer(f"no JSON object after sat: {str(error)[:100]}") from None


PLUGINS = (Smtlib2Files,)
