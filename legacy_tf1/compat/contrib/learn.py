"""Data sets of ``tf.contrib.learn``."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

from legacy_tf1 import input_data
from legacy_tf1.compat.registry import adds
from tfport.errors import UserError


@adds("contrib.learn.datasets.base.Dataset")
class DataSet(NamedTuple):
    """A table, and what is to be learned of its rows."""

    data: Any
    target: Any


@adds(
    "contrib.learn.datasets.load_dataset",
    "contrib.learn.python.learn.datasets.load_dataset",
)
def load_dataset(name: str, *arguments: Any, **options: Any) -> Any:
    """The data sets that came with it: MNIST, and iris where scikit-learn is installed.

    Raises:
        UserError: any other.
    """
    if name == "mnist":
        return input_data.read_data_sets("MNIST-data", *arguments, **options)
    try:  # which has the same tables
        loaded = importlib.import_module("sklearn.datasets").load_iris() if name == "iris" else None
    except ImportError:
        loaded = None
    if loaded is not None:
        return DataSet(loaded.data, loaded.target)
    raise UserError(f"tf.contrib.learn.datasets: {name} came with TensorFlow 1; sklearn.datasets or tfds.load has it")


@adds("contrib.learn.datasets.load_iris", "contrib.learn.datasets.base.load_iris")
def load_iris(*arguments: Any, **options: Any) -> Any:
    """Was a file of TensorFlow's."""
    return load_dataset("iris")


@adds("contrib.learn.datasets.load_boston", "contrib.learn.datasets.base.load_boston")
def load_boston(*arguments: Any, **options: Any) -> Any:
    """Was a file of TensorFlow's."""
    return load_dataset("boston")
