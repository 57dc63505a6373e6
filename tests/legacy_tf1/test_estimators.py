"""tf.estimator and tf.contrib.learn: numbers, names and keys are those of TensorFlow 1.15."""

import json
import textwrap

import numpy as np
import pytest

from tests.conftest import ROOT

HEAD = """
import json
import os
import numpy as np
import tensorflow as tf

r = np.random.RandomState(0)
x = {"a": r.normal(0, 1, 200).astype("float32"), "b": r.normal(0, 1, (200, 2)).astype("float32"),
     "c": r.choice(["u", "v", "w"], 200), "w": r.rand(200).astype("float32")}
two = (x["a"] + x["b"].sum(1) > 0).astype("int64")
three = np.digitize(x["a"], [-.5, .5]).astype("int64")
y = (x["a"] * 2 + x["b"][:, 0]).astype("float32")
names = np.array(["no", "yes"])[two]
F, E = tf.feature_column, tf.estimator
num = [F.numeric_column("a"), F.numeric_column("b", shape=2)]
cat = F.categorical_column_with_vocabulary_list("c", ["u", "v", "w"])
wide = num + [cat, F.crossed_column([F.bucketized_column(F.numeric_column("a"), [0.]), cat], 10)]
deep = num + [F.embedding_column(cat, 2), F.indicator_column(cat)]
found = {}


def tell(value):
    return json.dumps(value, default=lambda v: v.decode() if isinstance(v, bytes) else np.asarray(v).tolist())


def fed(labels, **options):
    return E.inputs.numpy_input_fn(x, labels, **{"batch_size": 50, "shuffle": False, **options})
"""


@pytest.fixture
def script(tmp_path, run_python, monkeypatch):
    """What a script tells in JSON in its last line."""
    monkeypatch.chdir(tmp_path)

    def run(source, head=HEAD):
        (tmp_path / "script.py").write_text(head + textwrap.dedent(source))
        done = run_python("-m", "legacy_tf1", "script.py", PYTHONPATH=str(ROOT), MPLBACKEND="Agg")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


BINARY = {
    "accuracy", "accuracy_baseline", "auc", "auc_precision_recall", "average_loss", "global_step", "label/mean", "loss",
    "precision", "prediction/mean", "recall",
}  # fmt: skip
# What tensorflow_estimator's own classes gave for these data, steps and optimizers: all of them begin at zero.
MEASURED = {
    "classes": {
        "accuracy": 0.97, "accuracy_baseline": 0.54, "auc": 0.9959742, "auc_precision_recall": 0.9952422,
        "average_loss": 0.2195203, "global_step": 40, "label/mean": 0.46, "loss": 10.976013, "precision": 0.9673913,
        "prediction/mean": 0.4652331, "recall": 0.9673913,
    },
    "weighted": {
        "accuracy": 0.9764993, "accuracy_baseline": 0.557277, "auc": 0.9992799, "auc_precision_recall": 0.9991107,
        "average_loss": 0.2697867, "global_step": 40, "label/mean": 0.442723, "loss": 6.7807593,
        "precision": 0.9925694, "prediction/mean": 0.4395797, "recall": 0.9540598,
    },
    "three": {"accuracy": 0.975, "average_loss": 0.2202888, "global_step": 40, "loss": 11.0144415},
    "number": {
        "average_loss": 0.153485, "global_step": 40, "label/mean": 0.0141031, "loss": 7.6742496,
        "prediction/mean": 0.026776,
    },
    "mean": {
        "average_loss": 5.1523604, "global_step": 40, "label/mean": 0.0141031, "loss": 257.618011,
        "prediction/mean": -0.0026825,
    },
}  # fmt: skip


@pytest.mark.rows
def test_canned_estimators_compute_what_tensorflow_1_computed(script):
    found = script(
        """
        sgd = tf.train.GradientDescentOptimizer(0.01)
        models = {
            "classes": (E.LinearClassifier(wide), two),
            "texts": (E.LinearClassifier(wide, label_vocabulary=["no", "yes"]), names),
            "weighted": (E.LinearClassifier(wide, weight_column="w", optimizer=sgd), two),
            "three": (E.LinearClassifier(wide, n_classes=3, optimizer="Adam"), three),
            "number": (E.LinearRegressor(wide), y), "mean": (E.BaselineRegressor(), y),
            "deep": (E.DNNClassifier([4, 3], deep, dropout=0.1), two),
            "both": (E.DNNLinearCombinedRegressor(None, wide, dnn_feature_columns=deep, dnn_hidden_units=[4]), y),
        }
        for name, (model, labels) in models.items():
            model.train(fed(labels, num_epochs=None), steps=40)
            found[name] = {"eval": model.evaluate(fed(labels)), "first": next(model.predict(fed(labels))),
                           "variables": model.get_variable_names()}
        classes = models["classes"][0]
        # The same by hand, for what has no crossed column.
        by_hand = E.LinearClassifier(num, optimizer=tf.train.GradientDescentOptimizer(0.01)).train(
            fed(two, num_epochs=None), steps=7)
        found["by hand"] = [by_hand.get_variable_value("linear/linear_model/" + each)
                            for each in ("a/weights", "b/weights", "bias_weights")]
        weights, bias = np.zeros(3), 0.0
        rows = np.column_stack([x["a"], x["b"]]).astype(float)
        for step in range(7):
            of = np.arange(50) + 50 * (step % 4)
            wrong = 1 / (1 + np.exp(-(rows[of] @ weights + bias))) - two[of]
            weights, bias = weights - 0.01 * wrong @ rows[of], bias - 0.01 * wrong.sum()
        found["numpy"] = [weights[:1], weights[1:], [bias]]
        print(tell(found))
        """
    )
    for name, expected in {**MEASURED, "texts": MEASURED["classes"]}.items():
        assert found[name]["eval"] == pytest.approx(expected, rel=1e-4), name
    for one, other in zip(found["by hand"], found["numpy"], strict=True):
        np.testing.assert_allclose(np.ravel(one), other, rtol=1e-4)
    assert set(found["deep"]["eval"]) == BINARY
    assert set(found["both"]["eval"]) == set(MEASURED["number"])
    first = found["texts"]["first"]
    assert (first["classes"], first["class_ids"], first["all_classes"]) == (["yes"], [1], ["no", "yes"])
    assert set(first) == {"logits", "logistic", "probabilities", "class_ids", "classes", "all_class_ids", "all_classes"}
    assert first["logistic"][0] == pytest.approx(0.8647646) and first["probabilities"][1] == pytest.approx(0.8647646)
    assert set(found["three"]["first"]) == set(first) - {"logistic"}
    assert set(found["number"]["first"]) == {"predictions"}
    at = "linear/linear_model"
    wide = {
        f"{at}/{name}" for name in ("a/weights", "b/weights", "c/weights", "a_bucketized_X_c/weights", "bias_weights")
    }
    assert {name for name in found["classes"]["variables"] if "Ftrl" not in name} == {*wide, "global_step"}
    assert f"{at}/a/weights/part_0/Ftrl_1" in found["classes"]["variables"]
    net = {f"dnn/{name}/{part}" for name in ("hiddenlayer_0", "logits") for part in ("kernel", "bias")}
    embedding = "dnn/input_from_feature_columns/input_layer/c_embedding/embedding_weights"
    kept = {name for name in found["both"]["variables"] if "Ftrl" not in name and "Adagrad" not in name}
    assert kept == {*wide, *net, embedding, "global_step"}


def test_an_estimator_exports_starts_warm_stops_early_and_is_asked_when_untrained(script):
    found = script(
        """
        def model_fn(features, labels, mode, params):
            logits = tf.layers.dense(features["b"], 1, name="out")
            if mode == E.ModeKeys.PREDICT:
                return E.EstimatorSpec(mode, {"logits": logits})
            loss = tf.losses.mean_squared_error(labels[:, tf.newaxis], logits)
            train = tf.train.AdamOptimizer(params.rate).minimize(loss, tf.train.get_global_step())
            return E.EstimatorSpec(mode, loss=loss, train_op=train)

        params = tf.contrib.training.HParams(rate=0.1)
        model = E.Estimator(model_fn, "model", E.RunConfig(save_checkpoints_steps=10), params)
        found["untrained"] = model.evaluate(fed(y))["global_step"]
        serve = E.export.build_raw_serving_input_receiver_fn({"b": tf.placeholder(tf.float32, [None, 2])})
        best = E.BestExporter("best", serve)
        train = E.TrainSpec(fed(y, num_epochs=None), max_steps=30)
        result, paths = E.train_and_evaluate(
            model, train, E.EvalSpec(fed(y), None, exporters=[best, E.FinalExporter("last", serve)], throttle_secs=0))
        found["result"] = result
        found["evaluated"] = list(tf.contrib.estimator.read_eval_metrics(model.eval_dir()))
        asked = tf.contrib.predictor.from_saved_model(paths[1])({"b": x["b"][:5]})["logits"]
        found["served"] = [asked, [each["logits"] for each, _ in zip(model.predict(fed(None)), range(5))]]
        found["text"] = [E.DNNClassifier([2], num, "text").train(fed(two), steps=1).export_savedmodel(
            "text/export", E.export.build_parsing_serving_input_receiver_fn(F.make_parse_example_spec(num)))]
        example = tf.train.Example(features=tf.train.Features(feature={
            "a": tf.train.Feature(float_list=tf.train.FloatList(value=[1])),
            "b": tf.train.Feature(float_list=tf.train.FloatList(value=[1, 2]))}))
        served = tf.contrib.predictor.from_saved_model(found["text"][0])({"inputs": [example.SerializeToString()]})
        found["text"].append({name: value.shape for name, value in served.items()})
        warm = E.Estimator(model_fn, "warm", params=params, warm_start_from="model")
        with tf.summary.FileWriter("seen") as writer:
            for step, loss in enumerate([3., 2., 2.5, 2.6]):
                writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=loss)]), 10 * step)
        found["stale"] = [
            E.experimental.stop_if_no_decrease_hook(model, "loss", 20, "seen", 0, None, 1)._should_stop(),
            E.experimental.stop_if_no_decrease_hook(model, "loss", 21, "seen", 0, None, 1)._should_stop(),
            E.experimental.stop_if_lower_hook(model, "loss", 2.2, "seen", run_every_secs=9)._should_stop(),
            E.experimental.stop_if_lower_hook(model, "loss", 2.2, "seen", min_steps=11)._should_stop()]
        once = tf.contrib.estimator.make_early_stopping_hook(warm, lambda: True, None, 1)
        with tf.contrib.framework.arg_scope([]):
            warm.train(fed(y, num_epochs=None), hooks=[once], steps=100)
        found["warm"] = [warm.get_variable_value("global_step"), warm.get_variable_value("out/kernel"),
                         model.get_variable_value("out/kernel")]
        more = E.add_metrics(model, lambda labels, features: {"twice": tf.metrics.mean(2 * labels)})
        found["more"] = more.evaluate(fed(y))
        tpu = tf.contrib.tpu

        def of_batch(features, labels, mode, params):
            spec = model_fn(features, labels, mode, tf.contrib.training.HParams(rate=0.1))
            return tpu.TPUEstimatorSpec(mode, spec.predictions, spec.loss, spec.train_op, (
                lambda size: {"size": tf.metrics.mean(size)}, [tf.constant(params["batch_size"])]))

        desk = tpu.TPUEstimator(of_batch, config=tpu.RunConfig(tpu_config=tpu.TPUConfig(8)), use_tpu=False,
                                train_batch_size=20, eval_batch_size=25)
        sized = lambda params: fed(y, batch_size=params["batch_size"])()
        found["tpu"] = desk.train(sized).evaluate(sized)
        net = tf.keras.models.Sequential([tf.keras.layers.Dense(3, input_shape=(2,), name="one")])
        net.compile("sgd", "mse", metrics=["mae"])
        before = net.predict(x["b"])
        keras = tf.keras.estimator.model_to_estimator(net)
        of_keras = lambda epochs: lambda: tf.data.Dataset.from_tensor_slices(
            (x["b"], np.repeat(y[:, np.newaxis], 3, 1))).repeat(epochs).batch(50)
        found["keras"] = [before[:3], [each["one"] for each, _ in zip(keras.predict(of_keras(1)), range(3))],
                          keras.train(of_keras(None), steps=100).evaluate(of_keras(1))]
        print(tell(found))
        """
    )
    assert found["untrained"] == 0
    assert found["result"]["global_step"] == 30 and found["evaluated"] == [0, 10, 20, 30]
    assert found["stale"] == [True, False, True, False]
    np.testing.assert_allclose(*found["served"], rtol=1e-6)
    assert found["text"][1] == {"scores": [1, 2], "classes": [1, 2]}
    step, warm, before = found["warm"]
    # One step of Adam moves each weight by its rate at most.
    assert step == 1 and 0 < np.abs(np.subtract(warm, before)).max() <= 0.1001
    assert found["more"]["twice"] == pytest.approx(2 * 0.0141031, rel=1e-4) and "loss" in found["more"]
    assert found["tpu"]["global_step"] == 10 and found["tpu"]["size"] == 25
    np.testing.assert_allclose(*found["keras"][:2], rtol=1e-6)
    scores = found["keras"][2]
    assert scores["global_step"] == 100 and {"loss", "mean_absolute_error"} <= set(scores)


@pytest.mark.rows
def test_the_estimators_of_contrib_learn(script, tmp_path):
    (tmp_path / "table.csv").write_text("3,2,x,y\n1,2,0\n3,4,1\n5,6,1\n")
    found = script(
        """
        from tensorflow.contrib import layers, learn
        from tensorflow.contrib.slim.nets import inception
        from tensorflow.contrib.eager.python import tfe
        from tensorflow.contrib.learn.python.learn import learn_runner
        from tensorflow.contrib.learn.python.learn.estimators import model_fn as model_fn_lib
        from tensorflow.python.data import Dataset
        from tensorflow.python.estimator.model_fn import EstimatorSpec
        import pandas as pd

        assert model_fn_lib.ModelFnOps is learn.ModelFnOps and EstimatorSpec is E.EstimatorSpec
        assert tfe.Variable is tf.contrib.eager.Variable
        assert Dataset.from_tensors(1).make_one_shot_iterator().get_next().shape.as_list() == []

        # On the line x / 2 + 1 / 4; the others are 0.2, 0.1, 0 and 0.3 off it.
        points, labels = np.array([-2., -1., 1., 2.]), np.array([-0.75, -0.25, 0.75, 1.25])
        others = {"x": np.array([0., 3., 4., -3.])}, np.array([0.45, 1.65, 2.25, -0.95])
        fit = learn.io.numpy_input_fn({"x": points}, labels, batch_size=4, num_epochs=1000)
        line = learn.LinearRegressor([layers.real_valued_column("x", dimension=1)])
        line.fit(input_fn=fit, steps=1000)
        found["line's losses"] = [line.evaluate(input_fn=fit)["loss"], line.evaluate(
            input_fn=learn.io.numpy_input_fn(*others, batch_size=4, num_epochs=1000))["loss"]]
        found["line"] = line.get_variable_names()

        # What would change results and is not there is refused; what asks for nothing is taken.
        column = [layers.real_valued_column("x")]
        learn.LinearClassifier(column, enable_centered_bias=False, _joint_weight=False)
        learn.DNNLinearCombinedRegressor(linear_feature_columns=column, enable_centered_bias=None,
                                         embedding_lr_multipliers={}, joint_linear_weights=False)
        tf.contrib.estimator.multi_label_head(3, thresholds=())
        learn.Experiment(line, fit, fit, export_strategies=None)
        found["refused"] = 0
        for asks in (
            lambda: learn.LinearClassifier(column, enable_centered_bias=True),
            lambda: learn.LinearRegressor(column, _joint_weights=True),
            lambda: learn.DNNClassifier([2], column, embedding_lr_multipliers={"x": 0.5}),
            lambda: learn.DNNLinearCombinedClassifier(linear_feature_columns=column, joint_linear_weights=True),
            lambda: tf.contrib.estimator.multi_label_head(3, thresholds=[0.3]),
            lambda: learn.Experiment(line, fit, fit, export_strategies=[object()]),
            lambda: learn.io.generator_input_fn(lambda: iter([{"x": 1}]), pad_value=0),
            lambda: tf.contrib.seq2seq.DynamicAttentionWrapper(None, None, 4, probability_fn=tf.nn.sigmoid),
            lambda: inception.inception_v3(np.zeros([1, 299, 299, 3], "float32"), min_depth=64),
        ):
            try:
                asks()
            except ValueError as error:
                found["refused"] += any(each in str(error) for each in (
                    "not supported by tfport", "give probability_fn to the attention mechanism", "min_depth of up to"))

        table = learn.datasets.base.load_csv_with_header("table.csv", np.int32, np.float32)
        found["table"] = [table.data, table.target, str(table.data.dtype)]

        rows = np.column_stack([x["a"], x["b"]])
        columns = learn.infer_real_valued_columns_from_input(rows)
        monitor = learn.monitors.ValidationMonitor(rows, two, every_n_steps=20, early_stopping_rounds=1,
                                                   early_stopping_metric="accuracy", name="seen")
        model = learn.DNNClassifier([8], columns, "net", config=learn.RunConfig(save_checkpoints_steps=20))
        model.fit(rows, two, steps=500, batch_size=40, monitors=[monitor])
        found["monitor"] = [monitor.early_stopped, int(model.get_variable_value("global_step"))]
        accuracy = {"right": learn.MetricSpec(tf.contrib.metrics.streaming_accuracy, prediction_key="classes")}
        found["scores"] = model.evaluate(rows, two, metrics=accuracy)
        found["classes"] = list(model.predict(rows))
        found["same"] = learn.SKCompat(model).predict(rows)["classes"]
        found["probabilities"] = np.shape(list(model.predict_proba(rows)))
        found["net"] = model.get_variable_names()

        frame = pd.DataFrame({"a": x["a"], "c": x["c"]})
        assert frame["c"].values.dtype == object and repr([np.float32(0.5)]) == "[0.5]"

        def sparse():
            return {"a": tf.constant(frame["a"].values), "c": tf.SparseTensor(
                [[i, 0] for i in range(200)], frame["c"].values, shape=[200, 1])}, tf.constant(three)

        keys = layers.sparse_column_with_keys("c", ["u", "v", "w"])
        a = layers.real_valued_column("a")
        both = learn.DNNLinearCombinedClassifier(
            "both", 3, linear_feature_columns=[
                keys, a, layers.crossed_column([keys, layers.bucketized_column(a, [0.])], 9)],
            dnn_feature_columns=[a, layers.embedding_column(keys, 2)], dnn_hidden_units=[4])
        # Each step counts twice, as it did.
        found["both"] = both.fit(input_fn=sparse, steps=20).evaluate(input_fn=sparse, steps=1)
        found["wide"] = both.get_variable_names()

        def custom(features, target, mode):
            logits = layers.fully_connected(features, 2, None)
            loss = tf.contrib.losses.softmax_cross_entropy(logits, tf.one_hot(target, 2))
            train = layers.optimize_loss(loss, tf.contrib.framework.get_global_step(), 0.1, "Adam")
            return {"class": tf.argmax(logits, 1)}, loss, train

        own = learn.SKCompat(learn.Estimator(custom))
        own.fit(rows, two, steps=100)
        found["own"] = float(np.mean(own.predict(rows)["class"] == two))

        def experiment(output_dir):
            # A whole number was a rate too.
            model = learn.LinearClassifier([a], output_dir, optimizer=tf.train.FtrlOptimizer(1))
            return learn.Experiment(model, sparse_two, sparse_two, train_steps=30, eval_steps=1)

        def sparse_two():
            return {"a": tf.constant(x["a"])}, tf.constant(two)

        found["run"] = learn_runner.run(experiment, "ran")[0]
        print(tell(found))
        """
    )
    learned, off = found["line's losses"]
    assert learned < 1e-6 and off == pytest.approx((0.2**2 + 0.1**2 + 0.3**2) / 4, rel=1e-2)
    assert found["refused"] == 9
    assert {"linear/x/weight", "linear/bias_weight", "global_step"} <= set(found["line"])
    assert found["table"] == [[[1, 2], [3, 4], [5, 6]], [0, 1, 1], "float32"]
    stopped, step = found["monitor"]
    assert stopped and step < 500
    assert set(found["scores"]) == {
        "accuracy", "accuracy/baseline_label_mean", "accuracy/threshold_0.500000_mean", "auc", "auc_precision_recall",
        "global_step", "labels/actual_label_mean", "labels/prediction_mean", "loss", "right",
        "precision/positive_threshold_0.500000_mean", "recall/positive_threshold_0.500000_mean",
    }  # fmt: skip
    assert found["scores"]["right"] == pytest.approx(found["scores"]["accuracy"])
    assert found["classes"] == found["same"] and found["probabilities"] == [200, 2]
    assert {f"dnn/{name}/{part}" for name in ("hiddenlayer_0", "logits") for part in ("weights", "biases")} <= set(
        found["net"]
    )
    # The step is read while two optimizers count it.
    assert 20 <= found["both"]["global_step"] <= 22
    assert set(found["both"]) == {"accuracy", "loss", "global_step"}
    kept = {name for name in found["wide"] if "Ftrl" not in name and "Adagrad" not in name}
    assert {name for name in kept if name.startswith("linear")} == {
        "linear/a/weight", "linear/a_bucketized_X_c/weights", "linear/c/weights", "linear/bias_weight"
    }  # fmt: skip
    assert "dnn/input_from_feature_columns/c_embedding/weights" in kept
    assert found["own"] > 0.9 and found["run"]["global_step"] == 30


def test_k_means_as_an_estimator_is_lloyds_iteration(script):
    found = script(
        """
        points = np.random.RandomState(0).uniform(0, 10, (60, 2)).astype(np.float32)
        make = lambda: tf.train.limit_epochs(tf.convert_to_tensor(points), num_epochs=1)
        centers = points[:4]
        model = tf.contrib.factorization.KMeansClustering(4, initial_clusters=centers, use_mini_batch=False)
        for step in range(5):
            model.train(make)
            nearest = ((points[:, None] - centers) ** 2).sum(2).argmin(1)
            centers = np.stack([points[nearest == number].mean(0) for number in range(4)])
        found["centers"] = np.abs(model.cluster_centers() - centers).max() < 1e-4
        found["steps"] = model.get_variable_value("global_step")
        distances = ((points[:, None] - centers) ** 2).sum(2)
        found["score"] = abs(model.score(make) / distances.min(1).sum() - 1) < 1e-4
        found["index"] = list(model.predict_cluster_index(make)) == distances.argmin(1).tolist()
        found["distances"] = np.abs(np.stack(list(model.transform(make))) - distances).max() < 1e-3
        settled = tf.contrib.factorization.KMeansClustering(4, use_mini_batch=False, relative_tolerance=1e-6)
        settled.train(lambda: tf.constant(points), steps=100)
        found["settled"] = 1 < settled.get_variable_value("global_step") < 100
        print(tell(found))
        """
    )
    exact = dict.fromkeys(("centers", "score", "index", "distances", "settled"), True)
    assert found == {**exact, "steps": 5}


def test_the_estimators_of_skflow(script):
    pytest.importorskip("sklearn")
    found = script(
        """
        from sklearn import datasets
        from sklearn.grid_search import GridSearchCV
        from tensorflow.contrib import learn, skflow
        from tensorflow.contrib.learn.python.learn import models, monitors
        from tensorflow.contrib.learn.python.learn.estimators.base import TensorFlowEstimator
        from tensorflow.contrib.learn.python.learn.ops.batch_norm_ops import batch_normalize

        assert skflow.TensorFlowEstimator is learn.TensorFlowEstimator is TensorFlowEstimator
        assert learn.tf.tanh is tf.tanh and models.get_dnn_model is learn.models.get_dnn_model
        iris = datasets.load_iris()
        rows, kinds = iris.data, iris.target

        deep = learn.TensorFlowDNNClassifier(hidden_units=[10, 20, 10], n_classes=3)
        found["deep"] = deep.fit(rows, kinds).score(rows, kinds)
        found["layers"] = [np.shape(each) for each in deep.weights_ + deep.bias_]
        assert deep.weights_[3].tolist() == deep.get_tensor_value("logistic_regression/weights:0").tolist()
        probabilities = deep.predict_proba(rows)
        assert np.allclose(probabilities.sum(1), 1) and (deep.predict(rows) == probabilities.argmax(1)).all()

        # A model of the script's own, and the same written out: batches are permutations by RandomState(42), the
        # last of a pass is smaller, gradients are clipped, and class weights are factors of the logits.
        def net(x, y):
            with tf.variable_scope("net"):
                w = tf.get_variable("w", [4, 3], initializer=tf.constant_initializer(np.arange(12.).reshape(4, 3) / 9))
            loss = tf.losses.softmax_cross_entropy(y, tf.matmul(x, w) * tf.get_default_graph().get_tensor_by_name(
                "class_weight:0"))
            return tf.nn.softmax(tf.matmul(x, w)), loss

        own = TensorFlowEstimator(
            net, 3, batch_size=40, steps=10, optimizer="SGD", clip_gradients=0.5, class_weight=[1, 2, 3],
            learning_rate=lambda step: tf.train.exponential_decay(0.1, step, 5, 0.5))
        own.fit(rows, kinds)
        with tf.Graph().as_default(), tf.Session() as session:
            x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 3])
            rate = tf.placeholder(tf.float32)
            tf.constant([1., 2., 3.], name="class_weight")
            optimizer = tf.train.GradientDescentOptimizer(rate)
            pairs = optimizer.compute_gradients(net(x, y)[1])
            train = optimizer.apply_gradients([(tf.clip_by_norm(g, 0.5), v) for g, v in pairs])
            session.run(tf.global_variables_initializer())
            order, at = np.random.RandomState(42), 0
            for step in range(10):
                if at == 0:
                    shuffled = order.permutation(150)
                batch = shuffled[at:at + 40]
                at = at + 40 if at + 40 < 150 else 0
                session.run(train, {x: rows[batch], y: np.eye(3)[kinds[batch]], rate: 0.1 * 0.5 ** (step / 5)})
            found["off"] = np.abs(session.run("net/w:0") - own.get_variable_value("net/w")).max()

        # fit begins anew unless training shall go on.
        steps = [int(own.fit(rows, kinds).get_variable_value("global_step"))]
        steps.append(int(own.partial_fit(rows, kinds).get_variable_value("global_step")))
        own.continue_training = True
        steps.append(int(own.fit(iter(rows), iter(kinds), steps=2).get_variable_value("global_step")))
        found["steps"] = steps

        # What knows whether it trains: dropout and batch normalization, saved and restored with the model.
        def regularized(x, y):
            x = batch_normalize(tf.expand_dims(tf.expand_dims(x, 1), 3))
            with tf.variable_scope("first"):
                x = learn.ops.conv2d(x, 4, [1, 4], padding="VALID", batch_norm=True, activation=tf.nn.relu)
            x = learn.ops.dropout(learn.ops.dnn(tf.reshape(x, [-1, 4]), [8], keep_prob=0.9), 0.9)
            return learn.models.logistic_regression(x, y)

        shaky = learn.TensorFlowEstimator(model_fn=regularized, n_classes=3, steps=400, optimizer="Adam",
                                          learning_rate=0.01)
        found["shaky"] = shaky.fit(rows, kinds, logdir="logs").score(rows, kinds)
        assert len(os.listdir("logs")) == 1
        shaky.save("saved")
        again = learn.TensorFlowEstimator.restore("saved")
        assert (again.predict_proba(rows) == shaky.predict_proba(rows)).all()
        assert again.evaluate(rows, kinds) == shaky.evaluate(rows, kinds)
        again.save("twice")
        assert (learn.TensorFlowEstimator.restore("twice").predict(rows) == shaky.predict(rows)).all()
        found["went on"] = int(again.partial_fit(rows, kinds, steps=5).get_variable_value("global_step"))
        deep.save("deep")
        known = learn.TensorFlowEstimator.restore("deep")
        assert type(known) is type(deep) and known.hidden_units == [10, 20, 10]
        assert (known.predict(rows) == deep.predict(rows)).all()

        monitor = monitors.ValidationMonitor(rows, kinds, n_classes=3, print_steps=20, early_stopping_rounds=40)
        learn.TensorFlowLinearClassifier(3, steps=2000, learning_rate=5.).fit(rows, kinds, monitor)
        found["stopped"] = monitor.early_stopped

        # Least squares of rows that are standardized: the weights are numpy's.
        table = datasets.load_diabetes()
        many, number = table.data / table.data.std(0), table.target / 50
        line = learn.TensorFlowLinearRegressor(batch_size=len(many), steps=2000, learning_rate=0.5)
        best = np.linalg.lstsq(np.column_stack([many, np.ones(len(many))]), number, rcond=None)[0]
        line.fit(many, number[:, None])
        found["line"] = [line.score(many, number), 1 - np.mean((number - many @ best[:-1] - best[-1]) ** 2)
                         / number.var(), np.shape(line.weights_), line.bias_[0] - best[-1]]
        both = learn.TensorFlowDNNRegressor([16], steps=500).fit(many, np.column_stack([number, -number]))
        found["both"] = [np.shape(both.predict(many)), both.score(many, np.column_stack([number, -number]))]

        search = GridSearchCV(learn.TensorFlowLinearClassifier(3, steps=30), {"learning_rate": [1e-6, 0.3]}, cv=2)
        found["search"] = search.fit(rows, kinds).best_params_

        # Whether the first word is larger than the last: recurrent layers over embeddings.
        words = r.randint(0, 5, (200, 4))
        def steps_of(x):
            return learn.ops.split_squeeze(1, 4, learn.ops.categorical_variable(x, 5, 6, "words"))
        reader = learn.TensorFlowRNNClassifier(
            8, 2, cell_type="lstm", bidirectional=True, num_layers=2, input_op_fn=steps_of, steps=150)
        found["reader"] = reader.fit(words, (words[:, 0] > words[:, 3]).astype(int)).score(
            words, words[:, 0] > words[:, 3])
        assert reader.weights_.shape == (2 * 2 * 2 * 8, 2)
        try:
            learn.TensorFlowDNNClassifier([2], 2).predict(rows)
        except ValueError as error:
            assert "not been trained" in str(error)
            print(tell(found))
        """
    )
    assert found["deep"] > 0.9 and found["shaky"] > 0.9 and found["reader"] > 0.9
    assert found["layers"] == [[4, 10], [10, 20], [20, 10], [10, 3], [10], [20], [10], [3]]
    assert found["off"] < 1e-6
    assert found["steps"] == [10, 20, 22] and found["went on"] == 405 and found["stopped"]
    learned, best, shape, off = found["line"]
    assert learned == pytest.approx(best, abs=1e-3) and shape == [10, 1] and abs(off) < 0.1
    assert found["both"][0] == [442, 2] and found["both"][1] > 0.4
    assert found["search"] == {"learning_rate": 0.3}
