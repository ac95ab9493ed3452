"""Lies about theorems of Rocq, and copies of propositional statements, from their texts alone.

The reference compiles the script by a plain `coqc`, without the checker's allow-list, writer and second kernel, where
the script is made of small letters only: no command of Rocq starts with one.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from neurosym.core import Claim, Problem
from neurosym.testing.lies import OTHER_SHAPES, Lie, some

CONCLUSIONS: tuple[str, ...] = ()

_PROPOSITIONAL = re.compile(r"forall ((?:[A-Z] )+): Prop, (.+)", re.DOTALL)
_LETTER = re.compile(r"(?<![A-Za-z0-9_'.])[A-Z](?![A-Za-z0-9_'])")
_HARMLESS = re.compile(r"[a-zA-Z0-9_' \n.,;|()\[\]{}<>/\\~:=*+-]*")
_COMMAND = re.compile(r"(?:^|[.;*+{}-])\s*[^a-z\s.;*+{}-]|ltac|compute|admit|give_up|shelve|neurosym|reference")

FORGED = (
    "Admitted.", "admit.", "give_up.", "Abort.", "Axiom a : False. exact a.", "Unset Guard Checking.", "exact I. Qed.",
    "shelve.", "Show. Admitted.", 'idtac "Closed under the global context".', "(* Qed. *)", "", "Qed.", "Proof. Qed.",
    "fail.", "exact _.", "intros; vm_cast_no_check I.", "Fail reflexivity.", "Goal True. exact I.", "proved",
)  # fmt: skip


def copy(problem: Problem, rng: random.Random) -> Problem | None:
    """The same statement with its variables in another order under other names."""
    found = _PROPOSITIONAL.fullmatch(problem.payload["statement"])
    if found is None or problem.payload["header"]:
        return None
    names = found[1].split()
    images = dict(zip(names, rng.sample("ABCDEFGJKLMNPQRTUVWXYZ", len(names)), strict=True))
    order = rng.sample(list(images.values()), len(names))
    formula = _LETTER.sub(lambda match: images.get(match[0], match[0]), found[2])
    return _with(problem, f"forall {' '.join(order)} : Prop, {formula}")


def variants(problem: Problem, rng: random.Random) -> Iterator[Problem]:
    """The statement as a condition of True, and as the conclusion from True; with one more variable; another one."""
    statement = problem.payload["statement"]
    yield _with(problem, f"({statement}) -> True")
    found = _PROPOSITIONAL.fullmatch(statement)
    if found is not None:
        yield _with(problem, f"forall {found[1]}: Prop, True -> {found[2]}")
        unused = rng.choice([name for name in "UVWXYZ" if name not in found[1]])
        yield _with(problem, f"forall {unused} {found[1]}: Prop, {found[2]}")


def lies(problem: Problem, claim: Claim, rng: random.Random) -> Iterator[Lie]:
    """Lies made from a script that was proved."""
    script: str = claim.answer
    for forged in FORGED:
        yield Lie(f"script {forged!r}", Claim(forged, claim.evidence), True)
    for name, changed in (
        ("a theorem after it", f"{script}\nQed. Theorem more : False. Proof. Admitted."),
        ("Admitted after it", f"{script} Admitted."),
        ("Defined after it", f"{script} Defined."),
        ("an axiom before it", f"Axiom a : False. {script}"),
        ("the whole theorem", f"Theorem goal : {problem.payload['statement']}. Proof. {script} Qed."),
        ("a fence", f"```coq\n{script}\n```"),
        ("its last full stop left out", script.rstrip().removesuffix(".")),
        ("a comment that does not end", f"{script} (* (* *)"),
    ):
        yield Lie(name, Claim(changed, claim.evidence), True)
    for shape in OTHER_SHAPES:
        yield Lie("not the shape of a script", Claim(shape), True)
    sentences = script.split(".\n")
    for place in some(rng, range(len(sentences)), 6):
        kept = sentences[:place] + sentences[place + 1 :]
        yield Lie("a sentence left out", Claim(".\n".join(kept)), False)
    for start in some(rng, range(len(sentences)), 3):
        yield Lie("a sentence twice", Claim(".\n".join(sentences[: start + 1] + sentences[start:])), False)
    for one, two in (("left", "right"), ("H1", "H2"), ("split", "left"), ("exact", "apply")):
        if re.search(rf"\b{one}\b", script):
            yield Lie(f"{two} for {one}", Claim(re.sub(rf"\b{one}\b", two, script)), False)


def holds(problem: Problem, claim: Claim) -> bool | None:
    """Whether plain coqc compiles the script, None where the script might be more than tactics or there is no coqc."""
    script = claim.answer
    coqc = shutil.which("coqc")
    if coqc is None or not isinstance(script, str) or not _HARMLESS.fullmatch(script) or _COMMAND.search(script):
        return None
    header, statement = problem.payload["header"], problem.payload["statement"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reference.v")
        path.write_text(
            f"{header}\nTheorem reference : {statement}.\nProof.\n{script}\nQed.\nPrint Assumptions reference."
        )
        done = subprocess.run([coqc, "-q", str(path)], capture_output=True, timeout=60, cwd=folder)
    return done.returncode == 0 and done.stdout.endswith(b"Closed under the global context\n")


def _with(problem: Problem, statement: str) -> Problem:
    return Problem(problem.domain, problem.kind, {**problem.payload, "statement": statement})
