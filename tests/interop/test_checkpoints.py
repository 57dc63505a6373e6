"""TF1 checkpoints into Keras and back, written and read by TensorFlow's own Saver."""

import numpy as np
import pytest
import tensorflow as tf

from tests.conftest import ROOT
from tfport import interop, keras, parity, registry, training
from tfport.errors import UserError
from tfport.parity.sides import GraphSide, KerasSide, training_rows

v1 = tf.compat.v1
ROWS = registry.tutorials()
CASES = [
    *(pytest.param(name, {}, marks=[pytest.mark.rows] if name in ("cnn", "softmax") else []) for name in ROWS),
    pytest.param("hidden", {"variant": "tanh4"}, marks=pytest.mark.rows),
    ("hidden", {"variant": "relu2"}),
]


class Both:
    """A pair's programs, opened up."""

    def __init__(self, name, settings, **wanted):
        self.pair = parity.Pair.of(ROWS[name])
        self.graph = GraphSide(self.pair, self.pair.legacy_config(settings, **wanted), 1)
        self.port = KerasSide(self.pair, self.pair.twin_config(settings, **wanted), 2)

    def randomize(self):
        """Other values in every variable of the graph, the optimizer's too."""
        random = np.random.RandomState(0)
        with self.graph.graph.as_default():
            variables = v1.global_variables()
            for variable in variables:
                shape = variable.shape.as_list()
                value = random.uniform(0.1, 0.9, shape).astype(variable.dtype.base_dtype.as_numpy_dtype)
                variable.load(value, self.graph.session)
        return variables

    def save(self, path):
        with self.graph.graph.as_default():
            return v1.train.Saver().save(self.graph.session, str(path))

    def restore(self, path):
        with self.graph.graph.as_default():
            v1.train.Saver().restore(self.graph.session, path)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_all_eleven_there_and_back_bit_for_bit(name, settings, tmp_path):
    both = Both(name, settings)
    variables = both.randomize()
    before = both.graph.session.run(variables)
    mapped = interop.from_tf1_checkpoint(both.save(tmp_path / "tf1"), both.port.model)
    assert not mapped.doubts and not mapped.unused
    assert all(np.array_equal(one, two) for one, two in zip(both.graph.weights(), both.port.weights(), strict=True))
    slots = both.graph.slots()
    assert len(slots) == len(both.port.slots())
    assert all(np.array_equal(one, two) for one, two in zip(slots, both.port.slots(), strict=True))
    written = interop.to_tf1_checkpoint(both.port.model, tmp_path / "back")
    both.graph.initialize()
    both.restore(written)
    for variable, value, after in zip(variables, before, both.graph.session.run(variables), strict=True):
        assert np.array_equal(value, after), variable.name
    both.graph.close()


@pytest.mark.rows
@pytest.mark.parametrize("name", ["cnn", "summaries"])
def test_a_run_goes_on_in_keras_and_in_tf1_in_lockstep(name, small_digits, tmp_path):
    """Without dropout, whose numbers each side draws by itself."""
    steps, half = 12, 6
    both = Both(name, {}, steps=steps, loss="stable")
    config = both.port.config
    rows = training_rows(small_digits.train, config)[:steps]
    graph = both.graph

    def graph_step(row):
        images, labels = small_digits.train.inputs[row], small_digits.train.targets[row]
        return graph.session.run([graph.net.loss, graph.net.train_step], graph.feed(images, labels))[0]

    for row in rows[:half]:
        graph_step(row)
    interop.from_tf1_checkpoint(both.save(tmp_path / "half"), both.port.model)
    model = both.port.model
    new, old = [], []
    for row in rows[half:]:
        images, labels = (tf.constant(part[row]) for part in (small_digits.train.inputs, small_digits.train.targets))
        with tf.GradientTape() as tape:
            loss = model.loss(labels, model(images, training=False))
        gradients = tape.gradient(loss, [training.optimizers.value_of(each) for each in model.trainable_weights])
        model.optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        new.append(float(loss))
        old.append(float(graph_step(row)))
    np.testing.assert_allclose(new, old, rtol=1e-5)
    # And back: what Keras came to, TF1 has too.
    written = interop.to_tf1_checkpoint(model, tmp_path / "end")
    graph.initialize()
    both.restore(written)
    assert all(np.array_equal(one, two) for one, two in zip(graph.weights(), both.port.weights(), strict=True))
    graph.close()


def saved(tmp_path, **arrays):
    """A checkpoint of these arrays; "/" in a name is written "__"."""
    with v1.Graph().as_default(), v1.Session() as session:
        variables = {name.replace("__", "/"): v1.Variable(np.float32(value)) for name, value in arrays.items()}
        session.run(v1.global_variables_initializer())
        return v1.train.Saver(variables).save(session, str(tmp_path / "model"))


def dense(*units, inputs=3):
    layers = [keras.layers.Dense(each, name=f"d{place}") for place, each in enumerate(units)]
    return keras.Sequential([keras.Input((inputs,)), *layers], name="mine")


def test_shapes_that_are_all_different_tell_which_is_which(tmp_path):
    random = np.random.RandomState(1)
    arrays = {"scope__w": random.rand(3, 4), "scope__b": random.rand(4), "a": random.rand(4, 2), "z": random.rand(2)}
    path = saved(tmp_path, **arrays)
    model = dense(4, 2)
    mapped = interop.from_tf1_checkpoint(path, model)
    assert [old for old, _ in mapped.pairs] == ["scope/w", "scope/b", "a", "z"]
    for weight, value in zip(model.get_weights(), arrays.values(), strict=True):
        np.testing.assert_array_equal(weight, np.float32(value))
    assert "scope/w" in str(mapped) and "→  d0/kernel (3, 4)" in str(mapped)


@pytest.mark.rows
def test_equal_shapes_are_taken_in_the_order_in_which_tf1_counted_them(tmp_path):
    numbers = {f"Variable{f'_{n}' if n else ''}": np.full((3, 3), n) for n in range(11)}
    model = keras.Sequential(
        [keras.Input((3,)), *(keras.layers.Dense(3, use_bias=False, name=f"d{n}") for n in range(11))], name="mine"
    )
    interop.from_tf1_checkpoint(saved(tmp_path, **numbers), model)
    assert [weight[0, 0] for weight in model.get_weights()] == list(range(11))


@pytest.mark.rows
def test_what_is_in_doubt_is_shown_and_never_applied(tmp_path):
    path = saved(tmp_path, first=np.ones((3, 3)), other=np.zeros((3, 3)))
    model = keras.Sequential(
        [keras.Input((3,)), *(keras.layers.Dense(3, use_bias=False, name=f"d{n}") for n in range(2))], name="mine"
    )
    before = model.get_weights()
    with pytest.raises(UserError, match="in doubt; say it with names") as refused:
        interop.from_tf1_checkpoint(path, model)
    assert "first  →  d0/kernel (3, 3)" in str(refused.value)
    assert all(np.array_equal(one, two) for one, two in zip(before, model.get_weights(), strict=True))
    mapped = interop.from_tf1_checkpoint(path, model, {"d0/kernel": "other", "d1/kernel": "first"})
    assert not mapped.doubts and model.get_weights()[0].sum() == 0 and model.get_weights()[1].sum() == 9


def test_one_too_many_is_in_doubt_and_one_too_few_is_another_model(tmp_path):
    path = saved(tmp_path, Variable=np.ones((3, 4)), Variable_1=np.ones(4), Variable_2=np.ones(4))
    with pytest.raises(UserError, match=r"2 arrays have shape \(4,\)"):
        interop.from_tf1_checkpoint(path, dense(4))
    with pytest.raises(UserError, match=r"arrays of shape \(3, 5\): 0, the model's weights of it: 1"):
        interop.from_tf1_checkpoint(path, dense(5))


@pytest.mark.rows
def test_names_of_keras_are_those_of_tf_layers(tmp_path):
    model = dense(4, 2)
    path = interop.to_tf1_checkpoint(model, tmp_path / "mine")
    assert dict(tf.train.list_variables(path)) == {
        "d0/kernel": [3, 4], "d0/bias": [4], "d1/kernel": [4, 2], "d1/bias": [2]
    }  # fmt: skip
    other = dense(4, 2)
    interop.from_tf1_checkpoint(path, other)
    assert all(np.array_equal(one, two) for one, two in zip(model.get_weights(), other.get_weights(), strict=True))


def test_momentum_at_a_learning_rate_of_0_is_not_written(tmp_path):
    model = dense(4)
    model.compile(optimizer=keras.optimizers.SGD(0.0, momentum=0.9), loss="mse")
    with pytest.raises(UserError, match="at a learning rate of 0"):
        interop.to_tf1_checkpoint(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
    interop.to_tf1_checkpoint(model, tmp_path / "model", optimizer=False)


def test_bad_paths_are_answered_with_a_sentence(tmp_path):
    model = dense(4)
    with pytest.raises(UserError, match="nowhere: no TF1 checkpoint"):
        interop.from_tf1_checkpoint(tmp_path / "nowhere", model)
    (tmp_path / "broken.index").write_bytes(b"no index")
    with pytest.raises(UserError, match="cannot be read as a TF1 checkpoint"):
        interop.from_tf1_checkpoint(tmp_path / "broken", model)
    with pytest.raises(UserError, match="there is no folder"):
        interop.to_tf1_checkpoint(model, tmp_path / "none" / "model")
    path = interop.to_tf1_checkpoint(model, tmp_path / "model")
    with pytest.raises(UserError, match="there is such a checkpoint"):
        interop.to_tf1_checkpoint(model, path)
    with pytest.raises(UserError, match="the model has no weight d9/kernel"):
        interop.from_tf1_checkpoint(path, model, {"d9/kernel": "d0/kernel"})
    with pytest.raises(UserError, match="names: d0/kernel stands for more than one weight"):
        interop.from_tf1_checkpoint(path, model, {"d0/kernel": "d0/kernel", "d0/bias": "d0/kernel"})
    with pytest.raises(UserError, match="is a folder; a checkpoint takes a name in it"):
        interop.to_tf1_checkpoint(model, tmp_path)
    (tmp_path / "rest.data-00000-of-00001").write_bytes(b"somebody's")  # its index may be elsewhere
    with pytest.raises(UserError, match="there is such a checkpoint"):
        interop.to_tf1_checkpoint(model, tmp_path / "rest")
    assert (tmp_path / "rest.data-00000-of-00001").read_bytes() == b"somebody's"


def test_the_legacy_programs_save_and_go_on(run_python, tmp_path, digits_folder):
    program = ["-m", "legacy_tf1.cnn", "--data_dir", str(digits_folder), "--data", "mnist", "--report_every", "3"]
    first = run_python(*program, "--steps", "6", "--save", str(tmp_path / "six"), PYTHONPATH=str(ROOT))
    assert first.returncode == 0 and f"Saved {tmp_path / 'six'}" in first.stdout, first.stderr
    again = run_python(*program, "--steps", "3", "--restore", str(tmp_path / "six"), PYTHONPATH=str(ROOT))
    assert again.returncode == 0, again.stderr
    fresh = run_python(*program, "--steps", "3", PYTHONPATH=str(ROOT))
    assert again.stdout.splitlines()[-1] != fresh.stdout.splitlines()[-1]
    reader = tf.train.load_checkpoint(str(tmp_path / "six"))
    assert float(reader.get_tensor("beta1_power")) == pytest.approx(0.9**7)
    for words, sentence in (
        (["--save", str(tmp_path / "six")], "there is such a checkpoint"),
        (["--restore", str(tmp_path / "seven")], "no such checkpoint"),
    ):
        done = run_python(*program, *words, PYTHONPATH=str(ROOT))
        assert done.returncode == 2 and sentence in done.stderr and len(done.stderr.splitlines()) == 1
    other = run_python("-m", "legacy_tf1.softmax", "--restore", str(tmp_path / "six"), "--steps", "1",
                       "--data", "fake", PYTHONPATH=str(ROOT))  # fmt: skip
    assert other.returncode == 2 and "broken or of another program" in other.stderr


def test_numbers_that_the_user_gave_tell_no_order(tmp_path):
    square = [keras.layers.Dense(3, use_bias=False, name=f"d{n}") for n in range(2)]
    model = keras.Sequential([keras.Input((3,)), *square], name="mine")
    path = saved(tmp_path, w_1=np.ones((3, 3)), w_2=np.zeros((3, 3)))
    assert interop.name_map(path, model).doubts
    layers = saved(tmp_path, conv__kernel=np.ones((3, 3)), conv_1__kernel=np.zeros((3, 3)))
    assert not interop.name_map(layers, model).doubts


@pytest.mark.rows
@pytest.mark.parametrize(("make", "old"), [
    (lambda: keras.optimizers.Adam(0.01, epsilon=1e-8), lambda: v1.train.AdamOptimizer(0.01)),
    (lambda: keras.optimizers.SGD(0.01, momentum=0.9), lambda: v1.train.MomentumOptimizer(0.01, 0.9)),
], ids=["Adam", "momentum"])  # fmt: skip
def test_keras_own_optimizers_go_on_too(make, old, tmp_path):
    """Five updates in TF1, then five on either side: the same weights, and back again."""
    gradients = np.random.RandomState(0).normal(0, 1, (10, 3, 4)).astype(np.float32)
    with v1.Graph().as_default(), v1.Session() as session, v1.variable_scope("scope"):
        weight = v1.get_variable("w", [3, 4], initializer=v1.ones_initializer())
        given = v1.placeholder(tf.float32, [3, 4])
        with v1.name_scope("train"):
            step = old().apply_gradients([(given, weight)])
        session.run(v1.global_variables_initializer())
        for each in gradients[:5]:
            session.run(step, {given: each})
        path = v1.train.Saver().save(session, str(tmp_path / "half"))
        for each in gradients[5:]:
            session.run(step, {given: each})
        after = session.run(weight)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, use_bias=False, name="d")], name="mine")
    model.compile(make(), "mse")
    interop.from_tf1_checkpoint(path, model)
    assert int(training.optimizers.value_of(model.optimizer.iterations)) in (0, 5)
    for each in gradients[5:]:
        model.optimizer.apply_gradients([(tf.constant(each), model.trainable_weights[0])])
    np.testing.assert_allclose(model.get_weights()[0], after, rtol=1e-5)
    back = interop.to_tf1_checkpoint(model, tmp_path / "back", {"d/kernel": "scope/w"})
    slots = {name for name, _ in tf.train.list_variables(back)}
    assert slots >= {"scope/w"} and any(name.startswith("scope/w/") for name in slots)


def test_slots_of_another_weight_and_of_two_optimizers_are_none_of_ours(tmp_path):
    both = {"w": np.ones((3, 4)), "w__Adam": np.full((3, 4), 2), "w__Adam_1": np.full((3, 4), 3)}
    other = {f"b__{name}": 10 * value for name, value in both.items() if name != "w"}
    powers = {"beta1_power": 0.9**6, "beta2_power": 0.999**6}
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, use_bias=False, name="d")], name="mine")
    model.compile(training.Adam())
    path = saved(tmp_path, **other, **both, **powers, b__w=np.zeros((3, 4)))
    interop.from_tf1_checkpoint(path, model, {"d/kernel": "w"})
    assert [float(slot.max()) for slot in model.optimizer.slots()[0]] == [2, 3]
    assert int(training.optimizers.value_of(model.optimizer.iterations)) == 5
    path = saved(tmp_path, **both, **powers, beta1_power_1=0.9, beta2_power_1=0.999)
    before = model.get_weights()
    with pytest.raises(UserError, match="4 powers of β"):
        interop.from_tf1_checkpoint(path, model)
    assert np.array_equal(model.get_weights()[0], before[0])
    interop.from_tf1_checkpoint(path, model, optimizer=False)


def test_a_model_that_is_not_built_and_names_that_are_not_unique(tmp_path):
    path = saved(tmp_path, w=np.ones((3, 4)))
    with pytest.raises(UserError, match="has no weights yet"):
        interop.from_tf1_checkpoint(path, keras.Sequential([keras.layers.Dense(4)], name="mine"))
    model = dense(4)
    with pytest.raises(UserError, match="the model has no weight d0/kernal"):
        interop.to_tf1_checkpoint(model, tmp_path / "x", {"d0/kernal": "w"})
    data = next(tmp_path.glob("model.data-*"))
    data.write_bytes(data.read_bytes()[:10])
    with pytest.raises(UserError, match="declares 48 bytes of arrays, and has 10"):
        interop.from_tf1_checkpoint(path, keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, use_bias=False)]))
