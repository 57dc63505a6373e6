"""Logistic regression and a held-out set. TF1 twin: legacy_tf1/holdout.py.

The model of ``logistic`` on forty times as many points, a fifth of them held out: E. Nakai's TensorFlow book (Korean
edition, Jpub 2017). Traps that the port had to see: the raw log, the SUM for a loss (over 1,120 points) and the ε of
``logistic``; and Keras's training metrics are those BEFORE a step's update, running means at that, so the accuracy on
both parts is computed after the step, as the TF1 program does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tfport import callbacks, keras, models, plots, training
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's test of generalisation, in Keras. TF1 twin: python -m legacy_tf1.holdout"


@dataclass(frozen=True, kw_only=True)
class Config(training.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(2500, "optimizer steps, each on all the points of the training part", low=1)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    report_every: int = flag(500, "steps from one line to the next", low=1)


@dataclass(frozen=True)
class Report(training.Report):
    """Figures after a step; ``loss`` and ``accuracy`` are those of the held-out part."""

    train_loss: float
    train_accuracy: float

    def __str__(self) -> str:
        line = f"Step: {self.step}, Loss: {self.train_loss:f}"
        return f"{line}, Train accuracy: {self.train_accuracy:f}, Test accuracy: {self.accuracy:f}"


# --- data ---


def load(config: Config) -> Problem:
    """Fourteen hundred points, a fifth of them held out."""
    return problems.points("holdout", config.data_seed)


# --- model ---


def model(config: Config) -> keras.Model:
    """Logits (points, 1) of points (points, 2)."""
    return models.holdout()


# --- loss and optimizer ---


def build(config: Config) -> keras.Model:
    """The compiled model."""
    compiled = model(config)
    compiled.compile(
        optimizer=training.Adam(config.learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum"),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],  # a logit of 0 is a half
        jit_compile=False,
    )
    return compiled


# --- training ---


def train(this_run: training.Run) -> np.ndarray:
    """Run ``config.steps`` steps; a line at every report.

    Returns:
        (steps, 2) accuracies of the training part and of the one held out, after every step.
    """
    import tensorflow as tf  # here, so that --help answers at once

    parts = this_run.data.train, this_run.data.test

    def add(report: training.Report) -> None:
        loss, accuracy = training.evaluate(this_run.model, this_run.data.train)
        this_run.add(Report(**asdict(report), train_loss=loss, train_accuracy=accuracy or 0.0))

    def accuracies(model: keras.Model) -> tf.Tensor:
        right = [tf.sign(model(part.inputs, training=False)) == tf.sign(part.targets - 0.5) for part in parts]
        return tf.stack([tf.reduce_mean(tf.cast(part, tf.float32)) for part in right])

    curves = callbacks.EveryStep(accuracies, traced=True)
    scalars = callbacks.Scalars(this_run.tensorboard, this_run.config.summary_every)
    this_run.fit([curves, scalars], report=add)
    return np.array(curves.values)


# --- figures ---


def draw(this_run: training.Run, curves: np.ndarray) -> None:
    """Both accuracy curves."""
    train, test = curves.T
    title = f"Keras: {100 * train[-1]:.1f} % of the training points, {100 * test[-1]:.1f} % of those held out"
    plots.accuracy_curves(train, test, title, this_run.figures / "curves.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> training.Result:
    """Train and print a line for every 500 steps; leaves a run folder.

    Args:
        argv: the flags; those of the command line where None (in a notebook, pass a list).
    """
    config = Config.parse(argv, prog="python -m tfport.holdout", description=DESCRIPTION)
    with training.start("holdout", config, build, load, Report) as this_run:
        curves = train(this_run)
        this_run.save()
        draw(this_run, curves)
        return this_run.finish()


if __name__ == "__main__":
    run(main)
