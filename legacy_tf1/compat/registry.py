"""What TensorFlow 1 had and ``tf.compat.v1`` lacks, by dotted name; who used it; and what cannot be had.

The modules beside this one fill :data:`ADDED` when they are imported; :mod:`legacy_tf1.compat.surface` serves it.
"""

from __future__ import annotations

import collections
import dis
import functools
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

ADDED: dict[str, Any] = {}  # "contrib.layers.flatten" → what stands for it
USED: dict[str, collections.Counter[str]] = {}  # name → places of the script, and how often


def adds(*names: str) -> Callable[[T], T]:
    """Decorator: this function or class is what the surface has under these names."""

    def add(value: T) -> T:
        ADDED.update(dict.fromkeys(names, value))
        return value

    return add


def used(name: str, depth: int = 2, place: str = "") -> None:
    """Note for the report that the script used something that only this layer has.

    Args:
        name: what.
        depth: how many frames up the script's line is looked for, at least.
        place: instead of that line.
    """
    frame = sys._getframe(depth)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(("legacy_tf1.", "importlib.")):
        frame = frame.f_back  # type: ignore[assignment]
    if not place:
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "?"
    USED.setdefault(name, collections.Counter())[place] += 1


def noted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose use is noted under this name."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        used(name)
        return function(*arguments, **options)

    return call


def with_options(today: Callable[..., Any], words: dict[str, str | None], title: str) -> Callable[..., Any]:
    """A function that takes options of before too, where it does not take them any more.

    Args:
        today: the function.
        words: option → what it is called now; None leaves it out.
        title: what the function is called in the report.
    """
    known = inspect.signature(today).parameters
    gone = {before: now for before, now in words.items() if before not in known}

    @functools.wraps(today)
    def as_before(*arguments: Any, **options: Any) -> Any:
        for before in gone.keys() & options.keys():
            used(f"{title}({before}=)")
            value, now = options.pop(before), gone[before]
            if now is not None:
                options[now] = value
        return today(*arguments, **options)

    return as_before


def put(module: Any, title: str, names: dict[str, Any]) -> None:
    """Give a module or a class the names that it lacks.

    Args:
        module: or class.
        title: what it is called in the report.
        names: and what they stand for.
    """
    for name, value in names.items():
        # NumPy answers such names with an explanation, so it is its dictionary that is asked.
        if name not in vars(module):
            plain = isinstance(value, type) or not isinstance(value, types.FunctionType | types.BuiltinFunctionType)
            setattr(module, name, value if plain else noted(f"{title}.{name}", value))


def unpacked(frame: types.FrameType) -> int | None:
    """Into how many names the caller takes apart what it has called for."""
    ahead = (each for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti)
    after = next((each for each in ahead if each.opname != "CACHE"), None)
    return after.argval if after is not None and after.opname == "UNPACK_SEQUENCE" else None


class Gone(AttributeError):
    """A name of TensorFlow 1 that cannot be had; the message says what is in its place, if something is."""


# Those of TensorFlow 0.x → those that 1.x gave the same thing.
RENAMED = {
    "mul": "multiply", "sub": "subtract", "neg": "negative", "inv": "reciprocal", "pack": "stack", "unpack": "unstack",
    "batch_matmul": "matmul", "complex_abs": "abs", "list_diff": "setdiff1d", "select": "where",
    "listdiff": "setdiff1d",
    "batch_matrix_inverse": "matrix_inverse", "batch_matrix_transpose": "matrix_transpose",
    "batch_cholesky": "cholesky", "batch_matrix_solve": "matrix_solve", "batch_matrix_diag": "matrix_diag",
    "batch_cholesky_solve": "cholesky_solve", "batch_matrix_band_part": "matrix_band_part",
    "batch_matrix_determinant": "matrix_determinant", "batch_matrix_diag_part": "matrix_diag_part",
    "batch_matrix_set_diag": "matrix_set_diag", "batch_matrix_solve_ls": "matrix_solve_ls",
    "batch_matrix_triangular_solve": "matrix_triangular_solve", "batch_svd": "svd",
    "batch_self_adjoint_eig": "self_adjoint_eig", "batch_self_adjoint_eigvals": "self_adjoint_eigvals",
    "batch_fft2d": "signal.fft2d", "batch_ifft2d": "signal.ifft2d", "batch_fft3d": "signal.fft3d",
    "batch_ifft3d": "signal.ifft3d",
    "batch_fft": "fft", "batch_ifft": "ifft", "fft": "signal.fft", "ifft": "signal.ifft", "fft2d": "signal.fft2d",
    "initialize_variables": "variables_initializer", "initialize_local_variables": "local_variables_initializer",
    "initialize_all_tables": "tables_initializer",
    "merge_all_summaries": "summary.merge_all", "merge_summary": "summary.merge",
    "ops.reset_default_graph": "reset_default_graph", "ops.Graph": "Graph",
    "variables.Variable": "Variable",
    "all_variables": "global_variables", "initialize_all_variables": "global_variables_initializer",
    "image.per_image_whitening": "image.per_image_standardization", "image.random_crop": "random_crop",
    "train.queue_runner.add_queue_runner": "train.add_queue_runner",
    "contrib.util.make_tensor_proto": "make_tensor_proto", "contrib.util.make_ndarray": "make_ndarray",
    "contrib.util.constant_value": "get_static_value",
    "contrib.keras": "keras", "contrib.lite": "lite", "contrib.signal": "signal", "contrib.linalg": "linalg",
    "contrib.feature_column": "feature_column", "contrib.autograph": "autograph",
    "contrib.hooks.ProfilerHook": "train.ProfilerHook",
    "contrib.stateless.stateless_random_normal": "random.stateless_normal",
    "contrib.stateless.stateless_random_uniform": "random.stateless_uniform",
    "contrib.stateless.stateless_truncated_normal": "random.stateless_truncated_normal",
    "contrib.layers.safe_embedding_lookup_sparse": "nn.safe_embedding_lookup_sparse",
    "contrib.learn.NanLossDuringTrainingError": "train.NanLossDuringTrainingError",
    "contrib.saved_model": "saved_model",
    "pywrap_tensorflow.NewCheckpointReader": "train.NewCheckpointReader",
}  # fmt: skip

# Longest match counts. What the packages are called in whose hands these parts went on, or what does the same today.
HEIRS = {
    "contrib": "",
    "contrib.boosted_trees": "the package tensorflow_decision_forests",
    "contrib.tensor_forest": "the package tensorflow_decision_forests",
    "contrib.crf": "tfa.text.crf_log_likelihood of the package tensorflow-addons, whose source still reads well",
    "contrib.distributions": "the package tensorflow-probability",
    "contrib.bayesflow": "the package tensorflow-probability",
    "contrib.opt": "keras.optimizers, which has AdamW, Nadam and Lion",
    "contrib.image": "keras.layers.RandomRotation and its neighbours, or tf.raw_ops.ImageProjectiveTransformV3",
    "contrib.lite": "tf.lite",
    "contrib.tpu": "tf.distribute.TPUStrategy",
    "contrib.distribute": "tf.distribute",
    "contrib.saved_model": "tf.saved_model",
    "contrib.tensorrt": "tf.experimental.tensorrt",
    "contrib.gan": "the package tensorflow-gan",
    "contrib.hub": "the package tensorflow-hub",
    "contrib.cudnn_rnn": "keras.layers.LSTM, which takes cuDNN by itself",
    "contrib.estimator": "keras.Model.fit",
    "contrib.keras": "tf.keras",
    "contrib.training": "tf.data.Dataset and keras.Model.fit",
    "contrib.seq2seq": "keras.layers.RNN and keras.layers.Attention",
    "contrib.rnn": "keras.layers.RNN with a cell",
    "contrib.layers": "keras.layers",
    "contrib.slim": "keras.layers, and keras.applications for its networks",
    "contrib.learn": "keras.Model.fit",
    "contrib.metrics": "keras.metrics",
    "contrib.losses": "keras.losses",
    "contrib.quantize": "the package tensorflow-model-optimization",
    "contrib.predictor": "tf.saved_model.load",
    "contrib.summary": "tf.summary of TensorFlow 2",
    "contrib.nn": "tf.nn",
    "contrib.data": "tf.data",
    "contrib.framework": "tf.train.list_variables and its neighbours",
    "contrib.eager": "TensorFlow 2 itself: eager is its default",
    "contrib.factorization": "the package scikit-learn",
    "estimator": "keras.Model.fit",
    "nn.seq2seq": "keras.layers.RNN",
    "examples": "tfds.load of the package tensorflow-datasets",
    "models": "the repository tensorflow/models",
}


def heir_of(name: str) -> str | None:
    """What is in the place of a dotted name below ``tf``; "" where nothing is; None for a name nobody knows."""
    parts = name.split(".")
    known = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((HEIRS[each] for each in known if each in HEIRS), None)


def gone(name: str) -> Gone:
    """What to raise where a script uses a name that nobody has."""
    heir = heir_of(name)
    if heir is None:
        return Gone(f"module 'tensorflow' has no attribute {name!r}, in TensorFlow 1 neither as far as tfport knows")
    way_out = f"; in its place: {heir}" if heir else ""
    return Gone(f"tf.{name} is gone with TensorFlow 1, and tfport has no stand-in for it{way_out}")
