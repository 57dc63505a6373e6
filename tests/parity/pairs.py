"""Pairs to climb with: a small one of a user's own, and the cnn pair with something broken."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any, NamedTuple

from tfport.flags import Flags, flag
from tfport.parity import Pair


@dataclass(frozen=True, kw_only=True)
class SmallConfig(Flags):
    steps: int = flag(20, "steps", low=1)
    batch_size: int = flag(20, "images", low=1)
    report_every: int = flag(20, "steps", low=1)
    seed: int = flag(1, "seed", low=0)


class Net(NamedTuple):
    x: Any
    t: Any
    logits: Any
    loss: Any
    train_step: Any
    accuracy: Any


class SmallReport(NamedTuple):
    step: int
    loss: float
    accuracy: float


def softmax_pair(learning_rate: float = 0.01, margin: float = 0.5, optimizer: Any = None) -> Pair:
    """Softmax regression by gradient descent at 0.01 in TF1; the port may have another learning rate."""
    from legacy_tf1 import tf
    from tfport import keras

    def graph(config):
        x, t = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
        w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
        logits = tf.nn.bias_add(tf.matmul(x, w), b)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=t, logits=logits))
        descent = optimizer() if optimizer else tf.train.GradientDescentOptimizer(0.01)
        right = tf.equal(tf.argmax(logits, 1), tf.argmax(t, 1))
        return Net(x, t, logits, loss, descent.minimize(loss), tf.reduce_mean(tf.cast(right, tf.float32)))

    def train(session, net, datasets, config):
        for _ in range(config.steps):
            images, labels = datasets.train.next_batch(config.batch_size)
            session.run(net.train_step, {net.x: images, net.t: labels})
        figures = session.run([net.loss, net.accuracy], {net.x: datasets.test.images, net.t: datasets.test.labels})
        yield SmallReport(config.steps, *map(float, figures))

    def model(config):
        model = keras.Sequential([
            keras.Input((28, 28, 1)), keras.layers.Flatten(),
            keras.layers.Dense(10, kernel_initializer="zeros"),
        ])  # fmt: skip
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss=loss, metrics=["accuracy"], jit_compile=False)
        return model

    legacy = types.SimpleNamespace(Config=SmallConfig, build=graph, train=train)
    return Pair("small", legacy, types.SimpleNamespace(Config=SmallConfig, build=model), margin)


def broken_cnn(build) -> Pair:
    """The cnn pair whose port is built by ``build(config)``."""
    from legacy_tf1 import cnn as legacy
    from tfport import cnn

    return Pair("cnn", legacy, types.SimpleNamespace(Config=cnn.Config, build=build), 0.3, 0.9852)
