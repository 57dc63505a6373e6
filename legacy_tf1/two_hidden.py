"""Two hidden layers on points in an XOR layout, graph mode. Keras twin: tfport/two_hidden.py.

Two tanh layers of two units: E. Nakai's TensorFlow book (Korean edition, Jpub 2017), as worked through on TensorFlow
1.3. Two starts in five stay in a local minimum. The loss is the tutorial's own: a sum over the points, with a bare log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from legacy_tf1 import program, tf
from tfport import plots
from tfport.data import Problem, problems
from tfport.flags import flag, run

DESCRIPTION = (
    "The TF1 tutorial's network with two hidden layers, in graph mode. Keras twin: python -m tfport.two_hidden"
)
EXTENT = (-15.0, 15.0)


@dataclass(frozen=True, kw_only=True)
class Config(program.PointsConfig):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(5000, "training steps, each on all the points", low=1)
    learning_rate: float = flag(0.001, "of gradient descent", above=0)
    report_every: int = flag(1000, "steps from one line to the next", low=1)
    seed: int = flag(20180311, "of the graph", low=0)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (points, 2) float32
    t: Any  # (points, 1) float32, 0 or 1
    logits: Any  # (points, 1)
    p: Any  # (points, 1)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> Problem:
    """A hundred and twenty points."""
    return problems.points("two_hidden", config.data_seed)


# --- model ---


def model(x: Any) -> Any:
    """Logits (points, 1) of points (points, 2)."""
    w1 = tf.Variable(tf.truncated_normal([2, 2]))
    b1 = tf.Variable(tf.zeros([2]))
    hidden1 = tf.tanh(tf.nn.bias_add(tf.matmul(x, w1), b1))  # (points, 2)

    w2 = tf.Variable(tf.truncated_normal([2, 2]))
    b2 = tf.Variable(tf.zeros([2]))
    hidden2 = tf.tanh(tf.nn.bias_add(tf.matmul(hidden1, w2), b2))  # (points, 2)

    w0 = tf.Variable(tf.zeros([2, 1]))
    b0 = tf.Variable(tf.zeros([1]))
    return tf.nn.bias_add(tf.matmul(hidden2, w0), b0)  # (points, 1)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 2])
    t = tf.placeholder(tf.float32, [None, 1])
    logits = model(x)
    p = tf.sigmoid(logits)
    if config.loss == "raw":
        loss = -tf.reduce_sum(t * tf.log(p) + (1 - t) * tf.log(1 - p))  # NaN once p rounds to 0 or 1
    else:
        loss = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=logits))
    train_step = tf.train.GradientDescentOptimizer(config.learning_rate).minimize(loss)
    correct = tf.equal(tf.sign(p - 0.5), tf.sign(t - 0.5))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, logits, p, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, problem: Problem, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report now and then."""
    yield from program.train_on_all(sess, net, problem, config)


# --- figures ---


def draw(sess: Any, net: Net, problem: Problem, report: program.Report, config: Config) -> None:
    """The points, alone and over the probability."""
    folder = Path(config.figures_dir)
    x, t = problem.train.inputs, problem.train.targets[:, 0]
    field = sess.run(net.p, {net.x: plots.plane(EXTENT)})
    plots.points(x, t, EXTENT, "Two classes that no line can part", folder / "two_hidden-points.png")
    title = f"TF1: {100 * (report.accuracy or 0):.1f} % right, loss {report.loss:.2f}"
    plots.probability_field(x, t, field, EXTENT, title, folder / "two_hidden-field.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print a line for every 1,000 steps; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.two_hidden", description=DESCRIPTION)
    program.prepare(config)
    problem = load(config)
    with tf.Graph().as_default():
        tf.set_random_seed(config.seed)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, problem, config), config.log_dir)
            program.save(sess, config)
            if config.figures_dir:
                draw(sess, net, problem, reports[-1], config)
    return reports


if __name__ == "__main__":
    run(main)
