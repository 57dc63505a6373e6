"""What a program does before its work: check the versions, import TensorFlow without its chatter, tame the GPU.

For programs only; importing the library changes none of this.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from tfport import versions
from tfport.errors import UserError
from tfport.processor import spare_amx

# What TensorFlow writes to file descriptor 2 while it is imported, whatever TF_CPP_MIN_LOG_LEVEL says.
_CHATTER = re.compile(
    rb"absl::InitializeLog|^[IW]\d{4} |^[\d-]+ [\d:.]+: [IW] |Unable to register cu|failed call to cuInit"
)

_hidden = False  # whether this is a program whose chatter is hidden


def prepare(*, keras: bool = True) -> None:
    """Import TensorFlow for a program; with ``TF_CPP_MIN_LOG_LEVEL`` set, its chatter is shown as that asks.

    Args:
        keras: whether the program uses Keras: it is imported too, and its version matters.

    Raises:
        UserError: the installed packages do not fit together; the message holds the pip command that repairs them.
    """
    sentence = versions.problem(keras=keras)
    if sentence is not None:
        raise UserError(sentence)
    spare_amx()
    global _hidden
    level = "TF_CPP_MIN_LOG_LEVEL"
    quiet = level not in os.environ and "tensorflow" not in sys.modules and sys.stderr is not None
    if quiet:
        _hidden = True
        os.environ[level] = "3"
    unneeded = not (keras and versions.uses_package_keras())
    first = "tensorflow" not in sys.modules
    with (
        _without_chatter() if quiet else contextlib.nullcontext(),
        _uncollected() if first else contextlib.nullcontext(),
    ):
        with _lazy_keras() if unneeded else contextlib.nullcontext():
            tf = importlib.import_module("tensorflow")
        gpus = tf.config.list_physical_devices("GPU")
        if keras:
            versions.load_keras()
    if quiet:
        del os.environ[level]  # it has been read; what this process starts later shall not inherit it
    # Deprecation notes about tf.compat.v1: that the programs use it is their point.
    tf.get_logger().setLevel("ERROR")
    for gpu in gpus:
        # Without it a process takes the whole card. Once the card is in use it is too late, and an error.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Hide chatter while something is compiled, where :func:`prepare` has hidden it: TensorFlow 2.15 tells of XLA."""
    with _without_chatter() if _hidden and sys.stderr is not None else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off while modules are loaded, and have it pass over them from then on.

    What they make lives as long as the process. Looking it through takes a sixth of the import's time, and at the end
    of the process half a second.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


class _NotYet:
    """Import hook that has no module of Keras's own."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "keras.src":
            raise ImportError("not while TensorFlow is imported")


@contextlib.contextmanager
def _lazy_keras() -> Iterator[None]:
    """Import TensorFlow without Keras 3, which it loads as its last act, Matplotlib and all: a quarter of the time.

    It can do without (it suppresses the ImportError), and ``tf.keras`` is loaded at its first use as ever.
    """
    hook: Any = _NotYet
    if "keras" not in sys.modules:
        sys.meta_path.insert(0, hook)
    try:
        yield
    finally:
        if hook in sys.meta_path:
            sys.meta_path.remove(hook)


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Hold file descriptor 2 back, then pass on every line that is not known chatter."""
    sys.stderr.flush()
    real = os.dup(2)
    # Should TensorFlow abort the process (a CPU that it was not built for), what is held back is lost with it.
    traced = faulthandler.is_enabled()
    if not traced:
        faulthandler.enable(real)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            if not traced:
                faulthandler.disable()
            os.dup2(real, 2)
            os.close(real)
            held.seek(0)
            rest = b"".join(line for line in held if not _CHATTER.search(line))
            if rest.strip():
                sys.stderr.write(rest.decode(errors="replace"))
