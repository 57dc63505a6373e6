"""The module that a TF1 script gets as ``tensorflow``: ``tf.compat.v1``, and what that lost."""

from __future__ import annotations

import functools
import importlib
import sys
import types
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, HEIRS, gone, used

# What leads to what everybody has, and what only a few scripts need more of.
QUIET = {"python", "compat.v1", "Session", "InteractiveSession", "concat", "split", "reshape", "zeros",
         "ones", "app.run", "constant", "truncated_normal", "random_normal", "random_uniform", "placeholder",
         "get_variable"}  # fmt: skip
VERSION = "1.15.5"  # the last TensorFlow 1: scripts that ask take the branch that they have for it


class Namespace(types.ModuleType):
    """A module of the TF1 surface: names that were added come before those of the module it stands on.

    Args:
        path: dotted name below ``tensorflow``, "" for the whole.
        base: what it stands on; None for a module that is gone, of which only what was added is there.
    """

    def __init__(self, path: str, base: Any) -> None:
        super().__init__(f"tensorflow.{path}" if path else "tensorflow")
        self._path, self._base = path, base
        self.__path__: list[str] = []  # a package: import statements may go on below it

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__all__", "__version__", "__git_version__"):
            raise AttributeError(name)
        if name == "__all__":
            return [each for each in dir(self) if not each.startswith("_")]
        path = f"{self._path}.{name}" if self._path else name
        if path in ADDED:
            if path not in QUIET:
                used(f"tf.{path}")
            return ADDED[path]
        if (inside := _inside(path)) is not None:
            return inside
        base = getattr(self._base, name, None) if self._base is not None else None
        if path in _parents():
            child = Namespace(path, base)
            setattr(self, name, child)
            return child
        if base is not None or hasattr(self._base, name):  # tf.newaxis is None
            return base
        if self._path.split(".")[0] == "python" and (module := _real(path)) is not None:
            return module
        if path in HEIRS:  # a package that is gone: what is used of it shall be named
            return Namespace(path, None)
        raise gone(path)

    def __dir__(self) -> list[str]:
        before = f"{self._path}." if self._path else ""
        own = {name[len(before) :].split(".")[0] for name in ADDED if name.startswith(before)}
        return sorted(own | set(dir(self._base) if self._base is not None else ()))


# Modules that the packages of contrib were made of, below contrib.PACKAGE.python: scripts import from these too.
MODULES = {
    "adamax", "arg_scope", "base", "batching", "bernoulli", "categorical", "checkpoint_ops", "classification",
    "clustering_ops", "confusion_matrix_ops", "data", "dataset_ops", "datasets", "distributions", "dnn",
    "dnn_linear_combined", "early_stopping", "embedding_ops", "encoders", "estimator", "estimators", "evaluation",
    "evaluator", "experiment", "extenders", "external_optimizer", "feature_column", "feature_column_ops", "framework",
    "generator_io", "grouping", "head", "hparam", "image_ops", "initializers", "input_fn_utils", "interleave_ops",
    "kullback_leibler", "layers", "lazy_adam_optimizer", "learn", "learn_io", "learn_runner", "learning", "linear",
    "lookup_ops", "loss_ops", "losses", "metric_ops", "metric_spec", "metrics", "metrics_impl", "model_fn",
    "monitors", "mvn_diag", "nadam_optimizer", "nets", "normal", "normalization", "numpy_io", "ops", "optimizers",
    "pandas_io", "predictor", "readers", "regularizers", "run_config", "shuffle_ops", "slim", "summaries", "tfe",
    "training", "utils", "variables", "weight_decay_optimizers",
}  # fmt: skip


# Those below tensorflow.python.estimator.
ESTIMATOR_MODULES = {
    "baseline", "canned", "dnn", "dnn_linear_combined", "estimator", "export", "exporter", "head", "inputs", "linear",
    "model_fn", "numpy_io", "pandas_io", "run_config", "training",
}  # fmt: skip


def _inside(path: str) -> Any:
    """What a module of a package of contrib had, which the package has: ``contrib.layers.python.layers.conv2d``."""
    if path.startswith("python.estimator"):
        *modules, last = path.split(".")[1:]
        for place in ("estimator", "estimator.inputs", "estimator.export"):
            if f"{place}.{last}" in ADDED and modules:
                used(f"tf.{place}.{last}")
                return ADDED[f"{place}.{last}"]
        return Namespace(path, None) if {*modules, last} <= ESTIMATOR_MODULES else None
    package, python, within = path.partition(".python")
    if not package.startswith("contrib.") or not python or (within and within[0] != "."):
        return None
    modules = within[1:].split(".") if within else []
    places = [[package, *modules[-count:]] for count in (1, 2, 3) if modules]
    for place in map(".".join, places):
        if place in ADDED:
            used(f"tf.{place}")
            return ADDED[place]
    if set(modules) <= MODULES:
        return Namespace(path, None)
    return next((Namespace(place, None) for place in map(".".join, places) if place in _parents()), None)


@functools.cache
def _parents() -> set[str]:
    """Dotted names that have something added below them."""
    return {".".join(name.split(".")[:n]) for name in ADDED for n in range(1, name.count(".") + 1)}


def _real(path: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(f"tensorflow.{path}")
    except ImportError:
        return None


@functools.cache
def surface() -> Namespace:
    """The whole surface. Loads TensorFlow, in which graph mode must have been switched on."""
    for name in ("names", "ufuncs", "contrib", "rnn", "estimator", "contrib.learn_estimators", "contrib.learn_monitors",
                 "contrib.learn_skflow", "eager", "mnist", "ptb"):  # fmt: skip
        importlib.import_module(f"legacy_tf1.compat.{name}")
    ADDED.update(dict.fromkeys(("__version__", "VERSION"), VERSION))
    ADDED.update(dict.fromkeys(("__git_version__", "GIT_VERSION"), f"v{VERSION}"))
    ADDED["keras.__version__"] = "2.2.4-tf"  # the one that came with it
    ADDED.update({"python": Namespace("python", _real("python"))})
    ADDED["compat.v1"] = ADDED["contrib.learn.tf"] = root = Namespace("", tf)
    _parents.cache_clear()
    return root


def resolve(name: str) -> Any:
    """What ``import NAME`` finds, of a dotted name that begins with ``tensorflow``.

    Raises:
        ModuleNotFoundError: nothing; the message says what is in its place, if something is.
    """
    found: Any = surface()
    parts = name.split(".")[1:]
    for place, part in enumerate(parts):
        try:
            found = getattr(found, part)
        except AttributeError as error:
            real = _real(".".join(parts[: place + 1]))
            if real is None:
                raise ModuleNotFoundError(str(error), name=name) from None
            found = real
    return found


def chosen_keras() -> str:
    """Which Keras TensorFlow has loaded: "" as long as it has none."""
    return next((name for name in ("tf_keras", "keras") if f"{name}.src" in sys.modules), "")
