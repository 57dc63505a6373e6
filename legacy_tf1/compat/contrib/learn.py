"""Data sets of ``tf.contrib.learn``."""

from __future__ import annotations

import csv
import importlib
import os
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from legacy_tf1 import input_data
from legacy_tf1.compat.registry import ADDED, adds
from tfport.errors import UserError

T = TypeVar("T")


@adds("contrib.learn.datasets.base.Dataset")
class DataSet(NamedTuple):
    """A table, and what is to be learned of its rows."""

    data: Any
    target: Any


ADDED["contrib.learn.datasets.base.Datasets"] = input_data.Datasets


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


def _base(name: str) -> Callable[[T], T]:
    return adds(f"contrib.learn.datasets.base.{name}", f"contrib.learn.python.learn.datasets.base.{name}")


@_base("load_csv_with_header")
def load_csv_with_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> DataSet:
    """A table whose first line has its number of rows and of features.

    Args:
        filename: of the table, with commas.
        target_dtype: of what is to be learned.
        features_dtype: of the rest.
        target_column: which one is to be learned.

    Raises:
        UserError: the first line does not begin with two whole numbers.
    """
    with open(filename, newline="") as file:
        lines = csv.reader(file)
        head = next(lines, [])
        try:
            count, width = int(head[0]), int(head[1])
        except (IndexError, ValueError):
            raise UserError(
                f"{filename}: load_csv_with_header wants the numbers of rows and of features at the head of the first "
                f"line, and found {','.join(head)[:60]!r}; load_csv_without_header takes a table without them"
            ) from None
        data, target = np.zeros((count, width), features_dtype), np.zeros(count, target_dtype)
        for number, row in enumerate(lines):
            target[number] = np.asarray(row.pop(target_column), dtype=target_dtype)
            data[number] = np.asarray(row, dtype=features_dtype)
    return DataSet(data, target)


@_base("load_csv_without_header")
def load_csv_without_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> DataSet:
    """A table without such a line; as :func:`load_csv_with_header`."""
    data, target = [], []
    with open(filename, newline="") as file:
        for row in csv.reader(file):
            target.append(row.pop(target_column))
            data.append(np.asarray(row, dtype=features_dtype))
    return DataSet(np.asarray(data), np.asarray(target, dtype=target_dtype))


@_base("maybe_download")
def maybe_download(filename: str, work_directory: str, source_url: str) -> str:
    """Path of a file, which is downloaded if it is not there."""
    os.makedirs(work_directory, exist_ok=True)
    path = os.path.join(work_directory, filename)
    if not os.path.exists(path):
        if not source_url.startswith(("http://", "https://", "ftp://")):
            raise UserError(f"{source_url}: maybe_download takes an address on the web")
        urllib.request.urlretrieve(source_url, path)  # noqa: S310 checked above
    return path
