"""``cPickle``: today's pickle, which reads what Python 2 wrote as the bytes that it was (latin-1)."""

from __future__ import annotations

import pickle
from pickle import *  # noqa: F403 it stands for the module
from typing import Any


def load(file: Any, *, encoding: str = "latin-1", **options: Any) -> Any:  # type: ignore[no-redef]
    """Read a pickle; text of Python 2 becomes text, one byte a character."""
    return pickle.load(file, encoding=encoding, **options)  # noqa: S301 the user's script asked for it


def loads(data: Any, *, encoding: str = "latin-1", **options: Any) -> Any:  # type: ignore[no-redef]
    """The same of bytes."""
    return pickle.loads(data, encoding=encoding, **options)  # noqa: S301
