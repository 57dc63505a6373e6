"""The flags that every Keras program takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from tfport.data import Source
from tfport.data.problems import SEED
from tfport.flags import Flags, flag

Precision = Literal["float32", "bfloat16"]
Strategy = Literal["none", "mirrored", "multiworker"]


@dataclass(frozen=True, kw_only=True)
class BaseConfig(Flags):
    """Base of every program's configuration; a program adds its own flags and narrows the defaults.

    ``steps`` and ``learning_rate`` mean what they mean in the TF1 program: an optimizer update is a step.
    """

    steps: int = flag(1000, "optimizer steps", low=1)
    learning_rate: float = flag(0.001, "of the optimizer", above=0)
    report_every: int = flag(1000, "steps from one evaluation to the next", low=1)
    summary_every: int = flag(100, "steps from one training summary for TensorBoard to the next", low=1)
    log_dir: str = flag("runs", "folder in which this run gets a folder of its own")
    resume: str | None = flag(None, "run folder of this program, to go on where its last checkpoint was made")
    checkpoint_seconds: float = flag(10.0, "of training from one checkpoint to the next, at least", low=0)


@dataclass(frozen=True, kw_only=True)
class PointsConfig(BaseConfig):
    """Base of the configuration of programs that learn from points."""

    data_seed: int = flag(SEED, "of the points", low=0)


@dataclass(frozen=True, kw_only=True)
class Config(BaseConfig):
    """Base of the configuration of programs that learn digits; a batch never shrinks."""

    RETIRED: ClassVar = {"fake_data": "--fake-data is the TF1 program's; write --data fake"}

    data: Source = flag("auto", "digits to learn from; auto: MNIST where it can be had, else synthetic digits")
    data_dir: str | None = flag(None, "folder of the four MNIST files")
    strategy: Strategy = flag("none", "mirrored: all devices of this machine; multiworker: the machines in TF_CONFIG")
    precision: Precision = flag("float32", "bfloat16: of activations and products; weights and logits stay float32")
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    report_every: int = flag(1000, "steps from one evaluation on the test set to the next", low=1)
    summary_every: int = flag(10, "steps from one training summary for TensorBoard to the next", low=1)
    seed: int = flag(20180312, "of initial weights, dropout and the order of batches", low=0)
