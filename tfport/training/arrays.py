"""Arrays as tensors, without a copy where that can be."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tensorflow as tf

ALIGNED = 64  # bytes that TensorFlow wants addresses to be multiples of; it ends the process where one is not
LARGE = 2**20  # bytes from which on a copy is worth avoiding


def tensor_of(array: np.ndarray) -> Any:
    """A tensor with the values of an array, in the array's own memory where that is large and aligned.

    MNIST's training images are 172 MB, for which a copy takes up to a second. Until the tensor is gone the array is not
    to be changed.
    """
    flags = array.flags
    shareable = flags.c_contiguous and flags.writeable and array.ctypes.data % ALIGNED == 0  # NumPy lends no other
    if array.nbytes >= LARGE and shareable and array.dtype in (np.float32, np.int32) and not _gpus():
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)


@functools.cache
def _gpus() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))
