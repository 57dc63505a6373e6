"""The fast path of ``fit``: stretches of many steps, each one call of TensorFlow.

Keras's ``fit`` comes back to Python after every step, to fetch the next batch and to ask its callbacks; a TF1 program
did the same with ``feed_dict``. Of a small network that is most of the time. Here the training data is in memory once,
a batch is gathered from it by its row numbers, and the loop over steps is part of the graph. The step itself is the
model's own ``train_step``: loss, metrics, regularisation and optimizer are Keras's as ever.

A stretch ends where somebody looks: at the end of an epoch, before and after every step that a callback attends
(``next_due`` tells), and after SECONDS, for the progress bar and for Ctrl-C. What a tap (:mod:`tfport.callbacks.tap`)
adds to a step is in the loop too; only XLA cannot write summaries, so there the steps that are due are taken alone.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from tfport import keras, startup
from tfport.callbacks.tap import Tap, build_metrics, layers_of
from tfport.data import Samples, Split, batch_indices
from tfport.training.arrays import tensor_of
from tfport.training.rewrites import lighter
from tfport.training.tracing import graph_function

SECONDS = 0.5  # that a stretch shall take
RECORDED = 1000  # steps in a stretch, at most, where something is measured after each
CHUNK = 500_000  # rows drawn at a time: memory stays small however long the run and however large the batch
XLA_SECONDS = 0.3  # that XLA must save in a run: what it takes to compile
BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class Diverged(Exception):
    """A loss is not finite.

    Args:
        step: number of the last step, counted from 1.
        loss: nan or infinite.
        test: whether it is that of an evaluation after the step. (A kernel that joins a product with its ReLU takes NaN
            for 0, so that the loss of a training step may hide what an evaluation shows.)
    """

    def __init__(self, step: int, loss: float, *, test: bool = False) -> None:
        super().__init__(f"the loss of step {step} is {loss}")
        self.step, self.loss, self.test = step, loss, test


def obstacle(model: Any, callbacks: Sequence[Any]) -> str | None:
    """Why Keras must train this model step by step; None where the fast path is open."""
    for callback in callbacks:
        if not hasattr(callback, "next_due") and _attends_batches(callback):
            return f"{type(callback).__name__} wants to be called after every batch"
    if model.run_eagerly:
        return "the model is compiled with run_eagerly=True"
    if not hasattr(model.optimizer, "build"):
        return f"{type(model.optimizer).__name__} is one of Keras's legacy optimizers"
    return None


def _attends_batches(callback: Any) -> bool:
    asked = getattr(callback, "_implements_train_batch_hooks", None)  # Keras 2
    if asked is not None:
        return bool(asked())
    if getattr(callback, "save_freq", None) == "epoch":  # Keras 3's ModelCheckpoint
        return False
    hooks = [getattr(callback, name, None) for name in BATCH_HOOKS]
    return not all(hook is None or getattr(hook, "_is_default", False) for hook in hooks)


def fit(
    model: Any,
    split: Split | Samples,
    config: Any,
    callbacks: Sequence[Any],
    progress: Callable[[int], None],
    compiled: Callable[[float], None],
    *,
    done: int = 0,
) -> None:
    """Train until ``config.steps`` steps are done, with an epoch of Keras every ``config.report_every``.

    Args:
        model: compiled, and :func:`obstacle` finds nothing.
        split: what batches are gathered from, or the small problem that every step takes whole.
        config: ``steps``, ``report_every``; for digits ``batch_size`` and ``seed``.
        callbacks: of the model's own Keras; of their hooks for batches those of steps that they attend are called.
        progress: told the number of steps done, at the end of every stretch.
        compiled: told the seconds of a first call, which are the compiler's.
        done: steps that were done before, in a run that is resumed.

    Raises:
        Diverged: a step's loss is not finite; no step is taken after it.
    """
    epochs = range(0, config.steps, config.report_every)
    hooks = keras.callbacks.CallbackList(
        list(callbacks), add_history=True, model=model, epochs=len(epochs), steps=epochs.step, verbose=0
    )
    recorders = [callback for callback in callbacks if getattr(callback, "traced", False)]
    in_graph = [each for each in callbacks if getattr(each, "in_graph", False) and each.every]
    attended = max((config.steps // each.every for each in in_graph), default=0)
    steps = Steps(model, split, config, recorders, attended)
    # Callbacks count from the first update ever, in an earlier fit too.
    before = int(model.optimizer.iterations.numpy()) - done
    due: dict[Any, int | None] = {each: before + done for each in callbacks if steps.attends(each)}
    model.stop_training = False
    hooks.on_train_begin()
    if done and due:
        # Callbacks that want to see the step's graph would have the next step taken alone, by other kernels than in the
        # run that is resumed.
        steps.trace(done)
    pace = 1
    for epoch, first in enumerate(epochs):
        last = min(first + config.report_every, config.steps)
        if last <= done:
            continue
        model.reset_metrics()
        hooks.on_epoch_begin(epoch)
        while done < last and not model.stop_training:
            for callback, mark in due.items():
                if mark is not None and mark <= before + done:
                    due[callback] = callback.next_due(before + done, before + config.steps)
            now = [callback for callback, mark in due.items() if mark == before + done + 1]
            for callback in now:
                callback.on_train_batch_begin(done - first)
            began = time.perf_counter()
            if now:
                count, loss, fresh = steps.attended(done)
            else:
                ahead = [mark - before - 1 for mark in due.values() if mark is not None]
                count = min([last, done + pace, *ahead]) - done
                count, loss, fresh = steps.stretch(done, count)
            seconds = time.perf_counter() - began
            done += count
            if not math.isfinite(loss):
                raise Diverged(done, loss)
            if fresh:
                compiled(seconds)
            elif not now:
                pace = next_pace(pace, count, seconds)
            for callback in now:
                callback.on_train_batch_end(done - first - 1)
            progress(done)
        hooks.on_epoch_end(epoch, {name: float(value) for name, value in model.get_metrics_result().items()})
        if model.stop_training:
            break
    hooks.on_train_end()


def next_pace(pace: int, count: int, seconds: float) -> int:
    """How many steps to take next: as many as SECONDS hold, but at most ten times as many as before."""
    return max(1, min(10 * pace, int(SECONDS * count / max(seconds, 1e-9))))


def suits_xla(model: Any, steps: int) -> bool:
    """Whether XLA takes so many steps of a model faster, and alike.

    Faster: on CPUs those of small and of dense models, where it makes one kernel of many: it saves some 16 µs a step,
    and 10 ns for every weight (``temperature`` 0.7 µs instead of 17, ``softmax`` 0.2 ms instead of 0.3), if there are
    steps enough to make up for compiling. Convolutions it computes three times slower than oneDNN does.
    (``scripts/bench.py speed``.) Alike: not where a layer draws random numbers from a kernel of its own; ``Dropout``
    does not, see :mod:`tfport.training.dropout`.
    """
    layers = list(layers_of(model))
    convolves = any(hasattr(layer, name) for layer in layers for name in ("kernel_size", "pool_size"))
    draws = any(hasattr(layer, "seed") and type(layer) is not keras.layers.Dropout for layer in layers)
    saved = steps * (16e-6 + 1e-8 * model.count_params())
    return not convolves and not draws and saved >= XLA_SECONDS


class Steps:
    """The steps of a run, compiled.

    Args:
        model: as for :func:`fit`; its callbacks have been given to it.
        split: likewise.
        config: likewise.
        recorders: callbacks whose ``measure`` is taken after every step, into their ``values``.
        attended: so many steps write summaries from inside, which is nothing for XLA.
    """

    def __init__(
        self, model: Any, split: Split | Samples, config: Any, recorders: Sequence[Any] = (), attended: int = 0
    ) -> None:
        self._model, self._config, self._recorders = model, config, recorders
        self._inputs, self._targets = tensor_of(split.inputs), tensor_of(split.targets)
        self._whole = isinstance(split, Samples)
        self._drawn = range(0)
        self._number = len(split)
        # Variables cannot be made inside a loop.
        model.optimizer.build(model.trainable_variables)
        build_metrics(model, self._targets[:1], model(self._inputs[:1], training=False))
        self._xla = suits_xla(model, config.steps - attended)
        self._alone = graph_function(self._attended)
        self._many = self._looped()
        self._fresh = self._fresh_alone = True

    def attends(self, callback: Any) -> bool:
        """Whether a callback is to be asked for the steps that it attends."""
        return hasattr(callback, "next_due") and (self._xla or not getattr(callback, "in_graph", False))

    def attended(self, done: int) -> tuple[int, float, bool]:
        """Take the step after ``done`` with what callbacks have put into it; returns what :meth:`stretch` does."""
        rows, offset, _ = self._of(done, 1)
        fresh, self._fresh_alone = self._fresh_alone, False
        with startup.hushed() if fresh else contextlib.nullcontext():
            loss, measured = self._alone(rows, offset)
            self._record([value[None] for value in measured], 1)
        return 1, float(loss), fresh

    def trace(self, done: int) -> None:
        """Trace the step that callbacks attend, and take none."""
        rows, offset, _ = self._of(done, 1)
        with startup.hushed():
            self._alone.trace(rows, offset)  # type: ignore[attr-defined]

    def stretch(self, done: int, count: int) -> tuple[int, float, bool]:
        """Take at most so many steps, and none after one whose loss is not finite.

        Returns:
            How many were taken; the mean loss since the epoch began, of which only that it is finite is of use; whether
            they were the first, which are compiled before they run.
        """
        rows, offset, count = self._of(done, count)
        fresh, self._fresh = self._fresh, False
        if self._recorders:
            count = min(count, RECORDED)
        try:
            with startup.hushed() if fresh else contextlib.nullcontext():
                taken, loss, recorded = self._many(rows, offset, tf.constant(count))
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            if not (fresh and self._xla):
                raise
            # XLA refuses before it runs anything: some operation of this model is none of its own.
            self._xla, self._many = False, self._looped()
            taken, loss, recorded = self._many(rows, offset, tf.constant(count))
        count = int(taken)
        self._record(recorded, count)
        return count, float(loss), fresh

    def _record(self, recorded: Sequence[Any], count: int) -> None:
        for recorder, values in zip(self._recorders, recorded, strict=True):
            recorder.values.extend(values.numpy()[:count])

    def _measured(self) -> list[Any]:
        return [recorder.measure(self._model) for recorder in self._recorders]

    def _attended(self, rows: Any, offset: Any) -> tuple[Any, list[Any]]:
        return self._take(self._model.train_step, rows, offset), self._measured()

    def _take(self, step: Callable[[Any], Any], rows: Any, index: Any) -> Any:
        """Take a step; the mean loss since the epoch began, in which one that is not finite stays to be seen."""
        if self._whole:
            logs = step((self._inputs, self._targets))
        else:
            logs = step((tf.gather(self._inputs, rows[index]), tf.gather(self._targets, rows[index])))
        loss = logs.get("loss") if isinstance(logs, dict) else None
        return tf.constant(0.0) if loss is None else tf.cast(loss, tf.float32)

    def _looped(self) -> Any:
        step = Tap.step_under(self._model) if self._xla else self._model.train_step
        own_calls = self._xla or Tap.reads_activations(self._model)

        def steps(rows: Any, offset: Any, count: Any) -> tuple[Any, Any, list[Any]]:
            def goes_on(index: Any, loss: Any, *_: Any) -> Any:
                return tf.logical_and(index < offset + count, tf.math.is_finite(loss))

            def body(index: Any, _: Any, *arrays: Any) -> Any:
                loss = self._take(step, rows, index)
                pairs = zip(arrays, self._measured(), strict=True)
                return index + 1, loss, *(array.write(index - offset, value) for array, value in pairs)

            # XLA knows arrays of one size alone.
            arrays = [tf.TensorArray(tf.float32, RECORDED) for _ in self._recorders]

            # Not `for index in tf.range(count)`: XLA would compile anew for every count.
            with contextlib.nullcontext() if own_calls else lighter(self._model):
                index, loss, *arrays = tf.while_loop(goes_on, body, (offset, tf.constant(0.0), *arrays))
            return index - offset, loss, [array.stack() for array in arrays]

        return graph_function(steps, jit_compile=self._xla)

    def _of(self, done: int, count: int) -> tuple[Any, Any, int]:
        """A block of rows (steps, batch) that holds those of these steps, where in it they begin, how many it holds.

        All blocks have one shape: XLA compiles anew for every other. Of a small problem, which is taken whole, there
        are no rows.
        """
        if self._whole:
            return tf.constant([0]), tf.constant(0), count
        if done not in self._drawn:
            size = max(1, CHUNK // self._config.batch_size)
            self._drawn = range(done, min(done + size, self._config.steps))
            block = np.zeros((min(size, self._config.steps), self._config.batch_size), np.int32)
            block[: len(self._drawn)] = rows_of(self._number, self._config, self._drawn)
            self._rows = tf.constant(block)
        count = min(count, self._drawn.stop - done)
        return self._rows, tf.constant(done - self._drawn.start), count


def rows_of(number: int, config: Any, steps: range) -> np.ndarray:
    """The rows of the batches of these steps, (steps, batch) int32, out of so many; the TF1 reader's rule."""
    return batch_indices(number, config.batch_size, config.seed, steps.start, steps.stop)
