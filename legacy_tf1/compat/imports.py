"""Gives the user's own modules the TF1 surface, and everybody else the TensorFlow that is installed.

Libraries go on importing the real one: only ``import`` statements in files outside the installed packages, in scripts
and in notebooks are answered differently. Nothing is written anywhere.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from legacy_tf1.compat import children, python2, shims
from legacy_tf1.compat.registry import used
from legacy_tf1.compat.surface import resolve
from legacy_tf1.compat.users import OURS, globals_of_caller, is_users, outside

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
    importlib.import_module = hook.import_module
    # Beside Python's own finder of files: what is built in or frozen comes first.
    own = sys.meta_path.index(importlib.machinery.PathFinder) if importlib.machinery.PathFinder in sys.meta_path else 0
    sys.meta_path.insert(own, hook)
    children.inherit(mended=mended)
    if mended:
        shims.mend_python()
        shims.mend_loaded()


class _Imports(importlib.abc.MetaPathFinder):
    def __init__(self, mended: bool) -> None:
        self._import, self._import_module, self._mended = builtins.__import__, importlib.import_module, mended

    def answer(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Stands for ``__import__``."""
        if globals is None or "__name__" not in globals:  # called as a function, or by exec
            globals = globals_of_caller()
        if level or not is_users(globals):
            return self._import(name, globals, locals, fromlist or (), level)
        top = name.split(".")[0]
        if top == "tensorflow":
            return self._tensorflow(name, fromlist or ())
        if top == "keras":  # a script of that time means Keras 2
            name = "tf_keras" + name[len("keras") :]
        if not self._mended:
            return self._found(name, globals, locals, fromlist, BESIDE)
        if name == "pickle":
            return self._import_module("legacy_tf1.compat.pickle2")
        for early in {name.split(".")[0], name} & set(shims.MENDERS):
            with contextlib.suppress(ImportError):
                self._import_module(early)  # and mend it, before names are looked for in it and modules below it
        shims.mend_loaded()
        module = self._found(name, globals, locals, fromlist, BESIDE | python2.MODULES)
        shims.mend_loaded()
        for each in fromlist or ():
            if not hasattr(module, each):
                shims.stand_in(f"{name}.{each}")
        return module

    def _found(
        self,
        name: str,
        globals: Mapping[str, object],
        locals: Mapping[str, object] | None,
        fromlist: Sequence[str] | None,
        instead: Mapping[str, str],
    ) -> Any:
        try:
            return self._import(name, globals, locals, fromlist or (), 0)
        except ModuleNotFoundError as error:
            # Only what is not there: a script may have a module of that name beside it.
            top = name.split(".")[0]
            if error.name not in (name, top):
                raise
            if name in instead:
                used(f"import {name}", 1)
                return self._import_module(instead[name])
            if self._mended and shims.stand_in(name):
                return self._import(name, globals, locals, fromlist or (), 0)
            package = globals.get("__package__")
            if not (self._mended and package and error.name == top):
                raise
            try:  # Python 2 looked in the module's own package first
                module = self._import_module(f"{package}.{name}")
            except ModuleNotFoundError as other:
                if other.name in (f"{package}.{name}", f"{package}.{top}"):
                    raise error from None
                raise
            used(f"import {name} of the package {package}", 1)
            return module if fromlist else sys.modules[f"{package}.{top}"]

    def import_module(self, name: str, package: str | None = None) -> types.ModuleType:
        """Stands for ``importlib.import_module``."""
        globals = globals_of_caller()
        if name.startswith(".") or not is_users(globals):
            return self._import_module(name, package)
        module: types.ModuleType = self.answer(name, globals, None, ("__name__",))
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
        if (
            self._mended
            and spec is not None
            and isinstance(spec.loader, importlib.machinery.SourceFileLoader)
            and fullname.split(".")[0] not in OURS
            and spec.origin
            and outside(spec.origin)
        ):
            spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> types.CodeType:
        # Past the cache: what is compiled here is not for others.
        return python2.compiled(self.get_filename(fullname))
