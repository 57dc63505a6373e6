"""``tf.contrib`` as far as tutorials used it, a module for each of its packages.

Names of variables and scopes are those of TensorFlow 1.15, so that checkpoints fit.
"""

from legacy_tf1.compat.contrib import (
    factorization,
    framework,
    initializers,
    layers,
    learn,
    losses,
    metrics,
    normalization,
    training,
)

__all__ = [
    "factorization",
    "framework",
    "initializers",
    "layers",
    "learn",
    "losses",
    "metrics",
    "normalization",
    "training",
]
