"""``tf.contrib.layers``, which are those of ``tf.contrib.slim`` too."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.framework import add_arg_scope, layer
from legacy_tf1.compat.contrib.initializers import ZEROS, xavier_initializer
from legacy_tf1.compat.registry import ADDED, adds


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


@layer("fully_connected")
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


@layer("conv2d", "convolution2d", "convolution")
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


@layer("conv2d_transpose", "convolution2d_transpose")
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


@layer("separable_conv2d", "separable_convolution2d")
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


layer("max_pool2d")(_pooling("MAX", "MaxPool2D"))
layer("avg_pool2d")(_pooling("AVG", "AvgPool2D"))


@layer("dropout")
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


@layer("flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """(batch, ...) as (batch, product of the rest)."""
    with tf.name_scope(scope, "Flatten", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        rest = inputs.shape[1:].num_elements()
        outputs = tf.reshape(inputs, [tf.shape(inputs)[0], -1 if rest is None else rest])
        outputs.set_shape([inputs.shape[0], rest])
        return _finish(outputs, None, outputs_collections, scope)


@layer("one_hot_encoding")
@add_arg_scope
def one_hot_encoding(
    labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0, scope: Any = None
) -> Any:
    """Labels (batch,) as (batch, num_classes)."""
    with tf.name_scope(scope, "OneHotEncoding", [labels]):
        return tf.one_hot(tf.cast(labels, tf.int64), num_classes, on_value=on_value, off_value=off_value)


@layer("softmax")
def softmax(logits: Any, scope: Any = None) -> Any:
    """Over the last dimension."""
    return tf.nn.softmax(logits, name=scope)


@layer("bias_add")
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


@layer("repeat")
def repeat(inputs: Any, repetitions: int, layer: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The same layer several times, under scopes with numbers."""
    scope = options.pop("scope", None) or getattr(layer, "__name__", "repeat")
    with tf.variable_scope(scope, "Repeat", [inputs]):
        for number in range(repetitions):
            inputs = layer(inputs, *arguments, scope=f"{scope}_{number + 1}", **options)
    return inputs


@layer("stack")
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Sequence[Any], **options: Any) -> Any:
    """The same layer several times, each with its own arguments."""
    scope = options.pop("scope", None) or getattr(layer, "__name__", "stack")
    with tf.variable_scope(scope, "Stack", [inputs]):
        for number, arguments in enumerate(stack_args):
            arguments = arguments if isinstance(arguments, (list, tuple)) else [arguments]
            inputs = layer(inputs, *arguments, scope=f"{scope}_{number + 1}", **options)
    return inputs


@layer("embed_sequence")
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
