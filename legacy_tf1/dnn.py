"""A deep network with softmax as hidden activation on MNIST, graph mode. Keras twin: tfport/dnn.py.

limitsinx.tistory.com, part 11-EX. Two hidden layers whose units must share an activation of 1 among 256: the low
accuracy is the lesson.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from legacy_tf1 import input_data, program, tf
from tfport import plots
from tfport.flags import flag, run

DESCRIPTION = "The TF1 tutorial's deep network on MNIST, in graph mode. Keras twin: python -m tfport.dnn"


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's."""

    epochs: int = flag(15, "passes over the training set", low=1)
    steps: int | None = flag(None, "stop after so many training steps instead", low=1)
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    seed: int = flag(777, "of the graph", low=0)
    figures_dir: str = flag("", program.FIGURES_DIR)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 784) float32
    t: Any  # (batch, 10) float32, one-hot
    logits: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any


class Epoch(NamedTuple):
    """The mean cost over the batches of an epoch, after its last step."""

    step: int
    loss: float
    epoch: int
    accuracy: float | None = None  # only the trained network is evaluated

    def __str__(self) -> str:
        return f"Epoch: {self.epoch:04d} cost = {self.loss:.9f}"

    def scalars(self) -> dict[str, dict[str, float]]:
        """What TensorBoard is told."""
        return {"train": {"loss": self.loss}}


class Report(program.Report):
    """A report printed as the tutorial prints its last."""

    def __str__(self) -> str:
        return f"Accuracy: {np.float32(self.accuracy)!s}"


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 784), one-hot labels (N, 10)."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, one_hot=True, source=config.data)


# --- model ---


def model(x: Any) -> Any:
    """Logits (batch, 10) of flat images (batch, 784)."""
    w1 = tf.Variable(tf.random_normal([784, 256]))
    b1 = tf.Variable(tf.random_normal([256]))
    hidden1 = tf.nn.softmax(tf.nn.bias_add(tf.matmul(x, w1), b1))  # (batch, 256)

    w2 = tf.Variable(tf.random_normal([256, 256]))
    b2 = tf.Variable(tf.random_normal([256]))
    hidden2 = tf.nn.softmax(tf.nn.bias_add(tf.matmul(hidden1, w2), b2))  # (batch, 256)

    w3 = tf.Variable(tf.random_normal([256, 10]))
    b3 = tf.Variable(tf.random_normal([10]))
    return tf.nn.bias_add(tf.matmul(hidden2, w3), b3)  # (batch, 10)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    x = tf.placeholder(tf.float32, [None, 784])
    t = tf.placeholder(tf.float32, [None, 10])
    logits = model(x)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits))
    train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss)
    correct = tf.equal(tf.argmax(logits, 1), tf.argmax(t, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    return Net(x, t, logits, loss, accuracy, train_step)


# --- training ---


def train(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[Epoch]:
    """Run the epochs in a session whose variables are initialised; yields the mean cost of each."""
    total_batch = max(1, mnist.train.num_examples // config.batch_size)
    steps = config.steps or config.epochs * total_batch
    costs: list[float] = []
    for step in range(1, steps + 1):
        batch_xs, batch_ts = mnist.train.next_batch(config.batch_size, fake_data=config.fake_data)
        cost, _ = sess.run([net.loss, net.train_step], feed_dict={net.x: batch_xs, net.t: batch_ts})
        costs.append(cost)
        if len(costs) == total_batch or step == steps:
            yield Epoch(step, float(np.mean(costs)), epoch=-(-step // total_batch))
            costs.clear()


# --- evaluation ---


def evaluate(sess: Any, net: Net, mnist: Any, config: Config, step: int) -> program.Report:
    """Loss and accuracy on the test set."""
    ((images, labels),) = program.test_parts(mnist.test, config)
    loss, accuracy = sess.run([net.loss, net.accuracy], {net.x: images, net.t: labels})
    return Report(step, float(loss), float(accuracy))


# --- figures ---


def draw(sess: Any, net: Net, mnist: Any, config: Config) -> None:
    """Label and prediction of one test image, which Python's own unseeded generator picks; and the image."""
    if config.fake_data:
        print("Fake data has no test images: none is shown.")
        return
    row = random.randint(0, mnist.test.num_examples - 1)  # noqa: S311
    image = mnist.test.images[row : row + 1]
    label = np.argmax(mnist.test.labels[row : row + 1], axis=1)
    prediction = np.argmax(sess.run(net.logits, {net.x: image}), axis=1)
    print("Label: ", label)
    print("Prediction: ", prediction)
    if config.figures_dir:
        title = f"TF1: test image {row}, label {label[0]}, prediction {prediction[0]}"
        plots.digit(image.reshape(28, 28), title, Path(config.figures_dir) / "dnn-digit.png")


# --- program ---


def lines(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[Any]:
    """The epochs, and the evaluation of the trained network."""
    for epoch in train(sess, net, mnist, config):
        yield epoch
    print("Learning Finished!")
    yield evaluate(sess, net, mnist, config, epoch.step)


def main(argv: Sequence[str] | None = None) -> list[Any]:
    """Train, print the cost of every epoch and the test accuracy; returns them."""
    config = Config.parse(argv, prog="python -m legacy_tf1.dnn", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        tf.set_random_seed(config.seed)
        mnist = load(config)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(lines(sess, net, mnist, config), config.log_dir)
            program.save(sess, config)
            draw(sess, net, mnist, config)
            return reports


if __name__ == "__main__":
    run(main)
