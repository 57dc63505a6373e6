"""TF1 checkpoints (``tf.train.Saver``) into Keras models and back: weights, and what the optimizer remembers.

A TF1 checkpoint is a list of named arrays. Which of them is which weight of a Keras model says a name map. For the
models of the eleven tutorials it follows from their TF1 programs; for any other model it is guessed from shapes and
order, shown, and refused where it could be another.
"""

from __future__ import annotations

import collections
import math
import os
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfport import registry
from tfport.errors import UserError
from tfport.training.optimizers import value_of

v1 = tf.compat.v1
POWERS = ("beta1_power", "beta2_power")
STEP = "global_step"
# Slots by the optimizer that made them: suffix in the checkpoint → attribute of Keras's optimizers, of both Keras.
SLOTS = {"Adam": "_momentums", "Adam_1": "_velocities", "Momentum": "momentums"}
OTHER_SLOTS = (
    "RMSProp",
    "RMSProp_1",
    "Adagrad",
    "Adadelta",
    "Adadelta_1",
    "Ftrl",
    "Ftrl_1",
    "ExponentialMovingAverage",
)


@dataclass(frozen=True)
class NameMap:
    """Which array of a TF1 checkpoint is which weight.

    Attributes:
        pairs: name in the checkpoint and name of the weight, in the order of the weights.
        shapes: of the weights, in their order.
        unused: arrays of the checkpoint that no weight takes.
        doubts: why the map could be another; applied is only one without doubts.
        step: updates that the checkpoint's run had made; None where it does not say.
    """

    pairs: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[int, ...], ...]
    unused: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    step: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        width = max((len(old) for old, _ in self.pairs), default=0)
        lines = [f"{old:<{width}}  →  {new} {shape}" for (old, new), shape in zip(self.pairs, self.shapes, strict=True)]
        lines += [f"{name}  is not used" for name in self.unused]
        return "\n".join([*lines, *(f"doubt: {doubt}" for doubt in self.doubts)])


def name_map(path: str | os.PathLike[str], model: Any, names: Mapping[str, str] | None = None) -> NameMap:
    """Which array of a checkpoint is which weight of a model, without applying it.

    Args:
        path: of the checkpoint, as ``Saver.save`` returned it; or of its folder, whose last one is taken.
        model: a built Keras model, of Keras 2 or 3.
        names: name of a weight → name in the checkpoint, where it is known; the others are guessed.

    Raises:
        UserError: there is no checkpoint, or it cannot hold this model's weights.
    """
    found, reader = _open(path)
    arrays = {name: tuple(shape) for name, shape in reader.get_variable_to_shape_map().items()}
    shapes = [tuple(weight.shape) for weight in model.weights]
    weights = list(zip(weight_names(model, model.weights), shapes, strict=True))
    free = _model_arrays(arrays)
    given = dict(names or {})
    unknown = [name for name in given if name not in dict(weights)]
    missing = [name for name in given.values() if name not in arrays]
    if unknown or missing:
        what = f"the model has no weight {unknown[0]}" if unknown else f"{found} has no array {missing[0]}"
        raise UserError(f"names: {what}")
    for name, old in given.items():
        if arrays[old] != dict(weights)[name]:
            raise UserError(f"names: {old} has shape {arrays[old]}, {name} has {dict(weights)[name]}")
    ours, _ = _tutorials_names(model, arrays)
    doubts: list[str] = []
    chosen: dict[str, str] = dict(given)
    rest = [(name, shape) for name, shape in weights if name not in given]
    if ours and not given:
        chosen = dict(zip((name for name, _ in weights), ours, strict=True))
    else:
        candidates = {name: shape for name, shape in free.items() if name not in given.values()}
        chosen |= _guess(rest, candidates, found, doubts)
    pairs = tuple((chosen[name], name) for name, _ in weights)
    unused = tuple(name for name in free if name not in chosen.values())
    return NameMap(pairs, tuple(shape for _, shape in weights), unused, tuple(doubts), _step(reader, arrays))


def from_tf1_checkpoint(
    path: str | os.PathLike[str], model: Any, names: Mapping[str, str] | None = None, *, optimizer: bool = True
) -> NameMap:
    """Make a Keras model what a TF1 program was when it wrote a checkpoint.

    Args:
        path: of the checkpoint, as ``Saver.save`` returned it; or of its folder, whose last one is taken.
        model: a built Keras model, of Keras 2 or 3; its optimizer too, where it is compiled with one.
        names: as for :func:`name_map`.
        optimizer: whether the optimizer's slots come along: Adam's m, v and powers, momenta, the number of updates.

    Returns:
        The map that was applied.

    Raises:
        UserError: there is no such checkpoint, its arrays do not fit, or the map is in doubt. The message shows the map
            as far as it goes; ``names`` settles it. The model is then what it was.
    """
    mapped = name_map(path, model, names)
    if mapped.doubts:
        raise UserError(
            f"{path}: which array is which weight is in doubt; say it with names={{weight: array}}\n{mapped}"
        )
    _, reader = _open(path)
    values = {old: reader.get_tensor(old) for old, _ in mapped.pairs}
    apply = _optimizer_updates(model, mapped, reader) if optimizer else []
    model.set_weights([values[old] for old, _ in mapped.pairs])
    for variable, value in apply:
        value_of(variable).assign(value)
    return mapped


def to_tf1_checkpoint(
    model: Any, path: str | os.PathLike[str], names: Mapping[str, str] | None = None, *, optimizer: bool = True
) -> str:
    """Write a Keras model as a checkpoint that ``tf.train.Saver.restore`` reads into its TF1 program.

    Args:
        model: a built Keras model.
        path: of the checkpoint: files of that name with endings are written, no folder is made.
        names: name of a weight → name in the checkpoint. Not needed for the eleven tutorials' models; those of any
            other are Keras's own ("dense/kernel"), which are the names that ``tf.layers`` used.
        optimizer: whether the optimizer's slots are written too.

    Returns:
        The path, as ``Saver.restore`` takes it.

    Raises:
        UserError: the folder is not there or cannot be written, there is such a checkpoint, or two weights have one
            name.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise UserError(f"{path}: there is no folder {target.parent}; make it first")
    if Path(f"{path}.index").exists():
        raise UserError(f"{path}: there is such a checkpoint; choose another name")
    weights = weight_names(model, model.weights)
    theirs, powers = _tutorials_names(model)
    named = [(names or {}).get(weight, (theirs or weights)[place]) for place, weight in enumerate(weights)]
    double = [name for name, count in collections.Counter(named).items() if count > 1]
    if double:
        raise UserError(f"names: {double[0]} stands for more than one weight")
    arrays = dict(zip(named, model.get_weights(), strict=True))
    if optimizer:
        trained = set(weight_names(model, model.trainable_weights))
        names_of = [name for name, weight in zip(named, weights, strict=True) if weight in trained]
        arrays |= _optimizer_arrays(model, names_of, powers or POWERS)
    with v1.Graph().as_default(), v1.Session() as session:
        variables = {name: v1.Variable(value, dtype=value.dtype) for name, value in arrays.items()}
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver(variables)
        try:
            return str(saver.save(session, os.fspath(path), write_meta_graph=False, write_state=False))
        except (tf.errors.OpError, ValueError, OSError) as error:
            raise UserError(f"{path}: cannot be written ({_first_line(error)})") from error


def weight_names(model: Any, weights: Sequence[Any]) -> list[str]:
    """``dense/kernel`` in both Keras, of which one calls that a name with ``:0`` and the other a path."""
    names = (str(getattr(weight, "path", weight.name)).removesuffix(":0") for weight in weights)
    return [name.removeprefix(f"{model.name}/") for name in names]  # which Keras 3 puts before those of a Sequential


def _open(path: str | os.PathLike[str]) -> tuple[str, Any]:
    given = os.fspath(path)
    found = tf.train.latest_checkpoint(given) if os.path.isdir(given) else re.sub(r"\.(index|meta)$", "", given)
    if found is None or not (os.path.exists(f"{found}.index") or os.path.exists(found)):
        raise UserError(f"{given}: no TF1 checkpoint; name it as Saver.save did, without .index or .data-...")
    try:
        return found, tf.train.load_checkpoint(found)
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise UserError(f"{found}: cannot be read as a TF1 checkpoint ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _natural(name: str) -> list[Any]:
    # Variable_2 before Variable_10, and "Variable" before both.
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _is_slot(name: str, arrays: Mapping[str, Any]) -> bool:
    owner, _, slot = name.rpartition("/")
    return slot in (*SLOTS, *OTHER_SLOTS) and any(each == owner or each.endswith(f"/{owner}") for each in arrays)


def _model_arrays(arrays: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Those that are no slot, no power and no counter, in their natural order."""
    kept = {
        name: shape
        for name, shape in arrays.items()
        if not (_is_slot(name, arrays) or name.rpartition("/")[2] in (*POWERS, STEP))
    }
    return {name: kept[name] for name in sorted(kept, key=_natural)}


def _tutorials_names(model: Any, arrays: Mapping[str, tuple[int, ...]] | None = None) -> tuple[list[str], list[str]]:
    """What the TF1 program calls its variables and the two powers of Adam, where the model is one of the tutorials'.

    Args:
        model: a Keras model.
        arrays: of a checkpoint, which has to hold the variables.

    Returns:
        Both empty where it is none, or has been given other shapes.
    """
    row = registry.tutorials().get(model.name)
    if row is None:
        return [], []
    config = row.legacy_module().Config
    shapes = [tuple(weight.shape) for weight in model.weights]
    kinds = typing.get_args(typing.get_type_hints(config).get("variant"))
    for settings in [{"variant": kind} for kind in kinds] or [{}]:
        with v1.Graph().as_default():
            row.legacy_module().build(config(**settings))
            variables = {each.op.name: tuple(each.shape.as_list()) for each in v1.trainable_variables()}
            powers = _power_names({each.op.name: () for each in v1.global_variables()})
        there = arrays is None or all(arrays.get(name) == shape for name, shape in variables.items())
        if list(variables.values()) == shapes and there:
            return list(variables), powers
    return [], []


def _guess(
    weights: Sequence[tuple[str, tuple[int, ...]]],
    arrays: Mapping[str, tuple[int, ...]],
    found: str,
    doubts: list[str],
) -> dict[str, str]:
    """Weight → array, by shape, and among equal shapes by equal names or by the order in which TF1 counted them."""
    chosen: dict[str, str] = {}
    by_shape: dict[tuple[int, ...], list[str]] = collections.defaultdict(list)
    for name, shape in arrays.items():
        by_shape[shape].append(name)
    groups: dict[tuple[int, ...], list[str]] = collections.defaultdict(list)
    for name, shape in weights:
        groups[shape].append(name)
    for shape, wanted in groups.items():
        there = by_shape.get(shape, [])
        if len(there) < len(wanted):
            raise UserError(
                f"{found}: holds {len(there)} arrays of shape {shape}, the model has {len(wanted)} weights of it "
                f"({', '.join(wanted)}); it is of another model"
            )
        same = {name: name for name in wanted if name in there}
        if len(same) == len(wanted):
            chosen |= same
            continue
        chosen |= dict(zip(wanted, there, strict=False))
        if len(there) > len(wanted):
            doubts.append(
                f"{len(there)} arrays have shape {shape}: {', '.join(there)}; the model has {len(wanted)} weights"
            )
        elif len(wanted) > 1 and not _counted(there):
            doubts.append(f"{', '.join(there)} have one shape, {shape}, and no numbers that tell their order")
    return chosen


def _counted(names: Sequence[str]) -> bool:
    """Whether TF1 has numbered them itself, in the order in which they were made: Variable, Variable_1, ..."""
    stems = {re.sub(r"_\d+$", "", name) for name in names}
    return len(stems) == 1


def _step(reader: Any, arrays: Mapping[str, Any]) -> int | None:
    """Updates made, from the counter, or from β₂'s power: 0.999^(k + 1) keeps k for tens of thousands of steps."""
    for name in arrays:
        if name.rpartition("/")[2] == STEP:
            return int(reader.get_tensor(name))
    for name in arrays:
        if name.rpartition("/")[2] == POWERS[1]:
            power = float(reader.get_tensor(name))
            if 0 < power < 1:
                return round(math.log(power) / math.log(np.float32(0.999))) - 1
    return None


def _power_names(arrays: Mapping[str, Any]) -> list[str]:
    return [name for power in POWERS for name in arrays if name.rpartition("/")[2] == power]


def _optimizer_updates(model: Any, mapped: NameMap, reader: Any) -> list[tuple[Any, Any]]:
    """What to assign to the optimizer's variables; empty where either side has no slots."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return []
    optimizer.build(model.trainable_variables)
    arrays = reader.get_variable_to_shape_map()
    old_of = {new: old for old, new in mapped.pairs}
    updates: list[tuple[Any, Any]] = []
    for suffix, attribute in SLOTS.items():
        variables = getattr(optimizer, attribute, None) or []
        names = [f"{old_of[name]}/{suffix}" for name in weight_names(model, model.trainable_weights)]
        stored = [next((each for each in arrays if each == name or each.endswith(f"/{name}")), None) for name in names]
        if variables and all(each is not None for each in stored):
            updates += [(slot, reader.get_tensor(each)) for slot, each in zip(variables, stored, strict=True)]
    powers = _power_names(arrays)
    if len(powers) == 2 and getattr(optimizer, "_powers", None):
        updates += [(power, reader.get_tensor(name)) for power, name in zip(optimizer._powers, powers, strict=True)]
    if mapped.step is not None:
        updates.append((optimizer.iterations, mapped.step))
    return updates


def _optimizer_arrays(model: Any, names: Sequence[str], powers: Sequence[str]) -> dict[str, np.ndarray]:
    optimizer: Any = getattr(model, "optimizer", None)
    arrays: dict[str, np.ndarray] = {}
    for suffix, attribute in SLOTS.items():
        for name, slot in zip(names, getattr(optimizer, attribute, None) or [], strict=False):
            arrays[f"{name}/{suffix}"] = value_of(slot).numpy()
    if any(name.endswith("/Adam") for name in arrays):
        steps = int(value_of(optimizer.iterations).numpy())
        betas = (optimizer.beta_1, optimizer.beta_2)
        kept = getattr(optimizer, "_powers", None)
        for place, (name, beta) in enumerate(zip(powers, betas, strict=True)):
            power = value_of(kept[place]).numpy() if kept else np.float32(float(beta) ** (steps + 1))
            arrays[name] = np.asarray(power, np.float32)
    return arrays
