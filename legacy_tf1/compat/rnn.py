"""``tf.contrib.rnn``, the recurrent names that are older than it, ``legacy_seq2seq`` and ``seq2seq.sequence_loss``."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

_cells = tf.nn.rnn_cell
CELLS = (
    "BasicLSTMCell", "BasicRNNCell", "DeviceWrapper", "DropoutWrapper", "GRUCell", "LSTMCell", "LSTMStateTuple",
    "MultiRNNCell", "RNNCell", "ResidualWrapper",
)  # fmt: skip
# Where tutorials of different years found the cells.
HOMES = ("contrib.rnn", "models.rnn.rnn_cell", "python.ops.rnn_cell", "contrib.rnn.core_rnn_cell",
         "contrib.rnn.python.ops.core_rnn_cell", "python.ops.rnn_cell_impl")  # fmt: skip


def _cell(name: str) -> Callable[[Any], Any]:
    return adds(*(f"{home}.{name}" for home in (*HOMES, "nn.rnn_cell")))


for _name in CELLS:
    ADDED.update({f"{home}.{_name}": getattr(_cells, _name) for home in HOMES})


def _sized(name: str) -> Any:
    today = getattr(_cells, name)

    class Sized(today):  # type: ignore[misc, valid-type]
        def __init__(self, num_units: int, *arguments: Any, input_size: Any = None, **options: Any) -> None:
            super().__init__(num_units, *arguments, **options)

    Sized.__name__ = Sized.__qualname__ = name
    return Sized


for _name in ("BasicRNNCell", "GRUCell"):
    for _home in ("nn.rnn_cell", "models.rnn.rnn_cell", "python.ops.rnn_cell"):
        ADDED[f"{_home}.{_name}"] = _sized(_name)


@_cell("BasicLSTMCell")
class BasicLSTMCell(_cells.BasicLSTMCell):  # type: ignore[name-defined]
    """As in 1.x; also takes ``input_size``, which 0.x had."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        if isinstance(input_size, bool):  # 1.x: the third is state_is_tuple
            state_is_tuple = input_size
        # Its scope is called by its class.
        super().__init__(
            num_units, forget_bias, state_is_tuple, activation, reuse, name or "basic_lstm_cell", **options
        )

    def call(self, inputs: Any, state: Any) -> Any:
        """A step; a state that is one tensor, c beside h, as it was before 1.0, stays one."""
        if isinstance(state, (tuple, list)) or not self._state_is_tuple:
            return super().call(inputs, state)
        output, after = super().call(inputs, _cells.LSTMStateTuple(*tf.split(state, 2, 1)))
        return output, tf.concat(after, 1)


@_cell("MultiRNNCell")
class MultiRNNCell(_cells.MultiRNNCell):  # type: ignore[name-defined]
    """As in 1.x; ``[cell] * 2`` are two cells with weights of their own, as they were before 1.1."""

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        own: list[Any] = []
        for cell in cells:
            own.append(copy.deepcopy(cell) if any(cell is other for other in own) else cell)
        super().__init__(own, state_is_tuple)
        self._name = "multi_rnn_cell"  # the scope of its variables


ADDED.update({f"{home}.LSTMBlockCell": _cells.LSTMCell for home in HOMES})
ADDED["contrib.rnn.LSTMBlockFusedCell"] = _cells.LSTMCell
ADDED["contrib.rnn.GRUBlockCell"] = ADDED["contrib.rnn.GRUBlockCellV2"] = _cells.GRUCell
ADDED["contrib.rnn.CompiledWrapper"] = lambda cell, *unused: cell


@_cell("OutputProjectionWrapper")
class OutputProjectionWrapper(_cells.RNNCell):  # type: ignore[name-defined]
    """A cell whose outputs are multiplied by a matrix."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        self._cell, self._size, self._activation = cell, int(output_size), activation

    @property
    def state_size(self) -> Any:
        """That of the cell."""
        return self._cell.state_size

    @property
    def output_size(self) -> int:
        """Of the projection."""
        return self._size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """That of the cell."""
        return self._cell.zero_state(batch_size, dtype)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step."""
        output, state = self._cell(inputs, state)
        return _linear(output, self._size, self._activation), state


@_cell("InputProjectionWrapper")
class InputProjectionWrapper(OutputProjectionWrapper):
    """A cell whose inputs are multiplied by a matrix."""

    @property
    def output_size(self) -> Any:
        """That of the cell."""
        return self._cell.output_size

    def call(self, inputs: Any, state: Any) -> Any:
        """A step."""
        return self._cell(_linear(inputs, self._size, self._activation), state)


@_cell("EmbeddingWrapper")
class EmbeddingWrapper(_cells.RNNCell):  # type: ignore[name-defined]
    """A cell whose inputs are numbers of symbols."""

    def __init__(
        self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(_reuse=reuse)
        self._cell, self._shape, self._initializer = cell, [embedding_classes, embedding_size], initializer

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

    def call(self, inputs: Any, state: Any) -> Any:
        """A step."""
        initializer = self._initializer or tf.random_uniform_initializer(-(3**0.5), 3**0.5)
        table = tf.get_variable("embedding", self._shape, initializer=initializer)
        return self._cell(tf.nn.embedding_lookup(table, tf.reshape(inputs, [-1])), state)


def _linear(inputs: Any, size: int, activation: Any) -> Any:
    weights = tf.get_variable("kernel", [int(inputs.shape[-1]), size])
    biases = tf.get_variable("bias", [size], initializer=tf.zeros_initializer())
    outputs = tf.nn.bias_add(tf.matmul(inputs, weights), biases)
    return activation(outputs) if activation else outputs


@_cell("LayerNormBasicLSTMCell")
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
        return _cells.LSTMStateTuple(self._units, self._units)

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
        """A step."""
        c, h = state
        joined = tf.concat([inputs, h], 1)
        kernel = tf.get_variable("kernel", [int(joined.shape[-1]), 4 * self._units])
        gates = tf.split(tf.matmul(joined, kernel), 4, 1)
        if self._layer_norm:
            names = ("input", "transform", "forget", "output")
            gates = [self._norm(gate, name) for gate, name in zip(gates, names, strict=True)]
        else:
            bias = tf.get_variable("bias", [4 * self._units], initializer=tf.zeros_initializer())
            gates = [gate + part for gate, part in zip(gates, tf.split(bias, 4), strict=True)]
        i, j, f, o = gates
        g = self._activation(j)
        if not isinstance(self._keep, float) or self._keep < 1:
            g = tf.nn.dropout(g, keep_prob=self._keep, seed=self._seed)
        c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * g
        if self._layer_norm:
            c = self._norm(c, "state")
        h = self._activation(c) * tf.sigmoid(o)
        return h, _cells.LSTMStateTuple(c, h)


# --- loops ---

for _names, _loop in (
    (("contrib.rnn.static_rnn", "nn.rnn", "models.rnn.rnn.rnn", "python.ops.rnn.rnn"), tf.nn.static_rnn),
    (("models.rnn.rnn.dynamic_rnn", "python.ops.rnn.dynamic_rnn"), tf.nn.dynamic_rnn),
    (("contrib.rnn.static_state_saving_rnn", "nn.state_saving_rnn"), tf.nn.static_state_saving_rnn),
    (("contrib.rnn.static_bidirectional_rnn", "nn.bidirectional_rnn", "models.rnn.rnn.bidirectional_rnn"),
     tf.nn.static_bidirectional_rnn),
):  # fmt: skip
    ADDED.update(dict.fromkeys(_names, _loop))


def _stacked(cells_fw: Any, cells_bw: Any, inputs: Any, layer: Callable[..., Any]) -> Any:
    ends_fw, ends_bw = [], []
    for number, (forward, backward) in enumerate(zip(cells_fw, cells_bw, strict=True)):
        with tf.variable_scope(f"cell_{number}"):
            inputs, end_fw, end_bw = layer(number, forward, backward, inputs)
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
    scope: Any = None,
    **unused: Any,
) -> Any:
    """Several bidirectional layers, each of which sees both directions of the one below."""

    def layer(number: int, forward: Any, backward: Any, below: Any) -> Any:
        outputs, ends = tf.nn.bidirectional_dynamic_rnn(
            forward, backward, below, sequence_length=sequence_length, dtype=dtype,
            initial_state_fw=initial_states_fw and initial_states_fw[number],
            initial_state_bw=initial_states_bw and initial_states_bw[number],
        )  # fmt: skip
        return tf.concat(outputs, 2), *ends

    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        return _stacked(cells_fw, cells_bw, inputs, layer)


@adds("contrib.rnn.stack_bidirectional_rnn")
def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
    **unused: Any,
) -> Any:
    """The same, unrolled."""

    def layer(number: int, forward: Any, backward: Any, below: Any) -> Any:
        return tf.nn.static_bidirectional_rnn(forward, backward, below, dtype=dtype, sequence_length=sequence_length)

    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        return _stacked(cells_fw, cells_bw, inputs, layer)


@adds("contrib.rnn.transpose_batch_time")
def transpose_batch_time(x: Any) -> Any:
    """(batch, time, ...) as (time, batch, ...)."""
    return tf.transpose(x, [1, 0, *range(2, x.shape.ndims)])


# --- sequence to sequence ---


def _seq2seq(*names: str) -> Callable[[Any], Any]:
    return adds(*(f"{home}.{name}" for home in ("contrib.legacy_seq2seq", "nn.seq2seq", "models.rnn.seq2seq",
                                                "python.ops.seq2seq") for name in names))  # fmt: skip


def _loss_of(function: Any, targets: Any, logits: Any) -> Any:
    if function is None:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    try:
        inspect.signature(function).bind(labels=targets, logits=logits)
    except TypeError:
        return function(targets, logits)  # as before 1.0, by position
    return function(labels=targets, logits=logits)


@adds("contrib.seq2seq.sequence_loss")
def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
    **unused: Any,
) -> Any:
    """Weighted cross-entropy of logits (batch, time, symbols) and targets (batch, time).

    Averaged over time and batch, or over one of them, or over none: a scalar, (time,), (batch,) or (batch, time).
    """
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        losses = _loss_of(softmax_loss_function, targets, logits) * weights
        axes = [axis for axis, wanted in ((0, average_across_batch), (1, average_across_timesteps)) if wanted]
        if not axes:
            return losses
        total = tf.reduce_sum(weights, axes)
        # As it was: 1e-12 keeps a batch of weights 0 from 0 / 0.
        return tf.reduce_sum(losses, axes) / (total + 1e-12)


@_seq2seq("sequence_loss_by_example")
def sequence_loss_by_example(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
    **unused: Any,
) -> Any:
    """Weighted cross-entropy of a list of logits (batch, symbols), summed over the list: (batch,)."""
    with tf.name_scope(name, "sequence_loss_by_example"):
        losses = []
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            target = tf.reshape(tf.convert_to_tensor(target), [-1])
            losses.append(_loss_of(softmax_loss_function, target, logit) * weight)
        total = tf.add_n(losses)
        return total / (tf.add_n(list(weights)) + 1e-12) if average_across_timesteps else total


@_seq2seq("sequence_loss")
def legacy_sequence_loss(
    logits: Sequence[Any],
    targets: Sequence[Any],
    weights: Sequence[Any],
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Any = None,
    name: str | None = None,
    **unused: Any,
) -> Any:
    """The same, summed over the batch, or averaged."""
    with tf.name_scope(name, "sequence_loss"):
        cost = tf.reduce_sum(
            sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function)
        )
        return cost / tf.cast(tf.shape(targets[0])[0], cost.dtype) if average_across_batch else cost


@_seq2seq("rnn_decoder")
def rnn_decoder(
    decoder_inputs: Sequence[Any], initial_state: Any, cell: Any, loop_function: Any = None, scope: Any = None
) -> Any:
    """Run a cell over a list of inputs; ``loop_function(output, i)`` makes the next input where it is given."""
    with tf.variable_scope(scope or "rnn_decoder"):
        state, outputs, last = initial_state, [], None
        for number, given in enumerate(decoder_inputs):
            if loop_function is not None and last is not None:
                with tf.variable_scope("loop_function", reuse=True):
                    given = loop_function(last, number)
            if number > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
            last = output if loop_function is not None else None
    return outputs, state


@_seq2seq("basic_rnn_seq2seq")
def basic_rnn_seq2seq(
    encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, dtype: Any = tf.float32, scope: Any = None
) -> Any:
    """A list of inputs read by a cell, whose last state a copy of it decodes."""
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = tf.nn.static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


@_seq2seq("embedding_rnn_decoder")
def embedding_rnn_decoder(
    decoder_inputs: Sequence[Any],
    initial_state: Any,
    cell: Any,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    scope: Any = None,
    **unused: Any,
) -> Any:
    """A decoder of symbols, which embeds them; it may feed itself."""
    with tf.variable_scope(scope or "embedding_rnn_decoder"):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])

        def feed(output: Any, _: int) -> Any:
            if output_projection is not None:
                output = tf.nn.xw_plus_b(output, *output_projection)
            return tf.nn.embedding_lookup(table, tf.argmax(output, 1))

        embedded = [tf.nn.embedding_lookup(table, each) for each in decoder_inputs]
        return rnn_decoder(embedded, initial_state, cell, feed if feed_previous else None)


@_seq2seq("embedding_rnn_seq2seq")
def embedding_rnn_seq2seq(
    encoder_inputs: Sequence[Any],
    decoder_inputs: Sequence[Any],
    cell: Any,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: bool = False,
    dtype: Any = None,
    scope: Any = None,
) -> Any:
    """Both, of symbols."""
    with tf.variable_scope(scope or "embedding_rnn_seq2seq"):
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or tf.float32)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        return embedding_rnn_decoder(
            decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection, feed_previous
        )
