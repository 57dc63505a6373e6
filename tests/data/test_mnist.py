import gzip
import hashlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import idx_bytes
from tfport import data
from tfport.data import mnist
from tfport.data.idx import DataError

NAMES = [file.name for file in mnist.FILES]


def test_real_mnist_is_known_by_its_hash(mnist_dir):
    digits = data.load("mnist", mnist_dir)
    assert digits.sha256 == mnist.SHA256
    assert digits.notice == ""
    assert [len(split) for split in (digits.train, digits.validation, digits.test)] == [55_000, 5_000, 10_000]
    assert digits.validation.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.train.images.shape == (55_000, 28, 28, 1)
    assert digits.train.images.dtype == np.float32


def test_variable_names_the_folder(mnist_dir, monkeypatch):
    monkeypatch.setenv("TFPORT_MNIST_DIR", mnist_dir)
    assert data.read("auto").origin == mnist_dir


def test_every_route_gives_the_same_hash(mnist_dir, tmp_path, monkeypatch):
    plain, cache = tmp_path / "plain", tmp_path / "tfds"
    plain.mkdir()
    (cache / "downloads").mkdir(parents=True)
    for name in NAMES:
        packed = (Path(mnist_dir) / f"{name}.gz").read_bytes()
        (plain / name.replace("-idx", ".idx")).write_bytes(gzip.decompress(packed))
        # tensorflow-datasets names its downloads after address and hash
        (cache / "downloads" / f"cvdf{hashlib.sha256(packed).hexdigest()[:9]}.gz").write_bytes(packed)
    assert data.read("mnist", plain).sha256 == mnist.SHA256
    monkeypatch.setenv("TFDS_DATA_DIR", str(cache))
    from_cache = data.read("mnist")
    assert from_cache.sha256 == mnist.SHA256
    assert "tensorflow-datasets" in from_cache.origin


def test_damaged_file_in_the_cache_is_not_used(mnist_dir, tmp_path):
    for name in NAMES:
        shutil.copyfile(Path(mnist_dir) / f"{name}.gz", tmp_path / f"{name}.gz")
    assert mnist.in_cache(tmp_path) is not None
    with (tmp_path / f"{NAMES[1]}.gz").open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01\x02")
    assert mnist.in_cache(tmp_path) is None


def test_unknown_files_load_with_a_loud_line(idx_folder):
    digits = data.load("mnist", idx_folder, validation_size=20)
    assert "NOT the original MNIST" in digits.notice
    assert len(digits.train) == 100


def test_some_of_the_four_missing(idx_folder):
    (idx_folder / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz missing"):
        data.read("mnist", idx_folder)


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges on Windows")
def test_dangling_link_is_named_not_passed_over(idx_folder):
    path = idx_folder / f"{NAMES[3]}.gz"
    path.unlink()
    path.symlink_to(idx_folder / "gone")
    with pytest.raises(DataError, match=r"t10k-labels.*cannot be opened"):
        data.read("mnist", idx_folder)


def test_counts_of_images_and_labels_differ(idx_folder):
    (idx_folder / f"{NAMES[1]}.gz").write_bytes(gzip.compress(idx_bytes(np.zeros(7, np.uint8))))
    with pytest.raises(DataError, match="7 labels for the 120 images"):
        data.read("mnist", idx_folder)


def test_images_and_labels_swapped(idx_folder):
    images, labels = (idx_folder / f"{name}.gz" for name in NAMES[:2])
    kept = images.read_bytes()
    images.write_bytes(labels.read_bytes())
    labels.write_bytes(kept)
    with pytest.raises(DataError, match="are two files swapped"):
        data.read("mnist", idx_folder)


def test_training_and_test_set_swapped(mnist_dir, tmp_path):
    for ours, theirs in zip(NAMES, [*NAMES[2:], *NAMES[:2]], strict=True):
        shutil.copy(Path(mnist_dir) / f"{theirs}.gz", tmp_path / f"{ours}.gz")
    with pytest.raises(DataError) as caught:
        data.read("mnist", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / NAMES[0]}.gz: is MNIST's t10k-images-idx3-ubyte under another name; are two files swapped?"
    )


def test_folder_that_is_none_is_an_error_and_not_passed_over(tmp_path):
    (tmp_path / "file").write_text("mine")
    for name in ("absent", "file"):
        with pytest.raises(DataError, match=f"{name}: is no folder that can be read"):
            data.read("auto", tmp_path / name)


def test_home_folder_is_understood(idx_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(idx_folder.parent))
    monkeypatch.setenv("USERPROFILE", str(idx_folder.parent))
    assert len(data.read("mnist", "~/idx").train_images) == 120


def test_folder_without_files_is_remarked_upon(tmp_path, idx_folder, monkeypatch):
    monkeypatch.setenv("TFPORT_MNIST_DIR", str(idx_folder))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert f"{empty} holds no MNIST files; using those in {idx_folder}" in data.read("auto", empty).notice


@pytest.mark.parametrize("proxy", ["foo:bar", "http://127.0.0.1:9"])
def test_strange_proxies_do_not_stop_auto(monkeypatch, proxy):
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, proxy)
    assert data.read("auto").source == "synthetic"


def test_cache_folder_without_a_home(monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", "~no-such-user/x")
    assert mnist.in_cache() is None


def test_unknown_files_are_not_called_mnist(idx_folder, mnist_dir):
    assert "UNKNOWN" in data.load("mnist", idx_folder, validation_size=20).title
    assert data.load("mnist", mnist_dir).title == "MNIST"


def test_variable_that_names_an_empty_folder_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TFPORT_MNIST_DIR", str(tmp_path))
    with pytest.raises(DataError, match="TFPORT_MNIST_DIR.* holds none of"):
        data.read("auto")


@pytest.fixture
def no_network(monkeypatch):
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # the discard port: refused at once


def test_without_files_and_network_mnist_says_what_to_do(no_network, tmp_path):
    with pytest.raises(DataError) as caught:
        data.read("mnist", tmp_path)
    for word in (str(tmp_path), *(f"{name}.gz" for name in NAMES), "--data synthetic"):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_files_and_network_auto_goes_on_and_says_so(no_network):
    digits = data.read("auto")
    assert digits.source == "synthetic"
    assert "SYNTHETIC" in digits.notice


@pytest.mark.parametrize("name", ["{}.gz.tmp.1a2b/x.gz", ".tmp-1a2b-{}.gz"])
def test_whole_bytes_under_a_name_for_unfinished_ones_are_not_used(mnist_dir, tmp_path, name):
    """The download that wrote them is about to rename them away."""
    for file in NAMES:
        path = tmp_path / name.format(file)
        path.parent.mkdir(exist_ok=True)
        shutil.copy(Path(mnist_dir) / f"{file}.gz", path)
    assert mnist.in_cache(tmp_path) is None


def test_a_plain_file_with_one_pixel_changed_is_named(mnist_dir, tmp_path):
    for file in NAMES:
        shutil.copyfile(Path(mnist_dir) / f"{file}.gz", tmp_path / f"{file}.gz")
    plain = bytearray(gzip.decompress((tmp_path / f"{NAMES[2]}.gz").read_bytes()))
    plain[4000] ^= 1
    (tmp_path / f"{NAMES[2]}.gz").write_bytes(plain)
    notice = data.read("mnist", tmp_path).notice
    assert "NOT the original MNIST (sha256 " in notice and f"Unknown: {NAMES[2]}.gz (items' sha256 " in notice
