"""Scripts of TensorFlow 1's time, written for these tests, run unmodified."""

import json
import re
import textwrap

import numpy as np
import pytest

from tests.conftest import ROOT

SOFTMAX = """
from tensorflow.examples.tutorials.mnist import input_data
import tensorflow as tf

tf.set_random_seed(3)
mnist = input_data.read_data_sets("digits", one_hot=True)
x = tf.placeholder(tf.float32, [None, 784])
W = tf.Variable(tf.zeros([784, 10]))
b = tf.Variable(tf.zeros([10]))
y = tf.nn.softmax(tf.matmul(x, W) + b)
y_ = tf.placeholder(tf.float32, [None, 10])
cross_entropy = tf.reduce_mean(-tf.reduce_sum(y_ * tf.log(y), reduction_indices=[1]))
train_step = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy)
sess = tf.InteractiveSession()
tf.initialize_all_variables().run()
for i in range(60):
    batch_xs, batch_ys = mnist.train.next_batch(100)
    train_step.run({x: batch_xs, y_: batch_ys})
correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
print("accuracy", accuracy.eval({x: mnist.test.images, y_: mnist.test.labels}))
print("weights", float(sess.run(tf.reduce_sum(W * W))))
"""


@pytest.fixture
def script(tmp_path, run_python, monkeypatch):
    """Write a script and run it: ``script(source, *arguments, flags=())``; returns the finished process."""
    monkeypatch.chdir(tmp_path)

    def run(source, *arguments, flags=(), name="script.py", **environment):
        (tmp_path / name).write_text(textwrap.dedent(source), encoding="latin-1")
        environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", **environment}
        return run_python("-m", "legacy_tf1", *flags, name, *arguments, **environment)

    return run


def told(done):
    """The JSON that a script printed last."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_script_that_is_pasted_first_computes_what_a_port_by_hand_computes(script, digits_folder, tmp_path):
    (tmp_path / "digits").symlink_to(digits_folder)
    done = script(SOFTMAX, flags=["--shim-report"])
    assert done.returncode == 0, done.stderr
    port = SOFTMAX.replace("from tensorflow.examples.tutorials.mnist", "from legacy_tf1")
    port = port.replace("import tensorflow as tf", "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()")
    port = port.replace("tf.initialize_all_variables()", "tf.global_variables_initializer()")
    by_hand = script(port, flags=["--no-shims"], name="port.py")
    figures = [line.split() for line in done.stdout.splitlines() if line.startswith(("accuracy", "weights"))]
    assert figures == [line.split() for line in by_hand.stdout.splitlines() if line.startswith(("accuracy", "weights"))]
    assert float(figures[0][1]) > 0.6
    assert "tf.initialize_all_variables  (script.py:15)" in done.stderr
    assert "tf.examples.tutorials.mnist.input_data  (script.py:2)" in done.stderr


def test_a_script_keeps_its_name_its_arguments_its_folder_and_its_exit_code(script, tmp_path):
    (tmp_path / "commands.py").write_text("mine = True\n")  # the name of a module of Python 2
    (tmp_path / "beside.py").write_text(
        "import tensorflow as tf\nimport commands as c\nassert c.mine\nkind = tf.placeholder(tf.float32, []).op.type\n"
    )
    done = script(
        """
        import json, sys, beside
        print(json.dumps([__name__, sys.argv, sys.path[0], __file__, beside.kind, sys.modules["__main__"].x if "x" in
                          globals() else None]))
        if __name__ == "__main__":
            sys.exit(7)
        """,
        "--rate=0.1",
        "more",
    )
    assert done.returncode == 7, done.stderr
    assert json.loads(done.stdout) == [
        "__main__", ["script.py", "--rate=0.1", "more"], str(tmp_path.resolve()), "script.py", "Placeholder", None
    ]  # fmt: skip


def test_a_script_may_have_the_name_of_a_module_of_python(run_python, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_text("import tensorflow as tf\nprint(tf.placeholder(tf.float32, []).op.type)\n")
    done = run_python("-m", "legacy_tf1", "code.py", PYTHONPATH=str(ROOT))
    assert done.returncode == 0 and done.stdout == "Placeholder\n", done.stderr


def test_a_traceback_has_the_scripts_own_lines_alone(script):
    done = script("import tensorflow as tf\n\n\ndef build():\n    return tf.nothing_like_it\n\n\nbuild()\n")
    assert done.returncode == 1
    frames = re.findall(r'File "([^"]+)", line (\d+)', done.stderr)
    assert [frame for frame in frames if "script.py" in frame[0]] == [("script.py", "8"), ("script.py", "5")]
    assert len(frames) == 2 and "    return tf.nothing_like_it" in done.stderr


def test_ctrl_c_is_answered_as_python_answers_it(script):
    done = script("import tensorflow as tf\nprint('so far')\nraise KeyboardInterrupt\n")
    assert done.returncode == 130 and done.stdout == "so far\n"
    assert done.stderr.rstrip().endswith("KeyboardInterrupt") and "line 3" in done.stderr


@pytest.mark.parametrize(("line", "sentence"), [
    ("tf.contrib.hub.Module", "tf.contrib.hub.Module is gone with TensorFlow 1"),
    ("tf.contrib.distributions.WishartCholesky", "the package tensorflow-probability"),
    ("from tensorflow.contrib.boosted_trees import x", "tf.contrib.boosted_trees.x is gone"),
])  # fmt: skip
def test_what_cannot_be_had_fails_at_its_line_and_names_its_heir(script, line, sentence):
    done = script(f"import tensorflow as tf\nprint('so far')\n{line}\n")
    assert done.returncode == 1 and done.stdout == "so far\n"
    assert sentence in done.stderr and "line 3" in done.stderr


@pytest.mark.rows
def test_names_and_orders_of_arguments_older_than_one(script):
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf

        a, b = tf.constant([[1., 2.], [3., 4.]]), tf.constant([[5., 6.], [7., 8.]])
        logits, labels = tf.constant([[2., 1., 0.]]), tf.constant([[1., 0., 0.]])
        parts = tf.split(0, 2, a)
        found = {
            "mul": tf.mul(a, b), "sub": tf.sub(a, b), "neg": tf.neg(a),
            "pack": tf.pack([a, b]), "unpack": tf.unpack(a)[1],
            "concat old": tf.concat(1, [a, b]), "concat": tf.concat([a, b], 1), "split": parts[1],
            "select": tf.select(a > 2., a, b), "batch_matmul": tf.batch_matmul(tf.pack([a]), tf.pack([b])),
            "cross entropy old": tf.nn.softmax_cross_entropy_with_logits(logits, labels),
            "cross entropy": tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits),
            "sigmoid": tf.nn.sigmoid_cross_entropy_with_logits(logits, labels),
            "sparse": tf.nn.sparse_softmax_cross_entropy_with_logits(logits, tf.constant([0])),
            "contrib": tf.contrib.losses.softmax_cross_entropy(logits, labels),
        }
        tf.scalar_summary("loss", tf.reduce_sum(a))
        tf.histogram_summary("weights", a)
        merged = tf.merge_all_summaries()
        w = tf.Variable(tf.random_normal([2, 2]))
        with tf.Session() as sess:
            writer = tf.train.SummaryWriter("logs", sess.graph_def)
            sess.run(tf.initialize_all_variables())
            summary = tf.Summary.FromString(sess.run(merged))
            writer.add_summary(summary, 1)
            values = sess.run(found)
            assert len(tf.all_variables()) == 1
        values["tags"] = np.array([value.tag for value in summary.value])
        print(json.dumps({name: value.tolist() for name, value in values.items()}))
        """
    )
    found = told(done)
    a, b = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    expected = {
        "mul": a * b, "sub": a - b, "neg": -a, "pack": [a, b], "unpack": a[1], "concat old": np.hstack([a, b]),
        "concat": np.hstack([a, b]), "split": a[1:], "select": np.where(a > 2, a, b), "batch_matmul": [a @ b],
    }  # fmt: skip
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, err_msg=name)
    loss = np.log(np.exp([2.0, 1, 0]).sum()) - 2
    for name in ("cross entropy old", "cross entropy", "sparse", "contrib"):
        np.testing.assert_allclose(np.ravel(found[name]), [loss], rtol=1e-6)
    np.testing.assert_allclose(found["sigmoid"], [[np.log1p(np.exp(-2)), np.log1p(np.exp(1)), np.log(2)]], rtol=1e-6)
    assert found["tags"] == ["loss", "weights"]


@pytest.mark.rows
def test_layers_of_contrib(script):
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        from tensorflow.contrib.framework import arg_scope
        from tensorflow.contrib import layers
        from tensorflow.contrib.layers import fully_connected, batch_norm

        images = tf.constant(np.random.RandomState(0).rand(4, 8, 8, 3), tf.float32)
        with arg_scope([layers.conv2d], padding="VALID", weights_regularizer=layers.l2_regularizer(0.1)):
            net = layers.conv2d(images, 5, 3, scope="first")
            net = slim.conv2d(net, 4, [3, 3], stride=2, activation_fn=None, normalizer_fn=batch_norm,
                              normalizer_params={"is_training": True})
        net = layers.max_pool2d(net, 2)
        net = layers.dropout(layers.flatten(net), 0.5, is_training=False)
        net = fully_connected(net, 6, weights_initializer=layers.xavier_initializer(seed=1))
        logits = layers.fully_connected(net, 2, activation_fn=None, scope="logits")
        again = layers.fully_connected(net, 2, activation_fn=None, scope="logits", reuse=True)
        large = layers.conv2d_transpose(images, 2, 3, stride=2)
        data = tf.placeholder(tf.float32, [None, 3])
        training = tf.placeholder(tf.bool)
        normal = layers.batch_norm(data, decay=0.9, center=True, scale=True, is_training=training, scope="norm")
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS, "norm")
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            rows = np.random.RandomState(1).normal(5, 3, (50, 3)).astype("float32")
            for _ in range(100):
                sess.run(updates, {data: rows, training: True})
            one, two = sess.run([logits, again])
            print(json.dumps({
                "names": [[v.op.name, v.shape.as_list()] for v in tf.trainable_variables()],
                "losses": len(tf.losses.get_regularization_losses()),
                "size": [slim.model_analyzer.analyze_vars(tf.trainable_variables()[:2]),
                         slim.model_analyzer.analyze_ops(tf.get_default_graph()) > 4 * 8 * 8 * 3],
                "equal": bool((one == two).all()), "large": large.shape.as_list(), "flat": net.shape.as_list(),
                "trained": sess.run(normal, {data: rows, training: True}).std(0).tolist(),
                "asked": sess.run(normal, {data: rows, training: False}).mean(0).tolist(),
                "moving": sess.run(tf.get_default_graph().get_tensor_by_name("norm/moving_mean:0")).tolist(),
                "rows": rows.mean(0).tolist(),
            }))
        """
    )
    found = told(done)
    # Those of TensorFlow 1.15, so that its checkpoints fit.
    assert dict(found["names"]) == {
        "first/weights": [3, 3, 3, 5], "first/biases": [5], "Conv/weights": [3, 3, 5, 4], "Conv/BatchNorm/beta": [4],
        "fully_connected/weights": [4, 6], "fully_connected/biases": [6], "logits/weights": [6, 2],
        "logits/biases": [2], "Conv2d_transpose/weights": [3, 3, 2, 3], "Conv2d_transpose/biases": [2],
        "norm/beta": [3], "norm/gamma": [3],
    }  # fmt: skip
    assert found["size"] == [[3 * 3 * 3 * 5 + 5, 4 * 140], True]
    assert found["losses"] == 2 and found["equal"] and found["large"] == [4, 16, 16, 2] and found["flat"] == [4, 6]
    np.testing.assert_allclose(found["trained"], 1, atol=1e-3)
    np.testing.assert_allclose(found["moving"], found["rows"], rtol=1e-3)
    np.testing.assert_allclose(found["asked"], 0, atol=1e-2)


@pytest.mark.rows
def test_recurrent_networks(script):
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        from tensorflow.contrib import rnn
        from tensorflow.python.ops import rnn_cell

        x = tf.constant(np.random.RandomState(0).rand(2, 5, 3), tf.float32)
        steps = tf.unstack(x, 5, 1)
        with tf.variable_scope("static"):
            outputs, state = rnn.static_rnn(rnn.BasicLSTMCell(4, forget_bias=1.0), steps, dtype=tf.float32)
        with tf.variable_scope("dynamic"):
            cell = rnn.MultiRNNCell([rnn.DropoutWrapper(rnn.GRUCell(4), output_keep_prob=1.0) for _ in range(2)])
            dynamic, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
        with tf.variable_scope("both"):
            both, _, _ = rnn.static_bidirectional_rnn(rnn.LSTMCell(4), rnn.LSTMCell(4), steps, dtype=tf.float32)
        with tf.variable_scope("old"):
            cells = rnn_cell.MultiRNNCell([rnn_cell.BasicLSTMCell(4, input_size=4)] * 2)
            old, _ = tf.nn.rnn(cells, steps, dtype=tf.float32)
        with tf.variable_scope("joined"):
            joined, end = tf.nn.rnn(rnn_cell.BasicLSTMCell(4), steps, initial_state=tf.zeros([2, 8]))
            assert end.shape.as_list() == [2, 8]
        logits = tf.constant(np.random.RandomState(1).rand(2, 5, 7), tf.float32)
        targets = tf.constant(np.random.RandomState(2).randint(0, 7, (2, 5)))
        loss = tf.contrib.seq2seq.sequence_loss(logits, targets, tf.ones([2, 5]))
        by_hand = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
        legacy = tf.contrib.legacy_seq2seq.sequence_loss_by_example(
            [tf.reshape(logits, [-1, 7])], [tf.reshape(targets, [-1])], [tf.ones([10])])
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            value = sess.run([outputs[-1], state.h, dynamic, both[-1], old[-1], loss, by_hand, tf.reduce_mean(legacy)])
            names = {v.op.name: v for v in tf.global_variables()}
            kernel, bias = sess.run([names["static/rnn/basic_lstm_cell/" + name] for name in ("kernel", "bias")])
        # The cell by hand.
        sigmoid = lambda z: 1 / (1 + np.exp(-z))
        c = h = np.zeros((2, 4))
        for step in np.moveaxis(np.random.RandomState(0).rand(2, 5, 3), 1, 0):
            i, j, f, o = np.split(np.hstack([step, h]) @ kernel + bias, 4, 1)
            c = c * sigmoid(f + 1) + sigmoid(i) * np.tanh(j)
            h = np.tanh(c) * sigmoid(o)
        print(json.dumps({"off": float(abs(value[0] - h).max()), "same": bool((value[0] == value[1]).all()),
                          "shapes": [v.shape for v in value[2:5]], "losses": [float(v) for v in value[5:]]}))
        """
    )
    found = told(done)
    assert found["off"] < 1e-6 and found["same"] and found["shapes"] == [[2, 5, 4], [2, 8], [2, 4]]
    np.testing.assert_allclose(found["losses"], found["losses"][0], rtol=1e-6)


@pytest.mark.rows
def test_an_estimator_trains_evaluates_predicts_and_goes_on(script):
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf

        np.random.seed(0)  # the order of the rows, and below the initial weights: some starts learn too little
        seeded = tf.estimator.RunConfig(tf_random_seed=3)
        rows = np.random.RandomState(0).rand(300, 4).astype(np.float32)
        classes = (rows.sum(1) > 2).astype(np.int32)

        def model_fn(features, labels, mode, params):
            net = tf.layers.dense(features["x"], 8, tf.nn.relu)
            logits = tf.layers.dense(net, 2)
            found = tf.argmax(logits, 1)
            if mode == tf.estimator.ModeKeys.PREDICT:
                return tf.estimator.EstimatorSpec(mode, predictions={"class": found})
            loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
            train_op = tf.train.AdamOptimizer(params["rate"]).minimize(loss, tf.train.get_global_step())
            return tf.estimator.EstimatorSpec(
                mode, loss=loss, train_op=train_op,
                eval_metric_ops={"accuracy": tf.metrics.accuracy(labels, found)})

        def main(_):
            model = tf.estimator.Estimator(model_fn, "model", seeded, params={"rate": 0.05})
            numpy_input_fn = tf.estimator.inputs.numpy_input_fn
            fit = numpy_input_fn({"x": rows}, classes, batch_size=32, num_epochs=None, shuffle=True)
            once = numpy_input_fn({"x": rows}, classes, batch_size=64, shuffle=False)
            model.train(fit, steps=150)
            model.train(fit, steps=50)
            scores = model.evaluate(once)
            predicted = [each["class"] for each in model.predict(once)]
            canned = tf.estimator.DNNClassifier(
                hidden_units=[8], n_classes=2, feature_columns=[tf.feature_column.numeric_column("x", shape=[4])],
                config=seeded)
            canned.train(fit, steps=600)
            columns = tf.contrib.learn.infer_real_valued_columns_from_input(rows)
            older = tf.contrib.learn.DNNClassifier(
                feature_columns=columns, hidden_units=[8], n_classes=2,
                config=tf.contrib.learn.RunConfig(tf_random_seed=3))
            older.fit(x=rows, y=classes, steps=600, batch_size=50)
            assert older.evaluate(x=rows, y=classes)["accuracy"] > 0.8
            assert np.mean(list(older.predict(rows)) == classes) > 0.8
            assert len(list(older.predict(input_fn=lambda: tf.constant(rows[:2])))) == 2
            print(json.dumps({"step": int(scores["global_step"]), "accuracy": float(scores["accuracy"]),
                              "predicted": float(np.mean(predicted == classes)), "count": len(predicted),
                              "canned": float(canned.evaluate(once)["accuracy"])}))

        if __name__ == "__main__":
            tf.app.run()
        """
    )
    assert done.returncode == 0, done.stderr
    assert "is deprecated" not in done.stderr  # its layers are those of TF1
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["step"] == 200 and found["count"] == 300
    assert found["accuracy"] == pytest.approx(found["predicted"]) and found["accuracy"] > 0.9 and found["canned"] > 0.8


def test_eager_execution_where_the_script_asks_for_it(script):
    done = script(
        """
        import json
        import tensorflow as tf
        import tensorflow.contrib.eager as tfe

        tfe.enable_eager_execution()
        w = tfe.Variable(3.0, name="w")
        gradients = tfe.implicit_gradients(lambda x: w * w * x)
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        (pair,) = gradients(tf.constant(2.0))
        optimizer.apply_gradients([pair])
        step = tf.train.get_or_create_global_step()
        with tf.contrib.summary.create_file_writer("logs").as_default():
            with tf.contrib.summary.record_summaries_every_n_global_steps(2):
                for _ in range(4):
                    tf.contrib.summary.scalar("w", w)
                    step.assign_add(1)
        events = [event for path in tf.gfile.Glob("logs/*") for event in tf.train.summary_iterator(path)]
        written = [event.step for event in events if event.summary.value]
        assert written == [0, 2], written
        learned = float(w)
        path = tfe.Saver([w]).save("model", global_step=7)
        w.assign(0.0)
        tfe.Saver([w]).restore(path)
        assert path == "model-7" and float(w) == learned
        print(json.dumps([float(pair[0]), float(w), tf.executing_eagerly(), tf.add(1, 2).numpy().item()]))
        """
    )
    gradient, w, eagerly, three = told(done)
    assert (gradient, eagerly, three) == (12.0, True, 3) and w == pytest.approx(1.8)


def test_kmeans_finds_clusters(script):
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        from tensorflow.contrib.factorization import KMeans

        centers = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
        points = np.repeat(centers, 50, 0) + np.random.RandomState(0).normal(0, 0.3, (150, 2)).astype(np.float32)
        x = tf.placeholder(tf.float32, [None, 2])
        graph = KMeans(x, 3, points[[0, 60, 120]], distance_metric="squared_euclidean").training_graph()
        scores, nearest, distance, ready, clusters, init, train = graph
        with tf.variable_scope("older"):
            (_, _, _, _, old_init, old_train) = KMeans(x, 3).training_graph()
        assert (old_init.type, old_train.type) == (init.type, train.type)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer(), {x: points})
            sess.run(init, {x: points})
            for _ in range(10):
                _, found, far = sess.run([train, nearest[0], tf.reduce_mean(distance[0])], {x: points})
            print(json.dumps([sess.run(clusters).tolist(), found.tolist(), float(far)]))
        """
    )
    clusters, nearest, distance = told(done)
    np.testing.assert_allclose(clusters, [[0, 0], [10, 0], [0, 10]], atol=0.2)
    assert nearest == [0] * 50 + [1] * 50 + [2] * 50 and distance < 0.5


PYTHON2 = """
# caf\xe9
import cPickle
import sys
reload(sys)
sys.setdefaultencoding("utf-8")
import numpy as np
import tensorflow as tf

total = 7
print "half", total / 2
for i in xrange(2):
\tprint i,
print
try:
    raise ValueError, "no"
except ValueError, error:
    print error.message if hasattr(error, "message") else error
print sorted({"b": 1, "a": 2}.iteritems()), cPickle.loads("I3\\n.".encode("latin-1"))
print tf.zeros([total / 2]).get_shape().as_list()
"""


@pytest.mark.rows
def test_a_script_of_python_2_is_translated_in_memory(script, tmp_path):
    done = script(PYTHON2)
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split()) == "half 3 0 1 no [('a', 2), ('b', 1)] 3 [3]"
    assert "script.py is of Python 2: translated in memory" in done.stderr
    assert b"xrange" in (tmp_path / "script.py").read_bytes()
    assert not list(tmp_path.rglob("__pycache__"))


OLD_PYTHON = """
import json
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import tensorflow as tf

rows = np.arange(10)
half = len(rows) / 2
floats = np.ones(2)
same = floats
same /= 4
assert floats[0] == 0.25
count = 9
count /= 2
assert count == 4.5 and len(rows[:count]) == 4
tf.flags.DEFINE_integer("size", 3, "of it")
tf.flags.FLAGS._parse_flags()
assert tf.flags.FLAGS.__flags["size"].value == tf.flags.FLAGS.size == 3
assert tf.zeros([half, np.uint8(3)]).shape.as_list() == tf.reshape(tf.zeros([15]), [half, 3]).shape.as_list() == [5, 3]
found = [rows[:half].tolist(), half, str(len(rows) / 4), np.zeros(half).shape, list(range(half + 1)), half * 2 == 10,
         np.float(1) + np.int(2), np.reshape(rows, newshape=(2, half)).shape,
         pd.DataFrame({"a": [1]}).as_matrix().tolist()]
plt.plot([1, 2])
plt.show()
plt.plot([2, 1])
plt.show()
print(json.dumps(found))
"""


def test_what_python_and_its_libraries_dropped_is_put_back(script, tmp_path):
    (tmp_path / "script-figure-1.png").write_text("mine")
    done = script(OLD_PYTHON, flags=["--shim-report"])
    found = told(done)
    assert found == [[0, 1, 2, 3, 4], 5.0, "2.5", [5], [0, 1, 2, 3, 4, 5], True, 3.0, [2, 5], [[1]]]
    assert (tmp_path / "script-figure-1.png").read_text() == "mine"
    assert {path.name for path in tmp_path.glob("*.png")} == {f"script-figure-{n}.png" for n in (1, 2, 3)}
    for name in (
        "a quotient as an index",
        "DataFrame.as_matrix",
        "np.reshape(newshape=)",
        "plt.show() without a screen",
    ):
        assert name in done.stderr
    assert "saved as script-figure-2.png" in done.stderr


@pytest.mark.parametrize(("source", "error"), [
    ("print 'x'\n", "SyntaxError"),
    ("x = list(range(4))[: 4 / 2]\n", "TypeError"),
    ("import numpy as np\nnp.float(1)\n", "AttributeError"),
    ("import cPickle\n", "ModuleNotFoundError"),
])  # fmt: skip
def test_without_shims_nothing_of_it_is_mended(script, source, error):
    done = script(source, flags=["--no-shims"])
    assert done.returncode == 1 and error in done.stderr and 'File "script.py"' in done.stderr


@pytest.mark.rows
def test_libraries_get_the_tensorflow_that_is_installed(script):
    done = script(
        """
        import tensorflow as tf
        import tensorflow_datasets as tfds
        import tensorflow.python.framework.ops as ops
        from tensorflow.python.framework import ops as same
        import sys

        library = sys.modules["tensorflow"]
        assert not hasattr(library, "placeholder") and hasattr(tf, "placeholder") and not hasattr(library, "contrib")
        assert ops is same and ops.get_default_graph() is tf.get_default_graph() and tf.__version__.startswith("1.")
        assert tf.keras.__name__.startswith("tf_keras") or tf.keras.__version__.startswith("2.")
        import tensorflow.compat.v1 as v1
        assert v1.placeholder is tf.placeholder
        print("fine")
        """
    )
    assert done.returncode == 0 and done.stdout == "fine\n", done.stderr


def test_a_notebook_asks_for_it(run_python, tmp_path):
    code = "import legacy_tf1; legacy_tf1.enable(); import tensorflow as tf; print(tf.placeholder(tf.float32).op.type)"
    done = run_python("-c", code, PYTHONPATH=str(ROOT))
    assert done.returncode == 0 and done.stdout == "Placeholder\n", done.stderr
    late = "import tensorflow as tf; tf.constant(1) + 1; import legacy_tf1; legacy_tf1.enable()"
    done = run_python("-c", late, PYTHONPATH=str(ROOT))
    assert done.returncode == 1 and "restart, and call legacy_tf1.enable()" in done.stderr


@pytest.mark.parametrize(("words", "code", "sentence"), [
    (["--help"], 0, "usage: python -m legacy_tf1"),
    ([], 2, "takes a script"),
    (["nowhere.py"], 2, "nowhere.py: no such file"),
    (["--fast", "x.py"], 2, "unknown flag --fast"),
])  # fmt: skip
def test_its_own_flags(run_python, words, code, sentence):
    for program in (["-m", "legacy_tf1"], ["-m", "tfport", "run-tf1"]):
        done = run_python(*program, *words, PYTHONPATH=str(ROOT))
        assert done.returncode == code and sentence in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_what_readers_flags_and_slim_of_old_scripts_went_by(script, digits_folder):
    done = script(
        """
        import gzip
        import numpy
        import tensorflow as tf
        from tensorflow.keras.datasets import mnist

        tf.app.flags.DEFINE_integer("dropout", 0.75, "a whole number that is none")
        tf.app.flags.DEFINE_string("log_dir", "logs", "absl has one too")
        read = lambda stream: numpy.frombuffer(stream.read(4), dtype=numpy.dtype(numpy.uint32).newbyteorder(">"))
        with gzip.open(FOLDER + "/t10k-images-idx3-ubyte.gz") as stream:
            magic, number, rows, columns = [read(stream) for _ in range(4)]
            images = numpy.frombuffer(stream.read(rows * columns * number), numpy.uint8)
        print(magic[0], images.reshape(number, rows, columns, 1).shape, tf.app.flags.FLAGS.dropout,
              tf.app.flags.FLAGS.log_dir)
        print(tf.contrib.slim.init_ops.zeros_initializer()([2]).shape)
        assert tf.contrib.slim.initializers.xavier_initializer is tf.contrib.layers.xavier_initializer
        print(tf.keras.datasets.mnist.load_data()[1][0].shape, mnist.load_data()[1][1].shape)
        ranges = tf.constant(range(3), tf.float32), tf.Variable(range(4)), tf.add(0, range(2))
        print([each.shape.as_list() for each in ranges])
        tf.app.run(lambda argv: print(argv), argv=[])
        """.replace("FOLDER", repr(str(digits_folder))),
        TFPORT_MNIST_DIR=str(digits_folder),
    )
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if not line.startswith(("Extracting", "The files"))]
    assert said == [
        "2051 (200, 28, 28, 1) 0.75 logs",
        "(2,)",
        "(200, 28, 28) (200,)",
        "[[3], [4], [2]]",
        "['script.py']",
    ]


def test_numpy_on_tensors_of_a_graph_is_the_operators(script):
    done = script(
        """
        import numpy as np
        import tensorflow as tf
        t, a = tf.placeholder(tf.float32, [3]), np.array([1.0, 2.0, 4.0])
        plain = tf.Variable([1.0, 2.0, 3.0])
        resource = tf.get_variable("w", initializer=[1.0, 2.0, 3.0], use_resource=True)
        graph = {
            "squares": [np.square(t), np.square(plain), np.square(resource), np.power(t, 2)],
            "differences": [a - t, np.subtract(a, resource), np.float64(3) - t],
            "products": [a * t, np.multiply(a, plain), a * resource],
            "larger": [a > t, np.ones([2, 3], np.float32) @ tf.reshape(t, [3, 1])],
            "the same": [np.sum(t), np.abs(-t)],
        }
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for name, tensors in graph.items():
                print(name, [each.tolist() for each in session.run(tensors, {t: [1, 2, 3]})])
        print(t == a, t in [a, plain])
        np.exp(t)
        """
    )
    assert done.stdout.splitlines() == [
        f"squares {[[1.0, 4.0, 9.0]] * 4}",
        f"differences {[[0.0, 0.0, 1.0]] * 2 + [[2.0, 1.0, 0.0]]}",
        f"products {[[1.0, 4.0, 12.0]] * 3}",
        "larger [[False, False, True], [[6.0], [6.0]]]",
        f"the same {[[1.0, 2.0, 3.0]] * 2}",
        "False False",
    ]
    assert done.returncode == 1 and "NumPy's add over a graph tensor is that tensor" in done.stderr
    assert "operand type(s) all returned NotImplemented" in done.stderr  # exp of an object, in TensorFlow 1 neither


def test_a_script_that_fetches_mnist_itself_gets_its_files(script, digits_folder, tmp_path):
    source = """
        import gzip
        import os
        import urllib
        from six.moves import urllib as six_urllib
        import numpy as np
        import tensorflow as tf
        SOURCE = "http://yann.lecun.com/exdb/mnist/"
        seen = []
        path, _ = urllib.urlretrieve(SOURCE + "t10k-labels-idx1-ubyte.gz", "labels.gz", lambda *got: seen.append(got))
        print(gzip.open(path).read()[8:].__len__(), os.stat("labels.gz").st_size == seen[-1][2])
        packed = six_urllib.request.urlopen(SOURCE + "t10k-images-idx3-ubyte.gz").read()
        print(np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 784).shape)
        base = tf.contrib.learn.datasets.base
        print(os.path.basename(base.maybe_download("train-labels-idx1-ubyte.gz", "data", SOURCE +
                                                   "train-labels-idx1-ubyte.gz")), os.listdir("data"))
        urllib.urlretrieve("http://127.0.0.1:9/fashion/t10k-labels-idx1-ubyte.gz", "fashion.gz")
        """
    done = script(source, flags=["--shim-report"], TFPORT_MNIST_DIR=str(digits_folder))
    name = "train-labels-idx1-ubyte.gz"
    assert done.stdout.splitlines() == ["200 True", "(200, 784)", f"{name} {[name]}"]
    assert done.returncode == 1 and "URLError" in done.stderr and not (tmp_path / "fashion.gz").exists()
    assert "http://yann.lecun.com/exdb/mnist/t10k-images-idx3-ubyte.gz" in done.stderr
