"""Training as every program does it: flags, run folder, v1's batches, evaluation by steps, TF1's optimizers.

Takes any model and knows no builder. ``fit``, ``evaluate`` and ``Adam`` load TensorFlow when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tfport.training.config import BaseConfig, Config, PointsConfig, Precision
from tfport.training.runs import Report, Result, Run, start

if TYPE_CHECKING:
    from tfport.training.loop import NotFinite, evaluate, fit, predict_logits, probabilities
    from tfport.training.optimizers import Adam
    from tfport.training.policies import precision

# Those load TensorFlow.
_MODULES = {
    **dict.fromkeys(("NotFinite", "evaluate", "fit", "predict_logits", "probabilities"), "loop"),
    "precision": "policies",
    "Adam": "optimizers",
}

__all__ = [
    "Adam",
    "BaseConfig",
    "Config",
    "NotFinite",
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
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
