"""Plans: their text, and the one place where a plan is found correct.

Contract: standard library only. A plan is text with one step `(action argument …)` a line; empty lines and `;`
comments to the end of the line may stand between, and nothing else. It is correct if every step's preconditions
hold where it is applied and the goal holds at the end. What is not a plan by its form is malformed; a plan that
names what does not exist or does not fit, whose steps do not apply or that does not reach the goal is wrong. The
detail names line, step and cause.

An action makes false what it deletes and then true what it adds, all judged in the state before it. Costs are exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from neurosym_oracles._kernels.pddl_problem import TOTAL_COST, Task
from neurosym_oracles._kernels.pddl_syntax import Malformed, Node, clip, quote, strip_comments
from neurosym_oracles._kernels.pddl_types import Atom
from neurosym_oracles._kernels.pddl_world import Meter, World

# Both cases are spelt out, because a pattern that ignores case takes some foreign letters for ASCII ones.
_STEP = re.compile(r"[ \t]*\(([ \t]*[A-Za-z0-9_][A-Za-z0-9_\- \t]*)\)[ \t]*")
_WORD = re.compile(r"[A-Za-z0-9_\-]+")
_TIME = re.compile(r"[0-9.]+[ \t]*:")
_NOTHING = Fraction(0)


class Finding(NamedTuple):
    """What was found: `status` is correct, wrong or malformed. `length` and `cost` (if any) are of a correct plan."""

    status: str
    detail: str
    length: int = 0
    cost: Fraction | None = None


class _Inapplicable(Exception):
    """A step is not an action of the task or cannot be applied; the message says why."""


def check_plan(task: Task, text: str, meter: Meter) -> Finding:
    """Whether the plan `text` solves `task`. Raises OutOfBudget, and Unsupported for a cost without a value."""
    try:
        steps = read_plan(text)
    except Malformed as error:
        return Finding("malformed", error.message)
    world = World(task.vocabulary, task.values, meter)
    state = set(task.init)
    cost = task.values.get(TOTAL_COST)
    for index, (line, words) in enumerate(steps, 1):
        try:
            spent = _apply(task, words.lower().split(), state, world)
        except _Inapplicable as error:
            return Finding("wrong", f"step {index} (line {line}): {error}")
        cost = None if cost is None else cost + spent
    for test, node in task.goal:
        if not test(state, task.names, world):
            return Finding("wrong", f"goal not reached after {len(steps)} steps: {clip(_show(node, {}))} does not hold")
    detail = f"valid plan of {len(steps)} steps" + ("" if cost is None else f", cost {cost}")
    return Finding("correct", detail, len(steps), cost)


def read_plan(text: str) -> list[tuple[int, str]]:
    """The steps of a plan: the line of each (from 1), and its words. Raises Malformed and Unsupported (too long)."""
    steps: list[tuple[int, str]] = []
    for line, content in enumerate(strip_comments(text).split("\n"), 1):
        if found := _STEP.fullmatch(content):
            steps.append((line, found[1]))
        elif rest := content.strip(" \t"):
            raise Malformed(f"line {line}: {_not_a_step(rest, begun=bool(steps))}")
    return steps


def _not_a_step(line: str, begun: bool) -> str:
    """What is wrong with a line that has not the form of a step."""
    if line.startswith("```"):
        return "a markdown fence is not part of a plan"
    if _TIME.match(line):
        return f"a timestamped step, but steps have no times here: {quote(line)}"
    if not line.startswith("("):
        return f"{'trailing junk after the last step' if begun else 'not a step in parentheses'}: {quote(line)}"
    inside, closing, after = line[1:].partition(")")
    if "(" in inside:
        return f"parentheses inside of a step: {quote(line)}"
    if not closing:
        return f"cut off: the parenthesis is not closed on its line: {quote(line)}"
    if after.strip(" \t"):
        return f"trailing junk after the closing parenthesis: {quote(after)}"
    if not inside.split():
        return "a step without an action"
    bad = next((word for word in inside.split() if not _WORD.fullmatch(word)), inside)
    return f"not a name{'' if bad.isascii() else ' in ASCII'}: {quote(bad)}"


def _apply(task: Task, words: list[str], state: set[Atom], world: World) -> Fraction:
    """Change `state` by one step, and return its cost."""
    action = task.domain.actions.get(words[0])
    if action is None:
        raise _Inapplicable(f"unknown action {quote(words[0])}")
    arguments = tuple(words[1:])
    if len(arguments) != len(action.parameters):
        raise _Inapplicable(f"wrong arity: {action.name} takes {len(action.parameters)} objects, not {len(arguments)}")
    objects = task.vocabulary.objects
    for argument, (parameter, kind) in zip(arguments, action.parameters.items(), strict=True):
        own = objects.get(argument)
        if own is None:
            raise _Inapplicable(f"undeclared object {quote(argument)}")
        if own not in kind.below:
            wanted = " or ".join(kind.names)
            raise _Inapplicable(f"ill-typed object {argument}: {parameter} needs {wanted}, and it is {own}")
    world.meter.spend(action.weight)
    environment = action.names + arguments
    for test, node in action.conditions:
        if not test(state, environment, world):
            binding = dict(zip(action.parameters, arguments, strict=True))
            raise _Inapplicable(f"unsatisfied precondition {clip(_show(node, binding))} of {action.name}")
    true: list[Atom] = []
    false: list[Atom] = []
    for change, _ in action.effects:
        change(state, environment, world, true, false)
    spent = sum((cost(environment, world) for cost, _ in action.costs), _NOTHING)
    state.difference_update(false)
    state.update(true)
    return spent


def _show(formula: str | Node, binding: Mapping[str, str]) -> str:
    """`formula` as text, its free variables replaced by their values."""
    if isinstance(formula, str):
        return binding.get(formula, formula)
    if formula[0] in ("forall", "exists"):
        binding = {variable: value for variable, value in binding.items() if variable not in formula[1]}
    return f"({' '.join(_show(part, binding) for part in formula)})"
