"""``tensorflow.examples.tutorials.mnist``: the reader, and the helper module of the tutorial "TensorFlow mechanics"."""

from __future__ import annotations

import math
import types
from typing import Any

from legacy_tf1 import input_data, tf
from legacy_tf1.compat.registry import ADDED

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Any:
    """Logits (batch, 10) of images (batch, 784), by two hidden layers with relu."""
    units = [IMAGE_PIXELS, hidden1_units, hidden2_units, NUM_CLASSES]
    hidden = images
    for scope, inputs, outputs in zip(("hidden1", "hidden2", "softmax_linear"), units, units[1:], strict=False):
        with tf.name_scope(scope):
            spread = 1.0 / math.sqrt(float(inputs))
            weights = tf.Variable(tf.truncated_normal([inputs, outputs], stddev=spread), name="weights")
            biases = tf.Variable(tf.zeros([outputs]), name="biases")
            linear = tf.matmul(hidden, weights) + biases
            hidden = linear if scope == "softmax_linear" else tf.nn.relu(linear)
    return hidden


def loss(logits: Any, labels: Any) -> Any:
    """Mean cross-entropy of logits (batch, 10) and labels (batch,), a scalar."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.to_int64(labels), logits=logits)


def training(loss: Any, learning_rate: float) -> Any:
    """A step of gradient descent, which counts itself and writes a summary of the loss."""
    tf.summary.scalar("loss", loss)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return tf.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)


def evaluation(logits: Any, labels: Any) -> Any:
    """How many of the logits (batch, 10) are largest at the label, int32."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))


_helper = types.ModuleType("tensorflow.examples.tutorials.mnist.mnist", __doc__)
_helper.__dict__.update(
    NUM_CLASSES=NUM_CLASSES, IMAGE_SIZE=IMAGE_SIZE, IMAGE_PIXELS=IMAGE_PIXELS,
    inference=inference, loss=loss, training=training, evaluation=evaluation,
)  # fmt: skip
ADDED.update(
    {
        "examples.tutorials.mnist.input_data": input_data,
        "examples.tutorials.mnist.mnist": _helper,
        "contrib.learn.datasets.mnist": input_data,
        "contrib.learn.python.learn.datasets.mnist": input_data,
    }
)
