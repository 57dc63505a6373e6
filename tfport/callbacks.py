"""Keras callbacks: TensorBoard summaries as the TF1 programs write them, by step, training and test apart."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfport import keras


class Scalars(keras.callbacks.Callback):
    """Loss and accuracy of single training batches to ``train/``, of the test set to ``test/``.

    The tags are ``loss`` and ``accuracy``, as in the TF1 programs (but for ``summaries``), so TensorBoard draws both
    into one chart.

    Args:
        log_dir: parent of ``train/`` and ``test/``; earlier event files in it are left alone.
        every: write every so many training steps; the test set is written whenever ``tfport.training.fit`` has
            evaluated it. Where the model was compiled with ``steps_per_execution``, which must then divide it, a point
            is the mean over the steps of one execution.
    """

    def __init__(self, log_dir: str | os.PathLike[str], every: int = 10) -> None:
        super().__init__()
        self._log_dir, self._every, self._step = os.fspath(log_dir), every, 0
        self._begun, self._per_call = 0, 1
        self._writers: dict[str, Any] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the writers."""
        # Keras 2 keeps it in a variable behind an underscore, Keras 3 in an attribute.
        per_call: Any = getattr(self.model, "steps_per_execution", None)
        self._per_call = int(getattr(self.model, "_steps_per_execution", 1) if per_call is None else per_call)
        self._writers = {
            name: tf.summary.create_file_writer(os.path.join(self._log_dir, name)) for name in ("train", "test")
        }

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Count the steps on from here: Keras numbers batches from 0 in every epoch."""
        self._begun = self._step

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Start the metrics afresh for a batch that is to be written."""
        if (self._begun + batch + self._per_call) % self._every == 0:
            # Keras reports running means; after a reset the mean is that of this one batch, as in TF1's curves.
            self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write a training batch."""
        self._step = self._begun + batch + 1
        if self._step % self._every == 0:
            self._write("train", logs or {}, "")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the test set's figures, where there are any."""
        self._write("test", logs or {}, "test_")

    def on_train_end(self, logs: Any = None) -> None:
        """Close the writers."""
        for writer in self._writers.values():
            writer.close()

    def _write(self, writer: str, logs: dict[str, Any], prefix: str) -> None:
        with self._writers[writer].as_default(step=self._step):
            for tag in ("loss", "accuracy"):
                if prefix + tag in logs:
                    tf.summary.scalar(tag, float(logs[prefix + tag]))


class EveryStep(keras.callbacks.Callback):
    """Keeps what a function of the model returns after every step, in the list ``values``.

    Of a model compiled with ``steps_per_execution`` it is called once for that many steps.

    Args:
        measure: called with the model as the step left it. (Keras's own training metrics are those before the update.)
    """

    def __init__(self, measure: Callable[[Any], Any]) -> None:
        super().__init__()
        self.values: list[Any] = []
        self._measure = measure

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Measure."""
        self.values.append(self._measure(self.model))
