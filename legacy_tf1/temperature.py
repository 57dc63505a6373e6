"""A polynomial through twelve temperatures, graph mode. Keras twin: tfport/temperature.py.

Least squares by gradient descent: E. Nakai's TensorFlow book (Korean edition, Jpub 2017), as worked through on
TensorFlow 1.3. The columns of the design matrix run from 1 to 20,736, so Adam crawls: after 100,000 steps the loss is
still nearly twice the optimum's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import program, tf
from tfport import plots
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's fit of monthly temperatures, in graph mode. Keras twin: python -m tfport.temperature"


@dataclass(frozen=True, kw_only=True)
class Config(program.BaseConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(100_000, "training steps, each on all twelve months", low=1)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    report_every: int = flag(20_000, "steps from one line to the next", low=1)
    figures_dir: str = flag("", program.FIGURES_DIR)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (12, 5) float32
    t: Any  # (12, 1) float32
    w: Any  # (5, 1)
    logits: Any  # (12, 1), in °C
    loss: Any  # scalar, °C²
    train_step: Any
    accuracy: Any = None  # nothing is classified


# --- data ---


def load(config: Config) -> Problem:
    """The powers of the month, and the temperatures."""
    return problems.temperature()


# --- model ---


def model(x: Any) -> tuple[Any, Any]:
    """Temperatures (months, 1) of powers (months, 5), and the parameters."""
    w = tf.Variable(tf.zeros([5, 1]))
    return tf.matmul(x, w), w


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 5])
    t = tf.placeholder(tf.float32, [None, 1])
    y, w = model(x)
    loss = tf.reduce_sum(tf.square(y - t))
    train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss)
    return Net(x, t, w, y, loss, train_step)


# --- training ---


def train(sess: Any, net: Net, problem: Problem, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report now and then."""
    yield from program.train_on_all(sess, net, problem, config)


# --- figures ---


def draw(w: np.ndarray, loss: float, config: Config) -> None:
    """The twelve values, and the curve through them."""
    folder = Path(config.figures_dir)
    months = np.linspace(1, 12, 200)
    plots.monthly(np.array(problems.TEMPERATURES), folder / "temperature-temperatures.png")
    title = f"TF1: sum of squares {loss:.2f} °C² (least possible {problems.least_squares()[1]:.2f})"
    fitted = problems.powers(months) @ w[:, 0]
    plots.fitted_curve(np.array(problems.TEMPERATURES), months, fitted, title, folder / "temperature-fit.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train, print a line for every 20,000 steps and the parameters; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.temperature", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, load(config), config), config.log_dir)
            program.save(sess, config)
            w = sess.run(net.w)
    print(w)
    if config.figures_dir:
        draw(w, reports[-1].loss, config)
    return reports


if __name__ == "__main__":
    run(main)
