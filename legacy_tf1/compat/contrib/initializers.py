"""Initializers and regularizers of ``tf.contrib.layers``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

ZEROS, ONES = tf.zeros_initializer(), tf.ones_initializer()


# Of a truncated normal that is wanted with variance 1: TensorFlow divides by the exact figure, contrib took 1.3 for it.
CORRECTED = 1.3 * 0.87962566103423978**2


@adds("contrib.layers.variance_scaling_initializer")
def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None, dtype: Any = tf.float32
) -> Any:
    """He's by default: a truncated normal of variance ``factor`` / fan in."""
    if uniform:
        return tf.variance_scaling_initializer(factor, mode.lower(), "uniform", seed=seed, dtype=dtype)
    return tf.variance_scaling_initializer(factor * CORRECTED, mode.lower(), "truncated_normal", seed=seed, dtype=dtype)


@adds("contrib.layers.xavier_initializer", "contrib.layers.xavier_initializer_conv2d")
def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = tf.float32) -> Any:
    """Glorot's: the variance is 2 / (fan in + fan out)."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


def _regularizer(of: Callable[[Any], Any], scale: float, scope: str) -> Callable[[Any], Any]:
    def regularizer(weights: Any) -> Any:
        with tf.name_scope(scope):
            return tf.multiply(tf.convert_to_tensor(scale, weights.dtype.base_dtype), of(weights), name=scope)

    return regularizer if scale else lambda weights: None


@adds("contrib.layers.l2_regularizer")
def l2_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale`` times half the sum of squares."""
    return _regularizer(tf.nn.l2_loss, scale, scope or "l2_regularizer")


@adds("contrib.layers.l1_regularizer")
def l1_regularizer(scale: float, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale`` times the sum of absolute values."""
    return _regularizer(lambda weights: tf.reduce_sum(tf.abs(weights)), scale, scope or "l1_regularizer")


@adds("contrib.layers.l1_l2_regularizer")
def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None) -> Callable[[Any], Any]:
    """The sum of both: ``scale_l1`` times absolute values and ``scale_l2`` times half the squares, a scalar."""
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


@adds("contrib.layers.sum_regularizer")
def sum_regularizer(regularizers: Sequence[Any], scope: str | None = None) -> Callable[[Any], Any]:
    """The sum of several."""

    def regularizer(weights: Any) -> Any:
        terms = [term for term in (each(weights) for each in regularizers if each) if term is not None]
        return tf.add_n(terms, name=scope or "sum_regularizer") if terms else None

    return regularizer


@adds("contrib.layers.apply_regularization")
def apply_regularization(regularizer: Any, weights_list: Any = None) -> Any:
    """The sum of a regularizer over variables, also added to the graph's regularization losses.

    Raises:
        ValueError: there are no variables.
    """
    weights = weights_list or tf.get_collection(tf.GraphKeys.WEIGHTS)
    if not weights:
        raise ValueError("there are no weights to regularize")
    penalties = [tf.constant(0.0) if each is None else each for each in map(regularizer, weights)]
    total = tf.add_n(penalties, name="get_regularization_penalty")
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
    return total
