"""Training as every program does it: flags, run folder, v1's batches, evaluation by steps, TF1's optimizers.

Takes any model and knows no builder. ``fit``, ``evaluate`` and ``Adam`` load TensorFlow when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tfport.training.config import Config
from tfport.training.runs import Report, Result, Run, start

if TYPE_CHECKING:
    from tfport.training.loop import evaluate, fit
    from tfport.training.optimizers import Adam

__all__ = ["Adam", "Config", "Report", "Result", "Run", "evaluate", "fit", "start"]


def __getattr__(name: str) -> Any:
    if name in ("evaluate", "fit"):
        from tfport.training import loop

        return getattr(loop, name)
    if name == "Adam":
        from tfport.training.optimizers import Adam

        return Adam
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
