"""Heads: what stands on a model's logits. Predictions, loss, metrics and exports, by TensorFlow 1.15's names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.estimator.estimator import EstimatorSpec, ModeKeys
from legacy_tf1.compat.estimator.export import DEFAULT, ClassificationOutput, PredictOutput, RegressionOutput
from legacy_tf1.compat.registry import ADDED

REDUCTIONS = {"sum_over_batch_size": tf.losses.Reduction.SUM_OVER_BATCH_SIZE, "sum": tf.losses.Reduction.SUM}


def columns_of(values: Any, width: int) -> Any:
    """Labels or weights (N,) or (N, ``width``), dense, as (N, ``width``)."""
    if isinstance(values, tf.SparseTensor):
        values = tf.sparse.to_dense(values, b"" if values.dtype == tf.string else 0)
    values = tf.convert_to_tensor(values)
    if values.shape.rank is None or values.shape.rank == 1:
        values = tf.reshape(values, [-1, width])
    return values


class Head:
    """Of which each kind has its predictions, losses and metrics.

    Args:
        weight_column: name of a feature that weighs the examples, or a numeric column.
        loss_reduction: one of ``tf.losses.Reduction``; a sum over the batch in tf.estimator.
        loss_fn: ``loss_fn(labels, logits)`` in place of the usual losses.
        name: is put behind the metrics' names.
    """

    logits_dimension = 1

    def __init__(
        self, weight_column: Any = None, loss_reduction: str = tf.losses.Reduction.SUM, loss_fn: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        self._weight_column, self.name, self._loss_fn = weight_column, name, loss_fn
        self._reduction = REDUCTIONS.get(loss_reduction, loss_reduction)

    def _losses(self, labels: Any, logits: Any) -> Any:
        raise NotImplementedError

    def _labels(self, labels: Any) -> Any:
        raise NotImplementedError

    def predictions(self, logits: Any) -> dict[str, Any]:
        """By name."""
        raise NotImplementedError

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        return {}

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {}

    def weights(self, features: Any) -> Any:
        """Of the examples (N, 1); 1 where there are none."""
        column = self._weight_column
        if column is None:
            return 1.0
        if isinstance(column, str):
            column = tf.feature_column.numeric_column(column)
        weights = columns_of(features[column.key], 1)
        if column.normalizer_fn is not None:
            weights = column.normalizer_fn(weights)
        return tf.cast(weights, tf.float32)

    def create_loss(self, features: Any, mode: str, logits: Any, labels: Any) -> tuple[Any, Any, Any, Any]:
        """The loss, that of each example, weights, and labels as the head takes them.

        Raises:
            ValueError: there are no labels.
        """
        if labels is None:
            raise ValueError(
                "the model has no labels to learn from or be judged by: input_fn must return (features, labels)"
            )
        if isinstance(labels, dict) and len(labels) == 1:
            (labels,) = labels.values()
        labels = self._labels(labels)
        of = self._loss_fn
        losses = self._losses(labels, logits) if of is None else columns_of(of(labels, logits), 1)
        weights = self.weights(features) if isinstance(features, dict) or self._weight_column else 1.0
        return tf.losses.compute_weighted_loss(losses, weights, reduction=self._reduction), losses, weights, labels

    def create_estimator_spec(
        self, features: Any, mode: str, logits: Any, labels: Any = None, optimizer: Any = None,
        trainable_variables: Any = None, train_op_fn: Callable[[Any], Any] | None = None, update_ops: Any = None,
        regularization_losses: Any = None,
    ) -> EstimatorSpec:  # fmt: skip
        """What a ``model_fn`` returns.

        Raises:
            ValueError: for training, neither an optimizer nor a function that makes the training step is given.
        """
        logits = tf.convert_to_tensor(logits)
        with tf.name_scope("head"):
            predictions = self.predictions(logits)
            if mode == ModeKeys.PREDICT:
                exports = self._exports(predictions)
                outputs = {**exports, "predict": PredictOutput(predictions)}
                outputs[DEFAULT] = next(iter(exports.values()), outputs["predict"])
                return EstimatorSpec(mode, predictions, export_outputs=outputs)
            loss, losses, weights, labels = self.create_loss(features, mode, logits, labels)
            extra = tf.add_n(regularization_losses) if regularization_losses else None
            total = loss if extra is None else loss + extra
            suffix = f"/{self.name}" if self.name else ""
            if mode == ModeKeys.EVAL:
                metrics = {"average_loss": tf.metrics.mean(losses, weights)}
                if extra is not None:
                    metrics["regularization_loss"] = tf.metrics.mean(extra)
                metrics |= self._metrics(labels, predictions, weights)
                named = {f"{key}{suffix}": value for key, value in metrics.items()}
                return EstimatorSpec(mode, predictions, total, eval_metric_ops=named)
            if optimizer is not None:
                with tf.control_dependencies(update_ops or []):
                    train = optimizer.minimize(total, tf.train.get_global_step(), trainable_variables)
            elif train_op_fn is not None:
                train = train_op_fn(total)
            else:
                raise ValueError("train_op_fn and optimizer cannot both be None.")
        with tf.name_scope(""):
            tf.summary.scalar(f"loss{suffix}", loss)
            tf.summary.scalar(f"average_loss{suffix}", tf.losses.compute_weighted_loss(
                losses, weights, loss_collection=None, reduction=tf.losses.Reduction.MEAN))  # fmt: skip
        return EstimatorSpec(mode, predictions, total, train)


class _Classes(Head):
    """Several of them."""

    def __init__(
        self, n_classes: int, weight_column: Any = None, label_vocabulary: Sequence[Any] | None = None,
        loss_reduction: str = tf.losses.Reduction.SUM, loss_fn: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(weight_column, loss_reduction, loss_fn, name)
        self._count, self._vocabulary = n_classes, list(label_vocabulary) if label_vocabulary is not None else None

    def _labels(self, labels: Any) -> Any:
        labels = columns_of(labels, 1)
        if self._vocabulary is not None:
            table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(
                    tf.constant(self._vocabulary), tf.range(len(self._vocabulary), dtype=tf.int64)
                ),
                -1,
            )
            labels = table.lookup(labels)
        elif labels.dtype == tf.string:
            raise ValueError("Labels are texts: label_vocabulary must list them.")
        # Outside it the losses would be NaN, and say nothing.
        below = tf.debugging.assert_less(
            labels, tf.cast(self._count, labels.dtype), message=f"Labels must be <= {self._count - 1}"
        )
        above = tf.debugging.assert_non_negative(labels, message="Labels must be >= 0")
        with tf.control_dependencies([each for each in (below, above) if each is not None]):
            return tf.identity(labels)

    def _classes(self, ids: Any) -> Any:
        return tf.as_string(ids) if self._vocabulary is None else tf.gather(tf.constant(self._vocabulary), ids)

    def _described(self, logits: Any, probabilities: Any, of_all: Any) -> dict[str, Any]:
        ids = tf.argmax(of_all, axis=-1)[..., tf.newaxis]
        every = tf.tile(tf.range(self._count)[tf.newaxis], [tf.shape(logits)[0], 1])
        return {
            "logits": logits, "probabilities": probabilities, "class_ids": ids, "classes": self._classes(ids),
            "all_class_ids": every, "all_classes": self._classes(every),
        }  # fmt: skip

    def _exports(self, predictions: Any) -> dict[str, Any]:
        output = ClassificationOutput(predictions["probabilities"], predictions["all_classes"])
        return {"classification": output}


class MultiClassHead(_Classes):
    """More than two classes, of which one is right."""

    def __init__(self, n_classes: int, *arguments: Any, **options: Any) -> None:
        super().__init__(n_classes, *arguments, **options)
        self.logits_dimension = n_classes

    def _labels(self, labels: Any) -> Any:
        labels = super()._labels(labels)
        if not labels.dtype.is_integer:
            raise ValueError(f"labels are numbers of classes, whole ones, and these are {labels.dtype}")
        return labels

    def _losses(self, labels: Any, logits: Any) -> Any:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels[:, 0], logits=logits)[:, tf.newaxis]

    def predictions(self, logits: Any) -> dict[str, Any]:
        """By name."""
        return self._described(logits, tf.nn.softmax(logits), logits)

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        return {"accuracy": tf.metrics.accuracy(labels, predictions["class_ids"], weights)}


class BinaryClassHead(_Classes):
    """Two classes."""

    def __init__(
        self, weight_column: Any = None, thresholds: Any = None, label_vocabulary: Any = None,
        loss_reduction: str = tf.losses.Reduction.SUM, loss_fn: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(2, weight_column, label_vocabulary, loss_reduction, loss_fn, name)
        self._thresholds = tuple(thresholds or ())

    def _labels(self, labels: Any) -> Any:
        return tf.cast(super()._labels(labels), tf.float32)

    def _losses(self, labels: Any, logits: Any) -> Any:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)

    def predictions(self, logits: Any) -> dict[str, Any]:
        """By name."""
        both = tf.concat([tf.zeros_like(logits), logits], -1)
        return {"logistic": tf.sigmoid(logits), **self._described(logits, tf.nn.softmax(both), both)}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        found, logistic = predictions["class_ids"], predictions["logistic"]
        mean, update = tf.metrics.mean(labels, weights)
        metrics = {
            "accuracy": tf.metrics.accuracy(labels, found, weights),
            "precision": tf.metrics.precision(labels, found, weights),
            "recall": tf.metrics.recall(labels, found, weights),
            "prediction/mean": tf.metrics.mean(logistic, weights),
            "label/mean": (mean, update),
            "accuracy_baseline": (tf.maximum(mean, 1 - mean), tf.maximum(update, 1 - update)),
            "auc": _auc(labels, logistic, weights, "ROC"),
            "auc_precision_recall": _auc(labels, logistic, weights, "PR"),
        }
        for threshold in self._thresholds:
            above = tf.cast(logistic >= threshold, tf.float32)
            for kind in ("accuracy", "precision", "recall"):
                metrics[f"{kind}/positive_threshold_{threshold:g}"] = getattr(tf.metrics, kind)(labels, above, weights)
        return metrics

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {**super()._exports(predictions), "regression": RegressionOutput(predictions["logistic"])}


def _auc(labels: Any, scores: Any, weights: Any, curve: str) -> Any:
    return tf.metrics.auc(labels, scores, None if isinstance(weights, float) else weights, curve=curve)


class MultiLabelHead(_Classes):
    """Several classes, of which any number is right: labels are (N, ``n_classes``) of 0 and 1, or sparse numbers.

    Raises:
        ValueError: ``thresholds`` are given, at which nothing is counted here.
    """

    def __init__(
        self, n_classes: int, weight_column: Any = None, thresholds: Any = None, label_vocabulary: Any = None,
        loss_reduction: str = tf.losses.Reduction.SUM, loss_fn: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        if thresholds:
            raise ValueError("MultiLabelHead: thresholds are not supported by tfport; add metrics with add_metrics")
        super().__init__(n_classes, weight_column, label_vocabulary, loss_reduction, loss_fn, name)
        self.logits_dimension = n_classes

    def _labels(self, labels: Any) -> Any:
        if isinstance(labels, tf.SparseTensor):
            indicator = tf.sparse.to_indicator(tf.cast(labels, tf.int64), self._count)
            return tf.cast(indicator, tf.float32)
        return tf.cast(columns_of(labels, self._count), tf.float32)

    def _losses(self, labels: Any, logits: Any) -> Any:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
        return tf.reduce_mean(losses, -1, keepdims=True)

    def predictions(self, logits: Any) -> dict[str, Any]:
        """By name."""
        return {"logits": logits, "probabilities": tf.sigmoid(logits)}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        scores = predictions["probabilities"]
        return {
            "auc": _auc(labels, scores, weights, "ROC"),
            "auc_precision_recall": _auc(labels, scores, weights, "PR"),
        }

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {"classification": ClassificationOutput(predictions["probabilities"])}


class RegressionHead(Head):
    """Numbers."""

    def __init__(
        self, label_dimension: int = 1, weight_column: Any = None, loss_reduction: str = tf.losses.Reduction.SUM,
        loss_fn: Any = None, inverse_link_fn: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(weight_column, loss_reduction, loss_fn, name)
        self.logits_dimension, self._link = label_dimension, inverse_link_fn

    def _labels(self, labels: Any) -> Any:
        return tf.cast(columns_of(labels, self.logits_dimension), tf.float32)

    def _losses(self, labels: Any, logits: Any) -> Any:
        return tf.math.squared_difference(logits, labels)

    def predictions(self, logits: Any) -> dict[str, Any]:
        """By name."""
        if self._link is None:
            return {"predictions": logits}
        return {"predictions": self._link(logits), "logits": logits}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        return {
            "prediction/mean": tf.metrics.mean(predictions["predictions"], weights),
            "label/mean": tf.metrics.mean(labels, weights),
        }

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {"regression": RegressionOutput(predictions["predictions"])}


# Those of tf.estimator averaged by default; those of tf.contrib.estimator did too.
_MEAN = {"loss_reduction": tf.losses.Reduction.SUM_OVER_BATCH_SIZE}
for _kind, _old in (
    (BinaryClassHead, "binary_classification_head"),
    (MultiClassHead, "multi_class_head"),
    (MultiLabelHead, "multi_label_head"),
    (RegressionHead, "regression_head"),
):
    ADDED[f"estimator.{_kind.__name__}"] = functools.partial(_kind, **_MEAN)
    ADDED[f"contrib.estimator.{_old}"] = functools.partial(_kind, **_MEAN)


def of_classes(
    n_classes: int, weight_column: Any, label_vocabulary: Any, loss_reduction: str
) -> BinaryClassHead | MultiClassHead:
    """The head of a classifier.

    Raises:
        ValueError: fewer than two classes.
    """
    if n_classes < 2:
        raise ValueError(f"a classifier needs two classes or more, and n_classes is {n_classes}")
    if n_classes == 2:
        return BinaryClassHead(weight_column, None, label_vocabulary, loss_reduction)
    return MultiClassHead(n_classes, weight_column, label_vocabulary, loss_reduction)
