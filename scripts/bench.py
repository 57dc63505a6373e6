"""Measures tfport on this machine: medians over several runs, with the spread, and no verdict.

python scripts/bench.py speed       a training step by TF1, plain Keras, tfport (PyTorch, JAX: extra `bench`)
python scripts/bench.py growth      how the time of a step grows with batch, steps and threads
python scripts/bench.py jobs        whole programs, TF1 and Keras
python scripts/bench.py data        drawing 70,000 synthetic digits; reading MNIST where TFPORT_MNIST_DIR is set
python scripts/bench.py startup     import and --help of the programs, whole processes
python scripts/bench.py summaries   steps of the tutorial on TensorBoard, TF1 and Keras, with summaries and without
python scripts/bench.py sheet FILE  a contact sheet of synthetic digits (PNG), to be looked at

The first three take flags, --help shows them. Contestants take turns, so that a busy moment of the machine meets all.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import readme
from contestants import CONTESTANTS, TAKES, Contestant, Task, operations, unevaluated
from tqdm import tqdm

from tfport import plots, startup, versions
from tfport.compare.results import read_json
from tfport.data import mnist, synthetic
from tfport.errors import UserError
from tfport.flags import Flags, file, flag, run
from tfport.registry import OWN_DATA, find, tutorials
from tfport.training.runs import write_json

RUNS = 5
# Steps in a turn: about a second of TF1, and no more batches than Keras's plain fit finds in 55,000 images.
STEPS = {"softmax": 550, "dnn": 400, "summaries": 400, "small_cnn": 300, "single_cnn": 150, "cnn": 100}
POINTS = 5000  # steps in a turn of a small problem


@dataclass(frozen=True, kw_only=True)
class Bench(Flags):
    """Flags of every comparison."""

    only: str = flag("", "names of pairs, with commas between (default: all)")
    turns: int = flag(RUNS, "turns that count, after one that does not", low=1, high=1000)
    results: str = flag("", "put the figures into this JSON file")
    readme: str = flag("", "also put the table between its marks in this file")

    def names(self) -> list[str]:
        return [find(name.strip()).name for name in self.only.split(",") if name] or list(tutorials())

    def check(self, name: str) -> None:
        """Find out before anything is measured that it could not be written."""
        if self.readme:
            readme.around_marks(Path(self.readme), name)
        for word in ("results", "plot"):
            if path := getattr(self, word, ""):
                file(f"--{word}", path)
        self.kept()

    def kept(self) -> dict[str, Any]:
        """What the file of results holds."""
        path = Path(self.results)
        kept = read_json(path) if self.results and path.exists() else {}
        if not isinstance(kept, dict):
            raise UserError(f"--results {path}: holds no results of this script; name another file")
        return kept


@dataclass(frozen=True, kw_only=True)
class SpeedConfig(Bench):
    """Flags of ``speed``."""

    scale: float = flag(1.0, "factor of the steps in a turn", above=0, high=1000)
    plot: str = flag("", "also draw the figures into this PNG")


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
    config = twin.Config(steps=180, report_every=9)
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
        ends: list[float] = []
        clock = shown.Callback()
        clock.on_epoch_end = lambda epoch, logs=None: ends.append(time.perf_counter())
        training.fit(twin.build(config), unevaluated(digits), config, [*callbacks(log_dir), clock])
        return [1000 * (after - before) / 9 for before, after in itertools.pairwise(ends)]

    every = {name: getattr(shown, name) for name in ("Scalars", "Weights", "Activations", "Gradients", "Images")}
    contestants: dict[str, Callable[[str], list[float]]] = {
        "Keras, no callback": lambda log_dir: keras(lambda _: [], log_dir),
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
        for other in ("Keras, no callback", "TF1, all summaries"):
            ratios = [one / two for one, two in zip(values, medians[other], strict=True)]
            if other == "Keras, no callback":
                line = f"{name:<32} {statistics.median(values):8.2f} ms  {statistics.median(ratios):6.2f} × none"
            elif name == "Keras, all summaries":
                line += f"  {statistics.median(ratios):6.2f} × TF1 ({min(ratios):.2f} to {max(ratios):.2f})"
        print(line, flush=True)


def speed(argv: Sequence[str]) -> None:
    """Time a training step of every contestant."""
    config = SpeedConfig.parse(argv, prog="python scripts/bench.py speed", description=speed.__doc__ or "")
    rows = _rows(config, "speed", lambda name: compared(name, config), steps_table)
    if config.plot:
        times = {row["name"]: {who: its["step"] for who, its in row["contestants"].items()} for row in rows}
        plots.step_times(times, f"A training step on {versions.processor()}", config.plot)


def _rows(
    config: Bench, name: str, of: Callable[[str], dict[str, Any]], table: Callable[[list[dict[str, Any]]], str]
) -> list[dict[str, Any]]:
    """Measure every pair, show the table, put it where it was asked for."""
    config.check(name)
    rows = [of(pair) for pair in tqdm(config.names(), unit="pair", disable=None)]
    return _keep(config, name, rows, table)


def _keep(
    config: Bench, name: str, rows: list[dict[str, Any]], table: Callable[[list[dict[str, Any]]], str]
) -> list[dict[str, Any]]:
    """Rows of pairs that were not measured now stay in the results, and in the table."""
    kept = config.kept()
    about = {"processor": versions.processor(), "versions": versions.describe()}
    before = kept.get(name, {})
    if {key: before.get(key) for key in about} == about:
        by_name = {row.get("name"): row for row in [*before["rows"], *rows]}
        order = {pair: place for place, pair in enumerate(tutorials())}
        rows = sorted(by_name.values(), key=lambda row: order.get(row.get("name"), len(order)))
    text = table(rows)
    print(text)
    if config.results:
        write_json(Path(config.results), {**kept, name: {**about, "rows": rows}})
    if config.readme:
        readme.replace(Path(config.readme), name, text)
    return rows


def compared(
    name: str, config: SpeedConfig, titles: Sequence[str] = tuple(CONTESTANTS), **options: Any
) -> dict[str, Any]:
    """Figures of all contestants at a pair: seconds a step, and how many times tfport's they are."""
    if tutorials()[name].sources == OWN_DATA:
        titles = [title for title in titles if title in ("TF1", "Keras fit", "tfport")]
    titles = [title for title in titles if name in TAKES.get(title, [name]) and _there(title)]
    steps = max(1, int(STEPS.get(name, POINTS) * config.scale))
    task = Task(name, **{"steps": steps, "turns": config.turns + 1, **options})
    started = [Contestant(title, task) for title in titles]
    for _ in range(task.turns):
        for contestant in started:
            contestant.take_turn()
    reached = {each.title: each.accuracy() for each in started}
    seconds = {each.title: [turn / task.steps for turn in each.seconds] for each in started}
    product = seconds.pop("matrix product", None)
    peak = reached["matrix product"] / statistics.median(product[1:]) if product else None
    batch = task.batch_of(task.data())
    ours = seconds["tfport"][1:]
    told = {}
    for title, each in seconds.items():
        step = statistics.median(each[1:])
        ratios = [theirs / mine for theirs, mine in zip(each[1:], ours, strict=True)]
        told[title] = {
            "step": step,
            "range": [min(each[1:]), max(each[1:])],
            "ratio": statistics.median(ratios),
            "ratios": [min(ratios), max(ratios)],
            "compile": max(0.0, (each[0] - step) * task.steps),
            "reached": reached[title],
            "share_of_peak": operations(name, batch) / step / peak if peak else None,
        }
    return {"name": name, "steps": task.steps, "batch": batch, "peak": peak, "contestants": told}


def _there(title: str) -> bool:
    package = {"PyTorch": "torch", "JAX": "jax"}.get(title)
    return package is None or importlib.util.find_spec(package) is not None


def steps_table(rows: list[dict[str, Any]]) -> str:
    """A line for every pair: microseconds a step, and every contestant's time over tfport's."""
    titles = list(dict.fromkeys(title for row in rows for title in row["contestants"]))
    lines = [
        "| | " + " | ".join(titles) + " | compiled in | of the peak |",
        "| --- " + "| ---: " * (len(titles) + 2) + "|",
    ]
    for row in rows:
        cells = []
        for title in titles:
            its = row["contestants"].get(title)
            if its is None:
                cells.append("")
                continue
            factor = "" if title == "tfport" else f" ({its['ratio']:.2f} ×)"
            cells.append(f"{_micro(its['step'])}{factor}")
        ours = row["contestants"]["tfport"]
        share = f"{100 * ours['share_of_peak']:.0f} %" if row["peak"] and ours["share_of_peak"] > 0 else ""
        lines.append(f"| `{row['name']}` | {' | '.join(cells)} | {ours['compile']:.1f} s | {share} |")
    peaks = [row["peak"] for row in rows if row["peak"]]
    about = f"Microseconds a step, and in brackets how many times tfport's that is; {versions.processor()}"
    if peaks:
        about += f", which multiplies matrices at {statistics.median(peaks) / 1e9:.0f} GFLOP/s"
    return "\n".join([*lines, "", *textwrap.wrap(about + ".", 120, break_on_hyphens=False)])


def _micro(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f}" if seconds > 2e-5 else f"{1e6 * seconds:.1f}"


def growth(argv: Sequence[str]) -> None:
    """Time a step of tfport and TF1 with more examples, more steps and fewer threads."""
    config = SpeedConfig.parse(argv, prog="python scripts/bench.py growth", description=growth.__doc__ or "")
    config.check("growth")
    pair = ("TF1", "tfport", "matrix product")
    plans: list[tuple[str, dict[str, Any]]] = [
        *(("cnn", {"batch": batch, "steps": max(2, 3200 // batch)}) for batch in (32, 128, 512, 1024, 4096)),
        *(("temperature", {"steps": steps}) for steps in (10**3, 10**4, 10**5)),
        *((name, {"threads": threads}) for name in ("softmax", "cnn") for threads in (1, 2)),
    ]
    rows = []
    for name, options in tqdm(plans, unit="plan", disable=None):
        row = compared(name, config, pair, **options)
        rows.append({**row, "name": name + ", " + ", ".join(f"{key} {value:,}" for key, value in options.items())})
    million = compared("temperature", config, ("tfport",), steps=10**6)  # TF1 would take minutes a turn
    rows.insert(8, {**million, "name": "temperature, steps 1,000,000"})
    _keep(config, "growth", rows, steps_table)


def jobs(argv: Sequence[str]) -> None:
    """Time whole programs from the command to their end, imports and figures included."""
    config = Bench.parse(argv, prog="python scripts/bench.py jobs", description=jobs.__doc__ or "")
    _rows(config, "jobs", lambda name: whole(name, config.turns), jobs_table)


def whole(name: str, turns: int) -> dict[str, Any]:
    """Seconds of both programs of a pair, in turns, and the parts of the Keras program's."""
    row = tutorials()[name]
    source = (
        [] if row.sources == OWN_DATA else ["--data", "mnist" if os.environ.get("TFPORT_MNIST_DIR") else "synthetic"]
    )
    # Both are to write summaries, and the tutorial's figures where it has some.
    figures = ["--figures_dir", "."] if hasattr(row.legacy_module().Config, "figures_dir") else []
    programs = {
        "TF1": [row.legacy, *source, *figures, "--log_dir", "."],
        "tfport": [row.twin, *source, "--log-dir", "."],
    }
    seconds: dict[str, list[float]] = {title: [] for title in programs}
    parts: list[dict[str, float]] = []
    for _ in range(turns):
        for title, words in programs.items():
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True, cwd=folder)  # noqa: S603
                seconds[title].append(time.perf_counter() - began)
                parts += [json.loads(path.read_text()) for path in Path(folder).rglob("seconds.json")]
    ratios = [old / new for old, new in zip(seconds["TF1"], seconds["tfport"], strict=True)]
    return {
        "name": name,
        "seconds": {title: statistics.median(values) for title, values in seconds.items()},
        "ratio": statistics.median(ratios),
        "ratios": [min(ratios), max(ratios)],
        "parts": {key: statistics.median(each[key] for each in parts) for key in parts[0]},
    }


def jobs_table(rows: list[dict[str, Any]]) -> str:
    """A line for every pair."""
    parts = list(rows[0]["parts"])
    lines = [
        "| | TF1 | Keras | TF1 / Keras | " + " | ".join(parts) + " |",
        "| --- " + "| ---: " * (3 + len(parts)) + "|",
    ]
    for row in rows:
        cells = [f"{row['seconds'][title]:.1f} s" for title in ("TF1", "tfport")]
        cells += [f"{row['ratio']:.2f} ({row['ratios'][0]:.2f} to {row['ratios'][1]:.2f})"]
        cells += [f"{row['parts'][part]:.1f}" for part in parts]
        lines.append(f"| `{row['name']}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def sheet(path: str) -> None:
    if file("sheet", path).suffix != ".png":
        raise UserError(f"sheet {path}: is a PNG; name it .png")
    images, labels, _, _ = synthetic.digits(train=600, test=10)
    plots.digit_sheet(images, labels, "synthetic digits", path)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the first word says."""
    takes_flags = {"speed": speed, "growth": growth, "jobs": jobs}
    actions = {"data": data, "startup": start, "summaries": summaries, "sheet": sheet}
    command, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if command in ("--help", "-h"):
        print(__doc__.strip())
    elif command in takes_flags:
        takes_flags[command](rest)
    elif command not in actions or len(rest) != (command == "sheet"):
        raise UserError(f"bench.py {command}: there is no such measurement, or it takes other words; see --help")
    else:
        actions[command](*rest)


if __name__ == "__main__":
    run(main)
