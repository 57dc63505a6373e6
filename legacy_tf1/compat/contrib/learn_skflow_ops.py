"""What the model functions of skflow's estimators were written with: ``tf.contrib.learn.ops`` and ``models``.

Variables have the names and initial values of TensorFlow 0.8 to 0.12, whose default initializer was another.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.layers import dropout as layers_dropout
from legacy_tf1.compat.contrib.layers import legacy_fully_connected
from legacy_tf1.compat.contrib.normalization import batch_norm
from legacy_tf1.compat.contrib.rnn import AttentionCellWrapper
from legacy_tf1.compat.registry import ADDED, adds

T = TypeVar("T")
INITIAL = tf.uniform_unit_scaling_initializer()  # of every variable that named no other
TRAINING = "IS_TRAINING"  # the collection in which model functions looked whether they train
_cells = tf.nn.rnn_cell


def _op(module: str) -> Callable[[T], T]:
    def add(function: T) -> T:
        name = function.__name__  # type: ignore[attr-defined]
        return adds(f"contrib.learn.ops.{name}", f"contrib.learn.ops.{module}.{name}")(function)

    return add


def _trains() -> bool:
    return bool((tf.get_collection(TRAINING) or [False])[-1])


for _name, _function in {
    "one_hot_matrix": lambda tensor_in, num_classes, on_value=1.0, off_value=0.0: tf.one_hot(
        tf.cast(tensor_in, tf.int64), num_classes, on_value, off_value
    ),
    "split_squeeze": lambda dim, num_split, tensor_in: tf.unstack(tensor_in, num_split, dim),
    "expand_concat": lambda dim, inputs: tf.stack(inputs, dim),
    "embedding_lookup": lambda params, ids, name="embedding_lookup": tf.nn.embedding_lookup(params, ids, name=name),
}.items():
    ADDED[f"contrib.learn.ops.{_name}"] = ADDED[f"contrib.learn.ops.array_ops.{_name}"] = _function


@_op("embeddings_ops")
def categorical_variable(tensor_in: Any, n_classes: int, embedding_size: int, name: str) -> Any:
    """Embeddings of classes."""
    with tf.variable_scope(name):
        table = tf.get_variable(f"{name}_embeddings", [n_classes, embedding_size], initializer=INITIAL)
        return tf.nn.embedding_lookup(table, tensor_in)


@_op("dropout_ops")
def dropout(tensor_in: Any, prob: Any, name: str | None = None) -> Any:
    """Keeps a share ``prob`` in training, everything else elsewhere."""
    return layers_dropout(tensor_in, prob, is_training=_trains(), scope=name)


@_op("batch_norm_ops")
def batch_normalize(
    tensor_in: Any, epsilon: float = 1e-5, convnet: bool = False, decay: float = 0.9,
    scale_after_normalization: bool = True,
) -> Any:  # fmt: skip
    """By the batch in training, by moving averages elsewhere."""
    return batch_norm(
        tensor_in, decay, scale=scale_after_normalization, epsilon=epsilon, is_training=_trains(), scope="batch_norm"
    )


@_op("conv_ops")
def conv2d(
    tensor_in: Any, n_filters: int, filter_shape: Sequence[int], strides: Any = None, padding: str = "SAME",
    bias: bool = True, activation: Any = None, batch_norm: bool = False,
) -> Any:  # fmt: skip
    """A convolution; its variables are ``convolution/filters`` and ``convolution/bias``."""
    with tf.variable_scope("convolution"):
        shape = [*filter_shape, int(tensor_in.shape[3]), n_filters]
        filters = tf.get_variable("filters", shape, initializer=INITIAL)
        output = tf.nn.conv2d(tensor_in, filters, strides or [1, 1, 1, 1], padding)
        if bias:
            output += tf.get_variable("bias", [1, 1, 1, n_filters], initializer=INITIAL)
        if batch_norm:
            output = batch_normalize(output, convnet=True)
        return output if activation is None else activation(output)


@_op("dnn_ops")
def dnn(
    tensor_in: Any, hidden_units: Sequence[int], activation: Any = tf.nn.relu, dropout: float | None = None,
    keep_prob: float | None = None,
) -> Any:  # fmt: skip
    """Dense layers; ``dropout`` is the share that is dropped, ``keep_prob`` (of skflow's first releases) that kept."""
    kept = keep_prob if dropout is None else 1 - dropout
    with tf.variable_scope("dnn"):
        for number, units in enumerate(hidden_units):
            with tf.variable_scope(f"layer{number}"):
                tensor_in = legacy_fully_connected(
                    tensor_in, units, activation, INITIAL,
                    weight_collections=["dnn_weights"], bias_collections=["dnn_biases"],
                )  # fmt: skip
                if kept is not None:
                    tensor_in = layers_dropout(tensor_in, kept, is_training=_trains())
        return tensor_in


@_op("losses_ops")
def mean_squared_error_regressor(tensor_in: Any, labels: Any, weights: Any, biases: Any, name: Any = None) -> Any:
    """Predictions and mean squared error."""
    with tf.name_scope(name, "mean_squared_error_regressor", [tensor_in, labels]):
        predictions = tf.nn.xw_plus_b(tensor_in, weights, biases)
        if labels.shape.ndims == 1:
            predictions = tf.squeeze(predictions, [1])
        return predictions, tf.losses.mean_squared_error(labels, predictions)


@_op("losses_ops")
def softmax_classifier(
    tensor_in: Any, labels: Any, weights: Any, biases: Any, class_weight: Any = None, name: Any = None
) -> Any:
    """Probabilities and cross entropy with one-hot labels; ``class_weight`` is a factor of the logits, as it was."""
    with tf.name_scope(name, "softmax_classifier", [tensor_in, labels]):
        logits = tf.nn.xw_plus_b(tensor_in, weights, biases)
        if class_weight is not None:
            logits *= class_weight
        return tf.nn.softmax(logits), tf.losses.softmax_cross_entropy(labels, logits)


# --- models ---


def _affine(scope: str, x: Any, y: Any, outputs: int, mean: float | None, stddev: float) -> tuple[Any, Any]:
    initial = INITIAL if mean is None else tf.random_normal_initializer(mean, stddev)
    weights = tf.get_variable("weights", [int(x.shape[1]), outputs], x.dtype, initial)
    bias = tf.get_variable("bias", [outputs], x.dtype, initial)
    for name, value in {"x": x, "y": y, "weights": weights, "bias": bias}.items():
        tf.summary.histogram(f"{scope}.{name}", value)
    return weights, bias


@adds("contrib.learn.models.linear_regression")
def linear_regression(x: Any, y: Any, init_mean: float | None = None, init_stddev: float = 1.0) -> Any:
    """Predictions and loss."""
    with tf.variable_scope("linear_regression"):
        outputs = 1 if y.shape.ndims == 1 else int(y.shape[1])
        return mean_squared_error_regressor(x, y, *_affine("linear_regression", x, y, outputs, init_mean, init_stddev))


@adds("contrib.learn.models.logistic_regression")
def logistic_regression(
    x: Any, y: Any, class_weight: Any = None, init_mean: float | None = None, init_stddev: float = 1.0
) -> Any:
    """Probabilities and loss; the classes' weights are the graph's ``class_weight:0`` unless they are given."""
    with tf.variable_scope("logistic_regression"):
        variables = _affine("logistic_regression", x, y, int(y.shape[-1]), init_mean, init_stddev)
        if class_weight is None:
            with contextlib.suppress(KeyError):
                class_weight = tf.get_default_graph().get_tensor_by_name("class_weight:0")
        return softmax_classifier(x, y, *variables, class_weight)


linear_from_zero = functools.partial(linear_regression, init_mean=0.0, init_stddev=0.0)
logistic_from_zero = functools.partial(logistic_regression, init_mean=0.0, init_stddev=0.0)
ADDED["contrib.learn.models.linear_regression_zero_init"] = linear_from_zero
ADDED["contrib.learn.models.logistic_regression_zero_init"] = logistic_from_zero


@adds("contrib.learn.models.get_dnn_model")
def get_dnn_model(
    hidden_units: Sequence[int], target_predictor_fn: Callable[..., Any], dropout: float | None = None
) -> Callable[..., Any]:
    """A model function: dense layers below another one."""
    return lambda x, y: target_predictor_fn(dnn(x, hidden_units, dropout=dropout), y)


@adds("contrib.learn.models.get_rnn_model")
def get_rnn_model(
    rnn_size: int, cell_type: str, num_layers: int, input_op_fn: Callable[..., Any], bidirectional: bool,
    target_predictor_fn: Callable[..., Any], sequence_length: Any, initial_state: Any, attn_length: Any = None,
    attn_size: Any = None, attn_vec_size: Any = None,
) -> Callable[..., Any]:  # fmt: skip
    """A model function: the last state of recurrent layers over a list of steps, below another one.

    Raises:
        ValueError: ``cell_type`` is none of rnn, gru and lstm.
    """
    kinds = {"rnn": _cells.BasicRNNCell, "gru": _cells.GRUCell, "lstm": _cells.BasicLSTMCell}
    if cell_type not in kinds:
        raise ValueError(f"cell_type is one of {', '.join(kinds)}, not {cell_type!r}")

    def cell() -> Any:
        made = [kinds[cell_type](rnn_size) for _ in range(num_layers)]
        if attn_length is not None:
            made = [AttentionCellWrapper(each, attn_length, attn_size, attn_vec_size) for each in made]
        return _cells.MultiRNNCell(made)

    def model(x: Any, y: Any) -> Any:
        steps = input_op_fn(x)
        if bidirectional:
            _, *states = tf.nn.static_bidirectional_rnn(
                cell(), cell(), steps, initial_state, initial_state, tf.float32, sequence_length
            )
        else:
            _, states = tf.nn.static_rnn(cell(), steps, initial_state, tf.float32, sequence_length)
        return target_predictor_fn(tf.concat(tf.nest.flatten(states), 1), y)

    return model
