"""``tf.estimator.inputs``: arrays and tables as input of an estimator; and what an ``input_fn`` returns, as tensors."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

INPUTS = "the key of an input that is no dictionary"


def _tensor(value: Any) -> Any:
    """Arrays and tables that an ``input_fn`` returned bare, as the model found them converted."""
    if isinstance(value, dict):
        return {name: _tensor(each) for name, each in value.items()}
    if value is None or tf.is_tensor(value) or isinstance(value, (tf.SparseTensor, tf.RaggedTensor)):
        return value
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    return tf.convert_to_tensor(value) if isinstance(value, (np.ndarray, np.generic, float, int)) else value


def tensors(input_fn: Callable[..., Any], mode: str, params: Any, config: Any) -> tuple[Any, Any]:
    """Features and labels as tensors of the default graph, of a function that returns them or a data set of them."""
    try:
        taken = set(inspect.signature(input_fn).parameters)
    except ValueError:
        taken = set()
    options = {"mode": mode, "params": params, "config": config}
    with tf.device("/cpu:0"):
        given = input_fn(**{name: value for name, value in options.items() if name in taken})
        if isinstance(given, (tf.data.Dataset, tf.compat.v2.data.Dataset)):
            given = next_of(given)
        if isinstance(given, (tuple, list)) and len(given) == 2:
            return _tensor(given[0]), _tensor(given[1])
        return _tensor(given[0] if isinstance(given, tuple) and len(given) == 1 else given), None


def next_of(dataset: Any) -> Any:
    """The next element of a data set, whose iterator is set up with the graph's tables."""
    iterator = tf.data.make_initializable_iterator(dataset)
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
    return iterator.get_next()


def is_constant(graph: Any) -> bool:
    """Whether a graph has neither queues nor data sets, so that its input is the same for ever."""
    if graph.get_collection(tf.GraphKeys.QUEUE_RUNNERS):
        return False
    return not any("Iterator" in operation.type for operation in graph.get_operations())


def _column(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(object) if array.dtype.kind in "OUST" else array


def _fed(x: Any, y: Any, batch_size: int, num_epochs: Any, shuffle: bool) -> Callable[[], Any]:
    features = {str(name): _column(value) for name, value in (x if isinstance(x, dict) else {INPUTS: x}).items()}
    labels = {name: _column(value) for name, value in (y if isinstance(y, dict) else {INPUTS: y}).items()}
    labels = {name: value for name, value in labels.items() if value.dtype != object or value.ndim}
    sizes = {len(part) for part in (*features.values(), *labels.values())}
    if len(sizes) != 1:
        raise ValueError(
            f"x and y must have as many rows as each other, and these have {', '.join(map(str, sorted(sizes)))}"
        )
    (count,) = sizes
    parts = (*features.values(), *labels.values())

    def batches() -> Iterator[Any]:
        # Batches go on over the end of an epoch, as the queues of TensorFlow 1 did.
        waiting = np.zeros(0, np.int64)
        for _ in range(num_epochs) if num_epochs is not None else itertools.count():
            order = np.random.permutation(count) if shuffle else np.arange(count)
            waiting = np.concatenate([waiting, order])
            while len(waiting) >= batch_size:
                rows, waiting = waiting[:batch_size], waiting[batch_size:]
                yield tuple(part[rows] for part in parts)
        if len(waiting):
            yield tuple(part[waiting] for part in parts)

    def input_fn() -> Any:
        kinds = tuple(tf.string if part.dtype == object else tf.as_dtype(part.dtype) for part in parts)
        shapes = tuple(tf.TensorShape([None, *part.shape[1:]]) for part in parts)
        found = list(next_of(tf.data.Dataset.from_generator(batches, kinds, shapes).prefetch(1)))
        given = dict(zip(features, found[: len(features)], strict=True))
        wanted = dict(zip(labels, found[len(features) :], strict=True))
        first = given if isinstance(x, dict) else given[INPUTS]
        if y is None:
            return first
        return first, (wanted if isinstance(y, dict) else wanted[INPUTS])

    return input_fn


@adds("estimator.inputs.numpy_input_fn")
def numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: Any = None, queue_capacity: int = 1000,
    num_threads: int = 1,
) -> Callable[[], Any]:  # fmt: skip
    """An input of arrays.

    Args:
        x: array, or dictionary of arrays, of N rows each.
        y: labels of as many rows, or a dictionary of them.
        batch_size: rows in a batch; the last may have fewer.
        num_epochs: passes over the rows; None for ever.
        shuffle: whether each pass has an order of its own.
        queue_capacity: not needed here.
        num_threads: not needed here.

    Raises:
        ValueError: ``shuffle`` is not given, or lengths differ.
    """
    if not isinstance(shuffle, bool):
        raise ValueError(f"shuffle has no default here and is {shuffle!r}: say True, as for training, or False")
    return _fed(x, y, batch_size, num_epochs, shuffle)


@adds("contrib.learn.io.numpy_input_fn", "contrib.learn.python.learn.learn_io.numpy_io.numpy_input_fn")
def learn_numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: bool = True,
    queue_capacity: int = 1000, num_threads: int = 1,
) -> Callable[[], Any]:  # fmt: skip
    """The same, which shuffled by default."""
    return _fed(x, y, batch_size, num_epochs, shuffle)


@adds("estimator.inputs.pandas_input_fn")
def pandas_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: Any = None, queue_capacity: int = 1000,
    num_threads: int = 1, target_column: str = "target",
) -> Callable[[], Any]:  # fmt: skip
    """An input of a DataFrame's columns; as :func:`numpy_input_fn`."""
    if y is not None and hasattr(y, "columns"):  # a table of labels
        y = {str(name): y[name] for name in y.columns}
    return numpy_input_fn({name: x[name] for name in x.columns}, y, batch_size, num_epochs, shuffle)


@adds("contrib.learn.io.pandas_input_fn", "contrib.learn.python.learn.learn_io.pandas_io.pandas_input_fn")
def learn_pandas_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: bool = True,
    queue_capacity: int = 1000, num_threads: int = 1, target_column: str = "target",
) -> Callable[[], Any]:  # fmt: skip
    """The same, which shuffled by default."""
    return pandas_input_fn(x, y, batch_size, num_epochs, shuffle)


@adds(
    "contrib.learn.io.generator_input_fn",
    "contrib.learn.python.learn.learn_io.generator_io.generator_input_fn",
)
def generator_input_fn(
    x: Callable[[], Any], target_key: Any = None, batch_size: int = 128, num_epochs: Any = 1, shuffle: bool = True,
    queue_capacity: int = 1000, num_threads: int = 1, pad_value: Any = None,
) -> Callable[[], Any]:  # fmt: skip
    """An input of a function that returns a generator of dictionaries, one an example.

    Args:
        x: the function.
        target_key: which keys are labels: one, or a list.
        batch_size: rows in a batch; the last may have fewer.
        num_epochs: passes over the generator; None for ever.
        shuffle: whether examples are taken at random out of ``queue_capacity`` of them.
        queue_capacity: out of how many.
        num_threads: not needed here.
        pad_value: not supported: all examples have the shapes of the first.

    Raises:
        ValueError: ``pad_value`` is given, or the generator is empty.
    """
    if pad_value is not None:
        raise ValueError("generator_input_fn: pad_value is not supported by tfport; pad in the generator")

    def input_fn() -> Any:
        first = next(iter(x()), None)
        if first is None:
            raise ValueError("generator_input_fn: the generator yields nothing")
        keys = list(first)
        arrays = {key: _column(first[key]) for key in keys}
        kinds = {key: tf.string if each.dtype == object else tf.as_dtype(each.dtype) for key, each in arrays.items()}
        shapes = {key: tf.TensorShape(each.shape) for key, each in arrays.items()}

        def examples() -> Iterator[Any]:
            for _ in range(num_epochs) if num_epochs is not None else itertools.count():
                for each in x():
                    yield {key: each[key] for key in keys}

        dataset = tf.data.Dataset.from_generator(examples, kinds, shapes)
        if shuffle:
            dataset = dataset.shuffle(queue_capacity)
        found = next_of(dataset.batch(batch_size))
        if target_key is None:
            return found
        if isinstance(target_key, str):
            return found, found.pop(target_key)
        return found, {key: found.pop(key) for key in target_key}

    return input_fn
