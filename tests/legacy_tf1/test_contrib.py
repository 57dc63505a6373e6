"""Numbers of tf.contrib against NumPy and the formulas of TensorFlow 1.15, in scripts run unmodified."""

import numpy as np
import pytest

from tests.legacy_tf1.test_compat import script, told  # noqa: F401  the fixture


@pytest.mark.rows
def test_normalization_and_convolutions(script):  # noqa: F811
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        from tensorflow.contrib import layers
        from tensorflow.contrib.framework.python.ops import arg_scope
        from tensorflow.contrib.layers.python.layers import batch_norm, utils

        assert batch_norm is slim.batch_norm and arg_scope is slim.arg_scope
        random = np.random.RandomState(0)

        def check_batch_norm(rank, fused, sample, channels_first, constant, at_once):
            tf.reset_default_graph()
            axis = 1 if channels_first else rank - 1
            shape = [6, 4, 5, 5][:rank]
            shape[axis] = 3
            data = random.normal(2, 3, shape).astype("float32")
            training = True if constant else tf.placeholder(tf.bool)
            outputs = batch_norm(
                tf.constant(data), 0.9, scale=True, is_training=training, fused=fused,
                updates_collections=None if at_once else tf.GraphKeys.UPDATE_OPS,
                data_format="NCHW" if channels_first else "NHWC")
            updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
            assert len(updates) == (0 if at_once else 2)
            others = tuple(each for each in range(rank) if each != axis)
            across = [3 if each == axis else 1 for each in range(rank)]
            mean, variance, count = data.mean(others), data.var(others), data.size / 3
            with tf.Session() as sess:
                sess.run(tf.global_variables_initializer())
                trained, _ = sess.run([outputs, updates], {} if constant else {training: True})
                moving = sess.run([v for v in tf.global_variables() if "moving" in v.name])
                np.testing.assert_allclose(moving[0], 0.1 * mean, rtol=1e-4)
                of_sample = variance * count / (count - 1) if sample else variance
                np.testing.assert_allclose(moving[1], 0.9 + 0.1 * of_sample, rtol=1e-4)

                def normal(mean, variance):
                    return (data - mean.reshape(across)) / np.sqrt(variance.reshape(across) + 0.001)

                np.testing.assert_allclose(trained, normal(mean, variance), atol=1e-4)
                if not constant:
                    np.testing.assert_allclose(sess.run(outputs, {training: False}), normal(*moving), atol=1e-4)

        # In 1.15 the fused kernel took inputs of two and four dimensions, and its variance is a sample's.
        for rank, fused, sample in ((4, None, True), (2, None, True), (3, None, False), (4, False, False)):
            for channels_first in (False, True)[:1 + (rank == 4)]:
                check_batch_norm(rank, fused, sample, channels_first, rank == 4 and fused is None, channels_first)
        check_batch_norm(4, None, True, False, False, True)
        check_batch_norm(4, None, True, False, False, False)

        tf.reset_default_graph()
        images = tf.constant(random.rand(2, 8, 8, 4), tf.float32)
        turned = tf.transpose(images, [0, 3, 1, 2])
        volume, row = tf.constant(random.rand(2, 6, 6, 6, 3), tf.float32), tf.constant(random.rand(2, 9, 3), tf.float32)
        shapes = [each.shape.as_list() for each in (
            slim.conv3d(volume, 4, 3, stride=2), slim.conv3d_transpose(volume, 4, 3, stride=2),
            layers.conv1d(row, 5, 3, padding="VALID"), slim.max_pool3d(volume, 2), layers.maxout(images, 2))]
        pairs = [
            (made(images, *arguments, scope=scope),
             made(turned, *arguments, data_format="NCHW", scope=scope, reuse=True))
            for scope, made, arguments in (
                ("a", slim.conv2d, (5, 3)), ("b", slim.conv2d_transpose, (5, 3, 2)),
                ("c", slim.separable_conv2d, (5, 3, 2)), ("d", slim.bias_add, ()))]
        renormed = slim.batch_norm(images, renorm=True, scope="renorm")
        norms = [layers.instance_norm(images), layers.group_norm(images, 2), layers.layer_norm(images)]
        net = slim.repeat(images, 2, slim.conv2d, 5, [3, 3])
        net = slim.repeat(net, 1, slim.conv2d, 5, [3, 3])
        net = slim.stack(net, slim.conv2d, [(4, [3, 3]), (6, [1, 1])], scope="core")
        with slim.arg_scope([slim.conv2d, slim.max_pool2d], outputs_collections="ends"):
            with tf.variable_scope("net"):
                slim.max_pool2d(slim.conv2d(images, 3, 3, scope="c1"), 2, scope="p1")
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for last, first in sess.run(pairs):
                np.testing.assert_allclose(last, first.transpose(0, 2, 3, 1), atol=1e-5)
            data = sess.run(images)
            groups = data.reshape(2, 8, 8, 2, 2)
            for found, given, axes, epsilon in zip(
                    sess.run(norms), (data, groups, data), ((1, 2), (1, 2, 4), (1, 2, 3)), (1e-6, 1e-6, 1e-12)):
                by_hand = (given - given.mean(axes, keepdims=True)) / np.sqrt(given.var(axes, keepdims=True) + epsilon)
                np.testing.assert_allclose(found, by_hand.reshape(data.shape), atol=1e-4)
            sess.run(renormed)
        try:
            slim.conv2d(images, 3, 3, strides=2)
            refused = False
        except TypeError:
            refused = True
        names = [v.op.name for v in slim.get_model_variables()]
        print(json.dumps({
            "shapes": shapes, "refused": refused, "ends": list(utils.convert_collection_to_dict("ends")),
            "repeated": [name for name in names if name.endswith("weights") and ("Repeat" in name or "core" in name)],
            "renorm": sorted(name for name in names if name.startswith("renorm/")),
        }))
        """
    )
    found = told(done)
    assert found["shapes"] == [[2, 3, 3, 3, 4], [2, 12, 12, 12, 4], [2, 7, 5], [2, 3, 3, 3, 3], [2, 8, 8, 2]]
    assert found["refused"] and found["ends"] == ["net/c1", "net/p1"]
    # As 1.15 called them: conv2d is another name of convolution2d.
    assert found["repeated"] == [
        "Repeat/convolution2d_1/weights", "Repeat/convolution2d_2/weights", "Repeat_1/convolution2d_1/weights",
        "core/core_1/weights", "core/core_2/weights",
    ]  # fmt: skip
    assert {"renorm/renorm_mean", "renorm/renorm_stddev", "renorm/moving_variance"} <= set(found["renorm"])


def test_training_losses_and_metrics(script, tmp_path):  # noqa: F811
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        import tensorflow.contrib.slim as slim

        random = np.random.RandomState(0)
        rows = random.rand(50, 3).astype("float32")
        found = {}

        # optimize_loss: a factor, then the norm of all gradients, then a rate that decays.
        # Of resources, and each read for its gradient: a step must not change what the loss is still to read.
        tf.get_variable_scope().set_use_resource(True)
        w, u = tf.get_variable("w", initializer=[3., 4.]), tf.get_variable("u", initializer=[1.])
        step = tf.train.get_or_create_global_step()
        waits = tf.get_variable("waits", initializer=0.)
        tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, tf.assign_add(waits, 1.))
        train = tf.contrib.layers.optimize_loss(
            tf.reduce_sum(w * w) / 2 + tf.reduce_sum(u * u) / 2, step, 0.1, "SGD", None, {"u": 2.0}, 1.0,
            lambda rate, step: rate * 2, variables=[w, u], name="fit")
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            found["optimized"] = [float(sess.run(train))]
            found["optimized"] += [np.ravel(value).tolist() for value in sess.run([w, u, waits, step])]
        found["tags"] = [each.op.name for each in tf.get_collection("summaries")]
        refused = []
        for call in (
            lambda: tf.contrib.layers.optimize_loss(w, None, 0.1, "SGD", clip=1.0),
            lambda: slim.learning.create_train_op(w, tf.train.GradientDescentOptimizer(0.1), clip_norm=1.0),
            lambda: tf.contrib.metrics.streaming_accuracy(w, w, weight_of=1),
            lambda: tf.contrib.losses.mean_squared_error(w, w, wieghts=1),
        ):
            try:
                call()
            except TypeError:
                refused.append(True)
        found["refused"] = len(refused)

        # slim's loop: gradients by factors, each clipped by its own norm; it goes on where a checkpoint is.
        def fit(steps):
            tf.reset_default_graph()
            tf.set_random_seed(1)
            start = {"weights_initializer": tf.ones_initializer()}
            guess = slim.fully_connected(tf.constant(rows), 1, activation_fn=None, scope="fc", **start)
            slim.losses.mean_squared_error(guess, rows @ np.float32([[1], [2], [3]]))
            loss = slim.losses.get_total_loss()
            tf.summary.scalar("loss", loss)
            op = slim.learning.create_train_op(
                loss, tf.train.GradientDescentOptimizer(0.1), clip_gradient_norm=0.5,
                gradient_multipliers={"fc/biases": 2.}, variables_to_train=tf.trainable_variables(),
                summarize_gradients=True)
            return float(slim.learning.train(op, "logs", number_of_steps=steps, save_summaries_secs=60))

        found["losses"] = [fit(1), fit(2)]
        tf.reset_default_graph()
        weights = tf.get_variable("other/weights", [3, 1])
        restore = slim.assign_from_checkpoint_fn(tf.train.latest_checkpoint("logs"), {"fc/weights": weights})
        with tf.Session() as sess:
            restore(sess)
            found["weights"] = sess.run(weights).ravel().tolist()
        tf.reset_default_graph()
        guess = slim.fully_connected(tf.constant(rows), 1, activation_fn=None, scope="fc")
        restored = slim.get_variables_to_restore(include=["fc"]) + [tf.train.get_or_create_global_step()]
        columns = tf.constant(rows[:, 0]), tf.constant(rows[:, 1])
        values, updates = slim.metrics.aggregate_metric_map({
            "mse": slim.metrics.streaming_mean_squared_error(guess, tf.zeros([50, 1])),
            "precision": slim.metrics.streaming_precision(tf.constant([1, 1, 0]), tf.constant([1, 0, 0])),
            "covariance": tf.contrib.metrics.streaming_covariance(*columns),
            "pearson": tf.contrib.metrics.streaming_pearson_correlation(*columns),
            "concat": tf.contrib.metrics.streaming_concat(tf.constant([1, 2])),
            "recall": slim.metrics.streaming_recall_at_k(tf.constant([[.1, .2, .7], [.3, .2, .1]]), [1, 2], 2)})
        tf.summary.scalar("mse", values["mse"])
        last = slim.evaluation.evaluate_once(
            "", tf.train.latest_checkpoint("logs"), "logs/eval", num_evals=2, eval_op=list(updates.values()),
            final_op=values, variables_to_restore=restored)
        found["metrics"] = {name: np.asarray(value).tolist() for name, value in last.items()}
        with tf.Graph().as_default(), tf.Session():
            hinge = tf.contrib.losses.hinge_loss(tf.constant([2., 0.5, -1.]), tf.constant([1., 1., 1.]))
            found["hinge"] = hinge.eval().tolist() + [len(tf.losses.get_losses())]
        print(json.dumps(found))
        """
    )
    found = told(done)
    norm = np.sqrt(29)
    loss, w, u, waits, step = found["optimized"]
    assert loss == 13 and waits == [1] and step == [1] and found["refused"] == 4
    np.testing.assert_allclose(w, [3 - 0.2 * 3 / norm, 4 - 0.2 * 4 / norm], rtol=1e-6)
    np.testing.assert_allclose(u, [1 - 0.2 * 2 / norm], rtol=1e-6)
    assert {"fit/global_norm/gradient_norm", "fit/loss", "fit/global_norm/clipped_gradient_norm"} < set(found["tags"])

    # Two steps of gradient descent by hand.
    rows = np.random.RandomState(0).rand(50, 3).astype("float32").astype("float64")
    weights, bias, losses = np.ones((3, 1)), 0.0, []
    for _ in range(2):
        off = rows @ weights + bias - rows @ [[1], [2], [3]]
        losses.append((off**2).mean())
        gradients = [2 * rows.T @ off / 50, np.array(2 * 2 * off.mean())]
        clipped = [each * min(1, 0.5 / np.linalg.norm(each)) for each in gradients]
        weights, bias = weights - 0.1 * clipped[0], bias - 0.1 * clipped[1]
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-5)
    np.testing.assert_allclose(found["weights"], weights.ravel(), rtol=1e-5)
    metrics = found["metrics"]
    assert metrics["mse"] == pytest.approx(((rows @ weights + bias) ** 2).mean(), rel=1e-5)
    twice = np.tile(rows, (2, 1))
    assert metrics["covariance"] == pytest.approx(np.cov(twice[:, 0], twice[:, 1])[0, 1], rel=1e-5)
    assert metrics["pearson"] == pytest.approx(np.corrcoef(rows[:, 0], rows[:, 1])[0, 1], rel=1e-5)
    assert (metrics["precision"], metrics["concat"], metrics["recall"]) == (0.5, [1, 2, 1, 2], 0.5)
    assert found["hinge"] == [0, 0.5, 2, 0]
    assert list((tmp_path / "logs" / "eval").glob("events*")) and (tmp_path / "logs" / "model.ckpt-2.index").exists()


def test_what_stands_beside_the_layers(script):  # noqa: F811
    done = script(
        """
        import json, math
        import numpy as np
        import tensorflow as tf
        from tensorflow.contrib import lookup
        from tensorflow.contrib.factorization import KMeans
        from tensorflow.contrib.learn.python.learn.datasets.base import Dataset, Datasets
        from tensorflow.contrib.tensorboard.plugins import projector

        tf.set_random_seed(2)
        found, tfd, tfi = {}, tf.contrib.distributions, tf.contrib.image
        found["sets"] = [Dataset(1, target=2).target, Datasets(train=3, validation=4, test=5).validation]
        centers = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
        points = np.repeat(centers, 50, 0) + np.random.RandomState(0).normal(0, 0.3, (150, 2)).astype(np.float32)
        # Several in one graph, and none of them takes a center twice where they begin far from each other.
        graphs = [KMeans(tf.constant(points), 3, kind, use_mini_batch=part, random_seed=3).training_graph()
                  for kind in ("kmeans_plus_plus", "kmc2") for part in (True, False)]
        mean, scale = np.array([[0., 1.], [2., 3.]], np.float32), np.array([[1., 2.], [.5, .1]], np.float32)
        normal = tfd.MultivariateNormalDiag(mean, scale)
        table = lookup.index_table_from_tensor(["a", "b"], default_value=7)
        words = lookup.index_to_string_table_from_tensor(["a", "b"])
        growing = [
            lookup.MutableHashTable(tf.string, tf.int64, -1, shared_name="shared"),
            lookup.MutableDenseHashTable(tf.string, tf.int64, -1, empty_key="")]
        numbered = lookup.MutableDenseHashTable(tf.int64, tf.float32, -1., empty_key=tf.int64.min, name="numbered")
        dataset = tf.contrib.data.Dataset.range(10).map(lambda value: value, num_threads=2, output_buffer_size=5)
        dataset = dataset.apply(tf.contrib.data.shuffle_and_repeat(10, 2))
        dataset = dataset.apply(tf.contrib.data.map_and_batch(lambda value: 2 * value, 20))
        square = np.arange(9).reshape(3, 3).astype(np.float32)
        v = tf.Variable([1., 2.])
        table_of_two = tf.Variable(tf.ones([2, 2]))
        loss = tf.reduce_sum((v - 3.) ** 2)
        lazy = tf.reduce_sum(tf.nn.embedding_lookup(table_of_two, [1, 1]))
        steps = {
            "AdamW": tf.contrib.opt.AdamWOptimizer(0.1, 0.01).minimize(loss, var_list=[v]),
            "Nadam": tf.contrib.opt.NadamOptimizer(0.1).minimize(loss, var_list=[v]),
            "AdaMax": tf.contrib.opt.AdaMaxOptimizer(0.1).minimize(loss, var_list=[v]),
            "MomentumW": tf.contrib.opt.MomentumWOptimizer(0.01, 0.1, 0.9).minimize(loss, var_list=[v])}
        lazily = tf.contrib.opt.LazyAdamOptimizer(0.1).minimize(lazy, var_list=[table_of_two])
        with tf.Session() as sess:
            sess.run([tf.global_variables_initializer(), tf.tables_initializer()])
            found["clusters"] = []
            for _, _, distance, _, clusters, init, train in graphs:
                sess.run(init)
                for _ in range(5):
                    sess.run(train)
                found["clusters"].append(sorted(sess.run(clusters).round(0).tolist()))
            samples = sess.run(normal.sample(5000))
            found["samples"] = [samples.mean(0).tolist(), samples.std(0).tolist(), normal.event_shape.as_list()]
            kl = tfd.kl_divergence(normal, tfd.MultivariateNormalDiag(tf.zeros([2, 2]), tf.ones([2, 2])))
            relaxed = tfd.RelaxedOneHotCategorical(0.5, logits=[1., 2., 0.])
            found["of them"] = [np.asarray(each).tolist() for each in sess.run(
                [normal.log_prob(mean + 0.3), kl, tf.reduce_sum(relaxed.sample(9), 1), tfd.softplus_inverse(2.),
                 tfd.percentile(tf.range(101.), 30.), tfd.Normal(mu=0., sigma=1.).log_pdf(0.),
                 tfd.Bernoulli(p=[0.2, 0.9]).pmf([1, 0])])]
            found["looked up"] = [sess.run(table.lookup(tf.constant(["b", "q"]))).tolist(),
                                  [word.decode() for word in sess.run(words.lookup(tf.constant([1, 5], tf.int64)))]]
            sess.run([each.insert(tf.constant(["b"]), tf.constant([5], tf.int64)) for each in growing])
            sess.run(numbered.insert(tf.constant([3], tf.int64), [0.5]))
            found["grown"] = [sess.run(each.lookup(tf.constant(["b", "q"]))).tolist() for each in growing]
            found["grown"].append(sess.run(numbered.lookup(tf.constant([3, 4], tf.int64))).tolist())
            found["data"] = sorted(sess.run(dataset.make_one_shot_iterator().get_next()).tolist())
            found["turned"] = sess.run(tfi.rotate(tf.constant(square), math.pi / 2)).tolist()
            found["moved"] = sess.run(tfi.translate(tf.constant(square)[None, :, :, None], [1, 2]))[0, :, :, 0].tolist()
            for name, step in steps.items():
                sess.run(v.initializer)
                sess.run(step)
                found[name] = sess.run(v).tolist()
            sess.run(lazily)
            found["lazy"] = sess.run(table_of_two).tolist()
        config = projector.ProjectorConfig()
        config.embeddings.add().tensor_name = table_of_two.name
        projector.visualize_embeddings(tf.summary.FileWriter("shown"), config)
        found["projector"] = table_of_two.name in open("shown/projector_config.pbtxt").read()
        parts = tf.split(value=tf.range(6), num_or_size_splits=3, axis=0), tf.split(split_dim=0, num_split=2, value=v)
        found["parts"] = [len(each) for each in parts]
        found["matmul"] = tf.batch_matmul(tf.ones([2, 3, 4]), tf.ones([2, 3, 5]), adj_x=True).shape.as_list()
        print(json.dumps(found))
        """
    )
    found = told(done)
    assert found["clusters"] == [[[0, 0], [0, 10], [10, 0]]] * 4
    mean, scale = np.array([[0.0, 1], [2, 3]]), np.array([[1, 2], [0.5, 0.1]])
    np.testing.assert_allclose(found["samples"][0], mean, atol=0.15)
    np.testing.assert_allclose(found["samples"][1], scale, rtol=0.1)
    log_prob, kl, sums, inverse, percentile, standard, older = found["of them"]
    np.testing.assert_allclose(
        log_prob, (-0.5 * (0.3 / scale) ** 2 - 0.5 * np.log(2 * np.pi) - np.log(scale)).sum(1), rtol=1e-4
    )
    np.testing.assert_allclose(kl, 0.5 * (scale**2 + mean**2 - 1 - 2 * np.log(scale)).sum(1), rtol=1e-5)
    np.testing.assert_allclose(sums, 1, rtol=1e-5)
    assert inverse == pytest.approx(np.log(np.expm1(2))) and percentile == 30
    assert standard == pytest.approx(-0.5 * np.log(2 * np.pi))
    np.testing.assert_allclose(older, [0.2, 0.1], rtol=1e-5)
    assert found["looked up"] == [[1, 7], ["b", "UNK"]] and found["data"] == sorted([*range(0, 20, 2)] * 2)
    assert found["sets"] == [2, 4]
    assert found["grown"] == [[5, -1], [5, -1], [0.5, -1]]
    assert found["turned"] == np.rot90(np.arange(9).reshape(3, 3)).tolist()
    assert found["moved"] == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    # The first steps from (1, 2), where the gradient is (-4, -2).
    np.testing.assert_allclose(found["AdamW"], [0.9 + 0.01, 1.8 + 0.01], rtol=1e-5)
    np.testing.assert_allclose(found["Nadam"], [1.19, 2.19], rtol=1e-5)
    np.testing.assert_allclose(found["AdaMax"], [1.1, 2.1], rtol=1e-5)
    np.testing.assert_allclose(found["MomentumW"], [0.99 + 0.4, 1.98 + 0.2], rtol=1e-5)
    np.testing.assert_allclose(found["lazy"], [[1, 1], [0.9, 0.9]], rtol=1e-5)
    assert found["projector"] and found["parts"] == [3, 2] and found["matmul"] == [2, 4, 5]


def test_scipy_minimizes(script):  # noqa: F811
    pytest.importorskip("scipy")
    done = script(
        """
        import json
        import tensorflow as tf

        v = tf.Variable([1., 2.])
        loss, seen, found = tf.reduce_sum((v - 3.) ** 2), [], []
        optimizers = [tf.contrib.opt.ScipyOptimizerInterface(loss, var_list=[v], **options) for options in (
            {"options": {"maxiter": 50}}, {"var_to_bounds": {v: (0, [2.5, 4])}}, {"equalities": [v[0] + v[1] - 4.]})]
        with tf.Session() as sess:
            for optimizer in optimizers:
                sess.run(v.initializer)
                optimizer.minimize(sess, fetches=[loss], loss_callback=lambda value: seen.append(float(value)))
                found.append(sess.run(v).tolist())
        print(json.dumps([found, seen[0]]))
        """
    )
    found, first = told(done)
    np.testing.assert_allclose(found, [[3, 3], [2.5, 3], [2, 2]], atol=1e-4)
    assert first == 5


def test_networks_of_slim(script):  # noqa: F811
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        from tensorflow.contrib.slim.nets import alexnet, inception, resnet_v1, resnet_v2, vgg
        from tensorflow.contrib.slim.python.slim.nets import resnet_utils

        found = {}
        for network, scope in (
            (vgg.vgg_16, vgg.vgg_arg_scope), (alexnet.alexnet_v2, alexnet.alexnet_v2_arg_scope),
            (resnet_v1.resnet_v1_50, resnet_utils.resnet_arg_scope),
            (resnet_v2.resnet_v2_50, resnet_v2.resnet_arg_scope),
            (inception.inception_v1, inception.inception_v1_arg_scope),
            (inception.inception_v3, inception.inception_v3_arg_scope)):
            tf.reset_default_graph()
            images = tf.placeholder(tf.float32, [2, *[network.default_image_size] * 2, 3])
            with slim.arg_scope(scope()):
                outputs, ends = network(images, 1000, is_training=False)
                if network is resnet_v1.resnet_v1_50:
                    dense, _ = network(images, None, False, global_pool=False, output_stride=8, reuse=True)
            sizes = {v.op.name: int(np.prod(v.shape.as_list())) for v in tf.trainable_variables()}
            found[network.__name__] = {
                "shape": outputs.shape.as_list(),
                "weights": sum(size for name, size in sizes.items() if "AuxLogits" not in name),
                "ends": list(ends)[:2] + list(ends)[-1:],
                "shifts": sum(size for name, size in sizes.items() if name.endswith("BatchNorm/beta")),
                "names": [name for name in sizes if "unit_2/" in name and "block1" in name]}
        found["dense"] = dense.shape.as_list()
        print(json.dumps(found))
        """
    )
    found = told(done)
    # The numbers of weights that are published for them; Inception's has scales too, one beside each shift.
    assert found["vgg_16"]["weights"] == 138_357_544 and found["resnet_v1_50"]["weights"] == 25_557_032
    assert found["inception_v1"]["weights"] + found["inception_v1"]["shifts"] == 6_624_904
    assert found["inception_v3"]["weights"] == 23_817_352 and found["inception_v3"]["shape"] == [2, 1000]
    assert found["alexnet_v2"]["weights"] == 50_303_912
    assert found["vgg_16"]["ends"] == ["vgg_16/conv1/conv1_1", "vgg_16/conv1/conv1_2", "vgg_16/fc8"]
    assert found["vgg_16"]["shape"] == [2, 1000] and found["resnet_v2_50"]["shape"] == [2, 1, 1, 1000]
    assert found["dense"] == [2, 28, 28, 2048]
    unit = "resnet_v1_50/block1/unit_2/bottleneck_v1"
    assert found["resnet_v1_50"]["names"] == [
        f"{unit}/conv{number}/{name}" for number in (1, 2, 3)
        for name in ("weights", "BatchNorm/beta", "BatchNorm/gamma")
    ]  # fmt: skip


def test_records_of_slim_and_what_moved_in_tensorflow_python(script):  # noqa: F811
    done = script(
        """
        import json
        import numpy as np
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        from tensorflow.contrib.slim.nets import resnet_v1
        from tensorflow.contrib.slim.python.slim.data import dataset, dataset_data_provider
        from tensorflow.python import pywrap_tensorflow
        from tensorflow.python.keras.layers import LSTM
        from tensorflow.python.ops import gen_nn_ops
        from tensorflow.python.training import training_ops

        def feature(value):
            kinds = {bytes: "bytes_list", int: "int64_list", float: "float_list"}
            return tf.train.Feature(**{kinds[type(value[0])]: {"value": value}})

        images = np.random.RandomState(0).randint(0, 255, (6, 8, 8, 3)).astype("uint8")
        with tf.Session() as sess, tf.python_io.TFRecordWriter("digits.tfrecord") as writer:
            for number, image in enumerate(images):
                features = {
                    "image/encoded": feature([sess.run(tf.image.encode_png(image))]), "image/format": feature([b"png"]),
                    "label": feature([number]), **{
                        f"box/{side}": feature([place, 0.5])
                        for side, place in (("ymin", 0.1), ("xmin", 0.2), ("ymax", 0.3), ("xmax", 0.4))}}
                example = tf.train.Example(features=tf.train.Features(feature=features))
                writer.write(example.SerializeToString())
        decoder = slim.tfexample_decoder
        data = dataset.Dataset(
            "digits.*", tf.TFRecordReader,
            decoder.TFExampleDecoder(
                {"image/encoded": tf.FixedLenFeature((), tf.string, ""), "label": tf.FixedLenFeature([], tf.int64),
                 "image/format": tf.FixedLenFeature((), tf.string, "png"),
                 **{f"box/{side}": tf.VarLenFeature(tf.float32) for side in ("ymin", "xmin", "ymax", "xmax")}},
                {"image": decoder.Image(shape=[8, 8, 3]), "label": decoder.Tensor("label"),
                 "boxes": decoder.BoundingBox(prefix="box/")}),
            6, {}, num_classes=6)
        provider = dataset_data_provider.DatasetDataProvider(
            data, shuffle=False, common_queue_capacity=10, common_queue_min=2)
        image, label, boxes = provider.get(["image", "label", "boxes"])
        queue = slim.prefetch_queue.prefetch_queue(tf.train.batch([image, label, boxes], 6, dynamic_pad=True))
        batch = queue.dequeue()
        # As 1.0 said whether it is training.
        with slim.arg_scope(resnet_v1.resnet_arg_scope(tf.convert_to_tensor(False))):
            resnet_v1.resnet_v1_50(tf.zeros([1, 64, 64, 3]))
        asked = len(tf.get_collection(tf.GraphKeys.UPDATE_OPS))
        guided = gen_nn_ops._relu_grad(tf.constant([1., 2.]), tf.constant([0., 3.]))
        with tf.Session() as sess, slim.queues.QueueRunners(sess):
            read, labels, found = sess.run(batch)
            print(json.dumps({
                "labels": labels.tolist(), "same": bool((read == images[labels]).all()), "boxes": found[0].tolist(),
                "updates": asked, "guided": sess.run(guided).tolist(), "classes": data.num_classes,
                "names": [each.__name__ for each in (
                    LSTM, pywrap_tensorflow.NewCheckpointReader, tf.pywrap_tensorflow.NewCheckpointReader,
                    training_ops.apply_adam)]}))
        """
    )
    found = told(done)
    assert found["labels"] == [0, 1, 2, 3, 4, 5] and found["same"] and found["classes"] == 6
    np.testing.assert_allclose(found["boxes"], [[0.1, 0.2, 0.3, 0.4], [0.5] * 4], rtol=1e-6)
    assert found["updates"] == 0 and found["guided"] == [0, 2]
    assert found["names"] == ["LSTM", "NewCheckpointReader", "NewCheckpointReader", "apply_adam"]
