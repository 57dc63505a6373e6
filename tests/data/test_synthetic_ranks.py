"""Synthetic digits rank models as MNIST does: a linear model is clearly below a convolutional one."""

from tfport import data, keras, models, training


def test_softmax_regression_is_clearly_below_the_cnn():
    digits = data.load("synthetic")
    accuracies = {}
    for name, optimizer, batch, steps in (
        ("softmax", lambda: keras.optimizers.SGD(0.5), 100, 1000),
        ("cnn", lambda: training.Adam(1e-3), 50, 400),
    ):
        keras.utils.set_random_seed(1)
        linear = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, kernel_initializer="zeros")]
        model = models.cnn(preset="deep") if name == "cnn" else keras.Sequential(linear)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=optimizer(), loss=loss, metrics=["accuracy"], jit_compile=False)
        config = training.Config(steps=steps, batch_size=batch)
        accuracies[name] = training.fit(model, digits, config)[-1].accuracy
    assert accuracies["cnn"] >= 0.96
    assert 0.8 < accuracies["softmax"] < accuracies["cnn"] - 0.03
