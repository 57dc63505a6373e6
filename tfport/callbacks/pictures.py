"""What a classifier gets wrong, as images in TensorBoard."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfport import plots
from tfport.callbacks.base import Tapping
from tfport.callbacks.tap import UPDATES, Numbering, image_of

BATCH = 2500


class _Picture(Tapping):
    """Draws a figure of the test set's predictions after every so many updates, for ``test/``.

    Args:
        log_dir: parent of ``test/``.
        inputs: images of the test set, (N, height, width, channels).
        labels: (N,), whole numbers from 0.
        every: so many updates from one figure to the next; 0 is off.
        numbering: of the steps.
    """

    tag = ""

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        inputs: np.ndarray,
        labels: np.ndarray,
        every: int,
        *,
        numbering: Numbering = UPDATES,
    ) -> None:
        super().__init__(log_dir, every, numbering)
        self._inputs, self._labels = inputs, np.asarray(labels)
        self._updates = 0

    def _implements_train_batch_hooks(self) -> bool:
        return bool(self.every)

    def on_train_begin(self, logs: Any = None) -> None:
        """Count from the updates that were made before."""
        super().on_train_begin(logs)
        self._updates = int(self.model.optimizer.iterations.numpy())

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw, where it is time."""
        before, self._updates = self._updates, int(self.model.optimizer.iterations.numpy())
        if self.tap is None or before // self.every == self._updates // self.every:
            return
        starts = range(0, len(self._inputs), BATCH)
        outputs = [self.model(tf.constant(self._inputs[i : i + BATCH]), training=False).numpy() for i in starts]
        png = _png(lambda path: self.draw(np.concatenate(outputs), path))
        if png is not None:
            with self.tap.writer(os.path.join(self.folder, "test")).as_default():
                tf.summary.experimental.write_raw_pb(image_of(png, self.tag), step=self.numbering.test(self._updates))

    def draw(self, outputs: np.ndarray, path: Path) -> None:
        """Draw a figure of outputs (N, classes)."""


class Misclassified(_Picture):
    """The first ten test images that are misread, with the probabilities the model gives. Tag: ``misclassified``."""

    tag = "misclassified"

    def draw(self, outputs: np.ndarray, path: Path) -> None:
        """Draw them; nothing where all are read."""
        wrong = np.flatnonzero(np.argmax(outputs, axis=1) != self._labels)
        rows = wrong[:10]
        if not len(rows):
            return
        p = outputs[rows]
        if np.any(p < 0) or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
            p = tf.nn.softmax(p).numpy()  # the model returns logits
        title = f"the first of {len(wrong)} misread test images, after {self._updates} steps"
        plots.misclassified(np.asarray(self._inputs)[rows, :, :, 0], self._labels[rows], p, title, path)


class ConfusionMatrix(_Picture):
    """How often each class is taken for each other. Tag: ``confusion_matrix``."""

    tag = "confusion_matrix"

    def draw(self, outputs: np.ndarray, path: Path) -> None:
        """Draw the matrix."""
        predictions, classes = np.argmax(outputs, axis=1), outputs.shape[1]
        counts = np.zeros((classes, classes), int)
        np.add.at(counts, (self._labels, predictions), 1)
        right = np.trace(counts) / max(1, counts.sum())
        plots.confusion_matrix(counts, f"{100 * right:.2f} % right after {self._updates} steps", path)


def _png(draw: Callable[[Path], None]) -> bytes | None:
    with tempfile.TemporaryDirectory(prefix="tfport-figure-") as folder:
        path = Path(folder) / "figure.png"
        draw(path)
        return path.read_bytes() if path.exists() else None
