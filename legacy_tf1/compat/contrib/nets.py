"""``tf.contrib.slim.nets``: VGG, AlexNet, ResNet, Inception v1 and v3; checkpoints of TensorFlow 1 fit by name.

Sources: VGG arXiv:1409.1556, AlexNet v2 arXiv:1404.5997, ResNet v1 arXiv:1512.03385 and v2 arXiv:1603.05027,
Inception v1 arXiv:1409.4842 and v3 arXiv:1512.00567.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.framework import add_arg_scope, arg_scope
from legacy_tf1.compat.contrib.initializers import ZEROS, l2_regularizer, variance_scaling_initializer
from legacy_tf1.compat.contrib.layers import (
    collect_named_outputs,
    conv2d,
    convert_collection_to_dict,
    dropout,
    fully_connected,
    repeat,
    softmax,
)
from legacy_tf1.compat.contrib.normalization import batch_norm
from legacy_tf1.compat.registry import ADDED, adds

max_pool2d, avg_pool2d = ADDED["contrib.layers.max_pool2d"], ADDED["contrib.layers.avg_pool2d"]


def _end_points(scope: Any) -> str:
    return f"{scope.original_name_scope}_end_points"


# --- VGG, AlexNet ---


def _plain_arg_scope(name: str, biases: Any) -> None:
    @adds(name)
    def scope(weight_decay: float = 0.0005) -> Any:
        """Defaults of the network's layers."""
        with arg_scope(
            [conv2d, fully_connected], activation_fn=tf.nn.relu, weights_regularizer=l2_regularizer(weight_decay),
            biases_initializer=biases,
        ), arg_scope([conv2d], padding="SAME"), arg_scope([max_pool2d], padding="VALID") as found:  # fmt: skip
            return found


_plain_arg_scope("contrib.slim.nets.vgg.vgg_arg_scope", ZEROS)
_plain_arg_scope("contrib.slim.nets.alexnet.alexnet_v2_arg_scope", tf.constant_initializer(0.1))


def _classified(
    net: Any, size: int, num_classes: int, is_training: Any, keep_prob: float, squeeze: bool, entered: Any,
    **last: Any,
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """Logits (N, num_classes) by the dense layers of VGG and AlexNet as convolutions, and all layers by name."""
    net = conv2d(net, 4096, [size, size], padding="VALID", scope="fc6")
    net = dropout(net, keep_prob, is_training=is_training, scope="dropout6")
    net = conv2d(net, 4096, [1, 1], scope="fc7")
    net = dropout(net, keep_prob, is_training=is_training, scope="dropout7")
    net = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="fc8", **last)
    end_points = convert_collection_to_dict(_end_points(entered))
    if squeeze:
        net = tf.squeeze(net, [1, 2], name="fc8/squeezed")
        end_points[f"{entered.name}/fc8"] = net
    return net, end_points


def _vgg(name: str, convolutions: Sequence[int], size: int = 224) -> None:
    def vgg(
        inputs: Any,
        num_classes: int = 1000,
        is_training: Any = True,
        dropout_keep_prob: float = 0.5,
        spatial_squeeze: bool = True,
        scope: Any = name,
    ) -> tuple[Any, dict[str, Any]]:
        """Logits (N, num_classes) of images (N, 224, 224, 3), and all layers by name (arXiv:1409.1556)."""
        with (
            tf.variable_scope(scope, name, [inputs]) as entered,
            arg_scope([conv2d, fully_connected, max_pool2d], outputs_collections=_end_points(entered)),
        ):
            net = inputs
            for number, (times, width) in enumerate(zip(convolutions, (64, 128, 256, 512, 512), strict=True), 1):
                net = repeat(net, times, conv2d, width, [3, 3], scope=f"conv{number}")
                net = max_pool2d(net, [2, 2], scope=f"pool{number}")
            return _classified(net, 7, num_classes, is_training, dropout_keep_prob, spatial_squeeze, entered)

    vgg.__name__ = vgg.__qualname__ = name
    vgg.default_image_size = size  # type: ignore[attr-defined]
    ADDED[f"contrib.slim.nets.vgg.{name}"] = vgg


_vgg("vgg_a", (1, 1, 2, 2, 2))
_vgg("vgg_16", (2, 2, 3, 3, 3))
_vgg("vgg_19", (2, 2, 4, 4, 4))


@adds("contrib.slim.nets.alexnet.alexnet_v2")
def alexnet_v2(
    inputs: Any,
    num_classes: int = 1000,
    is_training: Any = True,
    dropout_keep_prob: float = 0.5,
    spatial_squeeze: bool = True,
    scope: Any = "alexnet_v2",
) -> tuple[Any, dict[str, Any]]:
    """Logits (N, num_classes) of images (N, 224, 224, 3), and all layers by name (arXiv:1404.5997)."""
    with (
        tf.variable_scope(scope, "alexnet_v2", [inputs]) as entered,
        arg_scope([conv2d, fully_connected, max_pool2d], outputs_collections=_end_points(entered)),
    ):
        net = conv2d(inputs, 64, [11, 11], 4, padding="VALID", scope="conv1")
        net = max_pool2d(net, [3, 3], 2, scope="pool1")
        net = conv2d(net, 192, [5, 5], scope="conv2")
        net = max_pool2d(net, [3, 3], 2, scope="pool2")
        for number, width in ((3, 384), (4, 384), (5, 256)):
            net = conv2d(net, width, [3, 3], scope=f"conv{number}")
        net = max_pool2d(net, [3, 3], 2, scope="pool5")
        with arg_scope(
            [conv2d], weights_initializer=tf.truncated_normal_initializer(0.0, 0.005),
            biases_initializer=tf.constant_initializer(0.1),
        ):  # fmt: skip
            return _classified(
                net, 5, num_classes, is_training, dropout_keep_prob, spatial_squeeze, entered,
                biases_initializer=tf.zeros_initializer(),
            )  # fmt: skip


alexnet_v2.default_image_size = 224  # type: ignore[attr-defined]


# --- ResNet ---


@adds("contrib.slim.nets.resnet_utils.Block")
class Block(NamedTuple):
    """Units of one scope: the function that makes them, and the arguments of each."""

    scope: str
    unit_fn: Callable[..., Any]
    args: list[dict[str, int]]


@adds("contrib.slim.nets.resnet_utils.subsample")
def subsample(inputs: Any, factor: int, scope: str | None = None) -> Any:
    """Every ``factor``-th pixel in height and width, (N, H, W, C)."""
    return inputs if factor == 1 else max_pool2d(inputs, [1, 1], stride=factor, scope=scope)


@adds("contrib.slim.nets.resnet_utils.conv2d_same")
def conv2d_same(
    inputs: Any, num_outputs: int, kernel_size: int, stride: int, rate: int = 1, scope: str | None = None
) -> Any:
    """A convolution that pads alike whatever the size of its inputs."""
    if stride == 1:
        return conv2d(inputs, num_outputs, kernel_size, stride=1, rate=rate, padding="SAME", scope=scope)
    padded = (kernel_size - 1) * rate
    around = [padded // 2, padded - padded // 2]
    inputs = tf.pad(inputs, [[0, 0], around, around, [0, 0]])
    return conv2d(inputs, num_outputs, kernel_size, stride=stride, rate=rate, padding="VALID", scope=scope)


@adds("contrib.slim.nets.resnet_utils.stack_blocks_dense")
@add_arg_scope
def stack_blocks_dense(
    net: Any, blocks: Sequence[Block], output_stride: int | None = None, outputs_collections: Any = None
) -> Any:
    """All blocks; from ``output_stride`` on strides become rates.

    Raises:
        ValueError: the strides do not multiply to it.
    """
    stride, rate = 1, 1
    for block in blocks:
        with tf.variable_scope(block.scope, "block", [net]) as entered:
            for number, unit in enumerate(block.args, 1):
                if output_stride is not None and stride > output_stride:
                    raise ValueError("the target output_stride cannot be reached")
                with tf.variable_scope(f"unit_{number}", values=[net]):
                    if output_stride is not None and stride == output_stride:
                        net = block.unit_fn(net, rate=rate, **{**unit, "stride": 1})
                        rate *= unit.get("stride", 1)
                    else:
                        net = block.unit_fn(net, rate=1, **unit)
                        stride *= unit.get("stride", 1)
            net = collect_named_outputs(outputs_collections, entered.name, net)
    if output_stride is not None and stride != output_stride:
        raise ValueError("the target output_stride cannot be reached")
    return net


@adds(
    "contrib.slim.nets.resnet_utils.resnet_arg_scope",
    "contrib.slim.nets.resnet_v1.resnet_arg_scope",
    "contrib.slim.nets.resnet_v2.resnet_arg_scope",
)
def resnet_arg_scope(*arguments: Any, is_training: Any = None, **options: Any) -> Any:
    """Defaults of the layers of ResNets; up to 1.0 ``is_training`` was the first of its arguments."""
    if arguments and (isinstance(arguments[0], bool) or tf.is_tensor(arguments[0])):
        is_training, arguments = arguments[0], arguments[1:]
    scope = _resnet_arg_scope(*arguments, **options)
    if is_training is None:
        return scope
    with arg_scope(scope), arg_scope([batch_norm], is_training=is_training) as found:
        return found


def _resnet_arg_scope(
    weight_decay: float = 0.0001,
    batch_norm_decay: float = 0.997,
    batch_norm_epsilon: float = 1e-5,
    batch_norm_scale: bool = True,
) -> Any:
    norm = {
        "decay": batch_norm_decay, "epsilon": batch_norm_epsilon, "scale": batch_norm_scale,
        "updates_collections": tf.GraphKeys.UPDATE_OPS,
    }  # fmt: skip
    with arg_scope(
        [conv2d], weights_regularizer=l2_regularizer(weight_decay), weights_initializer=variance_scaling_initializer(),
        activation_fn=tf.nn.relu, normalizer_fn=batch_norm, normalizer_params=norm,
    ), arg_scope([batch_norm], **norm), arg_scope([max_pool2d], padding="SAME") as found:  # fmt: skip
        return found


def _resnet(version: int) -> None:
    """Version 1 (arXiv:1512.03385) normalizes after each convolution, version 2 (arXiv:1603.05027) before a unit."""
    title = f"resnet_v{version}"
    place = f"contrib.slim.nets.{title}"

    @adds(f"{place}.bottleneck")
    @add_arg_scope
    def bottleneck(
        inputs: Any,
        depth: int,
        depth_bottleneck: int,
        stride: int,
        rate: int = 1,
        outputs_collections: Any = None,
        scope: Any = None,
    ) -> Any:
        """A unit: 1×1, 3×3 and 1×1 beside a shortcut."""
        with tf.variable_scope(scope, f"bottleneck_v{version}", [inputs]) as entered:
            plain = {"activation_fn": None} if version == 1 else {"activation_fn": None, "normalizer_fn": None}
            first = inputs if version == 1 else batch_norm(inputs, activation_fn=tf.nn.relu, scope="preact")
            if depth == int(inputs.shape[-1]):
                shortcut = subsample(inputs, stride, "shortcut")
            else:
                shortcut = conv2d(first, depth, [1, 1], stride=stride, scope="shortcut", **plain)
            residual = conv2d(first, depth_bottleneck, [1, 1], stride=1, scope="conv1")
            residual = conv2d_same(residual, depth_bottleneck, 3, stride, rate=rate, scope="conv2")
            residual = conv2d(residual, depth, [1, 1], stride=1, scope="conv3", **plain)
            outputs = shortcut + residual
            outputs = tf.nn.relu(outputs) if version == 1 else outputs
            return collect_named_outputs(outputs_collections, entered.name, outputs)

    @adds(f"{place}.{title}_block")
    def block(scope: str, base_depth: int, num_units: int, stride: int) -> Block:
        """Units of which the last takes the stride."""
        unit = {"depth": base_depth * 4, "depth_bottleneck": base_depth, "stride": 1}
        return Block(scope, bottleneck, [unit] * (num_units - 1) + [{**unit, "stride": stride}])

    @adds(f"{place}.{title}")
    def resnet(
        inputs: Any,
        blocks: Sequence[Block],
        num_classes: int | None = None,
        is_training: Any = None,
        global_pool: bool = True,
        output_stride: int | None = None,
        include_root_block: bool = True,
        reuse: Any = None,
        scope: Any = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Outputs (N, 1, 1, num_classes) of images, and those of all layers by name.

        Where ``is_training`` is not given, it is as the scope has it: that is how scripts of 1.0 said it.

        Raises:
            ValueError: ``output_stride`` is no multiple of 4.
        """
        with tf.variable_scope(scope, title, [inputs], reuse=reuse) as entered:
            names = _end_points(entered)
            with (
                arg_scope([conv2d, bottleneck, stack_blocks_dense], outputs_collections=names),
                arg_scope([batch_norm], **({} if is_training is None else {"is_training": is_training})),
            ):
                net = inputs
                if include_root_block:
                    if output_stride is not None:
                        if output_stride % 4:
                            raise ValueError("output_stride must be a multiple of 4")
                        output_stride //= 4
                    bare = {} if version == 1 else {"activation_fn": None, "normalizer_fn": None}
                    with arg_scope([conv2d], **bare):
                        net = conv2d_same(net, 64, 7, stride=2, scope="conv1")
                    net = max_pool2d(net, [3, 3], stride=2, scope="pool1")
                net = stack_blocks_dense(net, blocks, output_stride)
                if version == 2:
                    net = batch_norm(net, activation_fn=tf.nn.relu, scope="postnorm")
                if global_pool:
                    net = tf.reduce_mean(net, [1, 2], name="pool5", keepdims=True)
                if num_classes is not None:
                    net = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="logits")
                end_points = convert_collection_to_dict(names)
                if num_classes is not None:
                    end_points["predictions"] = softmax(net, scope="predictions")
                return net, end_points

    def of_depth(depth: int, units: Sequence[int]) -> None:
        name = f"{title}_{depth}"

        def network(
            inputs: Any,
            num_classes: int | None = None,
            is_training: Any = None,
            global_pool: bool = True,
            output_stride: int | None = None,
            reuse: Any = None,
            scope: Any = name,
        ) -> tuple[Any, dict[str, Any]]:
            """Outputs (N, 1, 1, num_classes) of images, and those of all layers by name, of this depth."""
            blocks = [
                block(f"block{number}", 32 * 2**number, count, 1 if number == 4 else 2)
                for number, count in enumerate(units, 1)
            ]
            return resnet(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)

        network.__name__ = network.__qualname__ = name
        network.default_image_size = 224  # type: ignore[attr-defined]
        ADDED[f"{place}.{name}"] = network

    for depth, units in {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3), 200: (3, 24, 36, 3)}.items():
        of_depth(depth, units)


_resnet(1)
_resnet(2)


# --- Inception v1 ---

# Channels of the branches: 1×1; 1×1 and 3×3; 1×1 and 3×3; 1×1 after pooling.
MIXED = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32), "Mixed_3c": (128, 128, 192, 32, 96, 64), "MaxPool_4a_3x3": (3,),
    "Mixed_4b": (192, 96, 208, 16, 48, 64), "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64), "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128), "MaxPool_5a_2x2": (2,), "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}  # fmt: skip


@adds("contrib.slim.nets.inception.inception_v1_base")
def inception_v1_base(
    inputs: Any, final_endpoint: str = "Mixed_5c", scope: Any = "InceptionV1"
) -> tuple[Any, dict[str, Any]]:
    """Features of images, up to one of the layers, and the outputs of all layers by name.

    Raises:
        ValueError: there is no layer of this name.
    """
    end_points: dict[str, Any] = {}
    stem: dict[str, Callable[[Any], Any]] = {
        "Conv2d_1a_7x7": lambda net: conv2d(net, 64, [7, 7], stride=2, scope="Conv2d_1a_7x7"),
        "MaxPool_2a_3x3": lambda net: max_pool2d(net, [3, 3], stride=2, scope="MaxPool_2a_3x3"),
        "Conv2d_2b_1x1": lambda net: conv2d(net, 64, [1, 1], scope="Conv2d_2b_1x1"),
        "Conv2d_2c_3x3": lambda net: conv2d(net, 192, [3, 3], scope="Conv2d_2c_3x3"),
        "MaxPool_3a_3x3": lambda net: max_pool2d(net, [3, 3], stride=2, scope="MaxPool_3a_3x3"),
    }
    layers = dict(stem)
    layers.update({name: functools.partial(_mixed, name, sizes) for name, sizes in MIXED.items()})
    if final_endpoint not in layers:
        raise ValueError(f"there is no layer {final_endpoint}; the layers are {', '.join(layers)}")
    with (
        tf.variable_scope(scope, "InceptionV1", [inputs]),
        arg_scope([conv2d, fully_connected], weights_initializer=tf.truncated_normal_initializer(0.0, 0.01)),
        arg_scope([conv2d, max_pool2d], stride=1, padding="SAME"),
    ):
        net = inputs
        for name, layer in layers.items():
            net = end_points[name] = layer(net)
            if name == final_endpoint:
                break
        return net, end_points


def _mixed(name: str, sizes: Sequence[int], net: Any) -> Any:
    if len(sizes) == 1:
        return max_pool2d(net, [sizes[0]] * 2, stride=2, scope=name)
    with tf.variable_scope(name):
        branches = []
        for number, channels in enumerate((sizes[:1], sizes[1:3], sizes[3:5], sizes[5:])):
            with tf.variable_scope(f"Branch_{number}"):
                branch = max_pool2d(net, [3, 3], scope="MaxPool_0a_3x3") if number == 3 else net
                first = "Conv2d_0b_1x1" if number == 3 else "Conv2d_0a_1x1"
                branch = conv2d(branch, channels[0], [1, 1], scope=first)
                if len(channels) == 2:
                    branch = conv2d(branch, channels[1], [3, 3], scope="Conv2d_0b_3x3")
                branches.append(branch)
        return tf.concat(branches, 3)


@adds("contrib.slim.nets.inception.inception_v1")
def inception_v1(
    inputs: Any,
    num_classes: int = 1000,
    is_training: Any = True,
    dropout_keep_prob: float = 0.8,
    prediction_fn: Callable[..., Any] = softmax,
    spatial_squeeze: bool = True,
    reuse: Any = None,
    scope: Any = "InceptionV1",
) -> tuple[Any, dict[str, Any]]:
    """Logits (N, num_classes) of images (N, 224, 224, 3), and all layers by name (arXiv:1409.4842)."""
    with (
        tf.variable_scope(scope, "InceptionV1", [inputs, num_classes], reuse=reuse) as entered,
        arg_scope([batch_norm, dropout], is_training=is_training),
    ):
        net, end_points = inception_v1_base(inputs, scope=entered)
        with tf.variable_scope("Logits"):
            net = avg_pool2d(net, [7, 7], stride=1, scope="AvgPool_0a_7x7")
            net = dropout(net, dropout_keep_prob, scope="Dropout_0b")
            logits = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="Conv2d_0c_1x1")
            logits = tf.squeeze(logits, [1, 2], name="SpatialSqueeze") if spatial_squeeze else logits
            end_points["Logits"], end_points["Predictions"] = logits, prediction_fn(logits, scope="Predictions")
        return logits, end_points


inception_v1.default_image_size = 224  # type: ignore[attr-defined]


@adds("contrib.slim.nets.inception.inception_v1_arg_scope", "contrib.slim.nets.inception.inception_arg_scope")
def inception_arg_scope(
    weight_decay: float = 0.00004,
    use_batch_norm: bool = True,
    batch_norm_decay: float = 0.9997,
    batch_norm_epsilon: float = 0.001,
) -> Any:
    """Defaults of the layers of Inception: weight decay and batch norm."""
    norm = {"decay": batch_norm_decay, "epsilon": batch_norm_epsilon, "updates_collections": tf.GraphKeys.UPDATE_OPS}
    normalizer = {"normalizer_fn": batch_norm, "normalizer_params": norm} if use_batch_norm else {}
    with arg_scope([conv2d, fully_connected], weights_regularizer=l2_regularizer(weight_decay)), arg_scope(
        [conv2d], weights_initializer=variance_scaling_initializer(), activation_fn=tf.nn.relu, **normalizer
    ) as found:  # fmt: skip
        return found


# --- Inception v3 ---

# Layers of a branch as NAME:CHANNELS, the kernel in the name; those that halve the size, and names that lie about
# their kernel, say so: NAME:CHANNELS:KERNEL:2. Two layers joined by + stand side by side.
POOLED = "AvgPool_0a_3x3 Conv2d_0b_1x1:{}"
SIDEWAYS = (
    "Conv2d_0a_1x1:192", "Conv2d_0a_1x1:{0} Conv2d_0b_1x7:{0} Conv2d_0c_7x1:192",
    "Conv2d_0a_1x1:{0} Conv2d_0b_7x1:{0} Conv2d_0c_1x7:{0} Conv2d_0d_7x1:{0} Conv2d_0e_1x7:192", POOLED.format(192),
)  # fmt: skip
WIDE = (
    "Conv2d_0a_1x1:320", "Conv2d_0a_1x1:384 Conv2d_0b_1x3:384+Conv2d_{}_3x1:384",
    "Conv2d_0a_1x1:448 Conv2d_0b_3x3:384 Conv2d_0c_1x3:384+Conv2d_0d_3x1:384", POOLED.format(192),
)  # fmt: skip
THRICE = "Conv2d_0a_1x1:64 Conv2d_0b_3x3:96 Conv2d_0c_3x3:96"
V3 = {
    "Conv2d_1a_3x3": 32, "Conv2d_2a_3x3": 32, "Conv2d_2b_3x3": 64, "MaxPool_3a_3x3": 0, "Conv2d_3b_1x1": 80,
    "Conv2d_4a_3x3": 192, "MaxPool_5a_3x3": 0,
    "Mixed_5b": ("Conv2d_0a_1x1:64", "Conv2d_0a_1x1:48 Conv2d_0b_5x5:64", THRICE, POOLED.format(32)),
    "Mixed_5c": ("Conv2d_0a_1x1:64", "Conv2d_0b_1x1:48 Conv_1_0c_5x5:64", THRICE, POOLED.format(64)),
    "Mixed_5d": ("Conv2d_0a_1x1:64", "Conv2d_0a_1x1:48 Conv2d_0b_5x5:64", THRICE, POOLED.format(64)),
    "Mixed_6a": (
        "Conv2d_1a_1x1:384:3x3:2", "Conv2d_0a_1x1:64 Conv2d_0b_3x3:96 Conv2d_1a_1x1:96:3x3:2", "MaxPool_1a_3x3",
    ),
    **{
        f"Mixed_6{letter}": tuple(branch.format(width) for branch in SIDEWAYS)
        for letter, width in (("b", 128), ("c", 160), ("d", 160), ("e", 192))
    },
    "Mixed_7a": (
        "Conv2d_0a_1x1:192 Conv2d_1a_3x3:320:3x3:2",
        "Conv2d_0a_1x1:192 Conv2d_0b_1x7:192 Conv2d_0c_7x1:192 Conv2d_1a_3x3:192:3x3:2", "MaxPool_1a_3x3",
    ),
    **{
        f"Mixed_7{letter}": tuple(branch.format(place) for branch in WIDE)
        for letter, place in (("b", "0b"), ("c", "0c"))
    },
}  # fmt: skip


def _layer_of(words: str, net: Any) -> Any:
    if "+" in words:
        return tf.concat([_layer_of(each, net) for each in words.split("+")], 3)
    name, *given = words.split(":")
    if name.startswith("AvgPool"):
        return avg_pool2d(net, [3, 3], stride=1, padding="SAME", scope=name)
    if name.startswith("MaxPool"):
        return max_pool2d(net, [3, 3], stride=2, padding="VALID", scope=name)
    kernel = [int(each) for each in (given[1] if len(given) > 1 else name.split("_")[-1]).split("x")]
    halved = len(given) > 2
    return conv2d(
        net, int(given[0]), kernel, stride=2 if halved else 1, padding="VALID" if halved else "SAME", scope=name
    )  # fmt: skip


@adds("contrib.slim.nets.inception.inception_v3_base")
def inception_v3_base(
    inputs: Any, final_endpoint: str = "Mixed_7c", scope: Any = "InceptionV3"
) -> tuple[Any, dict[str, Any]]:
    """Features of images, up to one of the layers, and the outputs of all layers by name.

    Raises:
        ValueError: there is no layer of this name.
    """
    if final_endpoint not in V3:
        raise ValueError(f"there is no layer {final_endpoint}; the layers are {', '.join(V3)}")
    end_points: dict[str, Any] = {}
    net = inputs
    with tf.variable_scope(scope, "InceptionV3", [inputs]):
        for name, made in V3.items():
            if isinstance(made, tuple):
                with tf.variable_scope(name):
                    branches = []
                    for number, words in enumerate(made):
                        with tf.variable_scope(f"Branch_{number}"):
                            branch = net
                            for word in words.split():
                                branch = _layer_of(word, branch)
                            branches.append(branch)
                    net = tf.concat(branches, 3)
            elif not made:
                net = max_pool2d(net, [3, 3], stride=2, padding="VALID", scope=name)
            else:
                kernel = [int(each) for each in name.split("_")[-1].split("x")]
                padding = "SAME" if name == "Conv2d_2b_3x3" else "VALID"
                stride = 2 if name == "Conv2d_1a_3x3" else 1
                net = conv2d(net, made, kernel, stride=stride, padding=padding, scope=name)
            end_points[name] = net
            if name == final_endpoint:
                break
    return net, end_points


@adds("contrib.slim.nets.inception.inception_v3")
def inception_v3(
    inputs: Any,
    num_classes: int | None = 1000,
    is_training: Any = True,
    dropout_keep_prob: float = 0.8,
    min_depth: int = 16,
    depth_multiplier: float = 1.0,
    prediction_fn: Callable[..., Any] = softmax,
    spatial_squeeze: bool = True,
    reuse: Any = None,
    create_aux_logits: bool = True,
    scope: Any = "InceptionV3",
) -> tuple[Any, dict[str, Any]]:
    """Logits (N, num_classes) of images (N, 299, 299, 3), and all layers by name (arXiv:1512.00567).

    Raises:
        ValueError: another width is asked for than the one whose weights were published.
    """
    if depth_multiplier != 1.0:
        raise ValueError("inception_v3 is here with depth_multiplier 1 alone")
    if min_depth > 32:  # of the narrowest layers
        raise ValueError(f"inception_v3 is here with a min_depth of up to 32, not {min_depth}")
    with (
        tf.variable_scope(scope, "InceptionV3", [inputs], reuse=reuse) as entered,
        arg_scope([batch_norm, dropout], is_training=is_training),
    ):
        net, end_points = inception_v3_base(inputs, scope=entered)
        last = {"activation_fn": None, "normalizer_fn": None}
        if create_aux_logits and num_classes:
            with tf.variable_scope("AuxLogits"):
                aux = avg_pool2d(end_points["Mixed_6e"], [5, 5], stride=3, padding="VALID", scope="AvgPool_1a_5x5")
                aux = conv2d(aux, 128, [1, 1], scope="Conv2d_1b_1x1")
                size = [min(5, int(each)) for each in aux.shape[1:3]]
                normal = tf.truncated_normal_initializer
                aux = conv2d(
                    aux, 768, size, padding="VALID", weights_initializer=normal(0.0, 0.01),
                    scope=f"Conv2d_2a_{size[0]}x{size[1]}",
                )  # fmt: skip
                aux = conv2d(aux, num_classes, [1, 1], weights_initializer=normal(0.0, 0.001), scope="Conv2d_2b_1x1",
                             **last)  # fmt: skip
                end_points["AuxLogits"] = tf.squeeze(aux, [1, 2], name="SpatialSqueeze") if spatial_squeeze else aux
        with tf.variable_scope("Logits"):
            size = [min(8, int(each)) for each in net.shape[1:3]]
            net = avg_pool2d(net, size, stride=2, padding="VALID", scope=f"AvgPool_1a_{size[0]}x{size[1]}")
            net = end_points["PreLogits"] = dropout(net, dropout_keep_prob, scope="Dropout_1b")
            if not num_classes:
                return net, end_points
            logits = conv2d(net, num_classes, [1, 1], scope="Conv2d_1c_1x1", **last)
            logits = tf.squeeze(logits, [1, 2], name="SpatialSqueeze") if spatial_squeeze else logits
        end_points["Logits"], end_points["Predictions"] = logits, prediction_fn(logits, scope="Predictions")
        return logits, end_points


inception_v3.default_image_size = 299  # type: ignore[attr-defined]
adds("contrib.slim.nets.inception.inception_v3_arg_scope")(inception_arg_scope)

for _name, _value in list(ADDED.items()):
    for _version in ("v1", "v3"):
        if _name.startswith(f"contrib.slim.nets.inception.inception_{_version}"):
            ADDED[_name.replace(".inception.", f".inception_{_version}.")] = _value
for _version in ("v1", "v2"):
    for _name in ("Block", "conv2d_same", "subsample", "stack_blocks_dense"):
        ADDED[f"contrib.slim.nets.resnet_{_version}.resnet_utils.{_name}"] = ADDED[
            f"contrib.slim.nets.resnet_utils.{_name}"
        ]
