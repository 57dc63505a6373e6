"""Prepares a process for TF1 code, and runs a script in it."""

from __future__ import annotations

import os
import sys
import traceback
import types
import warnings
from collections.abc import Sequence
from pathlib import Path

from legacy_tf1.compat import drawing, imports, python2, shims
from legacy_tf1.compat.registry import USED
from tfport import startup
from tfport.errors import UserError

HELP = """usage: python -m legacy_tf1 [--no-shims] [--allow-pickle] [--shim-report] script.py [arguments of the script]

Run a TensorFlow 1 script, unmodified, on today's TensorFlow: `import tensorflow` in it and in the modules beside it is
TensorFlow 1's, in graph mode, with tf.contrib as far as tutorials use it and tensorflow.examples.tutorials.mnist.

  --no-shims     leave Python's side alone: no translation of Python 2, nothing of older libraries put back
  --allow-pickle np.load reads arrays of Python objects as it did: only of files that you trust, they can run any code
  --shim-report  list at the end what was used of all that today's packages lack, and where"""


def enable(*, shims: bool = True) -> None:
    """Give the code of this process TensorFlow 1: call it before ``import tensorflow``, in a notebook's first cell.

    Args:
        shims: whether what Python and its libraries have dropped is put back too.

    Raises:
        UserError: TensorFlow is in use already, with Keras 3 or eagerly, and cannot change any more.
    """
    _prepare(mended=shims)


def _prepare(*, mended: bool) -> None:
    from legacy_tf1.compat.surface import chosen_keras

    if "tensorflow" in sys.modules and chosen_keras() == "keras":
        raise UserError("Keras 3 is loaded already: restart, and call legacy_tf1.enable() before importing TensorFlow")
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # layers and cells of TF1 are in Keras 2; read at its first use
    if mended:
        drawing.no_screen()
    startup.prepare(keras=False)
    # That tf.layers and tf.nn.rnn_cell will go: that the script uses them is its point, and some name lines of ours.
    warnings.filterwarnings("ignore", r"`tf\.\S+` is deprecated and will be removed", UserWarning)
    from legacy_tf1 import tf

    try:
        tf.disable_v2_behavior()
    except ValueError as error:
        raise UserError(
            "TensorFlow has been used eagerly already: restart, and call legacy_tf1.enable() before anything else"
        ) from error
    imports.install(mended=mended)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script that the command line names; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    flags = {"--no-shims": False, "--allow-pickle": False, "--shim-report": False}
    while arguments and arguments[0].startswith("-"):
        flag = arguments.pop(0)
        if flag in ("--help", "-h"):
            print(HELP)
            return 0
        if flag not in flags:
            raise UserError(f"unknown flag {flag}; flags of the script come after it (python -m legacy_tf1 --help)")
        flags[flag] = True
    if not arguments:
        raise UserError("python -m legacy_tf1 takes a script: python -m legacy_tf1 script.py (--help says more)")
    path = arguments[0]
    if not Path(path).is_file():
        raise UserError(f"{path}: no such file; name the TF1 script to run")
    shims.allows_pickles = flags["--allow-pickle"]
    try:
        return run(path, arguments[1:], mended=not flags["--no-shims"])
    finally:
        if flags["--shim-report"]:
            sys.stdout.flush()
            print(report(), file=sys.stderr)


def run(path: str, arguments: Sequence[str], *, mended: bool = True) -> int:
    """Run a script as ``python script.py`` would, with TensorFlow 1 in it.

    Args:
        path: of the script.
        arguments: its own.
        mended: as in :func:`enable`, and sources of Python 2 are translated.

    Returns:
        1 where the script ended in an exception, whose traceback is printed, 130 where that was Ctrl-C; else 0.
    """
    try:
        code = python2.compiled(path, mended=mended)
    except SyntaxError:
        traceback.print_exc(limit=0)
        return 1
    del sys.path[0]  # the folder of a script called code.py, maybe: libraries that import code mean Python's
    _prepare(mended=mended)
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).resolve().parent))
    script = types.ModuleType("__main__")
    script.__file__ = path
    script.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = script
    try:
        exec(code, script.__dict__)  # noqa: S102 that is what this is for
    except SystemExit:
        raise
    except BaseException as error:
        # The lines that run it are none of the script's.
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
        sys.stdout.flush()
        summary = traceback.TracebackException.from_exception(error)
        summary.stack = traceback.StackSummary.from_list(own)
        print("".join(summary.format()), end="", file=sys.stderr)
        return 130 if isinstance(error, KeyboardInterrupt) else 1  # as a shell expects of what Ctrl-C has ended
    return 0


def _is_ours(file: str) -> bool:
    return Path(__file__).parent in Path(file).parents


def report() -> str:
    """What the code of this process used that today's packages lack, and where."""
    if not USED:
        return "Nothing was used beyond tf.compat.v1."
    lines = ["Used beyond tf.compat.v1 and today's packages:"]
    for name, places in sorted(USED.items()):
        shown = ", ".join(list(places)[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
        lines.append(f"  {name}  ({shown})")
    return "\n".join(lines)
