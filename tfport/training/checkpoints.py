"""Checkpoints of a run: weights, optimizer, the number of steps done, and how far the run's other files had grown.

A checkpoint is TensorFlow's own (``step-N.index``, ``step-N.data-…``; ``tf.train.load_checkpoint`` reads it), and
beside it ``step-N.json`` and ``step-N.values``, float32. All of it is written under other names, synced to the disk and
renamed, the index last: there is a checkpoint N exactly where there is a ``step-N.index``. The one before is kept until
then.
"""

from __future__ import annotations

import contextlib
import glob
import math
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfport.errors import UserError
from tfport.files import disk_fault, read_json, sync, sync_names
from tfport.training.runs import write_json

KEPT = 2  # checkpoints; the one before the last, should the last be damaged
_NAME = re.compile(r"step-(\d{1,18})\.(index|json|values|data-\d{5}-of-\d{5})")
_PART = "part-"  # begins the name of a folder in which a checkpoint is being written


class Checkpoints:
    """The last checkpoints of a model in training.

    Args:
        folder: of the files; made at the first of them.
        model: compiled, of Keras 2 or 3.
        seconds: at least, from one checkpoint to the next that :meth:`due` asks for.
        state: what else is to be kept; asked when a checkpoint is made, returns what JSON can hold, and under "values"
            a list of float32 arrays.
    """

    def __init__(
        self, folder: Path, model: Any, *, seconds: float = 0.0, state: Callable[[], dict[str, Any]] = dict
    ) -> None:
        model.optimizer.build(model.trainable_variables)  # so that there is something to restore into
        self._folder, self._model, self._seconds, self.state = folder, model, seconds, state
        self._checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
        self._last = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether it is time for one."""
        return time.monotonic() - self._last >= self._seconds

    @property
    def latest(self) -> Path | None:
        """Prefix of the last one, as ``tf.train.load_checkpoint`` takes it."""
        return next((self._folder / f"step-{step}" for step in steps_in(self._folder)), None)

    def save(self, step: int) -> None:
        """Keep what the model is after so many steps; not where a weight is not finite, which is nothing to keep.

        Raises:
            UserError: the disk is full, or the folder cannot be written; the checkpoint before is as it was.
        """
        if not _finite(self._model):
            return
        part = self._folder / f"{_PART}{os.getpid()}"
        try:
            with _removed(part):
                part.mkdir(parents=True)
                self._checkpoint.write(str(part / f"step-{step}"))
                state = self.state()
                values = state.pop("values", [])
                write_json(
                    part / f"step-{step}.json", {**state, "shapes": [each.shape for each in values]}, indent=None
                )
                (part / f"step-{step}.values").write_bytes(b"".join(each.tobytes() for each in values))
                names = sorted((path.name for path in part.glob("step-*")), key=lambda name: name.endswith(".index"))
                for name in names:
                    sync(part / name)
                for name in names:
                    if name.endswith(".index"):
                        sync_names(self._folder)  # the others' names are on the disk before that of the index
                    os.replace(part / name, self._folder / name)
                sync_names(self._folder)
        except (OSError, tf.errors.OpError) as error:
            fault = disk_fault(error)
            reason = fault or (str(error).splitlines() or [type(error).__name__])[0]
            latest = self.latest
            whole = f"the checkpoint before it, {latest.name}, is whole" if latest else "there is none before it"
            way_out = f"{'make room, and ' if fault else ''}go on with --resume {self._folder.parent}"
            raise UserError(
                f"{self._folder}: the checkpoint of step {step} cannot be written ({reason}); {whole}; {way_out}"
            ) from error
        self._forget()
        self._last = time.monotonic()

    def restore(self, folder: Path) -> tuple[int, dict[str, Any]]:
        """Make the model what it was at the last checkpoint in a folder; a damaged one is passed over, and said so.

        Returns:
            Steps done until then, 0 where there is no checkpoint yet; and the ``state`` kept with it.

        Raises:
            UserError: none of them can be restored: damaged, or of another model.
        """
        steps = steps_in(folder)
        for step in steps:
            path = folder / f"step-{step}"
            try:
                state = self._state_of(path)
                reader_of(str(path))
                self._checkpoint.read(str(path)).assert_existing_objects_matched()
            except (AssertionError, OSError, ValueError, RuntimeError, tf.errors.OpError) as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                if step == steps[-1]:
                    raise UserError(
                        f"{path}: cannot be restored, it is broken or of another model ({reason}); start the run anew"
                    ) from error
                print(f"{path}: is damaged ({reason}); the checkpoint before it is taken", flush=True)
            else:
                if folder == self._folder:
                    self._set_aside(newer=step)
                return step, state
        return 0, {}

    @staticmethod
    def _state_of(path: Path) -> dict[str, Any]:
        """What was kept beside a checkpoint.

        Raises:
            OSError, ValueError: it is damaged.
        """
        state = read_json(path.with_name(f"{path.name}.json"))
        if not isinstance(state, dict) or not isinstance(state.get("shapes"), list):
            raise ValueError(f"{path.name}.json is no state of a run")
        content = path.with_name(f"{path.name}.values").read_bytes()
        values, begin = [], 0
        for shape in state["shapes"]:
            if not isinstance(shape, list) or not all(isinstance(each, int) and each >= 0 for each in shape):
                raise ValueError(f"{path.name}.json has no shapes")
            end = begin + 4 * math.prod(shape)
            values.append(np.frombuffer(content[begin:end], np.float32).reshape(shape))
            begin = end
        if begin != len(content):
            raise ValueError(f"{path.name}.values does not fit its shapes")
        return {**state, "values": values}

    def _set_aside(self, newer: int) -> None:
        """Rename what is newer than a checkpoint that is taken: the run will come to those steps once more."""
        for path in list(self._folder.iterdir()):
            found = _NAME.fullmatch(path.name)
            if found and int(found[1]) > newer:
                os.replace(path, path.with_name(f"damaged-{path.name}"))
        if self._folder.is_dir():
            sync_names(self._folder)

    def _forget(self) -> None:
        """Remove what is older than the last ones, and what a process that was killed left half done."""
        kept = set(steps_in(self._folder)[:KEPT])
        for path in self._folder.iterdir():
            found = _NAME.fullmatch(path.name)
            with contextlib.suppress(OSError):  # another time
                if found and int(found[1]) not in kept:
                    path.unlink()
                elif path.name.startswith(_PART):
                    shutil.rmtree(path)


def reader_of(prefix: str) -> Any:
    """TensorFlow's reader of a checkpoint, whose arrays are as large as declared: that much is reserved for them.

    Raises:
        ValueError: it declares more bytes than its files hold.
        tf.errors.OpError, RuntimeError: it cannot be read.
    """
    reader = tf.train.load_checkpoint(prefix)
    kinds = reader.get_variable_to_dtype_map()
    shapes = {name: shape for name, shape in reader.get_variable_to_shape_map().items() if kinds[name] != tf.string}
    declared = sum(math.prod(shape) * kinds[name].size for name, shape in shapes.items())
    parts = Path(prefix).parent.glob(f"{glob.escape(Path(prefix).name)}.data-*")
    held = sum(part.stat().st_size for part in parts)
    if os.path.isfile(f"{prefix}.index") and declared > held:
        raise ValueError(f"it declares {declared:,} bytes of arrays, and has {held:,}")
    return reader


def steps_in(folder: Path) -> list[int]:
    """The steps of which a folder has a whole checkpoint, the last one first."""
    if not folder.is_dir():
        return []
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted((int(each[1]) for each in found if each and each[2] == "index"), reverse=True)


@contextlib.contextmanager
def _removed(folder: Path) -> Iterator[None]:
    """Without that folder before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finite(model: Any) -> bool:
    return all(bool(tf.reduce_all(tf.math.is_finite(tf.convert_to_tensor(each)))) for each in model.trainable_variables)
