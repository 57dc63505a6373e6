"""``pickle`` and ``cPickle``: today's, which reads what Python 2 wrote, also from files of text."""

from __future__ import annotations

import io
import pickle
from pickle import *  # noqa: F403 it stands for the module
from typing import Any

from legacy_tf1.compat.registry import used


def load(file: Any, **options: Any) -> Any:  # type: ignore[no-redef]
    """Read a pickle; text of Python 2 that is not ASCII becomes text, one byte a character."""
    below = _binary(file)
    place = below.tell() if hasattr(below, "tell") and "encoding" not in options else None
    try:
        return pickle.load(below, **options)  # noqa: S301 the user's script asked for it
    except UnicodeDecodeError:
        if place is None:
            raise
        used("a pickle of Python 2")
        below.seek(place)
        return pickle.load(below, **options, encoding="latin-1")  # noqa: S301


def loads(data: Any, **options: Any) -> Any:  # type: ignore[no-redef]
    """The same of bytes."""
    return load(io.BytesIO(data.encode("latin-1") if isinstance(data, str) else data), **options)


def dump(value: Any, file: Any, *arguments: Any, **options: Any) -> None:  # type: ignore[no-redef]
    """Write a pickle."""
    pickle.dump(value, _binary(file), *arguments, **options)


def _binary(file: Any) -> Any:
    """What is below a file of text, which in Python 2 was one of bytes."""
    if isinstance(file, io.TextIOWrapper):
        used("a pickle in a file of text")
        return file.buffer
    return file


def __getattr__(name: str) -> Any:
    return getattr(pickle, name)
