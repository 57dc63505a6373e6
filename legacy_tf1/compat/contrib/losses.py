"""``tf.contrib.losses``, which are those of ``tf.contrib.slim`` too."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds


def predictions_first(today: Callable[..., Any]) -> Callable[..., Any]:
    """A loss or metric whose predictions came before its labels.

    Args:
        today: the same with labels first; ``weight`` is an older name of its ``weights``.
    """
    labels, predictions, *rest = inspect.signature(today).parameters
    before = [predictions, labels, *rest]

    @functools.wraps(today)
    def call(*arguments: Any, **options: Any) -> Any:
        if len(arguments) > len(before):
            raise TypeError(f"{today.__name__}() takes {len(before)} arguments but {len(arguments)} were given")
        given = dict(zip(before, arguments, strict=False))
        for name, value in options.items():
            name = "weights" if name == "weight" else name
            if name in given:
                raise TypeError(f"{today.__name__}() got multiple values for argument {name!r}")
            given[name] = value
        return today(**given)

    return call


for _name in dir(tf.losses):
    if _name[0] != "_":
        ADDED[f"contrib.losses.{_name}"] = getattr(tf.losses, _name)


def _contrib(name: str, **older: str) -> None:
    """One of ``tf.losses`` in its old order, under the names that its arguments had."""
    today = predictions_first(getattr(tf.losses, name))

    @functools.wraps(today)
    def call(*arguments: Any, **options: Any) -> Any:
        return today(*arguments, **{older.get(key, key): value for key, value in options.items()})

    ADDED[f"contrib.losses.{name}"] = call


_contrib("softmax_cross_entropy")
_contrib("sigmoid_cross_entropy")
_contrib("log_loss", targets="labels")
_contrib("mean_squared_error", targets="labels")
_contrib("absolute_difference", targets="labels")
_contrib("mean_pairwise_squared_error", targets="labels")
_contrib("cosine_distance", targets="labels")


@adds("contrib.losses.sparse_softmax_cross_entropy")
def sparse_softmax_cross_entropy(
    logits: Any, labels: Any, weights: Any = 1.0, scope: Any = None, weight: Any = None
) -> Any:
    """Of class numbers (batch,) or (batch, 1)."""
    weights = weights if weight is None else weight
    labels = tf.reshape(labels, [tf.shape(labels)[0]]) if tf.convert_to_tensor(labels).shape.ndims == 2 else labels
    return tf.losses.sparse_softmax_cross_entropy(labels, logits, weights, scope)


@adds("contrib.losses.hinge_loss")
def hinge_loss(logits: Any, labels: Any = None, scope: str | None = None, target: Any = None) -> Any:
    """Of each logit by itself, with labels 0 and 1: neither averaged nor counted among the graph's losses."""
    with tf.name_scope(scope, "hinge_loss", [logits]):
        signs = 2.0 * tf.cast(labels if target is None else target, tf.float32) - 1.0
        return tf.nn.relu(1.0 - signs * tf.cast(logits, tf.float32))
