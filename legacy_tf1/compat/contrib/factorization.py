"""``tf.contrib.factorization``: k-means, as a graph and as an estimator."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys
from legacy_tf1.compat.registry import adds, unpacked


@adds("contrib.factorization.KMeans")
class KMeans:
    """Clusters by k-means: with the whole data set in each step Lloyd's iteration, else averages over mini-batches.

    Args:
        inputs: (N, D) float32, or a list of such.
        num_clusters: K.
        initial_clusters: "random" draws K of the inputs, "kmeans_plus_plus" and "kmc2" K that are far from each other;
            a function of inputs and K makes them; an array (K, D) is taken as it is.
        distance_metric: "squared_euclidean" or "cosine".
        use_mini_batch: whether a step sees a part of the data.
        mini_batch_steps_per_iteration: not needed here: the averages are over all batches seen.
        random_seed: of the draw.
        kmeans_plus_plus_num_retries: how many inputs are tried for each center.
        kmc2_chain_length: how many inputs "kmc2" looks at for each center.

    Raises:
        ValueError: there is no such distance or way to draw.
    """

    def __init__(
        self,
        inputs: Any,
        num_clusters: int,
        initial_clusters: Any = "random",
        distance_metric: str = "squared_euclidean",
        use_mini_batch: bool = False,
        mini_batch_steps_per_iteration: int = 1,
        random_seed: int = 0,
        kmeans_plus_plus_num_retries: int = 2,
        kmc2_chain_length: int = 200,
    ) -> None:
        if distance_metric not in ("squared_euclidean", "cosine"):
            raise ValueError(f"unsupported distance metric {distance_metric!r}")
        if isinstance(initial_clusters, str) and initial_clusters not in ("random", "kmeans_plus_plus", "kmc2"):
            raise ValueError(f"unsupported initial clusters {initial_clusters!r}")
        self._inputs = tf.concat(inputs, 0) if isinstance(inputs, (list, tuple)) else tf.convert_to_tensor(inputs)
        self._count, self._initial, self._seed = int(num_clusters), initial_clusters, random_seed or None
        self._cosine, self._mini_batch = distance_metric == "cosine", use_mini_batch
        self._retries, self._chain = kmeans_plus_plus_num_retries, kmc2_chain_length

    def _drawn(self, inputs: Any) -> Any:
        """The first centers, by the means that were asked for."""
        if callable(self._initial):
            return self._initial(inputs, self._count)
        if not isinstance(self._initial, str):
            return tf.cast(tf.convert_to_tensor(self._initial), inputs.dtype)
        seed = tf.constant(np.random.randint(2**31) if self._seed is None else self._seed, tf.int64)
        count = tf.constant(self._count, tf.int64)
        if self._initial == "kmeans_plus_plus":
            retries = tf.constant(self._retries, tf.int64)
            return tf.raw_ops.KmeansPlusPlusInitialization(
                points=inputs, num_to_sample=count, seed=seed, num_retries_per_sample=retries
            )
        if self._initial == "kmc2":
            return self._of_chains(inputs, seed)
        return tf.gather(inputs, tf.random_shuffle(tf.range(tf.shape(inputs)[0]), self._seed)[: self._count])

    def _of_chains(self, inputs: Any, seed: Any) -> Any:
        """Each center is the end of a chain over inputs that were drawn, which prefers what is far from the others."""
        rows = tf.shape(inputs)[0]
        centers = tf.gather(inputs, tf.random_uniform([1], 0, rows, tf.int32, self._seed))
        for number in range(1, self._count):
            tried = tf.gather(inputs, tf.random_uniform([self._chain], 0, rows, tf.int32))
            far = tf.reduce_min(tf.reduce_sum((tried[:, tf.newaxis] - centers) ** 2, 2), 1)
            end = tf.raw_ops.KMC2ChainInitialization(distances=far, seed=seed + number)
            centers = tf.concat([centers, tried[end][tf.newaxis]], 0)
        return centers

    def training_graph(self) -> tuple[Any, ...]:
        """Build the graph.

        Returns:
            All distances and the nearest cluster's number and distance, each in a list as of one shard; whether the
            centers are set; the centers; the op that sets them; the op that trains a step.
        """
        inputs = tf.nn.l2_normalize(self._inputs, 1) if self._cosine else self._inputs
        size = int(inputs.shape[1])
        # No scope's variables: a graph may hold several, as it could.
        make = functools.partial(tf.Variable, trainable=False)
        centers = make(tf.zeros([self._count, size], inputs.dtype), name="clusters")
        counts = make(tf.zeros([self._count], inputs.dtype), name="counts")
        ready = make(False, name="initialized")
        first = tf.cond(ready, lambda: tf.identity(centers), lambda: self._drawn(inputs))
        with tf.control_dependencies([tf.assign(centers, first)]):
            initialize = tf.assign(ready, True).op
        if self._cosine:
            distances = 1.0 - tf.matmul(inputs, tf.nn.l2_normalize(centers, 1), transpose_b=True)
        else:
            distances = (
                tf.reduce_sum(inputs**2, 1, keepdims=True)
                - 2.0 * tf.matmul(inputs, centers, transpose_b=True)
                + tf.reduce_sum(centers**2, 1)
            )
        nearest = tf.argmin(distances, 1)
        scores = tf.reduce_min(distances, 1)
        sums = tf.math.unsorted_segment_sum(inputs, nearest, self._count)
        numbers = tf.math.unsorted_segment_sum(tf.ones_like(scores), nearest, self._count)
        with tf.control_dependencies([ready]):
            if self._mini_batch:
                total = counts + numbers
                moved = centers + (sums - numbers[:, tf.newaxis] * centers) / tf.maximum(total, 1.0)[:, tf.newaxis]
                train = tf.group(tf.assign(centers, moved), tf.assign(counts, total))
            else:
                means = sums / tf.maximum(numbers, 1.0)[:, tf.newaxis]
                # A cluster that nothing is nearest to stays where it is.
                train = tf.group(tf.assign(centers, tf.where(numbers > 0, means, centers)))
        graph = ([distances], [nearest], [scores], ready, centers, initialize, train)
        # The centers came with 1.4: a script that takes six apart was written before.
        return graph if unpacked(sys._getframe(1)) != 6 else graph[:4] + graph[5:]


class _Start(tf.train.SessionRunHook):
    """Draws the first centers before the first step of a model that has none."""

    def __init__(self, ready: Any, initialize: Any) -> None:
        self._ready, self._initialize = ready, initialize

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Draw them from the first batch."""
        if not session.run(self._ready):
            session.run(self._initialize)


class _Settled(tf.train.SessionRunHook):
    """Ends the training when a step changes the loss by less than this part of it."""

    def __init__(self, loss: Any, tolerance: float) -> None:
        self._loss, self._tolerance, self._last = loss, tolerance, None

    def before_run(self, run_context: Any) -> Any:
        """Ask for the loss."""
        return tf.train.SessionRunArgs(self._loss)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Compare it."""
        loss, last = run_values.results, self._last
        if last is not None and abs(loss - last) <= self._tolerance * max(abs(loss), 1e-30):
            run_context.request_stop()
        self._last = loss


@adds("contrib.factorization.KMeansClustering", "contrib.learn.KMeansClustering", "estimator.experimental.KMeans")
class KMeansClustering(Estimator):
    """K-means as an estimator. Inputs are (N, D), or a dictionary of such, side by side in the order of its names.

    Args:
        num_clusters: K.
        model_dir: where checkpoints go.
        initial_clusters: as in :class:`KMeans`.
        distance_metric: as there.
        seed: of the draw; ``random_seed`` in some versions.
        use_mini_batch: whether an input is a part of the data.
        mini_batch_steps_per_iteration: as in :class:`KMeans`.
        kmeans_plus_plus_num_retries: as there.
        relative_tolerance: training ends when the loss changes by less than this part; only without mini-batches.
        config: how it is run.
        feature_columns: of the inputs.
    """

    SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE = "squared_euclidean", "cosine"
    RANDOM_INIT, KMEANS_PLUS_PLUS_INIT = "random", "kmeans_plus_plus"
    SCORE, CLUSTER_INDEX, ALL_DISTANCES = "score", "cluster_index", "all_distances"
    CLUSTER_CENTERS_VAR_NAME = "clusters"

    def __init__(
        self, num_clusters: int, model_dir: str | None = None, initial_clusters: Any = "random",
        distance_metric: str = "squared_euclidean", seed: int = 0, use_mini_batch: bool = True,
        mini_batch_steps_per_iteration: int = 1, kmeans_plus_plus_num_retries: int = 2,
        relative_tolerance: float | None = None, config: Any = None, feature_columns: Any = None,
        random_seed: int | None = None,
    ) -> None:  # fmt: skip
        def model_fn(features: Any, labels: Any, mode: str, config: Any) -> EstimatorSpec:
            if feature_columns is not None:
                points = tf.feature_column.input_layer(features, feature_columns)
            elif isinstance(features, dict):
                points = tf.concat([tf.cast(features[name], tf.float32) for name in sorted(features)], 1)
            else:
                points = tf.cast(features, tf.float32)
            distances, nearest, scores, ready, _, initialize, train = KMeans(
                points, num_clusters, initial_clusters, distance_metric, use_mini_batch,
                mini_batch_steps_per_iteration, seed if random_seed is None else random_seed,
                kmeans_plus_plus_num_retries,
            ).training_graph()  # fmt: skip
            loss = tf.reduce_sum(scores[0])
            tf.summary.scalar("loss/raw", loss)
            hooks = [_Start(ready, initialize)]
            if relative_tolerance is not None and not use_mini_batch:
                hooks.append(_Settled(loss, relative_tolerance))
            with tf.control_dependencies([train]):  # not counted where the input has ended
                counted = tf.assign_add(tf.train.get_or_create_global_step(), 1)
            return EstimatorSpec(
                mode,
                predictions={self.ALL_DISTANCES: distances[0], self.CLUSTER_INDEX: nearest[0]},
                loss=loss,
                train_op=counted,
                eval_metric_ops={self.SCORE: tf.metrics.mean(loss)},
                training_hooks=hooks if mode == ModeKeys.TRAIN else None,
            )

        super().__init__(model_fn, model_dir, config)

    def predict_cluster_index(self, input_fn: Callable[..., Any]) -> Iterator[Any]:
        """The number of the nearest cluster, of each input."""
        return (each[self.CLUSTER_INDEX] for each in self.predict(input_fn))

    def transform(self, input_fn: Callable[..., Any]) -> Iterator[Any]:
        """The distances (K,) to the clusters, of each input; squared, if they are Euclidean."""
        return (each[self.ALL_DISTANCES] for each in self.predict(input_fn))

    def score(self, input_fn: Callable[..., Any]) -> float:
        """The sum over the inputs of one batch of their distances to the nearest cluster."""
        return float(self.evaluate(input_fn, steps=1)[self.SCORE])

    def cluster_centers(self) -> np.ndarray:
        """The centers, (K, D)."""
        return np.asarray(self.get_variable_value(self.CLUSTER_CENTERS_VAR_NAME))
