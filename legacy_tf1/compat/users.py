"""Whose code it is that runs: the user's own, or a library's."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Mapping

OURS = ("tfport", "legacy_tf1")


def globals_of_caller(depth: int = 2) -> Mapping[str, object]:
    """Of the code that called the function that asks, past what runs without a name of its own, as ``exec`` may.

    Args:
        depth: how many frames up it is looked for, at least.
    """
    frame = sys._getframe(depth)
    while frame.f_back is not None and "__name__" not in frame.f_globals:
        frame = frame.f_back
    return frame.f_globals


def is_users(globals: Mapping[str, object]) -> bool:
    """Whether the code with these globals is the user's own: the script, a module beside it, a notebook's cell."""
    name, file = str(globals.get("__name__", "")), globals.get("__file__")
    if name in ("__main__", "__mp_main__"):
        return True
    if name.split(".")[0] in OURS or not isinstance(file, str):
        return False
    return outside(file)


@functools.cache
def outside(file: str) -> bool:
    """Whether a file lies outside the installed packages."""
    installed = (sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    folders = [*installed, *site.getsitepackages(), site.getusersitepackages()]
    path = os.path.realpath(file)
    return not any(path.startswith(os.path.realpath(folder) + os.sep) for folder in folders)
