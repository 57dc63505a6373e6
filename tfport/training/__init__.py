"""Training as every program does it: flags, run folder, v1's batches, evaluation by steps, TF1's optimizers.

Takes any model and knows no builder. ``fit``, ``evaluate`` and ``Adam`` load TensorFlow when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfport.training.config import BaseConfig, Config, PointsConfig, Precision
from tfport.training.runs import Report, Result, Run, start

if TYPE_CHECKING:
    from tfport.training.loop import evaluate, fit, predict_logits, probabilities
    from tfport.training.optimizers import Adam
    from tfport.training.policies import precision

_OF_THE_LOOP = ("evaluate", "fit", "predict_logits", "probabilities")

__all__ = [
    "Adam",
    "BaseConfig",
    "Config",
    "PointsConfig",
    "Precision",
    "Report",
    "Result",
    "Run",
    "evaluate",
    "fit",
    "precision",
    "predict_logits",
    "probabilities",
    "start",
]


def __getattr__(name: str) -> Any:
    if name in _OF_THE_LOOP:
        from tfport.training import loop

        return getattr(loop, name)
    if name == "precision":
        from tfport.training.policies import precision

        return precision
    if name == "Adam":
        from tfport.training.optimizers import Adam

        return Adam
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
