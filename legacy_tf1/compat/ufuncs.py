"""NumPy's functions on a graph's tensors, as TensorFlow 1 answered them.

To NumPy such a tensor was an object of unknown kind, so that ``np.square(t)`` was ``t * t`` and went into the graph.
Today's tensor refuses to become an array instead. It still does where NumPy needs numbers, as in ``np.exp(t)``,
which never worked.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from tensorflow.python.framework import ops
from tensorflow.python.ops import variables

from legacy_tf1 import tf

# NumPy's function of two arguments → its operator, and the method of the right one where the left one is no tensor.
BINARY: dict[Any, tuple[Callable[[Any, Any], Any], str]] = {
    np.add: (operator.add, "__radd__"),
    np.subtract: (operator.sub, "__rsub__"),
    np.multiply: (operator.mul, "__rmul__"),
    np.true_divide: (operator.truediv, "__rtruediv__"),
    np.floor_divide: (operator.floordiv, "__rfloordiv__"),
    np.remainder: (operator.mod, "__rmod__"),
    np.power: (operator.pow, "__rpow__"),
    np.matmul: (operator.matmul, "__rmatmul__"),
    np.bitwise_and: (operator.and_, "__rand__"),
    np.bitwise_or: (operator.or_, "__ror__"),
    np.bitwise_xor: (operator.xor, "__rxor__"),
    np.greater: (operator.gt, "__lt__"),
    np.greater_equal: (operator.ge, "__le__"),
    np.less: (operator.lt, "__gt__"),
    np.less_equal: (operator.le, "__ge__"),
    np.equal: (operator.eq, "__eq__"),
    np.not_equal: (operator.ne, "__ne__"),
}
UNARY: dict[Any, Callable[[Any], Any]] = {
    np.square: lambda x: x * x,
    np.reciprocal: lambda x: 1 / x,
    np.negative: operator.neg,
    np.positive: lambda x: x,
    np.absolute: operator.abs,
    np.fabs: operator.abs,
    np.invert: operator.invert,
}


def _answer(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """What NumPy asks a tensor or a variable before it makes an array of it (``__array_ufunc__``)."""
    plain = method == "__call__" and not options
    if plain and ufunc in BINARY:
        left, right = inputs
        ordinary, reflected = BINARY[ufunc]
        return ordinary(left, right) if isinstance(left, KINDS) else getattr(right, reflected)(left)
    if tf.executing_eagerly():
        arrays = [np.asarray(each) if isinstance(each, KINDS) else each for each in inputs]
        return getattr(ufunc, method)(*arrays, **options)
    if plain and ufunc in UNARY:
        return UNARY[ufunc](self)
    if method == "reduce" and inputs[0] is self:  # an array of one object, which is the sum of its elements
        message = f"NumPy's {ufunc.__name__} over a graph tensor is that tensor, as it was in TensorFlow 1"
        warnings.warn(f"{message}: tf.reduce_sum and its neighbours reduce it", stacklevel=4)
        return self
    return NotImplemented


KINDS = (ops.SymbolicTensor, variables.Variable)
for _kind in KINDS:
    _kind.__array_ufunc__ = _answer
