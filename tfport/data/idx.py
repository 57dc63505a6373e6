"""Reads the IDX files of the MNIST family, plain or gzipped, and trusts nothing that they say.

The format: a big-endian header (magic 2051, count, rows, columns for images; magic 2049, count for labels), then
one unsigned byte per pixel or label. http://yann.lecun.com/exdb/mnist/ describes it.
"""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from tfport.errors import UserError
from tfport.files import open_regular

IMAGES_MAGIC = 2051
LABELS_MAGIC = 2049
SIDE = 28  # pixels, both ways
CLASSES = 10
MOST_ITEMS = 1_000_000  # more than any set of this family has; a header that claims more is not believed

AGAIN = "get the file again"  # the way out of every damage
_GZIP = b"\x1f\x8b"
_DEFLATE_LIMIT = 1032  # deflate cannot pack better than this; what claims to is lying
_CHUNK = 1 << 20


class DataError(UserError):
    """A data file is missing or broken. The message names the file."""


def read_images(path: str | os.PathLike[str]) -> np.ndarray:
    """Read an IDX file of images.

    Args:
        path: the file, plain or gzipped (told apart by content, not by name).

    Returns:
        uint8 array of shape (N, 28, 28), ink as high values.

    Raises:
        DataError: the file is missing, not a regular file, not IDX, cut short, too long, or of other dimensions.
    """
    payload, count = _read(Path(path), IMAGES_MAGIC)
    return np.frombuffer(payload, np.uint8).reshape(count, SIDE, SIDE)


def read_labels(path: str | os.PathLike[str], classes: int = CLASSES) -> np.ndarray:
    """Read an IDX file of labels.

    Args:
        path: the file, plain or gzipped (told apart by content, not by name).
        classes: how many there are.

    Returns:
        uint8 array of shape (N,), values 0 to ``classes - 1``.

    Raises:
        DataError: as :func:`read_images`, and where a label is above that.
    """
    payload, _ = _read(Path(path), LABELS_MAGIC)
    labels = np.frombuffer(payload, np.uint8)
    if labels.size and labels.max() >= classes:
        row = int(np.argmax(labels >= classes))
        raise DataError(f"{path}: label {labels[row]} in row {row}, where 0 to {classes - 1} are expected; {AGAIN}")
    return labels


def _read(path: Path, magic: int) -> tuple[bytearray, int]:
    try:
        opened = open_regular(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", error)
        raise DataError(f"{path}: cannot be opened ({reason}); put the MNIST file there") from error
    with opened as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(2)
        file.seek(0)
        if start != _GZIP:
            return _read_payload(path, file, magic, size, exact=True)
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read_payload(path, unpacked, magic, size * _DEFLATE_LIMIT, exact=False)
        except EOFError:
            raise DataError(f"{path}: the gzip data ends early (cut short on the way?); {AGAIN}") from None
        except (OSError, zlib.error) as error:
            raise DataError(f"{path}: the gzip data is damaged ({error}); {AGAIN}") from error


def _read_payload(
    path: Path, file: IO[bytes] | gzip.GzipFile, magic: int, size: int, *, exact: bool
) -> tuple[bytearray, int]:
    """Header, then exactly what the header promises.

    ``size`` is the number of bytes that the file holds, header included; unless ``exact``, an upper bound of it.
    """
    images = magic == IMAGES_MAGIC
    words = 4 if images else 2
    header = file.read(4 * words)
    if header.lstrip()[:1] == b"<":
        raise DataError(f"{path}: is a web page (HTML or XML), not MNIST data; a download went wrong; {AGAIN}")
    if len(header) < 4 * words:
        raise DataError(f"{path}: ends within its header ({len(header)} bytes); {AGAIN}")
    found, count, *sides = struct.unpack(f">{words}I", header)
    if found != magic:
        kind, other = ("images", "labels") if images else ("labels", "images")
        if found in (IMAGES_MAGIC, LABELS_MAGIC):
            raise DataError(
                f"{path}: holds {other} (magic {found}) where {kind} (magic {magic}) belong; are two files swapped?"
            )
        raise DataError(f"{path}: is no MNIST file: magic number {found}, where {kind} have {magic}; {AGAIN}")
    if images and sides != [SIDE, SIDE]:
        raise DataError(f"{path}: images of {sides[0]}x{sides[1]} pixels, where MNIST's have {SIDE}x{SIDE}; {AGAIN}")
    if not 0 < count <= MOST_ITEMS:
        raise DataError(f"{path}: claims {count} items, and from 1 to {MOST_ITEMS} are read; {AGAIN}")
    length = count * (SIDE * SIDE if images else 1)
    promised = len(header) + length
    if exact and size > promised:
        raise DataError(f"{path}: {size - promised} bytes too many after its {count} items; {AGAIN}")
    if size < promised:
        raise DataError(f"{path}: claims {count} items ({promised} bytes) and is too short for them; {AGAIN}")
    # In pieces: a packed file that promises much and holds little never makes us reserve what it promised.
    items = bytearray()
    while len(items) < length:
        piece = file.read(min(_CHUNK, length - len(items)))
        if not piece:
            raise DataError(f"{path}: ends after {len(items)} of {length} bytes of items; {AGAIN}")
        items += piece
    # One byte more: shows trailing data, stops a gzip bomb at once, and makes gzip check its checksum.
    if file.read(1):
        raise DataError(f"{path}: has more bytes than its {count} items need; {AGAIN}")
    return items, count
