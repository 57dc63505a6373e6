"""Measures tfport on this machine: medians over several runs, with the spread, and no verdict.

python scripts/bench.py data        drawing 70,000 synthetic digits; reading MNIST where TFPORT_MNIST_DIR is set
python scripts/bench.py startup     import and --help of the programs, whole processes
python scripts/bench.py sheet FILE  a contact sheet of synthetic digits (PNG), to be looked at
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from tfport import plots
from tfport.data import mnist, synthetic
from tfport.registry import tutorials

RUNS = 5


def measure(name: str, action: Callable[[], object]) -> None:
    """Print the median and the range of RUNS runs, after one that does not count."""
    action()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    print(f"{name:<44} {statistics.median(seconds):7.3f} s  ({min(seconds):.3f} to {max(seconds):.3f}, {RUNS} runs)")


def data() -> None:
    measure("draw 70,000 synthetic digits", synthetic.digits)
    folder = os.environ.get("TFPORT_MNIST_DIR")
    paths = mnist.in_folder(folder) if folder else None
    if paths:
        measure("read and check the four MNIST files", lambda: mnist.digest(mnist.read(paths)))


def startup() -> None:
    for module in [module for row in tutorials().values() for module in (row.twin, row.legacy)]:
        for words in (["-c", f"import {module}"], ["-m", module, "--help"]):
            command = [sys.executable, *words]
            measure(" ".join(words), lambda command=command: subprocess.run(command, check=True, capture_output=True))  # noqa: S603


def sheet(path: str) -> None:
    images, labels, _, _ = synthetic.digits(train=600, test=10)
    plots.digit_sheet(images, labels, "synthetic digits", path)


if __name__ == "__main__":
    actions = {"data": data, "startup": startup, "sheet": sheet}
    if len(sys.argv) < 2 or sys.argv[1] not in actions or len(sys.argv) != (3 if sys.argv[1] == "sheet" else 2):
        sys.exit(__doc__)
    actions[sys.argv[1]](*sys.argv[2:])
