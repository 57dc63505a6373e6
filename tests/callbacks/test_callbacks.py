"""Callbacks on any Keras model: what they write, what they cost when off, and that they leave no trace on the model."""

import importlib
import importlib.metadata

import numpy as np
import pytest
import tensorflow as tf

from tfport import callbacks, tensorboard
from tfport import keras as ours
from tfport.callbacks.tap import Tap
from tfport.errors import UserError
from tfport.training.optimizers import value_of

pytestmark = pytest.mark.rows
INPUTS = np.random.RandomState(0).rand(64, 8, 8, 1).astype(np.float32)
LABELS = np.random.RandomState(1).randint(0, 3, 64).astype(np.int32)


def other_keras():
    """The Keras that tfport does not use; None where there is one alone."""
    if importlib.metadata.version("keras").startswith("2."):
        return None  # beside it tf-keras would be a second Keras 2, and loading a model then never ends
    name = "keras" if ours.layers.Dense.__module__.startswith("tf_keras") else "tf_keras"
    try:
        module = importlib.import_module(name)
    except ImportError:
        return None
    return None if module.layers.Dense is ours.layers.Dense else module


def small_model(keras=ours, rate=0.1, **options):
    keras.utils.set_random_seed(3)
    images = keras.Input((8, 8, 1), name="pixels")
    h = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(images)
    h = keras.layers.BatchNormalization(name="norm")(keras.layers.Flatten(name="flat")(h))
    h = keras.layers.Dropout(0.25, name="drop")(h)
    model = keras.Model(images, keras.layers.Dense(3, name="out")(h), name="small")
    model.compile(
        optimizer=keras.optimizers.SGD(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **{"jit_compile": False, **options},
    )
    return model


def fit(model, shown, epochs=2, **options):
    return model.fit(INPUTS, LABELS, batch_size=16, epochs=epochs, shuffle=False, verbose=0, callbacks=shown, **options)


def written(folder):
    """(run, tag) → series."""
    return tensorboard.read(folder)


def every_kind(folder, every):
    return [
        callbacks.Scalars(folder, every),
        callbacks.Weights(folder, every),
        callbacks.Activations(folder, every),
        callbacks.Gradients(folder, every),
        callbacks.Images(folder, every),
        callbacks.LearningRate(folder, every),
        callbacks.KeepProbability(folder, every),
        callbacks.TestEvaluation(folder, INPUTS, LABELS, every, [callbacks.Scalars(folder), callbacks.Weights(folder)]),
        callbacks.Graph(folder, on=bool(every)),
        callbacks.Profile(folder, range(2, 100, 3) if every else ()),
        callbacks.Misclassified(folder, INPUTS, LABELS, every),
        callbacks.ConfusionMatrix(folder, INPUTS, LABELS, every),
    ]


def test_what_is_off_registers_no_hook_and_writes_nothing(tmp_path):
    model = small_model()
    step = model.train_step
    for shown in [*every_kind(tmp_path, 0), *callbacks.mnist_with_summaries(tmp_path, INPUTS, LABELS, every=0)]:
        assert not shown._implements_train_batch_hooks(), shown
        shown.set_model(model)
        assert "train_step" not in vars(model) and model.train_step == step and shown.tap is None
    fit(model, every_kind(tmp_path, 0))
    assert list(tmp_path.iterdir()) == []


def test_summaries_call_no_hook_between_steps(tmp_path):
    """What is written from inside the step needs no Python there, so Keras calls none."""
    between = [type(each).__name__ for each in every_kind(tmp_path, 5) if each._implements_train_batch_hooks()]
    assert between == ["Profile", "Misclassified", "ConfusionMatrix"]


@pytest.mark.parametrize("which", ["the Keras of tfport", "the other Keras"])
def test_every_callback_writes_its_tags(tmp_path, which):
    keras = ours if which == "the Keras of tfport" else other_keras()
    if keras is None:
        pytest.skip("one Keras is installed on this row")
    model = small_model(keras)
    fit(model, every_kind(tmp_path, 2))
    found = written(tmp_path)
    train = {tag: series for (part, tag), series in found.items() if part == "train"}
    test = {tag: series for (part, tag), series in found.items() if part == "test"}
    statistics = {
        f"{weight}/{name}"
        for weight in ("conv/kernel", "conv/bias", "norm/gamma", "norm/beta", "out/kernel", "out/bias")
        for name in ("mean", "stddev", "max", "min", "histogram")
    }
    gradients = {f"{name.rsplit('/', 1)[0]}/gradient" for name in statistics}
    activations = {f"{layer}/{name}" for layer in ("conv", "out") for name in ("pre_activations", "activations")}
    images = {f"images/image/{i}" for i in range(10)}
    others = {"loss", "accuracy", "learning_rate", "drop/keep_probability", "graph of operations", "keras"}
    assert set(train) == statistics | gradients | activations | images | others | {"step002", "step005", "step008"}
    assert set(test) == {"loss", "accuracy", *statistics, "misclassified", "confusion_matrix"}
    assert list(train["loss"].values) == [2, 4, 6, 8] == list(train["out/kernel/gradient"].values)
    assert list(test["loss"].values) == [0, 2, 4, 6] and list(test["confusion_matrix"].values) == [2, 4, 6, 8]
    assert train["drop/keep_probability"].values[2] == (0.75,) and train["learning_rate"].values[8][0] == pytest.approx(
        0.1
    )
    # 16 images of 6 × 6 × 4; relu lets nothing below zero pass
    assert train["conv/activations"].values[2][0] == train["conv/pre_activations"].values[2][0] == 16 * 6 * 6 * 4
    assert train["conv/pre_activations"].values[2][2] < 0 <= train["conv/activations"].values[2][2]
    assert "train_step" not in vars(model)


def test_training_is_the_same_with_and_without(tmp_path):
    plain, shown = small_model(), small_model()
    shown.set_weights(plain.get_weights())
    ours.utils.set_random_seed(5)
    fit(plain, [])
    ours.utils.set_random_seed(5)
    one_of_each = [each for each in every_kind(tmp_path, 1) if not isinstance(each, callbacks.TestEvaluation)]
    fit(shown, one_of_each)
    for one, two in zip(plain.get_weights(), shown.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_values_are_those_of_the_step(tmp_path):
    """Without dropout, each step again by hand: loss, gradient and weights before the update."""

    def deterministic():
        ours.utils.set_random_seed(3)
        inputs = ours.Input((8, 8, 1))
        outputs = ours.layers.Dense(3, name="out")(ours.layers.Flatten()(inputs))
        model = ours.Model(inputs, outputs)
        loss = ours.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=ours.optimizers.SGD(0.5), loss=loss, metrics=["accuracy"], jit_compile=False)
        return model

    model, again = deterministic(), deterministic()
    again.set_weights(model.get_weights())
    fit(model, [callbacks.Scalars(tmp_path), callbacks.Weights(tmp_path), callbacks.Gradients(tmp_path)], epochs=1)
    found = written(tmp_path)
    for step in range(1, 5):
        rows = slice(16 * (step - 1), 16 * step)
        kernel = again.get_weights()[0]
        with tf.GradientTape() as tape:
            logits = again(INPUTS[rows], training=True)
            loss = again.loss(LABELS[rows], logits)
        gradient = tape.gradient(loss, [value_of(weight) for weight in again.trainable_variables])[0]
        told = {tag: series.values.get(step) for (part, tag), series in found.items() if part == "train"}
        assert told["loss"][0] == pytest.approx(float(loss), rel=1e-5)
        assert told["accuracy"][0] == np.mean(np.argmax(logits, axis=1) == LABELS[rows])
        assert told["out/kernel/mean"][0] == pytest.approx(kernel.mean(), abs=1e-7)
        assert told["out/kernel/max"][0] == kernel.max()
        number, total, low, high = told["out/kernel/gradient"]
        assert number == kernel.size and low == pytest.approx(float(np.min(gradient)), rel=1e-4)
        assert high == pytest.approx(float(np.max(gradient)), rel=1e-4)
        assert total == pytest.approx(float(np.sum(gradient)), abs=1e-4)
        again.train_on_batch(INPUTS[rows], LABELS[rows])


def test_a_second_run_counts_on_and_keeps_the_first_ones_events(tmp_path):
    model, shown = small_model(), [callbacks.Scalars(tmp_path), callbacks.Graph(tmp_path)]
    fit(model, shown, epochs=1)
    first = {path: path.read_bytes() for path in tmp_path.rglob("events*")}
    fit(model, shown, epochs=1)
    assert all(path.read_bytes() == content for path, content in first.items())
    # Files of one second are read in the order of their names, in which 10 comes before 9.
    assert sorted(written(tmp_path)["train", "loss"].values) == list(range(1, 9))


def test_a_run_that_an_error_cut_off_leaves_nothing_to_the_next(tmp_path):
    class Broken(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("broken")

    model = small_model()
    with pytest.raises(RuntimeError, match="broken"):
        fit(model, [callbacks.Scalars(tmp_path / "first"), Broken()])
    fit(model, [callbacks.Scalars(tmp_path / "second")], epochs=1)
    assert list(written(tmp_path / "second")["train", "loss"].values) == [2, 3, 4, 5]
    assert list(written(tmp_path / "first")["train", "loss"].values) == [1]
    assert "train_step" not in vars(model)


def test_validation_is_written_beside(tmp_path):
    fit(small_model(), [callbacks.Scalars(tmp_path, 4)], validation_data=(INPUTS, LABELS))
    validation = written(tmp_path)["validation", "accuracy"].values
    assert list(validation) == [4, 8] and all(0 <= value <= 1 for (value,) in validation.values())


def test_a_model_compiled_with_xla_is_answered_with_a_sentence(tmp_path):
    model = small_model(jit_compile=True)
    with pytest.raises(UserError, match="compile the model with jit_compile=False"):
        fit(model, [callbacks.Scalars(tmp_path)])
    assert "train_step" not in vars(model)
    fit(model, [callbacks.Scalars(tmp_path, 0)], epochs=1)


def test_a_schedule_is_written_as_it_was_at_each_step(tmp_path):
    rate = ours.optimizers.schedules.ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    fit(small_model(rate=rate), [callbacks.LearningRate(tmp_path)], epochs=1)
    rates = [value for (value,) in written(tmp_path)["train", "learning_rate"].values.values()]
    assert np.allclose(np.divide(rates[1:], rates[:-1]), 0.5) and len(rates) == 4


def test_models_within_models_and_models_of_ones_own(tmp_path):
    inner = ours.Sequential(
        [ours.layers.Flatten(), ours.layers.Dense(3, activation="tanh", name="inside")], name="inner"
    )

    class Own(ours.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.last = inner, ours.layers.Dense(3, name="last")

        def call(self, inputs, training=None):
            return self.last(self.inner(inputs))

    model = Own()
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    shown = [callbacks.Weights(tmp_path), callbacks.Activations(tmp_path), callbacks.Graph(tmp_path)]
    model.fit(INPUTS, np.zeros((64, 3), np.float32), batch_size=16, verbose=0, callbacks=shown)
    tags = {tag for part, tag in written(tmp_path) if part == "train"}
    assert {"inside/activations", "last/activations", "graph of operations"} <= tags
    assert {"inside/kernel/mean", "last/bias/histogram"} <= tags and "keras" not in tags


def test_branches_and_shared_layers_are_drawn_with_their_edges():
    from tensorboard.plugins.graph import keras_util

    from tfport.callbacks.graphs import conceptual

    image = ours.Input((4,), name="image")
    left, right = ours.layers.Dense(2, name="left")(image), ours.layers.Dense(2, name="right")(image)
    model = ours.Model(image, ours.layers.Add(name="both")([left, right]))
    drawn = keras_util.keras_model_to_graph_def(conceptual(model))
    edges = {(source, node.name) for node in drawn.node for source in node.input}
    assert edges == {("image", "left"), ("image", "right"), ("left", "both"), ("right", "both")}


def test_weights_of_one_name_are_numbered(tmp_path):
    words = ours.Input((5, 4))
    attention = ours.layers.MultiHeadAttention(num_heads=1, key_dim=2, name="attention")
    model = ours.Model(words, ours.layers.Dense(1, name="out")(attention(words, words)))
    model.compile(optimizer="sgd", loss="mse", jit_compile=False)
    inputs = np.random.RandomState(0).rand(8, 5, 4).astype(np.float32)
    shown = [callbacks.Weights(tmp_path), callbacks.Gradients(tmp_path)]
    model.fit(inputs, np.zeros((8, 5, 1), np.float32), verbose=0, callbacks=shown)
    tags = {tag for _, tag in written(tmp_path)}
    # query, key, value and output
    assert {f"attention/kernel{end}/gradient" for end in ("", "_1", "_2", "_3")} <= tags


def test_a_training_step_of_ones_own_is_kept(tmp_path):
    model = small_model()
    own, calls = model.train_step, []

    def step(data):
        calls.append(1)
        return own(data)

    model.train_step = step
    fit(model, [callbacks.Scalars(tmp_path)], epochs=1)
    assert calls and model.train_step is step and list(written(tmp_path)["train", "loss"].values) == [1, 2, 3, 4]


def test_traces_of_the_same_step_lie_side_by_side(tmp_path):
    for _ in range(2):
        fit(small_model(), [callbacks.Profile(tmp_path, [3])], epochs=1)
    traces = {path.parent.name for path in (tmp_path / "train" / "plugins" / "profile").rglob("*.xplane.pb")}
    assert traces == {"step003", "step003-2"}


def test_a_negative_interval_is_refused(tmp_path):
    with pytest.raises(ValueError, match="or 0 for none, not -1"):
        callbacks.Weights(tmp_path, -1)


def test_one_tap_serves_all_callbacks(tmp_path):
    model = small_model()
    shown = [callbacks.Weights(tmp_path), callbacks.Gradients(tmp_path)]
    for each in shown:
        each.set_model(model)
    assert shown[0].tap is shown[1].tap is Tap.on(model)
    shown[0].tap.remove()
    assert "train_step" not in vars(model)
