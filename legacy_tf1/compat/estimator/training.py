"""``train_and_evaluate``, its specifications, and hooks that stop early."""

from __future__ import annotations

import collections
import glob
import operator
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from legacy_tf1 import tf
from legacy_tf1.compat.registry import adds

T = TypeVar("T")


@adds("estimator.TrainSpec")
class TrainSpec(collections.namedtuple("TrainSpec", "input_fn max_steps hooks saving_listeners")):
    """For :func:`train_and_evaluate`."""

    def __new__(
        cls, input_fn: Any, max_steps: int | None = None, hooks: Any = None, saving_listeners: Any = None
    ) -> TrainSpec:
        """Made."""
        return super().__new__(cls, input_fn, max_steps, tuple(hooks or ()), tuple(saving_listeners or ()))


@adds("estimator.EvalSpec")
class EvalSpec(
    collections.namedtuple("EvalSpec", "input_fn steps name hooks exporters start_delay_secs throttle_secs")
):
    """For :func:`train_and_evaluate`."""

    def __new__(
        cls, input_fn: Any, steps: int | None = 100, name: str | None = None, hooks: Any = None, exporters: Any = None,
        start_delay_secs: int = 120, throttle_secs: int = 600,
    ) -> EvalSpec:  # fmt: skip
        """Made; a single exporter may stand for a list of one."""
        several = exporters if isinstance(exporters, Sequence) else () if exporters is None else (exporters,)
        return super().__new__(
            cls, input_fn, steps, name, tuple(hooks or ()), tuple(several), start_delay_secs, throttle_secs
        )


class _Evaluates(tf.train.CheckpointSaverListener):
    """Evaluates a checkpoint when it has been written, if the last time is ``throttle_secs`` ago, and the last one."""

    def __init__(self, estimator: Any, spec: EvalSpec, max_steps: int | None) -> None:
        self._estimator, self._spec, self._max_steps = estimator, spec, max_steps
        self._first: int | None = None
        self._last, self._done_at = -1, time.monotonic()
        self.result: Any = None
        self.exports: list[Any] = []

    def after_save(self, session: Any, global_step_value: int) -> None:
        """Of the hook that writes checkpoints; the one before the first step is not asked."""
        if self._first is None:
            self._first = global_step_value
        elif time.monotonic() - self._done_at >= self._spec.throttle_secs:
            self.evaluate(global_step_value, final=self._max_steps is not None and global_step_value >= self._max_steps)

    def end(self, session: Any, global_step_value: int) -> None:
        """Of the hook that writes checkpoints."""
        if self._last != global_step_value:
            self.evaluate(global_step_value, final=True)

    def evaluate(self, step: int, *, final: bool) -> None:
        """Ask the last checkpoint, and give the result to the exporters."""
        spec = self._spec
        self.result = self._estimator.evaluate(spec.input_fn, spec.steps, spec.hooks, name=spec.name)
        self._last, self._done_at = step, time.monotonic()
        self.exports = [
            exporter.export(
                self._estimator,
                os.path.join(self._estimator.model_dir, "export", exporter.name),
                self._estimator.latest_checkpoint(),
                self.result,
                final,
            )
            for exporter in spec.exporters
        ]


@adds("estimator.train_and_evaluate")
def train_and_evaluate(estimator: Any, train_spec: TrainSpec, eval_spec: EvalSpec) -> Any:
    """Train, evaluating checkpoints as they are written.

    Returns:
        The last metrics, and what the exporters returned.
    """
    listener = _Evaluates(estimator, eval_spec, train_spec.max_steps)
    estimator.train(
        train_spec.input_fn,
        hooks=train_spec.hooks,
        max_steps=train_spec.max_steps,
        saving_listeners=[*train_spec.saving_listeners, listener],
    )
    return listener.result, listener.exports


class _Stops(tf.train.SessionRunHook):
    def __init__(self, should_stop: Callable[[], bool], every_secs: Any, every_steps: Any) -> None:
        self._should_stop = should_stop
        self._timer = tf.train.SecondOrStepTimer(every_secs, every_steps)

    def begin(self) -> None:
        self._timer.reset()
        self._step = tf.train.get_or_create_global_step()

    def before_run(self, run_context: Any) -> Any:
        return tf.train.SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._timer.should_trigger_for_step(run_values.results):
            self._timer.update_last_triggered_step(run_values.results)
            if self._should_stop():
                tf.logging.info("Requesting early stopping at global step %d", run_values.results)
                run_context.request_stop()


def _both(name: str) -> Callable[[T], T]:
    return adds(f"estimator.experimental.{name}", f"contrib.estimator.{name}")


@_both("make_early_stopping_hook")
def make_early_stopping_hook(
    estimator: Any, should_stop_fn: Callable[[], bool], run_every_secs: Any = 60, run_every_steps: Any = None
) -> Any:
    """A hook that ends training where a function says so.

    Args:
        estimator: not needed here.
        should_stop_fn: says so.
        run_every_secs: how often it is asked; or
        run_every_steps: after how many steps.

    Raises:
        ValueError: both are given, or neither.
    """
    if (run_every_secs is None) == (run_every_steps is None):
        raise ValueError("how often to look is said in seconds or in steps: either run_every_secs or run_every_steps")
    return _Stops(should_stop_fn, run_every_secs, run_every_steps)


@_both("read_eval_metrics")
def read_eval_metrics(eval_dir: str) -> dict[int, dict[str, float]]:
    """What evaluations wrote into a folder: step → metric → value, by step."""
    found: dict[int, dict[str, float]] = {}
    for path in sorted(glob.glob(os.path.join(eval_dir, "*tfevents*"))):
        for event in tf.train.summary_iterator(path):
            values = {value.tag: value.simple_value for value in event.summary.value if value.HasField("simple_value")}
            if values:
                found.setdefault(event.step, {}).update(values)
    return dict(sorted(found.items()))


def _on_metric(
    estimator: Any, name: str, stops: Callable[[list[tuple[int, float]]], bool], eval_dir: str | None, min_steps: int,
    *when: Any,
) -> Any:  # fmt: skip
    folder = eval_dir or estimator.eval_dir()

    def should_stop() -> bool:
        seen = [(step, values[name]) for step, values in read_eval_metrics(folder).items() if name in values]
        return stops([each for each in seen if each[0] >= min_steps])

    return make_early_stopping_hook(estimator, should_stop, *when)


@_both("stop_if_higher_hook")
def stop_if_higher_hook(
    estimator: Any, metric_name: str, threshold: float, eval_dir: str | None = None, min_steps: int = 0,
    run_every_secs: Any = 60, run_every_steps: Any = None,
) -> Any:  # fmt: skip
    """A hook that ends training once evaluations have found a metric above a threshold."""
    stops = lambda seen: any(value > threshold for _, value in seen)  # noqa: E731
    return _on_metric(estimator, metric_name, stops, eval_dir, min_steps, run_every_secs, run_every_steps)


@_both("stop_if_lower_hook")
def stop_if_lower_hook(
    estimator: Any, metric_name: str, threshold: float, eval_dir: str | None = None, min_steps: int = 0,
    run_every_secs: Any = 60, run_every_steps: Any = None,
) -> Any:  # fmt: skip
    """The same, below it."""
    stops = lambda seen: any(value < threshold for _, value in seen)  # noqa: E731
    return _on_metric(estimator, metric_name, stops, eval_dir, min_steps, run_every_secs, run_every_steps)


def _stale(better: Callable[[float, float], bool], most: int) -> Callable[[list[tuple[int, float]]], bool]:
    def stops(seen: list[tuple[int, float]]) -> bool:
        best: tuple[int, float] | None = None
        for step, value in seen:
            if best is None or better(value, best[1]):
                best = step, value
            elif step - best[0] >= most:
                return True
        return False

    return stops


@_both("stop_if_no_decrease_hook")
def stop_if_no_decrease_hook(
    estimator: Any, metric_name: str, max_steps_without_decrease: int, eval_dir: str | None = None, min_steps: int = 0,
    run_every_secs: Any = 60, run_every_steps: Any = None,
) -> Any:  # fmt: skip
    """A hook that ends training once a metric has not gone down for so many steps."""
    stops = _stale(operator.lt, max_steps_without_decrease)
    return _on_metric(estimator, metric_name, stops, eval_dir, min_steps, run_every_secs, run_every_steps)


@_both("stop_if_no_increase_hook")
def stop_if_no_increase_hook(
    estimator: Any, metric_name: str, max_steps_without_increase: int, eval_dir: str | None = None, min_steps: int = 0,
    run_every_secs: Any = 60, run_every_steps: Any = None,
) -> Any:  # fmt: skip
    """The same, not gone up."""
    stops = _stale(operator.gt, max_steps_without_increase)
    return _on_metric(estimator, metric_name, stops, eval_dir, min_steps, run_every_secs, run_every_steps)
