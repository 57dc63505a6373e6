"""What the graph-mode programs share: common flags, the test set in parts, printed reports."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from legacy_tf1 import tf
from tfport.data import Problem, Source
from tfport.data.problems import SEED
from tfport.errors import UserError
from tfport.flags import Flags, flag


@dataclass(frozen=True, kw_only=True)
class OwnDataConfig(Flags):
    """Flags that every program takes; those that learn from a small set of their own take no others of these."""

    log_dir: str = flag("", "write summaries for TensorBoard below this folder")
    figures_dir: str = flag("", "save the tutorial's figures in this folder, as PNG")


@dataclass(frozen=True, kw_only=True)
class PointsConfig(OwnDataConfig):
    """Flags of the programs that learn from points."""

    steps: int = flag(20_000, "training steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of the optimizer", above=0)
    loss: Literal["raw", "stable"] = flag("raw", "raw: log of the sigmoid, as written; stable: on logits")
    report_every: int = flag(4000, "steps from one line to the next", low=1)
    data_seed: int = flag(SEED, "of the points", low=0)


@dataclass(frozen=True, kw_only=True)
class Config(OwnDataConfig):
    """Flags that every MNIST program takes."""

    data: Source = flag("auto", "digits to learn from; auto: MNIST where it can be had, else synthetic digits")
    data_dir: str = flag("MNIST_data/", "folder of the four MNIST files")
    fake_data: bool = flag(False, "the same as --data fake")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.data == "fake":
            object.__setattr__(self, "fake_data", True)


class Report(NamedTuple):
    """Result after a step; ``accuracy`` is None where nothing is classified or nothing was evaluated."""

    step: int
    loss: float
    accuracy: float | None = None

    def __str__(self) -> str:
        line = f"Step: {self.step}, Loss: {self.loss:f}"
        return line if self.accuracy is None else f"{line}, Accuracy: {self.accuracy:f}"


class BareAccuracy(Report):
    """A report whose line is the test accuracy alone."""

    def __str__(self) -> str:
        return str(np.float32(self.accuracy))


def test_parts(split: Any, config: Any, *, parts: int = 1) -> Iterator[tuple[Any, Any]]:
    """The test set in equal parts; fake data has none, so one fake batch stands for it."""
    if config.fake_data:
        yield split.next_batch(config.batch_size, fake_data=True)
        return
    parts = min(parts, len(split.images))  # an empty part is no batch
    yield from zip(np.array_split(split.images, parts), np.array_split(split.labels, parts), strict=True)


def train_on_all(sess: Any, net: Any, problem: Problem, config: Any) -> Iterator[Report]:
    """The training loop of the small problems: every step sees all of the data; yields a report now and then."""
    feed_dict = {net.x: problem.train.inputs, net.t: problem.train.targets}
    for step in range(1, config.steps + 1):
        sess.run(net.train_step, feed_dict=feed_dict)
        if step % config.report_every == 0 or step == config.steps:
            ends = [net.loss] if net.accuracy is None else [net.loss, net.accuracy]
            yield Report(step, *(float(value) for value in sess.run(ends, feed_dict=feed_dict)))


def show(reports: Iterable[Report], log_dir: str) -> list[Any]:
    """Print reports as they come, in the tutorial's format; returns them.

    Args:
        reports: what a program's ``train`` yields.
        log_dir: where given, their loss and accuracy go to ``test/`` below it as summaries, and the graph with them.
    """
    shown: list[Report] = []
    writer = None
    try:
        if log_dir:
            writer = tf.summary.FileWriter(folder("--log-dir", log_dir) / "test", tf.get_default_graph())
        for report in reports:
            print(report, flush=True)
            shown.append(report)
            if writer is not None:
                figures: Mapping[str, float | None] = {"loss": report.loss, "accuracy": report.accuracy}
                values = [
                    tf.Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items() if value is not None
                ]
                writer.add_summary(tf.Summary(value=values), report.step)
    finally:
        if writer is not None:
            writer.close()
    return shown


def folder(flag_name: str, path: str) -> Path:
    """The folder of that path, made where it was not there.

    Raises:
        UserError: it cannot be made; the message names the flag.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise UserError(f"{flag_name} {path}: cannot be written ({error.strerror}); name another folder") from error
    return Path(path)
