import numpy as np
import pytest

from tfport import keras, models, registry

pytestmark = pytest.mark.rows


@pytest.mark.parametrize("name", registry.tutorials())
def test_builders_return_uncompiled_models_of_logits(name):
    model = registry.find(name).build_model()
    assert isinstance(model, keras.Model)
    logits = model(np.zeros((3, 28, 28, 1), np.float32)).numpy()
    assert logits.shape == (3, 10) and logits.dtype == np.float32
    assert getattr(model, "optimizer", None) is None


def test_cnn_has_the_tutorials_variables():
    shapes = [tuple(weight.shape) for weight in models.cnn().weights]
    assert shapes == [(5, 5, 1, 32), (32,), (5, 5, 32, 64), (64,), (3136, 1024), (1024,), (1024, 10), (10,)]


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
