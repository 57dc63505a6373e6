"""The same functions with less work, while the fast path traces a step.

A model reads as its tutorial does: convolution with bias and relu, then pooling. Forward, oneDNN makes one kernel of
the first three. Backward, relu and bias can take their gradients behind the pooling: the largest of four values has
the sign and the bias that all of them had, so a quarter of the values is enough. Outputs are the same to the bit,
gradients up to the order of sums.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tfport import keras

LARGE = 1_000_000  # weights of a dense layer from which on they no longer fit into a core's cache


@contextlib.contextmanager
def lighter(model: Any) -> Iterator[None]:
    """Let the layers of a model compute in the lighter forms; afterwards they are as before."""
    calls: dict[Any, Callable[..., Any]] = {}
    for layer in model.layers:
        pool = _only_consumer(layer, model)
        if _convolves(layer) and _pools(pool):
            calls[layer] = _convolution_with_pooling(layer, pool)
            calls[pool] = tf.identity
        elif type(layer) is keras.layers.Dense and layer.built and layer.count_params() >= LARGE:
            calls[layer] = _dense(layer)
    for layer, call in calls.items():
        vars(layer)["call"] = call  # into __dict__: Keras 3 locks a layer that is built
    try:
        yield
    finally:
        for layer in calls:
            del vars(layer)["call"]


def _convolves(layer: Any) -> bool:
    """Whether a layer is a plain convolution with bias and relu."""
    if type(layer) is not keras.layers.Conv2D or layer.data_format != "channels_last" or not layer.use_bias:
        return False
    if layer.groups != 1 or layer.dilation_rate != (1, 1) or layer.padding not in ("same", "valid"):
        return False
    return layer.activation is keras.activations.relu and layer.activity_regularizer is None


def _pools(layer: Any) -> bool:
    return type(layer) is keras.layers.MaxPooling2D and layer.data_format == "channels_last"


def _only_consumer(layer: Any, model: Any) -> Any:
    """The layer that takes what another makes, where both do so once and nobody else sees it; else None."""
    nodes = getattr(layer, "_outbound_nodes", [])
    if len(nodes) != 1 or len(layer._inbound_nodes) != 1 or any(layer.output is each for each in model.outputs or ()):
        return None
    node: Any = nodes[0]
    consumer = node.outbound_layer if hasattr(node, "outbound_layer") else node.operation  # Keras 2, Keras 3
    return consumer if len(consumer._inbound_nodes) == 1 else None


def _convolution_with_pooling(layer: Any, pool: Any) -> Callable[..., Any]:
    strides, padding = [1, *layer.strides, 1], layer.padding.upper()
    windows = {"ksize": [1, *pool.pool_size, 1], "strides": [1, *pool.strides, 1], "padding": pool.padding.upper()}

    def call(inputs: Any, kernel: Any, bias: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any, Any]]]:
        outputs = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(inputs, kernel, strides, padding), bias))
        pooled = tf.nn.max_pool2d(outputs, **windows)

        def gradients(upstream: Any) -> tuple[Any, Any, Any]:
            active = tf.raw_ops.ReluGrad(gradients=upstream, features=pooled)
            spread = tf.raw_ops.MaxPoolGrad(orig_input=outputs, orig_output=pooled, grad=active, **windows)
            given = {"out_backprop": spread, "strides": strides, "padding": padding}
            return (
                tf.raw_ops.Conv2DBackpropInput(input_sizes=tf.shape(inputs), filter=kernel, **given),
                tf.raw_ops.Conv2DBackpropFilter(input=inputs, filter_sizes=tf.shape(kernel), **given),
                tf.raw_ops.BiasAddGrad(out_backprop=active),
            )

        return pooled, gradients

    return lambda inputs: tf.custom_gradient(call)(
        inputs, tf.convert_to_tensor(layer.kernel), tf.convert_to_tensor(layer.bias)
    )


def _dense(layer: Any) -> Callable[..., Any]:
    def call(inputs: Any, training: Any = None) -> Any:
        outputs = tf.custom_gradient(_product)(inputs, tf.convert_to_tensor(layer.kernel))
        if layer.use_bias:
            outputs = tf.nn.bias_add(outputs, tf.convert_to_tensor(layer.bias))
        return outputs if layer.activation is None else layer.activation(outputs)

    return call


def _product(inputs: Any, kernel: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """The product of both, with its two gradients one after the other.

    At once, each on all cores, they drive each other's part of the large kernel out of the caches; and kernel · gᵀ,
    transposed, is faster than g · kernelᵀ, which makes a transposed copy of the kernel.
    """

    def gradients(upstream: Any) -> tuple[Any, Any]:
        of_kernel = tf.matmul(inputs, upstream, transpose_a=True)
        with tf.control_dependencies([of_kernel]):
            of_inputs = tf.transpose(tf.matmul(kernel, upstream, transpose_b=True))
        return of_inputs, of_kernel

    return tf.matmul(inputs, kernel), gradients
