"""Small files that may be a stranger's: read up to a limit, and only where they are files."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

MOST_BYTES = 10**6  # of a run's config.json, which has two thousand


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """The text of a file, UTF-8.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is no regular file (a pipe would be waited for, a device has no end), is larger than ``most``
            bytes, or is no UTF-8.
    """
    # Not blocking, so that a named pipe is refused below instead of waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it has more than {most:,} bytes")
    return content.decode("utf-8")


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """What a JSON file holds.

    Raises:
        OSError, ValueError: as :func:`read_text`, or it is no JSON, or nested too deeply.
    """
    try:
        return json.loads(read_text(path, most))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
