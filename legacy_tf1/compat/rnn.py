"""The cells of ``tf.nn.rnn_cell`` and the loops over them, at every place where they once stood."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tensorflow.python.keras.layers.legacy_rnn import rnn_cell_impl
from tensorflow.python.util import nest

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

_cells = tf.nn.rnn_cell
# Where tutorials of different years found the cells.
HOMES = (
    "nn.rnn_cell", "contrib.rnn", "contrib.rnn.core_rnn_cell", "contrib.rnn.python.ops.core_rnn_cell",
    "contrib.rnn.python.ops.core_rnn_cell_impl", "contrib.rnn.python.ops.rnn_cell", "python.ops.rnn_cell",
    "python.ops.rnn_cell_impl",
)  # fmt: skip
# Before 0.9, where a state of c and h was one tensor unless a tuple was asked for.
EARLY_HOMES = ("models.rnn.rnn_cell", "models.rnn.rnn.rnn_cell", "models.rnn.seq2seq.rnn_cell")


def cell(*names: str) -> Callable[[Any], Any]:
    """Decorator: under these names, wherever cells are looked for."""
    return adds(*(f"{home}.{name}" for home in (*HOMES, *EARLY_HOMES) for name in names))


for _name in (*(each for each in dir(_cells) if each[0].isupper()), "LayerRNNCell", "assert_like_rnncell",
              "_concat", "_zero_state_tensors", "_WEIGHTS_VARIABLE_NAME", "_BIAS_VARIABLE_NAME"):  # fmt: skip
    cell(_name)(getattr(_cells, _name, None) or getattr(rnn_cell_impl, _name))
ADDED["python.util.nest.is_sequence"] = nest.is_nested


@cell("_like_rnncell")
def like_rnncell(candidate: Any) -> bool:
    """Whether an object can be run as a cell."""
    return all(hasattr(candidate, name) for name in ("output_size", "state_size", "zero_state")) and callable(candidate)


@cell("_linear")
@adds("models.rnn.linear.linear")
def linear(
    args: Any,
    output_size: int,
    bias: bool,
    bias_initializer: Any = None,
    kernel_initializer: Any = None,
    scope: Any = None,
    bias_start: float = 0.0,
) -> Any:
    """Inputs (batch, …), side by side, times ``kernel``, plus ``bias``; earlier: bias_start, scope."""
    if isinstance(bias_initializer, (int, float)):
        bias_initializer, bias_start = None, bias_initializer
    if isinstance(kernel_initializer, (str, tf.VariableScope)):
        kernel_initializer, scope = None, kernel_initializer
    values = list(args) if isinstance(args, (list, tuple)) else [args]
    with tf.variable_scope(scope or tf.get_variable_scope()):
        joined = values[0] if len(values) == 1 else tf.concat(values, 1)
        size = sum(int(value.shape[1]) for value in values)
        kernel = tf.get_variable("kernel", [size, output_size], joined.dtype, kernel_initializer)
        product = tf.matmul(joined, kernel)
        if not bias:
            return product
        initializer = bias_initializer or tf.constant_initializer(bias_start)
        return tf.nn.bias_add(product, tf.get_variable("bias", [output_size], joined.dtype, initializer))


@cell("_Linear")
class Linear:
    """The same, made once and called often."""

    def __init__(
        self,
        args: Any,
        output_size: int,
        build_bias: bool,
        bias_initializer: Any = None,
        kernel_initializer: Any = None,
    ) -> None:
        self._arguments = (output_size, build_bias, bias_initializer, kernel_initializer)
        self._scope = tf.get_variable_scope()
        linear(args, *self._arguments)

    def __call__(self, args: Any) -> Any:
        """Apply it."""
        with tf.variable_scope(self._scope, reuse=True, auxiliary_name_scope=False):
            return linear(args, *self._arguments)


# --- cells ---


def _is_size(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _of_one_tensor(step: Callable[..., Any], sizes: Any, inputs: Any, state: Any) -> Any:
    """A step of a cell of several states, given as one tensor side by side and returned so, as it was before 1.0."""
    parts = tf.split(state, nest.flatten(sizes), 1)
    output, after = step(inputs, nest.pack_sequence_as(sizes, parts))
    return output, tf.concat(nest.flatten(after), 1)


def _sized(name: str) -> Any:
    today = getattr(_cells, name)

    class Sized(today):  # type: ignore[misc, valid-type]
        # 0.x: the second is the size of the inputs, which are known anyway.
        def __init__(self, num_units: int, *arguments: Any, input_size: Any = None, **options: Any) -> None:
            if arguments and (_is_size(arguments[0]) or (arguments[0] is None and len(arguments) > 1)):
                arguments = arguments[1:]
            super().__init__(num_units, *arguments, **options)

    Sized.__name__ = Sized.__qualname__ = name  # its scope is called by its class
    Sized.__doc__ = today.__doc__
    return Sized


for _name in ("BasicRNNCell", "GRUCell"):
    cell(_name)(_sized(_name))


@cell("LSTMCell")
class LSTMCell(_sized("LSTMCell")):  # type: ignore[misc]
    """As in 1.x; also takes ``input_size`` and a state that is one tensor, as 0.x did."""

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        if self._state_is_tuple and not nest.is_nested(state):
            return _of_one_tensor(super().call, self.state_size, inputs, state)
        return super().call(inputs, state)


@cell("BasicLSTMCell")
class BasicLSTMCell(_cells.BasicLSTMCell):  # type: ignore[name-defined]
    """As in 1.x; also takes ``input_size`` and a state that is one tensor, as 0.x did."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        state_is_tuple: Any = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        if isinstance(input_size, bool):  # 1.x: the third is state_is_tuple, the fourth the activation
            if not isinstance(state_is_tuple, bool):
                activation = state_is_tuple
            state_is_tuple = input_size
        super().__init__(num_units, forget_bias, state_is_tuple, activation, reuse, name, dtype, **options)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        if self._state_is_tuple and not nest.is_nested(state):
            return _of_one_tensor(super().call, self.state_size, inputs, state)
        return super().call(inputs, state)


@cell("MultiRNNCell")
class MultiRNNCell(_cells.MultiRNNCell):  # type: ignore[name-defined]
    """As in 1.x; ``[cell] * 2`` are two cells with weights of their own, as they were before 1.1."""

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        own: list[Any] = []
        for each in cells:
            own.append(copy.deepcopy(each) if any(each is other for other in own) else each)
        super().__init__(own, state_is_tuple)

    def call(self, inputs: Any, state: Any) -> Any:
        """A step: inputs (batch, …) and a state give outputs (batch, output_size) and the next state."""
        if self._state_is_tuple and not nest.is_nested(state):
            return _of_one_tensor(super().call, self.state_size, inputs, state)
        return super().call(inputs, state)


def _early(name: str) -> Any:
    later = ADDED[f"nn.rnn_cell.{name}"]

    class Early(later):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, state_is_tuple: bool = False, **options: Any) -> None:
            super().__init__(*arguments, state_is_tuple=state_is_tuple, **options)

    Early.__name__ = Early.__qualname__ = name
    return Early


for _name in ("BasicLSTMCell", "LSTMCell", "MultiRNNCell"):
    ADDED.update(dict.fromkeys([f"{home}.{_name}" for home in EARLY_HOMES], _early(_name)))


# --- loops ---

for _names, _loop in (
    (("contrib.rnn.static_rnn", "nn.rnn", "models.rnn.rnn.rnn", "python.ops.rnn.rnn",
      "contrib.rnn.python.ops.core_rnn.static_rnn"), tf.nn.static_rnn),
    (("models.rnn.rnn.dynamic_rnn", "python.ops.rnn.dynamic_rnn", "contrib.rnn.dynamic_rnn"), tf.nn.dynamic_rnn),
    (("contrib.rnn.static_state_saving_rnn", "nn.state_saving_rnn", "models.rnn.rnn.state_saving_rnn",
      "python.ops.rnn.state_saving_rnn"), tf.nn.static_state_saving_rnn),
    (("contrib.rnn.static_bidirectional_rnn", "nn.bidirectional_rnn", "models.rnn.rnn.bidirectional_rnn",
      "python.ops.rnn.bidirectional_rnn", "contrib.rnn.python.ops.core_rnn.static_bidirectional_rnn"),
     tf.nn.static_bidirectional_rnn),
    (("contrib.rnn.bidirectional_dynamic_rnn",), tf.nn.bidirectional_dynamic_rnn),
):  # fmt: skip
    ADDED.update(dict.fromkeys(_names, _loop))


@adds("contrib.rnn.transpose_batch_time", "python.ops.rnn._transpose_batch_time")
def transpose_batch_time(x: Any) -> Any:
    """(batch, time, ...) as (time, batch, ...)."""
    return tf.transpose(x, [1, 0, *range(2, x.shape.ndims)])
