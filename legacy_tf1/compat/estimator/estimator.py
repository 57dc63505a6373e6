"""The estimator itself: a ``model_fn``, trained, evaluated and asked in a graph of its own."""

from __future__ import annotations

import collections
import copy
import inspect
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from legacy_tf1 import tf
from legacy_tf1.compat.estimator import export, inputs
from legacy_tf1.compat.registry import ADDED, adds

_evaluations = itertools.count()


@adds("estimator.ModeKeys", "contrib.learn.ModeKeys", "contrib.learn.estimators.model_fn.ModeKeys")
class ModeKeys:
    """What a ``model_fn`` is asked for."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = INFER = "infer"


@adds("estimator.EstimatorSpec")
class EstimatorSpec(
    collections.namedtuple(
        "EstimatorSpec",
        "mode predictions loss train_op eval_metric_ops export_outputs training_chief_hooks training_hooks scaffold "
        "evaluation_hooks prediction_hooks",
    )
):
    """What a ``model_fn`` returns."""

    def __new__(
        cls,
        mode: str,
        predictions: Any = None,
        loss: Any = None,
        train_op: Any = None,
        eval_metric_ops: Any = None,
        export_outputs: Any = None,
        training_chief_hooks: Any = None,
        training_hooks: Any = None,
        scaffold: Any = None,
        evaluation_hooks: Any = None,
        prediction_hooks: Any = None,
    ) -> EstimatorSpec:
        """Made with what the mode needs.

        Raises:
            ValueError: that is missing.
        """
        needed = {ModeKeys.TRAIN: {"loss": loss, "train_op": train_op}, ModeKeys.EVAL: {"loss": loss}}
        for name, value in needed.get(mode, {"predictions": predictions}).items():
            if value is None:
                raise ValueError(f"Missing {name}.")
        if loss is not None and loss.shape.rank == 1:
            loss = tf.reshape(loss, [])
        return super().__new__(
            cls, mode, predictions, loss, train_op, eval_metric_ops or {}, export_outputs,
            tuple(training_chief_hooks or ()), tuple(training_hooks or ()), scaffold, tuple(evaluation_hooks or ()),
            tuple(prediction_hooks or ()),
        )  # fmt: skip


@adds("estimator.RunConfig")
class RunConfig:
    """How a model is run: on this machine, by one worker.

    Raises:
        ValueError: checkpoints are wanted both by steps and by seconds, or an option is unknown.
    """

    master = evaluation_master = ""
    is_chief = True
    task_type, task_id, global_id_in_cluster = "worker", 0, 0
    num_ps_replicas, num_worker_replicas = 0, 1
    cluster_spec = service = None

    def __init__(
        self,
        model_dir: str | None = None,
        tf_random_seed: int | None = None,
        save_summary_steps: int = 100,
        save_checkpoints_steps: int | None = None,
        save_checkpoints_secs: int | None = None,
        session_config: Any = None,
        keep_checkpoint_max: int = 5,
        keep_checkpoint_every_n_hours: float = 10000,
        log_step_count_steps: int | None = 100,
        **distribution: Any,
    ) -> None:
        if save_checkpoints_steps is not None and save_checkpoints_secs is not None:
            raise ValueError("RunConfig: checkpoints are written by steps or by seconds, not by both; leave one out")
        if save_checkpoints_steps is None and save_checkpoints_secs is None:
            save_checkpoints_secs = 600
        self.model_dir, self.tf_random_seed, self.session_config = model_dir, tf_random_seed, session_config
        self.save_checkpoints_steps, self.save_checkpoints_secs = save_checkpoints_steps, save_checkpoints_secs
        self.save_summary_steps, self.log_step_count_steps = save_summary_steps, log_step_count_steps
        self.keep_checkpoint_max = keep_checkpoint_max
        self.keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        known = {
            "train_distribute", "device_fn", "protocol", "eval_distribute", "experimental_distribute",
            "experimental_max_worker_delay_secs", "session_creation_timeout_secs", "checkpoint_save_graph_def",
        }  # fmt: skip
        if unknown := set(distribution) - known:
            raise ValueError(f"RunConfig has no option {', '.join(sorted(unknown))}")
        self.__dict__.update({**dict.fromkeys(known), **distribution})

    def replace(self, **options: Any) -> RunConfig:
        """A copy with other values."""
        other = copy.copy(self)
        if options.get("save_checkpoints_steps") is not None:
            other.save_checkpoints_secs = None
        if options.get("save_checkpoints_secs") is not None:
            other.save_checkpoints_steps = None
        other.__dict__.update(options)
        return other


@adds("estimator.WarmStartSettings")
class WarmStartSettings(
    collections.namedtuple(
        "WarmStartSettings",
        "ckpt_to_initialize_from vars_to_warm_start var_name_to_vocab_info var_name_to_prev_var_name",
    )
):
    """Where weights come from at the first step; see ``tf.train.warm_start``."""

    def __new__(
        cls, ckpt_to_initialize_from: str, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
        var_name_to_prev_var_name: Any = None,
    ) -> WarmStartSettings:  # fmt: skip
        """Made."""
        return super().__new__(
            cls, ckpt_to_initialize_from, vars_to_warm_start, var_name_to_vocab_info, var_name_to_prev_var_name
        )


ADDED["estimator.VocabInfo"] = tf.train.VocabInfo


@adds("estimator.Estimator")
class Estimator:
    """Trains, evaluates and asks a model that a function describes.

    Args:
        model_fn: ``model_fn(features, labels, mode, params, config)``, the last three where it takes them.
        model_dir: folder of checkpoints and summaries; a temporary one where it is not given.
        config: a :class:`RunConfig`.
        params: for ``model_fn``.
        warm_start_from: checkpoint, folder of one, or :class:`WarmStartSettings`.
    """

    def __init__(
        self, model_fn: Callable[..., Any], model_dir: Any = None, config: Any = None, params: Any = None,
        warm_start_from: Any = None,
    ) -> None:  # fmt: skip
        self._model_fn, self._params = model_fn, copy.deepcopy(params) if params is not None else {}
        config = config or RunConfig()
        given = model_dir or config.model_dir
        if given is None:
            given = tempfile.mkdtemp()
            tf.logging.warning("Using temporary folder as model directory: %s", given)
        self._model_dir = os.fspath(given)
        self._config: Any = config.replace(model_dir=self._model_dir)
        # A folder of checkpoints, or a SavedModel, whose variables are one.
        if isinstance(warm_start_from, (str, bytes, os.PathLike)):
            path = os.fsdecode(warm_start_from)
            saved = os.path.join(path, "variables", "variables")
            warm_start_from = WarmStartSettings(saved if os.path.exists(saved + ".index") else path)
        self._warm_start = warm_start_from

    @property
    def model_dir(self) -> str:
        """Folder of checkpoints and summaries."""
        return self._model_dir

    @property
    def config(self) -> Any:
        """How the model is run."""
        return copy.copy(self._config)

    @property
    def params(self) -> Any:
        """A copy of what ``model_fn`` gets."""
        return copy.deepcopy(self._params)

    @property
    def model_fn(self) -> Callable[..., Any]:
        """With features, labels, mode and config."""
        return lambda features, labels, mode, config: self._call(features, labels, mode)

    def _call(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        taken = inspect.signature(self._model_fn).parameters
        everything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values())
        options = {"labels": labels, "mode": mode, "params": self.params, "config": self.config}
        wanted = {name: value for name, value in options.items() if everything or name in taken}
        if "features" in taken:
            spec = self._adopt(self._model_fn(features=features, **wanted), mode)
        else:
            spec = self._adopt(self._model_fn(features, **wanted), mode)
        if not isinstance(spec, EstimatorSpec):
            raise ValueError(f"model_fn returned {type(spec).__name__} instead of an EstimatorSpec")
        return spec

    def _adopt(self, found: Any, mode: str) -> Any:
        """What ``model_fn`` returned, as an :class:`EstimatorSpec` where a subclass takes something else."""
        return found

    def _build(self, input_fn: Callable[..., Any], mode: str) -> tuple[Any, EstimatorSpec, Any]:
        if self._config.tf_random_seed is not None:
            tf.set_random_seed(self._config.tf_random_seed)
        step = tf.train.get_or_create_global_step()
        features, labels = inputs.tensors(input_fn, mode, self.params, self.config)
        return step, self._call(features, labels, mode), features

    def train(
        self, input_fn: Callable[..., Any], hooks: Any = None, steps: int | None = None, max_steps: int | None = None,
        saving_listeners: Any = None,
    ) -> Any:  # fmt: skip
        """Train for ``steps`` steps more, up to step ``max_steps``, or until the input ends.

        Raises:
            ValueError: both are given, or a number that is not positive.
        """
        if steps is not None and max_steps is not None:
            raise ValueError("train: steps are further ones, max_steps those of all runs; leave one out")
        for name, number in (("steps", steps), ("max_steps", max_steps)):
            if number is not None and number <= 0:
                raise ValueError(f"train: {name} must be positive, not {number}")
        if max_steps is not None and (self._step() or 0) >= max_steps:
            tf.logging.info("Skipping training since max_steps has already saved.")
            return self
        config = self._config
        with tf.Graph().as_default():
            step, spec, _ = self._build(input_fn, ModeKeys.TRAIN)
            if self._warm_start is not None and self.latest_checkpoint() is None:
                tf.train.warm_start(*self._warm_start)
            if not any(each.op.name == "loss" for each in tf.get_collection(tf.GraphKeys.SUMMARIES)):
                tf.summary.scalar("loss", spec.loss)
            if not (tf.get_collection(tf.GraphKeys.SAVERS) or (spec.scaffold and spec.scaffold.saver)):
                saver = tf.train.Saver(
                    sharded=True,
                    max_to_keep=config.keep_checkpoint_max,
                    keep_checkpoint_every_n_hours=config.keep_checkpoint_every_n_hours,
                    defer_build=True,
                    save_relative_paths=True,
                )
                tf.add_to_collection(tf.GraphKeys.SAVERS, saver)
            everything: list[Any] = [tf.train.NanTensorHook(spec.loss)]
            if config.log_step_count_steps:
                log = {"loss": spec.loss, "step": step}
                everything.append(tf.train.LoggingTensorHook(log, every_n_iter=config.log_step_count_steps))
            if steps is not None or max_steps is not None:
                everything.append(tf.train.StopAtStepHook(steps, max_steps))
            everything += [*(hooks or ()), *spec.training_hooks, *spec.training_chief_hooks]
            scaffold = spec.scaffold or tf.train.Scaffold()
            by_secs, by_steps = config.save_checkpoints_secs, config.save_checkpoints_steps
            savers = [each for each in everything if isinstance(each, tf.train.CheckpointSaverHook)]
            if (by_secs or by_steps) and not savers:
                savers = [tf.train.CheckpointSaverHook(self._model_dir, by_secs, by_steps, scaffold=scaffold)]
                everything += savers
            for listener in saving_listeners or ():
                savers[0]._listeners.append(listener)
            loss = None
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=self._model_dir,
                scaffold=scaffold,
                hooks=everything,
                save_checkpoint_secs=0,
                save_summaries_steps=config.save_summary_steps,
                config=config.session_config,
                log_step_count_steps=config.log_step_count_steps,
            ) as session:
                while not session.should_stop():
                    _, loss = session.run([spec.train_op, spec.loss])
            tf.logging.info("Loss for final step: %s.", loss)
        return self

    def evaluate(
        self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Any = None,
        checkpoint_path: str | None = None, name: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Metrics over the input, or over ``steps`` batches of it; with "loss" and "global_step"."""
        if steps is not None and steps <= 0:
            raise ValueError(f"evaluate: steps must be positive, not {steps}")
        with tf.Graph().as_default():
            step, spec, _ = self._build(input_fn, ModeKeys.EVAL)
            metrics = {key: _as_pair(metric) for key, metric in spec.eval_metric_ops.items()}
            metrics.setdefault("loss", tf.metrics.mean(spec.loss))
            values = {key: metric[0] for key, metric in metrics.items()}
            updates = [metric[1] for metric in metrics.values()]
            done = 0
            with self._restored(spec, checkpoint_path, [*(hooks or ()), *spec.evaluation_hooks], "evaluate") as session:
                while (steps is None or done < steps) and not session.should_stop():
                    try:
                        session.run(updates)
                    except tf.errors.OutOfRangeError:
                        break
                    done += 1
                found = self._session_of(session).run({**values, "global_step": step})
            shown = ", ".join(f"{key} = {found[key]}" for key in sorted(found))
            tf.logging.info("Saving dict for global step %s: %s", found["global_step"], shown)
            # A name of its own: two evaluations of one second would write the same file.
            with tf.summary.FileWriter(self.eval_dir(name), filename_suffix=f".{next(_evaluations)}") as writer:
                scalars = [
                    tf.Summary.Value(tag=key, simple_value=float(value))
                    for key, value in found.items()
                    if key != "global_step" and np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fiub"
                ]
                writer.add_summary(tf.Summary(value=scalars), int(found["global_step"]))
        return dict(found)

    def predict(
        self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Any = None,
        checkpoint_path: str | None = None, yield_single_examples: bool = True,
    ) -> Iterator[Any]:  # fmt: skip
        """Yields what the model predicts of each example (or of each batch).

        Raises:
            ValueError: none of ``predict_keys`` is predicted, or predictions have different lengths.
        """
        for batch in self._batches(input_fn, predict_keys, hooks, checkpoint_path, for_ever=True):
            if not yield_single_examples:
                yield batch
            elif isinstance(batch, dict):
                sizes = {len(value) for value in batch.values()}
                if len(sizes) != 1:
                    raise ValueError(
                        f"predictions of one batch have as many rows as each other, and these have {sizes}"
                    )
                for row in range(*sizes):
                    yield {key: value[row] for key, value in batch.items()}
            else:
                yield from batch

    def _batches(
        self, input_fn: Callable[..., Any], keys: Any, hooks: Any, path: str | None, *, for_ever: bool
    ) -> Iterator[Any]:
        """What the model predicts of each batch; of an input that never changes for ever, or once."""
        with tf.Graph().as_default() as graph:
            _, spec, _ = self._build(input_fn, ModeKeys.PREDICT)
            predictions = spec.predictions
            if keys is not None:
                if not isinstance(predictions, dict):
                    raise ValueError("predict_keys picks predictions by name, and those of this model_fn have none")
                wanted = [keys] if isinstance(keys, str) else list(keys)
                if not set(wanted) & set(predictions):
                    raise ValueError(
                        f"predict_keys names {', '.join(wanted)}; the predictions are {', '.join(sorted(predictions))}"
                    )
                predictions = {key: value for key, value in predictions.items() if key in wanted}
            session = self._restored(spec, path, [*(hooks or ()), *spec.prediction_hooks], "predict")
        once = inputs.is_constant(graph)
        if once and for_ever:
            tf.logging.warning("Input graph does not use tf.data.Dataset or contain a QueueRunner: predict never ends.")
        ended = tf.errors.OutOfRangeError  # looked up at once: an iterator may outlive its modules at the exit
        # Outside the graph: who asks for the predictions may build another one between two of them.
        with session:
            while not session.should_stop():
                try:
                    yield session.run(predictions)
                except ended:
                    return
                if once and not for_ever:
                    return

    def _restored(self, spec: EstimatorSpec, path: str | None, hooks: Sequence[Any], what: str) -> Any:
        path = path or self.latest_checkpoint()
        if path is None:
            tf.logging.info("Could not find trained model in model_dir: %s, running initialization to %s.",
                            self._model_dir, what)  # fmt: skip
        creator = tf.train.ChiefSessionCreator(
            spec.scaffold, config=self._config.session_config, checkpoint_filename_with_path=path
        )
        return tf.train.MonitoredSession(creator, hooks)

    @staticmethod
    def _session_of(session: Any) -> Any:
        # The bare session: a monitored one asks the input for another batch where hooks want it.
        while not isinstance(session, tf.Session):
            session = session._sess if hasattr(session, "_sess") else session._tf_sess()
        return session

    def export_saved_model(
        self, export_dir_base: Any, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None,
        as_text: bool = False, checkpoint_path: str | None = None, experimental_mode: str = ModeKeys.PREDICT,
        strip_default_attrs: bool = True,
    ) -> bytes:  # fmt: skip
        """Write a SavedModel into a folder named by the time; returns its path.

        Raises:
            ValueError: there is no checkpoint.
        """
        path = checkpoint_path or self.latest_checkpoint()
        if path is None:
            raise ValueError(f"there is no checkpoint in {self._model_dir}: train the model before")
        with tf.Graph().as_default():
            tf.train.get_or_create_global_step()
            receiver = serving_input_receiver_fn()
            labels = getattr(receiver, "labels", None)
            spec = self._call(receiver.features, labels, experimental_mode)
            return export.write(spec, receiver, path, export_dir_base, assets_extra, as_text)

    export_savedmodel = export_saved_model

    def latest_checkpoint(self) -> str | None:
        """Path of the last one, if there is any."""
        return tf.train.latest_checkpoint(self._model_dir)

    def eval_dir(self, name: str | None = None) -> str:
        """Folder of an evaluation's summaries."""
        return os.path.join(self._model_dir, f"eval_{name}" if name else "eval")

    def _step(self) -> int | None:
        path = self.latest_checkpoint()
        return int(tf.train.load_variable(path, "global_step")) if path else None

    def get_variable_names(self) -> list[str]:
        """Of the last checkpoint.

        Raises:
            ValueError: there is none.
        """
        return [name for name, _ in tf.train.list_variables(self._trained())]

    def get_variable_value(self, name: str) -> Any:
        """In the last checkpoint; as :meth:`get_variable_names`."""
        return tf.train.load_variable(self._trained(), name)

    def _trained(self) -> str:
        if self.latest_checkpoint() is None:
            raise ValueError("Estimator has not been trained yet.")
        return self._model_dir


def _as_pair(metric: Any) -> tuple[Any, Any]:
    """Value and update of a metric: a pair of them, or one of Keras's."""
    if isinstance(metric, tuple):
        return metric
    for variable in metric.variables:
        tf.add_to_collection(tf.GraphKeys.LOCAL_VARIABLES, variable)
    return metric.result(), tf.group(*metric.updates)
