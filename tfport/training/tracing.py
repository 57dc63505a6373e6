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

    Returns:
        It; its attribute ``trace`` takes the same arguments, and traces without computing anything.
    """
    chosen, converted = tf.function(function, autograph=False, **options), tf.function(function, **options)

    def attempt(use: Callable[[Any], Any]) -> Any:
        nonlocal chosen
        try:
            return use(chosen)
        except TypeError:  # what tracing raises for a tensor in Python's `if` or `for`
            if chosen is converted:
                raise
            chosen = converted
            return use(chosen)

    def call(*arguments: Any) -> Any:
        return attempt(lambda traced: traced(*arguments))

    call.trace = lambda *arguments: attempt(  # type: ignore[attr-defined]
        lambda traced: traced.get_concrete_function(*arguments)
    )
    return call
