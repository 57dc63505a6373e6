"""Monitors, experiments and their runner of ``tf.contrib.learn``."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

T = TypeVar("T")


def _monitor(name: str) -> Callable[[T], T]:
    return adds(f"contrib.learn.monitors.{name}", f"contrib.learn.python.learn.monitors.{name}")


@_monitor("BaseMonitor")
class BaseMonitor:
    """Is told of each step; a subclass overrides what it wants to be told of."""

    def set_estimator(self, estimator: Any) -> None:
        """Whose training it is."""
        self._estimator = estimator

    def begin(self, max_steps: int | None = None) -> None:
        """Before the first step."""

    def end(self, session: Any = None) -> None:
        """After the last."""

    def step_begin(self, step: int) -> list[Any]:
        """Before a step: names of the tensors that it wants to see."""
        return []

    def step_end(self, step: int, output: dict[str, Any]) -> bool:
        """After a step: whether training shall end."""
        return False

    def post_step(self, step: int, session: Any) -> None:
        """After that."""

    def as_hook(self) -> Any:
        """For a monitored session."""
        return _Hook(self)


class _Hook(tf.train.SessionRunHook):
    def __init__(self, monitor: BaseMonitor) -> None:
        self._monitor = monitor

    def begin(self) -> None:
        self._step = tf.train.get_or_create_global_step()
        self._seen = -1
        self._monitor.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        self._seen = int(session.run(self._step))

    def before_run(self, run_context: Any) -> Any:
        graph = tf.get_default_graph()
        tensors = {}
        for name in self._monitor.step_begin(self._seen + 1) or []:
            tensors[name] = name if tf.is_tensor(name) else graph.as_graph_element(name)
        return tf.train.SessionRunArgs({"step": self._step, "tensors": tensors})

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._seen = int(run_values.results["step"])
        if self._monitor.step_end(self._seen, run_values.results["tensors"]):
            run_context.request_stop()
        self._monitor.post_step(self._seen, run_context.session)

    def end(self, session: Any) -> None:
        self._monitor.end(session)


@_monitor("EveryN")
class EveryN(BaseMonitor):
    """Is told of the first steps, and of every so many from then on."""

    def __init__(self, every_n_steps: int = 100, first_n_steps: int = 1) -> None:
        self._every_n_steps, self._first_n_steps = every_n_steps, first_n_steps
        self._last_active = 0

    def every_n_step_begin(self, step: int) -> list[Any]:
        """Before such a step: names of the tensors that it wants to see."""
        return []

    def every_n_step_end(self, step: int, outputs: dict[str, Any]) -> bool:
        """After it: whether training shall end."""
        return False

    def every_n_post_step(self, step: int, session: Any) -> None:
        """After that."""

    def _due(self, step: int) -> bool:
        return step <= self._first_n_steps or step >= self._last_active + self._every_n_steps

    def step_begin(self, step: int) -> list[Any]:
        """Where it is due."""
        return self.every_n_step_begin(step) or [] if self._due(step) else []

    def step_end(self, step: int, output: dict[str, Any]) -> bool:
        """Where it is due."""
        return self.every_n_step_end(step, output) if self._due(step) else False

    def post_step(self, step: int, session: Any) -> None:
        """Where it is due; the next time is counted from here."""
        if self._due(step):
            self.every_n_post_step(step, session)
            self._last_active = step


@_monitor("ValidationMonitor")
class ValidationMonitor(EveryN):
    """Evaluates the last checkpoint every so many steps, and ends training where a metric gets no better.

    Attributes:
        early_stopped, best_step, best_value, best_metrics: how it went.

    Raises:
        ValueError: neither arrays nor an ``input_fn`` are given.
    """

    def __init__(
        self, x: Any = None, y: Any = None, input_fn: Any = None, batch_size: int | None = None,
        eval_steps: int | None = None, every_n_steps: int = 100, metrics: Any = None, hooks: Any = None,
        early_stopping_rounds: int | None = None, early_stopping_metric: str = "loss",
        early_stopping_metric_minimize: bool = True, name: str | None = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(old.get("print_steps", every_n_steps), first_n_steps=-1)  # 0.8 called it so
        if x is None and input_fn is None:
            raise ValueError("ValidationMonitor has nothing to evaluate: give x, or input_fn")
        self._given = {
            "x": x, "y": y, "input_fn": input_fn, "batch_size": batch_size, "steps": eval_steps, "metrics": metrics,
            "hooks": hooks, "name": name,
        }  # fmt: skip
        self._rounds, self._metric, self._sign = (
            early_stopping_rounds, early_stopping_metric, 1 if early_stopping_metric_minimize else -1
        )  # fmt: skip
        self._latest: str | None = None
        self.early_stopped = False
        self.best_step: int | None = None
        self.best_value: Any = None
        self.best_metrics: Any = None

    def every_n_step_end(self, step: int, outputs: dict[str, Any]) -> bool:
        """Evaluates, if there is a new checkpoint."""
        latest = self._estimator.latest_checkpoint()
        if latest is None or latest == self._latest:
            return False
        self._latest = latest
        found = self._estimator.evaluate(**self._given)
        shown = ", ".join(f"{key} = {value}" for key, value in sorted(found.items()))
        tf.logging.info("Validation (step %d): %s", step, shown)
        if self._rounds is None:
            return False
        value = found.get(self._metric)
        if value is None:
            raise ValueError(f"early stopping watches {self._metric}, and the metrics are {', '.join(sorted(found))}")
        if self.best_value is None or self._sign * value < self._sign * self.best_value:
            self.best_value, self.best_metrics, self.best_step = value, dict(found), step
        self.early_stopped = step - (self.best_step or 0) >= self._rounds
        if self.early_stopped:
            tf.logging.info("Stopping. Best step: %s with %s = %s.", self.best_step, self._metric, self.best_value)
        return self.early_stopped


@_monitor("PrintTensor")
class PrintTensor(EveryN):
    """Logs tensors."""

    def __init__(self, tensor_names: Any, every_n: int = 100, first_n: int = 1) -> None:
        super().__init__(every_n, first_n)
        names = tensor_names if isinstance(tensor_names, dict) else {name: name for name in tensor_names}
        self._names = {label: name if ":" in name else f"{name}:0" for label, name in names.items()}

    def every_n_step_begin(self, step: int) -> list[Any]:
        """Their names."""
        return list(self._names.values())

    def every_n_step_end(self, step: int, outputs: dict[str, Any]) -> bool:
        """Logs them."""
        shown = [f"{label} = {outputs[name]}" for label, name in self._names.items() if name in outputs]
        tf.logging.info("Step %d: %s", step, ", ".join(shown))
        return False


@_monitor("CaptureVariable")
class CaptureVariable(EveryN):
    """Keeps a variable's values; ``values`` has them by step."""

    def __init__(self, var_name: str, every_n: int = 100, first_n: int = 1) -> None:
        super().__init__(every_n, first_n)
        self._name = var_name if ":" in var_name else f"{var_name}:0"
        self.values: dict[int, Any] = {}

    def every_n_step_begin(self, step: int) -> list[Any]:
        """Its name."""
        return [self._name]

    def every_n_step_end(self, step: int, outputs: dict[str, Any]) -> bool:
        """Keeps it."""
        self.values[step] = outputs[self._name]
        return False


# Of these hooks went on under other names.
for _old, _new in {
    "StopAtStep": tf.train.StopAtStepHook,
    "NanLoss": lambda loss_tensor, every_n_steps=100, fail_on_nan_loss=True: tf.train.NanTensorHook(
        loss_tensor, fail_on_nan_loss
    ),
    "RunHookAdapterForMonitors": lambda monitors: monitors,
    "replace_monitors_with_hooks": lambda monitors, estimator: monitors,
}.items():
    _monitor(_old)(_new)


# --- experiments ---


@adds("contrib.learn.Experiment")
class Experiment:
    """An estimator with all that its training and evaluation need.

    Raises:
        ValueError: there are ``export_strategies``, which nothing here carries out.
    """

    def __init__(
        self, estimator: Any, train_input_fn: Any, eval_input_fn: Any, eval_metrics: Any = None,
        train_steps: int | None = None, eval_steps: int | None = 100, train_monitors: Any = None,
        eval_hooks: Any = None, local_eval_frequency: Any = None, eval_delay_secs: int = 120,
        continuous_eval_throttle_secs: int = 60, min_eval_frequency: int | None = None,
        delay_workers_by_global_step: Any = False, export_strategies: Any = None,
        train_steps_per_iteration: int | None = None, **unused: Any,
    ) -> None:  # fmt: skip
        if export_strategies:
            raise ValueError(
                "Experiment: export_strategies are not supported by tfport; call the estimator's export_savedmodel"
            )
        self.estimator, self.train_steps, self.eval_steps = estimator, train_steps, eval_steps
        self._inputs, self._metrics, self._hooks = (train_input_fn, eval_input_fn), eval_metrics, eval_hooks
        self._monitors, self._every = list(train_monitors or ()), min_eval_frequency or local_eval_frequency
        self._per_iteration = train_steps_per_iteration

    def train(self, delay_secs: Any = None, max_steps: int | None = None) -> Any:
        """Train to step ``train_steps``."""
        most = self.train_steps if max_steps is None else max_steps
        if hasattr(self.estimator, "fit"):
            return self.estimator.fit(input_fn=self._inputs[0], max_steps=most, monitors=self._monitors)
        return self.estimator.train(self._inputs[0], hooks=self._monitors, max_steps=most)

    def evaluate(self, delay_secs: Any = None, name: str | None = None) -> dict[str, Any]:
        """Metrics of the last checkpoint."""
        options = {"metrics": self._metrics} if hasattr(self.estimator, "fit") else {}
        return self.estimator.evaluate(
            input_fn=self._inputs[1], steps=self.eval_steps, name=name, hooks=self._hooks, **options
        )

    def train_and_evaluate(self) -> Any:
        """Train, evaluating every ``min_eval_frequency`` steps where a checkpoint has been written, then evaluate."""
        if self._every and hasattr(self.estimator, "fit"):
            self._monitors.append(
                ValidationMonitor(
                    input_fn=self._inputs[1], eval_steps=self.eval_steps, metrics=self._metrics,
                    every_n_steps=self._every, name="validation", hooks=self._hooks,
                )
            )  # fmt: skip
        self.train()
        return self.evaluate(), []

    def continuous_train_and_eval(self, continuous_eval_predicate_fn: Any = None) -> Any:
        """Train and evaluate in turns of ``train_steps_per_iteration`` steps, up to step ``train_steps``."""
        done, found = 0, None
        per = self._per_iteration or self._every or (self.train_steps or 1000) // 10 or 1
        while self.train_steps is None or done < self.train_steps:
            if continuous_eval_predicate_fn is not None and not continuous_eval_predicate_fn(found):
                break
            before, done = done, done + per if self.train_steps is None else min(done + per, self.train_steps)
            self.train(max_steps=done)
            found = self.evaluate()
            if int(found["global_step"]) <= before:
                break  # the input has ended
        return found, []

    local_run = train_and_evaluate
    continuous_train_and_evaluate = continuous_train_and_eval

    def test(self) -> Any:
        """A step, and an evaluation of one."""
        self.eval_steps = 1
        self.train(max_steps=1)
        return self.evaluate(), []


@adds("contrib.learn.learn_runner.run", "contrib.learn.python.learn.learn_runner.run")
def run(
    experiment_fn: Callable[..., Experiment], output_dir: str | None = None, schedule: str | None = None,
    run_config: Any = None, hparams: Any = None,
) -> Any:  # fmt: skip
    """Make an experiment and run one of its methods, ``train_and_evaluate`` unless ``schedule`` names another.

    Raises:
        ValueError: neither ``output_dir`` nor ``run_config`` is given, or there is no such method.
    """
    if (output_dir is None) == (run_config is None):
        raise ValueError("learn_runner.run takes either output_dir or run_config, which names the folder itself")
    if run_config is not None:
        taken = len(inspect.signature(experiment_fn).parameters)
        experiment = experiment_fn(run_config, hparams) if taken > 1 else experiment_fn(run_config)
    else:
        experiment = experiment_fn(output_dir=os.fspath(output_dir))  # type: ignore[arg-type]
    chosen = getattr(experiment, schedule or "train_and_evaluate", None)
    if chosen is None:
        raise ValueError(f"an experiment has no method {schedule}, which schedule names")
    return chosen()
