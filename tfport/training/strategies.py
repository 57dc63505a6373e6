"""Training on several devices or machines, by TensorFlow's own ``tf.distribute``."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from tfport.errors import UserError
from tfport.training.config import Strategy
from tfport.versions import keras_generation


def is_chief() -> bool:
    """Whether this process is the one that reports and writes: the only one, or the first worker of ``TF_CONFIG``."""
    cluster = _cluster()
    task = cluster.get("task", {})
    chief = "chief" if "chief" in cluster.get("cluster", {}) else "worker"
    return task.get("type", chief) == chief and int(task.get("index", 0)) == 0


def create(name: Strategy, batch_size: int) -> Any:
    """The strategy of that name; None for "none". To be called before anything is computed.

    Args:
        name: "mirrored" uses all devices of this machine, "multiworker" those of the machines in ``TF_CONFIG``.
        batch_size: of all devices together.

    Raises:
        UserError: Keras 3 is in use; ``TF_CONFIG`` is missing; the batch cannot be shared out evenly.
    """
    if name == "none":
        return None
    if keras_generation() == 3:
        raise UserError(f"--strategy {name}: tf.distribute trains models of Keras 2 alone; unset TFPORT_KERAS")
    workers = _cluster().get("cluster", {}).get("worker", [])
    if name == "multiworker" and not workers:
        raise UserError(
            "--strategy multiworker: TF_CONFIG names no workers; start it with scripts/launch_workers.py, or set "
            "TF_CONFIG as TensorFlow's guide to multi-worker training says"
        )
    import tensorflow as tf

    strategy = (
        tf.distribute.MultiWorkerMirroredStrategy() if name == "multiworker" else tf.distribute.MirroredStrategy()
    )
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise UserError(f"--batch-size {batch_size}: must be a multiple of {replicas}, the number of devices")
    return strategy


def scope(strategy: Any) -> contextlib.AbstractContextManager[Any]:
    """Variables made inside belong to the strategy; None changes nothing."""
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def _cluster() -> dict[str, Any]:
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    except ValueError:
        pass
    raise UserError(f"TF_CONFIG is no JSON object: {text[:80]!r}; unset it, or write it as TensorFlow's guide says")
