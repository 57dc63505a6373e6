"""Logistic regression and a held-out set, graph mode. Keras twin: tfport/holdout.py.

The model of ``logistic`` on forty times as many points, a fifth of them held out; the accuracy on both parts is
recorded after every step: E. Nakai's TensorFlow book (Korean edition, Jpub 2017), as worked through on TensorFlow 1.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import logistic, program, tf
from tfport import plots
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's test of generalisation, in graph mode. Keras twin: python -m tfport.holdout"


@dataclass(frozen=True, kw_only=True)
class Config(logistic.Config):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(2500, "training steps, each on all the points of the training part", low=1)
    report_every: int = flag(500, "steps from one line to the next", low=1)


class Report(NamedTuple):
    """Result after a step."""

    step: int
    loss: float  # of the training part
    train_accuracy: float
    accuracy: float  # on the held-out part

    def __str__(self) -> str:
        line = f"Step: {self.step}, Loss: {self.loss:f}"
        return f"{line}, Train accuracy: {self.train_accuracy:f}, Test accuracy: {self.accuracy:f}"

    def scalars(self) -> dict[str, dict[str, float]]:
        """What TensorBoard is told."""
        return {"train": {"loss": self.loss, "accuracy": self.train_accuracy}, "test": {"accuracy": self.accuracy}}


# --- data ---


def load(config: Config) -> Problem:
    """Fourteen hundred points, a fifth of them held out."""
    return problems.points("holdout", config.data_seed)


# --- model ---

model = logistic.model

# --- loss and optimizer ---


def build(config: Config) -> logistic.Net:
    """Add the whole program to the default graph."""
    return logistic.build(config)


# --- training ---


def train(sess: Any, net: logistic.Net, problem: Problem, config: Config) -> Iterator[Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report after EVERY step."""
    training = {net.x: problem.train.inputs, net.t: problem.train.targets}
    test = {net.x: problem.test.inputs, net.t: problem.test.targets}
    for step in range(1, config.steps + 1):
        sess.run(net.train_step, feed_dict=training)
        loss, train_accuracy = sess.run([net.loss, net.accuracy], feed_dict=training)
        test_accuracy = sess.run(net.accuracy, feed_dict=test)
        yield Report(step, float(loss), float(train_accuracy), float(test_accuracy))


# --- figures ---


def draw(reports: Sequence[Report], config: Config) -> None:
    """Both accuracy curves."""
    folder = Path(config.figures_dir)
    train, test = (np.array([getattr(each, name) for each in reports]) for name in ("train_accuracy", "accuracy"))
    title = f"TF1: {100 * train[-1]:.1f} % of the training points, {100 * test[-1]:.1f} % of those held out"
    plots.accuracy_curves(train, test, title, folder / "holdout-curves.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[Report]:
    """Train and print a line for every 500 steps; returns a report for every step."""
    config = Config.parse(argv, prog="python -m legacy_tf1.holdout", description=DESCRIPTION)
    program.prepare(config)
    reports: list[Report] = []

    def lines(every_step: Iterator[Report]) -> Iterator[Any]:
        for report in every_step:
            reports.append(report)
            if report.step % config.report_every == 0 or report.step == config.steps:
                yield report

    with tf.Graph().as_default():
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            program.show(lines(train(sess, net, load(config), config)), config.log_dir)
            program.save(sess, config)
    if config.figures_dir:
        draw(reports, config)
    return reports


if __name__ == "__main__":
    run(main)
