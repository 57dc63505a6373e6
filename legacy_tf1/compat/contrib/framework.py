"""``tf.contrib.framework``: arg_scope, and variables by name."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

_scopes = threading.local()


def layer(*names: str) -> Callable[[Any], Any]:
    """Decorator: under these names in ``contrib.layers`` and ``contrib.slim``."""
    return adds(*(f"contrib.{module}.{name}" for module in ("layers", "slim") for name in names))


def _key(function: Any) -> Any:
    return getattr(function, "_key_op", function)


@contextlib.contextmanager
def arg_scope(list_ops_or_scope: Any, **options: Any) -> Iterator[dict[Any, Any]]:
    """Defaults of arguments for functions made by :func:`add_arg_scope`, within a with statement.

    Args:
        list_ops_or_scope: the functions; or what an earlier arg_scope gave, to take it up again.
        **options: their defaults.

    Raises:
        ValueError: a function takes no part, or options are given with an earlier scope.
    """
    before = getattr(_scopes, "now", {})
    if isinstance(list_ops_or_scope, dict):
        if options:
            raise ValueError("arg_scope: an earlier scope is taken up as it is, without further arguments")
        now = list_ops_or_scope
    else:
        now = dict(before)
        for function in list_ops_or_scope:
            if not hasattr(function, "_key_op"):
                raise ValueError(
                    f"arg_scope: {getattr(function, '__name__', function)} is not decorated with @add_arg_scope"
                )
            now[_key(function)] = {**now.get(_key(function), {}), **options}
    _scopes.now = now
    try:
        yield now
    finally:
        _scopes.now = before


def add_arg_scope(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: the function takes defaults from :func:`arg_scope`."""

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        defaults = getattr(_scopes, "now", {}).get(call)
        if defaults:
            taken = list(inspect.signature(function).parameters)[: len(arguments)]
            options = {**{name: value for name, value in defaults.items() if name not in taken}, **options}
        return function(*arguments, **options)

    call._key_op = call  # type: ignore[attr-defined]
    return call


for _module in ("framework", "slim"):
    ADDED[f"contrib.{_module}.arg_scope"], ADDED[f"contrib.{_module}.add_arg_scope"] = arg_scope, add_arg_scope


for _old, _new in {
    "get_or_create_global_step": tf.train.get_or_create_global_step,
    "get_global_step": tf.train.get_global_step,
    "create_global_step": tf.train.create_global_step,
    "assert_scalar": tf.debugging.assert_scalar,
    "load_variable": tf.train.load_variable,
    "list_variables": tf.train.list_variables,
    "init_from_checkpoint": tf.train.init_from_checkpoint,
    "load_checkpoint": tf.train.load_checkpoint,
    "nest": tf.nest,
    "is_tensor": tf.is_tensor,
}.items():
    ADDED[f"contrib.framework.{_old}"] = ADDED[f"contrib.slim.{_old}"] = _new


@adds("contrib.framework.model_variable", "contrib.slim.model_variable")
@add_arg_scope
def model_variable(
    name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, **options: Any
) -> Any:
    """A variable that belongs to the model."""
    options = {key: value for key, value in options.items() if key in ("regularizer", "trainable", "collections")}
    collections = [
        tf.GraphKeys.GLOBAL_VARIABLES,
        tf.GraphKeys.MODEL_VARIABLES,
        *(options.pop("collections", None) or ()),
    ]
    return tf.get_variable(name, shape, dtype, initializer, collections=collections, **options)


@adds("contrib.framework.variable", "contrib.slim.variable")
@add_arg_scope
def variable(name: str, shape: Any = None, dtype: Any = tf.float32, initializer: Any = None, **options: Any) -> Any:
    """A variable."""
    options = {key: value for key, value in options.items() if key in ("regularizer", "trainable", "collections")}
    return tf.get_variable(name, shape, dtype, initializer, **options)


def _collected(collection: str) -> Callable[..., list[Any]]:
    def get(scope: Any = None, suffix: str | None = None) -> list[Any]:
        found = tf.get_collection(collection, getattr(scope, "name", scope))
        return [each for each in found if suffix is None or each.op.name.endswith(suffix)]

    return get


for _module in ("framework", "slim"):
    ADDED[f"contrib.{_module}.get_variables"] = _collected(tf.GraphKeys.GLOBAL_VARIABLES)
    ADDED[f"contrib.{_module}.get_model_variables"] = _collected(tf.GraphKeys.MODEL_VARIABLES)
    ADDED[f"contrib.{_module}.get_trainable_variables"] = _collected(tf.GraphKeys.TRAINABLE_VARIABLES)
