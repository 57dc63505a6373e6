"""TF1 checkpoints (``tf.train.Saver``) into Keras models and back: weights, and what the optimizer remembers.

A TF1 checkpoint is a list of named arrays. Which of them is which weight of a Keras model says a name map. For the
models of the eleven tutorials it follows from their TF1 programs; for any other model it is guessed from shapes and
order, shown, and refused where it could be another.
"""

from __future__ import annotations

import collections
import glob
import os
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfport import files, registry
from tfport.errors import UserError, printable
from tfport.interop import slots
from tfport.training.checkpoints import reader_of
from tfport.training.optimizers import value_of

v1 = tf.compat.v1
POWERS = ("beta1_power", "beta2_power")


@dataclass(frozen=True)
class NameMap:
    """Which array of a TF1 checkpoint is which weight.

    Attributes:
        pairs: name in the checkpoint and name of the weight, in the order of the weights.
        shapes: of the weights, in their order.
        unused: arrays of the checkpoint that no weight takes.
        doubts: why the map could be another; applied is only one without doubts.
    """

    pairs: tuple[tuple[str, str], ...]
    shapes: tuple[tuple[int, ...], ...]
    unused: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __str__(self) -> str:
        width = max((len(printable(old)) for old, _ in self.pairs), default=0)
        lines = [
            f"{printable(old):<{width}}  →  {new} {shape}"
            for (old, new), shape in zip(self.pairs, self.shapes, strict=True)
        ]
        lines += [f"{name}  is not used" for name in self.unused]
        return "\n".join(map(printable, [*lines, *(f"doubt: {doubt}" for doubt in self.doubts)]))


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
    _built(model)
    arrays = {name: tuple(shape) for name, shape in reader.get_variable_to_shape_map().items()}
    shapes = [tuple(weight.shape) for weight in model.weights]
    weights = list(zip(weight_names(model, model.weights), shapes, strict=True))
    free = _model_arrays(arrays)
    given = _known(names, [name for name, _ in weights])
    double = [name for name, count in collections.Counter(given.values()).items() if count > 1]
    if double:
        raise UserError(f"names: {double[0]} stands for more than one weight")
    missing = [name for name in given.values() if name not in arrays]
    if missing:
        raise UserError(f"names: {found} has no array {missing[0]}")
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
    return NameMap(pairs, tuple(shape for _, shape in weights), unused, tuple(doubts))


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
    found, reader = _open(path)

    def read(name: str) -> np.ndarray:
        try:
            value = np.asarray(reader.get_tensor(name))
            if value.dtype.kind not in "fiu":
                raise ValueError(f"it holds no numbers but {value.dtype}")
            return value
        except (tf.errors.OpError, ValueError, RuntimeError, IndexError) as error:
            raise UserError(f"{found}: {name} cannot be read ({_first_line(error)})") from error

    values = [read(old) for old, _ in mapped.pairs]
    updates: list[tuple[Any, Any]] = []
    if optimizer and (its := _optimizer(model)) is not None:
        old_of = {new: old for old, new in mapped.pairs}
        trained = [old_of[name] for name in weight_names(model, model.trainable_weights)]
        updates = slots.to_assign(its, trained, reader.get_variable_to_shape_map(), read)
    # All has been read and fits: nothing stops half-way.
    model.set_weights(values)
    for variable, value in updates:
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
    if target.is_dir() or os.fspath(path).endswith(os.sep):
        raise UserError(f"{path}: is a folder; a checkpoint takes a name in it, like {target / 'model'}")
    if os.path.lexists(f"{path}.index") or _parts(target):
        raise UserError(f"{path}: there is such a checkpoint; choose another name")
    _built(model)
    weights = weight_names(model, model.weights)
    given = _known(names, weights)
    theirs, powers = _tutorials_names(model)
    named = [given.get(weight, (theirs or weights)[place]) for place, weight in enumerate(weights)]
    double = [name for name, count in collections.Counter(named).items() if count > 1]
    if double:
        raise UserError(f"names: {double[0]} stands for more than one weight")
    arrays = dict(zip(named, model.get_weights(), strict=True))
    if optimizer and (its := _optimizer(model)) is not None:
        name_of = dict(zip(weights, named, strict=True))
        trained = [name_of[weight] for weight in weight_names(model, model.trainable_weights)]
        arrays |= slots.to_write(its, trained, powers or POWERS)
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


def _built(model: Any) -> None:
    try:
        there = bool(model.weights)
    except ValueError:  # as Keras 2 answers it
        there = False
    if not there:
        raise UserError(
            f"the model {model.name} has no weights yet: build it first (call it once, or give it an Input)"
        )
    names = weight_names(model, model.weights)
    double = [name for name, count in collections.Counter(names).items() if count > 1]
    if double:
        raise UserError(f"the model {model.name} has more than one weight called {double[0]}; name its layers apart")


def _known(names: Mapping[str, str] | None, weights: Sequence[str]) -> dict[str, str]:
    unknown = [name for name in names or () if name not in weights]
    if unknown:
        raise UserError(f"names: the model has no weight {unknown[0]}; it has {', '.join(weights)}")
    return dict(names or {})


def _optimizer(model: Any) -> Any:
    """The optimizer with its variables made, if the model is compiled with one."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and hasattr(optimizer, "build"):
        optimizer.build(model.trainable_variables)
    return optimizer


def _open(path: str | os.PathLike[str]) -> tuple[str, Any]:
    given = os.fspath(path)
    found = _last_of(Path(given)) if os.path.isdir(given) else re.sub(r"\.(index|meta)$", "", given)
    if found is None or not (os.path.isfile(f"{found}.index") or os.path.isfile(found)):
        raise UserError(f"{given}: no TF1 checkpoint; name it as Saver.save did, without .index or .data-...")
    try:
        return found, reader_of(found)
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise UserError(f"{found}: cannot be read as a TF1 checkpoint ({_first_line(error)})") from error


def _parts(checkpoint: Path) -> list[Path]:
    """The files of a checkpoint that hold its values."""
    return list(checkpoint.parent.glob(f"{glob.escape(checkpoint.name)}.data-*"))


def _last_of(folder: Path) -> str | None:
    """The checkpoint that the file ``checkpoint`` of a folder calls the last, as long as it is in that folder.

    Raises:
        UserError: it is elsewhere, or the file cannot be read.
    """
    state = folder / "checkpoint"
    try:
        if state.exists():
            files.read_text(state)  # TensorFlow would read whatever it is
        found: str | None = tf.train.latest_checkpoint(os.fspath(folder))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise UserError(f"{state}: cannot be read ({_first_line(error)}); name the checkpoint itself") from error
    if found is not None and Path(found).resolve().parent != folder.resolve():
        raise UserError(f"{state}: leads out of its folder, to {found}; name the checkpoint itself")
    return found


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _natural(name: str) -> list[Any]:
    # Variable_2 before Variable_10, and "Variable" before both.
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _model_arrays(arrays: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Those that are no slot, no power and no counter, in their natural order."""
    kept = {
        name: shape for name, shape in arrays.items() if not (slots.is_slot(name, arrays) or slots.is_counter(name))
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
            powers = [each.op.name for each in v1.global_variables() if slots.POWER.search(each.op.name)]
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
                f"{found}: arrays of shape {shape}: {len(there)}, the model's weights of it: {len(wanted)} "
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
    """Whether they differ by the number alone that TF1 puts behind a name it has given before: w, w_1, w_2 ..."""
    parts = [name.split("/") for name in names]
    if len({len(each) for each in parts}) > 1:
        return False
    differing = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    if len(differing) != 1:
        return False
    stem = min(differing[0], key=len)
    return set(differing[0]) == {stem, *(f"{stem}_{number}" for number in range(1, len(names)))}
