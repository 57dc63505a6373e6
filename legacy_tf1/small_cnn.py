"""A small CNN on MNIST, graph mode. Keras twin: tfport/small_cnn.py.

Two convolutions of 4 and 8 filters and a linear layer: coderkoo.tistory.com/13. The tutorial means to print the
accuracy every 100 steps, but ``if i % 100`` is true of every step that is no hundredth; ``--as_written`` keeps the
slip, at some thirty times the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import input_data, program, tf
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's small CNN on MNIST, in graph mode. Keras twin: python -m tfport.small_cnn"


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's."""

    steps: int = flag(10_000, "training steps", low=1)
    batch_size: int = flag(64, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.005, "of Adam", above=0)
    every: int = flag(100, "steps from one accuracy to the next", low=1)
    as_written: bool = flag(False, "the tutorial's slip: an accuracy after all steps but one in --every")
    seed: int | None = flag(None, "of the graph and of NumPy; the tutorial sets none", low=0)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 28, 28, 1) float32
    t: Any  # (batch, 10) float32, one-hot
    logits: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 28, 28, 1), one-hot labels (N, 10)."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, one_hot=True, reshape=False, source=config.data)


# --- model ---


def model(x: Any) -> Any:
    """Logits (batch, 10) of images (batch, 28, 28, 1)."""
    w1 = tf.Variable(tf.truncated_normal([4, 4, 1, 4], stddev=0.1))
    b1 = tf.Variable(tf.truncated_normal([4], stddev=0.1))
    conv1 = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w1, strides=[1, 1, 1, 1], padding="SAME"), b1))
    pool1 = tf.nn.max_pool(conv1, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")  # (batch, 14, 14, 4)

    w2 = tf.Variable(tf.truncated_normal([4, 4, 4, 8], stddev=0.1))
    b2 = tf.Variable(tf.truncated_normal([8], stddev=0.1))
    conv2 = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(pool1, w2, strides=[1, 1, 1, 1], padding="SAME"), b2))
    pool2 = tf.nn.max_pool(conv2, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")  # (batch, 7, 7, 8)

    flat = tf.reshape(pool2, [-1, 7 * 7 * 8])  # (batch, 392)
    w3 = tf.Variable(tf.truncated_normal([7 * 7 * 8, 10], stddev=1.0))
    b3 = tf.Variable(tf.truncated_normal([10], stddev=1.0))
    return tf.nn.bias_add(tf.matmul(flat, w3), b3)  # (batch, 10)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    t = tf.placeholder(tf.float32, [None, 10])
    logits = model(x)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits))
    # No gates: the same mathematics, and the bits of Keras, which has none (see legacy_tf1/cnn.py).
    optimizer = tf.train.AdamOptimizer(config.learning_rate)
    train_step = optimizer.minimize(loss, gate_gradients=tf.train.Optimizer.GATE_NONE)
    correct = tf.equal(tf.argmax(logits, 1), tf.argmax(t, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, logits, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report on the test set."""
    for step in range(1, config.steps + 1):
        batch_xs, batch_ts = mnist.train.next_batch(config.batch_size, fake_data=config.fake_data)
        sess.run(net.train_step, feed_dict={net.x: as_images(batch_xs), net.t: batch_ts})
        due = (step - 1) % config.every if config.as_written else step % config.every == 0 or step == config.steps
        if due:
            yield evaluate(sess, net, mnist, config, step)


def as_images(batch: Any) -> Any:
    """The batch as (batch, 28, 28, 1): fake ones are flat lists."""
    return np.reshape(batch, (-1, 28, 28, 1))


# --- evaluation ---


def evaluate(sess: Any, net: Net, mnist: Any, config: Config, step: int) -> program.Report:
    """Loss and accuracy on the test set."""
    ((batch_xs, batch_ts),) = program.test_parts(mnist.test, config)
    loss, accuracy = sess.run([net.loss, net.accuracy], {net.x: as_images(batch_xs), net.t: batch_ts})
    return program.BareAccuracy(step, float(loss), float(accuracy))


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print the test accuracy now and then; returns what was printed."""
    config = Config.parse(argv, prog="python -m legacy_tf1.small_cnn", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        tf.set_random_seed(config.seed)
        mnist = load(config)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            print("start....")
            reports = program.show(train(sess, net, mnist, config), config.log_dir)
            program.save(sess, config)
            return reports


if __name__ == "__main__":
    run(main)
