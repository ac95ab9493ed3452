"""Two models on the same problems: what each proves that the other does not, and how sure the difference is.

Contract: problems are matched by id, never by place, and both evaluations must have asked the same ones: a difference
on different problems would not be the models'. Every problem counts; an answer that is not proved, whatever the
reason, is not. Renamings of one problem count as one draw.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neurosym.errors import UsageError
from neurosym.evaluation.judged import Asked, from_line
from neurosym.metrics import paired
from neurosym.metrics.paired import Paired


@dataclass(frozen=True)
class Comparison:
    """The second model against the first, by their first answers and, where both have k > 1, by the best of k.

    `best_of` has the answer that the checker chooses among the first `k`, k being the smaller number of the two.
    """

    first: str
    second: str
    answers: Paired
    k: int
    best_of: Paired | None

    @property
    def sentences(self) -> tuple[str, ...]:
        """One plain sentence on the first answers, and one on the best of k."""
        said = [paired.sentence(self.answers, self.first, self.second)]
        if self.best_of is not None:
            names = (f"{self.first}, best of {self.k}", f"{self.second}, best of {self.k},")
            said.append(paired.sentence(self.best_of, *names))
        return tuple(said)

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def compare(first: Sequence[Asked], second: Sequence[Asked], names: tuple[str, str], seed: int = 0) -> Comparison:
    """The comparison of two models' judged answers. `seed` draws the resamples of the intervals.

    Raises UsageError where they were not asked the same problems, saying how many they share.
    """
    mine, theirs = _by_id(first, names[0]), _by_id(second, names[1])
    shared = mine.keys() & theirs.keys()
    if not shared or len(shared) < len(mine) or len(shared) < len(theirs):
        raise UsageError(
            f"{names[0]} was asked {len(mine)} problems and {names[1]} {len(theirs)}, and they share {len(shared)} of "
            "them: only answers to the same problems can be compared"
        )
    pairs = [(mine[name], theirs[name]) for name in sorted(shared)]
    for one, other in pairs:
        if one.canonical_id != other.canonical_id:
            raise UsageError(f"problem {one.id} has two canonical forms: judge both evaluations again with --rejudge")
    k = min(len(one.answers) for pair in pairs for one in pair)

    def by(answers: int) -> Paired:
        proved = [[any(one.right[:answers]) for one in side] for side in zip(*pairs, strict=True)]
        return paired.compare(proved[0], proved[1], [one.canonical_id for one, _ in pairs], seed)

    return Comparison(*names, answers=by(1), k=k, best_of=by(k) if k > 1 else None)


def compare_folders(first: Path, second: Path) -> Comparison:
    """The comparison of two evaluations as `python -m neurosym.evaluate` left them.

    Raises UsageError where one of them is none, or is not finished, and where they did not ask the same problems.
    """
    names = [str(read_figures(folder).get("model", folder.name)) for folder in (first, second)]
    if names[0] == names[1]:
        names = [f"{name} ({folder})" for name, folder in zip(names, (first, second), strict=True)]
    return compare(read_asked(first), read_asked(second), (names[0], names[1]))


def read_figures(folder: Path) -> Mapping[str, object]:
    """evaluation.json of a finished evaluation. Raises UsageError where there is none."""
    try:
        found = json.loads((folder / "evaluation.json").read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{folder} holds no finished evaluation ({_why(error)}): run neurosym.evaluate") from None
    if not isinstance(found, dict):
        raise UsageError(f"{folder}/evaluation.json is not an object: run neurosym.evaluate again")
    return found


def read_asked(folder: Path) -> list[Asked]:
    """The judged answers of a finished evaluation, in the order asked. Raises UsageError where there are none."""
    try:
        with (folder / "verdicts.jsonl").open(encoding="utf-8") as lines:
            return [from_line(line) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{folder} holds no judged answers ({_why(error)}): run it again with --rejudge") from None


def _why(error: Exception) -> str:
    return "no such file" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"


def _by_id(asked: Sequence[Asked], name: str) -> dict[str, Asked]:
    ((_, most),) = Counter(one.id for one in asked).most_common(1) or [("", 0)]
    if most > 1:
        raise UsageError(f"{name} was asked one problem {most} times: an evaluation asks each once")
    return {one.id: one for one in asked}
