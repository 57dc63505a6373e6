"""The tutorials' MNIST reader, ``tensorflow.examples.tutorials.mnist.input_data``, which TensorFlow no longer ships.

Its observable behaviour is kept: shapes, types, scaling, the printed lines, the order of batches, the seeding of
NumPy. Finding and reading the files is left to :mod:`tfport.data`, which checks them.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import tf
from tfport import data
from tfport.data import idx
from tfport.data.mnist import FILES, URL
from tfport.errors import UserError

SOURCE_URL = URL
CLASSES = 10
FAKE_EXAMPLES = 10_000


class DataSet:
    """One split: images, labels, and the batches drawn from them.

    Args:
        images: uint8 (N, 28, 28, 1); ignored with ``fake_data``.
        labels: uint8 (N,), or one-hot (N, 10); ignored with ``fake_data``.
        fake_data: hold no images; batches of constants are to be had with ``next_batch(n, fake_data=True)``.
        one_hot: whether fake labels are one-hot lists.
        dtype: float32 scales to [0, 1], uint8 keeps 0 to 255.
        reshape: flatten images to (N, 784).
        seed: reseeds NumPy's GLOBAL generator, from which the shuffles are drawn. With neither this nor a graph-level
            seed the generator is reseeded from entropy, so an earlier ``np.random.seed`` of the caller's is lost: a
            trap of the original reader, kept.

    Raises:
        TypeError: any other dtype.
        ValueError: the numbers of images and labels differ.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = None,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        seed1, seed2 = tf.get_seed(seed)
        np.random.seed(seed1 if seed is None else seed2)
        kind = tf.as_dtype(np.float32 if dtype is None else dtype).base_dtype
        if kind not in (tf.uint8, tf.float32):
            raise TypeError(f"Invalid image dtype {kind!r}, expected uint8 or float32")
        self.one_hot = one_hot
        self._fake = fake_data
        if fake_data:
            images, labels, self._num_examples = [], [], FAKE_EXAMPLES
        else:
            if len(images) != len(labels):
                raise ValueError(f"{len(images)} images and {len(labels)} labels: the numbers must be equal")
            self._num_examples = len(images)
            if reshape:
                images = images.reshape(len(images), int(np.prod(images.shape[1:])))
            if kind == tf.float32:
                # Times 1/255, not divided by 255: the last bit of half of the 256 values depends on it.
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images, self._labels = images, labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> Any:
        """Images in their present order, (N, 784) or (N, 28, 28, 1); an empty list for fake data."""
        return self._images

    @property
    def labels(self) -> Any:
        """Labels in their present order, (N,) or (N, 10); an empty list for fake data."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """N; 10,000 for fake data."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How often a batch has passed the end of the set."""
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """The next ``batch_size`` examples.

        Args:
            batch_size: rows; what is left of the epoch and one more epoch at most.
            fake_data: return constants, and advance nothing.
            shuffle: permute the set before the first batch and at every start of an epoch.

        Returns:
            Images and labels, always ``batch_size`` rows of them: a batch that would pass the end takes the tail of
            the epoch and is filled from the head of the next.

        Raises:
            ValueError: a batch of more than that, or a real batch asked of a fake set.
        """
        if fake_data:
            label: Any = [1] + [0] * (CLASSES - 1) if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        if self._fake:
            raise ValueError("this set holds no images; call next_batch(batch_size, fake_data=True)")
        start = self._index_in_epoch
        if start + batch_size > 2 * self._num_examples:
            raise UserError(
                f"a batch of {batch_size} is too large for a set of {self._num_examples}; ask for a smaller"
            )
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        end = start + batch_size
        if end <= self._num_examples:
            self._index_in_epoch = end
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        tail_images, tail_labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index_in_epoch = end - self._num_examples
        head = slice(0, self._index_in_epoch)
        return (
            np.concatenate((tail_images, self._images[head])),
            np.concatenate((tail_labels, self._labels[head])),
        )

    def _shuffle(self) -> None:
        # Of the present order, not the first one: the shuffles compose, and `images` shows it.
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]


class Datasets(NamedTuple):
    """What :func:`read_data_sets` returns."""

    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = None,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = SOURCE_URL,
    *,
    source: str = "mnist",
) -> Datasets:
    """Read MNIST as the TF1 tutorials did.

    Args:
        train_dir: folder of the four IDX files; where it has none, the other places of ``tfport.data.read`` are
            looked through, and the files downloaded at last (into the cache of tensorflow-datasets).
        fake_data: no files, splits that give constant batches.
        one_hot: labels as float64 (N, 10) instead of uint8 (N,).
        dtype: ``tf.float32`` (the default): images in [0, 1]; ``tf.uint8``: 0 to 255.
        reshape: images as (N, 784) instead of (N, 28, 28, 1).
        validation_size: this many rows off the head of the training set, unshuffled, are the validation split.
        seed: see :class:`DataSet`.
        source_url: accepted for old scripts; the files come by the checked route, and a line says so.
        source: not in the original: any source of ``tfport.data.read``.

    Returns:
        ``train``, ``validation`` and ``test`` :class:`DataSet`.

    Raises:
        ValueError: ``validation_size`` outside 0 to the number of training rows; missing or broken files.
        TypeError: a dtype that is neither float32 nor uint8.
    """
    if fake_data or source == "fake":
        return Datasets(*(DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)))
    if source_url not in (SOURCE_URL, "", None):
        print(f"source_url {source_url} is not used: the files come from {train_dir} or by a checked download.")
    # A folder that is not there was made for the download in TF1; here the other places are looked through.
    train_dir = os.path.expanduser(train_dir)
    raw = data.read(source, train_dir if os.path.exists(train_dir) else None)
    if raw.notice:
        print(raw.notice)
    for file, path in zip(FILES, raw.paths, strict=False):
        if raw.downloaded:
            print(f"Successfully downloaded {file.name}.gz {file.size} bytes.")
        print("Extracting", path)
    rows = len(raw.train_images)
    if not 0 <= validation_size <= rows:
        raise data.DataError(f"Validation size should be between 0 and {rows}. Received: {validation_size}.")
    labels = dense_to_one_hot(raw.train_labels) if one_hot else raw.train_labels
    test_labels = dense_to_one_hot(raw.test_labels) if one_hot else raw.test_labels
    images, test_images = raw.train_images[..., np.newaxis], raw.test_images[..., np.newaxis]
    options: dict[str, Any] = {"one_hot": one_hot, "dtype": dtype, "reshape": reshape, "seed": seed}
    return Datasets(
        train=DataSet(images[validation_size:], labels[validation_size:], **options),
        validation=DataSet(images[:validation_size], labels[:validation_size], **options),
        test=DataSet(test_images, test_labels, **options),
    )


def load_mnist(train_dir: str = "MNIST-data") -> Datasets:
    """:func:`read_data_sets` of this folder, with all else as it is by default."""
    return read_data_sets(train_dir)


def extract_images(f: Any) -> np.ndarray:
    """Read an IDX file of images.

    Args:
        f: the file, opened as bytes, or its name.

    Returns:
        uint8 (N, 28, 28, 1).

    Raises:
        ValueError: missing or broken.
    """
    return idx.read_images(_extracting(f))[..., np.newaxis]


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = CLASSES) -> np.ndarray:
    """Read an IDX file of labels; those of letters go beyond 9.

    Args:
        f: the file, opened as bytes, or its name.
        one_hot: whether they come as rows.
        num_classes: how long these rows are.

    Returns:
        uint8 (N,), or float64 (N, ``num_classes``).

    Raises:
        ValueError: missing or broken; with ``one_hot`` a label that has no place in its row.
    """
    labels = idx.read_labels(_extracting(f), num_classes if one_hot else 256)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def dense_to_one_hot(labels_dense: Any, num_classes: int = CLASSES) -> np.ndarray:
    """Labels, whole numbers (N,), as rows that have 1 at the label: float64 (N, ``num_classes``)."""
    return np.eye(num_classes)[np.ravel(labels_dense)]


def _extracting(f: Any) -> Any:
    path = f if isinstance(f, (str, os.PathLike)) else f.name
    print("Extracting", path)
    return path
