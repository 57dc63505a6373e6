"""What the graph-mode programs on MNIST share: common flags, the test set in parts, printed reports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import tf
from tfport.data import Source
from tfport.errors import UserError
from tfport.flags import Flags, flag


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags that every MNIST program takes."""

    data: Source = flag("auto", "digits to learn from; auto: MNIST where it can be had, else synthetic digits")
    data_dir: str = flag("MNIST_data/", "folder of the four MNIST files")
    fake_data: bool = flag(False, "the same as --data fake")
    log_dir: str = flag("", "write summaries for TensorBoard below this folder")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.data == "fake":
            object.__setattr__(self, "fake_data", True)


class Report(NamedTuple):
    """Result on the test set after a step."""

    step: int
    loss: float
    accuracy: float

    def __str__(self) -> str:
        return f"Step: {self.step}, Loss: {self.loss:f}, Accuracy: {self.accuracy:f}"


def test_parts(split: Any, config: Any, *, parts: int) -> Iterator[tuple[Any, Any]]:
    """The test set in equal parts; fake data has none, so one fake batch stands for it."""
    if config.fake_data:
        yield split.next_batch(config.batch_size, fake_data=True)
        return
    parts = min(parts, len(split.images))  # an empty part is no batch
    yield from zip(np.array_split(split.images, parts), np.array_split(split.labels, parts), strict=True)


def show(reports: Iterable[Report], log_dir: str) -> list[Report]:
    """Print reports as they come, in the tutorial's format; returns them.

    Args:
        reports: what a program's ``train`` yields.
        log_dir: where given, their loss and accuracy go to ``test/`` below it as summaries, and the graph with them.
    """
    shown: list[Report] = []
    writer = None
    try:
        if log_dir:
            writer = _writer(log_dir)
        for report in reports:
            print(report, flush=True)
            shown.append(report)
            if writer is not None:
                values = [tf.Summary.Value(tag=tag, simple_value=getattr(report, tag)) for tag in ("loss", "accuracy")]
                writer.add_summary(tf.Summary(value=values), report.step)
    finally:
        if writer is not None:
            writer.close()
    return shown


def _writer(log_dir: str) -> Any:
    folder = os.path.join(log_dir, "test")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UserError(f"--log-dir {log_dir}: cannot be written ({error.strerror}); name another folder") from error
    return tf.summary.FileWriter(folder, tf.get_default_graph())
