"""``tf.contrib.layers``: dense layers, convolutions, pooling and what stands between them."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.framework import add_arg_scope
from legacy_tf1.compat.contrib.initializers import ZEROS, xavier_initializer
from legacy_tf1.compat.registry import ADDED, adds

# --- what layers have in common ---


def make_variable(
    name: str, shape: Any, dtype: Any, initializer: Any, regularizer: Any, trainable: Any, kinds: Any
) -> Any:
    """A variable of a layer, in the collections of the model.

    Args:
        name: within the layer's scope.
        shape: list of sizes.
        dtype: of its values.
        initializer: as of ``tf.get_variable``.
        regularizer: likewise.
        trainable: likewise.
        kinds: further collections, for all variables of the layer or by their names.
    """
    own = kinds.get(name) if isinstance(kinds, dict) else kinds
    return tf.get_variable(
        name,
        shape,
        dtype.base_dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=list(
            dict.fromkeys([tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES, *_listed(own)])
        ),
    )  # fmt: skip


def _listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def finish(outputs: Any, activation_fn: Any, outputs_collections: Any, scope: Any) -> Any:
    """Activation; and outputs known by the name of their scope, where somebody collects them."""
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collect_named_outputs(outputs_collections, getattr(scope, "name", scope), outputs)


@adds("contrib.layers.utils.collect_named_outputs")
def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """Add outputs to collections, under a name of their own."""
    if collections:
        outputs.aliases = [alias.rstrip("/")]
        tf.add_to_collections(_listed(collections), outputs)
    return outputs


@adds("contrib.layers.utils.convert_collection_to_dict")
def convert_collection_to_dict(collection: str, clear_collection: bool = False) -> dict[str, Any]:
    """Name → outputs of a collection, in the order in which they came."""
    named = OrderedDict(
        (name, each)
        for each in tf.get_collection(collection)
        for name in getattr(each, "aliases", None) or [each.op.name]
    )
    if clear_collection:
        tf.get_default_graph().clear_collection(collection)
    return named


@adds("contrib.layers.utils.constant_value")
def constant_value(value: Any) -> bool | None:
    """Whether a flag is set; None where only the running graph knows."""
    if value is None or isinstance(value, (bool, int, np.bool_)):
        return bool(value)
    if isinstance(value, tf.Variable):
        return None
    found = tf.get_static_value(value)
    return None if found is None else bool(found)


@adds("contrib.layers.utils.smart_cond", "contrib.framework.smart_cond")
def smart_cond(pred: Any, fn1: Callable[[], Any], fn2: Callable[[], Any], name: str | None = None) -> Any:
    """``tf.cond``, but of the one function alone where the flag is known already."""
    known = constant_value(pred)
    if known is None:
        return tf.cond(tf.cast(pred, tf.bool), fn1, fn2, name=name)
    return fn1() if known else fn2()


@adds("contrib.layers.utils.last_dimension", "contrib.layers.utils.channel_dimension")
def last_dimension(shape: Any, min_rank: int = 1) -> int:
    """The size of the last dimension.

    Raises:
        ValueError: it is not known.
    """
    size = shape[-1]
    size = size.value if hasattr(size, "value") else size
    if size is None:
        raise ValueError(f"the last dimension of {shape} must be known")
    return int(size)


def _size(inputs: Any, axis: int, layer: str) -> int:
    size = inputs.shape[axis]
    size = size.value if hasattr(size, "value") else size
    if size is None:
        raise ValueError(f"{layer}: the size of dimension {axis % inputs.shape.ndims} of its inputs must be known")
    return int(size)


def each_dimension(size: Any, count: int = 2) -> list[int]:
    """One size for all dimensions, or one for each."""
    return [int(each) for each in size] if isinstance(size, (list, tuple)) else [int(size)] * count


@adds("contrib.layers.utils.two_element_tuple")
def two_element_tuple(int_or_tuple: Any) -> tuple[int, int]:
    """Height and width, given once or twice."""
    height, width = each_dimension(int_or_tuple)
    return height, width


def _channels_axis(data_format: str | None) -> int:
    if data_format is not None and data_format[0] != "N":
        raise ValueError(f"data_format {data_format}: it is NHWC or NCHW")
    return 1 if data_format is not None and data_format.startswith("NC") else -1


def _in_channels_last(function: Callable[[Any], Any], inputs: Any, data_format: str | None) -> Any:
    """Apply a function for channels last; processors have no other."""
    if _channels_axis(data_format) == -1:
        return function(inputs)
    rank = inputs.shape.ndims
    outputs = function(tf.transpose(inputs, [0, *range(2, rank), 1]))
    return tf.transpose(outputs, [0, rank - 1, *range(1, rank - 1)])


class _Made:
    """What becomes of the sums that a layer has computed: normalized or biased, activated, collected.

    Args:
        made: arguments of the layer, by name.
        inputs: its inputs.
        scope: which it is in.
    """

    def __init__(self, made: dict[str, Any], inputs: Any, scope: Any) -> None:
        self.made, self.inputs, self.scope = made, inputs, scope

    def weights(self, name: str, shape: list[int], initializer: Any = None) -> Any:
        made = self.made
        return make_variable(
            name, shape, self.inputs.dtype, initializer or made["weights_initializer"] or xavier_initializer(),
            made["weights_regularizer"], made["trainable"], made["variables_collections"],
        )  # fmt: skip

    def outputs(self, sums: Any, channels: int) -> Any:
        """Normalization takes the place of biases, as it did."""
        made = self.made
        if made["normalizer_fn"] is not None:
            sums = made["normalizer_fn"](sums, **(made["normalizer_params"] or {}))
        elif made["biases_initializer"] is not None:
            biases = make_variable(
                "biases", [channels], self.inputs.dtype, made["biases_initializer"], made["biases_regularizer"],
                made["trainable"], made["variables_collections"],
            )  # fmt: skip
            sums = add_biases(sums, biases, made.get("data_format"))
        return finish(sums, made["activation_fn"], made["outputs_collections"], self.scope)


def add_biases(inputs: Any, biases: Any, data_format: str | None = None) -> Any:
    """Biases on the channels."""
    if _channels_axis(data_format) == 1:
        return inputs + tf.reshape(biases, [1, -1, *([1] * (inputs.shape.ndims - 2))])
    return tf.nn.bias_add(inputs, biases)


# --- layers with weights ---


@adds("contrib.layers.fully_connected")
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
    trainable: Any = True,
    scope: Any = None,
) -> Any:
    """A dense layer on the last dimension, with relu unless another activation (or None) is given."""
    made = dict(locals())
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "fully_connected", [inputs], reuse=reuse) as entered:
        layer = _Made(made, inputs, entered)
        count = int(num_outputs)
        weights = layer.weights("weights", [_size(inputs, -1, "fully_connected"), count])
        rank = inputs.shape.ndims
        sums = tf.matmul(inputs, weights) if rank == 2 else tf.tensordot(inputs, weights, [[rank - 1], [0]])
        return layer.outputs(sums, count)


for _name, _activation in (("relu", tf.nn.relu), ("relu6", tf.nn.relu6), ("elu", tf.nn.elu), ("linear", None)):
    ADDED[f"contrib.layers.{_name}"] = functools.partial(fully_connected, activation_fn=_activation)


@adds("contrib.layers.legacy_fully_connected")
def legacy_fully_connected(
    x: Any,
    num_output_units: int,
    activation_fn: Any = None,
    weight_init: Any = None,
    bias_init: Any = ZEROS,
    name: Any = None,
    weight_collections: Any = (tf.GraphKeys.WEIGHTS,),
    bias_collections: Any = (tf.GraphKeys.BIASES,),
    output_collections: Any = (tf.GraphKeys.ACTIVATIONS,),
    trainable: bool = True,
    weight_regularizer: Any = None,
    bias_regularizer: Any = None,
) -> Any:
    """A dense layer under the names of before 1.0."""
    with tf.variable_scope(name, "fully_connected", [x]) as entered:
        x = tf.convert_to_tensor(x)
        count, rank = int(num_output_units), x.shape.ndims
        size = _size(x, -1, "legacy_fully_connected")
        weights = make_variable(
            "weights", [size, count], x.dtype, weight_init or xavier_initializer(), weight_regularizer, trainable,
            weight_collections,
        )  # fmt: skip
        outputs = tf.matmul(x, weights) if rank == 2 else tf.tensordot(x, weights, [[rank - 1], [0]])
        if bias_init is not None:
            outputs += make_variable("bias", [count], x.dtype, bias_init, bias_regularizer, trainable, bias_collections)
        return finish(outputs, activation_fn, output_collections, entered)


ADDED["contrib.layers.legacy_linear"] = legacy_fully_connected
ADDED["contrib.layers.legacy_relu"] = functools.partial(legacy_fully_connected, activation_fn=tf.nn.relu)


def _convolution(dimensions: int | None, name: str) -> Any:
    """A convolution of so many dimensions; of as many as its inputs have, if None."""

    def convolution(
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
        trainable: Any = True,
        scope: Any = None,
    ) -> Any:
        """A convolution, with relu unless another activation (or None) is given."""
        made = {key: value for key, value in locals().items() if key not in ("dimensions", "name")}
        inputs = tf.convert_to_tensor(inputs)
        with tf.variable_scope(scope, "Conv", [inputs], reuse=reuse) as entered:
            count = inputs.shape.ndims - 2
            if dimensions not in (None, count):
                raise ValueError(f"{name}: its inputs have {count + 2} dimensions, not {dimensions + 2}")
            layer = _Made(made, inputs, entered)
            channels = _size(inputs, _channels_axis(data_format), name)
            weights = layer.weights("weights", [*each_dimension(kernel_size, count), channels, int(num_outputs)])
            sums = _in_channels_last(
                lambda images: tf.nn.convolution(
                    images, weights, padding.upper(), strides=each_dimension(stride, count),
                    dilation_rate=each_dimension(rate, count),
                ),
                inputs,
                data_format,
            )  # fmt: skip
            return layer.outputs(sums, int(num_outputs))

    # The scopes of repeat() and stack() are called after it.
    convolution.__name__ = convolution.__qualname__ = name
    return add_arg_scope(convolution)


convolution = adds("contrib.layers.convolution")(_convolution(None, "convolution"))
conv1d = adds("contrib.layers.conv1d", "contrib.layers.convolution1d")(_convolution(1, "convolution1d"))
conv2d = adds("contrib.layers.conv2d", "contrib.layers.convolution2d")(_convolution(2, "convolution2d"))
conv3d = adds("contrib.layers.conv3d", "contrib.layers.convolution3d")(_convolution(3, "convolution3d"))


def _transposed_length(length: Any, kernel: int, stride: int, padding: str) -> Any:
    return length * stride + (max(kernel - stride, 0) if padding.upper() == "VALID" else 0)


def _conv_transpose(dimensions: int, name: str) -> Any:
    operation = {2: tf.nn.conv2d_transpose, 3: tf.nn.conv3d_transpose}[dimensions]

    def convolution_transpose(
        inputs: Any,
        num_outputs: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: str = "SAME",
        data_format: str | None = None,
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
        trainable: Any = True,
        scope: Any = None,
    ) -> Any:
        """A transposed convolution, with relu unless another activation (or None) is given."""
        made = {key: value for key, value in locals().items() if key not in ("dimensions", "name", "operation")}
        inputs = tf.convert_to_tensor(inputs)
        with tf.variable_scope(scope, f"Conv{dimensions}d_transpose", [inputs], reuse=reuse) as entered:
            layer = _Made(made, inputs, entered)
            count = int(num_outputs)
            kernel, strides = each_dimension(kernel_size, dimensions), each_dimension(stride, dimensions)
            channels = _size(inputs, _channels_axis(data_format), name)
            weights = layer.weights("weights", [*kernel, count, channels])

            def transposed(images: Any) -> Any:
                static, running = images.shape.as_list()[1:-1], tf.unstack(tf.shape(images))
                lengths = [
                    _transposed_length(running[place + 1] if size is None else size, *each, padding)
                    for place, (size, each) in enumerate(zip(static, zip(kernel, strides, strict=True), strict=True))
                ]
                outputs = operation(
                    images, weights, tf.stack([running[0], *lengths, count]), [1, *strides, 1], padding.upper()
                )
                known = [None if tf.is_tensor(length) else length for length in lengths]
                outputs.set_shape([images.shape[0], *known, count])
                return outputs

            return layer.outputs(_in_channels_last(transposed, inputs, data_format), count)

    convolution_transpose.__name__ = convolution_transpose.__qualname__ = name
    return add_arg_scope(convolution_transpose)


conv2d_transpose = adds("contrib.layers.conv2d_transpose", "contrib.layers.convolution2d_transpose")(
    _conv_transpose(2, "convolution2d_transpose")
)
conv3d_transpose = adds("contrib.layers.conv3d_transpose", "contrib.layers.convolution3d_transpose")(
    _conv_transpose(3, "convolution3d_transpose")
)


@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = None,
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    scope: Any = None,
) -> Any:
    """A convolution of each channel, then one of 1×1 unless ``num_outputs`` is None."""
    made = dict(locals())
    inputs = tf.convert_to_tensor(inputs)
    with tf.variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse) as entered:
        layer = _Made(made, inputs, entered)
        channels = _size(inputs, _channels_axis(data_format), "separable_conv2d")
        depthwise = layer.weights("depthwise_weights", [*each_dimension(kernel_size), channels, depth_multiplier])
        between = channels * depth_multiplier
        pointwise = None
        if num_outputs is not None:
            shape = [1, 1, between, int(num_outputs)]
            pointwise = layer.weights("pointwise_weights", shape, pointwise_initializer)

        def convolved(images: Any) -> Any:
            steps = [1, *each_dimension(stride), 1]
            sums = tf.nn.depthwise_conv2d(images, depthwise, steps, padding.upper(), rate=each_dimension(rate))
            return sums if pointwise is None else tf.nn.conv2d(sums, pointwise, [1, 1, 1, 1], "VALID")

        outputs = between if num_outputs is None else int(num_outputs)
        return layer.outputs(_in_channels_last(convolved, inputs, data_format), outputs)


adds("contrib.layers.separable_conv2d", "contrib.layers.separable_convolution2d")(separable_convolution2d)


@adds("contrib.layers.bias_add")
@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = ZEROS,
    regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: Any = True,
    data_format: str | None = None,
    scope: Any = None,
) -> Any:
    """Adds a variable bias to the channels."""
    with tf.variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as entered:
        inputs = tf.convert_to_tensor(inputs)
        size = [_size(inputs, _channels_axis(data_format), "bias_add")]
        biases = make_variable(
            "biases", size, inputs.dtype, initializer, regularizer, trainable, variables_collections
        )  # fmt: skip
        return finish(add_biases(inputs, biases, data_format), activation_fn, outputs_collections, entered)


@adds("contrib.layers.embedding_lookup_unique")
def embedding_lookup_unique(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None) -> Any:
    """``tf.nn.embedding_lookup``, which once was slower where numbers repeat."""
    return tf.nn.embedding_lookup(params, ids, partition_strategy, name)


@adds("contrib.layers.embed_sequence")
def embed_sequence(
    ids: Any,
    vocab_size: int | None = None,
    embed_dim: int | None = None,
    unique: bool = False,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    scope: Any = None,
    reuse: Any = None,
) -> Any:
    """Symbols (batch, length) as vectors (batch, length, embed_dim).

    Raises:
        ValueError: neither a size of the table is given nor one that is there to be used again.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(f"embed_sequence: vocab_size and embed_dim are {vocab_size} and {embed_dim}")
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = None if reuse and not (vocab_size and embed_dim) else [vocab_size, embed_dim]
        table = tf.get_variable(
            "embeddings", shape, initializer=initializer, regularizer=regularizer, trainable=trainable,
            collections=[tf.GraphKeys.MODEL_VARIABLES, tf.GraphKeys.GLOBAL_VARIABLES],
        )  # fmt: skip
        return tf.nn.embedding_lookup(table, ids)


# --- layers without ---


def _pooling(kind: str, dimensions: int) -> None:
    title = {"MAX": "Max", "AVG": "Avg"}[kind]
    operation = getattr(tf.nn, f"{kind.lower()}_pool{'3d' if dimensions == 3 else ''}")

    @add_arg_scope
    def pool(
        inputs: Any,
        kernel_size: Any,
        stride: Any = 2,
        padding: str = "VALID",
        data_format: str | None = None,
        outputs_collections: Any = None,
        scope: Any = None,
    ) -> Any:
        """The largest value, or the mean, of each window."""
        with tf.name_scope(scope, f"{title}Pool{dimensions}D", [inputs]) as entered:
            window, steps = ([1, *each_dimension(each, dimensions), 1] for each in (kernel_size, stride))
            outputs = _in_channels_last(
                lambda images: operation(images, window, steps, padding.upper()),
                tf.convert_to_tensor(inputs),
                data_format,
            )
            return finish(outputs, None, outputs_collections, entered)

    pool.__name__ = pool.__qualname__ = f"{kind.lower()}_pool{dimensions}d"
    adds(f"contrib.layers.{pool.__name__}")(pool)


for _dimensions in (2, 3):
    for _kind in ("MAX", "AVG"):
        _pooling(_kind, _dimensions)


@adds("contrib.layers.pool")
@add_arg_scope
def pool(
    inputs: Any,
    kernel_size: Any,
    pooling_type: str,
    padding: str = "VALID",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    stride: Any = 1,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Pooling of any kind and of as many dimensions as the inputs have."""
    inputs = tf.convert_to_tensor(inputs)
    count = inputs.shape.ndims - 2
    with tf.name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as entered:
        outputs = _in_channels_last(
            lambda images: tf.nn.pool(
                images, each_dimension(kernel_size, count), pooling_type, padding.upper(),
                each_dimension(dilation_rate, count), each_dimension(stride, count),
            ),
            inputs,
            data_format,
        )  # fmt: skip
        return finish(outputs, None, outputs_collections, entered)


@adds("contrib.layers.dropout")
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
    with tf.variable_scope(scope, "Dropout", [inputs]) as entered:
        inputs = tf.convert_to_tensor(inputs)
        outputs = smart_cond(
            is_training,
            lambda: tf.nn.dropout(inputs, keep_prob=keep_prob, noise_shape=noise_shape, seed=seed),
            lambda: tf.identity(inputs),
        )
        return finish(outputs, None, outputs_collections, entered)


@adds("contrib.layers.flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """(batch, ...) as (batch, product of the rest)."""
    with tf.name_scope(scope, "Flatten", [inputs]) as entered:
        inputs = tf.convert_to_tensor(inputs)
        rest = inputs.shape[1:].num_elements()
        outputs = tf.reshape(inputs, [tf.shape(inputs)[0], -1 if rest is None else rest])
        outputs.set_shape([inputs.shape[0], rest])
        return finish(outputs, None, outputs_collections, entered)


@adds("contrib.layers.one_hot_encoding")
@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: int,
    on_value: float = 1.0,
    off_value: float = 0.0,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Labels (batch,) as (batch, num_classes)."""
    with tf.name_scope(scope, "OneHotEncoding", [labels]) as entered:
        outputs = tf.one_hot(tf.cast(labels, tf.int64), num_classes, on_value=on_value, off_value=off_value)
        return finish(outputs, None, outputs_collections, entered)


@adds("contrib.layers.softmax")
@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Over the last dimension."""
    return tf.nn.softmax(logits, name=scope or "softmax")


@adds("contrib.layers.maxout")
@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> Any:
    """The largest of each group of channels, of which ``num_units`` are left.

    Raises:
        ValueError: the channels are no multiple of them.
    """
    with tf.name_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        place = axis % inputs.shape.ndims
        channels = _size(inputs, place, "maxout")
        if channels % num_units:
            raise ValueError(f"maxout: {channels} channels are no multiple of {num_units} units")
        sizes = [-1 if size is None else size for size in inputs.shape.as_list()]
        groups = [*sizes[:place], num_units, channels // num_units, *sizes[place + 1 :]]
        return tf.reduce_max(tf.reshape(inputs, groups), place + 1)


# --- layers over layers ---


def _name_of(layer: Any, otherwise: str) -> str:
    """The name of a layer, of a functools.partial that of its function."""
    return str(getattr(layer, "__name__", None) or getattr(getattr(layer, "func", None), "__name__", otherwise))


@adds("contrib.layers.repeat")
@add_arg_scope
def repeat(inputs: Any, repetitions: int, layer: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The same layer several times, under scopes with numbers."""
    scope = options.pop("scope", None)
    with tf.variable_scope(scope, "Repeat", [inputs]):
        name = _name_of(layer, "repeat") if scope is None else scope
        for number in range(repetitions):
            inputs = layer(inputs, *arguments, **{**options, "scope": f"{name}_{number + 1}"})
    return inputs


@adds("contrib.layers.stack")
@add_arg_scope
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Sequence[Any], **options: Any) -> Any:
    """The same layer several times, each with its own arguments."""
    scope = options.pop("scope", None)
    with tf.variable_scope(scope, "Stack", [inputs]):
        name = _name_of(layer, "stack") if scope is None else scope
        for number, arguments in enumerate(stack_args):
            arguments = arguments if isinstance(arguments, (list, tuple)) else [arguments]
            inputs = layer(inputs, *arguments, **{**options, "scope": f"{name}_{number + 1}"})
    return inputs


# --- summaries ---


@adds("contrib.layers.summarize_tensor")
def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """A scalar or a histogram of a tensor."""
    name = tag or tensor.op.name
    return tf.summary.scalar(name, tensor) if tensor.shape.ndims == 0 else tf.summary.histogram(name, tensor)


@adds("contrib.layers.summarize_activation")
def summarize_activation(op: Any) -> Any:
    """A histogram of activations; of relu's the share of zeros too."""
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        tf.summary.scalar(f"{op.op.name}/zeros", tf.reduce_mean(tf.cast(tf.equal(op, 0.0), tf.float32)))
    return tf.summary.histogram(f"{op.op.name}/activation", op)


@adds("contrib.layers.summarize_tensors")
def summarize_tensors(tensors: Any, summarizer: Callable[[Any], Any] = summarize_tensor) -> list[Any]:
    """A summary of each."""
    return [summarizer(tensor) for tensor in tensors]


@adds("contrib.layers.summarize_collection")
def summarize_collection(
    collection: str, name_filter: str | None = None, summarizer: Callable[[Any], Any] = summarize_tensor
) -> list[Any]:
    """A summary of each tensor of a collection."""
    return summarize_tensors(tf.get_collection(collection, name_filter), summarizer)


@adds("contrib.layers.summarize_activations")
def summarize_activations(name_filter: str | None = None, summarizer: Any = summarize_activation) -> list[Any]:
    """A summary of each activation that was collected."""
    return summarize_collection(tf.GraphKeys.ACTIVATIONS, name_filter, summarizer)
