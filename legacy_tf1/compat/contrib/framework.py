"""``tf.contrib.framework``: arg_scope, variables by name and their values from checkpoints."""

from __future__ import annotations

import contextlib
import functools
import inspect
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from legacy_tf1 import tf
from legacy_tf1.compat.registry import ADDED, adds

_scopes = threading.local()


# --- arg_scope ---


def _key(function: Any) -> Any:
    return getattr(function, "_key_op", function)


@adds("contrib.framework.arg_scope")
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
            if not has_arg_scope(function):
                raise ValueError(
                    f"arg_scope: {getattr(function, '__name__', function)} is not decorated with @add_arg_scope"
                )
            now[_key(function)] = {**now.get(_key(function), {}), **options}
    _scopes.now = now
    try:
        yield now
    finally:
        _scopes.now = before


@adds("contrib.framework.add_arg_scope")
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


@adds("contrib.framework.has_arg_scope")
def has_arg_scope(function: Any) -> bool:
    """Whether a function takes defaults from :func:`arg_scope`."""
    return hasattr(function, "_key_op")


@adds("contrib.framework.arg_scoped_arguments")
def arg_scoped_arguments(function: Any) -> tuple[str, ...]:
    """Names of a function's arguments that have a default, which an :func:`arg_scope` may change."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(each.name for each in parameters if each.default is not each.empty)


@adds("contrib.framework.current_arg_scope")
def current_arg_scope() -> dict[Any, Any]:
    """The scope that is in force."""
    return dict(getattr(_scopes, "now", {}))


# In TensorFlow 1 a module of the function's name held them all, and scripts import from it.
arg_scope.add_arg_scope, arg_scope.arg_scope = add_arg_scope, arg_scope  # type: ignore[attr-defined]


# --- variables ---

for _name, _today in {
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
    "argsort": tf.argsort,
    "sort": tf.sort,
    "broadcast_to": tf.broadcast_to,
    "zero_initializer": tf.zeros_initializer,
}.items():
    ADDED[f"contrib.framework.{_name}"] = _today


@adds("contrib.framework.variable")
@add_arg_scope
def variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: Any = None,
    **variable_v2: Any,
) -> Any:
    """A variable, made or found again as ``tf.get_variable`` does; ``device`` may be a function of the op."""
    with tf.device(device):
        return tf.get_variable(
            name,
            shape,
            dtype,
            initializer,
            regularizer,
            trainable,
            None if collections is None else list(dict.fromkeys([*collections])),
            caching_device,
            partitioner,
            custom_getter=custom_getter,
            use_resource=use_resource,
            **variable_v2,
        )


@adds("contrib.framework.model_variable")
@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = tf.float32,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    **options: Any,
) -> Any:
    """A variable that belongs to the model; ``options`` are those of :func:`variable`."""
    keys = [*(collections or ()), tf.GraphKeys.GLOBAL_VARIABLES, tf.GraphKeys.MODEL_VARIABLES]
    return variable(name, shape, dtype, initializer, regularizer, trainable, keys, **options)


@adds("contrib.framework.local_variable")
def local_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None, **options: Any) -> Any:
    """A variable of this process, which no checkpoint holds."""
    return tf.Variable(
        initial_value, False, collections=[tf.GraphKeys.LOCAL_VARIABLES], validate_shape=validate_shape, name=name,
        **options,
    )  # fmt: skip


@adds("contrib.framework.add_model_variable")
def add_model_variable(var: Any) -> None:
    """Count a variable among the model's."""
    if not any(var is each for each in tf.get_collection(tf.GraphKeys.MODEL_VARIABLES)):
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, var)


@adds("contrib.framework.get_variables")
def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = tf.GraphKeys.GLOBAL_VARIABLES
) -> list[Any]:
    """Variables of a collection, below a scope, or whose names end alike."""
    if isinstance(scope, tf.VariableScope):
        scope = scope.name
    if suffix is not None:
        # As it was: the two together are a pattern.
        scope = f"{scope or ''}.*{suffix if ':' in suffix else suffix + ':'}"
    return tf.get_collection(collection, scope)


@adds("contrib.framework.get_model_variables")
def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Those of the model."""
    return get_variables(scope, suffix, tf.GraphKeys.MODEL_VARIABLES)


@adds("contrib.framework.get_trainable_variables")
def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Those that are trained."""
    return get_variables(scope, suffix, tf.GraphKeys.TRAINABLE_VARIABLES)


@adds("contrib.framework.get_local_variables")
def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """Those of this process."""
    return get_variables(scope, suffix, tf.GraphKeys.LOCAL_VARIABLES)


@adds("contrib.framework.get_variables_by_name")
def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    """Those whose last name is this."""
    return get_variables(scope, rf"/{given_name}:|^{given_name}:")


@adds("contrib.framework.get_variables_by_suffix")
def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    """Those whose names end alike."""
    return get_variables(scope, suffix)


@adds("contrib.framework.get_unique_variable")
def get_unique_variable(var_op_name: str) -> Any:
    """The one of this full name.

    Raises:
        ValueError: there is none, or several.
    """
    found = [each for each in get_variables(var_op_name) if each.op.name == var_op_name]
    if len(found) != 1:
        raise ValueError(f"{len(found)} variables are called {var_op_name}")
    return found[0]


@adds("contrib.framework.get_variables_to_restore")
def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """Variables below some scopes (all, if none is named), without those below others."""

    def below(scopes: Sequence[str]) -> list[Any]:
        return [each for scope in scopes for each in get_variables(scope)]

    for scopes in (include, exclude):
        if scopes is not None and not isinstance(scopes, (list, tuple)):
            raise TypeError("include and exclude are lists of scopes")
    included = get_variables() if include is None else below(include)
    excluded = {id(each) for each in below(exclude or ())}
    return list({id(each): each for each in included if id(each) not in excluded}.values())


@adds("contrib.framework.filter_variables")
def filter_variables(
    var_list: Sequence[Any], include_patterns: Any = None, exclude_patterns: Any = None, reg_search: bool = True
) -> list[Any]:
    """Variables whose names match one of some patterns (all, if None), and none of others."""
    match = re.search if reg_search else re.match

    def matches(var: Any, patterns: Sequence[str]) -> bool:
        return any(match(pattern, var.op.name) for pattern in patterns)

    kept = [each for each in var_list if include_patterns is None or matches(each, include_patterns)]
    return [each for each in kept if not matches(each, exclude_patterns or ())]


# --- values of variables ---


@adds("contrib.framework.assign_from_values")
def assign_from_values(var_names_to_values: Mapping[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """Op and feeds that give variables, by full name, values.

    Raises:
        ValueError: a variable is not there, or has another shape.
    """
    assigned, feeds = [], {}
    for name, value in var_names_to_values.items():
        var = get_unique_variable(name)
        if var.shape.as_list() != list(value.shape):
            raise ValueError(f"{name} has the shape {var.shape.as_list()}, its value {list(value.shape)}")
        given = tf.placeholder(var.dtype.base_dtype, value.shape)
        feeds[given] = value
        assigned.append(tf.assign(var, given))
    return tf.group(*assigned), feeds


@adds("contrib.framework.assign_from_values_fn")
def assign_from_values_fn(var_names_to_values: Mapping[str, Any]) -> Callable[[Any], None]:
    """The same as a function of the session."""
    op, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(op, feeds)


def _by_name(var_list: Any) -> dict[str, Any]:
    return var_list if isinstance(var_list, dict) else {each.op.name: each for each in var_list}


@adds("contrib.framework.assign_from_checkpoint")
def assign_from_checkpoint(
    model_path: str, var_list: Any, ignore_missing_vars: bool = False
) -> tuple[Any, dict[Any, Any]]:
    """Op and feeds that give variables the values that a checkpoint holds.

    Args:
        model_path: of the checkpoint.
        var_list: variables; or name in the checkpoint → variable, or list of its parts.
        ignore_missing_vars: whether what the checkpoint lacks keeps its value.

    Raises:
        ValueError: the checkpoint lacks one, or has another size for it.
    """
    reader = tf.train.load_checkpoint(model_path)
    assigned, feeds = [], {}
    for name, parts in _by_name(var_list).items():
        if not reader.has_tensor(name):
            if not ignore_missing_vars:
                raise ValueError(f"the checkpoint {model_path} has no {name}")
            logging.getLogger("tensorflow").warning("Variable %s missing in checkpoint %s", name, model_path)
            continue
        value = reader.get_tensor(name)
        for var in parts if isinstance(parts, list) else [parts]:
            info = getattr(var, "_get_save_slice_info", lambda: None)()
            part = value
            if info is not None:  # of a variable in parts
                part = value[tuple(slice(o, o + s) for o, s in zip(info.var_offset, info.var_shape, strict=True))]
            if part.size != var.shape.num_elements():
                raise ValueError(f"{name}: {var.shape.as_list()} in the graph, {list(part.shape)} in {model_path}")
            given = tf.placeholder(var.dtype.base_dtype, var.shape)
            feeds[given] = part.reshape(var.shape.as_list())
            assigned.append(tf.assign(var, given))
    return tf.group(*assigned), feeds


@adds("contrib.framework.assign_from_checkpoint_fn")
def assign_from_checkpoint_fn(
    model_path: str, var_list: Any, ignore_missing_vars: bool = False, reshape_variables: bool = False
) -> Callable[[Any], None] | None:
    """A function of the session that restores variables from a checkpoint; None where there is nothing to restore.

    Raises:
        ValueError: no variables are given.
    """
    if not var_list:
        raise ValueError("var_list is empty: there are no variables to restore")
    wanted = _by_name(var_list)
    if ignore_missing_vars:
        reader = tf.train.load_checkpoint(model_path)
        for name in [name for name in wanted if not reader.has_tensor(name)]:
            logging.getLogger("tensorflow").warning("Variable %s missing in checkpoint %s", name, model_path)
        wanted = {name: each for name, each in wanted.items() if reader.has_tensor(name)}
        if not wanted:
            return None
    saver = tf.train.Saver(wanted, reshape=reshape_variables, write_version=tf.train.SaverDef.V1)
    return lambda session: saver.restore(session, model_path)


# --- decorators of functions that were to go ---


@adds("contrib.framework.deprecated", "contrib.framework.deprecated_args")
def deprecated(*unused: Any, **options: Any) -> Callable[[Any], Any]:
    """Decorator that warned; what it marks is the caller's own."""
    return lambda function: function
