"""One builder per tutorial: an uncompiled Keras model that returns logits.

Every model of digits takes float32 images (batch, 28, 28, 1) in [0, 1], as :func:`tfport.data.load` gives them, and
returns logits (batch, 10); models of points map (batch, 2) to a logit (batch, 1). Softmax and sigmoid belong to the
loss, where they are computed without overflow; the layer of the logits computes in float32 under any Keras policy.
"""

from __future__ import annotations

from typing import Any, Literal

from tfport import keras

Preset = Literal["tutorial", "deep"]
Variant = Literal["tanh2", "tanh4", "relu2"]


def temperature() -> keras.Model:
    """A polynomial of degree four without a bias of its own; TF1 twin: ``legacy_tf1/temperature.py``.

    Returns:
        Uncompiled model, powers m⁰ to m⁴ of the month (batch, 5) float32 → °C (batch, 1); 5 weights, at 0.
    """
    powers = keras.Input((5,), name="powers")
    degrees = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="degrees")(powers)
    return keras.Model(powers, degrees, name="temperature")


def logistic() -> keras.Model:
    """Logistic regression in the plane; TF1 twin: ``legacy_tf1/logistic.py``.

    Returns:
        Uncompiled model, points (batch, 2) float32 → logits (batch, 1); 3 weights, at 0.
    """
    points = keras.Input((2,), name="points")
    logits = keras.layers.Dense(1, kernel_initializer="zeros", name="logits")(points)
    return keras.Model(points, logits, name="logistic")


def holdout() -> keras.Model:
    """The model of :func:`logistic`; TF1 twin: ``legacy_tf1/holdout.py``."""
    return logistic()


def hidden(*, variant: Variant = "tanh2", bias_scale: float = 1.0) -> keras.Model:
    """One hidden layer in the plane; TF1 twin: ``legacy_tf1/hidden.py``.

    Args:
        variant: activation and number of the hidden units.
        bias_scale: factor of every bias. The tutorial takes the mean of all training coordinates, so that biases
            learn as fast as weights; the program passes it.

    Returns:
        Uncompiled model, points (batch, 2) float32 → logits (batch, 1). Hidden weights start at TN(1), others at 0.

    Raises:
        ValueError: ``variant`` is none of the three.
    """
    if variant not in ("tanh2", "tanh4", "relu2"):
        raise ValueError(f"variant takes tanh2, tanh4 or relu2, not {variant!r}")
    from tfport.layers import ScaledBiasDense  # here, because it derives from a Keras class: it loads TensorFlow

    points = keras.Input((2,), name="points")
    h = ScaledBiasDense(
        int(variant[-1]),
        bias_scale=bias_scale,
        activation=variant[:-1],
        kernel_initializer=truncated_normal(1.0),
        name="hidden",
    )(points)  # (batch, 2 or 4)
    logits = ScaledBiasDense(1, bias_scale=bias_scale, kernel_initializer="zeros", name="logits")(h)
    return keras.Model(points, logits, name="hidden")


def two_hidden() -> keras.Model:
    """Two hidden layers of two tanh units in the plane; TF1 twin: ``legacy_tf1/two_hidden.py``.

    Returns:
        Uncompiled model, points (batch, 2) float32 → logits (batch, 1); hidden weights start at TN(1), others at 0.
    """
    points = keras.Input((2,), name="points")
    h = points
    for name in ("hidden1", "hidden2"):
        h = keras.layers.Dense(2, activation="tanh", kernel_initializer=truncated_normal(1.0), name=name)(h)
    logits = keras.layers.Dense(1, kernel_initializer="zeros", name="logits")(h)
    return keras.Model(points, logits, name="two_hidden")


def softmax() -> keras.Model:
    """Softmax regression on digits; TF1 twin: ``legacy_tf1/softmax.py``.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits; 7,850 weights, at 0.
    """
    images = keras.Input((28, 28, 1), name="images")
    h = keras.layers.Flatten(name="flatten")(images)  # (batch, 784)
    logits = keras.layers.Dense(10, kernel_initializer="zeros", dtype="float32", name="logits")(h)
    return keras.Model(images, logits, name="softmax")


def dnn() -> keras.Model:
    """Two hidden layers with softmax as activation, on digits; TF1 twin: ``legacy_tf1/dnn.py``.

    Softmax makes a layer's 256 units share an activation of 1, which is why this network learns badly: use relu in
    one of your own.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits; every weight and bias starts N(0, 1).
    """
    images = keras.Input((28, 28, 1), name="images")
    h = keras.layers.Flatten(name="flatten")(images)  # (batch, 784)
    for name in ("hidden1", "hidden2"):
        h = keras.layers.Dense(
            256, activation="softmax", kernel_initializer=normal(1.0), bias_initializer=normal(1.0), name=name
        )(h)  # (batch, 256)
    logits = keras.layers.Dense(
        10, kernel_initializer=normal(1.0), bias_initializer=normal(1.0), dtype="float32", name="logits"
    )(h)
    return keras.Model(images, logits, name="dnn")


def summaries(*, dropout_rate: float = 0.1) -> keras.Model:
    """A hidden layer of 500 with dropout, on digits; TF1 twin: ``legacy_tf1/summaries.py``.

    Args:
        dropout_rate: probability to DROP a hidden unit; TF1's ``--dropout`` is one minus it.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits; weights start at TN(0.1), biases 0.1.
    """
    images = keras.Input((28, 28, 1), name="images")
    h = keras.layers.Flatten(name="flatten")(images)  # (batch, 784)
    h = keras.layers.Dense(
        500,
        activation="relu",
        kernel_initializer=truncated_normal(0.1),
        bias_initializer=constant(0.1),
        name="layer1",
    )(h)  # (batch, 500)
    h = keras.layers.Dropout(dropout_rate, name="dropout")(h)
    logits = keras.layers.Dense(
        10, kernel_initializer=truncated_normal(0.1), bias_initializer=constant(0.1), dtype="float32", name="layer2"
    )(h)  # (batch, 10)
    return keras.Model(images, logits, name="summaries")


def small_cnn() -> keras.Model:
    """Convolutions of 4 and 8 filters and a linear layer, on digits; TF1 twin: ``legacy_tf1/small_cnn.py``.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits. Convolutions start at TN(0.1), the
        linear layer at TN(1), biases like their weights.
    """
    images = keras.Input((28, 28, 1), name="images")
    h = images
    for index, filters in ((1, 4), (2, 8)):
        h = keras.layers.Conv2D(
            filters,
            4,
            padding="same",
            activation="relu",
            kernel_initializer=truncated_normal(0.1),
            bias_initializer=truncated_normal(0.1),
            name=f"conv{index}",
        )(h)
        h = keras.layers.MaxPooling2D(name=f"pool{index}")(h)  # (batch, 14, 14, 4), then (batch, 7, 7, 8)
    h = keras.layers.Flatten(name="flatten")(h)  # (batch, 392)
    logits = keras.layers.Dense(
        10,
        kernel_initializer=truncated_normal(1.0),
        bias_initializer=truncated_normal(1.0),
        dtype="float32",
        name="logits",
    )(h)  # (batch, 10)
    return keras.Model(images, logits, name="small_cnn")


def single_cnn() -> keras.Model:
    """One linear convolution and a dense layer, on digits; TF1 twin: ``legacy_tf1/single_cnn.py``.

    Returns:
        Uncompiled model, (batch, 28, 28, 1) float32 → (batch, 10) float32 logits. Sixteen filters without bias or
        activation start at TN(0.1), the dense layer at TN(1), the output at 0.
    """
    images = keras.Input((28, 28, 1), name="images")
    h = keras.layers.Conv2D(
        16, 5, padding="same", use_bias=False, kernel_initializer=truncated_normal(0.1), name="conv"
    )(images)  # (batch, 28, 28, 16)
    h = keras.layers.MaxPooling2D(name="pool")(h)  # (batch, 14, 14, 16)
    h = keras.layers.Flatten(name="flatten")(h)  # (batch, 3136)
    h = keras.layers.Dense(1024, activation="relu", kernel_initializer=truncated_normal(1.0), name="dense")(h)
    logits = keras.layers.Dense(10, kernel_initializer="zeros", dtype="float32", name="logits")(h)  # (batch, 10)
    return keras.Model(images, logits, name="single_cnn")


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
    # TN(1.0) on 3,136 inputs makes hidden values of some 16, where Glorot's start makes 0.5: the tutorial's, so kept.
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
        10,
        kernel_initializer=output,
        bias_initializer=constant(0.1) if deep else "zeros",
        dtype="float32",
        name="logits",
    )(h)  # (batch, 10)
    return keras.Model(images, logits, name="cnn")


def truncated_normal(stddev: float) -> Any:
    """TF1's ``tf.truncated_normal``: mean 0, redrawn beyond two standard deviations. A fresh one for each weight."""
    return keras.initializers.TruncatedNormal(stddev=stddev)


def constant(value: float) -> Any:
    """TF1's ``tf.constant(value, shape=...)`` as an initial value."""
    return keras.initializers.Constant(value)


def normal(stddev: float) -> Any:
    """TF1's ``tf.random_normal``: mean 0, not truncated. A fresh one for each weight."""
    return keras.initializers.RandomNormal(stddev=stddev)
