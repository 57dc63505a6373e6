"""Layers of ``tf.contrib.layers`` that normalize."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.framework import add_arg_scope, layer
from legacy_tf1.compat.contrib.initializers import ONES, ZEROS
from legacy_tf1.compat.contrib.layers import _finish, _variable


@layer("batch_norm")
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


@layer("layer_norm")
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
