import numpy as np
import pytest
import tensorflow as tf

from tfport import keras, training

pytestmark = pytest.mark.rows
v1 = tf.compat.v1


def gradients(step, shape):
    random = np.random.RandomState(step)
    return (random.choice([-1, 1], shape) * 10 ** random.uniform(-10, 2, shape)).astype(np.float32)


def test_adam_equals_tf1s_to_the_bit_over_fifty_steps():
    shape = (3, 5)
    with tf.Graph().as_default(), v1.Session() as session:
        weight = v1.get_variable("w", shape, initializer=v1.zeros_initializer())
        fed = v1.placeholder(tf.float32, shape)
        optimizer = v1.train.AdamOptimizer(0.003)
        update = optimizer.apply_gradients([(fed, weight)])
        session.run(v1.global_variables_initializer())
        for step in range(50):
            session.run(update, {fed: gradients(step, shape)})
        expected = session.run([weight, optimizer.get_slot(weight, "m"), optimizer.get_slot(weight, "v")])
    ours = tf.Variable(np.zeros(shape, np.float32))
    adam = training.Adam(0.003)
    adam.build([ours])
    for step in range(50):
        adam.apply_gradients([(tf.constant(gradients(step, shape)), ours)])
    for theirs, mine in zip(expected, (ours.numpy(), *adam.slots()[0]), strict=True):
        np.testing.assert_array_equal(theirs, mine)


def test_adam_agrees_with_keras_own_adam():
    both = []
    for optimizer in (training.Adam(0.01), keras.optimizers.Adam(0.01, epsilon=1e-8)):
        weight = tf.Variable(np.ones((4,), np.float32))
        optimizer.build([weight])
        for step in range(20):
            optimizer.apply_gradients([(tf.constant(gradients(step, (4,))), weight)])
        both.append(weight.numpy())
    np.testing.assert_allclose(*both, rtol=1e-5)
    assert not np.allclose(both[0], 1, atol=0.01)


def test_adam_follows_a_schedule():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [0.5, 0.0])
    weight = tf.Variable(np.zeros((2,), np.float32))
    adam = training.Adam(schedule)
    adam.build([weight])
    moved = []
    for _ in range(4):
        adam.apply_gradients([(tf.ones((2,)), weight)])
        moved.append(float(weight[0]))
    assert moved[0] == pytest.approx(-0.5) and moved[1] < moved[0] and moved[2] == moved[3] == moved[1]


def test_adam_state_survives_saving(tmp_path):
    def compiled():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile(optimizer=training.Adam(0.01), loss="mse", jit_compile=False)
        return model

    x, y = np.ones((8, 3), np.float32), np.ones((8, 2), np.float32)
    model = compiled()
    model.fit(x, y, epochs=3, verbose=0)
    model.save_weights(str(tmp_path / "a.weights.h5"))
    other = compiled()
    other.optimizer.build(other.trainable_variables)
    other.load_weights(str(tmp_path / "a.weights.h5"))
    for each in (model, other):
        each.fit(x, y, epochs=2, verbose=0, shuffle=False)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_whole_model_is_saved_and_loaded_with_its_optimizer(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(optimizer=training.Adam(0.01), loss="mse", jit_compile=False)
    x, y = np.ones((8, 3), np.float32), np.ones((8, 2), np.float32)
    model.fit(x, y, epochs=3, verbose=0)
    model.save(str(tmp_path / "a.keras"))
    loaded = keras.models.load_model(str(tmp_path / "a.keras"))
    assert isinstance(loaded.optimizer, training.Adam)
    for each in (model, loaded):
        each.fit(x, y, epochs=2, verbose=0, shuffle=False)
    for one, two in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("option", [{"amsgrad": True}, {"gradient_accumulation_steps": 4}])
def test_what_the_kernel_cannot_do_is_refused(option):
    with pytest.raises(ValueError, match="tfport's Adam has no"):
        training.Adam(**option)
