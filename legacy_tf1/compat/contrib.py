"""``tf.contrib`` as far as tutorials used it: layers, arg_scope, slim, losses, factorization, learn's data sets.

Names of variables and scopes are those of TensorFlow 1.15, so that checkpoints fit.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import importlib
import inspect
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import input_data, tf
from legacy_tf1.compat.registry import ADDED, adds
from tfport.errors import UserError

ZEROS, ONES = tf.zeros_initializer(), tf.ones_initializer()
_scopes = threading.local()


def _layers(*names: str) -> Callable[[Any], Any]:
    """Decorator: under these names in ``contrib.layers`` and ``contrib.slim``."""
    return adds(*(f"contrib.{module}.{name}" for module in ("layers", "slim") for name in names))


# --- arg_scope ---


def _key(function: Any) -> Any:
    return getattr(function, "_key_op", function)


@contextlib.contextmanager
def arg_scope(list_ops_or_scope: Any, **options: Any) -> Iterator[dict[Any, Any]]:
    """Defaults of arguments for functions made by :func:`add_arg_scope`, within a with statement.

    Args:
        list_ops_or_scope: the functions; or what an earlier arg_scope gave, to take it up again.
        **options: their defaults.

    Raises:
        ValueError: a function takes no part, or options are given with an earlier scope.
    """
    before = getattr(_scopes, "now", {})
    if isinstance(list_ops_or_scope, dict):
        if options:
            raise ValueError("arg_scope: an earlier scope is taken up as it is, without further arguments")
        now = list_ops_or_scope
    else:
        now = dict(before)
        for function in list_ops_or_scope:
            if not hasattr(function, "_key_op"):
                raise ValueError(
                    f"arg_scope: {getattr(function, '__name__', function)} is not decorated with @add_arg_scope"
                )
            now[_key(function)] = {**now.get(_key(function), {}), **options}
    _scopes.now = now
    try:
        yield now
    finally:
        _scopes.now = before


def add_arg_scope(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the function takes defaults from :func:`arg_scope`."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        defaults = getattr(_scopes, "now", {}).get(call)
        if defaults:
            taken = list(inspect.signature(function).parameters)[: len(arguments)]
            options = {**{name: value for name, value in defaults.items() if name not in taken}, **options}
        return function(*arguments, **options)

    call._key_op = call  # type: ignore[attr-defined]
    return call


for _module in ("framework", "slim"):
    ADDED[f"contrib.{_module}.arg_scope"], ADDED[f"contrib.{_module}.add_arg_scope"] = arg_scope, add_arg_scope


# --- initializers, regularizers ---


@_layers("xavier_initializer", "xavier_initializer_conv2d")
def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = tf.float32) -> Any:
    """Glorot's: the variance is 2 / (fan in + fan out)."""
    kind = tf.glorot_uniform_initializer if uniform else tf.glorot_normal_initializer
    return kind(seed=seed, dtype=dtype)


@_layers("variance_scaling_initializer")
def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None, dtype: Any = tf.float32
) -> Any:
    """He's by default: a truncated normal of variance ``factor`` / fan in."""
    kind = "uniform" if uniform else "truncated_normal"
    return tf.variance_scaling_initializer(factor, mode.lower(), kind, seed=seed, dtype=dtype)


def _regularizer(of: Callable[[Any], Any], scale: float, scope: str) -> Callable[[Any], Any]:
    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope):
            return tf.multiply(tf.convert_to_tensor(scale, weights.dtype.base_dtype), of(weights), name=scope)

    return regularizer if scale else lambda weights: None


@_layers("l2_regularizer")
def l2_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale`` times half the sum of squares."""
    return _regularizer(tf.nn.l2_loss, scale, scope or "l2_regularizer")


@_layers("l1_regularizer")
def l1_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale`` times the sum of absolute values."""
    return _regularizer(lambda weights: tf.reduce_sum(tf.abs(weights)), scale, scope or "l1_regularizer")


@_layers("l1_l2_regularizer")
def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None) -> Callable[[Any], Any]:
    """Both."""
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


@_layers("sum_regularizer")
def sum_regularizer(regularizers: Sequence[Any], scope: str | None = None) -> Callable[[Any], Any]:
    """The sum of several."""

    def regularizer(weights: Any) -> Any:
        terms = [term for term in (each(weights) for each in regularizers if each) if term is not None]
        return tf.add_n(terms, name=scope or "sum_regularizer") if terms else None

    return regularizer


@_layers("apply_regularization")
def apply_regularization(regularizer: Any, weights_list: Any = None) -> Any:
    """The sum of a regularizer over variables, also added to the graph's regularization losses."""
    weights = tf.get_collection("weights") if weights_list is None else weights_list
    penalties = [penalty for penalty in map(regularizer, weights) if penalty is not None]
    total = tf.add_n(penalties) if penalties else tf.constant(0.0)
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
    return total


# --- layers ---


def _variable(
    name: str, shape: Any, initializer: Any, regularizer: Any, trainable: bool, dtype: Any, kinds: Any
) -> Any:
    collections = [tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    if isinstance(kinds, dict):
        kinds = kinds.get(name)
    return tf.get_variable(
        name,
        shape,
        dtype.base_dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=[*collections, *(kinds or ())],
    )


def _finish(outputs: Any, activation_fn: Any, collections: Any, scope: Any) -> Any:
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    if collections:
        tf.add_to_collections(collections, outputs)
    return outputs


def _normalized(outputs: Any, normalizer_fn: Any, normalizer_params: Any, biases: Callable[[Any], Any]) -> Any:
    """Normalization takes the place of biases, as it did."""
    return normalizer_fn(outputs, **(normalizer_params or {})) if normalizer_fn is not None else biases(outputs)


@_layers("fully_connected")
@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: int,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A dense layer on the last dimension, with relu unless another activation (or None) is given."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "fully_connected", [inputs], reuse=reuse) as entered:
        size = inputs.shape[-1]
        if (size.value if hasattr(size, "value") else size) is None:
            raise ValueError("fully_connected: the last dimension of the inputs must be known")
        make = functools.partial(_variable, trainable=trainable, dtype=inputs.dtype, kinds=variables_collections)
        weights = make(
            "weights", [int(size), int(num_outputs)], weights_initializer or xavier_initializer(), weights_regularizer
        )
        rank = inputs.shape.ndims
        outputs = tf.matmul(inputs, weights) if rank == 2 else tf.tensordot(inputs, weights, [[rank - 1], [0]])

        def biased(outputs: Any) -> Any:
            if biases_initializer is None:
                return outputs
            return tf.nn.bias_add(outputs, make("biases", [int(num_outputs)], biases_initializer, biases_regularizer))

        outputs = _normalized(outputs, normalizer_fn, normalizer_params, biased)
        return _finish(outputs, activation_fn, outputs_collections, entered)


for _name, _activation in (("relu", tf.nn.relu), ("relu6", tf.nn.relu6), ("linear", None)):
    ADDED[f"contrib.layers.{_name}"] = functools.partial(fully_connected, activation_fn=_activation)


def _pair(size: Any) -> list[int]:
    return [int(each) for each in size] if isinstance(size, (list, tuple)) else [int(size)] * 2


@_layers("conv2d", "convolution2d", "convolution")
@add_arg_scope
def conv2d(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A convolution of images, with relu unless another activation (or None) is given."""
    inputs = tf.convert_to_tensor(inputs)
    form = data_format or "NHWC"
    with tf.variable_scope(scope, "Conv", [inputs], reuse=reuse) as entered:
        channels = int(inputs.shape[-1 if form == "NHWC" else 1])
        make = functools.partial(_variable, trainable=trainable, dtype=inputs.dtype, kinds=variables_collections)
        shape = [*_pair(kernel_size), channels, int(num_outputs)]
        weights = make("weights", shape, weights_initializer or xavier_initializer(), weights_regularizer)
        outputs = tf.nn.convolution(
            inputs, weights, padding.upper(), strides=_pair(stride), dilation_rate=_pair(rate), data_format=form
        )

        def biased(outputs: Any) -> Any:
            if biases_initializer is None:
                return outputs
            biases = make("biases", [int(num_outputs)], biases_initializer, biases_regularizer)
            return tf.nn.bias_add(outputs, biases, data_format=form)

        outputs = _normalized(outputs, normalizer_fn, normalizer_params, biased)
        return _finish(outputs, activation_fn, outputs_collections, entered)


@_layers("conv2d_transpose", "convolution2d_transpose")
@add_arg_scope
def conv2d_transpose(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A transposed convolution of images (NHWC), likewise."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "Conv2d_transpose", [inputs], reuse=reuse) as entered:
        make = functools.partial(_variable, trainable=trainable, dtype=inputs.dtype, kinds=variables_collections)
        kernel, strides = _pair(kernel_size), _pair(stride)
        shape = [*kernel, int(num_outputs), int(inputs.shape[-1])]
        weights = make("weights", shape, weights_initializer or xavier_initializer(), weights_regularizer)
        valid = padding.upper() == "VALID"
        sizes = []
        for place in (0, 1):
            static = inputs.shape[place + 1]
            static = static.value if hasattr(static, "value") else static
            length = tf.shape(inputs)[place + 1] if static is None else static
            sizes.append(length * strides[place] + (max(kernel[place] - strides[place], 0) if valid else 0))
        target = tf.stack([tf.shape(inputs)[0], *sizes, int(num_outputs)])
        outputs = tf.nn.conv2d_transpose(inputs, weights, target, [1, *strides, 1], padding.upper())
        known = [None if tf.is_tensor(size) else size for size in sizes]
        outputs.set_shape([inputs.shape[0], *known, int(num_outputs)])

        def biased(outputs: Any) -> Any:
            if biases_initializer is None:
                return outputs
            return tf.nn.bias_add(outputs, make("biases", [int(num_outputs)], biases_initializer, biases_regularizer))

        outputs = _normalized(outputs, normalizer_fn, normalizer_params, biased)
        return _finish(outputs, activation_fn, outputs_collections, entered)


@_layers("separable_conv2d", "separable_convolution2d")
@add_arg_scope
def separable_conv2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """A convolution of each channel (NHWC), then one of 1×1 unless ``num_outputs`` is None."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse) as entered:
        make = functools.partial(_variable, trainable=trainable, dtype=inputs.dtype, kinds=None)
        initializer = weights_initializer or xavier_initializer()
        channels = int(inputs.shape[-1])
        depthwise = make(
            "depthwise_weights", [*_pair(kernel_size), channels, depth_multiplier], initializer, weights_regularizer
        )
        outputs = tf.nn.depthwise_conv2d(inputs, depthwise, [1, *_pair(stride), 1], padding.upper(), rate=_pair(rate))
        made = channels * depth_multiplier
        if num_outputs is not None:
            pointwise = make("pointwise_weights", [1, 1, made, int(num_outputs)], initializer, weights_regularizer)
            outputs, made = tf.nn.conv2d(outputs, pointwise, [1, 1, 1, 1], "VALID"), int(num_outputs)

        def biased(outputs: Any) -> Any:
            if biases_initializer is None:
                return outputs
            return tf.nn.bias_add(outputs, make("biases", [made], biases_initializer, biases_regularizer))

        outputs = _normalized(outputs, normalizer_fn, normalizer_params, biased)
        return _finish(outputs, activation_fn, None, entered)


def _pooling(kind: str, scope_name: str) -> Callable[..., Any]:
    @add_arg_scope
    def pool2d(
        inputs: Any,
        kernel_size: Any,
        stride: Any = 2,
        padding: str = "VALID",
        data_format: str = "NHWC",
        outputs_collections: Any = None,
        scope: Any = None,
    ) -> Any:
        with tf.name_scope(scope, scope_name, [inputs]):
            outputs = tf.nn.pool(
                tf.convert_to_tensor(inputs), _pair(kernel_size), kind, padding.upper(), strides=_pair(stride),
                data_format=data_format,
            )  # fmt: skip
            return _finish(outputs, None, outputs_collections, scope)

    pool2d.__name__ = f"{kind.lower()}_pool2d"
    return pool2d


_layers("max_pool2d")(_pooling("MAX", "MaxPool2D"))
_layers("avg_pool2d")(_pooling("AVG", "AvgPool2D"))


@_layers("batch_norm")
@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: float = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Any = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = tf.GraphKeys.UPDATE_OPS,
    is_training: Any = True,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: Any = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    **unused: Any,
) -> Any:
    """Batch normalization; the moving averages are updated by what it adds to ``updates_collections``.

    Where that is None they are updated whenever the outputs are computed in training.
    """
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "BatchNorm", [inputs], reuse=reuse) as entered:
        axis = 1 if data_format == "NCHW" and inputs.shape.ndims == 4 else inputs.shape.ndims - 1
        size = [int(inputs.shape[axis])]
        initial = {"beta": ZEROS, "gamma": ONES, "moving_mean": ZEROS, "moving_variance": ONES}
        initial |= param_initializers or {}
        regularizers = param_regularizers or {}

        def make(name: str, trained: bool) -> Any:
            return _variable(
                name, size, initial[name], regularizers.get(name), trained, tf.float32, variables_collections
            )

        beta = make("beta", trainable) if center else None
        gamma = make("gamma", trainable) if scale else None
        moving_mean, moving_variance = make("moving_mean", False), make("moving_variance", False)
        axes = [each for each in range(inputs.shape.ndims) if each != axis]
        constant = isinstance(is_training, (bool, int, np.bool_)) or is_training is None

        def of_batch() -> Any:
            mean, variance = tf.nn.moments(inputs, axes)
            updates = [
                tf.assign_sub(moving, (moving - value) * (1.0 - decay))
                for moving, value in ((moving_mean, mean), (moving_variance, variance))
            ]
            if updates_collections is None:
                with tf.control_dependencies(updates):
                    return tf.identity(mean), tf.identity(variance)
            if constant:
                for update in updates:
                    tf.add_to_collections(updates_collections, update)
            return mean, variance

        if constant:
            mean, variance = of_batch() if is_training else (moving_mean, moving_variance)
        else:
            training = tf.cast(is_training, tf.bool)
            if updates_collections is None:
                mean, variance = tf.cond(
                    training, of_batch, lambda: (tf.identity(moving_mean), tf.identity(moving_variance))
                )
            else:
                batch_mean, batch_variance = tf.nn.moments(inputs, axes)
                for moving, value in ((moving_mean, batch_mean), (moving_variance, batch_variance)):
                    kept = tf.where(training, (moving - value) * (1.0 - decay), tf.zeros_like(value))
                    tf.add_to_collections(updates_collections, tf.assign_sub(moving, kept))
                mean = tf.cond(training, lambda: batch_mean, lambda: tf.identity(moving_mean))
                variance = tf.cond(training, lambda: batch_variance, lambda: tf.identity(moving_variance))
        if axis != inputs.shape.ndims - 1:
            across = [1, size[0], *([1] * (inputs.shape.ndims - 2))]
            mean, variance, beta, gamma = (
                None if each is None else tf.reshape(each, across) for each in (mean, variance, beta, gamma)
            )
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(inputs.shape)
        return _finish(outputs, activation_fn, outputs_collections, entered)


@_layers("layer_norm")
@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> Any:
    """Layer normalization over all dimensions from ``begin_norm_axis`` on."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as entered:
        rank = inputs.shape.ndims
        shape = [int(each) for each in inputs.shape[begin_params_axis % rank :]]
        make = functools.partial(_variable, regularizer=None, trainable=trainable, dtype=inputs.dtype, kinds=None)
        beta = make("beta", shape, ZEROS) if center else None
        gamma = make("gamma", shape, ONES) if scale else None
        mean, variance = tf.nn.moments(inputs, list(range(begin_norm_axis % rank, rank)), keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, 1e-12)
        return _finish(outputs, activation_fn, None, entered)


@_layers("dropout")
@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> Any:
    """Dropout that knows whether it is training."""
    with tf.name_scope(scope, "Dropout", [inputs]):
        inputs = tf.convert_to_tensor(inputs)

        def dropped() -> Any:
            return tf.nn.dropout(inputs, keep_prob=keep_prob, noise_shape=noise_shape, seed=seed)

        if isinstance(is_training, (bool, int, np.bool_)):
            outputs = dropped() if is_training else tf.identity(inputs)
        else:
            outputs = tf.cond(tf.cast(is_training, tf.bool), dropped, lambda: tf.identity(inputs))
        return _finish(outputs, None, outputs_collections, scope)


@_layers("flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """(batch, ...) as (batch, product of the rest)."""
    with tf.name_scope(scope, "Flatten", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        rest = inputs.shape[1:].num_elements()
        outputs = tf.reshape(inputs, [tf.shape(inputs)[0], -1 if rest is None else rest])
        outputs.set_shape([inputs.shape[0], rest])
        return _finish(outputs, None, outputs_collections, scope)


@_layers("one_hot_encoding")
@add_arg_scope
def one_hot_encoding(
    labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0, scope: Any = None
) -> Any:
    """Labels (batch,) as (batch, num_classes)."""
    with tf.name_scope(scope, "OneHotEncoding", [labels]):
        return tf.one_hot(tf.cast(labels, tf.int64), num_classes, on_value=on_value, off_value=off_value)


@_layers("softmax")
def softmax(logits: Any, scope: Any = None) -> Any:
    """Over the last dimension."""
    return tf.nn.softmax(logits, name=scope)


@_layers("bias_add")
@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = ZEROS,
    scope: Any = None,
    **unused: Any,
) -> Any:
    """Adds a variable bias to the last dimension."""
    with tf.variable_scope(scope, "BiasAdd", [inputs]) as entered:
        biases = _variable("biases", [int(inputs.shape[-1])], initializer, None, True, inputs.dtype, None)
        return _finish(tf.nn.bias_add(inputs, biases), activation_fn, None, entered)


@_layers("repeat")
def repeat(inputs: Any, repetitions: int, layer: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The same layer several times, under scopes with numbers."""
    scope = options.pop("scope", None) or getattr(layer, "__name__", "repeat")
    with tf.variable_scope(scope, "Repeat", [inputs]):
        for number in range(repetitions):
            inputs = layer(inputs, *arguments, scope=f"{scope}_{number + 1}", **options)
    return inputs


@_layers("stack")
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Sequence[Any], **options: Any) -> Any:
    """The same layer several times, each with its own arguments."""
    scope = options.pop("scope", None) or getattr(layer, "__name__", "stack")
    with tf.variable_scope(scope, "Stack", [inputs]):
        for number, arguments in enumerate(stack_args):
            arguments = arguments if isinstance(arguments, (list, tuple)) else [arguments]
            inputs = layer(inputs, *arguments, scope=f"{scope}_{number + 1}", **options)
    return inputs


@_layers("embed_sequence")
def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    initializer: Any = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: Any = None,
    **unused: Any,
) -> Any:
    """Symbols (batch, length) as vectors (batch, length, embed_dim)."""
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        table = tf.get_variable("embeddings", [vocab_size, embed_dim], initializer=initializer, trainable=trainable)
        return tf.nn.embedding_lookup(table, ids)


OPTIMIZERS = {
    "Adagrad": tf.train.AdagradOptimizer,
    "Adam": tf.train.AdamOptimizer,
    "Ftrl": tf.train.FtrlOptimizer,
    "Momentum": lambda rate: tf.train.MomentumOptimizer(rate, momentum=0.9),
    "RMSProp": tf.train.RMSPropOptimizer,
    "SGD": tf.train.GradientDescentOptimizer,
}


@adds("contrib.layers.optimize_loss")
def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Any = None,
    variables: Any = None,
    name: str | None = None,
    **unused: Any,
) -> Any:
    """A training step; returns the loss after it."""
    step = tf.train.get_or_create_global_step() if global_step is None else global_step
    with tf.variable_scope(name, "OptimizeLoss", [loss]):
        rate = learning_rate_decay_fn(learning_rate, step) if learning_rate_decay_fn else learning_rate
        maker = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
        made = maker if isinstance(maker, tf.train.Optimizer) else maker(rate) if rate is not None else maker()
        gradients = made.compute_gradients(loss, variables)
        if clip_gradients is not None:
            values, names = zip(*gradients, strict=True)
            gradients = list(zip(tf.clip_by_global_norm(values, clip_gradients)[0], names, strict=True))
        tf.summary.scalar("loss", loss)
        train = made.apply_gradients(gradients, global_step=step)
        with tf.control_dependencies([train]):
            return tf.identity(loss)


@adds("contrib.slim.learning.create_train_op", "contrib.training.create_train_op")
def create_train_op(total_loss: Any, optimizer: Any, global_step: Any = None, **unused: Any) -> Any:
    """A training step that runs what waits in ``UPDATE_OPS`` first; returns the loss."""
    step = tf.train.get_or_create_global_step() if global_step is None else global_step
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        total_loss = tf.identity(total_loss)
    train = optimizer.minimize(total_loss, global_step=step)
    with tf.control_dependencies([train]):
        return tf.identity(total_loss)


def _summarize(kind: str) -> Callable[[Any], Any]:
    def summarize(tensor: Any, tag: str | None = None) -> Any:
        name = tag or tensor.op.name
        if tensor.shape.ndims == 0:
            return tf.summary.scalar(name, tensor)
        return tf.summary.histogram(name, tensor)

    summarize.__name__ = kind
    return summarize


for _name in ("summarize_tensor", "summarize_activation"):
    ADDED[f"contrib.layers.{_name}"] = _summarize(_name)


@adds("contrib.layers.summarize_tensors", "contrib.layers.summarize_collection")
def summarize_tensors(tensors: Any, *unused: Any) -> list[Any]:
    """A summary for each of some tensors, or of a collection."""
    found = tf.get_collection(tensors) if isinstance(tensors, str) else tensors
    return [_summarize("summarize_tensor")(tensor) for tensor in found]


# --- framework ---

for _old, _new in {
    "get_or_create_global_step": tf.train.get_or_create_global_step,
    "get_global_step": tf.train.get_global_step,
    "create_global_step": tf.train.create_global_step,
    "assert_scalar": tf.debugging.assert_scalar,
    "load_variable": tf.train.load_variable,
    "list_variables": tf.train.list_variables,
    "init_from_checkpoint": tf.train.init_from_checkpoint,
    "load_checkpoint": tf.train.load_checkpoint,
    "nest": tf.nest,
    "is_tensor": tf.is_tensor,
}.items():
    ADDED[f"contrib.framework.{_old}"] = ADDED[f"contrib.slim.{_old}"] = _new


@adds("contrib.framework.model_variable", "contrib.slim.model_variable")
@add_arg_scope
def model_variable(
    name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, **options: Any
) -> Any:
    """A variable that belongs to the model."""
    options = {key: value for key, value in options.items() if key in ("regularizer", "trainable", "collections")}
    collections = [
        tf.GraphKeys.GLOBAL_VARIABLES,
        tf.GraphKeys.MODEL_VARIABLES,
        *(options.pop("collections", None) or ()),
    ]
    return tf.get_variable(name, shape, dtype, initializer, collections=collections, **options)


@adds("contrib.framework.variable", "contrib.slim.variable")
@add_arg_scope
def variable(name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, **options: Any) -> Any:
    """A variable."""
    options = {key: value for key, value in options.items() if key in ("regularizer", "trainable", "collections")}
    return tf.get_variable(name, shape, dtype, initializer, **options)


def _collected(collection: str) -> Callable[..., list[Any]]:
    def get(scope: Any = None, suffix: str | None = None) -> list[Any]:
        found = tf.get_collection(collection, getattr(scope, "name", scope))
        return [each for each in found if suffix is None or each.op.name.endswith(suffix)]

    return get


for _module in ("framework", "slim"):
    ADDED[f"contrib.{_module}.get_variables"] = _collected(tf.GraphKeys.GLOBAL_VARIABLES)
    ADDED[f"contrib.{_module}.get_model_variables"] = _collected(tf.GraphKeys.MODEL_VARIABLES)
    ADDED[f"contrib.{_module}.get_trainable_variables"] = _collected(tf.GraphKeys.TRAINABLE_VARIABLES)

# --- losses, metrics ---


def _swapped(today: Callable[..., Any], first: str, second: str) -> Callable[..., Any]:
    """A loss whose predictions came before its labels, as ``tf.losses`` has them no more."""

    @functools.wraps(today)
    def loss(*arguments: Any, **options: Any) -> Any:
        given = dict(zip((first, second), arguments, strict=False))
        return today(**given, **{"weights" if name == "weight" else name: each for name, each in options.items()},
                     **dict(zip(("weights",), arguments[2:], strict=False)))  # fmt: skip

    return loss


for _module in ("contrib.losses", "contrib.slim.losses"):
    ADDED.update({f"{_module}.{_name}": getattr(tf.losses, _name) for _name in dir(tf.losses) if _name[0] != "_"})
    for _name, _order in {
        "softmax_cross_entropy": ("logits", "onehot_labels"),
        "sigmoid_cross_entropy": ("logits", "multi_class_labels"),
        "sparse_softmax_cross_entropy": ("logits", "labels"),
        "log_loss": ("predictions", "labels"),
        "hinge_loss": ("logits", "labels"),
        "mean_squared_error": ("predictions", "labels"),
        "absolute_difference": ("predictions", "labels"),
    }.items():
        ADDED[f"{_module}.{_name}"] = _swapped(getattr(tf.losses, _name), *_order)


@adds("contrib.metrics.accuracy")
def accuracy(predictions: Any, labels: Any, weights: Any = None) -> Any:
    """The share of predictions that equal their labels."""
    right = tf.cast(tf.equal(predictions, labels), tf.float32)
    return tf.reduce_mean(right) if weights is None else tf.reduce_sum(right * weights) / tf.reduce_sum(weights)


# --- factorization ---


@adds("contrib.factorization.KMeans")
class KMeans:
    """Clusters by k-means: with the whole data set in each step Lloyd's iteration, else averages over mini-batches.

    Args:
        inputs: (N, D) float32, or a list of such.
        num_clusters: K.
        initial_clusters: "random" draws K of the inputs; an array (K, D) is taken as it is.
        distance_metric: "squared_euclidean" or "cosine".
        use_mini_batch: whether a step sees a part of the data.
        mini_batch_steps_per_iteration: not needed here: the averages are over all batches seen.
        random_seed: of the draw.
    """

    def __init__(
        self,
        inputs: Any,
        num_clusters: int,
        initial_clusters: Any = "random",
        distance_metric: str = "squared_euclidean",
        use_mini_batch: bool = False,
        mini_batch_steps_per_iteration: int = 1,
        random_seed: int = 0,
        **unused: Any,
    ) -> None:
        if distance_metric not in ("squared_euclidean", "cosine"):
            raise ValueError(f"unsupported distance metric {distance_metric!r}")
        self._inputs = tf.concat(inputs, 0) if isinstance(inputs, (list, tuple)) else tf.convert_to_tensor(inputs)
        self._count, self._initial, self._seed = int(num_clusters), initial_clusters, random_seed or None
        self._cosine, self._mini_batch = distance_metric == "cosine", use_mini_batch

    def training_graph(self) -> tuple[Any, ...]:
        """Build the graph.

        Returns:
            All distances and the nearest cluster's number and distance, each in a list as of one shard; whether the
            centers are set; the centers; the op that sets them; the op that trains a step.
        """
        inputs = tf.nn.l2_normalize(self._inputs, 1) if self._cosine else self._inputs
        size = int(inputs.shape[1])
        centers = tf.get_variable(
            "clusters", [self._count, size], inputs.dtype, tf.zeros_initializer(), trainable=False,
            collections=[tf.GraphKeys.GLOBAL_VARIABLES],
        )  # fmt: skip
        counts = tf.get_variable("counts", [self._count], inputs.dtype, tf.zeros_initializer(), trainable=False)
        ready = tf.get_variable("initialized", [], tf.bool, tf.zeros_initializer(), trainable=False)
        if isinstance(self._initial, str):
            drawn = tf.gather(inputs, tf.random_shuffle(tf.range(tf.shape(inputs)[0]), self._seed)[: self._count])
        else:
            drawn = tf.cast(tf.convert_to_tensor(self._initial), inputs.dtype)
        first = tf.cond(ready, lambda: tf.identity(centers), lambda: drawn)
        with tf.control_dependencies([tf.assign(centers, first)]):
            initialize = tf.assign(ready, True).op
        if self._cosine:
            distances = 1.0 - tf.matmul(inputs, tf.nn.l2_normalize(centers, 1), transpose_b=True)
        else:
            distances = (
                tf.reduce_sum(inputs**2, 1, keepdims=True)
                - 2.0 * tf.matmul(inputs, centers, transpose_b=True)
                + tf.reduce_sum(centers**2, 1)
            )
        nearest = tf.argmin(distances, 1)
        scores = tf.reduce_min(distances, 1)
        sums = tf.math.unsorted_segment_sum(inputs, nearest, self._count)
        numbers = tf.math.unsorted_segment_sum(tf.ones_like(scores), nearest, self._count)
        with tf.control_dependencies([ready]):
            if self._mini_batch:
                total = counts + numbers
                moved = centers + (sums - numbers[:, tf.newaxis] * centers) / tf.maximum(total, 1.0)[:, tf.newaxis]
                train = tf.group(tf.assign(centers, moved), tf.assign(counts, total))
            else:
                means = sums / tf.maximum(numbers, 1.0)[:, tf.newaxis]
                # A cluster that nothing is nearest to stays where it is.
                train = tf.group(tf.assign(centers, tf.where(numbers > 0, means, centers)))
        graph = ([distances], [nearest], [scores], ready, centers, initialize, train)
        # The centers came with 1.4: a script that takes six apart was written before.
        return graph if _unpacked(sys._getframe(1)) != 6 else graph[:4] + graph[5:]


def _unpacked(frame: types.FrameType) -> int | None:
    """Into how many names the caller takes apart what it has called for."""
    ahead = (each for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti)
    after = next((each for each in ahead if each.opname != "CACHE"), None)
    return after.argval if after is not None and after.opname == "UNPACK_SEQUENCE" else None


# --- learn's data sets ---


@adds("contrib.learn.datasets.base.Dataset")
class DataSet(NamedTuple):
    """A table, and what is to be learned of its rows."""

    data: Any
    target: Any


@adds(
    "contrib.learn.datasets.load_dataset",
    "contrib.learn.python.learn.datasets.load_dataset",
)
def load_dataset(name: str, *arguments: Any, **options: Any) -> Any:
    """The data sets that came with it: MNIST, and iris where scikit-learn is installed.

    Raises:
        UserError: any other.
    """
    if name == "mnist":
        return input_data.read_data_sets("MNIST-data", *arguments, **options)
    try:  # which has the same tables
        loaded = importlib.import_module("sklearn.datasets").load_iris() if name == "iris" else None
    except ImportError:
        loaded = None
    if loaded is not None:
        return DataSet(loaded.data, loaded.target)
    raise UserError(f"tf.contrib.learn.datasets: {name} came with TensorFlow 1; sklearn.datasets or tfds.load has it")


@adds("contrib.learn.datasets.load_iris", "contrib.learn.datasets.base.load_iris")
def load_iris(*arguments: Any, **options: Any) -> Any:
    """Was a file of TensorFlow's."""
    return load_dataset("iris")


@adds("contrib.learn.datasets.load_boston", "contrib.learn.datasets.base.load_boston")
def load_boston(*arguments: Any, **options: Any) -> Any:
    """Was a file of TensorFlow's."""
    return load_dataset("boston")


# --- training ---


@adds("contrib.training.HParams")
class HParams:
    """Hyperparameters by name."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def values(self) -> dict[str, Any]:
        """All of them."""
        return dict(self.__dict__)

    def add_hparam(self, name: str, value: Any) -> None:
        """One more."""
        setattr(self, name, value)
