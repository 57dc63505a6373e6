"""``tf.estimator`` as far as tutorials use it: a ``model_fn``, trained, evaluated and asked in a graph of its own.

Checkpoints and summaries are written to ``model_dir`` as TensorFlow 1 wrote them, and training goes on from the last.
"""

from __future__ import annotations

import collections
import copy
import inspect
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds


@adds("estimator.ModeKeys", "contrib.learn.ModeKeys")
class ModeKeys:
    """What a ``model_fn`` is asked for."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = INFER = "infer"


@adds("estimator.EstimatorSpec")
class EstimatorSpec(
    collections.namedtuple(
        "EstimatorSpec",
        "mode predictions loss train_op eval_metric_ops export_outputs training_chief_hooks training_hooks scaffold "
        "evaluation_hooks prediction_hooks",
    )
):
    """What a ``model_fn`` returns."""

    def __new__(
        cls,
        mode: str,
        predictions: Any = None,
        loss: Any = None,
        train_op: Any = None,
        eval_metric_ops: Any = None,
        export_outputs: Any = None,
        training_chief_hooks: Any = None,
        training_hooks: Any = None,
        scaffold: Any = None,
        evaluation_hooks: Any = None,
        prediction_hooks: Any = None,
    ) -> EstimatorSpec:
        """Made with what the mode needs.

        Raises:
            ValueError: that is missing.
        """
        needed = {ModeKeys.TRAIN: {"loss": loss, "train_op": train_op}, ModeKeys.EVAL: {"loss": loss}}
        for name, value in needed.get(mode, {"predictions": predictions}).items():
            if value is None:
                raise ValueError(f"Missing {name}.")
        return super().__new__(
            cls, mode, predictions, loss, train_op, eval_metric_ops or {}, export_outputs, training_chief_hooks or (),
            training_hooks or (), scaffold, evaluation_hooks or (), prediction_hooks or (),
        )  # fmt: skip


@adds("estimator.RunConfig", "contrib.learn.RunConfig")
class RunConfig:
    """How a model is run."""

    def __init__(self, model_dir: str | None = None, **options: Any) -> None:
        known = {
            "tf_random_seed": None, "save_summary_steps": 100, "save_checkpoints_steps": None,
            "save_checkpoints_secs": 600, "session_config": None, "keep_checkpoint_max": 5, "log_step_count_steps": 100,
        }  # fmt: skip
        self.model_dir = model_dir
        self.__dict__.update({**known, **options})

    def replace(self, **options: Any) -> RunConfig:
        """A copy with other values."""
        other = copy.copy(self)
        other.__dict__.update(options)
        return other


@adds("estimator.Estimator")
class Estimator:
    """Trains, evaluates and asks a model that a function describes.

    Args:
        model_fn: ``model_fn(features, labels, mode, params, config)``, the last three where it takes them.
        model_dir: folder of checkpoints and summaries; a temporary one where it is not given.
        config: a :class:`RunConfig`.
        params: for ``model_fn``.
        warm_start_from: not supported.
    """

    def __init__(
        self, model_fn: Callable[..., Any], model_dir: str | None = None, config: Any = None, params: Any = None,
        warm_start_from: Any = None,
    ) -> None:  # fmt: skip
        if warm_start_from is not None:
            raise ValueError("tf.estimator.Estimator: warm_start_from is not supported by tfport")
        self._model_fn, self.params = model_fn, params if params is not None else {}
        self.config: Any = config or RunConfig()
        given = model_dir or self.config.model_dir
        if given is None:
            given = tempfile.mkdtemp()
            tf.logging.warning("Using temporary folder as model directory: %s", given)
        self.model_dir = os.fspath(given)

    @property
    def model_fn(self) -> Callable[..., Any]:
        """With features, labels, mode and config."""
        return lambda features, labels, mode, config: self._call(features, labels, mode)

    def _call(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        taken = inspect.signature(self._model_fn).parameters
        everything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values())
        options = {"labels": labels, "mode": mode, "params": self.params, "config": self.config}
        wanted = {name: value for name, value in options.items() if everything or name in taken}
        return self._model_fn(features, **wanted)

    def _build(self, input_fn: Callable[..., Any], mode: str) -> tuple[Any, EstimatorSpec]:
        if self.config.tf_random_seed is not None:
            tf.set_random_seed(self.config.tf_random_seed)
        step = tf.train.get_or_create_global_step()
        features, labels = _inputs(input_fn, mode, self.params)
        spec = self._call(features, labels, mode)
        if not isinstance(spec, EstimatorSpec):
            raise ValueError("model_fn should return an EstimatorSpec.")
        return step, spec

    def train(
        self, input_fn: Callable[..., Any], hooks: Any = None, steps: int | None = None, max_steps: int | None = None,
        saving_listeners: Any = None,
    ) -> Estimator:  # fmt: skip
        """Train for ``steps`` steps more, up to step ``max_steps``, or until the input ends."""
        with tf.Graph().as_default():
            step, spec = self._build(input_fn, ModeKeys.TRAIN)
            if not any(variable.op.name == "loss" for variable in tf.get_collection(tf.GraphKeys.SUMMARIES)):
                tf.summary.scalar("loss", spec.loss)
            if steps is not None:
                stop = [tf.train.StopAtStepHook(num_steps=steps)]
            elif max_steps is not None:
                if (self._step() or 0) >= max_steps:
                    return self
                stop = [tf.train.StopAtStepHook(last_step=max_steps)]
            else:
                stop = []
            log = tf.train.LoggingTensorHook(
                {"loss": spec.loss, "step": step}, every_n_iter=self.config.log_step_count_steps or 100
            )
            everything = [*stop, tf.train.NanTensorHook(spec.loss), log, *spec.training_hooks]
            everything += [*spec.training_chief_hooks, *(hooks or ())]
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=self.model_dir,
                scaffold=spec.scaffold,
                hooks=everything,
                save_checkpoint_secs=None if self.config.save_checkpoints_steps else self.config.save_checkpoints_secs,
                save_checkpoint_steps=self.config.save_checkpoints_steps,
                save_summaries_steps=self.config.save_summary_steps,
                config=self.config.session_config,
                log_step_count_steps=self.config.log_step_count_steps,
            ) as session:
                while not session.should_stop():
                    session.run([spec.train_op, spec.loss])
        return self

    def evaluate(
        self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Any = None,
        checkpoint_path: str | None = None, name: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Metrics over the input, or over ``steps`` batches of it; with "loss" and "global_step"."""
        with tf.Graph().as_default():
            step, spec = self._build(input_fn, ModeKeys.EVAL)
            metrics = dict(spec.eval_metric_ops)
            metrics.setdefault("loss", tf.metrics.mean(spec.loss))
            values = {key: metric[0] for key, metric in metrics.items()}
            updates = [metric[1] for metric in metrics.values()]
            done = 0
            with self._restored(spec, checkpoint_path, [*spec.evaluation_hooks, *(hooks or ())]) as session:
                while steps is None or done < steps:
                    try:
                        session.run(updates)
                    except tf.errors.OutOfRangeError:
                        break
                    done += 1
                found = self._session_of(session).run({**values, "global_step": step})
            folder = os.path.join(self.model_dir, f"eval_{name}" if name else "eval")
            with tf.summary.FileWriter(folder) as writer:
                scalars = [
                    tf.Summary.Value(tag=key, simple_value=float(value))
                    for key, value in found.items()
                    if key != "global_step" and np.ndim(value) == 0
                ]
                writer.add_summary(tf.Summary(value=scalars), int(found["global_step"]))
        return dict(found)

    def predict(
        self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Any = None,
        checkpoint_path: str | None = None, yield_single_examples: bool = True,
    ) -> Iterator[Any]:  # fmt: skip
        """Yields what the model predicts of each example (or of each batch)."""
        with tf.Graph().as_default():
            _, spec = self._build(input_fn, ModeKeys.PREDICT)
            predictions = spec.predictions
            if predict_keys is not None:
                keys = [predict_keys] if isinstance(predict_keys, str) else predict_keys
                predictions = {key: predictions[key] for key in keys}
            with self._restored(spec, checkpoint_path, [*spec.prediction_hooks, *(hooks or ())]) as session:
                while True:
                    try:
                        batch = session.run(predictions)
                    except tf.errors.OutOfRangeError:
                        return
                    if not yield_single_examples:
                        yield batch
                    elif isinstance(batch, dict):
                        for row in range(len(next(iter(batch.values())))):
                            yield {key: value[row] for key, value in batch.items()}
                    else:
                        yield from batch

    def _restored(self, spec: EstimatorSpec, path: str | None, hooks: Sequence[Any]) -> Any:
        path = path or self.latest_checkpoint()
        if path is None:
            raise ValueError(f"Could not find trained model in model_dir: {self.model_dir}.")
        creator = tf.train.ChiefSessionCreator(
            spec.scaffold, config=self.config.session_config, checkpoint_filename_with_path=path
        )
        return tf.train.MonitoredSession(creator, hooks)

    @staticmethod
    def _session_of(session: Any) -> Any:
        # The bare session: a monitored one asks the input for another batch where hooks want it.
        while not isinstance(session, tf.Session):
            session = session._sess if hasattr(session, "_sess") else session._tf_sess()
        return session

    def latest_checkpoint(self) -> str | None:
        """Path of the last one, if there is any."""
        return tf.train.latest_checkpoint(self.model_dir)

    def _step(self) -> int | None:
        path = self.latest_checkpoint()
        return int(tf.train.load_variable(path, "global_step")) if path else None

    def get_variable_names(self) -> list[str]:
        """Of the last checkpoint."""
        return [name for name, _ in tf.train.list_variables(self.model_dir)]

    def get_variable_value(self, name: str) -> Any:
        """In the last checkpoint."""
        return tf.train.load_variable(self.model_dir, name)


def _inputs(input_fn: Callable[..., Any], mode: str, params: Any) -> tuple[Any, Any]:
    """Features and labels as tensors, of a function that returns them or a data set of them."""
    taken = inspect.signature(input_fn).parameters
    options = {name: value for name, value in (("mode", mode), ("params", params)) if name in taken}
    given = input_fn(**options)
    if isinstance(given, (tf.data.Dataset, tf.compat.v2.data.Dataset)):
        iterator = tf.data.make_initializable_iterator(given)
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        given = iterator.get_next()
    if isinstance(given, tuple) and len(given) == 2:
        return given
    return given, None


def _fed(columns: dict[str, Any], y: Any, batch_size: int, num_epochs: Any, shuffle: Any) -> Callable[[], Any]:
    def input_fn() -> Any:
        count = len(next(iter(columns.values())))
        names = list(columns)
        labels = y if isinstance(y, dict) or y is None else {"": y}
        parts = {**{("x", name): np.asarray(columns[name]) for name in names},
                 **{("y", name): np.asarray(value) for name, value in (labels or {}).items()}}  # fmt: skip

        def batches() -> Iterator[Any]:
            # Batches go on over the end of an epoch, as the queues of TensorFlow 1 did.
            waiting = np.zeros(0, np.int64)
            for _ in range(num_epochs) if num_epochs is not None else itertools.count():
                order = np.random.permutation(count) if shuffle else np.arange(count)
                waiting = np.concatenate([waiting, order])
                while len(waiting) >= batch_size:
                    rows, waiting = waiting[:batch_size], waiting[batch_size:]
                    yield tuple(part[rows] for part in parts.values())
            if len(waiting):
                yield tuple(part[waiting] for part in parts.values())

        kinds = tuple(tf.as_dtype(part.dtype) for part in parts.values())
        shapes = tuple(tf.TensorShape([None, *part.shape[1:]]) for part in parts.values())
        dataset = tf.data.Dataset.from_generator(batches, kinds, shapes).prefetch(1)
        iterator = tf.data.make_initializable_iterator(dataset)
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
        found = dict(zip(parts, iterator.get_next(), strict=True))
        features = {name: found["x", name] for name in names}
        if y is None:
            return features
        return features, ({name: found["y", name] for name in y} if isinstance(y, dict) else found["y", ""])

    return input_fn


@adds("estimator.inputs.numpy_input_fn", "contrib.learn.io.numpy_input_fn")
def numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: Any = None, queue_capacity: int = 1000,
    num_threads: int = 1,
) -> Callable[[], Any]:  # fmt: skip
    """An input of arrays.

    Args:
        x: array, or dictionary of arrays, of N rows each.
        y: labels of as many rows.
        batch_size: rows in a batch; the last may have fewer.
        num_epochs: passes over the rows; None for ever.
        shuffle: whether each pass has an order of its own.
        queue_capacity: not needed here.
        num_threads: not needed here.

    Raises:
        ValueError: ``shuffle`` is not given.
    """
    if not isinstance(shuffle, bool):
        raise ValueError(
            "shuffle must be provided and explicitly set as boolean (it is recommended to set it as True for training)"
        )
    if isinstance(x, dict):
        return _fed(x, y, batch_size, num_epochs, shuffle)
    bare = _fed({"": x}, y, batch_size, num_epochs, shuffle)

    def input_fn() -> Any:
        found = bare()
        return found[""] if y is None else (found[0][""], found[1])

    return input_fn


@adds("estimator.inputs.pandas_input_fn", "contrib.learn.io.pandas_input_fn")
def pandas_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: Any = None, **unused: Any
) -> Callable[[], Any]:
    """An input of a DataFrame's columns."""
    labels = y if y is None or isinstance(y, dict) else np.asarray(y)
    return numpy_input_fn({str(name): np.asarray(x[name]) for name in x}, labels, batch_size, num_epochs, shuffle)


@adds("estimator.TrainSpec")
class TrainSpec(collections.namedtuple("TrainSpec", "input_fn max_steps hooks")):
    """For :func:`train_and_evaluate`."""

    def __new__(cls, input_fn: Any, max_steps: int | None = None, hooks: Any = None) -> TrainSpec:
        """Made."""
        return super().__new__(cls, input_fn, max_steps, hooks)


@adds("estimator.EvalSpec")
class EvalSpec(
    collections.namedtuple("EvalSpec", "input_fn steps name hooks exporters start_delay_secs throttle_secs")
):
    """For :func:`train_and_evaluate`."""

    def __new__(
        cls, input_fn: Any, steps: int | None = 100, name: str | None = None, hooks: Any = None, exporters: Any = None,
        start_delay_secs: int = 120, throttle_secs: int = 600,
    ) -> EvalSpec:  # fmt: skip
        """Made."""
        return super().__new__(cls, input_fn, steps, name, hooks, exporters, start_delay_secs, throttle_secs)


@adds("estimator.train_and_evaluate")
def train_and_evaluate(estimator: Estimator, train_spec: TrainSpec, eval_spec: EvalSpec) -> Any:
    """Train to the end, then evaluate."""
    estimator.train(train_spec.input_fn, hooks=train_spec.hooks, max_steps=train_spec.max_steps)
    return estimator.evaluate(eval_spec.input_fn, eval_spec.steps, eval_spec.hooks, name=eval_spec.name), None


# --- canned ones ---


class _Canned(Estimator):
    """A network on feature columns; a subclass has its outputs, loss and predictions."""

    classifies = True

    def __init__(
        self, feature_columns: Any, hidden_units: Sequence[int] = (), n_classes: int = 2, label_dimension: int = 1,
        optimizer: Any = None, activation_fn: Any = tf.nn.relu, dropout: float | None = None,
        label_vocabulary: Any = None, weight_column: Any = None, model_dir: str | None = None, config: Any = None,
        **unused: Any,
    ) -> None:  # fmt: skip
        self._columns, self._hidden, self._activation = feature_columns, hidden_units, activation_fn
        self._optimizer, self._dropout = optimizer or self._default(), dropout
        self._outputs = (n_classes if n_classes > 2 else 1) if self.classifies else label_dimension
        super().__init__(self._of, model_dir, config)

    def _default(self) -> Any:
        return "Adagrad"

    def _of(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        from legacy_tf1.compat.contrib.training import OPTIMIZERS

        if not isinstance(features, dict):
            features = {self._columns[0].name: features}
        net = tf.feature_column.input_layer(features, self._columns)
        for number, units in enumerate(self._hidden):
            net = tf.layers.dense(net, units, self._activation, name=f"hiddenlayer_{number}")
            if self._dropout and mode == ModeKeys.TRAIN:
                net = tf.layers.dropout(net, self._dropout, training=True)
        logits = tf.layers.dense(net, self._outputs, name="logits")
        predictions, metrics, loss = self._head(logits, labels)
        if mode == ModeKeys.PREDICT:
            return EstimatorSpec(mode, predictions)
        if mode == ModeKeys.EVAL:
            return EstimatorSpec(mode, predictions, loss, eval_metric_ops=metrics)
        optimizer = self._optimizer
        if isinstance(optimizer, str):
            optimizer = OPTIMIZERS[optimizer](0.05 if self._hidden else min(0.2, 1 / len(self._columns) ** 0.5))
        train = optimizer.minimize(loss, global_step=tf.train.get_global_step())
        return EstimatorSpec(mode, predictions, loss, train)

    def _head(self, logits: Any, labels: Any) -> tuple[Any, Any, Any]:
        if not self.classifies:
            predictions = {"predictions": logits}
            if labels is None:
                return predictions, {}, None
            labels = tf.reshape(tf.cast(labels, tf.float32), tf.shape(logits))
            squares = tf.square(logits - labels)
            # The loss was a sum over the batch.
            return predictions, {"average_loss": tf.metrics.mean(squares)}, tf.reduce_sum(squares)
        if self._outputs == 1:
            probability = tf.sigmoid(logits)
            probabilities = tf.concat([1 - probability, probability], 1)
        else:
            probabilities = tf.nn.softmax(logits)
        found = tf.argmax(probabilities, 1)
        predictions = {
            "logits": logits, "probabilities": probabilities, "class_ids": found[:, tf.newaxis],
            "classes": tf.as_string(found)[:, tf.newaxis],
        }  # fmt: skip
        if labels is None:
            return predictions, {}, None
        labels = tf.reshape(tf.cast(labels, tf.int64), [-1])
        if self._outputs == 1:
            losses = tf.nn.sigmoid_cross_entropy_with_logits(
                labels=tf.cast(labels, tf.float32)[:, tf.newaxis], logits=logits
            )
        else:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        metrics = {"accuracy": tf.metrics.accuracy(labels, found), "average_loss": tf.metrics.mean(losses)}
        return predictions, metrics, tf.reduce_sum(losses)


@adds("estimator.DNNClassifier")
class DNNClassifier(_Canned):
    """A deep network that classifies."""

    def __init__(self, hidden_units: Sequence[int], feature_columns: Any, **options: Any) -> None:
        super().__init__(feature_columns, hidden_units, **options)


@adds("estimator.DNNRegressor")
class DNNRegressor(DNNClassifier):
    """A deep network that predicts numbers."""

    classifies = False


@adds("estimator.LinearClassifier")
class LinearClassifier(_Canned):
    """A linear model that classifies."""

    def __init__(self, feature_columns: Any, model_dir: str | None = None, **options: Any) -> None:
        super().__init__(feature_columns, model_dir=model_dir, **options)

    def _default(self) -> Any:
        return "Ftrl"


@adds("estimator.LinearRegressor")
class LinearRegressor(LinearClassifier):
    """A linear model that predicts numbers."""

    classifies = False


# --- contrib.learn ---


@adds("contrib.layers.real_valued_column")
def real_valued_column(column_name: str, dimension: int = 1, **unused: Any) -> Any:
    """A column of numbers."""
    return tf.feature_column.numeric_column(column_name or "x", shape=[dimension])


@adds("contrib.learn.infer_real_valued_columns_from_input")
def infer_real_valued_columns_from_input(x: Any) -> list[Any]:
    """The columns of an array (N, D): one of D numbers."""
    return [real_valued_column("", np.shape(x)[1] if np.ndim(x) > 1 else 1)]


class _Learner(_Canned):
    """As before ``tf.estimator``: arrays go to ``fit``, ``evaluate`` and ``predict`` themselves."""

    def _given(self, x: Any, y: Any, input_fn: Any, batch_size: int | None, epochs: int | None) -> Callable[[], Any]:
        if input_fn is not None:
            return input_fn
        x = np.asarray(x)
        x = x.astype(np.float32) if x.dtype == np.float64 else x
        labels = None if y is None else np.asarray(y)
        return numpy_input_fn(x, labels, batch_size or len(x), epochs, shuffle=epochs is None)

    def fit(
        self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None,
        batch_size: int | None = None, monitors: Any = None, max_steps: int | None = None,
    ) -> _Learner:  # fmt: skip
        """Train on arrays, or on what ``input_fn`` returns."""
        hooks = [each for each in monitors or () if isinstance(each, tf.train.SessionRunHook)]
        self.train(self._given(x, y, input_fn, batch_size, None), hooks, steps, max_steps)
        return self

    def evaluate(  # type: ignore[override]
        self, x: Any = None, y: Any = None, input_fn: Any = None, batch_size: int | None = None,
        steps: int | None = None, metrics: Any = None, name: str | None = None, **unused: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Metrics over arrays, or over ``steps`` batches of ``input_fn``."""
        return super().evaluate(self._given(x, y, input_fn, batch_size, 1), steps, name=name)

    def predict(  # type: ignore[override]
        self, x: Any = None, input_fn: Any = None, batch_size: int | None = None, as_iterable: bool = True,
        **unused: Any,
    ) -> Any:  # fmt: skip
        """The class of each row, or its number: an iterator, or an array."""
        key = "class_ids" if self.classifies else "predictions"
        rows: Any = super().predict(self._once(self._given(x, None, input_fn, batch_size, 1)), predict_keys=key)
        found = (row[key].reshape(-1)[0] if row[key].size == 1 else row[key] for row in rows)
        return found if as_iterable else np.array(list(found))

    predict_classes = predict

    @staticmethod
    def _once(input_fn: Callable[..., Any]) -> Callable[[], Any]:
        """An input of constants is one batch: it ended after that."""

        def once() -> Any:
            given = input_fn()
            kinds = {op.type for op in tf.get_default_graph().get_operations()}
            if isinstance(given, (tf.data.Dataset, tf.compat.v2.data.Dataset)) or any(
                "Iterator" in kind or "Queue" in kind for kind in kinds
            ):
                return given
            features = given[0] if isinstance(given, tuple) else given
            return tf.data.Dataset.from_tensors(features)

        return once


@adds("contrib.learn.DNNClassifier")
class LearnDNNClassifier(_Learner):
    """A deep network that classifies."""


@adds("contrib.learn.DNNRegressor")
class LearnDNNRegressor(_Learner):
    """A deep network that predicts numbers."""

    classifies = False


@adds("contrib.learn.LinearClassifier")
class LearnLinearClassifier(_Learner):
    """A linear model that classifies."""

    def _default(self) -> Any:
        return "Ftrl"


@adds("contrib.learn.LinearRegressor")
class LearnLinearRegressor(LearnLinearClassifier):
    """A linear model that predicts numbers."""

    classifies = False
