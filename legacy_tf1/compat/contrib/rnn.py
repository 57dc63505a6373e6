"""``tf.contrib.rnn``: the cells, wrappers and stacks beyond those of ``tf.nn.rnn_cell``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds
from legacy_tf1.compat.rnn import LSTMCell, cell, linear

_cells = tf.nn.rnn_cell
_State = _cells.LSTMStateTuple


# --- wrappers ---


class _Wrapper(_cells.RNNCell):  # type: ignore[name-defined]
    """A cell around a cell, whose sizes and zero state are those of the inner one."""

    def __init__(self, cell: Any, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        """That of the cell."""
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        """That of the cell."""
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """That of the cell."""
        return self._cell.zero_state(batch_size, dtype)


@cell("OutputProjectionWrapper")
class OutputProjectionWrapper(_Wrapper):
    """A cell whose outputs are multiplied by a matrix."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None) -> None:
        super().__init__(cell, reuse)
        self._size, self._activation = int(output_size), activation

    @property
    def output_size(self) -> int:
        """Of the projection."""
        return self._size

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        output, state = self._cell(inputs, state)
        projected = linear(output, self._size, True)
        return (self._activation(projected) if self._activation else projected), state


@cell("InputProjectionWrapper")
class InputProjectionWrapper(_Wrapper):
    """A cell whose inputs are multiplied by a matrix."""

    def __init__(
        self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        self._size, self._activation = int(num_proj), activation

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        projected = linear(inputs, self._size, True)
        return self._cell(self._activation(projected) if self._activation else projected, state)


@cell("EmbeddingWrapper")
class EmbeddingWrapper(_Wrapper):
    """A cell whose inputs are numbers of symbols, (batch,) or (batch, 1)."""

    def __init__(
        self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        self._shape, self._initializer = [embedding_classes, embedding_size], initializer

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        given = self._initializer or tf.get_variable_scope().initializer
        initializer = given or tf.random_uniform_initializer(-(3**0.5), 3**0.5)  # of variance one
        table = tf.get_variable("embedding", self._shape, nest.flatten(state)[0].dtype, initializer)
        return self._cell(tf.nn.embedding_lookup(table, tf.reshape(inputs, [-1])), state)


@cell("HighwayWrapper")
class HighwayWrapper(_Wrapper):
    """A cell whose outputs are mixed with its inputs by learned gates (arXiv:1505.00387); both have one size."""

    def __init__(self, cell: Any, couple_carry_transform_gates: bool = True, carry_bias_init: float = 1.0) -> None:
        super().__init__(cell)
        self._coupled, self._start = couple_carry_transform_gates, carry_bias_init

    def _gate(self, name: str, inputs: Any, start: float) -> Any:
        size = int(inputs.shape[-1])
        weights = tf.get_variable(f"{name}_w", [size, size])
        bias = tf.get_variable(f"{name}_b", [size], initializer=tf.constant_initializer(start))
        return tf.sigmoid(tf.nn.xw_plus_b(inputs, weights, bias))

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        output, state = self._cell(inputs, state)

        def mixed(one: Any, two: Any) -> Any:
            carry = self._gate("carry", one, self._start)
            transform = 1.0 - carry if self._coupled else self._gate("transform", one, -self._start)
            return one * carry + two * transform

        return nest.map_structure(mixed, inputs, output), state


@cell("AttentionCellWrapper")
class AttentionCellWrapper(_Wrapper):
    """A cell that looks back at its last ``attn_length`` outputs (arXiv:1409.0473, section 3.1)."""

    def __init__(
        self,
        cell: Any,
        attn_length: int,
        attn_size: int | None = None,
        attn_vec_size: int | None = None,
        input_size: int | None = None,
        state_is_tuple: bool = True,
        reuse: Any = None,
    ) -> None:
        if attn_length <= 0:
            raise ValueError(f"AttentionCellWrapper attends to attn_length steps, which is {attn_length}")
        super().__init__(cell, reuse)
        self._length, self._size = attn_length, attn_size or cell.output_size
        self._vector, self._input_size, self._tuple = attn_vec_size or self._size, input_size, state_is_tuple

    @property
    def _sizes(self) -> Any:
        return self._cell.state_size, self._size, self._size * self._length

    @property
    def state_size(self) -> Any:
        """Of the cell's state, of what was attended to, and of the outputs kept."""
        return self._sizes if self._tuple else sum(nest.flatten(self._sizes))

    @property
    def output_size(self) -> int:
        """Of what is attended to."""
        return self._size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """All zero."""
        return _cells.RNNCell.zero_state(self, batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        if not self._tuple:
            state = nest.pack_sequence_as(self._sizes, tf.split(state, nest.flatten(self._sizes), 1))
        state, attended, kept = state
        kept = tf.reshape(kept, [-1, self._length, self._size])
        inputs = linear([inputs, attended], self._input_size or int(inputs.shape[1]), True)
        output, state = self._cell(inputs, state)
        attended = self._attend(tf.concat(nest.flatten(state), 1), kept)
        with tf.variable_scope("attn_output_projection"):
            output = linear([output, attended], self._size, True)
        kept = tf.concat([kept[:, 1:], output[:, tf.newaxis]], 1)
        after = (state, attended, tf.reshape(kept, [-1, self._length * self._size]))
        return output, after if self._tuple else tf.concat(nest.flatten(after), 1)

    def _attend(self, query: Any, kept: Any) -> Any:
        with tf.variable_scope("attention"):
            weights = tf.get_variable("attn_w", [1, 1, self._size, self._vector])
            v = tf.get_variable("attn_v", [self._vector])
            features = tf.einsum("bls,sv->blv", kept, weights[0, 0])
            scores = tf.reduce_sum(v * tf.tanh(features + linear(query, self._vector, True)[:, tf.newaxis]), 2)
            return tf.reduce_sum(tf.nn.softmax(scores)[:, :, tf.newaxis] * kept, 1)


# --- cells ---


@cell("LayerNormBasicLSTMCell")
class LayerNormBasicLSTMCell(_cells.RNNCell):  # type: ignore[name-defined]
    """An LSTM cell that normalizes its gates, with recurrent dropout (arXiv:1607.06450, arXiv:1603.05118)."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        activation: Any = tf.tanh,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._units, self._forget_bias, self._activation = num_units, forget_bias, activation
        self._layer_norm, self._gain, self._shift = layer_norm, norm_gain, norm_shift
        self._keep, self._seed = dropout_keep_prob, dropout_prob_seed

    @property
    def state_size(self) -> Any:
        """Of c and h."""
        return _State(self._units, self._units)

    @property
    def output_size(self) -> int:
        """Of h."""
        return self._units

    def _norm(self, value: Any, scope: str) -> Any:
        with tf.variable_scope(scope):
            gamma = tf.get_variable("gamma", [self._units], initializer=tf.constant_initializer(self._gain))
            beta = tf.get_variable("beta", [self._units], initializer=tf.constant_initializer(self._shift))
            mean, variance = tf.nn.moments(value, [1], keep_dims=True)
            return tf.nn.batch_normalization(value, mean, variance, beta, gamma, 1e-12)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        c, h = state
        gates = tf.split(linear([inputs, h], 4 * self._units, not self._layer_norm), 4, 1)
        if self._layer_norm:
            names = ("input", "transform", "forget", "output")
            gates = [self._norm(gate, name) for gate, name in zip(gates, names, strict=True)]
        i, j, f, o = gates
        g = self._activation(j)
        if not isinstance(self._keep, float) or self._keep < 1:
            g = tf.nn.dropout(g, keep_prob=self._keep, seed=self._seed)
        c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * g
        if self._layer_norm:
            c = self._norm(c, "state")
        h = self._activation(c) * tf.sigmoid(o)
        return h, _State(c, h)


@cell("UGRNNCell")
class UGRNNCell(_cells.RNNCell):  # type: ignore[name-defined]
    """A cell of one gate, which takes as much of the new as it leaves of the old (arXiv:1611.09913)."""

    def __init__(
        self,
        num_units: int,
        initializer: Any = None,
        forget_bias: float = 1.0,
        activation: Any = tf.tanh,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._units, self._initializer = num_units, initializer
        self._forget_bias, self._activation = forget_bias, activation

    @property
    def state_size(self) -> int:
        """How many numbers the state of an example has: one a unit."""
        return self._units

    @property
    def output_size(self) -> int:
        """How many numbers the output of an example has: one a unit."""
        return self._units

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            gate, new = tf.split(linear([inputs, state], 2 * self._units, True), 2, 1)
        gate = tf.sigmoid(gate + self._forget_bias)
        state = gate * state + (1.0 - gate) * self._activation(new)
        return state, state


@cell("CoupledInputForgetGateLSTMCell")
class CoupledInputForgetGateLSTMCell(_cells.RNNCell):  # type: ignore[name-defined]
    """An LSTM cell that takes in as much as it forgets (arXiv:1503.04069), with peepholes on demand."""

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int = 1,
        num_proj_shards: int = 1,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = tf.tanh,
        reuse: Any = None,
        layer_norm: bool = False,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
    ) -> None:
        if layer_norm:
            raise ValueError("CoupledInputForgetGateLSTMCell: layer_norm=True is not supported by tfport")
        super().__init__(_reuse=reuse)
        self._units, self._peepholes, self._initializer = num_units, use_peepholes, initializer
        self._projected, self._clip, self._forget_bias = num_proj, proj_clip, forget_bias
        self._tuple, self._activation = state_is_tuple, activation

    @property
    def state_size(self) -> Any:
        """Of c and h."""
        sizes = _State(self._units, self._projected or self._units)
        return sizes if self._tuple else sum(sizes)

    @property
    def output_size(self) -> int:
        """Of h."""
        return self._projected or self._units

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        c, h = state if self._tuple else tf.split(state, [self._units, self.output_size], 1)
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            new, forget, out = tf.split(linear([inputs, h], 3 * self._units, True), 3, 1)
            if self._peepholes:
                forget += tf.get_variable("w_f_diag", [self._units]) * c
            forget = tf.sigmoid(forget + self._forget_bias)
            c = forget * c + (1.0 - forget) * self._activation(new)
            if self._peepholes:
                out += tf.get_variable("w_o_diag", [self._units]) * c
            h = tf.sigmoid(out) * self._activation(c)
            if self._projected is not None:
                with tf.variable_scope("projection"):
                    h = linear(h, self._projected, False)
                h = h if self._clip is None else tf.clip_by_value(h, -self._clip, self._clip)
        return h, _State(c, h) if self._tuple else tf.concat([c, h], 1)


@cell("NASCell")
class NASCell(_cells.RNNCell):  # type: ignore[name-defined]
    """The cell that a search for architectures found (arXiv:1611.01578)."""

    def __init__(
        self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None, **options: Any
    ) -> None:
        super().__init__(_reuse=reuse, **options)
        self._units, self._projected, self._bias = num_units, num_proj, use_bias

    @property
    def state_size(self) -> Any:
        """Of c and h."""
        return _State(self._units, self.output_size)

    @property
    def output_size(self) -> int:
        """Of h."""
        return self._projected or self._units

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        c, h = state
        size = 8 * self._units
        of_state = tf.matmul(h, tf.get_variable("recurrent_kernel", [self.output_size, size]))
        of_inputs = tf.matmul(inputs, tf.get_variable("kernel", [int(inputs.shape[1]), size]))
        if self._bias:
            of_state += tf.get_variable("bias", [size], initializer=tf.zeros_initializer())
        pairs = list(zip(tf.split(of_inputs, 8, 1), tf.split(of_state, 8, 1), strict=True))
        a, b, d, _, e, f, g, k = (one + two for one, two in pairs)
        product = pairs[3][0] * pairs[3][1]  # the fourth of the eight is one
        first = tf.tanh(tf.tanh(tf.sigmoid(a) * tf.nn.relu(b)) + c)
        second = tf.tanh(tf.sigmoid(d) + tf.nn.relu(product))
        third = tf.tanh(tf.tanh(e) * tf.sigmoid(f))
        fourth = tf.sigmoid(tf.tanh(g) + tf.sigmoid(k))
        c = first * second
        h = tf.tanh(c * tf.tanh(third + fourth))
        if self._projected is not None:
            h = tf.matmul(h, tf.get_variable("projection_weights", [self._units, self._projected]))
        return h, _State(c, h)


@cell("PhasedLSTMCell")
class PhasedLSTMCell(_cells.RNNCell):  # type: ignore[name-defined]
    """An LSTM whose units each have a rhythm, and change in the open part of its period alone (arXiv:1610.09513)."""

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        leak: float = 0.001,
        ratio_on: float = 0.1,
        trainable_ratio_on: bool = True,
        period_init_min: float = 1.0,
        period_init_max: float = 1000.0,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        self._size, self._peepholes, self._leak = int(num_units), use_peepholes, leak
        self._ratio_on, self._trainable = ratio_on, trainable_ratio_on
        self._periods = period_init_min, period_init_max

    @property
    def state_size(self) -> Any:
        """Of c and h."""
        return _State(self._size, self._size)

    @property
    def output_size(self) -> int:
        """How many numbers the output of an example has: one a unit."""
        return self._size

    def _openness(self, time: Any) -> Any:
        """How far the units are open at a time (batch, 1): (batch, units)."""

        def any_period(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
            least, most = (tf.log(each) for each in self._periods)
            return tf.exp(tf.random_uniform(shape, least, most, dtype))

        def any_phase(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
            return tf.random_uniform(shape, 0.0, period.initial_value, dtype)

        shape = [self._size]
        period = tf.get_variable("period", shape, tf.float32, any_period)
        phase = tf.get_variable("phase", shape, tf.float32, any_phase)
        ratio_on = tf.get_variable(
            "ratio_on", shape, tf.float32, tf.constant_initializer(self._ratio_on), trainable=self._trainable
        )
        # In the time's own type, which may be too large for float32. The gradient passes the remainder by.
        since, length = time - tf.cast(phase, time.dtype), tf.cast(period, time.dtype)
        since += tf.stop_gradient(tf.mod(since, length) - since)
        cycle = tf.cast(since / length, tf.float32)
        rising = 2 * cycle / ratio_on
        openness = tf.where(cycle < ratio_on, 2 - rising, self._leak * cycle)
        return tf.where(cycle < 0.5 * ratio_on, rising, openness)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step of a pair: times (batch, 1), inputs (batch, …)."""
        (time, x), (c, h) = inputs, state
        with tf.variable_scope("mask_gates"):
            gates = tf.sigmoid(linear([x, h, c] if self._peepholes else [x, h], 2 * self._size, True))
            update, forget = tf.split(gates, 2, 1)
        with tf.variable_scope("new_input"):
            new = tf.tanh(linear([x, h], self._size, True))
        new_c = c * forget + update * new
        with tf.variable_scope("output_gate"):
            out = tf.sigmoid(linear([x, h, new_c] if self._peepholes else [x, h], self._size, True))
        openness = self._openness(time)
        c, h = openness * new_c + (1 - openness) * c, openness * tf.tanh(new_c) * out + (1 - openness) * h
        return h, _State(c, h)


@cell("IndRNNCell")
class IndRNNCell(_cells.RNNCell):  # type: ignore[name-defined]
    """A cell whose units see of the state before only their own (arXiv:1803.04831)."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype)
        self._units, self._activation = num_units, activation or tf.tanh

    @property
    def state_size(self) -> int:
        """How many numbers the state of an example has: one a unit."""
        return self._units

    @property
    def output_size(self) -> int:
        """How many numbers the output of an example has: one a unit."""
        return self._units

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        own = tf.get_variable("kernel_u", [1, self._units], inputs.dtype,
                              tf.random_uniform_initializer(-1.0, 1.0))  # fmt: skip
        weights = tf.get_variable("kernel_w", [int(inputs.shape[1]), self._units], inputs.dtype)
        bias = tf.get_variable("bias", [self._units], inputs.dtype, tf.zeros_initializer())
        output = self._activation(tf.matmul(inputs, weights) + state * own + bias)
        return output, output


@cell("ConvLSTMCell")
@adds("contrib.rnn.python.ops.rnn_cell.ConvLSTMCell")
class ConvLSTMCell(_cells.RNNCell):  # type: ignore[name-defined]
    """An LSTM cell whose products are convolutions (arXiv:1506.04214).

    Args:
        conv_ndims: 1, 2 or 3.
        input_shape: of an example: (…, channels).
        output_channels: of c and h.
        kernel_shape: of the convolutions.
        use_bias: whether there are biases.
        skip_connection: whether the outputs have the inputs' channels behind their own.
        forget_bias: added to the gate that forgets.
        initializers: not used, as in TensorFlow.
        name: of its scope.
    """

    def __init__(
        self,
        conv_ndims: int,
        input_shape: Sequence[Any],
        output_channels: int,
        kernel_shape: Sequence[int],
        use_bias: bool = True,
        skip_connection: bool = False,
        forget_bias: float = 1.0,
        initializers: Any = None,
        name: str = "conv_lstm_cell",
    ) -> None:
        super().__init__(name=name)
        shape = tf.TensorShape(input_shape).as_list()
        if conv_ndims != len(shape) - 1:
            raise ValueError(f"ConvLSTMCell: input_shape {input_shape} has not {conv_ndims} dimensions and channels")
        self._dimensions, self._shape, self._channels = conv_ndims, shape, int(output_channels)
        self._kernel, self._bias, self._skip = list(kernel_shape), use_bias, skip_connection
        self._forget_bias = forget_bias

    @property
    def output_size(self) -> Any:
        """Of an example's outputs."""
        return tf.TensorShape([*self._shape[:-1], self._channels + self._skip * self._shape[-1]])

    @property
    def state_size(self) -> Any:
        """Of an example's c and h."""
        size = tf.TensorShape([*self._shape[:-1], self._channels])
        return _State(size, size)

    def call(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """A step: inputs (batch, …, channels) and a state give outputs (batch, …, channels) and the next state."""
        c, h = state
        joined = tf.concat([inputs, h], -1)
        shape = [*self._kernel, int(joined.shape[-1]), 4 * self._channels]
        gates = tf.nn.convolution(joined, tf.get_variable("kernel", shape, joined.dtype), padding="SAME")
        if self._bias:
            gates += tf.get_variable("biases", [4 * self._channels], joined.dtype, tf.zeros_initializer())
        i, new, forget, out = tf.split(gates, 4, -1)
        c = tf.sigmoid(forget + self._forget_bias) * c + tf.sigmoid(i) * tf.tanh(new)
        h = tf.tanh(c) * tf.sigmoid(out)
        return tf.concat([h, inputs], -1) if self._skip else h, _State(c, h)


def _conv(dimensions: int) -> Any:
    class Conv(ConvLSTMCell):
        def __init__(self, name: str = f"conv_{dimensions}d_lstm_cell", **options: Any) -> None:
            super().__init__(conv_ndims=dimensions, name=name, **options)

    Conv.__name__ = Conv.__qualname__ = f"Conv{dimensions}DLSTMCell"
    return Conv


for _dimensions in (1, 2, 3):
    cell(f"Conv{_dimensions}DLSTMCell")(_conv(_dimensions))


# --- cells that were one kernel, and those that ran a whole sequence ---


@cell("LSTMBlockCell")
@adds("contrib.rnn.python.ops.lstm_ops.LSTMBlockCell")
class LSTMBlockCell(LSTMCell):
    """The LSTM cell; ``clip_cell`` is older, and clips at 3."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        dtype: Any = None,
        reuse: Any = None,
        name: str = "lstm_cell",
        clip_cell: bool = False,
    ) -> None:
        clip = 3.0 if clip_cell or cell_clip is True else cell_clip or None
        if clip is not None and clip < 0:  # -1: not at all
            clip = None
        super().__init__(
            num_units, use_peephole, clip, forget_bias=forget_bias, dtype=dtype, reuse=reuse, name=name
        )  # fmt: skip


@cell("GRUBlockCellV2")
@adds("contrib.rnn.python.ops.gru_ops.GRUBlockCellV2")
class GRUBlockCellV2(_cells.GRUCell):  # type: ignore[name-defined]
    """The GRU cell, with its variables' names."""

    def __init__(
        self, num_units: int | None = None, cell_size: int | None = None, reuse: Any = None, name: str = "gru_cell"
    ) -> None:
        super().__init__(num_units if cell_size is None else cell_size, reuse=reuse, name=name)


@cell("GRUBlockCell")
@adds("contrib.rnn.python.ops.gru_ops.GRUBlockCell")
class GRUBlockCell(GRUBlockCellV2):
    """The GRU cell, with names of variables of its own."""

    def build(self, inputs_shape: Any) -> None:
        """Make the variables."""
        size, units = int(inputs_shape[-1]) + self._num_units, self._num_units
        self._gate_kernel = self.add_variable("w_ru", [size, 2 * units])
        self._gate_bias = self.add_variable("b_ru", [2 * units], initializer=tf.ones_initializer())
        self._candidate_kernel = self.add_variable("w_c", [size, units])
        self._candidate_bias = self.add_variable("b_c", [units], initializer=tf.zeros_initializer())
        self.built = True


@cell("LSTMBlockFusedCell")
@adds("contrib.rnn.python.ops.lstm_ops.LSTMBlockFusedCell")
class LSTMBlockFusedCell(tf.layers.Layer):
    """An LSTM over whole sequences (time, batch, inputs), by one kernel.

    Called with the inputs, an initial (c, h), a dtype and lengths (batch,), it returns outputs (time, batch, units),
    zero past the lengths, and (c, h) at the last step of each.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        reuse: Any = None,
        dtype: Any = None,
        name: str = "lstm_fused_cell",
        clip_cell: bool = False,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype)
        self._units, self._forget_bias, self._peephole = num_units, forget_bias, use_peephole
        self._clip = 3.0 if clip_cell or cell_clip is True else cell_clip or -1.0

    @property
    def num_units(self) -> int:
        """Of the cell."""
        return self._units

    def build(self, input_shape: Any) -> None:
        """Make the variables."""
        size = int(input_shape[2])
        self._kernel = self.add_weight("kernel", [size + self._units, 4 * self._units])
        self._bias = self.add_weight("bias", [4 * self._units], initializer=tf.zeros_initializer())
        if self._peephole:
            self._peepholes = [self.add_weight(name, [self._units]) for name in ("w_i_diag", "w_f_diag", "w_o_diag")]
        self.built = True

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, **options: Any
    ) -> Any:
        """Run it; a list of (batch, inputs) gives a list of outputs."""
        listed = isinstance(inputs, (list, tuple))
        inputs = tf.stack(inputs) if listed else tf.convert_to_tensor(inputs)
        outputs, state = super().__call__(
            inputs, initial_state=initial_state, dtype=dtype, sequence_length=sequence_length, **options
        )
        return (tf.unstack(outputs) if listed else outputs), state

    def call(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None) -> Any:
        """Run it."""
        time, batch = tf.shape(inputs)[0], tf.shape(inputs)[1]
        zeros = tf.zeros([batch, self._units], inputs.dtype)
        c, h = (zeros, zeros) if initial_state is None else initial_state
        longest = time if sequence_length is None else tf.reduce_max(sequence_length)
        w_i, w_f, w_o = self._peepholes if self._peephole else [tf.zeros([self._units], inputs.dtype)] * 3
        _, cs, _, _, _, _, outputs = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.cast(longest, tf.int64), x=inputs, cs_prev=c, h_prev=h, w=self._kernel, wci=w_i, wcf=w_f,
            wco=w_o, b=self._bias, forget_bias=self._forget_bias, cell_clip=self._clip, use_peephole=self._peephole,
        )  # fmt: skip
        if sequence_length is None:
            return outputs, _State(cs[-1], outputs[-1])
        lengths = tf.cast(sequence_length, tf.int32)
        # The state of an example of no steps is the first one.
        places = tf.stack([lengths, tf.range(batch)], 1)
        state = _State(*(tf.gather_nd(tf.concat([first[tf.newaxis], each], 0), places)
                         for first, each in ((c, cs), (h, outputs))))  # fmt: skip
        there = tf.transpose(tf.sequence_mask(lengths, time, inputs.dtype))
        return outputs * there[:, :, tf.newaxis], state


@adds("contrib.rnn.FusedRNNCellAdaptor", "contrib.rnn.FusedRNNCellAdapter")
class FusedRNNCellAdaptor:
    """Any cell, called as :class:`LSTMBlockFusedCell` is."""

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False) -> None:
        self._cell, self._dynamic = cell, use_dynamic_rnn

    def __call__(
        self,
        inputs: Any,
        initial_state: Any = None,
        dtype: Any = None,
        sequence_length: Any = None,
        scope: Any = None,
    ) -> Any:
        """Run it."""
        listed = isinstance(inputs, (list, tuple))
        options = {"initial_state": initial_state, "dtype": dtype, "sequence_length": sequence_length, "scope": scope}
        if self._dynamic:
            inputs = tf.stack(inputs) if listed else inputs
            outputs, state = tf.nn.dynamic_rnn(self._cell, inputs, time_major=True, **options)
            return (tf.unstack(outputs) if listed else outputs), state
        outputs, state = tf.nn.static_rnn(self._cell, inputs if listed else tf.unstack(inputs), **options)
        return (outputs if listed else tf.stack(outputs)), state


@adds("contrib.rnn.TimeReversedFusedRNN")
class TimeReversedFusedRNN:
    """One that runs over whole sequences, from their ends."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def _reversed(self, sequence: Any, lengths: Any) -> Any:
        if isinstance(sequence, (list, tuple)):
            return tf.unstack(self._reversed(tf.stack(sequence), lengths))
        return tf.reverse(sequence, [0]) if lengths is None else tf.reverse_sequence(sequence, lengths, 0, 1)

    def __call__(
        self,
        inputs: Any,
        initial_state: Any = None,
        dtype: Any = None,
        sequence_length: Any = None,
        scope: Any = None,
    ) -> Any:
        """Run it."""
        options = {} if scope is None else {"scope": scope}
        outputs, state = self._cell(
            self._reversed(inputs, sequence_length), initial_state=initial_state, dtype=dtype,
            sequence_length=sequence_length, **options,
        )  # fmt: skip
        return self._reversed(outputs, sequence_length), state


ADDED["contrib.rnn.CompiledWrapper"] = lambda cell, *unused: cell


# --- several layers in both directions ---


def _stacked(
    cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any, scope: Any, inputs: Any, layer: Callable[..., Any]
) -> Any:
    for name, cells, states in (("fw", cells_fw, states_fw), ("bw", cells_bw, states_bw)):
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(f"cells_{name} must be a list of one cell or more")
        if states is not None and len(states) != len(cells):
            raise ValueError(f"initial_states_{name} must be a list of as many states as there are cells")
    if len(cells_fw) != len(cells_bw):
        raise ValueError("There must be as many forward cells as backward ones")
    ends_fw, ends_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for number, (forward, backward) in enumerate(zip(cells_fw, cells_bw, strict=True)):
            with tf.variable_scope(f"cell_{number}") as inner:
                inputs, end_fw, end_bw = layer(
                    forward, backward, inputs, states_fw[number] if states_fw else None,
                    states_bw[number] if states_bw else None, inner,
                )  # fmt: skip
            ends_fw.append(end_fw)
            ends_bw.append(end_bw)
    return inputs, tuple(ends_fw), tuple(ends_bw)


@adds("contrib.rnn.stack_bidirectional_dynamic_rnn")
def stack_bidirectional_dynamic_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> Any:
    """Several bidirectional layers, each of which sees both directions of the one below."""

    def layer(forward: Any, backward: Any, below: Any, first_fw: Any, first_bw: Any, _: Any) -> Any:
        outputs, ends = tf.nn.bidirectional_dynamic_rnn(
            forward, backward, below, sequence_length=sequence_length, dtype=dtype, initial_state_fw=first_fw,
            initial_state_bw=first_bw, parallel_iterations=parallel_iterations, time_major=time_major,
            swap_memory=swap_memory,
        )  # fmt: skip
        return tf.concat(outputs, 2), *ends

    return _stacked(cells_fw, cells_bw, initial_states_fw, initial_states_bw, scope, inputs, layer)


@adds("contrib.rnn.stack_bidirectional_rnn")
def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """The same, unrolled."""

    def layer(forward: Any, backward: Any, below: Any, first_fw: Any, first_bw: Any, inner: Any) -> Any:
        return tf.nn.static_bidirectional_rnn(
            forward, backward, below, first_fw, first_bw, dtype=dtype, sequence_length=sequence_length, scope=inner
        )

    return _stacked(cells_fw, cells_bw, initial_states_fw, initial_states_bw, scope, inputs, layer)


for _name in ("stack_bidirectional_rnn", "stack_bidirectional_dynamic_rnn"):
    ADDED[f"contrib.rnn.python.ops.rnn.{_name}"] = ADDED[f"contrib.rnn.{_name}"]
