"""The console command ``tfport``."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence

from tfport import __version__, registry
from tfport.errors import UserError
from tfport.flags import run

USAGE = """\
usage: tfport list                     the pairs of programs
       tfport compare NAME... [flags]  a pair side by side, in the terminal or (--html DIR) on pages
       tfport parity NAME... [flags]   prove that pairs agree, rung by rung (tfport parity NAME --help)
       tfport audit PATH... [flags]    list the TensorFlow 1 in scripts, notebooks or folders, and its heirs
       tfport run-tf1 SCRIPT [args]    run a TensorFlow 1 script, unmodified (python -m legacy_tf1 SCRIPT)
       tfport predict RUN PICTURE...   what a trained program reads in pictures of digits
       tfport export RUN --to FORMAT   its model as savedmodel, keras or tflite, compared before it is done
       tfport tensorboard RUN...       open runs side by side in TensorBoard, on this machine alone
       tfport tags OLD NEW             compare the summaries of a TF1 program and of its twin, tag by tag
       tfport --version

A program runs as a module: python -m tfport.NAME (Keras), python -m legacy_tf1.NAME (TF1)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    names = list(itertools.takewhile(lambda word: not word.startswith("-"), rest))  # they stand before the flags
    flags = rest[len(names) :]
    if command in ("--help", "-h", "help"):
        print(USAGE)
        return 0
    if command == "--version":
        print("tfport", __version__)
        return 0
    if command == "list" and not rest:
        for tutorial in registry.tutorials().values():
            print(f"{tutorial.name:<12} {tutorial.title}\n{'':<12} {tutorial.legacy} and {tutorial.twin}")
        return 0
    if command == "parity":
        if not names and flags[:1] not in (["--help"], ["-h"]):
            raise UserError("tfport parity takes the name of a pair first, like: tfport parity cnn --data synthetic")
        from tfport.parity import command as parity_command

        return parity_command.main(names, flags)
    if command == "compare":
        from tfport.compare import command as compare_command

        return compare_command.main(names, flags)
    if command in ("predict", "export"):
        from tfport.interop import export, prediction

        return (prediction if command == "predict" else export).main(names, flags)
    if command == "audit":
        from tfport import audit

        return audit.main(names, flags)
    if command == "run-tf1":
        from legacy_tf1.compat import run as tf1

        return tf1.main(rest)
    if command in ("tensorboard", "tags"):
        from tfport import tensorboard

        if command == "tags":
            return tensorboard.tags(rest)
        if not names and "--help" not in rest and "-h" not in rest:
            raise UserError("tfport tensorboard takes the folders of runs first, like: tfport tensorboard runs/cnn-*")
        return tensorboard.serve(names, flags)
    raise UserError(f"unknown command {' '.join(arguments)!r}; tfport --help lists those there are")


def entry() -> None:
    """Console entry point."""
    raise SystemExit(run(main))
