"""All that the actions of a task can ever do: every instance of an action, and every course that one can take.

Contract: standard library only. Nothing here reads a formula: the compiled conditions and effects by which plans are
checked are run, once for every course, and what they ask of the state is answered with yes in one course and with no
in another. So the courses of an instance exclude each other and cover all states. No instance is missed: every choice
of objects that fits the parameters is tried, and one is left out only where a precondition fails that no action can
change. The work is metered, and doubles with every atom that the conditional effects of an instance depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from neurosym_oracles._kernels.pddl_domain import Action
from neurosym_oracles._kernels.pddl_effect import Atoms
from neurosym_oracles._kernels.pddl_formula import Test
from neurosym_oracles._kernels.pddl_problem import Task
from neurosym_oracles._kernels.pddl_types import Atom
from neurosym_oracles._kernels.pddl_world import Environment, Meter, World, words

Answers: TypeAlias = dict[Atom, bool]
Outcome = TypeVar("Outcome")

_BINDING = 10  # steps for each object tried for a parameter


class Course(NamedTuple):
    """What an instance of an action makes true and false, and its cost, in all states that give these answers.

    Of an atom that is in both lists, what is made true counts.
    """

    answers: Answers
    true: Atoms
    false: Atoms
    cost: Fraction


class _AnyState(set[Atom]):
    """Stands for all states. It holds the atoms of :init, which answer for the predicates that no effect names.

    For the others `answers` does, and a new question is answered with yes.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task.init)
        effects = [node for action in task.domain.actions.values() for _, node in action.effects]
        self.changing = {word for node in effects for word in words(node)}
        self.answers: Answers = {}

    def __contains__(self, atom: Any) -> bool:
        return self.answers.setdefault(atom, True) if atom[0] in self.changing else super().__contains__(atom)

    def courses(self, run: Callable[[], Outcome]) -> Iterator[tuple[Answers, Outcome]]:
        """Every course that `run` can take: the answers that it got, which hold until the next, and its outcome."""
        self.answers = {}
        while True:
            yield self.answers, run()
            while self.answers:
                atom, answer = self.answers.popitem()  # the last question: once more, with no for an answer
                if answer:
                    self.answers[atom] = False
                    break
            else:
                return


def courses(task: Task, meter: Meter) -> Iterator[Course]:
    """Every course of every instance of an action in which it can be applied; `answers` hold until the next.

    The cost is that of the metric where there is one, else 1. Raises OutOfBudget, and Unsupported for a cost without
    a value.
    """
    world, state = World(task.vocabulary, task.values, meter), _AnyState(task)
    for action in task.domain.actions.values():
        for environment in _instances(action, state, world):
            for answers, changes in state.courses(partial(_apply, action, environment, state, world)):
                if changes is not None:
                    costs = (cost(environment, world) for cost, _ in action.costs)
                    spent = sum(costs, Fraction(0)) if task.minimise else Fraction(1)
                    yield Course(answers, *changes, spent)


def goals(task: Task, meter: Meter) -> Iterator[Answers]:
    """The answers, which hold until the next, of every course in which the goal is found to hold."""
    world, state = World(task.vocabulary, task.values, meter), _AnyState(task)

    def holds() -> bool:
        meter.spend(len(task.names) + len(task.goal))
        return all(test(state, task.names, world) for test, _ in task.goal)

    for answers, reached in state.courses(holds):
        if reached:
            yield answers


def _apply(action: Action, environment: Environment, state: _AnyState, world: World) -> tuple[Atoms, Atoms] | None:
    """What an instance of `action` makes true and false; None where it cannot be applied."""
    world.meter.spend(action.weight)
    if not all(test(state, environment, world) for test, _ in action.conditions):
        return None
    true: Atoms = []
    false: Atoms = []
    for change, _ in action.effects:
        change(state, environment, world, true, false)
    return true, false


def _instances(action: Action, state: _AnyState, world: World) -> Iterator[Environment]:
    """The environments of the instances of `action` whose preconditions that no action can change hold."""
    kinds = list(action.parameters.values())
    fixed: list[list[Test]] = [[] for _ in range(len(kinds) + 1)]
    for test, node in action.conditions:
        used = set(words(node))
        if state.changing.isdisjoint(used):
            places = (place for place, parameter in enumerate(action.parameters, 1) if parameter in used)
            fixed[max(places, default=0)].append(test)  # it looks at no parameter after this one

    def extended(chosen: Environment) -> Iterator[Environment]:
        environment = action.names + chosen + ("",) * (len(kinds) - len(chosen))
        if not all(test(state, environment, world) for test in fixed[len(chosen)]):
            return
        if len(chosen) == len(kinds):
            yield environment
        else:
            for value in world.bindings([kinds[len(chosen)]], _BINDING):
                yield from extended(chosen + value)

    return extended(())
