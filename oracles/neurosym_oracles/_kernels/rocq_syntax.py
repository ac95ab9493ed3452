"""What a proof script and a header of Rocq may say: an allow-list (Rocq 8.16, Reference Manual, "Tactics" and "Ltac").

Contract: a sentence of a script is a bullet, a brace, or starts with a tactic of `TACTICS`, and so does each tactic
inside it. So no command can be written, nothing that prints, and nothing that runs another program or leaves a goal
behind. A header defines, states lemmas with such scripts, and imports from Rocq's own library. Whether a proof is right
is not asked here: that is for Rocq's two kernels.
"""

from __future__ import annotations

from neurosym_oracles._kernels.rocq_tokens import CLOSES, ScriptError, Sentence, require_balanced

_WORDS = """\
absurd apply assert assumption auto case cbn cbv change clear compute congruence constructor contradict
contradiction cut destruct discriminate easy eapply eassumption eauto econstructor edestruct eexists elim enough
erewrite exact exfalso exists f_equal firstorder fold generalize hnf idtac induction injection intro intros
intuition inversion left lia pose red refine reflexivity remember rename replace revert rewrite right ring set simpl
specialize split subst symmetry tauto transitivity trivial unfold"""

TACTICS = frozenset(_WORDS.split())
BARE = frozenset({"easy", "firstorder", "idtac", "intuition", "tauto"})
"""An argument of these would be a tactic, or would be printed."""
PREFIXES = frozenset({"now", "once", "progress", "repeat", "try"})
"""A tactic follows."""
CHOICES = frozenset({"first", "solve"})
"""Tactics in brackets follow."""
COMMANDS = frozenset(
    {"Definition", "Fixpoint", "From", "Import", "Inductive", "Lemma", "Open", "Proof", "Qed", "Theorem"}
)
"""What a sentence of a header may start with."""


def check_script(script: list[Sentence]) -> None:
    """Raises ScriptError, with the number of the sentence, unless every sentence is a bullet, a brace or a tactic."""
    if not script:
        raise ScriptError("no sentence")
    for number, sentence in enumerate(script, 1):
        try:
            if sentence[-1] == ".":
                _require_tactic(sentence[:-1])
        except ScriptError as error:
            raise ScriptError(f"sentence {number}: {error}") from None


def check_header(header: list[Sentence]) -> None:
    """Raises ScriptError unless every sentence is a definition, a lemma with its script, or an import from Coq."""
    for number, sentence in enumerate(header, 1):
        if sentence[0] not in COMMANDS:
            check_script([sentence])
            continue
        require_balanced(sentence)
        if sentence[0] in ("Proof", "Qed") and len(sentence) != 2:
            raise ScriptError(f"sentence {number} of the header: {sentence[0]} takes no argument")
        if sentence[0] == "From" and sentence[1:4] != ("Coq", "Require", "Import"):
            raise ScriptError(f"sentence {number} of the header: only From Coq Require Import is allowed")
        if sentence[0] == "Open" and sentence[1] != "Scope":
            raise ScriptError(f"sentence {number} of the header: only Open Scope is allowed")


def _require_tactic(tokens: Sentence) -> None:
    """Follow a tactic expression; where a tactic must start, it is one of the allow-list."""
    require_balanced(tokens)
    if tokens[1:2] == (":",) and (tokens[0] == "all" or tokens[0].isdigit()):
        tokens = tokens[2:]
    start, last = True, ""  # whether a tactic must start here, and what came before: a separator or a tactic's name
    brackets: list[bool] = []  # of each open bracket, whether tactics are in it
    for token in tokens:
        if brackets and not brackets[-1]:  # in a term or a pattern
            if token in CLOSES:
                brackets.append(False)
            elif token in CLOSES.values():
                brackets.pop()
        elif (last in CHOICES and token != "[") or (last == "do" and not token.isdigit()):
            raise ScriptError(f"{token} is not allowed after {last}")
        elif token in CLOSES:
            tactics = start and (token == "(" or (token == "[" and last in (*CHOICES, ";")))
            if (start and not tactics) or (not start and last in BARE):
                raise ScriptError(f"{token} is not allowed here")
            brackets.append(tactics)
            last = "" if tactics else last
        elif token in CLOSES.values():
            brackets.pop()
            start, last = False, ")"
        elif token in (";", "||", "by", "|") and (not start or (token == "|" and brackets)):
            start, last = True, token
        elif not start:
            if last in BARE:
                raise ScriptError(f"{last} takes no argument here")
        elif token in TACTICS:
            start, last = False, token
        elif token in (*CHOICES, *PREFIXES, "do") or last == "do":
            last = token
        else:
            raise ScriptError(f"{token} is not an allowed tactic")
    if start:
        raise ScriptError("a tactic is missing")
