"""CNN on MNIST, graph mode. Keras twin: tfport/cnn.py.

Two convolutions, a dense layer with dropout, a softmax: E. Nakai's TensorFlow book (Korean edition, Jpub 2017), as
worked through on TensorFlow 1.3. The loss is the tutorial's own: a sum over the batch, written with a bare log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from legacy_tf1 import input_data, program, tf
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's CNN on MNIST, in graph mode. Keras twin: python -m tfport.cnn"


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's, but for the folder of the data."""

    RETIRED: ClassVar = {
        "dropout_rate": "--dropout-rate is the Keras twin's; this program takes --dropout, TF1's probability to KEEP: "
        "write 0.9 for a rate of 0.1"
    }

    preset: Literal["tutorial", "deep"] = flag(
        "tutorial", "deep: initial values, steps and mean loss of the 'deep MNIST' tutorial"
    )
    steps: int = flag(None, "training steps (default: 4000; with --preset deep 20000)", low=1)
    batch_size: int = flag(50, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(1e-4, "of Adam", above=0)
    dropout: float = flag(0.5, "probability to KEEP a unit in training", above=0, high=1)
    loss: Literal["raw", "stable"] = flag(
        None, "raw: log of the softmax, as written (default); stable: on logits (default with --preset deep)"
    )
    report_every: int = flag(1000, "steps from one line on the test set to the next", low=1)
    seed: int = flag(20180312, "of the graph and of NumPy", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        deep = self.preset == "deep"
        self.settle(steps=20_000 if deep else 4000, loss="stable" if deep else "raw")


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 784) float32
    t: Any  # (batch, 10) float32, one-hot
    keep_prob: Any  # scalar
    logits: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 784), one-hot labels (N, 10)."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, one_hot=True, source=config.data)


# --- model ---


def model(x: Any, keep_prob: Any, config: Config) -> Any:
    """Logits (batch, 10) of flat images (batch, 784)."""
    deep = config.preset == "deep"
    dense = 0.1 if deep else 1.0

    # bias_add and not +: the same sum, but + has another gradient op than Keras's layers, which sums in another order.
    images = tf.reshape(x, [-1, 28, 28, 1])
    w_conv1 = tf.Variable(tf.truncated_normal([5, 5, 1, 32], stddev=0.1))
    b_conv1 = tf.Variable(tf.constant(0.1, shape=[32]))
    h_conv1 = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(images, w_conv1, strides=[1, 1, 1, 1], padding="SAME"), b_conv1))
    h_pool1 = tf.nn.max_pool(h_conv1, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")  # (batch, 14, 14, 32)

    w_conv2 = tf.Variable(tf.truncated_normal([5, 5, 32, 64], stddev=0.1))
    b_conv2 = tf.Variable(tf.constant(0.1, shape=[64]))
    h_conv2 = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(h_pool1, w_conv2, strides=[1, 1, 1, 1], padding="SAME"), b_conv2))
    h_pool2 = tf.nn.max_pool(h_conv2, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")  # (batch, 7, 7, 64)

    flat = tf.reshape(h_pool2, [-1, 7 * 7 * 64])  # (batch, 3136)
    w_dense = tf.Variable(tf.truncated_normal([7 * 7 * 64, 1024], stddev=dense))
    b_dense = tf.Variable(tf.constant(0.1, shape=[1024]))
    hidden = tf.nn.relu(tf.nn.bias_add(tf.matmul(flat, w_dense), b_dense))  # (batch, 1024)
    hidden_drop = tf.nn.dropout(hidden, keep_prob)

    w_out = tf.Variable(tf.truncated_normal([1024, 10], stddev=0.1) if deep else tf.zeros([1024, 10]))
    b_out = tf.Variable(tf.constant(0.1, shape=[10]) if deep else tf.zeros([10]))
    return tf.nn.bias_add(tf.matmul(hidden_drop, w_out), b_out)  # (batch, 10)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 784])
    t = tf.placeholder(tf.float32, [None, 10])
    keep_prob = tf.placeholder(tf.float32)
    logits = model(x, keep_prob, config)
    p = tf.nn.softmax(logits)
    if config.loss == "raw":
        per_image = -tf.reduce_sum(t * tf.log(p), axis=1)  # NaN once a probability underflows to 0
    else:
        per_image = tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits)
    loss = tf.reduce_mean(per_image) if config.preset == "deep" else tf.reduce_sum(per_image)
    # Gates are v1's default: they hold an op's gradients together. Keras has none, and with oneDNN and several threads
    # a convolution's bias gradient is then summed in another order; without them the twins agree to the bit.
    gates = tf.train.Optimizer.GATE_OP if config.loss == "raw" else tf.train.Optimizer.GATE_NONE
    train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss, gate_gradients=gates)
    correct = tf.equal(tf.argmax(p, 1), tf.argmax(t, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, keep_prob, logits, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[program.Report]:
    """Run ``config.steps`` steps in a session whose variables are initialised; yields a report on the test set."""
    for step in range(1, config.steps + 1):
        batch_xs, batch_ts = mnist.train.next_batch(config.batch_size, fake_data=config.fake_data)
        sess.run(net.train_step, feed_dict={net.x: batch_xs, net.t: batch_ts, net.keep_prob: config.dropout})
        if step % config.report_every == 0 or step == config.steps:
            yield evaluate(sess, net, mnist, config, step)


# --- evaluation ---


def evaluate(sess: Any, net: Net, mnist: Any, config: Config, step: int) -> program.Report:
    """Loss summed and accuracy averaged over the test set, taken in four quarters to save memory."""
    losses, accuracies, sizes = [], [], []
    for images, labels in program.test_parts(mnist.test, config, parts=4):
        feed_dict = {net.x: images, net.t: labels, net.keep_prob: 1.0}
        loss, accuracy = sess.run([net.loss, net.accuracy], feed_dict)
        losses.append(loss)
        accuracies.append(accuracy)
        sizes.append(len(images))
    # The deep preset's loss is a mean over images, so the parts are averaged; the tutorial's is a sum.
    loss = np.average(losses, weights=sizes) if config.preset == "deep" else np.sum(losses)
    return program.Report(step, float(loss), float(np.average(accuracies, weights=sizes)))


# --- program ---


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print a line for every thousand steps; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.cnn", description=DESCRIPTION)
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
            return reports


if __name__ == "__main__":
    run(main)
