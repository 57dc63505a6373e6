"""Finds the four MNIST files: in a folder, in the cache of tensorflow-datasets, or by downloading them there.

The IDX files themselves are read, never the set that tensorflow-datasets prepares from them (its order differs),
so every route gives the same rows in the same order. Nor does tensorflow-datasets download them: it waits without limit
for a server that has gone quiet.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tqdm import tqdm

from tfport.data import idx
from tfport.data.idx import DataError
from tfport.files import is_left_over, whole

if TYPE_CHECKING:
    import requests

URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"  # the mirror that tensorflow-datasets uses
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"  # of the arrays, see digest()
PATIENCE = 15  # seconds without a byte from a server


class Published(NamedTuple):
    """A file as published: its packed size and hash, and the hash of its items."""

    name: str
    size: int
    sha256: str
    items_sha256: str


TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES = (
    Published(
        "train-images-idx3-ubyte",
        9912422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    Published(
        "train-labels-idx1-ubyte",
        28881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    ),
    Published(
        "t10k-images-idx3-ubyte",
        1648877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    ),
    Published(
        "t10k-labels-idx1-ubyte",
        4542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    ),
)

Paths = tuple[Path, Path, Path, Path]  # in the order of FILES


def in_folder(folder: str | os.PathLike[str]) -> Paths | None:
    """The four files in a folder, as published (``NAME.gz``), unpacked, or with the dot that some archives have.

    Returns:
        Paths in the order of :data:`FILES`, or None where the folder has none of them.

    Raises:
        DataError: there is no such folder, it cannot be read, or it holds some of the four and not the others.
    """
    folder, paths = os.path.expanduser(folder), []
    try:
        os.listdir(folder)
    except OSError as error:
        raise DataError(
            f"{folder}: is no folder that can be read ({error.strerror}); name that of the four MNIST files, or none"
        ) from error
    for file in FILES:
        dotted = file.name.replace("-idx", ".idx")
        candidates = [Path(folder) / name for name in (file.name + ".gz", file.name, dotted + ".gz", dotted)]
        # lexists: a dangling link is somebody's intention, and reading it says what is wrong with it
        paths.append(next((path for path in candidates if os.path.lexists(path)), None))
    missing = [file.name + ".gz" for file, path in zip(FILES, paths, strict=True) if path is None]
    if len(missing) == len(FILES):
        return None
    if missing:
        raise DataError(f"{folder}: {' and '.join(missing)} missing beside the other MNIST files; add what is missing")
    train_images, train_labels, test_images, test_labels = (path for path in paths if path is not None)
    return train_images, train_labels, test_images, test_labels


def cache_folder() -> Path:
    """Where tensorflow-datasets keeps its downloads: under ``$TFDS_DATA_DIR``, else in the home folder."""
    folder = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return Path(os.path.expanduser(folder)) / "downloads"  # of os.path: leaves a ~ that it cannot resolve


def in_cache(folder: Path | None = None) -> Paths | None:
    """The four files among the downloads of tensorflow-datasets, told by size and hash, whatever their names.

    A file of the right size and another hash is passed over: that is for the download to replace.

    Raises:
        DataError: the folder cannot be read.
    """
    found = _known(cache_folder() if folder is None else folder)
    return _paths(found) if len(found) == len(FILES) else None


def _known(folder: Path) -> dict[str, Path]:
    """Those of the four that are in a cache, by name."""
    found: dict[str, Path] = {}
    sizes = {file.size: file for file in FILES}
    try:
        # Downloads lie directly in the folder, or one level below it in older layouts.
        candidates = sorted([*folder.glob("*.gz"), *folder.glob("*/*.gz")])
        for path in candidates:
            # Of a download that is about to rename it, or that died: ours, or one of tensorflow-datasets.
            if is_left_over(path) or ".tmp." in path.parent.name:
                continue
            file = sizes.get(path.stat().st_size) if path.is_file() else None
            if file and file.name not in found and hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256:
                found[file.name] = path
    except OSError as error:
        raise DataError(
            f"{folder}: the cache of tensorflow-datasets cannot be read ({error.strerror}); "
            "name another by TFDS_DATA_DIR"
        ) from error
    return found


def _paths(found: dict[str, Path]) -> Paths:
    return found[TRAIN_IMAGES.name], found[TRAIN_LABELS.name], found[TEST_IMAGES.name], found[TEST_LABELS.name]


def download(folder: Path | None = None, url: str = URL, patience: float = PATIENCE) -> Paths:
    """Download those of the four files that are not there. A file appears when its hash is right, and never before.

    Args:
        folder: where to; the cache of tensorflow-datasets where None.
        url: the folder on the web.
        patience: seconds to wait for a server that sends nothing.

    Raises:
        DataError: no network, a server that falls silent, a wrong hash, an unwritable folder, a full disk.
    """
    folder = cache_folder() if folder is None else folder
    if not url.startswith(("https://", "http://")):
        raise DataError(f"MNIST is downloaded from http or https addresses, not from {url}")
    found = _known(folder)
    import requests

    try:
        os.makedirs(folder, exist_ok=True)
        missing = [file for file in FILES if file.name not in found]
        quiet = sys.stderr is None or not sys.stderr.isatty()
        with (
            requests.Session() as session,
            tqdm(
                total=sum(file.size for file in missing), unit="B", unit_scale=True, disable=quiet, leave=False
            ) as bar,
        ):
            for file in missing:
                found[file.name] = folder / f"{file.name}.gz"
                _fetch(session, file, f"{url}{file.name}.gz", found[file.name], bar, patience)
    except (requests.RequestException, ValueError) as error:  # ValueError: a proxy that is no address
        raise DataError(f"MNIST cannot be downloaded from {url} ({_reason(error)})") from error
    except OSError as error:
        raise DataError(f"MNIST cannot be downloaded into {folder} ({error.strerror or error})") from error
    return _paths(found)


def _fetch(session: requests.Session, file: Published, address: str, path: Path, bar: tqdm, patience: float) -> None:
    total = hashlib.sha256()
    with whole(path) as temporary, temporary.open("wb") as target:
        with session.get(address, stream=True, timeout=patience, headers={"Accept-Encoding": "identity"}) as response:
            response.raise_for_status()
            for piece in response.iter_content(1 << 16):
                total.update(piece)
                target.write(piece)
                bar.update(len(piece))
                if target.tell() > file.size:
                    break
        size = target.tell()
        if total.hexdigest() != file.sha256:
            end = "or more " if size > file.size else ""
            raise DataError(
                f"{address}: {size} {end}bytes of sha256 {total.hexdigest()[:16]}…, where MNIST has {file.size} of "
                f"{file.sha256[:16]}…; not kept"
            )


def read(paths: Paths) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read and check the four files.

    Returns:
        Training images (N, 28, 28), training labels (N,), test images, test labels; all uint8.

    Raises:
        DataError: as :mod:`tfport.data.idx`; counts of images and labels differ; training and test are swapped.
    """
    train_images, train_labels, test_images, test_labels = arrays = (
        idx.read_images(paths[0]),
        idx.read_labels(paths[1]),
        idx.read_images(paths[2]),
        idx.read_labels(paths[3]),
    )
    for image_path, images, label_path, labels in (
        (paths[0], train_images, paths[1], train_labels),
        (paths[2], test_images, paths[3], test_labels),
    ):
        if len(images) != len(labels):
            raise DataError(
                f"{label_path}: {len(labels)} labels for the {len(images)} images in {image_path}; "
                "the two files must belong together"
            )
    # Two published files under each other's names would pass every check above and train on the test set.
    owners = {file.items_sha256: file for file in FILES}
    if digest(arrays) != SHA256:
        for path, array, file in zip(paths, arrays, FILES, strict=True):
            owner = owners.get(digest((array,)))
            if owner is not None and owner is not file:
                raise DataError(f"{path}: is MNIST's {owner.name} under another name; are two files swapped?")
    return arrays


def digest(arrays: tuple[np.ndarray, ...]) -> str:
    """sha256 over the bytes of arrays, one after the other: equal for packed and unpacked files."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def unknown(paths: Paths, arrays: tuple[np.ndarray, ...]) -> list[str]:
    """Those of four files that are not MNIST's own, each with its name and the hash of its items."""
    hashes = [digest((array,)) for array in arrays]
    return [
        f"{path.name} (items' sha256 {found[:16]}…)"
        for path, found, file in zip(paths, hashes, FILES, strict=True)
        if found != file.items_sha256
    ]


def where_to_put_them() -> str:
    """The names of the four files, for messages that ask for them."""
    return ", ".join(file.name + ".gz" for file in FILES)


def _reason(error: BaseException) -> str:
    # requests wraps what urllib3 raised in a sentence about its pool of connections.
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", None) or inner
    parts = [str(part) for part in getattr(inner, "args", ())]
    told = " ".join(parts) if len(parts) > 1 and parts[1] not in parts[0] else (parts or [str(inner)])[0]
    return told.rpartition(">: ")[2].partition("\n")[0] or type(error).__name__
