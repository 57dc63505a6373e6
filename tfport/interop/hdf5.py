"""Looks a file of weights over before it is read: HDF5 can lead out of itself, and declare what it has not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tfport.errors import UserError, printable

MOST_BYTES = 2**30  # of a file; the largest of our models has 40 million, its optimizer included
MOST_OBJECTS = 10_000


def check(path: Path) -> None:
    """Refuse a file of weights that is not plain: groups, and arrays of numbers that lie in the file itself.

    Keras writes no other. An external link, a virtual dataset or external storage would have the reader open any file
    of this machine; a declared size would be reserved before the first byte is read.

    Raises:
        UserError: it is no HDF5 file, points out of itself, or declares more than it holds.
    """
    try:
        held = os.path.getsize(path)
        reason = f"it has {held:,} bytes" if held > MOST_BYTES else _fault(path, held)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: cannot be read as HDF5 ({error})") from error
    if reason is not None:
        raise UserError(f"{path}: is refused: {reason}; take the weights that the run itself wrote")


def _fault(path: Path, held: int) -> str | None:
    """Why a file is not plain; None where it is.

    Returned, not raised: a traceback would keep identifiers of HDF5 beyond the file they belong to, and one of a
    virtual dataset ends the process when it goes.
    """
    import h5py

    with h5py.File(path, "r") as file:
        declared, seen = 0, set[int]()
        groups = [file.id]
        while groups:
            group = groups.pop()
            for name in group:
                where, shown = group.links.get_info(name), printable(name.decode(errors="replace"), 80)
                if where.type != h5py.h5l.TYPE_HARD:
                    return f"{shown!r} in it is a link, which may lead to another file"
                address = h5py.h5o.get_info(group, name).addr
                if address in seen:
                    return f"{shown!r} in it stands in two places"
                seen.add(address)
                if len(seen) > MOST_OBJECTS:
                    return f"it holds more than {MOST_OBJECTS:,} objects"
                found = h5py.h5o.open(group, name)
                if isinstance(found, h5py.h5g.GroupID):
                    groups.append(found)
                    continue
                if not isinstance(found, h5py.h5d.DatasetID):
                    return f"{shown!r} in it is no array"
                if not _in_one_piece(found):
                    return f"the values of {shown!r} are not in one piece in the file itself"
                if found.dtype.kind not in "fiu":
                    return f"{shown!r} in it holds no numbers"
                declared += found.get_space().get_simple_extent_npoints() * found.dtype.itemsize
                if declared > held:
                    return f"up to {shown!r} it declares {declared:,} bytes, and has {held:,}"
    return None


def _in_one_piece(dataset: Any) -> bool:
    import h5py

    made = dataset.get_create_plist()
    plain = made.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT) and not made.get_external_count()
    return bool(plain)
