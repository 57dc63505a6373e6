"""Which TensorFlow, which Keras: picks the Keras that the whole library uses, and explains a broken set-up.

Three rows of versions are supported (README, "Versions"):

* default: TensorFlow 2.21 with Keras 2 from the package tf-keras of the same minor version;
* reference: TensorFlow 2.15 with the Keras 2.15 that it brings;
* forward: TensorFlow 2.21 with Keras 3, chosen by the environment variable ``TFPORT_KERAS=3``.

``TF_USE_LEGACY_KERAS`` is never set here: it would switch the user's own code too.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
import platform
import types
from pathlib import Path

from tfport.errors import UserError
from tfport.processor import spare_amx

FIRST_SPLIT_MINOR = 16  # from TensorFlow 2.16 on `tf.keras` is Keras 3, and Keras 2 is the package tf-keras


def installed(package: str) -> str | None:
    """Version of an installed distribution, or None; reads metadata only, imports nothing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _tensorflow_version() -> str | None:
    # The CPU-only wheel and nightlies install under other names, yet import as tensorflow.
    for package in ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tf-nightly"):
        version = installed(package)
        if version is not None:
            return version
    return None


def keras_generation() -> int:
    """2 or 3: the Keras generation asked for by ``TFPORT_KERAS`` (2 where it is not set).

    Raises:
        UserError: for any other value.
    """
    value = os.environ.get("TFPORT_KERAS") or "2"
    if value not in ("2", "3"):
        raise UserError(f"TFPORT_KERAS takes 2 or 3, not {value!r}; unset it for Keras 2")
    return int(value)


def uses_package_keras() -> bool:
    """Whether the Keras that tfport uses is the package ``keras``, not tf-keras."""
    return keras_generation() == 3 or _minor(_tensorflow_version() or "0.0") < (2, FIRST_SPLIT_MINOR)


def problem(*, keras: bool = True) -> str | None:
    """What is wrong with the installed versions, as one sentence with the pip command that repairs it.

    Args:
        keras: whether Keras and TensorBoard are needed; graph-mode programs do without.

    Returns:
        None where nothing is. Only package metadata is read: no import, a few milliseconds.
    """
    tensorflow = _tensorflow_version()
    if tensorflow is None:
        return "TensorFlow is not installed; run: python -m pip install 'tensorflow>=2.15,<2.22'"
    major, minor = _minor(tensorflow)
    row = f"{major}.{minor}"
    if (major, minor) < (2, 15):
        return f"TensorFlow {tensorflow} is older than 2.15; run: python -m pip install 'tensorflow>=2.15,<2.22'"
    if not keras:
        return None
    tensorboard = installed("tensorboard") or installed("tb-nightly")
    if tensorboard is None:
        return (
            f"TensorBoard is not installed, and TensorFlow {tensorflow} cannot write summaries without it; "
            f"run: python -m pip install 'tensorboard=={row}.*'"
        )
    plain_keras = installed("keras")
    if keras_generation() == 3:
        if plain_keras is None or _minor(plain_keras) < (3, 0) or minor < FIRST_SPLIT_MINOR:
            found = f"keras {plain_keras}" if plain_keras else "no keras"
            return (
                f"TFPORT_KERAS=3 needs Keras 3 with TensorFlow 2.16 or newer, and TensorFlow {tensorflow} with {found} "
                "is installed; run: python -m pip install 'tensorflow>=2.21,<2.22' 'keras>=3.15', or unset TFPORT_KERAS"
            )
    elif minor >= FIRST_SPLIT_MINOR:
        tf_keras = installed("tf-keras")
        if tf_keras is None:
            return (
                f"tf-keras (Keras 2) is not installed beside TensorFlow {tensorflow}; "
                f"run: python -m pip install 'tf-keras=={row}.*'"
            )
        if _minor(tf_keras) != (major, minor):
            return (
                f"tf-keras {tf_keras} does not fit TensorFlow {tensorflow} (the first two numbers must be equal); "
                f"run: python -m pip install 'tf-keras=={row}.*'"
            )
    elif plain_keras is None or _minor(plain_keras) >= (3, 0):
        found = f"keras {plain_keras} does" if plain_keras else "no Keras is installed, which does"
        return f"{found} not fit TensorFlow {tensorflow}; run: python -m pip install 'keras=={row}.*'"
    return None


@functools.cache
def load_keras() -> types.ModuleType:
    """Import and return the Keras that tfport uses.

    Returns:
        ``tf_keras`` on the default row, ``tf.keras`` on the reference row, ``keras`` (3) with ``TFPORT_KERAS=3``.

    Raises:
        UserError: the installed versions do not fit; the message holds the pip command that repairs them.
    """
    sentence = problem()
    if sentence is not None:
        raise UserError(sentence)
    spare_amx()
    if keras_generation() == 3:
        backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        if backend != "tensorflow":
            raise UserError(f"tfport runs on TensorFlow, and KERAS_BACKEND is {backend!r}; unset KERAS_BACKEND")
        return importlib.import_module("keras")
    if not uses_package_keras():
        return importlib.import_module("tf_keras")
    tf_keras: types.ModuleType = importlib.import_module("tensorflow").keras
    return tf_keras


def describe() -> dict[str, str]:
    """Versions that a run records: package name → version, of those installed."""
    names = ("tfport", "tensorflow", "tf-keras", "keras", "tensorboard", "numpy")
    return {name: version for name in names if (version := installed(name)) is not None}


def processor() -> str:
    """What the machine calls its processor, and how many cores there are."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"
