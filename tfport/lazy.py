"""Modules that are imported at their first use, so that ``--help`` and ``import tfport`` answer at once."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


class LazyModule(types.ModuleType):
    """Stands for a module until an attribute of it is asked for.

    TensorFlow takes seconds to import. A program that opens with ``from tfport import keras`` reads like any
    Keras program, and still parses its flags before TensorFlow is loaded.

    Args:
        name: what ``repr`` shows.
        load: called once, returns the real module; what it raises reaches the first use.
    """

    def __init__(self, name: str, load: Callable[[], types.ModuleType]) -> None:
        super().__init__(name)
        self.__dict__["_load"] = load

    def __getattr__(self, attribute: str) -> Any:
        # The import system asks a module for its dunders (__path__, __spec__ ...): that is no use of it.
        if attribute.startswith("__") and attribute != "__version__":
            raise AttributeError(attribute)
        value = getattr(self._load(), attribute)
        self.__dict__[attribute] = value
        return value

    def __dir__(self) -> list[str]:
        return dir(self._load())
