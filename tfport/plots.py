"""The figures of the tutorials, drawn with Matplotlib without a screen, saved as PNG.

Functions take arrays or plain records and a path; so the programs of both sides draw with them.
"""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfport.files import whole

# One meaning, one colour, in every figure. Pairs differ in lightness too, so that they part for the colour-blind and in
# print; where they meet in one plot, marker or dash differs as well.
TRAIN_COLOUR = "#333333"
TEST_COLOUR = "#1f6fb2"
CLASS_COLOURS = ("#0072b2", "#e67e00")
CLASS_MARKERS = ("o", "^")
TF1_COLOUR = "#332288"
KERAS_COLOUR = "#dd5566"
PREDICTED_COLOUR = "#d55e00"
LABEL_COLOUR = "#009e73"
OTHER_COLOUR = "#999999"

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Point(Protocol):
    """A result on the test set after a step."""

    @property
    def step(self) -> int:
        """Optimizer steps done."""

    @property
    def loss(self) -> float:
        """Loss on the test set."""

    @property
    def accuracy(self) -> float | None:
        """Accuracy on the test set, 0 to 1; None where nothing was classified, which is drawn as 0."""


def training_curves(reports: Sequence[Point], name: str, path: str | os.PathLike[str]) -> None:
    """Test accuracy and loss against steps, side by side; the title states the last accuracy.

    Args:
        reports: in the order of steps; at least one.
        name: of the program, for the title.
        path: PNG file to write.
    """
    figure, (left, right) = _subplots(1, 2, figsize=(9, 3.6))
    steps, last = [report.step for report in reports], 100 * (reports[-1].accuracy or 0)
    for axes, values, label in (
        (left, [100 * (report.accuracy or 0) for report in reports], "test accuracy (%)"),
        (right, [report.loss for report in reports], "test loss"),
    ):
        axes.plot(steps, values, marker="o", color=TEST_COLOUR)
        _label(axes, "step", label)
    figure.suptitle(f"{name}: {last:.2f} % of the test set right after {steps[-1]} steps")
    _save(figure, path)


def digit_sheet(images: np.ndarray, labels: np.ndarray, title: str, path: str | os.PathLike[str]) -> None:
    """A contact sheet: a row for each digit 0 to 9, as many columns as every row can fill, at most 20.

    Args:
        images: (N, 28, 28), ink as high values.
        labels: (N,), 0 to 9; every digit must occur.
        title: above the sheet.
        path: PNG file to write.
    """
    rows = [images[labels == digit] for digit in range(10)]
    columns = min(20, *(len(row) for row in rows))
    sheet = np.concatenate([np.concatenate(list(row[:columns]), axis=1) for row in rows])
    figure, axes = _subplots(1, 1, figsize=(columns * 0.5 + 0.5, 5.6))
    axes.imshow(sheet, cmap="gray_r", interpolation="nearest")
    axes.set_yticks(np.arange(10) * 28 + 14, [str(digit) for digit in range(10)])
    axes.set_xticks([])
    axes.set_title(title)
    _save(figure, path)


def monthly(values: np.ndarray, path: str | os.PathLike[str]) -> None:
    """Twelve monthly means as a joined line; the title names the warmest and the coldest month.

    Args:
        values: (12,), °C, January to December.
        path: PNG file to write.
    """
    high, low = int(np.argmax(values)), int(np.argmin(values))
    figure, axes = _year()
    axes.plot(np.arange(1, 13), values, marker="o", color=TRAIN_COLOUR)
    _title(
        figure, f"Warmest in {MONTHS[high]} ({values[high]:.1f} °C), coldest in {MONTHS[low]} ({values[low]:.1f} °C)"
    )
    _save(figure, path)


def fitted_curve(
    values: np.ndarray, months: np.ndarray, fitted: np.ndarray, title: str, path: str | os.PathLike[str]
) -> None:
    """The twelve monthly means, and the curve fitted to them.

    Args:
        values: (12,), °C, January to December.
        months: (M,), increasing from 1 to 12, dense enough for a smooth line.
        fitted: (M,), the curve at ``months``, °C.
        title: above the plot.
        path: PNG file to write.
    """
    figure, axes = _year()
    axes.plot(months, fitted, color=TEST_COLOUR, label="fitted polynomial")
    axes.plot(np.arange(1, 13), values, "o", color=TRAIN_COLOUR, label="monthly means")
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def points(x: np.ndarray, t: np.ndarray, extent: tuple[float, float], title: str, path: str | os.PathLike[str]) -> None:
    """The points of both classes in a square part of the plane; the legend counts those that lie outside of it.

    Args:
        x: (N, 2).
        t: (N,) or (N, 1), 0 or 1.
        extent: lowest and highest value shown, of x1 as of x2.
        title: above the plot.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(5, 5.4))
    _classes(axes, x, t, extent)
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def plane(extent: tuple[float, float], resolution: int = 100) -> np.ndarray:
    """Points on a square grid, borders included, row by row from the lowest x2; within a row from the lowest x1.

    A model's predictions for them are what :func:`probability_field` draws.

    Returns:
        float32 (resolution², 2).
    """
    ticks = np.linspace(*extent, resolution, dtype=np.float32)
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def probability_field(
    x: np.ndarray,
    t: np.ndarray,
    field: np.ndarray,
    extent: tuple[float, float],
    title: str,
    path: str | os.PathLike[str],
    *,
    line: tuple[float, float, float] | None = None,
) -> None:
    """The points of both classes over a model's probability of class 1, in grey.

    Args:
        x: (N, 2).
        t: (N,) or (N, 1), 0 or 1.
        field: (R²,) or (R², 1), 0 to 1: probabilities at the points of :func:`plane`.
        extent: lowest and highest value shown, of x1 as of x2.
        title: above the plot.
        path: PNG file to write.
        line: (w0, w1, w2) of the decision line w0 + w1·x1 + w2·x2 = 0. Without it, the contour of probability 0.5 is
            drawn where there is one.
    """
    from matplotlib.colors import LinearSegmentedColormap

    figure, axes = _subplots(1, 1, figsize=(5.8, 5.6))
    resolution = math.isqrt(np.size(field))
    field = np.reshape(field, (resolution, resolution))  # row 0 is at the lowest x2
    ticks = [np.linspace(*extent, count) for count in field.shape]
    # The outermost values belong on the borders of the plane: half of their cells lies beyond.
    borders = [(1.5 * at[0] - 0.5 * at[1], 1.5 * at[-1] - 0.5 * at[-2]) for at in ticks]
    # Not down to black, where blue points would drown.
    greys = LinearSegmentedColormap.from_list("greys", ["#ffffff", "#8c8c8c"])
    image = axes.imshow(field, cmap=greys, vmin=0, vmax=1, origin="lower", extent=(*borders[1], *borders[0]))
    if line is not None:
        ends = _clip(line, extent)
        if ends is not None:
            axes.plot(ends[:, 0], ends[:, 1], color="black", linewidth=1.8, label="decision line")
    elif np.min(field) < 0.5 < np.max(field):
        axes.contour(ticks[1], ticks[0], field, levels=[0.5], colors="black", linewidths=1)
        axes.plot([], [], color="black", linewidth=1, label="P = 0.5")  # contours have no legend entry of their own
    _classes(axes, x, t, extent)
    # In a box of its own beside the plane, it is as high as the plane, whatever the layout makes of that.
    figure.colorbar(image, cax=axes.inset_axes((1.04, 0, 0.05, 1)), label="P(class 1)")
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def accuracy_curves(train: np.ndarray, test: np.ndarray, title: str, path: str | os.PathLike[str]) -> None:
    """Accuracy on the training set and on the test set after every step.

    Args:
        train: (S,), 0 to 1, after steps 1 to S.
        test: (S,), likewise.
        title: above the plot.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(7, 4.2))
    for values, name, colour in ((train, "training", TRAIN_COLOUR), (test, "test", TEST_COLOUR)):
        axes.plot(np.arange(1, len(values) + 1), 100 * values, color=colour, linewidth=1, label=name)
    _label(axes, "step", "accuracy (%)")
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def digit(image: np.ndarray, title: str, path: str | os.PathLike[str]) -> None:
    """One image, large.

    Args:
        image: (28, 28), ink as high values.
        title: above the image.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(4.6, 5))
    _picture(axes, image, vmin=0)
    _title(figure, title)
    _save(figure, path)


def filter_sheet(
    images: np.ndarray,
    labels: np.ndarray,
    filters: np.ndarray,
    maps: np.ndarray,
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """Filters down the left, images along the top, and where they cross the filter's pooled output for the image.

    Args:
        images: (N, 28, 28), ink as high values.
        labels: (N,), written above the images.
        filters: (5, 5, F); one colour scale for all of them.
        maps: (N, 14, 14, F); one grey scale for each filter, that is each row.
        title: above the sheet.
        path: PNG file to write.
    """
    columns, rows = len(images) + 1, filters.shape[-1] + 1
    figure, axes = _subplots(rows, columns, figsize=(max(5, 0.72 * columns), 0.72 * rows + 1), squeeze=False)
    axes[0, 0].set_axis_off()
    for top, image, label in zip(axes[0, 1:], images, labels, strict=True):
        _picture(top, image, vmin=0)
        top.set_title(str(label), fontsize=11)
    most = float(np.max(np.abs(filters)))
    for number, row in enumerate(axes[1:]):
        _picture(row[0], filters[..., number], cmap="BrBG", vmin=-most, vmax=most)
        row[0].set_ylabel(str(number + 1), rotation=0, ha="right", va="center")
        outputs = maps[..., number]
        for place, output in zip(row[1:], outputs, strict=True):
            _picture(place, output, vmin=np.min(outputs), vmax=np.max(outputs))
    key = f"Filters: brown −{most:.2f} to green +{most:.2f}. Pooled outputs: darkest where highest in their row."
    figure.supxlabel(_wrap(figure, key, 13), fontsize=9)
    _title(figure, title)
    _save(figure, path)


def filters(kernels: np.ndarray, title: str, path: str | os.PathLike[str]) -> None:
    """The filters of a convolution of grey images, in the order of the variable, eight in a row.

    Args:
        kernels: (H, W, F); one colour scale for all of them.
        title: above the sheet.
        path: PNG file to write.
    """
    number = kernels.shape[-1]
    columns = min(8, number)
    rows = -(-number // columns)
    figure, grid = _subplots(rows, columns, figsize=(max(5, 0.8 * columns), 0.8 * rows + 1.2), squeeze=False)
    most = float(np.max(np.abs(kernels)))
    for place, axes in enumerate(grid.flat):
        if place < number:
            _picture(axes, kernels[..., place], cmap="BrBG", vmin=-most, vmax=most)
        else:
            axes.set_axis_off()
    figure.supxlabel(f"brown −{most:.2f} to green +{most:.2f}", fontsize=9)
    _title(figure, title)
    _save(figure, path)


def misclassified(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, title: str, path: str | os.PathLike[str]
) -> None:
    """Images, each beside a bar chart of the probabilities a model gives for it, two in a row.

    Args:
        images: (N, 28, 28), ink as high values; N from 1 to 10.
        labels: (N,), whole numbers from 0.
        probabilities: (N, C), C classes; the prediction is the highest.
        title: above the sheet.
        path: PNG file to write.
    """
    from matplotlib.patches import Patch

    pairs = min(2, len(images))
    rows = -(-len(images) // pairs)
    figure, grid = _subplots(
        rows, 2 * pairs, figsize=(4.4 * pairs, 1.6 * rows + 1.3), squeeze=False, width_ratios=[1, 2] * pairs
    )
    places = grid.reshape(-1, 2)
    for (left, right), image, label, p in zip(places, images, labels, probabilities, strict=False):
        prediction = np.argmax(p)
        colours = [OTHER_COLOUR] * len(p)
        colours[prediction], colours[label] = PREDICTED_COLOUR, LABEL_COLOUR
        _picture(left, image, vmin=0)
        left.set_title(f"{prediction} / {label}", fontsize=11)
        right.bar(np.arange(len(p)), p, color=colours)
        right.set(xticks=np.arange(len(p)), ylim=(0, 1), yticks=(0, 0.5, 1))
        _label(right, "digit", "P")
        for tick, colour in zip(right.get_xticklabels(), colours, strict=True):
            if colour != OTHER_COLOUR:  # a bar may be too low to be seen
                tick.set(color=colour, weight="bold")
    for axes in places[len(images) :].flat:
        axes.set_axis_off()
    keys = (("predicted", PREDICTED_COLOUR), ("label", LABEL_COLOUR), ("other", OTHER_COLOUR))
    handles = [Patch(color=colour, label=name) for name, colour in keys]
    _legend(figure, handles=handles, title="above each image: prediction / label")
    _title(figure, title)
    _save(figure, path)


def predictions(
    pictures: Sequence[np.ndarray],
    images: np.ndarray,
    probabilities: np.ndarray,
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """A row for each picture: the picture, the image that a program sees, and a bar chart of its probabilities.

    Args:
        pictures: N pictures (H, W, 3) of whole numbers from 0 to 255, of any size.
        images: (N, 28, 28), ink as high values.
        probabilities: (N, C), C classes.
        title: above the sheet.
        path: PNG file to write.
    """
    rows = len(pictures)
    figure, grid = _subplots(rows, 3, figsize=(7, 1.5 * rows + 0.8), squeeze=False, width_ratios=[1, 1, 2.4])
    for (left, middle, right), picture, image, p in zip(grid, pictures, images, probabilities, strict=True):
        left.imshow(picture)
        left.set(xticks=[], yticks=[])
        _picture(middle, image, vmin=0, vmax=1)
        prediction = int(np.argmax(p))
        middle.set_title(str(prediction), fontsize=11)
        colours = [PREDICTED_COLOUR if digit == prediction else OTHER_COLOUR for digit in range(len(p))]
        right.bar(np.arange(len(p)), p, color=colours)
        right.set(xticks=np.arange(len(p)), ylim=(0, 1), yticks=(0, 0.5, 1))
        _label(right, "", "P")
    grid[-1, 2].set_xlabel("digit")
    _title(figure, title)
    _save(figure, path)


def confusion_matrix(counts: np.ndarray, title: str, path: str | os.PathLike[str]) -> None:
    """How often each class is taken for each other; the share of its row is the shade, the count is written in.

    Args:
        counts: (C, C), whole numbers: row the label, column the prediction.
        title: above the matrix.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(6, 6))
    classes = len(counts)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    # Mistakes are few: on a straight scale they would all be white.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for row in range(classes):
        for column in range(classes):
            if counts[row, column]:
                colour = "white" if shares[row, column] > 0.3 else "black"
                axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    axes.set(xticks=np.arange(classes), yticks=np.arange(classes), xlabel="predicted", ylabel="label")
    _title(figure, title)
    _save(figure, path)


def twin_curves(
    old: Sequence[Sequence[tuple[int, float]]],
    new: Sequence[Sequence[tuple[int, float]]],
    label: str,
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """The same quantity in runs of the TF1 program and of its Keras twin, a thin line for each run.

    Args:
        old: runs of the TF1 program, each as its steps and the values there.
        new: runs of the Keras twin, likewise.
        label: of the quantity, with its unit.
        title: above the plot.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(7, 4.2))
    for runs, name, style in (
        (old, "TF1", {"color": TF1_COLOUR, "linestyle": "-"}),
        (new, "Keras", {"color": KERAS_COLOUR, "linestyle": "--"}),
    ):
        for run in runs:
            # The markers show a run of a single report.
            axes.plot([step for step, _ in run], [value for _, value in run], linewidth=1, marker=".", **style)
        axes.plot([], [], label=name, **style)
    _label(axes, "step", label)
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def outcomes(
    old: np.ndarray, new: np.ndarray, edges: Sequence[float], label: str, title: str, path: str | os.PathLike[str]
) -> None:
    """Where many runs ended: a histogram for the TF1 program above one for its Keras twin, on the same axes.

    Args:
        old: (R,), where the runs of the TF1 program ended; those that ended in NaN are counted, not drawn.
        new: (Q,), likewise for the Keras twin.
        edges: boundaries between minima, drawn as dashed lines.
        label: of the quantity, with its unit.
        title: above both.
        path: PNG file to write.
    """
    figure, panels = _subplots(2, 1, figsize=(7, 5), sharex=True, sharey=True)
    # The lines lie within the picture too.
    shown = np.concatenate([old, new, edges])
    bins = np.histogram_bin_edges(shown[np.isfinite(shown)], bins=50)
    for axes, values, name, colour in ((panels[0], old, "TF1", TF1_COLOUR), (panels[1], new, "Keras", KERAS_COLOUR)):
        axes.hist(values[np.isfinite(values)], bins=bins, color=colour)
        for edge in edges:
            axes.axvline(edge, color="black", linestyle="--", linewidth=1)
        axes.set_title(name, loc="left", fontsize=11)
        axes.set_title(_lost(values), loc="right", fontsize=11)
        axes.yaxis.get_major_locator().set_params(integer=True)
        _label(axes, "", "runs")
    panels[1].set_xlabel(label)
    _title(figure, title)
    _save(figure, path)


def step_times(times: Mapping[str, Mapping[str, float]], title: str, path: str | os.PathLike[str]) -> None:
    """How long a training step takes: a row for every program, a mark for every contestant, on a logarithmic axis.

    Args:
        times: program → contestant → seconds a step; "tfport" is among the contestants.
        title: above the plot.
        path: PNG file to write.
    """
    figure, axes = _subplots(1, 1, figsize=(8, 1.6 + 0.42 * len(times)))
    contestants = list(dict.fromkeys(name for row in times.values() for name in row))
    colours = {"TF1": TF1_COLOUR, "tfport": KERAS_COLOUR}
    others = iter((OTHER_COLOUR, TEST_COLOUR, LABEL_COLOUR, CLASS_COLOURS[1], TRAIN_COLOUR))
    for contestant, marker in zip(contestants, "osD^vP*", strict=False):
        points = [(1e6 * row[contestant], place) for place, row in enumerate(times.values()) if contestant in row]
        colour = colours.get(contestant) or next(others)
        axes.scatter(*zip(*points, strict=True), marker=marker, s=46, color=colour, label=contestant, zorder=3)
    axes.set_xscale("log")
    axes.set_yticks(range(len(times)), list(times))
    axes.invert_yaxis()
    _label(axes, "microseconds a step (logarithmic; further left is faster)", "")
    _legend(figure)
    _title(figure, title)
    _save(figure, path)


def _lost(values: np.ndarray) -> str:
    # What a histogram cannot show.
    infinite = np.sum(np.isinf(values))
    return f"NaN: {np.sum(np.isnan(values))} of {len(values)}" + (f", infinite: {infinite}" if infinite else "")


def _classes(axes: Any, x: np.ndarray, t: np.ndarray, extent: tuple[float, float]) -> None:
    low, high = extent
    inside = np.all((x >= low) & (x <= high), axis=1)
    for value, (colour, marker) in enumerate(zip(CLASS_COLOURS, CLASS_MARKERS, strict=True)):
        rows = np.ravel(t) == value
        outside = np.sum(rows & ~inside)
        label = f"class {value}" + (f" ({outside} outside)" if outside else "")
        # White rims keep points apart from each other and from a grey field.
        # A triangle covers less than a circle of the same size.
        style = {"marker": marker, "s": (48, 68)[value], "edgecolors": "white", "linewidths": 0.8}
        # Points on the border show as a whole; they lie above everything else.
        axes.scatter(*x[rows & inside].T, c=colour, label=label, clip_on=False, zorder=3, **style)
    axes.set(xlim=extent, ylim=extent, aspect="equal", xlabel="x1", ylabel="x2")


def _clip(line: tuple[float, float, float], extent: tuple[float, float]) -> np.ndarray | None:
    # Ends (2, 2), a point in each row, of the part of w0 + w1·x1 + w2·x2 = 0 in the square; None if it passes by.
    w0, normal = line[0], np.array(line[1:], np.float64)
    if not normal.any():
        return None
    foot, direction = -w0 * normal / (normal @ normal), np.array([-normal[1], normal[0]])
    along = direction != 0
    if np.any((foot < extent[0]) | (foot > extent[1]), where=~along):
        return None  # parallel to an axis, beyond the border
    # Where it crosses the borders, in multiples of direction; a row for each axis that it runs along.
    crossings = np.sort((np.array(extent) - foot[along, np.newaxis]) / direction[along, np.newaxis], axis=1)
    enter, leave = np.max(crossings[:, 0]), np.min(crossings[:, 1])
    return foot + np.outer((enter, leave), direction) if enter < leave else None


def _year() -> tuple[Any, Any]:
    figure, axes = _subplots(1, 1, figsize=(7, 4.2))
    axes.set_xticks(np.arange(1, 13))
    _label(axes, "month", "mean temperature (°C)")
    return figure, axes


def _picture(axes: Any, image: np.ndarray, cmap: str = "gray_r", **limits: Any) -> None:
    axes.imshow(image, cmap=cmap, interpolation="nearest", **limits)
    axes.set(xticks=[], yticks=[])


def _label(axes: Any, across: str, up: str) -> None:
    axes.set(xlabel=across, ylabel=up)
    axes.set_axisbelow(True)
    axes.grid(alpha=0.3)


def _legend(figure: Any, **options: Any) -> None:
    # Below the axes, where it hides nothing.
    figure.legend(loc="outside lower center", ncols=3, frameon=False, **options)


def _title(figure: Any, title: str) -> None:
    figure.suptitle(_wrap(figure, title, 11), parse_math=False)  # a folder's name may hold a $


def _wrap(figure: Any, text: str, per_inch: int) -> str:
    # Matplotlib's own wrapping reserves no room for the further lines.
    return textwrap.fill(text, int(per_inch * figure.get_figwidth()))


def _subplots(rows: int, columns: int, figsize: tuple[float, float], **options: Any) -> tuple[Any, Any]:
    # Figure, not pyplot: no global state, no window, no screen needed.
    from matplotlib.figure import Figure

    figure = Figure(figsize, layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def _save(figure: Any, path: str | os.PathLike[str]) -> None:
    path = Path(path)
    with whole(path) as temporary:
        figure.savefig(temporary, dpi=120, format=path.suffix[1:] or "png")
