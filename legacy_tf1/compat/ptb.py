"""``tensorflow.models.rnn.ptb.reader``: texts of the Penn Treebank as numbers of words."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds


def _reader(name: str) -> Callable[[Any], Any]:
    return adds(f"models.rnn.ptb.reader.{name}", f"models.tutorials.rnn.ptb.reader.{name}")


@_reader("_read_words")
def read_words(filename: str) -> list[str]:
    """The words of a file; ``<eos>`` stands where a line ends."""
    with tf.gfile.GFile(filename, "r") as file:
        return str(file.read()).replace("\n", "<eos>").split()


@_reader("_build_vocab")
def build_vocab(filename: str) -> dict[str, int]:
    """Words and their numbers, the most frequent first, those of equal frequency by the alphabet."""
    counts = collections.Counter(read_words(filename))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(ordered)}


@_reader("_file_to_word_ids")
def file_to_word_ids(filename: str, word_to_id: dict[str, int]) -> list[int]:
    """The numbers of a file's words, without those that have none."""
    return [word_to_id[word] for word in read_words(filename) if word in word_to_id]


@_reader("ptb_raw_data")
def ptb_raw_data(data_path: str) -> tuple[list[int], list[int], list[int], int]:
    """The numbers in a folder's ``ptb.train.txt``, ``ptb.valid.txt``, ``ptb.test.txt``; how many words there are."""
    train, valid, test = (os.path.join(data_path, f"ptb.{part}.txt") for part in ("train", "valid", "test"))
    numbers = build_vocab(train)
    first, second, third = (file_to_word_ids(path, numbers) for path in (train, valid, test))
    return first, second, third, len(numbers)


def _epoch_size(length: int, batch_size: int, num_steps: int) -> int:
    size = (length // batch_size - 1) // num_steps
    if size <= 0:
        raise ValueError(
            f"{length} words do not fill one step of {batch_size} × {num_steps}: lower batch_size or num_steps"
        )
    return size


@_reader("ptb_iterator")
def ptb_iterator(raw_data: Sequence[int], batch_size: int, num_steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Words and the words after them, both (batch_size, num_steps), in the order of the text."""
    raw = np.array(raw_data, np.int32)
    size = _epoch_size(len(raw), batch_size, num_steps)
    length = len(raw) // batch_size
    data = raw[: batch_size * length].reshape(batch_size, length)
    for number in range(size):
        start = number * num_steps
        yield data[:, start : start + num_steps], data[:, start + 1 : start + num_steps + 1]


@_reader("ptb_producer")
def ptb_producer(raw_data: Sequence[int], batch_size: int, num_steps: int, name: str | None = None) -> tuple[Any, Any]:
    """The same as two tensors, fed by a queue; begins anew at the end."""
    size = _epoch_size(len(raw_data), batch_size, num_steps)
    length = len(raw_data) // batch_size
    with tf.name_scope(name, "PTBProducer", [raw_data, batch_size, num_steps]):
        raw = tf.convert_to_tensor(raw_data, tf.int32)
        data = tf.reshape(raw[: batch_size * length], [batch_size, length])
        start = tf.train.range_input_producer(size, shuffle=False).dequeue() * num_steps
        x, y = (tf.slice(data, [0, start + later], [batch_size, num_steps]) for later in (0, 1))
    return x, y
