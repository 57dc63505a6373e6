import numpy as np
import pytest
import tensorflow as tf

from tfport import callbacks, keras, training
from tfport.data import batch_indices
from tfport.errors import UserError
from tfport.training import loop, stretches

pytestmark = pytest.mark.rows


def compiled(reduction="sum"):
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction)
    model.compile(optimizer=training.Adam(0.001), loss=loss, metrics=["accuracy"], jit_compile=False)
    return model


def config(**values):
    return training.Config(**{"steps": 25, "report_every": 10, "batch_size": 40, "seed": 3, **values})


def test_batches_are_those_of_the_batch_order(small_digits):
    seen = list(loop.batches(small_digits.train, config(steps=60)))
    rows = batch_indices(2000, 40, 3, 0, 60)
    assert len(seen) == 60
    for (images, labels), row in zip(seen, rows, strict=True):
        np.testing.assert_array_equal(images, small_digits.train.images[row])
        np.testing.assert_array_equal(labels, small_digits.train.labels[row])


def test_chunks_of_the_order_are_joined_without_a_seam(small_digits, monkeypatch):
    whole = [labels.numpy() for _, labels in loop.batches(small_digits.train, config())]
    monkeypatch.setattr(stretches, "CHUNK", 4 * 40)
    pieces = [labels.numpy() for _, labels in loop.batches(small_digits.train, config())]
    np.testing.assert_array_equal(whole, pieces)


@pytest.mark.parametrize(("steps", "every", "expected"), [(25, 10, [10, 20, 25]), (20, 10, [10, 20]), (3, 10, [3])])
def test_a_report_every_so_many_steps_and_one_for_the_last(small_digits, steps, every, expected):
    model = compiled()
    heard = []
    reports = training.fit(model, small_digits, config(steps=steps, report_every=every), report=heard.append)
    assert [report.step for report in reports] == expected and heard == reports
    assert int(model.optimizer.iterations) == steps


def test_fit_equals_a_loop_over_the_batches(small_digits):
    keras.utils.set_random_seed(1)
    model = compiled()
    start = model.get_weights()
    training.fit(model, small_digits, config())
    plain = compiled()
    plain.set_weights(start)
    for images, labels in loop.batches(small_digits.train, config()):
        plain.train_on_batch(images, labels)
    for one, two in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size"])
@pytest.mark.parametrize("batch_size", [200, 64])
def test_evaluation_applies_the_loss_to_the_whole_set(small_digits, reduction, batch_size):
    model = compiled(reduction)
    loss, accuracy = training.evaluate(model, small_digits.test, batch_size)
    logits = model.predict(small_digits.test.images, verbose=0).astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    each = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(200), small_digits.test.labels]
    assert loss == pytest.approx(each.sum() if reduction == "sum" else each.mean(), rel=1e-5)
    assert accuracy == np.mean(logits.argmax(axis=1) == small_digits.test.labels)


def test_a_model_of_another_keras_gets_one_sentence_with_both_ways_out(small_digits):
    with pytest.raises(UserError) as caught:
        training.fit(tf.Module(), small_digits, config())
    assert "from tfport import keras" in str(caught.value) and "set TFPORT_KERAS=" in str(caught.value)


@pytest.mark.skipif(tf.keras.Model is keras.Model, reason="on this row tf.keras is the Keras that tfport uses")
def test_a_model_of_the_users_own_tf_keras_is_told_apart(small_digits):
    model = tf.keras.Sequential([tf.keras.Input((28, 28, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
    with pytest.raises(UserError, match="TFPORT_KERAS=3 where it is of Keras 3"):
        training.fit(model, small_digits, config())


def test_losses_given_by_name_are_averaged_as_keras_does(small_digits):
    model = compiled()
    model.compile(loss=lambda t, p: keras.losses.sparse_categorical_crossentropy(t, p, from_logits=True))
    by_function, _ = training.evaluate(model, small_digits.test)
    model.compile(loss="sparse_categorical_crossentropy")
    assert np.isfinite(training.evaluate(model, small_digits.test)[0])
    reference = compiled("sum_over_batch_size")
    reference.set_weights(model.get_weights())
    assert by_function == pytest.approx(training.evaluate(reference, small_digits.test)[0], rel=1e-5)


def test_scalars_are_those_of_single_steps_under_tf1_tags(small_digits, tmp_path):
    (tmp_path / "train").mkdir()
    earlier = tmp_path / "train" / "events.out.tfevents.1.earlier"
    earlier.write_bytes(b"")
    keras.utils.set_random_seed(1)
    model = compiled()
    start = model.get_weights()
    scalars = callbacks.Scalars(tmp_path, every=5)
    reports = training.fit(model, small_digits, config(), [scalars])
    assert earlier.exists()
    curves = {name: read_scalars(tmp_path / name) for name in ("train", "test")}
    assert {name: set(tags) for name, tags in curves.items()} == {name: {"loss", "accuracy"} for name in curves}
    assert list(curves["train"]["loss"]) == [5, 10, 15, 20, 25]
    assert curves["test"]["accuracy"] == pytest.approx({report.step: report.accuracy for report in reports})
    plain = compiled()
    plain.set_weights(start)
    for step, (images, labels) in enumerate(loop.batches(small_digits.train, config()), start=1):
        logits = plain(images, training=True)
        if step in curves["train"]["loss"]:
            assert curves["train"]["loss"][step] == pytest.approx(float(plain.loss(labels, logits)), rel=1e-4)
        plain.train_on_batch(images, labels)


def small_problem(**values):
    """The model of the hidden layer, as its program compiles it."""
    from tfport import hidden

    config = hidden.Config(**{"steps": 60, "report_every": 30, "seed": 2, **values})
    keras.utils.set_random_seed(2)
    return hidden.build(config), hidden.load(config), config


def test_a_short_last_stretch_ends_where_it_should():
    model, problem, config = small_problem(steps=50, report_every=20, summary_every=10)
    assert [report.step for report in training.fit(model, problem, config)] == [20, 40, 50]
    assert int(model.optimizer.iterations) == 50


def test_scalars_of_many_steps_in_one_execution_are_those_of_single_steps(tmp_path):
    model, problem, config = small_problem(summary_every=10)
    training.fit(model, problem, config, [callbacks.Scalars(tmp_path / "many", 10)])
    written = read_scalars(tmp_path / "many" / "train")["loss"]
    model, problem, config = small_problem(summary_every=1)
    training.fit(model, problem, config, [callbacks.Scalars(tmp_path / "single", 1)])
    single = read_scalars(tmp_path / "single" / "train")["loss"]
    assert list(written) == [10, 20, 30, 40, 50, 60] and list(single) == list(range(1, 61))
    assert written == pytest.approx({step: single[step] for step in written}, rel=1e-5)


def test_every_step_is_measured_as_the_step_left_the_model():
    model, problem, config = small_problem(steps=4, report_every=2, summary_every=1)
    measured = callbacks.EveryStep(lambda seen: training.evaluate(seen, problem.train)[0])
    reports = training.fit(model, problem, config, [measured])
    assert len(measured.values) == 4
    assert [measured.values[1], measured.values[3]] == [report.loss for report in reports]


def test_where_nothing_is_classified_there_is_no_accuracy():
    from tfport import temperature

    config = temperature.Config(steps=4, report_every=2)
    model = temperature.build(config)
    reports = training.fit(model, temperature.load(config), config)
    assert [report.accuracy for report in reports] == [None, None]
    assert str(reports[0]).startswith("Step: 2, Loss: ") and "Accuracy" not in str(reports[0])
    train = temperature.load(config).train
    expected = np.sum((training.predict_logits(model, train.inputs).astype(float) - train.targets) ** 2)
    assert reports[-1].loss == pytest.approx(float(expected), rel=1e-4)


def test_probabilities_are_those_of_softmax_and_sigmoid(small_digits):
    p = training.probabilities(compiled(), small_digits.test.images)
    assert p.shape == (200, 10) and p.sum(axis=1) == pytest.approx(np.ones(200), rel=1e-5)
    model, problem, _ = small_problem()
    q = training.probabilities(model, problem.train.inputs)
    np.testing.assert_allclose(q, np.full((65, 1), 0.5))  # the output layer starts at zero


def read_scalars(folder):
    """tag → {step: value}, with TensorFlow's own reader."""
    curves = {}
    for path in sorted(folder.glob("events*")):
        if path.stat().st_size:
            for event in tf.compat.v1.train.summary_iterator(str(path)):
                for value in event.summary.value:
                    curves.setdefault(value.tag, {})[event.step] = value.simple_value
    return curves
