import numpy as np
import pytest

from tfport import keras, models, registry, small_cnn, training

pytestmark = pytest.mark.rows
OF_DIGITS = [row for row in registry.tutorials().values() if row.sources != registry.OWN_DATA]


def dtype(value):
    return np.dtype(getattr(value.dtype, "as_numpy_dtype", value.dtype)).name


@pytest.mark.parametrize("row", OF_DIGITS, ids=lambda row: row.name)
def test_bfloat16_is_what_layers_compute_in(row):
    module = row.twin_module()
    model = module.model(module.Config(precision="bfloat16"))
    weighted = [layer for layer in model.layers if layer.trainable_weights]
    assert [layer.compute_dtype for layer in weighted[:-1]] == ["bfloat16"] * (len(weighted) - 1)
    # Weights are updated, and the loss is computed, with all of float32's digits.
    assert weighted[-1].compute_dtype == "float32"
    assert {dtype(weight) for weight in model.trainable_weights} == {"float32"}
    assert dtype(model(np.zeros((2, 28, 28, 1), np.float32))) == "float32"
    assert models.cnn().layers[1].compute_dtype == "float32", "models built afterwards are as before"


def test_training_in_bfloat16_is_close_to_that_in_float32(small_digits):
    losses = []
    for precision in ("float32", "bfloat16"):
        keras.utils.set_random_seed(4)
        config = small_cnn.Config(steps=60, batch_size=50, report_every=20, precision=precision)
        reports = training.fit(small_cnn.build(config), small_digits, config)
        losses.append([report.loss for report in reports])
    exact, rounded = losses
    assert exact != rounded and exact[-1] < exact[0]
    np.testing.assert_allclose(rounded, exact, rtol=0.1)
