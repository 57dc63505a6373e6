"""The number format in which a model computes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tfport import keras
from tfport.training.config import Precision


@contextlib.contextmanager
def precision(name: Precision) -> Iterator[None]:
    """Models built inside compute in this format; those built afterwards as before.

    With ``bfloat16`` activations and matrix products have its eight bits, on a processor that has instructions for it
    (AMX, AVX-512 BF16) at several times the speed; weights, sums, optimizer and logits stay float32. bfloat16 has the
    range of float32, so no loss needs scaling. Keras calls the policy ``mixed_bfloat16``.
    """
    policies = keras.mixed_precision
    before = policies.global_policy() if hasattr(policies, "global_policy") else policies.dtype_policy()
    policies.set_global_policy("mixed_bfloat16" if name == "bfloat16" else "float32")
    try:
        yield
    finally:
        policies.set_global_policy(before)
