"""Your own PDDL files: a folder of domains and problems becomes a lake of proved plans, and judges a model's plans.

    python examples/own_pddl_folder.py [FOLDER]

FOLDER (default: examples/problems) holds domain and problem files in any layout: each problem goes with the domain
that it names, in its own folder or the nearest one above. Runs the same commands as you would, prints them and what
they say, then each problem with its plan, and the verdicts on that plan and on one that stops short.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import neurosym as ns


def run(command, *arguments):
    print(f"$ python -m neurosym.{command} {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, "-m", f"neurosym.{command}", *arguments], check=True)


def main(folder, out):
    files = sorted(folder.rglob("*.pddl"))
    if not files:
        sys.exit(f"{folder} has no .pddl files")
    run("generate", "--from", *files, "--out", out)
    run("verify", out)
    for record in ns.Lake(out).records():
        print(f"\n{record.seed_path}\n{record.completion}")
        steps = record.completion.splitlines()
        for what, plan in (("this plan", steps), ("without its last step", steps[:-1]), ("misspelt", ["go there"])):
            verdict = ns.judge(record, "\n".join(plan))
            print(f"{what}: {verdict.status}, {verdict.detail}")


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "problems"
    with tempfile.TemporaryDirectory() as made:
        main(given, Path(made) / "lake")
