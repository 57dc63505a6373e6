"""Every rung catches what it is there for: the port is broken on purpose, once for each mistake people make."""

import dataclasses
import types

import numpy as np
import pytest
import tensorflow as tf

from tests.parity.pairs import broken_cnn
from tfport import cnn, keras, parity, training
from tfport.data import Split

pytestmark = pytest.mark.rows
OPTIONS = parity.Options(batch_size=20)


def recompiled(model, **changes):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=changes.get("reduction", "sum"))
    optimizer = changes.get("optimizer") or training.Adam(1e-4)
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], jit_compile=False)
    return model


def failed(build, digits, rung, options=OPTIONS):
    ladder = parity.climb(broken_cnn(build), digits, [rung], options)
    return [check.name for check in ladder.checks if not check.passed]


def rebuilt(config, change):
    """The port with some layers changed: ``change(layer, its configuration)`` returns the new configuration."""
    sound = cnn.build(config)

    def clone(layer):
        return type(layer).from_config(change(layer, layer.get_config()))

    return recompiled(keras.models.clone_model(sound, clone_function=clone))


@pytest.mark.parametrize("rung", [1, 2, 3, 4])
def test_the_sound_port_passes(small_digits, rung):
    assert failed(cnn.build, small_digits, rung) == []


def test_rung_1_catches_glorot_for_truncated_normal(small_digits):
    def build(config):
        def change(layer, settings):
            if "kernel_initializer" in settings:
                settings["kernel_initializer"] = "glorot_uniform"
            return settings

        return rebuilt(config, change)

    assert failed(build, small_digits, 1) == ["initial distributions"]


def test_rung_1_catches_a_glorot_kernel_in_one_small_layer(small_digits):
    def build(config):
        def change(layer, settings):
            if settings["name"] == "conv1":
                settings["kernel_initializer"] = "glorot_uniform"
            return settings

        return rebuilt(config, change)

    assert failed(build, small_digits, 1) == ["initial distributions"]


def test_rung_1_catches_a_bias_that_starts_at_zero(small_digits):
    def build(config):
        def change(layer, settings):
            if settings["name"] == "conv2":
                settings["bias_initializer"] = "zeros"
            return settings

        return rebuilt(config, change)

    assert failed(build, small_digits, 1) == ["initial distributions"]


def test_rung_1_catches_another_width_and_a_frozen_layer(small_digits):
    def narrow(config):
        def change(layer, settings):
            return {**settings, "units": 1000} if settings["name"] == "dense" else settings

        return rebuilt(config, change)

    def frozen(config):
        model = cnn.build(config)
        model.get_layer("conv1").trainable = False
        return recompiled(model)

    assert failed(narrow, small_digits, 1) == ["count, shapes, trainability"]
    assert failed(frozen, small_digits, 1) == ["count, shapes, trainability"]


def test_rung_2_catches_a_transposed_kernel(small_digits):
    class Transposed(keras.layers.Conv2D):
        def call(self, inputs):
            swapped = keras.layers.Permute((2, 1, 3))
            return swapped(super().call(swapped(inputs)))

    def build(config):
        sound = cnn.build(config)

        def clone(layer):
            kind = Transposed if layer.name == "conv2" else type(layer)
            return kind.from_config(layer.get_config())

        return recompiled(keras.models.clone_model(sound, clone_function=clone))

    assert failed(build, small_digits, 1) == []
    assert set(failed(build, small_digits, 2)) == {"logits at seeded weights", "logits after 10 steps"}


def test_rung_2_catches_a_missing_activation(small_digits):
    def build(config):
        def change(layer, settings):
            return {**settings, "activation": "linear"} if settings["name"] == "dense" else settings

        return rebuilt(config, change)

    assert "logits at seeded weights" in failed(build, small_digits, 2)


def test_rung_3_catches_mean_for_sum(small_digits):
    def build(config):
        return recompiled(cnn.build(config), reduction="sum_over_batch_size")

    assert failed(build, small_digits, 2) == []
    names = failed(build, small_digits, 3)
    assert "loss at seeded weights" in names and "gradients at seeded weights" in names


def test_rung_3_catches_a_raw_loss_of_another_scale(small_digits, monkeypatch):
    """Adam would hide it from every later rung: it looks at no gradient's size."""
    from legacy_tf1 import cnn as legacy
    from legacy_tf1 import tf

    sound = tf.log
    monkeypatch.setattr(legacy, "tf", types.SimpleNamespace(**{**vars(tf), "log": lambda p: 7 * sound(p)}))
    monkeypatch.setattr(legacy.tf, "__getattr__", tf.__getattr__, raising=False)
    assert failed(cnn.build, small_digits, 3) == ["raw loss"]


def test_rung_3_refuses_to_compare_zeros_with_zeros(small_digits, monkeypatch):
    """At the tutorial's own initial values the hidden gradients are zero on both sides, whatever the port does."""
    from tfport.parity import rungs

    monkeypatch.setattr(rungs.GraphSide, "set_weights", lambda self, values: None)
    assert failed(cnn.build, small_digits, 3)[0] == "gradients at seeded weights"


def test_rung_4_catches_keras_epsilon(small_digits):
    def build(config):
        return recompiled(cnn.build(config), optimizer=training.Adam(1e-4, epsilon=1e-7))

    assert "optimizer alone" in failed(build, small_digits, 4)


def test_rung_4_catches_another_learning_rate_and_another_beta(small_digits):
    for adam in (training.Adam(1.001e-4), training.Adam(1e-4, beta_2=0.9991)):

        def build(config, adam=adam):
            return recompiled(cnn.build(config), optimizer=type(adam).from_config(adam.get_config()))

        assert "optimizer alone" in failed(build, small_digits, 4)


def test_rung_4_catches_keep_probability_for_rate(small_digits):
    def build(config):
        return cnn.build(dataclasses.replace(config, dropout_rate=1 - config.dropout_rate))

    names = failed(build, small_digits, 4)
    assert "optimizer alone" not in names and any(name.startswith("losses") for name in names)


def test_rung_4_catches_a_missing_dropout(small_digits):
    def build(config):
        return rebuilt(config, lambda layer, settings: {**settings, "rate": 0.0} if "rate" in settings else settings)

    assert any(name.startswith("losses") for name in failed(build, small_digits, 4))


def test_rung_5_catches_a_port_that_learns_less(small_digits):
    def build(config):
        return recompiled(cnn.build(config), optimizer=training.Adam(1e-6))

    options = parity.Options(trained_steps=40, trained_seeds=2)
    assert failed(build, small_digits, 5, options) == ["accuracy difference, interval's far end"]


def test_rung_5_catches_losses_that_are_not_finite(small_digits):
    def build(config):
        model = cnn.build(config)
        model.compile(optimizer=training.Adam(1e-4), loss=lambda t, p: tf.reduce_mean(p) * np.nan, metrics=["accuracy"])
        return model

    options = parity.Options(trained_steps=5, trained_seeds=2)
    assert "losses not finite" in failed(build, small_digits, 5, options)


def test_rung_5_compares_weights_on_fake_images(small_digits):
    few = {name: Split(split.images[:100], split.labels[:100] * 0)
           for name, split in (("train", small_digits.train), ("test", small_digits.test))}  # fmt: skip
    fake = dataclasses.replace(small_digits, source="fake", **few)
    options = parity.Options(trained_steps=10, trained_seeds=2)

    def build(config):
        return recompiled(cnn.build(config), optimizer=training.Adam(1.2e-4))

    assert failed(cnn.build, fake, 5, options) == []
    assert failed(build, fake, 5, options) == ["weights"]


def test_initial_values_of_the_cnn_leave_hidden_gradients_zero(small_digits):
    """Why rungs 2 and 3 do not run at the tutorial's own start."""
    from tfport.parity.sides import KerasSide

    port = KerasSide(broken_cnn(cnn.build), cnn.Config(), 1)
    _, gradients = port.loss_and_gradients(small_digits.train.images[:10], small_digits.train.labels[:10])
    assert [bool(np.any(gradient)) for gradient in gradients] == [False] * 6 + [True] * 2
