"""``tf.contrib.factorization``: k-means."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np

from legacy_tf1 import tf
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
