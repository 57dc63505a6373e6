"""What the graph-mode programs share: common flags, the test set in parts, printed reports."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from legacy_tf1 import tf
from tfport import startup
from tfport.data import Problem, Source
from tfport.data.problems import SEED
from tfport.errors import UserError
from tfport.flags import Flags, flag, folder

FIGURES_DIR = "save the tutorial's figures in this folder, as PNG"  # help of the flag, where a tutorial has figures


@dataclass(frozen=True, kw_only=True)
class BaseConfig(Flags):
    """Flags that every program takes."""

    log_dir: str = flag("", "write summaries for TensorBoard below this folder")
    restore: str = flag("", "begin with this checkpoint: its weights and what the optimizer remembers")
    save: str = flag("", "write a checkpoint of this name after the last step")


@dataclass(frozen=True, kw_only=True)
class PointsConfig(BaseConfig):
    """Flags of the programs that learn from points."""

    steps: int = flag(20_000, "training steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of the optimizer", above=0)
    loss: Literal["raw", "stable"] = flag("raw", "raw: log of the sigmoid, as written; stable: on logits")
    report_every: int = flag(4000, "steps from one line to the next", low=1)
    data_seed: int = flag(SEED, "of the points", low=0)
    figures_dir: str = flag("", FIGURES_DIR)


@dataclass(frozen=True, kw_only=True)
class Config(BaseConfig):
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

    def scalars(self) -> dict[str, dict[str, float | None]]:
        """What TensorBoard is told: by the part of the data that was evaluated, figures by tag."""
        return {"test": {"loss": self.loss, "accuracy": self.accuracy}}


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
        log_dir: where given, their scalars go to ``train/`` and ``test/`` below it as summaries, and the graph to the
            first of these.
    """
    shown: list[Report] = []
    writers: dict[str, Any] = {}
    try:
        for report in reports:
            print(report, flush=True)
            shown.append(report)
            for part, figures in report.scalars().items() if log_dir else ():
                if part not in writers:
                    graph = None if writers else tf.get_default_graph()
                    writers[part] = tf.summary.FileWriter(os.path.join(log_dir, part), graph)
                given = {tag: value for tag, value in figures.items() if value is not None}
                values = [tf.Summary.Value(tag=tag, simple_value=value) for tag, value in given.items()]
                writers[part].add_summary(tf.Summary(value=values), report.step)
    finally:
        for writer in writers.values():
            writer.close()
    return shown


def restore(sess: Any, config: BaseConfig) -> None:
    """Go on from the checkpoint that --restore names, if it names one.

    Raises:
        UserError: it is broken, or of another program.
    """
    if not config.restore:
        return
    try:
        shapes = tf.train.load_checkpoint(config.restore).get_variable_to_shape_map()
        for variable in sess.graph.get_collection("variables"):
            # Saver alone would restore another shape without a word.
            if shapes.get(variable.op.name) != variable.shape.as_list():
                raise ValueError(f"it holds no {variable.op.name} of shape {variable.shape.as_list()}")
        tf.train.Saver().restore(sess, config.restore)
    except Exception as error:  # which of TensorFlow's it is, its first line says
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(f"--restore {config.restore}: is broken or of another program ({first})") from error


def save(sess: Any, config: BaseConfig) -> None:
    """Keep all variables, the optimizer's too, where --save says, if it does."""
    if config.save:
        print("Saved", tf.train.Saver().save(sess, config.save, write_state=False))


def prepare(config: BaseConfig) -> None:
    """What a program does first: check the paths that its flags name, import TensorFlow.

    Raises:
        UserError: a folder cannot be written, a checkpoint is not there or there already, or the installed packages do
            not fit together.
    """
    if config.restore and not os.path.exists(f"{config.restore}.index"):
        raise UserError(f"--restore {config.restore}: no such checkpoint; name it as --save did, without .index")
    if config.save and os.path.exists(f"{config.save}.index"):
        raise UserError(f"--save {config.save}: there is such a checkpoint; choose another name")
    if config.save:
        folder("--save", os.path.dirname(config.save) or ".")
        try:
            with contextlib.suppress(FileNotFoundError):
                os.lstat(f"{config.save}.data-00000-of-00001.tempstate{10**19}")  # the longest that Saver makes of it
        except OSError as error:
            raise UserError(
                f"--save {config.save}: cannot be written ({error.strerror}); choose another name"
            ) from error
    for name, path in (("--log-dir", config.log_dir), ("--figures-dir", getattr(config, "figures_dir", ""))):
        if path:
            folder(name, path)
    startup.prepare(keras=False)
