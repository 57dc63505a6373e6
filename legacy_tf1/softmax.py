"""Softmax regression on MNIST, graph mode. Keras twin: tfport/softmax.py.

TensorFlow's "MNIST for ML Beginners". The loss is the tutorial's first form: a mean over the batch, with a bare log.
The tutorial has no flags; ``--data_dir`` and the others are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from legacy_tf1 import input_data, program, tf
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's softmax regression on MNIST, in graph mode. Keras twin: python -m tfport.softmax"


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(1000, "training steps", low=1)
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.5, "of gradient descent", above=0)
    loss: Literal["raw", "stable"] = flag("raw", "raw: log of the softmax, as written; stable: on logits")
    report_every: int = flag(None, "steps from one accuracy to the next (default: one at the end)", low=1)
    seed: int | None = flag(None, "of the graph and of NumPy; the tutorial sets none", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settle(report_every=self.steps)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 784) float32
    t: Any  # (batch, 10) float32, one-hot
    logits: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 784), one-hot labels (N, 10)."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, one_hot=True, source=config.data)


# --- model ---


def model(x: Any) -> Any:
    """Logits (batch, 10) of flat images (batch, 784)."""
    w = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    return tf.nn.bias_add(tf.matmul(x, w), b)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 784])
    t = tf.placeholder(tf.float32, [None, 10])
    logits = model(x)
    y = tf.nn.softmax(logits)
    if config.loss == "raw":
        per_image = -tf.reduce_sum(t * tf.log(y), axis=1)  # NaN once a probability underflows to 0
    else:
        per_image = tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits)
    loss = tf.reduce_mean(per_image)
    train_step = tf.train.GradientDescentOptimizer(config.learning_rate).minimize(loss)
    correct = tf.equal(tf.argmax(y, 1), tf.argmax(t, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, logits, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report on the test set."""
    for step in range(1, config.steps + 1):
        batch_xs, batch_ts = mnist.train.next_batch(config.batch_size, fake_data=config.fake_data)
        sess.run(net.train_step, feed_dict={net.x: batch_xs, net.t: batch_ts})
        if step % config.report_every == 0 or step == config.steps:
            yield evaluate(sess, net, mnist, config, step)


# --- evaluation ---


def evaluate(sess: Any, net: Net, mnist: Any, config: Config, step: int) -> program.Report:
    """Loss and accuracy on the test set."""
    ((images, labels),) = program.test_parts(mnist.test, config)
    loss, accuracy = sess.run([net.loss, net.accuracy], {net.x: images, net.t: labels})
    return program.BareAccuracy(step, float(loss), float(accuracy))


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print the test accuracy; returns what was printed."""
    config = Config.parse(argv, prog="python -m legacy_tf1.softmax", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        tf.set_random_seed(config.seed)
        mnist = load(config)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, mnist, config), config.log_dir)
            program.save(sess, config)
            return reports


if __name__ == "__main__":
    run(main)
