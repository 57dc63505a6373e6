"""Fixtures. Tests that need real MNIST skip with the reason on a user's machine and fail in CI."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tfport.processor import spare_amx

spare_amx()  # some tests compute before anything of tfport has had the chance

ROOT = Path(__file__).resolve().parent.parent
MNIST = os.environ.get("TFPORT_MNIST_DIR")


@pytest.fixture(autouse=True)
def no_data_of_this_machine(monkeypatch, tmp_path):
    """No test depends on files that happen to lie around: neither MNIST nor a cache of tensorflow-datasets."""
    monkeypatch.delenv("TFPORT_MNIST_DIR", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "no-tfds-here"))


@pytest.fixture(scope="session")
def mnist_dir() -> str:
    """Folder of the four real MNIST files."""
    if MNIST:
        return str(Path(MNIST).resolve())
    message = "real MNIST is needed: set TFPORT_MNIST_DIR to the folder of its four files"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def small_digits():
    """Two thousand synthetic digits to train on, two hundred to test with."""
    from tfport.data import Digits, Split, synthetic
    from tfport.data.digits import scale

    x, y, test_x, test_y = synthetic.digits(train=2000, test=200, seed=3)
    train = Split(scale(x), y.astype(np.int32))
    return Digits(train, train, Split(scale(test_x), test_y.astype(np.int32)), "synthetic", "a test", "0" * 64)


@pytest.fixture
def run_python():
    """Run ``python ARGUMENTS`` as a user would; returns the finished process."""

    def run(*arguments: str, timeout: float = 900, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **environment},
        )

    return run


@pytest.fixture
def mount(tmp_path_factory):
    """A function that mounts a disk in memory with these options, and returns its folder."""
    mounted = []

    def mount_one(options: str) -> Path:
        folder = tmp_path_factory.mktemp("disk")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            failed = subprocess.run(command, capture_output=True, text=True).stderr
        except OSError as error:
            failed = str(error)
        if failed:
            message = f"a disk must be mounted to be filled, and only root may: {failed.splitlines()[0]}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
        mounted.append(folder)
        return folder

    yield mount_one
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


@pytest.fixture
def small_disk(mount):
    """A function that makes a disk of so many bytes, and returns its folder."""
    return lambda size: mount(f"size={size}")


@pytest.fixture
def read_only_folder(tmp_path, request) -> Iterator[Path]:
    """A folder that cannot be written; root may write everywhere but on a disk that is mounted so."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield request.getfixturevalue("mount")("ro")
        return
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file's content."""
    if array.ndim == 3:
        return struct.pack(">4I", 2051, *array.shape) + array.tobytes()
    return struct.pack(">2I", 2049, len(array)) + array.tobytes()


@pytest.fixture
def idx_folder(tmp_path) -> Path:
    """A folder of four small IDX files: 120 training and 40 test digits, not MNIST's."""
    random = np.random.RandomState(0)
    made = [
        array
        for count in (120, 40)
        for array in (random.randint(0, 256, (count, 28, 28)), random.randint(0, 10, count))
    ]
    return write_idx(tmp_path / "idx", *made)


@pytest.fixture(scope="session")
def digits_folder(tmp_path_factory) -> Path:
    """A folder of four IDX files to train on: a thousand synthetic digits beside the 5,000 that are set apart."""
    from tfport.data import synthetic

    return write_idx(tmp_path_factory.mktemp("digits"), *synthetic.digits(train=6000, test=200, seed=5))


def write_idx(folder: Path, images: np.ndarray, labels: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray):
    """Write four files as MNIST's are."""
    folder.mkdir(exist_ok=True)
    files = {"train-images-idx3": images, "train-labels-idx1": labels}
    files |= {"t10k-images-idx3": test_images, "t10k-labels-idx1": test_labels}
    for name, array in files.items():
        (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(idx_bytes(array.astype(np.uint8))))
    return folder
