"""The order in which a training run sees its examples: the TF1 reader's rule, as a function of the step."""

from __future__ import annotations

import numpy as np


def batch_indices(examples: int, batch_size: int, seed: int, start: int, stop: int) -> np.ndarray:
    """Rows of the batches of steps ``start`` to ``stop - 1``.

    As with the TF1 reader, every epoch is a new permutation, and a batch that reaches the end of one is filled from
    the head of the next, so batches never shrink and a step means the same in both trees. Unlike the reader, nothing
    is remembered: the batch of a step follows from the arguments alone, so that a resumed run sees the same data.

    Args:
        examples: size of the training set.
        batch_size: rows in a batch; may exceed ``examples``.
        seed: 0 to 2³²−1.
        start: first step, counted from 0.
        stop: one past the last step.

    Returns:
        int32 array of shape (stop − start, batch_size), values 0 to ``examples`` − 1.
    """
    first, last = start * batch_size, stop * batch_size
    rows = np.empty(last - first, np.int32)
    for epoch in range(first // examples, -(-last // examples)):
        # RandomState, not Generator: its streams are frozen for all versions of NumPy.
        order = np.random.RandomState([seed, epoch]).permutation(examples)
        begin, end = max(first, epoch * examples), min(last, (epoch + 1) * examples)
        rows[begin - first : end - first] = order[begin - epoch * examples : end - epoch * examples]
    return rows.reshape(stop - start, batch_size)
