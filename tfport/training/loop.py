"""``fit`` by steps: Keras's own training loop with TF1's idea of a step, and evaluation over whole sets."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfport import keras
from tfport.data import Digits, Split, batch_indices
from tfport.errors import UserError
from tfport.training.config import Config
from tfport.training.runs import Report
from tfport.versions import keras_generation

CHUNK = 500_000  # rows drawn at a time: memory stays small however long the run and however large the batch
EVALUATION_BATCH = 2500  # a quarter of MNIST's test set, as in the tutorials


def fit(
    model: Any,
    digits: Digits,
    config: Config,
    callbacks: Sequence[Any] = (),
    *,
    report: Callable[[Report], None] | None = None,
) -> list[Report]:
    """Train a compiled model for ``config.steps`` steps with Keras ``fit``.

    Batches follow the TF1 reader's rule (:func:`tfport.data.batch_indices`). To Keras and its callbacks, an "epoch"
    is the stretch of ``config.report_every`` steps between two evaluations on the test set; ``test_loss`` and
    ``test_accuracy`` are in its logs.

    Args:
        model: compiled; maps (batch, 28, 28, 1) to logits (batch, 10).
        digits: training batches come from ``digits.train``, evaluations use ``digits.test``.
        config: ``steps``, ``batch_size``, ``report_every`` and ``seed`` are read.
        callbacks: Keras callbacks of the model's own Keras.
        report: called with every report as it is made; without it nothing is shown, no progress bar either.

    Returns:
        A report for every ``config.report_every`` steps, and one for the last step.

    Raises:
        UserError: the model belongs to another Keras than the one that tfport uses.
    """
    if not isinstance(model, keras.Model):
        ours = keras_generation()
        raise UserError(
            f"the model is none of the Keras {ours} that tfport uses: build it with `from tfport import keras`, "
            f"or set TFPORT_KERAS={5 - ours} where it is of Keras {5 - ours}"
        )
    reporter = _Reporter(digits.test, config.steps, report)
    model.fit(
        batches(digits.train, config),
        epochs=-(-config.steps // config.report_every),
        steps_per_epoch=min(config.report_every, config.steps),
        callbacks=[reporter, *callbacks],
        shuffle=False,  # the batches come in their order
        verbose=0,
    )
    return reporter.reports


def batches(split: Split, config: Config) -> tf.data.Dataset:
    """Stream of ``config.steps`` batches: images (batch, 28, 28, 1), labels (batch,)."""
    images, labels = tf.constant(split.images), tf.constant(split.labels)

    def rows() -> Iterator[np.ndarray]:
        chunk = max(1, CHUNK // config.batch_size)
        for start in range(0, config.steps, chunk):
            stop = min(start + chunk, config.steps)
            yield batch_indices(len(split), config.batch_size, config.seed, start, stop)

    indices = tf.data.Dataset.from_generator(
        rows, output_signature=tf.TensorSpec((None, config.batch_size), tf.int32)
    ).unbatch()
    gathered = indices.map(lambda row: (tf.gather(images, row), tf.gather(labels, row)), tf.data.AUTOTUNE)
    return gathered.prefetch(tf.data.AUTOTUNE)


def evaluate(model: Any, split: Split, batch_size: int = EVALUATION_BATCH) -> tuple[float, float]:
    """Loss and accuracy over a whole split.

    The compiled loss is applied once to all logits, so a summed loss is the sum over the split, as the tutorials
    print it. (Keras's ``evaluate`` averages the sums of batches, which depends on the batch size.)

    Returns:
        Loss, accuracy (0 to 1).
    """
    logits = predict_logits(model, split.images, batch_size)
    # The mean is for losses given by name, which are functions of single images: it is Keras's own way with them.
    loss = tf.reduce_mean(keras.losses.get(model.loss)(tf.constant(split.labels), tf.constant(logits)))
    return float(loss), float(np.mean(np.argmax(logits, axis=1) == split.labels))


def predict_logits(model: Any, images: np.ndarray, batch_size: int = EVALUATION_BATCH) -> np.ndarray:
    """Logits (N, 10) of images (N, 28, 28, 1), dropout off."""
    parts = [model.predict_on_batch(images[i : i + batch_size]) for i in range(0, len(images), batch_size)]
    return np.concatenate(parts)


class _Reporter(keras.callbacks.Callback):
    """Counts steps, evaluates at the end of every stretch, shows progress."""

    def __init__(self, test: Split, steps: int, report: Callable[[Report], None] | None) -> None:
        super().__init__()
        self.reports: list[Report] = []
        self._test, self._steps, self._report, self._step = test, steps, report, 0

    def on_train_begin(self, logs: Any = None) -> None:
        self._began = time.perf_counter()
        # A bar on a terminal; in a file or a pipe the lines of the reports are enough.
        quiet = self._report is None or sys.stderr is None or not sys.stderr.isatty()
        self._bar = tqdm(total=self._steps, unit="step", disable=quiet, leave=False, dynamic_ncols=True)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step += 1
        self._bar.update()
        if self._step == self._steps:
            self.model.stop_training = True  # the last stretch may be a short one

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        loss, accuracy = evaluate(self.model, self._test)
        logs["test_loss"], logs["test_accuracy"] = loss, accuracy
        seconds = time.perf_counter() - self._began
        self.reports.append(Report(self._step, loss, accuracy, seconds))
        self._bar.set_postfix(test_accuracy=f"{accuracy:.4f}", refresh=False)
        if self._report is not None:
            self._report(self.reports[-1])

    def on_train_end(self, logs: Any = None) -> None:
        self._bar.close()
