"""``tf.contrib.metrics``, which are those of ``tf.contrib.slim`` too."""

from __future__ import annotations

from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.losses import predictions_first
from legacy_tf1.compat.registry import ADDED, adds

# Of predictions and labels, in this order, which tf.metrics have turned round.
OF_BOTH = [
    "accuracy", "precision", "recall", "auc", "false_negatives", "false_negatives_at_thresholds", "false_positives",
    "false_positives_at_thresholds", "true_negatives", "true_negatives_at_thresholds", "true_positives",
    "true_positives_at_thresholds", "mean_absolute_error", "mean_cosine_distance", "mean_iou", "mean_relative_error",
    "mean_squared_error", "root_mean_squared_error", "precision_at_thresholds", "recall_at_thresholds",
    "sensitivity_at_specificity", "specificity_at_sensitivity",
]  # fmt: skip
for _name in OF_BOTH:
    ADDED[f"contrib.metrics.streaming_{_name}"] = predictions_first(getattr(tf.metrics, _name))
for _old, _new in {
    "sparse_recall_at_k": "recall_at_k",
    "sparse_precision_at_k": "precision_at_k",
    "sparse_average_precision_at_k": "average_precision_at_k",
}.items():
    ADDED[f"contrib.metrics.streaming_{_old}"] = predictions_first(getattr(tf.metrics, _new))
ADDED["contrib.metrics.streaming_mean"] = tf.metrics.mean
ADDED["contrib.metrics.streaming_mean_tensor"] = tf.metrics.mean_tensor
ADDED["contrib.metrics.streaming_percentage_less"] = tf.metrics.percentage_below
ADDED["contrib.metrics.confusion_matrix"] = tf.math.confusion_matrix


@adds("contrib.metrics.accuracy")
def accuracy(predictions: Any, labels: Any, weights: Any = None, name: str | None = None) -> Any:
    """The share of predictions that equal their labels, in this batch alone."""
    with tf.name_scope(name, "accuracy", [predictions, labels]):
        right = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(right)
        weights = tf.cast(weights, tf.float32)
        return tf.reduce_sum(right * weights) / tf.reduce_sum(tf.broadcast_to(weights, tf.shape(right)))


@adds("contrib.metrics.streaming_recall_at_k")
def streaming_recall_at_k(
    predictions: Any,
    labels: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Any:
    """The share of labels (batch,) that are among the k largest of their predictions (batch, classes)."""
    found = tf.cast(tf.nn.in_top_k(predictions, labels, k), tf.float32)
    return tf.metrics.mean(found, weights, metrics_collections, updates_collections, name or f"recall_at_{k}")


@adds("contrib.metrics.streaming_covariance")
def streaming_covariance(
    predictions: Any,
    labels: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Any:
    """The covariance of all predictions and labels so far, with n - 1."""
    with tf.variable_scope(name, "covariance", [predictions, labels]):
        return _collected(*_moments(predictions, labels, weights)[0], metrics_collections, updates_collections)


@adds("contrib.metrics.streaming_pearson_correlation")
def streaming_pearson_correlation(
    predictions: Any,
    labels: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Any:
    """Pearson's correlation of all predictions and labels so far."""
    with tf.variable_scope(name, "pearson_r", [predictions, labels]):
        both, first, second = _moments(predictions, labels, weights)
        value, update = (both[n] / (tf.sqrt(first[n]) * tf.sqrt(second[n])) for n in (0, 1))
        return _collected(value, update, metrics_collections, updates_collections)


def _moments(predictions: Any, labels: Any, weights: Any) -> list[tuple[Any, Any]]:
    """The covariance and both variances, each as its value and as its value after this batch."""
    x, y = (tf.reshape(tf.cast(each, tf.float64), [-1]) for each in (predictions, labels))
    w = tf.ones_like(x) if weights is None else tf.reshape(tf.cast(weights, tf.float64) + 0.0 * x, [-1])
    local = [tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.METRIC_VARIABLES]
    # Sums of weights, x, y, xy, xx and yy, of which everything follows.
    kept = tf.get_variable(
        "sums", [6], tf.float64, tf.zeros_initializer(), trainable=False, collections=local, use_resource=True
    )
    batch = tf.stack([tf.reduce_sum(each) for each in (w, w * x, w * y, w * x * y, w * x * x, w * y * y)])

    def moments(sums: Any) -> list[Any]:
        count, of_x, of_y, of_xy, of_xx, of_yy = tf.unstack(sums)
        pairs = ((of_xy, of_x, of_y), (of_xx, of_x, of_x), (of_yy, of_y, of_y))
        return [tf.cast((one - a * b / count) / (count - 1.0), tf.float32) for one, a, b in pairs]

    return list(zip(moments(tf.identity(kept)), moments(tf.assign_add(kept, batch)), strict=True))


@adds("contrib.metrics.streaming_concat")
def streaming_concat(
    values: Any,
    axis: int = 0,
    max_size: int | None = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Any:
    """All values so far, one batch after the other."""
    with tf.variable_scope(name, "streaming_concat", [values]):
        values = tf.convert_to_tensor(values)
        shape = values.shape.as_list()
        shape[axis] = 0
        local = [tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.METRIC_VARIABLES]
        # Its size grows, so it has none that is fixed.
        kept = tf.Variable(tf.zeros(shape, values.dtype), False, collections=local, validate_shape=False, name="array")
        joined = tf.concat([kept, values], axis)
        if max_size is not None:
            joined = tf.gather(joined, tf.range(tf.minimum(tf.shape(joined)[axis], max_size)), axis=axis)
        update = tf.assign(kept, joined, validate_shape=False)
        shape[axis] = None
        value = tf.identity(kept)
        value.set_shape(shape)
        return _collected(value, update, metrics_collections, updates_collections)


def _collected(value: Any, update: Any, metrics_collections: Any, updates_collections: Any) -> tuple[Any, Any]:
    if metrics_collections:
        tf.add_to_collections(metrics_collections, value)
    if updates_collections:
        tf.add_to_collections(updates_collections, update)
    return value, update


@adds("contrib.metrics.aggregate_metrics")
def aggregate_metrics(*value_update_tuples: Any) -> tuple[list[Any], list[Any]]:
    """Pairs of value and update as values and updates.

    Raises:
        ValueError: there are none.
    """
    if not value_update_tuples:
        raise ValueError("aggregate_metrics takes at least one metric")
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


@adds("contrib.metrics.aggregate_metric_map")
def aggregate_metric_map(names_to_tuples: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same by name."""
    values, updates = aggregate_metrics(*names_to_tuples.values())
    return dict(zip(names_to_tuples, values, strict=True)), dict(zip(names_to_tuples, updates, strict=True))
