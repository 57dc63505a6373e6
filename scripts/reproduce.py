"""Runs every tutorial on both sides, at its author's whole budget, over several seeds, and writes one table.

python scripts/reproduce.py                      everything; real MNIST where it can be had
python scripts/reproduce.py --only softmax,dnn   some of it
python scripts/reproduce.py --table              no runs: the table of the results there are

A finished run is a file in --work, so an interrupted reproduction goes on where it was; remove the files of a program
that you have changed since. Runs are made in pairs that share initial weights, batches and dropout masks
(tfport.parity.pairs), under deterministic operations. Results go to --results: reproduce.json, with curves, what
figures of the first run are drawn from, versions and CPU. Seconds are those of training and evaluation, TF1 and Keras
one after the other, on the machine as it was.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import readme
from tqdm import tqdm

from tfport import data, registry, startup, versions
from tfport.compare.results import (
    RESULTS,
    difference,
    draw_curves,
    draw_ends,
    ends,
    figure,
    numbers,
    read_json,
    summary,
)
from tfport.errors import UserError
from tfport.flags import Flags, flag, folder, run
from tfport.training.runs import write_json

# Its runs spread most, and three pairs are too few to place their difference within its margin.
MORE_SEEDS = {"small_cnn": 2}
VARIANTS = {"hidden": [{"variant": name} for name in ("tanh2", "tanh4", "relu2")]}


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the script."""

    seeds: int = flag(3, "paired runs of every pair that learns digits (small_cnn: twice as many)", low=1, high=500)
    point_seeds: int = flag(50, "paired runs of every pair that learns points from a random start", low=1, high=1000)
    data: data.Source = flag("auto", "digits that both sides learn from")
    data_dir: str | None = flag(None, "folder of the four MNIST files")
    only: str = flag("", "names of pairs, with commas between (default: all)")
    steps: int | None = flag(None, "a budget for every program, to try the script out (default: each its own)", low=1)
    work: str = flag("runs/reproduce", "folder of finished runs")
    results: str = flag(
        None,
        "folder of reproduce.json (default: the project's own, where every program has its whole budget and digits are "
        "the real MNIST; else that of --work)",
    )
    figures: str = flag("", "also draw the curves of both sides into this folder")
    readme: str = flag("", "also put the table between its marks in this file")
    table: bool = flag(False, "run nothing; print the table of the results there are")


@dataclass(frozen=True)
class Task:
    """A row of the table: a pair with one setting of its flags."""

    tutorial: registry.Tutorial
    settings: dict[str, str]

    @property
    def name(self) -> str:
        return " ".join([self.tutorial.name, *self.settings.values()])

    @property
    def own_data(self) -> bool:
        return self.tutorial.sources == registry.OWN_DATA


def tasks(config: Config) -> list[Task]:
    names = [name.strip() for name in config.only.split(",") if name.strip()] or list(registry.tutorials())
    rows = [registry.find(name) for name in names]
    return [Task(row, settings) for row in rows for settings in VARIANTS.get(row.name, [{}])]


class Reproduction:
    """Makes the runs that are missing and judges them. Loads TensorFlow."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.work = folder("--work", config.work)
        self.tasks = tasks(config)
        self.digits = None
        learners = [task for task in self.tasks if not task.own_data]
        if learners:
            self.digits = data.load(config.data, config.data_dir)
            if self.digits.notice:
                print(self.digits.notice, file=sys.stderr)
            for task in learners:
                if self.digits.source not in task.tutorial.sources:
                    raise UserError(f"--data: {task.name} does not learn from {self.digits.source} digits")
        trial = config.steps is not None or (self.digits is not None and self.digits.source != "mnist")
        self.results = folder("--results", config.results or (config.work if trial else str(RESULTS)))
        startup.prepare()
        import tensorflow as tf

        from tfport import keras

        keras.utils.set_random_seed(1)  # deterministic operations refuse to draw without a seed
        tf.config.experimental.enable_op_determinism()

    def seeds(self, pair: Any, task: Task) -> range:
        if not task.own_data:
            return range(1, 1 + self.config.seeds * MORE_SEEDS.get(task.name, 1))
        random_start = hasattr(pair.twin_config(task.settings), "seed")
        return range(1, 1 + (self.config.point_seeds if random_start else 1))

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every row's runs and verdict, as soon as they are there."""
        from tfport import parity

        pairs = [parity.Pair.of(task.tutorial) for task in self.tasks]
        total = sum(len(self.seeds(pair, task)) for pair, task in zip(pairs, self.tasks, strict=True))
        with tqdm(total=total, unit="run", file=sys.stderr, dynamic_ncols=True) as bar:
            for pair, task in zip(pairs, self.tasks, strict=True):
                learned = pair.problem(task.settings) if task.own_data else self.digits
                runs = []
                self.cpus: set[str] = set()
                for seed in self.seeds(pair, task):
                    bar.set_description(f"{task.name}, seed {seed}")
                    runs.append(self.paired_run(pair, task, learned, seed))
                    bar.update()
                yield self.entry(pair, task, learned, runs)

    def paired_run(self, pair: Any, task: Task, learned: Any, seed: int) -> Any:
        """A pair of trainings: from its file where there is one, made and filed where not."""
        from tfport.parity.pairs import PairedRun, train_pair

        budget = self.config.steps or "full"
        # A run with other versions is another run.
        row = f"tf{versions.describe()['tensorflow']}-keras{versions.keras_generation()}"
        name = "-".join([task.name.replace(" ", "-"), learned.sha256[:8], str(budget), row, str(seed)])
        path = self.work / f"{name}.json"
        if path.is_file():
            kept = read_json(path)
            self.cpus.add(kept["cpu"])
            return PairedRun(**{key: numbers(value) for key, value in kept["run"].items()})
        # Digits are evaluated at each quarter of the budget.
        quarter = None
        if not task.own_data:
            steps = self.config.steps or pair.twin_config(task.settings).steps
            quarter = max(1, steps // 4)
        wanted = {"steps": self.config.steps, "report_every": quarter, "every": quarter}
        paired = train_pair(pair, learned, seed, task.settings, **wanted)
        write_json(path, {"cpu": versions.processor(), "run": dataclasses.asdict(paired)})
        self.cpus.add(versions.processor())
        return paired

    def entry(self, pair: Any, task: Task, learned: Any, runs: Sequence[Any]) -> dict[str, Any]:
        """What the results file says of a row."""
        from tfport.parity.checks import paired_interval
        from tfport.parity.pairs import minimum
        from tfport.parity.rungs import Options, judge

        options = Options(trained_steps=self.config.steps, settings={} if pair.name in VARIANTS else task.settings)
        checks = judge(pair, learned, runs, options)
        row = task.tutorial
        at, printed = row.printed_losses[-1] if row.printed_losses else (runs[0].steps, row.printed_accuracy)
        printed = dict(row.printed_ends).get("".join(task.settings.values()), printed)
        entry = {
            "name": task.name,
            "settings": task.settings,
            "data": {"title": learned.title, "source": learned.source, "sha256": learned.sha256},
            "measure": "loss" if learned.test is learned.train else "accuracy",
            "printed": printed,
            "at": at if self.config.steps is None else runs[0].steps,  # the step whose figures the table shows
            "steps": runs[0].steps,
            "whole": self.config.steps is None,
            "versions": {**versions.describe(), "keras generation": versions.keras_generation()},
            "cpu": "; ".join(sorted(self.cpus)),
            "edges": list(pair.edges),
            "minima": [[minimum(loss, pair.edges) for loss in run.losses] for run in runs] if pair.edges else [],
            "checks": [{**vars(check), "passed": check.passed} for check in checks],
            "passed": all(check.passed for check in checks),
            "runs": [_slim(run, learned=run is runs[0]) for run in runs],
        }
        scale = 1 if entry["measure"] == "loss" else 100
        pairs = zip(ends(entry, "old"), ends(entry, "new"), strict=True)
        finite = [scale * (new - old) for old, new in pairs if math.isfinite(old) and math.isfinite(new)]
        mean, low, high = paired_interval(finite) if finite else (math.nan,) * 3
        return {**entry, "difference": {"mean": mean, "low": low, "high": high, "pairs": len(finite)}}


def _slim(paired: Any, *, learned: bool) -> dict[str, Any]:
    """A run for the results file: seven digits; where TF1 reports after every step, those that have a partner."""
    steps = {step for step, _, _ in paired.new}
    kept = dataclasses.asdict(paired)
    if not learned:
        del kept["old_learned"], kept["new_learned"]
    if len(paired.old) > 20:
        kept["old"] = [report for report in paired.old if report[0] in steps or report is paired.old[-1]]

    def short(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [short(item) for item in value]
        if isinstance(value, dict):
            return {key: short(item) for key, item in value.items()}
        return float(f"{value:.7g}") if isinstance(value, float) else value

    return short(kept)  # type: ignore[no-any-return]


def table(results: dict[str, Any]) -> str:
    """The results as a Markdown table."""
    columns = ["name", "printed by the tutorial", "TF1, mean ± sd", "Keras, mean ± sd", "difference, 95 % interval"]
    columns += ["s, TF1 · Keras", "verdict"]
    lines = ["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    for entry in results["entries"]:
        old, new = (ends(entry, side) for side in ("old", "new"))
        seconds = " · ".join(
            f"{statistics.median(numbers([run[side] for run in entry['runs']])):.3g}"
            for side in ("old_seconds", "new_seconds")
        )
        failed = [check["name"] for check in entry["checks"] if not check["passed"]]
        printed = entry["printed"]
        # A trial is not to be taken for a reproduction.
        trial = "" if entry["whole"] else f", {entry['steps']} steps"
        trial += "" if entry["data"]["source"] in ("mnist", "tutorial") else f", {entry['data']['title']}"
        at = "" if entry["at"] == entry["steps"] else f" at step {entry['at']:,}"
        lines.append(
            f"| `{entry['name']}`{trial} | {'–' if printed is None else figure(printed, entry['measure'])}{at} "
            f"| {summary(old, entry['measure'])} | {summary(new, entry['measure'])} | {difference(entry)} | {seconds} "
            f"| {'FAILED: ' + ', '.join(failed) if failed else 'agree'} |"
        )
    return "\n".join(lines)


def minima(results: dict[str, Any]) -> str:
    """Where the runs from random starts ended, as a Markdown table."""
    from tfport.parity.pairs import minima_titles

    lines = ["| name | final loss | TF1 | Keras |", "| --- | --- | --- | --- |"]
    for entry in results["entries"]:
        if not entry["edges"]:
            continue
        found = entry["minima"]
        for which, title in enumerate([*minima_titles(entry["edges"]), "NaN"]):
            key = which if title != "NaN" else -1
            counts = [sum(end[side] == key for end in found) for side in (0, 1)]
            if any(counts):
                cells = " | ".join(f"{count} of {len(found)}" for count in counts)
                lines.append(f"| `{entry['name']}` | {title} | {cells} |")
    return "\n".join(lines)


def draw(results: dict[str, Any], into: Path) -> None:
    """Curves of both sides on one chart, and where runs from random starts ended."""
    for entry in results["entries"]:
        name = entry["name"].replace(" ", "-")
        draw_curves(entry, into / f"{name}.png")
        if entry["edges"]:
            draw_ends(entry, into / f"{name}-ends.png")


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Reproduce, write the results, print the table."""
    config = Config.parse(argv, prog="python scripts/reproduce.py", description=__doc__.splitlines()[0])
    tasks(config)  # names that there are not
    if config.figures:
        folder("--figures", config.figures)
    if config.readme:
        readme.around_marks(Path(config.readme), "reproduce")
    reproduction = None if config.table else Reproduction(config)
    path = (reproduction.results if reproduction else Path(config.results or RESULTS)) / "reproduce.json"
    results: dict[str, Any] = read_json(path) if path.is_file() else {"entries": []}
    order = {task.name: place for place, task in enumerate(tasks(dataclasses.replace(config, only="")))}
    for entry in reproduction.entries() if reproduction else ():
        # What was measured now takes the place of what was measured before; other rows stay.
        kept = [other for other in results["entries"] if other["name"] != entry["name"]]
        kept.append(entry)
        results = {"entries": sorted(kept, key=lambda each: order.get(each["name"], len(order)))}
        write_json(path, results, indent=None)  # a third of the size
        results = read_json(path)  # as words what is no number
    if not results["entries"]:
        raise UserError(f"{path}: no results yet; run without --table first")
    text = f"{table(results)}\n\n{minima(results)}".rstrip()
    print(text)
    if config.figures:
        draw(results, Path(config.figures))
    if config.readme:
        readme.replace(Path(config.readme), "reproduce", text)
    return results


if __name__ == "__main__":
    run(main)
