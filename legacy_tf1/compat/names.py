"""Names and argument orders of ``tf`` that are older than TensorFlow 1.0, or that its later versions lost."""

from __future__ import annotations

import functools
import importlib
import operator
import sys
from typing import Any

import absl.flags
import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.python2 import Quotient
from legacy_tf1.compat.registry import ADDED, RENAMED, adds


def _dotted(name: str) -> Any:
    return functools.reduce(getattr, name.split("."), tf)


for _old, _new in RENAMED.items():
    ADDED[_old] = _dotted(_new)


@adds("concat")
def concat(values: Any, axis: Any = 0, name: str = "concat", concat_dim: Any = None) -> Any:
    """``tf.concat``; also as ``concat(concat_dim, values)``, the order of TensorFlow 0.x."""
    if concat_dim is not None:
        values, axis = (values if isinstance(values, (list, tuple)) else axis), concat_dim
    elif _is_axis(values) and not _is_axis(axis):
        values, axis = axis, values
    return tf.concat(values, axis, name=name)


@adds("split")
def split(
    value: Any, num_or_size_splits: Any = None, axis: Any = 0, num: Any = None, name: str = "split", **old: Any
) -> Any:
    """``tf.split``; also as ``split(split_dim, num_split, value)``, the order of TensorFlow 0.x."""
    if old:
        value = old.pop("input", value)
        number = old.pop("num_split", num_or_size_splits)
        dimension = old.pop("split_dim", axis)
        if old:
            raise TypeError(f"split() got an unexpected keyword argument {next(iter(old))!r}")
        if isinstance(value, (int, np.integer)):  # split(0, num_split=2, value=x) has it in another place
            value, dimension = dimension, value
        return tf.split(value, number, dimension, name=name)
    if _is_axis(value) and not _is_axis(axis):
        value, axis = axis, value
    return tf.split(value, num_or_size_splits, axis, num, name)


@adds("batch_matmul")
def batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Any:
    """Products of matrices, of TensorFlow 0.x."""
    return tf.matmul(x, y, adjoint_a=adj_x, adjoint_b=adj_y, name=name)


# Names of tensorflow.python's modules that have moved since → where they are today.
for _old, _new in {
    "framework.ops.Tensor": "Tensor",
    "framework.ops.IndexedSlices": "IndexedSlices",
    "framework.graph_util.convert_variables_to_constants": "graph_util.convert_variables_to_constants",
    "ops.control_flow_ops.cond": "cond",
    "ops.control_flow_ops.while_loop": "while_loop",
    "ops.control_flow_ops.case": "case",
    "ops.control_flow_ops.Assert": "Assert",
    "ops.array_ops.stack": "stack",
    "ops.array_ops.unstack": "unstack",
    "ops.functional_ops.map_fn": "map_fn",
    "ops.nn.dynamic_rnn": "nn.dynamic_rnn",
    "pywrap_tensorflow.NewCheckpointReader": "train.NewCheckpointReader",
    "layers.normalization.BatchNormalization": "layers.BatchNormalization",
    "layers.normalization.batch_normalization": "layers.batch_normalization",
}.items():
    ADDED[f"python.{_old}"] = _dotted(_new)

# Modules of tensorflow.python that have moved since.
for _old, _new in {
    "python.ops.constant_op": "framework.constant_op",
    "python.platform.default._gfile": "platform.gfile",
    "python.ops.op_def_library": "framework.op_def_library",
    "python.training.training_ops": "ops.gen_training_ops",
}.items():
    ADDED[_old] = importlib.import_module(f"tensorflow.python.{_new}")
# Gradients, of which guided backpropagation makes its own: their names had an underscore.
_kernels = importlib.import_module("tensorflow.python.ops.gen_nn_ops")
for _old in ("relu_grad", "relu6_grad", "elu_grad", "softplus_grad", "max_pool_grad", "avg_pool_grad"):
    ADDED[f"python.ops.gen_nn_ops._{_old}"] = getattr(_kernels, _old)
ADDED["python.keras"] = tf.keras
# The classes that are there today are those of TensorFlow 2, without iterators of a graph.
for _old in ("python.data", "python.data.ops.dataset_ops"):
    ADDED[f"{_old}.Dataset"] = tf.data.Dataset
for _old in ("TextLineDataset", "TFRecordDataset", "FixedLengthRecordDataset", "Iterator"):
    ADDED[f"python.data.{_old}"] = getattr(tf.data, _old)


def _soft(session: Any) -> Any:
    """A session that takes what there is for a GPU that is not there."""

    class Session(session):
        def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
            if not tf.config.list_physical_devices("GPU"):
                given, config = config, tf.ConfigProto(allow_soft_placement=True)
                if given is not None:
                    config.MergeFrom(given)
                    config.allow_soft_placement = True
            super().__init__(target, graph, config)

    Session.__name__ = Session.__qualname__ = session.__name__
    Session.__doc__ = session.__doc__
    return Session


for _old in ("Session", "InteractiveSession"):
    ADDED[_old] = _soft(getattr(tf, _old))

_apply_gradients = tf.train.Optimizer.apply_gradients


@functools.wraps(_apply_gradients)
def _apply_gradients_as_before(self: Any, grads_and_vars: Any, *arguments: Any, **options: Any) -> Any:
    """Slots were no variables of the scope before 1.0: one that reuses its variables made them anyway."""
    scope = tf.get_variable_scope()
    if scope.reuse is not True:
        return _apply_gradients(self, grads_and_vars, *arguments, **options)
    with tf.variable_scope(scope, reuse=tf.AUTO_REUSE):
        return _apply_gradients(self, grads_and_vars, *arguments, **options)


tf.train.Optimizer.apply_gradients = _apply_gradients_as_before

_sparse_tensor = tf.SparseTensor.__init__


@functools.wraps(_sparse_tensor)
def _sparse_tensor_as_before(self: Any, indices: Any, values: Any, dense_shape: Any = None, shape: Any = None) -> None:
    """Its shape was called that before 1.0."""
    _sparse_tensor(self, indices, values, dense_shape if shape is None else shape)


tf.SparseTensor.__init__ = _sparse_tensor_as_before

_ftrl = tf.train.FtrlOptimizer.__init__


@functools.wraps(_ftrl)
def _ftrl_as_before(self: Any, learning_rate: Any, *arguments: Any, **options: Any) -> None:
    """Its rate could be a whole number."""
    _ftrl(self, float(learning_rate) if isinstance(learning_rate, int) else learning_rate, *arguments, **options)


tf.train.FtrlOptimizer.__init__ = _ftrl_as_before


def _size(each: Any) -> Any:
    if isinstance(each, (np.integer, Quotient)):
        return int(operator.index(each))
    if isinstance(each, float) and each.is_integer():
        return int(each)
    if isinstance(each, tuple):  # a cell's state_size: before 1.0 it was the sum, of c and h side by side
        return sum(tf.nest.flatten(each))
    return each


def _shape_of_whole_numbers(shape: Any) -> Any:
    """A list of sizes of which one is NumPy's uint8, a quotient, or 1.0: all of these were whole numbers."""
    return [_size(each) for each in shape] if isinstance(shape, (list, tuple)) else shape


def _shaped(name: str, place: int) -> None:
    today = getattr(tf, name)

    @adds(name)
    @functools.wraps(today)
    def of_shape(*arguments: Any, **options: Any) -> Any:
        if "shape" in options:
            options["shape"] = _shape_of_whole_numbers(options["shape"])
        elif len(arguments) > place:
            shape = _shape_of_whole_numbers(arguments[place])
            arguments = (*arguments[:place], shape, *arguments[place + 1 :])
        return today(*arguments, **options)


# Name → which of its arguments is a shape.
SHAPED = {"truncated_normal": 0, "random_normal": 0, "random_uniform": 0, "zeros": 0, "ones": 0, "reshape": 1,
          "placeholder": 1, "get_variable": 1}  # fmt: skip
for _name, _place in SHAPED.items():
    _shaped(_name, _place)


def _sampled(name: str) -> None:
    today = getattr(tf.nn, name)

    @adds(f"nn.{name}")
    @functools.wraps(today)
    def loss(weights: Any, biases: Any, labels: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
        # TensorFlow 0.x took the inputs before the labels, which are whole numbers.
        if tf.convert_to_tensor(labels).dtype.is_floating and tf.convert_to_tensor(inputs).dtype.is_integer:
            labels, inputs = inputs, labels
        return today(weights, biases, labels, inputs, *arguments, **options)


for _name in ("nce_loss", "sampled_softmax_loss"):
    _sampled(_name)


@adds("nn.ctc_loss", "contrib.ctc.ctc_loss")
def ctc_loss(labels: Any, inputs: Any = None, sequence_length: Any = None, *rest: Any, **options: Any) -> Any:
    """As in 1.x; also with the inputs before the labels, as in 0.x."""
    if isinstance(inputs, tf.SparseTensor):
        labels, inputs = inputs, labels
    return tf.nn.ctc_loss(labels, inputs, sequence_length, *rest, **options)


for _name in ("ctc_beam_search_decoder", "ctc_greedy_decoder"):
    ADDED[f"contrib.ctc.{_name}"] = getattr(tf.nn, _name)


def _parse_flags(self: Any, args: Any = None) -> None:
    """Parse the command line, as scripts of 1.0 to 1.4 asked for; later it was done by itself."""
    if not self.is_parsed():
        self(sys.argv if args is None else [sys.argv[0], *args], known_only=True)


absl.flags.FlagValues._parse_flags = _parse_flags  # type: ignore[attr-defined]


# absl's own flags, which came into a TensorFlow script's later: it may define its own log_dir or verbosity.
for _name in absl.flags.FLAGS:
    absl.flags.FLAGS[_name].allow_override = True


@adds("constant")
@functools.wraps(tf.constant)
def constant(value: Any, *arguments: Any, **options: Any) -> Any:
    """As in 1.x; ``range`` made a list in Python 2."""
    return tf.constant(list(value) if isinstance(value, range) else value, *arguments, **options)


tf.register_tensor_conversion_function(
    range, lambda value, dtype=None, name=None, as_ref=False: tf.constant(list(value), dtype, name=name)
)


@adds("app.run")
def app_run(main: Any = None, argv: Any = None) -> None:
    """As in 1.x; an empty list stood for the command line before 1.5."""
    tf.app.run(main, argv or None)


@adds("app.flags.DEFINE_integer", "flags.DEFINE_integer")
def define_integer(name: str, default: Any, help: str | None, **options: Any) -> Any:
    """A flag of whole numbers; before 1.5 nobody asked whether its default was one, and 0.75 stayed what it was."""
    kind = tf.app.flags.DEFINE_float if isinstance(default, float) else tf.app.flags.DEFINE_integer
    return kind(name, default, help, **options)


def _is_axis(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _cross_entropy(name: str) -> None:
    today = getattr(tf.nn, name)

    @adds(f"nn.{name}")
    @functools.wraps(today)
    def of_logits(*arguments: Any, labels: Any = None, logits: Any = None, targets: Any = None, **options: Any) -> Any:
        # TensorFlow 0.x took (logits, labels) by position, 1.x takes names alone.
        given = [each for each in arguments if each is not None]
        if given and logits is None:
            logits = given.pop(0)
        labels = targets if labels is None else labels
        if given and labels is None:
            labels = given.pop(0)
        if given:
            options["name" if isinstance(given[0], str) else "dim"] = given[0]
        return today(labels=labels, logits=logits, **options)


for _name in (
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "sparse_softmax_cross_entropy_with_logits",
    "sigmoid_cross_entropy_with_logits",
):
    _cross_entropy(_name)


@adds("nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None
) -> Any:
    """As in 1.x, where the labels were called targets."""
    return tf.nn.weighted_cross_entropy_with_logits(
        labels=targets if labels is None else labels, logits=logits, pos_weight=pos_weight, name=name
    )


@adds("scalar_summary", "contrib.deprecated.scalar_summary")
def scalar_summary(tags: Any, values: Any, collections: Any = None, name: str | None = None) -> Any:
    """A scalar for TensorBoard, of TensorFlow 0.x."""
    return tf.summary.scalar(_tag(tags), tf.reshape(values, []), collections=collections)


@adds("histogram_summary", "contrib.deprecated.histogram_summary")
def histogram_summary(tag: Any, values: Any, collections: Any = None, name: str | None = None) -> Any:
    """A histogram, likewise."""
    return tf.summary.histogram(_tag(tag), values, collections=collections)


@adds("image_summary", "contrib.deprecated.image_summary")
def image_summary(tag: Any, tensor: Any, max_images: int = 3, collections: Any = None, name: str | None = None) -> Any:
    """Images, likewise."""
    return tf.summary.image(_tag(tag), tensor, max_outputs=max_images, collections=collections)


@adds("audio_summary", "contrib.deprecated.audio_summary")
def audio_summary(
    tag: Any, tensor: Any, sample_rate: float, max_outputs: int = 3, collections: Any = None, name: str | None = None
) -> Any:
    """Sounds, likewise."""
    return tf.summary.audio(_tag(tag), tensor, sample_rate, max_outputs=max_outputs, collections=collections)


def _tag(tag: Any) -> str:
    return str(tag[0] if isinstance(tag, (list, tuple)) else tag)


@adds("train.SummaryWriter")
class SummaryWriter(tf.summary.FileWriter):
    """``FileWriter`` under its old name, which took a graph's definition too."""

    def __init__(self, logdir: str, graph: Any = None, *arguments: Any, graph_def: Any = None, **options: Any) -> None:
        if graph is not None and not isinstance(graph, tf.Graph):
            graph, graph_def = None, graph  # sess.graph_def, by position
        super().__init__(logdir, graph, *arguments, graph_def=None, **options)
        if graph_def is not None:
            super().add_graph(tf.get_default_graph())


@adds("image.resize_images")
def resize_images(images: Any, size: Any, *rest: Any, **options: Any) -> Any:
    """As in 1.x; also with height and width apart, as in 0.x."""
    if rest and _is_axis(size) and _is_axis(rest[0]):
        size, rest = (size, rest[0]), rest[1:]
    return tf.image.resize_images(images, size, *rest, **options)
