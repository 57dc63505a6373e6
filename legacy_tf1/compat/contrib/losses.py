"""``tf.contrib.losses``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED


def _swapped(today: Callable[..., Any], first: str, second: str) -> Callable[..., Any]:
    """A loss whose predictions came before its labels, as ``tf.losses`` has them no more."""

    @functools.wraps(today)
    def loss(*arguments: Any, **options: Any) -> Any:
        given = dict(zip((first, second), arguments, strict=False))
        return today(**given, **{"weights" if name == "weight" else name: each for name, each in options.items()},
                     **dict(zip(("weights",), arguments[2:], strict=False)))  # fmt: skip

    return loss


for _module in ("contrib.losses", "contrib.slim.losses"):
    ADDED.update({f"{_module}.{_name}": getattr(tf.losses, _name) for _name in dir(tf.losses) if _name[0] != "_"})
    for _name, _order in {
        "softmax_cross_entropy": ("logits", "onehot_labels"),
        "sigmoid_cross_entropy": ("logits", "multi_class_labels"),
        "sparse_softmax_cross_entropy": ("logits", "labels"),
        "log_loss": ("predictions", "labels"),
        "hinge_loss": ("logits", "labels"),
        "mean_squared_error": ("predictions", "labels"),
        "absolute_difference": ("predictions", "labels"),
    }.items():
        ADDED[f"{_module}.{_name}"] = _swapped(getattr(tf.losses, _name), *_order)
