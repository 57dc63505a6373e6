"""The figures of the tutorials, drawn with Matplotlib without a screen, saved as PNG.

Functions take arrays or plain records and a path; they know neither Keras nor graphs and serve both trees.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

TEST_COLOUR = "#1f6fb2"


class Point(Protocol):
    """A result on the test set after a step."""

    @property
    def step(self) -> int:
        """Optimizer steps done."""

    @property
    def loss(self) -> float:
        """Loss on the test set."""

    @property
    def accuracy(self) -> float:
        """Accuracy on the test set, 0 to 1."""


def training_curves(reports: Sequence[Point], name: str, path: str | os.PathLike[str]) -> None:
    """Test accuracy and loss against steps, side by side; the title states the last accuracy.

    Args:
        reports: in the order of steps; at least one.
        name: of the program, for the title.
        path: PNG file to write.
    """
    figure, (left, right) = _subplots(1, 2, figsize=(9, 3.6))
    steps = [report.step for report in reports]
    for axes, values, label in (
        (left, [100 * report.accuracy for report in reports], "test accuracy (%)"),
        (right, [report.loss for report in reports], "test loss"),
    ):
        axes.plot(steps, values, marker="o", color=TEST_COLOUR)
        axes.set_xlabel("step")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    figure.suptitle(f"{name}: {100 * reports[-1].accuracy:.2f} % of the test set right after {steps[-1]} steps")
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


def _subplots(rows: int, columns: int, **options: Any) -> tuple[Any, Any]:
    # Figure, not pyplot: no global state, no window, no screen needed.
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained", **options)
    return figure, figure.subplots(rows, columns)


def _save(figure: Any, path: str | os.PathLike[str]) -> None:
    path = Path(path)
    temporary = path.with_name("tmp-" + path.name)
    figure.savefig(temporary, dpi=120, format="png")
    os.replace(temporary, path)
