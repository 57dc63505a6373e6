"""What was measured of the pairs (``tfport/results/``), and its charts.

``reproduce.json`` is written by ``scripts/reproduce.py``, ``bench.json`` by ``scripts/bench.py``, ``parity.json`` by
``tfport parity NAME... --json``.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from tfport import plots, training
from tfport.compare.words import RESULTS_SAY, Language
from tfport.data import Split, problems
from tfport.errors import UserError
from tfport.registry import Tutorial

RESULTS = Path(__file__).resolve().parent.parent / "results"


def read_json(path: Path) -> Any:
    """What a file of results holds.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); move it away, and it is made anew") from error


def numbers(value: Any) -> Any:
    """What such a file holds, with numbers where it says "nan" and "inf"."""
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return float(value) if isinstance(value, str) else value


PROGRAMS = {"old": "TF1", "new": "Keras"}
COLUMNS = {"loss": 1, "accuracy": 2}  # of a report


def ends(entry: dict[str, Any], side: str, quantity: str = "") -> list[float]:
    """What the runs of a side had come to at the step that the table shows: loss, or accuracy (0 to 1)."""
    column, found = COLUMNS[quantity or entry["measure"]], []
    for paired in entry["runs"]:
        shown = [report[column] for report in paired[side] if report[0] == entry["at"] and report[column] is not None]
        found.append(float(shown[-1]) if shown else math.nan)
    return found


def quantities(entry: dict[str, Any]) -> list[str]:
    """What both programs report: loss, and accuracy where something is classified."""
    classified = entry["runs"][0]["new"][-1][2] is not None
    return ["accuracy"] * classified + ["loss"]


def figure(value: float, measure: str, language: Language = "en") -> str:
    """A result in words."""
    return f"{RESULTS_SAY['loss'].in_(language)} {value:.4f}" if measure == "loss" else f"{value:.4f}"


def summary(values: list[float], measure: str, language: Language = "en") -> str:
    """Mean and standard deviation of results, and how many are none."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "NaN"
    spread = f" ± {statistics.stdev(finite):.4f}" if len(finite) > 1 else ""
    lost = f" ({len(values) - len(finite)} NaN)" if len(finite) < len(values) else ""
    return f"{figure(statistics.mean(finite), measure, language)}{spread}{lost}"


def difference(entry: dict[str, Any], language: Language = "en") -> str:
    """Keras minus TF1, with its 95 % interval over pairs of runs."""
    if all(float(run["ulps"]) == 0 for run in entry["runs"]):
        return RESULTS_SAY["equal"].in_(language)
    # + 0 turns a rounded -0 into 0
    mean, low, high = (f"{round(float(entry['difference'][key]), 3) + 0:+.3f}" for key in ("mean", "low", "high"))
    unit = "" if entry["measure"] == "loss" else RESULTS_SAY["points"].in_(language)
    return f"{mean}{unit}" if "inf" in low else f"{mean}{unit}, {low} {RESULTS_SAY['to'].in_(language)} {high}"


def draw_curves(entry: dict[str, Any], path: Path, quantity: str = "") -> None:
    """Loss or accuracy of both sides on one chart.

    Args:
        entry: a row of ``reproduce.json``.
        path: PNG or SVG file to write.
        quantity: "loss" or "accuracy"; that which the table shows where it is not given.
    """
    quantity = quantity or entry["measure"]
    column, scale = COLUMNS[quantity], {"loss": 1, "accuracy": 100}[quantity]
    old, new = (
        [
            [(report[0], scale * float(report[column])) for report in run[side] if report[column] is not None]
            for run in entry["runs"]
        ]
        for side in ("old", "new")
    )
    runs = len(entry["runs"])
    came = [summary(ends(entry, side, quantity), quantity) for side in ("old", "new")]
    title = f"{entry['name']}: TF1 {came[0]}, Keras {came[1]} ({runs} run{'s' if runs > 1 else ''}"
    title += ")" if entry["at"] == entry["steps"] else f", at step {entry['at']:,})"
    plots.twin_curves(old, new, {"loss": "loss", "accuracy": "accuracy (%)"}[quantity], title, path)


def is_finite(entry: dict[str, Any], side: str) -> bool:
    """Whether the weights that are kept of a side's first run are all finite: NaN cannot be drawn."""
    return all(np.isfinite(weight).all() for weight in _weights(entry["runs"][0], side))


def _weights(run: dict[str, Any], side: str) -> list[np.ndarray]:
    return [np.array(numbers(weight), np.float32) for weight in run[f"{side}_learned"].get("weights", [])]


def draw_filters(entry: dict[str, Any], side: str, path: Path) -> bool:
    """The filters of the first convolution after the first run of a side.

    Args:
        entry: a row of ``reproduce.json``.
        side: "old" (TF1) or "new" (Keras).
        path: PNG or SVG file to write.

    Returns:
        Whether there are any.
    """
    kernels = np.array(entry["runs"][0][f"{side}_learned"].get("filters", []), np.float32)
    if kernels.size:
        title = f"{PROGRAMS[side]}, {entry['name']}: the {kernels.shape[-1]} filters of the first convolution"
        plots.filters(kernels, title, path)
    return bool(kernels.size)


def draw_misread(entry: dict[str, Any], side: str, test: Split, path: Path) -> bool:
    """The first test images that a side's first run took for another digit.

    Args:
        entry: a row of ``reproduce.json``.
        side: "old" (TF1) or "new" (Keras).
        test: the images that it was tested on.
        path: PNG or SVG file to write.

    Returns:
        Whether there are any.
    """
    learned = entry["runs"][0][f"{side}_learned"]
    rows = learned.get("rows", [])
    if rows:
        title = f"{PROGRAMS[side]}, {entry['name']}: the first of {learned['misread']} misread test images"
        probabilities = np.array(learned["probabilities"])
        plots.misclassified(test.images[rows, :, :, 0], test.labels[rows], probabilities, title, path)
    return bool(rows)


def draw_ends(entry: dict[str, Any], path: Path) -> None:
    """Where runs from random starts ended, of a row that has ``edges``."""
    finite = [end for end in entry["minima"] if min(end) >= 0]
    parted = sum(first != second for first, second in finite)
    title = f"{entry['name']}: {parted} of {len(finite)} pairs that are finite on both sides end in different minima"
    old, new = (np.array(ends(entry, side)) for side in ("old", "new"))
    plots.outcomes(old, new, entry["edges"], "final loss", title, path)


def draw_learned(pair: Tutorial, entry: dict[str, Any], side: str, path: Path) -> bool:
    """What the first run of a side has learned of points: a curve, or a field of probability. Loads Keras.

    Args:
        pair: of small models, whose weights are kept; those of the TF1 program are laid out as Keras's.
        entry: a row of ``reproduce.json``.
        side: "old" (TF1) or "new" (Keras).
        path: PNG or SVG file to write.

    Returns:
        Whether there was anything to draw: ``holdout`` has curves alone.
    """
    run = entry["runs"][0]
    weights = _weights(run, side)
    program = pair.twin_module()
    extent = getattr(program, "EXTENT", None)
    if not weights or (extent is None and entry["name"] != "temperature"):
        return False
    config = program.Config(**entry["settings"])
    model = program.model(config)
    model.set_weights(weights)
    _, loss, accuracy = run[side][-1]
    title = f"{PROGRAMS[side]}, {entry['name']}: loss {float(loss):.4g}"
    title += f", {100 * float(accuracy):.1f} % right" if accuracy is not None else ""
    if extent is not None:
        samples = program.load(config).train
        field = training.probabilities(model, plots.plane(extent))
        plots.probability_field(samples.inputs, samples.targets[:, 0], field, extent, title, path)
    else:
        months = np.linspace(1, 12, 200)
        fitted = training.predict_logits(model, problems.powers(months))[:, 0]
        plots.fitted_curve(np.array(problems.TEMPERATURES), months, fitted, title, path)
    return True
