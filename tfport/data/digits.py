"""Digits to learn from: MNIST, the tutorials' fake images, or digits drawn by tfport itself."""

from __future__ import annotations

import dataclasses
import os
from typing import Literal, get_args

import numpy as np

from tfport.data import mnist, synthetic
from tfport.data.idx import DataError

Source = Literal["auto", "mnist", "fake", "synthetic"]
SOURCES: tuple[str, ...] = get_args(Source)

FAKE_TRAIN, FAKE_TEST = 10_000, 1_000


@dataclasses.dataclass(frozen=True)
class Bytes:
    """The four arrays as stored, before any scaling.

    Attributes:
        train_images: uint8 (N, 28, 28), ink as high values; ``test_images`` likewise.
        train_labels: uint8 (N,), 0 to 9; ``test_labels`` likewise.
        source: "mnist", "fake" or "synthetic": what was loaded, never "auto".
        origin: where the arrays come from, for people.
        sha256: over the four arrays in the order above.
        notice: what the user must not overlook (other data than asked for, files of unknown hash), or "".
        paths: the four files read, in the order of ``mnist.FILES``; empty where none were.
        downloaded: whether the files were fetched by this call.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str
    origin: str
    sha256: str
    notice: str = ""
    paths: tuple[str, ...] = ()
    downloaded: bool = False


@dataclasses.dataclass(frozen=True)
class Split:
    """One part of a data set.

    Attributes:
        images: float32 (N, 28, 28, 1), 0 to 1.
        labels: int32 (N,), 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    # What training and parity read, of digits and of the small problems alike.

    @property
    def inputs(self) -> np.ndarray:
        """The images."""
        return self.images

    @property
    def targets(self) -> np.ndarray:
        """The labels."""
        return self.labels

    def accuracy(self, logits: np.ndarray) -> float:
        """Share of logits (N, 10) that are largest at the label."""
        return float(np.mean(np.argmax(logits, axis=1) == self.labels))


@dataclasses.dataclass(frozen=True)
class Digits:
    """Training, validation and test digits, and where they come from (fields as in :class:`Bytes`)."""

    train: Split
    validation: Split
    test: Split
    source: str
    origin: str
    sha256: str
    notice: str = ""

    @property
    def title(self) -> str:
        """What these digits are called where it matters that nobody mistakes them for others."""
        if self.source == "mnist":
            return "MNIST" if self.sha256 == mnist.SHA256 else "IDX files of UNKNOWN origin"
        return {"fake": "FAKE images", "synthetic": "SYNTHETIC digits"}[self.source]

    @property
    def summary(self) -> str:
        """What is there, in a phrase."""
        return f"{len(self.train)} training and {len(self.test)} test digits, {self.title} ({self.origin})"

    @property
    def scored(self) -> str:
        """What an accuracy on ``test`` is called."""
        return "test accuracy"


def read(source: str = "auto", data_dir: str | os.PathLike[str] | None = None, *, download: bool = True) -> Bytes:
    """Find and read the digits as bytes.

    Args:
        source: ``mnist`` takes the first of: IDX files in ``data_dir``, in ``$TFPORT_MNIST_DIR``, in the cache of
            tensorflow-datasets, a download into that. ``fake`` is the constant images of the TF1
            tutorials. ``synthetic`` is drawn by :mod:`tfport.data.synthetic`. ``auto`` is MNIST where it can be
            had and synthetic digits where not; its notice says so.
        data_dir: folder of the four IDX files; used by ``mnist`` and ``auto``.
        download: whether MNIST that is not on this machine is downloaded.

    Raises:
        DataError: MNIST was asked for and cannot be had, or a file of it is broken. ``auto`` goes on without files
            that are not there; a broken file stops it too, since silence about it would help nobody.
    """
    if source not in SOURCES:
        raise DataError(f"--data takes one of {', '.join(SOURCES)}, not {source!r}")
    if source == "fake":
        return _fake()
    if source == "synthetic":
        return _synthetic("")
    where, passed_over = _local_files(data_dir)
    if where is not None:
        paths, origin = where
        return _from_files(paths, origin, f"{passed_over}; using those in {origin}." if passed_over else "")
    try:
        if not download:
            raise DataError("MNIST is not on this machine")
        paths = mnist.download()
    except DataError as error:
        folder = os.fspath(data_dir) if data_dir else f"a folder named by --data-dir or {VARIABLE}"
        way_out = f"put {mnist.where_to_put_them()} into {folder}"
        if source == "mnist":
            raise DataError(f"{error}; {way_out}, or use --data synthetic") from error
        return _synthetic(f"No MNIST here ({error}). Using SYNTHETIC digits drawn by tfport; for MNIST, {way_out}.")
    notice = f"{passed_over}; downloaded them." if passed_over else ""
    return _from_files(paths, f"downloaded into {mnist.cache_folder()}", notice, downloaded=True)


def load(
    source: str = "auto",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    validation_size: int = 5000,
    download: bool = True,
) -> Digits:
    """Digits ready for Keras: float32 images, the first ``validation_size`` training rows set apart.

    Args:
        source: as in :func:`read`.
        data_dir: as in :func:`read`.
        validation_size: rows taken off the head of the training set, unshuffled, as the TF1 reader does.
        download: as in :func:`read`.

    Returns:
        With MNIST: 55,000 training, 5,000 validation and 10,000 test digits.

    Raises:
        DataError: as :func:`read`; or there are not more than ``validation_size`` training rows.
    """
    raw = read(source, data_dir, download=download)
    if not 0 <= validation_size < len(raw.train_images):
        raise DataError(
            f"{raw.origin}: {len(raw.train_images)} training images leave none after {validation_size} for validation"
        )
    images, labels = scale(raw.train_images), raw.train_labels.astype(np.int32)
    return Digits(
        train=Split(images[validation_size:], labels[validation_size:]),
        validation=Split(images[:validation_size], labels[:validation_size]),
        test=Split(scale(raw.test_images), raw.test_labels.astype(np.int32)),
        source=raw.source,
        origin=raw.origin,
        sha256=raw.sha256,
        notice=raw.notice,
    )


def scale(images: np.ndarray) -> np.ndarray:
    """uint8 images of shape (N, 28, 28) as float32 (N, 28, 28, 1), 0 to 1.

    The factor is 1/255, as in the TF1 reader: dividing by 255 differs in the last bit for half of the values.
    """
    # Aligned to 64 bytes, so that TensorFlow can take the memory as it is (tfport.training.arrays).
    memory = np.empty(4 * images.size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    scaled = memory[start : start + 4 * images.size].view(np.float32).reshape(*images.shape[:3], 1)
    return np.multiply(images.reshape(scaled.shape), np.float32(1.0 / 255.0), out=scaled, dtype=np.float32)


VARIABLE = "TFPORT_MNIST_DIR"


def _local_files(data_dir: str | os.PathLike[str] | None) -> tuple[tuple[mnist.Paths, str] | None, str]:
    """Paths and origin of MNIST files on this machine, and a remark where the user's folder had none."""
    passed_over = ""
    if data_dir:
        paths = mnist.in_folder(data_dir)
        if paths:
            return (paths, os.fspath(data_dir)), ""
        passed_over = f"{os.fspath(data_dir)} holds no MNIST files"
    folder = os.environ.get(VARIABLE)
    if folder:
        paths = mnist.in_folder(folder)
        if paths is None:
            raise DataError(f"{folder} (from {VARIABLE}) holds none of {mnist.where_to_put_them()}")
        return (paths, folder), passed_over
    paths = mnist.in_cache()
    if paths:
        return (paths, f"{mnist.cache_folder()} (tensorflow-datasets)"), passed_over
    return None, passed_over


def _from_files(paths: mnist.Paths, origin: str, notice: str, *, downloaded: bool = False) -> Bytes:
    arrays = mnist.read(paths)
    sha256 = mnist.digest(arrays)
    if sha256 != mnist.SHA256:
        unknown = (
            f"The files in {origin} are NOT the original MNIST (sha256 {sha256[:16]}…); they are used as they are. "
            f"Unknown: {', '.join(mnist.unknown(paths, arrays))}."
        )
        notice = f"{notice} {unknown}".strip()
    names = tuple(os.fspath(path) for path in paths)
    return Bytes(*arrays, "mnist", origin, sha256, notice, names, downloaded)


def _fake() -> Bytes:
    images = np.broadcast_to(np.uint8(255), (FAKE_TRAIN, 28, 28))
    labels = np.zeros(FAKE_TRAIN, np.uint8)
    arrays = images, labels, images[:FAKE_TEST], labels[:FAKE_TEST]
    return Bytes(*arrays, "fake", "constant images", mnist.digest(arrays))


def _synthetic(notice: str) -> Bytes:
    arrays = synthetic.digits()
    return Bytes(*arrays, "synthetic", "digits drawn by tfport", mnist.digest(arrays), notice)
