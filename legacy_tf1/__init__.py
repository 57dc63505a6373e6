"""The TensorFlow 1 tutorials as graph-mode programs on ``tf.compat.v1``. Their Keras twins are in ``tfport``.

``from legacy_tf1 import tf`` is ``tensorflow.compat.v1``, imported at its first use: flags are parsed before
TensorFlow is loaded. Nothing here switches TensorFlow 2 behaviour off: every program builds its own ``tf.Graph``, so
both twins can live in one process. ``python -m legacy_tf1 script.py`` and :func:`enable` do, for code of your own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tfport.lazy import LazyModule

if TYPE_CHECKING:
    import tensorflow.compat.v1 as tf
else:
    tf = LazyModule("legacy_tf1.tf", lambda: importlib.import_module("tensorflow.compat.v1"))


def enable(*, shims: bool = True) -> None:
    """Give the code of this process TensorFlow 1: see :func:`legacy_tf1.compat.enable`."""
    from legacy_tf1 import compat

    compat.enable(shims=shims)


__all__ = ["enable", "tf"]
