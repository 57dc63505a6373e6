"""The two programs of a pair, opened up so that weights, batches and dropout's random numbers can be shared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from tfport import keras, training
from tfport.data import Digits, Problem, Samples, Split, batch_indices
from tfport.errors import UserError
from tfport.registry import Tutorial
from tfport.training.dropout import uniform
from tfport.training.optimizers import value_of

v1 = tf.compat.v1
Curve = list[tuple[int, float, "float | None"]]  # updates, loss, accuracy
APPLY_OPS = {
    # op type → inputs that are slots; the last input is always the gradient, the first the variable
    "ResourceApplyAdam": (1, 2),
    "ResourceApplyGradientDescent": (),
}


@dataclass(frozen=True)
class Pair:
    """Two programs to compare; what of them is used is described in :mod:`tfport.registry`."""

    name: str
    legacy: Any
    twin: Any
    margin: float = 0.5
    printed_accuracy: float | None = None
    printed_within: float = 0.5
    band: tuple[float, float] | None = None
    printed_losses: tuple[tuple[int, float], ...] = ()
    losses_within: float = 1e-3
    edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, tutorial: Tutorial) -> Pair:
        """The pair of a registry row."""
        shared = {
            field.name: getattr(tutorial, field.name)
            for field in dataclasses.fields(cls)
            if field.name not in ("legacy", "twin")
        }
        return cls(legacy=tutorial.legacy_module(), twin=tutorial.twin_module(), **shared)

    def problem(self, settings: Mapping[str, Any]) -> Any:
        """The :class:`tfport.data.Problem` that both programs learn from; None where they learn from digits."""
        return self.twin.load(self.twin_config(settings)) if hasattr(self.twin, "load") else None

    def legacy_config(self, settings: Mapping[str, Any], **wanted: Any) -> Any:
        """Configuration of the graph-mode program.

        Args:
            settings: flags that it must have.
            **wanted: flags that are set where it has them.

        Raises:
            UserError: a setting that it does not have.
        """
        config = _configure(self.legacy.Config, settings, {**wanted, "log_dir": ""})
        for_updates = getattr(config, "for_updates", None)
        return for_updates(wanted["steps"]) if for_updates and wanted.get("steps") else config

    def twin_config(self, settings: Mapping[str, Any], **wanted: Any) -> Any:
        """Configuration of the Keras program, likewise."""
        return _configure(self.twin.Config, settings, wanted)


def _configure(config: Any, settings: Mapping[str, Any], wanted: Mapping[str, Any]) -> Any:
    given = config.parse(
        [f"--{name}={value}" for name, value in settings.items()], prog=config.__module__, description=""
    )
    names = {field.name for field in dataclasses.fields(config)}
    # None asks for nothing: the program's own default stands.
    changes = {name: value for name, value in wanted.items() if name in names and value is not None}
    return dataclasses.replace(given, **changes)


class GraphSide:
    """A graph-mode program in a graph and session of its own.

    Args:
        pair: its ``legacy`` is used.
        config: the program's configuration.
        seed: of the graph, hence of the initial weights.
    """

    def __init__(self, pair: Pair, config: Any, seed: int) -> None:
        self.config, self._module = config, pair.legacy
        self.graph = v1.Graph()
        with self.graph.as_default():
            v1.set_random_seed(seed)
            self.net = pair.legacy.build(config)
            self.variables = v1.trainable_variables()
            self._values = [v1.placeholder(variable.dtype.base_dtype, variable.shape) for variable in self.variables]
            self._assign = [v1.assign(*both) for both in zip(self.variables, self._values, strict=True)]
            self._initialize = v1.global_variables_initializer()
            self._find_updates()
            self._uniforms = self._find_uniforms()
            self._draws: tuple[int, tuple[Any, Any], list[Any]] | None = None
            self.session = v1.Session(graph=self.graph)
        self.initialize()

    def initialize(self) -> None:
        """Run the initializers (again: random ones draw new values), optimizer state included."""
        self.session.run(self._initialize)

    def _find_updates(self) -> None:
        """The gradients and slots that the optimizer's kernels really take, in the order of the variables."""
        updates = {op.inputs[0].op.name: op for op in self.graph.get_operations() if op.type in APPLY_OPS}
        missing = [variable.name for variable in self.variables if variable.handle.op.name not in updates]
        if missing:
            raise UserError(f"no update by {' or '.join(APPLY_OPS)} found for {', '.join(missing)} of the TF1 program")
        ordered = [updates[variable.handle.op.name] for variable in self.variables]
        self.gradients = [op.inputs[-1] for op in ordered]
        self._slots = [
            tf.raw_ops.ReadVariableOp(resource=op.inputs[i], dtype=tf.float32)
            for op in ordered
            for i in APPLY_OPS[op.type]
        ]

    def _find_uniforms(self) -> list[Any]:
        """Outputs of the random ops between input and logits: any tensor of a v1 graph can be fed, these too."""
        found: set[str] = set()
        seen, queue = set(), [self.net.logits.op]
        while queue:
            op = queue.pop()
            if op.name in seen:
                continue
            seen.add(op.name)
            if op.type == "RandomUniform":
                found.add(op.outputs[0].name)
            queue += [tensor.op for tensor in op.inputs]
        # In the order in which they were made, which is the order of the layers.
        return [op.outputs[0] for op in self.graph.get_operations() if op.outputs and op.outputs[0].name in found]

    def feed(self, inputs: np.ndarray, targets: np.ndarray | None, keep_prob: float = 1.0) -> dict[Any, Any]:
        """A feed_dict in the shapes of the program's placeholders; logits need no targets."""
        net = self.net
        feed: dict[Any, Any] = {net.x: shaped_like(net.x, inputs)}
        if targets is not None:
            feed[net.t] = encoded_like(net.t, targets)
        if getattr(self.net, "keep_prob", None) is not None:
            feed[self.net.keep_prob] = keep_prob
        return feed

    def feed_masks(self, seed: int, step: int, batch: int) -> dict[Any, Any]:
        """The part of a feed_dict that replaces dropout's random numbers by those of the Keras side."""
        if self._draws is None or self._draws[0] != seed:
            with self.graph.as_default():
                ends = v1.placeholder(tf.int64, []), v1.placeholder(tf.int32, [])
                drawn = [
                    uniform(seed, layer, ends[0], tf.stack([ends[1], *tensor.shape[1:]]))
                    for layer, tensor in enumerate(self._uniforms)
                ]
            self._draws = seed, ends, drawn
        _, ends, drawn = self._draws
        numbers = self.session.run(drawn, dict(zip(ends, (step, batch), strict=True)))
        return dict(zip(self._uniforms, numbers, strict=True))

    def weights(self) -> list[np.ndarray]:
        """Values of the trainable variables."""
        return list(self.session.run(self.variables))

    def set_weights(self, values: Sequence[np.ndarray]) -> None:
        """Assign the trainable variables."""
        self.session.run(self._assign, dict(zip(self._values, values, strict=True)))

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """What the network makes of images, dropout off: (N, 10)."""
        parts = np.array_split(inputs, max(1, len(inputs) // 1000))
        return np.concatenate([self.session.run(self.net.logits, self.feed(part, None)) for part in parts])

    def slots(self) -> list[np.ndarray]:
        """Adam's m and v, variable by variable; empty for gradient descent."""
        return list(self.session.run(self._slots))

    def train(self, data: Digits | Problem, rows: np.ndarray | None, seed: int) -> Curve:
        """Call the program's own ``train`` on the given batches and masks, then its ``evaluate`` if that is missing.

        Args:
            data: its train and test splits are used.
            rows: (steps, batch) rows of the training digits; None for a small problem.
            seed: of dropout's random numbers.

        Returns:
            The program's reports as (updates, loss, accuracy); the last one is on the test set, after the last update.
        """
        module, config, datasets = self._module, self.config, self.datasets(data, rows)
        session = _MaskedSession(self, seed)
        with self.graph.as_default():
            updates = getattr(config, "updates_before", lambda step: step)
            curve: Curve = []

            def add(report: Any, step: int) -> None:
                curve.append((step, float(report.loss), report.accuracy))

            def evaluate() -> None:
                add(module.evaluate(session, self.net, datasets, config, session.updates), session.updates)

            evaluated = hasattr(module, "evaluate")
            for report in module.train(session, self.net, datasets, config):
                if report.accuracy is None and evaluated:
                    evaluate()  # what it reports while it trains is another figure than that on the test set
                else:
                    add(report, updates(report.step))
            # Some tutorials print nothing after their last update.
            if evaluated and curve[-1][0] != session.updates:
                evaluate()
        return curve

    def datasets(self, data: Digits | Problem, rows: np.ndarray | None) -> Any:
        """What the program's ``train`` takes for its data, with these rows for its batches."""
        if isinstance(data, Problem):
            return data
        assert rows is not None  # noqa: S101
        return _Datasets(_Rows(data.train, self.net, rows), _Rows(data.test, self.net, rows[:0]))

    def close(self) -> None:
        """Free the session."""
        self.session.close()


@dataclass(frozen=True)
class _Datasets:
    """Stands where a program expects what ``input_data.read_data_sets`` returns."""

    train: _Rows
    test: _Rows


class _Rows:
    """Stands for an ``input_data.DataSet``; its batches are prescribed."""

    def __init__(self, split: Split, net: Any, rows: np.ndarray) -> None:
        self.images, self.labels = shaped_like(net.x, split.inputs), encoded_like(net.t, split.targets)
        self.num_examples = len(split)
        self._rows = iter(rows)

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        row = next(self._rows)
        if len(row) != batch_size:
            raise ValueError(f"the program asks for batches of {batch_size}, its twin for {len(row)}")
        return self.images[row], self.labels[row]


class _MaskedSession:
    """A session that adds dropout's random numbers to every training step."""

    def __init__(self, side: GraphSide, seed: int) -> None:
        self._side, self._seed, self.updates = side, seed, 0

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, **options: Any) -> Any:
        feed = dict(feed_dict or {})
        each = fetches if isinstance(fetches, (list, tuple)) else [fetches]
        # By identity: == of a v1 tensor makes another tensor.
        if any(fetch is self._side.net.train_step for fetch in each):
            feed |= self._side.feed_masks(self._seed, self.updates, len(feed[self._side.net.x]))
            self.updates += 1
        return self._side.session.run(fetches, feed, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._side.session, name)


class KerasSide:
    """The compiled model of a Keras program.

    Args:
        pair: its ``twin`` is used.
        config: the program's configuration.
        seed: of the initial weights.
    """

    def __init__(self, pair: Pair, config: Any, seed: int) -> None:
        self.config = config
        keras.utils.set_random_seed(seed)
        self.model = pair.twin.build(config)
        # Keras 3 calls "conv1/kernel" a path and "kernel" a name.
        self.names = [getattr(weight, "path", weight.name) for weight in self.model.trainable_weights]

    def weights(self) -> list[np.ndarray]:
        """Values of the trainable variables."""
        return [np.asarray(weight) for weight in self.model.get_weights()]

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """What the network makes of images, dropout off: (N, 10)."""
        return training.predict_logits(self.model, inputs)

    def slots(self) -> list[np.ndarray]:
        """Adam's m and v, variable by variable; empty for an optimizer without ``slots``."""
        read = getattr(self.model.optimizer, "slots", None)
        return [value for slot in read() for value in slot] if read else []

    def loss_and_gradients(self, inputs: np.ndarray, targets: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """Compiled loss on a batch and its gradients, dropout off."""

        def compute(inputs: Any, targets: Any) -> tuple[Any, list[Any]]:
            with tf.GradientTape() as tape:
                loss = self.model.loss(targets, self.model(inputs, training=False))
            return loss, tape.gradient(loss, [value_of(weight) for weight in self.model.trainable_weights])

        # Compiled, as training is: called one by one, some kernels sum in another order.
        loss, gradients = tf.function(compute)(tf.constant(inputs), tf.constant(targets))
        return float(loss), [gradient.numpy() for gradient in gradients]

    @property
    def seed(self) -> int:
        """Of the order of batches and of dropout's random numbers."""
        return getattr(self.config, "seed", 0)

    def train(self, data: Digits | Problem, callbacks: Sequence[Any] = ()) -> list[training.Report]:
        """Call ``tfport.training.fit``; returns the reports, whose loss is that of what a TF1 program reports it of.

        Where a loss is not finite, one report that says so: it is to be judged.
        """
        try:
            return self._train(data, callbacks)
        except training.NotFinite:
            accuracy = 0.0 if data.test.accuracy(self.logits(data.test.inputs)) is not None else None
            return [training.Report(self.config.steps, math.nan, accuracy, 0.0)]

    def _train(self, data: Digits | Problem, callbacks: Sequence[Any]) -> list[training.Report]:
        if not isinstance(data, Problem) or data.test is data.train:
            return training.fit(self.model, data, self.config, callbacks)
        losses: list[float] = []

        class TrainingLoss(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                losses.append(training.evaluate(self.model, data.train)[0])

        reports = training.fit(self.model, data, self.config, [TrainingLoss(), *callbacks])
        pairs = zip(reports, losses, strict=True)
        return [dataclasses.replace(report, loss=loss) for report, loss in pairs]

    def train_recording(self, data: Digits | Problem, done: int = 0) -> np.ndarray:
        """Take every step after those that are done by itself; returns its exact loss, (steps,) float32."""
        recorder = _LossRecorder(self.model)
        training.fit(self.model, data, self.config, [recorder], done=done, fast=False)
        return np.array(recorder.losses, np.float32)


class _LossRecorder(keras.callbacks.Callback):
    """Keeps the loss of every step as it was computed: Keras's logs hold running means, rounded once more."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.losses: list[np.float32] = []
        self._last = tf.Variable(0.0)
        compute = model.compute_loss

        def compute_and_keep(*arguments: Any, **options: Any) -> Any:
            loss = compute(*arguments, **options)
            self._last.assign(loss)
            return loss

        model.compute_loss = compute_and_keep

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.losses.append(self._last.numpy())


def shaped_like(placeholder: Any, inputs: np.ndarray) -> np.ndarray:
    """Inputs in the shape of a placeholder: images flat where it is (None, 784)."""
    return inputs.reshape(len(inputs), *placeholder.shape[1:])


def encoded_like(placeholder: Any, targets: np.ndarray) -> np.ndarray:
    """Labels as a placeholder takes them: one-hot where it has a second dimension and they have none."""
    one_hot = targets.ndim == 1 and len(placeholder.shape) == 2
    return np.eye(placeholder.shape[1], dtype=np.float32)[targets] if one_hot else targets


def training_rows(split: Split | Samples, config: Any) -> np.ndarray:
    """The rows of every batch of a run, (steps, batch), as :func:`tfport.training.fit` draws them."""
    if isinstance(split, Samples):
        return np.broadcast_to(np.arange(len(split)), (config.steps, len(split)))
    return batch_indices(len(split), config.batch_size, config.seed, 0, config.steps)
