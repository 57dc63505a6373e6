"""``tf.contrib.tpu``'s estimator on a CPU: scripts that were written for TPUs take ``use_tpu=False``, as on a desk."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any, TypeVar

from legacy_tf1 import tf
from legacy_tf1.compat.estimator.estimator import Estimator, EstimatorSpec, ModeKeys, RunConfig
from legacy_tf1.compat.registry import adds
from tfport.errors import UserError

T = TypeVar("T")


def _both(name: str) -> Callable[[T], T]:
    return adds(f"contrib.tpu.{name}", f"estimator.tpu.{name}")


@_both("TPUConfig")
class TPUConfig:
    """Options for a TPU, kept and not used."""

    def __init__(self, iterations_per_loop: int = 2, num_shards: int | None = None, **options: Any) -> None:
        self.iterations_per_loop, self.num_shards = iterations_per_loop, num_shards
        self.__dict__.update(options)


@_both("InputPipelineConfig")
class InputPipelineConfig:
    """How a TPU was fed."""

    PER_SHARD_V1, PER_HOST_V1, PER_HOST_V2, BROADCAST = 1, 2, 3, 4


@_both("RunConfig")
class TPURunConfig(RunConfig):
    """A :class:`RunConfig` with options for a TPU beside it."""

    def __init__(
        self, tpu_config: Any = None, evaluation_master: str | None = None, master: str | None = None,
        cluster: Any = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.tpu_config, self.cluster = tpu_config or TPUConfig(), cluster


@_both("TPUEstimatorSpec")
class TPUEstimatorSpec(
    collections.namedtuple(
        "TPUEstimatorSpec",
        "mode predictions loss train_op eval_metrics export_outputs scaffold_fn host_call training_hooks "
        "evaluation_hooks prediction_hooks",
        defaults=[None, None, None, None, None, None, None, None, None, None],
    )
):
    """What a ``model_fn`` returns; its metrics are a function and what that takes."""

    def as_estimator_spec(self) -> EstimatorSpec:
        """The same for a CPU."""
        metrics = None
        if self.mode == ModeKeys.EVAL and self.eval_metrics is not None:
            function, given = self.eval_metrics
            metrics = function(**given) if isinstance(given, dict) else function(*given)
        return EstimatorSpec(
            self.mode, self.predictions, self.loss, self.train_op, metrics, self.export_outputs,
            training_hooks=self.training_hooks, scaffold=self.scaffold_fn() if self.scaffold_fn else None,
            evaluation_hooks=self.evaluation_hooks, prediction_hooks=self.prediction_hooks,
        )  # fmt: skip


@_both("TPUEstimator")
class TPUEstimator(Estimator):
    """An estimator whose ``params`` have the size of a batch, for ``model_fn`` and ``input_fn``.

    Raises:
        UserError: a TPU is wanted, or embeddings that it would keep.
    """

    def __init__(
        self, model_fn: Callable[..., Any], model_dir: Any = None, config: Any = None, params: Any = None,
        use_tpu: bool = True, train_batch_size: int | None = None, eval_batch_size: int | None = None,
        predict_batch_size: int | None = None, batch_axis: Any = None, eval_on_tpu: bool = True,
        export_to_tpu: bool = True, export_to_cpu: bool = True, warm_start_from: Any = None,
        embedding_config_spec: Any = None, export_saved_model_api_version: Any = None,
        experimental_export_device_assignment: bool = False,
    ) -> None:  # fmt: skip
        if use_tpu:
            raise UserError("tf.contrib.tpu.TPUEstimator: there is no TPU here; most scripts take --use_tpu=False")
        if embedding_config_spec is not None:
            raise UserError("tf.contrib.tpu.TPUEstimator: embedding_config_spec is not supported: look up in model_fn")
        self._sizes = {
            ModeKeys.TRAIN: train_batch_size, ModeKeys.EVAL: eval_batch_size, ModeKeys.PREDICT: predict_batch_size
        }  # fmt: skip
        self._mode = ModeKeys.TRAIN
        super().__init__(model_fn, model_dir, config, params, warm_start_from)

    @property
    def params(self) -> Any:
        """With "batch_size" and "use_tpu" in them."""
        params = super().params
        more = {"use_tpu": False, "batch_size": self._sizes[self._mode]}
        for name, value in more.items():
            if value is not None:
                params[name] = value
        return params

    def _build(self, input_fn: Callable[..., Any], mode: str) -> Any:
        self._mode = mode
        return super()._build(input_fn, mode)

    def _adopt(self, found: Any, mode: str) -> Any:
        return found.as_estimator_spec() if isinstance(found, TPUEstimatorSpec) else found


@_both("CrossShardOptimizer")
class CrossShardOptimizer(tf.train.Optimizer):
    """The optimizer that it is given: there is one shard."""

    def __init__(
        self, opt: Any, reduction: Any = None, name: str = "CrossShardOptimizer", group_assignment: Any = None
    ) -> None:
        super().__init__(False, name)
        self._of = opt

    def compute_gradients(self, *arguments: Any, **options: Any) -> Any:
        """Gradients and variables, as the optimizer inside gives them."""
        return self._of.compute_gradients(*arguments, **options)

    def apply_gradients(self, *arguments: Any, **options: Any) -> Any:
        """The operation by which the optimizer inside changes the variables."""
        return self._of.apply_gradients(*arguments, **options)
