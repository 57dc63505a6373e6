"""``tf.contrib.metrics``."""

from __future__ import annotations

from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds


@adds("contrib.metrics.accuracy")
def accuracy(predictions: Any, labels: Any, weights: Any = None) -> Any:
    """The share of predictions that equal their labels."""
    right = tf.cast(tf.equal(predictions, labels), tf.float32)
    return tf.reduce_mean(right) if weights is None else tf.reduce_sum(right * weights) / tf.reduce_sum(weights)
