"""The driver's memory does not grow with the lake: peak resident set for 10,000 and for 200,000 records.

    python benchmarks/memory.py [--small 10000] [--large 200000]

Each lake is made by the real command with 2 workers, in its own process, whose resident set is read from /proc until it
ends. Prints both peaks and their ratio; exits with 1 above 1.2. Takes about 8 minutes on 2 cores at full size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def peak_megabytes(count: int) -> float:
    """The largest resident set of the driver while it makes `count` records of random_ksat."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "neurosym.generate", "random_ksat", "-n", str(count), "--workers", "2",
                   "--out", f"{folder}/lake"]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        peak, start = 0, time.monotonic()
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                break
            peak = max([peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))])
            time.sleep(0.1)
        if process.wait():
            raise SystemExit(f"generate failed with {process.returncode}")
    print(f"{count:8} records: {peak / 1024:.0f} MB in {time.monotonic() - start:.0f} s", flush=True)
    return peak / 1024


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--small", type=int, default=10_000)
    options.add_argument("--large", type=int, default=200_000)
    chosen = options.parse_args()
    ratio = peak_megabytes(chosen.large) / peak_megabytes(chosen.small)
    print(f"ratio {ratio:.2f} (at most 1.2)")
    return 0 if ratio <= 1.2 else 1


if __name__ == "__main__":
    sys.exit(main())
