"""``tfport export``: a trained model in other formats, each loaded again and compared before it counts as done."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tfport import files
from tfport.errors import UserError
from tfport.flags import Flags, flag
from tfport.interop.runs import TrainedRun, load_run

COMPARED = 1000  # test images
# Largest difference of a logit, over the largest logit.
LIMITS = {"savedmodel": 1e-5, "keras": 1e-5, "tflite": 1e-4}  # TensorFlow Lite has kernels of its own
ENDINGS = {"savedmodel": "", "keras": ".keras", "tflite": ".tflite"}


@dataclass(frozen=True, kw_only=True)
class Config(Flags):
    """Flags of the command."""

    to: Literal["savedmodel", "keras", "tflite"] = flag("savedmodel", "format")
    into: str = flag("", "file or folder to write (default: NAME in the working folder, with the format's ending)")


def main(words: Sequence[str], argv: Sequence[str]) -> int:
    """Export the model of a run."""
    config = Config.parse(
        argv,
        prog="tfport export RUN",
        description="The trained model of a run folder as a SavedModel, a Keras file or for TensorFlow Lite; logits.",
    )
    if len(words) != 1:
        raise UserError("tfport export takes one run folder, like: tfport export runs/cnn-... --to tflite")
    if config.into:
        _check_free(Path(config.into), config.to)
    trained = load_run(words[0])
    path = Path(config.into or f"{trained.name}{ENDINGS[config.to] or '-savedmodel'}")
    off, compared = export(trained, config.to, path)
    print(
        f"{path}: {config.to} of {trained.folder}; loaded again, its logits for {compared} are within {off:.1e} of "
        "the model's, relative to the largest"
    )
    return 0


def export(trained: TrainedRun, to: str, path: Path) -> tuple[float, str]:
    """Write a model, load what was written, compare both.

    Args:
        trained: the run.
        to: "savedmodel", "keras" or "tflite".
        path: to write; must not be there.

    Returns:
        The largest difference of a logit over the largest logit, and a phrase that says what was compared.

    Raises:
        UserError: the path is taken or cannot be written, the format is not to be had, or the exported model computes
            something else; nothing is left then.
    """
    _check_free(path, to)
    inputs, about = _inputs(trained)
    from tfport import training

    wanted = training.predict_logits(trained.model, inputs)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=".tfport-export-", dir=path.parent))
    except OSError as error:
        raise UserError(f"--into {path}: cannot be written ({error.strerror or error})") from error
    try:
        made = temporary / f"model{ENDINGS[to]}"
        write, read = FORMATS[to]
        try:
            write(trained.model, made)
            got = read(made, inputs)
        except Exception as error:  # the converters', of many kinds
            fault = files.disk_fault(error)
            if fault is not None:
                raise UserError(f"--into {path}: cannot be written ({fault})") from error
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise UserError(f"--to {to}: cannot be made of this model ({first}); take another format") from error
        if got.shape != wanted.shape:
            raise UserError(f"{to}: the exported model's logits are {got.shape}, not {wanted.shape}; not written")
        off = float(np.max(np.abs(got - wanted)) / (np.max(np.abs(wanted)) or 1.0))
        if not off <= LIMITS[to]:
            raise UserError(
                f"{to}: the exported model's logits are {off:.1e} off (allowed: {LIMITS[to]:.0e}); not written"
            )
        _check_free(path, to)  # still
        os.replace(made, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return off, about


def _check_free(path: Path, to: str) -> None:
    if path.suffix != ENDINGS[to] and (ENDINGS[to] or path.suffix in ENDINGS.values()):
        way_out = f"a file whose name ends with {ENDINGS[to]}" if ENDINGS[to] else f"a folder; leave out {path.suffix}"
        raise UserError(f"--into {path}: --to {to} writes {way_out}")
    if os.path.lexists(path):  # a link that leads nowhere is somebody's too
        raise UserError(f"--into {path}: is there already; choose another name")
    if not path.parent.is_dir():
        raise UserError(f"--into {path}: there is no folder {path.parent}; make it first")


def _inputs(trained: TrainedRun) -> tuple[np.ndarray, str]:
    from tfport import data

    if not trained.reads_digits:
        problem = trained.module.load(trained.config)
        return problem.train.inputs, f"its {len(problem.train.inputs)} points"
    try:
        digits = data.load("mnist", getattr(trained.config, "data_dir", None), download=False)
    except UserError:
        digits = data.load("synthetic")
    inputs = digits.test.inputs[:COMPARED]
    return inputs, f"{len(inputs)} test images ({digits.title})"


def _write_savedmodel(model: Any, path: Path) -> None:
    import tensorflow as tf

    shape = [None, *model.inputs[0].shape[1:]]
    called = tf.function(
        lambda inputs: model(inputs, training=False), input_signature=[tf.TensorSpec(shape, tf.float32, name="inputs")]
    )
    module = tf.Module()
    module.model, module.__call__ = model, called
    tf.saved_model.save(module, str(path), signatures={"serving_default": called})


def _read_savedmodel(path: Path, inputs: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    (outputs,) = loaded.signatures["serving_default"](inputs=tf.constant(inputs)).values()
    return np.asarray(outputs)


def _write_keras(model: Any, path: Path) -> None:
    model.save(str(path))


def _read_keras(path: Path, inputs: np.ndarray) -> np.ndarray:
    from tfport import keras, training

    return training.predict_logits(keras.models.load_model(str(path), compile=False), inputs)


def _write_tflite(model: Any, path: Path) -> None:
    import tensorflow as tf

    values: list[list[np.ndarray]] = []
    if hasattr(model, "stateless_call"):  # the converter leaves Keras 3's variables outside the file
        parts = (model.trainable_variables, model.non_trainable_variables)
        values = [[each.numpy() for each in part] for part in parts]

    def forward(inputs: Any) -> Any:
        if not values:
            return model(inputs, training=False)
        return model.stateless_call(*([tf.constant(each) for each in part] for part in values), inputs, training=False)[
            0
        ]

    shape = [1, *model.inputs[0].shape[1:]]
    concrete = tf.function(forward).get_concrete_function(tf.TensorSpec(shape, tf.float32, name="inputs"))
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete], model).convert())


def _read_tflite(path: Path, inputs: np.ndarray) -> np.ndarray:
    import warnings

    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the interpreter will move to a package of its own
        interpreter = tf.lite.Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    (given,), (returned,) = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for image in inputs:
        interpreter.set_tensor(given["index"], image[np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(returned["index"])[0].copy())
    return np.stack(rows)


FORMATS: dict[str, tuple[Callable[[Any, Path], None], Callable[[Path, np.ndarray], np.ndarray]]] = {
    "savedmodel": (_write_savedmodel, _read_savedmodel),
    "keras": (_write_keras, _read_keras),
    "tflite": (_write_tflite, _read_tflite),
}
