"""The text of a proof script of Rocq: tactics as in Rocq, nothing before, between or after them."""

from __future__ import annotations

import re

from neurosym.core import Json, MalformedAnswer

MAX_SCRIPT = 1 << 16

ANSWER = """\
Answer with the sentences between Proof and Qed alone, such as: intros A B. apply H. \
Start a sentence with a bullet (- + *) where a tactic has left several goals."""

TACTICS = [
    "apply",
    "assert",
    "assumption",
    "auto",
    "case",
    "cbn",
    "constructor",
    "contradiction",
    "cut",
    "destruct",
    "discriminate",
    "eapply",
    "easy",
    "eauto",
    "elim",
    "enough",
    "exact",
    "exfalso",
    "exists",
    "firstorder",
    "fold",
    "generalize",
    "idtac",
    "induction",
    "injection",
    "intro",
    "intros",
    "intuition",
    "inversion",
    "left",
    "now",
    "pose",
    "refine",
    "reflexivity",
    "replace",
    "revert",
    "rewrite",
    "right",
    "set",
    "simpl",
    "solve",
    "specialize",
    "split",
    "subst",
    "symmetry",
    "tauto",
    "transitivity",
    "trivial",
    "try",
    "unfold",
    "repeat",
    "first",
]

_SENTENCE = re.compile(
    r"(?:(?:-+|\++|\*+|\{|\})[ \n]*+)*+"
    rf"(?:(?:{'|'.join(TACTICS)})(?![A-Za-z0-9_'])(?:[^.]|\.(?![ \n]|\Z))*+\.[ \n]*+|\Z)"
)
_TEXT = re.compile(r"[ -!#$%&'()*+,\-./0-9:;<=>?@A-Z\[\\\]^_a-z{|}~\n]*+")


def render_script(answer: Json) -> str:
    """The text of an answer. Raises MalformedAnswer for what is no text."""
    if not isinstance(answer, str):
        raise MalformedAnswer("a proof script is a text")
    return answer


def parse_script(text: str) -> Json:
    """The script that a text states: sentences that start with a tactic. Raises MalformedAnswer."""
    script = text.strip(" \n")
    if len(script) > MAX_SCRIPT:
        raise MalformedAnswer(f"longer than {MAX_SCRIPT} characters")
    if not _TEXT.fullmatch(script):
        raise MalformedAnswer("a character that is in no proof script")
    place = 0
    while place < len(script):
        match = _SENTENCE.match(script, place)
        if match is None:
            raise MalformedAnswer(f"no tactic where a sentence starts: {script[place : place + 40]!r}")
        place = match.end()
    if script[-1:] not in (".", "}"):
        raise MalformedAnswer("the last sentence does not end with a full stop")
    return script
