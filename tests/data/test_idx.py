import gzip
import os
import struct
import sys
import tracemalloc

import numpy as np
import pytest

from tests.conftest import idx_bytes
from tfport.data import idx
from tfport.data.idx import DataError

IMAGES = np.arange(3 * 784, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([0, 9, 4], np.uint8)


def write(tmp_path, content: bytes, name: str = "file.gz"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_images_and_labels_are_read_packed_and_plain(tmp_path, pack):
    np.testing.assert_array_equal(idx.read_images(write(tmp_path, pack(idx_bytes(IMAGES)))), IMAGES)
    np.testing.assert_array_equal(idx.read_labels(write(tmp_path, pack(idx_bytes(LABELS)))), LABELS)


def header(count, rows=28, columns=28, magic=2051):
    return struct.pack(">4I", magic, count, rows, columns)


IMAGE_FAULTS = {
    "web page": (b"<!DOCTYPE html><html>404</html>", "web page"),
    "packed web page": (gzip.compress(b"\n <html>404</html>" + b" " * 99), "web page"),
    "empty": (b"", "ends within its header"),
    "half a header": (idx_bytes(IMAGES)[:9], "ends within its header"),
    "labels": (idx_bytes(np.zeros(99, np.uint8)), "holds labels .* where images .* swapped"),
    "other magic": (header(3, magic=77) + IMAGES.tobytes(), "magic number 77"),
    "other size": (header(3, rows=27) + IMAGES.tobytes(), "27x28"),
    "no items": (header(0), "claims 0 items"),
    "too many items": (header(2**32 - 1) + b"x", "claims 4294967295 items"),
    "too short": (idx_bytes(IMAGES)[:-1], "too short"),
    "too long": (idx_bytes(IMAGES) + b"x", "1 bytes too many"),
    "packed, too short": (gzip.compress(idx_bytes(IMAGES)[:-1]), "ends after 2351 of 2352 bytes"),
    "packed, too long": (gzip.compress(idx_bytes(IMAGES) + b"x"), "more bytes than its 3 items need"),
    "gzip cut short": (gzip.compress(idx_bytes(IMAGES))[:-9], "gzip data ends early"),
    "gzip without its checksum": (gzip.compress(idx_bytes(IMAGES))[:-8], "gzip data ends early"),
    "gzip magic alone": (b"\x1f\x8b", "gzip data ends early"),
    "gzip, then rubbish": (gzip.compress(idx_bytes(IMAGES)) + b"rubbish", "gzip data is damaged"),
    "claims what it cannot hold": (gzip.compress(header(900_000)), "too short for them"),
}


@pytest.mark.parametrize("fault", IMAGE_FAULTS)
def test_broken_images_give_one_sentence_that_names_the_file(tmp_path, fault):
    content, sentence = IMAGE_FAULTS[fault]
    path = write(tmp_path, content, "train-images.gz")
    with pytest.raises(DataError, match=sentence) as caught:
        idx.read_images(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_flipped_byte_in_gzip_is_caught(tmp_path):
    packed = bytearray(gzip.compress(idx_bytes(IMAGES)))
    packed[-6] ^= 1  # in the checksum
    with pytest.raises(DataError, match="damaged"):
        idx.read_images(write(tmp_path, bytes(packed)))


def test_label_above_nine_is_caught(tmp_path):
    with pytest.raises(DataError, match="label 10 in row 1"):
        idx.read_labels(write(tmp_path, idx_bytes(np.array([3, 10], np.uint8))))


def test_images_where_labels_belong(tmp_path):
    with pytest.raises(DataError, match="holds images .* where labels .* swapped"):
        idx.read_labels(write(tmp_path, gzip.compress(idx_bytes(IMAGES))))


def test_gzip_bomb_is_refused_without_unpacking_it(tmp_path):
    bomb = gzip.compress(idx_bytes(IMAGES) + bytes(300_000_000))
    path = write(tmp_path, bomb)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more bytes than its 3 items need"):
            idx.read_images(path)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_directory_and_missing_file(tmp_path):
    with pytest.raises(DataError, match="no regular file|Is a directory|Permission denied"):
        idx.read_images(tmp_path)
    with pytest.raises(DataError, match="cannot be opened"):
        idx.read_images(tmp_path / "absent")


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges on Windows")
def test_link_loop(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(DataError, match="loop: cannot be opened"):
        idx.read_images(loop)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_named_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="no regular file"):
        idx.read_images(tmp_path / "pipe")
