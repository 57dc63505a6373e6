"""Summaries of a training step: what the TF1 tutorial on TensorBoard shows, and what else its dashboards can."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from tfport.callbacks.base import Summarizing, Tapping
from tfport.callbacks.tap import UPDATES, Moment, Numbering, Source, Summary, TestSet, keras_of, layers_of, weights_of


class Scalars(Summarizing):
    """Loss and metrics of single batches to ``train/``, each under its name, and those of evaluations.

    Of metrics those that are means over examples (``accuracy`` and the like); Keras's own logs would hold running
    means since the epoch began. What an epoch ends with goes to ``test/``, where :func:`tfport.training.fit` has
    evaluated the test set, and to ``validation/``, where Keras has evaluated its validation data.

    Args:
        log_dir: parent of these folders; event files that are there already are left alone.
        every: so many updates from one training batch that is written to the next; 0 is off.
        evaluations: whether to write what epochs end with.
        tags: tag → the one to write instead.
        numbering: of the steps.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        every: int = 1,
        *,
        evaluations: bool = True,
        tags: Callable[[str], str] = str,
        numbering: Numbering = UPDATES,
    ) -> None:
        super().__init__(log_dir, every, tags=tags, numbering=numbering)
        self._evaluations = evaluations

    def late(self, moment: Moment) -> Iterator[Summary]:
        """Loss and metrics of the batch."""
        if moment.loss is not None:
            yield Summary("scalar", "loss", moment.loss)
        for name, value in moment.metrics().items():
            yield Summary("scalar", name, value)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the figures of an evaluation."""
        if self.tap is None or not self._evaluations:
            return
        step = int(self.model.optimizer.iterations.numpy())
        for prefix, part in (("test_", "test"), ("val_", "validation")):
            values = {
                name.removeprefix(prefix): value for name, value in (logs or {}).items() if name.startswith(prefix)
            }
            if values:
                with self.tap.writer(os.path.join(self.folder, part)).as_default(step=step):
                    for name, value in values.items():
                        tf.summary.experimental.write_raw_pb(
                            tf.raw_ops.ScalarSummary(tags=self.tags(name), values=tf.constant(float(value)))
                        )


class Weights(Summarizing):
    """Mean, standard deviation, extremes and histogram of every trainable weight, before the update.

    Tags: ``LAYER/WEIGHT/mean``, ``stddev``, ``max``, ``min``, ``histogram``.
    """

    def early(self, moment: Moment) -> Iterator[Summary]:
        """The statistics."""
        for name, weight in weights_of(moment.model):
            value = tf.convert_to_tensor(weight)
            mean = tf.reduce_mean(value)
            yield Summary("scalar", f"{name}/mean", mean)
            yield Summary("scalar", f"{name}/stddev", tf.sqrt(tf.reduce_mean(tf.square(value - mean))))
            yield Summary("scalar", f"{name}/max", tf.reduce_max(value))
            yield Summary("scalar", f"{name}/min", tf.reduce_min(value))
            yield Summary("histogram", f"{name}/histogram", value)


class Activations(Summarizing):
    """Histograms of what goes into every layer's activation function and of what comes out.

    Of layers with a kernel and an ``activation`` (Dense, Conv and their like). Tags: ``LAYER/pre_activations``,
    ``LAYER/activations``.
    """

    activations = True

    def late(self, moment: Moment) -> Iterator[Summary]:
        """The histograms."""
        for name, (before, after) in moment.activations.items():
            yield Summary("histogram", f"{name}/pre_activations", before)
            yield Summary("histogram", f"{name}/activations", after)


class Gradients(Summarizing):
    """Histograms of the gradients as they reach the optimizer; of training steps alone.

    Tags: ``LAYER/WEIGHT/gradient``.
    """

    gradients = True

    def late(self, moment: Moment) -> Iterator[Summary]:
        """The histograms."""
        names = {id(weight): name for name, weight in weights_of(moment.model)}
        for variable, gradient in moment.gradients:
            yield Summary("histogram", f"{names[id(variable)]}/gradient", tf.convert_to_tensor(gradient))


class Images(Summarizing):
    """The first ten images of the batch. Tags: ``images/image/0`` to ``9``.

    The model's input is to be images (batch, height, width, channels) of 1, 3 or 4 channels.
    """

    def early(self, moment: Moment) -> Iterator[Summary]:
        """The images."""
        yield Summary("image", "images", moment.x)


class LearningRate(Summarizing):
    """The learning rate of a training step. Tag: ``learning_rate``."""

    def early(self, moment: Moment) -> Iterator[Summary]:
        """The rate, a schedule's at this step."""
        if moment.training:
            optimizer = moment.model.optimizer
            rate = optimizer._learning_rate
            if isinstance(rate, keras_of(moment.model).optimizers.schedules.LearningRateSchedule):
                rate = rate(optimizer.iterations)  # Keras 2's learning_rate is still that of the last update
            else:
                rate = optimizer.learning_rate
            yield Summary("scalar", "learning_rate", tf.convert_to_tensor(rate))


class KeepProbability(Summarizing):
    """What each dropout layer keeps: one minus its rate in training, 1 in an evaluation.

    Tags: ``LAYER/keep_probability``.
    """

    def early(self, moment: Moment) -> Iterator[Summary]:
        """The probabilities."""
        for layer in layers_of(moment.model):
            if "Dropout" in type(layer).__name__:
                keep = 1.0 - float(layer.rate) if moment.training else 1.0
                yield Summary("scalar", f"{layer.name}/keep_probability", tf.constant(keep))


class TestEvaluation(Tapping):
    """Evaluates a whole test set before every so many-th update, and writes summaries of that to ``test/``.

    The evaluation is part of the training step's graph; dropout is off in it.

    Args:
        log_dir: parent of ``test/``; event files that are there already are left alone.
        inputs: of the test set, as the model takes them.
        targets: likewise.
        every: so many updates from one evaluation to the next, the first one before any; 0 is off.
        of: callbacks of this module whose summaries are wanted.
        numbering: of the steps.
    """

    in_graph = True

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        inputs: Any,
        targets: Any,
        every: int,
        of: Sequence[Source],
        *,
        numbering: Numbering = UPDATES,
    ) -> None:
        super().__init__(log_dir, every, numbering)
        self._inputs, self._targets, self._of = inputs, targets, of

    def next_due(self, updates: int, last: int) -> int | None:
        """The update after the next evaluation."""
        return updates + 1 + -updates % self.every if self.every else None

    def set_model(self, model: Any) -> None:
        """Have the tap evaluate."""
        super().set_model(model)
        if self.tap is not None:
            inputs, targets = tf.constant(self._inputs), tf.constant(self._targets)
            self.tap.add_test(TestSet(self.folder, inputs, targets, self.every, self._of, self.numbering))
