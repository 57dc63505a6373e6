"""Processes that ``multiprocessing`` starts anew: they run the script's file again, in TensorFlow 1 too."""

from __future__ import annotations

import multiprocessing.spawn
import runpy
import site
from pathlib import Path
from typing import Any

from legacy_tf1.compat import python2


class _Call:
    """Calls a function where it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def inherit(*, mended: bool) -> None:
    """Give children of this process what it has, before their first line.

    Args:
        mended: as in :func:`legacy_tf1.compat.run.enable`.
    """
    prepared = multiprocessing.spawn.get_preparation_data

    def data(name: str) -> dict[str, Any]:
        root = str(Path(__file__).parents[2])
        return {"tf1_path": _Call(site.addsitedir, root), "tf1": _Call(_begin, mended), **prepared(name)}

    multiprocessing.spawn.get_preparation_data = data


def _begin(mended: bool) -> None:
    from legacy_tf1.compat.run import enable

    enable(shims=mended)
    run_path = runpy.run_path

    def run(path: str, init_globals: Any = None, run_name: str | None = None) -> dict[str, Any]:
        if run_name != "__mp_main__":
            return run_path(path, init_globals, run_name)
        module = {"__name__": run_name, "__file__": path, "__builtins__": __builtins__, "__package__": ""}
        exec(python2.compiled(path, mended=mended), module)  # noqa: S102 the script, once more
        return module

    runpy.run_path = run  # type: ignore[assignment]
