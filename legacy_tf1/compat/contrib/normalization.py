"""Layers of ``tf.contrib.layers`` that normalize."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from tensorflow.python.training import moving_averages

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.framework import add_arg_scope, add_model_variable
from legacy_tf1.compat.contrib.initializers import ONES, ZEROS
from legacy_tf1.compat.contrib.layers import constant_value, finish, make_variable, smart_cond
from legacy_tf1.compat.registry import adds


@adds("contrib.layers.batch_norm")
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
    renorm_clipping: Any = None,
    renorm_decay: float = 0.99,
    adjustment: Any = None,
) -> Any:
    """Batch normalization; the moving averages are updated by what it adds to ``updates_collections``.

    Where that is None they are updated whenever the outputs are computed in training. For inputs of two and of four
    dimensions, unless ``fused`` is False, the moving variance is that of a sample (with n - 1), as the fused kernel
    of TensorFlow 1 computed it; else it is the mean square.
    """
    inputs = tf.convert_to_tensor(inputs)
    rank = inputs.shape.ndims
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"batch_norm: data_format is NHWC or NCHW, not {data_format}")
    axis = 1 if data_format == "NCHW" else rank - 1
    initial = param_initializers or {}
    with tf.variable_scope(scope, "BatchNorm", [inputs], reuse=reuse) as entered:
        if renorm or adjustment is not None:
            layer = tf.layers.BatchNormalization(
                axis, decay, epsilon, center, scale, initial.get("beta", ZEROS), initial.get("gamma", ONES),
                initial.get("moving_mean", ZEROS), initial.get("moving_variance", ONES), trainable=trainable,
                renorm=renorm, renorm_clipping=renorm_clipping, renorm_momentum=renorm_decay, adjustment=adjustment,
                name=entered.name, _scope=entered, _reuse=reuse,
            )  # fmt: skip
            outputs = layer.apply(inputs, training=is_training)
            for variable in layer.variables:
                add_model_variable(variable)
            return finish(outputs, activation_fn, outputs_collections, entered)

        size = [int(inputs.shape[axis])]
        dtype = tf.float32 if inputs.dtype.base_dtype.size < 4 else inputs.dtype
        make = functools.partial(make_variable, shape=size, dtype=dtype, kinds=variables_collections)
        regularizers = param_regularizers or {}
        beta = gamma = None
        if center:
            beta = make("beta", initializer=initial.get("beta", ZEROS), regularizer=regularizers.get("beta"),
                        trainable=trainable)  # fmt: skip
        if scale:
            gamma = make("gamma", initializer=initial.get("gamma", ONES), regularizer=regularizers.get("gamma"),
                         trainable=trainable)  # fmt: skip
        moving = [
            make(name, initializer=initial.get(name, of), regularizer=None, trainable=False)
            for name, of in (("moving_mean", ZEROS), ("moving_variance", ONES))
        ]
        axes = [each for each in range(rank) if each != axis]
        of_a_sample = fused is not False and batch_weights is None and rank in (2, 4)
        if of_a_sample and axis == rank - 1 and dtype == tf.float32:
            normalize = functools.partial(_fused, inputs, beta, gamma, epsilon)
        else:
            normalize = functools.partial(_plain, inputs, axes, beta, gamma, epsilon, batch_weights, of_a_sample)
        outputs, *batch = smart_cond(
            is_training, normalize, lambda: (normalize(*moving)[0], *map(tf.identity, moving))
        )  # fmt: skip

        def updates() -> list[Any]:
            return [
                moving_averages.assign_moving_average(average, value, decay, zero_debias=zero_debias)
                for average, value, zero_debias in zip(moving, batch, (zero_debias_moving_mean, False), strict=True)
            ]

        if constant_value(is_training) is not False:
            if updates_collections is None:

                def updated() -> Any:
                    with tf.control_dependencies(updates()):
                        return tf.identity(outputs)

                outputs = smart_cond(is_training, updated, lambda: tf.identity(outputs))
            else:
                for update in smart_cond(is_training, updates, lambda: list(map(tf.identity, moving))):
                    tf.add_to_collections(updates_collections, update)
        outputs.set_shape(inputs.shape)
        return finish(outputs, activation_fn, outputs_collections, entered)


def _fused(
    inputs: Any, beta: Any, gamma: Any, epsilon: float, mean: Any = None, variance: Any = None
) -> tuple[Any, Any, Any]:
    """Outputs, mean and variance of a sample, channels last; with a mean and a variance as given by these."""
    size = int(inputs.shape[-1])
    images = inputs if inputs.shape.ndims == 4 else tf.reshape(inputs, [-1, 1, 1, size])
    gamma = tf.ones([size]) if gamma is None else gamma
    beta = tf.zeros([size]) if beta is None else beta
    outputs, mean, variance = tf.nn.fused_batch_norm(
        images, gamma, beta, mean, variance, epsilon, is_training=mean is None
    )
    return (outputs if inputs.shape.ndims == 4 else tf.reshape(outputs, tf.shape(inputs))), mean, variance


def _plain(
    inputs: Any, axes: list[int], beta: Any, gamma: Any, epsilon: float, batch_weights: Any, of_a_sample: bool,
    mean: Any = None, variance: Any = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """The same in elementary steps."""
    found = sample = None
    if mean is None:
        if batch_weights is None:
            mean, variance = tf.nn.moments(inputs, axes)
        else:
            weights = tf.reshape(tf.cast(batch_weights, inputs.dtype), [-1, *([1] * (inputs.shape.ndims - 1))])
            mean, variance = tf.nn.weighted_moments(inputs, axes, weights)
        found, sample = mean, variance
        if of_a_sample:
            count = tf.cast(tf.size(inputs) / tf.size(mean), variance.dtype)
            sample = variance * count / tf.maximum(count - 1.0, 1.0)
    across = [size if place not in axes else 1 for place, size in enumerate(inputs.shape.as_list())]
    mean, variance, beta, gamma = (
        None if each is None else tf.reshape(each, across) for each in (mean, variance, beta, gamma)
    )
    outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
    return outputs, found, sample


def _scaled_and_shifted(
    shape: Sequence[int], center: bool, scale: bool, initializers: Any, trainable: bool, dtype: Any, kinds: Any
) -> tuple[Any, Any]:
    """Variables beta and gamma, each None where it is not wanted."""

    def made(name: str, initializer: Any) -> Any:
        given = (initializers or {}).get(name, initializer)
        return make_variable(name, list(shape), dtype, given, None, trainable, kinds)

    return made("beta", ZEROS) if center else None, made("gamma", ONES) if scale else None


@adds("contrib.layers.layer_norm")
@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
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
        beta, gamma = _scaled_and_shifted(shape, center, scale, None, trainable, inputs.dtype, variables_collections)
        mean, variance = tf.nn.moments(inputs, list(range(begin_norm_axis % rank, rank)), keep_dims=True)
        epsilon = 1e-3 if inputs.dtype == tf.float16 else 1e-12
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        return finish(outputs, activation_fn, outputs_collections, entered)


@adds("contrib.layers.instance_norm")
@add_arg_scope
def instance_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """Each channel of each example normalized by itself."""
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as entered:
        rank = inputs.shape.ndims
        axis = 1 if data_format == "NCHW" else rank - 1
        size = int(inputs.shape[axis])
        parameters = _scaled_and_shifted(
            [size], center, scale, param_initializers, trainable, inputs.dtype, variables_collections
        )
        across = [1] * rank
        across[axis] = size
        beta, gamma = (None if each is None else tf.reshape(each, across) for each in parameters)
        mean, variance = tf.nn.moments(inputs, [each for each in range(1, rank) if each != axis], keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        return finish(outputs, activation_fn, outputs_collections, entered)


@adds("contrib.layers.group_norm")
@add_arg_scope
def group_norm(
    inputs: Any,
    groups: int = 32,
    channels_axis: int = -1,
    reduction_axes: Sequence[int] = (-3, -2),
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-6,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    mean_close_to_zero: bool = False,
) -> Any:
    """Groups of channels normalized together.

    Raises:
        ValueError: the channels are no multiple of the groups.
    """
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "GroupNorm", [inputs], reuse=reuse) as entered:
        rank = inputs.shape.ndims
        axis = channels_axis % rank
        size = int(inputs.shape[axis])
        if size % groups:
            raise ValueError(f"group_norm: {size} channels are no multiple of {groups} groups")
        parameters = _scaled_and_shifted(
            [size], center, scale, param_initializers, trainable, inputs.dtype, variables_collections
        )
        static, running = inputs.shape.as_list(), tf.shape(inputs)
        sizes = [running[place] if each is None else each for place, each in enumerate(static)]
        grouped = tf.reshape(inputs, [*sizes[:axis], groups, size // groups, *sizes[axis + 1 :]])
        reduced = [each % rank for each in reduction_axes]
        axes = sorted([each if each < axis else each + 1 for each in reduced] + [axis + 1])
        mean, variance = tf.nn.moments(grouped, axes, keep_dims=True)
        across = [1] * (rank + 1)
        across[axis : axis + 2] = [groups, size // groups]
        beta, gamma = (None if each is None else tf.reshape(each, across) for each in parameters)
        outputs = tf.nn.batch_normalization(grouped, mean, variance, beta, gamma, epsilon)
        outputs = tf.reshape(outputs, sizes)
        outputs.set_shape(inputs.shape)
        return finish(outputs, activation_fn, outputs_collections, entered)


@adds("contrib.layers.unit_norm")
@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """Inputs of length 1 along a dimension."""
    with tf.variable_scope(scope, "UnitNorm", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        return inputs / tf.sqrt(epsilon + tf.reduce_sum(tf.square(inputs), dim, keepdims=True))
