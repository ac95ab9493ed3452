"""Native simulators of two planning domains: the ground truth for plans, without a line of PDDL semantics.

Blocks have a place under them and packages have a place they are at; actions move them by the rules of the game. The
problem texts are those that the domains `blocksworld` and `logistics` write, under any names of objects. A plan is
valid only in the exact form `(action object …)`, lower case, one a line; white space around the text is ignored.
"""

from __future__ import annotations

import re

Call = list[str]
TABLE = ""


def blocksworld_valid(problem_text: str, plan_text: str) -> bool:
    """Whether the plan moves the blocks, one clear block at a time, from the start to the goal."""
    start, goal = _sections(problem_text)
    under: dict[str, str] = {}
    for fact in start:
        if fact[0] == "ontable":
            under[fact[1]] = TABLE
        elif fact[0] == "on":
            under[fact[1]] = fact[2]
    held: str | None = None
    for call in _calls(plan_text):
        match call:
            case ["pick-up", x] if held is None and under.get(x) == TABLE and x not in under.values():
                held = x
                del under[x]
            case ["unstack", x, y] if held is None and y in under and under.get(x) == y and x not in under.values():
                held = x
                del under[x]
            case ["put-down", x] if held == x:
                under[x], held = TABLE, None
            case ["stack", x, y] if held == x and y in under and y not in under.values():
                under[x], held = y, None
            case _:
                return False
    return held is None and all(under.get(fact[1]) == (TABLE if fact[0] == "ontable" else fact[2]) for fact in goal)


def logistics_valid(problem_text: str, plan_text: str) -> bool:
    """Whether trucks within cities and airplanes between airports bring every package to where it is wanted."""
    objects = re.search(r"\(:objects ([^()]*)\)", problem_text)
    assert objects is not None
    of_kind = {kind: names.split() for names, kind in re.findall(r"([^-()]+) - ([a-z]+)", objects[1])}
    packages, trucks, airplanes, airports = (
        set(of_kind.get(kind, ())) for kind in ("package", "truck", "airplane", "airport")
    )
    start, goal = _sections(problem_text)
    city = {fact[1]: fact[2] for fact in start if fact[0] == "in-city"}
    where = {fact[1]: fact[2] for fact in start if fact[0] == "at"}
    for call in _calls(plan_text):
        match call:
            case ["load-truck", p, t, place] if p in packages and t in trucks and where[p] == where[t] == place:
                where[p] = t
            case ["load-airplane", p, a, place] if p in packages and a in airplanes and where[p] == where[a] == place:
                if place not in airports:
                    return False
                where[p] = a
            case ["unload-truck", p, t, place] if p in packages and t in trucks and (where[p], where[t]) == (t, place):
                where[p] = place
            case ["unload-airplane", p, a, place] if p in packages and a in airplanes and where[p] == a:
                if where[a] != place or place not in airports:
                    return False
                where[p] = place
            case ["drive-truck", t, origin, to, c] if t in trucks and where[t] == origin:
                if not city.get(origin) == city.get(to) == c:
                    return False
                where[t] = to
            case ["fly-airplane", a, origin, to] if a in airplanes and where[a] == origin and {origin, to} <= airports:
                where[a] = to
            case _:
                return False
    return all(where[fact[1]] == fact[2] for fact in goal)


def _sections(problem_text: str) -> tuple[list[Call], list[Call]]:
    """The facts of the start and those of the goal."""
    start, _, goal = problem_text.partition("(:goal")
    start = start.partition("(:init")[2]
    return _groups(start), _groups(goal)


def _groups(text: str) -> list[Call]:
    return [group.split() for group in re.findall(r"\(([^()]+)\)", text)]


def _calls(plan_text: str) -> list[Call]:
    """The actions of a plan; one that no rule knows for a line that is not in the exact form."""
    lines = plan_text.strip(" \t\r\n").split("\n") if plan_text.strip(" \t\r\n") else []
    exact = re.compile(r"\([a-z-]+(?: [a-z0-9_-]+)*\)")
    return [line[1:-1].split(" ") if exact.fullmatch(line) else ["?"] for line in lines]
