"""``tf.contrib.factorization``: k-means."""

from __future__ import annotations

import dis
import sys
import types
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds


@adds("contrib.factorization.KMeans")
class KMeans:
    """Clusters by k-means: with the whole data set in each step Lloyd's iteration, else averages over mini-batches.

    Args:
        inputs: (N, D) float32, or a list of such.
        num_clusters: K.
        initial_clusters: "random" draws K of the inputs; an array (K, D) is taken as it is.
        distance_metric: "squared_euclidean" or "cosine".
        use_mini_batch: whether a step sees a part of the data.
        mini_batch_steps_per_iteration: not needed here: the averages are over all batches seen.
        random_seed: of the draw.
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
        **unused: Any,
    ) -> None:
        if distance_metric not in ("squared_euclidean", "cosine"):
            raise ValueError(f"unsupported distance metric {distance_metric!r}")
        self._inputs = tf.concat(inputs, 0) if isinstance(inputs, (list, tuple)) else tf.convert_to_tensor(inputs)
        self._count, self._initial, self._seed = int(num_clusters), initial_clusters, random_seed or None
        self._cosine, self._mini_batch = distance_metric == "cosine", use_mini_batch

    def training_graph(self) -> tuple[Any, ...]:
        """Build the graph.

        Returns:
            All distances and the nearest cluster's number and distance, each in a list as of one shard; whether the
            centers are set; the centers; the op that sets them; the op that trains a step.
        """
        inputs = tf.nn.l2_normalize(self._inputs, 1) if self._cosine else self._inputs
        size = int(inputs.shape[1])
        centers = tf.get_variable(
            "clusters", [self._count, size], inputs.dtype, tf.zeros_initializer(), trainable=False,
            collections=[tf.GraphKeys.GLOBAL_VARIABLES],
        )  # fmt: skip
        counts = tf.get_variable("counts", [self._count], inputs.dtype, tf.zeros_initializer(), trainable=False)
        ready = tf.get_variable("initialized", [], tf.bool, tf.zeros_initializer(), trainable=False)
        if isinstance(self._initial, str):
            drawn = tf.gather(inputs, tf.random_shuffle(tf.range(tf.shape(inputs)[0]), self._seed)[: self._count])
        else:
            drawn = tf.cast(tf.convert_to_tensor(self._initial), inputs.dtype)
        first = tf.cond(ready, lambda: tf.identity(centers), lambda: drawn)
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
        return graph if _unpacked(sys._getframe(1)) != 6 else graph[:4] + graph[5:]


def _unpacked(frame: types.FrameType) -> int | None:
    """Into how many names the caller takes apart what it has called for."""
    ahead = (each for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti)
    after = next((each for each in ahead if each.opname != "CACHE"), None)
    return after.argval if after is not None and after.opname == "UNPACK_SEQUENCE" else None
