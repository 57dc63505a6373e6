import numpy as np
import pytest

from tfport import keras, models, registry

pytestmark = pytest.mark.rows


@pytest.mark.parametrize("name", registry.tutorials())
def test_builders_return_uncompiled_models_of_logits(name):
    model = registry.find(name).build_model()
    assert isinstance(model, keras.Model)
    inputs = np.zeros((3, *model.input_shape[1:]), np.float32)
    logits = model(inputs).numpy()
    assert logits.dtype == np.float32
    if registry.find(name).sources == registry.OWN_DATA:
        assert inputs.shape[1] in (2, 5) and logits.shape == (3, 1)
    else:
        assert inputs.shape == (3, 28, 28, 1) and logits.shape == (3, 10)
    assert getattr(model, "optimizer", None) is None


SHAPES = {
    "temperature": [(5, 1)],
    "logistic": [(2, 1), (1,)],
    "holdout": [(2, 1), (1,)],
    "hidden": [(2, 2), (2,), (2, 1), (1,)],
    "two_hidden": [(2, 2), (2,), (2, 2), (2,), (2, 1), (1,)],
    "softmax": [(784, 10), (10,)],
    "dnn": [(784, 256), (256,), (256, 256), (256,), (256, 10), (10,)],
    "summaries": [(784, 500), (500,), (500, 10), (10,)],
    "small_cnn": [(4, 4, 1, 4), (4,), (4, 4, 4, 8), (8,), (392, 10), (10,)],
    "single_cnn": [(5, 5, 1, 16), (3136, 1024), (1024,), (1024, 10), (10,)],
    "cnn": [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 1024), (1024,), (1024, 10), (10,)],
}


@pytest.mark.parametrize("name", SHAPES)
def test_models_have_the_tutorials_variables(name):
    assert [tuple(weight.shape) for weight in registry.find(name).build_model().weights] == SHAPES[name]


def test_hidden_has_three_variants_and_scales_its_biases():
    assert [models.hidden(variant=variant).count_params() for variant in ("tanh2", "tanh4", "relu2")] == [9, 17, 9]
    with pytest.raises(ValueError, match="tanh2, tanh4 or relu2"):
        models.hidden(variant="tanh3")
    model = models.hidden(variant="relu2", bias_scale=15.0)
    model.set_weights([np.zeros((2, 2)), np.array([1.0, 2.0]), np.array([[1.0], [1.0]]), np.array([0.5])])
    # relu(15 · 1) + relu(15 · 2) + 15 · 0.5
    np.testing.assert_allclose(model(np.ones((1, 2), np.float32)).numpy(), [[52.5]])


def test_hidden_can_be_saved_and_loaded(tmp_path):
    model = models.hidden(variant="tanh4", bias_scale=3.0)
    path = str(tmp_path / "hidden.keras")
    model.save(path)
    points = np.random.RandomState(0).normal(size=(5, 2)).astype(np.float32)
    loaded = keras.models.load_model(path)
    assert loaded.get_layer("hidden").bias_scale == 3.0
    np.testing.assert_array_equal(loaded(points).numpy(), model(points).numpy())


@pytest.mark.parametrize(("preset", "dense", "output", "bias"), [("tutorial", 1.0, 0, 0), ("deep", 0.1, 0.1, 0.1)])
def test_cnn_starts_at_the_presets_values(preset, dense, output, bias):
    keras.utils.set_random_seed(0)
    values = models.cnn(preset=preset).get_weights()
    # A normal cut at two standard deviations has 0.8796 of its spread.
    for value, stddev in ((values[0], 0.1), (values[2], 0.1), (values[4], dense), (values[6], output)):
        assert value.std() == pytest.approx(0.8796 * stddev, rel=0.1)
        assert np.abs(value).max() <= 2 * stddev
    assert np.all(values[1] == np.float32(0.1)) and np.all(values[5] == np.float32(0.1))
    assert np.all(values[7] == np.float32(bias))


def test_cnn_drops_at_the_rate_it_is_given():
    layer = models.cnn(dropout_rate=0.2).get_layer("dropout")
    kept = np.mean(np.asarray(layer(np.ones((50, 1024), np.float32), training=True)) > 0)
    assert kept == pytest.approx(0.8, abs=0.02)


def test_unknown_preset_is_an_error():
    with pytest.raises(ValueError, match="tutorial or deep"):
        models.cnn(preset="wide")
