"""The same job gives the same rows, whatever happens to it: 20,000 records over the five domains.

    python benchmarks/reproduce.py [-n 20000]

Makes the lake of `--seed 1` with one worker, with two, and with two while a worker and then the driver are killed by
`kill -9` and the command is run again. Compares the three digests, holds the lake of `--seed 2` against them, counts
canonical forms and the splits they lie in, and proves every record again. Exits with 1 if anything differs. Takes about
12 minutes on 2 cores at full size.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from neurosym.lake import Lake

DOMAINS = "blocksworld,logistics,random_ksat,graph_coloring,linear_integer"


def command(count: int, seed: int, workers: int, out: Path) -> list[str]:
    return [sys.executable, "-m", "neurosym.generate", DOMAINS, "-n", str(count), "--seed", str(seed),
            "--workers", str(workers), "--out", str(out), "--json"]  # fmt: skip


def make(count: int, seed: int, workers: int, out: Path) -> str:
    start = time.perf_counter()
    subprocess.run(command(count, seed, workers, out), check=True, stdout=subprocess.DEVNULL)
    print(f"{out.name:10} {time.perf_counter() - start:6.0f} s  {Lake(out).digest}", flush=True)
    return Lake(out).digest


def descendants(pid: int) -> list[int]:
    """The processes below `pid`, from /proc."""
    children = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            children[int(entry.read_text().rpartition(")")[2].split()[1])].append(int(entry.parent.name))
        except OSError:
            continue
    found, waiting = [], [pid]
    while waiting:
        found += (below := children[waiting.pop()])
        waiting += below
    return found


def title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it ended meanwhile
        return ""


def rows_so_far(out: Path) -> int:
    manifest = out / "manifest.json"
    staged = len(list(out.rglob("staging/*/*.arrow")))
    parts = (
        [part for job in json.loads(manifest.read_text())["jobs"] for part in job["parts"]]
        if (manifest.exists())
        else []
    )
    return 64 * staged + sum(part["proved"] for part in parts)


def make_with_kills(count: int, out: Path) -> str:
    """One Ray worker is killed after a tenth of the records, the driver after a third; then the command runs again."""
    start = time.perf_counter()
    process = subprocess.Popen(command(count, 1, 2, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for share, victim in ((10, "worker"), (3, "driver")):
        while rows_so_far(out) < count // share:
            if process.poll() is not None:
                raise SystemExit("the run ended before it could be killed")
            time.sleep(0.05)
        pid = process.pid
        if victim == "worker":
            pid = next(child for child in descendants(pid) if "ray::_Worker" in title(child))
        os.kill(pid, signal.SIGKILL)
        print(f"           killed a {victim} after {rows_so_far(out)} records", flush=True)
    process.wait()
    subprocess.run(command(count, 1, 2, out), check=True, stdout=subprocess.DEVNULL)
    print(f"{out.name:10} {time.perf_counter() - start:6.0f} s  {Lake(out).digest}", flush=True)
    return Lake(out).digest


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-n", "--count", type=int, default=20_000)
    count = options.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        two, one = make(count, 1, 2, root / "workers-2"), make(count, 1, 1, root / "workers-1")
        killed = make_with_kills(count, root / "killed")
        other = make(count // 10, 2, 2, root / "seed-2")
        lake = Lake(root / "workers-2")
        splits = defaultdict(set)
        records = 0
        for entry in lake.files():
            for form in lake.table(entry["path"], columns=["canonical_id"])["canonical_id"].to_pylist():
                splits[form].add(entry["split"])
                records += 1
        verified = subprocess.run([sys.executable, "-m", "neurosym.verify", lake.location, "--workers", "2"]).returncode
    shared = sum(len(where) > 1 for where in splits.values())
    print(f"{records} records, {len(splits)} canonical forms, {shared} of them in two splits; verify exits {verified}")
    print(f"counts: {lake.manifest['quality']['counts']}")
    good = one == two == killed != other and len(splits) == records == count and not shared and not verified
    print("the same rows three times" if good else "NOT the same")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
