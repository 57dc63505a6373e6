"""Where callbacks reach into a model's training step: one tap on a model, shared by all callbacks of a run.

TF1 computed its summaries in the same ``session.run`` as the update. Keras calls callbacks between steps, when
activations and gradients are gone; so the tap takes its place inside. While Keras traces ``train_step``, the tap notes
the loss, the activations and the gradients that pass, and adds summary operations to the same graph, behind a condition
for the steps that are due. Nothing is computed twice, and no step waits for Python.

The operations are v1's own (``ScalarSummary``, ``ImageSummary``; for large histograms a faster equal), so events have
the kinds, the image tags and the histogram buckets of a TF1 program. Those buckets grow exponentially, finest near
zero, and come with number, sum and sum of squares; ``tf.summary.histogram`` would write thirty equal ones, without.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import inspect
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import tensorflow as tf

from tfport.callbacks.histograms import histogram_summary
from tfport.errors import UserError


class Summary(NamedTuple):
    """A value for TensorBoard.

    Attributes:
        kind: "scalar", "histogram" or "image".
        tag: its name there.
        value: tensor; of an image (N, height, width, channels), of which the first ten are shown.
    """

    kind: str
    tag: str
    value: Any


class Numbering(NamedTuple):
    """Which steps are due, and what TensorBoard calls them.

    Attributes:
        train: updates made before a training step → the number of that step.
        test: updates made before an evaluation → its number.
    """

    train: Callable[[Any], Any]
    test: Callable[[Any], Any]


SCOPE = "tensorboard"  # of the operations that are ours, so that the Graphs dashboard folds them into one node
UPDATES = Numbering(train=lambda updates: updates + 1, test=lambda updates: updates)


class Moment:
    """What is known of one step while it is traced; tensors belong to the graph of that step.

    Attributes:
        model: that is trained.
        training: whether it is a training step, or an evaluation.
        x: inputs of the batch.
        y: its targets; None where there are none.
        y_pred: what the model made of them.
        loss: of the batch, as compiled; None where there is none.
        activations: layer name → (what went into its activation function, what came out).
        gradients: (variable, gradient) as they reach the optimizer; none in an evaluation.
    """

    def __init__(self, model: Any, x: Any, y: Any, *, training: bool) -> None:
        self.model, self.x, self.y, self.training = model, x, y, training
        self.y_pred: Any = None
        self.loss: Any = None
        self.activations: dict[str, tuple[Any, Any]] = {}
        self.gradients: list[tuple[Any, Any]] = []

    def metrics(self) -> dict[str, Any]:
        """The compiled metrics that are means over examples, for this batch alone."""
        values = {}
        for metric in _leaves(self.model.metrics):
            function = getattr(metric, "_fn", None)  # of Keras's MeanMetricWrapper, 2 and 3
            if function is not None and self.y is not None and tf.is_tensor(self.y_pred):
                options = getattr(metric, "_fn_kwargs", {})
                values[metric.name] = tf.reduce_mean(tf.cast(function(self.y, self.y_pred, **options), tf.float32))
        return values


class Source:
    """What the tap asks of a callback that writes summaries.

    Attributes:
        folder: parent of ``train/`` and ``test/``.
        every: a training step is written after every so many updates.
        numbering: of the steps.
        tags: tag → the one to write instead.
        activations: whether it reads :attr:`Moment.activations`.
        gradients: whether it reads :attr:`Moment.gradients`.
    """

    folder: str
    every: int
    numbering: Numbering = UPDATES
    tags: Callable[[str], str] = staticmethod(lambda tag: tag)
    activations = False
    gradients = False

    def early(self, moment: Moment) -> Iterable[Summary]:
        """Summaries of what an update changes, taken before it."""
        return ()

    def late(self, moment: Moment) -> Iterable[Summary]:
        """Summaries of what is known only after the forward pass."""
        return ()


class TestSet(NamedTuple):
    """An evaluation inside the training step.

    Attributes:
        folder: parent of ``test/``.
        x: inputs.
        y: targets.
        every: updates from one evaluation to the next; the first comes before any.
        sources: whose summaries are written of it.
        numbering: of the steps.
    """

    folder: str
    x: Any
    y: Any
    every: int
    sources: Sequence[Source]
    numbering: Numbering


class Tap:
    """The one place of a model at which callbacks read.

    Args:
        model: a compiled Keras model, of Keras 2 or 3.

    Raises:
        UserError: the model is compiled with XLA, which cannot write summaries.
    """

    _taps: ClassVar[weakref.WeakKeyDictionary[Any, Tap]] = weakref.WeakKeyDictionary()

    def __init__(self, model: Any) -> None:
        if getattr(model, "jit_compile", False):
            raise UserError(
                "these callbacks write from inside the training step, which XLA cannot: compile the model with "
                "jit_compile=False (Keras 3 takes XLA by default)"
            )
        self._model = weakref.ref(model)
        self._sources: list[Source] = []
        self._tests: list[TestSet] = []
        self._writers: dict[str, Any] = {}
        self._begun = False
        self.graph: Any = None  # of the step, once it was traced
        self._own_step, self._set_by_others = model.train_step, "train_step" in vars(model)
        model.train_step = self._train_step
        model.train_function = None  # is made anew, with the tap in it

    @classmethod
    def on(cls, model: Any) -> Tap:
        """The tap for the run that is about to begin; callbacks ask in ``set_model``."""
        tap = cls._taps.get(model)
        if tap is not None and tap._begun:  # of a run that an error cut off
            tap.remove()
            tap = None
        if tap is None:
            tap = cls._taps[model] = cls(model)
        return tap

    @classmethod
    def step_under(cls, model: Any) -> Callable[[Any], Any]:
        """The training step of a model without what a tap adds: that of steps in which nothing is due."""
        tap = cls._taps.get(model)
        return model.train_step if tap is None else tap._own_step

    @classmethod
    def reads_activations(cls, model: Any) -> bool:
        """Whether a callback of the run reads what goes into activation functions and comes out."""
        tap = cls._taps.get(model)
        tested = [source for test in tap._tests for source in test.sources] if tap is not None else []
        return tap is not None and any(source.activations for source in [*tap._sources, *tested])

    def add(self, source: Source) -> None:
        """Have a callback's summaries written of training steps."""
        self._sources.append(source)

    def add_test(self, test: TestSet) -> None:
        """Have an evaluation made."""
        self._tests.append(test)

    def writer(self, folder: str) -> Any:
        """The writer of a folder: one for all callbacks, since TensorBoard reads the files of a run one by one."""
        key = os.path.abspath(folder)
        if key not in self._writers:
            self._writers[key] = tf.summary.create_file_writer(key)
        return self._writers[key]

    @classmethod
    def flush(cls, model: Any) -> None:
        """Have all that was written of a model's run in the event files."""
        tap = cls._taps.get(model)
        for writer in tap._writers.values() if tap is not None else ():
            writer.flush()

    def begin(self) -> None:
        """What is to be done once before the first step; callbacks call it in ``on_train_begin``."""
        if self._begun:
            return
        self._begun = True
        model: Any = self._model()
        for test in self._tests:
            # Keras makes its metrics at their first use, and variables cannot be made behind a condition.
            build_metrics(model, test.y[:1], model(test.x[:1], training=False))

    def remove(self) -> None:
        """Give the model its own training step back and close the event files; in ``on_train_end``."""
        model = self._model()
        if model is not None and self._taps.get(model) is self:
            del self._taps[model]
            del vars(model)["train_step"]
            if self._set_by_others:
                model.train_step = self._own_step
            model.train_function = None
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _train_step(self, data: Any) -> Any:
        model: Any = self._model()
        if self.graph is None and not tf.executing_eagerly():
            self.graph = tf.compat.v1.get_default_graph()
        with tf.name_scope(SCOPE):
            updates = tf.cast(tf.convert_to_tensor(model.optimizer.iterations), tf.int64)
            writes = _writing_replica()
            for test in self._tests:
                self._evaluate(model, test, updates, writes)
        x, y = (data[0], data[1] if len(data) > 1 else None) if isinstance(data, (tuple, list)) else (data, None)
        moment = Moment(model, x, y, training=True)
        groups: dict[tuple[str, int, Numbering], list[Source]] = {}
        for source in self._sources:
            groups.setdefault((source.folder, source.every, source.numbering), []).append(source)
        held = []
        for (folder, every, numbering), sources in groups.items():
            with tf.name_scope(SCOPE):
                due = writes if every == 1 else writes & ((updates + 1) % every == 0)
                early = _when(due, functools.partial(_merged, sources, "early", moment), "")
                held.append((due, os.path.join(folder, "train"), numbering.train(updates), early, sources))
        with _noting(moment, self._sources):
            logs = self._own_step(data)
        with tf.name_scope(SCOPE):
            for due, folder, step, early, sources in held:
                _when(due, functools.partial(self._write, folder, step, sources, moment, early), False)
        return logs

    def _evaluate(self, model: Any, test: TestSet, updates: Any, writes: Any) -> None:
        def evaluate() -> Any:
            moment = Moment(model, tf.convert_to_tensor(test.x), tf.convert_to_tensor(test.y), training=False)
            early = _merged(test.sources, "early", moment)
            with _noting(moment, test.sources):
                moment.y_pred = model(moment.x, training=False)
            moment.loss = _loss(model, moment.y, moment.y_pred)
            return self._write(
                os.path.join(test.folder, "test"), test.numbering.test(updates), test.sources, moment, early
            )

        _when(writes & (updates % test.every == 0), evaluate, False)

    def _write(self, folder: str, step: Any, sources: Sequence[Source], moment: Moment, early: Any) -> Any:
        serialized = tf.raw_ops.MergeSummary(inputs=[early, _merged(sources, "late", moment)])
        with self.writer(folder).as_default():
            return tf.summary.experimental.write_raw_pb(serialized, step=step)


def image_of(png: bytes, tag: str) -> bytes:
    """A serialized summary that shows a PNG."""
    value = tf.compat.v1.Summary.Value(tag=tag, image=tf.compat.v1.Summary.Image(encoded_image_string=png))
    return tf.compat.v1.Summary(value=[value]).SerializeToString()


def layers_of(model: Any) -> Iterator[Any]:
    """The layers of a model that are no models themselves, in order."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from layers_of(layer)
        else:
            yield layer


def weights_of(model: Any) -> Iterator[tuple[str, Any]]:
    """The trainable weights of a model as (layer/weight, variable), in order; names that recur are numbered."""
    seen: collections.Counter[str] = collections.Counter()
    for layer in layers_of(model):
        for weight in layer.trainable_weights:
            name = f"{layer.name}/{weight.name.split('/')[-1].split(':')[0]}"
            yield f"{name}_{seen[name]}" if seen[name] else name, weight
            seen[name] += 1


def keras_of(model: Any) -> Any:
    """The Keras that a model is of: the package ``keras`` or ``tf_keras``."""
    roots = [base.__module__.split(".")[0] for base in type(model).__mro__]
    return sys.modules[next(root for root in roots if root in ("keras", "tf_keras"))]


def _merged(sources: Sequence[Source], when: str, moment: Moment) -> Any:
    """One serialized ``Summary`` of what all have to say early, or late."""
    serialized = []
    for source in sources:
        for kind, tag, value in getattr(source, when)(moment):
            name, value = source.tags(tag), tf.cast(value, tf.float32)
            if kind == "scalar":
                serialized.append(tf.raw_ops.ScalarSummary(tags=name, values=value))
            elif kind == "histogram":
                serialized.append(histogram_summary(name, value))
            else:
                serialized.append(tf.raw_ops.ImageSummary(tag=name, tensor=value, max_images=10))
    return tf.raw_ops.MergeSummary(inputs=serialized) if serialized else tf.constant("")


def _when(due: Any, make: Callable[[], Any], otherwise: Any) -> Any:
    """``make()`` where due, else a constant; no condition in the graph where it is always due."""
    if due is True:
        return make()
    return tf.cond(due, make, lambda: tf.constant(otherwise))


def _writing_replica() -> Any:
    """True on the replica that writes; a plain True where there is one alone."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return True
    return tf.equal(context.replica_id_in_sync_group, 0)


@contextlib.contextmanager
def _noting(moment: Moment, sources: Sequence[Source]) -> Iterator[None]:
    """While a step is traced, note what passes; afterwards everything is as it was."""
    model, graph = moment.model, None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    with contextlib.ExitStack() as stack:

        def instead(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
            # Into __dict__: __setattr__ of Keras's classes has opinions about what may be assigned when.
            own, attributes = getattr(owner, name), vars(owner)
            missing = object()
            before = attributes.get(name, missing)
            attributes[name] = functools.wraps(own)(wrap(own)) if inspect.isroutine(own) else wrap(own)
            restore = attributes.pop if before is missing else attributes.__setitem__
            stack.callback(restore, name, *(() if before is missing else (before,)))

        def noting_loss(own: Any) -> Any:
            signature = inspect.signature(own)

            def compute_loss(*arguments: Any, **options: Any) -> Any:
                moment.loss = own(*arguments, **options)
                given = signature.bind(*arguments, **options).arguments
                moment.y, moment.y_pred = given.get("y", moment.y), given.get("y_pred")
                return moment.loss

            return compute_loss

        def noting_gradients(own: Any) -> Any:
            def apply_gradients(grads_and_vars: Any, *arguments: Any, **options: Any) -> Any:
                pairs = list(grads_and_vars)
                moment.gradients = [(variable, gradient) for gradient, variable in pairs if gradient is not None]
                return own(pairs, *arguments, **options)

            return apply_gradients

        def noting_activation(layer: Any) -> Callable[[Any], Any]:
            def wrap(own: Any) -> Any:
                def activation(inputs: Any, *arguments: Any, **options: Any) -> Any:
                    outputs = own(inputs, *arguments, **options)
                    if getattr(outputs, "graph", None) is graph:  # a loop's own graph keeps its tensors to itself
                        moment.activations[layer.name] = inputs, outputs
                    return outputs

                return activation

            return wrap

        if moment.training:
            instead(model, "compute_loss", noting_loss)
        if moment.training and any(source.gradients for source in sources):
            instead(model.optimizer, "apply_gradients", noting_gradients)
        if any(source.activations for source in sources):
            for layer in layers_of(model):
                if callable(getattr(layer, "activation", None)) and hasattr(layer, "kernel"):
                    instead(layer, "activation", noting_activation(layer))
        yield


def _leaves(metrics: Sequence[Any]) -> Iterator[Any]:
    for metric in metrics:
        inner = getattr(metric, "metrics", None)  # Keras 3 wraps the compiled ones into one
        if inner:
            yield from _leaves(inner)
        else:
            yield metric


def build_metrics(model: Any, y: Any, y_pred: Any) -> None:
    """Have Keras make the variables of its metrics, from targets and outputs of any number of examples."""
    if hasattr(model, "_compile_metrics"):  # Keras 3
        if model._compile_metrics is not None and not model._compile_metrics.built:
            model._compile_metrics.build(y, y_pred)
    elif model.compiled_metrics is not None and not model.compiled_metrics.built:
        model.compiled_metrics.build(y_pred, y)


def _loss(model: Any, y: Any, y_pred: Any) -> Any:
    """The compiled loss and what regularisation adds; None where the model has several outputs."""
    loss = model.loss
    if loss is None or not tf.is_tensor(y_pred):
        return None
    function = loss if callable(loss) else keras_of(model).losses.get(loss)
    if tf.distribute.has_strategy() and hasattr(function, "reduction"):
        # Keras 2 refuses to average within one replica, which cannot know of the others; here it has the whole set.
        reduce = tf.reduce_sum if function.reduction == "sum" else tf.reduce_mean
        function = functools.partial(_reduced, reduce, function)
    # Functions of single examples are averaged, as Keras does with them.
    return tf.add_n([tf.reduce_mean(function(y, y_pred)), *(tf.cast(term, tf.float32) for term in model.losses)])


def _reduced(reduce: Callable[[Any], Any], loss: Any, y: Any, y_pred: Any) -> Any:
    return reduce(loss.call(y, y_pred))
