"""``tf.function`` for code that is mostly Keras's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def graph_function(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """``tf.function`` that makes TensorFlow's control flow of Python's only where the code turns out to need that.

    To look for it takes as long as tracing itself, and Keras's own layers and steps have none.

    Args:
        function: to be traced at its first call.
        options: of ``tf.function``.
    """
    chosen, converted = tf.function(function, autograph=False, **options), tf.function(function, **options)

    def call(*arguments: Any) -> Any:
        nonlocal chosen
        try:
            return chosen(*arguments)
        except TypeError:  # what tracing raises for a tensor in Python's `if` or `for`
            if chosen is converted:
                raise
            chosen = converted
            return chosen(*arguments)

    return call
