"""The same functions with less work, while the fast path traces a step.

A model reads as its tutorial does: convolution with bias and relu, then pooling. But taking the largest of four values
commutes with adding one number to all four, and with relu: pooling first leaves bias and relu a quarter of the values.
Outputs are the same to the bit, gradients up to the order of sums.
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
        pool = _only_consumer(layer)
        if _convolves(layer) and type(pool) is keras.layers.MaxPooling2D and pool.data_format == "channels_last":
            calls[layer] = _convolution_alone(layer)
            calls[pool] = _pooling_before(pool, layer)
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
    """Whether a layer is a convolution whose end commutes with taking a maximum."""
    monotone = getattr(layer, "activation", None) in (keras.activations.relu, keras.activations.linear)
    return type(layer) is keras.layers.Conv2D and layer.use_bias and monotone


def _only_consumer(layer: Any) -> Any:
    """The layer that alone takes the outputs of another; None where there is none, or are several."""
    nodes = getattr(layer, "_outbound_nodes", [])
    if len(nodes) != 1:
        return None
    return getattr(nodes[0], "outbound_layer", None) or getattr(nodes[0], "operation", None)  # Keras 2, Keras 3


def _convolution_alone(layer: Any) -> Callable[..., Any]:
    return lambda inputs: layer.convolution_op(inputs, layer.kernel)


def _pooling_before(pool: Any, convolution: Any) -> Callable[..., Any]:
    pooled = type(pool).call.__get__(pool)
    return lambda inputs: convolution.activation(tf.nn.bias_add(pooled(inputs), tf.convert_to_tensor(convolution.bias)))


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
            of_inputs = tf.transpose(tf.matmul(kernel, tf.transpose(upstream)))
        return of_inputs, of_kernel

    return tf.matmul(inputs, kernel), gradients
