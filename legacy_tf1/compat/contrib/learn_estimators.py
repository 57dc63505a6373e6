"""The estimators of ``tf.contrib.learn``: arrays go to ``fit``, ``evaluate`` and ``predict`` themselves.

Names of variables, metrics and predictions are those that it had, which are not tf.estimator's; losses are means.
"""

from __future__ import annotations

import collections
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.feature_columns import input_from_feature_columns, weighted_sum_from_feature_columns
from legacy_tf1.compat.contrib.layers import fully_connected
from legacy_tf1.compat.estimator import head as heads
from legacy_tf1.compat.estimator import inputs
from legacy_tf1.compat.estimator.canned import optimizer_of
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys, RunConfig
from legacy_tf1.compat.estimator.export import DEFAULT, PredictOutput, ServingInputReceiver
from legacy_tf1.compat.registry import ADDED, adds

MEAN = tf.losses.Reduction.MEAN


@adds("contrib.learn.RunConfig", "contrib.learn.estimators.run_config.RunConfig")
class LearnRunConfig(RunConfig):
    """How a model is run, in the order of arguments that it had."""

    def __init__(
        self, master: Any = None, num_cores: int = 0, log_device_placement: bool = False,
        gpu_memory_fraction: float = 1, tf_random_seed: int | None = None, save_summary_steps: int = 100,
        save_checkpoints_secs: int | None = None, save_checkpoints_steps: int | None = None,
        keep_checkpoint_max: int = 5, keep_checkpoint_every_n_hours: float = 10000,
        log_step_count_steps: int | None = 100, evaluation_master: str = "", model_dir: str | None = None,
        session_config: Any = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            model_dir, tf_random_seed, save_summary_steps, save_checkpoints_steps,
            None if save_checkpoints_steps else save_checkpoints_secs, session_config, keep_checkpoint_max,
            keep_checkpoint_every_n_hours, log_step_count_steps,
        )  # fmt: skip


@adds("contrib.learn.ModelFnOps", "contrib.learn.estimators.model_fn.ModelFnOps")
class ModelFnOps(
    collections.namedtuple(
        "ModelFnOps",
        "mode predictions loss train_op eval_metric_ops output_alternatives training_chief_hooks training_hooks "
        "scaffold",
    )
):
    """What a ``model_fn`` returns."""

    def __new__(
        cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
        output_alternatives: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None,
        scaffold: Any = None,
    ) -> ModelFnOps:  # fmt: skip
        """Made."""
        return super().__new__(
            cls, mode, predictions, loss, train_op, eval_metric_ops or {}, output_alternatives, training_chief_hooks,
            training_hooks, scaffold,
        )  # fmt: skip


def _of(given: Any, key: Any) -> Any:
    return given[key] if isinstance(given, dict) and key is not None else given


@adds("contrib.learn.MetricSpec", "contrib.learn.metric_spec.MetricSpec")
class MetricSpec:
    """A metric of one of several predictions, labels and features."""

    def __init__(
        self, metric_fn: Callable[..., Any], prediction_key: Any = None, label_key: Any = None, weight_key: Any = None
    ) -> None:
        self.metric_fn, self.prediction_key = metric_fn, prediction_key
        self.label_key, self.weight_key = label_key, weight_key

    def create_metric_ops(self, features: Any, labels: Any, predictions: Any) -> Any:
        """Value and update."""
        values = {"predictions": _of(predictions, self.prediction_key), "labels": _of(labels, self.label_key)}
        if self.weight_key is not None:
            values["weights"] = features[self.weight_key]
        taken = set(inspect.signature(self.metric_fn).parameters)
        if {"predictions", "labels"} <= taken:
            return self.metric_fn(**values)
        return self.metric_fn(values["predictions"], values["labels"])


def _rows(values: Any) -> Any:
    """An array of an array, a table or a list."""
    if isinstance(values, dict):
        return {name: _rows(each) for name, each in values.items()}
    return np.asarray(values)


def _count(x: Any) -> int:
    return len(next(iter(x.values()))) if isinstance(x, dict) else len(x)


def _given(x: Any, y: Any, input_fn: Any, batch_size: int | None, *, fits: bool) -> Callable[[], Any]:
    if input_fn is not None:
        if x is not None or y is not None:
            raise ValueError("input_fn brings features and labels itself: leave out x and y, or input_fn")
        return input_fn
    if x is None:
        raise ValueError("there is no input: give x, or input_fn")
    x, labels = _rows(list(x) if isinstance(x, Iterator) else x), None if y is None else _rows(y)
    return inputs.learn_numpy_input_fn(x, labels, batch_size or _count(x), None if fits else 1, shuffle=fits)


def _kind(label: Any) -> tuple[Any, Any]:
    return label.dtype, label.shape


@adds("contrib.learn.BaseEstimator")
class BaseEstimator(Estimator):
    """What all of them have in common."""

    _metrics: Any = None
    _label_kinds: Any = None

    def _adopt(self, found: Any, mode: str) -> EstimatorSpec:
        if not isinstance(found, (ModelFnOps, EstimatorSpec)):
            if not isinstance(found, tuple) or len(found) != 3:
                raise ValueError(f"model_fn must return ModelFnOps, or (predictions, loss, train_op), not {found}")
            found = ModelFnOps(mode, *found)
        if isinstance(found, EstimatorSpec):
            return found
        outputs = {DEFAULT: PredictOutput(found.predictions)} if mode == ModeKeys.PREDICT else None
        return EstimatorSpec(
            mode, found.predictions, found.loss, found.train_op, found.eval_metric_ops, outputs,
            found.training_chief_hooks, found.training_hooks, found.scaffold,
        )  # fmt: skip

    def _call(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        if mode == ModeKeys.PREDICT:
            labels = self._stand_in()
        elif labels is not None:
            several = isinstance(labels, dict)
            self._label_kinds = {key: _kind(each) for key, each in labels.items()} if several else _kind(labels)
        taken = inspect.signature(self._model_fn).parameters
        options = {"mode": mode, "params": self.params, "config": self.config, "model_dir": self._model_dir}
        wanted = {name: value for name, value in options.items() if name in taken}
        spec = self._adopt(self._model_fn(features, labels, **wanted), mode)
        if mode == ModeKeys.EVAL and self._metrics:
            spec = spec._replace(eval_metric_ops={**spec.eval_metric_ops, **self._more(features, labels, spec)})
        return spec

    def _stand_in(self) -> Any:
        """Labels that a ``model_fn`` may build its loss with where nobody asks for it."""
        if isinstance(self._label_kinds, dict):
            return {key: tf.placeholder(*kind) for key, kind in self._label_kinds.items()}
        return None if self._label_kinds is None else tf.placeholder(*self._label_kinds)

    def _more(self, features: Any, labels: Any, spec: EstimatorSpec) -> dict[str, Any]:
        made = {}
        for name, metric in self._metrics.items():
            if isinstance(name, tuple):
                name, key = name
                metric = MetricSpec(metric, prediction_key=key)
            elif not isinstance(metric, MetricSpec):
                metric = MetricSpec(metric)
            made[name] = metric.create_metric_ops(features, labels, spec.predictions)
        return made

    def fit(
        self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None,
        batch_size: int | None = None, monitors: Any = None, max_steps: int | None = None,
    ) -> Any:  # fmt: skip
        """Train on arrays, or on what ``input_fn`` returns."""
        hooks = _hooks(monitors, self)
        self.train(_given(x, y, input_fn, batch_size, fits=True), hooks, steps, max_steps)
        return self

    def partial_fit(
        self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = 1,
        batch_size: int | None = None, monitors: Any = None,
    ) -> Any:  # fmt: skip
        """Go on training."""
        return self.fit(x, y, input_fn, steps, batch_size, monitors)

    def evaluate(  # type: ignore[override]
        self, x: Any = None, y: Any = None, input_fn: Any = None, feed_fn: Any = None, batch_size: int | None = None,
        steps: int | None = None, metrics: Any = None, name: str | None = None, checkpoint_path: str | None = None,
        hooks: Any = None, log_progress: bool = True,
    ) -> dict[str, Any]:  # fmt: skip
        """Metrics over arrays, or over ``steps`` batches of ``input_fn``."""
        self._metrics = metrics
        return super().evaluate(_given(x, y, input_fn, batch_size, fits=False), steps, hooks, checkpoint_path, name)

    def predict(  # type: ignore[override]
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, outputs: Any = None,
        as_iterable: bool = True, iterate_batches: bool = False,
    ) -> Any:  # fmt: skip
        """What the model predicts of each row: an iterator, or (not ``as_iterable``) arrays."""
        rows = self._predicted(x, input_fn, batch_size, outputs)
        if not as_iterable:
            batches = list(rows)
            if isinstance(batches[0], dict):
                return {key: np.concatenate([batch[key] for batch in batches]) for key in batches[0]}
            return np.concatenate(batches)
        return rows if iterate_batches else _each(rows)

    def _predicted(self, x: Any, input_fn: Any, batch_size: int | None, outputs: Any) -> Iterator[Any]:
        given = _given(x, None, input_fn, batch_size, fits=False)
        return self._batches(_without_labels(given), outputs, None, None, for_ever=False)

    def export_savedmodel(  # type: ignore[override]
        self, export_dir_base: Any, serving_input_fn: Callable[[], Any], default_output_alternative_key: Any = None,
        assets_extra: Any = None, as_text: bool = False, checkpoint_path: str | None = None, **unused: Any,
    ) -> bytes:  # fmt: skip
        """Write a SavedModel into a folder named by the time; returns its path."""

        def receiver() -> Any:
            given = serving_input_fn()
            if isinstance(given, InputFnOps):
                return ServingInputReceiver(given.features, given.default_inputs)
            return given

        return self.export_saved_model(export_dir_base, receiver, assets_extra, as_text, checkpoint_path)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What it was made with, for scikit-learn."""
        return {"model_fn": self._model_fn, "model_dir": self._model_dir, "params": self.params, "config": self.config}


def _without_labels(input_fn: Callable[..., Any]) -> Callable[[], Any]:
    def features_alone() -> Any:
        given = input_fn()
        return given[0] if isinstance(given, tuple) and len(given) == 2 else given

    return features_alone


def _each(batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        if isinstance(batch, dict):
            for row in range(len(next(iter(batch.values())))):
                yield {key: value[row] for key, value in batch.items()}
        else:
            yield from batch


def _hooks(monitors: Any, estimator: Any) -> list[Any]:
    several = monitors if isinstance(monitors, Sequence) else [] if monitors is None else [monitors]
    found = []
    for monitor in several:
        if hasattr(monitor, "set_estimator"):
            monitor.set_estimator(estimator)
        found.append(monitor.as_hook() if hasattr(monitor, "as_hook") else monitor)
    return found


@adds("contrib.learn.Estimator", "contrib.learn.estimators.estimator.Estimator")
class LearnEstimator(BaseEstimator):
    """A model that a function describes: ``model_fn(features, labels)``, with mode, params, config where it takes them.

    It returns :class:`ModelFnOps`, or predictions, loss and training step.
    """

    def __init__(
        self, model_fn: Callable[..., Any], model_dir: Any = None, config: Any = None, params: Any = None,
        feature_engineering_fn: Any = None,
    ) -> None:  # fmt: skip
        function = model_fn
        if feature_engineering_fn is not None:
            engineered = inspect.signature(model_fn).parameters

            def function(features: Any, labels: Any, mode: str, params: Any, config: Any) -> Any:
                given = {"mode": mode, "params": params, "config": config}
                wanted = {name: value for name, value in given.items() if name in engineered}
                return model_fn(*feature_engineering_fn(features, labels), **wanted)

        super().__init__(function, model_dir, config or LearnRunConfig(), params)


# --- canned ones ---


class _BinaryHead(heads.BinaryClassHead):
    def predictions(self, logits: Any) -> dict[str, Any]:
        found = super().predictions(logits)
        return {
            "logits": logits, "logistic": found["logistic"], "probabilities": found["probabilities"],
            "classes": found["classes" if self._vocabulary else "class_ids"][:, 0],
        }  # fmt: skip

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        logistic = predictions["logistic"]
        above = tf.cast(logistic >= 0.5, tf.float32)
        return {
            "accuracy": tf.metrics.accuracy(labels, above, weights),
            "accuracy/baseline_label_mean": tf.metrics.mean(labels, weights),
            "accuracy/threshold_0.500000_mean": tf.metrics.accuracy(labels, above, weights),
            "auc": tf.metrics.auc(labels, logistic, None if isinstance(weights, float) else weights),
            "auc_precision_recall": tf.metrics.auc(
                labels, logistic, None if isinstance(weights, float) else weights, curve="PR"
            ),
            "labels/actual_label_mean": tf.metrics.mean(labels, weights),
            "labels/prediction_mean": tf.metrics.mean(logistic, weights),
            "precision/positive_threshold_0.500000_mean": tf.metrics.precision(labels, above, weights),
            "recall/positive_threshold_0.500000_mean": tf.metrics.recall(labels, above, weights),
        }


class _MultiHead(heads.MultiClassHead):
    def predictions(self, logits: Any) -> dict[str, Any]:
        found = super().predictions(logits)
        return {
            "logits": logits, "probabilities": found["probabilities"],
            "classes": found["classes" if self._vocabulary else "class_ids"][:, 0],
        }  # fmt: skip

    def _labels(self, labels: Any) -> Any:
        return super()._labels(labels if labels.dtype == tf.string else tf.cast(labels, tf.int64))

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        right = tf.cast(tf.equal(labels[:, 0], tf.argmax(predictions["logits"], 1)), tf.float32)
        weighed = weights if isinstance(weights, float) else weights[:, 0]
        return {"accuracy": tf.metrics.mean(right, weighed)}


class _NumberHead(heads.RegressionHead):
    def predictions(self, logits: Any) -> dict[str, Any]:
        return {"scores": logits[:, 0] if self.logits_dimension == 1 else logits}

    def _exports(self, predictions: Any) -> dict[str, Any]:
        return {}

    def _metrics(self, labels: Any, predictions: Any, weights: Any) -> dict[str, Any]:
        return {}


def _classes_head(n_classes: int, weight_column_name: Any, label_keys: Any) -> Any:
    if n_classes == 2:
        return _BinaryHead(weight_column_name, None, label_keys, MEAN)
    return _MultiHead(n_classes, weight_column_name, label_keys, MEAN)


def _without(model: Any, **given: Any) -> None:
    """What models here do not have; a script that asks for it is told so.

    Raises:
        ValueError: one of them is set.
    """
    for name, value in given.items():
        if value:
            raise ValueError(f"{type(model).__name__}: {name}={value!r} is not supported by tfport; leave it out")


class _Learner(BaseEstimator):
    """One whose model is linear, deep, or both; a subclass says what its predictions are called."""

    key = "classes"

    def __init__(
        self, head: Any, model_dir: Any, config: Any, clip_norm: float | None, engineer: Any,
        linear: tuple[Any, Any] | None = None, deep: tuple[Any, Any, Sequence[int], Any, float | None] | None = None,
        fixed_step: bool = False,
    ) -> None:  # fmt: skip
        self._head, self._clip_norm, self._engineer = head, clip_norm, engineer
        self._linear = (list(linear[0]), linear[1]) if linear and linear[0] else None
        self._deep = (list(deep[0]), *deep[1:]) if deep and deep[0] else None
        if self._linear is None and self._deep is None:
            raise ValueError("the model has no feature columns, linear or dnn, and thus no input")
        self._fixed_step = fixed_step
        super().__init__(self._of, model_dir, config or LearnRunConfig())

    def _of(self, features: Any, labels: Any, mode: str) -> Any:
        if self._engineer is not None:
            features, labels = self._engineer(features, labels)
        units, parts, minimizers = self._head.logits_dimension, [], []
        both = self._linear is not None and self._deep is not None
        if self._deep is not None:
            columns, optimizer, hidden, activation, dropout = self._deep
            with tf.variable_scope("dnn"):
                net = input_from_feature_columns(features, columns)
                for number, size in enumerate(hidden):
                    net = fully_connected(net, size, activation, scope=f"hiddenlayer_{number}")
                    if dropout is not None and mode == ModeKeys.TRAIN:
                        net = tf.layers.dropout(net, dropout, training=True)
                parts.append(fully_connected(net, units, None, scope="logits"))
            minimizers.append(("dnn", optimizer or "Adagrad", 0.001 if both else 0.05))
        if self._linear is not None:
            columns, optimizer = self._linear
            with tf.variable_scope("linear") as scope:
                parts.append(weighted_sum_from_feature_columns(features, columns, units, scope=scope)[0])
            rate = 1 / math.sqrt(len(columns))
            minimizers.append(("linear", optimizer or "Ftrl", min(0.005 if both else 0.2, rate)))

        def train(loss: Any) -> Any:
            steps: list[Any] = []
            for scope, given, rate in minimizers:
                made = optimizer_of(given, rate)
                variables = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, f"{scope}/")
                gradients = made.compute_gradients(loss, variables)
                if self._clip_norm is not None:
                    values, names = zip(*gradients, strict=True)
                    clipped, _ = tf.clip_by_global_norm(values, self._clip_norm)
                    gradients = list(zip(clipped, names, strict=True))
                # The step was counted twice where there are two optimizers, unless a flag asked for better.
                counted = not (steps and self._fixed_step)
                steps.append(made.apply_gradients(gradients, tf.train.get_global_step() if counted else None))
            return tf.group(*steps)

        named = features if isinstance(features, dict) else {"": features}
        spec = self._head.create_estimator_spec(named, mode, tf.add_n(parts), labels, train_op_fn=train)
        metrics = {name: value for name, value in spec.eval_metric_ops.items() if name != "average_loss"}
        return spec._replace(eval_metric_ops=metrics)

    def predict(  # type: ignore[override]
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, outputs: Any = None,
        as_iterable: bool = True, iterate_batches: bool = False,
    ) -> Any:  # fmt: skip
        """The class of each row or its number; or, where ``outputs`` names them, predictions by name."""
        if outputs is not None:
            return super().predict(x, input_fn, batch_size, outputs, as_iterable)
        return self._alone(self.key, x, input_fn, batch_size, as_iterable)

    def _alone(self, key: str, x: Any, input_fn: Any, batch_size: int | None, as_iterable: bool) -> Any:
        found = super().predict(x, input_fn, batch_size, [key], as_iterable)
        return (row[key] for row in found) if as_iterable else found[key]

    def predict_classes(
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True
    ) -> Any:
        """The class of each row."""
        return self._alone("classes", x, input_fn, batch_size, as_iterable)

    def predict_proba(
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True
    ) -> Any:
        """Probabilities of all classes (n_classes,) of each row."""
        return self._alone("probabilities", x, input_fn, batch_size, as_iterable)

    def predict_scores(
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True
    ) -> Any:
        """The number of each row."""
        return self._alone("scores", x, input_fn, batch_size, as_iterable)


@adds("contrib.learn.DNNClassifier")
class DNNClassifier(_Learner):
    """A deep network that classifies."""

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, n_classes: int = 2,
        weight_column_name: Any = None, optimizer: Any = None, activation_fn: Any = tf.nn.relu,
        dropout: float | None = None, gradient_clip_norm: float | None = None, enable_centered_bias: bool = False,
        config: Any = None, feature_engineering_fn: Any = None, embedding_lr_multipliers: Any = None,
        input_layer_min_slice_size: Any = None, label_keys: Any = None,
    ) -> None:  # fmt: skip
        _without(self, enable_centered_bias=enable_centered_bias, embedding_lr_multipliers=embedding_lr_multipliers)
        super().__init__(
            _classes_head(n_classes, weight_column_name, label_keys), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, deep=(feature_columns, optimizer, hidden_units, activation_fn, dropout),
        )  # fmt: skip


@adds("contrib.learn.DNNRegressor")
class DNNRegressor(_Learner):
    """A deep network that predicts numbers."""

    key = "scores"

    def __init__(
        self, hidden_units: Sequence[int], feature_columns: Any, model_dir: Any = None, weight_column_name: Any = None,
        optimizer: Any = None, activation_fn: Any = tf.nn.relu, dropout: float | None = None,
        gradient_clip_norm: float | None = None, enable_centered_bias: bool = False, config: Any = None,
        feature_engineering_fn: Any = None, label_dimension: int = 1, embedding_lr_multipliers: Any = None,
        input_layer_min_slice_size: Any = None,
    ) -> None:  # fmt: skip
        _without(self, enable_centered_bias=enable_centered_bias, embedding_lr_multipliers=embedding_lr_multipliers)
        super().__init__(
            _NumberHead(label_dimension, weight_column_name, MEAN), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, deep=(feature_columns, optimizer, hidden_units, activation_fn, dropout),
        )  # fmt: skip


@adds("contrib.learn.LinearClassifier")
class LinearClassifier(_Learner):
    """A linear model that classifies."""

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, n_classes: int = 2, weight_column_name: Any = None,
        optimizer: Any = None, gradient_clip_norm: float | None = None, enable_centered_bias: bool = False,
        _joint_weight: bool = False, config: Any = None, feature_engineering_fn: Any = None, label_keys: Any = None,
    ) -> None:  # fmt: skip
        _without(self, enable_centered_bias=enable_centered_bias, _joint_weight=_joint_weight)
        super().__init__(
            _classes_head(n_classes, weight_column_name, label_keys), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, linear=(feature_columns, optimizer),
        )  # fmt: skip


@adds("contrib.learn.LinearRegressor")
class LinearRegressor(_Learner):
    """A linear model that predicts numbers."""

    key = "scores"

    def __init__(
        self, feature_columns: Any, model_dir: Any = None, weight_column_name: Any = None, optimizer: Any = None,
        gradient_clip_norm: float | None = None, enable_centered_bias: bool = False, label_dimension: int = 1,
        _joint_weights: bool = False, config: Any = None, feature_engineering_fn: Any = None,
    ) -> None:  # fmt: skip
        _without(self, enable_centered_bias=enable_centered_bias, _joint_weights=_joint_weights)
        super().__init__(
            _NumberHead(label_dimension, weight_column_name, MEAN), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, linear=(feature_columns, optimizer),
        )  # fmt: skip


@adds("contrib.learn.DNNLinearCombinedClassifier")
class DNNLinearCombinedClassifier(_Learner):
    """A linear model beside a deep network, that classify."""

    def __init__(
        self, model_dir: Any = None, n_classes: int = 2, weight_column_name: Any = None,
        linear_feature_columns: Any = None, linear_optimizer: Any = None, joint_linear_weights: bool = False,
        dnn_feature_columns: Any = None, dnn_optimizer: Any = None, dnn_hidden_units: Any = None,
        dnn_activation_fn: Any = tf.nn.relu, dnn_dropout: float | None = None, gradient_clip_norm: float | None = None,
        enable_centered_bias: bool = False, config: Any = None, feature_engineering_fn: Any = None,
        embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None,
        fix_global_step_increment_bug: bool = False, label_keys: Any = None,
    ) -> None:  # fmt: skip
        _without(
            self, enable_centered_bias=enable_centered_bias, embedding_lr_multipliers=embedding_lr_multipliers,
            joint_linear_weights=joint_linear_weights,
        )  # fmt: skip
        super().__init__(
            _classes_head(n_classes, weight_column_name, label_keys), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, (linear_feature_columns, linear_optimizer),
            (dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout),
            fix_global_step_increment_bug,
        )  # fmt: skip


@adds("contrib.learn.DNNLinearCombinedRegressor")
class DNNLinearCombinedRegressor(_Learner):
    """The same, that predict numbers."""

    key = "scores"

    def __init__(
        self, model_dir: Any = None, weight_column_name: Any = None, linear_feature_columns: Any = None,
        linear_optimizer: Any = None, joint_linear_weights: bool = False, dnn_feature_columns: Any = None,
        dnn_optimizer: Any = None, dnn_hidden_units: Any = None, dnn_activation_fn: Any = tf.nn.relu,
        dnn_dropout: float | None = None, gradient_clip_norm: float | None = None, enable_centered_bias: bool = False,
        label_dimension: int = 1, config: Any = None, feature_engineering_fn: Any = None,
        embedding_lr_multipliers: Any = None, input_layer_min_slice_size: Any = None,
        fix_global_step_increment_bug: bool = False,
    ) -> None:  # fmt: skip
        _without(
            self, enable_centered_bias=enable_centered_bias, embedding_lr_multipliers=embedding_lr_multipliers,
            joint_linear_weights=joint_linear_weights,
        )  # fmt: skip
        super().__init__(
            _NumberHead(label_dimension, weight_column_name, MEAN), model_dir, config, gradient_clip_norm,
            feature_engineering_fn, (linear_feature_columns, linear_optimizer),
            (dnn_feature_columns, dnn_optimizer, dnn_hidden_units, dnn_activation_fn, dnn_dropout),
            fix_global_step_increment_bug,
        )  # fmt: skip


@adds("contrib.learn.SKCompat")
class SKCompat:
    """An estimator as scikit-learn has them: arrays in, arrays out."""

    def __init__(self, estimator: BaseEstimator) -> None:
        self._estimator = estimator

    def fit(
        self, x: Any, y: Any, batch_size: int = 128, steps: int | None = None, max_steps: int | None = None,
        monitors: Any = None,
    ) -> SKCompat:  # fmt: skip
        """Train."""
        self._estimator.fit(x, y, None, steps, batch_size, monitors, max_steps)
        return self

    def score(
        self, x: Any, y: Any, batch_size: int = 128, steps: int | None = None, metrics: Any = None,
        name: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Metrics."""
        return self._estimator.evaluate(x, y, batch_size=batch_size, steps=steps, metrics=metrics, name=name)

    def predict(self, x: Any, batch_size: int = 128, outputs: Any = None) -> Any:
        """Arrays of all predictions by name, or the array where there is one."""
        return BaseEstimator.predict(self._estimator, x, None, batch_size, outputs, as_iterable=False)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What the estimator was made with."""
        return self._estimator.get_params(deep)


# --- serving ---


@adds("contrib.learn.utils.input_fn_utils.InputFnOps", "contrib.learn.InputFnOps")
class InputFnOps(collections.namedtuple("InputFnOps", "features labels default_inputs")):
    """What a model is asked with when it is served."""


@adds(
    "contrib.learn.utils.input_fn_utils.build_parsing_serving_input_fn",
    "contrib.learn.build_parsing_serving_input_fn",
)
def build_parsing_serving_input_fn(
    feature_spec: dict[str, Any], default_batch_size: int | None = None
) -> Callable[[], Any]:
    """Of serialized ``tf.Example``s."""

    def serving_input_fn() -> InputFnOps:
        examples = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return InputFnOps(tf.parse_example(examples, feature_spec), None, {"examples": examples})

    return serving_input_fn


ADDED["contrib.learn.python.learn.utils.input_fn_utils.build_parsing_serving_input_fn"] = build_parsing_serving_input_fn
