"""``optimize_loss``, ``slim.learning`` and ``tf.contrib.training``."""

from __future__ import annotations

from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

OPTIMIZERS = {
    "Adagrad": tf.train.AdagradOptimizer,
    "Adam": tf.train.AdamOptimizer,
    "Ftrl": tf.train.FtrlOptimizer,
    "Momentum": lambda rate: tf.train.MomentumOptimizer(rate, momentum=0.9),
    "RMSProp": tf.train.RMSPropOptimizer,
    "SGD": tf.train.GradientDescentOptimizer,
}


@adds("contrib.layers.optimize_loss")
def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Any = None,
    variables: Any = None,
    name: str | None = None,
    **unused: Any,
) -> Any:
    """A training step; returns the loss after it."""
    step = tf.train.get_or_create_global_step() if global_step is None else global_step
    with tf.variable_scope(name, "OptimizeLoss", [loss]):
        rate = learning_rate_decay_fn(learning_rate, step) if learning_rate_decay_fn else learning_rate
        maker = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
        made = maker if isinstance(maker, tf.train.Optimizer) else maker(rate) if rate is not None else maker()
        gradients = made.compute_gradients(loss, variables)
        if clip_gradients is not None:
            values, names = zip(*gradients, strict=True)
            gradients = list(zip(tf.clip_by_global_norm(values, clip_gradients)[0], names, strict=True))
        tf.summary.scalar("loss", loss)
        train = made.apply_gradients(gradients, global_step=step)
        with tf.control_dependencies([train]):
            return tf.identity(loss)


@adds("contrib.slim.learning.create_train_op", "contrib.training.create_train_op")
def create_train_op(total_loss: Any, optimizer: Any, global_step: Any = None, **unused: Any) -> Any:
    """A training step that runs what waits in ``UPDATE_OPS`` first; returns the loss."""
    step = tf.train.get_or_create_global_step() if global_step is None else global_step
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        total_loss = tf.identity(total_loss)
    train = optimizer.minimize(total_loss, global_step=step)
    with tf.control_dependencies([train]):
        return tf.identity(total_loss)


@adds("contrib.training.HParams")
class HParams:
    """Hyperparameters by name."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def values(self) -> dict[str, Any]:
        """All of them."""
        return dict(self.__dict__)

    def add_hparam(self, name: str, value: Any) -> None:
        """One more."""
        setattr(self, name, value)
