"""``tf.contrib.data`` and ``tf.contrib.lookup``: what is in ``tf.data.experimental`` and ``tf.lookup`` today."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from tensorflow.python.ops import lookup_ops

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

for _module in (tf.data, tf.data.experimental):
    for _name in dir(_module):
        if _name[0] != "_" and not inspect.ismodule(getattr(_module, _name)):
            ADDED[f"contrib.data.{_name}"] = getattr(_module, _name)


@adds("contrib.data.batch_and_drop_remainder")
def batch_and_drop_remainder(batch_size: Any) -> Callable[[Any], Any]:
    """Batches of this size; what is left at the end is dropped."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


@adds("contrib.data.padded_batch_and_drop_remainder")
def padded_batch_and_drop_remainder(
    batch_size: Any, padded_shapes: Any, padding_values: Any = None
) -> Callable[[Any], Any]:
    """The same of elements that are padded to one shape."""
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, drop_remainder=True)


@adds("contrib.data.assert_element_shape")
def assert_element_shape(expected_shapes: Any) -> Callable[[Any], Any]:
    """Elements are known to have these shapes, or fail."""

    def shaped(*element: Any) -> Any:
        one = element[0] if len(element) == 1 else element
        return tf.nest.map_structure(tf.ensure_shape, one, expected_shapes)

    return lambda dataset: dataset.map(shaped)


@adds("contrib.data.read_batch_features")
def read_batch_features(file_pattern: Any, batch_size: int, features: Any, reader: Any = None, **options: Any) -> Any:
    """A batch of examples out of files, parsed."""
    made = tf.data.experimental.make_batched_features_dataset(
        file_pattern, batch_size, features, reader or tf.data.TFRecordDataset, **options
    )
    return made.make_one_shot_iterator().get_next()


_map = tf.data.Dataset.map


@functools.wraps(_map)
def _map_as_before(
    self: Any, *arguments: Any, num_threads: Any = None, output_buffer_size: Any = None, **options: Any
) -> Any:
    """``map`` of the data sets of contrib, whose threads and buffer were arguments of it up to 1.4."""
    if num_threads is not None:
        options.setdefault("num_parallel_calls", num_threads)
    mapped = _map(self, *arguments, **options)
    return mapped if output_buffer_size is None else mapped.prefetch(output_buffer_size)


tf.data.Dataset.map = _map_as_before

# --- lookup ---

for _name in (
    "HashTable", "KeyValueTensorInitializer", "TextFileInitializer", "TextFileIdTableInitializer",
    "TextFileStringTableInitializer", "TextFileIndex", "IdTableWithHashBuckets", "HasherSpec", "FastHashSpec",
    "StrongHashSpec", "index_table_from_file", "index_to_string_table_from_file",
):  # fmt: skip
    if hasattr(lookup_ops, _name):
        ADDED[f"contrib.lookup.{_name}"] = getattr(lookup_ops, _name)


@adds("contrib.lookup.HashTable")
class HashTable(lookup_ops.StaticHashTableV1):
    """A table that is initialized once."""

    def __init__(
        self, initializer: Any, default_value: Any, shared_name: str | None = None, name: str | None = None
    ) -> None:
        super().__init__(initializer, default_value, name=name)

    @property
    def init(self) -> Any:
        """The op that initializes it."""
        return self.initializer


@adds("contrib.lookup.MutableHashTable")
class MutableHashTable(lookup_ops.MutableHashTable):
    """A table that grows."""

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        shared_name: str | None = None,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
    ) -> None:
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)


@adds("contrib.lookup.MutableDenseHashTable")
class MutableDenseHashTable(lookup_ops.DenseHashTable):
    """A table that grows, with a key for empty buckets and, since 1.13, one for those of keys that were removed."""

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any = None,
        initial_num_buckets: int | None = None,
        shared_name: str | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
    ) -> None:
        if deleted_key is None:
            deleted_key = _another_key(tf.convert_to_tensor(empty_key, key_dtype))
        super().__init__(
            key_dtype, value_dtype, default_value, empty_key, deleted_key, initial_num_buckets, name, checkpoint
        )


def _another_key(key: Any) -> Any:
    """A key that is not this one, and that no script will look up."""
    if key.dtype == tf.string:
        return tf.strings.join([key, "\0deleted"])
    least = tf.fill(tf.shape(key), key.dtype.min)
    return tf.where(tf.equal(key, least), least + 1, least)


@adds("contrib.lookup.index_table_from_tensor")
def index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: Any = lookup_ops.FastHashSpec,
    dtype: Any = tf.string,
    name: str | None = None,
) -> Any:
    """A table that numbers words in the order in which they are given."""
    return lookup_ops.index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, dtype, name)


@adds("contrib.lookup.string_to_index_table_from_tensor")
def string_to_index_table_from_tensor(mapping: Any, *arguments: Any, **options: Any) -> Any:
    """The older name of it."""
    return index_table_from_tensor(mapping, *arguments, **options)


@adds("contrib.lookup.index_to_string_table_from_tensor")
def index_to_string_table_from_tensor(mapping: Any, default_value: str = "UNK", name: str | None = None) -> Any:
    """A table that gives numbers their words."""
    return lookup_ops.index_to_string_table_from_tensor(mapping, default_value, name)


@adds("contrib.lookup.string_to_index")
def string_to_index(tensor: Any, mapping: Any, default_value: int = -1, name: str | None = None) -> Any:
    """The numbers of words, by a table of its own."""
    return index_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)


@adds("contrib.lookup.index_to_string")
def index_to_string(tensor: Any, mapping: Any, default_value: str = "UNK", name: str | None = None) -> Any:
    """The words of numbers, likewise."""
    return index_to_string_table_from_tensor(mapping, default_value, name).lookup(tensor)
