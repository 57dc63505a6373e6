"""A CNN with one convolution on MNIST, graph mode. Keras twin: tfport/single_cnn.py.

Sixteen filters without bias or activation, a dense layer, a softmax: E. Nakai's TensorFlow book (Korean edition, Jpub
2017), as worked through on TensorFlow 1.3. The loss is the tutorial's own: a sum over the batch, with a bare log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from legacy_tf1 import input_data, program, tf
from tfport import plots
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's CNN with one convolution, in graph mode. Keras twin: python -m tfport.single_cnn"


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's, but for the folder of the data."""

    steps: int = flag(4000, "training steps", low=1)
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.0005, "of Adam", above=0)
    loss: Literal["raw", "stable"] = flag("raw", "raw: log of the softmax, as written; stable: on logits")
    report_every: int = flag(1000, "steps from one line on the test set to the next", low=1)
    figures_dir: str = flag("", program.FIGURES_DIR)
    seed: int = flag(20180312, "of the graph and of NumPy", low=0)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 784) float32
    t: Any  # (batch, 10) float32, one-hot
    filters: Any  # (5, 5, 1, 16)
    pooled: Any  # (batch, 14, 14, 16)
    logits: Any  # (batch, 10)
    p: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 784), one-hot labels (N, 10)."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, one_hot=True, source=config.data)


# --- model ---


def model(x: Any) -> tuple[Any, Any, Any]:
    """Logits (batch, 10) of flat images (batch, 784); the filters, and what they make of the images."""
    images = tf.reshape(x, [-1, 28, 28, 1])
    filters = tf.Variable(tf.truncated_normal([5, 5, 1, 16], stddev=0.1))
    convolved = tf.nn.conv2d(images, filters, strides=[1, 1, 1, 1], padding="SAME")  # (batch, 28, 28, 16)
    pooled = tf.nn.max_pool(convolved, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")  # (batch, 14, 14, 16)

    flat = tf.reshape(pooled, [-1, 14 * 14 * 16])  # (batch, 3136)
    w_dense = tf.Variable(tf.truncated_normal([14 * 14 * 16, 1024]))
    b_dense = tf.Variable(tf.zeros([1024]))
    hidden = tf.nn.relu(tf.nn.bias_add(tf.matmul(flat, w_dense), b_dense))  # (batch, 1024)

    w_out = tf.Variable(tf.zeros([1024, 10]))
    b_out = tf.Variable(tf.zeros([10]))
    return tf.nn.bias_add(tf.matmul(hidden, w_out), b_out), filters, pooled


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 784])
    t = tf.placeholder(tf.float32, [None, 10])
    logits, filters, pooled = model(x)
    p = tf.nn.softmax(logits)
    if config.loss == "raw":
        loss = -tf.reduce_sum(t * tf.log(p))  # NaN once a probability underflows to 0
    else:
        loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits))
    train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss)
    correct = tf.equal(tf.argmax(p, 1), tf.argmax(t, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, filters, pooled, logits, p, loss, accuracy, train_step)


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
    """Loss and accuracy on the test set, all of it at once."""
    ((images, labels),) = program.test_parts(mnist.test, config)
    loss, accuracy = sess.run([net.loss, net.accuracy], {net.x: images, net.t: labels})
    return program.Report(step, float(loss), float(accuracy))


# --- figures ---


def draw(sess: Any, net: Net, mnist: Any, report: program.Report, config: Config) -> None:
    """The filters with what they make of nine test images, and the first ten images that are misread."""
    if config.fake_data:
        print("Fake data has no test images: no figures.")
        return
    folder = Path(config.figures_dir)
    images, labels = mnist.test.images, np.argmax(mnist.test.labels, axis=1)
    pictures = images.reshape(-1, 28, 28)
    filters, maps = sess.run([net.filters, net.pooled], {net.x: images[:9]})
    title = f"TF1: the filters behind {100 * (report.accuracy or 0):.2f} %, and what they make of nine digits"
    plots.filter_sheet(pictures[:9], labels[:9], filters[:, :, 0], maps, title, folder / "single_cnn-filters.png")
    p = sess.run(net.p, {net.x: images})
    wrong = np.flatnonzero(np.argmax(p, axis=1) != labels)
    if len(wrong):
        rows = wrong[:10]
        title = f"TF1: the first of {len(wrong)} misread test images"
        plots.misclassified(pictures[rows], labels[rows], p[rows], title, folder / "single_cnn-misclassified.png")


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print a line for every thousand steps; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.single_cnn", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        np.random.seed(config.seed)
        tf.set_random_seed(config.seed)
        mnist = load(config)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, mnist, config), config.log_dir)
            program.save(sess, config)
            if config.figures_dir:
                draw(sess, net, mnist, reports[-1], config)
            return reports


if __name__ == "__main__":
    run(main)
