"""``tf.contrib.training``, with ``optimize_loss`` of contrib.layers and ``create_train_op`` of contrib.slim."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Any = None,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Any = None,
    update_ops: Any = None,
    variables: Any = None,
    name: str | None = None,
    summaries: Any = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Any:
    """A training step; returns the loss, computed after the updates that wait and before the step.

    Args:
        loss: scalar.
        global_step: counts the steps; None takes the graph's, if it has one.
        learning_rate: a number or a scalar tensor; None where the optimizer has its own.
        optimizer: a name in OPTIMIZERS, an optimizer, its class, or a function of the learning rate.
        gradient_noise_scale: of normal noise that is added to the gradients, by the variables' sizes.
        gradient_multipliers: variable, or its name → factor of its gradient.
        clip_gradients: the largest norm of all gradients together, or a function of pairs of gradient and variable.
        learning_rate_decay_fn: of learning rate and step.
        update_ops: run before the loss; None takes what waits in ``UPDATE_OPS``.
        variables: to train; None takes all that are trainable.
        name: of the scope.
        summaries: of SUMMARIES; None takes all but single gradients.
        colocate_gradients_with_ops: as of ``compute_gradients``.
        increment_global_step: whether the step is counted.

    Raises:
        ValueError: an argument is none of these.
    """
    loss = tf.convert_to_tensor(loss)
    step = tf.train.get_global_step() if global_step is None else global_step
    wanted = ["loss", "learning_rate", "global_gradient_norm"] if summaries is None else list(summaries)
    if unknown := [each for each in wanted if each not in SUMMARIES]:
        raise ValueError(f"optimize_loss: summaries are of {', '.join(SUMMARIES)}, not {', '.join(unknown)}")
    norms = "gradient_norm" in wanted
    with tf.variable_scope(name, "OptimizeLoss", [loss, step]):
        waiting = tf.get_collection(tf.GraphKeys.UPDATE_OPS) if update_ops is None else update_ops
        loss = _after(waiting, loss)
        rate = None
        if learning_rate is not None:
            rate = _rate(learning_rate)
            if learning_rate_decay_fn is not None:
                if step is None:
                    raise ValueError("optimize_loss: a learning rate that decays needs global_step")
                rate = learning_rate_decay_fn(rate, step)
            if "learning_rate" in wanted:
                tf.summary.scalar("learning_rate", rate)
        trained = tf.trainable_variables() if variables is None else variables
        made = _optimizer(optimizer, rate)
        gradients = made.compute_gradients(loss, trained, colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gradient_noise_scale is not None:
            gradients = [(_noisy(each, gradient_noise_scale), variable) for each, variable in gradients]
        if gradient_multipliers is not None:
            gradients = multiply_gradients(gradients, gradient_multipliers)
        if norms or "global_gradient_norm" in wanted:
            tf.summary.scalar("global_norm/gradient_norm", tf.global_norm([each for each, _ in gradients]))
        if callable(clip_gradients):
            gradients = clip_gradients(gradients)
        elif clip_gradients is not None:
            clipped, _ = tf.clip_by_global_norm([each for each, _ in gradients], clip_gradients)
            gradients = [(each, variable) for each, (_, variable) in zip(clipped, gradients, strict=True)]
        if "loss" in wanted:
            tf.summary.scalar("loss", loss)
        for each, variable in gradients:
            values = each.values if isinstance(each, tf.IndexedSlices) else each
            if values is not None and "gradients" in wanted:
                tf.summary.histogram(f"gradients/{variable.op.name}", values)
            if values is not None and norms:
                tf.summary.scalar(f"gradient_norm/{variable.op.name}", tf.global_norm([values]))
        if clip_gradients is not None and (norms or "global_gradient_norm" in wanted):
            tf.summary.scalar("global_norm/clipped_gradient_norm", tf.global_norm([each for each, _ in gradients]))
        counted = step if increment_global_step else None
        return _after([made.apply_gradients(gradients, counted, name="train")], loss)


SUMMARIES = ("learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm")


def _after(first: Sequence[Any], tensor: Any) -> Any:
    """A tensor that is there when some ops have run."""
    if not first:
        return tensor
    with tf.control_dependencies(list(first)):
        return tf.identity(tensor)


def _rate(learning_rate: Any) -> Any:
    if tf.is_tensor(learning_rate) or isinstance(learning_rate, tf.Variable):
        return learning_rate
    if not isinstance(learning_rate, (int, float, np.number)) or learning_rate < 0.0:
        raise ValueError(f"the learning rate is a number from 0 on or a scalar tensor, not {learning_rate}")
    initializer = tf.constant_initializer(float(learning_rate))
    return tf.get_variable("learning_rate", [], trainable=False, initializer=initializer)


def _optimizer(optimizer: Any, rate: Any) -> Any:
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"the optimizer is one of {', '.join(OPTIMIZERS)}, not {optimizer}")
        if rate is None:
            raise ValueError(f"{optimizer} needs a learning rate")
        optimizer = OPTIMIZERS[optimizer]
    if isinstance(optimizer, type) or (callable(optimizer) and not isinstance(optimizer, tf.train.Optimizer)):
        optimizer = optimizer() if rate is None else optimizer(rate)
    if not isinstance(optimizer, tf.train.Optimizer):
        raise ValueError(f"{optimizer} is no optimizer, class of one or function that makes one")
    return optimizer


def _noisy(gradient: Any, scale: float) -> Any:
    if gradient is None:
        return None
    if isinstance(gradient, tf.IndexedSlices):
        noise = scale * tf.truncated_normal(tf.shape(gradient.values))
        return tf.IndexedSlices(gradient.values + noise, gradient.indices, gradient.dense_shape)
    return gradient + scale * tf.truncated_normal(tf.shape(gradient))


@adds("contrib.training.multiply_gradients", "contrib.slim.learning.multiply_gradients")
def multiply_gradients(grads_and_vars: Sequence[Any], gradient_multipliers: Any) -> list[Any]:
    """Pairs of gradient and variable, some gradients by a factor.

    Raises:
        ValueError: no factors are given, or one for a variable without gradient.
    """
    if not gradient_multipliers:
        raise ValueError("gradient_multipliers are empty")
    by_name = {
        each if isinstance(each, str) else each.op.name: factor for each, factor in dict(gradient_multipliers).items()
    }
    multiplied = []
    for gradient, variable in grads_and_vars:
        factor = by_name.get(variable.op.name)
        if factor is not None:
            if gradient is None:
                raise ValueError(f"{variable.op.name} has a factor in gradient_multipliers and no gradient")
            if isinstance(gradient, tf.IndexedSlices):
                values = gradient.values * tf.cast(factor, gradient.values.dtype)
                gradient = tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
            else:
                gradient = gradient * tf.cast(factor, gradient.dtype)
        multiplied.append((gradient, variable))
    return multiplied


@adds("contrib.training.clip_gradient_norms", "contrib.slim.learning.clip_gradient_norms")
def clip_gradient_norms(gradients_to_variables: Sequence[Any], max_norm: float) -> list[Any]:
    """Pairs of gradient and variable, each gradient clipped by its own norm."""
    clipped = []
    for gradient, variable in gradients_to_variables:
        if isinstance(gradient, tf.IndexedSlices):
            values = tf.clip_by_norm(gradient.values, max_norm)
            gradient = tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
        elif gradient is not None:
            gradient = tf.clip_by_norm(gradient, max_norm)
        clipped.append((gradient, variable))
    return clipped


@adds("contrib.training.clip_gradient_norms_fn")
def clip_gradient_norms_fn(max_norm: float) -> Callable[[Sequence[Any]], list[Any]]:
    """The same as a function of the pairs."""
    return functools.partial(clip_gradient_norms, max_norm=max_norm)


@adds("contrib.training.add_gradients_summaries", "contrib.slim.learning.add_gradients_summaries")
def add_gradients_summaries(grads_and_vars: Sequence[Any]) -> list[Any]:
    """A histogram and the norm of each gradient."""
    made = []
    for gradient, variable in grads_and_vars:
        if gradient is not None:
            values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
            made.append(tf.summary.histogram(f"{variable.op.name}_gradient", values))
            made.append(tf.summary.scalar(f"{variable.op.name}_gradient_norm", tf.global_norm([values])))
    return made


_THE_GRAPHS = 0  # as global_step: the graph's counter; None counts nothing


@adds("contrib.training.create_train_op")
def create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = _THE_GRAPHS,
    update_ops: Any = None,
    variables_to_train: Any = None,
    transform_grads_fn: Any = None,
    summarize_gradients: bool = False,
    gate_gradients: int = tf.train.Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> Any:
    """A training step that runs what waits in ``UPDATE_OPS`` first; returns the loss.

    Args:
        total_loss: scalar.
        optimizer: of ``tf.train``.
        global_step: counts the steps; without it the graph's does, None counts nothing.
        update_ops: run first instead of what waits.
        variables_to_train: None takes all that are trainable.
        transform_grads_fn: of pairs of gradient and variable.
        summarize_gradients: whether each gradient gets a histogram and a scalar.
        gate_gradients: as of ``compute_gradients``.
        aggregation_method: likewise.
        colocate_gradients_with_ops: likewise.
        check_numerics: whether a loss that is no finite number stops the training.
    """
    # A tensor compares with nothing: only the number itself means the graph's.
    if isinstance(global_step, int):
        global_step = tf.train.get_or_create_global_step()
    total_loss = _after(tf.get_collection(tf.GraphKeys.UPDATE_OPS) if update_ops is None else update_ops, total_loss)
    gradients = optimizer.compute_gradients(
        total_loss,
        tf.trainable_variables() if variables_to_train is None else variables_to_train,
        gate_gradients,
        aggregation_method,
        colocate_gradients_with_ops,
    )
    if transform_grads_fn is not None:
        gradients = transform_grads_fn(gradients)
    if summarize_gradients:
        add_gradients_summaries(gradients)
    applied = optimizer.apply_gradients(gradients, global_step)
    with tf.name_scope("train_op"):
        if check_numerics:
            total_loss = tf.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = _after([applied], total_loss)
    tf.add_to_collection(tf.GraphKeys.TRAIN_OP, train_op)
    return train_op


@adds("contrib.slim.learning.create_train_op")
def slim_create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = _THE_GRAPHS,
    update_ops: Any = None,
    variables_to_train: Any = None,
    clip_gradient_norm: float = 0,
    summarize_gradients: bool = False,
    gate_gradients: int = tf.train.Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Any = None,
    check_numerics: bool = True,
) -> Any:
    """The same; gradients by factors (of variables), and each clipped by its own norm where that is above 0."""

    def transform(gradients: Sequence[Any]) -> Sequence[Any]:
        if gradient_multipliers:
            gradients = multiply_gradients(gradients, gradient_multipliers)
        return clip_gradient_norms(gradients, clip_gradient_norm) if clip_gradient_norm > 0 else gradients

    return create_train_op(
        total_loss, optimizer, global_step, update_ops, variables_to_train, transform, summarize_gradients,
        gate_gradients, aggregation_method, colocate_gradients_with_ops, check_numerics,
    )  # fmt: skip


@adds("contrib.training.train")
def train(
    train_op: Any,
    logdir: str | None,
    master: str = "",
    is_chief: bool = True,
    scaffold: Any = None,
    hooks: Any = None,
    chief_only_hooks: Any = None,
    save_checkpoint_secs: float | None = 600,
    save_summaries_steps: int | None = 100,
    config: Any = None,
    max_wait_secs: int = 7200,
    run_metadata: Any = None,
) -> Any:
    """Train until a hook stops it; returns the last loss."""
    loss = None
    with tf.train.MonitoredTrainingSession(
        master, is_chief, logdir, scaffold, hooks, chief_only_hooks, save_checkpoint_secs, save_summaries_steps,
        config=config, max_wait_secs=max_wait_secs,
    ) as session:  # fmt: skip
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
