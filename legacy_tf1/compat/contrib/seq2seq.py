"""``tf.contrib.seq2seq``: the loss, the helpers that choose the next input, and decoding step by step."""

from __future__ import annotations

import abc
import collections
import contextlib
import sys
from collections.abc import Callable
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.legacy_seq2seq import loss_of
from legacy_tf1.compat.registry import adds, unpacked
from legacy_tf1.compat.rnn import transpose_batch_time


def seq2seq(*names: str) -> Callable[[Any], Any]:
    """Decorator: under these names in ``contrib.seq2seq`` and its inner modules."""
    modules = ("attention_wrapper", "basic_decoder", "beam_search_decoder", "decoder", "helper", "loss")
    inner = (f"contrib.seq2seq.python.ops.{module}" for module in modules)
    return adds(*(f"{home}.{name}" for home in ("contrib.seq2seq", *inner) for name in names))


# --- loss ---


@seq2seq("sequence_loss")
def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    sum_over_timesteps: Any = False,
    sum_over_batch: Any = False,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """Weighted cross-entropy of logits (batch, time, symbols) and targets (batch, time).

    Averaged by weights over time and batch, or over one of them, or over none: a scalar, (batch,), (time,) or
    (batch, time). The sums are divided by how many weights are not 0.

    Args:
        logits: not normalized.
        targets: numbers of symbols.
        weights: of each place, (batch, time).
        average_across_timesteps: over time.
        average_across_batch: over the batch.
        sum_over_timesteps: instead of the average; older versions have the next but two here.
        sum_over_batch: likewise.
        softmax_loss_function: of targets (batch · time,) and logits (batch · time, symbols), instead of cross-entropy.
        name: of the scope.

    Raises:
        ValueError: shapes other than these, or both an average and a sum over the same.
    """
    if callable(sum_over_timesteps):  # before 1.14
        softmax_loss_function, sum_over_timesteps = sum_over_timesteps, False
    logits, targets, weights = (tf.convert_to_tensor(each) for each in (logits, targets, weights))
    for what, tensor, rank, shape in (
        ("logits", logits, 3, "(batch, time, symbols)"),
        ("targets", targets, 2, "(batch, time)"),
        ("weights", weights, 2, "(batch, time)"),
    ):
        if tensor.shape.ndims not in (None, rank):
            raise ValueError(f"sequence_loss takes {what} {shape}, and these are {tensor.shape}")
    if (average_across_timesteps and sum_over_timesteps) or (average_across_batch and sum_over_batch):
        raise ValueError(
            "sequence_loss: one axis is either averaged or summed; set the average_across_… of a summed one to False"
        )
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        symbols = logits.shape[2] if logits.shape[2] is not None else tf.shape(logits)[2]
        flat = loss_of(softmax_loss_function, tf.reshape(targets, [-1]), tf.reshape(logits, [-1, symbols]))
        losses = tf.reshape(flat, tf.shape(logits)[:2]) * weights
        losses.set_shape(logits.shape[:2])
        averaged, summed = (
            [axis for axis, wanted in enumerate(flags) if wanted]
            for flags in ((average_across_batch, average_across_timesteps), (sum_over_batch, sum_over_timesteps))
        )
        # As it was: 1e-12 keeps a batch of weights 0 from 0 / 0.
        if averaged:
            return tf.reduce_sum(losses, averaged) / (tf.reduce_sum(weights, averaged) + 1e-12)
        if summed:
            there = tf.count_nonzero(weights, summed, dtype=losses.dtype)
            return tf.reduce_sum(losses, summed) / (there + 1e-12)
        return losses


@seq2seq("hardmax")
def hardmax(logits: Any, name: str | None = None) -> Any:
    """One where the largest of the last axis is, else zero."""
    logits = tf.convert_to_tensor(logits)
    return tf.one_hot(tf.argmax(logits, -1), int(logits.shape[-1]), dtype=logits.dtype, name=name)


# --- helpers ---


def looked_up(embedding: Any) -> Callable[[Any], Any]:
    """From symbols (…) to their rows (…, size): the function that is given, or a look-up in the table."""
    return embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)


def _drawn(logits: Any, seed: Any) -> Any:
    return tf.random.categorical(logits, 1, seed=seed, dtype=tf.int32)[:, 0]


@seq2seq("Helper")
class Helper(abc.ABC):
    """What a decoder asks for its first inputs, for the symbols of its outputs, and for the inputs that follow."""

    _batch_size: Any = None
    sample_ids_shape: Any = tf.TensorShape([])
    sample_ids_dtype: Any = tf.int32

    @property
    def batch_size(self) -> Any:
        """Of the inputs."""
        return self._batch_size

    @abc.abstractmethod
    def initialize(self, name: str | None = None) -> Any:
        """Which are finished, and the first inputs."""

    @abc.abstractmethod
    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """The symbols of outputs."""

    @abc.abstractmethod
    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """Which are finished, the next inputs, and the state."""


@seq2seq("CustomHelper")
class CustomHelper(Helper):
    """One made of three functions."""

    def __init__(
        self,
        initialize_fn: Any,
        sample_fn: Any,
        next_inputs_fn: Any,
        sample_ids_shape: Any = None,
        sample_ids_dtype: Any = None,
    ) -> None:
        self._initialize, self._sample, self._next = initialize_fn, sample_fn, next_inputs_fn
        self.sample_ids_shape = tf.TensorShape(sample_ids_shape if sample_ids_shape is not None else [])
        self.sample_ids_dtype = sample_ids_dtype or tf.int32

    @property
    def batch_size(self) -> Any:
        """Known once it was initialized."""
        if self._batch_size is None:
            raise ValueError("CustomHelper: the size of the batch is known once initialize() has run")
        return self._batch_size

    def initialize(self, name: str | None = None) -> Any:
        """What the first function gives."""
        finished, inputs = self._initialize()
        if self._batch_size is None:
            self._batch_size = tf.size(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """What the second gives."""
        return self._sample(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """What the third gives."""
        return self._next(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


@seq2seq("TrainingHelper")
class TrainingHelper(Helper):
    """The inputs are given: (batch, time, …), or time first; with their lengths (batch,)."""

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None) -> None:
        self._inputs = nest.map_structure(tf.convert_to_tensor, inputs)
        self._lengths = tf.convert_to_tensor(sequence_length)
        if self._lengths.shape.ndims not in (None, 1):
            raise ValueError(
                f"sequence_length takes one number an example, (batch,), and this is {self._lengths.shape}"
            )
        timed = self._inputs if time_major else nest.map_structure(transpose_batch_time, self._inputs)
        self._arrays = nest.map_structure(_unstacked, timed)
        self._zeros = nest.map_structure(lambda each: tf.zeros_like(each[0]), timed)
        self._batch_size = tf.size(self._lengths)

    @property
    def inputs(self) -> Any:
        """As given."""
        return self._inputs

    @property
    def sequence_length(self) -> Any:
        """As given."""
        return self._lengths

    def _read(self, time: Any) -> tuple[Any, Any]:
        finished = time >= tf.cast(self._lengths, tf.int32)
        ended = tf.reduce_all(finished)

        def one(array: Any, zeros: Any) -> Any:
            return tf.cond(ended, lambda: zeros, lambda: array.read(time))

        return finished, nest.map_structure(one, self._arrays, self._zeros)

    def initialize(self, name: str | None = None) -> Any:
        """Those of the first time."""
        return self._read(tf.constant(0))

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """The likeliest."""
        return tf.argmax(outputs, -1, output_type=tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None) -> Any:
        """Those of the next time."""
        return *self._read(time + 1), state


def _unstacked(tensor: Any) -> Any:
    array = tf.TensorArray(tensor.dtype, tf.shape(tensor)[0], element_shape=tensor.shape[1:], clear_after_read=False)
    return array.unstack(tensor)


@seq2seq("ScheduledEmbeddingTrainingHelper")
class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """The inputs are given, but each with some probability replaced by what the outputs draw (arXiv:1506.03099)."""

    def __init__(
        self,
        inputs: Any,
        sequence_length: Any,
        embedding: Any,
        sampling_probability: Any,
        time_major: bool = False,
        seed: Any = None,
        scheduling_seed: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(inputs, sequence_length, time_major, name)
        self._embed, self._probability = looked_up(embedding), tf.convert_to_tensor(sampling_probability)
        self._seed, self._scheduling_seed = seed, scheduling_seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Those drawn; -1 where the given input is taken."""
        chosen = tf.random_uniform([self.batch_size], seed=self._scheduling_seed) < self._probability
        return tf.where(chosen, _drawn(outputs, self._seed), tf.fill([self.batch_size], -1))

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None) -> Any:
        """Those of the next time, with what was drawn in its places."""
        finished, given, state = super().next_inputs(time, outputs, state)
        return finished, _replaced(sample_ids > -1, self._embed(tf.maximum(sample_ids, 0)), given), state


def _replaced(chosen: Any, new: Any, given: Any) -> Any:
    chosen = tf.reshape(chosen, [-1] + [1] * (given.shape.ndims - 1))
    mixed = tf.where_v2(chosen, new, given)
    mixed.set_shape(given.shape)
    return mixed


@seq2seq("ScheduledOutputTrainingHelper")
class ScheduledOutputTrainingHelper(TrainingHelper):
    """The inputs are given, but each with some probability replaced by the output before."""

    def __init__(
        self,
        inputs: Any,
        sequence_length: Any,
        sampling_probability: Any,
        time_major: bool = False,
        seed: Any = None,
        next_inputs_fn: Any = None,
        auxiliary_inputs: Any = None,
        name: str | None = None,
        next_input_layer: Any = None,
    ) -> None:
        if auxiliary_inputs is not None:
            inputs = nest.map_structure(lambda one, two: tf.concat([one, two], -1), inputs, auxiliary_inputs)
        super().__init__(inputs, sequence_length, time_major, name)
        self._auxiliary = None
        if auxiliary_inputs is not None:
            auxiliary = tf.convert_to_tensor(auxiliary_inputs)
            self._auxiliary = _unstacked(auxiliary if time_major else transpose_batch_time(auxiliary))
        self._probability, self._seed = tf.convert_to_tensor(sampling_probability), seed
        self._make = next_inputs_fn or next_input_layer

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Which take the output."""
        return tf.cast(tf.random_uniform([self.batch_size], seed=self._seed) < self._probability, tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None) -> Any:
        """Those of the next time, with outputs in the places of some."""
        finished, given, state = super().next_inputs(time, outputs, state)
        made = self._make(outputs) if self._make is not None else outputs
        if self._auxiliary is not None:
            last = tf.minimum(time + 1, self._auxiliary.size() - 1)  # past the end nobody looks at it
            made = tf.concat([made, self._auxiliary.read(last)], -1)
        return finished, _replaced(tf.cast(sample_ids, tf.bool), made, given), state


@seq2seq("GreedyEmbeddingHelper")
class GreedyEmbeddingHelper(Helper):
    """Each input is the embedding of the likeliest symbol before.

    Args:
        embedding: of symbols: a table, or a function of their numbers.
        start_tokens: (batch,) int32.
        end_token: with which a sequence is finished.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embed = looked_up(embedding)
        self._start, self._end = tf.cast(start_tokens, tf.int32), tf.cast(end_token, tf.int32)
        if self._start.shape.ndims not in (None, 1):
            raise ValueError(f"start_tokens takes one number an example, (batch,), and this is {self._start.shape}")
        if self._end.shape.ndims not in (None, 0):
            raise ValueError(f"end_token is one number for all examples, and this is {self._end.shape}")
        self._batch_size = tf.size(self._start)
        self._first = self._embed(self._start)

    def initialize(self, name: str | None = None) -> Any:
        """The embeddings of the first symbols."""
        return tf.fill([self._batch_size], False), self._first

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """The likeliest."""
        return tf.argmax(outputs, -1, output_type=tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """The embeddings of these."""
        finished = tf.equal(sample_ids, self._end)
        following = tf.cond(tf.reduce_all(finished), lambda: self._first, lambda: self._embed(sample_ids))
        return finished, following, state


@seq2seq("SampleEmbeddingHelper")
class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """The same with symbols drawn, sharper or flatter by a temperature."""

    def __init__(
        self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None, seed: Any = None
    ) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._temperature, self._seed = softmax_temperature, seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """Those drawn."""
        return _drawn(outputs if self._temperature is None else outputs / self._temperature, self._seed)


@seq2seq("InferenceHelper")
class InferenceHelper(Helper):
    """Each input is what was sampled before, or what a function makes of it."""

    def __init__(
        self,
        sample_fn: Any,
        sample_shape: Any,
        sample_dtype: Any,
        start_inputs: Any,
        end_fn: Any,
        next_inputs_fn: Any = None,
    ) -> None:
        self._sample, self._end, self._next = sample_fn, end_fn, next_inputs_fn
        self.sample_ids_shape, self.sample_ids_dtype = tf.TensorShape(sample_shape), sample_dtype
        self._first = tf.convert_to_tensor(start_inputs)
        self._batch_size = tf.shape(self._first)[0]

    def initialize(self, name: str | None = None) -> Any:
        """The first inputs."""
        return tf.fill([self._batch_size], False), self._first

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """What the function gives."""
        return self._sample(outputs)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """Of these."""
        following = sample_ids if self._next is None else self._next(sample_ids)
        return self._end(sample_ids), following, state


# --- decoders ---


@seq2seq("Decoder")
class Decoder:
    """What :func:`dynamic_decode` runs: first inputs and state, then step by step."""

    tracks_own_finished = False

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """What becomes of outputs (time, batch, …) and state at the end."""
        return outputs, final_state


@seq2seq("BasicDecoderOutput")
class BasicDecoderOutput(collections.namedtuple("BasicDecoderOutput", ("rnn_output", "sample_id"))):
    """What a cell put out, and its symbols."""

    __slots__ = ()


@seq2seq("BasicDecoder")
class BasicDecoder(Decoder):
    """A cell, a helper, a state to begin with, and a layer over the cell's outputs."""

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None) -> None:
        if output_layer is not None and not callable(output_layer):
            raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")
        self._cell, self._helper, self._initial_state = cell, helper, initial_state
        self._output_layer = output_layer

    @property
    def batch_size(self) -> Any:
        """That of the helper."""
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        """Shapes of an example's outputs."""
        return BasicDecoderOutput(layer_size(self._cell, self._output_layer), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        """Types of the outputs."""
        dtype = nest.flatten(self._initial_state)[0].dtype
        return BasicDecoderOutput(nest.map_structure(lambda _: dtype, self._cell.output_size),
                                  self._helper.sample_ids_dtype)  # fmt: skip

    def initialize(self, name: str | None = None) -> Any:
        """Which are finished, the first inputs, and the state."""
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """Outputs, state, next inputs, and which are finished."""
        with tf.name_scope(name, "BasicDecoderStep"):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            ids = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, inputs, state = self._helper.next_inputs(
                time=time, outputs=outputs, state=state, sample_ids=ids
            )  # fmt: skip
        return BasicDecoderOutput(outputs, ids), state, inputs, finished


def layer_size(cell: Any, layer: Any) -> Any:
    """The shape of an example's output behind a layer; of unknown size where the layer is a function."""
    if layer is None or not hasattr(layer, "compute_output_shape"):
        return cell.output_size if layer is None else tf.TensorShape(None)

    def behind(size: Any) -> Any:
        return tf.TensorShape(layer.compute_output_shape(tf.TensorShape([None]).concatenate(size)))[1:]

    return nest.map_structure(behind, cell.output_size)


def _kept(finished: Any, old: Any, new: Any) -> Any:
    """The old state of those that are finished."""
    if isinstance(old, tf.TensorArray) or new.shape.ndims in (None, 0):
        return new
    chosen = tf.where_v2(tf.reshape(finished, [-1] + [1] * (new.shape.ndims - 1)), old, new)
    chosen.set_shape(new.shape)
    return chosen


@seq2seq("dynamic_decode")
def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: Any = None,
    parallel_iterations: int = 32,
    swap_memory: bool = False,
    scope: Any = None,
) -> Any:
    """Run a decoder until all are finished.

    Args:
        decoder: to run.
        output_time_major: whether outputs are (time, batch, …), not (batch, time, …).
        impute_finished: whether outputs of those that are finished are zero, and their states stay.
        maximum_iterations: at most so many steps.
        parallel_iterations: as in ``tf.while_loop``.
        swap_memory: likewise.
        scope: of the variables; "decoder" by default.

    Returns:
        Outputs, final state and lengths (batch,); the first two where the caller takes two, as before 1.2.
    """
    with tf.variable_scope(scope, "decoder"):
        limit = None if maximum_iterations is None else tf.cast(maximum_iterations, tf.int32)
        finished, inputs, state = nest.map_structure(_in_graph, decoder.initialize())
        if limit is not None:
            finished = tf.logical_or(finished, limit <= 0)
        lengths = tf.zeros_like(finished, tf.int32)
        arrays: Any = nest.map_structure(
            lambda dtype: tf.TensorArray(dtype, 0, dynamic_size=True, infer_shape=False), decoder.output_dtype
        )
        shapes: list[Any] = []

        def going(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            return tf.logical_not(tf.reduce_all(finished))

        def step(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            outputs, after, following, ended = decoder.step(time, inputs, state)
            own = getattr(decoder, "tracks_own_finished", False)
            ended = ended if own else tf.logical_or(ended, finished)
            if own and hasattr(after, "lengths"):
                lengths = tf.cast(after.lengths, tf.int32)
            else:
                lengths = tf.where(finished, lengths, tf.fill(tf.shape(lengths), time + 1))
            if limit is not None:
                ended = tf.logical_or(ended, time + 1 >= limit)
            if impute_finished:
                outputs = nest.map_structure(lambda each: _kept(finished, tf.zeros_like(each), each), outputs)
                after = nest.map_structure(lambda old, new: _kept(finished, old, new), state, after)
            nest.assert_same_structure(inputs, following)
            shapes[:] = [each.shape for each in nest.flatten(outputs)]
            arrays = nest.map_structure(lambda array, each: array.write(time, each), arrays, outputs)
            return time + 1, arrays, after, following, ended, lengths

        _, arrays, state, _, _, lengths = tf.while_loop(
            going, step, (tf.constant(0), arrays, state, inputs, finished, lengths),
            parallel_iterations=parallel_iterations, swap_memory=swap_memory,
            shape_invariants=_invariants((tf.constant(0), arrays, state, inputs, finished, lengths)),
        )  # fmt: skip

        stacked = [array.stack() for array in nest.flatten(arrays)]
        for tensor, shape in zip(stacked, shapes, strict=True):
            tensor.set_shape(tf.TensorShape([None]).concatenate(shape))
        outputs = nest.pack_sequence_as(decoder.output_dtype, stacked)
        with contextlib.suppress(NotImplementedError):
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.map_structure(transpose_batch_time, outputs)
    return (outputs, state) if unpacked(sys._getframe(1)) == 2 else (outputs, state, lengths)


def _in_graph(each: Any) -> Any:
    """A loop's variable as it is in the graph: a decoder of one's own may begin with False, or with an array."""
    return each if isinstance(each, tf.TensorArray) else tf.convert_to_tensor(each)


def _invariants(variables: Any) -> Any:
    """Shapes with the batch left open: where a state begins with a known one, a step may lose it."""

    def of(each: Any) -> Any:
        if isinstance(each, tf.TensorArray):
            return tf.TensorShape(None)
        shape = each.shape
        return tf.TensorShape([None]).concatenate(shape[1:]) if shape.ndims else shape

    return nest.map_structure(of, variables)


@seq2seq("tile_batch")
def tile_batch(t: Any, multiplier: int, name: str | None = None) -> Any:
    """Each example of a batch so many times, one after the other: (batch, …) as (batch · multiplier, …)."""

    def tile(each: Any) -> Any:
        each = tf.convert_to_tensor(each)
        if each.shape.ndims is None:
            raise ValueError("t must have statically known rank")
        tiled = tf.repeat(each, multiplier, axis=0)
        known = each.shape[0]
        known = getattr(known, "value", known)
        tiled.set_shape(tf.TensorShape([known * multiplier if known else None]).concatenate(each.shape[1:]))
        return tiled

    with tf.name_scope(name, "tile_batch"):
        return nest.map_structure(tile, t)
