"""The lighter forms compute the same: outputs to the bit, gradients up to the order of sums."""

import numpy as np
import pytest
import tensorflow as tf

from tfport import keras, models
from tfport.training.optimizers import value_of
from tfport.training.rewrites import lighter

pytestmark = pytest.mark.rows
IMAGES = np.random.RandomState(0).rand(6, 12, 12, 1).astype(np.float32)


def outputs_and_gradients(model, x):
    @tf.function
    def compute():
        with tf.GradientTape() as tape:
            y = model(x, training=True)
            loss = tf.reduce_sum(tf.square(y))
        return y, tape.gradient(loss, [value_of(weight) for weight in model.trainable_weights])

    y, gradients = compute()
    operations = compute.get_concrete_function().graph.get_operations()
    described = [(operation.type, [str(each.shape) for each in operation.outputs]) for operation in operations]
    return y.numpy(), [gradient.numpy() for gradient in gradients], described


def same(model, x):
    plain, plain_gradients, before = outputs_and_gradients(model, x)
    with lighter(model):
        light, light_gradients, during = outputs_and_gradients(model, x)
    np.testing.assert_array_equal(light, plain)
    for one, two in zip(light_gradients, plain_gradients, strict=True):
        assert np.abs(two).max() > 0
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-4 * np.abs(two).max())
    assert outputs_and_gradients(model, x)[2] == before
    return before, during


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_a_pooled_convolution_takes_the_gradient_of_relu_behind_the_pooling(padding, strides):
    keras.utils.set_random_seed(1)
    images = keras.Input((12, 12, 1))
    bias = keras.initializers.RandomNormal(stddev=0.5, seed=1)
    h = keras.layers.Conv2D(4, 3, strides, padding, activation="relu", bias_initializer=bias)(images)
    h = keras.layers.Conv2D(5, 2, padding=padding, activation="relu", bias_initializer=bias)(h)
    pooled = keras.layers.MaxPooling2D(padding=padding)(h)
    before, during = same(keras.Model(images, keras.layers.Dense(3)(keras.layers.Flatten()(pooled))), IMAGES)
    wide, small = [str((len(IMAGES), *layer.shape[1:])) for layer in (h, pooled)]
    assert ("ReluGrad", [wide]) in before and ("ReluGrad", [wide]) not in during
    assert ("ReluGrad", [small]) in during


def test_what_is_no_such_pair_is_left_alone():
    keras.utils.set_random_seed(1)
    images = keras.Input((12, 12, 1))
    falling = keras.layers.Conv2D(4, 3, activation=lambda x: -x)(images)
    smooth = keras.layers.Conv2D(4, 3, activation="softplus")(images)
    averaged = keras.layers.AveragePooling2D(2)(keras.layers.Conv2D(4, 3, activation="relu")(images))
    taken = keras.layers.Conv2D(4, 3, activation="relu")(images)  # pooled, and taken as it is
    pooling = keras.layers.MaxPooling2D()  # of two
    penalised = keras.layers.Conv2D(4, 3, activation="relu", activity_regularizer="l2")(images)
    parts = [keras.layers.MaxPooling2D()(each) for each in (falling, smooth, taken, penalised)]
    parts += [pooling(keras.layers.Conv2D(4, 3, activation="relu")(images)), pooling(smooth)]
    flat = [keras.layers.Flatten()(part) for part in (*parts, averaged, taken)]
    before, during = same(keras.Model(images, keras.layers.Dense(3)(keras.layers.concatenate(flat))), IMAGES)
    assert before == during


def test_a_convolution_whose_outputs_are_the_models_too_is_left_alone():
    keras.utils.set_random_seed(1)
    images = keras.Input((12, 12, 1))
    shown = keras.layers.Conv2D(4, 3, activation="relu")(images)
    model = keras.Model(images, [shown, keras.layers.MaxPooling2D()(shown)])
    with lighter(model):
        assert [tuple(each.shape) for each in model(IMAGES)] == [(6, 10, 10, 4), (6, 5, 5, 4)]


@pytest.mark.parametrize(("build", "changed"), [(models.cnn, 5), (models.small_cnn, 4), (models.single_cnn, 1)])
def test_the_layers_of_the_tutorials_are_changed_and_given_back(build, changed):
    model = build()
    with lighter(model):
        assert sum("call" in vars(layer) for layer in model.layers) == changed
    assert not any("call" in vars(layer) for layer in model.layers)


def test_the_gradients_of_a_large_dense_layer_are_the_same():
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(1100, "relu"), keras.layers.Dense(1000, "relu"), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((30,)), *layers])
    before, during = same(model, np.random.RandomState(0).rand(8, 30).astype(np.float32))
    transposed = [[operation for operation, _ in each].count("Transpose") for each in (before, during)]
    assert transposed == [0, 1]
