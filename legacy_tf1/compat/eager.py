"""``tf.contrib.eager``: for scripts that call ``tf.enable_eager_execution()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf2

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

for _old, _new in {
    "enable_eager_execution": tf.enable_eager_execution,
    "executing_eagerly": tf.executing_eagerly,
    "in_eager_mode": tf.executing_eagerly,
    "py_func": tf.py_function,
    "defun": tf2.function,
    "GradientTape": tf.GradientTape,
    "custom_gradient": tf.custom_gradient,
    "Checkpoint": tf.train.Checkpoint,
    "seterr": lambda **unused: None,
    "run": tf.app.run,
}.items():
    ADDED[f"contrib.eager.{_old}"] = _new


@adds("contrib.eager.Variable")
def variable(*arguments: Any, **options: Any) -> Any:
    """A variable that holds its value itself."""
    return tf.Variable(*arguments, **{**options, "use_resource": True})


@adds("contrib.eager.Saver")
class Saver:
    """``tf.train.Saver`` without a session.

    Args:
        var_list: variables, or a dictionary of them by the names that they have in the checkpoint.
    """

    def __init__(self, var_list: Any) -> None:
        self._saver = tf.train.Saver(var_list)

    def save(self, file_prefix: str, global_step: Any = None) -> str:
        """Write a checkpoint; returns its prefix."""
        return str(self._saver.save(None, file_prefix, global_step=global_step))

    def restore(self, file_prefix: str) -> None:
        """Read it into the variables."""
        self._saver.restore(None, file_prefix)


@adds("contrib.eager.num_gpus")
def num_gpus() -> int:
    """How many there are."""
    return len(tf.config.list_physical_devices("GPU"))


@adds("contrib.eager.list_devices")
def list_devices() -> list[str]:
    """Names of the devices."""
    return [device.name for device in tf.config.list_logical_devices()]


@adds("contrib.eager.Iterator")
class Iterator_:
    """Over a data set, with ``next``."""

    def __init__(self, dataset: Any) -> None:
        self._iterator = iter(dataset)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._iterator)

    next = __next__

    def get_next(self) -> Any:
        """The next element."""
        return next(self._iterator)


def _with_gradients(function: Callable[..., Any], watched: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        with tf.GradientTape() as tape:
            sources = watched(tape, arguments)
            value = function(*arguments, **options)
        sources = tape.watched_variables() if sources is None else sources
        return value, tape.gradient(value, sources), sources

    return call


@adds("contrib.eager.implicit_value_and_gradients")
def implicit_value_and_gradients(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that returns what this one does, and pairs of gradient and variable."""
    call = _with_gradients(function, lambda tape, arguments: None)

    def value_and_gradients(*arguments: Any, **options: Any) -> Any:
        value, gradients, variables = call(*arguments, **options)
        return value, list(zip(gradients, variables, strict=True))

    return value_and_gradients


@adds("contrib.eager.implicit_gradients")
def implicit_gradients(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that returns the pairs alone."""
    call = implicit_value_and_gradients(function)
    return lambda *arguments, **options: call(*arguments, **options)[1]


@adds("contrib.eager.value_and_gradients_function")
def value_and_gradients_function(function: Callable[..., Any], params: Any = None) -> Callable[..., Any]:
    """A function that returns what this one does, and the gradients of its arguments, or of those numbered."""

    def call(*arguments: Any) -> Any:
        tensors = [tf.convert_to_tensor(each) for each in arguments]
        sources = tensors if params is None else [tensors[each] for each in params]
        with tf.GradientTape() as tape:
            for source in sources:
                tape.watch(source)
            value = function(*tensors)
        return value, tape.gradient(value, sources)

    return call


@adds("contrib.eager.gradients_function")
def gradients_function(function: Callable[..., Any], params: Any = None) -> Callable[..., Any]:
    """A function that returns the gradients alone."""
    call = value_and_gradients_function(function, params)
    return lambda *arguments: call(*arguments)[1]


@adds("contrib.eager.Network")
class Network(tf.keras.Model):
    """A model that is told of its layers."""

    def track_layer(self, layer: Any) -> Any:
        """Attributes do it by themselves today."""
        return layer


class _Metric:
    """The eager metrics: called with values, asked for their ``result``."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.init_variables()

    def init_variables(self) -> None:
        """Forget what was seen."""
        self._sum, self._count = 0.0, 0.0

    def _add(self, values: Any, weights: Any = None) -> None:
        values = tf.cast(values, tf.float64)
        weights = tf.ones_like(values) if weights is None else tf.cast(weights, tf.float64)
        self._sum += float(tf.reduce_sum(values * weights))
        self._count += float(tf.reduce_sum(weights))

    def result(self) -> Any:
        """The mean so far."""
        return tf.constant(self._sum / self._count if self._count else float("nan"), tf.float64)


@adds("contrib.eager.metrics.Mean")
class Mean(_Metric):
    """Of all values."""

    def __call__(self, values: Any, weights: Any = None) -> Any:
        """Take values in."""
        self._add(values, weights)
        return values


@adds("contrib.eager.metrics.Accuracy")
class Accuracy(_Metric):
    """Share of predictions that equal their labels."""

    def __call__(self, labels: Any, predictions: Any, weights: Any = None) -> Any:
        """Take labels and predictions in."""
        self._add(tf.equal(labels, tf.cast(predictions, labels.dtype)), weights)
        return labels, predictions
