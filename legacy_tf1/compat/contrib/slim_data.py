"""Data sets of ``tf.contrib.slim``: examples out of files of records, by way of queues."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

# --- one example ---

DECODER = "contrib.slim.tfexample_decoder"


class ItemHandler:
    """Makes one item of features.

    Args:
        keys: of the features.
    """

    def __init__(self, keys: Any) -> None:
        self.keys = list(keys) if isinstance(keys, (list, tuple, set)) else [keys]

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The item."""
        raise NotImplementedError


adds(f"{DECODER}.ItemHandler")(ItemHandler)


@adds(f"{DECODER}.ItemHandlerCallback")
class ItemHandlerCallback(ItemHandler):
    """By a function of the features."""

    def __init__(self, keys: Any, func: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__(keys)
        self._function = func

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """What the function returns."""
        return self._function(keys_to_tensors)


@adds(f"{DECODER}.Tensor")
class Tensor(ItemHandler):
    """A feature itself, in a shape that is given or that other features tell."""

    def __init__(self, tensor_key: str, shape_keys: Any = None, shape: Any = None, default_value: Any = 0) -> None:
        if shape_keys and shape is not None:
            raise ValueError("Tensor takes shape_keys or shape, not both")
        self._key, self._shape, self._default = tensor_key, shape, default_value
        self._shape_keys = [shape_keys] if isinstance(shape_keys, str) else list(shape_keys or ())
        super().__init__([tensor_key, *self._shape_keys])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The feature."""
        tensor, shape = keys_to_tensors[self._key], self._shape
        if self._shape_keys:
            told = [keys_to_tensors[key] for key in self._shape_keys]
            dense = [each.values if isinstance(each, tf.SparseTensor) else each for each in told]
            shape = tf.concat([tf.reshape(tf.cast(each, tf.int32), [-1]) for each in dense], 0)
        if isinstance(tensor, tf.SparseTensor):
            if shape is not None:
                tensor = tf.sparse_reshape(tensor, shape)
            return tf.sparse_tensor_to_dense(tensor, self._default)
        return tensor if shape is None else tf.reshape(tensor, shape)


@adds(f"{DECODER}.SparseTensor")
class SparseTensor(ItemHandler):
    """Indices and values as a sparse tensor."""

    def __init__(
        self, indices_key: str | None = None, values_key: str | None = None, shape_key: str | None = None,
        shape: Any = None, densify: bool = False, default_value: Any = 0,
    ) -> None:  # fmt: skip
        self._indices, self._values = indices_key or "indices", values_key or "values"
        self._shape_key, self._shape, self._densify, self._default = shape_key, shape, densify, default_value
        super().__init__([each for each in (self._indices, self._values, shape_key) if each])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """Sparse, or dense where that was asked for."""
        indices, values = (
            tf.sparse_tensor_to_dense(each) if isinstance(each, tf.SparseTensor) else each
            for each in (keys_to_tensors[self._indices], keys_to_tensors[self._values])
        )
        shape = keys_to_tensors[self._shape_key] if self._shape_key else self._shape
        shape = tf.sparse_tensor_to_dense(shape) if isinstance(shape, tf.SparseTensor) else shape
        columns = tf.reshape(indices, [-1, 1])
        rows = tf.zeros_like(columns)
        sparse = tf.SparseTensor(columns if len(shape) == 1 else tf.concat([rows, columns], 1), values, shape)
        return tf.sparse_tensor_to_dense(sparse, self._default) if self._densify else sparse


@adds(f"{DECODER}.Image")
class Image(ItemHandler):
    """An encoded image, as (height, width, channels)."""

    def __init__(
        self, image_key: str | None = None, format_key: str | None = None, shape: Any = None, channels: int = 3,
        dtype: Any = tf.uint8, repeated: bool = False, dct_method: str = "",
    ) -> None:  # fmt: skip
        self._image, self._format = image_key or "image/encoded", format_key or "image/format"
        self._shape, self._channels, self._dtype, self._repeated = shape, channels, dtype, repeated
        super().__init__([self._image, self._format])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The image, or all images of a feature that repeats."""
        buffer, kind = keys_to_tensors[self._image], keys_to_tensors[self._format]
        if self._repeated:
            return tf.map_fn(lambda each: self._decoded(each, kind), buffer, dtype=self._dtype)
        return self._decoded(tf.reshape(buffer, []), kind)

    def _decoded(self, buffer: Any, kind: Any) -> Any:
        raw = tf.reshape(tf.logical_or(tf.equal(kind, "raw"), tf.equal(kind, "RAW")), [])
        image = tf.cond(
            raw,
            lambda: tf.decode_raw(buffer, self._dtype),
            lambda: tf.cast(
                tf.image.decode_image(buffer, channels=self._channels, expand_animations=False), self._dtype
            ),
        )
        if self._shape is not None:
            return tf.reshape(image, self._shape)
        image.set_shape([None, None, self._channels])
        return image


@adds(f"{DECODER}.BoundingBox")
class BoundingBox(ItemHandler):
    """Boxes (N, 4) of four lists of sides."""

    def __init__(self, keys: Any = None, prefix: str = "") -> None:
        sides = ["ymin", "xmin", "ymax", "xmax"] if keys is None else list(keys)
        if len(sides) != 4:
            raise ValueError(f"BoundingBox takes 4 keys, not {len(sides)}")
        super().__init__([prefix + each for each in sides])

    def tensors_to_item(self, keys_to_tensors: dict[str, Any]) -> Any:
        """The boxes."""
        sides = [keys_to_tensors[key] for key in self.keys]
        return tf.stack([each.values if isinstance(each, tf.SparseTensor) else each for each in sides], 1)


@adds(f"{DECODER}.TFExampleDecoder", "contrib.slim.data_decoder.DataDecoder")
class TFExampleDecoder:
    """Items of a serialized ``tf.Example``.

    Args:
        keys_to_features: feature → how it is parsed.
        items_to_handlers: item → what makes it.
    """

    def __init__(self, keys_to_features: dict[str, Any], items_to_handlers: dict[str, ItemHandler]) -> None:
        self._features, self._handlers = keys_to_features, items_to_handlers

    def list_items(self) -> list[str]:
        """Names of the items."""
        return list(self._handlers)

    def decode(self, serialized_example: Any, items: Sequence[str] | None = None) -> list[Any]:
        """The items, all of them if none is named."""
        example = tf.parse_single_example(serialized_example, self._features)
        found = []
        for item in self._handlers if items is None else items:
            handler = self._handlers[item]
            found.append(handler.tensors_to_item({key: example[key] for key in handler.keys if key in example}))
        return found


# --- many ---


@adds("contrib.slim.dataset.Dataset")
class Dataset:
    """Where examples are and how they are read.

    Args:
        data_sources: files, or patterns of their names.
        reader: class that reads records out of them.
        decoder: of the records.
        num_samples: how many there are.
        items_to_descriptions: item → words about it.
        **kwargs: whatever else is to be known, as attributes.
    """

    def __init__(
        self, data_sources: Any, reader: Any, decoder: Any, num_samples: int | None, items_to_descriptions: Any,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        self.data_sources, self.reader, self.decoder = data_sources, reader, decoder
        self.num_samples, self.items_to_descriptions = num_samples, items_to_descriptions
        self.__dict__.update(kwargs)


@adds("contrib.slim.parallel_reader.get_data_files")
def get_data_files(data_sources: Any) -> list[str]:
    """Files of names and patterns.

    Raises:
        ValueError: there are none.
    """
    patterns = data_sources if isinstance(data_sources, (list, tuple)) else [data_sources]
    files = [str(file) for pattern in patterns for file in tf.gfile.Glob(str(pattern))]
    if not files:
        raise ValueError(f"no data files match {', '.join(map(str, patterns))}")
    return files


@adds("contrib.slim.parallel_reader.parallel_read")
def parallel_read(
    data_sources: Any,
    reader_class: Any,
    num_epochs: int | None = None,
    num_readers: int = 4,
    reader_kwargs: Any = None,
    shuffle: bool = True,
    dtypes: Any = None,
    capacity: int = 256,
    min_after_dequeue: int = 128,
    seed: int | None = None,
    scope: str | None = None,
) -> tuple[Any, Any]:
    """Keys and records out of files, in a random order if they are to be shuffled."""
    with tf.name_scope(scope or "parallel_read"):
        names = tf.train.string_input_producer(
            get_data_files(data_sources), num_epochs, shuffle, seed, name="filenames"
        )
        dtypes = dtypes or [tf.string, tf.string]
        if shuffle:
            queue = tf.RandomShuffleQueue(capacity, min_after_dequeue, dtypes, seed=seed, name="common_queue")
        else:
            queue = tf.FIFOQueue(capacity, dtypes, name="common_queue")
        readers = [reader_class(**(reader_kwargs or {})) for _ in range(num_readers)]
        tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(each.read(names)) for each in readers]))
        return tuple(queue.dequeue())


@adds("contrib.slim.parallel_reader.single_pass_read")
def single_pass_read(data_sources: Any, reader_class: Any, reader_kwargs: Any = None, scope: Any = None) -> Any:
    """Keys and records of each file once, in their order."""
    with tf.name_scope(scope or "single_pass_read"):
        names = tf.train.string_input_producer(get_data_files(data_sources), 1, False, name="filenames")
        return reader_class(**(reader_kwargs or {})).read(names)


@adds("contrib.slim.dataset_data_provider.DatasetDataProvider")
class DatasetDataProvider:
    """One example after another of a :class:`Dataset`; queue runners must be started.

    Args:
        dataset: the data set.
        num_readers: how many read side by side.
        reader_kwargs: of the reader.
        shuffle: whether the order is random.
        num_epochs: how often each example comes; None is for ever.
        common_queue_capacity: of the queue between.
        common_queue_min: how many are in it before one is drawn.
        record_key: item under which the record's own key can be had.
        seed: of the order.
        scope: of the ops.
    """

    def __init__(
        self,
        dataset: Dataset,
        num_readers: int = 1,
        reader_kwargs: Any = None,
        shuffle: bool = True,
        num_epochs: int | None = None,
        common_queue_capacity: int = 256,
        common_queue_min: int = 128,
        record_key: str = "record_key",
        seed: int | None = None,
        scope: str | None = None,
    ) -> None:
        key, data = parallel_read(
            dataset.data_sources, dataset.reader, num_epochs, num_readers, reader_kwargs, shuffle,
            capacity=common_queue_capacity, min_after_dequeue=common_queue_min, seed=seed, scope=scope,
        )  # fmt: skip
        items = dataset.decoder.list_items()
        self._items = dict(zip(items, dataset.decoder.decode(data, items), strict=True))
        self._items.setdefault(record_key, key)
        self._count = dataset.num_samples

    def get(self, items: Sequence[str]) -> list[Any]:
        """Tensors of items, which belong to one example.

        Raises:
            ValueError: there is no such item.
        """
        if unknown := [item for item in items if item not in self._items]:
            raise ValueError(f"there is no item {', '.join(unknown)}; there are {', '.join(self._items)}")
        return [self._items[item] for item in items]

    def list_items(self) -> list[str]:
        """Names of the items."""
        return list(self._items)

    def num_samples(self) -> int | None:
        """How many examples there are."""
        return self._count


@adds("contrib.slim.prefetch_queue.prefetch_queue")
def prefetch_queue(
    tensors: Any,
    capacity: int = 8,
    num_threads: int = 1,
    dynamic_pad: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """A queue that batches are put into ahead of their use."""
    by_name = tensors if isinstance(tensors, dict) else None
    listed = [by_name[key] for key in sorted(by_name)] if by_name is not None else list(tensors)
    with tf.name_scope(name, "prefetch_queue", listed):
        kinds, shapes = [each.dtype for each in listed], [each.shape for each in listed]
        names = sorted(by_name) if by_name is not None else None
        known = dynamic_pad or all(shape.is_fully_defined() for shape in shapes)
        kind = tf.PaddingFIFOQueue if dynamic_pad else tf.FIFOQueue
        queue = kind(capacity, kinds, shapes if known else None, names=names, shared_name=shared_name)
        put = queue.enqueue(by_name if by_name is not None else listed)
        tf.train.add_queue_runner(tf.train.QueueRunner(queue, [put] * num_threads))
        return queue


@adds("contrib.slim.queues.QueueRunners")
@contextlib.contextmanager
def queue_runners(session: Any) -> Iterator[None]:
    """Queue runners run within a with statement."""
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    try:
        yield
    finally:
        coordinator.request_stop()
        coordinator.join(threads, stop_grace_period_secs=120, ignore_live_threads=True)
