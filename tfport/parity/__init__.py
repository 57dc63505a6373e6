"""The proof that twins agree: five rungs, from the list of variables to the accuracy after a whole training.

``tfport parity cnn --data mnist`` prints the table; :func:`climb` is the same as a library. Everything here loads
TensorFlow, when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfport.parity.checks import TOLERANCES, Check
    from tfport.parity.ladder import Ladder, climb
    from tfport.parity.rungs import Options
    from tfport.parity.sides import Pair

_HOMES = {
    "TOLERANCES": "checks",
    "Check": "checks",
    "Ladder": "ladder",
    "climb": "ladder",
    "Options": "rungs",
    "Pair": "sides",
}

__all__ = ["TOLERANCES", "Check", "Ladder", "Options", "Pair", "climb"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"tfport.parity.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
