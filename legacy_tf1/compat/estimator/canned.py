"""The canned estimators: linear models, deep networks, both beside each other, and the mean as a baseline."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.training import OPTIMIZERS
from legacy_tf1.compat.estimator import head as heads
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys
from legacy_tf1.compat.registry import adds

SUM = tf.losses.Reduction.SUM
# So that variables, and with them the slots of optimizers, have the names that they had.
_partitioner = functools.partial(tf.min_max_variable_partitioner, max_partitions=1, min_slice_size=64 << 20)


def optimizer_of(given: Any, rate: float) -> Any:
    """An optimizer of its name, of a function that returns it, or as it is.

    Raises:
        ValueError: a name that TensorFlow 1 did not have.
    """
    if isinstance(given, str):
        if given not in OPTIMIZERS:
            raise ValueError(f"there is no optimizer {given}; by name there are {', '.join(sorted(OPTIMIZERS))}")
        return OPTIMIZERS[given](rate)
    return given() if callable(given) else given


def _as_dictionary(features: Any, columns: Sequence[Any]) -> dict[str, Any]:
    return features if isinstance(features, dict) else {next(iter(columns)).name: features}


def dnn_logits(
    features: Any, mode: str, units: int, hidden_units: Sequence[int], columns: Any, activation: Any,
    dropout: float | None, batch_norm: bool,
) -> Any:  # fmt: skip
    """Logits (N, ``units``) of a deep network on feature columns."""
    training = mode == ModeKeys.TRAIN
    with tf.variable_scope("input_from_feature_columns"):
        net = tf.feature_column.input_layer(features, columns)
    for number, size in enumerate(hidden_units):
        with tf.variable_scope(f"hiddenlayer_{number}") as scope:
            net = tf.layers.dense(net, size, activation, kernel_initializer=tf.glorot_uniform_initializer(), name=scope)
            if dropout is not None and training:
                net = tf.layers.dropout(net, dropout, training=True)
            if batch_norm:
                net = tf.layers.batch_normalization(
                    net, momentum=0.999, training=training, trainable=True, name=f"batchnorm_{number}"
                )
        _summarize(net, scope.name)
    with tf.variable_scope("logits") as scope:
        logits = tf.layers.dense(net, units, kernel_initializer=tf.glorot_uniform_initializer(), name=scope)
    _summarize(logits, scope.name)
    return logits


def _summarize(values: Any, name: str) -> None:
    with tf.name_scope(""):
        tf.summary.scalar(f"{name}/fraction_of_zero_values", tf.nn.zero_fraction(values))
        tf.summary.histogram(f"{name}/activation", values)


def linear_logits(features: Any, units: int, columns: Any, combiner: str) -> Any:
    """Logits (N, ``units``) of a linear model on feature columns."""
    return tf.feature_column.linear_model(features, columns, units, combiner)


class _Canned(Estimator):
    """One whose ``model_fn`` is a method of it."""

    def __init__(self, head: Any, model_dir: Any, config: Any, warm_start_from: Any = None) -> None:
        self._head = head
        super().__init__(self._of, model_dir, config, warm_start_from=warm_start_from)

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        raise NotImplementedError

    def _train(self, optimizer: Any, loss: Any, variables: Any = None) -> Any:
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            return optimizer.minimize(loss, tf.train.get_global_step(), variables)


class _Linear(_Canned):
    def __init__(
        self, head: Any, feature_columns: Any, model_dir: Any, optimizer: Any, config: Any, warm_start_from: Any,
        sparse_combiner: str,
    ) -> None:  # fmt: skip
        self._columns, self._optimizer, self._combiner = list(feature_columns), optimizer, sparse_combiner
        super().__init__(head, model_dir, config, warm_start_from)

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        features = _as_dictionary(features, self._columns)
        rate = min(0.2, 1 / math.sqrt(len(self._columns)))
        with tf.variable_scope("linear", partitioner=_partitioner()):
            logits = linear_logits(features, self._head.logits_dimension, self._columns, self._combiner)
            return self._head.create_estimator_spec(
                features, mode, logits, labels,
                train_op_fn=lambda loss: self._train(optimizer_of(self._optimizer, rate), loss),
            )  # fmt: skip


@adds("estimator.LinearClassifier")
class LinearClassifier(_Linear):
    """A linear model that classifies."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None,
        label_vocabulary: Any = None, optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None,
        warm_start_from: Any = None, loss_reduction: str = SUM, sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        head = heads.of_classes(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(head, feature_columns, model_dir, optimizer, config, warm_start_from, sparse_combiner)


@adds("estimator.LinearRegressor")
class LinearRegressor(_Linear):
    """A linear model that predicts numbers."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None,
        optimizer: Any = "Ftrl", config: Any = None, partitioner: Any = None, warm_start_from: Any = None,
        loss_reduction: str = SUM, sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        head = heads.RegressionHead(label_dimension, weight_column, loss_reduction)
        super().__init__(head, feature_columns, model_dir, optimizer, config, warm_start_from, sparse_combiner)


@adds("estimator.LinearEstimator", "contrib.estimator.LinearEstimator")
class LinearEstimator(_Linear):
    """A linear model with a head of one's own."""

    def __init__(
        self, head: Any, feature_columns: Any, model_dir: Any = None, optimizer: Any = "Ftrl", config: Any = None,
        partitioner: Any = None, sparse_combiner: str = "sum", warm_start_from: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(head, feature_columns, model_dir, optimizer, config, warm_start_from, sparse_combiner)


class _Deep(_Canned):
    def __init__(
        self, head: Any, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any, optimizer: Any,
        activation_fn: Any, dropout: float | None, config: Any, warm_start_from: Any, batch_norm: bool,
    ) -> None:  # fmt: skip
        self._columns, self._optimizer = list(feature_columns), optimizer
        self._network = (list(hidden_units), self._columns, activation_fn, dropout, batch_norm)
        super().__init__(head, model_dir, config, warm_start_from)

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        features = _as_dictionary(features, self._columns)
        with tf.variable_scope("dnn", partitioner=_partitioner()):
            logits = dnn_logits(features, mode, self._head.logits_dimension, *self._network)
            return self._head.create_estimator_spec(
                features, mode, logits, labels,
                train_op_fn=lambda loss: self._train(optimizer_of(self._optimizer, 0.05), loss),
            )  # fmt: skip


@adds("estimator.DNNClassifier")
class DNNClassifier(_Deep):
    """A deep network that classifies."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, n_classes: int = 2,
        weight_column: Any = None, label_vocabulary: Any = None, optimizer: Any = "Adagrad",
        activation_fn: Any = tf.nn.relu, dropout: float | None = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: str = SUM, batch_norm: bool = False,
    ) -> None:  # fmt: skip
        head = heads.of_classes(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(
            head, hidden_units, feature_columns, model_dir, optimizer, activation_fn, dropout, config,
            warm_start_from, batch_norm,
        )  # fmt: skip


@adds("estimator.DNNRegressor")
class DNNRegressor(_Deep):
    """A deep network that predicts numbers."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, label_dimension: int = 1,
        weight_column: Any = None, optimizer: Any = "Adagrad", activation_fn: Any = tf.nn.relu,
        dropout: float | None = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, loss_reduction: str = SUM, batch_norm: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            heads.RegressionHead(label_dimension, weight_column, loss_reduction), hidden_units, feature_columns,
            model_dir, optimizer, activation_fn, dropout, config, warm_start_from, batch_norm,
        )  # fmt: skip


@adds("estimator.DNNEstimator", "contrib.estimator.DNNEstimator")
class DNNEstimator(_Deep):
    """A deep network with a head of one's own."""

    def __init__(
        self, head: Any, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None,
        optimizer: Any = "Adagrad", activation_fn: Any = tf.nn.relu, dropout: float | None = None,
        input_layer_partitioner: Any = None, config: Any = None, warm_start_from: Any = None, batch_norm: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            head, hidden_units, feature_columns, model_dir, optimizer, activation_fn, dropout, config,
            warm_start_from, batch_norm,
        )  # fmt: skip


class _Combined(_Canned):
    def __init__(
        self, head: Any, model_dir: Any, linear: tuple[Any, Any, str], deep: tuple[Any, Any, Any, Any, Any, bool],
        config: Any, warm_start_from: Any,
    ) -> None:  # fmt: skip
        columns, self._linear_optimizer, self._combiner = linear
        self._linear_columns = list(columns or ())
        columns, self._deep_optimizer, hidden, activation, dropout, batch_norm = deep
        self._deep_columns = list(columns or ())
        if not (self._linear_columns or self._deep_columns):
            raise ValueError("the model has no feature columns, linear or dnn, and thus no input")
        if self._deep_columns and not hidden:
            raise ValueError("dnn_feature_columns go into a network whose layers dnn_hidden_units must name")
        self._network = (list(hidden or ()), self._deep_columns, activation, dropout, batch_norm)
        super().__init__(head, model_dir, config, warm_start_from)

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        features = _as_dictionary(features, self._deep_columns or self._linear_columns)
        units, parts, minimizers = self._head.logits_dimension, [], []
        if self._deep_columns:
            with tf.variable_scope("dnn"):
                parts.append(dnn_logits(features, mode, units, *self._network))
            minimizers.append(("dnn", self._deep_optimizer, 0.001))
        if self._linear_columns:
            with tf.variable_scope("linear"):
                parts.append(linear_logits(features, units, self._linear_columns, self._combiner))
            rate = min(0.005, 1 / math.sqrt(len(self._linear_columns)))
            minimizers.append(("linear", self._linear_optimizer, rate))

        def train(loss: Any) -> Any:
            with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
                steps = [
                    optimizer_of(given, rate).minimize(
                        loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope)
                    )
                    for scope, given, rate in minimizers
                ]
            with tf.control_dependencies(steps):
                return tf.assign_add(tf.train.get_global_step(), 1).op

        return self._head.create_estimator_spec(features, mode, tf.add_n(parts), labels, train_op_fn=train)


@adds("estimator.DNNLinearCombinedClassifier")
class DNNLinearCombinedClassifier(_Combined):
    """A linear model beside a deep network, that classify."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: float | None = None, n_classes: int = 2,
        weight_column: Any = None, label_vocabulary: Any = None, input_layer_partitioner: Any = None,
        config: Any = None, warm_start_from: Any = None, loss_reduction: str = SUM, batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(
            heads.of_classes(n_classes, weight_column, label_vocabulary, loss_reduction), model_dir,
            (linear_feature_columns, linear_optimizer, linear_sparse_combiner),
            (dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, batch_norm),
            config, warm_start_from,
        )  # fmt: skip


@adds("estimator.DNNLinearCombinedRegressor")
class DNNLinearCombinedRegressor(_Combined):
    """The same, that predict numbers."""

    def __init__(
        self, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: float | None = None, label_dimension: int = 1,
        weight_column: Any = None, input_layer_partitioner: Any = None, config: Any = None,
        warm_start_from: Any = None, loss_reduction: str = SUM, batch_norm: bool = False,
        linear_sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(
            heads.RegressionHead(label_dimension, weight_column, loss_reduction), model_dir,
            (linear_feature_columns, linear_optimizer, linear_sparse_combiner),
            (dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, batch_norm),
            config, warm_start_from,
        )  # fmt: skip


@adds("estimator.DNNLinearCombinedEstimator", "contrib.estimator.DNNLinearCombinedEstimator")
class DNNLinearCombinedEstimator(_Combined):
    """The same with a head of one's own."""

    def __init__(
        self, head: Any, model_dir: Any = None, linear_feature_columns: Any = None, linear_optimizer: Any = "Ftrl",
        dnn_feature_columns: Any = None, dnn_optimizer: Any = "Adagrad", dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: float | None = None, input_layer_partitioner: Any = None,
        config: Any = None, batch_norm: bool = False, linear_sparse_combiner: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(
            head, model_dir, (linear_feature_columns, linear_optimizer, linear_sparse_combiner),
            (dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout, batch_norm),
            config, None,
        )  # fmt: skip


class _Baseline(_Canned):
    def __init__(self, head: Any, model_dir: Any, optimizer: Any, config: Any) -> None:
        self._optimizer = optimizer
        super().__init__(head, model_dir, config)

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        with tf.variable_scope("baseline"):
            bias = tf.get_variable("bias", [self._head.logits_dimension], initializer=tf.zeros_initializer())
            first = next(iter(features.values())) if isinstance(features, dict) else features
            shape = first.dense_shape if isinstance(first, tf.SparseTensor) else tf.shape(first)
            logits = tf.tile(bias[tf.newaxis], [tf.cast(shape[0], tf.int32), 1])
        return self._head.create_estimator_spec(
            features, mode, logits, labels,
            train_op_fn=lambda loss: self._train(optimizer_of(self._optimizer, 0.3), loss),
        )  # fmt: skip


@adds("estimator.BaselineClassifier")
class BaselineClassifier(_Baseline):
    """Predicts how often each class comes, whatever the features."""

    def __init__(
        self, model_dir: Any = None, n_classes: int = 2, weight_column: Any = None, label_vocabulary: Any = None,
        optimizer: Any = "Ftrl", config: Any = None, loss_reduction: str = SUM,
    ) -> None:  # fmt: skip
        head = heads.of_classes(n_classes, weight_column, label_vocabulary, loss_reduction)
        super().__init__(head, model_dir, optimizer, config)


@adds("estimator.BaselineRegressor")
class BaselineRegressor(_Baseline):
    """Predicts the labels' mean."""

    def __init__(
        self, model_dir: Any = None, label_dimension: int = 1, weight_column: Any = None, optimizer: Any = "Ftrl",
        config: Any = None, loss_reduction: str = SUM,
    ) -> None:  # fmt: skip
        head = heads.RegressionHead(label_dimension, weight_column, loss_reduction)
        super().__init__(head, model_dir, optimizer, config)


@adds("estimator.classifier_parse_example_spec")
def classifier_parse_example_spec(
    feature_columns: Any, label_key: str, label_dtype: Any = tf.int64, label_default: Any = None,
    weight_column: Any = None,
) -> dict[str, Any]:  # fmt: skip
    """What ``tf.parse_example`` needs for a classifier's features and labels."""
    return _parse_spec(feature_columns, label_key, tf.FixedLenFeature((1,), label_dtype, label_default), weight_column)


@adds("estimator.regressor_parse_example_spec")
def regressor_parse_example_spec(
    feature_columns: Any, label_key: str, label_dtype: Any = tf.float32, label_default: Any = None,
    label_dimension: int = 1, weight_column: Any = None,
) -> dict[str, Any]:  # fmt: skip
    """The same for a regressor."""
    label = tf.FixedLenFeature((label_dimension,), label_dtype, label_default)
    return _parse_spec(feature_columns, label_key, label, weight_column)


def _parse_spec(columns: Any, key: str, label: Any, weight_column: Any) -> dict[str, Any]:
    spec = tf.feature_column.make_parse_example_spec(columns)
    if key in spec:
        raise ValueError(f"{key} is the label, and among the features too: {', '.join(sorted(spec))}")
    spec[key] = label
    if weight_column is not None:
        column = tf.feature_column.numeric_column(weight_column) if isinstance(weight_column, str) else weight_column
        spec |= tf.feature_column.make_parse_example_spec([column])
    return spec


LogitFn = Callable[..., Any]


@adds("estimator.experimental.dnn_logit_fn_builder", "contrib.estimator.dnn_logit_fn_builder")
def dnn_logit_fn_builder(
    units: int, hidden_units: Sequence[int], feature_columns: Any, activation_fn: Any, dropout: Any,
    input_layer_partitioner: Any = None, batch_norm: bool = False,
) -> LogitFn:  # fmt: skip
    """A function of features and mode that returns a deep network's logits."""
    return lambda features, mode: dnn_logits(
        features, mode, units, hidden_units, feature_columns, activation_fn, dropout, batch_norm
    )


@adds("estimator.experimental.linear_logit_fn_builder", "contrib.estimator.linear_logit_fn_builder")
def linear_logit_fn_builder(units: int, feature_columns: Any, sparse_combiner: str = "sum") -> LogitFn:
    """A function of features that returns a linear model's logits."""
    return lambda features: linear_logits(features, units, feature_columns, sparse_combiner)
