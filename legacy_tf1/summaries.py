"""A network with one hidden layer on MNIST and all of its summaries, graph mode. Keras twin: tfport/summaries.py.

After ``mnist_with_summaries.py`` (the TensorFlow Authors, 2015, Apache-2.0), written afresh: scalars, histograms,
images, distributions, the graph and run metadata for TensorBoard. Of a thousand steps every tenth is an evaluation,
so 900 are updates.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from legacy_tf1 import input_data, program, tf
from tfport.errors import UserError
from tfport.flags import flag, folder, run

DESCRIPTION = "The TF1 tutorial on TensorBoard, in graph mode. Keras twin: python -m tfport.summaries"
EVALUATE_EVERY, TRACE_EVERY = 10, 100


@dataclass(frozen=True, kw_only=True)
class Config(program.Config):
    """Flags of the program; the defaults are the tutorial's."""

    RETIRED: ClassVar = {
        "steps": "--steps is the Keras twin's; this program takes --max-steps, of which every tenth is an evaluation: "
        "write 1000 for 900 updates",
        "dropout_rate": "--dropout-rate is the Keras twin's; this program takes --dropout, TF1's probability to KEEP: "
        "write 0.9 for a rate of 0.1",
    }

    max_steps: int = flag(1000, "steps; every tenth is an evaluation on the test set, the others are updates", low=1)
    batch_size: int = flag(100, "images in a step", low=1, high=55_000)
    learning_rate: float = flag(0.001, "of Adam", above=0)
    dropout: float = flag(0.9, "probability to KEEP a unit in training", above=0, high=1)
    seed: int | None = flag(None, "of the graph and of NumPy; the tutorial sets none", low=0)
    log_dir: str = flag(
        None,
        "folder of the summaries; EMPTIED at the start, and refused where it holds anything but this program's event "
        "files (default: tensorflow/mnist/logs/mnist_with_summaries in the folder for temporary files)",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.log_dir is None:
            self.settle(log_dir=os.path.join(tempfile.gettempdir(), "tensorflow/mnist/logs/mnist_with_summaries"))

    def for_updates(self, updates: int) -> Config:
        """This configuration with just so many updates."""
        return replace(self, max_steps=updates - (-updates // (EVALUATE_EVERY - 1)))

    def updates_before(self, step: int) -> int:
        """Updates made when a step, counted from 0, begins."""
        return step + (-step // EVALUATE_EVERY)


class Net(NamedTuple):
    """The ends of the graph that a session touches."""

    x: Any  # (batch, 784) float32
    t: Any  # (batch,) int64
    keep_prob: Any  # scalar
    logits: Any  # (batch, 10)
    loss: Any  # scalar
    accuracy: Any  # scalar
    train_step: Any
    merged: Any  # all summaries


class Report(program.Report):
    """A report printed as the tutorial does."""

    def __str__(self) -> str:
        return f"Accuracy at step {self.step}: {np.float32(self.accuracy)!s}"


# --- data ---


def load(config: Config) -> input_data.Datasets:
    """The digits: images (N, 784), labels (N,) as numbers."""
    return input_data.read_data_sets(config.data_dir, config.fake_data, source=config.data)


# --- model ---


def model(x: Any) -> tuple[Any, Any]:
    """Logits (batch, 10) of flat images (batch, 784), and the placeholder of the probability to keep."""
    hidden = layer(x, 784, 500, "layer1", tf.nn.relu)  # (batch, 500)
    with tf.name_scope("dropout"):
        keep_prob = tf.placeholder(tf.float32)
        tf.summary.scalar("dropout_keep_probability", keep_prob)
        dropped = tf.nn.dropout(hidden, keep_prob)
    return layer(dropped, 500, 10, "layer2", tf.identity), keep_prob  # (batch, 10)


def layer(x: Any, inputs: int, outputs: int, name: str, activation: Callable[..., Any]) -> Any:
    """A dense layer, its variables and values summarised under its name."""
    with tf.name_scope(name):
        with tf.name_scope("weights"):
            weights = tf.Variable(tf.truncated_normal([inputs, outputs], stddev=0.1))
            summarize(weights)
        with tf.name_scope("biases"):
            biases = tf.Variable(tf.constant(0.1, shape=[outputs]))
            summarize(biases)
        with tf.name_scope("Wx_plus_b"):
            pre_activations = tf.nn.bias_add(tf.matmul(x, weights), biases)
            tf.summary.histogram("pre_activations", pre_activations)
        activations = activation(pre_activations, name="activation")
        tf.summary.histogram("activations", activations)
    return activations


def summarize(variable: Any) -> None:
    """Mean, standard deviation, extremes and histogram of a variable."""
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(variable)
        tf.summary.scalar("mean", mean)
        with tf.name_scope("stddev"):
            stddev = tf.sqrt(tf.reduce_mean(tf.square(variable - mean)))
        tf.summary.scalar("stddev", stddev)
        tf.summary.scalar("max", tf.reduce_max(variable))
        tf.summary.scalar("min", tf.reduce_min(variable))
        tf.summary.histogram("histogram", variable)


# --- loss and optimizer ---


def build(config: Config) -> Net:
    """Add the whole program to the default graph."""
    with tf.name_scope("input"):
        x = tf.placeholder(tf.float32, [None, 784], name="x-input")
        t = tf.placeholder(tf.int64, [None], name="y-input")
    with tf.name_scope("input_reshape"):
        tf.summary.image("input", tf.reshape(x, [-1, 28, 28, 1]), max_outputs=10)
    logits, keep_prob = model(x)
    with tf.name_scope("cross_entropy"):
        per_image = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=logits)
        with tf.name_scope("total"):
            loss = tf.reduce_mean(per_image)
    tf.summary.scalar("cross_entropy", loss)
    with tf.name_scope("train"):
        train_step = tf.train.AdamOptimizer(config.learning_rate).minimize(loss)
    with tf.name_scope("accuracy"):
        with tf.name_scope("correct_prediction"):
            correct = tf.equal(tf.argmax(logits, 1), t)
        with tf.name_scope("accuracy"):
            accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    tf.summary.scalar("accuracy", accuracy)
    return Net(x, t, keep_prob, logits, loss, accuracy, train_step, tf.summary.merge_all())


# --- training ---


def train(sess: Any, net: Net, mnist: Any, config: Config) -> Iterator[program.Report]:
    """Run the steps in a session whose variables are initialised; yields a report at every tenth.

    Summaries go to ``train/`` and ``test/`` below ``config.log_dir``; none are computed where it is empty.
    """
    writers = {}
    if config.log_dir:
        writers["train"] = tf.summary.FileWriter(os.path.join(config.log_dir, "train"), tf.get_default_graph())
        writers["test"] = tf.summary.FileWriter(os.path.join(config.log_dir, "test"))
    try:
        for step in range(config.max_steps):
            if step % EVALUATE_EVERY == 0:
                yield evaluate(sess, net, mnist, config, step, writers.get("test"))
                continue
            images, labels = mnist.train.next_batch(config.batch_size, fake_data=config.fake_data)
            feed_dict = {net.x: images, net.t: labels, net.keep_prob: config.dropout}
            if not writers:
                sess.run(net.train_step, feed_dict)
                continue
            trace = {}
            if step % TRACE_EVERY == TRACE_EVERY - 1:
                trace = {
                    "options": tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE),
                    "run_metadata": tf.RunMetadata(),
                }
            summary, _ = sess.run([net.merged, net.train_step], feed_dict, **trace)
            if trace:
                writers["train"].add_run_metadata(trace["run_metadata"], f"step{step:03d}")
            writers["train"].add_summary(summary, step)
            if trace:
                print("Adding run metadata for", step)
    finally:
        for writer in writers.values():
            writer.close()


# --- evaluation ---


def evaluate(sess: Any, net: Net, mnist: Any, config: Config, step: int, writer: Any = None) -> program.Report:
    """Loss and accuracy on the test set; on fake data, as in the tutorial, on a training batch with dropout on."""
    if config.fake_data:
        images, labels = mnist.train.next_batch(config.batch_size, fake_data=True)
        keep_prob = config.dropout
    else:
        images, labels, keep_prob = mnist.test.images, mnist.test.labels, 1.0
    ends = [net.loss, net.accuracy] + ([net.merged] if writer else [])
    loss, accuracy, *summary = sess.run(ends, {net.x: images, net.t: labels, net.keep_prob: keep_prob})
    if writer:
        writer.add_summary(summary[0], step)
    return Report(step, float(loss), float(accuracy))


# --- program ---


def empty(log_dir: str) -> None:
    """Empty the folder of the summaries, as the tutorial does, where nothing but its own event files would be lost.

    Raises:
        UserError: it holds anything else (files, links, folders that may be another run's), or cannot be written.
    """
    whole = folder("--log-dir", log_dir)
    parts = [whole / part for part in ("train", "test")]
    try:
        ours = [path for path in parts if path.is_dir() and not path.is_symlink()]
        found = [child for parent in (whole, *ours) for child in parent.iterdir() if child not in ours]
        for child in found:
            if child.is_symlink() or not child.is_file() or not child.name.startswith("events.out.tfevents."):
                raise UserError(
                    f"--log-dir {log_dir} would be emptied, but holds {child}, which is no event file of this program; "
                    "name another folder"
                )
        for child in found:
            child.unlink()
    except OSError as error:
        raise UserError(f"--log-dir {log_dir}: cannot be emptied ({error.strerror}); name another folder") from error


def main(argv: Sequence[str] | None = None) -> list[program.Report]:
    """Train and print an accuracy for every tenth step; returns what the lines said."""
    config = Config.parse(argv, prog="python -m legacy_tf1.summaries", description=DESCRIPTION)
    program.prepare(config)
    with tf.Graph().as_default():
        tf.set_random_seed(config.seed)
        mnist = load(config)
        if config.log_dir:
            empty(config.log_dir)
        net = build(config)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            program.restore(sess, config)
            reports = program.show(train(sess, net, mnist, config), "")
            program.save(sess, config)
            return reports


if __name__ == "__main__":
    run(main)
