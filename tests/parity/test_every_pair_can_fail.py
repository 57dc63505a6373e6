"""For each of the pairs: every rung catches a mistake made on purpose in the port."""

import dataclasses
import types

import numpy as np
import pytest

from tfport import keras, parity, registry

NAMES = [name for name in registry.tutorials() if name != "cnn"]  # which has more of them, in test_rungs_can_fail.py


def broken(name, change):
    """The pair with ``change(compiled model)`` in its port."""
    sound = parity.Pair.of(registry.find(name))
    twin = types.SimpleNamespace(**{key: value for key, value in vars(sound.twin).items() if key in ("Config", "load")})
    twin.build = lambda config: change(sound.twin.build(config), config)
    return parity.Pair(
        name, sound.legacy, twin, sound.margin, printed_losses=sound.printed_losses, edges=sound.edges
    )  # fmt: skip


def recompiled(model, of, *, loss=None, rate=None):
    """``model`` compiled as ``of`` is, but for what is given."""
    optimizer = type(of.optimizer).from_config(of.optimizer.get_config())
    if rate is not None:
        optimizer = type(of.optimizer).from_config({**of.optimizer.get_config(), "learning_rate": rate})
    metrics = ["accuracy"] if of.output_shape[-1] == 10 else None
    model.compile(optimizer=optimizer, loss=loss or of.loss, metrics=metrics, jit_compile=False)
    return model


def failed(name, change, rung, digits, **options):
    pair = broken(name, change)
    data = pair.problem({}) or digits
    ladder = parity.climb(pair, data, [rung], parity.Options(batch_size=20, **options))
    return [check.name for check in ladder.checks if not check.passed]


def sound(model, config):
    return model


@pytest.mark.parametrize("name", NAMES)
def test_the_sound_port_passes_rungs_1_to_4(name, small_digits):
    assert [failed(name, sound, rung, small_digits, trained_steps=100) for rung in (1, 2, 3, 4)] == [[], [], [], []]


@pytest.mark.parametrize("name", NAMES)
def test_rung_1_catches_other_initial_values(name, small_digits):
    def change(model, config):
        model.set_weights([1.5 * value + 0.01 for value in model.get_weights()])
        return model

    assert failed(name, change, 1, small_digits) == ["initial distributions"]


@pytest.mark.parametrize("name", NAMES)
def test_rung_2_catches_logits_that_are_off_by_a_tenth_of_a_percent(name, small_digits):
    def change(model, config):
        off = keras.layers.Rescaling(1.001)(model.output)
        return recompiled(keras.Model(model.input, off), model)

    assert failed(name, change, 1, small_digits) == []
    assert set(failed(name, change, 2, small_digits)) == {"logits at seeded weights", "logits after 10 steps"}


@pytest.mark.parametrize("name", NAMES)
def test_rung_3_catches_mean_for_sum_and_sum_for_mean(name, small_digits):
    def change(model, config):
        settings = model.loss.get_config()
        settings["reduction"] = "sum_over_batch_size" if settings["reduction"] == "sum" else "sum"
        return recompiled(model, model, loss=type(model.loss).from_config(settings))

    assert failed(name, change, 2, small_digits) == []
    names = failed(name, change, 3, small_digits)
    assert {"loss at seeded weights", "gradients at seeded weights"} <= set(names)


@pytest.mark.parametrize("name", NAMES)
def test_rung_4_catches_another_learning_rate(name, small_digits):
    def change(model, config):
        return recompiled(model, model, rate=1.001 * config.learning_rate)

    assert failed(name, change, 3, small_digits) == []
    wrong = failed(name, change, 4, small_digits, trained_steps=100, exact=True)
    assert {"optimizer alone", "losses (ulp)", "weights after 100 steps (ulp)"} <= set(wrong)


def test_rung_4_catches_a_keep_probability_taken_for_a_rate(small_digits):
    pair = parity.Pair.of(registry.find("summaries"))

    def build(config):
        return pair.twin.build(dataclasses.replace(config, dropout_rate=1 - config.dropout_rate))

    twin = types.SimpleNamespace(Config=pair.twin.Config, build=build)
    ladder = parity.climb(dataclasses.replace(pair, twin=twin), small_digits, [3, 4], parity.Options(batch_size=20))
    wrong = [check.name for check in ladder.checks if not check.passed]
    assert wrong and all(name.startswith("losses") for name in wrong), wrong


@pytest.mark.parametrize("name", NAMES)
def test_rung_5_catches_a_port_that_learns_less(name, small_digits):
    def change(model, config):
        return recompiled(model, model, rate=0.001 * config.learning_rate)

    wrong = failed(name, change, 5, small_digits, trained_steps={"dnn": 400}.get(name, 60), trained_seeds=2)
    expected = {
        "hidden": "share of pairs in different minima",
        "two_hidden": "share of pairs in different minima",
        "temperature": "losses of the reports",
        "logistic": "losses of the reports",
        "holdout": "accuracies of the reports",
    }
    assert wrong == [expected.get(name, "accuracy difference, interval's far end")]


def test_a_minimum_is_found_by_its_edges():
    from tfport.parity.pairs import minima_titles, minimum

    assert [minimum(loss, (14.0, 30.0)) for loss in (11, 20, 45, np.nan, np.inf)] == [0, 1, 2, -1, -1]
    assert minima_titles((14.0, 30.0)) == ["below 14", "14 to 30", "above 30"]
