"""Measures tfport on this machine: medians over several runs, with the spread, and no verdict.

python scripts/bench.py data        drawing 70,000 synthetic digits; reading MNIST where TFPORT_MNIST_DIR is set
python scripts/bench.py startup     import and --help of the programs, whole processes
python scripts/bench.py summaries   steps of the tutorial on TensorBoard, TF1 and Keras, with summaries and without
python scripts/bench.py sheet FILE  a contact sheet of synthetic digits (PNG), to be looked at
"""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from tfport import plots, startup
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


def start() -> None:
    for module in [module for row in tutorials().values() for module in (row.twin, row.legacy)]:
        for words in (["-c", f"import {module}"], ["-m", module, "--help"]):
            command = [sys.executable, *words]
            measure(" ".join(words), lambda command=command: subprocess.run(command, check=True, capture_output=True))  # noqa: S603


def summaries() -> None:
    """Milliseconds an update, in turns, so that a busy moment of the machine meets all alike."""
    startup.prepare()
    from legacy_tf1 import summaries as legacy
    from tfport import callbacks as shown
    from tfport import data as sources
    from tfport import parity, training
    from tfport import summaries as twin
    from tfport.parity.sides import GraphSide, training_rows

    digits = sources.load("mnist" if os.environ.get("TFPORT_MNIST_DIR") else "synthetic")
    pair = parity.Pair.of(tutorials()["summaries"])
    config = twin.Config(steps=180, report_every=180)
    test = digits.test.inputs, digits.test.targets
    print(f"steps of {config.batch_size}; with all summaries, {len(digits.test)} digits are evaluated every ninth step")

    def tf1(log_dir: str) -> list[float]:
        # Ten steps lie between two reports, nine of them updates.
        graph = GraphSide(pair, legacy.Config(log_dir=log_dir, max_steps=200), 1)
        datasets = graph.datasets(digits, training_rows(digits.train, config))
        ends = []
        with graph.graph.as_default(), contextlib.redirect_stdout(None):
            for _ in legacy.train(graph.session, graph.net, datasets, graph.config):
                ends.append(time.perf_counter())
        graph.close()
        return [1000 * (after - before) / 9 for before, after in itertools.pairwise(ends)]

    def keras(callbacks: Callable[[str], list[Any]], log_dir: str) -> list[float]:
        clock = shown.EveryStep(lambda model: time.perf_counter())
        training.fit(twin.build(config), digits, config, [*callbacks(log_dir), clock])
        ends = clock.values[8::9]
        return [1000 * (after - before) / 9 for before, after in itertools.pairwise(ends)]

    every = {name: getattr(shown, name) for name in ("Scalars", "Weights", "Activations", "Gradients", "Images")}
    contestants: dict[str, Callable[[str], list[float]]] = {
        "Keras, plain fit": lambda log_dir: keras(lambda _: [], log_dir),
        "TF1, all summaries": tf1,
        "Keras, all summaries": lambda log_dir: keras(lambda at: shown.mnist_with_summaries(at, *test), log_dir),
        "Keras, all summaries off": lambda log_dir: keras(
            lambda at: shown.mnist_with_summaries(at, *test, every=0), log_dir
        ),
        **{
            f"Keras, {name} every {n}": lambda log_dir, kind=kind, n=n: keras(lambda at: [kind(at, n)], log_dir)
            for name, kind in every.items()
            for n in (1, 10)
        },
    }
    medians: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(RUNS):
        for name, contestant in contestants.items():
            with tempfile.TemporaryDirectory() as folder:
                # What is slow at first (tracing, the first pages of memory) does not count.
                medians[name].append(statistics.median(contestant(folder)[4:]))
    for name, values in medians.items():
        for other in ("Keras, plain fit", "TF1, all summaries"):
            ratios = [one / two for one, two in zip(values, medians[other], strict=True)]
            if other == "Keras, plain fit":
                line = f"{name:<32} {statistics.median(values):8.2f} ms  {statistics.median(ratios):6.2f} × plain fit"
            elif name == "Keras, all summaries":
                line += f"  {statistics.median(ratios):6.2f} × TF1 ({min(ratios):.2f} to {max(ratios):.2f})"
        print(line, flush=True)


def sheet(path: str) -> None:
    images, labels, _, _ = synthetic.digits(train=600, test=10)
    plots.digit_sheet(images, labels, "synthetic digits", path)


if __name__ == "__main__":
    actions = {"data": data, "startup": start, "summaries": summaries, "sheet": sheet}
    if len(sys.argv) < 2 or sys.argv[1] not in actions or len(sys.argv) != (3 if sys.argv[1] == "sheet" else 2):
        sys.exit(__doc__)
    actions[sys.argv[1]](*sys.argv[2:])
