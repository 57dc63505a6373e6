"""What is put around an estimator or its optimizer: more metrics, features beside predictions, clipped gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys
from legacy_tf1.compat.registry import adds


@adds("estimator.add_metrics", "contrib.estimator.add_metrics")
def add_metrics(estimator: Estimator, metric_fn: Callable[..., dict[str, Any]]) -> Estimator:
    """The same estimator, with more metrics: of any of ``features``, ``labels``, ``predictions`` and ``config``."""
    taken = set(inspect.signature(metric_fn).parameters)

    def model_fn(features: Any, labels: Any, mode: str, config: Any) -> EstimatorSpec:
        spec = estimator.model_fn(features, labels, mode, config)
        if mode != ModeKeys.EVAL:
            return spec
        given = {"features": features, "labels": labels, "predictions": spec.predictions, "config": config}
        more = metric_fn(**{name: value for name, value in given.items() if name in taken})
        return spec._replace(eval_metric_ops={**spec.eval_metric_ops, **more})

    return Estimator(model_fn, estimator.model_dir, estimator.config)


@adds("contrib.estimator.forward_features")
def forward_features(estimator: Estimator, keys: Any = None, sparse_default_values: Any = None) -> Estimator:
    """The same estimator, whose predictions have features beside them: all, or those named."""
    names = [keys] if isinstance(keys, str) else keys

    def model_fn(features: Any, labels: Any, mode: str, config: Any) -> EstimatorSpec:
        given = dict(features)
        spec = estimator.model_fn(features, labels, mode, config)
        beside = {name: given[name] for name in (given if names is None else names)}
        return spec._replace(predictions={**spec.predictions, **beside}) if mode == ModeKeys.PREDICT else spec

    return Estimator(model_fn, estimator.model_dir, estimator.config)


@adds("contrib.estimator.clip_gradients_by_norm")
def clip_gradients_by_norm(optimizer: Any, clip_norm: float) -> Any:
    """An optimizer that scales the gradients down where their norm, over all variables, is above ``clip_norm``."""

    class Clips(tf.train.Optimizer):
        def __init__(self) -> None:
            super().__init__(use_locking=False, name=f"ClipByNorm{optimizer.get_name()}")

        def compute_gradients(self, *arguments: Any, **options: Any) -> Any:
            return optimizer.compute_gradients(*arguments, **options)

        def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
            gradients, variables = zip(*grads_and_vars, strict=True)
            clipped, _ = tf.clip_by_global_norm(gradients, clip_norm)
            return optimizer.apply_gradients(list(zip(clipped, variables, strict=True)), global_step, name)

    return Clips()
