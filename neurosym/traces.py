"""python -m neurosym.traces: the steps of the proofs in a lake, as problems of their own: what comes next?

Each line of what is written is {"kind", "payload"}: `generate --from` labels it like any other problem, with the step
that the oracle took as answer and the steps after it as evidence, and its checker proves it.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from neurosym import registry
from neurosym.command import Parser, note, progress_bar, run
from neurosym.core import Budget, Undecided, canonical_json
from neurosym.errors import UsageError

EXAMPLES = """\
  python -m neurosym.traces proofs -o steps.jsonl
  python -m neurosym.generate --from steps.jsonl --out steps
"""


def parser() -> Parser:
    """The command line."""
    made = Parser("traces", "Turn the proofs of a lake into problems that ask for the next step.", EXAMPLES)
    made.add_argument("lake", metavar="LAKE", help="the lake's folder or URI")
    made.add_argument("-o", "--out", metavar="OUT.jsonl", help="where the problems go (default: standard output)")
    return made


def main(arguments: list[str]) -> int:
    """Run the command. Raises UsageError where there is no lake, or nothing in it has steps."""
    from neurosym.lake import Lake

    options = parser().parse_args(arguments)
    lake = Lake(options.lake)
    count: Counter[str] = Counter()
    with ExitStack() as stack:
        total = sum(entry["rows"] for entry in lake.files())
        update = stack.enter_context(progress_bar("traces", total))
        try:
            sink = stack.enter_context(Path(options.out).open("w")) if options.out else sys.stdout
        except OSError as error:
            raise UsageError(f"cannot write {options.out}: {error.strerror}") from None
        for number, record in enumerate(lake.records(), 1):
            problem = record.problem
            try:
                steps = registry.oracle(record.oracle).steps(problem, record.claim, Budget())
            except Undecided as error:
                count[f"not traced: {error}"] += 1
                steps = []
            for payload in steps:
                print(f'{{"kind":{canonical_json(problem.kind)},"payload":{canonical_json(payload)}}}', file=sink)
            count["steps"] += len(steps)
            update(number, f"{count['steps']} steps")
    said = ", ".join(f"{number} {what}" for what, number in count.items())
    if not count["steps"]:
        raise UsageError(f"no record of {options.lake} has steps, only proofs by an oracle that traces them: {said}")
    note(said)
    return 0


if __name__ == "__main__":
    run(main)
