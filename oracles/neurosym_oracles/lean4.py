"""A finder of proofs in Lean 4: a decision procedure for propositional statements, and a list of scripts for others.

Statements `∀ p q : Prop, …` of ∧ ∨ ¬ → ↔ are searched by the contraction-free sequent calculus (Dyckhoff,
"Contraction-free sequent calculi for intuitionistic logic", J. Symb. Logic 57, 1992), which always ends; its proofs are
written as tactics. For any other statement a fixed list of scripts is tried in Lean. `attempts` counts sequents, or
scripts; `Budget.steps` limits the sequents, and is the limit of heartbeats of a script. Nothing here is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from neurosym.core import Budget, Claim, Json, MalformedProblem, Oracle, Problem, Reason, Undecided
from neurosym_oracles._lean import Pool, version
from neurosym_oracles._lean_trace import trace

DEFAULT_STEPS = 200_000

Formula = tuple["str | Formula", ...]
"""("atom", name), ("false",), ("not", a), and ("and" | "or" | "imp" | "iff", a, b)."""

Hypotheses = tuple[tuple[str, Formula], ...]

_SYMBOLS = {"∧": "and", "∨": "or", "→": "imp", "↔": "iff"}
_STRENGTH = {"↔": 20, "→": 25, "∨": 30, "∧": 35}
_QUANTIFIED = re.compile(r"∀ ([a-z][a-z0-9]*(?: [a-z][a-z0-9]*)*) : Prop, ([^∀∃]*)")
_TOKEN = re.compile(r"\s*([a-z][a-z0-9]*|False|[()∧∨→↔¬])")

_RUNS_CODE = re.compile(
    r"[#\"`«$%\\]|\b(elab|macro|syntax|init|run|eval|unsafe|option|extern|implemented|deriving|by_elab|open)"
)
_LEMMA = re.compile(r"^(?:@\[simp\] )?theorem ([A-Za-z_][\w']*)", re.MULTILINE)
_FALSE: Formula = ("false",)


class Lean4(Oracle):
    name = "lean4"
    kind = "lean4"
    family = "dyckhoff"
    effort = "attempts"
    default = True

    def version(self) -> str:
        return f"{version()}, with sequents"

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        header, statement = (problem.payload.get(key) for key in ("header", "statement"))
        if not isinstance(header, str) or not isinstance(statement, str):
            raise MalformedProblem('want the payload {"header": text, "statement": text}')
        if "prefix" in problem.payload:
            return self._next(problem, budget)
        if max(len(header), len(statement)) > 1 << 16:
            raise Undecided(Reason.UNSUPPORTED, "the problem is too large")
        steps = DEFAULT_STEPS if budget.steps is None else budget.steps
        try:
            read = _propositional(statement)
            if read is None:
                return _scripted(header, statement, steps, budget)
            search = _Search(steps)
            found = search.prove((), read[1], 0)
        except RecursionError:
            raise Undecided(Reason.MEMORY, "formulas nested too deeply") from None
        if found is None:
            raise Undecided(Reason.UNSUPPORTED, "no intuitionistic proof")
        return Claim("\n".join([f"intro {' '.join(read[0])}", *found]), None, {"attempts": search.sequents})

    def _next(self, problem: Problem, budget: Budget) -> Claim:
        """The tactic that comes next in the proof that is found anew, where that begins with the problem's prefix."""
        parts = {name: problem.payload[name] for name in ("header", "statement")}
        whole = self.solve(Problem(problem.domain, problem.kind, parts), budget)
        blocks = _blocks(whole.answer)
        for number in range(1, len(blocks)):
            if "\n".join(blocks[:number]) == problem.payload["prefix"]:
                rest = "\n".join(blocks[number + 1 :])
                return Claim(blocks[number], {"rest": rest} if rest else None, whole.metrics)
        raise Undecided(Reason.UNSUPPORTED, "the proof that is found does not begin so")

    def steps(self, problem: Problem, claim: Claim, budget: Budget) -> list[Mapping[str, Json]]:
        """One for each tactic of the outermost level but the first, with the goals that Lean shows before it."""
        header, statement = problem.payload["header"], problem.payload["statement"]
        traced = iter(trace(_POOL, header, statement, claim.answer, budget))
        blocks = _blocks(claim.answer)
        found: list[Mapping[str, Json]] = []
        for number, block in enumerate(blocks):
            first = block.split("\n")[0].lstrip("· ")
            goals = next((before for tactic, before, _ in traced if tactic.split("\n")[0] == first), None)
            if goals is None:
                break
            prefix = "\n".join(blocks[:number])
            if prefix:
                found.append({"header": header, "statement": statement, "prefix": prefix, "goals": goals})
        return found


def _blocks(proof: str) -> list[str]:
    """The tactics of the outermost level, each with the lines that belong to it."""
    return re.split(r"\n(?![ |])", proof)


def _propositional(statement: str) -> tuple[list[str], Formula] | None:
    """The variables and the formula of a statement, None for one of another form."""
    match = _QUANTIFIED.fullmatch(statement)
    if match is None:
        return None
    tokens: list[str] = []
    place, text = 0, match[2].rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            return None
        tokens.append(token[1])
        place = token.end()
    names = match[1].split(" ")
    if not {token for token in tokens if token[0].isascii() and token.islower()} <= set(names):
        return None
    try:
        formula = _formula(tokens, 0)
    except IndexError:
        return None
    return None if tokens or formula is None else (names, formula)


def _formula(tokens: list[str], strength: int) -> Formula | None:
    """The formula at the beginning of the tokens, which it takes away, of connectives of at least a strength."""
    token = tokens.pop(0)
    left: Formula | None
    if token == "(":
        left = _formula(tokens, 0)
        if tokens.pop(0) != ")":
            return None
    elif token == "¬":
        inner = _formula(tokens, 40)
        left = None if inner is None else ("not", inner)
    elif token == "False":
        left = _FALSE
    else:
        left = ("atom", token) if token.isalnum() else None
    while left is not None and tokens and _STRENGTH.get(tokens[0], -1) >= strength:
        symbol = tokens.pop(0)
        right = _formula(tokens, _STRENGTH[symbol] + (symbol == "↔"))
        left = None if right is None else (_SYMBOLS[symbol], left, right)
    return left


def _text(formula: Formula) -> str:
    kind, *parts = formula
    if kind == "atom":
        return str(parts[0])
    if kind == "false":
        return "False"
    texts = [_text(part) for part in parts if not isinstance(part, str)]
    if kind == "not":
        return f"(¬{texts[0]})"
    symbol = next(symbol for symbol, name in _SYMBOLS.items() if name == kind)
    return f"({texts[0]} {symbol} {texts[1]})"


@dataclass
class _Search:
    """Depth-first search for a proof, which counts sequents."""

    steps: int
    sequents: int = 0
    failed: set[tuple[frozenset[Formula], Formula]] = field(default_factory=set)

    def prove(self, known: Hypotheses, goal: Formula, names: int) -> list[str] | None:
        """The tactics that prove the goal, None if nothing does. `names` hypotheses were named so far."""
        self.sequents += 1
        if self.sequents > self.steps:
            raise Undecided(Reason.TIMEOUT, f"no proof within {self.steps} sequents")
        sequent = frozenset(formula for _, formula in known), goal
        if sequent in self.failed:
            return None
        found = self._prove(known, goal, names)
        if found is None:
            self.failed.add(sequent)
        return found

    def _prove(self, known: Hypotheses, goal: Formula, names: int) -> list[str] | None:
        for name, formula in known:
            if formula == goal:
                return [f"exact {name}"]
            if formula == _FALSE:
                return [f"exact False.elim {name}"]
        for place, (name, formula) in enumerate(known):
            simpler = _simpler(name, formula, known, names)
            if simpler is not None:
                lines, added = simpler
                rest = self.prove(known[:place] + known[place + 1 :] + added, goal, names + len(added))
                return None if rest is None else [*lines, *rest]
        fresh = f"h{names + 1}"
        match goal:
            case ("imp", tuple(a), tuple(b)):
                rest = self.prove((*known, (fresh, a)), b, names + 1)
                return None if rest is None else [f"intro {fresh}", *rest]
            case ("not", tuple(a)):
                rest = self.prove((*known, (fresh, a)), _FALSE, names + 1)
                return None if rest is None else [f"intro {fresh}", *rest]
            case ("and" | "iff" as kind, tuple(a), tuple(b)):
                one, other = (a, b) if kind == "and" else (("imp", a, b), ("imp", b, a))
                first = self.prove(known, one, names)
                second = None if first is None else self.prove(known, other, names)
                return None if first is None or second is None else ["constructor", *_bullet(first), *_bullet(second)]
        for place, (name, formula) in enumerate(known):
            match formula:
                case ("or", tuple(a), tuple(b)):
                    others = known[:place] + known[place + 1 :]
                    first = self.prove((*others, (fresh, a)), goal, names + 1)
                    second = None if first is None else self.prove((*others, (fresh, b)), goal, names + 1)
                    if first is None or second is None:
                        return None
                    inl, inr = (["  " + line for line in lines] for lines in (first, second))
                    return [f"cases {name} with", f"| inl {fresh} =>", *inl, f"| inr {fresh} =>", *inr]
        return self._choose(known, goal, names)

    def _choose(self, known: Hypotheses, goal: Formula, names: int) -> list[str] | None:
        """The rules after which a proof may be lost."""
        if goal[0] == "or":
            for side, part in zip(("left", "right"), goal[1:], strict=True):
                assert not isinstance(part, str)
                rest = self.prove(known, part, names)
                if rest is not None:
                    return [side, *rest]
        for place, (name, formula) in enumerate(known):
            implication = _implication(formula)
            inner = implication and _implication(implication[0])
            if not implication or not inner:
                continue
            others, (a, b), c = known[:place] + known[place + 1 :], inner, implication[1]
            weaker, shown, concluded = (f"h{names + number}" for number in (1, 2, 3))
            first = self.prove((*others, (weaker, ("imp", b, c))), ("imp", a, b), names + 3)
            second = None if first is None else self.prove((*others, (concluded, c)), goal, names + 3)
            if first is not None and second is not None:
                return [
                    f"have {weaker} : {_text(b)} → {_text(c)} := fun b => {name} (fun _ => b)",
                    f"have {shown} : {_text(a)} → {_text(b)} := by",
                    *("  " + line for line in first),
                    f"have {concluded} := {name} {shown}",
                    *second,
                ]
        return None


def _implication(formula: Formula) -> tuple[Formula, Formula] | None:
    match formula:
        case ("imp", tuple(a), tuple(b)):
            return a, b
        case ("not", tuple(a)):
            return a, _FALSE
    return None


def _simpler(name: str, formula: Formula, known: Hypotheses, names: int) -> tuple[list[str], Hypotheses] | None:
    """Tactics that replace a hypothesis by simpler ones, without loss and without cases."""
    one, other = f"h{names + 1}", f"h{names + 2}"
    match formula:
        case ("and", tuple(a), tuple(b)):
            return [f"have {one} := {name}.left", f"have {other} := {name}.right"], ((one, a), (other, b))
        case ("iff", tuple(a), tuple(b)):
            added = ((one, ("imp", a, b)), (other, ("imp", b, a)))
            return [f"have {one} := {name}.mp", f"have {other} := {name}.mpr"], added
    implication = _implication(formula)
    if implication is None:
        return None
    condition, c = implication
    for had, fact in known:
        if fact == condition:
            return [f"have {one} := {name} {had}"], ((one, c),)
    match condition:
        case ("false",):
            return [], ()
        case ("and" | "iff" as kind, tuple(a), tuple(b)):
            x, y = (a, b) if kind == "and" else (("imp", a, b), ("imp", b, a))
            curried: Formula = ("imp", x, ("imp", y, c))
            return [f"have {one} : {_text(curried)} := fun a b => {name} ⟨a, b⟩"], ((one, curried),)
        case ("or", tuple(a), tuple(b)):
            lines = [
                f"have {one} : {_text(a)} → {_text(c)} := fun a => {name} (Or.inl a)",
                f"have {other} : {_text(b)} → {_text(c)} := fun b => {name} (Or.inr b)",
            ]
            return lines, ((one, ("imp", a, c)), (other, ("imp", b, c)))
    return None


def _bullet(lines: list[str]) -> list[str]:
    return [("· " if number == 0 else "  ") + line for number, line in enumerate(lines)]


_POOL = Pool(most=2)


def _scripts(header: str, statement: str) -> Iterator[str]:
    """Scripts that may prove a statement, the likeliest first."""
    lemmas = _LEMMA.findall(header)
    ordered = [name for name in lemmas if "comm" in name or "assoc" in name]
    quantified = re.match(r"∀ ([a-z][a-z0-9]*(?: [a-z][a-z0-9]*)*) : \w+, ", statement)
    names = quantified[1].split(" ") if quantified else []
    introduced = f"intro {' '.join(names)}\n" if names else ""
    for chosen in (ordered, lemmas):
        if chosen:
            yield f"{introduced}simp only [{', '.join(chosen)}]"
    for script in ("rfl", "decide", "simp", "omega"):
        yield introduced + script
    for name in names:
        others = [other for other in names if other != name]
        after = f"intro {' '.join(others)}; " if others else ""
        for step in ("exact congrArg Nat.succ ih", f"simp only [{', '.join(['ih', *lemmas])}]"):
            cases = f"| zero => {after}rfl\n| succ {name} ih => {after}{step}"
            yield f"intro {name}\ninduction {name} with\n{cases}"


def _scripted(header: str, statement: str, steps: int, budget: Budget) -> Claim:
    """The first script that Lean takes. Raises Undecided."""
    if _RUNS_CODE.search(header) or _RUNS_CODE.search(statement):
        raise Undecided(Reason.UNSUPPORTED, "the header or the statement may run code in Lean")
    if steps < 1:
        raise Undecided(Reason.TIMEOUT, "no heartbeats")
    beginning = f"{header}\nset_option maxHeartbeats {steps}\ntheorem neurosym_try :\n(\n{statement}\n)\n:=\n(\nby\n"
    attempts = 0
    for attempts, script in enumerate(_scripts(header, statement), 1):
        body = script.replace("\n", "\n  ")
        messages = _POOL.messages((header,), f"{beginning}  {body}\n)\n", budget.seconds, budget.memory_mb)
        if not any(message.severity == "error" or "sorry" in message.text for message in messages):
            return Claim(script, None, {"attempts": attempts})
    raise Undecided(Reason.UNSUPPORTED, f"none of {attempts} scripts proves it")


PLUGINS = (Lean4,)
