"""The fast path of ``fit``: the same weights as step by step, and the same for whoever looks on."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

from tfport import callbacks, keras, parity, training
from tfport.parity.checks import relative_error
from tfport.parity.sides import KerasSide
from tfport.registry import tutorials
from tfport.training import stretches
from tfport.versions import keras_generation

pytestmark = pytest.mark.rows


def compiled(**options):
    keras.utils.set_random_seed(4)
    layers = [keras.layers.Flatten(), keras.layers.Dense(16, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    options = {"optimizer": training.Adam(0.01), "metrics": ["accuracy"], "jit_compile": False, **options}
    model.compile(loss=loss, **options)
    return model


def config(**values):
    return training.Config(**{"steps": 25, "report_every": 10, "batch_size": 40, "seed": 3, **values})


def same(one, two, rtol=1e-4):
    for first, second in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=rtol, atol=1e-6)


@pytest.fixture(params=["graph", "XLA"])
def path(request, monkeypatch):
    """Both kinds of loop, whatever the number of steps; a model that does not suit XLA gets the same one twice."""
    monkeypatch.setattr(stretches, "XLA_SECONDS", 0 if request.param == "XLA" else 1e9)
    return request.param


@pytest.mark.parametrize("name", tutorials())
def test_weights_are_those_of_step_by_step(name, small_digits, monkeypatch):
    pair = parity.Pair.of(tutorials()[name])
    data = pair.problem({}) or small_digits
    wanted = {"steps": 60, "report_every": 40, "batch_size": 20, "seed": 5}
    weights = []
    for xla_seconds in (None, 1e9, 0):
        side = KerasSide(pair, pair.twin_config({}, **wanted), 5)
        monkeypatch.setattr(stretches, "XLA_SECONDS", xla_seconds)
        if xla_seconds == 0 and not stretches.suits_xla(side.model, 60):
            continue
        reports = training.fit(side.model, data, side.config, fast=xla_seconds is not None)
        assert [report.step for report in reports] == [40, 60]
        assert int(side.model.optimizer.iterations) == 60
        weights.append(side.weights())
    assert len(weights) == (2 if "cnn" in name else 3)
    for others in weights[1:]:
        for one, two in zip(weights[0], others, strict=True):
            assert relative_error(one, two) < 1e-3


def test_history_and_logs_are_those_of_step_by_step(small_digits, path):
    seen = []
    for fast in (False, True):
        model = compiled()
        logs = []
        hear = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs, seen=logs: seen.append(epoch),
            on_epoch_end=lambda epoch, logs, seen=logs: seen.append(dict(logs)),
        )
        hear.next_due = lambda updates, last: None
        training.fit(model, small_digits, config(), [hear], fast=fast)
        seen.append((logs, model.history.history))
    (plain, plain_history), (fast, fast_history) = seen
    assert set(plain_history) == set(fast_history) == {"loss", "accuracy", "test_loss", "test_accuracy"}
    for name, values in plain_history.items():
        assert fast_history[name] == pytest.approx(values, rel=1e-5)
    assert [entry for entry in fast if isinstance(entry, int)] == [0, 1, 2]
    for one, two in zip(plain, fast, strict=True):
        assert two == (one if isinstance(one, int) else pytest.approx(one, rel=1e-5))


def test_somebody_elses_hook_for_batches_takes_the_plain_path_and_a_warning_says_so(small_digits):
    class Theirs(keras.callbacks.Callback):
        """Counts."""

        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

    theirs, model = Theirs(), compiled()
    with pytest.warns(UserWarning, match="Theirs wants to be called after every batch: training goes step by step"):
        training.fit(model, small_digits, config(), [theirs])
    assert theirs.batches == 25
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        other = compiled()
        training.fit(other, small_digits, config(), [keras.callbacks.History()])
    same(model, other)


def test_a_model_that_runs_eagerly_takes_the_plain_path(small_digits):
    with pytest.warns(UserWarning, match="run_eagerly"):
        training.fit(compiled(run_eagerly=True), small_digits, config(steps=2, report_every=2))


def test_callbacks_of_epochs_work(small_digits, tmp_path):
    model = compiled()
    kept = keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.weights.h5"), save_weights_only=True)
    rate = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.5 * rate)
    stop = keras.callbacks.EarlyStopping("test_accuracy", mode="max", min_delta=1.0, patience=2)
    reports = training.fit(model, small_digits, config(steps=100), [kept, rate, stop])
    assert [report.step for report in reports] == [10, 20, 30]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}.weights.h5" for n in (1, 2, 3)]
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01 / 8)


class Watching(callbacks.Callback):
    """Attends the steps it is told."""

    def __init__(self, *steps):
        super().__init__()
        self.steps, self.begun, self.ended = steps, [], []

    def next_due(self, updates, last):
        return min((step for step in self.steps if step > updates), default=None)

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append((batch, int(self.model.optimizer.iterations)))

    def on_train_batch_end(self, batch, logs=None):
        self.ended.append((batch, int(self.model.optimizer.iterations)))


def test_a_stretch_ends_where_a_callback_attends(small_digits, path):
    model, first, second = compiled(), Watching(1, 7, 8, 20, 21), Watching(8, 25)
    training.fit(model, small_digits, config(), [first, second])
    assert first.begun == [(0, 0), (6, 6), (7, 7), (9, 19), (0, 20)]
    assert first.ended == [(0, 1), (6, 7), (7, 8), (9, 20), (0, 21)]
    assert second.begun == [(7, 7), (4, 24)]
    unwatched = compiled()
    training.fit(unwatched, small_digits, config())
    same(model, unwatched)


def test_a_second_fit_goes_on_counting(small_digits):
    model, watching = compiled(), Watching(27, 50)
    training.fit(model, small_digits, config())
    training.fit(model, small_digits, config(), [watching])
    assert watching.ended == [(1, 27), (4, 50)]


def test_summaries_are_written_of_due_steps_alone(small_digits, tmp_path, path):
    model = compiled()
    written = [callbacks.Scalars(tmp_path, 10), callbacks.Weights(tmp_path, 5), callbacks.Gradients(tmp_path, 25)]
    training.fit(model, small_digits, config(), written)
    steps = {}
    for event in events(tmp_path / "train"):
        for value in event.summary.value:
            steps.setdefault(value.tag, []).append(event.step)
    assert steps["loss"] == [10, 20]
    assert all(at == [5, 10, 15, 20, 25] for tag, at in steps.items() if tag.endswith("kernel/mean"))
    assert all(at == [25] for tag, at in steps.items() if tag.endswith("gradient"))
    assert {tag.split("/")[-1] for tag in steps} >= {"loss", "mean", "gradient"}
    untouched = compiled()
    training.fit(untouched, small_digits, config())
    same(model, untouched)


def events(folder):
    return [
        event
        for path in sorted(folder.glob("events*"))
        for event in tf.compat.v1.train.summary_iterator(str(path))
    ]  # fmt: skip


def test_a_small_problem_that_xla_cannot_compile_runs_without(small_problem_with, monkeypatch):
    monkeypatch.setattr(stretches, "XLA_SECONDS", 0)

    @tf.function
    def unknown_to_xla(x):
        return x + tf.strings.to_number(tf.strings.as_string(tf.constant(0.0)))

    model, problem, run = small_problem_with(keras.layers.Lambda(unknown_to_xla))
    reference, _, _ = small_problem_with(keras.layers.Lambda(lambda x: x + 0.0))
    training.fit(model, problem, run)
    training.fit(reference, problem, run)
    same(model, reference, rtol=1e-4)


def test_a_layer_with_python_control_flow_on_tensors_is_converted(small_problem_with, path):
    class Halved(keras.layers.Layer):
        """Halves what is large."""

        def call(self, inputs):
            outputs = inputs
            if tf.reduce_max(tf.abs(inputs)) > 0.01:
                outputs = inputs / 2
            return outputs

    if keras_generation() == 3:  # which cannot even build such a model
        with pytest.raises(TypeError, match="Python `bool`"):
            small_problem_with(Halved())
        return
    models = []
    for fast in (False, True):
        model, problem, run = small_problem_with(Halved())
        training.fit(model, problem, run, fast=fast)
        models.append(model)
    same(*models, rtol=1e-4)


def test_dropout_in_a_small_problem_is_that_of_step_by_step(small_problem_with, path):
    models = []
    for fast in (False, True):
        model, problem, run = small_problem_with(keras.layers.Dropout(0.5))
        training.fit(model, problem, run, fast=fast)
        models.append(model)
    same(*models, rtol=1e-4)


@pytest.fixture
def small_problem_with():
    """Builds a model with a layer, the points of ``hidden`` and a configuration."""
    from tfport import hidden

    def build(layer):
        keras.utils.set_random_seed(2)
        h = keras.layers.Dense(8, "tanh")
        model = keras.Sequential([keras.Input((2,)), h, layer, keras.layers.Dense(1)])
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(optimizer=training.Adam(0.01), loss=loss, jit_compile=False)
        run = hidden.Config(steps=40, report_every=20)
        return model, hidden.load(run), run

    return build


def test_what_is_traced_is_measured_after_every_step(small_digits, tmp_path, path):
    def bias(model):
        return tf.convert_to_tensor(model.trainable_weights[-1])

    measured = []
    for fast in (True, False):
        model, values = compiled(), callbacks.EveryStep(bias, traced=True)
        assert stretches.suits_xla(model, 25) is (path == "XLA")
        shown = [values, callbacks.Scalars(tmp_path / str(fast), 10)]  # attends two of the steps
        training.fit(model, small_digits, config(), shown, fast=fast)
        assert len(values.values) == 25
        np.testing.assert_array_equal(values.values[-1], model.get_weights()[-1])
        measured.append(values.values)
    np.testing.assert_allclose(*measured, rtol=1e-3, atol=1e-6)


def test_xla_is_for_runs_that_are_long_enough_and_for_layers_that_it_is_good_at():
    model = compiled()
    assert stretches.suits_xla(model, 10**5) and not stretches.suits_xla(model, 10)
    model.add(keras.layers.Reshape((10, 1)))
    model.add(keras.layers.MaxPooling1D(1))
    assert not stretches.suits_xla(model, 10**9)
    noisy = keras.Sequential([keras.Input((3,)), keras.layers.GaussianNoise(0.1), keras.layers.Dense(1)])
    assert not stretches.suits_xla(noisy, 10**9)


@pytest.mark.parametrize("every, compiled_by_xla", [(1, False), (10, True), (0, True)])
def test_steps_that_write_summaries_do_not_count_for_xla(small_digits, tmp_path, monkeypatch, every, compiled_by_xla):
    asked = []
    original = stretches.graph_function

    def graph_function(function, jit_compile=False):
        asked.append(jit_compile)
        return original(function, jit_compile=jit_compile)

    monkeypatch.setattr(stretches, "graph_function", graph_function)
    monkeypatch.setattr(stretches, "XLA_SECONDS", 1e-4)
    assert stretches.suits_xla(compiled(), 25)
    training.fit(compiled(), small_digits, config(), [callbacks.Scalars(tmp_path, every)], fast=True)
    assert any(asked) is compiled_by_xla


def test_activations_are_those_before_pooling_on_both_paths(small_digits, tmp_path):
    tags = {}
    for fast in (False, True):
        keras.utils.set_random_seed(6)
        convolution = keras.layers.Conv2D(2, 3, activation="relu", name="conv")
        layers = [convolution, keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(10, name="out")]
        model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=training.Adam(0.01), loss=loss, jit_compile=False)
        folder = tmp_path / str(fast)
        training.fit(model, small_digits, config(steps=4), [callbacks.Activations(folder, 2)], fast=fast)
        found = [(value.tag, event.step, value.histo.num) for event in events(folder / "train")
                 for value in event.summary.value]  # fmt: skip
        tags[fast] = found
    assert tags[True] == tags[False]
    assert ("conv/activations", 4, 40 * 26 * 26 * 2.0) in tags[True]


def test_the_pace_follows_the_time_a_step_takes():
    seconds = stretches.SECONDS
    assert stretches.next_pace(1, 1, seconds / 100) == 10  # not a hundred: one measurement may mislead
    assert stretches.next_pace(100, 100, 2 * seconds) == 50
    assert stretches.next_pace(5, 5, 30 * seconds) == 1
    assert stretches.next_pace(10**6, 10**6, 0.0) == 10**7
