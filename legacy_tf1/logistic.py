"""Logistic regression on points of two classes, graph mode. Keras twin: tfport/logistic.py.

E. Nakai's TensorFlow book (Korean edition, Jpub 2017), as worked through on TensorFlow 1.3. The loss is the
tutorial's own: a sum over the points, written with a bare log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from legacy_tf1 import program, tf
from tfport import plots
from tfport.data import Problem, problems
from tfport.flags import run

DESCRIPTION = "The TF1 tutorial's logistic regression, in graph mode. Keras twin: python -m tfport.logistic"
EXTENT = (0.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Config(program.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (points, 2) float32
    t: Any  # (points, 1) float32, 0 or 1
    w: Any  # (2, 1)
    w0: Any  # (1,)
    logits: Any  # (points, 1)
    p: Any  # (points, 1)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> Problem:
    """Thirty-five points."""
    return problems.points("logistic", config.data_seed)


# --- model ---


def model(x: Any) -> tuple[Any, Any, Any]:
    """Logits (points, 1) of points (points, 2), and the weights."""
    w = tf.Variable(tf.zeros([2, 1]))
    w0 = tf.Variable(tf.zeros([1]))
    return tf.nn.bias_add(tf.matmul(x, w), w0), w, w0


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 2])
    t = tf.placeholder(tf.float32, [None, 1])
    logits, w, w0 = model(x)
    p = tf.sigmoid(logits)
    if config.loss == "raw":
        loss = -tf.reduce_sum(t * tf.log(p) + (1 - t) * tf.log(1 - p))  # NaN once p rounds to 0 or 1
    else:
        loss = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=logits))
    train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss)
    correct = tf.equal(tf.sign(p - 0.5), tf.sign(t - 0.5))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, w, w0, logits, p, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, problem: Problem, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report now and then."""
    yield from program.train_on_all(sess, net, problem, config)


# --- figures ---


def draw(sess: Any, net: Net, problem: Problem, report: program.Report, config: Config) -> None:
    """The points, and the decision line over the probability."""
    folder = Path(config.figures_dir)
    x, t = problem.train.inputs, problem.train.targets[:, 0]
    (w1, w2), (w0,) = sess.run(net.w)[:, 0], sess.run(net.w0)
    field = sess.run(net.p, {net.x: plots.plane(EXTENT)})
    plots.points(x, t, EXTENT, "A line can part nearly all of the points", folder / "logistic-points.png")
    title = f"TF1: {100 * (report.accuracy or 0):.1f} % on the right side of the line"
    plots.probability_field(x, t, field, EXTENT, title, folder / "logistic-field.png", line=(w0, w1, w2))


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train, print a line for every 4,000 steps and the weights; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.logistic", description=DESCRIPTION)
    program.prepare(config)
    problem = load(config)
    with tf.Graph().as_default():
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, problem, config), config.log_dir)
            program.save(sess, config)
            w, w0 = sess.run([net.w, net.w0])
            print(w0[0], *w[:, 0])
            if config.figures_dir:
                draw(sess, net, problem, reports[-1], config)
    return reports


if __name__ == "__main__":
    run(main)
