"""One builder per tutorial: an uncompiled Keras model that maps digits to logits.

Every model of digits takes float32 images (batch, 28, 28, 1) in [0, 1], as :func:`tfport.data.load` gives them, and
returns logits (batch, 10): the softmax belongs to the loss, where it is computed without overflow.
"""

from __future__ import annotations

from typing import Any, Literal

from tfport import keras

Preset = Literal["tutorial", "deep"]


def cnn(*, dropout_rate: float = 0.5, preset: Preset = "tutorial") -> keras.Model:
    """Two convolutions and a dense layer with dropout; TF1 twin: ``legacy_tf1/cnn.py``, 3,274,634 weights.

    Args:
        dropout_rate: probability to DROP a unit of the dense layer; TF1's ``keep_prob`` is one minus it.
        preset: ``tutorial`` is E. Nakai's network: the dense layer starts at TN(1.0), the output at zero. ``deep`` is
            the variant known as "deep MNIST": TN(0.1) and bias 0.1 in every dense layer, the output included.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits.

    Raises:
        ValueError: ``preset`` is neither.
    """
    if preset not in ("tutorial", "deep"):
        raise ValueError(f"preset takes tutorial or deep, not {preset!r}")
    deep = preset == "deep"
    # TN(1.0) on 3,136 inputs makes pre-activations of some 30: it trains, but a sum loss of thousands comes first.
    dense = truncated_normal(0.1 if deep else 1.0)
    output = truncated_normal(0.1) if deep else "zeros"
    images = keras.Input((28, 28, 1), name="images")
    h = keras.layers.Conv2D(
        32,
        5,
        padding="same",
        activation="relu",
        kernel_initializer=truncated_normal(0.1),
        bias_initializer=constant(0.1),
        name="conv1",
    )(images)  # (batch, 28, 28, 32)
    h = keras.layers.MaxPooling2D(name="pool1")(h)  # (batch, 14, 14, 32)
    h = keras.layers.Conv2D(
        64,
        5,
        padding="same",
        activation="relu",
        kernel_initializer=truncated_normal(0.1),
        bias_initializer=constant(0.1),
        name="conv2",
    )(h)  # (batch, 14, 14, 64)
    h = keras.layers.MaxPooling2D(name="pool2")(h)  # (batch, 7, 7, 64)
    h = keras.layers.Flatten(name="flatten")(h)  # (batch, 3136)
    h = keras.layers.Dense(
        1024, activation="relu", kernel_initializer=dense, bias_initializer=constant(0.1), name="dense"
    )(h)  # (batch, 1024)
    h = keras.layers.Dropout(dropout_rate, name="dropout")(h)
    logits = keras.layers.Dense(
        10, kernel_initializer=output, bias_initializer=constant(0.1) if deep else "zeros", name="logits"
    )(h)  # (batch, 10)
    return keras.Model(images, logits, name="cnn")


def truncated_normal(stddev: float) -> Any:
    """TF1's ``tf.truncated_normal``: mean 0, redrawn beyond two standard deviations. A fresh one for each weight."""
    return keras.initializers.TruncatedNormal(stddev=stddev)


def constant(value: float) -> Any:
    """TF1's ``tf.constant(value, shape=...)`` as an initial value."""
    return keras.initializers.Constant(value)
