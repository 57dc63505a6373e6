"""``tf.contrib.seq2seq``'s attention: mechanisms, and the cell around a cell that attends.

Memories are (batch, time, size), alignments (batch, time).
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.contrib.seq2seq import seq2seq


@seq2seq("AttentionMechanism")
class AttentionMechanism:
    """What attends to a memory."""

    @property
    def alignments_size(self) -> Any:
        """How long the memory is."""
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        """The size of the state that it hands from step to step."""
        raise NotImplementedError


@seq2seq("_BaseAttentionMechanism")
class BaseAttentionMechanism(AttentionMechanism):
    """One that keeps its alignments, and whose keys are a layer of the memory.

    Args:
        query_layer: of the queries; None leaves them as they are.
        memory: (batch, time, size).
        probability_fn: from scores to alignments; it may take the state too.
        memory_sequence_length: (batch,): what is past it counts nothing.
        memory_layer: makes keys of the memory; None leaves it as it is.
        check_inner_dims_defined: whether the size must be known.
        score_mask_value: the score past the lengths; -inf by default.
        custom_key_value_fn: from keys and values, (batch, time, size) each, to those that take their place.
        name: taken as TensorFlow 1 took it; no variable here is called by it.

    Raises:
        ValueError: the size of the memory is not known.
    """

    def __init__(
        self,
        query_layer: Any,
        memory: Any,
        probability_fn: Callable[..., Any],
        memory_sequence_length: Any = None,
        memory_layer: Any = None,
        check_inner_dims_defined: bool = True,
        score_mask_value: Any = None,
        custom_key_value_fn: Any = None,
        name: str | None = None,
    ) -> None:
        memory = tf.convert_to_tensor(memory)
        if check_inner_dims_defined and not memory.shape[2:].is_fully_defined():
            raise ValueError(
                f"attention needs the static size of its memory (batch, time, size), and this is {memory.shape}"
            )
        self._query_layer, self._memory_layer, self._probability = query_layer, memory_layer, probability_fn
        self._there = None
        if memory_sequence_length is not None:
            self._there = tf.sequence_mask(memory_sequence_length, tf.shape(memory)[1])
            weights = tf.reshape(tf.cast(self._there, memory.dtype),
                                 tf.concat([tf.shape(self._there), [1] * (memory.shape.ndims - 2)], 0))  # fmt: skip
            shape, memory = memory.shape, memory * weights
            memory.set_shape(shape)
        self._values = memory
        self._keys = memory_layer(memory) if memory_layer is not None else memory
        if custom_key_value_fn is not None:
            self._keys, self._values = custom_key_value_fn(self._keys, self._values)
        self._masked = float("-inf") if score_mask_value is None else score_mask_value

    @property
    def memory_layer(self) -> Any:
        """Makes keys of the memory."""
        return self._memory_layer

    @property
    def query_layer(self) -> Any:
        """Of the queries."""
        return self._query_layer

    @property
    def values(self) -> Any:
        """The memory, zero past its lengths."""
        return self._values

    @property
    def keys(self) -> Any:
        """What queries are compared with."""
        return self._keys

    @property
    def batch_size(self) -> Any:
        """Of the memory."""
        known = self._keys.shape.as_list()[0]
        return known if known is not None else tf.shape(self._keys)[0]

    @property
    def alignments_size(self) -> Any:
        """How long the memory is."""
        known = self._keys.shape.as_list()[1]
        return known if known is not None else tf.shape(self._keys)[1]

    @property
    def state_size(self) -> Any:
        """Of the alignments it keeps."""
        return self.alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """Alignments before the first step: zeros (batch, time)."""
        return tf.zeros(tf.stack([batch_size, self.alignments_size]), dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step, which is the alignments: zeros (batch, time)."""
        return self.initial_alignments(batch_size, dtype)

    def probability_fn(self, score: Any, state: Any) -> Any:
        """Alignments by scores."""
        if self._there is not None:
            score = tf.where(self._there, score, tf.fill(tf.shape(score), tf.cast(self._masked, score.dtype)))
        return self._probability(score, state)


def _plain(probability_fn: Any) -> Callable[..., Any]:
    function = probability_fn or tf.nn.softmax
    return lambda score, state: function(score)


def _dense(units: int, name: str, dtype: Any) -> Any:
    return tf.layers.Dense(units, name=name, use_bias=False, dtype=dtype or tf.float32)


def _bahdanau(query: Any, keys: Any, normalize: bool, units: int) -> Any:
    dtype = query.dtype
    v = tf.get_variable("attention_v", [units], dtype)
    query = query[:, tf.newaxis]
    if not normalize:
        return tf.reduce_sum(v * tf.tanh(keys + query), 2)
    start = tf.constant_initializer((1.0 / units) ** 0.5)
    g = tf.get_variable("attention_g", [], dtype, start)
    b = tf.get_variable("attention_b", [units], dtype, tf.zeros_initializer())
    normed = g * v * tf.rsqrt(tf.reduce_sum(tf.square(v)))
    return tf.reduce_sum(normed * tf.tanh(keys + query + b), 2)


def _luong(query: Any, keys: Any, scale: bool) -> Any:
    if query.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"LuongAttention multiplies keys and queries: the cell has {query.shape[-1]} units, the keys have"
            f" {keys.shape[-1]}; set num_units to the cell's"
        )
    score = tf.squeeze(tf.matmul(query[:, tf.newaxis], keys, transpose_b=True), [1])
    return score * tf.get_variable("attention_g", [], query.dtype, tf.ones_initializer()) if scale else score


@seq2seq("BahdanauAttention")
class BahdanauAttention(BaseAttentionMechanism):
    """By a hidden layer of key and query (arXiv:1409.0473), normalized on demand (arXiv:1602.07868)."""

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        normalize: bool = False,
        probability_fn: Any = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Any = None,
        name: str = "BahdanauAttention",
    ) -> None:
        super().__init__(
            _dense(num_units, "query_layer", dtype), memory, _plain(probability_fn), memory_sequence_length,
            _dense(num_units, "memory_layer", dtype), True, score_mask_value, custom_key_value_fn, name,
        )  # fmt: skip
        self._num_units, self._normalize = num_units, normalize

    def __call__(self, query: Any, state: Any) -> Any:
        """Alignments, and the state they are."""
        with tf.variable_scope(None, "bahdanau_attention", [query]):
            score = _bahdanau(self._query_layer(query), self._keys, self._normalize, self._num_units)
        alignments = self.probability_fn(score, state)
        return alignments, alignments


@seq2seq("LuongAttention")
class LuongAttention(BaseAttentionMechanism):
    """By the product of key and query (arXiv:1508.04025), scaled on demand."""

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        scale: bool = False,
        probability_fn: Any = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Any = None,
        name: str = "LuongAttention",
    ) -> None:
        super().__init__(
            None, memory, _plain(probability_fn), memory_sequence_length, _dense(num_units, "memory_layer", dtype),
            True, score_mask_value, custom_key_value_fn, name,
        )  # fmt: skip
        self._num_units, self._scale = num_units, scale

    def __call__(self, query: Any, state: Any) -> Any:
        """Alignments, and the state they are."""
        with tf.variable_scope(None, "luong_attention", [query]):
            score = _luong(query, self._keys, self._scale)
        alignments = self.probability_fn(score, state)
        return alignments, alignments


# --- the cell ---


@seq2seq("AttentionWrapperState")
class AttentionWrapperState(
    collections.namedtuple(
        "AttentionWrapperState",
        ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state"),
    )
):
    """What an :class:`AttentionWrapper` goes on with."""

    __slots__ = ()

    def clone(self, **kwargs: Any) -> Any:
        """The same with other parts; their static shapes are those of the parts they replace."""

        def shaped(old: Any, new: Any) -> Any:
            if isinstance(old, tf.Tensor) and isinstance(new, tf.Tensor) and not _fits(old.shape, new.shape):
                raise ValueError(f"The shape of the state is {old.shape}, that of what is to replace it {new.shape}")
            return new

        for name, value in kwargs.items():
            nest.map_structure(shaped, getattr(self, name), value)
        return self._replace(**kwargs)


def _fits(one: Any, two: Any) -> bool:
    return bool(one[1:].is_compatible_with(two[1:])) if one.ndims and two.ndims else True


@seq2seq("AttentionWrapper")
class AttentionWrapper(tf.nn.rnn_cell.RNNCell):
    """A cell that attends with what it puts out, and puts out what it attended to.

    Args:
        cell: the inner one.
        attention_mechanism: or a list of several.
        attention_layer_size: units of a layer over the cell's output and what was attended to; one each where there
            are several; None: no layer.
        alignment_history: whether all alignments are kept.
        cell_input_fn: of inputs and attention; puts them side by side by default.
        output_attention: False puts out what the cell does.
        initial_cell_state: for ``zero_state``.
        name: of the scope.
        attention_layer: instead of a size.
        attention_fn: of mechanism, output, state and layer, instead of what is done by default.
        dtype: of the layer.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Any = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._several = isinstance(attention_mechanism, (list, tuple))
        mechanisms = list(attention_mechanism) if self._several else [attention_mechanism]
        if attention_layer_size is not None and attention_layer is not None:
            raise ValueError(
                "AttentionWrapper: attention_layer has its own size; leave one of it and attention_layer_size out"
            )
        if attention_layer_size is not None:
            sizes = attention_layer_size if isinstance(attention_layer_size, (list, tuple)) else [attention_layer_size]
            if len(sizes) != len(mechanisms):
                raise ValueError(f"There are {len(mechanisms)} mechanisms, and sizes of layers for {len(sizes)}")
            layers: list[Any] = [_dense(int(size), "attention_layer", dtype) for size in sizes]
            self._size = sum(int(size) for size in sizes)
        elif attention_layer is not None:
            layers = list(attention_layer) if isinstance(attention_layer, (list, tuple)) else [attention_layer]
            width = int(cell.output_size)
            self._size = sum(
                int(layer.compute_output_shape([None, width + int(each.values.shape[-1])])[-1])
                for layer, each in zip(layers, mechanisms, strict=True)
            )
        else:
            layers = [None] * len(mechanisms)
            self._size = sum(int(each.values.shape[-1]) for each in mechanisms)
        self._cell, self._layers, self._keeps = cell, layers, alignment_history
        self._mechanisms = mechanisms
        self._join = cell_input_fn or (lambda inputs, attention: tf.concat([inputs, attention], -1))
        self._puts_out, self._attend = output_attention, attention_fn or compute_attention
        self._first = initial_cell_state

    def _packed(self, values: Any) -> Any:
        values = tuple(values)
        return values if self._several else values[0]

    def _each(self, values: Any) -> Any:
        return values if self._several else (values,)

    @property
    def output_size(self) -> Any:
        """Of what is attended to, or of the cell's output."""
        return self._size if self._puts_out else self._cell.output_size

    @property
    def state_size(self) -> Any:
        """Of all parts."""
        alignments = self._packed(each.alignments_size for each in self._mechanisms)
        return AttentionWrapperState(
            cell_state=self._cell.state_size, attention=self._size, time=tf.TensorShape([]), alignments=alignments,
            alignment_history=alignments if self._keeps else self._packed(() for _ in self._mechanisms),
            attention_state=self._packed(each.state_size for each in self._mechanisms),
        )  # fmt: skip

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state to begin with; the cell's own can be put in with ``clone(cell_state=…)``."""
        with tf.name_scope(f"{type(self).__name__}ZeroState"):
            cell_state = self._first if self._first is not None else self._cell.zero_state(batch_size, dtype)
            alignments = [each.initial_alignments(batch_size, dtype) for each in self._mechanisms]
            history = self._packed(
                tf.TensorArray(dtype, 0, dynamic_size=True, element_shape=each.shape) if self._keeps else ()
                for each in alignments
            )
            return AttentionWrapperState(
                cell_state=nest.map_structure(tf.identity, cell_state),
                attention=tf.zeros(tf.stack([batch_size, self._size]), dtype),
                time=tf.zeros([], tf.int32),
                alignments=self._packed(alignments),
                alignment_history=history,
                attention_state=self._packed(each.initial_state(batch_size, dtype) for each in self._mechanisms),
            )

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                f"AttentionWrapper goes on with an AttentionWrapperState, as zero_state() makes one, not {type(state)}"
            )
        output, cell_state = self._cell(self._join(inputs, state.attention), state.cell_state)
        attended, alignments, states, histories = [], [], [], []
        for mechanism, before, layer, history in zip(
            self._mechanisms, self._each(state.attention_state), self._layers, self._each(state.alignment_history),
            strict=True,
        ):  # fmt: skip
            attention, alignment, after = self._attend(mechanism, output, before, layer)
            attended.append(attention)
            alignments.append(alignment)
            states.append(after)
            histories.append(history.write(state.time, alignment) if self._keeps else ())
        attention = tf.concat(attended, 1)
        after = AttentionWrapperState(
            cell_state=cell_state, attention=attention, time=state.time + 1, alignments=self._packed(alignments),
            alignment_history=self._packed(histories), attention_state=self._packed(states),
        )  # fmt: skip
        return attention if self._puts_out else output, after


@seq2seq("_compute_attention")
def compute_attention(mechanism: Any, cell_output: Any, attention_state: Any, attention_layer: Any) -> Any:
    """What is attended to (batch, size), the alignments, and the mechanism's state."""
    alignments, after = mechanism(cell_output, state=attention_state)
    context = tf.squeeze(tf.matmul(alignments[:, tf.newaxis], mechanism.values), [1])
    if attention_layer is not None:
        context = attention_layer(tf.concat([cell_output, context], 1))
    return context, alignments, after


# --- 1.1's ---


@seq2seq("DynamicAttentionWrapperState")
class DynamicAttentionWrapperState(collections.namedtuple("DynamicAttentionWrapperState", ("cell_state", "attention"))):
    """What a :class:`DynamicAttentionWrapper` goes on with."""

    __slots__ = ()

    def clone(self, **kwargs: Any) -> Any:
        """The same with other parts."""
        return self._replace(**kwargs)


@seq2seq("DynamicAttentionWrapper")
class DynamicAttentionWrapper(tf.nn.rnn_cell.RNNCell):
    """:class:`AttentionWrapper` as it was in 1.1, with a state of two parts.

    Raises:
        ValueError: ``probability_fn`` is another than the softmax, which the mechanism takes instead.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_size: int,
        cell_input_fn: Any = None,
        probability_fn: Any = None,
        output_attention: bool = True,
        name: str | None = None,
    ) -> None:
        if probability_fn not in (None, tf.nn.softmax):
            raise ValueError("DynamicAttentionWrapper: give probability_fn to the attention mechanism, which uses it")
        super().__init__(name=name)
        self._cell, self._mechanism, self._size = cell, attention_mechanism, attention_size
        self._join = cell_input_fn or (lambda inputs, attention: tf.concat([inputs, attention], -1))
        self._puts_out, self._layer = output_attention, _dense(attention_size, "attention_layer", None)

    @property
    def output_size(self) -> Any:
        """Of what is attended to, or of the cell's output."""
        return self._size if self._puts_out else self._cell.output_size

    @property
    def state_size(self) -> Any:
        """Of both parts."""
        return DynamicAttentionWrapperState(self._cell.state_size, self._size)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """All zero."""
        zeros = tf.zeros(tf.stack([batch_size, self._size]), dtype)
        return DynamicAttentionWrapperState(self._cell.zero_state(batch_size, dtype), zeros)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        output, cell_state = self._cell(self._join(inputs, state.attention), state.cell_state)
        attention, _, _ = compute_attention(self._mechanism, output, None, self._layer)
        return attention if self._puts_out else output, DynamicAttentionWrapperState(cell_state, attention)
