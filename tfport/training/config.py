"""The flags that every Keras program takes."""

from __future__ import annotations

from dataclasses import dataclass

from tfport.data import Source
from tfport.flags import Flags, flag


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Base of a program's configuration; a program adds its own flags and narrows the defaults.

    ``steps``, ``batch_size`` and ``learning_rate`` mean what they mean in the TF1 program: an optimizer update is a
    step, and a batch never shrinks.
    """

    data: Source = flag("auto", "digits to learn from; auto: MNIST where it can be had, else synthetic digits")
    data_dir: str | None = flag(None, "folder of the four MNIST files")
    steps: int = flag(1000, "optimizer steps", low=1)
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.001, "of the optimizer", above=0)
    report_every: int = flag(1000, "steps from one evaluation on the test set to the next", low=1)
    summary_every: int = flag(10, "steps from one training summary for TensorBoard to the next", low=1)
    seed: int = flag(20180312, "of initial weights, dropout and the order of batches", low=0)
    log_dir: str = flag("runs", "folder in which this run gets a folder of its own")
