"""``tf.keras.estimator.model_to_estimator``."""

from __future__ import annotations

from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys
from legacy_tf1.compat.estimator.export import DEFAULT, PredictOutput
from legacy_tf1.compat.registry import adds


def _ordered(given: Any, names: list[str], what: str) -> list[Any]:
    """Tensors in the order of a model's inputs or outputs."""
    if not isinstance(given, dict):
        return list(given) if isinstance(given, (list, tuple)) else [given]
    if missing := set(names) - set(given):
        raise ValueError(
            f"the Keras model's {what} {sorted(missing)[0]!r} is not in what input_fn gives, which is called "
            f"{', '.join(sorted(map(str, given)))}"
        )
    return [given[name] for name in names]


def _again(optimizer: Any) -> Any:
    """The same optimizer for another graph."""
    wrapped = getattr(optimizer, "optimizer", None)  # one of tf.train
    return wrapped if isinstance(wrapped, tf.train.Optimizer) else type(optimizer).from_config(optimizer.get_config())


@adds("keras.estimator.model_to_estimator")
def model_to_estimator(
    keras_model: Any = None, keras_model_path: Any = None, custom_objects: Any = None, model_dir: Any = None,
    config: Any = None, checkpoint_format: str = "saver",
) -> Estimator:  # fmt: skip
    """An estimator that trains a copy of a compiled Keras model, from the weights that it has.

    Args:
        keras_model: the model, or
        keras_model_path: a file of it.
        custom_objects: for that file.
        model_dir: as for any estimator.
        config: likewise.
        checkpoint_format: not needed here.

    Raises:
        ValueError: no model, or both; or it is not compiled.
    """
    if (keras_model is None) == (keras_model_path is None):
        raise ValueError("model_to_estimator takes a model or a path to one: either keras_model or keras_model_path")
    if keras_model is None:
        keras_model = tf.keras.models.load_model(keras_model_path, custom_objects)
    source = keras_model
    if not getattr(source, "optimizer", None):
        raise ValueError("the Keras model has no optimizer: call its compile() before model_to_estimator")
    first = source.get_weights()

    def model_fn(features: Any, labels: Any, mode: str) -> EstimatorSpec:
        tf.keras.backend.set_learning_phase(int(mode == ModeKeys.TRAIN))
        given = [
            tf.cast(tensor, source.inputs[place].dtype)
            for place, tensor in enumerate(_ordered(features, source.input_names, "input"))
        ]
        model = tf.keras.models.clone_model(source, given)
        predictions = dict(zip(source.output_names, model.outputs, strict=True))
        loss = train = None
        metrics: dict[str, Any] = {}
        if mode != ModeKeys.PREDICT:
            targets = [
                label[:, tf.newaxis] if label.shape.rank == 1 else label
                for label in _ordered(labels, source.output_names, "output")
            ]
            model.compile(
                _again(source.optimizer), source.loss, metrics=source._compile_metrics,
                loss_weights=source.loss_weights, target_tensors=targets,
            )  # fmt: skip
            loss = model.total_loss
            if mode == ModeKeys.TRAIN:
                model._make_train_function()
                with tf.control_dependencies([model.train_function.updates_op]):
                    train = tf.assign_add(tf.train.get_global_step(), 1)
            else:
                metrics = {metric.name: metric for metric in model.metrics}
        # Where there is no checkpoint yet.
        pairs = list(zip(model.weights, first, strict=True))
        scaffold = tf.train.Scaffold(init_fn=lambda scaffold, session: [w.load(v, session) for w, v in pairs])
        exports = {DEFAULT: PredictOutput(predictions)}
        return EstimatorSpec(mode, predictions, loss, train, metrics, exports, scaffold=scaffold)

    return Estimator(model_fn, model_dir, config)
