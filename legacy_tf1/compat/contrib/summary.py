"""``tf.contrib.summary``: what eager scripts wrote for TensorBoard; TensorFlow 2's summaries went on from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf2

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

for _old, _new in {
    "create_file_writer": tf2.summary.create_file_writer,
    "create_summary_file_writer": tf2.summary.create_file_writer,
    "flush": tf2.summary.flush,
    "always_record_summaries": lambda: tf2.summary.record_if(True),
    "never_record_summaries": lambda: tf2.summary.record_if(False),
    "should_record_summaries": tf2.summary.should_record_summaries,
}.items():
    ADDED[f"contrib.summary.{_old}"] = _new


def _step(given: Any) -> Any:
    return tf.train.get_or_create_global_step() if given is None else given


@adds("contrib.summary.record_summaries_every_n_global_steps")
def record_summaries_every_n_global_steps(n: int, global_step: Any = None) -> Any:
    """A scope in which summaries are written at every n-th step."""
    step = _step(global_step)
    return tf2.summary.record_if(lambda: tf.equal(tf.math.floormod(tf.cast(step, tf.int64), n), 0))


def _writes(name: str, write: Callable[..., Any]) -> None:
    @adds(f"contrib.summary.{name}")
    def summary(name: str, tensor: Any, *arguments: Any, family: Any = None, step: Any = None, **options: Any) -> Any:
        tag = f"{family}/{name}" if family else name
        return write(tag, tensor, step=tf.cast(_step(step), tf.int64), **options)

    summary.__name__ = name
    summary.__doc__ = f"Writes a {name} for the global step, unless another is given."


for _name, _write in {
    "scalar": tf2.summary.scalar,
    "histogram": tf2.summary.histogram,
    "image": lambda tag, tensor, max_images=3, **options: tf2.summary.image(
        tag, tf.image.convert_image_dtype(tensor, tf.uint8), max_outputs=max_images, **options
    ),
}.items():
    _writes(_name, _write)
