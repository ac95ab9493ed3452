"""A planner that tries everything, straight from the text of PDDL: the ground truth on what plans there are.

It shares no line with the package: own reader, formulas evaluated recursively on sets of atoms, every choice of objects
for every action in every state, Dijkstra's algorithm. For correct and small problems only.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import count, product
from typing import Any

State = frozenset[tuple[str, ...]]


class Planner:
    def __init__(self, domain: str, problem: str) -> None:
        self.objects: dict[str, str] = {}
        self.parent: dict[str, str] = {"object": ""}
        self.actions: dict[str, dict[str, Any]] = {}
        self.values: dict[tuple[str, ...], Fraction] = {}
        init, self.goal, self.metric = set(), ["and"], False
        for section in [*read(domain)[2:], *read(problem)[2:]]:
            match section[0]:
                case ":types":
                    self.parent |= {name: kinds[0] for name, kinds in typed(section[1:])}
                case ":constants" | ":objects":
                    self.objects |= {name: kinds[0] for name, kinds in typed(section[1:])}
                case ":action":
                    self.actions[section[1]] = dict(zip(section[2::2], section[3::2], strict=True))
                case ":init":
                    for fact in section[1:]:
                        if fact[0] == "=":
                            self.values[tuple(fact[1])] = Fraction(fact[2])
                        elif fact[0] != "not":
                            init.add(tuple(fact))
                case ":goal":
                    self.goal = section[1]
                case ":metric":
                    self.metric = True
        self.init: State = frozenset(init)

    def fits(self, kind: str, wanted: list[str]) -> bool:
        return kind in wanted or (kind != "" and self.fits(self.parent.get(kind, "object"), wanted))

    def bindings(self, variables: list[Any]) -> Iterator[dict[str, str]]:
        pairs = typed(variables)
        members = [[item for item, kind in self.objects.items() if self.fits(kind, kinds)] for _, kinds in pairs]
        for choice in product(*members):
            yield {name: value for (name, _), value in zip(pairs, choice, strict=True)}

    def holds(self, formula: Any, state: State, bound: dict[str, str]) -> bool:
        match formula:
            case []:
                return True
            case ["and", *parts]:
                return all(self.holds(part, state, bound) for part in parts)
            case ["or", *parts]:
                return any(self.holds(part, state, bound) for part in parts)
            case ["not", part]:
                return not self.holds(part, state, bound)
            case ["imply", left, right]:
                return not self.holds(left, state, bound) or self.holds(right, state, bound)
            case ["forall", variables, part]:
                return all(self.holds(part, state, bound | more) for more in self.bindings(variables))
            case ["exists", variables, part]:
                return any(self.holds(part, state, bound | more) for more in self.bindings(variables))
            case ["=", left, right]:
                return bound.get(left, left) == bound.get(right, right)
        return ground(formula, bound) in state

    def changes(self, effect: Any, state: State, bound: dict[str, str]) -> Iterator[tuple[bool, tuple[str, ...]]]:
        match effect:
            case []:
                pass
            case ["and", *parts]:
                for part in parts:
                    yield from self.changes(part, state, bound)
            case ["forall", variables, part]:
                for more in self.bindings(variables):
                    yield from self.changes(part, state, bound | more)
            case ["when", condition, part]:
                if self.holds(condition, state, bound):
                    yield from self.changes(part, state, bound)
            case ["increase", *_]:
                pass
            case ["not", atom]:
                yield False, ground(atom, bound)
            case _:
                yield True, ground(effect, bound)

    def spent(self, effect: Any, bound: dict[str, str]) -> Fraction:
        if not self.metric:
            return Fraction(1)
        match effect:
            case ["and", *parts]:
                return sum((self.spent(part, bound) for part in parts), Fraction(0))
            case ["increase", _, str(amount)]:
                return Fraction(amount)
            case ["increase", _, term]:
                return self.values[ground(term, bound)]
        return Fraction(0)

    def steps(self, state: State) -> Iterator[tuple[str, Fraction, State]]:
        for name, action in self.actions.items():
            for bound in self.bindings(action.get(":parameters", [])):
                if self.holds(action.get(":precondition", []), state, bound):
                    effect = action.get(":effect", [])
                    found = list(self.changes(effect, state, bound))
                    after = state - {atom for true, atom in found if not true} | {atom for true, atom in found if true}
                    yield f"({' '.join([name, *bound.values()])})", self.spent(effect, bound), after

    def cheapest(self, most_states: int = 10_000) -> tuple[Fraction, str] | None:
        """The cost and text of a cheapest plan; None if there is none. Raises OverflowError for too many states."""
        order = count()
        queue = [(Fraction(0), next(order), self.init, "")]
        done = set()
        while queue:
            cost, _, state, plan = heapq.heappop(queue)
            if state in done:
                continue
            if self.holds(self.goal, state, {}):
                return cost, plan
            done.add(state)
            if len(done) > most_states:
                raise OverflowError
            for step, spent, after in self.steps(state):
                if after not in done:
                    heapq.heappush(queue, (cost + spent, next(order), after, f"{plan}{step}\n"))
        return None


def ground(atom: Any, bound: dict[str, str]) -> tuple[str, ...]:
    return tuple(bound.get(word, word) for word in atom)


def read(text: str) -> Any:
    found: list[Any] = []
    stack = [found]
    for token in re.findall(r"[()]|[^\s()]+", re.sub(";[^\n]*", "", text.lower())):
        if token == "(":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif token == ")":
            stack.pop()
        else:
            stack[-1].append(token)
    return found[0]


def typed(words: list[Any]) -> list[tuple[str, list[str]]]:
    pairs: list[tuple[str, list[str]]] = []
    waiting: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "-":
            kind = next(rest)
            pairs += [(name, kind[1:] if isinstance(kind, list) else [kind]) for name in waiting]
            waiting = []
        else:
            waiting.append(word)
    return pairs + [(name, ["object"]) for name in waiting]
