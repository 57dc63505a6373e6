"""The first estimators of ``tf.contrib.learn``, which came from skflow: a model is a function of x and one-hot y."""

from __future__ import annotations

import inspect
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.contrib import learn_skflow_ops as models
from legacy_tf1.compat.contrib.learn_estimators import BaseEstimator, LearnRunConfig
from legacy_tf1.compat.contrib.learn_monitors import BaseMonitor, ValidationMonitor
from legacy_tf1.compat.contrib.training import optimize_loss
from legacy_tf1.compat.estimator import inputs
from legacy_tf1.compat.estimator.estimator import ModeKeys
from legacy_tf1.compat.registry import ADDED, adds

T = TypeVar("T")
PLACES = ("input", "output")  # of a saved graph
RECURRENT: dict[str, Any] = {
    "cell_type": "gru", "num_layers": 1, "input_op_fn": lambda x: x, "initial_state": None, "bidirectional": False,
    "sequence_length": None, "attn_length": None, "attn_size": None, "attn_vec_size": None,
}  # fmt: skip


def _estimator(made: T) -> T:
    name = made.__name__  # type: ignore[attr-defined]
    return adds(f"contrib.learn.{name}", f"contrib.learn.estimators.{name}")(made)


def _features(rows: Any) -> Any:
    array = np.asarray(rows)
    array = array if array.dtype in (np.int64, np.object_) or array.dtype.kind in "US" else array.astype(np.float32)
    return array[:, None] if array.ndim == 1 else array


def _labels(rows: Any, n_classes: int) -> Any:
    array = np.asarray(rows)
    array = array[:, 0] if array.ndim > 1 and array.shape[1] == 1 else array
    if n_classes < 2:
        return array.astype(np.float32)
    return np.eye(n_classes, dtype=np.float32)[array.astype(np.int64)]


def _batches(x: Any, y: Any, size: int, fits: bool) -> Iterator[tuple[Any, ...]]:
    if hasattr(x, "__next__"):  # a stream, to be drawn from and never held as a whole
        while rows := list(itertools.islice(x, size)):
            yield (rows,) if y is None else (rows, list(itertools.islice(y, len(rows))))
        return
    parts = [np.asarray(part) for part in (x, y) if part is not None]
    random = np.random.RandomState(42)
    while True:
        order = random.permutation(len(parts[0])) if fits else np.arange(len(parts[0]))
        for start in range(0, len(order), size):
            yield tuple(part[order[start : start + size]] for part in parts)
        if not fits:
            return


def _fed(x: Any, y: Any, n_classes: int, size: int, *, fits: bool = False) -> Callable[[], Any]:
    def ready() -> Iterator[tuple[Any, ...]]:
        for rows, *labels in _batches(x, y, size, fits):
            yield (_features(rows), *(_labels(each, n_classes) for each in labels))

    def input_fn() -> Any:
        batches = ready()
        first = next(batches)
        kinds = tuple(tf.as_dtype(part.dtype) for part in first)
        shapes = tuple(tf.TensorShape([None, *part.shape[1:]]) for part in first)
        found = tf.data.Dataset.from_generator(lambda: itertools.chain([first], batches), kinds, shapes)
        return inputs.next_of(found.prefetch(1))

    return input_fn


@_estimator
class TensorFlowEstimator(BaseEstimator):
    """A model that ``model_fn(x, y)`` describes, which returns predictions and loss.

    Its x are float32 (or int64, where they were), its y one-hot where ``n_classes`` is more than one. ``fit`` begins
    anew unless ``continue_training`` is set.
    """

    model_fn: Any = None  # as attributes, which scikit-learn sets: not the properties of other estimators
    config: Any = None
    own: tuple[str, ...] = ("model_fn",)

    def __init__(
        self, model_fn: Any, n_classes: int, batch_size: int = 32, steps: int = 200, optimizer: Any = "Adagrad",
        learning_rate: Any = 0.1, clip_gradients: Any = 5.0, class_weight: Any = None, continue_training: bool = False,
        config: Any = None, verbose: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(self._model, None, config or LearnRunConfig(tf_random_seed=42))
        self.model_fn, self.n_classes, self.batch_size, self.steps = model_fn, n_classes, batch_size, steps
        self.optimizer, self.learning_rate, self.clip_gradients = optimizer, learning_rate, clip_gradients
        self.class_weight, self.continue_training = class_weight, continue_training
        self.config, self.verbose = config, verbose
        self._fitted, self._saved = False, ""
        self._kinds: list[Any] = []

    def _model(self, features: Any, labels: Any, mode: str) -> Any:
        self._kinds = [(each.dtype, each.shape) for each in (features, labels) if each is not None]
        tf.add_to_collection(models.TRAINING, mode == ModeKeys.TRAIN)
        predictions, loss = self._outputs(features, labels, mode)
        if mode != ModeKeys.TRAIN:
            return predictions, loss, None
        step = tf.train.get_global_step()
        rate = self.learning_rate(step) if callable(self.learning_rate) else self.learning_rate
        return predictions, loss, optimize_loss(loss, step, rate, self.optimizer, clip_gradients=self.clip_gradients)

    def _outputs(self, features: Any, labels: Any, mode: str) -> Any:
        if self._saved:
            tensors = zip(PLACES, (features, labels), strict=True)
            given = {f"{place}:0": tensor for place, tensor in tensors if tensor is not None}
            name = ModeKeys.TRAIN if mode == ModeKeys.TRAIN else ModeKeys.EVAL
            tf.train.import_meta_graph(os.path.join(self._saved, f"{name}.meta"), input_map=given)
            found = tf.get_collection("skflow_outputs")
            tf.get_default_graph().clear_collection("skflow_outputs")  # saved again, they are added again
            return found
        if self.class_weight is not None:
            tf.constant(self.class_weight, tf.float32, name="class_weight")
        return self.model_fn(features, labels)

    def fit(  # type: ignore[override]
        self, x: Any, y: Any = None, steps: Any = None, monitors: Any = None, logdir: Any = None,
        batch_size: int | None = None, monitor: Any = None,
    ) -> Any:  # fmt: skip
        """Train for ``steps`` steps, those of the estimator unless they are given."""
        if isinstance(steps, (list, tuple, BaseMonitor)):  # 0.8 had its monitor in this place
            steps, monitors = None, steps
        watching = monitors or monitor or []
        watching = list(watching) if isinstance(watching, (list, tuple)) else [watching]
        if not (self._fitted and self.continue_training) and (self._fitted or logdir):
            if logdir:
                os.makedirs(logdir, exist_ok=True)
            self._model_dir = tempfile.mkdtemp(dir=logdir)
        every = [each._every_n_steps for each in watching if isinstance(each, ValidationMonitor)]
        if self.config is None and every:  # 0.8 validated the variables themselves, and these read checkpoints
            self._config = self._config.replace(save_checkpoints_steps=min(every))
        feed = _fed(x, y, self.n_classes, batch_size or self.batch_size, fits=True)
        super().fit(input_fn=feed, steps=steps or self.steps, monitors=watching)
        self._fitted = True
        if self.n_classes > 1:
            self.classes_ = np.arange(self.n_classes)
        return self

    def partial_fit(self, x: Any, y: Any = None, steps: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Go on training."""
        given, self.continue_training = self.continue_training, True
        try:
            return self.fit(x, y, steps, **options)
        finally:
            self.continue_training = given

    def evaluate(  # type: ignore[override]
        self, x: Any = None, y: Any = None, input_fn: Any = None, steps: int | None = None,
        batch_size: int | None = None, **options: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """The loss, and what ``metrics`` asks for."""
        self._trained()
        feed = input_fn or _fed(x, y, self.n_classes, batch_size or self.batch_size)
        return super().evaluate(input_fn=feed, steps=steps, **options)

    def predict(self, x: Any, axis: int = 1, batch_size: int | None = None) -> Any:  # type: ignore[override]
        """An array: classes (the largest along ``axis``, 2 for sequences), or numbers."""
        found = self.predict_proba(x, batch_size)
        return found.argmax(axis) if self.n_classes > 1 and axis != -1 else found

    def predict_proba(self, x: Any, batch_size: int | None = None) -> Any:
        """What the model predicts: an array."""
        self._trained()
        feed = _fed(x, None, self.n_classes, batch_size or self.batch_size)
        return super().predict(input_fn=feed, as_iterable=False)

    def score(self, x: Any, y: Any) -> float:
        """Accuracy, or the coefficient of determination."""
        found, wanted = self.predict(x), np.asarray(y)
        if self.n_classes > 1:
            return float(np.mean(found == wanted))
        wanted = wanted.reshape(found.shape)
        return float(1 - np.sum((wanted - found) ** 2) / np.sum((wanted - wanted.mean(0)) ** 2))

    def get_tensor_value(self, name: str) -> Any:
        """A variable's."""
        return self.get_variable_value(name.removesuffix(":0"))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """What it was made with, for scikit-learn."""
        common = list(inspect.signature(TensorFlowEstimator.__init__).parameters)[2:]
        return {name: getattr(self, name) for name in (*self.own, *common)}

    def set_params(self, **given: Any) -> Any:
        """For scikit-learn."""
        vars(self).update(given)
        return self

    def __sklearn_tags__(self) -> Any:
        """What kind it is, for scikit-learn."""
        from sklearn.utils import ClassifierTags, RegressorTags, Tags, TargetTags  # its user has it

        if self.n_classes > 1:
            return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags())
        return Tags("regressor", TargetTags(required=True), regressor_tags=RegressorTags())

    def save(self, path: Any) -> None:
        """Write checkpoints, the model's graphs and what it was made with into a folder."""
        shutil.copytree(self._trained(), path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("events*", "eval*"))
        kinds = list(self._kinds)
        for mode in (ModeKeys.TRAIN, ModeKeys.EVAL):
            with tf.Graph().as_default():
                given = [tf.placeholder(*kind, name=name) for kind, name in zip(kinds, PLACES, strict=False)]
                tf.add_to_collection(models.TRAINING, mode == ModeKeys.TRAIN)
                for output in self._outputs(given[0], given[1] if given[1:] else None, mode):
                    tf.add_to_collection("skflow_outputs", output)
                tf.train.export_meta_graph(os.path.join(path, f"{mode}.meta"))
        plain = (str, int, float, bool, list, tuple)
        made = {name: value for name, value in self.get_params().items() if isinstance(value, plain)}
        made["class_name"], made["kinds"] = type(self).__name__, [(kind.name, shape.as_list()) for kind, shape in kinds]
        with open(os.path.join(path, "model.def"), "w") as file:
            json.dump(made, file, default=lambda number: number.item())

    @classmethod
    def restore(cls, path: Any, config: Any = None) -> Any:
        """The estimator that was saved into a folder, of its own class.

        Raises:
            ValueError: there is none.
        """
        definition = os.path.join(path, "model.def")
        if not os.path.exists(definition):
            raise ValueError(f"{path}: there is no model.def, which an estimator's save writes")
        with open(definition) as file:
            made = json.load(file)
        kind, kinds = ADDED.get(f"contrib.learn.{made.pop('class_name')}", cls), made.pop("kinds")
        first = {"model_fn": None} if "model_fn" in kind.own else {}
        found = kind(**first, **made, config=config)
        found._saved = os.path.abspath(path)
        shutil.copytree(path, found._model_dir, dirs_exist_ok=True)  # to be trained on beside what was saved
        found._kinds = [(tf.as_dtype(name), tf.TensorShape(shape)) for name, shape in kinds]
        found._label_kinds = found._kinds[1] if found._kinds[1:] else None
        found._fitted = True
        return found


class _Ready(TensorFlowEstimator):
    """One whose model is there: ``head`` on top of layers."""

    own: tuple[str, ...] = ()
    head = "logistic_regression"

    weights_ = property(lambda self: self._values("weights"))
    bias_ = property(lambda self: self._values("bias"))

    def _values(self, kind: str) -> Any:
        return self.get_variable_value(f"{self.head}/{kind}")


@_estimator
class TensorFlowLinearClassifier(_Ready):
    """Logistic regression, begun at zero."""

    def __init__(self, n_classes: int, *common: Any, **options: Any) -> None:
        super().__init__(models.logistic_from_zero, n_classes, *common, **options)


@_estimator
class TensorFlowLinearRegressor(_Ready):
    """Linear regression, begun at zero."""

    head = "linear_regression"

    def __init__(self, n_classes: int = 0, *common: Any, **options: Any) -> None:
        super().__init__(models.linear_from_zero, n_classes, *common, **options)


ADDED["contrib.learn.TensorFlowClassifier"] = TensorFlowLinearClassifier
ADDED["contrib.learn.TensorFlowRegressor"] = TensorFlowLinearRegressor


class _Deep(_Ready):
    """Dense layers below; weights and biases are lists, from the first layer to the head."""

    own = ("hidden_units", "dropout")

    def __init__(
        self, hidden_units: Sequence[int], n_classes: int, *common: Any, dropout: float | None = None, **options: Any
    ) -> None:
        super().__init__(self._of, n_classes, *common, **options)
        self.hidden_units, self.dropout = hidden_units, dropout

    def _of(self, x: Any, y: Any) -> Any:
        return models.get_dnn_model(self.hidden_units, getattr(models, self.head), self.dropout)(x, y)

    def _values(self, kind: str) -> Any:
        layers = [f"dnn/layer{number}/fully_connected/{kind}" for number in range(len(self.hidden_units))]
        return [*map(self.get_variable_value, layers), super()._values(kind)]


@_estimator
class TensorFlowDNNClassifier(_Deep):
    """A deep network that classifies."""


@_estimator
class TensorFlowDNNRegressor(_Deep):
    """A deep network that predicts numbers."""

    head = "linear_regression"

    def __init__(self, hidden_units: Sequence[int], n_classes: int = 0, *common: Any, **options: Any) -> None:
        super().__init__(hidden_units, n_classes, *common, **options)


class _Recurrent(_Ready):
    """Recurrent layers below, over the list of steps that ``input_op_fn`` makes of x."""

    own = ("rnn_size", *RECURRENT)

    def __init__(self, rnn_size: int, n_classes: int = 0, **given: Any) -> None:
        self.rnn_size = rnn_size
        vars(self).update({name: given.pop(name, default) for name, default in RECURRENT.items()})
        super().__init__(self._of, n_classes, **{"steps": 50, **given})

    def _of(self, x: Any, y: Any) -> Any:
        made = {name: getattr(self, name) for name in self.own}
        return models.get_rnn_model(**made, target_predictor_fn=getattr(models, self.head))(x, y)


@_estimator
class TensorFlowRNNClassifier(_Recurrent):
    """A recurrent network that classifies."""


@_estimator
class TensorFlowRNNRegressor(_Recurrent):
    """A recurrent network that predicts numbers."""

    head = "linear_regression"


# Its first name.
ADDED.update({f"contrib.skflow{name[13:]}": each for name, each in ADDED.items() if name.startswith("contrib.learn.")})
