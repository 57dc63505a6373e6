"""Gives the user's own modules the TF1 surface, and everybody else the TensorFlow that is installed.

Libraries go on importing the real one: only ``import`` statements in files outside the installed packages, in scripts
and in notebooks are answered differently. Nothing is written anywhere.
"""

from __future__ import annotations

import builtins
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import site
import sys
import sysconfig
import types
from collections.abc import Mapping, Sequence
from typing import Any

from legacy_tf1.compat import python2, shims
from legacy_tf1.compat.registry import used
from legacy_tf1.compat.surface import resolve

OURS = ("tfport", "legacy_tf1")
# Files that tutorials told their readers to put beside a script.
BESIDE = {"input_data": "legacy_tf1.input_data"}


def install(*, mended: bool) -> None:
    """Answer the user's imports from now on.

    Args:
        mended: whether what Python 3 and today's NumPy broke is mended too (:mod:`legacy_tf1.compat.shims`).
    """
    if isinstance(getattr(builtins.__import__, "__self__", None), _Imports):
        return
    hook = _Imports(mended)
    builtins.__import__ = hook.answer
    sys.meta_path.insert(0, hook)
    if mended:
        shims.mend_loaded()


class _Imports(importlib.abc.MetaPathFinder):
    def __init__(self, mended: bool) -> None:
        self._import, self._mended = builtins.__import__, mended

    def answer(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Stands for ``__import__``."""
        if level or not is_users(globals or {}):
            return self._import(name, globals, locals, fromlist or (), level)
        top = name.split(".")[0]
        if top == "tensorflow":
            return self._tensorflow(name, fromlist or ())
        if top == "keras":  # a script of that time means Keras 2
            name = "tf_keras" + name[len("keras") :]
        try:
            module = self._import(name, globals, locals, fromlist or (), level)
        except ModuleNotFoundError as error:
            # Only what is not there: a script may have a module of that name beside it.
            instead = BESIDE | (python2.MODULES if self._mended else {})
            if error.name != name or name not in instead:
                raise
            used(f"import {name}", 1)
            module = importlib.import_module(instead[name])
        if self._mended:
            shims.mend_loaded()
        return module

    def _tensorflow(self, name: str, fromlist: Sequence[str]) -> Any:
        found = resolve(name)
        if not fromlist:
            return resolve("tensorflow")
        for each in fromlist:
            if each != "*" and not hasattr(found, each):
                try:
                    resolve(f"{name}.{each}")
                except ModuleNotFoundError as error:
                    raise ImportError(str(error), name=name) from None
        return found

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The user's own modules are compiled as the script is: they may be of Python 2 too."""
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        if not (self._mended and spec.origin and fullname.split(".")[0] not in OURS and _outside(spec.origin)):
            return None
        spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> types.CodeType:
        # Past the cache: what is compiled here is not for others.
        return python2.compiled(self.get_filename(fullname))


def is_users(globals: Mapping[str, object]) -> bool:
    """Whether the code with these globals is the user's own: the script, a module beside it, a notebook's cell."""
    name, file = str(globals.get("__name__", "")), globals.get("__file__")
    if name == "__main__":
        return True
    if name.split(".")[0] in OURS or not isinstance(file, str):
        return False
    return _outside(file)


@functools.cache
def _outside(file: str) -> bool:
    installed = (sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    folders = [*installed, *site.getsitepackages(), site.getusersitepackages()]
    path = os.path.realpath(file)
    return not any(path.startswith(os.path.realpath(folder) + os.sep) for folder in folders)
