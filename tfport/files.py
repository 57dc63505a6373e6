"""Our files, there whole or not at all; folders and disks that refuse them; small files that may be a stranger's."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_BYTES = 10**6  # of a run's config.json, which has two thousand
_MARK = ".tmp-"  # begins the name of a file that is not whole yet
_LONGEST = 100  # characters; no file of a run, TensorFlow's own with them, has a longer path below its folder
_PROBE = bytes(1 << 16)

# What a disk answers that the user can do something about. TensorFlow and HDF5 pass on its words, not its number.
_FAULTS = {
    code: os.strerror(code)
    for code in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG, errno.EROFS, errno.EIO)
}


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A name to write to, in the same folder: when the block is done, what was written takes the place of ``path``.

    If the block fails, or the process or the machine dies, ``path`` is what it was. Names are never used twice, so two
    processes that write the same file are not in each other's way, and neither is what a dead one has left.

    Args:
        path: the file; its ending is kept in the name to write to.

    Raises:
        OSError: as writing and renaming do.
    """
    path = Path(path)
    temporary = path.with_name(f"{_MARK}{secrets.token_hex(4)}-{path.name[-_LONGEST:]}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())  # else a loss of power may leave the new name and none of the bytes
        os.replace(temporary, path)
        sync_names(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file, in UTF-8 and with the line ends that it has, whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def sync(path: Path) -> int:
    """Have a file on the disk before anything else is done; its size in bytes."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END)


def sync_names(folder: Path) -> None:
    """Have the names in a folder on the disk, of files that were renamed."""
    if os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_left_over(path: Path) -> bool:
    """Whether a file's name says that somebody died who was writing it."""
    return path.name.startswith(_MARK)


def try_folder(path: str | os.PathLike[str]) -> None:
    """Write something with a long name into a folder, and remove it: what is wrong is known before hours of work.

    Raises:
        OSError: it is no folder, cannot be written, is full, or its name is too long to write below it.
    """
    with tempfile.NamedTemporaryFile(dir=path, prefix=_MARK.ljust(_LONGEST - 8, "x")) as probe:
        probe.write(_PROBE)
        probe.flush()


def disk_fault(error: BaseException | None) -> str | None:
    """What the disk said, if that is where an error comes from (or the error that it was raised from); else None."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FAULTS:
            return _FAULTS[error.errno] + (f": {error.filename}" if error.filename else "")
        for words in _FAULTS.values():
            if words in str(error):
                return words
        error = error.__cause__ or error.__context__
    return None


def open_regular(path: str | os.PathLike[str]) -> io.BufferedReader:
    """Open a file for its bytes.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is no regular file (a pipe would be waited for, a device has no end), or its name no name.
    """
    # Not blocking, so that a named pipe is refused below instead of waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no regular file")
    return os.fdopen(descriptor, "rb")


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """The text of a file, UTF-8.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is no regular file, is larger than ``most`` bytes, or is no UTF-8.
    """
    with open_regular(path) as file:
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
