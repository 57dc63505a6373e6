"""What became of a name of TensorFlow: whether TensorFlow 2 has it, and what is in its place.

Read from the files in which the installed TensorFlow lists its public names, one line for each with the function or
class behind it; TensorFlow is not imported. A name that two of the lists lead to different things changed.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path
from typing import Literal

from legacy_tf1.compat.registry import RENAMED, heir_of
from tfport.errors import UserError

# "gone"; "v1 only": under tf.compat.v1 alone; "changed": TensorFlow 2 has another thing of that name; "kept": the same.
Status = Literal["gone", "v1 only", "changed", "kept"]

MODULE = "a module"
# Parts of TensorFlow 2 that are Keras's, which its own lists leave out.
KERAS_PARTS = ("activations", "callbacks", "initializers", "losses", "metrics", "optimizers", "regularizers")
PRIVATE = {"python", "core", "compiler", "dtensor", "tools", "tsl"}  # folders of the package, of no list
V1_PARTS = {"app", "flags", "layers"}  # those of tf.compat.v1 that the lists do not tell all of
# Arguments of TensorFlow 1's functions → what TensorFlow 2 calls them.
ARGUMENTS = {
    "keep_dims": "keepdims", "reduction_indices": "axis", "dimension": "axis", "squeeze_dims": "axis",
    "concat_dim": "axis", "split_dim": "axis", "seq_dim": "seq_axis", "batch_dim": "batch_axis",
}  # fmt: skip
# What takes the place of a name of TensorFlow 1 that the ledger does not tell of; "" is nothing. Longest match counts.
# Of the parts of tf.contrib themselves legacy_tf1.compat.registry tells.
HEIRS = {
    "AUTO_REUSE": "one layer, called twice",
    "ConfigProto": "tf.config.set_visible_devices and its neighbours",
    "FIFOQueue": "tf.data.Dataset",
    "GPUOptions": "tf.config.experimental.set_memory_growth",
    "GraphKeys": "model.trainable_variables, model.losses",
    "Print": "tf.print",
    "RandomShuffleQueue": "tf.data.Dataset.shuffle",
    "TFRecordReader": "tf.data.TFRecordDataset",
    "TextLineReader": "tf.data.TextLineDataset",
    "WholeFileReader": "tf.io.read_file",
    "add_to_collection": "layer.add_loss",
    "assign": "variable.assign(value)",
    "assign_add": "variable.assign_add(value)",
    "assign_sub": "variable.assign_sub(value)",
    "audio_summary": "tf.summary.audio",
    "contrib.layers.avg_pool2d": "keras.layers.AveragePooling2D",
    "contrib.layers.batch_norm": "keras.layers.BatchNormalization",
    "contrib.layers.conv2d": "keras.layers.Conv2D",
    "contrib.layers.conv2d_transpose": "keras.layers.Conv2DTranspose",
    "contrib.layers.dropout": "keras.layers.Dropout",
    "contrib.layers.embed_sequence": "keras.layers.Embedding",
    "contrib.layers.flatten": "keras.layers.Flatten",
    "contrib.layers.fully_connected": "keras.layers.Dense",
    "contrib.layers.l1_regularizer": "keras.regularizers.L1",
    "contrib.layers.l2_regularizer": "keras.regularizers.L2",
    "contrib.layers.layer_norm": "keras.layers.LayerNormalization",
    "contrib.layers.max_pool2d": "keras.layers.MaxPooling2D",
    "contrib.layers.one_hot_encoding": "tf.one_hot",
    "contrib.layers.optimize_loss": "keras.Model.compile and fit",
    "contrib.layers.separable_conv2d": "keras.layers.SeparableConv2D",
    "contrib.layers.softmax": "keras.layers.Softmax",
    "contrib.layers.variance_scaling_initializer": "keras.initializers.VarianceScaling(2.0)",
    "contrib.layers.xavier_initializer": "keras.initializers.GlorotUniform",
    "contrib.layers.xavier_initializer_conv2d": "keras.initializers.GlorotUniform",
    "data.make_initializable_iterator": "iter(dataset)",
    "data.make_one_shot_iterator": "iter(dataset)",
    "disable_eager_execution": "",
    "disable_v2_behavior": "",
    "div": "tf.divide, or // of whole numbers",
    "enable_eager_execution": "",
    "enable_v2_behavior": "",
    "get_collection": "model.trainable_variables, model.losses",
    "get_local_variable": "keras.metrics.Metric.add_variable",
    "get_variable": "keras.layers.Layer.add_weight",
    "get_variable_scope": "a layer, which owns its weights",
    "gfile": "tf.io.gfile",
    "global_variables": "model.variables",
    "gradients": "tf.GradientTape",
    "image.resize_bicubic": 'tf.image.resize(method="bicubic")',
    "image.resize_bilinear": "tf.image.resize",
    "image.resize_images": "tf.image.resize",
    "image.resize_nearest_neighbor": 'tf.image.resize(method="nearest")',
    "initializers": "keras.initializers",
    "keras.backend.get_session": "",
    "keras.backend.set_session": "",
    "keras.estimator": "keras.Model.fit",
    "keras.utils.multi_gpu_model": "tf.distribute.MirroredStrategy",
    "layers": "keras.layers",
    "layers.average_pooling2d": "keras.layers.AveragePooling2D",
    "layers.batch_normalization": "keras.layers.BatchNormalization",
    "layers.conv1d": "keras.layers.Conv1D",
    "layers.conv2d": "keras.layers.Conv2D",
    "layers.conv2d_transpose": "keras.layers.Conv2DTranspose",
    "layers.conv3d": "keras.layers.Conv3D",
    "layers.dense": "keras.layers.Dense",
    "layers.dropout": "keras.layers.Dropout",
    "layers.flatten": "keras.layers.Flatten",
    "layers.max_pooling2d": "keras.layers.MaxPooling2D",
    "layers.separable_conv2d": "keras.layers.SeparableConv2D",
    "local_variables": "keras.metrics.Metric.variables",
    "local_variables_initializer": "",
    "logging": "Python's logging",
    "losses": "keras.losses",
    "losses.absolute_difference": "keras.losses.MeanAbsoluteError",
    "losses.get_regularization_loss": "model.losses",
    "losses.huber_loss": "keras.losses.Huber",
    "losses.mean_squared_error": "keras.losses.MeanSquaredError",
    "losses.sigmoid_cross_entropy": "keras.losses.BinaryCrossentropy(from_logits=True)",
    "losses.softmax_cross_entropy": "keras.losses.CategoricalCrossentropy(from_logits=True)",
    "losses.sparse_softmax_cross_entropy": "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
    "make_template": "a layer, called twice",
    "metrics": "keras.metrics",
    "metrics.accuracy": "keras.metrics.Accuracy",
    "metrics.mean": "keras.metrics.Mean",
    "moving_average_variables": "keras.optimizers.Optimizer(use_ema=True)",
    "multinomial": "tf.random.categorical",
    "nn.bidirectional_dynamic_rnn": "keras.layers.Bidirectional",
    "nn.bidirectional_rnn": "keras.layers.Bidirectional",
    "nn.dynamic_rnn": "keras.layers.RNN",
    "nn.raw_rnn": "keras.layers.RNN",
    "nn.rnn": "keras.layers.RNN",
    "nn.rnn_cell": "keras.layers.LSTMCell and its neighbours",
    "nn.rnn_cell.BasicLSTMCell": "keras.layers.LSTMCell",
    "nn.rnn_cell.BasicRNNCell": "keras.layers.SimpleRNNCell",
    "nn.rnn_cell.GRUCell": "keras.layers.GRUCell",
    "nn.rnn_cell.LSTMCell": "keras.layers.LSTMCell",
    "nn.rnn_cell.MultiRNNCell": "keras.layers.StackedRNNCells",
    "nn.static_bidirectional_rnn": "keras.layers.Bidirectional",
    "nn.static_rnn": "keras.layers.RNN(cell, unroll=True)",
    "placeholder_with_default": "an argument of the model's call",
    "py_func": "tf.numpy_function",
    "reset_default_graph": "keras.backend.clear_session()",
    "saved_model.builder": "tf.saved_model.save",
    "saved_model.loader": "tf.saved_model.load",
    "saved_model.simple_save": "tf.saved_model.save",
    "sparse_placeholder": "keras.Input((784,), sparse=True)",
    "summary.merge": "a list of callbacks",
    "tables_initializer": "",
    "to_double": "tf.cast",
    "to_float": "tf.cast",
    "to_int32": "tf.cast",
    "to_int64": "tf.cast",
    "train.AdadeltaOptimizer": "keras.optimizers.Adadelta",
    "train.AdagradOptimizer": "keras.optimizers.Adagrad",
    "train.FtrlOptimizer": "keras.optimizers.Ftrl",
    "train.LoggingTensorHook": "keras.callbacks.Callback",
    "train.MomentumOptimizer": "keras.optimizers.SGD(0.01, momentum=0.9)",
    "train.MonitoredTrainingSession": "keras.Model.fit",
    "train.Optimizer": "keras.optimizers.Optimizer",
    "train.QueueRunner": "tf.data.Dataset",
    "train.RMSPropOptimizer": "keras.optimizers.RMSprop",
    "train.SessionRunHook": "keras.callbacks.Callback",
    "train.Supervisor": "keras.Model.fit",
    "train.SyncReplicasOptimizer": "tf.distribute.MirroredStrategy",
    "train.batch": "tf.data.Dataset.batch",
    "train.checkpoint_exists": "tf.train.latest_checkpoint",
    "train.cosine_decay": "keras.optimizers.schedules.CosineDecay",
    "train.create_global_step": "optimizer.iterations",
    "train.exponential_decay": "keras.optimizers.schedules.ExponentialDecay",
    "train.export_meta_graph": "tf.saved_model.save",
    "train.get_global_step": "optimizer.iterations",
    "train.get_or_create_global_step": "optimizer.iterations",
    "train.global_step": "optimizer.iterations",
    "train.import_meta_graph": "tf.saved_model.load",
    "train.inverse_time_decay": "keras.optimizers.schedules.InverseTimeDecay",
    "train.piecewise_constant": "keras.optimizers.schedules.PiecewiseConstantDecay",
    "train.polynomial_decay": "keras.optimizers.schedules.PolynomialDecay",
    "train.replica_device_setter": "tf.distribute.ParameterServerStrategy",
    "train.shuffle_batch": "tf.data.Dataset.shuffle, then batch",
    "train.slice_input_producer": "tf.data.Dataset.from_tensor_slices",
    "train.start_queue_runners": "tf.data.Dataset",
    "train.string_input_producer": "tf.data.Dataset.list_files",
    "trainable_variables": "model.trainable_variables",
    "variable_op_scope": "a layer, which owns its weights",
    "variable_scope": "a layer, which owns its weights",
    "variables_initializer": "",
}
# Parts of tf.contrib that had other parts' functions and classes.
SAME = {"contrib.slim.": "contrib.layers.", "contrib.rnn.": "nn.rnn_cell."}


def status(path: str) -> Status:
    """What became of a dotted name below ``tf``; of one that nobody knows, that it is gone.

    Raises:
        UserError: there is no TensorFlow whose names could be read.
    """
    parts = path.split(".")
    if parts[0] in PRIVATE:
        return "kept" if _is_there(parts) else "gone"
    if parts[0] in ("keras", "compat", "experimental") or path.startswith("_"):
        return "gone" if _heir(path) is not None else "kept"
    for number in range(len(parts), 0, -1):
        known = ".".join(parts[:number])
        of_v1, of_v2 = _listed("compat/v1").get(known), _listed("").get(known)
        if MODULE in (of_v1, of_v2) and number < len(parts):
            break  # what is below a module is listed itself; an attribute goes with its class
        if of_v2 is not None:
            return "kept" if of_v1 in (None, of_v2) else "changed"
        if of_v1 is not None:
            return "v1 only"
    if parts[0] in V1_PARTS:
        return "v1 only"
    # Keras's lists are of one Keras; what was experimental came and went with TensorFlow 2.
    return "kept" if parts[0] in KERAS_PARTS or "experimental" in parts else "gone"


def heir(path: str) -> str | None:
    """What is in the place of a dotted name below ``tf``; "" where nothing is; None where nobody knows."""
    became = status(path)
    if became == "kept":
        return f"tf.{path}"
    for part, same in SAME.items():
        if path.startswith(part) and path.replace(part, same, 1) in HEIRS:
            return HEIRS[path.replace(part, same, 1)]
    known = _heir(path)
    if known is not None:
        return known
    if path in RENAMED and not path.startswith("contrib"):
        return heir(RENAMED[path])
    return today(path) or (f"tf.compat.v1.{path}" if became == "v1 only" else heir_of(path))


def _heir(path: str) -> str | None:
    parts = path.split(".")
    known = (".".join(parts[:number]) for number in range(len(parts), 0, -1))
    return next((HEIRS[each] for each in known if each in HEIRS), None)


def today(path: str) -> str:
    """The name under which TensorFlow 2 has what this one stood for; "" where it has it no more."""
    if status(path) in ("kept", "changed"):
        return f"tf.{path}"
    if path in RENAMED and not path.startswith("contrib"):
        return today(RENAMED[path])
    return f"tf.{_moved()[path]}" if path in _moved() else ""


def is_public(path: str) -> bool:
    """Whether TensorFlow 1 or 2 has this name below ``tf``."""
    names = _listed("compat/v1").keys() | _listed("").keys() | RENAMED.keys() | HEIRS.keys()
    return path in names or path in V1_PARTS or path in ("contrib", "keras", "estimator")


@functools.cache
def _root(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(next(iter(found.submodule_search_locations))) if found and found.submodule_search_locations else None


def _is_there(parts: list[str]) -> bool:
    """Whether a private module is, or what would be in it."""
    at = _root("tensorflow")
    for part in parts:
        if at is None or not at.is_dir():
            return True  # a name in a module, which is not looked into
        if not (at / part).is_dir() and not any(at.glob(f"{part}.*")):
            package = at / "__init__.py"
            return package.is_file() and re.search(rf"\b{part}\b", package.read_text(encoding="utf-8")) is not None
        at = at / part
    return True


@functools.cache
def _listed(part: str) -> dict[str, str]:
    """Public names, ``nn.relu`` ..., and what each is: its module and its name there."""
    root = _root("tensorflow")
    if root is None or not (root / "_api" / "v2").is_dir():
        raise UserError("the names of TensorFlow cannot be read: install it (pip install tensorflow)")
    root = root / "_api" / "v2" / part
    found: dict[str, str] = {}
    for path in root.rglob("__init__.py") if part else [*root.glob("v2.py"), *root.rglob("__init__.py")]:
        below = [] if path.name == "v2.py" else list(path.parent.relative_to(root).parts)
        if part or below[:1] != ["compat"]:
            found |= _names(path, below)
    keras = _root("keras")
    if not part and keras is not None:
        for name in KERAS_PARTS:
            found[name] = MODULE
            for lists in (keras / "_tf_keras" / "keras", keras / "api" / "_v2" / "keras"):  # of Keras 3 and 2
                for path in (lists / name).rglob("__init__.py"):
                    found |= _names(path, list(path.parent.relative_to(lists).parts))
    if not part:  # TensorBoard's, which older lists leave out
        for name in ("audio", "histogram", "image", "scalar", "text"):
            found.setdefault(f"summary.{name}", f"tensorboard.summary.v2.{name}")
    return found


def _names(path: Path, below: list[str]) -> dict[str, str]:
    """Of a line like "from tensorflow.python.ops.nn_ops import relu_v2 as relu", in parentheses or not."""
    lines = re.findall(r"^from (\S+) import \(?\s*(\w+)(?: as (\w+))?", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        ".".join([*below, new or old]): MODULE if module.startswith("tensorflow._api") else f"{module}.{old}"
        for module, old, new in lines
    }


@functools.cache
def _moved() -> dict[str, str]:
    """Names of TensorFlow 1 → the shortest under which TensorFlow 2 has the same thing, or what became of it."""
    places: dict[str, str] = {}
    for name, thing in sorted(_listed("").items(), key=lambda each: (each[0].count("."), each[0])):
        places.setdefault(thing, name)
    for name, thing in _listed("compat/v1").items():  # parse_example was io.parse_example too
        if name in _listed(""):
            places.setdefault(thing, name)
    return {name: places[thing] for name, thing in _listed("compat/v1").items() if thing in places and thing != MODULE}
