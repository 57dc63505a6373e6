import numpy as np
import pytest
import tensorflow as tf

from tfport import keras
from tfport.training.dropout import steady, uniform

pytestmark = pytest.mark.rows


def test_numbers_are_a_function_of_seed_layer_and_step():
    first = uniform(3, 0, 5, [4, 7]).numpy()
    np.testing.assert_array_equal(first, uniform(3, 0, 5, [4, 7]).numpy())
    others = [uniform(3, 0, 6, [4, 7]), uniform(3, 1, 5, [4, 7]), uniform(4, 0, 5, [4, 7])]
    assert all(not np.array_equal(first, other.numpy()) for other in others)
    assert first.min() >= 0 and first.max() < 1


def model_with(layer):
    model = keras.Sequential([keras.Input((6, 50)), layer, keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model


@pytest.mark.parametrize("noise_shape", [None, (None, 1, None)])
def test_a_layer_drops_what_its_numbers_say_while_it_is_steady(noise_shape):
    layer = keras.layers.Dropout(0.25, noise_shape=noise_shape)
    model = model_with(layer)
    ones = tf.ones((8, 6, 50))
    with steady(model, 3):
        first, again = (layer(ones, training=True).numpy() for _ in range(2))
        kept = np.broadcast_to(uniform(3, 0, 0, (8, 1 if noise_shape else 6, 50)).numpy() >= 0.25, first.shape)
        np.testing.assert_array_equal(first, np.where(kept, np.float32(1 / 0.75), 0))
        np.testing.assert_array_equal(again, first)
        np.testing.assert_array_equal(layer(ones, training=False), ones)
        model.optimizer.iterations.assign(1)
        assert not np.array_equal(layer(ones, training=True), first)
    assert not np.array_equal(layer(ones, training=True), layer(ones, training=True))


def test_layers_of_other_classes_keep_their_own_numbers():
    class Mine(keras.layers.Dropout):
        """A user's own."""

    layer = Mine(0.5)
    model = model_with(layer)
    ones = tf.ones((8, 6, 50))
    with steady(model, 3):
        assert not np.array_equal(layer(ones, training=True), layer(ones, training=True))
