"""``fit`` by steps: training with TF1's idea of a step, and evaluation over whole sets."""

from __future__ import annotations

import functools
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tfport import keras
from tfport.data import Digits, Problem, Samples, Split
from tfport.errors import UserError
from tfport.training import stretches
from tfport.training.arrays import tensor_of
from tfport.training.checkpoints import Checkpoints
from tfport.training.config import BaseConfig
from tfport.training.dropout import steady
from tfport.training.runs import Report
from tfport.training.stopping import Stop
from tfport.training.tracing import graph_function
from tfport.versions import keras_generation

EVALUATION_BATCH = 2500  # a quarter of MNIST's test set, as in the tutorials


class NotFinite(UserError):
    """A loss was not finite, and training has stopped."""


def fit(
    model: Any,
    data: Digits | Problem,
    config: BaseConfig,
    callbacks: Sequence[Any] = (),
    *,
    report: Callable[[Report], None] | None = None,
    checkpoints: Checkpoints | None = None,
    done: int = 0,
    stop: Stop | None = None,
    fast: bool = True,
) -> list[Report]:
    """Train a compiled model for ``config.steps`` steps.

    Batches of digits follow the TF1 reader's rule (:func:`tfport.data.batch_indices`); a small problem is taken whole
    in every step. To Keras and its callbacks, an "epoch" is the stretch of ``config.report_every`` steps between two
    evaluations on ``data.test``; ``test_loss`` and, where something is classified, ``test_accuracy`` are in its logs.

    Many steps are one call of TensorFlow (:mod:`tfport.training.stretches`). Where that cannot be, for a callback that
    wants to be called after every batch or a model that runs eagerly, a warning says so and Keras's own ``fit`` takes
    the same steps one by one. Dropout's random numbers follow from seed, layer and step, on both paths.

    Args:
        model: compiled; maps a batch of ``data.train.inputs`` to logits.
        data: what is learned from, and what evaluations use.
        config: ``steps`` and ``report_every`` are read, for digits ``batch_size`` and ``seed`` too.
        callbacks: Keras callbacks of the model's own Keras.
        report: called with every report as it is made; without it nothing is shown, no progress bar either.
        checkpoints: are made where one is due, between two steps; after the last step; and before ``stop`` is obeyed.
        done: steps that were done before, in a run that is resumed from such a checkpoint.
        stop: asked between steps whether to leave.
        fast: False has Keras's own ``fit`` do it in any case.

    Returns:
        A report for every ``config.report_every`` steps, and one for the last step.

    Raises:
        NotFinite: a loss is not finite.
        UserError: the model belongs to another Keras than the one that tfport uses; a checkpoint cannot be written.
    """
    if not isinstance(model, keras.Model):
        ours = keras_generation()
        raise UserError(
            f"the model is none of the Keras {ours} that tfport uses: build it with `from tfport import keras`, "
            f"or set TFPORT_KERAS={5 - ours} where it is of Keras {5 - ours}"
        )
    reporter = _Reporter(data.test, config.steps, report, done)
    strategy = _strategy_of(model)
    keeper = _Keeper(config, checkpoints, stop, in_step=strategy is not None)
    hooks = [reporter, *callbacks, keeper]
    fast = fast and strategy is None
    reason = stretches.obstacle(model, callbacks) if fast else None
    if reason is not None:
        warnings.warn(f"{reason}: training goes step by step, which is slower", stacklevel=2)

    def passed(step: int) -> None:
        reporter.progress(step)
        keeper.passed(step)

    try:
        with steady(model, getattr(config, "seed", 0)):
            if fast and reason is None:
                stretches.fit(model, data.train, config, hooks, passed, reporter.compiled, done=done)
            else:
                _step_by_step(model, data.train, config, hooks, passed, strategy, done)
    except stretches.Diverged as error:
        raise NotFinite(_told(error, data.train, config, checkpoints)) from error
    return reporter.reports


def _step_by_step(
    model: Any, split: Split | Samples, config: Any, hooks: Any, passed: Any, strategy: Any, done: int
) -> None:
    """The same steps by Keras's own ``fit``, which is called twice where the first of them is between two reports."""
    every = config.report_every
    while done < config.steps:
        whole = done % every == 0
        last = config.steps if whole else min(config.steps, done - done % every + every)
        stream: Any = batches(split, config, done)
        if strategy is not None:
            stream = strategy.distribute_datasets_from_function(
                lambda context, done=done: batches(split, config, done, context)
            )
        counting = _EveryBatch(done, config.steps)
        model.fit(
            stream,
            initial_epoch=done // every,
            epochs=-(-last // every),
            steps_per_epoch=min(every, last - done),
            callbacks=[counting, *hooks, _Passed(counting, passed)],
            shuffle=False,  # the batches come in their order
            verbose=0,
        )
        if model.stop_training:
            break
        done = last


def _told(error: stretches.Diverged, split: Split | Samples, config: Any, checkpoints: Checkpoints | None) -> str:
    if isinstance(split, Samples):
        batch = f"all {len(split)} samples"
    else:
        (drawn,) = stretches.rows_of(len(split), config, range(error.step - 1, error.step))
        batch = f"images {', '.join(map(str, drawn))} of the training set"
    latest = checkpoints.latest if checkpoints is not None else None
    kept = f"the last good checkpoint is {latest}" if latest else "there is no checkpoint yet"
    of = " on the test set" if error.test else ""
    return (
        f"step {error.step}: the loss{of} is not finite ({error.loss}), and training has stopped; {kept}; start anew "
        f"with a smaller --learning-rate than {config.learning_rate}; the batch of that step: {batch}"
    )


def _strategy_of(model: Any) -> Any:
    """The strategy under which a model was built; None for none."""
    strategy = model.distribute_strategy
    return strategy if tf.distribute.has_strategy() or strategy is not tf.distribute.get_strategy() else None


def batches(
    split: Split | Samples, config: Any, done: int = 0, context: tf.distribute.InputContext | None = None
) -> tf.data.Dataset:
    """Stream of the batches of inputs and targets of all steps that are not done, ``config.steps`` in all.

    Args:
        split: digits, in batches of ``config.batch_size`` images (batch, 28, 28, 1) and labels (batch,); or the samples
            of a small problem, all of them in every batch.
        config: ``steps``, and for digits ``batch_size`` and ``seed``.
        done: steps done before.
        context: of a worker: it gets its own part of every batch, in as many pieces as it has replicas.
    """
    inputs, targets = tensor_of(split.inputs), tensor_of(split.targets)
    if isinstance(split, Samples):
        return tf.data.Dataset.from_tensors((inputs, targets)).repeat(config.steps - done)

    def rows() -> Iterator[np.ndarray]:
        chunk = max(1, stretches.CHUNK // config.batch_size)
        for start in range(done, config.steps, chunk):
            drawn = stretches.rows_of(len(split), config, range(start, min(start + chunk, config.steps)))
            parts = drawn.reshape(len(drawn), replicas, -1)
            yield parts[:, first : first + own].reshape(-1, parts.shape[2])

    replicas = 1 if context is None else context.num_replicas_in_sync
    own = 1 if context is None else replicas // context.num_input_pipelines
    first = 0 if context is None else own * context.input_pipeline_id
    signature = tf.TensorSpec((None, config.batch_size // replicas), tf.int32)
    indices = tf.data.Dataset.from_generator(rows, output_signature=signature).unbatch()
    gathered = indices.map(lambda row: (tf.gather(inputs, row), tf.gather(targets, row)), tf.data.AUTOTUNE)
    return gathered.prefetch(tf.data.AUTOTUNE)


def evaluate(model: Any, split: Split | Samples, batch_size: int = EVALUATION_BATCH) -> tuple[float, float | None]:
    """Loss and accuracy over a whole split.

    The compiled loss is applied once to all logits, so a summed loss is the sum over the split, as the tutorials
    print it. (Keras's ``evaluate`` averages the sums of batches, which depends on the batch size.)

    Returns:
        Loss, accuracy (0 to 1; None where nothing is classified).
    """
    return _scored(model, split, predict_logits(model, split.inputs, batch_size))


def _scored(model: Any, split: Split | Samples, logits: np.ndarray) -> tuple[float, float | None]:
    # The mean is for losses given by name, which are functions of single examples: it is Keras's own way with them.
    loss = tf.reduce_mean(keras.losses.get(model.loss)(tf.constant(split.targets), tf.constant(logits)))
    return float(loss), split.accuracy(logits)


def predict_logits(model: Any, inputs: np.ndarray, batch_size: int = EVALUATION_BATCH) -> np.ndarray:
    """What a model makes of all inputs, dropout off: of images (N, 28, 28, 1) logits (N, 10), of points (N, 1)."""
    # Called, not predict_on_batch: that takes steps_per_execution for its own and asks for more than one batch.
    return _in_batches(lambda batch: model(batch, training=False), inputs, batch_size)


def _in_batches(call: Callable[[Any], Any], inputs: np.ndarray, batch_size: int) -> np.ndarray:
    starts = range(0, len(inputs), batch_size)
    return np.concatenate([call(tensor_of(inputs[i : i + batch_size])).numpy() for i in starts])


def probabilities(model: Any, inputs: np.ndarray) -> np.ndarray:
    """What the logits say: (N, 10) that add up to 1, or the probability (N, 1) of class 1."""
    logits = predict_logits(model, inputs)
    one_class = logits.shape[1] == 1
    return (tf.sigmoid(logits) if one_class else tf.nn.softmax(logits)).numpy()


class _Reporter(keras.callbacks.Callback):
    """Evaluates at the end of every stretch between reports, shows progress."""

    def __init__(self, test: Split | Samples, steps: int, report: Any, done: int) -> None:
        super().__init__()
        self.reports: list[Report] = []
        self._test, self._steps, self._report, self.step = test, steps, report, done
        self._compiling = 0.0
        self._began: float | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        if self._began is None:  # Keras's fit may be called twice
            self._began = time.perf_counter()
        self._call: Callable[..., Any] = functools.partial(self.model, training=False)
        if len(self._test) > EVALUATION_BATCH:
            # Convolutions take two thirds of the time so; of a few points it would take longer to trace.
            self._call = graph_function(self._call)
        # A bar on a terminal; in a file or a pipe the lines of the reports are enough.
        quiet = self._report is None or sys.stderr is None or not sys.stderr.isatty()
        self._bar = tqdm(
            total=self._steps, initial=self.step, unit="step", disable=quiet, leave=False, dynamic_ncols=True
        )

    def progress(self, step: int) -> None:
        """So many steps are done."""
        self._bar.update(step - self.step)
        self.step = step

    def compiled(self, seconds: float) -> None:
        """So long TensorFlow has compiled."""
        self._compiling += seconds

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        logits = _in_batches(self._call, self._test.inputs, EVALUATION_BATCH)
        loss, accuracy = _scored(self.model, self._test, logits)
        logs["test_loss"] = loss
        if accuracy is not None:
            logs["test_accuracy"] = accuracy
            self._bar.set_postfix(accuracy=f"{accuracy:.4f}", refresh=False)
        seconds = time.perf_counter() - (self._began or 0.0)
        self.reports.append(Report(self.step, loss, accuracy, seconds, compiling=self._compiling))
        if self._report is not None:
            self._report(self.reports[-1])

    def on_train_end(self, logs: Any = None) -> None:
        self._bar.close()


class _EveryBatch(keras.callbacks.Callback):
    """Counts the steps that Keras's own ``fit`` takes, before other callbacks see one that has failed."""

    def __init__(self, done: int, steps: int) -> None:
        super().__init__()
        self.done, self._steps = done, steps

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._begun = self.done

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # Not one more than before: a call may have taken several steps (steps_per_execution).
        self.done = self._begun + batch + 1
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise stretches.Diverged(self.done, float(loss))
        if self.done == self._steps:  # the last epoch may be short
            self.model.stop_training = True


class _Passed(keras.callbacks.Callback):
    """Tells of a step when all other callbacks have had it: a checkpoint holds what they have seen."""

    def __init__(self, every: _EveryBatch, passed: Callable[[int], None]) -> None:
        super().__init__()
        self._every, self._passed = every, passed

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._passed(self._every.done)


class _Keeper(keras.callbacks.Callback):
    """Makes checkpoints where they are due, and has a signal obeyed, between two steps and when all have reported.

    Args:
        config: ``steps`` and ``report_every``.
        checkpoints: None for none.
        stop: None to ask nobody.
        in_step: several processes or devices train together: all of them must save at once, so that they do it at every
            report, and nowhere else.
    """

    def __init__(self, config: Any, checkpoints: Checkpoints | None, stop: Stop | None, *, in_step: bool) -> None:
        super().__init__()
        self._config, self._checkpoints, self._stop, self._in_step = config, checkpoints, stop, in_step
        self._step = -1

    def passed(self, step: int) -> None:
        """So many steps are done."""
        self._step = step
        # Where a report follows, that comes first.
        if step % self._config.report_every and step != self._config.steps and not self._in_step:
            self._keep(last=False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = float((logs or {}).get("test_loss", 0.0))
        if not math.isfinite(loss):
            raise stretches.Diverged(self._step, loss, test=True)
        self._keep(last=self._step == self._config.steps or self.model.stop_training)

    def _keep(self, *, last: bool) -> None:
        stopped = self._stop is not None and self._stop.signal is not None
        if self._checkpoints is not None and (last or stopped or self._in_step or self._checkpoints.due):
            self._checkpoints.save(self._step)
        if stopped and self._stop is not None:
            self._stop.obey()
